package org.spikecast.voltage.internal;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.Kernel;
import org.spikecast.lstm.Network;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkState;
import org.spikecast.lstm.NetworkTape;
import org.spikecast.lstm.PackedWeights;
import org.spikecast.train.Scaling;

/**
 * Forecasts traces sample by sample with a network of a {@link StepForm}: reads each trace from its first sample up to the
 * place where the forecast begins, then reads its own forecasts.
 */
final class StepForecaster implements TraceForecaster {
    /** Traces that are computed at once. */
    private static final int BATCH = 256;

    /** No neuron's voltage is beyond this, in mV; that of a network is clipped here. */
    private static final double FARTHEST = 200;

    private final Kernel kernel;
    private final NetworkParameters network;
    private final Scaling scaling;
    private final PackedWeights packed;

    StepForecaster(Kernel kernel, NetworkParameters network, StepForm form, Scaling scaling) {
        form.requireNetwork(network.config());
        this.kernel = kernel;
        this.network = network;
        this.scaling = scaling;
        packed = new PackedWeights(network.config());
        packed.pack(network);
    }

    @Override
    public DMatrixRMaj forecast(Traces traces, int[] starts, int samples) {
        for (int start : starts) {
            traces.requireRoom(start, 1, 0);
        }
        DMatrixRMaj forecast = new DMatrixRMaj(samples, starts.length);
        for (int from = 0; from < starts.length; from += BATCH) {
            forecast(traces, starts, from, Math.min(BATCH, starts.length - from), forecast);
        }
        return forecast;
    }

    /** Forecasts from {@code batch} of the places, the first of which is number {@code from}. */
    private void forecast(Traces traces, int[] starts, int from, int batch, DMatrixRMaj forecast) {
        NetworkTape tape = new NetworkTape(network.config(), 1, batch, 1, packed);
        DMatrixRMaj x = new DMatrixRMaj(TraceForm.FEATURES, batch);
        int last = 0;
        for (int b = 0; b < batch; b++) {
            int start = starts[from + b];
            last = Math.max(last, start % traces.samples());
            x.data[batch + b] = scaling.apply(1, traces.current()[start / traces.samples()]);
        }
        NetworkState state = NetworkState.zeros(network.config(), batch);
        double[] voltage = new double[batch];
        for (int k = 0; k < last + forecast.numRows - 1; k++) {
            for (int b = 0; b < batch; b++) {
                int begin = starts[from + b] % traces.samples();
                if (k < begin) {
                    voltage[b] = traces.voltage().data[starts[from + b] - begin + k];
                }
                x.data[b] = scaling.apply(0, voltage[b]);
            }
            Network.forward(kernel, network, x, state, tape);
            tape.copyFinalState(state);
            for (int b = 0; b < batch; b++) {
                double next = voltage[b] + StepForm.decode(tape.output().data[b]);
                voltage[b] = Math.max(-FARTHEST, Math.min(FARTHEST, next));
                int row = k + 1 - starts[from + b] % traces.samples();
                if (row >= 0 && row < forecast.numRows) {
                    forecast.data[row * forecast.numCols + from + b] = voltage[b];
                }
            }
        }
    }
}
