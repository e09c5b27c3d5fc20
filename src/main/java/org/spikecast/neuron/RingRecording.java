package org.spikecast.neuron;

/**
 * What a {@link RingNetwork} did: its spikes and its external input, from the start of recording on.
 *
 * @param parameters the network
 * @param seed of the initial state and the external input
 * @param binSteps the steps of one bin
 * @param spikes the spike trains; time 0 is the start of recording
 * @param external external kicks that arrived per bin and neuron, lost ones included: bins x N, row-major, with those
 *     bins that fit wholly
 */
public record RingRecording(RingParameters parameters, long seed, int binSteps, SpikeTrains spikes, int[] external) {
    /**
     * Runs a network, first unrecorded, then recorded. All times are in ms, and dt divides them.
     *
     * @param discardMs the time to run before recording, 0 or more
     * @param durationMs the time to record, 0 or more
     * @param binMs the bin of the external counts, above 0
     * @throws IllegalArgumentException if a time is out of its range or dt does not divide it
     */
    public static RingRecording simulate(
            RingParameters parameters, long seed, double discardMs, double durationMs, double binMs) {
        double dt = parameters.dt();
        int n = parameters.neurons();
        Require.positive("bin", binMs);
        int binSteps = Require.steps("bin", binMs, dt);
        int discard = Require.steps("discarded time", discardMs, dt);
        int steps = Require.steps("duration", durationMs, dt);
        int bins = steps / binSteps;
        int[] external = new int[Require.area("the external counts", bins, n)];

        RingNetwork network = new RingNetwork(parameters, seed);
        for (int k = 0; k < discard; k++) {
            network.step();
        }
        SpikeTrains.Recorder recorder = new SpikeTrains.Recorder(n, dt);
        for (int k = 0; k < steps; k++) {
            network.step();
            recorder.add(network.spiking(), network.spikeCount());
            if (k / binSteps < bins) {
                addTo(external, k / binSteps * n, network.externalEvents());
            }
        }
        return new RingRecording(parameters, seed, binSteps, recorder.finish(), external);
    }

    private static void addTo(int[] sums, int offset, int[] values) {
        for (int a = 0; a < values.length; a++) {
            sums[offset + a] += values[a];
        }
    }

    /** Spike counts in the same bins as the external input: bins x N, row-major. */
    public int[] counts() {
        return spikes.counts(binSteps, binSteps);
    }
}
