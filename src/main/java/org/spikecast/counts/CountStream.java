package org.spikecast.counts;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.counts.internal.Likelihood;
import org.spikecast.counts.internal.Streams;
import org.spikecast.run.Progress;

/**
 * Forecasts the spike counts of a whole network bin by bin (stateful): evaluation in one pass,
 * and free running, in which the counts that are read are drawn from the forecasts. A step allocates nothing. A stream is
 * not for use by several threads at once.
 */
public interface CountStream {
    /** N, the number of neurons. */
    int neurons();

    /** How counts are distributed around their forecast; {@link Likelihood#BERNOULLI} if forecasts are probabilities. */
    Likelihood likelihood();

    /**
     * Reads one bin and forecasts the next.
     *
     * @param counts N spike counts of the bin
     * @param external N external events of the bin; null for forecasters that do not read it
     * @param forecast receives the N expected counts of the bin after it: above 0, and at most 1 if they are
     *     probabilities
     */
    void step(double[] counts, double[] external, double[] forecast);

    /**
     * Forecasts some bins of a series by one pass over it from its beginning.
     *
     * @param stream a stream that has read nothing yet
     * @return the forecasts of the bins from {@code firstBin} to {@code endBin} - 1, bins x N; that of the very first bin,
     *     of which nothing is known, is NaN
     */
    static DMatrixRMaj forecast(CountStream stream, Series series, int firstBin, int endBin) {
        return Streams.forecast(stream, series, 0, firstBin, endBin, Progress.NONE);
    }

    /** Another stream of the same forecaster, in the same state. */
    CountStream copy();

    /**
     * Takes over the state of another stream of the same forecaster.
     *
     * @throws IllegalArgumentException if it is of another one
     */
    void copyStateFrom(CountStream other);
}
