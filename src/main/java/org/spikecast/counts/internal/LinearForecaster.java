package org.spikecast.counts.internal;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.counts.Form;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.internal.PackedMatrix;
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

    /** Accumulates the normal equations over the bins before {@code endBin}. */
    private LinearForecaster(Kernel kernel, Sequences raw, int window, int endBin) {
        this.kernel = kernel;
        this.window = window;
        outputs = Scaling.centred(raw.firstTargets(endBin), endBin);
        sequences = raw.scaled(raw.standard(endBin), outputs);
        p = features(raw.inputs(), window);
        regression = new Ridge(kernel, p, raw.outputs());
        int bins = endBin - window;
        DMatrixRMaj x1 = new DMatrixRMaj(p, Windows.BATCH);
        DMatrixRMaj y = new DMatrixRMaj(raw.outputs(), Windows.BATCH);
        Windows.forEachBatch(sequences, window, window, endBin, (x, first, used) -> {
            withConstant(x, used, x1);
            for (int column = 0; column < used; column++) {
                int w = first + column;
                sequences.copyTargets(w / bins, window + w % bins, 1, y, column);
            }
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
        PackedMatrix weights = Ridge.packed(regression.weights(penalty));
        DMatrixRMaj x1 = new DMatrixRMaj(p, Windows.BATCH);
        DMatrixRMaj y = new DMatrixRMaj(sequences.outputs(), Windows.BATCH);
        return Windows.forecast(sequences, window, firstBin, endBin, x -> {
            withConstant(x, Windows.BATCH, x1);
            Ridge.apply(kernel, weights, x1, y);
            return y;
        });
    }

    /** Copies the used columns, with a row of ones below; the other columns become zero and so add nothing to sums. */
    private static void withConstant(DMatrixRMaj x, int used, DMatrixRMaj x1) {
        for (int row = 0; row < x1.numRows; row++) {
            for (int column = 0; column < x1.numCols; column++) {
                x1.set(row, column, column >= used ? 0 : row < x.numRows ? x.get(row, column) : 1);
            }
        }
    }
}
