package org.spikecast.lstm;

import org.spikecast.kernel.internal.PackedMatrix;

/**
 * The weights of a network in the order in which products read them. They are laid out once per update, however many
 * micro-batches, steps and threads use them. Pack them again whenever the weights have changed: only packed weights of
 * another network are noticed.
 */
public final class PackedWeights {
    private final NetworkConfig config;

    final Layer[] layers;

    /** W_fc and its transpose. */
    final PackedMatrix headWeight;

    final PackedMatrix headWeightTransposed;

    /** The weights of one layer. */
    static final class Layer {
        /** (W_ih W_hh), of a cell that sums the products; null where they are apart. */
        final PackedMatrix both;

        /** W_ih and W_hh, of a cell that needs the products apart or of a layer of many weights; otherwise null. */
        final PackedMatrix ih;

        final PackedMatrix hh;

        /** Their transposes. */
        final PackedMatrix ihTransposed;

        final PackedMatrix hhTransposed;

        private final int inputs;

        Layer(NetworkConfig config, int l) {
            inputs = config.inputs(l);
            int h = config.hidden();
            int rows = config.gateRows();
            boolean apart = !config.cell().sumsProducts() || CellLayer.stepsAtOnce(config, l) > 1;
            both = apart ? null : new PackedMatrix(rows, inputs + h);
            ih = apart ? new PackedMatrix(rows, inputs) : null;
            hh = apart ? new PackedMatrix(rows, h) : null;
            ihTransposed = new PackedMatrix(inputs, rows);
            hhTransposed = new PackedMatrix(h, rows);
        }

        void pack(NetworkParameters.Layer p) {
            if (both != null) {
                both.pack(inputs, p.weightIh, p.weightHh);
            } else {
                ih.pack(p.weightIh);
                hh.pack(p.weightHh);
            }
        }

        boolean isPacked(NetworkParameters.Layer p) {
            return both != null
                    ? both.source() == p.weightIh && both.rightSource() == p.weightHh
                    : ih.source() == p.weightIh && hh.source() == p.weightHh;
        }
    }

    /** Buffers for the weights of a network, zero as yet. */
    public PackedWeights(NetworkConfig config) {
        this.config = config;
        layers = new Layer[config.layers()];
        for (int l = 0; l < layers.length; l++) {
            layers[l] = new Layer(config, l);
        }
        headWeight = new PackedMatrix(config.outputs(), config.headInputs());
        headWeightTransposed = new PackedMatrix(config.headInputs(), config.outputs());
    }

    /** Lays the weights out for the forward pass. */
    public void pack(NetworkParameters p) {
        for (int l = 0; l < layers.length; l++) {
            layers[l].pack(p.layers[l]);
        }
        headWeight.pack(p.headWeight.data);
    }

    /** Lays the weights out for the backward pass; those of the lowest layer's input only if its gradient is needed. */
    public void packTransposed(NetworkParameters p, boolean downToInput) {
        for (int l = 0; l < layers.length; l++) {
            layers[l].hhTransposed.packTransposed(p.layers[l].weightHh);
            if (l > 0 || downToInput) {
                layers[l].ihTransposed.packTransposed(p.layers[l].weightIh);
            }
        }
        headWeightTransposed.packTransposed(p.headWeight.data);
    }

    /** The sizes. */
    public NetworkConfig config() {
        return config;
    }

    /** Throws unless these parameters are the ones that were packed for the forward pass. */
    void requirePacked(NetworkParameters p) {
        boolean all = headWeight.source() == p.headWeight.data;
        for (int l = 0; l < layers.length; l++) {
            all &= layers[l].isPacked(p.layers[l]);
        }
        require(all, "pack");
    }

    /** The same for the backward pass. */
    void requirePackedTransposed(NetworkParameters p, boolean downToInput) {
        boolean all = headWeightTransposed.source() == p.headWeight.data;
        for (int l = 0; l < layers.length; l++) {
            all &= layers[l].hhTransposed.source() == p.layers[l].weightHh;
            all &= l == 0 && !downToInput || layers[l].ihTransposed.source() == p.layers[l].weightIh;
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
