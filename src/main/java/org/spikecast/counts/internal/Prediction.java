package org.spikecast.counts.internal;

import org.ejml.data.DMatrixRMaj;

/**
 * A forecast of the test part, as it is scored.
 *
 * @param mean bins x N expected counts
 * @param probability bins x N, the same above 0, for logarithms; null if the forecast is not an expected count
 * @param bias bins x N: the expected square of the mean's own sampling error, which is subtracted from squared errors;
 *     null for none
 * @param populationBias the same per bin, of the sum over all neurons; null for none
 */
record Prediction(DMatrixRMaj mean, DMatrixRMaj probability, DMatrixRMaj bias, double[] populationBias) {
    /** The lowest forecast where a logarithm is taken; 1 less this is the highest. */
    static final double FLOOR = 1e-4;

    /**
     * Expected counts. Where some are not positive (or, with counts of 0 and 1, not below 1), all are clipped at the
     * floor.
     */
    static Prediction of(DMatrixRMaj forecast, boolean zeroOrOne) {
        double ceiling = zeroOrOne ? 1 : Double.POSITIVE_INFINITY;
        boolean proper = true;
        for (int j = 0; j < forecast.getNumElements(); j++) {
            proper &= forecast.data[j] > 0 && forecast.data[j] < ceiling;
        }
        return new Prediction(forecast, proper ? forecast : floored(forecast, ceiling), null, null);
    }

    /** Values that are not expected counts. */
    static Prediction ofValues(DMatrixRMaj forecast) {
        return new Prediction(forecast, null, null, null);
    }

    private static DMatrixRMaj floored(DMatrixRMaj forecast, double ceiling) {
        DMatrixRMaj floored = forecast.copy();
        for (int j = 0; j < floored.getNumElements(); j++) {
            floored.data[j] = Math.max(FLOOR, Math.min(ceiling - FLOOR, floored.data[j]));
        }
        return floored;
    }

    /** The expected square of the mean's sampling error, 0 if it has none. */
    double bias(int j) {
        return bias == null ? 0 : bias.data[j];
    }

    /** The same of the sum over all neurons in a bin. */
    double populationBias(int bin) {
        return populationBias == null ? 0 : populationBias[bin];
    }
}
