package org.spikecast.counts.internal;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.spikecast.kernel.internal.ScalarKernel;

/**
 * The calibration of forecasts.
 *
 * <pre>{@code
 *   (1)  link(mu) = intercept + slope link(forecast)         fitted to the counts: 0 and 1 if forecasts are right
 *   (2)  error    = sum over classes |observed - forecast count| / cases
 *   (3)  by chance: the expectation of (2) if forecasts were right, sum over classes sqrt(2/pi sum var) / cases
 * }</pre>
 *
 * The link is the logit where all counts are 0 or 1, the logarithm otherwise. The classes are {@value #CLASSES} ranges
 * of the forecast, with the same forecast number of spikes in each. (3) takes the sum of a class's residuals to be
 * normal; var is the variance of one count.
 *
 * <p>Sources: D. R. Cox, Biometrika 45:562-565 (1958), for (1); M. P. Naeini et al., AAAI 2015, for (2).
 *
 * @param slope of (1)
 * @param intercept of (1)
 * @param error (2)
 * @param errorByChance (3)
 * @param forecast per class the mean forecast; NaN for a class without cases
 * @param frequency per class the mean count
 */
record Calibration(
        Estimate slope,
        Estimate intercept,
        Estimate error,
        double errorByChance,
        double[] forecast,
        double[] frequency) {
    static final int CLASSES = 20;

    private static final int BATCH = 4096;

    static final Calibration UNDEFINED = new Calibration(
            Estimate.UNDEFINED, Estimate.UNDEFINED, Estimate.UNDEFINED, Double.NaN, new double[0], new double[0]);

    /**
     * Measures the calibration of forecasts.
     *
     * @param target bins x N counts
     * @param forecast bins x N, above 0
     */
    static Calibration of(DMatrixRMaj target, DMatrixRMaj forecast, Likelihood likelihood) {
        Estimate[] line = line(target, forecast, likelihood);
        int n = target.getNumElements();
        double[] sorted = Arrays.copyOf(forecast.data, n);
        Arrays.sort(sorted);
        double[] ends = ends(sorted);
        int blocks = Blocks.count(target.numRows);
        double[][] residual = new double[CLASSES][blocks];
        double[] cases = new double[CLASSES];
        double[] predicted = new double[CLASSES];
        double[] observed = new double[CLASSES];
        double[] variance = new double[CLASSES];
        for (int j = 0; j < n; j++) {
            double p = forecast.data[j];
            int c = classOf(p, ends);
            residual[c][Blocks.of(j / target.numCols, blocks)] += target.data[j] - p;
            cases[c]++;
            predicted[c] += p;
            observed[c] += target.data[j];
            variance[c] += likelihood.variance(p);
        }
        double error = 0;
        double chance = 0;
        double[] contribution = new double[blocks];
        for (int c = 0; c < CLASSES; c++) {
            double sum = observed[c] - predicted[c];
            error += Math.abs(sum) / n; // (2)
            chance += Math.sqrt(2 / Math.PI * variance[c]) / n; // (3)
            for (int b = 0; b < blocks; b++) {
                contribution[b] += Math.signum(sum) * residual[c][b] / n;
            }
        }
        Arrays.setAll(predicted, c -> predicted[c] / cases[c]);
        Arrays.setAll(observed, c -> observed[c] / cases[c]);
        Estimate size = new Estimate(error, Blocks.standardError(contribution));
        return new Calibration(line[0], line[1], size, chance, predicted, observed);
    }

    /** The upper ends of all classes but the last. */
    private static double[] ends(double[] sorted) {
        double total = Blocks.sum(sorted);
        double[] ends = new double[CLASSES - 1];
        double sum = 0;
        int c = 0;
        for (double p : sorted) {
            sum += p;
            while (c < ends.length && sum >= total * (c + 1) / CLASSES) {
                ends[c++] = p;
            }
        }
        Arrays.fill(ends, c, ends.length, Double.POSITIVE_INFINITY);
        return ends;
    }

    private static int classOf(double p, double[] ends) {
        int c = 0;
        while (c < ends.length && p > ends[c]) {
            c++;
        }
        return c;
    }

    /** (1): slope and intercept. */
    private static Estimate[] line(DMatrixRMaj target, DMatrixRMaj forecast, Likelihood likelihood) {
        NewtonRegression regression = new NewtonRegression(new ScalarKernel(), likelihood, 2);
        NewtonRegression.Cases cases = batch -> forEach(target, forecast, likelihood, batch);
        try {
            double[] w = regression.fit(cases, new double[] {1, 0}, 0, 1e-8);
            regression.gradient(cases, w, 0);
            DMatrixRMaj inverse = new DMatrixRMaj(2, 2);
            if (!CommonOps_DDRM.invert(regression.information(), inverse)) {
                return new Estimate[] {Estimate.UNDEFINED, Estimate.UNDEFINED};
            }
            // A block's contribution to w: H^-1 times its part of the gradient.
            int blocks = Blocks.count(target.numRows);
            double[][] contribution = new double[2][blocks];
            for (int j = 0; j < target.getNumElements(); j++) {
                double x = likelihood.link(forecast.data[j]);
                double r = target.data[j] - likelihood.mean(w[0] * x + w[1]);
                int b = Blocks.of(j / target.numCols, blocks);
                for (int i = 0; i < 2; i++) {
                    contribution[i][b] += (inverse.get(i, 0) * x + inverse.get(i, 1)) * r;
                }
            }
            return new Estimate[] {
                new Estimate(w[0], Blocks.standardError(contribution[0])),
                new Estimate(w[1], Blocks.standardError(contribution[1]))
            };
        } catch (ArithmeticException e) {
            return new Estimate[] {Estimate.UNDEFINED, Estimate.UNDEFINED}; // forecasts all alike, or no spikes
        }
    }

    private static void forEach(
            DMatrixRMaj target, DMatrixRMaj forecast, Likelihood likelihood, NewtonRegression.Batch batch) {
        double[] x = new double[2 * BATCH];
        double[] y = new double[BATCH];
        for (int first = 0; first < target.getNumElements(); first += BATCH) {
            int b = Math.min(BATCH, target.getNumElements() - first);
            for (int i = 0; i < b; i++) {
                x[i] = likelihood.link(forecast.data[first + i]);
                x[b + i] = 1;
                y[i] = target.data[first + i];
            }
            batch.add(x, y, b);
        }
    }
}
