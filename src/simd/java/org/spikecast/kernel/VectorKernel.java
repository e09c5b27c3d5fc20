package org.spikecast.kernel;

import static java.lang.Math.fma;
import static org.spikecast.kernel.PackedMatrix.PANEL;

import java.util.Arrays;
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

    /** Columns of the right factor that are worked on at once: two vectors. */
    private static final int STRIP = 2 * WIDTH;

    /** Below this batch, columns are taken one by one. */
    private static final int FEW_COLUMNS = 4;

    /** As many elements of a step are worked on at once as leave room in the first cache. */
    private static final int PART = 256;

    /** As much of the inner index, and as many rows, are worked on at once as the second cache holds. */
    private static final int INNER_BLOCK = 192;

    private static final int ROW_BLOCK = 128;

    /** As many numbers of the right factor are worked on at once as half of the first cache holds. */
    private static final int RIGHT_BLOCK = Math.max(3072, INNER_BLOCK * STRIP);

    /** Room for packed parts of the factors, for biases, for a tile that is not whole; for the steps of sigma and tanh. */
    private static final class Scratch {
        final double[] left = new double[ROW_BLOCK * INNER_BLOCK];
        final double[] right = new double[RIGHT_BLOCK];
        final double[] bias = new double[ROW_BLOCK * STRIP];
        final double[] tile = new double[PANEL * STRIP];
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
        int rows = w.rows();
        int inner = h == null ? xRows : w.inner();
        if (batch < FEW_COLUMNS) {
            for (int j = 0; j < batch; j++) {
                addColumns(rows, a, b, y, yOffset + j, batch);
                timesColumn(w, 0, xRows, x, xOffset + j, batch, y, yOffset + j);
                if (h != null) {
                    timesColumn(w, xRows, inner, h, hOffset + j, batch, y, yOffset + j);
                }
            }
            return;
        }
        Scratch scratch = SCRATCH.get();
        for (int p = 0; p < inner; p += INNER_BLOCK) {
            int depth = Math.min(INNER_BLOCK, inner - p);
            int ofX = Math.max(0, Math.min(depth, xRows - p));
            int strips = Math.max(1, RIGHT_BLOCK / (depth * STRIP));
            for (int i = 0; i < rows; i += ROW_BLOCK) {
                int height = Math.min(ROW_BLOCK, rows - i);
                for (int r = 0; p == 0 && r < height; r++) {
                    double start = b == null ? a[i + r] : a[i + r] + b[i + r];
                    Arrays.fill(scratch.bias, r * STRIP, (r + 1) * STRIP, start);
                }
                for (int j = 0; j < batch; j += strips * STRIP) {
                    int width = Math.min(strips * STRIP, batch - j);
                    packStrips(ofX, width, x, xOffset + p * batch + j, batch, scratch.right, 0, depth);
                    packStrips(
                            depth - ofX,
                            width,
                            h,
                            hOffset + (p + ofX - xRows) * batch + j,
                            batch,
                            scratch.right,
                            ofX,
                            depth);
                    timesStrips(
                            p == 0,
                            height,
                            depth,
                            width,
                            w.data(),
                            w.at(i, p),
                            w.inner() * PANEL,
                            scratch,
                            y,
                            yOffset + i * batch + j,
                            batch);
                }
            }
        }
    }

    @Override
    public void multiply(int blocks, PackedMatrix a, int batch, double[] x, int xOffset, double[] y, int yOffset) {
        int rows = a.rows();
        int inner = a.inner();
        if (batch < FEW_COLUMNS) {
            for (int s = 0; s < blocks; s++) {
                for (int j = 0; j < batch; j++) {
                    int xs = xOffset + s * inner * batch;
                    timesColumn(a, 0, inner, x, xs + j, batch, y, yOffset + s * rows * batch + j);
                }
            }
            return;
        }
        Scratch scratch = SCRATCH.get();
        for (int p = 0; p < inner; p += INNER_BLOCK) {
            int depth = Math.min(INNER_BLOCK, inner - p);
            int strips = Math.max(1, RIGHT_BLOCK / (depth * STRIP));
            for (int i = 0; i < rows; i += ROW_BLOCK) {
                int height = Math.min(ROW_BLOCK, rows - i);
                for (int s = 0; s < blocks; s++) {
                    int xs = xOffset + (s * inner + p) * batch;
                    int ys = yOffset + (s * rows + i) * batch;
                    for (int j = 0; j < batch; j += strips * STRIP) {
                        int width = Math.min(strips * STRIP, batch - j);
                        packStrips(depth, width, x, xs + j, batch, scratch.right, 0, depth);
                        timesStrips(
                                false,
                                height,
                                depth,
                                width,
                                a.data(),
                                a.at(i, p),
                                inner * PANEL,
                                scratch,
                                y,
                                ys + j,
                                batch);
                    }
                }
            }
        }
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
            double[] b) {
        Scratch scratch = SCRATCH.get();
        int blocksAtOnce = Math.max(1, INNER_BLOCK / batch);
        int columnsAtOnce = Math.min(batch, INNER_BLOCK);
        for (int s = 0; s < blocks; s += blocksAtOnce) {
            int together = Math.min(blocksAtOnce, blocks - s);
            for (int j = 0; j < batch; j += columnsAtOnce) {
                int columns = Math.min(columnsAtOnce, batch - j);
                for (int i = 0; i < rows; i += ROW_BLOCK) {
                    int height = Math.min(ROW_BLOCK, rows - i);
                    int ys = yOffset + (s * rows + i) * batch + j;
                    packTransposed(together, rows * batch, columns, height, y, ys, batch, scratch.left, PANEL);
                    int depth = together * columns;
                    int xs = xOffset + s * xRows * batch + j;
                    timesTransposed(together, columns, height, depth, xRows, x, xs, batch, scratch, a, i * xRows);
                    if (h != null) {
                        int hs = hOffset + s * hRows * batch + j;
                        timesTransposed(together, columns, height, depth, hRows, h, hs, batch, scratch, b, i * hRows);
                    }
                }
            }
        }
    }

    /** A += L X' for the left factor L (height x depth) that is packed: the columns of X' are the rows of its blocks. */
    private static void timesTransposed(
            int blocks,
            int columns,
            int height,
            int depth,
            int xRows,
            double[] x,
            int xOffset,
            int batch,
            Scratch scratch,
            double[] a,
            int aOffset) {
        int strips = Math.max(1, RIGHT_BLOCK / (depth * STRIP));
        for (int p = 0; p < xRows; p += strips * STRIP) {
            int width = Math.min(strips * STRIP, xRows - p);
            packTransposed(blocks, xRows * batch, columns, width, x, xOffset + p * batch, batch, scratch.right, STRIP);
            timesStrips(false, height, depth, width, scratch.left, 0, depth * PANEL, scratch, a, aOffset + p, xRows);
        }
    }

    /**
     * Rows of a matrix, {@code width} columns of it, as rows {@code first} and on of strips that have {@code depth} rows;
     * what the last strip lacks in columns is zero.
     */
    private static void packStrips(
            int rows, int width, double[] x, int xOffset, int columns, double[] packed, int first, int depth) {
        for (int j = 0; j < width; j += STRIP) {
            int to = j * depth + first * STRIP;
            int from = xOffset + j;
            if (j + STRIP <= width) {
                for (int p = 0; p < rows; p++) {
                    DoubleVector.fromArray(SPECIES, x, from).intoArray(packed, to);
                    DoubleVector.fromArray(SPECIES, x, from + WIDTH).intoArray(packed, to + WIDTH);
                    from += columns;
                    to += STRIP;
                }
            } else {
                for (int p = 0; p < rows; p++) {
                    for (int q = 0; q < STRIP; q++) {
                        packed[to + q] = j + q < width ? x[from + q] : 0;
                    }
                    from += columns;
                    to += STRIP;
                }
            }
        }
    }

    /**
     * The transposes of blocks of rows, one below the other, in panels of so many of these rows; what the last panel
     * lacks is zero.
     */
    private static void packTransposed(
            int blocks,
            int blockStep,
            int columns,
            int rows,
            double[] x,
            int xOffset,
            int stride,
            double[] packed,
            int panel) {
        int depth = blocks * columns;
        int whole = rows / panel * panel;
        if (whole < rows) {
            Arrays.fill(packed, whole * depth, (whole + panel) * depth, 0);
        }
        for (int row = 0; row < rows; row += 4) {
            int panelAt = row / panel * panel * depth + row % panel;
            for (int s = 0; s < blocks; s++) {
                int from = xOffset + s * blockStep + row * stride;
                int to = panelAt + s * columns * panel;
                if (row + 4 <= rows) {
                    packFour(columns, x, from, stride, packed, to, panel);
                } else {
                    for (int r = 0; r < rows - row; r++) {
                        for (int j = 0; j < columns; j++) {
                            packed[to + j * panel + r] = x[from + r * stride + j];
                        }
                    }
                }
            }
        }
    }

    private static void packFour(int columns, double[] x, int x0, int stride, double[] packed, int to, int panel) {
        int x1 = x0 + stride;
        int x2 = x1 + stride;
        int x3 = x2 + stride;
        for (int j = 0; j < columns; j++) {
            int at = to + j * panel;
            packed[at] = x[x0 + j];
            packed[at + 1] = x[x1 + j];
            packed[at + 2] = x[x2 + j];
            packed[at + 3] = x[x3 + j];
        }
    }

    /**
     * C += A B, or C = bias + A B, for the strips of B that are packed: A stands in panels, C (height x width) in rows of
     * {@code columns}. Tiles of C are kept in registers while the inner index runs; those that are not whole take a
     * detour.
     */
    private static void timesStrips(
            boolean fromBias,
            int height,
            int depth,
            int width,
            double[] a,
            int aOffset,
            int panelStep,
            Scratch scratch,
            double[] c,
            int cOffset,
            int columns) {
        double[] b = scratch.right;
        double[] start = fromBias ? scratch.bias : c;
        int startStep = fromBias ? STRIP : columns;
        for (int i = 0; i < height; i += PANEL) {
            int at = aOffset + i / PANEL * panelStep;
            int rows = Math.min(PANEL, height - i);
            for (int j = 0; j < width; j += STRIP) {
                int ci = cOffset + i * columns + j;
                int si = fromBias ? i * STRIP : ci;
                if (j + STRIP <= width && rows == PANEL) {
                    fourByTwo(depth, a, at, b, j * depth, start, si, startStep, c, ci, columns);
                    si += 4 * startStep;
                    ci += 4 * columns;
                    fourByTwo(depth, a, at + 4, b, j * depth, start, si, startStep, c, ci, columns);
                } else {
                    partOfTile(
                            rows,
                            Math.min(STRIP, width - j),
                            depth,
                            a,
                            at,
                            scratch,
                            j * depth,
                            start,
                            si,
                            startStep,
                            c,
                            ci,
                            columns);
                }
            }
        }
    }

    private static void partOfTile(
            int rows,
            int width,
            int depth,
            double[] a,
            int at,
            Scratch scratch,
            int strip,
            double[] start,
            int startOffset,
            int startStep,
            double[] c,
            int cOffset,
            int columns) {
        double[] tile = scratch.tile;
        double[] b = scratch.right;
        for (int r = 0; r < rows; r++) {
            System.arraycopy(start, startOffset + r * startStep, tile, r * STRIP, width);
        }
        if (width <= WIDTH) {
            eightByOne(depth, a, at, b, strip, tile);
        } else {
            fourByTwo(depth, a, at, b, strip, tile, 0, STRIP, tile, 0, STRIP);
            if (rows > 4) {
                fourByTwo(depth, a, at + 4, b, strip, tile, 4 * STRIP, STRIP, tile, 4 * STRIP, STRIP);
            }
        }
        for (int r = 0; r < rows; r++) {
            System.arraycopy(tile, r * STRIP, c, cOffset + r * columns, width);
        }
    }

    /**
     * C (four rows) = start + four rows of a panel times a strip. Two turns of the inner index are written out: left to
     * unroll the loop itself, HotSpot takes more registers than there are.
     */
    private static void fourByTwo(
            int depth,
            double[] a,
            int a0,
            double[] b,
            int b0,
            double[] start,
            int startOffset,
            int startStep,
            double[] c,
            int c0,
            int columns) {
        int from = startOffset;
        DoubleVector s00 = DoubleVector.fromArray(SPECIES, start, from);
        DoubleVector s01 = DoubleVector.fromArray(SPECIES, start, from + WIDTH);
        from += startStep;
        DoubleVector s10 = DoubleVector.fromArray(SPECIES, start, from);
        DoubleVector s11 = DoubleVector.fromArray(SPECIES, start, from + WIDTH);
        from += startStep;
        DoubleVector s20 = DoubleVector.fromArray(SPECIES, start, from);
        DoubleVector s21 = DoubleVector.fromArray(SPECIES, start, from + WIDTH);
        from += startStep;
        DoubleVector s30 = DoubleVector.fromArray(SPECIES, start, from);
        DoubleVector s31 = DoubleVector.fromArray(SPECIES, start, from + WIDTH);
        int p = 0;
        for (; p < depth - 1; p += 2) {
            int at = a0 + p * PANEL;
            int bt = b0 + p * STRIP;
            DoubleVector x0 = DoubleVector.fromArray(SPECIES, b, bt);
            DoubleVector x1 = DoubleVector.fromArray(SPECIES, b, bt + WIDTH);
            DoubleVector w = broadcast(a[at]);
            s00 = w.fma(x0, s00);
            s01 = w.fma(x1, s01);
            w = broadcast(a[at + 1]);
            s10 = w.fma(x0, s10);
            s11 = w.fma(x1, s11);
            w = broadcast(a[at + 2]);
            s20 = w.fma(x0, s20);
            s21 = w.fma(x1, s21);
            w = broadcast(a[at + 3]);
            s30 = w.fma(x0, s30);
            s31 = w.fma(x1, s31);
            x0 = DoubleVector.fromArray(SPECIES, b, bt + STRIP);
            x1 = DoubleVector.fromArray(SPECIES, b, bt + STRIP + WIDTH);
            w = broadcast(a[at + PANEL]);
            s00 = w.fma(x0, s00);
            s01 = w.fma(x1, s01);
            w = broadcast(a[at + PANEL + 1]);
            s10 = w.fma(x0, s10);
            s11 = w.fma(x1, s11);
            w = broadcast(a[at + PANEL + 2]);
            s20 = w.fma(x0, s20);
            s21 = w.fma(x1, s21);
            w = broadcast(a[at + PANEL + 3]);
            s30 = w.fma(x0, s30);
            s31 = w.fma(x1, s31);
        }
        if (p < depth) {
            int at = a0 + p * PANEL;
            int bt = b0 + p * STRIP;
            DoubleVector x0 = DoubleVector.fromArray(SPECIES, b, bt);
            DoubleVector x1 = DoubleVector.fromArray(SPECIES, b, bt + WIDTH);
            DoubleVector w = broadcast(a[at]);
            s00 = w.fma(x0, s00);
            s01 = w.fma(x1, s01);
            w = broadcast(a[at + 1]);
            s10 = w.fma(x0, s10);
            s11 = w.fma(x1, s11);
            w = broadcast(a[at + 2]);
            s20 = w.fma(x0, s20);
            s21 = w.fma(x1, s21);
            w = broadcast(a[at + 3]);
            s30 = w.fma(x0, s30);
            s31 = w.fma(x1, s31);
        }
        int to = c0;
        s00.intoArray(c, to);
        s01.intoArray(c, to + WIDTH);
        to += columns;
        s10.intoArray(c, to);
        s11.intoArray(c, to + WIDTH);
        to += columns;
        s20.intoArray(c, to);
        s21.intoArray(c, to + WIDTH);
        to += columns;
        s30.intoArray(c, to);
        s31.intoArray(c, to + WIDTH);
    }

    /** A panel of rows and the first vector of a strip, to the first vectors of the tile's rows. */
    private static void eightByOne(int depth, double[] a, int a0, double[] b, int b0, double[] tile) {
        DoubleVector s0 = DoubleVector.fromArray(SPECIES, tile, 0);
        DoubleVector s1 = DoubleVector.fromArray(SPECIES, tile, STRIP);
        DoubleVector s2 = DoubleVector.fromArray(SPECIES, tile, 2 * STRIP);
        DoubleVector s3 = DoubleVector.fromArray(SPECIES, tile, 3 * STRIP);
        DoubleVector s4 = DoubleVector.fromArray(SPECIES, tile, 4 * STRIP);
        DoubleVector s5 = DoubleVector.fromArray(SPECIES, tile, 5 * STRIP);
        DoubleVector s6 = DoubleVector.fromArray(SPECIES, tile, 6 * STRIP);
        DoubleVector s7 = DoubleVector.fromArray(SPECIES, tile, 7 * STRIP);
        for (int p = 0; p < depth; p++) {
            DoubleVector x = DoubleVector.fromArray(SPECIES, b, b0 + p * STRIP);
            int at = a0 + p * PANEL;
            s0 = broadcast(a[at]).fma(x, s0);
            s1 = broadcast(a[at + 1]).fma(x, s1);
            s2 = broadcast(a[at + 2]).fma(x, s2);
            s3 = broadcast(a[at + 3]).fma(x, s3);
            s4 = broadcast(a[at + 4]).fma(x, s4);
            s5 = broadcast(a[at + 5]).fma(x, s5);
            s6 = broadcast(a[at + 6]).fma(x, s6);
            s7 = broadcast(a[at + 7]).fma(x, s7);
        }
        s0.intoArray(tile, 0);
        s1.intoArray(tile, STRIP);
        s2.intoArray(tile, 2 * STRIP);
        s3.intoArray(tile, 3 * STRIP);
        s4.intoArray(tile, 4 * STRIP);
        s5.intoArray(tile, 5 * STRIP);
        s6.intoArray(tile, 6 * STRIP);
        s7.intoArray(tile, 7 * STRIP);
    }

    private static void addColumns(int n, double[] a, double[] b, double[] y, int yOffset, int stride) {
        if (b == null) {
            copy(n, a, 0, 1, y, yOffset, stride);
        } else if (stride == 1) {
            for (int i = 0; i < n; i++) {
                y[yOffset + i] = a[i] + b[i];
            }
        } else {
            for (int i = 0; i < n; i++) {
                y[yOffset + i * stride] = a[i] + b[i];
            }
        }
    }

    /** One column of Y += A X, of A only the columns from p to end - 1: its packed rows are the lanes. */
    private static void timesColumn(
            PackedMatrix a, int p, int end, double[] x, int xOffset, int stride, double[] y, int yOffset) {
        int rows = a.rows();
        double[] start = SCRATCH.get().left;
        double[] sums = SCRATCH.get().right;
        for (int first = 0; first < rows; first += sums.length) {
            int height = Math.min(rows - first, sums.length);
            copy(height, y, yOffset + first * stride, stride, start, 0, 1);
            int whole = (height + PANEL - 1) / PANEL * PANEL;
            if (whole >= 8 * WIDTH) {
                for (int i = 0; i < whole; i += 8 * WIDTH) {
                    int at = Math.min(i, whole - 8 * WIDTH); // the last ones once more rather than one by one
                    eightVectors(a, first + at, p, end, x, xOffset, stride, start, sums, at);
                }
            } else {
                for (int i = 0; i < whole; i += WIDTH) {
                    oneVector(a, first + i, p, end, x, xOffset, stride, start, sums, i);
                }
            }
            copy(height, sums, 0, 1, y, yOffset + first * stride, stride);
        }
    }

    private static void copy(
            int n, double[] from, int fromOffset, int fromStep, double[] to, int toOffset, int toStep) {
        if (fromStep == 1 && toStep == 1) {
            System.arraycopy(from, fromOffset, to, toOffset, n);
        } else {
            for (int j = 0; j < n; j++) {
                to[toOffset + j * toStep] = from[fromOffset + j * fromStep];
            }
        }
    }

    private static void eightVectors(
            PackedMatrix a,
            int row,
            int first,
            int end,
            double[] x,
            int xOffset,
            int stride,
            double[] start,
            double[] sums,
            int at) {
        double[] w = a.data();
        int a0 = a.at(row, first);
        int a1 = a.at(row + WIDTH, first);
        int a2 = a.at(row + 2 * WIDTH, first);
        int a3 = a.at(row + 3 * WIDTH, first);
        int a4 = a.at(row + 4 * WIDTH, first);
        int a5 = a.at(row + 5 * WIDTH, first);
        int a6 = a.at(row + 6 * WIDTH, first);
        int a7 = a.at(row + 7 * WIDTH, first);
        DoubleVector s0 = DoubleVector.fromArray(SPECIES, start, at);
        DoubleVector s1 = DoubleVector.fromArray(SPECIES, start, at + WIDTH);
        DoubleVector s2 = DoubleVector.fromArray(SPECIES, start, at + 2 * WIDTH);
        DoubleVector s3 = DoubleVector.fromArray(SPECIES, start, at + 3 * WIDTH);
        DoubleVector s4 = DoubleVector.fromArray(SPECIES, start, at + 4 * WIDTH);
        DoubleVector s5 = DoubleVector.fromArray(SPECIES, start, at + 5 * WIDTH);
        DoubleVector s6 = DoubleVector.fromArray(SPECIES, start, at + 6 * WIDTH);
        DoubleVector s7 = DoubleVector.fromArray(SPECIES, start, at + 7 * WIDTH);
        for (int p = 0; p < end - first; p++) {
            DoubleVector v = broadcast(x[xOffset + p * stride]);
            int q = p * PANEL;
            s0 = DoubleVector.fromArray(SPECIES, w, a0 + q).fma(v, s0);
            s1 = DoubleVector.fromArray(SPECIES, w, a1 + q).fma(v, s1);
            s2 = DoubleVector.fromArray(SPECIES, w, a2 + q).fma(v, s2);
            s3 = DoubleVector.fromArray(SPECIES, w, a3 + q).fma(v, s3);
            s4 = DoubleVector.fromArray(SPECIES, w, a4 + q).fma(v, s4);
            s5 = DoubleVector.fromArray(SPECIES, w, a5 + q).fma(v, s5);
            s6 = DoubleVector.fromArray(SPECIES, w, a6 + q).fma(v, s6);
            s7 = DoubleVector.fromArray(SPECIES, w, a7 + q).fma(v, s7);
        }
        s0.intoArray(sums, at);
        s1.intoArray(sums, at + WIDTH);
        s2.intoArray(sums, at + 2 * WIDTH);
        s3.intoArray(sums, at + 3 * WIDTH);
        s4.intoArray(sums, at + 4 * WIDTH);
        s5.intoArray(sums, at + 5 * WIDTH);
        s6.intoArray(sums, at + 6 * WIDTH);
        s7.intoArray(sums, at + 7 * WIDTH);
    }

    private static void oneVector(
            PackedMatrix a,
            int row,
            int first,
            int end,
            double[] x,
            int xOffset,
            int stride,
            double[] start,
            double[] sums,
            int at) {
        double[] w = a.data();
        int a0 = a.at(row, first);
        DoubleVector s = DoubleVector.fromArray(SPECIES, start, at);
        for (int p = 0; p < end - first; p++) {
            s = DoubleVector.fromArray(SPECIES, w, a0 + p * PANEL).fma(broadcast(x[xOffset + p * stride]), s);
        }
        s.intoArray(sums, at);
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
            for (int j = 0; j < part; j++) {
                cell[c + j] =
                        fma(gates[fAt + j], cell[previousOffset + first + j], gates[iAt + j] * gates[gAt + j]); // (4)
            }
            tanh(cell, c, tanhCell, tanhOffset + first, part, scratch); // (5)
            for (int j = 0; j < part; j++) {
                hidden[hiddenOffset + first + j] = gates[oAt + j] * tanhCell[tanhOffset + first + j]; // (5)
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
        for (int j = 0; j < whole; j += WIDTH) {
            DoubleVector size = DoubleVector.fromArray(SPECIES, z, offset + j).abs();
            size = size.blend(Elementary.SIGMA_MAX, size.compare(VectorOperators.GT, Elementary.SIGMA_MAX));
            DoubleVector shifted = size.fma(broadcast(Elementary.LOG2_E), broadcast(Elementary.ROUNDER));
            shifted.reinterpretAsLongs()
                    .neg()
                    .add(Elementary.BIAS)
                    .lanewise(VectorOperators.LSHL, Elementary.FRACTION_BITS)
                    .reinterpretAsDoubles()
                    .intoArray(s, j);
            DoubleVector k = shifted.sub(Elementary.ROUNDER);
            DoubleVector high = k.fma(broadcast(-Elementary.LN2_HIGH), size);
            k.fma(broadcast(-Elementary.LN2_LOW), high).intoArray(r, j);
        }
        addExpTail(whole, r, r, e);
        DoubleVector one = broadcast(1);
        for (int j = 0; j < whole; j += WIDTH) {
            DoubleVector power = DoubleVector.fromArray(SPECIES, s, j);
            DoubleVector u = power.add(DoubleVector.fromArray(SPECIES, e, j));
            DoubleVector denominator = u.add(1);
            DoubleVector excess = denominator.sub(1).sub(u);
            DoubleVector reciprocal = one.div(denominator);
            DoubleVector correction = excess.fma(reciprocal, denominator.neg().fma(reciprocal, one));
            DoubleVector lower = power.mul(correction.fma(reciprocal, reciprocal));
            DoubleVector x = DoubleVector.fromArray(SPECIES, z, offset + j);
            DoubleVector zeroOrOne = one.blend(0, x.compare(VectorOperators.LT, 0));
            zeroOrOne.sub(lower).abs().intoArray(z, offset + j);
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
            addExpTail(count, r, r, r);
            finish(count, r, s, y, i * n);
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

    private static void sigmoidsOfOne(int n, double[] slope, double[] offset, double x, double[] y) {
        SigmoidScratch scratch = SigmoidScratch.OF_THREAD.get();
        int padded = (n + WIDTH - 1) / WIDTH * WIDTH;
        scratch.ensure(padded);
        double[] r = scratch.r;
        double[] s = scratch.s;
        for (int i = 0; i < n; i++) {
            r[i] = fma(slope[i], x, offset[i]);
        }
        Arrays.fill(r, n, padded, 0);
        reduce(padded, 1, 0, r, 0, r, s, 0);
        addExpTail(padded, r, r, r);
        finish(n, r, s, y, 0);
    }

    /** The last vector overlaps the one before it, if need be: what it computes again are the same bits. */
    private static void finish(int n, double[] r, double[] s, double[] y, int to) {
        logistics(n - n % WIDTH, r, s, 0, y, to);
        if (n % WIDTH > 0) {
            logistics(WIDTH, r, s, n - WIDTH, y, to + n - WIDTH);
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
