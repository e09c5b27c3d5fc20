package org.spikecast.kernel.internal;

import static jdk.incubator.vector.VectorOperators.AND_NOT;
import static jdk.incubator.vector.VectorOperators.ASHR;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.spikecast.kernel.Kernel;

/** The functions of {@link Elementary} on vectors: the same operations in the same order on each lane. */
final class VectorElementary {
    private static final VectorSpecies<Double> SPECIES = VectorKernel.SPECIES;
    private static final VectorSpecies<Long> LONGS = VectorSpecies.of(long.class, SPECIES.vectorShape());
    private static final int WIDTH = SPECIES.length();

    /** The number of elements of one loop: few enough for the first-level cache, many enough for long loops. */
    static final int PART = 512;

    /** Buffers for intermediate values of sigma and tanh. */
    static final class Scratch {
        final double[] powers = new double[PART];
        final double[] reduced = new double[PART];
        final double[] lost = new double[PART];
        final double[] exponentials = new double[PART];
    }

    static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    private VectorElementary() {}

    /** {@link Kernel#sigma}. */
    static void sigma(MatrixView x) {
        for (int first = 0; first < x.size(); first += PART) {
            sigma(x.data(), x.offset() + first, Math.min(PART, x.size() - first), SCRATCH.get());
        }
    }

    /** {@link Kernel#tanh}. */
    static void tanh(MatrixView x) {
        for (int first = 0; first < x.size(); first += PART) {
            int at = x.offset() + first;
            Scratch scratch = SCRATCH.get();
            tanh(x.data(), at, x.data(), at, null, 0, Math.min(PART, x.size() - first), scratch);
        }
    }

    // Sigma and tanh are three loops each, with intermediate values in short arrays. The processor overlaps several
    // iterations of a short loop, but would wait in one long chain of operations; and vectors stay in registers, which
    // they do only if HotSpot inlines every operation on them.

    /** {@link Elementary#sigma} of n elements in place. */
    static void sigma(double[] z, int offset, int n, Scratch scratch) {
        tails(z, offset, n, scratch);
        int whole = n - n % WIDTH;
        LongVector one = broadcast(1).reinterpretAsLongs();
        for (int j = 0; j < whole; j += WIDTH) {
            DoubleVector s = DoubleVector.fromArray(SPECIES, z, offset + j);
            LongVector sign = s.reinterpretAsLongs().lanewise(ASHR, 63);
            one.lanewise(AND_NOT, sign).reinterpretAsDoubles().sub(s).intoArray(z, offset + j);
        }
        for (int j = whole; j < n; j++) {
            z[offset + j] = Tail.sigma(z[offset + j]);
        }
    }

    /** {@link Elementary#tail} of n elements in place. */
    static void tails(double[] z, int offset, int n, Scratch scratch) {
        double[] s = scratch.powers;
        double[] r = scratch.reduced;
        double[] e = scratch.exponentials;
        int whole = n - n % WIDTH;
        DoubleVector most = broadcast(Elementary.SIGMA_MAX);
        for (int j = 0; j < whole; j += WIDTH) {
            DoubleVector size = DoubleVector.fromArray(SPECIES, z, offset + j).abs();
            size = size.blend(most, size.compare(VectorOperators.GT, most));
            DoubleVector shifted = size.fma(broadcast(-Elementary.LOG2_E), broadcast(Elementary.ROUNDER));
            shifted.reinterpretAsLongs()
                    .add(Elementary.BIAS)
                    .lanewise(VectorOperators.LSHL, Elementary.FRACTION_BITS)
                    .reinterpretAsDoubles()
                    .intoArray(s, j);
            DoubleVector minusK = shifted.sub(Elementary.ROUNDER);
            DoubleVector high = minusK.fma(broadcast(Elementary.LN2_HIGH), size);
            minusK.fma(broadcast(Elementary.LN2_LOW), high).intoArray(r, j);
        }
        addExpTail(whole, r, r, e);
        DoubleVector one = broadcast(1);
        for (int j = 0; j < whole; j += WIDTH) {
            DoubleVector power = DoubleVector.fromArray(SPECIES, s, j);
            DoubleVector u = power.add(DoubleVector.fromArray(SPECIES, e, j));
            DoubleVector denominator = u.add(one);
            DoubleVector excess = denominator.sub(one).sub(u);
            DoubleVector reciprocal = one.div(denominator);
            DoubleVector correction = excess.fma(reciprocal, denominator.neg().fma(reciprocal, one));
            DoubleVector lower = power.mul(correction.fma(reciprocal, reciprocal));
            LongVector sign = DoubleVector.fromArray(SPECIES, z, offset + j)
                    .reinterpretAsLongs()
                    .and(Long.MIN_VALUE);
            lower.reinterpretAsLongs().or(sign).reinterpretAsDoubles().intoArray(z, offset + j);
        }
        for (int j = whole; j < n; j++) {
            z[offset + j] = Elementary.tail(z[offset + j]);
        }
    }

    /** {@link Elementary#tanh(double, double[], int)} of n elements. */
    static void tanh(
            double[] x, int xOffset, double[] y, int yOffset, double[] slopes, int sOffset, int n, Scratch scratch) {
        double[] s = scratch.powers;
        double[] r = scratch.reduced;
        double[] lost = scratch.lost;
        double[] e = scratch.exponentials;
        int whole = n - n % WIDTH;
        for (int j = 0; j < whole; j += WIDTH) {
            DoubleVector twice =
                    DoubleVector.fromArray(SPECIES, x, xOffset + j).abs().mul(2);
            twice = twice.blend(
                    Elementary.TWICE_TANH_MAX, twice.compare(VectorOperators.GT, Elementary.TWICE_TANH_MAX));
            DoubleVector shifted = twice.fma(broadcast(Elementary.LOG2_E), broadcast(Elementary.ROUNDER));
            shifted.reinterpretAsLongs()
                    .add(Elementary.BIAS)
                    .lanewise(VectorOperators.LSHL, Elementary.FRACTION_BITS)
                    .reinterpretAsDoubles()
                    .intoArray(s, j);
            DoubleVector k = broadcast(Elementary.ROUNDER).sub(shifted);
            DoubleVector low = broadcast(-Elementary.LN2_LOW);
            DoubleVector high = k.fma(broadcast(-Elementary.LN2_HIGH), twice.neg());
            DoubleVector remainder = k.fma(low, high);
            remainder.intoArray(r, j);
            k.fma(low, high.sub(remainder)).intoArray(lost, j);
        }
        addExpTail(whole, r, lost, e);
        LongVector exponents = LongVector.broadcast(LONGS, Elementary.INVERSE_POWER);
        for (int j = 0; j < whole; j += WIDTH) {
            DoubleVector power = DoubleVector.fromArray(SPECIES, s, j);
            DoubleVector p = DoubleVector.fromArray(SPECIES, r, j).add(DoubleVector.fromArray(SPECIES, e, j));
            DoubleVector size = power.sub(1).sub(p).div(power.add(1).add(p));
            LongVector sign = DoubleVector.fromArray(SPECIES, x, xOffset + j)
                    .reinterpretAsLongs()
                    .and(Long.MIN_VALUE);
            size.reinterpretAsLongs()
                    .and(Long.MAX_VALUE)
                    .or(sign)
                    .reinterpretAsDoubles()
                    .intoArray(y, yOffset + j);
            if (slopes != null) {
                DoubleVector upper = size.add(1);
                DoubleVector inverse = exponents.sub(power.reinterpretAsLongs()).reinterpretAsDoubles();
                upper.mul(upper).mul(inverse.fma(p, inverse)).intoArray(slopes, sOffset + j);
            }
        }
        for (int j = whole; j < n; j++) {
            y[yOffset + j] = Elementary.tanh(x[xOffset + j], slopes, sOffset + j);
        }
    }

    /** e = r^2 tail(r) + a, tail being the polynomial of {@link Elementary}, in the same order. */
    static void addExpTail(int whole, double[] r, double[] a, double[] e) {
        for (int j = 0; j < whole; j += WIDTH) {
            DoubleVector x = DoubleVector.fromArray(SPECIES, r, j);
            DoubleVector x2 = x.mul(x);
            DoubleVector x4 = x2.mul(x2);
            DoubleVector c01 = broadcast(Elementary.E3).fma(x, broadcast(Elementary.E2));
            DoubleVector c23 = broadcast(Elementary.E5).fma(x, broadcast(Elementary.E4));
            DoubleVector c45 = broadcast(Elementary.E7).fma(x, broadcast(Elementary.E6));
            DoubleVector c67 = broadcast(Elementary.E9).fma(x, broadcast(Elementary.E8));
            DoubleVector c89 = broadcast(Elementary.E11).fma(x, broadcast(Elementary.E10));
            DoubleVector top = broadcast(Elementary.E12).fma(x2, c89);
            DoubleVector low = c23.fma(x2, c01);
            DoubleVector high = c67.fma(x2, c45);
            DoubleVector tail = top.fma(x4, high).fma(x4, low);
            x2.fma(tail, DoubleVector.fromArray(SPECIES, a, j)).intoArray(e, j);
        }
    }

    private static DoubleVector broadcast(double value) {
        return DoubleVector.broadcast(SPECIES, value);
    }

    /**
     * {@link Elementary#sigma} in three loops over some rows, with the same operations in the same order. In one loop
     * its chain of operations is too long: the processor overlaps too few iterations to keep busy. These loops call no
     * methods of this class, because HotSpot may not inline such a call in a long method, and vectors then pass
     * through memory.
     */
    static void sigmoids(int rows, int n, double[] slope, double[] offset, double[] x, int xOffset, double[] y) {
        if (n == 1 && rows >= WIDTH) {
            sigmoidsOfOne(rows, slope, offset, x[xOffset], y);
            return;
        }
        if (n < WIDTH) {
            Ca1Derivative.sigmoids(rows, n, slope, offset, x, xOffset, y);
            return;
        }
        int rowsAtOnce = Math.min(rows, Math.max(1, SigmoidScratch.ELEMENTS / n));
        SigmoidScratch scratch = SigmoidScratch.OF_THREAD.get();
        scratch.ensure(rowsAtOnce * n + WIDTH);
        System.arraycopy(x, xOffset, scratch.x, 0, n);
        double[] r = scratch.r;
        double[] s = scratch.s;
        for (int i = 0; i < rows; i += rowsAtOnce) {
            int m = Math.min(rowsAtOnce, rows - i);
            for (int row = 0; row < m; row++) {
                reduce(n, slope[i + row], offset[i + row], scratch.x, r, s, row * n);
            }
            int count = m * n;
            addExpTail(count, r, r, r);
            finish(count, r, s, y, i * n);
        }
    }

    /** The intermediate values between the loops of {@link #sigmoids}. */
    private static final class SigmoidScratch {
        static final ThreadLocal<SigmoidScratch> OF_THREAD = ThreadLocal.withInitial(SigmoidScratch::new);

        /**
         * The number of elements per block: small enough to leave the first-level cache to the cells, large enough for
         * long loops.
         */
        static final int ELEMENTS = 256;

        /** The variable, with room behind it for the rest of a vector. */
        double[] x = new double[0];

        /** r, then e^r - 1. */
        double[] r = new double[0];

        /** 2^-k with the sign of the argument. */
        double[] s = new double[0];

        void ensure(int length) {
            if (r.length < length) {
                x = new double[length];
                r = new double[length];
                s = new double[length];
            }
        }
    }

    /**
     * |slope x + offset| = k ln 2 + r, and s = 2^-k with the sign of slope x + offset, of n elements; values after
     * them, up to a whole vector, are undefined.
     */
    private static void reduce(int n, double slope, double offset, double[] x, double[] r, double[] s, int to) {
        DoubleVector a = DoubleVector.broadcast(SPECIES, slope);
        DoubleVector b = DoubleVector.broadcast(SPECIES, offset);
        for (int j = 0; j < n; j += WIDTH) {
            DoubleVector v = a.fma(DoubleVector.fromArray(SPECIES, x, j), b);
            DoubleVector size = v.abs();
            size = size.blend(Elementary.SIGMA_MAX, size.compare(VectorOperators.GT, Elementary.SIGMA_MAX));
            DoubleVector shifted = size.fma(
                    DoubleVector.broadcast(SPECIES, -Elementary.LOG2_E),
                    DoubleVector.broadcast(SPECIES, Elementary.ROUNDER));
            LongVector power = shifted.reinterpretAsLongs()
                    .add(Elementary.BIAS)
                    .lanewise(VectorOperators.LSHL, Elementary.FRACTION_BITS);
            power.or(v.reinterpretAsLongs().and(Long.MIN_VALUE))
                    .reinterpretAsDoubles()
                    .intoArray(s, to + j);
            DoubleVector minusK = shifted.sub(Elementary.ROUNDER);
            DoubleVector high = minusK.fma(DoubleVector.broadcast(SPECIES, Elementary.LN2_HIGH), size);
            minusK.fma(DoubleVector.broadcast(SPECIES, Elementary.LN2_LOW), high)
                    .intoArray(r, to + j);
        }
    }

    /**
     * {@link #sigmoids} of one variable, in one loop: with one or two vectors there is little to overlap, and it is
     * faster to pass nothing through memory.
     */
    private static void sigmoidsOfOne(int n, double[] slope, double[] offset, double x, double[] y) {
        DoubleVector one = DoubleVector.broadcast(SPECIES, 1);
        for (int first = 0; first < n; first += WIDTH) {
            int j = Math.min(first, n - WIDTH);
            DoubleVector v = DoubleVector.fromArray(SPECIES, slope, j)
                    .fma(broadcast(x), DoubleVector.fromArray(SPECIES, offset, j));
            DoubleVector size = v.abs();
            size = size.blend(Elementary.SIGMA_MAX, size.compare(VectorOperators.GT, Elementary.SIGMA_MAX));
            DoubleVector shifted = size.fma(broadcast(-Elementary.LOG2_E), broadcast(Elementary.ROUNDER));
            DoubleVector s = shifted.reinterpretAsLongs()
                    .add(Elementary.BIAS)
                    .lanewise(VectorOperators.LSHL, Elementary.FRACTION_BITS)
                    .reinterpretAsDoubles();
            DoubleVector minusK = shifted.sub(Elementary.ROUNDER);
            DoubleVector r =
                    minusK.fma(broadcast(Elementary.LN2_LOW), minusK.fma(broadcast(Elementary.LN2_HIGH), size));
            DoubleVector r2 = r.mul(r);
            DoubleVector r4 = r2.mul(r2);
            DoubleVector c01 = broadcast(Elementary.E3).fma(r, broadcast(Elementary.E2));
            DoubleVector c23 = broadcast(Elementary.E5).fma(r, broadcast(Elementary.E4));
            DoubleVector c45 = broadcast(Elementary.E7).fma(r, broadcast(Elementary.E6));
            DoubleVector c67 = broadcast(Elementary.E9).fma(r, broadcast(Elementary.E8));
            DoubleVector c89 = broadcast(Elementary.E11).fma(r, broadcast(Elementary.E10));
            DoubleVector high = broadcast(Elementary.E12).fma(r2, c89).fma(r4, c67.fma(r2, c45));
            DoubleVector tail = high.fma(r4, c23.fma(r2, c01));
            DoubleVector u = s.add(r2.fma(tail, r));
            DoubleVector denominator = one.add(u);
            DoubleVector excess = denominator.sub(one).sub(u);
            DoubleVector reciprocal = one.div(denominator);
            DoubleVector correction = excess.fma(reciprocal, denominator.neg().fma(reciprocal, one));
            DoubleVector lower = s.mul(correction.fma(reciprocal, reciprocal));
            one.sub(lower)
                    .blend(
                            lower,
                            v.reinterpretAsLongs()
                                    .compare(VectorOperators.LT, 0L)
                                    .cast(SPECIES))
                    .intoArray(y, j);
        }
    }

    /**
     * sigma(-|x|) = s / (s + e^r), and from it sigma(x), as in {@link Elementary#sigma}, of n elements, at least a
     * vector. The last vector overlaps the one before it if n is no multiple of the width; the elements computed twice
     * get the same bits. In one loop, because HotSpot does not inline a method with a second one, and vectors then
     * become objects.
     */
    private static void finish(int n, double[] p, double[] signed, double[] y, int to) {
        DoubleVector one = DoubleVector.broadcast(SPECIES, 1);
        for (int first = 0; first < n; first += WIDTH) {
            int j = Math.min(first, n - WIDTH);
            DoubleVector x = DoubleVector.fromArray(SPECIES, signed, j);
            DoubleVector s = x.abs();
            DoubleVector u = s.add(DoubleVector.fromArray(SPECIES, p, j));
            DoubleVector denominator = one.add(u);
            DoubleVector excess = denominator.sub(one).sub(u);
            DoubleVector reciprocal = one.div(denominator);
            DoubleVector correction = excess.fma(reciprocal, denominator.neg().fma(reciprocal, one));
            DoubleVector lower = s.mul(correction.fma(reciprocal, reciprocal));
            one.sub(lower)
                    .blend(
                            lower,
                            x.reinterpretAsLongs()
                                    .compare(VectorOperators.LT, 0L)
                                    .cast(SPECIES))
                    .intoArray(y, to + j);
        }
    }
}
