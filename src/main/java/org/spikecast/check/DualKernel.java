package org.spikecast.check;

import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.internal.Ca1Constants;
import org.spikecast.kernel.internal.Elementary;
import org.spikecast.kernel.internal.MatrixView;
import org.spikecast.kernel.internal.PackedMatrix;
import org.spikecast.kernel.internal.Tail;
import org.spikecast.params.ParameterSet;

/**
 * A kernel in dual numbers: the very same {@code Network.forward} and {@code Network.backward}, run on it, give their
 * values and the derivatives along one direction, exact up to rounding. A matrix of a batch has twice as many columns:
 * the first half are values, the second half derivatives. A dual number (v, d) stands for v + d e with e^2 = 0, so
 * that
 *
 * <pre>
 *   (u, p) + (v, q) = (u + v, p + q)    (u, p) (v, q) = (u v, u q + p v)    exp (u, p) = (exp u, p exp u)
 *   (u, p) / (v, q) = (u / v, (p v - u q) / v^2)
 * </pre>
 *
 * <p>The left factors of products are parameters; their derivatives are the direction, looked up by array.
 */
final class DualKernel implements Kernel {
    private final Map<double[], double[]> direction = new IdentityHashMap<>();

    /** By the array into which a backward pass accumulates, the array of its derivative. */
    private final Map<double[], double[]> gradientDerivative = new IdentityHashMap<>();

    /** Columns of values in a batch. */
    private final int batch;

    /** Steps of all layers taken since the last {@link #disturb}. */
    private int steps;

    private int disturbedStep = -1;
    private int disturbedElement;

    /**
     * A kernel for a batch.
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
     * Names the arrays that receive the derivatives of what the backward pass accumulates.
     *
     * @param gradient the set that the backward pass is given
     * @param derivative of the same names and shapes; receives the gradient's derivative along the direction
     */
    void accumulate(ParameterSet gradient, ParameterSet derivative) {
        for (int b = 0; b < gradient.blocks().size(); b++) {
            gradientDerivative.put(
                    gradient.blocks().get(b).data(), derivative.blocks().get(b).data());
        }
    }

    /**
     * Adds z itself to the direction: derivative 1 of one element of z in one step.
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
    public void affine(PackedMatrix w, double[] a, double[] b, MatrixView x, MatrixView h, MatrixView y) {
        int columns = y.columns();
        double[] da = direction.get(a);
        double[] db = b == null ? null : direction.get(b);
        for (int i = 0; i < y.rows(); i++) {
            int from = y.offset() + i * columns;
            int row = i % w.rows();
            Arrays.fill(y.data(), from, from + batch, b == null ? a[row] : a[row] + b[row]);
            Arrays.fill(y.data(), from + batch, from + columns, b == null ? da[row] : da[row] + db[row]);
        }
        addProduct(w, 0, x, direction.get(w.source()), y);
        if (h != null) {
            addProduct(w, x.rows(), h, direction.get(w.rightSource()), y);
        }
    }

    /** Y += W X, for stacks too, of W only the columns from first on, as many as X has rows; d are the derivatives of these. */
    private void addProduct(PackedMatrix w, int first, MatrixView xs, double[] d, MatrixView ys) {
        double[] x = xs.data();
        double[] y = ys.data();
        int columns = ys.columns();
        int inner = xs.rows() / (ys.rows() / w.rows());
        for (int i = 0; i < ys.rows(); i++) {
            int to = ys.offset() + i * columns;
            int row = i % w.rows();
            for (int p = 0; p < inner; p++) {
                int from = xs.offset() + (i / w.rows() * inner + p) * columns;
                double u = w.data()[w.at(row, first + p)];
                for (int j = 0; j < columns; j++) {
                    y[to + j] = Math.fma(u, x[from + j], y[to + j]); // (u v, u q)
                }
                double du = d[row * inner + p];
                if (du != 0) {
                    for (int j = 0; j < batch; j++) {
                        y[to + batch + j] += du * x[from + j]; // p v
                    }
                }
            }
        }
    }

    @Override
    public void lstmStep(MatrixView gates, MatrixView cLast, MatrixView c, MatrixView slopes, MatrixView h) {
        double[] z = gates.data(), cl = cLast.data(), ct = c.data(), sl = slopes.data(), ht = h.data();
        int n = h.size();
        int zi = gates.offset(), zf = zi + n, zg = zf + n, zo = zg + n;
        int cl0 = cLast.offset(), c0 = c.offset(), sg = slopes.offset(), sc = sg + n, h0 = h.offset();
        countStep(gates);
        for (int j = 0; j < n; j++) {
            if (j / batch % 2 == 0) {
                Dual i = tail(at(z, zi + j));
                Dual f = tail(at(z, zf + j));
                Dual g = tanh(at(z, zg + j), sl, sg + j);
                Dual o = tail(at(z, zo + j));
                Dual cj = f.sigma().times(at(cl, cl0 + j)).plus(i.sigma().times(g));
                put(z, zi + j, i);
                put(z, zf + j, f);
                put(z, zg + j, g);
                put(z, zo + j, o);
                put(ct, c0 + j, cj);
                put(ht, h0 + j, o.sigma().times(tanh(cj, sl, sc + j)));
            }
        }
    }

    @Override
    public void gruStep(MatrixView gates, MatrixView q, MatrixView hLast, MatrixView h) {
        double[] a = gates.data(), qt = q.data(), hl = hLast.data(), ht = h.data();
        int size = h.size();
        int ar = gates.offset(), az = ar + size, an = az + size;
        int qr = q.offset(), qz = qr + size, qn = qz + size;
        int hl0 = hLast.offset(), h0 = h.offset();
        countStep(gates);
        for (int j = 0; j < size; j++) {
            if (j / batch % 2 == 0) {
                Dual r = tail(at(a, ar + j).plus(at(qt, qr + j)));
                Dual z = tail(at(a, az + j).plus(at(qt, qz + j)));
                Dual n = tanh(r.sigma().times(at(qt, qn + j)).plus(at(a, an + j)), qt, qr + j);
                put(a, ar + j, r);
                put(a, az + j, z);
                put(a, an + j, n);
                put(ht, h0 + j, z.sigma().times(at(hl, hl0 + j).minus(n)).plus(n));
            }
        }
    }

    @Override
    public void rnnStep(MatrixView z, MatrixView h) {
        countStep(z);
        for (int v = 0; v < h.size(); v++) {
            if (v / batch % 2 == 0) {
                put(h.data(), h.offset() + v, tanh(at(z.data(), z.offset() + v)));
            }
        }
    }

    /**
     * Counts a step of a layer; in the disturbed one the pre-activation gets its derivative.
     */
    private void countStep(MatrixView gates) {
        if (steps == disturbedStep) {
            int row = disturbedElement / batch;
            gates.data()[gates.offset() + row * 2 * batch + batch + disturbedElement % batch] += 1;
        }
        steps++;
    }

    /** The tail of sigma(z), whose slope is e / (1 + e)^2 with e = exp(-|z|); the tail falls as sigma rises. */
    private static Dual tail(Dual z) {
        double e = Elementary.exp(-Math.abs(z.v));
        return new Dual(Tail.of(z.v), -z.d * e / ((1 + e) * (1 + e)));
    }

    /** tanh(x), whose slope is 4 e / (1 + e)^2 with e = exp(-2 |x|). */
    private static Dual tanh(Dual x) {
        return new Dual(Elementary.tanh(x.v), x.d * tanhSlope(x.v));
    }

    /** The same; slopes receives the slope, whose own derivative is -2 tanh(x) times it. */
    private Dual tanh(Dual x, double[] slopes, int index) {
        Dual tanh = tanh(x);
        put(slopes, index, new Dual(tanhSlope(x.v), -2 * tanh.v * tanh.d));
        return tanh;
    }

    private static double tanhSlope(double x) {
        double e = Elementary.exp(-2 * Math.abs(x));
        return 4 * e / ((1 + e) * (1 + e));
    }

    @Override
    public void multiply(PackedMatrix a, MatrixView xs, MatrixView ys) {
        double[] x = xs.data();
        double[] y = ys.data();
        double[] d = direction.get(a.source());
        int columns = ys.columns();
        int blocks = xs.rows() / a.inner();
        for (int s = 0; s < blocks; s++) {
            for (int i = 0; i < a.rows(); i++) {
                int to = ys.offset() + (s * a.rows() + i) * columns;
                for (int p = 0; p < a.inner(); p++) {
                    int from = xs.offset() + (s * a.inner() + p) * columns;
                    double u = a.data()[a.at(i, p)];
                    double du = d[a.isTransposed() ? p * a.rows() + i : i * a.inner() + p];
                    for (int j = 0; j < batch; j++) {
                        y[to + j] = Math.fma(u, x[from + j], y[to + j]); // u v
                        y[to + batch + j] += u * x[from + batch + j] + du * x[from + j]; // u q + p v
                    }
                }
            }
        }
    }

    @Override
    public void outerProducts(
            boolean add,
            int blocks,
            MatrixView y,
            MatrixView x,
            double[] a,
            MatrixView h,
            double[] b,
            double[] r,
            double[] q) {
        outerProducts(add, blocks, y, x, a);
        if (h != null) {
            outerProducts(add, blocks, y, h, b);
        }
        for (double[] sums : new double[][] {r, q}) {
            if (sums != null) {
                rowSums(add, blocks, y, sums);
            }
        }
    }

    private void outerProducts(boolean add, int blocks, MatrixView ys, MatrixView xs, double[] a) {
        double[] y = ys.data();
        double[] x = xs.data();
        double[] da = gradientDerivative.get(a);
        int columns = ys.columns();
        int rows = ys.rows() / blocks;
        int inner = xs.rows() / blocks;
        if (!add) {
            Arrays.fill(a, 0, rows * inner, 0);
            Arrays.fill(da, 0, rows * inner, 0);
        }
        for (int s = 0; s < blocks; s++) {
            for (int i = 0; i < rows; i++) {
                int left = ys.offset() + (s * rows + i) * columns;
                for (int p = 0; p < inner; p++) {
                    int right = xs.offset() + (s * inner + p) * columns;
                    for (int j = 0; j < batch; j++) {
                        int yd = left + batch + j;
                        int xd = right + batch + j;
                        a[i * inner + p] += y[left + j] * x[right + j]; // u v
                        da[i * inner + p] += y[left + j] * x[xd] + y[yd] * x[right + j]; // u q + p v
                    }
                }
            }
        }
    }

    private void rowSums(boolean add, int blocks, MatrixView ys, double[] sums) {
        double[] derivatives = gradientDerivative.get(sums);
        int columns = ys.columns();
        int rows = ys.rows() / blocks;
        if (!add) {
            Arrays.fill(sums, 0, rows, 0);
            Arrays.fill(derivatives, 0, rows, 0);
        }
        for (int row = 0; row < blocks * rows; row++) {
            for (int j = 0; j < batch; j++) {
                sums[row % rows] += ys.data()[ys.offset() + row * columns + j];
                derivatives[row % rows] += ys.data()[ys.offset() + row * columns + batch + j];
            }
        }
    }

    @Override
    public void lstmStepBackward(
            MatrixView gates,
            MatrixView cLast,
            MatrixView slopes,
            MatrixView h,
            MatrixView dH,
            MatrixView dC,
            MatrixView dZ) {
        double[] z = gates.data(), cl = cLast.data(), sl = slopes.data(), ht = h.data();
        double[] dh = dH.data(), dc = dC.data(), dz = dZ.data();
        int n = dH.size();
        for (int j = 0; j < n; j++) {
            if (j / batch % 2 == 0) {
                Dual i = at(z, gates.offset() + j);
                Dual f = at(z, gates.offset() + n + j);
                Dual g = at(z, gates.offset() + 2 * n + j);
                Dual o = at(z, gates.offset() + 3 * n + j);
                Dual c = at(cl, cLast.offset() + j);
                Dual slopeOfG = at(sl, slopes.offset() + j);
                Dual slopeOfC = at(sl, slopes.offset() + n + j);
                Dual dhj = at(dh, dH.offset() + j);
                Dual dcj = dhj.times(o.sigma()).times(slopeOfC).plus(at(dc, dC.offset() + j)); // (9)
                put(
                        dz,
                        dZ.offset() + 3 * n + j,
                        dhj.times(at(ht, h.offset() + j)).times(o.complement())); // (10)
                put(dz, dZ.offset() + j, dcj.times(g).times(i.sigmaSlope())); // (11)
                put(dz, dZ.offset() + n + j, dcj.times(c).times(f.sigmaSlope())); // (12)
                put(dz, dZ.offset() + 2 * n + j, dcj.times(i.sigma()).times(slopeOfG)); // (13)
                put(dc, dC.offset() + j, dcj.times(f.sigma())); // (9), for the step before
            }
        }
    }

    /** A dual number (v, d). */
    private record Dual(double v, double d) {
        private Dual plus(Dual other) {
            return new Dual(v + other.v, d + other.d);
        }

        private Dual minus(Dual other) {
            return new Dual(v - other.v, d - other.d);
        }

        private Dual times(Dual other) {
            return new Dual(v * other.v, v * other.d + d * other.v);
        }

        /** The slope of tanh where its value is this number: 1 - v^2. */
        private Dual tanhSlope() {
            return new Dual(Math.fma(-v, v, 1), -2 * v * d);
        }

        /** sigma, of which this is the tail. */
        private Dual sigma() {
            return new Dual(Tail.sigma(v), -d);
        }

        /** 1 - sigma. */
        private Dual complement() {
            return new Dual(Tail.complement(v), d);
        }

        /** The slope of sigma. */
        private Dual sigmaSlope() {
            return sigma().times(complement());
        }
    }

    private Dual at(double[] array, int index) {
        return new Dual(array[index], array[index + batch]);
    }

    private void put(double[] array, int index, Dual value) {
        array[index] = value.v;
        array[index + batch] = value.d;
    }

    @Override
    public void gruStepBackward(
            MatrixView gates,
            MatrixView q,
            MatrixView hLast,
            MatrixView dH,
            MatrixView dHLast,
            MatrixView dA,
            MatrixView dQ) {
        double[] a = gates.data(), qt = q.data(), hl = hLast.data();
        double[] dh = dH.data(), dl = dHLast.data(), da = dA.data(), dq = dQ.data();
        int size = dH.size();
        for (int j = 0; j < size; j++) {
            if (j / batch % 2 == 0) {
                Dual r = at(a, gates.offset() + j);
                Dual z = at(a, gates.offset() + size + j);
                Dual n = at(a, gates.offset() + 2 * size + j);
                Dual qn = at(qt, q.offset() + 2 * size + j);
                Dual dhj = at(dh, dH.offset() + j);
                Dual dz = dhj.times(at(hl, hLast.offset() + j).minus(n)).times(z.sigmaSlope()); // (10)
                Dual dn = dhj.times(z.complement()).times(at(qt, q.offset() + j)); // (11)
                Dual dr = dn.times(qn).times(r.sigmaSlope()); // (13)
                put(da, dA.offset() + j, dr);
                put(da, dA.offset() + size + j, dz);
                put(da, dA.offset() + 2 * size + j, dn);
                put(dq, dQ.offset() + j, dr);
                put(dq, dQ.offset() + size + j, dz);
                put(dq, dQ.offset() + 2 * size + j, dn.times(r.sigma())); // (12)
                put(dl, dHLast.offset() + j, at(dl, dHLast.offset() + j).plus(dhj.times(z.sigma()))); // (8)
            }
        }
    }

    @Override
    public void rnnStepBackward(MatrixView h, MatrixView dh, MatrixView dz) {
        for (int j = 0; j < dh.size(); j++) {
            if (j / batch % 2 == 0) {
                Dual slope = at(h.data(), h.offset() + j).tanhSlope();
                put(dz.data(), dz.offset() + j, at(dh.data(), dh.offset() + j).times(slope)); // (9)
            }
        }
    }

    @Override
    public double sumOfSquares(int n, double[] x) {
        throw networksOnly();
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
        throw networksOnly();
    }

    @Override
    public void sigmoids(int rows, int n, double[] slope, double[] offset, double[] x, int xOffset, double[] y) {
        throw networksOnly();
    }

    @Override
    public void sigma(MatrixView x) {
        throw networksOnly();
    }

    @Override
    public void tanh(MatrixView x) {
        throw networksOnly();
    }

    @Override
    public void ca1Derivative(int n, Ca1Constants p, double[] current, double[] s, double[] y, double[] dy) {
        throw networksOnly();
    }

    private static IllegalStateException networksOnly() {
        return new IllegalStateException("Dual numbers run a network only");
    }
}
