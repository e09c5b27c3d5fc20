package org.spikecast.data;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.PackedMatrix;

/**
 * Linear regression from a window to the bin after it, with a penalty on the weights (ridge): W minimises the mean over
 * windows of |y - W' x|^2 + penalty |W|^2, where x is the window's features and a constant 1, which is not penalised. On
 * the sequences of {@link Form#FULL} it is the ridge baseline, on those of {@link Form#SHARED} the shared linear one.
 */
final class LinearForecaster {
    private static final double[] PENALTIES = {1e-4, 1e-3, 1e-2, 1e-1, 1, 10};

    private final Kernel kernel;
    private final int window;
    private final Sequences sequences;
    private final Scaling outputs;

    /** P: the features of one window and the constant. */
    private final int p;

    /** Mean of x x', P x P. */
    private final DMatrixRMaj features;

    /** Mean of x y', P x O. */
    private final DMatrixRMaj targets;

    /** Collects what a fit to the bins before {@code endBin} needs. */
    private LinearForecaster(Kernel kernel, Sequences raw, int window, int endBin) {
        this.kernel = kernel;
        this.window = window;
        outputs = Scaling.centred(raw.targets(), endBin);
        sequences = raw.scaled(Scaling.standard(raw.features(), endBin), outputs);
        p = features(raw, window);
        features = new DMatrixRMaj(p, p);
        targets = new DMatrixRMaj(p, raw.outputs());
        int bins = endBin - window;
        DMatrixRMaj x1 = new DMatrixRMaj(p, Windows.BATCH);
        DMatrixRMaj y = new DMatrixRMaj(raw.outputs(), Windows.BATCH);
        Windows.forEachBatch(sequences, window, window, endBin, (x, first, used) -> {
            withConstant(x, used, x1);
            for (int column = 0; column < used; column++) {
                int w = first + column;
                sequences.copyTargets(w / bins, window + w % bins, 1, y, column);
            }
            kernel.addOuterProducts(1, Windows.BATCH, p, x1.data, 0, p, x1.data, 0, features.data, 0, null, 0, null);
            kernel.addOuterProducts(
                    1, Windows.BATCH, p, x1.data, 0, y.numRows, y.data, 0, targets.data, 0, null, 0, null);
        });
        divide(features, (double) bins * raw.count());
        divide(targets, (double) bins * raw.count());
    }

    /** How many numbers a regression from this window reads. */
    static int features(Sequences sequences, int window) {
        return window * sequences.inputs() + 1;
    }

    /**
     * Forecasts the test part: takes the penalty that, fitted to the training part, is best on the validation part, then
     * fits both together.
     *
     * @return bins x (S O), on the data's scale
     */
    static DMatrixRMaj forecastTest(Kernel kernel, Sequences raw, Split split, int window) {
        LinearForecaster training = new LinearForecaster(kernel, raw, window, split.trainEnd());
        DMatrixRMaj target = training.sequences.targets(split.validationStart(), split.validationEnd());
        double least = Double.POSITIVE_INFINITY;
        double penalty = PENALTIES[0];
        for (double candidate : PENALTIES) {
            DMatrixRMaj forecast = training.forecast(candidate, split.validationStart(), split.validationEnd());
            double error = 0;
            for (int j = 0; j < forecast.getNumElements(); j++) {
                double d = forecast.data[j] - target.data[j];
                error += d * d;
            }
            if (error < least) {
                least = error;
                penalty = candidate;
            }
        }
        LinearForecaster all = new LinearForecaster(kernel, raw, window, split.validationEnd());
        return all.outputs.invert(all.forecast(penalty, split.testStart(), split.bins()));
    }

    private DMatrixRMaj forecast(double penalty, int firstBin, int endBin) {
        DMatrixRMaj weights = solve(penalty);
        DMatrixRMaj x1 = new DMatrixRMaj(p, Windows.BATCH);
        DMatrixRMaj y = new DMatrixRMaj(weights.numCols, Windows.BATCH);
        PackedMatrix packed = new PackedMatrix(weights.numCols, p);
        packed.packTransposed(weights.data);
        return Windows.forecast(sequences, window, firstBin, endBin, x -> {
            withConstant(x, Windows.BATCH, x1);
            y.zero();
            kernel.multiply(1, packed, Windows.BATCH, x1.data, 0, y.data, 0);
            return y;
        });
    }

    private DMatrixRMaj solve(double penalty) {
        DMatrixRMaj a = features.copy();
        for (int j = 0; j < p - 1; j++) {
            a.add(j, j, penalty);
        }
        LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.symmPosDef(p);
        if (!solver.setA(a)) {
            throw new ArithmeticException("Linear regression: the " + p + " x " + p + " matrix is singular");
        }
        DMatrixRMaj weights = new DMatrixRMaj(p, targets.numCols);
        solver.solve(targets, weights);
        return weights;
    }

    /** Copies the used columns, with a row of ones below; the other columns become zero and so add nothing to sums. */
    private static void withConstant(DMatrixRMaj x, int used, DMatrixRMaj x1) {
        for (int row = 0; row < x1.numRows; row++) {
            for (int column = 0; column < x1.numCols; column++) {
                x1.set(row, column, column >= used ? 0 : row < x.numRows ? x.get(row, column) : 1);
            }
        }
    }

    private static void divide(DMatrixRMaj m, double divisor) {
        for (int j = 0; j < m.getNumElements(); j++) {
            m.data[j] /= divisor;
        }
    }
}
