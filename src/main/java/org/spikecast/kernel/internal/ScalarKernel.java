package org.spikecast.kernel.internal;

import org.spikecast.kernel.Kernel;

/**
 * The provider that is always there: products in plain loops, arranged for HotSpot; all else as {@link Kernel} has it.
 */
public class ScalarKernel implements Kernel {
    @Override
    public String description() {
        return "scalar";
    }

    @Override
    public void affine(PackedMatrix w, double[] a, double[] b, MatrixView x, MatrixView h, MatrixView y) {
        ScalarProducts.affine(w, a, b, x, h, y);
    }

    @Override
    public void multiply(PackedMatrix a, MatrixView x, MatrixView y) {
        ScalarProducts.multiply(a, x, y);
    }

    @Override
    public void addOuterProducts(
            int blocks, MatrixView y, MatrixView x, double[] a, MatrixView h, double[] b, double[] r, double[] q) {
        ScalarProducts.addOuterProducts(blocks, y, x, a, h, b, r, q);
    }

    @Override
    public double sumOfSquares(int n, double[] x) {
        return ScalarProducts.sumOfSquares(n, x);
    }
}
