package org.spikecast.counts.internal;

import java.util.function.UnaryOperator;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.run.Progress;

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

    /** Receives windows of a batch whose targets are successive bins of one sequence. */
    @FunctionalInterface
    private interface Run {
        void accept(int sequence, int bin, int windows, int column);
    }

    private static void forEachRun(int firstBin, int endBin, int first, int used, Run run) {
        int bins = endBin - firstBin;
        for (int column = 0; column < used; ) {
            int w = first + column;
            int windows = Math.min(used - column, bins - w % bins);
            run.accept(w / bins, firstBin + w % bins, windows, column);
            column += windows;
        }
    }

    /**
     * Visits the windows whose targets are the bins from {@code firstBin} to {@code endBin} - 1 of every sequence.
     *
     * @param progress polled before each batch
     */
    public static void forEachBatch(
            Sequences sequences, int window, int firstBin, int endBin, Progress progress, Action action) {
        int windows = Math.multiplyExact(endBin - firstBin, sequences.count());
        DMatrixRMaj x = new DMatrixRMaj(window * sequences.inputs(), BATCH);
        for (int first = 0; first < windows; first += BATCH) {
            progress.stopIfInterrupted();
            int used = Math.min(BATCH, windows - first);
            forEachRun(
                    firstBin,
                    endBin,
                    first,
                    used,
                    (sequence, bin, run, column) -> sequences.copyWindows(sequence, bin, window, run, x, column));
            action.accept(x, first, used);
        }
    }

    /** Copies the targets of a batch of these windows. */
    static void copyTargets(Sequences sequences, int firstBin, int endBin, int first, int used, DMatrixRMaj y) {
        forEachRun(
                firstBin,
                endBin,
                first,
                used,
                (sequence, bin, run, column) -> sequences.copyTargetColumns(sequence, bin, run, y, column));
    }

    /**
     * Forecasts the bins from {@code firstBin} to {@code endBin} - 1 of every sequence, each from the window before it.
     *
     * @param progress polled before each batch
     * @param predictor from a batch of windows to O x {@link #BATCH} outputs
     * @return bins x (S O), the outputs of a sequence side by side
     */
    public static DMatrixRMaj forecast(
            Sequences sequences,
            int window,
            int firstBin,
            int endBin,
            Progress progress,
            UnaryOperator<DMatrixRMaj> predictor) {
        int bins = endBin - firstBin;
        int outputs = sequences.outputs();
        DMatrixRMaj forecast = new DMatrixRMaj(bins, sequences.count() * outputs);
        forEachBatch(sequences, window, firstBin, endBin, progress, (x, first, used) -> {
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
