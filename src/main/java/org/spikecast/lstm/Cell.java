package org.spikecast.lstm;

import java.util.List;

/**
 * What a recurrent cell is to those who train, check, stream and save a network of it: what its parts are called and
 * which of its gates keep and write. What it computes is its {@link CellLayer}. A further cell is a class of this
 * package and one more entry in {@link #ALL}.
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
     * What options and files call it: {@code lstm.weight_ih_l0} is a tensor of {@code lstm}, as in a PyTorch module.
     */
    String name();

    /** What people call it. */
    String label();

    /** The same with its article. */
    String caption();

    /** The gates, in the order in which they stand one below the other in every matrix of 4H or 3H rows. */
    List<String> gates();

    /** What a step hands on to the next: {@code h}, which the layer above reads as well, and whatever else. */
    List<String> states();

    /**
     * The index of the gate that keeps what is remembered where it is open; a forget bias is added to its bias. -1 if there is
     * none.
     */
    int keepingGate();

    /** The index of the gate that lets in what is new; -1 if the one that keeps says that too. */
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
