package org.spikecast.voltage.internal;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.io.internal.Fingerprint;
import org.spikecast.neuron.CellRecording;

/**
 * Voltages of cells over time, each cell under a current of its own.
 *
 * @param sampleMs the interval between samples
 * @param current of each cell, uA/cm2
 * @param voltage mV, cells x samples: a cell's trace is one row
 */
public record Traces(double sampleMs, double[] current, DMatrixRMaj voltage) {
    public Traces {
        if (!(sampleMs > 0 && sampleMs < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("Sample interval: expected a number above 0 ms, got " + sampleMs);
        }
        if (voltage.getNumElements() == 0) {
            throw new IllegalArgumentException("Traces of at least one cell and one sample expected, got "
                    + voltage.numRows + " cells of " + voltage.numCols + " samples");
        }
        if (current.length != voltage.numRows) {
            throw new IllegalArgumentException(
                    "A current per cell expected, got " + current.length + " of " + voltage.numRows + " cells");
        }
        for (int j = 0; j < voltage.getNumElements(); j++) {
            if (!Double.isFinite(voltage.data[j])) {
                throw new IllegalArgumentException("Voltages must be finite, got " + voltage.data[j] + " in cell "
                        + j / voltage.numCols + ", sample " + j % voltage.numCols);
            }
        }
        for (int cell = 0; cell < current.length; cell++) {
            if (!Double.isFinite(current[cell])) {
                throw new IllegalArgumentException(
                        "Currents must be finite, got " + current[cell] + " in cell " + cell);
            }
        }
    }

    /** Adds everything to a fingerprint. */
    void addTo(Fingerprint fingerprint) {
        fingerprint
                .add(sampleMs)
                .add(current)
                .add(voltage.numRows, voltage.numCols)
                .add(voltage.data);
    }

    /** The voltages of a recording. */
    static Traces of(CellRecording recording) {
        int samples = recording.samples();
        DMatrixRMaj voltage = new DMatrixRMaj(recording.cells(), samples);
        for (int cell = 0; cell < recording.cells(); cell++) {
            System.arraycopy(recording.voltageOf(cell), 0, voltage.data, cell * samples, samples);
        }
        return new Traces(recording.sampleMs(), recording.current().clone(), voltage);
    }

    /** The number of samples of a trajectory of the given duration, its initial state included. */
    static int samples(double ms, double sampleMs) {
        return (int) Math.rint(ms / sampleMs) + 1;
    }

    /** The number of cells. */
    public int cells() {
        return voltage.numRows;
    }

    /** The number of samples of each. */
    public int samples() {
        return voltage.numCols;
    }

    /** Cell and sample as one number, an index into the data of {@link #voltage}. */
    public int place(int cell, int sample) {
        return cell * samples() + sample;
    }

    /** Throws unless a place has the given numbers of samples before it, and from it on, within its cell's trace. */
    public void requireRoom(int place, int before, int from) {
        int sample = Math.floorMod(place, samples());
        if (place < 0 || place >= voltage.getNumElements() || sample < before || from > samples() - sample) {
            throw new IllegalArgumentException("Place " + place + ", sample " + sample + " of cell "
                    + Math.floorDiv(place, samples()) + ": expected " + before + " samples before it and " + from
                    + " from it on, got " + cells() + " cells of " + samples() + " samples");
        }
    }

    /** The samples from the places in {@code starts} on, side by side: count x starts. */
    public DMatrixRMaj after(int[] starts, int count) {
        DMatrixRMaj after = new DMatrixRMaj(count, starts.length);
        for (int s = 0; s < starts.length; s++) {
            requireRoom(starts[s], 0, count);
            for (int k = 0; k < count; k++) {
                after.data[k * starts.length + s] = voltage.data[starts[s] + k];
            }
        }
        return after;
    }

    /** Mean and standard deviation of all voltages. */
    public double[] meanAndDeviation() {
        double sum = 0;
        for (int j = 0; j < voltage.getNumElements(); j++) {
            sum += voltage.data[j];
        }
        double mean = sum / voltage.getNumElements();
        double squares = 0;
        for (int j = 0; j < voltage.getNumElements(); j++) {
            double d = voltage.data[j] - mean;
            squares += d * d;
        }
        return new double[] {mean, Math.sqrt(squares / voltage.getNumElements())};
    }
}
