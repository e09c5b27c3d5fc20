package org.spikecast.counts;

import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.counts.internal.Connections;

/**
 * Observed data: one value per bin and neuron (or other channel), with external input, connections and names if known.
 *
 * @param widthMs width of a bin
 * @param slideMs distance between the starts of successive bins; less than the width if bins overlap
 * @param values bins x neurons: spike counts, or any other quantity
 * @param external bins x neurons: events of the external input; null if unknown
 * @param connections the connectivity; null if unknown
 * @param names of the neurons, for figures; null if they have none but their numbers
 */
public record Series(
        double widthMs,
        double slideMs,
        DMatrixRMaj values,
        DMatrixRMaj external,
        Connections connections,
        List<String> names) {
    /** A series of neurons without names. */
    public Series(double widthMs, double slideMs, DMatrixRMaj values, DMatrixRMaj external, Connections connections) {
        this(widthMs, slideMs, values, external, connections, null);
    }

    /** Checks that all values are finite and all shapes fit. */
    public Series {
        names = names == null ? null : List.copyOf(names);
        if (names != null && names.size() != values.numCols) {
            throw new IllegalArgumentException(
                    "Names: expected " + values.numCols + ", one for each neuron, got " + names.size());
        }
        if (!(widthMs > 0 && widthMs < Double.POSITIVE_INFINITY && slideMs > 0 && slideMs <= widthMs)) {
            throw new IllegalArgumentException("Bins: expected a width above 0 ms and a slide above 0 up to the width,"
                    + " got " + widthMs + " and " + slideMs);
        }
        for (int j = 0; j < values.getNumElements(); j++) {
            if (!Double.isFinite(values.data[j])) {
                throw new IllegalArgumentException("Data must be finite numbers, got " + values.data[j] + " in row "
                        + (j / values.numCols + 1) + ", column " + (j % values.numCols + 1));
            }
        }
        if (external != null && (external.numRows != values.numRows || external.numCols != values.numCols)) {
            throw new IllegalArgumentException("External input must have the shape of the values, " + values.numRows
                    + " x " + values.numCols + ", got " + external.numRows + " x " + external.numCols);
        }
        if (connections != null && connections.neurons() != values.numCols) {
            throw new IllegalArgumentException(
                    "Connections are for " + connections.neurons() + " neurons, the values for " + values.numCols);
        }
    }

    /** B, the number of bins. */
    public int bins() {
        return values.numRows;
    }

    /** N, the number of neurons or other channels. */
    public int neurons() {
        return values.numCols;
    }

    /** A neuron's name, or "Neuron 2" if it has none. */
    public String name(int neuron) {
        return names == null ? "Neuron " + neuron : names.get(neuron);
    }

    /** The number of bins after a bin that share time with it: 0 for disjoint bins. */
    public int overlap() {
        return (int) Math.ceil(widthMs / slideMs - 1e-9) - 1;
    }

    /** The time that the bins cover. */
    public double durationMs() {
        return (bins() - 1) * slideMs + widthMs;
    }

    /** Whether all values are whole numbers, 0 or more. */
    public boolean areCounts() {
        for (int j = 0; j < values.getNumElements(); j++) {
            double y = values.data[j];
            if (y < 0 || y != Math.rint(y)) {
                return false;
            }
        }
        return true;
    }
}
