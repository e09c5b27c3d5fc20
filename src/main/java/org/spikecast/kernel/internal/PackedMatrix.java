package org.spikecast.kernel.internal;

import org.spikecast.kernel.Kernel;

/**
 * The left factor of a product, laid out in the order in which {@link Kernel#multiply} reads it: panels of
 * {@value #PANEL} rows, each column by column, so that the numbers that meet one row of the right factor stand side by
 * side. The last panel is filled up with zeros. Packing costs about as much as multiplying a few columns: weights are
 * packed once per update, and used for every step.
 */
public final class PackedMatrix {
    /** Rows of a panel. */
    public static final int PANEL = 8;

    private final int rows;
    private final int inner;
    private final double[] data;
    private double[] source;
    private double[] right;

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

    /** Takes over a matrix (rows x inner, row-major). */
    public void pack(double[] a) {
        packColumns(a, 0, inner);
        source = a;
        right = null;
    }

    /** Takes over two matrices side by side: (A B), A (rows x columns), B (rows x inner - columns), row-major. */
    public void pack(int columns, double[] a, double[] b) {
        packColumns(a, 0, columns);
        packColumns(b, columns, inner);
        source = a;
        right = b;
    }

    private void packColumns(double[] a, int first, int end) {
        for (int row = 0; row < rows; row++) {
            int from = row * (end - first);
            int to = at(row, first);
            for (int p = 0; p < end - first; p++) {
                data[to + p * PANEL] = a[from + p];
            }
        }
    }

    /** Takes over the transpose of a matrix (inner x rows, row-major). */
    public void packTransposed(double[] a) {
        source = a;
        right = null;
        for (int first = 0; first < rows; first += PANEL) {
            int width = Math.min(PANEL, rows - first);
            int to = at(first, 0);
            for (int p = 0; p < inner; p++) {
                int from = p * rows + first;
                for (int r = 0; r < width; r++) {
                    data[to + p * PANEL + r] = a[from + r];
                }
            }
        }
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

    /** The right one of two arrays that were packed last; null if there was none. */
    public double[] rightSource() {
        return right;
    }

    /** The panels, for kernels. */
    public double[] data() {
        return data;
    }

    /** Where in the panels element (row, p) stands. */
    public int at(int row, int p) {
        return row / PANEL * PANEL * inner + p * PANEL + row % PANEL;
    }

    /** Element (row, p). */
    double get(int row, int p) {
        return data[at(row, p)];
    }
}
