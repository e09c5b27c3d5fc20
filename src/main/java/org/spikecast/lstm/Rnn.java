package org.spikecast.lstm;

import java.util.List;
import org.spikecast.kernel.Kernel;

/**
 * The plain recurrent network with tanh (Elman, Cognitive Science 14(2), 1990), PyTorch's {@code nn.RNN}: the
 * reference for an LSTM's memory. The numbers of the equations are those of {@link Lstm}, (6) to (8), (14) and (15)
 * included.
 *
 * <pre>
 *  (1)  z_t = b_ih + b_hh + W_ih x_t + W_hh h_(t-1)
 *  (5)  h_t = tanh(z_t)
 *  (9)  dz_t = dh_t (1 - h_t^2)
 * </pre>
 */
final class Rnn implements Cell {
    private static final List<String> GATES = List.of("z");
    private static final List<String> STATES = List.of("h");

    @Override
    public String name() {
        return "rnn";
    }

    @Override
    public String label() {
        return "tanh network";
    }

    @Override
    public String caption() {
        return "a plain tanh network";
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
        return -1; // nothing keeps
    }

    @Override
    public int writingGate() {
        return -1;
    }

    @Override
    public boolean sumsProducts() {
        return true;
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
        Layer(NetworkTape tape, int layer) {
            super(tape, layer);
        }

        @Override
        void forward(Kernel kernel, PackedWeights.Layer w, NetworkParameters.Layer p) {
            for (int t = 0; t < steps; t++) {
                preActivate(kernel, w, p, t); // (1)
                kernel.rnnStep(gates[t], h[t + 1]); // (5)
            }
        }

        @Override
        void backward(Kernel kernel, PackedWeights.Layer w, NetworkParameters.Layer p, NetworkParameters.Layer d) {
            for (int t = steps - 1; t >= 0; t--) {
                kernel.rnnStepBackward(h[t + 1], dh[t + 1], dz[t]); // (9)
                if (goesBackFrom(t)) {
                    kernel.multiply(w.hhTransposed, dz[t], dh[t]); // (8)
                }
                passDown(kernel, w, t); // (15)
            }
            kernel.outerProducts(adds, steps, allDz, allX, d.weightIh, allH, d.weightHh, d.biasIh, d.biasHh); // (14)
        }
    }
}
