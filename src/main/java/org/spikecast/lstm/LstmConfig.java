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
    }

    /** The number of features that a layer reads: the inputs, or the units of the layer below. */
    public int inputs(int layer) {
        return layer == 0 ? inputs : hidden;
    }

    private static void requirePositive(int value, String name) {
        if (value < 1) {
            throw new IllegalArgumentException("Number of " + name + ": expected at least 1, got " + value);
        }
    }
}
