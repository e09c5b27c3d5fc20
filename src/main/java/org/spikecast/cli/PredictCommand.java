package org.spikecast.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.spikecast.counts.CountStream;
import org.spikecast.counts.CoupledForecaster;
import org.spikecast.counts.Series;
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
                    "File for the forecasts: sequences x outputs, or sequences x steps x outputs. An autoregressive network of"
                            + " run ca1-... writes encoded changes of the voltage: 0.3 asinh(mV / 0.05)."),
            "npy");
    private final Option<Path> finalState = outputs.add(
            option("--final-state", Path.class, "S.safetensors", null, "File for the state after the last step."),
            "safetensors");

    PredictCommand() {
        super(
                "predict",
                "Runs a model over sequences, in the units of the data; inspect shows what happens inside.",
                "spikecast predict --model model.safetensors --input x.npy --output y.npy",
                "spikecast predict --model model.safetensors --input x.npy --output y.npy --final-state s.safetensors");
    }

    @Override
    int run(Console console, List<String> arguments) throws Exception {
        outputs.check();
        CoupledForecaster coupled = sequences.coupled();
        if (coupled != null) {
            return coupled(console, coupled);
        }
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

    /** Predicts, for each sequence, the probabilities in the bin after the last one, or after each one. */
    private int coupled(Console console, CoupledForecaster forecaster) throws IOException {
        if (finalState.get() != null) {
            throw new IllegalArgumentException("--final-state: a model of the form coupled writes none");
        }
        int n = forecaster.neurons();
        List<Series> all = sequences.series(forecaster);
        int steps = all.get(0).bins();
        int outputs = sequences.allSteps.get() ? steps : 1;
        double[] y = new double[all.size() * outputs * n];
        double[] probabilities = new double[n];
        for (int b = 0; b < all.size(); b++) {
            CountStream stream = forecaster.stream(console.kernel());
            Series series = all.get(b);
            for (int t = 0; t < steps; t++) {
                double[] counts = Arrays.copyOfRange(series.values().data, t * n, (t + 1) * n);
                double[] external = Arrays.copyOfRange(series.external().data, t * n, (t + 1) * n);
                stream.step(counts, external, probabilities);
                if (t >= steps - outputs) {
                    System.arraycopy(probabilities, 0, y, (b * outputs + t - steps + outputs) * n, n);
                }
            }
        }
        Npy.write(
                output.get(),
                sequences.allSteps.get() ? NdArray.of(y, all.size(), steps, n) : NdArray.of(y, all.size(), n));
        return Main.DONE;
    }
}
