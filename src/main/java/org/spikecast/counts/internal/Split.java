package org.spikecast.counts.internal;

/**
 * A split of the bins by time: targets of the training part are the bins before {@code trainEnd}, of the validation
 * part [validationStart, validationEnd), of the test part [testStart, bins). Bins that share time with the part before
 * them are left out: none where bins are disjoint. Windows may reach back over a boundary, since the bins that they
 * read are observed by then.
 */
public record Split(int trainEnd, int validationStart, int validationEnd, int testStart, int bins) {
    /**
     * Splits by time.
     *
     * @param overlap the number of bins after a bin that share time with it
     * @param testFraction fraction of the bins to test on, the last ones
     * @param validationFraction fraction of the others to validate on, the last ones
     */
    public static Split byTime(int bins, int overlap, double testFraction, double validationFraction) {
        requireFraction("test", testFraction);
        requireFraction("validation", validationFraction);
        int validationEnd = bins - (int) Math.rint(bins * testFraction);
        int trainEnd = validationEnd - (int) Math.rint(validationEnd * validationFraction);
        Split split = new Split(trainEnd, trainEnd + overlap, validationEnd, validationEnd + overlap, bins);
        if (trainEnd < 1 || split.validationStart >= validationEnd || split.testStart >= bins) {
            throw new IllegalArgumentException("A series of " + bins + " bins is too short to be split into parts for"
                    + " training, validation (" + validationFraction + ") and test (" + testFraction + ")");
        }
        return split;
    }

    /** Throws unless this test duration is above 0 and finite. */
    public static void requireTestDuration(double ms) {
        if (!(ms > 0 && ms < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("Time to test on: expected a number of ms above 0, got " + ms);
        }
    }

    /**
     * The fraction of the bins that covers the last part of a time.
     *
     * @param testMs the time to test on
     * @param totalMs the time that all bins cover
     */
    public static double testFraction(double testMs, double totalMs) {
        requireTestDuration(testMs);
        if (!(testMs < totalMs)) {
            throw new IllegalArgumentException("Time to test on: expected less than the " + totalMs
                    + " ms of data, got " + testMs + ": leave some to train on");
        }
        return testMs / totalMs;
    }

    private static void requireFraction(String part, double fraction) {
        if (!(fraction > 0 && fraction < 1)) {
            throw new IllegalArgumentException(
                    "Fraction of the " + part + " part: expected a number between 0 and 1, got " + fraction);
        }
    }

    /** The number of test targets. */
    public int testBins() {
        return bins - testStart;
    }

    /** Throws unless at least one window of this length fits into the training part with its target. */
    public void requireWindow(int window) {
        if (window < 1 || window >= trainEnd) {
            throw new IllegalArgumentException("Window: expected 1 to " + (trainEnd - 1)
                    + " bins (the training part has " + trainEnd + " of the series' " + bins + "), got " + window);
        }
    }
}
