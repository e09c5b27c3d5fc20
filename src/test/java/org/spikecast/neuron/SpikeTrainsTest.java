package org.spikecast.neuron;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.spikecast.neuron.LifPopulationTest.assertRefused;

import java.math.BigDecimal;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpikeTrainsTest {
    /** Two neurons, steps of 0.5 ms, 4 ms. */
    private static SpikeTrains small() {
        return new SpikeTrains(2, 0.5, 8, new int[] {0, 1, 1, 6, 7}, new int[] {1, 0, 1, 0, 0});
    }

    /** Neuron 0 spikes at the sums of the intervals, neuron 1 never. */
    private static SpikeTrains intervals(int... intervals) {
        SpikeTrains.Recorder recorder = new SpikeTrains.Recorder(2, 0.1);
        recorder.add(new int[] {0}, 1);
        for (int interval : intervals) {
            for (int k = 1; k < interval; k++) {
                recorder.add(new int[0], 0);
            }
            recorder.add(new int[] {0}, 1);
        }
        return recorder.finish();
    }

    @Test
    void knowsItsSpikes() {
        SpikeTrains spikes = small();
        assertEquals(5, spikes.size());
        assertArrayEquals(new double[] {0, 0.5, 0.5, 3, 3.5}, spikes.spikeTimes());
        assertArrayEquals(new int[] {1, 0, 1, 0, 0}, spikes.spikeNeurons());
        assertArrayEquals(new int[] {1, 2, 0, 0, 0, 0, 2, 0}, spikes.counts(2, 2));
        assertArrayEquals(new int[] {1, 2, 1, 0}, spikes.counts(3, 4));
    }

    @Test
    void statisticsFollowTheirDefinitions() {
        SpikeTrains spikes = small();
        assertEquals(750, spikes.rateHz(0, 1), 1e-12);
        assertEquals(500, spikes.rateHz(1, 2), 1e-12);
        assertEquals(625, spikes.rateHz(0, 2), 1e-12);
        assertEquals(3.0 / 8, spikes.activeFraction(1)); // counts 3, 0, 0, 2 of the population
        assertEquals((13.0 / 4 - 25.0 / 16) / (5.0 / 4), spikes.fano(1), 1e-15);
        assertEquals(Double.NaN, spikes.meanCv());
        assertEquals(Double.NaN, spikes.from(4).fano(1));
    }

    @Test
    void variationTakesFiveIntervals() {
        assertEquals(Double.NaN, intervals(1, 2, 3, 4).meanCv());
        assertEquals(Math.sqrt(2) / 3, intervals(1, 2, 3, 4, 5).meanCv(), 1e-15);
        assertEquals(0, intervals(7, 7, 7, 7, 7, 7).meanCv());
    }

    @Test
    void aLaterStartShiftsTime() {
        SpikeTrains late = small().from(0.5);
        assertEquals(7, late.steps());
        assertArrayEquals(new int[] {0, 0, 5, 6}, late.spikeSteps());
        assertArrayEquals(new int[] {0, 1, 0, 0}, late.spikeNeurons());
        assertEquals(0, small().from(4).size());
    }

    @Test
    void exactTimesAreKeptAndCountedOnTheGrid() {
        double[] time = {0, 0.25, 0.25, 0.3, Math.nextDown(0.7), 0.7};
        SpikeTrains spikes = SpikeTrains.exact(2, 0.1, 8, time, new int[] {1, 0, 1, 0, 1, 0});
        assertArrayEquals(time, spikes.spikeTimes());
        assertArrayEquals(new int[] {0, 2, 2, 3, 7, 7}, spikes.spikeSteps());
        assertArrayEquals(new int[] {0, 1, 2, 1, 0, 0, 1, 1}, spikes.counts(2, 2));
        SpikeTrains late = spikes.from(0.2);
        assertArrayEquals(new int[] {0, 0, 1, 5, 5}, late.spikeSteps());
        assertArrayEquals(
                new double[] {0.25 - 0.2, 0.25 - 0.2, 0.3 - 0.2, Math.nextDown(0.7) - 0.2, 0.7 - 0.2},
                late.spikeTimes());
        // Intervals 1 to 5 of some unit far below the step.
        double[] close = {0, 0.001, 0.003, 0.006, 0.010, 0.015};
        double cv = SpikeTrains.exact(1, 0.1, 1, close, new int[6]).meanCv();
        assertEquals(Math.sqrt(2) / 3, cv, 1e-14); // rounding of the times: 0.015 is right to 2e-18
    }

    /** The decimal k dt, as a table of spike times has it: a third of them is below k times dt as a double. */
    @ParameterizedTest
    @ValueSource(strings = {"0.1", "0.05", "0.2", "0.025"})
    void aTimeWrittenAsADecimalIsInTheStepThatBeginsThere(String dt) {
        int steps = 4000;
        double[] time = new double[steps];
        int below = 0;
        for (int k = 0; k < steps; k++) {
            time[k] = new BigDecimal(dt).multiply(BigDecimal.valueOf(k)).doubleValue();
            below += time[k] < k * Double.parseDouble(dt) ? 1 : 0;
        }
        assertTrue(below > steps / 20, below + " are below");
        SpikeTrains spikes = SpikeTrains.exact(1, Double.parseDouble(dt), steps, time, new int[steps]);
        int[] step = spikes.spikeSteps();
        SpikeTrains late = spikes.from(steps / 2 * Double.parseDouble(dt));
        assertTrue(late.spikeTimes()[0] >= 0);
        for (int k = 0; k < steps; k++) {
            assertEquals(k, step[k]);
            if (k >= steps / 2) {
                assertEquals(k - steps / 2, late.spikeSteps()[k - steps / 2]);
            }
        }
        // A time within a step stays there, and the last step keeps what is rounded to the end.
        double end = Math.nextDown(steps * Double.parseDouble(dt));
        double[] inside = {0.999 * Double.parseDouble(dt), end};
        assertArrayEquals(
                new int[] {0, steps - 1},
                SpikeTrains.exact(1, Double.parseDouble(dt), steps, inside, new int[2])
                        .spikeSteps());
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "5, 5", "5, 1", "5, 2", "2, 5", "101, 1", "1000, 10"})
    void countsAreThoseOfTheDefinition(int binSteps, int slideSteps) {
        int n = 3;
        int steps = 100;
        SplittableRandom random = new SplittableRandom(5);
        boolean[][] raster = new boolean[steps][n];
        SpikeTrains.Recorder recorder = new SpikeTrains.Recorder(n, 0.1);
        for (boolean[] row : raster) {
            int[] spiking = new int[n];
            int count = 0;
            for (int a = 0; a < n; a++) {
                row[a] = random.nextInt(3) == 0;
                if (row[a]) {
                    spiking[count++] = a;
                }
            }
            recorder.add(spiking, count);
        }
        SpikeTrains spikes = recorder.finish();
        int bins = 0;
        while (bins * slideSteps + binSteps <= steps) {
            bins++;
        }
        int[] expected = new int[bins * n];
        for (int i = 0; i < expected.length; i++) {
            for (int k = 0; k < binSteps; k++) {
                expected[i] += raster[i / n * slideSteps + k][i % n] ? 1 : 0;
            }
        }
        assertEquals(bins, spikes.bins(binSteps, slideSteps));
        assertArrayEquals(expected, spikes.counts(binSteps, slideSteps));
    }

    @Test
    void aRecorderGrows() {
        SpikeTrains.Recorder recorder = new SpikeTrains.Recorder(3, 0.1);
        for (int k = 0; k < 5000; k++) {
            recorder.add(new int[] {0, 2, 0}, 2);
        }
        SpikeTrains spikes = recorder.finish();
        assertEquals(10_000, spikes.size());
        assertEquals(4999, spikes.spikeSteps()[9998]);
        assertArrayEquals(new int[] {5000, 0, 5000}, spikes.counts(5000, 1));
    }

    @Test
    void wrongArgumentsAreRefused() {
        assertRefused("spikeNeuron must hold 1, got 0: one per spike", () -> trains(new int[] {0}, new int[0]));
        assertRefused(
                "spikes must be in steps below 3 of neurons below 2, got step 3 of neuron 0: check the lists",
                () -> trains(new int[] {3}, new int[] {0}));
        assertRefused(
                "spikes must be in order, got spike 1 out of it: sort by time and neuron",
                () -> trains(new int[] {1, 1}, new int[] {0, 0}));
        assertRefused(
                "spikes must be before 1.5 ms, of neurons below 2, got 1.5 ms of neuron 0: check the lists",
                () -> exact(new double[] {1.5}, new int[1]));
        assertRefused(
                "spikes must be before 1.5 ms, of neurons below 2, got NaN ms of neuron 0: check the lists",
                () -> exact(new double[] {Double.NaN}, new int[1]));
        assertRefused(
                "spikes must be in order, got spike 1 out of it: sort by time and neuron",
                () -> exact(new double[] {1, 0.999}, new int[2]));
        assertRefused(
                "spikes must be in order, got spike 1 out of it: sort by time and neuron",
                () -> exact(new double[] {1, 1}, new int[] {1, 0}));
        assertRefused("dt 0.5 ms does not divide the bin of 0.7 ms: choose dt = bin / n", () -> small().fano(0.7));
        assertRefused("the start must be at most 4.0 ms, got 4.5: choose an earlier one", () -> small().from(4.5));
        assertRefused("binSteps must be at least 1, got 0: give a larger number", () -> small().counts(0, 1));
        assertRefused(
                "expected 0 <= from < to <= 2, got 1 and 3: choose neurons that exist", () -> small().rateHz(1, 3));
    }

    private static SpikeTrains trains(int[] spikeStep, int[] spikeNeuron) {
        return new SpikeTrains(2, 0.5, 3, spikeStep, spikeNeuron);
    }

    private static SpikeTrains exact(double[] time, int[] neuron) {
        return SpikeTrains.exact(2, 0.5, 3, time, neuron);
    }
}
