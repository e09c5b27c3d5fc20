package org.spikecast.lstm;

import org.spikecast.kernel.PackedMatrix;

/**
 * The weights of a network in the order in which products read them. They are laid out once per update, however many slices of
 * a batch, steps and threads use them.
 */
public final class PackedWeights {
    private final LstmConfig config;

    /** Per layer: (W_ih W_hh). */
    final PackedMatrix[] weights;

    /** Per layer: the transposes of W_ih and W_hh. */
    final PackedMatrix[] weightIhTransposed;

    final PackedMatrix[] weightHhTransposed;

    /** W_fc and its transpose. */
    final PackedMatrix headWeight;

    final PackedMatrix headWeightTransposed;

    /** Room for the weights of a network, zero as yet. */
    public PackedWeights(LstmConfig config) {
        this.config = config;
        int h = config.hidden();
        int layers = config.layers();
        weights = new PackedMatrix[layers];
        weightIhTransposed = new PackedMatrix[layers];
        weightHhTransposed = new PackedMatrix[layers];
        for (int l = 0; l < layers; l++) {
            weights[l] = new PackedMatrix(4 * h, config.inputs(l) + h);
            weightIhTransposed[l] = new PackedMatrix(config.inputs(l), 4 * h);
            weightHhTransposed[l] = new PackedMatrix(h, 4 * h);
        }
        headWeight = new PackedMatrix(config.outputs(), config.headInputs());
        headWeightTransposed = new PackedMatrix(config.headInputs(), config.outputs());
    }

    /** Lays the weights out for the way forward. */
    public void pack(LstmParameters p) {
        for (int l = 0; l < config.layers(); l++) {
            weights[l].pack(config.inputs(l), p.weightIh[l].data, p.weightHh[l].data);
        }
        headWeight.pack(p.headWeight.data);
    }

    /** Lays the weights out for the way back; those of the lowest layer's input only if somebody asks for its gradient. */
    public void packTransposed(LstmParameters p, boolean downToInput) {
        for (int l = 0; l < config.layers(); l++) {
            weightHhTransposed[l].packTransposed(p.weightHh[l].data);
            if (l > 0 || downToInput) {
                weightIhTransposed[l].packTransposed(p.weightIh[l].data);
            }
        }
        headWeightTransposed.packTransposed(p.headWeight.data);
    }
}
