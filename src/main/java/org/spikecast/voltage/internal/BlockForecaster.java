package org.spikecast.voltage.internal;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.Kernel;
import org.spikecast.lstm.Network;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkTape;
import org.spikecast.train.Scaling;

/** Forecasts traces block by block with a network of a {@link BlockForm}. Not for use by several threads at once. */
public final class BlockForecaster implements TraceForecaster {
    /** Windows that are computed at once. */
    private static final int BATCH = 256;

    private final Kernel kernel;
    private final NetworkParameters network;
    private final BlockForm form;
    private final Scaling scaling;
    private final NetworkTape tape;
    private final DMatrixRMaj x;

    /**
     * A forecaster.
     *
     * @param network of the form's sizes
     * @param scaling of voltage and current
     */
    public BlockForecaster(Kernel kernel, NetworkParameters network, BlockForm form, Scaling scaling) {
        form.requireNetwork(network.config());
        this.kernel = kernel;
        this.network = network;
        this.form = form;
        this.scaling = scaling;
        tape = new NetworkTape(network.config(), form.window(), BATCH, form.outputSteps());
        x = new DMatrixRMaj(form.window() * BlockForm.FEATURES, BATCH);
    }

    /**
     * Forecasts one block from each place, from the window observed before it.
     *
     * @return mV, horizon x starts
     */
    public DMatrixRMaj forecast(Traces traces, int[] starts) {
        return forecast(traces, starts, form.horizon());
    }

    /**
     * {@inheritDoc}
     *
     * <p>The first block is forecast from the window observed before it, each further one from the window before it,
     * of forecast samples and, while these are fewer than a window, of observed ones.
     */
    @Override
    public DMatrixRMaj forecast(Traces traces, int[] starts, int samples) {
        int window = form.window();
        int horizon = form.horizon();
        int blocks = (samples + horizon - 1) / horizon;
        DMatrixRMaj forecast = new DMatrixRMaj(samples, starts.length);
        double[][] past = new double[BATCH][window + blocks * horizon];
        double[] current = new double[BATCH];
        for (int from = 0; from < starts.length; from += BATCH) {
            int used = Math.min(BATCH, starts.length - from);
            for (int b = 0; b < used; b++) {
                int start = starts[from + b];
                traces.requireRoom(start, window, 0);
                current[b] = scaling.apply(1, traces.current()[start / traces.samples()]);
                for (int k = 0; k < window; k++) {
                    past[b][k] = scaling.apply(0, traces.voltage().data[start - window + k]);
                }
            }
            for (int block = 0; block < blocks; block++) {
                int end = window + block * horizon;
                for (int b = 0; b < used; b++) {
                    form.copyWindow(past[b], end, current[b], x, b);
                }
                Network.forward(kernel, network, x, null, tape);
                for (int b = 0; b < used; b++) {
                    for (int k = 0; k < horizon; k++) {
                        past[b][end + k] = tape.output().data[k * BATCH + b];
                    }
                }
            }
            for (int b = 0; b < used; b++) {
                for (int k = 0; k < samples; k++) {
                    forecast.data[k * starts.length + from + b] = scaling.invert(0, past[b][window + k]);
                }
            }
        }
        return forecast;
    }
}
