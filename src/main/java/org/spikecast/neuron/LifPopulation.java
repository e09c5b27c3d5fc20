package org.spikecast.neuron;

import java.util.Arrays;
import org.spikecast.neuron.internal.Require;

/**
 * Leaky integrate-and-fire neurons that share parameters and time grid, each with a voltage of its own.
 *
 * <p>Between spikes, under a current I (1/ms) and kicks of size w_m at times T_m,
 *
 * <pre>{@code
 *   (1)  dV/dt = -V/tau_L + I + sum_m w_m delta(t - T_m)
 * }</pre>
 *
 * On the grid, step k leads from t_k = k dt to t_k+1. With K_k, the sum of what reaches the neuron in step k, and the
 * leak l of the {@link Scheme},
 *
 * <pre>{@code
 *   (2)  V_k+1 = V_k - l V_k + K_k,    l = dt/tau_L (EULER) or 1 - exp(-dt/tau_L) (EXACT)
 *   (3)  V_k+1 >= 1: a spike in step k; V = 0, integrates again from step k + n_ref,    n_ref = tau_ref/dt
 *   (4)  K_k = tau_L l I    for a constant current I
 * }</pre>
 *
 * What reaches a neuron before it integrates again is lost, and so is what overshoots 1. Under overwhelming drive the
 * interval between spikes is max(1, n_ref) steps. V has no lower bound.
 *
 * <p>Source: Z.-C. Xiao, K. K. Lin, J. Comput. Neurosci. 50:9-15 (2022).
 */
public final class LifPopulation {
    /**
     * The scheme that advances a LIF neuron's voltage from one point of the time grid to the next: equation (2).
     *
     * <p>Under both schemes a kick acts at the end of its step and the threshold is checked at grid points only, so a spike
     * time is right to one step at best.
     */
    public enum Scheme {
        /**
         * Forward Euler, l = dt / tau_L: the scheme of the cited ring network. Its voltage is right to first order in dt.
         */
        EULER {
            @Override
            public double leak(double x) {
                return x;
            }
        },

        /**
         * The linear equation's own solution, l = 1 - exp(-dt / tau_L). At grid points its voltage is that of (1) with
         * constant current and kicks on the grid, but for rounding; and a neuron under constant current spikes in the very
         * step in which the continuous solution reaches the threshold.
         */
        EXACT {
            @Override
            public double leak(double x) {
                // The series x (1 - x/2 (1 - x/3 (...))): 1 - exp(-x) would lose the digits of a small x. With x < 1
                // nothing cancels, and what follows x^20/20! is below half a unit in the last place.
                double sum = 0;
                for (int n = 20; n >= 1; n--) {
                    sum = x / n * (1 - sum);
                }
                return sum;
            }
        };

        /** The share l of the voltage that leaks away in one step, for x = dt / tau_L in (0, 1). */
        public abstract double leak(double x);
    }

    private final LifParameters parameters;
    private final double dt;
    private final Scheme scheme;
    private final double leak;
    private final int refractorySteps;

    private final double[] voltage;
    // The first step that integrates the neuron again. A clock of added floats would end a step late at dt = 0.1.
    private final int[] resume;
    private int step;

    // The refractory neurons, a queue in a circle: they come out as they went in. Their voltages stay what they are.
    private final int[] held;
    private final double[] heldVoltage;
    private int firstHeld;
    private int heldCount;

    /** Whether a voltage at the threshold or above was set from outside and is still there. */
    private boolean aboveThreshold;

    /**
     * Neurons at rest: V = 0, none refractory.
     *
     * @param neurons the number of neurons, at least 1
     * @param dt the step in ms; it divides tauRef (to 1e-9, relative) and is below tauL
     * @throws IllegalArgumentException if an argument is out of its range
     */
    public LifPopulation(LifParameters parameters, int neurons, double dt, Scheme scheme) {
        Require.atLeast(1, "neurons", neurons);
        this.refractorySteps = refractorySteps(parameters, dt);
        this.parameters = parameters;
        this.dt = dt;
        this.scheme = scheme;
        this.leak = scheme.leak(dt / parameters.tauL());
        this.voltage = new double[neurons];
        this.resume = new int[neurons];
        this.held = new int[neurons];
        this.heldVoltage = new double[neurons];
        Arrays.fill(voltage, LifParameters.RESET);
    }

    /** n_ref of (3); throws if the neuron does not fit the grid. */
    static int refractorySteps(LifParameters parameters, double dt) {
        Require.positive("dt", dt);
        String expected = "dt must be below tauL = " + parameters.tauL() + " ms";
        Require.that(dt < parameters.tauL(), expected, dt, "choose a smaller dt");
        return Require.steps("tauRef", parameters.tauRef(), dt);
    }

    /**
     * Advances every neuron by one step: (2), then (3). Allocates nothing.
     *
     * @param kick K_k per neuron
     * @param spiking receives the indices of the neurons that spiked, ascending; as long as there are neurons
     * @return how many spiked
     * @throws ArithmeticException if a kick made a voltage NaN
     */
    public int step(double[] kick, int[] spiking) {
        requireRoom(kick, spiking);
        integrate(kick);
        int reached = notBelowThreshold(voltage, spiking);
        int spikes = 0;
        for (int r = 0; r < reached; r++) {
            spikes = fire(spiking[r], spiking, spikes);
        }
        aboveThreshold = spikes < reached;
        step++;
        return spikes;
    }

    /**
     * The same with less work, if it is known which neurons received a positive kick: no other can reach the
     * threshold.
     *
     * @param lifted all neurons with a kick above 0; in any order, others and repetitions are allowed
     * @param count the number of elements of lifted that are used
     */
    public int step(double[] kick, int[] lifted, int count, int[] spiking) {
        if (aboveThreshold) {
            return step(kick, spiking);
        }
        requireRoom(kick, spiking);
        integrate(kick);
        int spikes = 0;
        for (int c = 0; c < count; c++) {
            if (!(voltage[lifted[c]] < LifParameters.THRESHOLD)) {
                spikes = fire(lifted[c], spiking, spikes);
            }
        }
        Arrays.sort(spiking, 0, spikes);
        step++;
        return spikes;
    }

    private void requireRoom(double[] kick, int[] spiking) {
        int n = voltage.length;
        if (kick.length != n || spiking.length < n) {
            String got = kick.length + " and " + spiking.length;
            throw Require.failure("kick and spiking must hold " + n + " elements", got, "give one per neuron");
        }
        if (step >= Integer.MAX_VALUE - refractorySteps) {
            throw new IllegalStateException("the grid ends after 2^31 steps: begin another population");
        }
    }

    /** Lists the neurons that are not below the threshold, ascending; returns how many. */
    private static int notBelowThreshold(double[] voltage, int[] list) {
        int count = 0;
        for (int a = 0; a < voltage.length; a++) {
            if (!(voltage[a] < LifParameters.THRESHOLD)) {
                list[count++] = a;
            }
        }
        return count;
    }

    /** (3) for a neuron at the threshold or above; returns how many have spiked with it. */
    private int fire(int neuron, int[] spiking, int spikes) {
        if (step < resume[neuron]) {
            return spikes;
        }
        if (Double.isNaN(voltage[neuron])) {
            throw new ArithmeticException("the voltage of neuron " + neuron + " became NaN in step " + step
                    + ": look for NaN or infinity in its input");
        }
        voltage[neuron] = LifParameters.RESET;
        resume[neuron] = step + refractorySteps;
        int end = firstHeld + heldCount++;
        held[end < held.length ? end : end - held.length] = neuron;
        spiking[spikes] = neuron;
        return spikes + 1;
    }

    /** (2): for all neurons, as the JVM vectorises a loop without branches; then refractory ones are put back. */
    private void integrate(double[] kick) {
        int n = voltage.length;
        while (heldCount > 0 && resume[held[firstHeld]] <= step) {
            firstHeld = after(firstHeld);
            heldCount--;
        }
        for (int h = 0, at = firstHeld; h < heldCount; h++, at = after(at)) {
            heldVoltage[at] = voltage[held[at]];
        }
        double[] v = voltage;
        for (int a = 0; a < n; a++) {
            v[a] += kick[a] - leak * v[a];
        }
        for (int h = 0, at = firstHeld; h < heldCount; h++, at = after(at)) {
            voltage[held[at]] = heldVoltage[at];
        }
    }

    private int after(int place) {
        return place + 1 < held.length ? place + 1 : 0;
    }

    /**
     * Takes over voltages, refractoriness and step counter.
     *
     * @param other a population with the same parameters, number of neurons, step and scheme
     * @throws IllegalArgumentException if one of these differs
     */
    public void copyStateFrom(LifPopulation other) {
        boolean alike = parameters.equals(other.parameters)
                && voltage.length == other.voltage.length
                && dt == other.dt
                && scheme == other.scheme;
        if (!alike) {
            throw Require.failure("expected " + this, other, "build both alike");
        }
        System.arraycopy(other.voltage, 0, voltage, 0, voltage.length);
        System.arraycopy(other.resume, 0, resume, 0, resume.length);
        System.arraycopy(other.held, 0, held, 0, held.length);
        firstHeld = other.firstHeld;
        heldCount = other.heldCount;
        aboveThreshold = other.aboveThreshold;
        step = other.step;
    }

    /**
     * Sets voltages and refractoriness of all neurons; the step counter begins again at 0.
     *
     * @param v voltages, below the threshold, from {@code offset} on
     * @param stepsHeld for how many steps each neuron stays refractory, from {@code offset} on
     */
    public void setState(double[] v, int[] stepsHeld, int offset) {
        System.arraycopy(v, offset, voltage, 0, voltage.length);
        step = 0;
        firstHeld = 0;
        heldCount = 0;
        aboveThreshold = false;
        for (int a = 0; a < voltage.length; a++) {
            resume[a] = stepsHeld[offset + a];
            if (resume[a] > 0) {
                int at = heldCount++;
                for (; at > 0 && resume[held[at - 1]] > resume[a]; at--) {
                    held[at] = held[at - 1];
                }
                held[at] = a;
            }
        }
    }

    /** The number of neurons, n. */
    public int neurons() {
        return voltage.length;
    }

    /** The neurons' parameters. */
    public LifParameters parameters() {
        return parameters;
    }

    /** The step in ms. */
    public double dt() {
        return dt;
    }

    /** The scheme that advances the voltage by a step. */
    public Scheme scheme() {
        return scheme;
    }

    /** n_ref of (3). */
    public int refractorySteps() {
        return refractorySteps;
    }

    /** The change of the voltage in one step by a unit of current (1 per ms): tau_L l of (4). */
    public double kickPerCurrent() {
        return parameters.tauL() * leak;
    }

    /** The number k of the step that comes next; 0 at first. */
    public int nextStep() {
        return step;
    }

    /** The voltage of a neuron. */
    public double voltage(int neuron) {
        return voltage[neuron];
    }

    /** The steps for which a neuron stays refractory; 0 if the next step integrates it. */
    public int stepsHeld(int neuron) {
        return Math.max(0, resume[neuron] - step);
    }

    /** Writes all voltages to target[offset] and on. */
    public void copyVoltagesTo(double[] target, int offset) {
        System.arraycopy(voltage, 0, target, offset, voltage.length);
    }

    /**
     * Sets the voltage of a neuron; at or above the threshold it will spike when it is integrated next, unless the leak
     * or a kick takes it down first.
     *
     * @throws IllegalArgumentException if the voltage is not finite
     */
    public void setVoltage(int neuron, double v) {
        Require.finite("voltage", v);
        voltage[neuron] = v;
        aboveThreshold |= v >= LifParameters.THRESHOLD;
    }

    /** Number of neurons, parameters and grid. */
    @Override
    public String toString() {
        return voltage.length + " neurons, " + parameters + ", dt " + dt + " ms, " + scheme;
    }
}
