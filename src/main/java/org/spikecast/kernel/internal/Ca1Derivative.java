package org.spikecast.kernel.internal;

import static java.lang.Math.fma;

/** The right-hand side of the CA1 neuron in plain code; the equations are numbered as in {@code Ca1Neuron}. */
public final class Ca1Derivative {
    private Ca1Derivative() {}

    public static void sigmoids(int rows, int n, double[] slope, double[] offset, double[] x, int xOffset, double[] y) {
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < n; j++) {
                y[i * n + j] = Elementary.sigma(fma(slope[i], x[xOffset + j], offset[i]));
            }
        }
    }

    /**
     * The derivative of cell j of n, without a loop over cells: for a single cell the loop would take longer than its
     * work.
     */
    public static void ofCell(int j, int n, Ca1Constants p, double[] current, double[] s, double[] y, double[] dy) {
        double v = y[j];
        double h = y[n + j];
        double x = y[2 * n + j]; // n
        double b = y[3 * n + j];
        double z = y[4 * n + j];
        double r = y[5 * n + j];
        double c = y[6 * n + j];
        double q = y[7 * n + j];
        double ca = y[8 * n + j];
        double m = s[j];
        double pInf = s[n + j];
        double a = s[2 * n + j];
        double iCa = p.gCa * (r * r) * (v - p.vCa); // (2)
        double sodium = fma(p.gNa * (m * m * m), h, p.gNaP * pInf);
        double x2 = x * x;
        double k = ca / (ca + p.aC); // (3)
        double slow = fma(p.gC * k, c, fma(p.gKdr, x2 * x2, fma(p.gM, z, p.gAhp * q)));
        double potassium = fma(p.gA * (a * a * a), b, slow);
        double ionic = fma(sodium, v - p.vNa, fma(potassium, v - p.vK, fma(p.gL, v - p.vL, iCa)));
        dy[j] = (current[j] - ionic) * p.perC; // (1)
        dy[n + j] = p.phiH * (s[3 * n + j] - h) / fma(p.kappaH, s[9 * n + j], 1); // (4)
        dy[2 * n + j] = p.phiN * (s[4 * n + j] - x) / fma(p.kappaN, s[10 * n + j], 1); // (4)
        dy[3 * n + j] = p.rateB * (s[5 * n + j] - b); // (4)
        dy[4 * n + j] = p.rateZ * (s[6 * n + j] - z); // (4)
        dy[5 * n + j] = p.rateR * (s[7 * n + j] - r); // (4)
        dy[6 * n + j] = p.rateC * (s[8 * n + j] - c); // (4)
        double ca2 = ca * ca;
        double ca4 = ca2 * ca2;
        dy[7 * n + j] = p.rateQ * (ca4 / (ca4 + p.aQ4) - q); // (5)
        dy[8 * n + j] = -fma(p.u, iCa, p.rateCa * ca); // (6)
    }
}
