package org.spikecast.counts.internal;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.counts.Series;
import org.spikecast.kernel.Kernel;

/** Runs a {@link Coupled} network along a series (stateful). */
public record CoupledPass(Kernel kernel, CoupledParameters parameters, Neighbours neighbours) {
    /** The most bins that are run at once, and the most columns (bins times neurons): enough for efficient products. */
    private static final int MOST_STEPS = 64;

    private static final int COLUMNS = 4096;

    /** Bins that are run at once. */
    static int steps(int neurons) {
        return Math.max(1, Math.min(MOST_STEPS, COLUMNS / neurons));
    }

    /**
     * Forecasts bins.
     *
     * @param begin the first bin that is read
     * @param first the first bin that is forecast
     * @param end one past the last one
     * @return logits, bins x N; 0 for bin 0, which has no past
     */
    public DMatrixRMaj logits(Series series, int begin, int first, int end) {
        int n = series.neurons();
        DMatrixRMaj logits = new DMatrixRMaj(end - first, n);
        CoupledState state = CoupledState.initial(parameters.config(), n);
        CoupledTape tape = null;
        int most = steps(n);
        int bin = Math.max(0, begin);
        while (bin < end - 1) {
            boolean silent = bin < first - 1;
            int steps = Math.min(most, (silent ? first : end) - 1 - bin);
            if (tape == null || tape.steps != steps) {
                tape = new CoupledTape(parameters.config(), steps, n, 1);
                tape.pack(parameters);
            }
            tape.load(series, neighbours, bin);
            if (silent) {
                Coupled.observe(kernel, parameters, neighbours, state, tape);
            } else {
                Coupled.forward(kernel, parameters, neighbours, state, tape);
                System.arraycopy(tape.last().logits, 0, logits.data, (bin + 1 - first) * n, steps * n);
            }
            tape.copyFinalState(state);
            bin += steps;
        }
        return logits;
    }
}
