package org.spikecast.neuron.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.spikecast.neuron.LifPopulationTest.assertRefused;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.spikecast.kernel.Kernel;
import org.spikecast.neuron.Ca1Parameters;
import org.spikecast.neuron.Ca1Simulation;
import org.spikecast.neuron.CellRecording;

class BurstsTest {
    @Test
    void wholeBurstsLieBetweenGaps() {
        // a tail of a burst, a gap of 20, three spikes, a gap of 30, one spike, a gap of 25, the head of a burst
        double[] times = {0, 2, 22, 24, 27, 57, 82, 84};
        Bursts bursts = Bursts.of(times, 8);
        assertEquals(new Bursts(2, 2, 25, 30), bursts);
        assertEquals(new Bursts(1, 1, 27.5, 25), Bursts.of(times, 25));
    }

    @Test
    void withoutGapsThereIsNothingToSay() {
        Bursts none = new Bursts(0, Double.NaN, Double.NaN, Double.NaN);
        assertEquals(none, Bursts.of(new double[0], 8));
        assertEquals(none, Bursts.of(new double[] {1, 2, 3}, 8));
        assertEquals(new Bursts(0, Double.NaN, 9, Double.NaN), Bursts.of(new double[] {1, 10, 11}, 8));
        assertRefused(
                "least gap must be finite and above 0, got 0: give a positive number",
                () -> Bursts.of(new double[0], 0));
    }

    /**
     * The specification's table of behaviour under constant currents, settled after 1500 ms: at most 0.23 silent, then
     * bursts of four, irregular, triplets, doublets, single spikes.
     */
    @Test
    void theNeuronBehavesAsSpecified() {
        double[] current = {0.2, 0.23, 0.24, 0.5, 0.9, 1.0, 1.1, 1.25, 1.45, 1.7, 2.0, 2.3, 2.35, 3.0};
        CellRecording recording =
                Ca1Simulation.fromRest(Ca1Parameters.normal(), current, 3000, 1).runFixed(0.02, Kernel.best());
        for (int cell = 0; cell < current.length; cell++) {
            double i = current[cell];
            double[] times = Arrays.stream(recording.spikeTimes()[cell])
                    .filter(t -> t > 1500)
                    .toArray();
            if (i <= 0.23) {
                assertEquals(0, times.length, "silent at " + i);
                continue;
            }
            Bursts bursts = Bursts.of(times, i < 1.6 ? 20 : Bursts.LEAST_GAP_MS);
            if (i <= 0.9) {
                assertEquals(4, bursts.spikesPerBurst(), "bursts of four at " + i);
            } else if (i < 1.2) {
                assertTrue(bursts.count() > 10 && !isPeriodic(times, 40), "irregular at " + i);
            } else if (i < 1.5) {
                assertEquals(3, bursts.spikesPerBurst(), "triplets at " + i);
            } else if (i <= 2.3) {
                assertTrue(isPeriodic(times, 2) && !isPeriodic(times, 1), "doublets at " + i);
                assertEquals(i < 2.3 ? 2 : Double.NaN, bursts.spikesPerBurst(), "at " + i);
            } else {
                assertTrue(isPeriodic(times, 1), "single spikes at " + i);
            }
        }
    }

    /** Whether the intervals repeat after at most {@code most} of them, to 0.05 ms. */
    private static boolean isPeriodic(double[] times, int most) {
        for (int period = 1; period <= most; period++) {
            boolean repeats = times.length > 2 * period + 2;
            for (int s = 1; repeats && s + period < times.length; s++) {
                double interval = times[s] - times[s - 1];
                repeats = Math.abs(times[s + period] - times[s + period - 1] - interval) < 0.05;
            }
            if (repeats) {
                return true;
            }
        }
        return false;
    }
}
