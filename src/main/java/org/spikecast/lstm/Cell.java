package org.spikecast.lstm;

import java.util.List;

/**
 * A recurrent cell, as training, gradient checks, streams and files use it: the names of its parts, and which of its
 * gates keep and write. What it computes is its {@link CellLayer}. A further cell is a class of this package and one
 * more entry in {@link #ALL}.
 */
public interface Cell {
    /** The long short-term memory, the default. */
    Cell LSTM = new Lstm();

    /** The gated recurrent unit. */
    Cell GRU = new Gru();

    /** A plain recurrent network with tanh, to compare with: commands and model files do not know it. */
    Cell RNN = new Rnn();

    /** All cells that commands and model files know. */
    List<Cell> ALL = List.of(LSTM, GRU);

    /**
     * Its name in options and files: {@code lstm.weight_ih_l0} is a tensor of {@code lstm}, as in a PyTorch module.
     */
    String name();

    /** Its name in text. */
    String label();

    /** The same with an article. */
    String caption();

    /** The gates, in the order in which they stand one below the other in every matrix of 4H or 3H rows. */
    List<String> gates();

    /** The states that a step passes on to the next: {@code h}, which the layer above also reads, and any others. */
    List<String> states();

    /**
     * The index of the gate that keeps the state where it is open; a forget bias is added to its bias. -1 if there is
     * none.
     */
    int keepingGate();

    /** The index of the gate that lets new input in; -1 if the keeping gate decides that too. */
    int writingGate();

    /**
     * Whether z_t is the sum of the products of x_t and h_(t-1), so that one product of (W_ih W_hh) gives both;
     * otherwise each is needed apart.
     */
    boolean sumsProducts();

    /** The value of a gate, from what a tape keeps of it. */
    default double gate(int gate, double kept) {
        return kept;
    }

    /** Buffers for a layer's activations, which know how to run it. */
    CellLayer layer(NetworkTape tape, int layer);
}
