package org.spikecast.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.counts.CoupledForecaster;
import org.spikecast.counts.Series;
import org.spikecast.counts.internal.SeriesFile;
import org.spikecast.io.MalformedFileException;
import org.spikecast.io.NdArray;
import org.spikecast.io.Npy;
import org.spikecast.io.Safetensors;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkState;
import org.spikecast.model.Forecaster;
import org.spikecast.model.ModelFile;

/** The options that name a model, sequences for it and an initial state. */
final class SequenceOptions {
    final Option<Boolean> allSteps;
    private final Option<Path> model;
    private final Option<Path> input;
    private final Option<Path> edges;
    private final Option<Path> state;
    private Safetensors content;

    /**
     * Sequences.
     *
     * @param x B x T x I, row-major
     */
    record Sequences(double[] x, int batch, int steps) {
        /** Multiply-adds of a forward pass: about one per parameter, step and sequence. */
        double work(NetworkParameters network) {
            return (double) batch * steps * network.set().size();
        }
    }

    SequenceOptions(Command command) {
        model = command.required(
                "--model",
                Path.class,
                "M.safetensors",
                "Model of spikecast, or the state dict of a PyTorch module with lstm and fc.");
        input = command.required(
                "--input",
                Path.class,
                "X.npy",
                "Sequences x steps x features, or steps x features of one sequence. Features of a model of the form coupled: the"
                        + " counts of all neurons, then their external events.");
        edges = Models.edges(command);
        allSteps = command.flag("--all-steps", "Outputs of all steps, not only of the last one.");
        state = command.option(
                        "--state",
                        Path.class,
                        "S.safetensors",
                        null,
                        "Initial state: h0 and c0, each layers x sequences x hidden.")
                .byDefault("zeros");
    }

    /** The model file's content, read once. */
    private Safetensors content() throws IOException {
        content = content == null ? Safetensors.read(model.get()) : content;
        return content;
    }

    /** The model, if it is of the form coupled, on its own connections or those of {@code --edges}; else null. */
    CoupledForecaster coupled() throws IOException {
        CoupledForecaster forecaster = CoupledForecaster.read(model.get(), content());
        if (forecaster == null && edges.get() != null) {
            throw new IllegalArgumentException("--edges is for models of the form coupled");
        }
        if (forecaster != null && state.get() != null) {
            throw new IllegalArgumentException("--state: a model of the form coupled begins with the first bin");
        }
        if (forecaster == null || edges.get() == null) {
            return forecaster;
        }
        int[] shape = Npy.read(input.get()).shape();
        int columns = shape.length == 0 ? 0 : shape[shape.length - 1];
        return forecaster.on(SeriesFile.readConnections(edges.get(), columns / 2));
    }

    /** Each sequence as a series for a model of the form coupled. */
    List<Series> series(CoupledForecaster forecaster) throws IOException {
        int n = forecaster.neurons();
        Sequences x = input(2 * n, "spike counts of the " + n + " neurons, then their external events");
        List<Series> all = new ArrayList<>();
        for (int b = 0; b < x.batch(); b++) {
            DMatrixRMaj counts = new DMatrixRMaj(x.steps(), n);
            DMatrixRMaj external = new DMatrixRMaj(x.steps(), n);
            for (int t = 0; t < x.steps(); t++) {
                System.arraycopy(x.x(), (b * x.steps() + t) * 2 * n, counts.data, t * n, n);
                System.arraycopy(x.x(), (b * x.steps() + t) * 2 * n + n, external.data, t * n, n);
            }
            double bin = forecaster.config().binMs();
            all.add(new Series(bin, bin, counts, external, forecaster.connections()));
        }
        return all;
    }

    Forecaster model() throws IOException {
        return Models.read(model.get(), content());
    }

    Sequences input(NetworkConfig config) throws IOException {
        return input(config.inputs(), "features");
    }

    private Sequences input(int inputs, String what) throws IOException {
        NdArray x = Npy.read(input.get());
        int[] shape = x.rank() == 2 ? new int[] {1, x.shape()[0], x.shape()[1]} : x.shape();
        if (shape.length != 3 || shape[2] != inputs || x.size() == 0) {
            throw new MalformedFileException(
                    input.get(),
                    "expected sequences x steps x " + inputs + " " + what
                            + " (or one sequence's steps x features), got the shape "
                            + Arrays.toString(x.shape()));
        }
        requireFinite(input.get(), x);
        return new Sequences(x.doubles(), shape[0], shape[1]);
    }

    /** Targets of a model's loss: sequences x outputs, or sequences x steps x outputs with {@code --all-steps}. */
    double[] target(Path file, Forecaster forecaster, Sequences x) throws IOException {
        int outputs = forecaster.network().config().outputs();
        NdArray y = target(
                file, allSteps.get() ? new int[] {x.batch(), x.steps(), outputs} : new int[] {x.batch(), outputs});
        double[] targets = y.doubles();
        for (int j = 0; j < targets.length; j++) {
            if (!forecaster.loss().accepts(targets[j])) {
                throw forecaster.loss().refusal(targets[j], file + " at " + place(y, j));
            }
        }
        return targets;
    }

    /** Reads finite numbers of the given shape. */
    static NdArray target(Path file, int[] shape) throws IOException {
        NdArray y = Npy.read(file);
        if (!Arrays.equals(y.shape(), shape)) {
            throw new MalformedFileException(
                    file,
                    "expected the shape " + Arrays.toString(shape)
                            + (shape.length == 3 ? " (sequences, steps, outputs)" : " (sequences, outputs)")
                            + ", got " + Arrays.toString(y.shape()));
        }
        requireFinite(file, y);
        return y;
    }

    /** A sentence that names model, input and target. */
    String source(Path target) {
        return "Model " + model.get().getFileName() + ", input " + input.get().getFileName()
                + (target == null ? "." : ", target " + target.getFileName() + ".");
    }

    NetworkState state(NetworkConfig config, int batch) throws IOException {
        return state.get() == null
                ? NetworkState.zeros(config, batch)
                : ModelFile.readState(state.get(), config, batch);
    }

    /** Throws, naming the place, if the array holds NaN or infinity. */
    static void requireFinite(Path file, NdArray array) throws MalformedFileException {
        double[] values = array.doubles();
        for (int j = 0; j < values.length; j++) {
            if (!Double.isFinite(values[j])) {
                throw new MalformedFileException(
                        file, "expected finite numbers, got " + values[j] + " at " + place(array, j));
            }
        }
    }

    /** The indices of number j of an array. */
    static String place(NdArray array, int j) {
        int[] index = new int[array.rank()];
        int rest = j;
        for (int d = index.length - 1; d >= 0; d--) {
            index[d] = rest % array.shape()[d];
            rest /= array.shape()[d];
        }
        return Arrays.toString(index);
    }
}
