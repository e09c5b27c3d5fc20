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

        void pack(NetworkParameters.Layer p, int part, int parts) {
            if (both != null) {
                both.pack(part, parts, inputs, p.weightIh, p.weightHh);
            } else {
                ih.pack(part, parts, ih.inner(), p.weightIh, null);
                hh.pack(part, parts, hh.inner(), p.weightHh, null);
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
        pack(p, 0, 1);
    }

    /** One of several parts of the same, for threads that share the work. */
    public void pack(NetworkParameters p, int part, int parts) {
        for (int l = 0; l < layers.length; l++) {
            layers[l].pack(p.layers[l], part, parts);
        }
        headWeight.pack(part, parts, headWeight.inner(), p.headWeight.data, null);
    }

    /** Lays the weights out for the backward pass; those of the lowest layer's input only if its gradient is needed. */
    public void packTransposed(NetworkParameters p, boolean downToInput) {
        packTransposed(p, downToInput, 0, 1);
    }

    /** One of several parts of the same. */
    public void packTransposed(NetworkParameters p, boolean downToInput, int part, int parts) {
        for (int l = 0; l < layers.length; l++) {
            layers[l].hhTransposed.packTransposed(part, parts, p.layers[l].weightHh);
            if (l > 0 || downToInput) {
                layers[l].ihTransposed.packTransposed(part, parts, p.layers[l].weightIh);
            }
        }
        headWeightTransposed.packTransposed(part, parts, p.headWeight.data);
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
