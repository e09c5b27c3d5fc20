package org.spikecast.counts.internal;

import java.util.function.UnaryOperator;
import org.ejml.data.DMatrixRMaj;

/** Visits the windows of sequences in batches. */
final class Windows {
    /** Windows of a batch. */
    public static final int BATCH = 512;

    private Windows() {}

    /** An operation on one batch of windows. */
    @FunctionalInterface
    public interface Action {
        /**
         * Takes a batch.
         *
         * @param x features, (T I) x {@link #BATCH}, steps stacked by rows; columns from {@code used} on are undefined
         * @param first the number of the first column's window: the target of window w is bin firstBin + w % bins of
         *     sequence w / bins
         * @param used the number of columns that hold windows
         */
        void accept(DMatrixRMaj x, int first, int used);
    }

    /** Visits the windows whose targets are the bins from {@code firstBin} to {@code endBin} - 1 of every sequence. */
    public static void forEachBatch(Sequences sequences, int window, int firstBin, int endBin, Action action) {
        int bins = endBin - firstBin;
        int windows = Math.multiplyExact(bins, sequences.count());
        DMatrixRMaj x = new DMatrixRMaj(window * sequences.inputs(), BATCH);
        for (int first = 0; first < windows; first += BATCH) {
            int used = Math.min(BATCH, windows - first);
            for (int column = 0; column < used; column++) {
                int w = first + column;
                sequences.copyWindow(w / bins, firstBin + w % bins, window, x, column);
            }
            action.accept(x, first, used);
        }
    }

    /**
     * Forecasts the bins from {@code firstBin} to {@code endBin} - 1 of every sequence, each from the window before it.
     *
     * @param predictor from a batch of windows to O x {@link #BATCH} outputs
     * @return bins x (S O), the outputs of a sequence side by side
     */
    public static DMatrixRMaj forecast(
            Sequences sequences, int window, int firstBin, int endBin, UnaryOperator<DMatrixRMaj> predictor) {
        int bins = endBin - firstBin;
        int outputs = sequences.outputs();
        DMatrixRMaj forecast = new DMatrixRMaj(bins, sequences.count() * outputs);
        forEachBatch(sequences, window, firstBin, endBin, (x, first, used) -> {
            DMatrixRMaj y = predictor.apply(x);
            for (int column = 0; column < used; column++) {
                int w = first + column;
                for (int o = 0; o < outputs; o++) {
                    forecast.set(w % bins, w / bins * outputs + o, y.get(o, column));
                }
            }
        });
        return forecast;
    }
}
