package org.spikecast.run.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.io.MalformedFileException;
import org.spikecast.io.NdArray;

/** Converts between matrices and the arrays of a file. */
public final class Matrices {
    private Matrices() {}

    /** A matrix as an array of two dimensions, rows x columns. */
    public static NdArray array(DMatrixRMaj matrix) {
        return NdArray.of(matrix.data, matrix.numRows, matrix.numCols);
    }

    /**
     * The array of this name.
     *
     * @param file for the message
     * @throws MalformedFileException if there is none
     */
    public static NdArray require(Path file, Map<String, NdArray> arrays, String name) throws IOException {
        NdArray array = arrays.get(name);
        if (array == null) {
            throw new MalformedFileException(file, "there is no array '" + name + "'; it has " + arrays.keySet());
        }
        return array;
    }

    /**
     * The array of this name as a matrix.
     *
     * @param file for the message
     * @throws MalformedFileException if there is none, if it is empty or not of two dimensions
     */
    public static DMatrixRMaj matrix(Path file, Map<String, NdArray> arrays, String name) throws IOException {
        NdArray array = require(file, arrays, name);
        if (array.rank() != 2 || array.size() == 0) {
            throw new MalformedFileException(
                    file, "'" + name + "': expected bins x neurons, got the shape " + Arrays.toString(array.shape()));
        }
        return new DMatrixRMaj(array.shape()[0], array.shape()[1], true, array.doubles());
    }
}
