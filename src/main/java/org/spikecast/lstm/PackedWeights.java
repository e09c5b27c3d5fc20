package org.spikecast.lstm;

import org.spikecast.kernel.PackedMatrix;

/**
 * The weights of a network in the order in which products read them. They are laid out once per update, however many slices of
 * a batch, steps and threads use them. Whoever changes the weights packs them again: only that they are those of another
 * network is noticed.
 */
public final class PackedWeights {
    private final NetworkConfig config;

    /** Per layer: (W_ih W_hh). */
    final PackedMatrix[] weights;

    /** Per layer: the transposes of W_ih and W_hh. */
    final PackedMatrix[] weightIhTransposed;

    final PackedMatrix[] weightHhTransposed;

    /** W_fc and its transpose. */
    final PackedMatrix headWeight;

    final PackedMatrix headWeightTransposed;

    /** Room for the weights of a network, zero as yet. */
    public PackedWeights(NetworkConfig config) {
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
    public void pack(NetworkParameters p) {
        for (int l = 0; l < config.layers(); l++) {
            weights[l].pack(config.inputs(l), p.weightIh[l].data, p.weightHh[l].data);
        }
        headWeight.pack(p.headWeight.data);
    }

    /** Lays the weights out for the way back; those of the lowest layer's input only if somebody asks for its gradient. */
    public void packTransposed(NetworkParameters p, boolean downToInput) {
        for (int l = 0; l < config.layers(); l++) {
            weightHhTransposed[l].packTransposed(p.weightHh[l].data);
            if (l > 0 || downToInput) {
                weightIhTransposed[l].packTransposed(p.weightIh[l].data);
            }
        }
        headWeightTransposed.packTransposed(p.headWeight.data);
    }

    /** The sizes. */
    public NetworkConfig config() {
        return config;
    }

    /** Throws unless these parameters are the ones that were packed for the way forward. */
    void requirePacked(NetworkParameters p) {
        boolean all = headWeight.source() == p.headWeight.data;
        for (int l = 0; l < config.layers(); l++) {
            all &= weights[l].source() == p.weightIh[l].data && weights[l].rightSource() == p.weightHh[l].data;
        }
        require(all, "pack");
    }

    /** The same for the way back. */
    void requirePackedTransposed(NetworkParameters p, boolean downToInput) {
        boolean all = headWeightTransposed.source() == p.headWeight.data;
        for (int l = 0; l < config.layers(); l++) {
            all &= weightHhTransposed[l].source() == p.weightHh[l].data;
            all &= l == 0 && !downToInput || weightIhTransposed[l].source() == p.weightIh[l].data;
        }
        require(all, "packTransposed");
    }

    private static void require(boolean packed, String remedy) {
        if (!packed) {
            throw new IllegalArgumentException(
                    "The tape's packed weights are not those of these parameters: call " + remedy + " with them first");
        }
    }
}
