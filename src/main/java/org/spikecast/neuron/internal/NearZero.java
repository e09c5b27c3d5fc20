package org.spikecast.neuron.internal;

import org.spikecast.kernel.internal.Elementary;

/**
 * Functions of exp and log, for arguments x of 0 or more, that lose no digits where x is small.
 *
 * <pre>{@code
 *   phi_1(x) = (1 - exp(-x)) / x           1 at x = 0
 *   phi_2(x) = (x - 1 + exp(-x)) / x^2     1/2 at x = 0
 * }</pre>
 *
 * <p>Written like this, 1 - exp(-x) loses the digits of a small x. Below x = 1 everything is therefore derived from the
 * series of phi_2, in which nothing cancels, and from phi_1 = 1 - x phi_2; from x = 1 on the definitions serve.
 *
 * <p>Source: M. Hochbruck, A. Ostermann, "Exponential integrators", Acta Numerica 19:209-286 (2010), where phi_k(x) is
 * phi_k(-x) here.
 */
final class NearZero {
    /** The series of phi_2 ends with x^17 / 19!: what follows is below half a unit in the last place for x below 1. */
    private static final int TERMS = 19;

    private NearZero() {}

    /** 1 - exp(-x), within 2 ulp (measured 1.5). */
    static double oneMinusExp(double x) {
        return x < 1 ? x * phi1(x) : 1 - Elementary.exp(-x);
    }

    /** log(1 + x), within 3 ulp (measured 2.0). */
    static double logOnePlus(double x) {
        double u = 1 + x;
        if (u == 1) {
            return x;
        }
        // log u belongs to the rounded u. Since log(1 + x) / x hardly changes from one u to the next, it may be taken
        // there (W. Kahan; D. Goldberg, ACM Computing Surveys 23:5-48, 1991, theorem 4). Above 1 it hardly matters.
        return x < 1 ? x * (Elementary.log(u) / (u - 1)) : Elementary.log(u);
    }

    /** phi_1, within 2 ulp (measured 1.3). */
    static double phi1(double x) {
        return x < 1 ? 1 - x * phi2Series(x) : (1 - Elementary.exp(-x)) / x;
    }

    /** phi_2, within 3 ulp (measured 1.8). */
    static double phi2(double x) {
        return x < 1 ? phi2Series(x) : ((x - 1) + Elementary.exp(-x)) / x / x;
    }

    /** phi_1 - phi_2 = (1 - (1 + x) exp(-x)) / x^2, within 8 ulp (measured 5.3). */
    static double phi1MinusPhi2(double x) {
        if (x < 1) {
            double phi2 = phi2Series(x);
            return (1 - x * phi2) - phi2;
        }
        return (1 - (1 + x) * Elementary.exp(-x)) / x / x;
    }

    /** 1/2 (1 - x/3 (1 - x/4 (1 - ...))) = 1/2! - x/3! + x^2/4! - ... */
    private static double phi2Series(double x) {
        double sum = 1;
        for (int n = TERMS; n >= 3; n--) {
            sum = 1 - x / n * sum;
        }
        return sum / 2;
    }
}
