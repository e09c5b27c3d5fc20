package org.spikecast.cli;

import java.nio.file.Path;
import java.util.List;
import org.spikecast.io.NdArray;
import org.spikecast.io.Npy;
import org.spikecast.kernel.Kernel;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkState;
import org.spikecast.model.Forecaster;
import org.spikecast.model.ModelFile;

/** {@code spikecast predict}: a model's outputs for given sequences. */
final class PredictCommand extends Command {
    private final SequenceOptions sequences = new SequenceOptions(this);
    private final OutputOptions outputs = new OutputOptions(this);
    private final Option<Path> output = outputs.add(
            required(
                    "--output",
                    Path.class,
                    "Y.npy",
                    "Receives sequences x outputs, or x steps x outputs. Of a network of steps of run ca1 they are changes of"
                            + " voltage, encoded: 0.3 asinh(mV / 0.05)."),
            "npy");
    private final Option<Path> finalState = outputs.add(
            option("--final-state", Path.class, "S.safetensors", null, "Receives the state after the last step."),
            "safetensors");

    PredictCommand() {
        super("predict", "Runs a model over sequences; input and output are in the units of the data.");
    }

    @Override
    int run(Console console, List<String> arguments) throws Exception {
        outputs.check();
        Forecaster forecaster = sequences.model();
        NetworkConfig config = forecaster.network().config();
        SequenceOptions.Sequences x = sequences.input(config);
        NetworkState carried = sequences.state(config, x.batch());
        boolean allSteps = sequences.allSteps.get();
        Kernel kernel = console.kernel(x.work(forecaster.network()));
        double[] y = forecaster.predict(kernel, x.x(), x.batch(), x.steps(), allSteps, carried);
        Npy.write(
                output.get(),
                allSteps
                        ? NdArray.of(y, x.batch(), x.steps(), config.outputs())
                        : NdArray.of(y, x.batch(), config.outputs()));
        if (finalState.get() != null) {
            ModelFile.writeState(finalState.get(), carried, config);
        }
        return Main.DONE;
    }
}
