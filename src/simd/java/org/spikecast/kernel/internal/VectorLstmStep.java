package org.spikecast.kernel.internal;

import static java.lang.Math.fma;
import static jdk.incubator.vector.VectorOperators.AND_NOT;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static org.spikecast.kernel.internal.VectorElementary.PART;
import static org.spikecast.kernel.internal.VectorElementary.tails;
import static org.spikecast.kernel.internal.VectorElementary.tanh;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link LstmStep} on vectors. */
final class VectorLstmStep {
    private static final VectorSpecies<Double> SPECIES = VectorKernel.SPECIES;
    private static final int WIDTH = SPECIES.length();

    private VectorLstmStep() {}

    static void forward(
            int from, int end, MatrixView gates, MatrixView cLast, MatrixView c, MatrixView slopes, MatrixView h) {
        VectorElementary.Scratch scratch = VectorElementary.SCRATCH.get();
        double[] z = gates.data(), cl = cLast.data(), ct = c.data(), ht = h.data();
        double[] sl = slopes == null ? null : slopes.data();
        int n = h.size();
        LongVector one = DoubleVector.broadcast(SPECIES, 1).reinterpretAsLongs();
        // Part by part, so that the results of one loop are still in the first-level cache for the next.
        for (int first = from; first < end; first += PART) {
            int part = Math.min(PART, end - first);
            int zi = gates.offset() + first, zf = zi + n, zg = zf + n, zo = zg + n;
            int sg = slopes == null ? 0 : slopes.offset() + first, sc = sg + n;
            int cl0 = cLast.offset() + first;
            int c0 = c.offset() + first;
            int h0 = h.offset() + first;
            tails(z, zi, part, scratch); // (2)
            tails(z, zf, part, scratch); // (2)
            tanh(z, zg, z, zg, sl, sg, part, scratch); // (3)
            tails(z, zo, part, scratch); // (2)
            int whole = part - part % WIDTH;
            for (int j = 0; j < whole; j += WIDTH) {
                DoubleVector i = DoubleVector.fromArray(SPECIES, z, zi + j);
                DoubleVector f = DoubleVector.fromArray(SPECIES, z, zf + j);
                i = one.lanewise(AND_NOT, i.reinterpretAsLongs().lanewise(ASHR, 63))
                        .reinterpretAsDoubles()
                        .sub(i);
                f = one.lanewise(AND_NOT, f.reinterpretAsLongs().lanewise(ASHR, 63))
                        .reinterpretAsDoubles()
                        .sub(f);
                DoubleVector ig = i.mul(DoubleVector.fromArray(SPECIES, z, zg + j));
                f.fma(DoubleVector.fromArray(SPECIES, cl, cl0 + j), ig).intoArray(ct, c0 + j); // (4)
            }
            for (int j = whole; j < part; j++) {
                ct[c0 + j] = fma(Tail.sigma(z[zf + j]), cl[cl0 + j], Tail.sigma(z[zi + j]) * z[zg + j]); // (4)
            }
            tanh(ct, c0, ht, h0, sl, sc, part, scratch); // (5)
            for (int j = 0; j < whole; j += WIDTH) {
                DoubleVector o = DoubleVector.fromArray(SPECIES, z, zo + j);
                o = one.lanewise(AND_NOT, o.reinterpretAsLongs().lanewise(ASHR, 63))
                        .reinterpretAsDoubles()
                        .sub(o);
                o.mul(DoubleVector.fromArray(SPECIES, ht, h0 + j)).intoArray(ht, h0 + j); // (5)
            }
            for (int j = whole; j < part; j++) {
                ht[h0 + j] *= Tail.sigma(z[zo + j]); // (5)
            }
        }
    }

    static void backward(
            int first,
            int end,
            MatrixView gates,
            MatrixView cLast,
            MatrixView slopes,
            MatrixView h,
            MatrixView dH,
            MatrixView dC,
            MatrixView dZ) {
        double[] z = gates.data(), cl = cLast.data(), sl = slopes.data(), ht = h.data();
        double[] dh = dH.data(), dc = dC.data(), dz = dZ.data();
        int n = dH.size();
        int zi = gates.offset(), zf = zi + n, zg = zf + n, zo = zg + n;
        int di = dZ.offset(), df = di + n, dg = df + n, dO = dg + n;
        int cl0 = cLast.offset(), sg = slopes.offset(), sc = sg + n, h0 = h.offset();
        int dh0 = dH.offset(), dc0 = dC.offset();
        LongVector one = DoubleVector.broadcast(SPECIES, 1).reinterpretAsLongs();
        int whole = end - (end - first) % WIDTH;
        for (int j = first; j < whole; j += WIDTH) {
            DoubleVector i = DoubleVector.fromArray(SPECIES, z, zi + j);
            DoubleVector f = DoubleVector.fromArray(SPECIES, z, zf + j);
            DoubleVector g = DoubleVector.fromArray(SPECIES, z, zg + j);
            DoubleVector o = DoubleVector.fromArray(SPECIES, z, zo + j);
            DoubleVector dhj = DoubleVector.fromArray(SPECIES, dh, dh0 + j);
            DoubleVector arrived = DoubleVector.fromArray(SPECIES, dc, dc0 + j);
            DoubleVector slopeOfC = DoubleVector.fromArray(SPECIES, sl, sc + j);
            DoubleVector hidden = DoubleVector.fromArray(SPECIES, ht, h0 + j);
            DoubleVector last = DoubleVector.fromArray(SPECIES, cl, cl0 + j);
            DoubleVector slopeOfG = DoubleVector.fromArray(SPECIES, sl, sg + j);
            LongVector signO = o.reinterpretAsLongs().lanewise(ASHR, 63);
            DoubleVector sigmaO =
                    one.lanewise(AND_NOT, signO).reinterpretAsDoubles().sub(o);
            DoubleVector complementO = one.and(signO).reinterpretAsDoubles().add(o);
            DoubleVector dcj = dhj.mul(sigmaO).fma(slopeOfC, arrived); // (9)
            dhj.mul(hidden).mul(complementO).intoArray(dz, dO + j); // (10)
            dcj.mul(g).mul(i.neg().fma(i, i.abs())).intoArray(dz, di + j); // (11)
            dcj.mul(last).mul(f.neg().fma(f, f.abs())).intoArray(dz, df + j); // (12)
            LongVector signI = i.reinterpretAsLongs().lanewise(ASHR, 63);
            DoubleVector sigmaI =
                    one.lanewise(AND_NOT, signI).reinterpretAsDoubles().sub(i);
            dcj.mul(sigmaI).mul(slopeOfG).intoArray(dz, dg + j); // (13)
            LongVector signF = f.reinterpretAsLongs().lanewise(ASHR, 63);
            DoubleVector sigmaF =
                    one.lanewise(AND_NOT, signF).reinterpretAsDoubles().sub(f);
            dcj.mul(sigmaF).intoArray(dc, dc0 + j); // (9), for the step before
        }
        LstmStep.backward(whole, end, gates, cLast, slopes, h, dH, dC, dZ);
    }
}
