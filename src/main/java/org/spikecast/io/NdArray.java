package org.spikecast.io;

import java.util.Arrays;
import java.util.List;

/**
 * An array of any rank as files hold it: float64 or int32 elements in row-major order (the last index runs fastest).
 * Immutable by convention: the data is not copied, neither here nor by its readers, so nobody may change it.
 */
public final class NdArray {
    private static final int MAX_RANK = 64;
    private static final int MAX_ELEMENTS = Integer.MAX_VALUE - 8; // the longest array that every JVM can make

    private final boolean integer;
    private final double[] doubles;
    private final int[] ints;
    private final int[] shape;

    private NdArray(boolean integer, double[] doubles, int[] ints, int[] shape) {
        this.integer = integer;
        this.doubles = doubles;
        this.ints = ints;
        this.shape = shape.clone();
        int length = integer ? ints.length : doubles.length;
        if (elements(shape) != length) {
            throw new IllegalArgumentException("shape " + Arrays.toString(shape) + " needs " + elements(shape)
                    + " elements, the data has " + length);
        }
    }

    /**
     * An array of floating-point numbers.
     *
     * @param data the elements in row-major order; kept, not copied
     * @param shape one extent per dimension, none for a single number
     * @throws IllegalArgumentException if an extent is negative or the extents' product is not the data's length
     */
    public static NdArray of(double[] data, int... shape) {
        return new NdArray(false, data, new int[0], shape);
    }

    /** An array of integers; otherwise as {@link #of(double[], int...)}. */
    public static NdArray of(int[] data, int... shape) {
        return new NdArray(true, new double[0], data, shape);
    }

    /** The extent of each dimension, as a copy; empty for a single number. */
    public int[] shape() {
        return shape.clone();
    }

    /** The number of dimensions. */
    public int rank() {
        return shape.length;
    }

    /** The number of elements. */
    public int size() {
        return integer ? ints.length : doubles.length;
    }

    /** Whether the elements are integers. */
    public boolean isInteger() {
        return integer;
    }

    /** The elements in row-major order: the array itself if they are floating-point, a widened copy if integers. */
    public double[] doubles() {
        return integer ? Arrays.stream(ints).asDoubleStream().toArray() : doubles;
    }

    /**
     * The elements in row-major order, the array itself.
     *
     * @throws IllegalArgumentException if they are floating-point
     */
    public int[] ints() {
        if (!integer) {
            throw new IllegalArgumentException("expected an array of integers, got " + this
                    + "; save it with an integer type, e.g. x.astype('int32')");
        }
        return ints;
    }

    /** Whether the other is an array of the same type and shape with the same elements, bit by bit. */
    @Override
    public boolean equals(Object other) {
        return other instanceof NdArray that
                && integer == that.integer
                && Arrays.equals(shape, that.shape)
                && Arrays.equals(doubles, that.doubles)
                && Arrays.equals(ints, that.ints);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(shape) + (integer ? Arrays.hashCode(ints) : Arrays.hashCode(doubles));
    }

    /** Type and shape, such as {@code float64[3, 4]}. */
    @Override
    public String toString() {
        return (integer ? "int32" : "float64") + Arrays.toString(shape);
    }

    /** The product of the extents; an IllegalArgumentException if one is negative or no array can hold as many elements. */
    public static int elements(int... shape) {
        if (shape.length > MAX_RANK) {
            throw new IllegalArgumentException("expected at most " + MAX_RANK + " dimensions, got " + shape.length);
        }
        long product = 1;
        for (int extent : shape) {
            if (extent < 0) {
                throw new IllegalArgumentException("negative extent in shape " + Arrays.toString(shape));
            }
            product *= extent;
            if (product > MAX_ELEMENTS) {
                throw new IllegalArgumentException(
                        "expected at most " + MAX_ELEMENTS + " elements, got shape " + Arrays.toString(shape));
            }
        }
        return (int) product;
    }

    /** A shape as a file's header lists it: each item must be a Long that is an extent. */
    public static int[] shapeOf(List<?> extents) {
        int[] shape = new int[extents.size()];
        for (int i = 0; i < shape.length; i++) {
            if (!(extents.get(i) instanceof Long extent) || extent < 0 || extent > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("extent " + (i + 1) + " of the shape: expected an integer from 0 to "
                        + Integer.MAX_VALUE + ", got " + extents.get(i));
            }
            shape[i] = (int) (long) extent;
        }
        return shape;
    }

    /** The same array, if this one's data stands in column-major order (the first index runs fastest). */
    NdArray fromColumnMajor() {
        double[] newDoubles = new double[doubles.length];
        int[] newInts = new int[ints.length];
        for (int i = 0; i < size(); i++) {
            int position = rowMajorPosition(i);
            if (integer) {
                newInts[position] = ints[i];
            } else {
                newDoubles[position] = doubles[i];
            }
        }
        return new NdArray(integer, newDoubles, newInts, shape);
    }

    private int rowMajorPosition(int columnMajorPosition) {
        int rest = columnMajorPosition;
        int stride = size();
        int position = 0;
        for (int extent : shape) {
            stride /= extent;
            position += rest % extent * stride;
            rest /= extent;
        }
        return position;
    }
}
