package org.spikecast.kernel.internal;

import org.spikecast.kernel.Kernel;

/**
 * The constants of the CA1 neuron's right-hand side, in the letters of {@code Ca1Neuron}: an argument of {@link
 * Kernel#ca1Derivative}.
 */
public final class Ca1Constants {
    /** 1/C, cm2/uF. */
    public double perC;

    /** Maximal conductances, mS/cm2. */
    public double gL, gNa, gNaP, gKdr, gA, gM, gCa, gC, gAhp;

    /** Reversal potentials, mV. */
    public double vL, vNa, vK, vCa;

    /** Rates of h and n, 1/ms, and by how much the logistic function of V slows them down. */
    public double phiH, kappaH, phiN, kappaN;

    /** 1/tau of b, z, r and c, 1/ms. */
    public double rateB, rateZ, rateR, rateC;

    /** Calcium of half activation of I_C; that of q to the fourth power. */
    public double aC, aQ4;

    /** 1/tau of q, 1/ms. */
    public double rateQ;

    /** Calcium per current of calcium, and 1/tau of calcium, 1/ms. */
    public double u, rateCa;
}
