package org.spikecast.lstm;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.Elementary;
import org.spikecast.kernel.RandomStream;
import org.spikecast.params.ParameterSet;

/**
 * The weights and biases of an LSTM, or a gradient with respect to them: names, shapes and order of the gates are
 * PyTorch's, so that its state dict is used as it is.
 */
public final class NetworkParameters {
    private final NetworkConfig config;
    private final ParameterSet set;

    /** Per layer: weights of its input, 4H x I; in every matrix of 4H rows the gates stand in the order i, f, g, o. */
    final DMatrixRMaj[] weightIh;

    /** Per layer: weights of its own last h, 4H x H. */
    final DMatrixRMaj[] weightHh;

    /** Per layer: the bias beside the input, 4H. */
    final DMatrixRMaj[] biasIh;

    /** Per layer: the bias beside the last h, 4H. One bias would do; with two, Adam's trajectory is PyTorch's. */
    final DMatrixRMaj[] biasHh;

    /** Weights of the fully connected output layer, O x (M H). */
    final DMatrixRMaj headWeight;

    /** Bias of the fully connected output layer, O. */
    final DMatrixRMaj headBias;

    /** All zero. */
    public NetworkParameters(NetworkConfig config) {
        this.config = config;
        int hidden = config.hidden();
        int layers = config.layers();
        weightIh = new DMatrixRMaj[layers];
        weightHh = new DMatrixRMaj[layers];
        biasIh = new DMatrixRMaj[layers];
        biasHh = new DMatrixRMaj[layers];
        ParameterSet.Builder declare = new ParameterSet.Builder();
        for (int l = 0; l < layers; l++) {
            weightIh[l] = declare.matrix("lstm.weight_ih_l" + l, 4 * hidden, config.inputs(l));
            weightHh[l] = declare.matrix("lstm.weight_hh_l" + l, 4 * hidden, hidden);
            biasIh[l] = declare.vector("lstm.bias_ih_l" + l, 4 * hidden);
            biasHh[l] = declare.vector("lstm.bias_hh_l" + l, 4 * hidden);
        }
        headWeight = declare.matrix("fc.weight", config.outputs(), config.headInputs());
        headBias = declare.vector("fc.bias", config.outputs());
        set = declare.build();
    }

    /**
     * Every number uniform in +-1/sqrt(H), those of the output layer in +-1/sqrt(M H), as PyTorch's initial values are.
     *
     * @param forgetBias added to the forget gate's part of bias_ih; 0 for PyTorch's initial values
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
        for (int l = 0; l < config.layers(); l++) {
            for (int j = config.hidden(); j < 2 * config.hidden(); j++) {
                p.biasIh[l].data[j] += forgetBias;
            }
        }
        return p;
    }

    /**
     * Spreads how long the units of each layer remember, from 2 steps to {@code longest}, evenly on a logarithmic scale: a
     * unit with forget gate f forgets as exp(-t / tau) with tau about 1 / (1 - f). Sets the biases of unit j's forget gate to
     * log(tau_j - 1) in all and those of its input gate to the opposite, so that a unit that remembers long also changes
     * slowly (chrono initialisation: Tallec and Ollivier, Can recurrent neural networks warp time?, ICLR 2018).
     *
     * @param longest steps, above 2
     */
    public void spreadMemory(double longest) {
        if (!(longest > 2 && longest < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("Longest memory: expected more than 2 steps, got " + longest);
        }
        int hidden = config.hidden();
        for (int l = 0; l < config.layers(); l++) {
            for (int j = 0; j < hidden; j++) {
                double tau = 2 * Elementary.exp(Elementary.log(longest / 2) * (j + 0.5) / hidden);
                double bias = Elementary.log(tau - 1);
                biasIh[l].data[j] = -bias;
                biasHh[l].data[j] = 0;
                biasIh[l].data[hidden + j] = bias;
                biasHh[l].data[hidden + j] = 0;
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
