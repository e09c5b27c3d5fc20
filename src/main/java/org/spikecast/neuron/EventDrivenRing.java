package org.spikecast.neuron;

import java.util.Arrays;
import java.util.Objects;
import org.spikecast.kernel.Elementary;
import org.spikecast.kernel.RandomStream;

/**
 * The ring of LIF neurons, simulated from event to event: no time grid, and spikes at exact times.
 *
 * <p>The same neurons and coupling as those of {@link RingNetwork}, with a delay d in place of the step that a spike
 * takes there to arrive. Of the parameters, dt and scheme have no meaning here.
 *
 * <pre>{@code
 *   (19)  dV_a/dt = -V_a/tau_L + f_a sum_m delta(t - T_a,m) + sum_b W_ab sum_s delta(t - t_b,s - d)
 *         while not refractory;   T: external kicks, t_b,s: spikes of b, W: (7) of RingCoupling
 *   (20)  V_a >= 1: a spike;  V_a = 0 until tau_ref later
 * }</pre>
 *
 * <p>Nothing but a kick lifts a voltage. So every spike is at the instant of a kick, and between kicks nothing needs to
 * be computed. What decays in common is taken out of the voltages, relative to a reference time:
 *
 * <pre>{@code
 *   (21)  u_a = V_a g(t),   g(t) = exp((t - t_ref)/tau_L)       constant between kicks
 *   (22)  a kick of w at t:  u_a <- u_a + w g(t);   V_a >= 1 where u_a >= g(t)
 *   (23)  a new reference time t_ref' = t_ref + tau_L/16:  u <- exp(-1/16) u
 * }</pre>
 *
 * <p>An external kick costs one addition, and a spike one for each of the 4 half + 1 neurons it reaches, with one g for
 * all. (23) keeps u from overflowing and t - t_ref so small that a short series gives g; it touches every neuron 16
 * times per tau_L, which is little beside the kicks. A refractory neuron has u = -infinity: whatever is added to it is
 * lost. All delays being equal, spikes arrive in the order in which they were sent, and so do refractory times end: the
 * list of spikes serves as the queue of both.
 *
 * <p><b>Promise.</b> Kicks act at their own times, and the voltages of (19) are exact but for rounding: 1e-14, relative
 * to the largest sum of kicks that was in them (measured 4e-15). A spike's time is that of an external kick plus the
 * delays on the way, each sum rounded once; it is wrong only where a voltage comes nearer to 1 than that error. (The
 * grid, for comparison, moves each kick by up to dt, and under {@link Scheme#EULER} errs in the voltage by order dt.)
 * The same seed gives the same bits everywhere.
 *
 * <p><b>Simultaneous events</b>, those whose times are the same double:
 *
 * <ol>
 *   <li>A neuron is refractory from its spike on, up to and not including t + tau_ref. What arrives in that time is
 *       lost; what arrives at its end is not.
 *   <li>All kicks of an instant act, then the threshold is looked at: +2 and -2 make no spike. They are added in this
 *       order, which decides nothing but rounding: spikes in the order in which they stand in the result, then external
 *       kicks.
 *   <li>A neuron spikes at most once at an instant, even with tau_ref = 0, and no spike arrives at the instant at which
 *       it is sent: delays are above 0.
 *   <li>Simultaneous spikes stand in the result by ascending neuron.
 * </ol>
 *
 * <p>{@link DelayedNetwork} has connections, delays and currents of all kinds, and pays for that with a priority queue
 * and two exponentials per kick.
 *
 * <p>Sources: Z.-C. Xiao, K. K. Lin, J. Comput. Neurosci. 50:9-15 (2022), for the network; R. Brette, Neural Computation
 * 18:2004-2027 (2006), for simulation from event to event.
 */
public final class EventDrivenRing {
    /** External events are drawn so many at a time. Part of the definition of the results, as it orders the draws. */
    private static final int BLOCK = 256;

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

    // What is before "now" has happened. There have been "references" reference times since the first one, 0.
    private double now;
    private long references;
    private double reference;
    private final double[] scaled;

    // The spikes of the last run from firstOfRun on; before it, older ones of which something is still to come. The next
    // one to arrive is number arrived, at the time arrival; the next neuron to be released is that of number released.
    private double[] spikeTime = new double[1024];
    private int[] spikeNeuron = new int[1024];
    private int spikes;
    private int firstOfRun;
    private int arrived;
    private int released;
    private double arrival = Double.POSITIVE_INFINITY;
    private double release = Double.POSITIVE_INFINITY;

    // External events that were taken from the input. Numbers next to due - 1 come before the next reference time, and g
    // is known for them; numbers due to taken - 1 come later.
    private ExternalEvents input;
    private double[] time = new double[2 * BLOCK];
    private int[] target = new int[2 * BLOCK];
    private double[] growth = new double[2 * BLOCK];
    private int next;
    private int due;
    private int taken;

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
     * @param input external kicks; the network uses it, it takes no copy
     * @throws IllegalArgumentException if an argument is out of its range
     */
    public EventDrivenRing(RingParameters parameters, double delay, double[] voltage, ExternalEvents input) {
        int n = parameters.neurons();
        Require.positive("delay", delay);
        Require.that(
                voltage.length == n, "voltage must hold " + n + " elements", voltage.length, "give one per neuron");
        for (double v : voltage) {
            if (!(v < LifParameters.THRESHOLD && v >= -LARGEST_KICK)) {
                throw Require.failure("every voltage must be finite and below 1, the threshold", v, "lower it");
            }
        }
        requireModerate("kickE", parameters.kickE());
        requireModerate("kickI", parameters.kickI());
        requireModerate("sEE", parameters.sEE());
        requireModerate("sEI", parameters.sEI());
        requireModerate("sIE", parameters.sIE());
        requireModerate("sII", parameters.sII());
        this.parameters = parameters;
        this.delay = delay;
        this.coupling = new RingCoupling(parameters);
        this.neurons = n;
        this.kick = parameters.externalKicks();
        this.perTau = 1 / parameters.lif().tauL();
        this.interval = parameters.lif().tauL() / REFERENCES_PER_TAU;
        this.decay = Elementary.exp(-1.0 / REFERENCES_PER_TAU);
        this.scaled = voltage.clone();
        this.input = input;
        input.startAt(now);
        takeEvents();
    }

    private static void requireModerate(String name, double size) {
        Require.that(Math.abs(size) <= LARGEST_KICK, name + " must be at most " + LARGEST_KICK, size, "lower it");
    }

    /**
     * Runs on up to a time, which is not included. How a time is divided into runs does not change what happens.
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
        forgetOldSpikes();
        while (now < ms) {
            double nextReference = nextReference();
            now = Math.min(nextReference, ms);
            advance(now);
            if (now == nextReference) {
                changeReference();
                takeEvents();
            }
        }
    }

    private void forgetOldSpikes() {
        int old = Math.min(arrived, released);
        spikes -= old;
        arrived -= old;
        released -= old;
        firstOfRun = spikes;
        System.arraycopy(spikeTime, old, spikeTime, 0, spikes);
        System.arraycopy(spikeNeuron, old, spikeNeuron, 0, spikes);
    }

    private double nextReference() {
        return (references + 1) * interval;
    }

    // (23)
    private void changeReference() {
        for (int a = 0; a < neurons; a++) {
            scaled[a] *= decay;
        }
        reference = nextReference();
        references++;
    }

    /** Takes from the input, if need be, all that comes before the next reference time. */
    private void takeEvents() {
        double end = nextReference();
        if (taken == 0 || time[taken - 1] < end) {
            taken -= next;
            System.arraycopy(time, next, time, 0, taken);
            System.arraycopy(target, next, target, 0, taken);
            next = 0;
            int more;
            do {
                if (taken + BLOCK > time.length) {
                    time = Arrays.copyOf(time, 2 * time.length);
                    target = Arrays.copyOf(target, time.length);
                    growth = Arrays.copyOf(growth, time.length);
                }
                more = input.next(time, target, taken, taken + BLOCK);
                taken += more;
            } while (more == BLOCK && time[taken - 1] < end);
        }
        int found = Arrays.binarySearch(time, next, taken, end);
        due = found >= 0 ? found : -found - 1;
        for (int i = next; i < due; i++) {
            growth[i] = growth(time[i]);
        }
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

    /** All that happens before a time that is not beyond the next reference time. */
    private void advance(double end) {
        while (true) {
            kickBefore(end);
            if (Math.min(arrival, release) >= end) {
                return;
            }
            if (release <= arrival) {
                scaled[spikeNeuron[released++]] = LifParameters.RESET;
                release = releaseTime();
            } else {
                arrive(arrival);
            }
        }
    }

    /** The external kicks before a time, before the next arrival and before the next neuron is released. */
    private void kickBefore(double end) {
        double before = Math.min(end, Math.min(arrival, release));
        while (next < due && time[next] < before) {
            next = kickUntilSpike(next, before);
            if (next < due && time[next] < before) {
                finishInstant();
                before = Math.min(before, Math.min(arrival, release));
            }
        }
    }

    /** (22); stops at an event that makes a spike or is common, else where there are no more, and returns its number. */
    private int kickUntilSpike(int first, double before) {
        int i = first;
        for (; i < due && time[i] < before; i++) {
            int a = target[i];
            if (a == ExternalEvents.ALL) {
                break;
            }
            double u = scaled[a] + kick[a] * growth[i];
            scaled[a] = u;
            if (u >= growth[i]) {
                break;
            }
        }
        return i;
    }

    /** Goes on from where {@link #kickUntilSpike} stopped: that event, and all at the same instant. */
    private void finishInstant() {
        double t = time[next];
        double g = growth[next];
        int first = spikes;
        if (target[next] != ExternalEvents.ALL) {
            spike(target[next++], t);
        }
        while (next < due && time[next] == t) {
            int a = kickNext(g);
            boolean all = a == ExternalEvents.ALL;
            lookAtThreshold(all ? 0 : a, all ? neurons : a + 1, t, g);
        }
        if (spikes > first + 1) {
            Arrays.sort(spikeNeuron, first, spikes);
        }
    }

    /** (22) for the next external event, whose neuron, or ALL, is returned. */
    private int kickNext(double g) {
        int a = target[next++];
        if (a == ExternalEvents.ALL) {
            for (int b = 0; b < neurons; b++) {
                scaled[b] += kick[b] * g;
            }
        } else {
            scaled[a] += kick[a] * g;
        }
        return a;
    }

    /** (22) for all that arrives at a time, spikes and external kicks. */
    private void arrive(double t) {
        double g = growth(t);
        int source = spikeNeuron[arrived++];
        int lifted = coupling.addColumn(source, g, scaled, g);
        boolean alone = true;
        for (; arrived < spikes && arrivalTime() == t; alone = false) {
            coupling.addColumn(spikeNeuron[arrived++], g, scaled, g);
        }
        for (; next < due && time[next] == t; alone = false) {
            kickNext(g);
        }
        arrival = arrivalTime();
        if (!alone) {
            lookAtThreshold(0, neurons, t, g);
        } else if (lifted > 0) {
            int[] reach = coupling.reach(source);
            for (int first = 0; first < neurons; first += neurons / 2) {
                lookAtThreshold(first + reach[0], first + reach[1], t, g);
                lookAtThreshold(first + reach[2], first + reach[3], t, g);
            }
        }
    }

    private void lookAtThreshold(int from, int to, double t, double g) {
        for (int a = from; a < to; a++) {
            if (scaled[a] >= g) {
                spike(a, t);
            }
        }
    }

    // (20)
    private void spike(int a, double t) {
        if (spikes == spikeTime.length) {
            spikeTime = Arrays.copyOf(spikeTime, 2 * spikes);
            spikeNeuron = Arrays.copyOf(spikeNeuron, 2 * spikes);
        }
        spikeTime[spikes] = t;
        spikeNeuron[spikes++] = a;
        scaled[a] = Double.NEGATIVE_INFINITY;
        if (arrived == spikes - 1) {
            arrival = arrivalTime();
        }
        if (released == spikes - 1) {
            release = releaseTime();
        }
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

    /**
     * Takes over the dynamical state: time, voltages, refractoriness and spikes under way. The external input goes on
     * from there, {@link ExternalEvents#startAt}; it is not taken over, and the last run of this network is forgotten.
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
        int old = Math.min(other.arrived, other.released);
        spikes = other.spikes - old;
        if (spikes > spikeTime.length) {
            spikeTime = new double[2 * spikes];
            spikeNeuron = new int[2 * spikes];
        }
        System.arraycopy(other.spikeTime, old, spikeTime, 0, spikes);
        System.arraycopy(other.spikeNeuron, old, spikeNeuron, 0, spikes);
        firstOfRun = spikes;
        arrived = other.arrived - old;
        released = other.released - old;
        arrival = other.arrival;
        release = other.release;
        restartInput();
    }

    /** Draws the external input from this stream from now on; the network uses it, it takes no copy. */
    public void useStream(RandomStream stream) {
        input = ExternalEvents.poisson(parameters, stream);
        restartInput();
    }

    private void restartInput() {
        input.startAt(now);
        next = 0;
        taken = 0;
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
