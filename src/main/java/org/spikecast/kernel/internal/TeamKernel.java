package org.spikecast.kernel.internal;

import org.spikecast.kernel.Kernel;

/**
 * A kernel whose longer operations are divided among the threads of a {@link Team}: products by rows of the result, steps
 * and updates by elements. Each number is computed by one thread, as one thread alone would compute it, so that the
 * number of threads changes no bit. One thread at a time may call.
 */
final class TeamKernel implements Kernel {
    /** The cost of an element in a forward step, a backward step and an update, in multiply-adds of a product. */
    private static final int STEP = 200;

    private static final int STEP_BACK = 150;

    private static final int UPDATE = 30;

    private final ScalarKernel kernel;
    private final Team team;

    private final Team.Task affine = this::affine;
    private final Team.Task multiply = this::multiply;
    private final Team.Task outerProducts = this::outerProducts;
    private final Team.Task lstmStep = this::lstmStep;
    private final Team.Task lstmStepBackward = this::lstmStepBackward;
    private final Team.Task gruStep = this::gruStep;
    private final Team.Task gruStepBackward = this::gruStepBackward;
    private final Team.Task adamUpdate = this::adamUpdate;

    /** The number of rows, or elements, that are divided, and of the parts. */
    private int rows;

    private int parts;

    // The arguments of the current operation, under the names that they have in Kernel: objects that hold them would be
    // allocated anew for each.
    private boolean add;
    private int blocks;
    private PackedMatrix w;
    private double[] a;
    private double[] b;
    private double[] r;
    private double[] q;
    private MatrixView x;
    private MatrixView h;
    private MatrixView y;
    private MatrixView gates;
    private MatrixView last;
    private MatrixView c;
    private MatrixView slopes;
    private MatrixView products;
    private MatrixView dh;
    private MatrixView dLast;
    private MatrixView dz;
    private MatrixView dProducts;
    private double[] theta;
    private double[] gradient;
    private double[] m;
    private double[] v;
    private double beta1;
    private double beta2;
    private double stepSize;
    private double rootCorrection;
    private double epsilon;
    private double l2;
    private double shrink;

    TeamKernel(ScalarKernel kernel, Team team) {
        this.kernel = kernel;
        this.team = team;
    }

    @Override
    public String description() {
        return kernel.description();
    }

    /**
     * Whether an operation is divided; if so, sets rows and parts.
     *
     * @param count rows or elements
     * @param each multiply-adds of a row or an element
     */
    private boolean divides(int count, long each) {
        if (count <= PackedMatrix.PANEL || !team.pays(count * each)) {
            return false;
        }
        rows = count;
        parts = Math.min(team.size(), (count + PackedMatrix.PANEL - 1) / PackedMatrix.PANEL);
        return true;
    }

    private int first(int part) {
        return PackedMatrix.begin(rows, part, parts);
    }

    private int end(int part) {
        return PackedMatrix.begin(rows, part + 1, parts);
    }

    @Override
    public void affine(PackedMatrix w, double[] a, double[] b, MatrixView x, MatrixView h, MatrixView y) {
        long inner = (long) x.rows() + (h == null ? 0 : h.rows()); // of all blocks
        if (!divides(w.rows(), inner * y.columns())) {
            kernel.affine(w, a, b, x, h, y);
            return;
        }
        this.w = w;
        this.a = a;
        this.b = b;
        this.x = x;
        this.h = h;
        this.y = y;
        team.run(parts, affine);
    }

    private void affine(int part) {
        kernel.affine(first(part), end(part), w, a, b, x, h, y);
    }

    @Override
    public void multiply(PackedMatrix a, MatrixView x, MatrixView y) {
        if (!divides(a.rows(), (long) a.inner() * y.size() / a.rows())) {
            kernel.multiply(a, x, y);
            return;
        }
        this.w = a;
        this.x = x;
        this.y = y;
        team.run(parts, multiply);
    }

    private void multiply(int part) {
        kernel.multiply(first(part), end(part), w, x, y);
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
        long columns = (x.rows() + (h == null ? 0 : h.rows())) / blocks;
        if (!divides(y.rows() / blocks, columns * blocks * y.columns())) {
            kernel.outerProducts(add, blocks, y, x, a, h, b, r, q);
            return;
        }
        this.add = add;
        this.blocks = blocks;
        this.y = y;
        this.x = x;
        this.a = a;
        this.h = h;
        this.b = b;
        this.r = r;
        this.q = q;
        team.run(parts, outerProducts);
    }

    private void outerProducts(int part) {
        kernel.outerProducts(add, first(part), end(part), blocks, y, x, a, h, b, r, q);
    }

    @Override
    public void lstmStep(MatrixView gates, MatrixView cLast, MatrixView c, MatrixView slopes, MatrixView h) {
        if (!divides(h.size(), STEP)) {
            kernel.lstmStep(gates, cLast, c, slopes, h);
            return;
        }
        this.gates = gates;
        this.last = cLast;
        this.c = c;
        this.slopes = slopes;
        this.h = h;
        team.run(parts, lstmStep);
    }

    private void lstmStep(int part) {
        kernel.lstmStep(first(part), end(part), gates, last, c, slopes, h);
    }

    @Override
    public void lstmStepBackward(
            MatrixView gates,
            MatrixView cLast,
            MatrixView slopes,
            MatrixView h,
            MatrixView dh,
            MatrixView dc,
            MatrixView dz) {
        if (!divides(dh.size(), STEP_BACK)) {
            kernel.lstmStepBackward(gates, cLast, slopes, h, dh, dc, dz);
            return;
        }
        this.gates = gates;
        this.last = cLast;
        this.slopes = slopes;
        this.h = h;
        this.dh = dh;
        this.dLast = dc;
        this.dz = dz;
        team.run(parts, lstmStepBackward);
    }

    private void lstmStepBackward(int part) {
        kernel.lstmStepBackward(first(part), end(part), gates, last, slopes, h, dh, dLast, dz);
    }

    @Override
    public void gruStep(MatrixView gates, MatrixView q, MatrixView hLast, MatrixView h) {
        if (!divides(h.size(), STEP)) {
            kernel.gruStep(gates, q, hLast, h);
            return;
        }
        this.gates = gates;
        this.products = q;
        this.last = hLast;
        this.h = h;
        team.run(parts, gruStep);
    }

    private void gruStep(int part) {
        kernel.gruStep(first(part), end(part), gates, products, last, h);
    }

    @Override
    public void gruStepBackward(
            MatrixView gates,
            MatrixView q,
            MatrixView hLast,
            MatrixView dh,
            MatrixView dhLast,
            MatrixView da,
            MatrixView dq) {
        if (!divides(dh.size(), STEP_BACK)) {
            kernel.gruStepBackward(gates, q, hLast, dh, dhLast, da, dq);
            return;
        }
        this.gates = gates;
        this.products = q;
        this.last = hLast;
        this.dh = dh;
        this.dLast = dhLast;
        this.dz = da;
        this.dProducts = dq;
        team.run(parts, gruStepBackward);
    }

    private void gruStepBackward(int part) {
        kernel.gruStepBackward(first(part), end(part), gates, products, last, dh, dLast, dz, dProducts);
    }

    @Override
    public double sumOfSquares(int n, double[] x) {
        return kernel.sumOfSquares(n, x);
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
        if (!divides(n, UPDATE)) {
            kernel.adamUpdate(n, theta, gradient, m, v, beta1, beta2, stepSize, rootCorrection, epsilon, l2, shrink);
            return;
        }
        this.theta = theta;
        this.gradient = gradient;
        this.m = m;
        this.v = v;
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.stepSize = stepSize;
        this.rootCorrection = rootCorrection;
        this.epsilon = epsilon;
        this.l2 = l2;
        this.shrink = shrink;
        team.run(parts, adamUpdate);
    }

    private void adamUpdate(int part) {
        AdamUpdate.update(
                first(part),
                end(part),
                theta,
                gradient,
                m,
                v,
                beta1,
                beta2,
                stepSize,
                rootCorrection,
                epsilon,
                l2,
                shrink);
    }

    @Override
    public void sigmoids(int rows, int n, double[] slope, double[] offset, double[] x, int xOffset, double[] y) {
        kernel.sigmoids(rows, n, slope, offset, x, xOffset, y);
    }

    @Override
    public void sigma(MatrixView x) {
        kernel.sigma(x);
    }

    @Override
    public void tanh(MatrixView x) {
        kernel.tanh(x);
    }

    @Override
    public void ca1Derivative(int n, Ca1Constants p, double[] current, double[] s, double[] y, double[] dy) {
        kernel.ca1Derivative(n, p, current, s, y, dy);
    }
}
