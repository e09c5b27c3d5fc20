package org.spikecast.lstm;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.Elementary;
import org.spikecast.params.ParameterSet;

/**
 * The weights and biases of a network, or a gradient with respect to them: names, shapes and order of the gates are
 * PyTorch's, so that its state dict is used as it is.
 */
public final class NetworkParameters {
    private final NetworkConfig config;
    private final ParameterSet set;

    final Layer[] layers;

    /** The arrays of one layer, row-major; in every matrix the gates stand one below the other. */
    static final class Layer {
        /** Weights of its input, 4H x I of an LSTM. */
        final double[] weightIh;

        /** Weights of its own last h, 4H x H. */
        final double[] weightHh;

        /** The bias beside the input, 4H. */
        final double[] biasIh;

        /** The bias beside the last h, 4H. One bias would do an LSTM; with two, Adam's trajectory is PyTorch's. */
        final double[] biasHh;

        Layer(NetworkConfig config, int l, ParameterSet.Builder declare) {
            int rows = config.gateRows();
            String prefix = config.cell().name() + ".";
            weightIh = declare.matrix(prefix + "weight_ih_l" + l, rows, config.inputs(l)).data;
            weightHh = declare.matrix(prefix + "weight_hh_l" + l, rows, config.hidden()).data;
            biasIh = declare.vector(prefix + "bias_ih_l" + l, rows).data;
            biasHh = declare.vector(prefix + "bias_hh_l" + l, rows).data;
        }
    }

    /** Weights of the fully connected output layer, O x (M H). */
    final DMatrixRMaj headWeight;

    /** Bias of the fully connected output layer, O. */
    final DMatrixRMaj headBias;

    /** All zero. */
    public NetworkParameters(NetworkConfig config) {
        this.config = config;
        layers = new Layer[config.layers()];
        ParameterSet.Builder declare = new ParameterSet.Builder();
        for (int l = 0; l < layers.length; l++) {
            layers[l] = new Layer(config, l, declare);
        }
        headWeight = declare.matrix("fc.weight", config.outputs(), config.headInputs());
        headBias = declare.vector("fc.bias", config.outputs());
        set = declare.build();
    }

    /**
     * Every number uniform in +-1/sqrt(H), those of the output layer in +-1/sqrt(M H), as PyTorch's initial values are.
     *
     * @param forgetBias added to bias_ih of the gate that keeps, f of an LSTM, z of a GRU; 0 for PyTorch's initial
     *     values
     */
    public static NetworkParameters random(NetworkConfig config, double forgetBias, RandomStream stream) {
        NetworkParameters p = new NetworkParameters(config);
        for (ParameterSet.Block block : p.set.blocks()) {
            double[] data = block.data();
            boolean head = data == p.headWeight.data || data == p.headBias.data;
            double bound = 1 / Math.sqrt(head ? config.headInputs() : config.hidden());
            for (int j = 0; j < data.length; j++) {
                data[j] = bound * (2 * stream.nextDouble() - 1);
            }
        }
        int keeping = config.cell().keepingGate() * config.hidden();
        for (Layer layer : p.layers) {
            for (int j = 0; j < config.hidden() && keeping >= 0; j++) {
                layer.biasIh[keeping + j] += forgetBias;
            }
        }
        return p;
    }

    /**
     * Spreads how long the units of each layer remember, from 2 steps to {@code longest}, evenly on a logarithmic
     * scale: a unit with forget gate f forgets as exp(-t / tau) with tau about 1 / (1 - f). Sets the biases of unit
     * j's forget gate (z of a GRU) to log(tau_j - 1) in all and those of its input gate, if the cell has one, to the
     * opposite, so that a unit that remembers long also changes slowly (chrono initialisation: Tallec and Ollivier,
     * Can recurrent neural networks warp time?, ICLR 2018).
     *
     * @param longest steps, above 2
     */
    public void spreadMemory(double longest) {
        if (!(longest > 2 && longest < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "T_max of chrono initialisation: expected more than 2 steps, got " + longest);
        }
        int hidden = config.hidden();
        int keeping = config.cell().keepingGate() * hidden;
        int writing = config.cell().writingGate() * hidden;
        for (Layer layer : layers) {
            for (int j = 0; j < hidden && keeping >= 0; j++) {
                double tau = 2 * Elementary.exp(Elementary.log(longest / 2) * (j + 0.5) / hidden);
                double bias = Elementary.log(tau - 1);
                if (writing >= 0) {
                    layer.biasIh[writing + j] = -bias;
                    layer.biasHh[writing + j] = 0;
                }
                layer.biasIh[keeping + j] = bias;
                layer.biasHh[keeping + j] = 0;
            }
        }
    }

    /** The sizes. */
    public NetworkConfig config() {
        return config;
    }

    /** The same numbers as an ordered list of named matrices. */
    public ParameterSet set() {
        return set;
    }
}
