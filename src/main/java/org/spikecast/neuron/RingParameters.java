package org.spikecast.neuron;

import java.util.Arrays;
import org.spikecast.neuron.LifPopulation.Scheme;
import org.spikecast.neuron.internal.Require;
import org.spikecast.neuron.internal.RingNetwork;

/**
 * Parameters of a {@link RingNetwork}.
 *
 * <p>The first index of a weight is the target: sEI is from I to E. Weights are sizes, 0 or more; the source's type
 * gives the sign.
 *
 * @param neurons N, even: N_E = N/2 excitatory neurons, then as many inhibitory ones
 * @param lif the neurons' parameters
 * @param externalRate lambda, external kicks per ms and neuron
 * @param kickE f_E, the voltage that an external kick adds to an E neuron
 * @param kickI f_I, the same for an I neuron
 * @param sEE weight from E to E
 * @param sEI weight from I to E
 * @param sIE weight from E to I
 * @param sII weight from I to I
 * @param reach the reach of the coupling in positions, 0 or more, with 2 reach + 1 at most N_E
 * @param sharedFraction c in 0 .. 1, the part of lambda that is one train common to all
 * @param dt the step in ms; it divides the refractory time
 * @param scheme scheme that advances the voltage by a step
 * @param tauS tau_S, the time constant of the synaptic currents in ms; 0: a spike's weight acts at once
 */
public record RingParameters(
        int neurons,
        LifParameters lif,
        double externalRate,
        double kickE,
        double kickI,
        double sEE,
        double sEI,
        double sIE,
        double sII,
        int reach,
        double sharedFraction,
        double dt,
        Scheme scheme,
        double tauS) {
    /** A network whose spikes act at once. */
    public RingParameters(
            int neurons,
            LifParameters lif,
            double externalRate,
            double kickE,
            double kickI,
            double sEE,
            double sEI,
            double sIE,
            double sII,
            int reach,
            double sharedFraction,
            double dt,
            Scheme scheme) {
        this(neurons, lif, externalRate, kickE, kickI, sEE, sEI, sIE, sII, reach, sharedFraction, dt, scheme, 0);
    }

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public RingParameters {
        boolean even = neurons >= 2 && neurons % 2 == 0;
        Require.that(even, "neurons must be even and at least 2", neurons, "give as many I as E neurons");
        Require.notNegative("externalRate", externalRate);
        Require.finite("kickE", kickE);
        Require.finite("kickI", kickI);
        Require.notNegative("sEE", sEE);
        Require.notNegative("sEI", sEI);
        Require.notNegative("sIE", sIE);
        Require.notNegative("sII", sII);
        int most = (neurons / 2 - 1) / 2;
        String expected = "reach must be in 0 .. " + most + " for " + neurons + " neurons (2 reach + 1 <= N_E)";
        Require.that(reach >= 0 && reach <= most, expected, reach, "shorten the reach or take more neurons");
        boolean fraction = sharedFraction >= 0 && sharedFraction <= 1;
        Require.that(fraction, "sharedFraction must be in 0 .. 1", sharedFraction, "give a fraction");
        Require.notNegative("tauS", tauS);
        LifPopulation.refractorySteps(lif, dt);
    }

    /** 600 neurons, irregular spiking: the default. */
    public static RingParameters irregular() {
        return of600(0.65, 0.07, 0.06, 0, 0.016, 0.013, 0.018, 0.010);
    }

    /** 600 weakly coupled neurons, the fraction c of whose external input is common to all. */
    public static RingParameters sharedInput(double c) {
        return of600(0.55, 0.07, 0.07, c, 0.003, 0.003, 0.003, 0.003);
    }

    /** 600 strongly coupled neurons that fire in bursts. */
    public static RingParameters bursts() {
        return of600(0.55, 0.07, 0.07, 0, 0.05, 0.045, 0.045, 0.05);
    }

    private static RingParameters of600(
            double rate, double fE, double fI, double c, double sEE, double sEI, double sIE, double sII) {
        LifParameters lif = new LifParameters(20, 1);
        return new RingParameters(600, lif, rate, fE, fI, sEE, sEI, sIE, sII, 15, c, 0.05, Scheme.EULER);
    }

    /**
     * The same network with another number of neurons and another reach. The weights are multiplied by
     * (2 reach + 1) / (2 new reach + 1), which keeps each neuron's summed input, and so the rates.
     */
    public RingParameters scaledTo(int newNeurons, int newReach) {
        Require.atLeast(0, "reach", newReach);
        double s = (2.0 * reach + 1) / (2.0 * newReach + 1);
        return new RingParameters(
                newNeurons,
                lif,
                externalRate,
                kickE,
                kickI,
                s * sEE,
                s * sEI,
                s * sIE,
                s * sII,
                newReach,
                sharedFraction,
                dt,
                scheme,
                tauS);
    }

    /** The same with another rate of external kicks, in 1/ms. */
    public RingParameters withExternalRate(double rate) {
        return new RingParameters(
                neurons, lif, rate, kickE, kickI, sEE, sEI, sIE, sII, reach, sharedFraction, dt, scheme, tauS);
    }

    /** The same with other sizes of external kicks. */
    public RingParameters withKicks(double fE, double fI) {
        return new RingParameters(
                neurons, lif, externalRate, fE, fI, sEE, sEI, sIE, sII, reach, sharedFraction, dt, scheme, tauS);
    }

    /** The same with other weights; first index target. */
    public RingParameters withWeights(double ee, double ei, double ie, double ii) {
        return new RingParameters(
                neurons, lif, externalRate, kickE, kickI, ee, ei, ie, ii, reach, sharedFraction, dt, scheme, tauS);
    }

    /** The same with another fraction of common external input. */
    public RingParameters withSharedFraction(double c) {
        return new RingParameters(
                neurons, lif, externalRate, kickE, kickI, sEE, sEI, sIE, sII, reach, c, dt, scheme, tauS);
    }

    /** The same on another grid: step in ms and scheme. */
    public RingParameters withGrid(double newDt, Scheme newScheme) {
        return new RingParameters(
                neurons,
                lif,
                externalRate,
                kickE,
                kickI,
                sEE,
                sEI,
                sIE,
                sII,
                reach,
                sharedFraction,
                newDt,
                newScheme,
                tauS);
    }

    /** The same with synaptic currents of another time constant, in ms. */
    public RingParameters withTauS(double ms) {
        return new RingParameters(
                neurons, lif, externalRate, kickE, kickI, sEE, sEI, sIE, sII, reach, sharedFraction, dt, scheme, ms);
    }

    /** f_a per neuron. */
    public double[] externalKicks() {
        double[] kicks = new double[neurons];
        Arrays.fill(kicks, 0, neurons / 2, kickE);
        Arrays.fill(kicks, neurons / 2, neurons, kickI);
        return kicks;
    }
}
