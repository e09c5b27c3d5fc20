package org.spikecast.counts.internal;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.spikecast.counts.Form;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.internal.PackedMatrix;
import org.spikecast.run.Progress;
import org.spikecast.train.Scaling;
import org.spikecast.train.internal.Ridge;

/**
 * Linear regression from a window's features, and a constant, to the bin after it, with a penalty on the weights. On the
 * sequences of {@link Form#FULL} it is the ridge baseline, on those of {@link Form#SHARED} the shared linear one.
 */
final class LinearForecaster {
    private static final double[] PENALTIES = {1e-4, 1e-3, 1e-2, 1e-1, 1, 10};

    private final Kernel kernel;
    private final int window;
    private final Sequences sequences;
    private final Scaling outputs;

    /** P: the features of one window and the constant. */
    private final int p;

    private final Ridge regression;
    private final Progress progress;

    /** Accumulates the normal equations over the bins before {@code endBin}. */
    private LinearForecaster(Kernel kernel, Sequences raw, int window, int endBin, Progress progress) {
        this.kernel = kernel;
        this.progress = progress;
        this.window = window;
        outputs = Scaling.centred(raw.firstTargets(endBin), endBin);
        sequences = raw.scaled(raw.standard(endBin), outputs);
        p = features(raw.inputs(), window);
        regression = new Ridge(kernel, p, raw.outputs());
        DMatrixRMaj x1 = new DMatrixRMaj(p, Windows.BATCH);
        DMatrixRMaj y = new DMatrixRMaj(raw.outputs(), Windows.BATCH);
        Windows.forEachBatch(sequences, window, window, endBin, progress, (x, first, used) -> {
            withConstant(x, used, x1);
            Windows.copyTargets(sequences, window, endBin, first, used, y);
            regression.add(x1, y, used);
        });
    }

    /** The number of features of this window, including the constant. */
    static int features(int inputs, int window) {
        return window * inputs + 1;
    }

    /**
     * Forecasts the test part. Fits to the training part are compared on the validation part, which chooses the
     * penalty; the final fit is to both parts.
     *
     * @return bins x (S O), on the data's scale
     */
    static DMatrixRMaj forecastTest(Kernel kernel, Sequences raw, Split split, int window, Progress progress) {
        LinearForecaster training = new LinearForecaster(kernel, raw, window, split.trainEnd(), progress);
        double[] errors = training.errors(split.validationStart(), split.validationEnd());
        int best = 0;
        for (int k = 1; k < errors.length; k++) {
            best = errors[k] < errors[best] ? k : best;
        }
        LinearForecaster all = new LinearForecaster(kernel, raw, window, split.validationEnd(), progress);
        return all.outputs.invert(all.forecast(PENALTIES[best], split.testStart(), split.bins()));
    }

    /** The squared error of the forecasts of some bins under each penalty: one pass, one product for all of them. */
    private double[] errors(int firstBin, int endBin) {
        int outputs = sequences.outputs();
        DMatrixRMaj weights = new DMatrixRMaj(p, PENALTIES.length * outputs);
        for (int k = 0; k < PENALTIES.length; k++) {
            CommonOps_DDRM.insert(regression.weights(PENALTIES[k]), weights, 0, k * outputs);
        }
        PackedMatrix packed = Ridge.packed(weights);
        DMatrixRMaj x1 = new DMatrixRMaj(p, Windows.BATCH);
        DMatrixRMaj y = new DMatrixRMaj(weights.numCols, Windows.BATCH);
        DMatrixRMaj target = new DMatrixRMaj(outputs, Windows.BATCH);
        double[] errors = new double[PENALTIES.length];
        Windows.forEachBatch(sequences, window, firstBin, endBin, progress, (x, first, used) -> {
            withConstant(x, used, x1);
            Ridge.apply(kernel, packed, x1, y);
            Windows.copyTargets(sequences, firstBin, endBin, first, used, target);
            for (int row = 0; row < y.numRows; row++) {
                for (int column = 0; column < used; column++) {
                    double d = y.get(row, column) - target.get(row % outputs, column);
                    errors[row / outputs] += d * d;
                }
            }
        });
        return errors;
    }

    private DMatrixRMaj forecast(double penalty, int firstBin, int endBin) {
        PackedMatrix weights = Ridge.packed(regression.weights(penalty));
        DMatrixRMaj x1 = new DMatrixRMaj(p, Windows.BATCH);
        DMatrixRMaj y = new DMatrixRMaj(sequences.outputs(), Windows.BATCH);
        return Windows.forecast(sequences, window, firstBin, endBin, progress, x -> {
            withConstant(x, Windows.BATCH, x1);
            Ridge.apply(kernel, weights, x1, y);
            return y;
        });
    }

    /** Copies the used columns, with a row of ones below; the other columns become zero and so add nothing to sums. */
    private static void withConstant(DMatrixRMaj x, int used, DMatrixRMaj x1) {
        System.arraycopy(x.data, 0, x1.data, 0, x.getNumElements());
        Arrays.fill(x1.data, x.getNumElements(), x1.getNumElements(), 1);
        for (int row = 0; row < x1.numRows && used < x1.numCols; row++) {
            Arrays.fill(x1.data, row * x1.numCols + used, (row + 1) * x1.numCols, 0);
        }
    }
}
