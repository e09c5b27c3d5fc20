package org.spikecast.neuron.internal;

/**
 * The bursts of a spike train: groups of spikes with a gap, a long interval, before and after. Values that cannot be
 * computed from the gaps are NaN.
 *
 * @param count the number of whole bursts: those between two gaps
 * @param spikesPerBurst their mean number of spikes
 * @param gapMs the mean gap
 * @param periodMs the mean time from the first spike of a burst to that of the next
 */
public record Bursts(int count, double spikesPerBurst, double gapMs, double periodMs) {
    /** An interval of at least this, in ms, separates bursts of the CA1 neuron, within which intervals are 1.9 to 7. */
    public static final double LEAST_GAP_MS = 8;

    /**
     * Finds bursts.
     *
     * @param times of spikes, ascending, in ms
     * @param leastGapMs intervals of at least this are gaps
     */
    public static Bursts of(double[] times, double leastGapMs) {
        Require.positive("least gap", leastGapMs);
        int gaps = 0;
        int first = 0; // the spike after the first gap, and the one after the last
        int last = 0;
        double sum = 0;
        for (int s = 1; s < times.length; s++) {
            double interval = times[s] - times[s - 1];
            if (interval >= leastGapMs) {
                first = gaps == 0 ? s : first;
                last = s;
                gaps++;
                sum += interval;
            }
        }
        int count = Math.max(0, gaps - 1);
        double perBurst = count == 0 ? Double.NaN : (double) (last - first) / count;
        double period = count == 0 ? Double.NaN : (times[last] - times[first]) / count;
        return new Bursts(count, perBurst, gaps == 0 ? Double.NaN : sum / gaps, period);
    }
}
