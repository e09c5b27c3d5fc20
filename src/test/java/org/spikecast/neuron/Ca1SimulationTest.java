package org.spikecast.neuron;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.spikecast.neuron.LifPopulationTest.assertRefused;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.neuron.internal.Ca1Neuron;
import org.spikecast.ode.StepControl;

class Ca1SimulationTest {
    private static final String FIXED_HASH = "c997d1a842c2c284";
    private static final String ADAPTIVE_HASH = "ee07e1d350a011bc";

    private static final Ca1Parameters NORMAL = Ca1Parameters.normal();

    private static Ca1Simulation trajectories(int first, int cells) {
        Ca1Regime regime = Ca1Regime.REGULAR_BURSTING;
        return Ca1Simulation.random(NORMAL, regime.lowestCurrent(), regime.highestCurrent(), 5, first, cells, 30, 0.1);
    }

    @Test
    void trajectoriesAreRandomWithinTheirBounds() {
        Ca1Simulation simulation = trajectories(0, 500);
        double[] low = {-75, 0.6, 0, 0.157565, 0, 0, 0, 0, 0};
        double[] high = {-50, 1, 0.0742166, 0.257565, 0.15, 0.055507, 0.052486, 3e-4, 0.4};
        for (int variable = 0; variable < 9; variable++) {
            double least = Double.MAX_VALUE;
            double most = -Double.MAX_VALUE;
            for (int cell = 0; cell < 500; cell++) {
                double x = simulation.initial()[variable * 500 + cell];
                least = Math.min(least, x);
                most = Math.max(most, x);
            }
            double width = high[variable] - low[variable];
            // 500 uniform numbers miss a fiftieth of their interval at one end with probability 4e-5
            assertTrue(least >= low[variable] && least < low[variable] + width / 50, "lowest of " + variable);
            assertTrue(most <= high[variable] && most > high[variable] - width / 50, "highest of " + variable);
        }
        for (double i : simulation.current()) {
            assertTrue(i >= 0.3 && i < 0.8);
        }
    }

    /** A trajectory is a function of seed and number: not of how many are simulated, nor of the kernel. */
    @Test
    void aTrajectoryIsTheSameInAnyCompany() {
        CellRecording many = trajectories(0, 150).runFixed(0.02, Kernel.best());
        assertEquals(301, many.samples());
        for (int number : new int[] {0, 99, 127, 128, 149}) {
            CellRecording alone = trajectories(number, 1).runFixed(0.02, new ScalarKernel());
            assertArrayEquals(alone.voltage(), many.voltageOf(number));
            assertArrayEquals(alone.spikeTimes()[0], many.spikeTimes()[number]);
            assertEquals(alone.current()[0], many.current()[number]);
            for (int variable = 0; variable < 9; variable++) {
                assertEquals(alone.state()[variable], many.state()[variable * 150 + number]);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 8})
    void theNumberOfThreadsChangesNoBit(int threads) {
        Kernel kernel = Kernel.best();
        StepControl control = new StepControl(1e-6, 1e-8);
        Ca1Simulation simulation = trajectories(3, 300).lasting(20, 0.1);
        assertEquals(hash(simulation.runFixed(0.02, kernel)), hash(simulation.runFixed(0.02, kernel, threads)));
        Ca1Simulation few = trajectories(3, 5).lasting(20, 0.1);
        assertEquals(hash(few.runAdaptive(control, kernel)), hash(few.runAdaptive(control, kernel, threads)));
    }

    /** Fixed steps of 0.01 ms against adaptive ones. Measured: 0.058 mV, in the flanks of spikes, and 9e-5 ms. */
    @Test
    void bothMethodsTellTheSame() {
        Ca1Simulation simulation = trajectories(7, 20);
        CellRecording fixed = simulation.runFixed(0.01, new ScalarKernel());
        CellRecording adaptive = simulation.runAdaptive(new StepControl(1e-8, 1e-10), new ScalarKernel());
        assertArrayEquals(adaptive.voltage(), fixed.voltage(), 0.1);
        int spikes = 0;
        for (int cell = 0; cell < 20; cell++) {
            assertArrayEquals(adaptive.spikeTimes()[cell], fixed.spikeTimes()[cell], 2e-4);
            spikes += fixed.spikeTimes()[cell].length;
        }
        assertTrue(spikes > 10);
        assertArrayEquals(adaptive.state(), fixed.state(), 0.1);
    }

    /** The same bits on every JVM and CPU and with every kernel; a change on purpose is in the change log. */
    @Test
    void theBitsAreTheSameEverywhere() {
        for (Kernel kernel : new Kernel[] {new ScalarKernel(), Kernel.best()}) {
            CellRecording fixed = trajectories(0, 13).runFixed(0.02, kernel);
            CellRecording adaptive = trajectories(0, 13).runAdaptive(new StepControl(1e-6, 1e-8), kernel);
            assertEquals(FIXED_HASH, hash(fixed), kernel.description());
            assertEquals(ADAPTIVE_HASH, hash(adaptive), kernel.description());
        }
    }

    private static String hash(CellRecording recording) {
        long hash = 31L * Arrays.hashCode(recording.voltage()) + Arrays.hashCode(recording.state());
        for (double[] times : recording.spikeTimes()) {
            hash = 31 * hash + Arrays.hashCode(times);
        }
        return Long.toHexString(hash);
    }

    @Test
    void samplesBeginWithTheInitialStateAndEndWithTheLast() {
        Ca1Simulation simulation = Ca1Simulation.fromRest(NORMAL, new double[] {0.5, 3}, 0.3, 0.1);
        for (CellRecording r : new CellRecording[] {
            simulation.runFixed(0.05, new ScalarKernel()),
            simulation.runAdaptive(new StepControl(1e-6, 1e-8), new ScalarKernel())
        }) {
            assertEquals(4, r.samples());
            assertEquals(-71.962, r.voltage()[0]);
            assertEquals(-71.962, r.voltage()[1]);
            assertEquals(r.state()[0], r.voltage()[6]);
            assertEquals(r.state()[1], r.voltage()[7]);
        }
    }

    @Test
    void refusesWhatCannotBeSimulated() {
        double[] one = {0.5};
        assertRefused(
                "sample interval must be finite and above 0, got 0: give a positive number",
                () -> Ca1Simulation.fromRest(NORMAL, one, 1, 0));
        assertRefused(
                "sample interval 0.3 ms does not divide the duration of 1 ms: choose sample interval = duration / n",
                () -> Ca1Simulation.fromRest(NORMAL, one, 1, 0.3));
        assertRefused(
                "current must be finite, got Infinity: give a number",
                () -> Ca1Simulation.fromRest(NORMAL, new double[] {Double.POSITIVE_INFINITY}, 1, 0.1));
        assertRefused(
                "the number of cells must be at least 1, got 0: give a larger number",
                () -> Ca1Simulation.fromRest(NORMAL, new double[0], 1, 0.1));
        assertRefused(
                "the initial state must hold 9, got 8: 9 per cell",
                () -> new Ca1Simulation(NORMAL, one, new double[8], 1, 0.1));
        double[] nan = Ca1Neuron.initialState();
        nan[3] = Double.NaN;
        assertRefused(
                "the initial state must be finite, got NaN: give a number",
                () -> new Ca1Simulation(NORMAL, one, nan, 1, 0.1));
        Ca1Simulation good = Ca1Simulation.fromRest(NORMAL, one, 1, 0.1);
        assertRefused(
                "dt must be finite and above 0, got 0: give a positive number",
                () -> good.runFixed(0, new ScalarKernel()));
        assertRefused(
                "dt 0.03 ms does not divide the sample interval of 0.1 ms: choose dt = sample interval / n",
                () -> good.runFixed(0.03, new ScalarKernel()));
        assertRefused("threads: expected 1 to 65535, got 0", () -> good.runFixed(0.01, new ScalarKernel(), 0));
    }
}
