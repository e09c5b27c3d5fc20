package org.spikecast.counts.internal;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.counts.Form;
import org.spikecast.counts.Series;
import org.spikecast.train.Scaling;

/**
 * Features and targets of a forecaster, bin by bin: S sequences of the same length, each with I features and O targets
 * a bin. The target of a window of length T is the bin after it: features of bins n - T to n - 1, target of bin n.
 */
public final class Sequences {
    private final Channels features;
    private final Channels targets;
    private final int outputs;

    /** Null for the data's own units. */
    private final Scaling inputScaling;

    private final Scaling outputScaling;

    private Sequences(Channels features, Channels targets, int outputs, Scaling inputScaling, Scaling outputScaling) {
        this.features = features;
        this.targets = targets;
        this.outputs = outputs;
        this.inputScaling = inputScaling;
        this.outputScaling = outputScaling;
    }

    /**
     * Sequences from matrices, which are not copied.
     *
     * @param features per sequence: bins x I
     * @param targets per sequence: bins x O
     */
    public Sequences(DMatrixRMaj[] features, DMatrixRMaj[] targets) {
        this(new Channels(features), new Channels(targets), targets[0].numCols, null, null);
    }

    /** A series as a form reads it; the targets, which are the neurons' values, are the first features. */
    public static Sequences of(Form form, Series series) {
        Channels features = new Channels(form.count(series), series.bins(), form.inputs(series));
        Connections connections = series.connections();
        int n = series.neurons();
        boolean full = form == Form.FULL;
        boolean neighbours = !full && connections != null;
        boolean[] excitatory = neighbours ? connections.excitatory() : null;
        double[][] sums = new double[2][neighbours ? n : 0];
        for (int bin = 0; bin < series.bins(); bin++) {
            int row = bin * n;
            if (neighbours) {
                connections.neighbourSums(series.values().data, row, excitatory, sums[0], sums[1]);
            }
            for (int a = 0; a < n; a++) {
                int sequence = full ? 0 : a;
                int c = full ? a : 0;
                features.set(sequence, bin, c, series.values().data[row + a]);
                if (series.external() != null) {
                    c += full ? n : 1;
                    features.set(sequence, bin, c, series.external().data[row + a]);
                }
                if (neighbours) {
                    features.set(a, bin, c + 1, sums[0][a]);
                    features.set(a, bin, c + 2, sums[1][a]);
                    features.set(a, bin, c + 3, excitatory[a] ? 1 : 0);
                }
            }
        }
        return new Sequences(features, features, form.outputs(series), null, null);
    }

    /** S, the number of sequences. */
    public int count() {
        return features.sequences();
    }

    /** The number of bins of each. */
    public int bins() {
        return features.bins();
    }

    /** I, features per bin. */
    public int inputs() {
        return features.channels();
    }

    /** O, targets per bin. */
    public int outputs() {
        return outputs;
    }

    /** These sequences, which are in the data's units, on another scale. Nothing is copied. */
    public Sequences scaled(Scaling inputs, Scaling outputs) {
        if (inputScaling != null) {
            throw new IllegalStateException("the sequences are scaled already");
        }
        return new Sequences(features, targets, this.outputs, inputs, outputs);
    }

    /** {@link Scaling#standard} of the features in the first bins. */
    public Scaling standard(int bins) {
        double[] offset = new double[inputs()];
        double[] scale = new double[inputs()];
        DMatrixRMaj[] channel = new DMatrixRMaj[count()];
        Arrays.setAll(channel, s -> new DMatrixRMaj(bins, 1));
        for (int c = 0; c < offset.length; c++) {
            for (int s = 0; s < channel.length; s++) {
                for (int bin = 0; bin < bins; bin++) {
                    channel[s].data[bin] = features.get(s, bin, c);
                }
            }
            Scaling one = Scaling.standard(channel, bins);
            offset[c] = one.offset()[0];
            scale[c] = one.scale()[0];
        }
        return new Scaling(offset, scale);
    }

    /** The features of a sequence in some bins: bins x I. */
    public DMatrixRMaj features(int sequence, int firstBin, int bins) {
        return features.matrix(sequence, firstBin, bins, inputs(), inputScaling);
    }

    /** The features of a sequence in all bins: bins x I. */
    public DMatrixRMaj features(int sequence) {
        return features(sequence, 0, bins());
    }

    /** The features of every sequence, each computed on access. */
    List<DMatrixRMaj> features() {
        return new AbstractList<>() {
            @Override
            public DMatrixRMaj get(int sequence) {
                return features(sequence);
            }

            @Override
            public int size() {
                return count();
            }
        };
    }

    /** The targets of a sequence in some bins: bins x O. */
    public DMatrixRMaj targets(int sequence, int firstBin, int bins) {
        return targets.matrix(sequence, firstBin, bins, outputs, outputScaling);
    }

    /** The targets of a sequence in all bins: bins x O. */
    public DMatrixRMaj targets(int sequence) {
        return targets(sequence, 0, bins());
    }

    /** The targets of all sequences in the first bins: per sequence bins x O. */
    DMatrixRMaj[] firstTargets(int bins) {
        DMatrixRMaj[] all = new DMatrixRMaj[count()];
        Arrays.setAll(all, s -> targets(s, 0, bins));
        return all;
    }

    /** The targets of the bins from {@code firstBin} to {@code endBin} - 1: bins x (S O), those of a sequence side by side. */
    public DMatrixRMaj targets(int firstBin, int endBin) {
        DMatrixRMaj y = new DMatrixRMaj(endBin - firstBin, count() * outputs);
        for (int s = 0; s < count(); s++) {
            DMatrixRMaj own = targets(s, firstBin, endBin - firstBin);
            for (int bin = 0; bin < own.numRows; bin++) {
                System.arraycopy(own.data, bin * outputs, y.data, bin * y.numCols + s * outputs, outputs);
            }
        }
        return y;
    }

    /**
     * Copies a window's features into one column of a batch.
     *
     * @param bin the target bin of the window
     * @param x (T I) x B, steps stacked by rows
     */
    public void copyWindow(int sequence, int bin, int length, DMatrixRMaj x, int column) {
        features.copy(sequence, bin - length, length, inputs(), inputScaling, x.data, column, x.numCols);
    }

    /**
     * Copies the features of windows that are aimed at successive bins into adjacent columns of a batch.
     *
     * @param bin the bin that the first window is aimed at
     * @param x (T I) x B, steps stacked by rows
     * @param column of the first window
     */
    void copyWindows(int sequence, int bin, int length, int windows, DMatrixRMaj x, int column) {
        features.copyWindows(
                sequence, bin - length, length, windows, inputs(), inputScaling, x.data, column, x.numCols);
    }

    /**
     * Copies the targets of successive bins into adjacent columns.
     *
     * @param y O x B
     */
    void copyTargetColumns(int sequence, int bin, int bins, DMatrixRMaj y, int column) {
        targets.copyWindows(sequence, bin, 1, bins, outputs, outputScaling, y.data, column, y.numCols);
    }

    /** Copies the targets of {@code count} bins from {@code bin} on into one column of (count O) x B. */
    public void copyTargets(int sequence, int bin, int count, DMatrixRMaj y, int column) {
        targets.copy(sequence, bin, count, outputs, outputScaling, y.data, column, y.numCols);
    }
}
