package org.spikecast.neuron;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.spikecast.neuron.LifPopulationTest.assertRefused;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spikecast.kernel.RandomStream;
import org.spikecast.neuron.LifPopulation.Scheme;
import org.spikecast.neuron.internal.EventDrivenRing;
import org.spikecast.neuron.internal.ExternalEvents;
import org.spikecast.neuron.internal.RingNetwork;

class RingRecordingTest {
    private static final RingParameters SMALL = RingParameters.irregular().scaledTo(60, 3);

    @Test
    void recordsWhatTheNetworkDid() {
        RingRecording recording = RingRecording.simulate(SMALL, 7, 100, 50.5, 2);
        assertEquals(1010, recording.spikes().steps());
        assertEquals(40, recording.binSteps());
        int bins = 25; // the last half millisecond fills no bin

        RingNetwork network = new RingNetwork(SMALL, 7);
        int[] counts = new int[bins * 60];
        int[] external = new int[bins * 60];
        for (int k = -2000; k < 1000; k++) {
            network.step();
            if (k >= 0) {
                int row = k / 40 * 60;
                for (int s = 0; s < network.spikeCount(); s++) {
                    counts[row + network.spiking()[s]]++;
                }
                for (int a = 0; a < 60; a++) {
                    external[row + a] += network.externalEvents()[a];
                }
            }
        }
        assertArrayEquals(counts, recording.counts());
        assertArrayEquals(external, recording.external());
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.3})
    void recordsWhatHappenedFromEventToEvent(double c) {
        RingParameters p = SMALL.withSharedFraction(c);
        RingRecording recording = RingRecording.simulateEvents(p, 0.3, 7, 100.3, 50.5, 2);
        int bins = 25; // the last half millisecond fills no bin

        EventDrivenRing ring = new EventDrivenRing(p, 0.3, 7);
        ring.runTo(100.3);
        ring.runTo(150.8);
        double[] time = new double[ring.spikeCount()];
        int[] neuron = new int[time.length];
        int[] counts = new int[bins * 60];
        for (int s = 0; s < time.length; s++) {
            time[s] = ring.spikeTime(s) - 100.3;
            neuron[s] = ring.spikeNeuron(s);
            if (time[s] < 50) {
                counts[(int) (time[s] / 2) * 60 + neuron[s]]++;
            }
        }
        assertTrue(time.length > 30, "" + time.length);
        assertArrayEquals(time, recording.spikes().spikeTimes());
        assertArrayEquals(neuron, recording.spikes().spikeNeurons());
        assertArrayEquals(counts, recording.counts());

        // Events are drawn by stretches between the network's reference times, 20/16 ms.
        ExternalEvents.EventList events = new ExternalEvents.EventList();
        ExternalEvents poisson = ExternalEvents.poisson(p, RandomStream.of(7, "external input"));
        for (int k = 0; k < 130; k++) {
            poisson.addTo(events, k * 1.25, (k + 1) * 1.25);
        }
        int[] external = new int[bins * 60];
        for (int i = 0; i < events.size(); i++) {
            double t = events.time(i) - 100.3;
            for (int a = 0; t >= 0 && t < 50 && a < 60; a++) {
                boolean kicked = events.neuron(i) == a || events.neuron(i) == ExternalEvents.ALL;
                external[(int) (t / 2) * 60 + a] += kicked ? 1 : 0;
            }
        }
        assertArrayEquals(external, recording.external());
    }

    @Test
    void aDiscardedStartIsThatOfALongerRecording() {
        SpikeTrains whole = RingRecording.simulate(SMALL, 7, 0, 150, 1).spikes().from(100);
        SpikeTrains late = RingRecording.simulate(SMALL, 7, 100, 50, 1).spikes();
        assertArrayEquals(whole.spikeSteps(), late.spikeSteps());
        assertArrayEquals(whole.spikeNeurons(), late.spikeNeurons());
    }

    /** Refractoriness of a whole bin under overwhelming input: the events are counted although they are lost. */
    @Test
    void lostEventsAreCounted() {
        RingParameters overwhelming = SMALL.withExternalRate(100).withKicks(100, 100);
        RingRecording recording = RingRecording.simulate(overwhelming, 1, 10, 100, 0.5);
        assertEquals(100 * 0.5, Arrays.stream(recording.external()).average().orElseThrow(), 0.5);
        assertEquals(1000, recording.spikes().rateHz(0, 60), 20);
    }

    @Test
    void timesThatDoNotFitTheGridAreRefused() {
        RingParameters uneven = new RingParameters(
                60, new LifParameters(20, 0.9), 0.65, 0.07, 0.06, 0, 0, 0, 0, 3, 0, 0.03, Scheme.EULER);
        assertRefused(
                "dt 0.03 ms does not divide the bin of 1 ms: choose dt = bin / n",
                () -> RingRecording.simulate(uneven, 1, 0, 30, 1));
        assertRefused(
                "dt 0.05 ms does not divide the duration of 0.12 ms: choose dt = duration / n",
                () -> RingRecording.simulate(SMALL, 1, 0, 0.12, 1));
        assertRefused(
                "bin must be finite and above 0, got 0: give a positive number",
                () -> RingRecording.simulate(SMALL, 1, 0, 10, 0));
        assertRefused(
                "dt 0.05 ms does not divide the bin of 1.0E-12 ms: choose dt = bin / n",
                () -> RingRecording.simulate(SMALL, 1, 0, 10, 1e-12));
        assertRefused(
                "dt 0.05 ms does not divide the duration of 0.12 ms: choose dt = duration / n",
                () -> RingRecording.simulateEvents(SMALL, 0.1, 1, 0, 0.12, 1));
        assertRefused(
                "discarded time must be finite and at least 0, got -1: give 0 or more",
                () -> RingRecording.simulateEvents(SMALL, 0.1, 1, -1, 10, 1));
        assertRefused(
                "the external counts must fit into one array, got 60000000000 elements: take less at a time",
                () -> RingRecording.simulate(SMALL.withGrid(0.1, Scheme.EULER), 1, 0, 1e8, 0.1));
    }
}
