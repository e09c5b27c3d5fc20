package org.spikecast.check;

import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;
import org.spikecast.kernel.Elementary;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.PackedMatrix;
import org.spikecast.params.ParameterSet;

/**
 * A kernel in dual numbers: the very same {@code Lstm.forward}, run on it, gives beside its values their derivative along
 * one direction, exact up to rounding. A matrix of a batch has twice as many columns: the first half are values, the second
 * half derivatives. A dual number (v, d) stands for v + d e with e^2 = 0, so that
 *
 * <pre>
 *   (u, p) + (v, q) = (u + v, p + q)    (u, p) (v, q) = (u v, u q + p v)    exp (u, p) = (exp u, p exp u)
 *   (u, p) / (v, q) = (u / v, (p v - u q) / v^2)
 * </pre>
 *
 * <p>What the kernel multiplies with are parameters; their derivatives are the direction, looked up by array.
 */
final class DualKernel implements Kernel {
    private final Map<double[], double[]> direction = new IdentityHashMap<>();

    /** Columns of values in a batch. */
    private final int batch;

    /** Steps of all layers taken since the last {@link #disturb}. */
    private int steps;

    private int disturbedStep = -1;
    private int disturbedElement;

    /**
     * A kernel for a batch of so many sequences.
     *
     * @param parameters the parameters of the network
     * @param direction the direction, of the same names and shapes
     */
    DualKernel(int batch, ParameterSet parameters, ParameterSet direction) {
        this.batch = batch;
        for (int b = 0; b < parameters.blocks().size(); b++) {
            this.direction.put(
                    parameters.blocks().get(b).data(), direction.blocks().get(b).data());
        }
    }

    /**
     * Makes the direction one of z itself, beside that of the parameters: derivative 1 of one element of z in one step.
     *
     * @param step counted over the layers' steps in the order they are run in
     * @param element of z: (gate, unit, sequence), row-major
     */
    void disturb(int step, int element) {
        steps = 0;
        disturbedStep = step;
        disturbedElement = element;
    }

    @Override
    public String description() {
        return "dual numbers";
    }

    @Override
    public void affine(
            PackedMatrix w,
            int columns,
            double[] a,
            double[] b,
            int xRows,
            double[] x,
            int xOffset,
            double[] h,
            int hOffset,
            double[] y,
            int yOffset) {
        double[] da = direction.get(a);
        double[] db = b == null ? null : direction.get(b);
        for (int i = 0; i < w.rows(); i++) {
            int row = yOffset + i * columns;
            Arrays.fill(y, row, row + batch, b == null ? a[i] : a[i] + b[i]);
            Arrays.fill(y, row + batch, row + columns, b == null ? da[i] : da[i] + db[i]);
        }
        addProduct(w, 0, xRows, direction.get(w.source()), columns, x, xOffset, y, yOffset);
        if (h != null) {
            addProduct(w, xRows, w.inner(), direction.get(w.rightSource()), columns, h, hOffset, y, yOffset);
        }
    }

    /** Y += W X, of W only the columns from first to end - 1; d are the derivatives of these. */
    private void addProduct(
            PackedMatrix w,
            int first,
            int end,
            double[] d,
            int columns,
            double[] x,
            int xOffset,
            double[] y,
            int yOffset) {
        int inner = end - first;
        for (int i = 0; i < w.rows(); i++) {
            int to = yOffset + i * columns;
            for (int p = 0; p < inner; p++) {
                int from = xOffset + p * columns;
                double u = w.data()[w.at(i, first + p)];
                for (int j = 0; j < columns; j++) {
                    y[to + j] = Math.fma(u, x[from + j], y[to + j]); // (u v, u q)
                }
                double du = d[i * inner + p];
                if (du != 0) {
                    for (int j = 0; j < batch; j++) {
                        y[to + batch + j] += du * x[from + j]; // p v
                    }
                }
            }
        }
    }

    @Override
    public void lstmStep(
            int n,
            double[] gates,
            int gatesOffset,
            double[] cell,
            int previousOffset,
            int cellOffset,
            double[] tanhCell,
            int tanhOffset,
            double[] hidden,
            int hiddenOffset) {
        if (steps == disturbedStep) {
            int row = disturbedElement / batch;
            gates[gatesOffset + row * 2 * batch + batch + disturbedElement % batch] += 1;
        }
        steps++;
        for (int v = 0; v < n; v++) {
            if (v / batch % 2 == 0) {
                int d = v + batch;
                int i = gatesOffset;
                int f = i + n;
                int g = f + n;
                int o = g + n;
                sigma(gates, i + v, i + d);
                sigma(gates, f + v, f + d);
                tanh(gates, g + v, g + d, gates, g + v, g + d);
                sigma(gates, o + v, o + d);
                int last = previousOffset;
                cell[cellOffset + v] = Math.fma(gates[f + v], cell[last + v], gates[i + v] * gates[g + v]);
                cell[cellOffset + d] = gates[f + v] * cell[last + d]
                        + gates[f + d] * cell[last + v]
                        + (gates[i + v] * gates[g + d] + gates[i + d] * gates[g + v]);
                tanh(cell, cellOffset + v, cellOffset + d, tanhCell, tanhOffset + v, tanhOffset + d);
                hidden[hiddenOffset + v] = gates[o + v] * tanhCell[tanhOffset + v];
                hidden[hiddenOffset + d] =
                        gates[o + v] * tanhCell[tanhOffset + d] + gates[o + d] * tanhCell[tanhOffset + v];
            }
        }
    }

    /** sigma(z) = 1 / (1 + e) with e = exp(-z), derived by the rules above; for z < 0 multiplied through by exp(z). */
    private static void sigma(double[] z, int v, int d) {
        double e = Elementary.exp(-Math.abs(z[v]));
        z[v] = Elementary.sigma(z[v]);
        z[d] = z[d] * e / ((1 + e) * (1 + e));
    }

    /** tanh(z) = (1 - e) / (1 + e) with e = exp(-2 z), derived by the rules above; an even derivative. */
    private static void tanh(double[] z, int v, int d, double[] y, int yv, int yd) {
        double e = Elementary.exp(-2 * Math.abs(z[v]));
        double derivative = z[d] * 4 * e / ((1 + e) * (1 + e));
        y[yv] = Elementary.tanh(z[v]);
        y[yd] = derivative;
    }

    @Override
    public void multiply(int blocks, PackedMatrix a, int columns, double[] x, int xOffset, double[] y, int yOffset) {
        throw forwardOnly();
    }

    @Override
    public void addOuterProducts(
            int blocks,
            int columns,
            int rows,
            double[] y,
            int yOffset,
            int xRows,
            double[] x,
            int xOffset,
            double[] a,
            int hRows,
            double[] h,
            int hOffset,
            double[] b,
            double[] r,
            double[] q) {
        throw forwardOnly();
    }

    @Override
    public void lstmStepBackward(
            int n,
            double[] gates,
            int gatesOffset,
            double[] cell,
            int previousOffset,
            double[] tanhCell,
            int tanhOffset,
            double[] dHidden,
            int dHiddenOffset,
            double[] dCell,
            double[] dGates,
            int dGatesOffset) {
        throw forwardOnly();
    }

    @Override
    public double sumOfSquares(int n, double[] x) {
        throw forwardOnly();
    }

    @Override
    public void adamUpdate(
            int n,
            double[] theta,
            double[] gradient,
            double[] m,
            double[] v,
            double beta1,
            double beta2,
            double stepSize,
            double rootCorrection,
            double epsilon,
            double l2,
            double shrink) {
        throw forwardOnly();
    }

    @Override
    public void sigmoids(int rows, int n, double[] slope, double[] offset, double[] x, int xOffset, double[] y) {
        throw forwardOnly();
    }

    @Override
    public void ca1Derivative(int n, double[] p, double[] current, double[] s, double[] y, double[] dy) {
        throw forwardOnly();
    }

    private static IllegalStateException forwardOnly() {
        return new IllegalStateException("Dual numbers run an LSTM forward only");
    }
}
