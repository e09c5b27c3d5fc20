package org.spikecast.kernel.internal;

import static java.lang.Math.fma;
import static org.spikecast.kernel.Kernel.LANES;
import static org.spikecast.kernel.internal.PackedMatrix.PANEL;
import static org.spikecast.kernel.internal.ScalarProducts.copy;

import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The products of {@link VectorKernel}. A tile of the result, eight rows (four where registers are few) by two vectors, stays
 * in registers while the inner index p runs: each turn broadcasts one number of each row of the left factor, and reads two
 * vectors of the right one.
 *
 * <pre>
 *                              strip: 2 vectors
 *                             +-------+-------+
 *                        p -> | x x x x x x x |   right factor, packed: the strips of some rows
 *                             +-------+-------+   and columns fill half of the second cache
 *        p
 *    +---|----+               +-------+-------+
 *    |   w    |               |               |
 *    |   w    |  panel:       |   tile of C   |   8 x 2 vectors: 16 registers
 *    |   w    |  8 rows       |               |
 *    +--------+               +-------+-------+
 *    left factor: each panel stays in the first cache while it meets all strips
 * </pre>
 *
 * Weights are in panels beforehand ({@link PackedMatrix}); of gradients, eight rows are copied side by side. The tiles
 * of these two differ in the steps of an index only, but these must be constants: with variables HotSpot checks every
 * index, which costs 10 to 20 %. Where the inner index or the columns are divided, partial sums are stored and
 * continued in ascending order, so that sizes of tiles and parts change no bit.
 */
final class VectorProducts {
    private static final VectorSpecies<Double> SPECIES = VectorKernel.SPECIES;
    private static final int WIDTH = SPECIES.length();

    /** Columns of a tile: two vectors. */
    private static final int STRIP = 2 * WIDTH;

    /** Whether sums of eight rows by two vectors stay in registers: x86 CPUs with 512 bits have 32 of them, others mostly 16. */
    private static final boolean MANY_REGISTERS = SPECIES == DoubleVector.SPECIES_512;

    /** Smaller batches are computed column by column. */
    private static final int FEW_COLUMNS = 4;

    /** Products of fewer rows are computed row by row. */
    private static final int FEW_ROWS = 4;

    /** Weight gradients of fewer rows are computed row by row; three rows are worth a transpose of X. */
    private static final int FEW_ROWS_OF_SUMS = 3;

    /** Numbers in a cache line. */
    private static final int LINE = 8;

    /** The numbers of a right factor that are packed at once: half of a second-level cache of 1 MB. */
    private static final int RIGHT_BLOCK = 1 << 16;

    /** The longest part of the inner index: a panel of it fills two thirds of the first-level cache. */
    private static final int MOST_DEPTH = MANY_REGISTERS ? 512 : 256;

    /** The inner index is not divided into shorter parts than this; many columns are divided instead. */
    private static final int LEAST_DEPTH = 192;

    /** The longest part of the inner index of weight gradients, which share the cache with copied rows. */
    private static final int OUTER_DEPTH = 320;

    /**
     * The distance of rows that are copied side by side; at a power of two they would share the same sets of the cache.
     */
    private static final int LEFT_STEP = OUTER_DEPTH + LINE;

    /** Up to this batch, a right factor whose rows are whole strips is read in place if it multiplies few rows. */
    private static final int MOST_IN_PLACE = 64;

    /** The number of these rows at most. */
    private static final int MOST_ROWS_IN_PLACE = 256;

    /**
     * More weights than this come from the third-level cache or from memory. Each panel is then read before it is
     * multiplied, because the tile's loop leaves room for few outstanding cache lines.
     */
    private static final int FAR = 1 << 19;

    /** Up to this batch, the lanes are rows of the result. */
    private static final int COLUMNS = 8;

    /** The shortest inner index for that; below, it does not pay to transpose the tiles. */
    private static final int WORTH_A_TRANSPOSE = 48;

    /** Rows that are summed in one loop. */
    private static final int ROWS_OF_SUMS = 4;

    /** Rows whose sums are buffered together. */
    private static final int ROW_BLOCK = 128;

    /** Where A has few columns, blocks are combined up to this inner index. */
    private static final int FEW_DEPTH = 192;

    /** There, longer inner indices are divided into parts of this length. */
    private static final int FEW_MOST_DEPTH = 2304;

    /** Buffers for parts of the factors, biases, an incomplete tile and the lanes of sums. */
    private static final class Scratch {
        final double[] left = new double[PANEL * LEFT_STEP];
        final double[] sums = new double[PANEL * LEFT_STEP];
        final double[] bias = new double[PANEL * STRIP];
        final double[] tile = new double[PANEL * STRIP];
        final double[] lanes = new double[ROW_BLOCK * LANES];

        private double[] right = new double[0];

        /** A buffer for a packed part of a right factor. */
        double[] right(int n) {
            if (right.length < n) {
                right = new double[n];
            }
            return right;
        }

        /** Written and never read: see {@link #fetch}. */
        double fetched;
    }

    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    /** A row of a tile, to begin sums at 0. */
    private static final double[] ZEROS = new double[STRIP];

    private VectorProducts() {}

    static void affine(
            int first, int end, PackedMatrix w, double[] a, double[] b, MatrixView x, MatrixView h, MatrixView y) {
        int blocks = y.rows() / w.rows();
        int xRows = x.rows() / blocks;
        double[] hData = h == null ? null : h.data();
        int hOffset = h == null ? 0 : h.offset();
        affine(
                first,
                end,
                blocks,
                w,
                y.columns(),
                a,
                b,
                xRows,
                x.data(),
                x.offset(),
                hData,
                hOffset,
                y.data(),
                y.offset());
    }

    private static void affine(
            int first,
            int end,
            int blocks,
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
        int inner = h == null ? xRows : w.inner();
        if (batch < FEW_COLUMNS) {
            for (int j = 0; j < blocks * batch; j++) {
                int xs = xOffset + j / batch * xRows * batch + j % batch;
                int ys = yOffset + j / batch * w.rows() * batch + j % batch;
                addColumns(first, end, a, b, y, ys, batch);
                timesColumn(first, end, w, 0, xRows, x, xs, batch, y, ys);
                if (h != null) {
                    timesColumn(first, end, w, xRows, inner, h, hOffset + j, batch, y, ys);
                }
            }
            return;
        }
        if (w.rows() < FEW_ROWS && h == null) {
            for (int i = first; i < end; i++) {
                for (int s = 0; s < blocks; s++) {
                    int to = yOffset + (s * w.rows() + i) * batch;
                    Arrays.fill(y, to, to + batch, b == null ? a[i] : a[i] + b[i]);
                    rowTimes(w, i, inner, batch, x, xOffset + s * inner * batch, y, to);
                }
            }
            return;
        }
        product(first, end, blocks, w, batch, inner, a, b, xRows, x, xOffset, h, hOffset, y, yOffset);
    }

    /**
     * Y = a + b + W (X H), or Y += W (X H) if there is no a, of the rows from {@code first} to {@code end - 1}; Y and X are stacks
     * of blocks, of one where there is an H.
     */
    private static void product(
            int first,
            int end,
            int blocks,
            PackedMatrix w,
            int batch,
            int inner,
            double[] a,
            double[] b,
            int xRows,
            double[] x,
            int xOffset,
            double[] h,
            int hOffset,
            double[] y,
            int yOffset) {
        Scratch scratch = SCRATCH.get();
        if (!MANY_REGISTERS || batch > COLUMNS || inner < WORTH_A_TRANSPOSE) {
            manyColumns(first, end, blocks, w, batch, inner, a, b, xRows, x, xOffset, h, hOffset, y, yOffset, scratch);
            return;
        }
        fewColumns(first, end, blocks, w, batch, inner, a, b, xRows, x, xOffset, h, hOffset, y, yOffset, scratch);
    }

    /** The same by whole tiles. */
    private static void manyColumns(
            int first,
            int end,
            int blocks,
            PackedMatrix w,
            int batch,
            int inner,
            double[] a,
            double[] b,
            int xRows,
            double[] x,
            int xOffset,
            double[] h,
            int hOffset,
            double[] y,
            int yOffset,
            Scratch scratch) {
        int rows = w.rows();
        int wide = strips(batch) * STRIP;
        int most = Math.max(LEAST_DEPTH, Math.min(MOST_DEPTH, RIGHT_BLOCK / wide / blocks));
        int deep = evenPart(inner, most);
        int columnsAtOnce = Math.min(wide, RIGHT_BLOCK / deep / STRIP * STRIP);
        int blocksAtOnce = Math.max(1, RIGHT_BLOCK / deep / wide);
        boolean inPlace = h == null && rows <= MOST_ROWS_IN_PLACE && batch % STRIP == 0 && batch <= MOST_IN_PLACE;
        double[] right = inPlace ? x : scratch.right(deep * columnsAtOnce * Math.min(blocks, blocksAtOnce));
        for (int p = 0; p < inner; p += deep) {
            int depth = Math.min(deep, inner - p);
            int ofX = Math.max(0, Math.min(depth, xRows - p));
            for (int s = 0; s < blocks; s += blocksAtOnce) {
                int together = Math.min(blocksAtOnce, blocks - s);
                for (int j = 0; j < batch; j += columnsAtOnce) {
                    int width = Math.min(columnsAtOnce, batch - j);
                    int xs = xOffset + (s * xRows + p) * batch + j;
                    int ys = yOffset + s * rows * batch + j;
                    double[] sum = p == 0 ? a : null;
                    if (inPlace) {
                        int xStep = xRows * batch;
                        panelsTimesStrips(
                                first, end, together, w, p, depth, width, x, xs, xStep, STRIP, batch, sum, b, scratch,
                                y, ys, batch);
                        continue;
                    }
                    int packedStep = strips(width) * STRIP * depth;
                    for (int t = 0; t < together; t++) {
                        packStrips(ofX, width, x, xs + t * xRows * batch, batch, right, t * packedStep, depth);
                    }
                    if (ofX < depth) {
                        int hs = hOffset + (p + ofX - xRows) * batch + j;
                        packStrips(depth - ofX, width, h, hs, batch, right, ofX * STRIP, depth);
                    }
                    int stripStep = depth * STRIP;
                    panelsTimesStrips(
                            first,
                            end,
                            together,
                            w,
                            p,
                            depth,
                            width,
                            right,
                            0,
                            packedStep,
                            stripStep,
                            STRIP,
                            sum,
                            b,
                            scratch,
                            y,
                            ys,
                            batch);
                }
            }
        }
    }

    /**
     * The same for few columns. The factors change places: the lanes are rows of Y, two panels of W are the strip, and
     * rows of (X H), padded to eight numbers, are the panel. W is read once for all blocks.
     */
    private static void fewColumns(
            int first,
            int end,
            int blocks,
            PackedMatrix w,
            int batch,
            int inner,
            double[] a,
            double[] b,
            int xRows,
            double[] x,
            int xOffset,
            double[] h,
            int hOffset,
            double[] y,
            int yOffset,
            Scratch scratch) {
        double[] packed = scratch.right(blocks * inner * COLUMNS);
        for (int s = 0; s < blocks; s++) {
            packColumns(xRows, batch, x, xOffset + s * xRows * batch, packed, s * inner * COLUMNS);
        }
        if (h != null) {
            packColumns(inner - xRows, batch, h, hOffset, packed, xRows * COLUMNS);
        }
        double[] tile = scratch.tile;
        int last = (end - 1) / PANEL * PANEL;
        boolean far = w.data().length > FAR;
        for (int i = first; i < end; i += STRIP) {
            int height = Math.min(STRIP, end - i);
            if (far) {
                fetch((height + PANEL - 1) / PANEL * PANEL * inner, w.data(), w.at(i, 0), scratch);
            }
            int second = w.at(Math.min(i + PANEL, last), 0); // the last one once more, for sums that nobody reads
            for (int s = 0; s < blocks; s++) {
                int to = yOffset + (s * w.rows() + i) * batch;
                for (int r = 0; r < height; r++) {
                    double bias = a == null ? 0 : b == null ? a[i + r] : a[i + r] + b[i + r];
                    for (int j = 0; j < batch; j++) {
                        tile[j * STRIP + r] = a == null ? y[to + r * batch + j] : bias;
                    }
                }
                eightColumnsByTwo(inner, packed, s * inner * COLUMNS, w.data(), w.at(i, 0), second, tile);
                for (int r = 0; r < height; r++) {
                    for (int j = 0; j < batch; j++) {
                        y[to + r * batch + j] = tile[j * STRIP + r];
                    }
                }
            }
        }
    }

    private static void packColumns(int rows, int batch, double[] x, int xOffset, double[] packed, int packedOffset) {
        for (int p = 0; p < rows; p++) {
            for (int j = 0; j < batch; j++) {
                packed[packedOffset + p * COLUMNS + j] = x[xOffset + p * batch + j];
            }
        }
    }

    /** The size of equal parts, as few as there are if none is larger than {@code most}; the last may be a little smaller. */
    private static int evenPart(int n, int most) {
        int parts = (n + most - 1) / most;
        return (n + parts - 1) / parts;
    }

    /** Rows of a strip, each filled with a + b. */
    private static void broadcastRows(int rows, double[] a, double[] b, int first, double[] strip) {
        for (int r = 0; r < rows; r++) {
            DoubleVector start = broadcast(b == null ? a[first + r] : a[first + r] + b[first + r]);
            start.intoArray(strip, r * STRIP);
            start.intoArray(strip, r * STRIP + WIDTH);
        }
    }

    static void multiply(int first, int end, PackedMatrix a, MatrixView x, MatrixView y) {
        multiply(first, end, y.rows() / a.rows(), a, y.columns(), x.data(), x.offset(), y.data(), y.offset());
    }

    private static void multiply(
            int first,
            int end,
            int blocks,
            PackedMatrix a,
            int batch,
            double[] x,
            int xOffset,
            double[] y,
            int yOffset) {
        int rows = a.rows();
        int inner = a.inner();
        if (batch < FEW_COLUMNS) {
            for (int s = 0; s < blocks; s++) {
                for (int j = 0; j < batch; j++) {
                    int xs = xOffset + s * inner * batch;
                    timesColumn(first, end, a, 0, inner, x, xs + j, batch, y, yOffset + s * rows * batch + j);
                }
            }
            return;
        }
        if (rows < FEW_ROWS) {
            for (int s = 0; s < blocks; s++) {
                for (int i = first; i < end; i++) {
                    int xs = xOffset + s * inner * batch;
                    rowTimes(a, i, inner, batch, x, xs, y, yOffset + (s * rows + i) * batch);
                }
            }
            return;
        }
        product(first, end, blocks, a, batch, inner, null, null, inner, x, xOffset, null, 0, y, yOffset);
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
        int rows = y.rows() / blocks;
        int xRows = x.rows() / blocks;
        int hRows = h == null ? 0 : h.rows() / blocks;
        double[] hData = h == null ? null : h.data();
        int hOffset = h == null ? 0 : h.offset();
        outerProducts(
                add,
                first,
                end,
                blocks,
                y.columns(),
                rows,
                y.data(),
                y.offset(),
                xRows,
                x.data(),
                x.offset(),
                a,
                hRows,
                hData,
                hOffset,
                b,
                r,
                q);
    }

    private static void outerProducts(
            boolean add,
            int firstRow,
            int endRow,
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
        Scratch scratch = SCRATCH.get();
        boolean fewRows = rows < FEW_ROWS_OF_SUMS && h == null;
        boolean fewColumns = MANY_REGISTERS && xRows <= WIDTH && h == null;
        if (!add) { // of a large A, the first pass begins its sums at 0
            ScalarProducts.setZero(firstRow, endRow, xRows, fewRows || fewColumns ? a : null);
            ScalarProducts.setZero(firstRow, endRow, 1, r);
            ScalarProducts.setZero(firstRow, endRow, 1, q);
        }
        if (fewRows) {
            ScalarProducts.addOuterProducts(blocks, batch, rows, y, yOffset, rows, xRows, x, xOffset, a, 0);
            if (r != null) {
                addRowSums(blocks, rows * batch, batch, batch, rows, y, yOffset, 0, r, q, scratch.lanes);
            }
            return;
        }
        if (fewColumns) {
            addFewOuterProducts(firstRow, endRow, blocks, batch, rows, y, yOffset, xRows, x, xOffset, a, r, q, scratch);
            return;
        }
        int xStrips = strips(xRows);
        int allStrips = xStrips + (h == null ? 0 : strips(hRows));
        int blocksAtOnce = evenPart(blocks, Math.max(1, OUTER_DEPTH / batch));
        int columnsAtOnce = Math.min(batch, OUTER_DEPTH);
        for (int s = 0; s < blocks; s += blocksAtOnce) {
            int together = Math.min(blocksAtOnce, blocks - s);
            if (blocksAtOnce > 1 && blocksAtOnce < blocks) { // few columns, many blocks: they come from memory
                fetch(together * xRows * batch, x, xOffset + s * xRows * batch, scratch);
                if (h != null) {
                    fetch(together * hRows * batch, h, hOffset + s * hRows * batch, scratch);
                }
            }
            int ys = yOffset + s * rows * batch;
            for (int j = 0; j < batch; j += columnsAtOnce) {
                int columns = Math.min(columnsAtOnce, batch - j);
                int depth = together * columns;
                int stripsAtOnce = Math.min(allStrips, RIGHT_BLOCK / (depth * STRIP));
                double[] right = scratch.right(stripsAtOnce * depth * STRIP);
                for (int first = 0; first < allStrips; first += stripsAtOnce) {
                    int end = Math.min(first + stripsAtOnce, allStrips);
                    for (int strip = first; strip < end; strip++) {
                        boolean ofX = strip < xStrips;
                        int inner = ofX ? xRows : hRows;
                        int row = STRIP * (ofX ? strip : strip - xStrips);
                        packTransposed(
                                together,
                                inner * batch,
                                columns,
                                Math.min(STRIP, inner - row),
                                ofX ? x : h,
                                (ofX ? xOffset : hOffset) + (s * inner + row) * batch + j,
                                batch,
                                right,
                                (strip - first) * depth * STRIP);
                    }
                    for (int i = firstRow; i < endRow; i += PANEL) {
                        int height = Math.min(PANEL, endRow - i);
                        copyRows(together, rows * batch, columns, height, y, ys + i * batch + j, batch, scratch.left);
                        if (r != null && first == 0 && j == 0) {
                            // Whole rows are summed from their copy: in Y, blocks may compete for lines of the cache.
                            boolean copied = columns == batch;
                            addRowSums(
                                    together,
                                    copied ? batch : rows * batch,
                                    copied ? LEFT_STEP : batch,
                                    batch,
                                    height,
                                    copied ? scratch.left : y,
                                    copied ? 0 : ys + i * batch,
                                    i,
                                    r,
                                    q,
                                    scratch.lanes);
                        }
                        for (int strip = first; strip < end; strip++) {
                            boolean ofX = strip < xStrips;
                            int inner = ofX ? xRows : hRows;
                            int row = STRIP * (ofX ? strip : strip - xStrips);
                            rowsTimesStrip(
                                    add || s + j > 0,
                                    height,
                                    depth,
                                    Math.min(STRIP, inner - row),
                                    scratch,
                                    right,
                                    (strip - first) * depth * STRIP,
                                    ofX ? a : b,
                                    i * inner + row,
                                    inner);
                        }
                    }
                }
            }
        }
    }

    /**
     * The same with no more columns of A than a vector has lanes. There is too little to do with a number of Y to copy it first:
     * Y is read where it is, and A is kept in rows that are filled up to vectors. (Where registers are few this was slower.)
     */
    private static void addFewOuterProducts(
            int firstRow,
            int endRow,
            int blocks,
            int batch,
            int rows,
            double[] y,
            int yOffset,
            int xRows,
            double[] x,
            int xOffset,
            double[] a,
            double[] r,
            double[] q,
            Scratch scratch) {
        int blocksAtOnce = Math.min(blocks, Math.max(1, FEW_DEPTH / batch));
        int columnsAtOnce = Math.min(batch, FEW_MOST_DEPTH);
        double[] right = scratch.right(blocksAtOnce * columnsAtOnce * STRIP);
        int rowsAtOnce = scratch.left.length / WIDTH;
        for (int i = firstRow; i < endRow; i += rowsAtOnce) {
            int height = Math.min(rowsAtOnce, endRow - i);
            copyMatrix(height, xRows, a, i * xRows, xRows, scratch.left, 0, WIDTH);
            for (int s = 0; s < blocks; s += blocksAtOnce) {
                int together = Math.min(blocksAtOnce, blocks - s);
                int ys = yOffset + (s * rows + i) * batch;
                for (int j = 0; j < batch; j += columnsAtOnce) {
                    int columns = Math.min(columnsAtOnce, batch - j);
                    int xs = xOffset + s * xRows * batch + j;
                    packTransposed(together, xRows * batch, columns, xRows, x, xs, batch, right, 0);
                    for (int row = 0; row < height; row += PANEL) {
                        int some = Math.min(PANEL, height - row);
                        for (int t = 0; t < together; t++) {
                            int from = ys + (t * rows + row) * batch + j;
                            int strip = t * columns * STRIP;
                            eightRowsInPlace(columns, some, y, from, batch, right, strip, scratch.left, row * WIDTH);
                        }
                    }
                }
                for (int row = 0; r != null && row < height; row += ROW_BLOCK) {
                    int some = Math.min(ROW_BLOCK, height - row);
                    addRowSums(
                            together,
                            rows * batch,
                            batch,
                            batch,
                            some,
                            y,
                            ys + row * batch,
                            i + row,
                            r,
                            q,
                            scratch.lanes);
                }
            }
            copyMatrix(height, xRows, scratch.left, 0, WIDTH, a, i * xRows, xRows);
        }
    }

    /**
     * Reads one number of each cache line, in the order of memory, which the processor can prefetch; that of {@link
     * #packTransposed} it cannot. The sum is not used; without it HotSpot would remove the reads. Up to three lines at
     * the end are not read.
     */
    private static void fetch(int n, double[] x, int x0, Scratch scratch) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        for (int j = 0; j + 4 * LINE <= n; j += 4 * LINE) {
            s0 += x[x0 + j];
            s1 += x[x0 + j + LINE];
            s2 += x[x0 + j + 2 * LINE];
            s3 += x[x0 + j + 3 * LINE];
        }
        scratch.fetched = s0 + s1 + s2 + s3;
    }

    private static void copyMatrix(
            int rows, int columns, double[] from, int fromOffset, int fromStep, double[] to, int toOffset, int toStep) {
        for (int i = 0; i < rows; i++) {
            for (int p = 0; p < columns; p++) {
                to[toOffset + i * toStep + p] = from[fromOffset + i * fromStep + p];
            }
        }
    }

    /**
     * Sums += eight rows, where they are, times the first vector of a strip. Where there are fewer the last one is taken again,
     * for sums that nobody reads.
     */
    private static void eightRowsInPlace(
            int columns, int rows, double[] y, int y0, int stride, double[] b, int b0, double[] sums, int at) {
        DoubleVector s0 = DoubleVector.fromArray(SPECIES, sums, at);
        DoubleVector s1 = DoubleVector.fromArray(SPECIES, sums, at + WIDTH);
        DoubleVector s2 = DoubleVector.fromArray(SPECIES, sums, at + 2 * WIDTH);
        DoubleVector s3 = DoubleVector.fromArray(SPECIES, sums, at + 3 * WIDTH);
        DoubleVector s4 = DoubleVector.fromArray(SPECIES, sums, at + 4 * WIDTH);
        DoubleVector s5 = DoubleVector.fromArray(SPECIES, sums, at + 5 * WIDTH);
        DoubleVector s6 = DoubleVector.fromArray(SPECIES, sums, at + 6 * WIDTH);
        DoubleVector s7 = DoubleVector.fromArray(SPECIES, sums, at + 7 * WIDTH);
        int last = rows - 1;
        int y1 = y0 + Math.min(1, last) * stride;
        int y2 = y0 + Math.min(2, last) * stride;
        int y3 = y0 + Math.min(3, last) * stride;
        int y4 = y0 + Math.min(4, last) * stride;
        int y5 = y0 + Math.min(5, last) * stride;
        int y6 = y0 + Math.min(6, last) * stride;
        int y7 = y0 + Math.min(7, last) * stride;
        for (int j = 0; j < columns; j++) {
            DoubleVector x = DoubleVector.fromArray(SPECIES, b, b0 + j * STRIP);
            s0 = broadcast(y[y0 + j]).fma(x, s0);
            s1 = broadcast(y[y1 + j]).fma(x, s1);
            s2 = broadcast(y[y2 + j]).fma(x, s2);
            s3 = broadcast(y[y3 + j]).fma(x, s3);
            s4 = broadcast(y[y4 + j]).fma(x, s4);
            s5 = broadcast(y[y5 + j]).fma(x, s5);
            s6 = broadcast(y[y6 + j]).fma(x, s6);
            s7 = broadcast(y[y7 + j]).fma(x, s7);
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

    private static int strips(int columns) {
        return (columns + STRIP - 1) / STRIP;
    }

    /** A panel of rows of blocks, those of one block behind those of another; what it lacks in rows is zero. */
    private static void copyRows(
            int blocks, int blockStep, int columns, int rows, double[] y, int yOffset, int stride, double[] left) {
        if (columns == 1 && rows == PANEL) {
            copyColumns(blocks, blockStep, y, yOffset, stride, left);
            return;
        }
        for (int row = 0; row < rows; row++) {
            for (int s = 0; s < blocks; s++) {
                copyRow(columns, y, yOffset + s * blockStep + row * stride, left, row * LEFT_STEP + s * columns);
            }
        }
        for (int row = rows; row < PANEL; row++) {
            Arrays.fill(left, row * LEFT_STEP, row * LEFT_STEP + blocks * columns, 0);
        }
    }

    /** The same of blocks of one column. */
    private static void copyColumns(int blocks, int blockStep, double[] y, int yOffset, int stride, double[] left) {
        for (int s = 0; s < blocks; s++) {
            int from = yOffset + s * blockStep;
            left[s] = y[from];
            left[s + LEFT_STEP] = y[from + stride];
            left[s + 2 * LEFT_STEP] = y[from + 2 * stride];
            left[s + 3 * LEFT_STEP] = y[from + 3 * stride];
            left[s + 4 * LEFT_STEP] = y[from + 4 * stride];
            left[s + 5 * LEFT_STEP] = y[from + 5 * stride];
            left[s + 6 * LEFT_STEP] = y[from + 6 * stride];
            left[s + 7 * LEFT_STEP] = y[from + 7 * stride];
        }
    }

    private static void copyRow(int n, double[] from, int fromOffset, double[] to, int toOffset) {
        int whole = n - n % WIDTH;
        for (int j = 0; j < whole; j += WIDTH) {
            DoubleVector.fromArray(SPECIES, from, fromOffset + j).intoArray(to, toOffset + j);
        }
        for (int j = whole; j < n; j++) {
            to[toOffset + j] = from[fromOffset + j];
        }
    }

    /**
     * r_i += sum of a row, and likewise q, block by block: first the lanes of the sums, then the sums of the lanes. The rows of
     * a block are {@code rowStep} apart.
     */
    private static void addRowSums(
            int blocks,
            int blockStep,
            int rowStep,
            int batch,
            int rows,
            double[] y,
            int yOffset,
            int first,
            double[] r,
            double[] q,
            double[] lanes) {
        if (batch == 1) {
            addColumns(blocks, blockStep, rowStep, rows, y, yOffset, first, r, q);
            return;
        }
        for (int s = 0; s < blocks; s++) {
            for (int row = 0; row < rows; row += ROWS_OF_SUMS) {
                // The last ones once more rather than one by one.
                int at = Math.max(0, Math.min(row, rows - ROWS_OF_SUMS));
                sumRows(
                        Math.min(rows, ROWS_OF_SUMS),
                        batch,
                        rowStep,
                        y,
                        yOffset + s * blockStep + at * rowStep,
                        lanes,
                        at * LANES);
            }
            for (int row = 0; row < rows; row++) {
                int at = row * LANES;
                double sum = ScalarProducts.halve(
                        lanes[at],
                        lanes[at + 1],
                        lanes[at + 2],
                        lanes[at + 3],
                        lanes[at + 4],
                        lanes[at + 5],
                        lanes[at + 6],
                        lanes[at + 7]);
                ScalarProducts.addRowSum(first + row, sum, r, q);
            }
        }
    }

    /** The same for rows of one number. */
    private static void addColumns(
            int blocks,
            int blockStep,
            int rowStep,
            int rows,
            double[] y,
            int yOffset,
            int first,
            double[] r,
            double[] q) {
        for (int s = 0; s < blocks; s++) {
            int from = yOffset + s * blockStep;
            for (int row = 0; row < rows; row++) {
                double sum = 0 + y[from + row * rowStep]; // a lane begins at +0, which -0 does not change
                ScalarProducts.addRowSum(first + row, sum, r, q);
            }
        }
    }

    /** The lanes of the sums of some rows. */
    private static void sumRows(int rows, int n, int step, double[] x, int x0, double[] lanes, int at) {
        int whole = n - n % LANES;
        int x1 = x0 + (rows > 1 ? step : 0);
        int x2 = x0 + (rows > 2 ? 2 * step : 0);
        int x3 = x0 + (rows > 3 ? 3 * step : 0);
        for (int lane = 0; lane < LANES; lane += WIDTH) {
            DoubleVector s0 = DoubleVector.zero(SPECIES);
            DoubleVector s1 = s0;
            DoubleVector s2 = s0;
            DoubleVector s3 = s0;
            for (int j = lane; j < whole; j += LANES) {
                s0 = s0.add(DoubleVector.fromArray(SPECIES, x, x0 + j));
                s1 = s1.add(DoubleVector.fromArray(SPECIES, x, x1 + j));
                s2 = s2.add(DoubleVector.fromArray(SPECIES, x, x2 + j));
                s3 = s3.add(DoubleVector.fromArray(SPECIES, x, x3 + j));
            }
            s0.intoArray(lanes, at + lane);
            s1.intoArray(lanes, at + LANES + lane);
            s2.intoArray(lanes, at + 2 * LANES + lane);
            s3.intoArray(lanes, at + 3 * LANES + lane);
        }
        for (int row = 0; row < rows; row++) {
            for (int j = whole; j < n; j++) {
                lanes[at + row * LANES + j - whole] += x[x0 + row * step + j];
            }
        }
    }

    /** C = L R, or C += L R, for the rows L that are copied and a strip R that is packed; C has rows of {@code columns}. */
    private static void rowsTimesStrip(
            boolean add,
            int rows,
            int depth,
            int width,
            Scratch scratch,
            double[] right,
            int strip,
            double[] c,
            int cOffset,
            int columns) {
        if (width == STRIP && rows == PANEL) {
            rowsTile(add, depth, scratch.left, right, strip, c, cOffset, columns);
            return;
        }
        double[] tile = scratch.tile;
        for (int r = 0; r < rows; r++) {
            System.arraycopy(add ? c : ZEROS, add ? cOffset + r * columns : 0, tile, r * STRIP, width);
        }
        if (width <= WIDTH) {
            eightRowsByOne(depth, scratch.left, right, strip, tile);
        } else {
            rowsTile(true, depth, scratch.left, right, strip, tile, 0, STRIP);
        }
        for (int r = 0; r < rows; r++) {
            System.arraycopy(tile, r * STRIP, c, cOffset + r * columns, width);
        }
    }

    /** C (eight rows) = eight rows times a strip, or C += that. */
    private static void rowsTile(
            boolean add, int depth, double[] a, double[] b, int b0, double[] c, int c0, int columns) {
        double[] start = add ? c : ZEROS;
        int first = add ? c0 : 0;
        int step = add ? columns : 0;
        if (MANY_REGISTERS) {
            eightRowsByTwo(depth, a, b, b0, start, first, step, c, c0, columns);
        } else {
            fourRowsByTwo(depth, a, 0, b, b0, start, first, step, c, c0, columns);
            fourRowsByTwo(depth, a, 4 * LEFT_STEP, b, b0, start, first + 4 * step, step, c, c0 + 4 * columns, columns);
        }
    }

    /**
     * Rows of a matrix, {@code width} columns of it, as rows of strips that have {@code depth} rows, the first of them at
     * {@code packedOffset}; what the last strip lacks in columns is zero.
     */
    private static void packStrips(
            int rows, int width, double[] x, int xOffset, int columns, double[] packed, int packedOffset, int depth) {
        for (int j = 0; j < width; j += STRIP) {
            int to = packedOffset + j * depth;
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

    /** The transpose of blocks of rows side by side, as one strip: what it lacks in columns is zero. */
    private static void packTransposed(
            int blocks,
            int blockStep,
            int columns,
            int rows,
            double[] x,
            int xOffset,
            int stride,
            double[] packed,
            int packedOffset) {
        int depth = blocks * columns;
        if (rows < STRIP) {
            Arrays.fill(packed, packedOffset, packedOffset + depth * STRIP, 0);
        }
        for (int row = 0; row < rows; row += 4) {
            for (int s = 0; s < blocks; s++) {
                int from = xOffset + s * blockStep + row * stride;
                int to = packedOffset + s * columns * STRIP + row;
                if (row + 4 <= rows) {
                    packFour(columns, x, from, stride, packed, to);
                } else {
                    for (int r = 0; r < rows - row; r++) {
                        for (int j = 0; j < columns; j++) {
                            packed[to + j * STRIP + r] = x[from + r * stride + j];
                        }
                    }
                }
            }
        }
    }

    private static void packFour(int columns, double[] x, int x0, int stride, double[] packed, int to) {
        int x1 = x0 + stride;
        int x2 = x1 + stride;
        int x3 = x2 + stride;
        for (int j = 0; j < columns; j++) {
            int at = to + j * STRIP;
            packed[at] = x[x0 + j];
            packed[at + 1] = x[x1 + j];
            packed[at + 2] = x[x2 + j];
            packed[at + 3] = x[x3 + j];
        }
    }

    /**
     * All panels of W, from column {@code first} on, times the strips of each block of B: strip k of a block begins at
     * {@code k * stripStep}, its row p at {@code p * bStep} behind that. C has rows of {@code columns}, and begins with the
     * biases if there are any. Tiles of C are kept in registers while the inner index runs; those that are not whole take a
     * detour.
     */
    private static void panelsTimesStrips(
            int firstRow,
            int endRow,
            int blocks,
            PackedMatrix w,
            int first,
            int depth,
            int width,
            double[] b,
            int bOffset,
            int blockStep,
            int stripStep,
            int bStep,
            double[] bias,
            double[] secondBias,
            Scratch scratch,
            double[] c,
            int cOffset,
            int columns) {
        double[] a = w.data();
        boolean far = a.length > FAR;
        double[] start = bias != null ? scratch.bias : c;
        int startStep = bias != null ? STRIP : columns;
        for (int i = firstRow; i < endRow; i += PANEL) {
            int rows = Math.min(PANEL, endRow - i);
            int at = w.at(i, first);
            if (bias != null) {
                broadcastRows(rows, bias, secondBias, i, scratch.bias);
            }
            if (far) {
                fetch(depth * PANEL, a, at, scratch);
            }
            for (int t = 0; t < blocks; t++) {
                int ct = cOffset + (t * w.rows() + i) * columns;
                for (int j = 0; j < width; j += STRIP) {
                    int bj = bOffset + t * blockStep + j / STRIP * stripStep;
                    int cj = ct + j;
                    int sj = bias != null ? 0 : cj;
                    if (j + STRIP <= width && rows == PANEL) {
                        wholeTile(depth, a, at, b, bj, bStep, start, sj, startStep, c, cj, columns);
                    } else {
                        int part = Math.min(STRIP, width - j);
                        double[] tile = scratch.tile;
                        partOfTile(rows, part, depth, a, at, b, bj, bStep, tile, start, sj, startStep, c, cj, columns);
                    }
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
            double[] b,
            int b0,
            int bStep,
            double[] tile,
            double[] start,
            int startOffset,
            int startStep,
            double[] c,
            int cOffset,
            int columns) {
        for (int r = 0; r < rows; r++) {
            System.arraycopy(start, startOffset + r * startStep, tile, r * STRIP, width);
        }
        if (width <= WIDTH) {
            eightByOne(depth, a, at, b, b0, tile);
        } else {
            wholeTile(depth, a, at, b, b0, bStep, tile, 0, STRIP, tile, 0, STRIP);
        }
        for (int r = 0; r < rows; r++) {
            System.arraycopy(tile, r * STRIP, c, cOffset + r * columns, width);
        }
    }

    /** C (a panel of rows) = start + a panel times a strip. */
    private static void wholeTile(
            int depth,
            double[] a,
            int a0,
            double[] b,
            int b0,
            int bStep,
            double[] start,
            int startOffset,
            int startStep,
            double[] c,
            int c0,
            int columns) {
        if (MANY_REGISTERS) {
            eightByTwo(depth, a, a0, b, b0, bStep, start, startOffset, startStep, c, c0, columns);
        } else {
            fourByTwo(depth, a, a0, b, b0, bStep, start, startOffset, startStep, c, c0, columns);
            int start4 = startOffset + 4 * startStep;
            fourByTwo(depth, a, a0 + 4, b, b0, bStep, start, start4, startStep, c, c0 + 4 * columns, columns);
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
            int bStep,
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
            int bt = b0 + p * bStep;
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
            x0 = DoubleVector.fromArray(SPECIES, b, bt + bStep);
            x1 = DoubleVector.fromArray(SPECIES, b, bt + bStep + WIDTH);
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
            int bt = b0 + p * bStep;
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

    /** C (a panel of rows) = start + a panel times a strip. */
    private static void eightByTwo(
            int depth,
            double[] a,
            int a0,
            double[] b,
            int b0,
            int bStep,
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
        from += startStep;
        DoubleVector s40 = DoubleVector.fromArray(SPECIES, start, from);
        DoubleVector s41 = DoubleVector.fromArray(SPECIES, start, from + WIDTH);
        from += startStep;
        DoubleVector s50 = DoubleVector.fromArray(SPECIES, start, from);
        DoubleVector s51 = DoubleVector.fromArray(SPECIES, start, from + WIDTH);
        from += startStep;
        DoubleVector s60 = DoubleVector.fromArray(SPECIES, start, from);
        DoubleVector s61 = DoubleVector.fromArray(SPECIES, start, from + WIDTH);
        from += startStep;
        DoubleVector s70 = DoubleVector.fromArray(SPECIES, start, from);
        DoubleVector s71 = DoubleVector.fromArray(SPECIES, start, from + WIDTH);
        for (int p = 0; p < depth; p++) {
            int at = a0 + p * PANEL;
            int bt = b0 + p * bStep;
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
            w = broadcast(a[at + 4]);
            s40 = w.fma(x0, s40);
            s41 = w.fma(x1, s41);
            w = broadcast(a[at + 5]);
            s50 = w.fma(x0, s50);
            s51 = w.fma(x1, s51);
            w = broadcast(a[at + 6]);
            s60 = w.fma(x0, s60);
            s61 = w.fma(x1, s61);
            w = broadcast(a[at + 7]);
            s70 = w.fma(x0, s70);
            s71 = w.fma(x1, s71);
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
        to += columns;
        s40.intoArray(c, to);
        s41.intoArray(c, to + WIDTH);
        to += columns;
        s50.intoArray(c, to);
        s51.intoArray(c, to + WIDTH);
        to += columns;
        s60.intoArray(c, to);
        s61.intoArray(c, to + WIDTH);
        to += columns;
        s70.intoArray(c, to);
        s71.intoArray(c, to + WIDTH);
    }

    /**
     * Eight columns, as rows of a tile, times two panels, as its strip. A tile of its own, because the vectors of the strip stand
     * apart: with a second offset in {@link #eightByTwo} whole tiles took 3 to 5 % longer.
     */
    private static void eightColumnsByTwo(int depth, double[] a, int a0, double[] b, int b0, int b1, double[] tile) {
        DoubleVector s00 = DoubleVector.fromArray(SPECIES, tile, 0);
        DoubleVector s01 = DoubleVector.fromArray(SPECIES, tile, WIDTH);
        DoubleVector s10 = DoubleVector.fromArray(SPECIES, tile, STRIP);
        DoubleVector s11 = DoubleVector.fromArray(SPECIES, tile, STRIP + WIDTH);
        DoubleVector s20 = DoubleVector.fromArray(SPECIES, tile, 2 * STRIP);
        DoubleVector s21 = DoubleVector.fromArray(SPECIES, tile, 2 * STRIP + WIDTH);
        DoubleVector s30 = DoubleVector.fromArray(SPECIES, tile, 3 * STRIP);
        DoubleVector s31 = DoubleVector.fromArray(SPECIES, tile, 3 * STRIP + WIDTH);
        DoubleVector s40 = DoubleVector.fromArray(SPECIES, tile, 4 * STRIP);
        DoubleVector s41 = DoubleVector.fromArray(SPECIES, tile, 4 * STRIP + WIDTH);
        DoubleVector s50 = DoubleVector.fromArray(SPECIES, tile, 5 * STRIP);
        DoubleVector s51 = DoubleVector.fromArray(SPECIES, tile, 5 * STRIP + WIDTH);
        DoubleVector s60 = DoubleVector.fromArray(SPECIES, tile, 6 * STRIP);
        DoubleVector s61 = DoubleVector.fromArray(SPECIES, tile, 6 * STRIP + WIDTH);
        DoubleVector s70 = DoubleVector.fromArray(SPECIES, tile, 7 * STRIP);
        DoubleVector s71 = DoubleVector.fromArray(SPECIES, tile, 7 * STRIP + WIDTH);
        for (int p = 0; p < depth; p++) {
            int at = a0 + p * COLUMNS;
            DoubleVector x0 = DoubleVector.fromArray(SPECIES, b, b0 + p * PANEL);
            DoubleVector x1 = DoubleVector.fromArray(SPECIES, b, b1 + p * PANEL);
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
            w = broadcast(a[at + 4]);
            s40 = w.fma(x0, s40);
            s41 = w.fma(x1, s41);
            w = broadcast(a[at + 5]);
            s50 = w.fma(x0, s50);
            s51 = w.fma(x1, s51);
            w = broadcast(a[at + 6]);
            s60 = w.fma(x0, s60);
            s61 = w.fma(x1, s61);
            w = broadcast(a[at + 7]);
            s70 = w.fma(x0, s70);
            s71 = w.fma(x1, s71);
        }
        s00.intoArray(tile, 0);
        s01.intoArray(tile, WIDTH);
        s10.intoArray(tile, STRIP);
        s11.intoArray(tile, STRIP + WIDTH);
        s20.intoArray(tile, 2 * STRIP);
        s21.intoArray(tile, 2 * STRIP + WIDTH);
        s30.intoArray(tile, 3 * STRIP);
        s31.intoArray(tile, 3 * STRIP + WIDTH);
        s40.intoArray(tile, 4 * STRIP);
        s41.intoArray(tile, 4 * STRIP + WIDTH);
        s50.intoArray(tile, 5 * STRIP);
        s51.intoArray(tile, 5 * STRIP + WIDTH);
        s60.intoArray(tile, 6 * STRIP);
        s61.intoArray(tile, 6 * STRIP + WIDTH);
        s70.intoArray(tile, 7 * STRIP);
        s71.intoArray(tile, 7 * STRIP + WIDTH);
    }

    /** C = start + eight rows times a strip, the rows of the start {@code startStep} apart. */
    private static void eightRowsByTwo(
            int depth,
            double[] a,
            double[] b,
            int b0,
            double[] start,
            int start0,
            int startStep,
            double[] c,
            int c0,
            int columns) {
        int from = start0;
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
        from += startStep;
        DoubleVector s40 = DoubleVector.fromArray(SPECIES, start, from);
        DoubleVector s41 = DoubleVector.fromArray(SPECIES, start, from + WIDTH);
        from += startStep;
        DoubleVector s50 = DoubleVector.fromArray(SPECIES, start, from);
        DoubleVector s51 = DoubleVector.fromArray(SPECIES, start, from + WIDTH);
        from += startStep;
        DoubleVector s60 = DoubleVector.fromArray(SPECIES, start, from);
        DoubleVector s61 = DoubleVector.fromArray(SPECIES, start, from + WIDTH);
        from += startStep;
        DoubleVector s70 = DoubleVector.fromArray(SPECIES, start, from);
        DoubleVector s71 = DoubleVector.fromArray(SPECIES, start, from + WIDTH);
        for (int p = 0; p < depth; p++) {
            int bt = b0 + p * STRIP;
            DoubleVector x0 = DoubleVector.fromArray(SPECIES, b, bt);
            DoubleVector x1 = DoubleVector.fromArray(SPECIES, b, bt + WIDTH);
            DoubleVector w = broadcast(a[p]);
            s00 = w.fma(x0, s00);
            s01 = w.fma(x1, s01);
            w = broadcast(a[p + LEFT_STEP]);
            s10 = w.fma(x0, s10);
            s11 = w.fma(x1, s11);
            w = broadcast(a[p + 2 * LEFT_STEP]);
            s20 = w.fma(x0, s20);
            s21 = w.fma(x1, s21);
            w = broadcast(a[p + 3 * LEFT_STEP]);
            s30 = w.fma(x0, s30);
            s31 = w.fma(x1, s31);
            w = broadcast(a[p + 4 * LEFT_STEP]);
            s40 = w.fma(x0, s40);
            s41 = w.fma(x1, s41);
            w = broadcast(a[p + 5 * LEFT_STEP]);
            s50 = w.fma(x0, s50);
            s51 = w.fma(x1, s51);
            w = broadcast(a[p + 6 * LEFT_STEP]);
            s60 = w.fma(x0, s60);
            s61 = w.fma(x1, s61);
            w = broadcast(a[p + 7 * LEFT_STEP]);
            s70 = w.fma(x0, s70);
            s71 = w.fma(x1, s71);
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
        to += columns;
        s40.intoArray(c, to);
        s41.intoArray(c, to + WIDTH);
        to += columns;
        s50.intoArray(c, to);
        s51.intoArray(c, to + WIDTH);
        to += columns;
        s60.intoArray(c, to);
        s61.intoArray(c, to + WIDTH);
        to += columns;
        s70.intoArray(c, to);
        s71.intoArray(c, to + WIDTH);
    }

    /** The same with four rows. */
    private static void fourRowsByTwo(
            int depth,
            double[] a,
            int a0,
            double[] b,
            int b0,
            double[] start,
            int start0,
            int startStep,
            double[] c,
            int c0,
            int columns) {
        int from = start0;
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
        for (int p = 0; p < depth; p++) {
            int at = a0 + p;
            int bt = b0 + p * STRIP;
            DoubleVector x0 = DoubleVector.fromArray(SPECIES, b, bt);
            DoubleVector x1 = DoubleVector.fromArray(SPECIES, b, bt + WIDTH);
            DoubleVector w = broadcast(a[at]);
            s00 = w.fma(x0, s00);
            s01 = w.fma(x1, s01);
            w = broadcast(a[at + LEFT_STEP]);
            s10 = w.fma(x0, s10);
            s11 = w.fma(x1, s11);
            w = broadcast(a[at + 2 * LEFT_STEP]);
            s20 = w.fma(x0, s20);
            s21 = w.fma(x1, s21);
            w = broadcast(a[at + 3 * LEFT_STEP]);
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

    /** Eight rows and the first vector of a strip, to the first vectors of the tile's rows. */
    private static void eightRowsByOne(int depth, double[] a, double[] b, int b0, double[] tile) {
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
            s0 = broadcast(a[p]).fma(x, s0);
            s1 = broadcast(a[p + LEFT_STEP]).fma(x, s1);
            s2 = broadcast(a[p + 2 * LEFT_STEP]).fma(x, s2);
            s3 = broadcast(a[p + 3 * LEFT_STEP]).fma(x, s3);
            s4 = broadcast(a[p + 4 * LEFT_STEP]).fma(x, s4);
            s5 = broadcast(a[p + 5 * LEFT_STEP]).fma(x, s5);
            s6 = broadcast(a[p + 6 * LEFT_STEP]).fma(x, s6);
            s7 = broadcast(a[p + 7 * LEFT_STEP]).fma(x, s7);
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

    private static void addColumns(int first, int end, double[] a, double[] b, double[] y, int yOffset, int stride) {
        if (b == null) {
            copy(end - first, a, first, 1, y, yOffset + first * stride, stride);
        } else if (stride == 1) {
            for (int i = first; i < end; i++) {
                y[yOffset + i] = a[i] + b[i];
            }
        } else {
            for (int i = first; i < end; i++) {
                y[yOffset + i * stride] = a[i] + b[i];
            }
        }
    }

    /** One column of Y += A X, of A only the columns from p to end - 1: its packed rows are the lanes. */
    private static void timesColumn(
            int firstRow,
            int endRow,
            PackedMatrix a,
            int p,
            int end,
            double[] x,
            int xOffset,
            int stride,
            double[] y,
            int yOffset) {
        double[] start = SCRATCH.get().left;
        double[] sums = SCRATCH.get().sums;
        for (int first = firstRow; first < endRow; first += sums.length) {
            int height = Math.min(endRow - first, sums.length);
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

    /** One row of Y += A X, of A only the first {@code inner} columns. */
    private static void rowTimes(
            PackedMatrix a, int row, int inner, int batch, double[] x, int xOffset, double[] y, int yOffset) {
        double[] w = a.data();
        int at = a.at(row, 0);
        int from = xOffset;
        int p = 0;
        for (; p + 4 <= inner; p += 4) {
            addFour(batch, w[at], w[at + PANEL], w[at + 2 * PANEL], w[at + 3 * PANEL], x, from, y, yOffset);
            at += 4 * PANEL;
            from += 4 * batch;
        }
        for (; p < inner; p++) {
            addOne(batch, w[at], x, from, y, yOffset);
            at += PANEL;
            from += batch;
        }
    }

    /** y += a_0 x_0 + ... + a_3 x_3, of rows x_0 to x_3 that stand one behind the other. */
    private static void addFour(
            int n, double a0, double a1, double a2, double a3, double[] x, int x0, double[] y, int y0) {
        int x1 = x0 + n;
        int x2 = x1 + n;
        int x3 = x2 + n;
        DoubleVector v0 = broadcast(a0);
        DoubleVector v1 = broadcast(a1);
        DoubleVector v2 = broadcast(a2);
        DoubleVector v3 = broadcast(a3);
        int whole = n - n % WIDTH;
        for (int j = 0; j < whole; j += WIDTH) {
            DoubleVector sum = DoubleVector.fromArray(SPECIES, y, y0 + j);
            sum = DoubleVector.fromArray(SPECIES, x, x0 + j).fma(v0, sum);
            sum = DoubleVector.fromArray(SPECIES, x, x1 + j).fma(v1, sum);
            sum = DoubleVector.fromArray(SPECIES, x, x2 + j).fma(v2, sum);
            sum = DoubleVector.fromArray(SPECIES, x, x3 + j).fma(v3, sum);
            sum.intoArray(y, y0 + j);
        }
        for (int j = whole; j < n; j++) {
            y[y0 + j] = fma(a3, x[x3 + j], fma(a2, x[x2 + j], fma(a1, x[x1 + j], fma(a0, x[x0 + j], y[y0 + j]))));
        }
    }

    private static void addOne(int n, double a, double[] x, int x0, double[] y, int y0) {
        DoubleVector v = broadcast(a);
        int whole = n - n % WIDTH;
        for (int j = 0; j < whole; j += WIDTH) {
            DoubleVector.fromArray(SPECIES, x, x0 + j)
                    .fma(v, DoubleVector.fromArray(SPECIES, y, y0 + j))
                    .intoArray(y, y0 + j);
        }
        for (int j = whole; j < n; j++) {
            y[y0 + j] = fma(a, x[x0 + j], y[y0 + j]);
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

    private static DoubleVector broadcast(double value) {
        return DoubleVector.broadcast(SPECIES, value);
    }
}
