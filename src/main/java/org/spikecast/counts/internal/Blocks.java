package org.spikecast.counts.internal;

/**
 * Standard errors from the differences between blocks of bins, which are taken to be independent. To first order, the
 * error of a smooth function of sums over the test part is the sum of the blocks' contributions.
 */
final class Blocks {
    /** Bins of one block: long compared with the correlation time, a few tens of ms. */
    static final int BINS = 50;

    private Blocks() {}

    /** The number of blocks; the last one includes the remainder. */
    static int count(int bins) {
        return Math.max(1, bins / BINS);
    }

    /** The block of a bin. */
    static int of(int bin, int blocks) {
        return Math.min(bin / BINS, blocks - 1);
    }

    /** The standard error of a sum over blocks, whose contributions are given up to a constant. */
    static double standardError(double[] contribution) {
        int blocks = contribution.length;
        double mean = sum(contribution) / blocks;
        double squares = 0;
        for (double c : contribution) {
            squares += (c - mean) * (c - mean);
        }
        return Math.sqrt(squares * blocks / (blocks - 1.0));
    }

    /** sum(numerator) / sum(denominator). */
    static Estimate ratio(double[] numerator, double[] denominator) {
        double below = sum(denominator);
        double ratio = sum(numerator) / below;
        if (!Double.isFinite(ratio)) {
            return Estimate.UNDEFINED;
        }
        double squares = 0;
        for (int b = 0; b < numerator.length; b++) {
            double c = numerator[b] - ratio * denominator[b];
            squares += c * c;
        }
        return new Estimate(ratio, Math.sqrt(squares * numerator.length / (numerator.length - 1.0)) / below);
    }

    /** 1 - sum(error) / sum(reference). */
    static Estimate oneMinusRatio(double[] error, double[] reference) {
        Estimate ratio = ratio(error, reference);
        return new Estimate(1 - ratio.value(), ratio.standardError());
    }

    static double sum(double[] x) {
        double sum = 0;
        for (double value : x) {
            sum += value;
        }
        return sum;
    }
}
