package org.spikecast.neuron.internal;

import java.util.Arrays;
import java.util.Objects;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.Elementary;
import org.spikecast.neuron.LifParameters;
import org.spikecast.neuron.LifPopulation.Scheme;
import org.spikecast.neuron.RingParameters;

/**
 * The ring of LIF neurons, simulated from event to event: no time grid, and spikes at exact times.
 *
 * <p>The same neurons and coupling as those of {@link RingNetwork}, with a delay d in place of the one step that a
 * spike takes there to arrive. The parameters dt and scheme are not used here.
 *
 * <pre>{@code
 *   (19)  dV_a/dt = -V_a/tau_L + f_a sum_m delta(t - T_a,m) + sum_b W_ab sum_s delta(t - t_b,s - d)
 *         while not refractory;   T: external kicks, t_b,s: spikes of b, W: (7) of RingCoupling
 *   (20)  V_a >= 1: a spike;  V_a = 0 until tau_ref later
 * }</pre>
 *
 * <p>Only kicks raise a voltage. So every spike is at the instant of a kick, and between kicks nothing needs to be
 * computed. The common decay is factored out of the voltages, relative to a reference time:
 *
 * <pre>{@code
 *   (21)  u_a = V_a g(t),   g(t) = exp((t - t_ref)/tau_L)       constant between kicks
 *   (22)  a kick of w at t:  u_a <- u_a + w g(t);   V_a >= 1 where u_a >= g(t)
 *   (23)  a new reference time t_ref' = t_ref + tau_L/16:  u <- exp(-1/16) u
 * }</pre>
 *
 * <p>(23) keeps u from overflowing and t - t_ref so small that a short series gives g. A refractory neuron has u =
 * -infinity: whatever is added to it is lost. Since all delays are equal, spikes arrive, and refractory times end, in
 * the order of the spikes: their list serves as the queue of both.
 *
 * <p><b>Promise.</b> Kicks act at their own times. The voltages of (19) are exact but for rounding, which is below
 * 1e-14 of the sizes of the kicks in them. A spike's time is that of an external kick plus the delays on the way, each
 * sum rounded once; it differs only where a voltage is closer to 1 than that rounding. (The grid, for comparison,
 * moves each kick by up to dt, and under {@link Scheme#EULER} errs in the voltage by order dt.) The same seed gives
 * the same bits everywhere.
 *
 * <p><b>Cost.</b> Per external event two random numbers, one g and one addition; per spike an addition for each neuron
 * it reaches. There is no cost per step; (23) costs 16 products per neuron and tau_L of simulated time.
 *
 * <p><b>Simultaneous events</b>, those whose times are the same double:
 *
 * <ol>
 *   <li>A neuron is refractory from its spike on, up to and not including t + tau_ref. Kicks that arrive in that
 *       time are lost; those that arrive at its end are not.
 *   <li>All kicks of an instant act, then the threshold is checked: +2 and -2 make no spike. They are added in
 *       this order, which decides only rounding: spikes in the order of the result, then external kicks.
 *   <li>A neuron spikes at most once at an instant, even with tau_ref = 0, and no spike arrives at the instant at which
 *       it is sent: delays are above 0.
 *   <li>Simultaneous spikes are in the order of the neurons.
 * </ol>
 *
 * <p>{@link DelayedNetwork} has connections, delays and currents of all kinds, and pays for that with a priority queue
 * and two exponentials per kick.
 *
 * <p>Sources: Z.-C. Xiao, K. K. Lin, J. Comput. Neurosci. 50:9-15 (2022), for the network; R. Brette, Neural Computation
 * 18:2004-2027 (2006), for simulation from event to event.
 */
public final class EventDrivenRing {
    private static final int REFERENCES_PER_TAU = 16;

    /** Larger kicks could add up to infinity, which has a meaning of its own here. */
    private static final double LARGEST_KICK = 1e300;

    private final RingParameters parameters;
    private final double delay;
    private final RingCoupling coupling;
    private final int neurons;
    private final double[] kick;
    private final double perTau;
    private final double interval;
    private final double decay;

    // What is before "now" has happened. Reference times are numbered from 0, at time 0.
    private double now;
    private long references;
    private double reference;
    private final double[] scaled;

    // The spikes of the last run, from number firstOfRun on, and before them older ones that have not arrived or not
    // released their neuron. The next to arrive is number arrived; the next to release its neuron is number released.
    private double[] spikeTime = new double[1024];
    private int[] spikeNeuron = new int[1024];
    private int spikes;
    private int firstOfRun;
    private int arrived;
    private int released;

    // The external events up to the next reference time, g of each, and the next one.
    private ExternalEvents input;
    private final ExternalEvents.EventList events = new ExternalEvents.EventList();
    private double[] growth = new double[0];
    private int next;

    /**
     * A network with voltages uniform in (0, 1), no neuron refractory and no spike under way.
     *
     * @param delay d, from a spike to its arrival, in ms, above 0
     * @param seed the initial state comes from its stream "initial state", the input from its stream "external input"
     * @throws IllegalArgumentException if the delay, a kick or a weight is out of its range
     */
    public EventDrivenRing(RingParameters parameters, double delay, long seed) {
        this(
                parameters,
                delay,
                RingNetwork.initialVoltages(parameters.neurons(), seed),
                ExternalEvents.poisson(parameters, RandomStream.of(seed, "external input")));
    }

    /**
     * A network with a given initial state and external input, no neuron refractory and no spike under way.
     *
     * @param delay d, from a spike to its arrival, in ms, above 0
     * @param voltage per neuron V at time 0, finite, below 1
     * @param input external kicks; used, not copied
     * @throws IllegalArgumentException if an argument is out of its range
     */
    public EventDrivenRing(RingParameters parameters, double delay, double[] voltage, ExternalEvents input) {
        RingParameters p = parameters;
        Require.positive("delay", delay);
        Require.that(p.tauS() == 0, "tauS must be 0 from event to event", p.tauS(), "take the network on a grid");
        Require.that(
                voltage.length == p.neurons(),
                "voltage must hold " + p.neurons() + " elements",
                voltage.length,
                "give one per neuron");
        for (double v : voltage) {
            if (!(v < LifParameters.THRESHOLD && v >= -LARGEST_KICK)) {
                throw Require.failure("every voltage must be finite and below 1, the threshold", v, "lower it");
            }
        }
        for (double w : new double[] {p.kickE(), p.kickI(), p.sEE(), p.sEI(), p.sIE(), p.sII()}) {
            if (Math.abs(w) > LARGEST_KICK) {
                throw Require.failure("kicks and weights must be at most " + LARGEST_KICK, w, "lower it");
            }
        }
        this.parameters = p;
        this.delay = delay;
        this.coupling = new RingCoupling(p);
        this.neurons = p.neurons();
        this.kick = p.externalKicks();
        this.perTau = 1 / p.lif().tauL();
        this.interval = p.lif().tauL() / REFERENCES_PER_TAU;
        this.decay = Elementary.exp(-1.0 / REFERENCES_PER_TAU);
        this.scaled = voltage.clone();
        this.input = input;
        takeEvents();
    }

    /**
     * Runs up to a time, which is not included. The division of a time into runs does not change the result.
     *
     * @param ms finite, not before {@link #now}
     * @throws IllegalArgumentException if the time is out of its range, or so late that the delay is lost in the
     *     rounding of times
     */
    public void runTo(double ms) {
        Require.finite("time", ms);
        Require.that(ms >= now, "time must not be before the present one, " + now + " ms", ms, "begin another network");
        Require.that(
                delay >= Math.ulp(ms),
                "delay must be at least " + Math.ulp(ms) + " ms, the spacing of doubles at the end of the run",
                delay,
                "lengthen it or shorten the run");
        takePending(this);
        while (now < ms) {
            double nextReference = nextReference();
            now = Math.min(nextReference, ms);
            advance(now);
            if (now == nextReference) {
                changeReference();
            }
        }
    }

    private double nextReference() {
        return (references + 1) * interval;
    }

    // (23)
    private void changeReference() {
        for (int a = 0; a < neurons; a++) {
            scaled[a] *= decay;
        }
        references++;
        reference = now;
        takeEvents();
    }

    /** Takes from the input all events before the next reference time. */
    private void takeEvents() {
        events.clear();
        input.addTo(events, now, nextReference());
        events.add(Double.POSITIVE_INFINITY, 0); // never reached: it ends the loops over events
        if (growth.length < events.size()) {
            growth = new double[2 * events.size()];
        }
        for (int i = 0; i < events.size(); i++) {
            growth[i] = growth(events.time(i));
        }
        next = 0;
    }

    /** g of (21), for times up to the next reference time: x is at most 1/16, and x^9 / 9! is below 2^-54. */
    private double growth(double t) {
        double x = (t - reference) * perTau;
        double x2 = x * x;
        double low = Math.fma(x2, 1.0 / 2, 1 + x);
        double middle = Math.fma(x2, Math.fma(x, 1.0 / 720, 1.0 / 120), Math.fma(x, 1.0 / 24, 1.0 / 6));
        double high = Math.fma(x, 1.0 / 40320, 1.0 / 5040);
        return Math.fma(x * x2, Math.fma(x2 * x2, high, middle), low);
    }

    /** Processes all events before a time, which must not be after the next reference time. */
    private void advance(double end) {
        while (true) {
            double release = releaseTime();
            double due = Math.min(end, Math.min(release, arrivalTime()));
            if (kickBefore(due)) {
                continue; // the consequences of a new spike may be due earlier
            }
            if (due == end) {
                return;
            }
            if (due == release) {
                scaled[spikeNeuron[released++]] = LifParameters.RESET;
            } else {
                arrive(due);
            }
        }
    }

    /**
     * (22) for the external kicks before a time, up to the first that may make spikes; returns whether there is one.
     * Simultaneous ones may act one after another, since all external kicks of a neuron have the same sign.
     */
    private boolean kickBefore(double due) {
        double[] time = events.time;
        int[] neuron = events.neuron;
        int i = next;
        boolean reached = false;
        for (; !reached && time[i] < due; i++) {
            int a = neuron[i];
            kick(a, growth[i]);
            reached = a == ExternalEvents.ALL || scaled[a] >= growth[i];
        }
        next = i;
        if (reached) {
            spikeWhereReached(neuron[i - 1], time[i - 1], growth[i - 1]);
        }
        return reached;
    }

    /** (22) for all spikes and external kicks that arrive at a time. */
    private void arrive(double t) {
        double g = growth(t);
        int firstSpike = arrived;
        int firstEvent = next;
        while (arrivalTime() == t) {
            coupling.addColumn(spikeNeuron[arrived++], g, scaled);
        }
        while (events.time(next) == t) {
            kick(events.neuron(next++), g);
        }
        int end = arrived;
        for (int s = firstSpike; s < end; s++) {
            if (coupling.isExcitatory(spikeNeuron[s])) {
                int[] reach = coupling.reach(spikeNeuron[s]);
                for (int type = 0; type < neurons; type += neurons / 2) {
                    spikeWhereReached(type + reach[0], type + reach[1], t, g);
                    spikeWhereReached(type + reach[2], type + reach[3], t, g);
                }
            }
        }
        for (int i = firstEvent; i < next; i++) {
            spikeWhereReached(events.neuron(i), t, g);
        }
    }

    private void kick(int neuron, double g) {
        if (neuron == ExternalEvents.ALL) {
            for (int a = 0; a < neurons; a++) {
                scaled[a] += kick[a] * g;
            }
        } else {
            scaled[neuron] += kick[neuron] * g;
        }
    }

    private void spikeWhereReached(int neuron, double t, double g) {
        if (neuron == ExternalEvents.ALL) {
            spikeWhereReached(0, neurons, t, g);
        } else if (scaled[neuron] >= g) {
            spike(neuron, t);
        }
    }

    private void spikeWhereReached(int from, int to, double t, double g) {
        for (int a = from; a < to; a++) {
            if (scaled[a] >= g) {
                spike(a, t);
            }
        }
    }

    /** (20). Simultaneous spikes are sorted by neuron. */
    private void spike(int neuron, double t) {
        if (spikes == spikeTime.length) {
            spikeTime = Arrays.copyOf(spikeTime, 2 * spikes);
            spikeNeuron = Arrays.copyOf(spikeNeuron, 2 * spikes);
        }
        int place = spikes;
        while (place > firstOfRun && spikeTime[place - 1] == t && spikeNeuron[place - 1] > neuron) {
            spikeNeuron[place] = spikeNeuron[place - 1];
            place--;
        }
        spikeNeuron[place] = neuron;
        spikeTime[spikes++] = t;
        scaled[neuron] = Double.NEGATIVE_INFINITY;
    }

    private double arrivalTime() {
        return arrived < spikes ? spikeTime[arrived] + delay : Double.POSITIVE_INFINITY;
    }

    private double releaseTime() {
        if (released == spikes) {
            return Double.POSITIVE_INFINITY;
        }
        double t = spikeTime[released];
        return Math.max(t + parameters.lif().tauRef(), Math.nextUp(t)); // a neuron spikes at most once at an instant
    }

    /** Keeps those spikes of a network, this one or another, that have not arrived or not released their neuron. */
    private void takePending(EventDrivenRing other) {
        int old = Math.min(other.arrived, other.released);
        int pending = other.spikes - old;
        if (pending > spikeTime.length) {
            spikeTime = new double[2 * pending];
            spikeNeuron = new int[2 * pending];
        }
        System.arraycopy(other.spikeTime, old, spikeTime, 0, pending);
        System.arraycopy(other.spikeNeuron, old, spikeNeuron, 0, pending);
        arrived = other.arrived - old;
        released = other.released - old;
        spikes = pending;
        firstOfRun = pending;
    }

    /**
     * Copies the dynamical state: time, voltages, refractoriness and spikes under way. The external input is not
     * copied, and the spikes of this network's last run are discarded.
     *
     * @param other a network with equal parameters and delay
     * @throws IllegalArgumentException if they differ
     */
    public void copyStateFrom(EventDrivenRing other) {
        if (!parameters.equals(other.parameters) || delay != other.delay) {
            throw Require.failure("expected a network of " + this, other, "build both alike");
        }
        now = other.now;
        references = other.references;
        reference = other.reference;
        System.arraycopy(other.scaled, 0, scaled, 0, neurons);
        takePending(other);
        takeEvents();
    }

    /** Draws the external input from this stream from now on; it is used, not copied. */
    public void useStream(RandomStream stream) {
        input = ExternalEvents.poisson(parameters, stream);
        takeEvents();
    }

    /** The parameters. */
    public RingParameters parameters() {
        return parameters;
    }

    /** d, in ms. */
    public double delay() {
        return delay;
    }

    /** The time up to which the network has run, in ms; 0 at first. */
    public double now() {
        return now;
    }

    /** The number of spikes in the last {@link #runTo}. */
    public int spikeCount() {
        return spikes - firstOfRun;
    }

    /** The time of a spike of the last run, in ms; spikes are numbered from 0, by time, then by neuron. */
    public double spikeTime(int spike) {
        return spikeTime[firstOfRun + Objects.checkIndex(spike, spikeCount())];
    }

    /** The neuron of a spike of the last run. */
    public int spikeNeuron(int spike) {
        return spikeNeuron[firstOfRun + Objects.checkIndex(spike, spikeCount())];
    }

    /** V of a neuron at the present time; 0 while it is refractory. */
    public double voltage(int neuron) {
        return isRefractory(neuron) ? LifParameters.RESET : scaled[neuron] / growth(now);
    }

    /** Whether a neuron is refractory at the present time. */
    public boolean isRefractory(int neuron) {
        return scaled[neuron] == Double.NEGATIVE_INFINITY;
    }

    /** Parameters and delay. */
    @Override
    public String toString() {
        return parameters + ", delay " + delay + " ms";
    }
}
