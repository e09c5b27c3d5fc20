package org.spikecast.kernel.internal;

import org.spikecast.kernel.Kernel;

/**
 * The provider that is always available: products in plain loops, arranged for HotSpot; all else as in {@link Kernel}.
 *
 * <p>The operations that dominate training have a second form, for a range of rows of a product or of elements of a
 * step, for the threads of a {@link TeamKernel}. Rows begin at a multiple of {@link PackedMatrix#PANEL}, and end at
 * one or with the matrix. Since each number of a result depends on its own row only, any division gives the same bits.
 */
public class ScalarKernel implements Kernel {
    @Override
    public String description() {
        return "scalar";
    }

    @Override
    public Kernel onTeam(Team team) {
        return team.size() == 1 ? this : new TeamKernel(this, team);
    }

    @Override
    public void affine(PackedMatrix w, double[] a, double[] b, MatrixView x, MatrixView h, MatrixView y) {
        affine(0, w.rows(), w, a, b, x, h, y);
    }

    void affine(int first, int end, PackedMatrix w, double[] a, double[] b, MatrixView x, MatrixView h, MatrixView y) {
        ScalarProducts.affine(first, end, w, a, b, x, h, y);
    }

    @Override
    public void multiply(PackedMatrix a, MatrixView x, MatrixView y) {
        multiply(0, a.rows(), a, x, y);
    }

    /** The rows are those of A, and of each Y_s. */
    void multiply(int first, int end, PackedMatrix a, MatrixView x, MatrixView y) {
        ScalarProducts.multiply(first, end, a, x, y);
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
        outerProducts(add, 0, y.rows() / blocks, blocks, y, x, a, h, b, r, q);
    }

    /** The rows are those of A, B, r and q. */
    void outerProducts(
            boolean add,
            int first,
            int end,
            int blocks,
            MatrixView y,
            MatrixView x,
            double[] a,
            MatrixView h,
            double[] b,
            double[] r,
            double[] q) {
        ScalarProducts.outerProducts(add, first, end, blocks, y, x, a, h, b, r, q);
    }

    @Override
    public void lstmStep(MatrixView gates, MatrixView cLast, MatrixView c, MatrixView slopes, MatrixView h) {
        lstmStep(0, h.size(), gates, cLast, c, slopes, h);
    }

    void lstmStep(
            int first, int end, MatrixView gates, MatrixView cLast, MatrixView c, MatrixView slopes, MatrixView h) {
        LstmStep.forward(first, end, gates, cLast, c, slopes, h);
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
        lstmStepBackward(0, dh.size(), gates, cLast, slopes, h, dh, dc, dz);
    }

    void lstmStepBackward(
            int first,
            int end,
            MatrixView gates,
            MatrixView cLast,
            MatrixView slopes,
            MatrixView h,
            MatrixView dh,
            MatrixView dc,
            MatrixView dz) {
        LstmStep.backward(first, end, gates, cLast, slopes, h, dh, dc, dz);
    }

    @Override
    public void gruStep(MatrixView gates, MatrixView q, MatrixView hLast, MatrixView h) {
        gruStep(0, h.size(), gates, q, hLast, h);
    }

    void gruStep(int first, int end, MatrixView gates, MatrixView q, MatrixView hLast, MatrixView h) {
        GruStep.forward(first, end, gates, q, hLast, h);
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
        gruStepBackward(0, dh.size(), gates, q, hLast, dh, dhLast, da, dq);
    }

    void gruStepBackward(
            int first,
            int end,
            MatrixView gates,
            MatrixView q,
            MatrixView hLast,
            MatrixView dh,
            MatrixView dhLast,
            MatrixView da,
            MatrixView dq) {
        GruStep.backward(first, end, gates, q, hLast, dh, dhLast, da, dq);
    }

    @Override
    public double sumOfSquares(int n, double[] x) {
        return ScalarProducts.sumOfSquares(n, x);
    }
}
