package org.spikecast.model.internal;

import org.ejml.data.DMatrixRMaj;

/**
 * Converts between arrays in files, where the sequences of a batch follow one another, and matrices in memory, where
 * they are columns side by side.
 *
 * <p>Sequences (B, T, I) are one block of B x (T I), states (L, B, H) are L blocks of B x H; each block is transposed.
 */
public final class Layout {
    private Layout() {}

    /**
     * Converts a file's array to a matrix.
     *
     * @param array blocks x batch x width, row-major
     * @return (blocks width) x batch
     */
    public static DMatrixRMaj toColumns(double[] array, int blocks, int batch, int width) {
        DMatrixRMaj matrix = new DMatrixRMaj(blocks * width, batch);
        for (int j = 0; j < array.length; j++) {
            matrix.data[row(j, batch, width) * batch + j / width % batch] = array[j];
        }
        return matrix;
    }

    /** Converts a matrix of {@code blocks} blocks to a file's array: the inverse of {@link #toColumns}. */
    public static double[] toRows(DMatrixRMaj matrix, int blocks) {
        int batch = matrix.numCols;
        int width = matrix.numRows / blocks;
        double[] array = new double[matrix.getNumElements()];
        for (int j = 0; j < array.length; j++) {
            array[j] = matrix.data[row(j, batch, width) * batch + j / width % batch];
        }
        return array;
    }

    private static int row(int j, int batch, int width) {
        return j / (batch * width) * width + j % width;
    }
}
