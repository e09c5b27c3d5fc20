package org.spikecast.lstm;

import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.internal.MatrixView;
import org.spikecast.kernel.internal.Tail;

/**
 * The gated recurrent unit (Cho et al., EMNLP 2014) as PyTorch has it, with the reset gate applied after the product
 * with h. The numbers of the equations are those of {@link Lstm}, (6) to (8) and (14), (15) included.
 *
 * <pre>
 *  (1)  a_t = b_ih + W_ih x_t    q_t = b_hh + W_hh h_(t-1)   each of three parts, (r, z, n), three times H
 *  (2)  r = sigma(a_r + q_r)     z = sigma(a_z + q_z)
 *  (3)  n = tanh(a_n + r q_n)
 *  (5)  h_t = (1 - z) n + z h_(t-1)
 * </pre>
 *
 * <p>Backward, dh_t as in (8), plus dh_(t+1) z_(t+1), and with dq_(t+1) in the place of dz_(t+1):
 *
 * <pre>
 * (10)  da_z = dq_z = dh_t (h_(t-1) - n) z (1 - z)
 * (11)  da_n = dh_t (1 - z) (1 - n^2)
 * (12)  dq_n = da_n r
 * (13)  da_r = dq_r = da_n q_n r (1 - r)
 * (14)  dW_ih += da_t x_t'    dW_hh += dq_t h_(t-1)'    db_ih += da_t    db_hh += dq_t
 * (15)  dx_t = W_ih' da_t
 * </pre>
 */
final class Gru implements Cell {
    private static final List<String> GATES = List.of("r", "z", "n");
    private static final List<String> STATES = List.of("h");

    @Override
    public String name() {
        return "gru";
    }

    @Override
    public String label() {
        return "GRU";
    }

    @Override
    public String caption() {
        return "a GRU";
    }

    @Override
    public List<String> gates() {
        return GATES;
    }

    @Override
    public List<String> states() {
        return STATES;
    }

    @Override
    public int keepingGate() {
        return 1; // z
    }

    @Override
    public int writingGate() {
        return -1; // 1 - z
    }

    @Override
    public boolean sumsProducts() {
        return false; // n needs W_hn h apart
    }

    @Override
    public double gate(int gate, double kept) {
        return gate == 2 ? kept : Tail.sigma(kept);
    }

    @Override
    public CellLayer layer(NetworkTape tape, int layer) {
        return new Layer(tape, layer);
    }

    @Override
    public String toString() {
        return name();
    }

    private static final class Layer extends CellLayer {
        /** q_t: q[t]; after step t, 1 - n^2 in the place of q_r. */
        private final MatrixView[] q;

        /** dq_t: dq[t]. */
        private final MatrixView[] dq;

        private final MatrixView allDq;

        Layer(NetworkTape tape, int layer) {
            super(tape, layer);
            int rows = 3 * tape.config().hidden();
            DMatrixRMaj products = tape.stack((long) steps * rows);
            DMatrixRMaj gradients = tape.reusesGates() ? products : products.createLike();
            q = tape.views(products.data, 0, rows, steps);
            dq = tape.views(gradients.data, 0, rows, steps);
            allDq = tape.view(gradients.data, 0, rows, steps);
        }

        @Override
        void forward(Kernel kernel, PackedWeights.Layer w, NetworkParameters.Layer p) {
            for (int t = 0; t < steps; t++) {
                readInput(kernel, w, p.biasIh, null, t); // (1), a_t
                kernel.affine(w.hh, p.biasHh, null, h[t], null, q[t]); // (1), q_t
                kernel.gruStep(gates[t], q[t], h[t], h[t + 1]); // (2) to (5)
            }
        }

        @Override
        void backward(Kernel kernel, PackedWeights.Layer w, NetworkParameters.Layer p, NetworkParameters.Layer d) {
            for (int t = steps - 1; t >= 0; t--) {
                kernel.gruStepBackward(gates[t], q[t], h[t], dh[t + 1], dh[t], dz[t], dq[t]); // (10) to (13)
                if (goesBackFrom(t)) {
                    kernel.multiply(w.hhTransposed, dq[t], dh[t]); // (8)
                }
                passDown(kernel, w, t); // (15)
            }
            kernel.outerProducts(adds, steps, allDz, allX, d.weightIh, d.biasIh); // (14)
            kernel.outerProducts(adds, steps, allDq, allH, d.weightHh, d.biasHh); // (14)
        }
    }
}
