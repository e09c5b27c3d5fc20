package org.spikecast.kernel.internal;

import static java.lang.Math.fma;

/**
 * The backward pass of one step of a plain tanh layer in plain code; the equation is numbered as in {@code Rnn}. All
 * arguments are H x B.
 */
public final class RnnStep {
    private RnnStep() {}

    /**
     * Equation (9).
     *
     * @param H h_t
     * @param dH dh_t
     * @param dZ receives dz_t
     */
    public static void backward(MatrixView H, MatrixView dH, MatrixView dZ) {
        double[] h = H.data(), dh = dH.data(), dz = dZ.data();
        int h0 = H.offset(), dh0 = dH.offset(), dz0 = dZ.offset();
        for (int j = 0; j < H.size(); j++) {
            double hj = h[h0 + j];
            dz[dz0 + j] = dh[dh0 + j] * fma(-hj, hj, 1); // (9)
        }
    }
}
