package org.spikecast.neuron.internal;

import java.util.Arrays;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.Elementary;
import org.spikecast.neuron.LifPopulation;
import org.spikecast.neuron.LifPopulation.Scheme;
import org.spikecast.neuron.RingParameters;

/**
 * A ring of LIF neurons with a dynamical state, stepped on a grid.
 *
 * <p>The input of neuron a in step k, K of equation (2) of {@link LifPopulation}, is, with W of {@link RingCoupling},
 *
 * <pre>{@code
 *   (5)  K_a,k  = f_a R_a,k + sum_b W_ab s_b,k-1          a spike acts one step later
 *   (6)  R_a,k ~ Poisson(lambda dt)                       external kicks
 * }</pre>
 *
 * With a synaptic time constant tau_S above 0 a spike's weight arrives as an exponential current of the same charge,
 * of which q_a is the part still to come:
 *
 * <pre>{@code
 *  (24)  q_a = q_a + sum_b W_ab s_b,k-1;    K_a,k = f_a R_a,k + (1 - d) q_a;    q_a = d q_a,    d = exp(-dt / tau_S)
 * }</pre>
 *
 * <p>With a shared fraction c, R is one common Poisson(c lambda dt) plus an own Poisson((1-c) lambda dt) of each
 * neuron. The own ones are drawn as one Poisson(N (1-c) lambda dt) of events, each given to a neuron chosen uniformly:
 * this is the same distribution (a thinned Poisson variable falls into independent Poisson variables) for fewer draws.
 *
 * <p>The bits of K_a,k are defined: it starts at f_a times the common count; f_a is added for each own event; then the
 * weights of the spikes, sources ascending.
 *
 * <p><b>Promise.</b> At grid points the voltages are those of the {@link Scheme}, and every event is moved to the
 * grid: times of spikes and of their arrival are accurate to one step at best. {@link EventDrivenRing} has no grid.
 *
 * <p><b>Cost.</b> Per step one pass over all neurons, without branches; in addition work per external event, and per
 * connection of a neuron that spikes. Only neurons that are kicked up are checked for a spike; with synaptic currents,
 * all.
 *
 * <p>Source: Z.-C. Xiao, K. K. Lin, J. Comput. Neurosci. 50:9-15 (2022).
 */
public final class RingNetwork {
    private final RingParameters parameters;
    private final int neurons;
    private final int excitatory;
    private final double commonMean;
    private final double ownMean;

    private final RingCoupling coupling;
    private final LifPopulation population;
    private final int[] spiking;
    private int spikes;
    private RandomStream external;

    /** (24): q, and d; q is null where spikes act at once. */
    private final double[] charge;

    private final double decay;

    private int[] targets = new int[64];
    private final int[] events;
    private final double[] kick;
    private final double[] externalKick;

    /**
     * A network with voltages uniform in (0, 1), no neuron refractory and no spike under way.
     *
     * @param seed the initial state comes from its stream "initial state", the input from its stream "external input"
     */
    public RingNetwork(RingParameters parameters, long seed) {
        this.parameters = parameters;
        this.neurons = parameters.neurons();
        this.excitatory = neurons / 2;
        this.coupling = new RingCoupling(parameters);
        double mean = parameters.externalRate() * parameters.dt();
        this.commonMean = parameters.sharedFraction() * mean;
        this.ownMean = neurons * (1 - parameters.sharedFraction()) * mean;
        this.population = new LifPopulation(parameters.lif(), neurons, parameters.dt(), parameters.scheme());
        this.spiking = new int[neurons];
        this.external = RandomStream.of(seed, "external input");
        this.events = new int[neurons];
        this.kick = new double[neurons];
        this.externalKick = parameters.externalKicks();
        this.charge = parameters.tauS() > 0 ? new double[neurons] : null;
        this.decay = parameters.tauS() > 0 ? Elementary.exp(-parameters.dt() / parameters.tauS()) : 0;
        double[] voltage = initialVoltages(neurons, seed);
        for (int a = 0; a < neurons; a++) {
            population.setVoltage(a, voltage[a]);
        }
    }

    /** Initial voltages, uniform in (0, 1), from the stream "initial state" of a seed. */
    public static double[] initialVoltages(int neurons, long seed) {
        RandomStream stream = RandomStream.of(seed, "initial state");
        double[] voltage = new double[neurons];
        Arrays.setAll(voltage, a -> stream.nextDouble());
        return voltage;
    }

    /** Advances the network by one step. Allocates nothing. */
    public void step() {
        // (6)
        int common = poisson(commonMean);
        Arrays.fill(events, common);
        Arrays.fill(kick, 0, excitatory, parameters.kickE() * common);
        Arrays.fill(kick, excitatory, neurons, parameters.kickI() * common);
        int own = poisson(ownMean);
        int lifted = own + spikes * coupling.reachSize();
        if (lifted > targets.length) {
            targets = new int[2 * lifted];
        }
        external.nextInts(neurons, targets, 0, own);
        for (int e = 0; e < own; e++) {
            int a = targets[e];
            events[a]++;
            kick[a] += externalKick[a];
        }
        if (charge != null) {
            spikes = currents();
            return;
        }
        // (5)
        int end = own;
        for (int s = 0; s < spikes; s++) {
            coupling.addColumn(spiking[s], 1, kick);
            if (coupling.isExcitatory(spiking[s])) {
                end = coupling.listReach(spiking[s], targets, end);
            }
        }
        spikes = common > 0 || lifted > neurons
                ? population.step(kick, spiking)
                : population.step(kick, targets, end, spiking);
    }

    /** (24), and the step of the neurons, any of which may be kicked up; returns the number of spikes. */
    private int currents() {
        for (int s = 0; s < spikes; s++) {
            coupling.addColumn(spiking[s], 1, charge);
        }
        for (int a = 0; a < neurons; a++) {
            kick[a] += (1 - decay) * charge[a];
            charge[a] *= decay;
        }
        return population.step(kick, spiking);
    }

    private int poisson(double mean) {
        return mean > 0 ? external.nextPoisson(mean) : 0;
    }

    /**
     * Copies the dynamical state: voltages, refractoriness, step counter, spikes under way and synaptic currents, but
     * neither the random stream nor the last external events. Allocates nothing if both have their parameters from one
     * object.
     *
     * @param other a network with equal parameters
     * @throws IllegalArgumentException if they differ
     */
    public void copyStateFrom(RingNetwork other) {
        if (!parameters.equals(other.parameters)) {
            throw Require.failure("expected a network of " + parameters, other.parameters, "build both alike");
        }
        population.copyStateFrom(other.population);
        System.arraycopy(other.spiking, 0, spiking, 0, other.spikes);
        spikes = other.spikes;
        if (charge != null) {
            System.arraycopy(other.charge, 0, charge, 0, neurons);
        }
    }

    /**
     * Sets the dynamical state of a network whose spikes act at once; the step counter begins again at 0. Allocates nothing.
     *
     * @param voltage of each neuron, below the threshold, from {@code offset} on
     * @param stepsHeld the steps for which each neuron stays refractory, from {@code offset} on
     * @param underWay whether a spike of each neuron arrives in the next step, from {@code offset} on
     */
    public void setState(double[] voltage, int[] stepsHeld, boolean[] underWay, int offset) {
        population.setState(voltage, stepsHeld, offset);
        spikes = 0;
        for (int a = 0; a < neurons; a++) {
            if (underWay[offset + a]) {
                spiking[spikes++] = a;
            }
        }
    }

    /** Draws the external input from this stream from now on; it is used, not copied. */
    public void useStream(RandomStream stream) {
        external = stream;
    }

    /** The parameters. */
    public RingParameters parameters() {
        return parameters;
    }

    /** The connectivity. */
    public RingCoupling coupling() {
        return coupling;
    }

    /** The number of the next step; 0 at first. */
    public int nextStep() {
        return population.nextStep();
    }

    /** The number of neurons that spiked in the last step. */
    public int spikeCount() {
        return spikes;
    }

    /** The neurons that spiked in the last step: the first {@link #spikeCount} elements, ascending. Read only. */
    public int[] spiking() {
        return spiking;
    }

    /**
     * The external kicks that arrived in the last step per neuron, lost ones included. Read only; the next
     * step writes to it.
     */
    public int[] externalEvents() {
        return events;
    }

    /** The voltage of a neuron. */
    public double voltage(int neuron) {
        return population.voltage(neuron);
    }

    /** Sets the voltage of a neuron, as {@link LifPopulation#setVoltage} does. */
    public void setVoltage(int neuron, double v) {
        population.setVoltage(neuron, v);
    }

    /** The steps for which a neuron stays refractory; 0 if the next step integrates it. */
    public int stepsHeld(int neuron) {
        return population.stepsHeld(neuron);
    }
}
