package org.spikecast.train.internal;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkState;

/**
 * A part of a batch whose forward pass, loss and backward pass one thread computes at once. Its activations stay in
 * the processor's caches, which those of a large batch exceed: this class serves speed only.
 */
final class MicroBatch {
    /** Bounds of the number of sequences. Between them it is half the batch, so that a second thread has work. */
    private static final int NARROW = 16;

    private static final int WIDE = 64;

    /** From this number of parameters on, reading the weights once more for each micro-batch costs more than it gains. */
    private static final int MANY_PARAMETERS = 200_000;

    /** Sequences that are written side by side: as many as a cache line holds. */
    private static final int TOGETHER = 8;

    private final Pass pass;

    /**
     * Buffers for sequences, one column each: each element of a column among many is in a cache line of its own, which
     * is slow to write.
     */
    private final DMatrixRMaj[] x = new DMatrixRMaj[TOGETHER];

    private final DMatrixRMaj[] y = new DMatrixRMaj[TOGETHER];

    /** Its loss, times its fraction of the batch. */
    double loss;

    /** The gradient of a micro-batch that is not the first; null where it is the whole batch. */
    NetworkParameters gradient;

    MicroBatch(Pass pass) {
        this.pass = pass;
        for (int k = 0; k < TOGETHER; k++) {
            x[k] = new DMatrixRMaj(pass.x().numRows, 1);
            y[k] = new DMatrixRMaj(pass.y().numRows, 1);
        }
    }

    /** The number of sequences of a micro-batch. */
    static int width(int batch, int parameters) {
        boolean many = parameters >= MANY_PARAMETERS;
        return Math.min(batch, many ? WIDE : Math.max(NARROW, Math.min(WIDE, batch / 2)));
    }

    boolean goesDownToInput() {
        return pass.goesDownToInput();
    }

    /**
     * Loss and gradient of the sequences of the batch from {@code start} on, each times their fraction of the batch.
     */
    void evaluate(
            BatchGradient.Source source,
            int start,
            int batch,
            NetworkState state,
            NetworkParameters parameters,
            NetworkParameters to) {
        int columns = pass.x().numCols;
        for (int column = 0; column < columns; column += TOGETHER) {
            int together = Math.min(TOGETHER, columns - column);
            for (int k = 0; k < together; k++) {
                source.copy(start + column + k, x[k], y[k], 0);
                if (state != null && source.beginsAnew(start + column + k)) {
                    state.setZero(column + k);
                }
            }
            putSideBySide(x, together, pass.x(), column);
            putSideBySide(y, together, pass.y(), column);
        }
        loss = pass.evaluate(parameters, state, (double) columns / batch, to);
    }

    /** Columns of one matrix as columns of another. */
    private static void putSideBySide(DMatrixRMaj[] from, int count, DMatrixRMaj to, int column) {
        int rows = to.numRows;
        if (count < TOGETHER) {
            for (int k = 0; k < count; k++) {
                for (int j = 0; j < rows; j++) {
                    to.data[j * to.numCols + column + k] = from[k].data[j];
                }
            }
            return;
        }
        double[] x0 = from[0].data;
        double[] x1 = from[1].data;
        double[] x2 = from[2].data;
        double[] x3 = from[3].data;
        double[] x4 = from[4].data;
        double[] x5 = from[5].data;
        double[] x6 = from[6].data;
        double[] x7 = from[7].data;
        int at = column;
        for (int j = 0; j < rows; j++, at += to.numCols) {
            to.data[at] = x0[j];
            to.data[at + 1] = x1[j];
            to.data[at + 2] = x2[j];
            to.data[at + 3] = x3[j];
            to.data[at + 4] = x4[j];
            to.data[at + 5] = x5[j];
            to.data[at + 6] = x6[j];
            to.data[at + 7] = x7[j];
        }
    }
}
