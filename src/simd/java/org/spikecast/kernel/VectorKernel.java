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
    private static final VectorSpecies<Double> SPECIES = switch (Integer.getInteger("spikecast.simd.bits", 0)) {
        case 128 -> DoubleVector.SPECIES_128;
        case 256 -> DoubleVector.SPECIES_256;
        case 512 -> DoubleVector.SPECIES_512;
        default -> DoubleVector.SPECIES_PREFERRED;
    };

    private static final int WIDTH = SPECIES.length();

    /** Room to transpose a matrix in, kept by each thread. */
    private static final ThreadLocal<double[]> SCRATCH = ThreadLocal.withInitial(() -> new double[0]);

    @Override
    public String description() {
        return "SIMD, " + SPECIES.vectorBitSize() + " bits";
    }

    @Override
    public void multiply(
            int blocks, int rows, int inner, int batch, double[] a, double[] x, int xOffset, double[] y, int yOffset) {
        if (batch < WIDTH) {
            super.multiply(blocks, rows, inner, batch, a, x, xOffset, y, yOffset);
            return;
        }
        for (int s = 0; s < blocks; s++) {
            product(rows, inner, batch, a, 0, inner, 1, x, xOffset + s * inner * batch, y, yOffset + s * rows * batch);
        }
    }

    @Override
    public void multiplyTransposed(
            int blocks, int rows, int inner, int batch, double[] a, double[] y, int yOffset, double[] x, int xOffset) {
        if (batch < WIDTH) {
            super.multiplyTransposed(blocks, rows, inner, batch, a, y, yOffset, x, xOffset);
            return;
        }
        for (int s = 0; s < blocks; s++) {
            product(inner, rows, batch, a, 0, 1, inner, y, yOffset + s * rows * batch, x, xOffset + s * inner * batch);
        }
    }

    @Override
    public void addOuterProducts(
            int blocks, int rows, int inner, int batch, double[] a, double[] y, int yOffset, double[] x, int xOffset) {
        if (inner < WIDTH) {
            super.addOuterProducts(blocks, rows, inner, batch, a, y, yOffset, x, xOffset);
            return;
        }
        double[] transposed = SCRATCH.get();
        if (transposed.length < inner * batch) {
            transposed = new double[inner * batch];
            SCRATCH.set(transposed);
        }
        for (int s = 0; s < blocks; s++) {
            int xs = xOffset + s * inner * batch;
            for (int p = 0; p < inner; p++) {
                for (int j = 0; j < batch; j++) {
                    transposed[j * inner + p] = x[xs + p * batch + j];
                }
            }
            product(rows, batch, inner, y, yOffset + s * rows * batch, batch, 1, transposed, 0, a, 0);
        }
    }

    /**
     * C += A B: four rows and two vectors of C at a time are kept in registers while the inner index runs. B and C have
     * {@code columns} columns, at least as many as a vector has lanes; element (i, p) of A stands at
     * aOffset + i * rowStep + p * innerStep.
     */
    private static void product(
            int rows,
            int inner,
            int columns,
            double[] a,
            int aOffset,
            int rowStep,
            int innerStep,
            double[] b,
            int bOffset,
            double[] c,
            int cOffset) {
        int whole = columns - columns % WIDTH;
        for (int i = 0; i < rows; i += 4) {
            int ai = aOffset + i * rowStep;
            int ci = cOffset + i * columns;
            if (i + 4 <= rows) {
                int j = 0;
                for (; j + 2 * WIDTH <= whole; j += 2 * WIDTH) {
                    fourByTwo(inner, columns, a, ai, rowStep, innerStep, b, bOffset + j, c, ci + j);
                }
                for (; j < whole; j += WIDTH) {
                    fourByOne(inner, columns, a, ai, rowStep, innerStep, b, bOffset + j, c, ci + j);
                }
            } else {
                for (int r = 0; r < rows - i; r++) {
                    for (int j = 0; j < whole; j += WIDTH) {
                        oneByOne(
                                inner,
                                columns,
                                a,
                                ai + r * rowStep,
                                innerStep,
                                b,
                                bOffset + j,
                                c,
                                ci + r * columns + j);
                    }
                }
            }
        }
        if (whole < columns) {
            dots(
                    rows,
                    columns - whole,
                    inner,
                    a,
                    aOffset,
                    rowStep,
                    innerStep,
                    b,
                    bOffset + whole,
                    1,
                    columns,
                    c,
                    cOffset + whole,
                    columns,
                    1);
        }
    }

    private static void fourByTwo(
            int inner,
            int columns,
            double[] a,
            int a0,
            int rowStep,
            int innerStep,
            double[] b,
            int b0,
            double[] c,
            int c0) {
        int c1 = c0 + columns;
        int c2 = c1 + columns;
        int c3 = c2 + columns;
        DoubleVector s00 = DoubleVector.fromArray(SPECIES, c, c0);
        DoubleVector s01 = DoubleVector.fromArray(SPECIES, c, c0 + WIDTH);
        DoubleVector s10 = DoubleVector.fromArray(SPECIES, c, c1);
        DoubleVector s11 = DoubleVector.fromArray(SPECIES, c, c1 + WIDTH);
        DoubleVector s20 = DoubleVector.fromArray(SPECIES, c, c2);
        DoubleVector s21 = DoubleVector.fromArray(SPECIES, c, c2 + WIDTH);
        DoubleVector s30 = DoubleVector.fromArray(SPECIES, c, c3);
        DoubleVector s31 = DoubleVector.fromArray(SPECIES, c, c3 + WIDTH);
        int at = a0;
        int bt = b0;
        for (int p = 0; p < inner; p++) {
            DoubleVector x0 = DoubleVector.fromArray(SPECIES, b, bt);
            DoubleVector x1 = DoubleVector.fromArray(SPECIES, b, bt + WIDTH);
            DoubleVector w0 = DoubleVector.broadcast(SPECIES, a[at]);
            s00 = w0.fma(x0, s00);
            s01 = w0.fma(x1, s01);
            DoubleVector w1 = DoubleVector.broadcast(SPECIES, a[at + rowStep]);
            s10 = w1.fma(x0, s10);
            s11 = w1.fma(x1, s11);
            DoubleVector w2 = DoubleVector.broadcast(SPECIES, a[at + 2 * rowStep]);
            s20 = w2.fma(x0, s20);
            s21 = w2.fma(x1, s21);
            DoubleVector w3 = DoubleVector.broadcast(SPECIES, a[at + 3 * rowStep]);
            s30 = w3.fma(x0, s30);
            s31 = w3.fma(x1, s31);
            at += innerStep;
            bt += columns;
        }
        s00.intoArray(c, c0);
        s01.intoArray(c, c0 + WIDTH);
        s10.intoArray(c, c1);
        s11.intoArray(c, c1 + WIDTH);
        s20.intoArray(c, c2);
        s21.intoArray(c, c2 + WIDTH);
        s30.intoArray(c, c3);
        s31.intoArray(c, c3 + WIDTH);
    }

    private static void fourByOne(
            int inner,
            int columns,
            double[] a,
            int a0,
            int rowStep,
            int innerStep,
            double[] b,
            int b0,
            double[] c,
            int c0) {
        int c1 = c0 + columns;
        int c2 = c1 + columns;
        int c3 = c2 + columns;
        DoubleVector s0 = DoubleVector.fromArray(SPECIES, c, c0);
        DoubleVector s1 = DoubleVector.fromArray(SPECIES, c, c1);
        DoubleVector s2 = DoubleVector.fromArray(SPECIES, c, c2);
        DoubleVector s3 = DoubleVector.fromArray(SPECIES, c, c3);
        for (int p = 0; p < inner; p++) {
            int at = a0 + p * innerStep;
            DoubleVector x = DoubleVector.fromArray(SPECIES, b, b0 + p * columns);
            s0 = DoubleVector.broadcast(SPECIES, a[at]).fma(x, s0);
            s1 = DoubleVector.broadcast(SPECIES, a[at + rowStep]).fma(x, s1);
            s2 = DoubleVector.broadcast(SPECIES, a[at + 2 * rowStep]).fma(x, s2);
            s3 = DoubleVector.broadcast(SPECIES, a[at + 3 * rowStep]).fma(x, s3);
        }
        s0.intoArray(c, c0);
        s1.intoArray(c, c1);
        s2.intoArray(c, c2);
        s3.intoArray(c, c3);
    }

    private static void oneByOne(
            int inner, int columns, double[] a, int a0, int innerStep, double[] b, int b0, double[] c, int c0) {
        DoubleVector s = DoubleVector.fromArray(SPECIES, c, c0);
        for (int p = 0; p < inner; p++) {
            DoubleVector x = DoubleVector.fromArray(SPECIES, b, b0 + p * columns);
            s = DoubleVector.broadcast(SPECIES, a[a0 + p * innerStep]).fma(x, s);
        }
        s.intoArray(c, c0);
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
        int fAt = gatesOffset + n;
        int gAt = fAt + n;
        int oAt = gAt + n;
        // One function at a time: loops over several do not always get inlined whole.
        sigma(gates, gatesOffset, n); // (2)
        sigma(gates, fAt, n); // (2)
        tanh(gates, gAt, gates, gAt, n); // (3)
        sigma(gates, oAt, n); // (2)
        int j = 0;
        for (; j + WIDTH <= n; j += WIDTH) {
            DoubleVector i = DoubleVector.fromArray(SPECIES, gates, gatesOffset + j);
            DoubleVector f = DoubleVector.fromArray(SPECIES, gates, fAt + j);
            DoubleVector g = DoubleVector.fromArray(SPECIES, gates, gAt + j);
            DoubleVector last = DoubleVector.fromArray(SPECIES, cell, previousOffset + j);
            f.fma(last, i.mul(g)).intoArray(cell, cellOffset + j); // (4)
        }
        for (; j < n; j++) {
            cell[cellOffset + j] =
                    fma(gates[fAt + j], cell[previousOffset + j], gates[gatesOffset + j] * gates[gAt + j]);
        }
        tanh(cell, cellOffset, tanhCell, tanhOffset, n); // (5)
        for (j = 0; j < n; j++) {
            hidden[hiddenOffset + j] = gates[oAt + j] * tanhCell[tanhOffset + j]; // (5)
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
            DoubleVector dh = DoubleVector.fromArray(SPECIES, dHidden, j);
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
                dCell,
                dGates,
                dGatesOffset);
    }

    /** {@link Elementary#sigma} of n elements in place. */
    private static void sigma(double[] z, int offset, int n) {
        int j = offset;
        for (; j + WIDTH <= offset + n; j += WIDTH) {
            sigma(DoubleVector.fromArray(SPECIES, z, j)).intoArray(z, j);
        }
        for (; j < offset + n; j++) {
            z[j] = Elementary.sigma(z[j]);
        }
    }

    private static DoubleVector sigma(DoubleVector x) {
        DoubleVector size = x.abs();
        size = size.blend(Elementary.SIGMA_MAX, size.compare(VectorOperators.GT, Elementary.SIGMA_MAX));
        DoubleVector shifted = size.fma(broadcast(Elementary.LOG2_E), broadcast(Elementary.ROUNDER));
        DoubleVector s = shifted.reinterpretAsLongs()
                .neg()
                .add(Elementary.BIAS)
                .lanewise(VectorOperators.LSHL, Elementary.FRACTION_BITS)
                .reinterpretAsDoubles();
        DoubleVector k = shifted.sub(Elementary.ROUNDER);
        DoubleVector r = k.fma(broadcast(-Elementary.LN2_LOW), k.fma(broadcast(-Elementary.LN2_HIGH), size));
        DoubleVector u = s.add(r.mul(r).fma(expTail(r), r));
        DoubleVector denominator = u.add(1);
        DoubleVector excess = denominator.sub(1).sub(u);
        DoubleVector one = broadcast(1);
        DoubleVector reciprocal = one.div(denominator);
        DoubleVector correction = excess.fma(reciprocal, denominator.neg().fma(reciprocal, one));
        DoubleVector lower = s.mul(correction.fma(reciprocal, reciprocal));
        LongVector signMask = x.reinterpretAsLongs().lanewise(VectorOperators.ASHR, 63);
        DoubleVector zeroOrOne = signMask.not().and(Elementary.ONE_BITS).reinterpretAsDoubles();
        return zeroOrOne.sub(lower).abs();
    }

    /** {@link Elementary#tanh} of n elements. */
    private static void tanh(double[] x, int xOffset, double[] y, int yOffset, int n) {
        int j = 0;
        for (; j + WIDTH <= n; j += WIDTH) {
            tanh(DoubleVector.fromArray(SPECIES, x, xOffset + j)).intoArray(y, yOffset + j);
        }
        for (; j < n; j++) {
            y[yOffset + j] = Elementary.tanh(x[xOffset + j]);
        }
    }

    private static DoubleVector tanh(DoubleVector x) {
        DoubleVector twice = x.abs().mul(2);
        twice = twice.blend(Elementary.TWICE_TANH_MAX, twice.compare(VectorOperators.GT, Elementary.TWICE_TANH_MAX));
        DoubleVector shifted = twice.fma(broadcast(Elementary.LOG2_E), broadcast(Elementary.ROUNDER));
        DoubleVector s = shifted.reinterpretAsLongs()
                .add(Elementary.BIAS)
                .lanewise(VectorOperators.LSHL, Elementary.FRACTION_BITS)
                .reinterpretAsDoubles();
        DoubleVector p = expm1(twice.neg(), broadcast(Elementary.ROUNDER).sub(shifted));
        DoubleVector size = s.sub(1).sub(p).div(s.add(1).add(p));
        LongVector sign = x.reinterpretAsLongs().and(Long.MIN_VALUE);
        return size.reinterpretAsLongs().and(Long.MAX_VALUE).or(sign).reinterpretAsDoubles();
    }

    private static DoubleVector expm1(DoubleVector x, DoubleVector k) {
        DoubleVector low = broadcast(-Elementary.LN2_LOW);
        DoubleVector high = k.fma(broadcast(-Elementary.LN2_HIGH), x);
        DoubleVector r = k.fma(low, high);
        DoubleVector lost = k.fma(low, high.sub(r));
        return r.add(r.mul(r).fma(expTail(r), lost));
    }

    /** The polynomial of {@link Elementary}, in the same order. */
    private static DoubleVector expTail(DoubleVector x) {
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
        return top.fma(x4, high).fma(x4, low);
    }

    private static DoubleVector broadcast(double value) {
        return DoubleVector.broadcast(SPECIES, value);
    }

    /**
     * {@link Elementary#sigma} in three loops over some rows, with the same operations in the same order. In one loop its
     * chain of operations is too long: the processor sees too few turns at once to keep busy. The loops call no helpers
     * of ours, for in a long method HotSpot may leave such a call as it is, and vectors then pass through memory.
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
        double[] r = scratch.r;
        double[] s = scratch.s;
        for (int i = 0; i < rows; i += rowsAtOnce) {
            int m = Math.min(rowsAtOnce, rows - i);
            for (int row = 0; row < m; row++) {
                reduce(n - n % WIDTH, slope[i + row], offset[i + row], x, xOffset, r, s, row * n);
                if (n % WIDTH > 0) {
                    int last = n - WIDTH;
                    reduce(WIDTH, slope[i + row], offset[i + row], x, xOffset + last, r, s, row * n + last);
                }
            }
            int count = m * n;
            exponentials(count, r);
            logistics(count - count % WIDTH, r, s, 0, y, i * n);
            if (count % WIDTH > 0) {
                logistics(WIDTH, r, s, count - WIDTH, y, i * n + count - WIDTH);
            }
        }
    }

    /** What the loops of {@link #sigmoids} hand on. */
    private static final class SigmoidScratch {
        static final ThreadLocal<SigmoidScratch> OF_THREAD = ThreadLocal.withInitial(SigmoidScratch::new);

        /** Few enough for the first-level cache, many enough for long loops. */
        static final int ELEMENTS = 1536;

        /** r, then e^r - 1, then the result. */
        double[] r = new double[0];

        /** 2^-k with the sign of the argument. */
        double[] s = new double[0];

        void ensure(int length) {
            if (r.length < length) {
                r = new double[length];
                s = new double[length];
            }
        }
    }

    /** |slope x + offset| = k ln 2 + r, and s = 2^-k with the sign of slope x + offset. */
    private static void reduce(
            int n, double slope, double offset, double[] x, int xOffset, double[] r, double[] s, int to) {
        DoubleVector a = DoubleVector.broadcast(SPECIES, slope);
        DoubleVector b = DoubleVector.broadcast(SPECIES, offset);
        for (int j = 0; j < n; j += WIDTH) {
            DoubleVector v = a.fma(DoubleVector.fromArray(SPECIES, x, xOffset + j), b);
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

    /** The last vector overlaps the one before it, if need be: what it computes again are the same bits. */
    private static void sigmoidsOfOne(int n, double[] slope, double[] offset, double x, double[] y) {
        DoubleVector v = broadcast(x);
        for (int i = 0; i < n; i += WIDTH) {
            int at = Math.min(i, n - WIDTH);
            DoubleVector a = DoubleVector.fromArray(SPECIES, slope, at);
            sigma(a.fma(v, DoubleVector.fromArray(SPECIES, offset, at))).intoArray(y, at);
        }
    }

    /** r becomes e^r - 1, by the polynomial of {@link Elementary}. */
    private static void exponentials(int n, double[] r) {
        for (int j = 0; j < n; j += WIDTH) {
            DoubleVector x = DoubleVector.fromArray(SPECIES, r, j);
            DoubleVector x2 = x.mul(x);
            DoubleVector x4 = x2.mul(x2);
            DoubleVector c01 = x.fma(
                    DoubleVector.broadcast(SPECIES, Elementary.E3), DoubleVector.broadcast(SPECIES, Elementary.E2));
            DoubleVector c23 = x.fma(
                    DoubleVector.broadcast(SPECIES, Elementary.E5), DoubleVector.broadcast(SPECIES, Elementary.E4));
            DoubleVector c45 = x.fma(
                    DoubleVector.broadcast(SPECIES, Elementary.E7), DoubleVector.broadcast(SPECIES, Elementary.E6));
            DoubleVector c67 = x.fma(
                    DoubleVector.broadcast(SPECIES, Elementary.E9), DoubleVector.broadcast(SPECIES, Elementary.E8));
            DoubleVector c89 = x.fma(
                    DoubleVector.broadcast(SPECIES, Elementary.E11), DoubleVector.broadcast(SPECIES, Elementary.E10));
            DoubleVector top = x2.fma(DoubleVector.broadcast(SPECIES, Elementary.E12), c89);
            DoubleVector low = c23.fma(x2, c01);
            DoubleVector high = c67.fma(x2, c45);
            x2.fma(top.fma(x4, high).fma(x4, low), x).intoArray(r, j);
        }
    }

    /** sigma(-|x|) = s / (s + e^r), and from it sigma(x), as in {@link Elementary#sigma}; both in place of e^r - 1. */
    private static void logistics(int n, double[] p, double[] signed, int from, double[] y, int to) {
        DoubleVector one = DoubleVector.broadcast(SPECIES, 1);
        for (int j = 0; j < n; j += WIDTH) {
            DoubleVector x = DoubleVector.fromArray(SPECIES, signed, from + j);
            DoubleVector s = x.abs();
            DoubleVector u = s.add(DoubleVector.fromArray(SPECIES, p, from + j));
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
