package org.spikecast.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.spikecast.io.MalformedFileException;
import org.spikecast.io.NdArray;
import org.spikecast.io.Npy;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkState;
import org.spikecast.model.Forecaster;
import org.spikecast.model.ModelFile;

/** The options that name a model, sequences for it and a state to begin with. */
final class SequenceOptions {
    final Option<Boolean> allSteps;
    private final Option<Path> model;
    private final Option<Path> input;
    private final Option<Path> state;

    /**
     * Sequences.
     *
     * @param x B x T x I, row-major
     */
    record Sequences(double[] x, int batch, int steps) {
        /** Multiply-adds of a run forward: about one per parameter, step and sequence. */
        double work(NetworkParameters network) {
            return (double) batch * steps * network.set().size();
        }
    }

    SequenceOptions(Command command) {
        model = command.required(
                "--model",
                Path.class,
                "M.safetensors",
                "Model: of spikecast, or the state dict of a PyTorch module with lstm and fc.");
        input = command.required(
                "--input", Path.class, "X.npy", "Sequences x steps x features, or steps x features of one sequence.");
        allSteps = command.flag("--all-steps", "Outputs are those of every step, not of the last one only.");
        state = command.option(
                "--state",
                Path.class,
                "S.safetensors",
                null,
                "State to begin with: h0 and c0, each layers x sequences x hidden. Default: zeros.");
    }

    Forecaster model() throws IOException {
        return Models.read(model.get());
    }

    Sequences input(NetworkConfig config) throws IOException {
        NdArray x = Npy.read(input.get());
        int[] shape = x.rank() == 2 ? new int[] {1, x.shape()[0], x.shape()[1]} : x.shape();
        if (shape.length != 3 || shape[2] != config.inputs() || x.size() == 0) {
            throw new MalformedFileException(
                    input.get(),
                    "expected sequences x steps x " + config.inputs()
                            + " features (or one sequence's steps x features)," + " got the shape "
                            + Arrays.toString(x.shape()));
        }
        requireFinite(input.get(), x);
        return new Sequences(x.doubles(), shape[0], shape[1]);
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
