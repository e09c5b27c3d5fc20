package org.spikecast.voltage;

import java.util.Map;
import org.spikecast.lstm.LstmConfig;
import org.spikecast.model.Metadata;

/** How a network forecasts a voltage trace: its input and output layout. */
public interface TraceForm {
    /** Features of a step: voltage and current. */
    int FEATURES = 2;

    /** The sizes of a network of this form. */
    LstmConfig config(int hidden, int layers);

    /**
     * Checks a network's sizes.
     *
     * @throws IllegalArgumentException if they are not those of a network of this form
     */
    default void requireNetwork(LstmConfig config) {
        if (!config.equals(config(config.hidden(), config.layers()))) {
            throw new IllegalArgumentException("A network for " + this + " expected, got " + config);
        }
    }

    /**
     * Checks sequences that a network is to run over.
     *
     * @throws IllegalArgumentException if it was not trained for sequences of this length
     */
    default void requireSteps(int steps) {}

    /** The name in files and commands. */
    String label();

    /** Adds the form's own parameters to the entries of a file. */
    void describe(Map<String, Object> entries);

    /** Reads a form; gives null if the metadata's form is another one. */
    @FunctionalInterface
    interface Reader {
        /** Reads a form from what {@link TraceForm#describe} has written, under its label as {@code form}. */
        TraceForm read(Metadata metadata);
    }
}
