package org.spikecast.kernel.internal;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;
import org.spikecast.kernel.Kernel;

/**
 * The provider for JVMs that have the module {@code jdk.incubator.vector}. It executes the operations of {@link
 * Kernel}'s plain code and {@link Elementary} in the same order on each lane, and so gives the same bits at any width.
 * It does not override methods that HotSpot vectorises well enough or whose time does not matter.
 */
public final class VectorKernel extends ScalarKernel {
    /** The width in bits: 128, 256 or 512; the CPU's preferred width unless a test sets another. */
    static final VectorSpecies<Double> SPECIES = switch (Integer.getInteger("spikecast.simd.bits", 0)) {
        case 128 -> DoubleVector.SPECIES_128;
        case 256 -> DoubleVector.SPECIES_256;
        case 512 -> DoubleVector.SPECIES_512;
        default -> DoubleVector.SPECIES_PREFERRED;
    };

    @Override
    public String description() {
        return "SIMD, " + SPECIES.vectorBitSize() + " bits";
    }

    @Override
    void affine(int first, int end, PackedMatrix w, double[] a, double[] b, MatrixView x, MatrixView h, MatrixView y) {
        VectorProducts.affine(first, end, w, a, b, x, h, y);
    }

    @Override
    void multiply(int first, int end, PackedMatrix a, MatrixView x, MatrixView y) {
        VectorProducts.multiply(first, end, a, x, y);
    }

    @Override
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
        VectorProducts.outerProducts(add, first, end, blocks, y, x, a, h, b, r, q);
    }

    @Override
    void lstmStep(
            int first, int end, MatrixView gates, MatrixView cLast, MatrixView c, MatrixView slopes, MatrixView h) {
        VectorLstmStep.forward(first, end, gates, cLast, c, slopes, h);
    }

    @Override
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
        VectorLstmStep.backward(first, end, gates, cLast, slopes, h, dh, dc, dz);
    }

    @Override
    public void sigma(MatrixView x) {
        VectorElementary.sigma(x);
    }

    @Override
    public void tanh(MatrixView x) {
        VectorElementary.tanh(x);
    }

    @Override
    void gruStep(int first, int end, MatrixView gates, MatrixView q, MatrixView hLast, MatrixView h) {
        VectorGruStep.forward(first, end, gates, q, hLast, h);
    }

    @Override
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
        VectorGruStep.backward(first, end, gates, q, hLast, dh, dhLast, da, dq);
    }

    @Override
    public void sigmoids(int rows, int n, double[] slope, double[] offset, double[] x, int xOffset, double[] y) {
        VectorElementary.sigmoids(rows, n, slope, offset, x, xOffset, y);
    }

    @Override
    public void ca1Derivative(int n, Ca1Constants p, double[] current, double[] s, double[] y, double[] dy) {
        VectorCa1Derivative.derivative(n, p, current, s, y, dy);
    }
}
