package org.spikecast.neuron;

import java.util.Arrays;
import java.util.function.Consumer;
import org.spikecast.kernel.RandomStream;
import org.spikecast.neuron.internal.EventDrivenRing;
import org.spikecast.neuron.internal.ExternalEvents;
import org.spikecast.neuron.internal.Require;
import org.spikecast.neuron.internal.RingNetwork;

/**
 * The recording of a ring: its spikes and its external input, from the start of recording on.
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
     * Runs a {@link RingNetwork}, first unrecorded, then recorded. All times are in ms, and dt divides them.
     *
     * @param burnInMs the time to run before recording, 0 or more
     * @param durationMs the time to record, 0 or more
     * @param binMs the bin of the external counts, above 0
     * @throws IllegalArgumentException if a time is out of its range or dt does not divide it
     */
    public static RingRecording simulate(
            RingParameters parameters, long seed, double burnInMs, double durationMs, double binMs) {
        int n = parameters.neurons();
        int binSteps = binSteps(binMs, parameters.dt());
        int steps = Require.steps("duration", durationMs, parameters.dt());
        int[] external = new int[Require.area("the external counts", steps / binSteps, n)];
        int[] bins = {0};
        SpikeTrains spikes = simulate(
                parameters,
                seed,
                burnInMs,
                durationMs,
                binMs,
                row -> System.arraycopy(row, 0, external, bins[0]++ * n, n));
        return new RingRecording(parameters, seed, binSteps, spikes, external);
    }

    /**
     * The same, without external counts in memory.
     *
     * @param external receives the external counts of each bin that fits wholly, N of them, in an array that is used again
     */
    public static SpikeTrains simulate(
            RingParameters parameters,
            long seed,
            double burnInMs,
            double durationMs,
            double binMs,
            Consumer<int[]> external) {
        double dt = parameters.dt();
        int binSteps = binSteps(binMs, dt);
        int discard = Require.steps("discarded time", burnInMs, dt);
        int steps = Require.steps("duration", durationMs, dt);
        RingNetwork network = new RingNetwork(parameters, seed);
        for (int k = 0; k < discard; k++) {
            network.step();
        }
        int[] row = new int[parameters.neurons()];
        SpikeTrains.Recorder recorder = new SpikeTrains.Recorder(row.length, dt);
        for (int k = 0; k < steps; k++) {
            network.step();
            recorder.add(network.spiking(), network.spikeCount());
            addTo(row, network.externalEvents());
            if ((k + 1) % binSteps == 0) {
                external.accept(row);
                Arrays.fill(row, 0);
            }
        }
        return recorder.finish();
    }

    /**
     * Throws unless dt divides the times and the external counts would fit into one array.
     *
     * @return the steps of a bin
     */
    public static int requireTimes(RingParameters parameters, double burnInMs, double durationMs, double binMs) {
        int binSteps = binSteps(binMs, parameters.dt());
        Require.notNegative("discarded time", burnInMs);
        int steps = Require.steps("duration", durationMs, parameters.dt());
        Require.area("the external counts", steps / binSteps, parameters.neurons());
        return binSteps;
    }

    private static int binSteps(double binMs, double dt) {
        Require.positive("bin", binMs);
        return Require.steps("bin", binMs, dt);
    }

    /**
     * Runs an {@link EventDrivenRing}, first unrecorded, then recorded. All times are in ms. The parameters' dt is the
     * grid that bins are made of, and has no influence on the spikes.
     *
     * @param delay from a spike to its arrival, above 0
     * @param burnInMs the time to run before recording, 0 or more
     * @param durationMs the time to record, 0 or more; dt divides it
     * @param binMs the bin of the external counts, above 0; dt divides it
     * @throws IllegalArgumentException if a time is out of its range or dt does not divide it
     */
    public static RingRecording simulateEvents(
            RingParameters parameters, double delay, long seed, double burnInMs, double durationMs, double binMs) {
        double dt = parameters.dt();
        int n = parameters.neurons();
        Require.positive("bin", binMs);
        Require.notNegative("discarded time", burnInMs);
        int binSteps = Require.steps("bin", binMs, dt);
        int steps = Require.steps("duration", durationMs, dt);
        int[] external = new int[Require.area("the external counts", steps / binSteps, n)];

        ExternalEvents poisson = ExternalEvents.poisson(parameters, RandomStream.of(seed, "external input"));
        ExternalEvents counted = new CountedEvents(poisson, burnInMs, dt * binSteps, external, n);
        EventDrivenRing ring = new EventDrivenRing(parameters, delay, RingNetwork.initialVoltages(n, seed), counted);
        ring.runTo(burnInMs);
        ring.runTo(burnInMs + steps * dt);
        double[] time = new double[ring.spikeCount()];
        int[] neuron = new int[time.length];
        int count = 0;
        while (count < time.length && ring.spikeTime(count) - burnInMs < steps * dt) {
            time[count] = ring.spikeTime(count) - burnInMs;
            neuron[count] = ring.spikeNeuron(count);
            count++;
        }
        SpikeTrains spikes = SpikeTrains.exact(n, dt, steps, Arrays.copyOf(time, count), Arrays.copyOf(neuron, count));
        return new RingRecording(parameters, seed, binSteps, spikes, external);
    }

    /**
     * Events that are counted per bin and neuron as they are taken.
     *
     * @param counts bins x neurons, row-major; the first bin begins at start
     */
    private record CountedEvents(ExternalEvents events, double start, double binMs, int[] counts, int neurons)
            implements ExternalEvents {
        @Override
        public void addTo(EventList list, double from, double to) {
            int first = list.size();
            events.addTo(list, from, to);
            int bins = counts.length / neurons;
            double end = bins * binMs;
            for (int i = first; i < list.size(); i++) {
                double t = list.time(i) - start;
                if (t >= 0 && t < end) {
                    int a = list.neuron(i);
                    int row = SpikeTrains.step(t, binMs, bins) * neurons;
                    for (int b = a == ALL ? 0 : a; b <= (a == ALL ? neurons - 1 : a); b++) {
                        counts[row + b]++;
                    }
                }
            }
        }
    }

    private static void addTo(int[] sums, int[] values) {
        for (int a = 0; a < values.length; a++) {
            sums[a] += values[a];
        }
    }

    /** Spike counts in the same bins as the external input: bins x N, row-major. */
    public int[] counts() {
        return spikes.counts(binSteps, binSteps);
    }
}
