package org.spikecast.neuron;

import org.spikecast.neuron.internal.Ca1Neuron;

/**
 * A recording of {@link Ca1Neuron}s: their voltages at equal intervals from time 0 on, and their spikes.
 *
 * @param current I of each cell, uA/cm2
 * @param sampleMs the interval between samples
 * @param voltage V in mV, samples x cells, row-major; row k is at k sampleMs, row 0 the initial state
 * @param spikeTimes for each cell the times in ms, ascending, at which V rises through {@link #SPIKE_LEVEL}
 * @param state of all cells at the end, laid out as in {@link Ca1Neuron}
 */
public record CellRecording(
        double[] current, double sampleMs, double[] voltage, double[][] spikeTimes, double[] state) {
    /** A spike is an upward crossing of this voltage, in mV. */
    public static final double SPIKE_LEVEL = 0;

    /** The number of cells. */
    public int cells() {
        return current.length;
    }

    /** The number of samples. */
    public int samples() {
        return voltage.length / current.length;
    }

    /** The voltage of one cell at all samples. */
    public double[] voltageOf(int cell) {
        double[] trace = new double[samples()];
        for (int k = 0; k < trace.length; k++) {
            trace[k] = voltage[k * current.length + cell];
        }
        return trace;
    }
}
