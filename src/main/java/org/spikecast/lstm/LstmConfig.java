package org.spikecast.lstm;

/**
 * The sizes of an LSTM with one fully connected output layer.
 *
 * @param inputs I, features of one step
 * @param hidden H, units of each layer
 * @param layers L, layers that stand on top of each other
 * @param outputs O, numbers the fully connected layer gives
 */
public record LstmConfig(int inputs, int hidden, int layers, int outputs) {
    public LstmConfig {
        requirePositive(inputs, "inputs");
        requirePositive(hidden, "hidden units");
        requirePositive(layers, "layers");
        requirePositive(outputs, "outputs");
        long largest = Math.max(4L * hidden * Math.max(inputs, hidden), (long) outputs * hidden);
        if (largest > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("An LSTM of " + inputs + " inputs, " + hidden + " hidden units and "
                    + outputs + " outputs needs a matrix of " + largest + " numbers, more than Java allows");
        }
    }

    /** The number of features that a layer reads: the inputs, or the units of the layer below. */
    public int inputs(int layer) {
        return layer == 0 ? inputs : hidden;
    }

    /** The same sizes. By hand, because a record's own method takes 50 ms when it is first called. */
    @Override
    public boolean equals(Object other) {
        return other instanceof LstmConfig that
                && inputs == that.inputs
                && hidden == that.hidden
                && layers == that.layers
                && outputs == that.outputs;
    }

    @Override
    public int hashCode() {
        return 31 * (31 * (31 * inputs + hidden) + layers) + outputs;
    }

    private static void requirePositive(int value, String name) {
        if (value < 1) {
            throw new IllegalArgumentException("Number of " + name + ": expected at least 1, got " + value);
        }
    }
}
