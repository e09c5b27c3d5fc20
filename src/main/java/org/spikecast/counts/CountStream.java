package org.spikecast.counts;

/**
 * Forecasts the spike counts of a whole network bin by bin, with a state that is carried along: evaluation in one pass,
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
     * @param external N external events of the bin; not read by forecasters that do without, which may be given null
     * @param forecast receives the N expected counts of the bin after it: above 0, and at most 1 if they are
     *     probabilities
     */
    void step(double[] counts, double[] external, double[] forecast);

    /** Another stream of the same forecaster, in the same state. */
    CountStream copy();

    /**
     * Takes over the state of another stream of the same forecaster.
     *
     * @throws IllegalArgumentException if it is of another one
     */
    void copyStateFrom(CountStream other);
}
