package org.spikecast.neuron.internal;

import org.spikecast.kernel.internal.Elementary;
import org.spikecast.neuron.LifParameters;
import org.spikecast.neuron.LifPopulation;

/**
 * A LIF neuron under a constant current, in closed form: equation (1) of {@link LifPopulation} without kicks.
 *
 * <pre>{@code
 *    (9)  V(t) = V(0) exp(-t/tau_L) + I tau_L (1 - exp(-t/tau_L))
 *   (10)  t*   = tau_L log((I tau_L - V(0)) / (I tau_L - 1))       V(t*) = 1, where I tau_L > 1 and V(0) < 1
 *   (11)  f    = 1 / (tau_ref + t*),  t* from V(0) = 0             0 where I tau_L <= 1
 * }</pre>
 *
 * <p>Errors are below 1e-14, relative, however near to 1 the product I tau_L and the voltage V(0) are: whether the
 * neuron ever spikes is decided by the exact product of the two doubles. Where the two terms of (9) cancel, that holds
 * relative to the larger of them. A long time adds the rounding of t / tau_L to the exponential: 1e-16 t / tau_L.
 *
 * <p>Source of (11), the f-I curve: L. Lapicque's model as in W. Gerstner, W. M. Kistler, Spiking Neuron Models, 2002,
 * section 4.1.1.
 *
 * @param lif the neuron
 * @param current I in 1/ms, finite, and I tau_L too
 */
public record ConstantCurrent(LifParameters lif, double current) {
    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public ConstantCurrent {
        Require.finite("current", current);
        Require.finite("current tauL", current * lif.tauL());
    }

    /**
     * The voltage of a neuron that neither spikes nor is refractory: (9).
     *
     * @param start V(0), finite
     * @param t ms since then, 0 or more
     */
    public double voltage(double start, double t) {
        Require.finite("start", start);
        Require.notNegative("t", t);
        double x = t / lif.tauL();
        return Math.fma(start, Elementary.exp(-x), current * lif.tauL() * NearZero.oneMinusExp(x));
    }

    /**
     * The time to the next spike: (10).
     *
     * @param start V(0), finite
     * @return ms; 0 if V(0) is at the threshold or above, infinity if the current never lifts it there
     */
    public double timeToThreshold(double start) {
        Require.finite("start", start);
        if (start >= LifParameters.THRESHOLD) {
            return 0;
        }
        double above = Math.fma(current, lif.tauL(), -LifParameters.THRESHOLD); // rounded once: no digits cancel
        if (above <= 0) {
            return Double.POSITIVE_INFINITY;
        }
        return lif.tauL() * NearZero.logOnePlus((LifParameters.THRESHOLD - start) / above);
    }

    /** The steady rate of spikes, in 1/ms: (11). */
    public double rate() {
        return 1 / (lif.tauRef() + timeToThreshold(LifParameters.RESET));
    }
}
