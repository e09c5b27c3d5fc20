package org.spikecast.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.spikecast.io.MalformedFileException;
import org.spikecast.io.NdArray;
import org.spikecast.io.Npy;
import org.spikecast.kernel.Kernel;
import org.spikecast.lstm.LstmConfig;
import org.spikecast.lstm.LstmState;
import org.spikecast.model.Forecaster;
import org.spikecast.model.ModelFile;

/** {@code spikecast predict}: a model's outputs for given sequences. */
final class PredictCommand extends Command {
    private final Option<Path> model = required(
            "--model", Path.class, "FILE", "Model, as safetensors: of spikecast, or a PyTorch module's state dict.");
    private final Option<Path> input = required(
            "--input", Path.class, "X.npy", "Sequences x steps x features, or steps x features of one sequence.");
    private final Option<Path> output =
            required("--output", Path.class, "Y.npy", "Receives sequences x outputs, or x steps x outputs.");
    private final Option<Boolean> allSteps =
            flag("--all-steps", "Give the output of every step, not of the last one only.");
    private final Option<Path> state = option(
            "--state",
            Path.class,
            "S.safetensors",
            null,
            "State to begin with: h0 and c0, layers x sequences x hidden.");
    private final Option<Path> finalState =
            option("--final-state", Path.class, "S.safetensors", null, "Receives the state after the last step.");

    PredictCommand() {
        super("predict", "Runs a model over sequences; input and output are in the units of the data.");
    }

    @Override
    int run(Console console, List<String> arguments) throws Exception {
        Forecaster forecaster = ModelFile.read(model.get());
        LstmConfig config = forecaster.network().config();
        NdArray x = Npy.read(input.get());
        int[] shape = x.rank() == 2 ? new int[] {1, x.shape()[0], x.shape()[1]} : x.shape();
        if (shape.length != 3 || shape[2] != config.inputs() || x.size() == 0) {
            throw new MalformedFileException(
                    input.get(),
                    "expected sequences x steps x " + config.inputs()
                            + " features (or one sequence's steps x features)," + " got the shape "
                            + Arrays.toString(x.shape()));
        }
        int batch = shape[0];
        int steps = shape[1];
        LstmState carried =
                state.get() == null ? LstmState.zeros(config, batch) : ModelFile.readState(state.get(), config, batch);
        double[] y = forecaster.predict(Kernel.best(), x.doubles(), batch, steps, allSteps.get(), carried);
        Npy.write(
                output.get(),
                allSteps.get()
                        ? NdArray.of(y, batch, steps, config.outputs())
                        : NdArray.of(y, batch, config.outputs()));
        if (finalState.get() != null) {
            ModelFile.writeState(finalState.get(), carried, config);
        }
        return Main.DONE;
    }
}
