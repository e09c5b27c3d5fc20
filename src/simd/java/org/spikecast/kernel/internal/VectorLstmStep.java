package org.spikecast.kernel.internal;

import static java.lang.Math.fma;
import static org.spikecast.kernel.internal.VectorElementary.PART;
import static org.spikecast.kernel.internal.VectorElementary.sigma;
import static org.spikecast.kernel.internal.VectorElementary.tanh;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link LstmStep} on vectors. */
final class VectorLstmStep {
    private static final VectorSpecies<Double> SPECIES = VectorKernel.SPECIES;
    private static final int WIDTH = SPECIES.length();

    private VectorLstmStep() {}

    static void forward(MatrixView gates, MatrixView cLast, MatrixView c, MatrixView tanhC, MatrixView h) {
        VectorElementary.Scratch scratch = VectorElementary.SCRATCH.get();
        double[] z = gates.data(), cl = cLast.data(), ct = c.data(), th = tanhC.data(), ht = h.data();
        int n = h.size();
        // A part after the other, so that what one loop leaves is still in the first cache for the next.
        for (int first = 0; first < n; first += PART) {
            int part = Math.min(PART, n - first);
            int zi = gates.offset() + first, zf = zi + n, zg = zf + n, zo = zg + n;
            int cl0 = cLast.offset() + first;
            int c0 = c.offset() + first;
            int th0 = tanhC.offset() + first;
            int h0 = h.offset() + first;
            sigma(z, zi, part, scratch); // (2)
            sigma(z, zf, part, scratch); // (2)
            tanh(z, zg, z, zg, part, scratch); // (3)
            sigma(z, zo, part, scratch); // (2)
            int whole = part - part % WIDTH;
            for (int j = 0; j < whole; j += WIDTH) {
                DoubleVector i = DoubleVector.fromArray(SPECIES, z, zi + j);
                DoubleVector f = DoubleVector.fromArray(SPECIES, z, zf + j);
                DoubleVector ig = i.mul(DoubleVector.fromArray(SPECIES, z, zg + j));
                f.fma(DoubleVector.fromArray(SPECIES, cl, cl0 + j), ig).intoArray(ct, c0 + j); // (4)
            }
            for (int j = whole; j < part; j++) {
                ct[c0 + j] = fma(z[zf + j], cl[cl0 + j], z[zi + j] * z[zg + j]); // (4)
            }
            tanh(ct, c0, th, th0, part, scratch); // (5)
            for (int j = 0; j < whole; j += WIDTH) {
                DoubleVector o = DoubleVector.fromArray(SPECIES, z, zo + j);
                o.mul(DoubleVector.fromArray(SPECIES, th, th0 + j)).intoArray(ht, h0 + j); // (5)
            }
            for (int j = whole; j < part; j++) {
                ht[h0 + j] = z[zo + j] * th[th0 + j]; // (5)
            }
        }
    }

    static void backward(
            MatrixView gates, MatrixView cLast, MatrixView tanhC, MatrixView dH, MatrixView dC, MatrixView dZ) {
        double[] z = gates.data(), cl = cLast.data(), th = tanhC.data();
        double[] dh = dH.data(), dc = dC.data(), dz = dZ.data();
        int n = dH.size();
        int zi = gates.offset(), zf = zi + n, zg = zf + n, zo = zg + n;
        int di = dZ.offset(), df = di + n, dg = df + n, dO = dg + n;
        int cl0 = cLast.offset(), th0 = tanhC.offset(), dh0 = dH.offset(), dc0 = dC.offset();
        DoubleVector one = DoubleVector.broadcast(SPECIES, 1);
        int whole = n - n % WIDTH;
        for (int j = 0; j < whole; j += WIDTH) {
            DoubleVector i = DoubleVector.fromArray(SPECIES, z, zi + j);
            DoubleVector f = DoubleVector.fromArray(SPECIES, z, zf + j);
            DoubleVector g = DoubleVector.fromArray(SPECIES, z, zg + j);
            DoubleVector o = DoubleVector.fromArray(SPECIES, z, zo + j);
            DoubleVector tanh = DoubleVector.fromArray(SPECIES, th, th0 + j);
            DoubleVector dhj = DoubleVector.fromArray(SPECIES, dh, dh0 + j);
            DoubleVector arrived = DoubleVector.fromArray(SPECIES, dc, dc0 + j);
            DoubleVector dcj = dhj.mul(o).fma(tanh.neg().fma(tanh, one), arrived); // (9)
            dhj.mul(tanh).mul(o.mul(one.sub(o))).intoArray(dz, dO + j); // (10)
            dcj.mul(g).mul(i.mul(one.sub(i))).intoArray(dz, di + j); // (11)
            DoubleVector last = DoubleVector.fromArray(SPECIES, cl, cl0 + j);
            dcj.mul(last).mul(f.mul(one.sub(f))).intoArray(dz, df + j); // (12)
            dcj.mul(i).mul(g.neg().fma(g, one)).intoArray(dz, dg + j); // (13)
            dcj.mul(f).intoArray(dc, dc0 + j); // (9), for the step before
        }
        LstmStep.backward(whole, gates, cLast, tanhC, dH, dC, dZ);
    }
}
