package org.spikecast.counts.internal;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.train.Scaling;

/**
 * The scores of a prediction.
 *
 * @param mse mean squared error over all bins and neurons
 * @param explainedVariance EV = 1 - MSE / MSE of each neuron's mean rate, both pooled over bins and neurons: 0 for the
 *     mean rate, 1 for a perfect prediction, negative for a worse one than the mean rate; NaN where the mean rate has
 *     no error but rounding
 * @param standardError of the explained variance, from the differences between blocks of {@value #BLOCK_BINS} bins; NaN
 *     with fewer than two blocks
 * @param perNeuron the explained variance of each neuron; NaN where its mean rate has no error but rounding
 * @param blockError the sum of squared errors of each block
 * @param blockReference that of the mean rate
 * @param spikes more scores, where values are counts; otherwise null
 */
public record Score(
        double mse,
        double explainedVariance,
        double standardError,
        double[] perNeuron,
        double[] blockError,
        double[] blockReference,
        SpikeScores spikes) {
    /** Bins of one block for the standard error: long compared with the correlation time, a few tens of ms. */
    public static final int BLOCK_BINS = Blocks.BINS;

    /**
     * Scores expected values.
     *
     * @param target bins x neurons
     * @param forecast bins x neurons. For logarithms, all forecasts are clipped at 1e-4 if one of them is not positive
     * @param meanRate each neuron's mean value before the test part
     */
    public static Score of(DMatrixRMaj target, DMatrixRMaj forecast, double[] meanRate) {
        boolean zeroOrOne = true;
        for (int j = 0; j < target.getNumElements(); j++) {
            zeroOrOne &= target.data[j] <= 1;
        }
        return of(target, Prediction.of(forecast, zeroOrOne), meanRate);
    }

    /** Scores a prediction. */
    static Score of(DMatrixRMaj target, Prediction prediction, double[] meanRate) {
        DMatrixRMaj forecast = prediction.mean();
        int bins = target.numRows;
        int neurons = target.numCols;
        if (forecast.numRows != bins || forecast.numCols != neurons || meanRate.length != neurons) {
            throw new IllegalArgumentException("A prediction of " + bins + " x " + neurons + " expected, got "
                    + forecast.numRows + " x " + forecast.numCols);
        }
        int blocks = Blocks.count(bins);
        double[] blockError = new double[blocks];
        double[] blockReference = new double[blocks];
        double[] neuronError = new double[neurons];
        double[] neuronReference = new double[neurons];
        double[] rounding = new double[neurons];
        for (int bin = 0; bin < bins; bin++) {
            int block = Blocks.of(bin, blocks);
            for (int a = 0; a < neurons; a++) {
                int j = bin * neurons + a;
                double e = square(target.data[j] - forecast.data[j]) - prediction.bias(j);
                double r = square(target.data[j] - meanRate[a]);
                blockError[block] += e;
                blockReference[block] += r;
                neuronError[a] += e;
                neuronReference[a] += r;
                rounding[a] = Math.max(rounding[a], square(Scaling.ROUNDING * target.data[j]));
            }
        }
        double error = Blocks.sum(blockError);
        double reference = Blocks.sum(blockReference);
        double[] perNeuron = new double[neurons];
        boolean constant = true;
        for (int a = 0; a < neurons; a++) {
            constant &= neuronReference[a] <= bins * rounding[a];
            perNeuron[a] =
                    neuronReference[a] <= bins * rounding[a] ? Double.NaN : 1 - neuronError[a] / neuronReference[a];
        }
        return new Score(
                error / ((double) bins * neurons),
                constant ? Double.NaN : 1 - error / reference,
                constant ? Double.NaN : Blocks.ratio(blockError, blockReference).standardError(),
                perNeuron,
                blockError,
                blockReference,
                spikes(target, prediction, meanRate));
    }

    private static SpikeScores spikes(DMatrixRMaj target, Prediction prediction, double[] meanRate) {
        double highest = 0;
        for (int j = 0; j < target.getNumElements(); j++) {
            if (target.data[j] < 0 || target.data[j] != Math.rint(target.data[j])) {
                return null;
            }
            highest = Math.max(highest, target.data[j]);
        }
        return SpikeScores.of(target, prediction, meanRate, highest > 1 ? Likelihood.POISSON : Likelihood.BERNOULLI);
    }

    /** The difference of this explained variance and another one of the same test part; common errors cancel. */
    public Estimate above(Score other) {
        double[] difference = new double[blockError.length];
        Arrays.setAll(difference, b -> other.blockError[b] - blockError[b]);
        return Blocks.ratio(difference, blockReference);
    }

    private static double square(double x) {
        return x * x;
    }
}
