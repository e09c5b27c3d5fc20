package org.spikecast.neuron.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.spikecast.neuron.LifPopulationTest.assertRefused;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.spikecast.kernel.RandomStream;
import org.spikecast.neuron.LifParameters;
import org.spikecast.neuron.LifPopulation.Scheme;
import org.spikecast.neuron.RingParameters;
import org.spikecast.neuron.internal.DelayedNetwork.Spikes;

/**
 * Rules, closed forms, and two other ways to the same spikes: a plain simulation and the stepper. Rates and regularity
 * stand in {@link RingTableTest}; the stored vectors of test-vectors/lif/event-ring.json, from 50 digits, are replayed
 * with the others.
 */
class EventDrivenRingTest {
    private static final RingParameters IRREGULAR = RingParameters.irregular();
    private static final RingParameters SMALL = IRREGULAR.scaledTo(60, 3);
    private static final double TAU = 20;

    /** Two neurons, E and I, that are not connected. */
    private static final RingParameters ALONE = IRREGULAR.scaledTo(2, 0).withWeights(0, 0, 0, 0);

    private static EventDrivenRing ring(
            RingParameters p, double delay, double[] voltage, double[] time, int... neuron) {
        return new EventDrivenRing(p, delay, voltage, ExternalEvents.given(p, time, neuron));
    }

    /** The spikes of the last run. */
    private static Spikes spikes(EventDrivenRing ring) {
        double[] time = new double[ring.spikeCount()];
        int[] neuron = new int[time.length];
        Arrays.setAll(time, ring::spikeTime);
        Arrays.setAll(neuron, ring::spikeNeuron);
        return new Spikes(time, neuron);
    }

    private static Spikes run(EventDrivenRing ring, double ms) {
        ring.runTo(ms);
        return spikes(ring);
    }

    private static void assertSpikes(Spikes actual, double[] time, int... neuron) {
        assertArrayEquals(time, actual.times());
        assertArrayEquals(neuron, actual.neurons());
    }

    private static void assertSame(Spikes expected, Spikes actual) {
        assertSpikes(actual, expected.times(), expected.neurons());
    }

    private static RingParameters withRefractoryTime(RingParameters p, double tauRef) {
        return new RingParameters(
                p.neurons(),
                new LifParameters(TAU, tauRef),
                p.externalRate(),
                p.kickE(),
                p.kickI(),
                p.sEE(),
                p.sEI(),
                p.sIE(),
                p.sII(),
                p.reach(),
                p.sharedFraction(),
                p.dt(),
                p.scheme());
    }

    // Closed forms

    /**
     * V is the sum of the kicks, each decayed since it came. Relative to V, each new reference, 16 per tau_L, adds at
     * most 2.3e-16: the rounding of a product and that of the constant. Measured: 3.9e-16 per tau_L.
     */
    @Test
    void voltageIsTheSumOfDecayedKicks() {
        double[] time = new SplittableRandom(1).doubles(9, 0, 100).sorted().toArray();
        double start = 0.2;
        EventDrivenRing ring = ring(ALONE, 0.05, new double[] {start, 0}, time, new int[9]);
        for (double t : new double[] {0.3, 1, 1.25, 2.5, 20, 33.3, 60, 99.9, 140, 1000}) {
            ring.runTo(t);
            double v = start * StrictMath.exp(-t / TAU);
            for (double at : time) {
                v += at < t ? 0.07 * StrictMath.exp(-(t - at) / TAU) : 0;
            }
            assertEquals(v, ring.voltage(0), (1e-15 + 16 * 2.3e-16 * t / TAU) * v);
            assertEquals(0, ring.voltage(1));
        }
        assertEquals(1000, ring.now());
    }

    /** The spike is at the very event at which the closed form passes 1; then it starts anew tau_ref later. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void aNeuronSpikesAtTheEventThatLiftsItToOne(long seed) {
        double[] time =
                new SplittableRandom(seed).doubles(1300, 0, 2000).sorted().toArray();
        List<Double> expected = new ArrayList<>();
        double start = 0; // of the integration
        int first = 0;
        for (int i = 0; i < time.length; i++) {
            if (time[i] < start) {
                first = i + 1;
                continue;
            }
            double v = 0;
            for (int j = first; j <= i; j++) {
                v += 0.07 * StrictMath.exp((time[j] - time[i]) / TAU);
            }
            assertTrue(Math.abs(v - 1) > 1e-9, "ambiguous case");
            if (v > 1) {
                expected.add(time[i]);
                start = time[i] + 1;
                first = i + 1;
            }
        }
        assertTrue(expected.size() > 10);
        Spikes spikes = run(ring(ALONE, 0.05, new double[2], time, new int[time.length]), 2000);
        assertSpikes(spikes, expected.stream().mapToDouble(t -> t).toArray(), new int[expected.size()]);
    }

    /** Six positions; each spike is enough for the neighbours, E to E, and two waves run round the ring. */
    @ParameterizedTest
    @ValueSource(doubles = {0.05, 0.3, 1.7, 30})
    void aSpikeArrivesAfterTheDelay(double delay) {
        RingParameters p = IRREGULAR.scaledTo(12, 1).withWeights(1.5, 0, 0, 0).withKicks(2, 2);
        double one = 3.3 + delay;
        double two = one + delay;
        Spikes spikes = run(ring(p, delay, new double[12], new double[] {3.3}, 2), 3.3 + 2.5 * delay);
        if (delay < 0.5) { // the wave meets only refractory neurons behind it
            assertSpikes(spikes, new double[] {3.3, one, one, two, two}, 2, 1, 3, 0, 4);
        } else {
            assertSpikes(spikes, new double[] {3.3, one, one, two, two, two}, 2, 1, 3, 0, 2, 4);
        }
    }

    /** The delay is the time that passes, to the last bit: the sum of the two doubles, rounded once. */
    @Test
    void spikeTimesAreSumsOfDelays() {
        RingParameters p = IRREGULAR.scaledTo(6, 1).withWeights(1.5, 0, 0, 0).withKicks(2, 2);
        double delay = 1 + 1e-13;
        EventDrivenRing ring = ring(p, delay, new double[6], new double[] {0.1}, 1);
        ring.runTo(1000);
        double expected = 0.1;
        for (int s = 1; s < ring.spikeCount(); s++) {
            if (ring.spikeTime(s) != ring.spikeTime(s - 1)) {
                expected += delay;
            }
            assertEquals(expected, ring.spikeTime(s));
        }
        assertTrue(expected > 998);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 15, 150, 284, 285, 299, 300, 307, 450, 590, 599})
    void aSpikeKicksItsNeighboursByTheirWeights(int source) {
        double[] voltage = new double[600];
        Arrays.fill(voltage, 0.5);
        RingParameters p = IRREGULAR.withKicks(1, 1);
        EventDrivenRing ring = ring(p, 0.3, voltage, new double[] {1}, source);
        ring.runTo(2);
        RingCoupling coupling = new RingCoupling(p);
        for (int a = 0; a < 600; a++) {
            double v = 0.5 * StrictMath.exp(-2 / TAU) + coupling.weight(a, source) * StrictMath.exp(-0.7 / TAU);
            assertEquals(a == source ? 0 : v, ring.voltage(a), 1e-15);
            assertEquals(a == source, ring.isRefractory(a));
        }
        assertSpikes(spikes(ring), new double[] {1}, source);
    }

    /** Without refractoriness a connection to itself would show, since the neuron could receive its own spike. */
    @Test
    void aSpikeDoesNotReachItsOwnNeuron() {
        RingParameters p =
                withRefractoryTime(SMALL.withWeights(0.1, 0.1, 0.1, 0.1).withKicks(1, 1), 0);
        for (int source : new int[] {0, 17, 29, 30, 59}) {
            EventDrivenRing ring = ring(p, 0.05, new double[60], new double[] {1}, source);
            ring.runTo(1.1);
            assertEquals(0, ring.voltage(source));
            double decayed = 0.1 * StrictMath.exp(-0.05 / TAU);
            assertEquals(source < 30 ? decayed : -decayed, ring.voltage((source + 30) % 60), 1e-15);
        }
    }

    // Instants

    @Test
    void aKickToExactlyTheThresholdIsASpike() {
        RingParameters p = ALONE.withKicks(1, Math.nextDown(1.0));
        assertSpikes(run(ring(p, 0.05, new double[2], new double[] {1, 1.3}, 0, 1), 5), new double[] {1}, 0);
        RingParameters half = ALONE.withKicks(0.5, 0.5);
        assertSpikes(run(ring(half, 0.05, new double[2], new double[] {1, 1}, 0, 0), 5), new double[] {1}, 0);
        assertSpikes(run(ring(half, 0.05, new double[2], new double[] {1, 1 + 1e-12}, 0, 0), 5), new double[0]);
    }

    /** External kicks and spikes of both signs that arrive at one instant act as their sum. */
    @Test
    void kicksOfAnInstantActTogether() {
        // Position 0: E 0 and I 1 reach each other only. Both spike at 1; E gets -S_EI and its external kick at 2.
        for (double inhibition : new double[] {0.9, 1.1}) {
            RingParameters p = withRefractoryTime(IRREGULAR.scaledTo(2, 0), 0.5)
                    .withWeights(0, inhibition, 0, 0)
                    .withKicks(2, 1);
            Spikes spikes = run(ring(p, 1, new double[2], new double[] {1, 2}, 1, 0), 5);
            if (inhibition < 1) {
                assertSpikes(spikes, new double[] {1, 2}, 1, 0);
            } else {
                assertSpikes(spikes, new double[] {1}, 1);
            }
        }
        // Two spikes, +2 and -2, cancel; +2 and -1 do not.
        for (double inhibition : new double[] {2, 1}) {
            RingParameters p =
                    IRREGULAR.scaledTo(6, 1).withWeights(2, inhibition, 0, 0).withKicks(1, 1);
            Spikes spikes = run(ring(p, 0.25, new double[6], new double[] {1, 1}, 4, 1), 1.4);
            int[] expected = inhibition == 2 ? new int[] {1, 4} : new int[] {1, 4, 0, 2};
            assertArrayEquals(expected, spikes.neurons());
        }
    }

    @Test
    void simultaneousSpikesStandByNeuron() {
        RingParameters p = SMALL.withWeights(0, 0, 0, 0).withKicks(1, 1);
        double[] time = new double[60];
        int[] neuron = new int[60];
        Arrays.fill(time, 7.5);
        Arrays.setAll(neuron, i -> (37 * i + 11) % 60);
        int[] ascending = new int[60];
        Arrays.setAll(ascending, i -> i);
        assertSpikes(run(ring(p, 1, new double[60], time, neuron), 10), time, ascending);
        assertSpikes(run(ring(p, 1, new double[60], new double[] {7.5}, ExternalEvents.ALL), 10), time, ascending);
        double[] twice = {7.5, 7.5, 7.5};
        EventDrivenRing mixed = ring(p, 1, new double[60], twice, 5, ExternalEvents.ALL, 3);
        assertSpikes(run(mixed, 10), time, ascending);
    }

    @Test
    void refractoryNeuronsLoseKicks() {
        RingParameters p = ALONE.withKicks(1, 1);
        double[] time = {1, 1.5, Math.nextDown(2.0), 2, 2.5, 3};
        Spikes spikes = run(ring(p, 0.05, new double[2], time, new int[6]), 10);
        assertSpikes(spikes, new double[] {1, 2, 3}, 0, 0, 0);
        // From 0.9 the first kick makes a spike, the next two are lost, the fourth and fifth add up, the last makes
        // another.
        EventDrivenRing ring = ring(p.withKicks(0.4, 0), 0.05, new double[] {0.9, 0}, time, new int[6]);
        assertSpikes(run(ring, 2), new double[] {1}, 0);
        assertTrue(ring.isRefractory(0));
        assertEquals(0, ring.voltage(0));
        assertSpikes(run(ring, 2.75), new double[0]);
        assertFalse(ring.isRefractory(0));
        double v = 0.4 * (StrictMath.exp(-0.75 / TAU) + StrictMath.exp(-0.25 / TAU));
        assertEquals(v, ring.voltage(0), 1e-15);
        assertSpikes(run(ring, 10), new double[] {3}, 0);
    }

    @Test
    void aNeuronSpikesOnceAtAnInstantWithoutRefractoryTimeToo() {
        RingParameters p = withRefractoryTime(ALONE.withKicks(1, 1), 0);
        Spikes spikes = run(ring(p, 0.05, new double[2], new double[] {1, 1, Math.nextUp(1.0), 4}, 0, 0, 0, 0), 10);
        assertSpikes(spikes, new double[] {1, Math.nextUp(1.0), 4}, 0, 0, 0);
    }

    /** Events at and around the times at which the reference changes, every 1.25 ms. */
    @Test
    void noEventIsLostWhereTheReferenceChanges() {
        RingParameters p = ALONE.withKicks(1, 1);
        double[] time = new double[30];
        int[] neuron = new int[30];
        for (int k = 0; k < 10; k++) {
            double t = (k + 1) * 1.25;
            time[3 * k] = Math.nextDown(t);
            time[3 * k + 1] = t;
            time[3 * k + 2] = Math.nextUp(t);
            neuron[3 * k + 1] = 1;
            neuron[3 * k + 2] = k % 2;
        }
        EventDrivenRing ring = ring(p, 0.05, new double[2], time, neuron);
        Spikes whole = run(ring, 20);
        List<Double> expected = new ArrayList<>();
        for (int k = 0; k < 10; k++) {
            expected.add(time[3 * k]);
            expected.add(time[3 * k + 1]);
        }
        assertArrayEquals(expected.stream().mapToDouble(t -> t).toArray(), whole.times());
    }

    // Other ways to the same spikes

    /**
     * A plain simulation: all that arrives, sorted by time; a row of weights for each neuron; every voltage decayed by
     * StrictMath.exp since its own last kick.
     */
    private static Spikes plainly(
            RingParameters p, double delay, double[] start, double[] time, int[] neuron, double end) {
        int n = p.neurons();
        RingCoupling coupling = new RingCoupling(p);
        TreeMap<Double, double[]> kicks = new TreeMap<>();
        for (int i = 0; i < time.length; i++) {
            double[] kick = kicks.computeIfAbsent(time[i], t -> new double[n]);
            for (int a = 0; a < n; a++) {
                kick[a] += neuron[i] == a || neuron[i] == ExternalEvents.ALL ? (a < n / 2 ? p.kickE() : p.kickI()) : 0;
            }
        }
        double[] v = start.clone();
        double[] since = new double[n];
        List<Double> times = new ArrayList<>();
        List<Integer> neurons = new ArrayList<>();
        while (!kicks.isEmpty() && kicks.firstKey() < end) {
            double t = kicks.firstKey();
            double[] kick = kicks.remove(t);
            for (int a = 0; a < n; a++) {
                if (kick[a] == 0 || t < since[a]) {
                    continue;
                }
                v[a] = v[a] * StrictMath.exp((since[a] - t) / TAU) + kick[a];
                since[a] = t;
                if (v[a] >= 1) {
                    v[a] = 0;
                    since[a] = t + p.lif().tauRef();
                    times.add(t);
                    neurons.add(a);
                    double[] sent = kicks.computeIfAbsent(t + delay, at -> new double[n]);
                    for (int b = 0; b < n; b++) {
                        sent[b] += coupling.weight(b, a);
                    }
                }
            }
        }
        return new Spikes(
                times.stream().mapToDouble(t -> t).toArray(),
                neurons.stream().mapToInt(a -> a).toArray());
    }

    /** The same doubles, over thousands of spikes: simultaneous ones in every case, common kicks in some. */
    @ParameterizedTest
    @CsvSource({
        "irregular, 0, 0.05, 0", "irregular, 0, 0.37, 0", "irregular, 0.4, 0.05, 0", "bursts, 0, 0.05, 0",
        "bursts, 0, 2.3, 0", "bursts, 0.2, 0.0625, 0.0625", "irregular, 0, 0.0625, 0.0625", "bursts, 1, 1.5, 0.0625"
    })
    void aPlainSimulationGivesTheSameSpikes(String preset, double c, double delay, double grid) {
        RingParameters p = (preset.equals("bursts") ? RingParameters.bursts() : IRREGULAR)
                .scaledTo(60, 3)
                .withSharedFraction(c);
        ExternalEvents.EventList list = new ExternalEvents.EventList();
        ExternalEvents.poisson(p, RandomStream.of(3, "given")).addTo(list, 0, 1000);
        double[] time = new double[list.size()];
        int[] neuron = new int[time.length];
        Arrays.setAll(time, list::time);
        Arrays.setAll(neuron, list::neuron);
        if (grid > 0) {
            time = Arrays.stream(time).map(t -> Math.ceil(t / grid) * grid).toArray();
        }
        double[] start = RingNetwork.initialVoltages(60, 5);
        Spikes expected = plainly(p, delay, start, time, neuron, 1000);
        assertTrue(expected.times().length > 300, "" + expected.times().length);
        boolean together = false;
        for (int s = 1; s < expected.times().length; s++) {
            together |= expected.times()[s] == expected.times()[s - 1];
        }
        assertTrue(together, "simultaneous spikes");
        assertSame(expected, run(ring(p, delay, start, time, neuron), 1000));
    }

    /**
     * If all external events are at multiples of the step, and the delay is a step, the exact stepper does the same: what
     * it does in step k happens at the end of the step, and all of an instant is together. 1/16 ms is a binary fraction.
     */
    @ParameterizedTest
    @CsvSource({"irregular, 0", "irregular, 0.3", "bursts, 0", "bursts, 0.1"})
    void onAGridTheStepperDoesTheSame(String preset, double c) {
        double dt = 0.0625;
        RingParameters p = (preset.equals("bursts") ? RingParameters.bursts() : IRREGULAR)
                .withSharedFraction(c)
                .withGrid(dt, Scheme.EXACT);
        int n = p.neurons();
        int steps = 16_000;
        RingNetwork stepper = new RingNetwork(p, 11);
        List<Double> times = new ArrayList<>();
        List<Integer> neurons = new ArrayList<>();
        double[] time = new double[700_000];
        int[] neuron = new int[time.length];
        int events = 0;
        for (int k = 0; k < steps; k++) {
            stepper.step();
            for (int a = 0; a < n; a++) {
                for (int r = stepper.externalEvents()[a]; r > 0; r--) {
                    time[events] = (k + 1) * dt;
                    neuron[events++] = a;
                }
            }
            for (int s = 0; s < stepper.spikeCount(); s++) {
                times.add((k + 1) * dt);
                neurons.add(stepper.spiking()[s]);
            }
        }
        EventDrivenRing ring = ring(
                p, dt, RingNetwork.initialVoltages(n, 11), Arrays.copyOf(time, events), Arrays.copyOf(neuron, events));
        Spikes spikes = run(ring, steps * dt + 0.01);
        assertTrue(times.size() > 3000);
        assertSpikes(
                spikes,
                times.stream().mapToDouble(t -> t).toArray(),
                neurons.stream().mapToInt(a -> a).toArray());
        for (int a = 0; a < n; a++) {
            // Measured: 5e-16.
            assertEquals(stepper.voltage(a), ring.voltage(a) * StrictMath.exp(0.01 / TAU), 1e-14);
        }
    }

    // Runs, branches, bits

    @ParameterizedTest
    @CsvSource({"0, 0.37", "0.3, 0.37", "0, 5", "0, 0.01"})
    void howTimeIsDividedIntoRunsDoesNotMatter(double c, double length) {
        RingParameters p = SMALL.withSharedFraction(c);
        Spikes whole = run(new EventDrivenRing(p, 0.05, 7), 300);
        EventDrivenRing ring = new EventDrivenRing(p, 0.05, 7);
        int next = 0;
        for (double t = 0; t < 300; t = Math.min(300, t + length)) {
            ring.runTo(t);
            assertEquals(t, ring.now());
            for (int s = 0; s < ring.spikeCount(); s++, next++) {
                assertEquals(whole.times()[next], ring.spikeTime(s));
                assertEquals(whole.neurons()[next], ring.spikeNeuron(s));
            }
            ring.runTo(t); // nothing is left to do
            assertEquals(0, ring.spikeCount());
        }
        assertTrue(next > 250, "" + next);
    }

    @Test
    void aBranchWithTheSameStreamDoesWhatTheOriginalDoes() {
        RingParameters p = RingParameters.bursts();
        for (double delay : new double[] {0.05, 3}) {
            EventDrivenRing original = new EventDrivenRing(p, delay, 8);
            EventDrivenRing branch = new EventDrivenRing(p, delay, 9);
            branch.runTo(17);
            original.runTo(203.3);
            for (int repeat = 0; repeat < 3; repeat++) {
                branch.copyStateFrom(original);
                assertEquals(original.now(), branch.now());
                assertEquals(0, branch.spikeCount());
                original.useStream(RandomStream.of(repeat, "same"));
                branch.useStream(RandomStream.of(repeat, "same"));
                double end = original.now() + 50.1;
                Spikes spikes = run(original, end);
                assertTrue(spikes.times().length > 100);
                assertSame(spikes, run(branch, end));
                for (int a = 0; a < 600; a++) {
                    assertEquals(original.voltage(a), branch.voltage(a));
                    assertEquals(original.isRefractory(a), branch.isRefractory(a));
                }
                branch.runTo(end + 1);
            }
        }
    }

    /**
     * The same bits on every JDK and machine: a changed value here changes every published run. The first is also what
     * the C program benchmarks/peers/ring.c prints: ring event 600 3000 1.
     */
    @ParameterizedTest
    @CsvSource({"0, 30069, 7d882f87f4356113", "0.3, 32228, 1871e624192a679a"})
    void bitsAreStored(double c, int spikes, String expected) {
        EventDrivenRing ring = new EventDrivenRing(IRREGULAR.withSharedFraction(c), 0.05, 1);
        ring.runTo(3000);
        long hash = 0;
        for (int s = 0; s < ring.spikeCount(); s++) {
            hash = 31 * (31 * hash + Double.doubleToRawLongBits(ring.spikeTime(s))) + ring.spikeNeuron(s);
        }
        assertEquals(spikes + " " + expected, ring.spikeCount() + " " + Long.toHexString(hash));
    }

    // External events

    /** Counts per ms and neuron have mean and variance lambda and covariance c lambda; four standard errors. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.2, 0.8, 1})
    void externalInputHasMeanVarianceAndCovariance(double c) {
        int n = 60;
        int bins = 4000;
        double rate = 0.65;
        ExternalEvents events =
                ExternalEvents.poisson(SMALL.withSharedFraction(c), RandomStream.of(3, "external input"));
        int[] counts = new int[bins * n];
        for (int from = 0; from < bins; from += 8) { // stretches need not be those of the bins
            ExternalEvents.EventList list = new ExternalEvents.EventList();
            events.addTo(list, 100 + from, 103.7 + from);
            events.addTo(list, 103.7 + from, 108 + from);
            double last = 100 + from;
            for (int i = 0; i < list.size(); i++) {
                assertTrue(list.time(i) >= last && list.time(i) < 108 + from);
                last = list.time(i);
                for (int a = 0; a < n; a++) {
                    boolean kicked = list.neuron(i) == a || list.neuron(i) == ExternalEvents.ALL;
                    counts[(int) (last - 100) * n + a] += kicked ? 1 : 0;
                }
            }
        }
        RingNetworkTest.assertMeanVarianceAndCovariance(counts, n, rate, c);
    }

    @Test
    void givenEventsAreThoseOfTheStretch() {
        ExternalEvents events =
                ExternalEvents.given(ALONE, new double[] {1, 2, 2, 5, 6}, new int[] {0, 1, 0, ExternalEvents.ALL, 0});
        ExternalEvents.EventList list = new ExternalEvents.EventList();
        events.addTo(list, 2, 5);
        assertEquals(2, list.size());
        assertEquals(2, list.time(0));
        assertEquals(1, list.neuron(0));
        assertEquals(0, list.neuron(1));
        events.addTo(list, 5, 6);
        events.addTo(list, 7, 8);
        assertEquals(3, list.size());
        assertEquals(5, list.time(2));
        assertEquals(ExternalEvents.ALL, list.neuron(2));
    }

    @Test
    void withoutInputNothingHappens() {
        EventDrivenRing ring = new EventDrivenRing(SMALL.withExternalRate(0), 0.05, 1);
        ring.runTo(1e4);
        assertEquals(0, ring.spikeCount());
        assertEquals(RingNetwork.initialVoltages(60, 1)[7] * StrictMath.exp(-500), ring.voltage(7), 1e-220);
    }

    @Test
    void wrongArgumentsAreRefused() {
        double[] rest = new double[2];
        ExternalEvents none = ExternalEvents.given(ALONE, new double[0], new int[0]);
        assertRefused(
                "delay must be finite and above 0, got 0: give a positive number",
                () -> new EventDrivenRing(ALONE, 0, 1));
        assertRefused(
                "voltage must hold 2 elements, got 3: give one per neuron",
                () -> new EventDrivenRing(ALONE, 1, new double[3], none));
        assertRefused(
                "every voltage must be finite and below 1, the threshold, got 1: lower it",
                () -> new EventDrivenRing(ALONE, 1, new double[] {0, 1}, none));
        assertRefused(
                "every voltage must be finite and below 1, the threshold, got NaN: lower it",
                () -> new EventDrivenRing(ALONE, 1, new double[] {Double.NaN, 0}, none));
        assertRefused(
                "kicks and weights must be at most 1.0E300, got 1.0E301: lower it",
                () -> new EventDrivenRing(ALONE.withWeights(0, 1e301, 0, 0), 1, rest, none));
        assertRefused(
                "kicks and weights must be at most 1.0E300, got -1.0E301: lower it",
                () -> new EventDrivenRing(ALONE.withKicks(0, -1e301), 1, rest, none));
        EventDrivenRing ring = new EventDrivenRing(ALONE, 1e-13, 1);
        ring.runTo(10);
        assertRefused(
                "time must not be before the present one, 10.0 ms, got 9: begin another network", () -> ring.runTo(9));
        assertRefused("time must be finite, got Infinity: give a number", () -> ring.runTo(Double.POSITIVE_INFINITY));
        assertRefused(
                "delay must be at least 1.1368683772161603E-13 ms, the spacing of doubles at the end of the run, got"
                        + " 1.0E-13: lengthen it or shorten the run",
                () -> ring.runTo(1000));
        EventDrivenRing other = new EventDrivenRing(ALONE, 1, 1);
        assertRefused(
                "expected a network of " + other + ", got " + ring + ": build both alike",
                () -> other.copyStateFrom(ring));
        assertRefused(
                "neuron must hold 1 elements, got 0: give one per event",
                () -> ExternalEvents.given(ALONE, new double[1], new int[0]));
        assertRefused(
                "times must ascend, got 1.0 after 2.0: sort the events",
                () -> ExternalEvents.given(ALONE, new double[] {2, 1}, new int[2]));
        assertRefused(
                "neurons must be below 2, got 2: number them from 0",
                () -> ExternalEvents.given(ALONE, new double[] {1}, new int[] {2}));
        assertRefused(
                "every time must be finite and at least 0, got -1: give 0 or more",
                () -> ExternalEvents.given(ALONE, new double[] {-1}, new int[1]));
    }
}
