package org.spikecast.model;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.Kernel;
import org.spikecast.lstm.Network;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkState;
import org.spikecast.lstm.NetworkStream;
import org.spikecast.lstm.NetworkTape;
import org.spikecast.train.LossFunction;
import org.spikecast.train.Losses;
import org.spikecast.train.Scaling;

/**
 * A network with everything needed to use it on data: the scaling of its inputs and outputs, its loss function, whose
 * inverse link gives outputs their meaning, and its task.
 *
 * @param network the network
 * @param inputs from the data's units to the network's
 * @param outputs from the data's units to the network's, for targets; inverted for forecasts
 * @param loss whose inverse link makes forecasts of the network's outputs
 * @param task what it was trained for; null for a bare network
 */
public record Forecaster(NetworkParameters network, Scaling inputs, Scaling outputs, LossFunction loss, Task task) {
    /** Sequences and steps that are computed at once. */
    private static final int BATCH = 256;

    private static final int STEPS = 64;

    public Forecaster {
        if (inputs.channels() != network.config().inputs()
                || outputs.channels() != network.config().outputs()) {
            throw new IllegalArgumentException(
                    "Scalings for " + network.config().inputs() + " inputs and "
                            + network.config().outputs() + " outputs expected, got " + inputs.channels() + " and "
                            + outputs.channels());
        }
        if (task != null) {
            task.requireNetwork(network.config());
        }
    }

    /** A network in its own units, whose outputs are the forecasts. */
    public static Forecaster bare(NetworkParameters network) {
        NetworkConfig config = network.config();
        return new Forecaster(
                network,
                Scaling.identity(config.inputs()),
                Scaling.identity(config.outputs()),
                Losses.MEAN_SQUARED_ERROR,
                null);
    }

    /** The forecast of a channel, in the data's units, from the network's output. */
    double forecast(int channel, double output) {
        return outputs.invert(channel, loss.inverseLink(output));
    }

    /**
     * The forecasts, in the data's units, from the network's outputs.
     *
     * @param outputs rows x (any number of times the channels)
     */
    public DMatrixRMaj forecast(DMatrixRMaj outputs) {
        DMatrixRMaj forecast = outputs.createLike();
        for (int j = 0; j < forecast.getNumElements(); j++) {
            forecast.data[j] = forecast(j % outputs.numCols % this.outputs.channels(), outputs.data[j]);
        }
        return forecast;
    }

    /**
     * Runs the network over sequences of any length.
     *
     * @param x B x T x I, row-major, in the data's units
     * @param everyStep whether to give the output of each step or of the last one only
     * @param state on entry the state to begin with, on return the state after the last step
     * @return B x T x O or B x O, row-major, in the data's units
     */
    public double[] predict(Kernel kernel, double[] x, int batch, int steps, boolean everyStep, NetworkState state) {
        NetworkConfig config = network.config();
        if (x.length != (long) batch * steps * config.inputs() || batch < 1 || steps < 1) {
            throw new IllegalArgumentException("Input: expected " + batch + " x " + steps + " x " + config.inputs()
                    + " numbers, at least one sequence and step, got " + x.length);
        }
        if (task != null) {
            task.requireSteps(steps);
        }
        int outputSteps = everyStep ? steps : 1;
        int most = config.headStates() > 1 ? steps : STEPS; // the states that an output follows from are of one run
        double[] y = new double[Math.multiplyExact(batch, Math.multiplyExact(outputSteps, config.outputs()))];
        for (int b = 0; b < batch; b += BATCH) {
            int width = Math.min(BATCH, batch - b);
            NetworkState part = columns(state, b, width, config);
            NetworkTape tape = null;
            for (int t = 0; t < steps; t += most) {
                int length = Math.min(most, steps - t);
                if (tape == null || tape.steps() != length) {
                    tape = new NetworkTape(config, length, width, everyStep ? length : 1);
                }
                Network.forward(kernel, network, gather(x, b, width, t, length, steps), part, tape);
                tape.copyFinalState(part);
                if (everyStep || t + length == steps) {
                    scatter(tape, b, everyStep ? t : 0, outputSteps, y);
                }
            }
            setColumns(state, b, part);
        }
        return y;
    }

    /** Forecasts step by step (stateful). */
    public ForecastStream stream(Kernel kernel) {
        return new ForecastStream(new NetworkStream(kernel, network), this);
    }

    /** Steps t to t + length - 1 of sequences b to b + width - 1, scaled, as (T I) x B. */
    private DMatrixRMaj gather(double[] x, int b, int width, int t, int length, int steps) {
        int channels = inputs.channels();
        DMatrixRMaj block = new DMatrixRMaj(length * channels, width);
        for (int column = 0; column < width; column++) {
            int from = ((b + column) * steps + t) * channels;
            for (int j = 0; j < length * channels; j++) {
                double value = x[from + j];
                if (!Double.isFinite(value)) {
                    throw new IllegalArgumentException("Input: expected finite numbers, got " + value + " in sequence "
                            + (b + column) + ", step " + (t + j / channels) + ", feature " + j % channels);
                }
                block.set(j, column, inputs.apply(j % channels, value));
            }
        }
        return block;
    }

    /** The tape's output, in the data's units, as steps t, t + 1, ... of sequences b, b + 1, ... of y. */
    private void scatter(NetworkTape tape, int b, int t, int outputSteps, double[] y) {
        int channels = outputs.channels();
        DMatrixRMaj output = tape.output();
        for (int column = 0; column < output.numCols; column++) {
            int to = ((b + column) * outputSteps + t) * channels;
            for (int j = 0; j < output.numRows; j++) {
                y[to + j] = forecast(j % channels, output.get(j, column));
            }
        }
    }

    private static NetworkState columns(NetworkState state, int first, int width, NetworkConfig config) {
        NetworkState part = NetworkState.zeros(config, width);
        for (int k = 0; k < state.parts(); k++) {
            copyColumns(state.part(k), first, part.part(k), 0, width);
        }
        return part;
    }

    private static void setColumns(NetworkState state, int first, NetworkState part) {
        for (int k = 0; k < state.parts(); k++) {
            copyColumns(part.part(k), 0, state.part(k), first, part.batch());
        }
    }

    private static void copyColumns(DMatrixRMaj from, int fromColumn, DMatrixRMaj to, int toColumn, int width) {
        for (int row = 0; row < from.numRows; row++) {
            System.arraycopy(from.data, row * from.numCols + fromColumn, to.data, row * to.numCols + toColumn, width);
        }
    }
}
