package org.spikecast.kernel.internal;

import org.spikecast.kernel.Kernel;

/**
 * The left factor of a product, laid out in the order in which {@link Kernel#multiply} reads it: panels of {@value
 * #PANEL} rows, each column by column, so that the numbers that multiply one row of the right factor are adjacent. The
 * last panel is filled up with zeros. Packing costs about as much as multiplying a few columns: weights are packed
 * once per update, and used for every step.
 */
public final class PackedMatrix {
    /** Rows of a panel. */
    public static final int PANEL = 8;

    private final int rows;
    private final int inner;
    private final double[] data;
    private double[] source;
    private double[] right;
    private boolean transposed;

    /**
     * Buffers for a matrix, all zero.
     *
     * @param rows rows of the left factor
     * @param inner columns of the left factor, rows of the right one
     */
    public PackedMatrix(int rows, int inner) {
        this.rows = rows;
        this.inner = inner;
        data = new double[Math.multiplyExact((rows + PANEL - 1) / PANEL * PANEL, inner)];
    }

    /** Packs a matrix (rows x inner, row-major). */
    public void pack(double[] a) {
        pack(0, 1, inner, a, null);
    }

    /** Packs two matrices side by side: (A B), A (rows x columns), B (rows x inner - columns), row-major. */
    public void pack(int columns, double[] a, double[] b) {
        pack(0, 1, columns, a, b);
    }

    /**
     * Packs one of several parts of the same, by rows, for threads that share the work; b may be null if a has all
     * columns.
     */
    public void pack(int part, int parts, int columns, double[] a, double[] b) {
        int firstRow = begin(rows, part, parts);
        int endRow = begin(rows, part + 1, parts);
        packColumns(firstRow, endRow, a, 0, columns);
        if (b != null) {
            packColumns(firstRow, endRow, b, columns, inner);
        }
        source = a;
        right = b;
        transposed = false;
    }

    private void packColumns(int firstRow, int endRow, double[] a, int first, int end) {
        int columns = end - first;
        for (int row = firstRow; row < endRow; row += PANEL) {
            int to = at(row, first);
            if (row + PANEL <= rows) {
                packPanel(columns, a, row * columns, to);
                continue;
            }
            for (int r = 0; r < rows - row; r++) {
                for (int p = 0; p < columns; p++) {
                    data[to + p * PANEL + r] = a[(row + r) * columns + p];
                }
            }
        }
    }

    /** Packs eight rows, column by column, so that writes are adjacent. */
    private void packPanel(int columns, double[] a, int a0, int to) {
        int a1 = a0 + columns, a2 = a1 + columns, a3 = a2 + columns;
        int a4 = a3 + columns, a5 = a4 + columns, a6 = a5 + columns, a7 = a6 + columns;
        for (int p = 0; p < columns; p++) {
            int at = to + p * PANEL;
            data[at] = a[a0 + p];
            data[at + 1] = a[a1 + p];
            data[at + 2] = a[a2 + p];
            data[at + 3] = a[a3 + p];
            data[at + 4] = a[a4 + p];
            data[at + 5] = a[a5 + p];
            data[at + 6] = a[a6 + p];
            data[at + 7] = a[a7 + p];
        }
    }

    /** Packs the transpose of a matrix (inner x rows, row-major). */
    public void packTransposed(double[] a) {
        packTransposed(0, 1, a);
    }

    /** Packs one of several parts of the same. */
    public void packTransposed(int part, int parts, double[] a) {
        source = a;
        right = null;
        transposed = true;
        int end = begin(rows, part + 1, parts);
        for (int first = begin(rows, part, parts); first < end; first += PANEL) {
            int width = Math.min(PANEL, rows - first);
            int to = at(first, 0);
            for (int p = 0; p < inner; p++) {
                System.arraycopy(a, p * rows + first, data, to + p * PANEL, width);
            }
        }
    }

    /** The first row of one of several parts of a matrix: that of a panel, or the end. */
    public static int begin(int rows, int part, int parts) {
        long panels = (rows + PANEL - 1) / PANEL;
        return Math.min(rows, (int) (panels * part / parts) * PANEL);
    }

    /** Rows of the left factor. */
    public int rows() {
        return rows;
    }

    /** Columns of the left factor. */
    public int inner() {
        return inner;
    }

    /** The array that was packed last, the left one of two; null if none was. */
    public double[] source() {
        return source;
    }

    /** Whether the array that was packed last holds the transpose. */
    public boolean isTransposed() {
        return transposed;
    }

    /** The right one of two arrays that were packed last; null if there was none. */
    public double[] rightSource() {
        return right;
    }

    /** The panels, for kernels. */
    public double[] data() {
        return data;
    }

    /** The index of element (row, p) in the panels. */
    public int at(int row, int p) {
        return row / PANEL * PANEL * inner + p * PANEL + row % PANEL;
    }

    /** Element (row, p). */
    double get(int row, int p) {
        return data[at(row, p)];
    }
}
