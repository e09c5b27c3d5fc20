package org.spikecast.neuron.internal;

import org.spikecast.kernel.internal.Elementary;
import org.spikecast.neuron.LifPopulation;

/**
 * The response of a LIF neuron at rest to one presynaptic spike at time 0, in closed form.
 *
 * <p>A spike of weight w causes a current I(t), and the membrane responds with the potential V(t):
 *
 * <pre>{@code
 *   (12)  V' = -V/tau_L + I,    V(0) = 0
 *
 *                             I(t), t >= 0                     V(t), t >= 0
 *   (13)  Delta               w delta(t)                       w exp(-t/tau_L)
 *   (14)  Exponential         w/tau_s exp(-t/tau_s)            w t/tau_s E phi_1(d)
 *   (15)  Alpha               w t/tau_s^2 exp(-t/tau_s)        w (t/tau_s)^2 E g(d)
 *
 *   (16)  d = t |tau_L - tau_s| / (tau_L tau_s),    E = exp(-t / max(tau_L, tau_s))
 *         g = phi_1 - phi_2  if tau_s < tau_L,      g = phi_2  otherwise
 *         phi_1(d) = (1 - exp(-d)) / d,             phi_2(d) = (d - 1 + exp(-d)) / d^2
 * }</pre>
 *
 * <p>Every current has the integral w, so that all three add the same w to a membrane that does not leak. Books write
 * (14) as w tau_L / (tau_L - tau_s) (exp(-t/tau_L) - exp(-t/tau_s)), which is 0/0 for equal time constants and loses
 * half of its digits where they agree in half of theirs; (15) is worse. Here the difference of the time constants
 * occurs in d alone, where it does no harm: near numbers are subtracted without rounding, and phi_1 and phi_2 are
 * smooth at d = 0. Equal, nearly equal and far apart time constants are one and the same case.
 *
 * <p><b>Error</b>: at most 1e-14, relative, plus 2e-16 t / max(tau_L, tau_s) from the rounding of E's argument; where
 * the result is below the smallest normal double, 2.2e-308, it may be 0 instead.
 *
 * <p>Source of the kernels: W. Gerstner, W. M. Kistler, R. Naud, L. Paninski, Neuronal Dynamics, 2014, section 3.1.
 */
public sealed interface Synapse {
    /**
     * The potential V(t).
     *
     * @param t ms since the spike, finite, at most 1e150 tau_s; 0 before the spike; t = 0 is after the jump
     * @param weight w, the voltage that the spike would add without leak, finite
     * @param tauL the membrane's time constant in ms, above 0
     * @throws IllegalArgumentException if an argument is out of its range
     */
    double potential(double t, double weight, double tauL);

    /** An impulse of current: the kick of {@link LifPopulation}. */
    record Delta() implements Synapse {
        @Override
        public double potential(double t, double weight, double tauL) {
            requireArguments(t, weight, tauL);
            return t < 0 ? 0 : weight * Elementary.exp(-t / tauL);
        }
    }

    /**
     * A current that jumps and decays.
     *
     * @param tauS its time constant tau_s in ms, above 0
     */
    record Exponential(double tauS) implements Synapse {
        /** Checks the time constant. */
        public Exponential {
            Require.positive("tauS", tauS);
        }

        @Override
        public double potential(double t, double weight, double tauL) {
            requireArguments(t, weight, tauL);
            if (t < 0) {
                return 0;
            }
            double x = inTimeConstants(t, tauS);
            return weight * (x * slowerDecay(t, tauL, tauS)) * NearZero.phi1(difference(t, tauL, tauS));
        }
    }

    /**
     * A current that rises, is largest at tau_s, and decays.
     *
     * @param tauS its time constant tau_s in ms, above 0
     */
    record Alpha(double tauS) implements Synapse {
        /** Checks the time constant. */
        public Alpha {
            Require.positive("tauS", tauS);
        }

        @Override
        public double potential(double t, double weight, double tauL) {
            requireArguments(t, weight, tauL);
            if (t < 0) {
                return 0;
            }
            double x = inTimeConstants(t, tauS);
            double d = difference(t, tauL, tauS);
            double g = tauS < tauL ? NearZero.phi1MinusPhi2(d) : NearZero.phi2(d);
            return weight * (x * slowerDecay(t, tauL, tauS)) * (x * g);
        }
    }

    private static void requireArguments(double t, double weight, double tauL) {
        Require.finite("t", t);
        Require.finite("weight", weight);
        Require.positive("tauL", tauL);
    }

    private static double inTimeConstants(double t, double tauS) {
        double x = t / tauS;
        Require.that(x <= 1e150, "t must be at most 1e150 tauS", x + " tauS", "take an earlier time");
        return x;
    }

    /** d of (16). */
    private static double difference(double t, double tauL, double tauS) {
        double fast = Math.min(tauL, tauS);
        double slow = Math.max(tauL, tauS);
        return t / fast * ((slow - fast) / slow);
    }

    /** E of (16). */
    private static double slowerDecay(double t, double tauL, double tauS) {
        return Elementary.exp(-t / Math.max(tauL, tauS));
    }
}
