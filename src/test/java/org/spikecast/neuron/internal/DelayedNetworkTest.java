package org.spikecast.neuron.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spikecast.neuron.LifParameters;
import org.spikecast.neuron.LifPopulation;
import org.spikecast.neuron.LifPopulation.Scheme;
import org.spikecast.neuron.LifPopulationTest;
import org.spikecast.neuron.SpikeTrains;
import org.spikecast.neuron.internal.DelayedNetwork.Connection;
import org.spikecast.neuron.internal.DelayedNetwork.Spikes;

/** Rules and symmetries; the stored vectors compare with an independent simulation in 50 digits. */
class DelayedNetworkTest {
    private static final double TAU = 20;
    private static final LifParameters LIF = new LifParameters(TAU, 1);

    /** A current that makes a neuron at rest spike. */
    private static final double STRONG = 0.1;

    /** When it does so first, in ms. */
    private static final double FIRST = new ConstantCurrent(LIF, STRONG).timeToThreshold(0);

    private static DelayedNetwork network(double[] currents, Connection... connections) {
        return new DelayedNetwork(LIF, currents, List.of(connections));
    }

    private static double[] timesOf(int neuron, Spikes spikes) {
        return IntStream.range(0, spikes.times().length)
                .filter(s -> spikes.neurons()[s] == neuron)
                .mapToDouble(s -> spikes.times()[s])
                .toArray();
    }

    /** A network of n neurons in which everything differs, from a seed. */
    private record Sample(double[] currents, double[] voltage, List<Connection> connections) {
        static Sample of(long seed, int n) {
            Random random = new Random(seed);
            double[] currents =
                    random.doubles(n, 0.045, 0.075).map(i -> round(i, 1e4)).toArray();
            double[] voltage = random.doubles(n).map(v -> round(v, 1e3)).toArray();
            List<Connection> connections = new ArrayList<>();
            for (int c = 0; c < 3 * n; c++) {
                double weight = round(0.3 * random.nextDouble() - 0.12, 1e3);
                double delay = 0.2 * (1 + random.nextInt(30));
                connections.add(new Connection(random.nextInt(n), random.nextInt(n), weight, delay));
            }
            return new Sample(currents, voltage, connections);
        }

        private static double round(double x, double scale) {
            return Math.rint(x * scale) / scale;
        }

        Spikes run(double durationMs) {
            return new DelayedNetwork(LIF, currents, connections).run(voltage, durationMs);
        }
    }

    @Test
    void unconnectedNeuronsSpikeAtTheClosedForm() {
        Spikes spikes = network(new double[] {STRONG, 0.04, 0.07}).runFromRest(500);
        assertEquals(0, timesOf(1, spikes).length);
        for (int a : new int[] {0, 2}) {
            double[] times = timesOf(a, spikes);
            double first = new ConstantCurrent(LIF, a == 0 ? STRONG : 0.07).timeToThreshold(0);
            assertEquals((int) ((500 + 1) / (first + 1)), times.length);
            for (int s = 0; s < times.length; s++) {
                assertEquals(first + s * (1 + first), times[s], 1e-14 * times[s]);
            }
        }
    }

    // Kicks

    @Test
    void aKickToTheThresholdIsASpikeAtThatInstant() {
        for (double weight : new double[] {1, 1.5, 1e300}) {
            Spikes spikes = network(new double[] {STRONG, 0}, new Connection(1, 0, weight, 2.3))
                    .runFromRest(20);
            assertArrayEquals(new double[] {FIRST, FIRST + 2.3}, spikes.times());
            assertArrayEquals(new int[] {0, 1}, spikes.neurons());
        }
        Connection tooWeak = new Connection(1, 0, Math.nextDown(1.0), 2.3);
        assertArrayEquals(
                new int[] {0},
                network(new double[] {STRONG, 0}, tooWeak).runFromRest(20).neurons());
    }

    @Test
    void simultaneousKicksActAsTheirSum() {
        Connection up = new Connection(1, 0, 2, 3);
        Connection down = new Connection(1, 0, -2, 3);
        Connection downLess = new Connection(1, 0, -1, 3);
        double[] currents = {STRONG, 0};
        int[] one = {0};
        int[] both = {0, 1};
        assertArrayEquals(one, network(currents, up, down).runFromRest(20).neurons());
        assertArrayEquals(one, network(currents, down, up).runFromRest(20).neurons());
        assertArrayEquals(both, network(currents, up, downLess).runFromRest(20).neurons());
        assertArrayEquals(both, network(currents, downLess, up).runFromRest(20).neurons());
        Connection half = new Connection(1, 0, 0.5, 3);
        assertArrayEquals(both, network(currents, half, half).runFromRest(20).neurons());
        Connection later = new Connection(1, 0, 0.5, Math.nextUp(3.0) + 1e-12);
        assertArrayEquals(one, network(currents, half, later).runFromRest(20).neurons());
    }

    @Test
    void refractoryNeuronsLoseKicks() {
        // Neurons 0 and 1 spike together: 1 hears 0 while it is refractory.
        double[] currents = {STRONG, STRONG};
        Spikes alone = network(currents).runFromRest(200);
        for (double delay : new double[] {1e-3, 0.5, 0.999, 1 - 1e-12}) {
            for (double weight : new double[] {0.9, 5, -3}) {
                Spikes spikes =
                        network(currents, new Connection(1, 0, weight, delay)).runFromRest(200);
                assertArrayEquals(alone.times(), spikes.times());
                assertArrayEquals(alone.neurons(), spikes.neurons());
            }
        }
    }

    @Test
    void aKickAtTheEndOfTheRefractoryTimeCounts() {
        double[] currents = {STRONG, STRONG};
        Spikes spikes = network(currents, new Connection(1, 0, 1, 1)).runFromRest(FIRST + 1.1);
        assertArrayEquals(new double[] {FIRST, FIRST, FIRST + 1}, spikes.times());
        assertArrayEquals(new int[] {0, 1, 1}, spikes.neurons());
    }

    /** A negative kick at the very instant of a crossing puts it off; any other leaves one spike. */
    @Test
    void aKickAtTheInstantOfACrossingComesBeforeTheThreshold() {
        double start = 0.7;
        double crossing = new ConstantCurrent(LIF, 0.06).timeToThreshold(start);
        double delay = crossing - FIRST; // exact, as crossing is between FIRST and 2 FIRST
        assertEquals(crossing, FIRST + delay);
        for (double weight : new double[] {-0.5, -1e-9, 0, 1e-9, 0.5}) {
            Spikes spikes = network(new double[] {STRONG, 0.06}, new Connection(1, 0, weight, delay))
                    .run(new double[] {0, start}, crossing + 12);
            double[] times = timesOf(1, spikes);
            double again = new ConstantCurrent(LIF, 0.06).timeToThreshold(Math.min(1, 1 + weight));
            if (weight == -0.5) {
                assertEquals(0, times.length);
            } else {
                assertArrayEquals(new double[] {crossing + again}, times);
                assertEquals(weight < 0, again > 0);
            }
        }
    }

    @Test
    void anythingMayFollowAtOnceWithoutRefractoryTime() {
        LifParameters none = new LifParameters(TAU, 0);
        List<Connection> twice = List.of(new Connection(1, 0, 5, 2), new Connection(1, 0, 5, 2));
        Spikes spikes = new DelayedNetwork(none, new double[] {STRONG, 0}, twice).runFromRest(FIRST + 5);
        assertArrayEquals(new int[] {0, 1}, spikes.neurons(), "one spike, not two, at an instant");
        List<Connection> self = List.of(new Connection(0, 0, 1, 0.5));
        Spikes ownEcho = new DelayedNetwork(none, new double[] {STRONG}, self).runFromRest(FIRST + 1.75);
        assertArrayEquals(new double[] {FIRST, FIRST + 0.5, FIRST + 1, FIRST + 1.5}, ownEcho.times());
    }

    @Test
    void voltageAtTheThresholdSpikesAtOnce() {
        Spikes spikes = network(new double[3]).run(new double[] {1, Math.nextDown(1.0), 3}, 100);
        assertArrayEquals(new double[2], spikes.times());
        assertArrayEquals(new int[] {0, 2}, spikes.neurons());
    }

    /** However long it creeps up to the threshold, a current that does not reach it makes no spike with a kick of 0. */
    @Test
    void aNeuronBelowThresholdStaysThere() {
        Connection nothing = new Connection(1, 0, 0, 2);
        double creeping = Math.nextDown(0.05);
        assertEquals(
                0, timesOf(1, network(new double[] {STRONG, creeping}, nothing).runFromRest(5000)).length);
        Connection little = new Connection(1, 0, 1e-12, 2);
        assertTrue(timesOf(1, network(new double[] {STRONG, creeping}, little).runFromRest(5000)).length > 0);
    }

    // Ties

    @Test
    void simultaneousSpikesStandByNeuron() {
        Spikes spikes = DelayedNetwork.ring(LIF, new double[] {STRONG, STRONG, STRONG, STRONG}, 0.2, 3)
                .runFromRest(300);
        assertTrue(spikes.times().length > 40);
        for (int s = 0; s < spikes.times().length; s++) {
            assertEquals(s % 4, spikes.neurons()[s]);
            assertEquals(spikes.times()[s - s % 4], spikes.times()[s]);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void spikesAreInOrder(long seed) {
        Spikes spikes = Sample.of(seed, 7).run(300);
        for (int s = 1; s < spikes.times().length; s++) {
            double gap = spikes.times()[s] - spikes.times()[s - 1];
            assertTrue(gap > 0 || (gap == 0 && spikes.neurons()[s] > spikes.neurons()[s - 1]));
        }
    }

    // Symmetries

    /** Measured: 0; only sums of simultaneous kicks may differ. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void numberingOfNeuronsAndConnectionsDoesNotMatter(long seed) {
        int n = 7;
        Sample sample = Sample.of(seed, n);
        List<Integer> number = new ArrayList<>(IntStream.range(0, n).boxed().toList());
        Collections.shuffle(number, new Random(seed));
        double[] currents = new double[n];
        double[] voltage = new double[n];
        for (int a = 0; a < n; a++) {
            currents[number.get(a)] = sample.currents[a];
            voltage[number.get(a)] = sample.voltage[a];
        }
        List<Connection> connections = new ArrayList<>();
        for (Connection c : sample.connections) {
            connections.add(new Connection(number.get(c.target()), number.get(c.source()), c.weight(), c.delay()));
        }
        Collections.shuffle(connections, new Random(seed));

        Spikes expected = sample.run(300);
        Spikes actual = new Sample(currents, voltage, connections).run(300);
        for (int a = 0; a < n; a++) {
            assertArrayEquals(timesOf(a, expected), timesOf(number.get(a), actual), 1e-11);
        }
    }

    /**
     * If neuron a lives s_a later, it spikes s_a later, provided that delays grow by s_target - s_source. It begins at
     * the voltage that leads to the old one after s_a: (9) backwards. Measured: 2.6e-13 ms in 300 ms.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void delaysShiftSpikes(long seed) {
        int n = 7;
        Sample sample = Sample.of(seed, n);
        double[] shift = new Random(-seed).doubles(n, 0, 0.19).toArray();
        double[] voltage = new double[n];
        for (int a = 0; a < n; a++) {
            double limit = TAU * sample.currents[a];
            voltage[a] = limit + (sample.voltage[a] - limit) * StrictMath.exp(shift[a] / TAU);
        }
        List<Connection> connections = new ArrayList<>();
        for (Connection c : sample.connections) {
            double delay = c.delay() + shift[c.target()] - shift[c.source()];
            connections.add(new Connection(c.target(), c.source(), c.weight(), delay));
        }

        Spikes expected = sample.run(300);
        Spikes actual = new Sample(sample.currents, voltage, connections).run(301);
        assertTrue(expected.times().length > 20);
        for (int a = 0; a < n; a++) {
            double[] times = timesOf(a, expected);
            double[] shifted = timesOf(a, actual);
            for (int s = 0; s < times.length; s++) {
                assertEquals(times[s] + shift[a], shifted[s], 1e-11);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void aShorterRunIsTheBeginningOfALongerOne(long seed) {
        Spikes all = Sample.of(seed, 7).run(300);
        double end = all.times()[20];
        Spikes part = Sample.of(seed, 7).run(end);
        int count = part.times().length;
        assertTrue(count <= 20 && all.times()[count] == end, "the end itself is not part of the run");
        assertArrayEquals(Arrays.copyOf(all.times(), count), part.times());
        assertArrayEquals(Arrays.copyOf(all.neurons(), count), part.neurons());
    }

    // The grid

    /**
     * The grid's spike times tend to the exact ones with order one: each interval is off by less than a step, which the
     * network magnifies. Measured: 3.4 steps at most.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void fineGridsAgree(long seed) {
        Sample sample = Sample.of(seed, 5);
        Spikes exact = sample.run(60);
        double[] steps = {0.01, 0.001, 0.0001};
        double[] error = new double[steps.length];
        for (int i = 0; i < steps.length; i++) {
            SpikeTrains onGrid = onGrid(sample, steps[i], 60);
            Spikes grid = new Spikes(onGrid.spikeTimes(), onGrid.spikeNeurons());
            for (int a = 0; a < 5; a++) {
                double[] expected = timesOf(a, exact);
                double[] actual = timesOf(a, grid);
                assertEquals(expected.length, actual.length, "dt " + steps[i] + ", neuron " + a);
                for (int s = 0; s < expected.length; s++) {
                    error[i] = Math.max(error[i], Math.abs(expected[s] - actual[s]));
                }
            }
        }
        assertTrue(error[0] < 4 * 0.01 && error[1] < 4 * 0.001 && error[2] < 4 * 0.0001, Arrays.toString(error));
    }

    private static SpikeTrains onGrid(Sample sample, double dt, double durationMs) {
        int n = sample.currents.length;
        LifPopulation population = new LifPopulation(LIF, n, dt, Scheme.EXACT);
        for (int a = 0; a < n; a++) {
            population.setVoltage(a, sample.voltage[a]);
        }
        int steps = (int) Math.rint(durationMs / dt);
        boolean[][] spiked = new boolean[steps][n];
        SpikeTrains.Recorder recorder = new SpikeTrains.Recorder(n, dt);
        double[] kick = new double[n];
        int[] spiking = new int[n];
        for (int k = 0; k < steps; k++) {
            for (int a = 0; a < n; a++) {
                kick[a] = population.kickPerCurrent() * sample.currents[a];
            }
            for (Connection c : sample.connections) {
                int sent = k - (int) Math.rint(c.delay() / dt);
                kick[c.target()] += sent >= 0 && spiked[sent][c.source()] ? c.weight() : 0;
            }
            int count = population.step(kick, spiking);
            recorder.add(spiking, count);
            for (int s = 0; s < count; s++) {
                spiked[k][spiking[s]] = true;
            }
        }
        return recorder.finish();
    }

    // Edges

    @Test
    void networkIsWhatItWasGiven() {
        DelayedNetwork ring = DelayedNetwork.ring(LIF, new double[] {0.1, 0.2, 0.3}, 0.5, 2);
        assertEquals(3, ring.neurons());
        assertEquals(LIF, ring.lif());
        assertEquals(0.2, ring.current(1));
        List<Connection> expected =
                List.of(new Connection(1, 0, 0.5, 2), new Connection(2, 1, 0.5, 2), new Connection(0, 2, 0.5, 2));
        assertEquals(expected, ring.connections());
    }

    @Test
    void numbersOutOfRangeStopTheRun() {
        Connection huge = new Connection(1, 0, -1e308, 1);
        ArithmeticException e = assertThrows(
                ArithmeticException.class,
                () -> network(new double[] {1, 0}, huge, huge).runFromRest(5));
        assertTrue(e.getMessage().startsWith("the voltage of neuron 1 became -Infinity at 2.02"), e.getMessage());
    }

    @Test
    void wrongArgumentsAreRefused() {
        LifPopulationTest.assertRefused(
                "delay must be finite and above 0, got 0: give a positive number", () -> new Connection(0, 0, 1, 0));
        LifPopulationTest.assertRefused(
                "weight must be finite, got NaN: give a number", () -> new Connection(0, 0, Double.NaN, 1));
        LifPopulationTest.assertRefused(
                "source must be at least 0, got -1: give a larger number", () -> new Connection(0, -1, 1, 1));
        LifPopulationTest.assertRefused(
                "connections must be among neurons 0 .. 1, got Connection[target=0, source=2, weight=1.0, delay=1.0]:"
                        + " renumber it",
                () -> network(new double[2], new Connection(0, 2, 1, 1)));
        LifPopulationTest.assertRefused(
                "the number of currents must be at least 1, got 0: give a larger number", () -> network(new double[0]));
        LifPopulationTest.assertRefused(
                "the number of currents must be at least 2, got 1: give a larger number",
                () -> DelayedNetwork.ring(LIF, new double[1], 1, 1));
        LifPopulationTest.assertRefused(
                "voltage must hold 1 elements, got 2: give one per neuron",
                () -> network(new double[1]).run(new double[2], 1));
        LifPopulationTest.assertRefused(
                "every voltage must be finite, got NaN: give a number",
                () -> network(new double[1]).run(new double[] {Double.NaN}, 1));
        LifPopulationTest.assertRefused(
                "duration must be finite and above 0, got 0: give a positive number",
                () -> network(new double[1]).runFromRest(0));
        String least = " must be at least 1.1368683772161603E-13 ms, the spacing of doubles at the duration, got ";
        String remedy = ": lengthen them or shorten the run";
        LifPopulationTest.assertRefused(
                "delays" + least + "1.0E-13" + remedy,
                () -> network(new double[1], new Connection(0, 0, 1, 1e-13)).runFromRest(1000));
        LifParameters none = new LifParameters(TAU, 0);
        LifPopulationTest.assertRefused(
                "intervals between spikes" + least + "1.0E-20" + remedy,
                () -> new DelayedNetwork(none, new double[] {1e20}, List.of()).runFromRest(1000));
    }
}
