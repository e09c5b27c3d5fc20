package org.spikecast.lstm;

import java.util.List;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.internal.MatrixView;
import org.spikecast.kernel.internal.Tail;

/**
 * The long short-term memory (Hochreiter and Schmidhuber, Neural Computation 9(8), 1997; with the forget gate of Gers,
 * Schmidhuber and Cummins, Neural Computation 12(10), 2000), stacked in layers under one fully connected output layer.
 * Conventions are PyTorch's.
 *
 * <p>Forward, for each layer and step; x_t is the layer's input, that is the features, or h_t of the layer below:
 *
 * <pre>
 *  (1)  z_t = b_ih + b_hh + W_ih x_t + W_hh h_(t-1)          z_t = (z_i, z_f, z_g, z_o), four times H
 *  (2)  i = sigma(z_i)    f = sigma(z_f)    o = sigma(z_o)   sigma(z) = 1 / (1 + exp(-z))
 *  (3)  g = tanh(z_g)
 *  (4)  c_t = f c_(t-1) + i g
 *  (5)  h_t = o tanh(c_t)
 *  (6)  y = b_fc + W_fc h                                    h of the topmost layer, of the steps that have an output;
 *                                                            or of several steps, one below the other
 * </pre>
 *
 * <p>Backward, from the last step to the first; d... is the gradient of the loss with respect to ...:
 *
 * <pre>
 *  (7)  dW_fc += dy h'    db_fc += dy                        summed over sequences and those steps
 *  (8)  dh_t = W_fc' dy (or from the layer above, (15)) + W_hh' dz_(t+1)
 *  (9)  dc_t = dh_t o (1 - tanh(c_t)^2) + dc_(t+1) f_(t+1)
 * (10)  dz_o = dh_t tanh(c_t) o (1 - o)
 * (11)  dz_i = dc_t g i (1 - i)
 * (12)  dz_f = dc_t c_(t-1) f (1 - f)
 * (13)  dz_g = dc_t i (1 - g^2)
 * (14)  dW_ih += dz_t x_t'    dW_hh += dz_t h_(t-1)'    db_ih, db_hh += dz_t      summed over steps and sequences
 * (15)  dx_t = W_ih' dz_t
 * </pre>
 *
 * <p>Where gates saturate, 1 - o and 1 - tanh(c_t)^2 would lose their digits as differences of numbers near to 1. A
 * step keeps i, f and o by their tails ({@link Tail}), from which 1 - o follows as exactly as o does, and keeps the
 * slopes 1 - g^2 and 1 - tanh(c_t)^2, too.
 *
 * <p>(1) to (5) and (9) to (15) are the layer's, here and in {@link CellLayer}; (6) to (8) the output layer's, in
 * {@link Network}. Products of two column vectors are element by element, all others are matrix products; '
 * transposes.
 */
final class Lstm implements Cell {
    private static final List<String> GATES = List.of("i", "f", "g", "o");
    private static final List<String> STATES = List.of("h", "c");

    @Override
    public String name() {
        return "lstm";
    }

    @Override
    public String label() {
        return "LSTM";
    }

    @Override
    public String caption() {
        return "an LSTM";
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
        return 1; // f
    }

    @Override
    public int writingGate() {
        return 0; // i
    }

    @Override
    public boolean sumsProducts() {
        return true;
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
        /** c_-1 is c[0], c_t is c[t + 1]. */
        private final MatrixView[] c;

        /** 1 - g^2 and 1 - tanh(c_t)^2: slopes[t], null on a tape for forward passes only. */
        private final MatrixView[] slopes;

        /** dc_t on entry to step t, what arrives from step t + 1: dc_(t+1) f_(t+1). */
        private final MatrixView dc;

        Layer(NetworkTape tape, int layer) {
            super(tape, layer);
            int units = tape.config().hidden();
            c = states(1);
            slopes = tape.isForwardOnly()
                    ? new MatrixView[steps]
                    : tape.views(tape.stack(2L * steps * units).data, 0, 2 * units, steps);
            dc = dState(1);
        }

        @Override
        void forward(Kernel kernel, PackedWeights.Layer w, NetworkParameters.Layer p) {
            for (int t = 0; t < steps; t++) {
                preActivate(kernel, w, p, t); // (1)
                kernel.lstmStep(gates[t], c[t], c[t + 1], slopes[t], h[t + 1]); // (2) to (5)
            }
        }

        @Override
        void backward(Kernel kernel, PackedWeights.Layer w, NetworkParameters.Layer p, NetworkParameters.Layer d) {
            for (int t = steps - 1; t >= 0; t--) {
                kernel.lstmStepBackward(gates[t], c[t], slopes[t], h[t + 1], dh[t + 1], dc, dz[t]); // (9) to (13)
                if (goesBackFrom(t)) {
                    kernel.multiply(w.hhTransposed, dz[t], dh[t]); // (8)
                }
                passDown(kernel, w, t); // (15)
            }
            kernel.outerProducts(adds, steps, allDz, allX, d.weightIh, allH, d.weightHh, d.biasIh, d.biasHh); // (14)
        }
    }
}
