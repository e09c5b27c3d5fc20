package org.spikecast.io.internal;

import java.io.IOException;
import java.io.OutputStream;
import org.spikecast.io.NdArray;

/**
 * An array that is written without being in memory as a whole. It is written twice, and must be the same both times.
 */
public interface ArraySource {
    /** Whether its elements are written as int32; otherwise as float64. */
    boolean isInteger();

    /** The extent of each dimension. */
    int[] shape();

    /** Writes the elements, little-endian, in row-major order. */
    void write(OutputStream out) throws IOException;

    /** An array in memory. */
    static ArraySource of(NdArray array) {
        return new ArraySource() {
            @Override
            public boolean isInteger() {
                return array.isInteger();
            }

            @Override
            public int[] shape() {
                return array.shape();
            }

            @Override
            public void write(OutputStream out) throws IOException {
                Dtype.write(out, array);
            }
        };
    }
}
