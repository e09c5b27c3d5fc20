package org.spikecast.counts;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;

/**
 * How good a prediction is.
 *
 * @param mse mean squared error over all bins and neurons
 * @param explainedVariance EV = 1 - MSE / MSE of each neuron's mean rate, both pooled over bins and neurons: 0 for the
 *     mean rate, 1 for perfection; negative for less than the mean rate does
 * @param standardError of the explained variance, from the differences between blocks of {@value #BLOCK_BINS} bins; NaN
 *     with fewer than two blocks
 * @param perNeuron the explained variance of each neuron; NaN where its mean rate makes no error
 * @param blockError the sum of squared errors of each block
 * @param blockReference that of the mean rate
 */
public record Score(
        double mse,
        double explainedVariance,
        double standardError,
        double[] perNeuron,
        double[] blockError,
        double[] blockReference) {
    /** Bins of one block for the standard error: long beside the correlation time of a few tens of ms. */
    public static final int BLOCK_BINS = 50;

    /**
     * Scores a prediction.
     *
     * @param target bins x neurons
     * @param prediction bins x neurons
     * @param meanRate each neuron's mean value before the test part
     */
    public static Score of(DMatrixRMaj target, DMatrixRMaj prediction, double[] meanRate) {
        return of(target, prediction, meanRate, null);
    }

    /**
     * Scores a prediction that is itself a mean over random branches.
     *
     * @param bias bins x neurons: the expected square of the prediction's own sampling error, taken off its squared
     *     error; null for none
     */
    static Score of(DMatrixRMaj target, DMatrixRMaj prediction, double[] meanRate, DMatrixRMaj bias) {
        int bins = target.numRows;
        int neurons = target.numCols;
        if (prediction.numRows != bins || prediction.numCols != neurons || meanRate.length != neurons) {
            throw new IllegalArgumentException("A prediction of " + bins + " x " + neurons + " expected, got "
                    + prediction.numRows + " x " + prediction.numCols);
        }
        int blocks = Math.max(1, bins / BLOCK_BINS);
        double[] blockError = new double[blocks];
        double[] blockReference = new double[blocks];
        double[] neuronError = new double[neurons];
        double[] neuronReference = new double[neurons];
        for (int bin = 0; bin < bins; bin++) {
            int block = Math.min(bin / BLOCK_BINS, blocks - 1);
            for (int a = 0; a < neurons; a++) {
                int j = bin * neurons + a;
                double e = square(target.data[j] - prediction.data[j]) - (bias == null ? 0 : bias.data[j]);
                double r = square(target.data[j] - meanRate[a]);
                blockError[block] += e;
                blockReference[block] += r;
                neuronError[a] += e;
                neuronReference[a] += r;
            }
        }
        double error = sum(blockError);
        double reference = sum(blockReference);
        double[] perNeuron = new double[neurons];
        for (int a = 0; a < neurons; a++) {
            perNeuron[a] = neuronReference[a] == 0 ? Double.NaN : 1 - neuronError[a] / neuronReference[a];
        }
        return new Score(
                error / ((double) bins * neurons),
                reference == 0 ? Double.NaN : 1 - error / reference,
                standardErrorOfRatio(blockError, blockReference),
                perNeuron,
                blockError,
                blockReference);
    }

    /** By how much this explained variance is above another one of the same test part; errors that both make cancel. */
    public Estimate above(Score other) {
        double[] difference = new double[blockError.length];
        Arrays.setAll(difference, b -> other.blockError[b] - blockError[b]);
        double reference = sum(blockReference);
        return new Estimate(sum(difference) / reference, standardErrorOfRatio(difference, blockReference));
    }

    /** Of sum(e) / sum(r), blocks being independent, to first order. */
    private static double standardErrorOfRatio(double[] e, double[] r) {
        int blocks = e.length;
        double ratio = sum(e) / sum(r);
        double squares = 0;
        for (int b = 0; b < blocks; b++) {
            squares += square(e[b] - ratio * r[b]);
        }
        return Math.sqrt(squares * blocks / (blocks - 1.0)) / sum(r);
    }

    private static double square(double x) {
        return x * x;
    }

    private static double sum(double[] x) {
        double sum = 0;
        for (double value : x) {
            sum += value;
        }
        return sum;
    }
}
