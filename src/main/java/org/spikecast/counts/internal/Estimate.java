package org.spikecast.counts.internal;

import java.util.Arrays;

/**
 * A number that was estimated from the test part.
 *
 * @param value NaN if it is not defined
 * @param standardError from the differences between blocks of bins; NaN with fewer than two blocks
 */
public record Estimate(double value, double standardError) {
    static final Estimate UNDEFINED = new Estimate(Double.NaN, Double.NaN);

    /** The values alone. */
    static double[] values(Estimate[] estimates) {
        return Arrays.stream(estimates).mapToDouble(Estimate::value).toArray();
    }
}
