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

/** {@link GruStep} on vectors. */
final class VectorGruStep {
    private static final VectorSpecies<Double> SPECIES = VectorKernel.SPECIES;
    private static final int WIDTH = SPECIES.length();

    private VectorGruStep() {}

    static void forward(int from, int end, MatrixView gates, MatrixView q, MatrixView hLast, MatrixView h) {
        VectorElementary.Scratch scratch = VectorElementary.SCRATCH.get();
        double[] a = gates.data(), qt = q.data(), hl = hLast.data(), ht = h.data();
        int size = h.size();
        LongVector one = DoubleVector.broadcast(SPECIES, 1).reinterpretAsLongs();
        for (int first = from; first < end; first += PART) {
            int part = Math.min(PART, end - first);
            int ar = gates.offset() + first, az = ar + size, an = az + size;
            int qr = q.offset() + first, qz = qr + size, qn = qz + size;
            int hl0 = hLast.offset() + first;
            int h0 = h.offset() + first;
            int whole = part - part % WIDTH;
            add(whole, part, a, ar, qt, qr);
            tails(a, ar, part, scratch); // (2)
            add(whole, part, a, az, qt, qz);
            tails(a, az, part, scratch); // (2)
            for (int j = 0; j < whole; j += WIDTH) {
                DoubleVector r = DoubleVector.fromArray(SPECIES, a, ar + j);
                r = one.lanewise(AND_NOT, r.reinterpretAsLongs().lanewise(ASHR, 63))
                        .reinterpretAsDoubles()
                        .sub(r);
                DoubleVector product = DoubleVector.fromArray(SPECIES, qt, qn + j);
                r.fma(product, DoubleVector.fromArray(SPECIES, a, an + j)).intoArray(a, an + j); // (3)
            }
            for (int j = whole; j < part; j++) {
                a[an + j] = fma(Tail.sigma(a[ar + j]), qt[qn + j], a[an + j]); // (3)
            }
            tanh(a, an, a, an, qt, qr, part, scratch); // (3)
            for (int j = 0; j < whole; j += WIDTH) {
                DoubleVector z = DoubleVector.fromArray(SPECIES, a, az + j);
                z = one.lanewise(AND_NOT, z.reinterpretAsLongs().lanewise(ASHR, 63))
                        .reinterpretAsDoubles()
                        .sub(z);
                DoubleVector n = DoubleVector.fromArray(SPECIES, a, an + j);
                DoubleVector last = DoubleVector.fromArray(SPECIES, hl, hl0 + j);
                z.fma(last.sub(n), n).intoArray(ht, h0 + j); // (5)
            }
            for (int j = whole; j < part; j++) {
                ht[h0 + j] = fma(Tail.sigma(a[az + j]), hl[hl0 + j] - a[an + j], a[an + j]); // (5)
            }
        }
    }

    private static void add(int whole, int n, double[] a, int a0, double[] q, int q0) {
        for (int j = 0; j < whole; j += WIDTH) {
            DoubleVector sum = DoubleVector.fromArray(SPECIES, a, a0 + j);
            sum.add(DoubleVector.fromArray(SPECIES, q, q0 + j)).intoArray(a, a0 + j);
        }
        for (int j = whole; j < n; j++) {
            a[a0 + j] += q[q0 + j];
        }
    }

    static void backward(
            int first,
            int end,
            MatrixView gates,
            MatrixView q,
            MatrixView hLast,
            MatrixView dH,
            MatrixView dHLast,
            MatrixView dA,
            MatrixView dQ) {
        double[] a = gates.data(), qt = q.data(), hl = hLast.data();
        double[] dh = dH.data(), dl = dHLast.data(), da = dA.data(), dq = dQ.data();
        int size = dH.size();
        int ar = gates.offset(), az = ar + size, an = az + size;
        int sn = q.offset(), qn = sn + 2 * size;
        int dar = dA.offset(), daz = dar + size, dan = daz + size;
        int dqr = dQ.offset(), dqz = dqr + size, dqn = dqz + size;
        int hl0 = hLast.offset(), dh0 = dH.offset(), dl0 = dHLast.offset();
        LongVector one = DoubleVector.broadcast(SPECIES, 1).reinterpretAsLongs();
        int whole = end - (end - first) % WIDTH;
        for (int j = first; j < whole; j += WIDTH) {
            DoubleVector r = DoubleVector.fromArray(SPECIES, a, ar + j);
            DoubleVector z = DoubleVector.fromArray(SPECIES, a, az + j);
            DoubleVector n = DoubleVector.fromArray(SPECIES, a, an + j);
            DoubleVector dhj = DoubleVector.fromArray(SPECIES, dh, dh0 + j);
            DoubleVector last = DoubleVector.fromArray(SPECIES, hl, hl0 + j);
            DoubleVector dz = dhj.mul(last.sub(n)).mul(z.neg().fma(z, z.abs())); // (10)
            LongVector signZ = z.reinterpretAsLongs().lanewise(ASHR, 63);
            DoubleVector sigmaZ =
                    one.lanewise(AND_NOT, signZ).reinterpretAsDoubles().sub(z);
            DoubleVector complementZ = one.and(signZ).reinterpretAsDoubles().add(z);
            DoubleVector slopeOfN = DoubleVector.fromArray(SPECIES, qt, sn + j);
            DoubleVector dn = dhj.mul(complementZ).mul(slopeOfN); // (11)
            DoubleVector product = DoubleVector.fromArray(SPECIES, qt, qn + j);
            DoubleVector dr = dn.mul(product).mul(r.neg().fma(r, r.abs())); // (13)
            dr.intoArray(da, dar + j);
            dz.intoArray(da, daz + j);
            dn.intoArray(da, dan + j);
            dr.intoArray(dq, dqr + j);
            dz.intoArray(dq, dqz + j);
            LongVector signR = r.reinterpretAsLongs().lanewise(ASHR, 63);
            DoubleVector sigmaR =
                    one.lanewise(AND_NOT, signR).reinterpretAsDoubles().sub(r);
            dn.mul(sigmaR).intoArray(dq, dqn + j); // (12)
            DoubleVector carried = DoubleVector.fromArray(SPECIES, dl, dl0 + j);
            dhj.fma(sigmaZ, carried).intoArray(dl, dl0 + j); // (8)
        }
        GruStep.backward(whole, end, gates, q, hLast, dH, dHLast, dA, dQ);
    }
}
