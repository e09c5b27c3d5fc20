package org.spikecast.kernel;

import static java.lang.Math.fma;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The provider for JVMs that have the module {@code jdk.incubator.vector}. It does the operations of {@link ScalarKernel}
 * and {@link Elementary} in the same order on each lane, and so gives the same bits at any width; what it does not
 * override, HotSpot vectorises well enough, or it does not matter.
 */
public final class VectorKernel extends ScalarKernel {
    /** The width in bits: 128, 256 or 512; what suits the CPU best unless a test asks for another. */
    static final VectorSpecies<Double> SPECIES = switch (Integer.getInteger("spikecast.simd.bits", 0)) {
        case 128 -> DoubleVector.SPECIES_128;
        case 256 -> DoubleVector.SPECIES_256;
        case 512 -> DoubleVector.SPECIES_512;
        default -> DoubleVector.SPECIES_PREFERRED;
    };

    private static final int WIDTH = SPECIES.length();

    /** As many elements of a step are worked on at once as leave room in the first cache. */
    private static final int PART = 256;

    /** Room for the steps of sigma and tanh. */
    private static final class Scratch {
        final double[] powers = new double[PART];
        final double[] reduced = new double[PART];
        final double[] lost = new double[PART];
        final double[] exponentials = new double[PART];
    }

    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    @Override
    public String description() {
        return "SIMD, " + SPECIES.vectorBitSize() + " bits";
    }

    @Override
    public void affine(
            PackedMatrix w,
            int batch,
            double[] a,
            double[] b,
            int xRows,
            double[] x,
            int xOffset,
            double[] h,
            int hOffset,
            double[] y,
            int yOffset) {
        VectorProducts.affine(w, batch, a, b, xRows, x, xOffset, h, hOffset, y, yOffset);
    }

    @Override
    public void multiply(int blocks, PackedMatrix a, int batch, double[] x, int xOffset, double[] y, int yOffset) {
        VectorProducts.multiply(blocks, a, batch, x, xOffset, y, yOffset);
    }

    @Override
    public void addOuterProducts(
            int blocks,
            int batch,
            int rows,
            double[] y,
            int yOffset,
            int xRows,
            double[] x,
            int xOffset,
            double[] a,
            int hRows,
            double[] h,
            int hOffset,
            double[] b,
            double[] r,
            double[] q) {
        VectorProducts.addOuterProducts(
                blocks, batch, rows, y, yOffset, xRows, x, xOffset, a, hRows, h, hOffset, b, r, q);
    }

    @Override
    public void lstmStep(
            int n,
            double[] gates,
            int gatesOffset,
            double[] cell,
            int previousOffset,
            int cellOffset,
            double[] tanhCell,
            int tanhOffset,
            double[] hidden,
            int hiddenOffset) {
        Scratch scratch = SCRATCH.get();
        // A part after the other, so that what one loop leaves is still in the first cache for the next.
        for (int first = 0; first < n; first += PART) {
            int part = Math.min(PART, n - first);
            int iAt = gatesOffset + first;
            int fAt = iAt + n;
            int gAt = fAt + n;
            int oAt = gAt + n;
            sigma(gates, iAt, part, scratch); // (2)
            sigma(gates, fAt, part, scratch); // (2)
            tanh(gates, gAt, gates, gAt, part, scratch); // (3)
            sigma(gates, oAt, part, scratch); // (2)
            int c = cellOffset + first;
            int last = previousOffset + first;
            int whole = part - part % WIDTH;
            for (int j = 0; j < whole; j += WIDTH) {
                DoubleVector i = DoubleVector.fromArray(SPECIES, gates, iAt + j);
                DoubleVector f = DoubleVector.fromArray(SPECIES, gates, fAt + j);
                DoubleVector ig = i.mul(DoubleVector.fromArray(SPECIES, gates, gAt + j));
                f.fma(DoubleVector.fromArray(SPECIES, cell, last + j), ig).intoArray(cell, c + j); // (4)
            }
            for (int j = whole; j < part; j++) {
                cell[c + j] = fma(gates[fAt + j], cell[last + j], gates[iAt + j] * gates[gAt + j]); // (4)
            }
            tanh(cell, c, tanhCell, tanhOffset + first, part, scratch); // (5)
            int h = hiddenOffset + first;
            int t = tanhOffset + first;
            for (int j = 0; j < whole; j += WIDTH) {
                DoubleVector o = DoubleVector.fromArray(SPECIES, gates, oAt + j);
                o.mul(DoubleVector.fromArray(SPECIES, tanhCell, t + j)).intoArray(hidden, h + j); // (5)
            }
            for (int j = whole; j < part; j++) {
                hidden[h + j] = gates[oAt + j] * tanhCell[t + j]; // (5)
            }
        }
    }

    @Override
    public void lstmStepBackward(
            int n,
            double[] gates,
            int gatesOffset,
            double[] cell,
            int previousOffset,
            double[] tanhCell,
            int tanhOffset,
            double[] dHidden,
            int dHiddenOffset,
            double[] dCell,
            double[] dGates,
            int dGatesOffset) {
        DoubleVector one = DoubleVector.broadcast(SPECIES, 1);
        int j = 0;
        for (; j + WIDTH <= n; j += WIDTH) {
            int at = gatesOffset + j;
            int to = dGatesOffset + j;
            DoubleVector i = DoubleVector.fromArray(SPECIES, gates, at);
            DoubleVector f = DoubleVector.fromArray(SPECIES, gates, at + n);
            DoubleVector g = DoubleVector.fromArray(SPECIES, gates, at + 2 * n);
            DoubleVector o = DoubleVector.fromArray(SPECIES, gates, at + 3 * n);
            DoubleVector tanhC = DoubleVector.fromArray(SPECIES, tanhCell, tanhOffset + j);
            DoubleVector dh = DoubleVector.fromArray(SPECIES, dHidden, dHiddenOffset + j);
            DoubleVector dc =
                    dh.mul(o).fma(tanhC.neg().fma(tanhC, one), DoubleVector.fromArray(SPECIES, dCell, j)); // (9)
            dh.mul(tanhC).mul(o.mul(one.sub(o))).intoArray(dGates, to + 3 * n); // (10)
            dc.mul(g).mul(i.mul(one.sub(i))).intoArray(dGates, to); // (11)
            DoubleVector last = DoubleVector.fromArray(SPECIES, cell, previousOffset + j);
            dc.mul(last).mul(f.mul(one.sub(f))).intoArray(dGates, to + n); // (12)
            dc.mul(i).mul(g.neg().fma(g, one)).intoArray(dGates, to + 2 * n); // (13)
            dc.mul(f).intoArray(dCell, j); // (9), for the step before
        }
        backwardElements(
                j,
                n,
                gates,
                gatesOffset,
                cell,
                previousOffset,
                tanhCell,
                tanhOffset,
                dHidden,
                dHiddenOffset,
                dCell,
                dGates,
                dGatesOffset);
    }

    // Sigma and tanh in three loops each, with what goes from one to the next in short arrays. Several turns of a short
    // loop are under way at once, where one long chain of operations would leave the processor waiting; and vectors
    // stay
    // in registers, which they do only where HotSpot inlines all that is done to them.

    /** {@link Elementary#sigma} of n elements in place. */
    private static void sigma(double[] z, int offset, int n, Scratch scratch) {
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
        DoubleVector zero = broadcast(0);
        for (int j = 0; j < whole; j += WIDTH) {
            DoubleVector power = DoubleVector.fromArray(SPECIES, s, j);
            DoubleVector u = power.add(DoubleVector.fromArray(SPECIES, e, j));
            DoubleVector denominator = u.add(one);
            DoubleVector excess = denominator.sub(one).sub(u);
            DoubleVector reciprocal = one.div(denominator);
            DoubleVector correction = excess.fma(reciprocal, denominator.neg().fma(reciprocal, one));
            DoubleVector lower = power.mul(correction.fma(reciprocal, reciprocal));
            DoubleVector x = DoubleVector.fromArray(SPECIES, z, offset + j);
            one.sub(lower).blend(lower, x.compare(VectorOperators.LT, zero)).intoArray(z, offset + j);
        }
        for (int j = whole; j < n; j++) {
            z[offset + j] = Elementary.sigma(z[offset + j]);
        }
    }

    /** {@link Elementary#tanh} of n elements. */
    private static void tanh(double[] x, int xOffset, double[] y, int yOffset, int n, Scratch scratch) {
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
        }
        for (int j = whole; j < n; j++) {
            y[yOffset + j] = Elementary.tanh(x[xOffset + j]);
        }
    }

    /** e = r^2 tail(r) + a, tail being the polynomial of {@link Elementary}, in the same order. */
    private static void addExpTail(int whole, double[] r, double[] a, double[] e) {
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
     * {@link Elementary#sigma} in three loops over some rows, with the same operations in the same order. In one loop its
     * chain of operations is too long: the processor sees too few turns at once to keep busy. These loops call
     * no helpers of ours, for in a long method HotSpot may leave such a call as it is, and vectors then pass through memory.
     */
    @Override
    public void sigmoids(int rows, int n, double[] slope, double[] offset, double[] x, int xOffset, double[] y) {
        if (n == 1 && rows >= WIDTH) {
            sigmoidsOfOne(rows, slope, offset, x[xOffset], y);
            return;
        }
        if (n < WIDTH) {
            super.sigmoids(rows, n, slope, offset, x, xOffset, y);
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

    /** What the loops of {@link #sigmoids} hand on. */
    private static final class SigmoidScratch {
        static final ThreadLocal<SigmoidScratch> OF_THREAD = ThreadLocal.withInitial(SigmoidScratch::new);

        /** Few enough to leave the first-level cache to the cells, many enough for long loops. */
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
     * |slope x + offset| = k ln 2 + r, and s = 2^-k with the sign of slope x + offset, of n elements; what is written
     * behind them, up to a whole vector, means nothing.
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
     * {@link #sigmoids} of one variable, in one loop: with but one or two vectors there is little that could go on at the same
     * time, and what counts is that nothing passes through memory on the way.
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
     * sigma(-|x|) = s / (s + e^r), and from it sigma(x), as in {@link Elementary#sigma}, of n elements, at least a vector. The
     * last vector overlaps the one before it, if need be: what it computes again are the same bits. In one loop, for HotSpot
     * does not compile a second one into its caller, and vectors then become objects.
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

    @Override
    public void ca1Derivative(int n, double[] p, double[] current, double[] s, double[] y, double[] dy) {
        int whole = n - n % WIDTH;
        if (whole > 0) {
            ca1Membranes(whole, n, p, current, s, y, dy);
            relaxSlowed(whole, p[14], p[15], s, 3 * n, s, 9 * n, y, dy, n); // h
            relaxSlowed(whole, p[16], p[17], s, 4 * n, s, 10 * n, y, dy, 2 * n); // n
            for (int gate = 3; gate <= 6; gate++) { // b, z, r, c
                relax(whole, p[15 + gate], s, (gate + 2) * n, y, dy, gate * n);
            }
        }
        for (int j = whole; j < n; j++) {
            ca1Cell(j, n, p, current, s, y, dy);
        }
    }

    /** V, q and Ca: equations (1) to (3), (5) and (6). */
    private static void ca1Membranes(
            int whole, int n, double[] p, double[] current, double[] s, double[] y, double[] dy) {
        double perC = p[0], gL = p[1], gNa = p[2], gNaP = p[3], gKdr = p[4], gA = p[5], gM = p[6];
        double gCa = p[7], gC = p[8], gAhp = p[9], vL = p[10], vNa = p[11], vK = p[12], vCa = p[13];
        double aC = p[22], aQ4 = p[23], rateQ = p[24], u = p[25], rateCa = p[26];
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
            DoubleVector iCa = r.mul(r).mul(gCa).mul(v.sub(vCa)); // (2)
            DoubleVector sodium = m.mul(m).mul(m).mul(gNa).fma(h, pInf.mul(gNaP));
            DoubleVector x2 = x.mul(x);
            DoubleVector k = ca.div(ca.add(aC)); // (3)
            DoubleVector potassium = z.fma(DoubleVector.broadcast(SPECIES, gM), q.mul(gAhp));
            potassium = x2.mul(x2).fma(DoubleVector.broadcast(SPECIES, gKdr), potassium);
            potassium = k.mul(gC).fma(c, potassium);
            potassium = a.mul(a).mul(a).mul(gA).fma(b, potassium);
            DoubleVector ionic = v.sub(vL).fma(DoubleVector.broadcast(SPECIES, gL), iCa);
            ionic = potassium.fma(v.sub(vK), ionic);
            ionic = sodium.fma(v.sub(vNa), ionic);
            DoubleVector i = DoubleVector.fromArray(SPECIES, current, j);
            i.sub(ionic).mul(perC).intoArray(dy, j); // (1)
            DoubleVector ca2 = ca.mul(ca);
            DoubleVector ca4 = ca2.mul(ca2);
            ca4.div(ca4.add(aQ4)).sub(q).mul(rateQ).intoArray(dy, 7 * n + j); // (5)
            iCa.fma(DoubleVector.broadcast(SPECIES, u), ca.mul(rateCa)).neg().intoArray(dy, 8 * n + j); // (6)
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
