package org.spikecast.kernel.internal;

import static java.lang.Math.fma;
import static org.spikecast.kernel.Kernel.LANES;
import static org.spikecast.kernel.internal.PackedMatrix.PANEL;

import java.util.Arrays;

/**
 * The products of {@link ScalarKernel}: plain loops, arranged so that HotSpot keeps sums in registers and vectorises
 * what it can. {@link PlainProducts} has the same in three loops each.
 */
final class ScalarProducts {
    /**
     * From this length on a row of the result is computed as a whole, which HotSpot vectorises; below, sums over the inner
     * index in registers are faster.
     */
    private static final int LONG_ROW = 32;

    private ScalarProducts() {}

    static void affine(
            int first, int end, PackedMatrix w, double[] a, double[] b, MatrixView x, MatrixView h, MatrixView y) {
        int batch = y.columns();
        int blocks = y.rows() / w.rows();
        int xRows = x.rows() / blocks;
        for (int s = 0; s < blocks; s++) {
            int from = x.offset() + s * xRows * batch;
            int to = y.offset() + s * w.rows() * batch;
            if (batch >= LONG_ROW) {
                multiplyRows(first, end, w, a, b, 0, xRows, batch, x.data(), from, y.data(), to);
                continue;
            }
            for (int i = first; i < end; i++) {
                Arrays.fill(y.data(), to + i * batch, to + (i + 1) * batch, start(a, b, i));
            }
            multiplyColumns(first, end, w, 0, xRows, batch, x.data(), from, y.data(), to);
        }
        if (h != null) {
            multiplyColumns(first, end, w, xRows, w.inner(), batch, h.data(), h.offset(), y.data(), y.offset());
        }
    }

    private static double start(double[] a, double[] b, int row) {
        return b == null ? a[row] : a[row] + b[row];
    }

    static void multiply(int first, int end, PackedMatrix a, MatrixView x, MatrixView y) {
        int batch = y.columns();
        int ofX = a.inner() * batch;
        int ofY = a.rows() * batch;
        for (int from = x.offset(), to = y.offset(); to < y.offset() + y.size(); from += ofX, to += ofY) {
            multiplyColumns(first, end, a, 0, a.inner(), batch, x.data(), from, y.data(), to);
        }
    }

    /** Y += A X: of Y the rows from firstRow to endRow - 1, of A only the columns from first to end - 1. */
    private static void multiplyColumns(
            int firstRow,
            int endRow,
            PackedMatrix a,
            int first,
            int end,
            int batch,
            double[] x,
            int xOffset,
            double[] y,
            int yOffset) {
        double[] w = a.data();
        if (batch >= LONG_ROW) {
            multiplyRows(firstRow, endRow, a, null, null, first, end, batch, x, xOffset, y, yOffset);
            return;
        }
        int inner = end - first;
        int whole = endRow / PANEL * PANEL;
        int pairs = whole == firstRow ? 0 : batch / 2 * 2;
        double[] pair = pairs == 0 ? null : Pair.OF_THREAD.get();
        for (int j = 0; j < pairs; j += 2) {
            for (int p = 0; p < inner; p += Pair.ROWS) {
                int depth = Math.min(Pair.ROWS, inner - p);
                packPair(depth, x, xOffset + p * batch + j, batch, pair);
                for (int row = firstRow; row < whole; row += 4) {
                    fourRowsTimesPair(depth, w, a.at(row, first + p), pair, batch, y, yOffset + row * batch + j);
                }
            }
        }
        for (int row = firstRow; row < endRow; row += PANEL) {
            int rows = Math.min(PANEL, endRow - row);
            for (int j = row < whole ? pairs : 0; j < batch; j++) {
                int to = yOffset + row * batch + j;
                panelTimesColumn(rows, inner, w, a.at(row, first), x, xOffset + j, batch, y, to);
            }
        }
    }

    /** The same for long rows, row by row of Y, part by part of X; or Y = (b + c) 1' + A X if there is a b, c being optional. */
    private static void multiplyRows(
            int firstRow,
            int endRow,
            PackedMatrix a,
            double[] b,
            double[] c,
            int first,
            int end,
            int batch,
            double[] x,
            int xOffset,
            double[] y,
            int yOffset) {
        Rows rows = Rows.of(end - first, batch);
        int width = rows.width(batch);
        for (int p = first; p < end; p += rows.depth) {
            int depth = Math.min(rows.depth, end - p);
            for (int j = 0; j < batch; j += width) {
                int n = Math.min(width, batch - j);
                for (int q = 0; q < depth; q++) {
                    System.arraycopy(x, xOffset + (p - first + q) * batch + j, rows.right[q], 0, n);
                }
                for (int i = firstRow; i < endRow; i += Rows.SUMS) {
                    int some = Math.min(Rows.SUMS, endRow - i);
                    int done = 0;
                    if (b != null && p == first) {
                        for (int r = 0; r < some; r++) {
                            rows.start[r] = start(b, c, i + r);
                        }
                        done = startSums(some, depth, n, a.data(), a.at(i, p), rows);
                    } else {
                        for (int r = 0; r < some; r++) {
                            System.arraycopy(y, yOffset + (i + r) * batch + j, rows.sums[r], 0, n);
                        }
                    }
                    for (int r = 0; r < some; r++) {
                        double[] sum = rows.sums[r];
                        addRows(depth - done, a.data(), a.at(i + r, p + done), PANEL, rows.right, done, n, sum);
                        System.arraycopy(sum, 0, y, yOffset + (i + r) * batch + j, n);
                    }
                }
            }
        }
    }

    /**
     * Sums = start and the first products, in one loop: fewer passes over the sums mean fewer stores that wait for
     * memory. Returns the number of products, which includes one that groups of four would leave over.
     */
    private static int startSums(int some, int depth, int n, double[] w, int at, Rows rows) {
        double[][] x = rows.right;
        double[][] sums = rows.sums;
        if (depth == 2 || depth == 3) {
            startTwo(n, rows.start, w, at, x[0], x[1], sums[0], sums[1], sums[2], sums[3]);
            return 2;
        }
        int first = depth < 4 ? 0 : depth % 4 == 1 ? 5 : 4;
        for (int r = 0; r < some; r++) {
            switch (first) {
                case 4 -> startFour(n, rows.start[r], w, at + r, x[0], x[1], x[2], x[3], sums[r]);
                case 5 -> startFive(n, rows.start[r], w, at + r, x[0], x[1], x[2], x[3], x[4], sums[r]);
                default -> Arrays.fill(sums[r], 0, n, rows.start[r]);
            }
        }
        return first;
    }

    private static void startTwo(
            int n,
            double[] start,
            double[] w,
            int at,
            double[] x0,
            double[] x1,
            double[] sum0,
            double[] sum1,
            double[] sum2,
            double[] sum3) {
        double s0 = start[0], s1 = start[1], s2 = start[2], s3 = start[3];
        double a0 = w[at], a1 = w[at + 1], a2 = w[at + 2], a3 = w[at + 3];
        int next = at + PANEL;
        double b0 = w[next], b1 = w[next + 1], b2 = w[next + 2], b3 = w[next + 3];
        for (int j = 0; j < n; j++) {
            double u = x0[j];
            double v = x1[j];
            sum0[j] = fma(b0, v, fma(a0, u, s0));
            sum1[j] = fma(b1, v, fma(a1, u, s1));
            sum2[j] = fma(b2, v, fma(a2, u, s2));
            sum3[j] = fma(b3, v, fma(a3, u, s3));
        }
    }

    private static void startFour(
            int n, double start, double[] w, int at, double[] x0, double[] x1, double[] x2, double[] x3, double[] sum) {
        double a0 = w[at], a1 = w[at + PANEL], a2 = w[at + 2 * PANEL], a3 = w[at + 3 * PANEL];
        for (int j = 0; j < n; j++) {
            sum[j] = fma(a3, x3[j], fma(a2, x2[j], fma(a1, x1[j], fma(a0, x0[j], start))));
        }
    }

    private static void startFive(
            int n,
            double start,
            double[] w,
            int at,
            double[] x0,
            double[] x1,
            double[] x2,
            double[] x3,
            double[] x4,
            double[] sum) {
        double a0 = w[at], a1 = w[at + PANEL], a2 = w[at + 2 * PANEL], a3 = w[at + 3 * PANEL], a4 = w[at + 4 * PANEL];
        for (int j = 0; j < n; j++) {
            sum[j] = fma(a4, x4[j], fma(a3, x3[j], fma(a2, x2[j], fma(a1, x1[j], fma(a0, x0[j], start)))));
        }
    }

    /**
     * A buffer for a part of a right factor, about as large as the first cache, and for rows of the result. Each row is an array of
     * its own: only where all that a loop reads and writes has the same index does HotSpot vectorise it.
     */
    private static final class Rows {
        /** Rows of the result that are computed at once. */
        static final int SUMS = 4;

        static final ThreadLocal<Rows> DEEP = rows(64, 64);
        static final ThreadLocal<Rows> WIDE = rows(16, 256);

        final int depth;
        final int width;
        final double[][] right;
        final double[][] sums;
        final double[] start = new double[SUMS];

        private Rows(int depth, int width) {
            this.depth = depth;
            this.width = width;
            right = new double[depth][width];
            sums = new double[SUMS][width];
        }

        /** Wide where sums are so short that long runs through memory matter more. */
        static Rows of(int inner, int columns) {
            return (inner <= 16 && columns > 64 ? WIDE : DEEP).get();
        }

        private static ThreadLocal<Rows> rows(int depth, int width) {
            return new ThreadLocal<>() { // a lambda would cost a cold process more
                @Override
                protected Rows initialValue() {
                    return new Rows(depth, width);
                }
            };
        }

        /** The width of the parts of a row, equal for all but the last. */
        int width(int columns) {
            int parts = (columns + width - 1) / width;
            return ((columns + parts - 1) / parts + LANES - 1) / LANES * LANES;
        }
    }

    /**
     * sum += a_0 X_first + a_1 X_(first + 1) + ..., of X the first n columns; the elements of a are {@code step} apart.
     */
    private static void addRows(int depth, double[] a, int at, int step, double[][] x, int first, int n, double[] sum) {
        int p = 0;
        int q = at;
        for (; p + 4 <= depth; p += 4, q += 4 * step) {
            int row = first + p;
            addFour(
                    n,
                    a[q],
                    a[q + step],
                    a[q + 2 * step],
                    a[q + 3 * step],
                    x[row],
                    x[row + 1],
                    x[row + 2],
                    x[row + 3],
                    sum);
        }
        for (; p < depth; p++, q += step) {
            addOne(n, a[q], x[first + p], sum);
        }
    }

    private static void addFour(
            int n,
            double a0,
            double a1,
            double a2,
            double a3,
            double[] x0,
            double[] x1,
            double[] x2,
            double[] x3,
            double[] sum) {
        for (int j = 0; j < n; j++) {
            sum[j] = fma(a3, x3[j], fma(a2, x2[j], fma(a1, x1[j], fma(a0, x0[j], sum[j]))));
        }
    }

    private static void addOne(int n, double a, double[] x, double[] sum) {
        for (int j = 0; j < n; j++) {
            sum[j] = fma(a, x[j], sum[j]);
        }
    }

    /** A buffer for two columns side by side; a class of its own, so that a process that needs none does not pay for it. */
    private static final class Pair extends ThreadLocal<double[]> {
        static final int ROWS = 256;
        static final Pair OF_THREAD = new Pair();

        @Override
        protected double[] initialValue() {
            return new double[2 * ROWS];
        }
    }

    private static void packPair(int rows, double[] x, int xOffset, int batch, double[] pair) {
        for (int p = 0; p < rows; p++) {
            int at = xOffset + p * batch;
            pair[2 * p] = x[at];
            pair[2 * p + 1] = x[at + 1];
        }
    }

    /** One column of Y, a panel of rows of it: each sum is kept in a register. */
    private static void panelTimesColumn(
            int rows, int inner, double[] w, int at, double[] x, int xOffset, int batch, double[] y, int yOffset) {
        double s0 = y[yOffset];
        double s1 = rows > 1 ? y[yOffset + batch] : 0;
        double s2 = rows > 2 ? y[yOffset + 2 * batch] : 0;
        double s3 = rows > 3 ? y[yOffset + 3 * batch] : 0;
        double s4 = rows > 4 ? y[yOffset + 4 * batch] : 0;
        double s5 = rows > 5 ? y[yOffset + 5 * batch] : 0;
        double s6 = rows > 6 ? y[yOffset + 6 * batch] : 0;
        double s7 = rows > 7 ? y[yOffset + 7 * batch] : 0;
        for (int p = 0; p < inner; p++) {
            double v = x[xOffset + p * batch];
            int q = at + p * PANEL;
            s0 = fma(w[q], v, s0);
            s1 = fma(w[q + 1], v, s1);
            s2 = fma(w[q + 2], v, s2);
            s3 = fma(w[q + 3], v, s3);
            s4 = fma(w[q + 4], v, s4);
            s5 = fma(w[q + 5], v, s5);
            s6 = fma(w[q + 6], v, s6);
            s7 = fma(w[q + 7], v, s7);
        }
        y[yOffset] = s0;
        if (rows > 1) {
            y[yOffset + batch] = s1;
        }
        if (rows > 2) {
            y[yOffset + 2 * batch] = s2;
        }
        if (rows > 3) {
            y[yOffset + 3 * batch] = s3;
        }
        if (rows > 4) {
            y[yOffset + 4 * batch] = s4;
        }
        if (rows > 5) {
            y[yOffset + 5 * batch] = s5;
        }
        if (rows > 6) {
            y[yOffset + 6 * batch] = s6;
        }
        if (rows > 7) {
            y[yOffset + 7 * batch] = s7;
        }
    }

    /** Four rows of Y and two columns: each sum is kept in a register. */
    private static void fourRowsTimesPair(int inner, double[] w, int at, double[] pair, int batch, double[] y, int y0) {
        int y1 = y0 + batch;
        int y2 = y1 + batch;
        int y3 = y2 + batch;
        double s00 = y[y0], s01 = y[y0 + 1];
        double s10 = y[y1], s11 = y[y1 + 1];
        double s20 = y[y2], s21 = y[y2 + 1];
        double s30 = y[y3], s31 = y[y3 + 1];
        for (int p = 0; p < inner; p++) {
            double u = pair[2 * p];
            double v = pair[2 * p + 1];
            int q = at + p * PANEL;
            double a0 = w[q], a1 = w[q + 1], a2 = w[q + 2], a3 = w[q + 3];
            s00 = fma(a0, u, s00);
            s01 = fma(a0, v, s01);
            s10 = fma(a1, u, s10);
            s11 = fma(a1, v, s11);
            s20 = fma(a2, u, s20);
            s21 = fma(a2, v, s21);
            s30 = fma(a3, u, s30);
            s31 = fma(a3, v, s31);
        }
        y[y0] = s00;
        y[y0 + 1] = s01;
        y[y1] = s10;
        y[y1 + 1] = s11;
        y[y2] = s20;
        y[y2 + 1] = s21;
        y[y3] = s30;
        y[y3 + 1] = s31;
    }

    static void outerProducts(
            boolean add,
            int first,
            int end,
            int blocks,
            MatrixView y,
            MatrixView x,
            double[] a,
            MatrixView h,
            double[] b,
            double[] r,
            double[] q) {
        if (!add) {
            setZero(first, end, x.rows() / blocks, a);
            setZero(first, end, h == null ? 0 : h.rows() / blocks, b);
            setZero(first, end, 1, r);
            setZero(first, end, 1, q);
        }
        int rows = y.rows() / blocks;
        int batch = y.columns();
        addOuterProducts(first, end, blocks, batch, rows, y, x, a);
        if (h != null) {
            addOuterProducts(first, end, blocks, batch, rows, y, h, b);
        }
        for (int s = 0; r != null && s < blocks; s++) {
            for (int i = first; i < end; i++) {
                addRowSum(i, sum(batch, y.data(), y.offset() + (s * rows + i) * batch), r, q);
            }
        }
    }

    /** Sets some rows of a matrix to zero, if there is one. */
    static void setZero(int first, int end, int columns, double[] matrix) {
        if (matrix != null) {
            Arrays.fill(matrix, first * columns, end * columns, 0);
        }
    }

    private static void addOuterProducts(
            int first, int end, int blocks, int batch, int rows, MatrixView y, MatrixView x, double[] a) {
        int from = y.offset() + first * batch;
        int inner = x.rows() / blocks;
        addOuterProducts(
                blocks, batch, end - first, y.data(), from, rows, inner, x.data(), x.offset(), a, first * inner);
    }

    static void addRowSum(int row, double sum, double[] r, double[] q) {
        r[row] += sum;
        if (q != null) {
            q[row] += sum;
        }
    }

    /**
     * A += Y_1 X_1' + Y_2 X_2' + ...: along the rows of A if they are long, or else along its columns, which HotSpot vectorises;
     * where A has few rows, few columns or little of both, by sums in registers.
     *
     * @param rows of A
     * @param ofBlock rows of a block of Y, at least {@code rows}
     */
    static void addOuterProducts(
            int blocks,
            int batch,
            int rows,
            double[] y,
            int yOffset,
            int ofBlock,
            int inner,
            double[] x,
            int xOffset,
            double[] a,
            int aOffset) {
        if (inner >= LONG_ROW && rows >= 4) {
            addOuterProductsByParts(
                    blocks, batch, rows, y, yOffset, ofBlock, inner, x, xOffset, inner, a, aOffset, inner, 1);
            return;
        }
        if (rows >= LONG_ROW && inner > 4) {
            addOuterProductsByParts(
                    blocks, batch, inner, x, xOffset, inner, rows, y, yOffset, ofBlock, a, aOffset, 1, inner);
            return;
        }
        int fours = rows / 4 * 4;
        for (int s = 0; s < blocks; s++) {
            int xs = xOffset + s * inner * batch;
            for (int i = 0; i < fours; i += 4) {
                int yi = yOffset + (s * ofBlock + i) * batch;
                for (int p = 0; p < inner; p += 2) {
                    int to = aOffset + i * inner + p;
                    fourByTwoDots(batch, y, yi, x, xs + p * batch, a, to, inner, Math.min(1, inner - 1 - p));
                }
            }
            for (int i = fours; i < rows; i++) {
                int yi = yOffset + (s * ofBlock + i) * batch;
                int to = aOffset + i * inner;
                int p = 0;
                for (; p + 8 <= inner; p += 8) {
                    eightDots(batch, y, yi, x, xs + p * batch, a, to + p);
                }
                for (; p < inner; p++) {
                    a[to + p] = dot(batch, y, yi, x, xs + p * batch, a[to + p]);
                }
            }
        }
    }

    /**
     * The same where element (i, p) of A is at i rowStep + p columnStep: parts of X are transposed, of one block or of
     * several with few columns each. Y and X may be rows of larger blocks.
     */
    private static void addOuterProductsByParts(
            int blocks,
            int batch,
            int rows,
            double[] y,
            int yOffset,
            int ofYBlock,
            int inner,
            double[] x,
            int xOffset,
            int ofXBlock,
            double[] a,
            int aOffset,
            int rowStep,
            int columnStep) {
        Rows room = Rows.DEEP.get();
        double[] sum = room.sums[0];
        int width = room.width(inner);
        int together = Math.max(1, room.depth / batch);
        int columns = Math.min(batch, room.depth);
        for (int s = 0; s < blocks; s += together) {
            int end = Math.min(s + together, blocks);
            for (int j = 0; j < batch; j += columns) {
                int depth = Math.min(columns, batch - j);
                for (int p = 0; p < inner; p += width) {
                    int n = Math.min(width, inner - p);
                    for (int t = s; t < end; t++) {
                        int part = xOffset + (t * ofXBlock + p) * batch + j;
                        transpose(n, depth, x, part, batch, room.right, (t - s) * depth);
                    }
                    for (int i = 0; i < rows; i++) {
                        int to = aOffset + i * rowStep + p * columnStep;
                        copy(n, a, to, columnStep, sum, 0, 1);
                        for (int t = s; t < end; t++) {
                            int row = yOffset + (t * ofYBlock + i) * batch + j;
                            addRows(depth, y, row, 1, room.right, (t - s) * depth, n, sum);
                        }
                        copy(n, sum, 0, 1, a, to, columnStep);
                    }
                }
            }
        }
    }

    static void copy(int n, double[] from, int fromOffset, int fromStep, double[] to, int toOffset, int toStep) {
        if (fromStep == 1 && toStep == 1) {
            System.arraycopy(from, fromOffset, to, toOffset, n);
            return;
        }
        for (int j = 0; j < n; j++) {
            to[toOffset + j * toStep] = from[fromOffset + j * fromStep];
        }
    }

    private static void transpose(
            int rows, int columns, double[] x, int xOffset, int stride, double[][] to, int first) {
        int q = 0;
        for (; q + LANES <= columns; q += LANES) {
            int row = first + q;
            transposeEight(
                    rows,
                    x,
                    xOffset + q,
                    stride,
                    to[row],
                    to[row + 1],
                    to[row + 2],
                    to[row + 3],
                    to[row + 4],
                    to[row + 5],
                    to[row + 6],
                    to[row + 7]);
        }
        for (; q < columns; q++) {
            copy(rows, x, xOffset + q, stride, to[first + q], 0, 1);
        }
    }

    private static void transposeEight(
            int rows,
            double[] x,
            int xOffset,
            int stride,
            double[] t0,
            double[] t1,
            double[] t2,
            double[] t3,
            double[] t4,
            double[] t5,
            double[] t6,
            double[] t7) {
        for (int p = 0; p < rows; p++) {
            int at = xOffset + p * stride;
            t0[p] = x[at];
            t1[p] = x[at + 1];
            t2[p] = x[at + 2];
            t3[p] = x[at + 3];
            t4[p] = x[at + 4];
            t5[p] = x[at + 5];
            t6[p] = x[at + 6];
            t7[p] = x[at + 7];
        }
    }

    /** Four rows of A and two columns, or the last of them twice (next = 0): each sum is kept in a register. */
    private static void fourByTwoDots(
            int n, double[] y, int y0, double[] x, int x0, double[] a, int a0, int columns, int next) {
        int y1 = y0 + n;
        int y2 = y1 + n;
        int y3 = y2 + n;
        int x1 = x0 + next * n;
        int a1 = a0 + columns;
        int a2 = a1 + columns;
        int a3 = a2 + columns;
        double s00 = a[a0], s01 = a[a0 + next];
        double s10 = a[a1], s11 = a[a1 + next];
        double s20 = a[a2], s21 = a[a2 + next];
        double s30 = a[a3], s31 = a[a3 + next];
        for (int j = 0; j < n; j++) {
            double w0 = x[x0 + j];
            double w1 = x[x1 + j];
            double u = y[y0 + j];
            s00 = fma(u, w0, s00);
            s01 = fma(u, w1, s01);
            u = y[y1 + j];
            s10 = fma(u, w0, s10);
            s11 = fma(u, w1, s11);
            u = y[y2 + j];
            s20 = fma(u, w0, s20);
            s21 = fma(u, w1, s21);
            u = y[y3 + j];
            s30 = fma(u, w0, s30);
            s31 = fma(u, w1, s31);
        }
        a[a0] = s00;
        a[a0 + next] = s01;
        a[a1] = s10;
        a[a1 + next] = s11;
        a[a2] = s20;
        a[a2 + next] = s21;
        a[a3] = s30;
        a[a3 + next] = s31;
    }

    /** One row of A and eight columns. */
    private static void eightDots(int n, double[] y, int y0, double[] x, int x0, double[] a, int a0) {
        int x1 = x0 + n;
        int x2 = x1 + n;
        int x3 = x2 + n;
        int x4 = x3 + n;
        int x5 = x4 + n;
        int x6 = x5 + n;
        int x7 = x6 + n;
        double s0 = a[a0], s1 = a[a0 + 1], s2 = a[a0 + 2], s3 = a[a0 + 3];
        double s4 = a[a0 + 4], s5 = a[a0 + 5], s6 = a[a0 + 6], s7 = a[a0 + 7];
        for (int j = 0; j < n; j++) {
            double u = y[y0 + j];
            s0 = fma(u, x[x0 + j], s0);
            s1 = fma(u, x[x1 + j], s1);
            s2 = fma(u, x[x2 + j], s2);
            s3 = fma(u, x[x3 + j], s3);
            s4 = fma(u, x[x4 + j], s4);
            s5 = fma(u, x[x5 + j], s5);
            s6 = fma(u, x[x6 + j], s6);
            s7 = fma(u, x[x7 + j], s7);
        }
        a[a0] = s0;
        a[a0 + 1] = s1;
        a[a0 + 2] = s2;
        a[a0 + 3] = s3;
        a[a0 + 4] = s4;
        a[a0 + 5] = s5;
        a[a0 + 6] = s6;
        a[a0 + 7] = s7;
    }

    private static double dot(int n, double[] y, int y0, double[] x, int x0, double start) {
        double s = start;
        for (int j = 0; j < n; j++) {
            s = fma(y[y0 + j], x[x0 + j], s);
        }
        return s;
    }

    private static double sum(int n, double[] x, int offset) {
        double s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
        int end = offset + n;
        for (int j = offset; j < end; j += LANES) {
            s0 += x[j];
            s1 += orZero(x, j + 1, end);
            s2 += orZero(x, j + 2, end);
            s3 += orZero(x, j + 3, end);
            s4 += orZero(x, j + 4, end);
            s5 += orZero(x, j + 5, end);
            s6 += orZero(x, j + 6, end);
            s7 += orZero(x, j + 7, end);
        }
        return halve(s0, s1, s2, s3, s4, s5, s6, s7);
    }

    static double sumOfSquares(int n, double[] x) {
        double s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
        for (int j = 0; j < n; j += LANES) {
            s0 = addSquare(x[j], s0);
            s1 = addSquare(orZero(x, j + 1, n), s1);
            s2 = addSquare(orZero(x, j + 2, n), s2);
            s3 = addSquare(orZero(x, j + 3, n), s3);
            s4 = addSquare(orZero(x, j + 4, n), s4);
            s5 = addSquare(orZero(x, j + 5, n), s5);
            s6 = addSquare(orZero(x, j + 6, n), s6);
            s7 = addSquare(orZero(x, j + 7, n), s7);
        }
        return halve(s0, s1, s2, s3, s4, s5, s6, s7);
    }

    private static double addSquare(double x, double sum) {
        return fma(x, x, sum);
    }

    /** Lanes past the end add zeros, which change no bit of a sum that began at +0. */
    private static double orZero(double[] x, int j, int end) {
        return j < end ? x[j] : 0;
    }

    static double halve(double s0, double s1, double s2, double s3, double s4, double s5, double s6, double s7) {
        return ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7));
    }
}
