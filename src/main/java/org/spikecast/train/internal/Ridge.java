package org.spikecast.train.internal;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.internal.MatrixView;
import org.spikecast.kernel.internal.PackedMatrix;

/**
 * Linear regression with a penalty on the weights: W minimises the mean over cases of |y - W' x|^2 + penalty |W|^2, where
 * the last of the P entries of x is a constant 1, which is not penalised. Cases are collected batch by batch.
 */
public final class Ridge {
    private final Kernel kernel;
    private final DMatrixRMaj features;
    private final DMatrixRMaj targets;
    private long cases;

    /**
     * A regression without cases.
     *
     * @param p P
     * @param outputs O
     */
    public Ridge(Kernel kernel, int p, int outputs) {
        this.kernel = kernel;
        features = new DMatrixRMaj(p, p);
        targets = new DMatrixRMaj(p, outputs);
    }

    /**
     * Adds cases.
     *
     * @param x P x B; columns from {@code used} on are zero
     * @param y O x B
     */
    public void add(DMatrixRMaj x, DMatrixRMaj y, int used) {
        int p = features.numRows;
        kernel.outerProducts(true, 1, view(x), view(x), features.data, null);
        kernel.outerProducts(true, 1, view(x), view(y), targets.data, null);
        cases += used;
    }

    /** The weights W, P x O. */
    public DMatrixRMaj weights(double penalty) {
        int p = features.numRows;
        DMatrixRMaj a = mean(features);
        for (int j = 0; j < p - 1; j++) {
            a.add(j, j, penalty);
        }
        LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.symmPosDef(p);
        if (!solver.setA(a)) {
            throw new ArithmeticException("Linear regression: the " + p + " x " + p + " matrix is singular");
        }
        DMatrixRMaj weights = new DMatrixRMaj(p, targets.numCols);
        solver.solve(mean(targets), weights);
        return weights;
    }

    private DMatrixRMaj mean(DMatrixRMaj sum) {
        DMatrixRMaj mean = sum.copy();
        for (int j = 0; j < mean.getNumElements(); j++) {
            mean.data[j] /= cases;
        }
        return mean;
    }

    /** Weights, P x O, as {@link #apply} needs them. */
    public static PackedMatrix packed(DMatrixRMaj weights) {
        PackedMatrix packed = new PackedMatrix(weights.numCols, weights.numRows);
        packed.packTransposed(weights.data);
        return packed;
    }

    /** y = W' x for a batch: x P x B, y O x B. */
    public static void apply(Kernel kernel, PackedMatrix weights, DMatrixRMaj x, DMatrixRMaj y) {
        y.zero();
        kernel.multiply(weights, view(x), view(y));
    }

    private static MatrixView view(DMatrixRMaj matrix) {
        return new MatrixView(matrix.data, matrix.numRows, matrix.numCols);
    }
}
