package org.spikecast.train;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.io.internal.Decimal;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.lstm.Loss;

/**
 * A loss function and what follows from it: the meaning of the output (inverse link), the scale of the targets, the initial
 * bias of the output layer, the possible targets. Losses are means over n elements, with output y and target t of each,
 *
 * <pre>
 *   L = 1/n sum l(y, t)                  (1)
 *   dL/dy = 1/n dl/dy (y, t)             (2)
 * </pre>
 *
 * <p>A further loss is one subclass, and one entry of {@link Losses} if commands and model files are to know it.
 */
public abstract class LossFunction implements Loss {
    /** The name in commands and files. */
    public abstract String label();

    /** The name in text. */
    public abstract String title();

    /** l(y, t), of an element. */
    protected abstract double value(double output, double target);

    /** dl/dy (y, t). */
    protected abstract double slope(double output, double target);

    /** d^2l/dy^2 (y, t). */
    protected abstract double curvature(double output, double target);

    /**
     * The derivative of l(y, t) by the rules of dual numbers, from {@link #value} and not from {@link #slope}: a gradient
     * check compares the two.
     *
     * @param change of the output
     */
    protected abstract double dual(double output, double change, double target);

    /** The inverse link: from an output to the expected value of its target, on the scale of {@link #scaling}. */
    public double inverseLink(double output) {
        return output;
    }

    /**
     * The scale on which targets are learned; by default that of real numbers, with mean 0.
     *
     * @param targets each bins x channels
     * @param bins the first ones, from which the scale is taken
     */
    public Scaling scaling(DMatrixRMaj[] targets, int bins) {
        return Scaling.centred(targets, bins);
    }

    /**
     * The output that forecasts the mean.
     *
     * @param mean of the targets, on the scale of {@link #scaling}
     * @param count the number of targets that the mean is of: without any event in them, events are still possible
     */
    protected double link(double mean, long count) {
        return mean;
    }

    /**
     * The outputs that forecast each channel's mean: where the biases of an output layer begin, beside what is drawn.
     *
     * @param targets each bins x channels, in the data's units
     * @param bins the first ones, of which the mean is taken
     * @param scaling of the targets
     */
    public final double[] initialBias(DMatrixRMaj[] targets, int bins, Scaling scaling) {
        double[] bias = Scaling.mean(targets, bins);
        for (int c = 0; c < bias.length; c++) {
            bias[c] = link(scaling.apply(c, bias[c]), (long) bins * targets.length);
        }
        return bias;
    }

    /** The minimum of l(y, t) over y. The distance of a loss from it measures the fit. */
    public double least(double target) {
        return 0;
    }

    /** Whether a finite number can be a target. */
    public boolean accepts(double target) {
        return true;
    }

    /** The possible targets: the end of a message that begins with "expected targets". */
    protected String expectation() {
        return "that are finite";
    }

    /** The remedy for values that cannot be targets, for a message. */
    protected String remedy() {
        return "leave it out";
    }

    /** A random target, for gradient checks. */
    public double randomTarget(RandomStream stream) {
        return stream.nextGaussian();
    }

    /** The caption of an axis on which losses of the training are drawn. */
    public abstract String axis();

    /** The caption of a figure of these losses: a sentence. */
    public abstract String caption();

    /**
     * Throws, naming value and place, if a number cannot be a target.
     *
     * @param matrix the name of the targets
     */
    public final void requireTargets(DMatrixRMaj targets, String matrix) {
        for (int j = 0; j < targets.getNumElements(); j++) {
            if (!accepts(targets.data[j])) {
                int row = j / targets.numCols + 1;
                throw refusal(targets.data[j], matrix + ", row " + row + ", column " + (j % targets.numCols + 1));
            }
        }
    }

    /** The exception for a number that cannot be a target. */
    public final IllegalArgumentException refusal(double target, String place) {
        return new IllegalArgumentException("Loss " + label() + ": expected targets " + expectation() + ", got "
                + Decimal.shortest(target) + " in " + place + "; " + remedy());
    }

    /** {@inheritDoc} The sum of (1) runs over rows and, within a row, over columns. */
    @Override
    public double evaluate(Kernel kernel, DMatrixRMaj output, DMatrixRMaj target, DMatrixRMaj dOutput) {
        requireShapes(output, target, dOutput);
        requireTargets(target, "the targets");
        int n = output.getNumElements();
        double sum = 0;
        for (int j = 0; j < n; j++) {
            double y = output.data[j];
            double t = target.data[j];
            sum += value(y, t); // (1)
            dOutput.data[j] = slope(y, t) / n; // (2)
        }
        return sum / n;
    }

    protected static void requireShapes(DMatrixRMaj output, DMatrixRMaj target, DMatrixRMaj dOutput) {
        requireShape("target", target, output);
        requireShape("output's gradient", dOutput, output);
    }

    private static void requireShape(String what, DMatrixRMaj matrix, DMatrixRMaj output) {
        if (matrix.numRows != output.numRows || matrix.numCols != output.numCols) {
            throw new IllegalArgumentException("Shape of " + what + ": expected " + output.numRows + " x "
                    + output.numCols + ", got " + matrix.numRows + " x " + matrix.numCols);
        }
    }

    @Override
    public final double derivative(DMatrixRMaj output, DMatrixRMaj target) {
        int batch = target.numCols;
        double sum = 0;
        for (int row = 0; row < target.numRows; row++) {
            for (int b = 0; b < batch; b++) {
                sum += dual(output.get(row, b), output.get(row, batch + b), target.get(row, b));
            }
        }
        return sum / target.getNumElements();
    }

    @Override
    public final boolean dualGradient(DMatrixRMaj output, DMatrixRMaj target, DMatrixRMaj dOutput) {
        int batch = target.numCols;
        int n = target.getNumElements();
        for (int row = 0; row < target.numRows; row++) {
            for (int b = 0; b < batch; b++) {
                double y = output.get(row, b);
                double t = target.get(row, b);
                dOutput.set(row, b, slope(y, t) / n); // (2)
                dOutput.set(row, batch + b, curvature(y, t) * output.get(row, batch + b) / n);
            }
        }
        return true;
    }

    @Override
    public final String toString() {
        return label();
    }
}
