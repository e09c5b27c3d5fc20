package org.spikecast.counts.internal;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.internal.Elementary;

/**
 * Scores of forecasts of spike counts besides their squared error. With y counts, f forecasts, r each neuron's mean
 * rate before the test part, sums over bins n and neurons a of the test part, and the log-likelihood l of the counts, that
 * of Bernoulli where all are 0 or 1 and that of Poisson otherwise:
 *
 * <pre>{@code
 *   (1)  bits per spike = sum (l(f) - l(r)) / (log 2 sum y)
 *   (2)  pseudo-R2      = 1 - sum (l(y) - l(f)) / sum (l(y) - l(r))                l(y): the maximum
 *   (3)  AUC            = P(f of a bin with a spike > f of a bin without) + P(they are equal) / 2
 *   (4)  in time        = 1 - sum (y - y_a - f + f_a)^2 / sum (y - y_a)^2           y_a, f_a: means of neuron a
 *   (5)  over neurons   = 1 - sum_a (y_a - f_a)^2 / sum_a (y_a - mean of y_a)^2
 *   (6)  of population  = 1 - sum_n (sum_a y - f)^2 / sum_n (sum_a y - r)^2
 * }</pre>
 *
 * <p>Where counts are 0 or 1, (1) with the likelihood of Poisson is given too, for comparison with benchmarks that use
 * it whatever the counts.
 *
 * <p>Sources: F. Pei et al., Neural Latents Benchmark, NeurIPS 2021, for (1); A. C. Cameron, F. A. G. Windmeijer, J.
 * Business Econ. Stat. 14:209-220 (1996), for (2); J. A. Hanley, B. J. McNeil, Radiology 143:29-36 (1982), for (3).
 *
 * @param bitsPerSpike (1); undefined for forecasts that are no expected counts, likewise (2) and the calibration
 * @param poissonBits (1) with the likelihood of Poisson
 * @param bitsPerNeuron (1) of each neuron; NaN where it does not spike
 * @param pseudoR2 (2)
 * @param auc (3)
 * @param inTime (4)
 * @param overNeurons (5)
 * @param ofPopulation (6)
 * @param calibration the calibration of the forecasts
 */
record SpikeScores(
        Estimate bitsPerSpike,
        Estimate poissonBits,
        double[] bitsPerNeuron,
        Estimate pseudoR2,
        Estimate auc,
        Estimate inTime,
        Estimate overNeurons,
        Estimate ofPopulation,
        Calibration calibration) {
    private static final double LOG_2 = Elementary.log(2);

    /**
     * Scores a forecast.
     *
     * @param target bins x N counts
     * @param meanRate r, per neuron
     */
    static SpikeScores of(DMatrixRMaj target, Prediction prediction, double[] meanRate, Likelihood likelihood) {
        int n = target.numCols;
        int blocks = Blocks.count(target.numRows);
        Estimate bits = Estimate.UNDEFINED;
        Estimate poissonBits = Estimate.UNDEFINED;
        Estimate pseudoR2 = Estimate.UNDEFINED;
        double[] bitsPerNeuron = new double[n];
        Arrays.fill(bitsPerNeuron, Double.NaN);
        Calibration calibration = Calibration.UNDEFINED;
        if (prediction.probability() != null) {
            double[] p = prediction.probability().data;
            double ceiling = likelihood == Likelihood.BERNOULLI ? 1 - Prediction.FLOOR : Double.POSITIVE_INFINITY;
            double[] gain = new double[blocks];
            double[] poissonGain = new double[blocks];
            double[] spikes = new double[blocks];
            double[] deviance = new double[blocks];
            double[] reference = new double[blocks];
            double[] neuronGain = new double[n];
            double[] neuronSpikes = new double[n];
            for (int j = 0; j < target.getNumElements(); j++) {
                int b = Blocks.of(j / n, blocks);
                double y = target.data[j];
                double rate = Math.max(meanRate[j % n], Prediction.FLOOR);
                double own = likelihood.logProbability(y, p[j]);
                double base = likelihood.logProbability(y, Math.min(rate, ceiling));
                // l(y): 0 for Bernoulli, and for no spike
                double most = likelihood == Likelihood.POISSON && y > 0 ? likelihood.logProbability(y, y) : 0;
                gain[b] += (own - base) / LOG_2;
                poissonGain[b] +=
                        (Likelihood.POISSON.logProbability(y, p[j]) - Likelihood.POISSON.logProbability(y, rate))
                                / LOG_2;
                spikes[b] += y;
                deviance[b] += most - own;
                reference[b] += most - base;
                neuronGain[j % n] += (own - base) / LOG_2;
                neuronSpikes[j % n] += y;
            }
            bits = Blocks.ratio(gain, spikes);
            poissonBits = Blocks.ratio(poissonGain, spikes);
            pseudoR2 = Blocks.oneMinusRatio(deviance, reference);
            Arrays.setAll(bitsPerNeuron, a -> neuronGain[a] / neuronSpikes[a]);
            calibration = Calibration.of(target, prediction.probability(), likelihood);
        }
        return new SpikeScores(
                bits,
                poissonBits,
                bitsPerNeuron,
                pseudoR2,
                auc(target, prediction.mean()),
                inTime(target, prediction),
                overNeurons(target, prediction),
                ofPopulation(target, prediction, meanRate),
                calibration);
    }

    /** (3). A block contributes the ranks of its cases among those of the other kind. */
    private static Estimate auc(DMatrixRMaj target, DMatrixRMaj forecast) {
        double[] with = sorted(target, forecast, true);
        double[] without = sorted(target, forecast, false);
        if (with.length == 0 || without.length == 0) {
            return Estimate.UNDEFINED;
        }
        int blocks = Blocks.count(target.numRows);
        double[] above = new double[blocks]; // of cases with a spike: the fraction of those without that are below
        double[] below = new double[blocks]; // of cases without: the fraction of those with one that are above
        double[] withCount = new double[blocks];
        double[] withoutCount = new double[blocks];
        for (int j = 0; j < target.getNumElements(); j++) {
            int b = Blocks.of(j / target.numCols, blocks);
            if (target.data[j] > 0) {
                above[b] += rank(without, forecast.data[j]) / without.length;
                withCount[b]++;
            } else {
                below[b] += 1 - rank(with, forecast.data[j]) / with.length;
                withoutCount[b]++;
            }
        }
        double auc = Blocks.sum(above) / with.length;
        double[] contribution = new double[blocks];
        Arrays.setAll(
                contribution,
                b -> (above[b] - auc * withCount[b]) / with.length
                        + (below[b] - auc * withoutCount[b]) / without.length);
        return new Estimate(auc, Blocks.standardError(contribution));
    }

    private static double[] sorted(DMatrixRMaj target, DMatrixRMaj forecast, boolean spike) {
        double[] values = new double[target.getNumElements()];
        int count = 0;
        for (int j = 0; j < values.length; j++) {
            if (target.data[j] > 0 == spike) {
                values[count++] = forecast.data[j];
            }
        }
        double[] sorted = Arrays.copyOf(values, count);
        Arrays.sort(sorted);
        return sorted;
    }

    /** The number of values below x, plus half the number of those equal to it. */
    private static double rank(double[] sorted, double x) {
        return (firstNotBelow(sorted, x, false) + firstNotBelow(sorted, x, true)) / 2.0;
    }

    private static int firstNotBelow(double[] sorted, double x, boolean afterEqual) {
        int low = 0;
        int high = sorted.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sorted[middle] < x || (afterEqual && sorted[middle] == x)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static double[] neuronMeans(DMatrixRMaj values) {
        double[] mean = new double[values.numCols];
        for (int j = 0; j < values.getNumElements(); j++) {
            mean[j % mean.length] += values.data[j];
        }
        Arrays.setAll(mean, a -> mean[a] / values.numRows);
        return mean;
    }

    /**
     * (4). Without its mean over the bins, the variance of the forecast's sampling error is smaller by 1 / bins of it.
     */
    private static Estimate inTime(DMatrixRMaj target, Prediction prediction) {
        int n = target.numCols;
        double[] y = neuronMeans(target);
        double[] f = neuronMeans(prediction.mean());
        int blocks = Blocks.count(target.numRows);
        double[] error = new double[blocks];
        double[] reference = new double[blocks];
        double kept = 1 - 1.0 / target.numRows;
        for (int j = 0; j < target.getNumElements(); j++) {
            int a = j % n;
            int b = Blocks.of(j / n, blocks);
            double d = target.data[j] - y[a];
            double e = d - (prediction.mean().data[j] - f[a]);
            error[b] += e * e - kept * prediction.bias(j);
            reference[b] += d * d;
        }
        return Blocks.oneMinusRatio(error, reference);
    }

    /** (5). */
    private static Estimate overNeurons(DMatrixRMaj target, Prediction prediction) {
        int n = target.numCols;
        double bins = target.numRows;
        double[] y = neuronMeans(target);
        double[] f = neuronMeans(prediction.mean());
        double grand = Blocks.sum(y) / n;
        double error = 0;
        double reference = 0;
        for (int a = 0; a < n; a++) {
            error += (y[a] - f[a]) * (y[a] - f[a]);
            reference += (y[a] - grand) * (y[a] - grand);
        }
        int blocks = Blocks.count(target.numRows);
        double[] errorChange = new double[blocks];
        double[] referenceChange = new double[blocks];
        for (int j = 0; j < target.getNumElements(); j++) {
            int a = j % n;
            int b = Blocks.of(j / n, blocks);
            error -= prediction.bias(j) / (bins * bins);
            errorChange[b] += 2 * (y[a] - f[a]) * (target.data[j] - prediction.mean().data[j]) / bins;
            referenceChange[b] += 2 * (y[a] - grand) * target.data[j] / bins;
        }
        if (reference == 0) {
            return Estimate.UNDEFINED;
        }
        double ratio = error / reference;
        double scale = reference;
        double[] contribution = new double[blocks];
        Arrays.setAll(contribution, b -> (errorChange[b] - ratio * referenceChange[b]) / scale);
        return new Estimate(1 - ratio, Blocks.standardError(contribution));
    }

    /** (6). */
    private static Estimate ofPopulation(DMatrixRMaj target, Prediction prediction, double[] meanRate) {
        int n = target.numCols;
        double rate = Blocks.sum(meanRate);
        int blocks = Blocks.count(target.numRows);
        double[] error = new double[blocks];
        double[] reference = new double[blocks];
        for (int bin = 0; bin < target.numRows; bin++) {
            double y = 0;
            double f = 0;
            for (int a = 0; a < n; a++) {
                y += target.data[bin * n + a];
                f += prediction.mean().data[bin * n + a];
            }
            int b = Blocks.of(bin, blocks);
            error[b] += (y - f) * (y - f) - prediction.populationBias(bin);
            reference[b] += (y - rate) * (y - rate);
        }
        return Blocks.oneMinusRatio(error, reference);
    }
}
