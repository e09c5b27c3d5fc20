package org.spikecast.kernel.internal;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link Ca1Derivative} on vectors. */
final class VectorCa1Derivative {
    private static final VectorSpecies<Double> SPECIES = VectorKernel.SPECIES;
    private static final int WIDTH = SPECIES.length();

    private VectorCa1Derivative() {}

    static void derivative(int n, Ca1Constants p, double[] current, double[] s, double[] y, double[] dy) {
        int whole = n - n % WIDTH;
        if (whole > 0) {
            membranes(whole, n, p, current, s, y, dy);
            relaxSlowed(whole, p.phiH, p.kappaH, s, 3 * n, s, 9 * n, y, dy, n); // h
            relaxSlowed(whole, p.phiN, p.kappaN, s, 4 * n, s, 10 * n, y, dy, 2 * n); // n
            relax(whole, p.rateB, s, 5 * n, y, dy, 3 * n); // b
            relax(whole, p.rateZ, s, 6 * n, y, dy, 4 * n); // z
            relax(whole, p.rateR, s, 7 * n, y, dy, 5 * n); // r
            relax(whole, p.rateC, s, 8 * n, y, dy, 6 * n); // c
        }
        for (int j = whole; j < n; j++) {
            Ca1Derivative.ofCell(j, n, p, current, s, y, dy);
        }
    }

    /** V, q and Ca: equations (1) to (3), (5) and (6). */
    private static void membranes(
            int whole, int n, Ca1Constants p, double[] current, double[] s, double[] y, double[] dy) {
        for (int j = 0; j < whole; j += WIDTH) {
            DoubleVector v = DoubleVector.fromArray(SPECIES, y, j);
            DoubleVector h = DoubleVector.fromArray(SPECIES, y, n + j);
            DoubleVector x = DoubleVector.fromArray(SPECIES, y, 2 * n + j);
            DoubleVector b = DoubleVector.fromArray(SPECIES, y, 3 * n + j);
            DoubleVector z = DoubleVector.fromArray(SPECIES, y, 4 * n + j);
            DoubleVector r = DoubleVector.fromArray(SPECIES, y, 5 * n + j);
            DoubleVector c = DoubleVector.fromArray(SPECIES, y, 6 * n + j);
            DoubleVector q = DoubleVector.fromArray(SPECIES, y, 7 * n + j);
            DoubleVector ca = DoubleVector.fromArray(SPECIES, y, 8 * n + j);
            DoubleVector m = DoubleVector.fromArray(SPECIES, s, j);
            DoubleVector pInf = DoubleVector.fromArray(SPECIES, s, n + j);
            DoubleVector a = DoubleVector.fromArray(SPECIES, s, 2 * n + j);
            DoubleVector iCa = r.mul(r).mul(p.gCa).mul(v.sub(p.vCa)); // (2)
            DoubleVector sodium = m.mul(m).mul(m).mul(p.gNa).fma(h, pInf.mul(p.gNaP));
            DoubleVector x2 = x.mul(x);
            DoubleVector k = ca.div(ca.add(p.aC)); // (3)
            DoubleVector potassium = z.fma(DoubleVector.broadcast(SPECIES, p.gM), q.mul(p.gAhp));
            potassium = x2.mul(x2).fma(DoubleVector.broadcast(SPECIES, p.gKdr), potassium);
            potassium = k.mul(p.gC).fma(c, potassium);
            potassium = a.mul(a).mul(a).mul(p.gA).fma(b, potassium);
            DoubleVector ionic = v.sub(p.vL).fma(DoubleVector.broadcast(SPECIES, p.gL), iCa);
            ionic = potassium.fma(v.sub(p.vK), ionic);
            ionic = sodium.fma(v.sub(p.vNa), ionic);
            DoubleVector i = DoubleVector.fromArray(SPECIES, current, j);
            i.sub(ionic).mul(p.perC).intoArray(dy, j); // (1)
            DoubleVector ca2 = ca.mul(ca);
            DoubleVector ca4 = ca2.mul(ca2);
            ca4.div(ca4.add(p.aQ4)).sub(q).mul(p.rateQ).intoArray(dy, 7 * n + j); // (5)
            iCa.fma(DoubleVector.broadcast(SPECIES, p.u), ca.mul(p.rateCa))
                    .neg()
                    .intoArray(dy, 8 * n + j); // (6)
        }
    }

    /** (4): rate (target - x). */
    private static void relax(int n, double rate, double[] target, int targetOffset, double[] y, double[] dy, int at) {
        for (int j = 0; j < n; j += WIDTH) {
            DoubleVector x = DoubleVector.fromArray(SPECIES, y, at + j);
            DoubleVector inf = DoubleVector.fromArray(SPECIES, target, targetOffset + j);
            inf.sub(x).mul(rate).intoArray(dy, at + j);
        }
    }

    /** (4): phi (target - x) / (1 + kappa slowing). */
    private static void relaxSlowed(
            int n,
            double phi,
            double kappa,
            double[] target,
            int targetOffset,
            double[] slowing,
            int slowingOffset,
            double[] y,
            double[] dy,
            int at) {
        DoubleVector one = DoubleVector.broadcast(SPECIES, 1);
        for (int j = 0; j < n; j += WIDTH) {
            DoubleVector x = DoubleVector.fromArray(SPECIES, y, at + j);
            DoubleVector inf = DoubleVector.fromArray(SPECIES, target, targetOffset + j);
            DoubleVector lag = DoubleVector.fromArray(SPECIES, slowing, slowingOffset + j);
            inf.sub(x)
                    .mul(phi)
                    .div(lag.fma(DoubleVector.broadcast(SPECIES, kappa), one))
                    .intoArray(dy, at + j);
        }
    }
}
