package org.spikecast.train.internal;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.Kernel;
import org.spikecast.train.LossFunction;

/** l(y, t) = (y - t)^2, as PyTorch's MSELoss: targets are real numbers, scaled to mean 0. */
public final class MeanSquaredError extends LossFunction {
    @Override
    public String label() {
        return "mse";
    }

    @Override
    public String title() {
        return "mean squared error";
    }

    @Override
    protected double value(double output, double target) {
        double error = output - target;
        return error * error;
    }

    @Override
    protected double slope(double output, double target) {
        return 2 * (output - target);
    }

    @Override
    protected double curvature(double output, double target) {
        return 2;
    }

    /** By the product rule. */
    @Override
    protected double dual(double output, double change, double target) {
        double error = output - target;
        return error * change + change * error;
    }

    /** The same, with the kernel's sum of squares. */
    @Override
    public double evaluate(Kernel kernel, DMatrixRMaj output, DMatrixRMaj target, DMatrixRMaj dOutput) {
        requireShapes(output, target, dOutput);
        int n = output.getNumElements();
        double[] d = dOutput.data;
        for (int j = 0; j < n; j++) {
            d[j] = output.data[j] - target.data[j];
        }
        double loss = kernel.sumOfSquares(n, d) / n; // (1)
        double scale = 2.0 / n;
        for (int j = 0; j < n; j++) {
            d[j] *= scale; // (2)
        }
        return loss;
    }

    @Override
    public String axis() {
        return "MSE / variance of the targets";
    }

    @Override
    public String caption() {
        return "Mean squared error on the network's scale, where predicting the mean gives about 1.";
    }
}
