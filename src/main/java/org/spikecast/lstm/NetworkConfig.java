package org.spikecast.lstm;

/**
 * The cell and the sizes of a network with one fully connected output layer.
 *
 * @param cell of all layers
 * @param inputs I, features of one step
 * @param hidden H, units of each layer
 * @param layers L, stacked layers
 * @param outputs O, outputs of the fully connected layer
 * @param headStates M, how many h of the topmost layer the fully connected layer reads at once: the last M. With M
 *     above 1 a run has one output, after its last step
 */
public record NetworkConfig(Cell cell, int inputs, int hidden, int layers, int outputs, int headStates) {
    /** The usual network, an LSTM whose output follows from one h. */
    public NetworkConfig(int inputs, int hidden, int layers, int outputs) {
        this(inputs, hidden, layers, outputs, 1);
    }

    /** An LSTM. */
    public NetworkConfig(int inputs, int hidden, int layers, int outputs, int headStates) {
        this(Cell.LSTM, inputs, hidden, layers, outputs, headStates);
    }

    /** The same sizes with another cell. */
    public NetworkConfig with(Cell other) {
        return new NetworkConfig(other, inputs, hidden, layers, outputs, headStates);
    }

    public NetworkConfig {
        requirePositive(inputs, "inputs");
        requirePositive(hidden, "hidden units");
        requirePositive(layers, "layers");
        requirePositive(outputs, "outputs");
        requirePositive(headStates, "states that the output layer reads");
        double largest = Math.max(
                (double) cell.gates().size() * hidden * Math.max(inputs, hidden),
                (double) outputs * headStates * hidden);
        if (largest > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("A network of " + inputs + " inputs, " + hidden + " hidden units and "
                    + outputs + " outputs needs a matrix of " + (long) largest + " numbers, more than Java allows");
        }
    }

    /** The number of features that a layer reads: the inputs, or the units of the layer below. */
    public int inputs(int layer) {
        return layer == 0 ? inputs : hidden;
    }

    /** The rows of every matrix that holds one row for each unit of each gate: 4H of an LSTM, 3H of a GRU. */
    public int gateRows() {
        return cell.gates().size() * hidden;
    }

    /** M H, the numbers that the fully connected layer reads. */
    public int headInputs() {
        return headStates * hidden;
    }

    /** Equal sizes. Written by hand, because the first call of a record's own method takes 50 ms. */
    @Override
    public boolean equals(Object other) {
        return other instanceof NetworkConfig that
                && cell == that.cell
                && inputs == that.inputs
                && hidden == that.hidden
                && layers == that.layers
                && outputs == that.outputs
                && headStates == that.headStates;
    }

    @Override
    public int hashCode() {
        return 31 * (31 * (31 * (31 * (31 * cell.name().hashCode() + inputs) + hidden) + layers) + outputs)
                + headStates;
    }

    private static void requirePositive(int value, String name) {
        if (value < 1) {
            throw new IllegalArgumentException("Number of " + name + ": expected at least 1, got " + value);
        }
    }
}
