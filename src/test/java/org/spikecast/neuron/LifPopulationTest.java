package org.spikecast.neuron;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.spikecast.neuron.LifPopulation.Scheme;

/** The LIF neuron against its closed forms: under constant current I, from V = 0, V(t) = I tau (1 - exp(-t/tau)). */
public class LifPopulationTest {
    private static final double TAU = 20;
    private static final LifParameters LIF = new LifParameters(TAU, 1);

    /** Measured: 2e-14 at most (dt 0.001); spike steps agree always. */
    @ParameterizedTest
    @ValueSource(doubles = {0.5, 1.0 / 3, 0.1, 0.05, 0.025, 0.01, 0.001})
    void exactSchemeFollowsTheClosedFormAtEveryGridPoint(double dt) {
        for (double current : new double[] {-0.03, 0.01, 0.0501, 0.057, 0.1, 0.77, 3, 50}) {
            LifPopulation population = new LifPopulation(LIF, 1, dt, Scheme.EXACT);
            int steps = (int) Math.rint(300 / dt);
            LifSimulation run = LifSimulation.run(population, Drive.constant(current, population), 300);

            boolean fires = current * TAU > 1;
            double inSteps = fires ? -TAU * StrictMath.log1p(-1 / (current * TAU)) / dt : Double.POSITIVE_INFINITY;
            assertTrue(!fires || Math.abs(inSteps - Math.rint(inSteps)) > 1e-7, "ambiguous case");
            int[] expectedSpikes = new int[steps];
            int spikes = 0;
            int start = 0; // the first step that integrates
            for (int k = 0; k < steps; k++) {
                boolean spike = k + 1 - start >= inSteps;
                double v = k < start || spike ? 0 : -current * TAU * StrictMath.expm1(-(k + 1 - start) * dt / TAU);
                assertEquals(v, run.voltage()[k + 1], 1e-12 * Math.abs(v), "current " + current + ", step " + k);
                if (spike) {
                    expectedSpikes[spikes++] = k;
                    start = k + population.refractorySteps();
                }
            }
            assertArrayEquals(
                    Arrays.copyOf(expectedSpikes, spikes), run.spikes().spikeSteps());
            assertEquals(fires, spikes > 0);
        }
    }

    @Test
    void exactSchemeSuperposesDecayingKicks() {
        double dt = 0.1;
        LifPopulation population = new LifPopulation(LIF, 1, dt, Scheme.EXACT);
        population.setVoltage(0, 0.3);
        double[] kicks = new double[200];
        kicks[20] = 0.2;
        kicks[120] = -0.9;
        double[] v = LifSimulation.run(population, Drive.given(kicks, 1), 20).voltage();
        for (int k = 1; k <= 200; k++) {
            double expected = 0.3 * StrictMath.exp(-k * dt / TAU);
            expected += k > 20 ? 0.2 * StrictMath.exp(-(k - 21) * dt / TAU) : 0;
            expected -= k > 120 ? 0.9 * StrictMath.exp(-(k - 121) * dt / TAU) : 0;
            assertEquals(expected, v[k], 1e-14);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e-9, 1e-6, 1e-3, 0.0025, 0.1, 0.5, 0.999999})
    void leaksAreThoseOfTheEquations(double x) {
        assertEquals(x, Scheme.EULER.leak(x));
        assertEquals(-StrictMath.expm1(-x), Scheme.EXACT.leak(x), 4e-16 * x);
    }

    @Test
    void eulerVoltageConvergesWithOrderOne() {
        double[] error = new double[5];
        for (int i = 0; i < error.length; i++) {
            double dt = 0.2 / (1 << i);
            LifPopulation population = new LifPopulation(LIF, 1, dt, Scheme.EULER);
            double[] v = LifSimulation.run(population, Drive.constant(0.04, population), 10)
                    .voltage();
            error[i] = Math.abs(v[v.length - 1] + 0.04 * TAU * StrictMath.expm1(-10 / TAU));
        }
        assertHalves(error, 0.02);
    }

    /** The mean over many currents, because one interval's error also holds the position of its end in a step. */
    @Test
    void eulerRateConvergesWithOrderOne() {
        int n = 400;
        double[] error = new double[4];
        for (int i = 0; i < error.length; i++) {
            double dt = 0.1 / (1 << i);
            LifPopulation population = new LifPopulation(LIF, n, dt, Scheme.EULER);
            Drive drive = (kick, step) -> {
                for (int a = 0; a < n; a++) {
                    kick[a] += population.kickPerCurrent() * current(a);
                }
            };
            SpikeTrains spikes = LifSimulation.run(population, drive, 200).spikes();
            int[] first = new int[n];
            int[] last = new int[n];
            int[] intervals = new int[n];
            Arrays.fill(intervals, -1);
            int[] neuron = spikes.spikeNeurons();
            int[] step = spikes.spikeSteps();
            for (int s = 0; s < neuron.length; s++) {
                int a = neuron[s];
                last[a] = step[s];
                first[a] = intervals[a]++ < 0 ? last[a] : first[a];
            }
            for (int a = 0; a < n; a++) {
                double rate = intervals[a] / ((last[a] - first[a]) * dt);
                error[i] += rate - 1 / (1 - TAU * StrictMath.log1p(-1 / (current(a) * TAU)));
            }
        }
        assertHalves(error, 0.1);
    }

    private static double current(int neuron) {
        return 0.06 + 0.001 * neuron;
    }

    private static void assertHalves(double[] error, double tolerance) {
        for (int i = 1; i < error.length; i++) {
            assertEquals(2, error[i - 1] / error[i], tolerance, Arrays.toString(error));
        }
    }

    @Test
    void subthresholdCurrentNeverSpikes() {
        for (Scheme scheme : Scheme.values()) {
            LifPopulation population = new LifPopulation(LIF, 1, 0.1, scheme);
            LifSimulation run = LifSimulation.run(population, Drive.constant(0.9999 / TAU, population), 5000);
            assertEquals(0, run.spikes().size());
            assertEquals(0.9999, population.voltage(0), 1e-12);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0.1, 10",
        "1, 0.05, 20",
        "1, 0.025, 40",
        "1, 0.02, 50",
        "1, 0.01, 100",
        "1, 0.3333333333333333, 3",
        "1, 0.125, 8",
        "1, 1, 1",
        "2, 0.1, 20",
        "0.3, 0.1, 3",
        "0.7, 0.1, 7",
        "2.1, 0.7, 3",
        "0, 0.1, 0"
    })
    void overwhelmingDriveSpikesEveryRefractoryTime(double tauRef, double dt, int refractorySteps) {
        LifPopulation population = new LifPopulation(new LifParameters(TAU, tauRef), 2, dt, Scheme.EULER);
        assertEquals(refractorySteps, population.refractorySteps());
        int interval = Math.max(1, refractorySteps);
        int[] spiking = new int[2];
        for (int k = 0; k < 10 * interval; k++) {
            int expected = k % interval == 0 ? 2 : 0;
            assertEquals(expected, population.step(new double[] {5, 1e300}, spiking), "step " + k);
        }
        assertArrayEquals(new int[] {0, 1}, spiking);
    }

    @Test
    void kicksReachNoRefractoryNeuron() {
        double[] kicks = new double[30];
        Arrays.fill(kicks, 0, 20, 0.4); // spikes in step 2, integrates again from step 12
        LifPopulation population = new LifPopulation(LIF, 1, 0.1, Scheme.EULER);
        LifSimulation run = LifSimulation.run(population, Drive.given(kicks, 1), 3);
        assertArrayEquals(new int[] {2, 14}, run.spikes().spikeSteps());
        for (int k = 2; k < 12; k++) {
            assertEquals(0, run.voltage()[k + 1]);
        }
        assertEquals(0.4, run.voltage()[13]);
    }

    @Test
    void thresholdIsReachedAtExactlyOne() {
        LifPopulation population = new LifPopulation(LIF, 3, 0.1, Scheme.EULER);
        int[] spiking = new int[3];
        assertEquals(2, population.step(new double[] {Math.nextDown(1.0), 1, 2}, spiking));
        assertEquals(1, spiking[0]);
        assertEquals(2, spiking[1]);
        assertEquals(0, population.stepsHeld(0));
        assertEquals(9, population.stepsHeld(1));
    }

    @Test
    void copiedStateContinuesAlike() {
        LifPopulation one = new LifPopulation(LIF, 1, 0.1, Scheme.EULER);
        LifPopulation other = new LifPopulation(LIF, 1, 0.1, Scheme.EULER);
        LifSimulation.run(one, Drive.constant(0.3, one), 4.2); // in mid refractoriness
        assertTrue(one.stepsHeld(0) > 0);
        other.copyStateFrom(one);
        assertEquals(42, other.nextStep());
        LifSimulation expected = LifSimulation.run(one, Drive.constant(0.3, one), 50);
        LifSimulation actual = LifSimulation.run(other, Drive.constant(0.3, other), 50);
        assertArrayEquals(expected.voltage(), actual.voltage());
        LifPopulation unlike = new LifPopulation(LIF, 1, 0.1, Scheme.EXACT);
        assertThrows(IllegalArgumentException.class, () -> unlike.copyStateFrom(one));
    }

    @Test
    void notANumberStopsTheRun() {
        LifPopulation population = new LifPopulation(LIF, 2, 0.1, Scheme.EULER);
        int[] spiking = new int[2];
        population.step(new double[2], spiking);
        ArithmeticException e =
                assertThrows(ArithmeticException.class, () -> population.step(new double[] {0, Double.NaN}, spiking));
        assertEquals(
                "the voltage of neuron 1 became NaN in step 1: look for NaN or infinity in its input", e.getMessage());
    }

    @Test
    void wrongArgumentsAreRefused() {
        assertRefused("tauL must be finite and above 0, got 0: give a positive number", () -> new LifParameters(0, 1));
        assertRefused(
                "tauRef must be finite and at least 0, got NaN: give 0 or more",
                () -> new LifParameters(1, Double.NaN));
        assertRefused("dt 0.03 ms does not divide the tauRef of 1 ms: choose dt = tauRef / n", () -> population(0.03));
        assertRefused("dt must be below tauL = 20.0 ms, got 20: choose a smaller dt", () -> population(20));
        assertRefused("dt must be finite and above 0, got -1: give a positive number", () -> population(-1));
        assertRefused(
                "kick and spiking must hold 1 elements, got 2 and 1: give one per neuron",
                () -> population(0.1).step(new double[2], new int[1]));
        assertRefused(
                "voltage must be finite, got NaN: give a number",
                () -> population(0.1).setVoltage(0, Double.NaN));
    }

    private static LifPopulation population(double dt) {
        return new LifPopulation(LIF, 1, dt, Scheme.EULER);
    }

    public static void assertRefused(String message, org.junit.jupiter.api.function.Executable action) {
        assertEquals(
                message, assertThrows(IllegalArgumentException.class, action).getMessage());
    }
}
