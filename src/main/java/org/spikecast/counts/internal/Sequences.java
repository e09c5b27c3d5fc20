package org.spikecast.counts.internal;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.train.Scaling;

/**
 * What a forecaster reads and what it is to say, bin by bin: S sequences of the same length, each with I features and O
 * targets a bin. A window of length T is aimed at the bin after it: features of bins n - T to n - 1, target of bin n.
 *
 * @param features per sequence: bins x I
 * @param targets per sequence: bins x O
 */
public record Sequences(DMatrixRMaj[] features, DMatrixRMaj[] targets) {
    /** S, the number of sequences. */
    public int count() {
        return features.length;
    }

    /** The number of bins of each. */
    public int bins() {
        return features[0].numRows;
    }

    /** I, features per bin. */
    public int inputs() {
        return features[0].numCols;
    }

    /** O, targets per bin. */
    public int outputs() {
        return targets[0].numCols;
    }

    /** The same sequences on another scale. */
    public Sequences scaled(Scaling inputs, Scaling outputs) {
        DMatrixRMaj[] x = new DMatrixRMaj[count()];
        DMatrixRMaj[] y = new DMatrixRMaj[count()];
        for (int s = 0; s < count(); s++) {
            x[s] = inputs.apply(features[s]);
            y[s] = outputs.apply(targets[s]);
        }
        return new Sequences(x, y);
    }

    /** The targets of the bins from {@code firstBin} to {@code endBin} - 1: bins x (S O), those of a sequence side by side. */
    public DMatrixRMaj targets(int firstBin, int endBin) {
        DMatrixRMaj y = new DMatrixRMaj(endBin - firstBin, count() * outputs());
        for (int s = 0; s < count(); s++) {
            for (int bin = firstBin; bin < endBin; bin++) {
                System.arraycopy(
                        targets[s].data,
                        bin * outputs(),
                        y.data,
                        (bin - firstBin) * y.numCols + s * outputs(),
                        outputs());
            }
        }
        return y;
    }

    /**
     * Copies a window's features into one column of a batch.
     *
     * @param bin the bin that the window is aimed at
     * @param x (T I) x B, steps stacked by rows
     */
    public void copyWindow(int sequence, int bin, int length, DMatrixRMaj x, int column) {
        copy(features[sequence], bin - length, length, x, column);
    }

    /** Copies the targets of {@code count} bins from {@code bin} on into one column of (count O) x B. */
    public void copyTargets(int sequence, int bin, int count, DMatrixRMaj y, int column) {
        copy(targets[sequence], bin, count, y, column);
    }

    private static void copy(DMatrixRMaj source, int firstBin, int bins, DMatrixRMaj batch, int column) {
        int from = firstBin * source.numCols;
        for (int j = 0; j < bins * source.numCols; j++) {
            batch.data[j * batch.numCols + column] = source.data[from + j];
        }
    }
}
