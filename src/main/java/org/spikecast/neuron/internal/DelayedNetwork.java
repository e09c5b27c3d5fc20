package org.spikecast.neuron.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.spikecast.neuron.LifParameters;
import org.spikecast.neuron.LifPopulation;

/**
 * LIF neurons under constant currents, connected with transmission delays, simulated from event to event: no time grid.
 *
 * <pre>{@code
 *   (17)  dV_a/dt = -V_a/tau_L + I_a + sum_c sum_s w_c delta(t - t_s - d_c)
 *         over the connections c to a and the spikes s of their sources; weight w, delay d
 *   (18)  V_a >= 1: a spike; V_a = 0 until tau_ref later
 * }</pre>
 *
 * <p>Between events the voltage is (9) of {@link ConstantCurrent}, and the next crossing of the threshold is (10): each
 * event costs two evaluations of a closed form and O(log m), m the events under way. There are two kinds of event: the
 * arrival of a kick, and a crossing under the constant current alone, which is withdrawn if a kick comes before.
 *
 * <p><b>Promise.</b> There is no error but rounding: 1e-12, relative, of the spike times on the networks stored in
 * test-vectors/lif. It cannot hold for every network and duration, since networks may magnify a rounding as they
 * magnify any disturbance. The same network gives the same bits everywhere.
 *
 * <p><b>Simultaneous events.</b> Times are simultaneous if they are the same double. The result of simultaneous events
 * is defined; the numbering of the neurons decides only the order of their spikes in the result, and the order of the
 * connections only the rounding of a sum.
 *
 * <ol>
 *   <li>A neuron is refractory from its spike on, up to and not including t + tau_ref, rounded as a double. Kicks
 *       that arrive in that time are lost; those that arrive at its end are not.
 *   <li>All kicks that reach a neuron at one instant act together, as their sum (added by number of the
 *       connection). Partial sums have no effect: 2 - 2 makes no spike, 2 - 1 does.
 *   <li>Then the threshold is checked. A kick that lifts V to 1 or more makes a spike at that instant; what
 *       overshoots is discarded. A crossing under the current at the instant of a kick has V = 1 plus the kick: it is
 *       withdrawn if the kick is negative, and there is one spike if it is not. This is as in (2) and (3) of {@link
 *       LifPopulation}.
 *   <li>A neuron spikes at most once at an instant, even with tau_ref = 0, and no kick arrives at the instant at which
 *       it is sent: delays are above 0.
 *   <li>Simultaneous spikes of several neurons are in the order of the neurons.
 * </ol>
 *
 * <p>Times that are equal as real numbers but come about differently (d + d and 2 d) may differ in the last bit as
 * doubles, and are then not simultaneous.
 *
 * <p>Source of the method: R. Brette, "Exact simulation of integrate-and-fire models with synaptic conductances",
 * Neural Computation 18:2004-2027 (2006); of (17) without current and delay: see {@link RingNetwork}.
 */
public final class DelayedNetwork {
    private final LifParameters lif;
    private final ConstantCurrent[] flow;
    private final List<Connection> connections;
    /** Per source the numbers of its connections. */
    private final int[][] outgoing;

    /**
     * A connection.
     *
     * @param target the neuron that it kicks
     * @param source the neuron whose spikes it carries
     * @param weight w, the voltage that a kick adds, finite
     * @param delay d, from the spike to the kick, in ms, above 0
     */
    public record Connection(int target, int source, double weight, double delay) {
        /**
         * Checks the values.
         *
         * @throws IllegalArgumentException if one is out of its range
         */
        public Connection {
            Require.atLeast(0, "target", target);
            Require.atLeast(0, "source", source);
            Require.finite("weight", weight);
            Require.positive("delay", delay);
        }
    }

    /**
     * Spikes, ordered by time and, among simultaneous ones, by neuron.
     *
     * @param times per spike its time in ms
     * @param neurons per spike its neuron
     */
    public record Spikes(double[] times, int[] neurons) {}

    /**
     * A network.
     *
     * @param lif the neurons' parameters
     * @param currents I per neuron in 1/ms, finite; at least one neuron
     * @param connections in any order; several between two neurons and from a neuron to itself are allowed
     * @throws IllegalArgumentException if a current is not finite or a connection names a neuron that does not exist
     */
    public DelayedNetwork(LifParameters lif, double[] currents, List<Connection> connections) {
        int n = currents.length;
        Require.atLeast(1, "the number of currents", n);
        this.lif = lif;
        this.flow = new ConstantCurrent[n];
        for (int a = 0; a < n; a++) {
            flow[a] = new ConstantCurrent(lif, currents[a]);
        }
        this.connections = List.copyOf(connections);
        List<List<Integer>> bySource = new ArrayList<>();
        for (int a = 0; a < n; a++) {
            bySource.add(new ArrayList<>());
        }
        for (int c = 0; c < this.connections.size(); c++) {
            Connection connection = this.connections.get(c);
            if (Math.max(connection.target(), connection.source()) >= n) {
                throw Require.failure("connections must be among neurons 0 .. " + (n - 1), connection, "renumber it");
            }
            bySource.get(connection.source()).add(c);
        }
        this.outgoing = bySource.stream()
                .map(list -> list.stream().mapToInt(Integer::intValue).toArray())
                .toArray(int[][]::new);
    }

    /**
     * A ring in which every neuron kicks the next one, and the last one the first.
     *
     * @param lif the neurons' parameters
     * @param currents I per neuron in 1/ms, finite; at least two neurons
     * @param weight of every connection
     * @param delay of every connection, in ms
     */
    public static DelayedNetwork ring(LifParameters lif, double[] currents, double weight, double delay) {
        int n = currents.length;
        Require.atLeast(2, "the number of currents", n);
        List<Connection> connections = new ArrayList<>();
        for (int a = 0; a < n; a++) {
            connections.add(new Connection((a + 1) % n, a, weight, delay));
        }
        return new DelayedNetwork(lif, currents, connections);
    }

    /** The number of neurons. */
    public int neurons() {
        return flow.length;
    }

    /** The neurons' parameters. */
    public LifParameters lif() {
        return lif;
    }

    /** I of a neuron, in 1/ms. */
    public double current(int neuron) {
        return flow[neuron].current();
    }

    /** The connections, in the order given. */
    public List<Connection> connections() {
        return connections;
    }

    /** The spikes from time 0, when V = 0 everywhere, up to and not including the duration: see {@link #run}. */
    public Spikes runFromRest(double durationMs) {
        return run(new double[neurons()], durationMs);
    }

    /**
     * The spikes from time 0 up to and not including the duration. At the start no neuron is refractory and no kick is
     * under way.
     *
     * @param voltage per neuron V at time 0, finite; at 1 or above the neuron spikes at time 0
     * @param durationMs above 0, in ms
     * @throws IllegalArgumentException if an argument is out of its range, or so large that a delay, or an interval
     *     between a neuron's spikes, is lost in the rounding of times
     * @throws ArithmeticException if a voltage leaves the range of double
     */
    public Spikes run(double[] voltage, double durationMs) {
        Require.that(
                voltage.length == neurons(),
                "voltage must hold " + neurons() + " elements",
                voltage.length,
                "give one per neuron");
        for (double v : voltage) {
            Require.finite("every voltage", v);
        }
        Require.positive("duration", durationMs);
        for (Connection c : connections) {
            requireResolved("delays", c.delay(), durationMs);
        }
        for (ConstantCurrent f : flow) {
            double interval = Math.max(lif.tauRef(), f.timeToThreshold(LifParameters.RESET));
            requireResolved("intervals between spikes", interval, durationMs);
        }
        return new Run(voltage).until(durationMs);
    }

    /** Time advances only by amounts that rounding does not lose. */
    private static void requireResolved(String what, double ms, double durationMs) {
        double least = Math.ulp(durationMs);
        if (ms < least) {
            String expected = what + " must be at least " + least + " ms, the spacing of doubles at the duration";
            throw Require.failure(expected, ms, "lengthen them or shorten the run");
        }
    }

    /**
     * Something that happens to a neuron.
     *
     * @param connection the number of the connection on which a kick arrives; {@link #CROSSING} for a crossing
     */
    private record Event(double time, int neuron, int connection) {
        static final int CROSSING = -1;

        /** By time; the events of a neuron at one instant follow one another. */
        static final Comparator<Event> ORDER = Comparator.comparingDouble(Event::time)
                .thenComparingInt(Event::neuron)
                .thenComparingInt(Event::connection);
    }

    /** The state of a run. */
    private final class Run {
        /** Just below the threshold, which a neuron reaches under its current at the time of its crossing only. */
        private static final double BELOW = 1 - 0x1p-53;

        /** Neuron a had voltage[a] at since[a]; if that is in the future, it is refractory until then. */
        private final double[] voltage;

        private final double[] since;

        /**
         * The time at which neuron a spikes unless a kick arrives before; crossing events with another time are void.
         */
        private final double[] crossing;

        private final PriorityQueue<Event> queue = new PriorityQueue<>(Event.ORDER);

        private double[] spikeTime = new double[64];
        private int[] spikeNeuron = new int[64];
        private int spikes;

        Run(double[] start) {
            voltage = start.clone();
            since = new double[start.length];
            crossing = new double[start.length];
            for (int a = 0; a < start.length; a++) {
                awaitCrossing(a);
            }
        }

        Spikes until(double end) {
            while (!queue.isEmpty() && queue.peek().time() < end) {
                instant(queue.peek().time(), queue.peek().neuron());
            }
            return new Spikes(Arrays.copyOf(spikeTime, spikes), Arrays.copyOf(spikeNeuron, spikes));
        }

        /** Everything that happens to neuron a at time t. */
        private void instant(double t, int a) {
            boolean crosses = false;
            boolean kicked = false;
            double kick = 0;
            while (!queue.isEmpty() && queue.peek().time() == t && queue.peek().neuron() == a) {
                int c = queue.poll().connection();
                if (c == Event.CROSSING) {
                    crosses |= crossing[a] == t;
                } else {
                    kicked = true;
                    kick += connections.get(c).weight();
                }
            }
            boolean refractory = t < since[a];
            if (refractory || !(crosses || kicked)) {
                return;
            }
            double v = kick + (crosses ? LifParameters.THRESHOLD : Math.min(BELOW, voltageAt(t, a)));
            if (v >= LifParameters.THRESHOLD) {
                spike(t, a);
            } else if (v > Double.NEGATIVE_INFINITY) {
                voltage[a] = v;
                since[a] = t;
                awaitCrossing(a);
            } else {
                throw new ArithmeticException(
                        "the voltage of neuron " + a + " became " + v + " at " + t + " ms: lower the weights");
            }
        }

        private double voltageAt(double t, int a) {
            return flow[a].voltage(voltage[a], t - since[a]);
        }

        /** (18) */
        private void spike(double t, int a) {
            if (spikes == spikeTime.length) {
                spikeTime = Arrays.copyOf(spikeTime, 2 * spikes);
                spikeNeuron = Arrays.copyOf(spikeNeuron, 2 * spikes);
            }
            spikeTime[spikes] = t;
            spikeNeuron[spikes++] = a;
            voltage[a] = LifParameters.RESET;
            since[a] = t + lif.tauRef();
            awaitCrossing(a);
            for (int c : outgoing[a]) {
                Connection connection = connections.get(c);
                queue.add(new Event(t + connection.delay(), connection.target(), c));
            }
        }

        /** (10) */
        private void awaitCrossing(int a) {
            crossing[a] = since[a] + flow[a].timeToThreshold(voltage[a]);
            if (crossing[a] < Double.POSITIVE_INFINITY) {
                queue.add(new Event(crossing[a], a, Event.CROSSING));
            }
        }
    }
}
