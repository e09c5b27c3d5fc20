package org.spikecast.counts.internal;

import org.spikecast.counts.Series;
import org.spikecast.io.internal.Fingerprint;
import org.spikecast.train.Schedule;

/**
 * How a {@link Coupled} network is trained.
 *
 * @param updates in all
 * @param bpttSteps T, bins of truncated backpropagation through time; training is stateful
 * @param segments R, segments of the series that are computed side by side
 * @param schedule of the learning rate
 * @param weightDecay decoupled, as AdamW's; not of the trace
 * @param traceRate learning rate of the trace, as a fraction of the others', at first
 * @param finalTraceRate the same from update {@value #TRACE_RAMP} on, falling linearly until then
 * @param traceLoss weight of the trace's own likelihood in the loss
 * @param preFit updates in which the trace alone is fitted at first
 * @param emaUpdates N: the exponential moving average of the weights that is validated and kept has weight 1 / N
 * @param seed of the initial weights and of the segments' offsets
 */
record CoupledOptions(
        int updates,
        int bpttSteps,
        int segments,
        Schedule schedule,
        double weightDecay,
        double traceRate,
        double finalTraceRate,
        double traceLoss,
        int preFit,
        int emaUpdates,
        long seed) {
    /** Updates in which the trace's learning rate falls to its final fraction. */
    static final int TRACE_RAMP = 100;

    /** Training samples (bins times neurons) that suffice for a large network. */
    private static final int MANY_SAMPLES = 1_000_000;

    /** Columns of a batch, about: enough for efficient products, few enough for the cache. */
    private static final int COLUMNS = 480;

    private static final int BPTT_STEPS = 50;

    /** Passes over the training part that are enough for a large network. */
    private static final int FEW_PASSES = 5;

    /** Burn-in, in units of T bins. */
    private static final int BURN_IN = 2;

    /** Burn-in, in bins. */
    int burnIn() {
        return BURN_IN * bpttSteps;
    }

    /** The trace's learning rate in an update, as a fraction. */
    double traceRate(int update) {
        return traceRate + (finalTraceRate - traceRate) * Math.min(1, (double) update / TRACE_RAMP);
    }

    /** Adds all options. */
    void addTo(Fingerprint fingerprint) {
        fingerprint.add(updates, bpttSteps, segments, preFit, emaUpdates, seed);
        fingerprint.add(schedule.shape().name()).add(schedule.warmUp()).add(schedule.peak());
        fingerprint.add(weightDecay, traceRate, finalTraceRate, traceLoss);
    }

    private static boolean many(Series series, Split split) {
        return (long) split.trainEnd() * series.neurons() >= MANY_SAMPLES;
    }

    /**
     * The sizes that suit a series, small where there is little to learn from: a trace, message steps and no LSTM.
     */
    static CoupledConfig config(Series series, Split split) {
        boolean many = many(series, split);
        double events = 0;
        int n = split.trainEnd() * series.neurons();
        for (int j = 0; series.external() != null && j < n; j++) {
            events += series.external().data[j];
        }
        return new CoupledConfig(
                0, true, many ? 1.15 : 1, many, many ? 32 : 16, 4, many ? 3 : 2, series.widthMs(), events / n);
    }

    /** The units that suit a network with an LSTM. */
    static int hidden(Series series, Split split) {
        return many(series, split) ? 16 : 8;
    }

    /**
     * The segments that suit a series that is long enough.
     *
     * @param neurons the number of neurons that it is assumed to have
     */
    static int segments(Series series, Split split, int neurons) {
        return Math.max(1, Math.min(many(series, split) ? 8 : 4, COLUMNS / neurons));
    }

    /**
     * The training that suits a series.
     *
     * @param smoke whether this is a smoke test
     * @throws IllegalArgumentException if the training part is too short
     */
    static CoupledOptions of(Series series, Split split, boolean smoke, long seed) {
        boolean many = many(series, split);
        int steps = Math.min(BPTT_STEPS, split.trainEnd() / 8);
        if (steps < 1) {
            throw new IllegalArgumentException("Form coupled: expected a training part of at least 8 bins, got "
                    + split.trainEnd() + ": simulate longer");
        }
        int segments = segments(series, split, series.neurons());
        long samples = (long) split.trainEnd() * series.neurons();
        long passes = FEW_PASSES * samples / ((long) steps * segments * series.neurons());
        int enough = many ? (int) Math.max(300, Math.min(passes, 600)) : 600;
        int updates = (enough + CoupledTrainer.EPOCHS - 1) / CoupledTrainer.EPOCHS * CoupledTrainer.EPOCHS;
        return new CoupledOptions(
                smoke ? 20 : updates,
                steps,
                Math.min(segments, (split.trainEnd() - 1) / steps - BURN_IN),
                Schedule.cosine(1e-2, smoke ? 2 : 20),
                many ? 0 : 0.7,
                many ? 1 : 0.1,
                many ? 0.15 : 0.1,
                many ? 0 : 0.1,
                smoke ? 20 : 300,
                many ? 20 : 50,
                seed);
    }
}
