package org.spikecast.kernel.internal;

import java.util.Arrays;

/**
 * A window on an array: a row-major matrix, or several stacked by rows, that begins at an offset. Views are made once,
 * where arrays are allocated, so that a call in a loop over time names {@code x[t]} and allocates nothing.
 */
public final class MatrixView {
    private double[] data;
    private final int offset;
    private final int rows;
    private final int columns;

    /**
     * A window.
     *
     * @param data the array; null if {@link #moveTo} will name one
     * @param offset index in the array of the first element
     */
    public MatrixView(double[] data, int offset, int rows, int columns) {
        this.data = data;
        this.offset = offset;
        this.rows = rows;
        this.columns = columns;
        require(data);
    }

    /** A whole array of rows x columns elements. */
    public MatrixView(double[] data, int rows, int columns) {
        this(data, 0, rows, columns);
    }

    /** Moves the window to the same place of another array. */
    public void moveTo(double[] other) {
        require(other);
        data = other;
    }

    private void require(double[] array) {
        if (array != null && (offset < 0 || offset > array.length - rows * columns)) {
            throw new IllegalArgumentException("View of " + rows + " x " + columns + " elements from index " + offset
                    + " on: the array has " + array.length + " elements");
        }
    }

    /** The array, which may be larger than the window. */
    public double[] data() {
        return data;
    }

    /** The index of the first element in the array. */
    public int offset() {
        return offset;
    }

    /** Rows, of all matrices if they are stacked. */
    public int rows() {
        return rows;
    }

    /** Columns. */
    public int columns() {
        return columns;
    }

    /** The number of elements. */
    public int size() {
        return rows * columns;
    }

    /** Sets all elements to zero. */
    public void setZero() {
        Arrays.fill(data, offset, offset + size(), 0);
    }
}
