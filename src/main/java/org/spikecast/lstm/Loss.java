package org.spikecast.lstm;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.Kernel;

/** What training makes small: one number from an output and its target, and the gradient that starts the way back. */
public interface Loss {
    /**
     * Evaluates the loss.
     *
     * @param output what the network put out
     * @param target what it should have put out, of the same shape
     * @param dOutput receives the gradient with respect to the output, of the same shape
     */
    double evaluate(Kernel kernel, DMatrixRMaj output, DMatrixRMaj target, DMatrixRMaj dOutput);

    /** The mean of (output - target)^2 over all elements, as PyTorch's MSELoss. */
    Loss MEAN_SQUARED_ERROR = (kernel, output, target, dOutput) -> {
        LstmTape.requireShape("target", target, output.numRows, output.numCols);
        LstmTape.requireShape("output's gradient", dOutput, output.numRows, output.numCols);
        int n = output.getNumElements();
        double[] d = dOutput.data;
        for (int j = 0; j < n; j++) {
            d[j] = output.data[j] - target.data[j];
        }
        double loss = kernel.sumOfSquares(n, d) / n;
        double scale = 2.0 / n;
        for (int j = 0; j < n; j++) {
            d[j] *= scale;
        }
        return loss;
    };
}
