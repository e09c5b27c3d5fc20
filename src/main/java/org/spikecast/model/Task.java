package org.spikecast.model;

import java.util.Map;
import org.spikecast.lstm.NetworkConfig;

/** The task of a forecaster: its layout, its bins, its seed. A task writes and reads its own entries of a model file's metadata. */
public interface Task {
    /** The seed of the training. */
    long seed();

    /**
     * Adds what defines the task to a model file's metadata.
     *
     * @param metadata by key: text, numbers, lists of numbers
     */
    void describe(Map<String, Object> metadata);

    /**
     * Checks a network's sizes.
     *
     * @throws IllegalArgumentException if they are not the task's
     */
    default void requireNetwork(NetworkConfig config) {}

    /**
     * Checks sequences that a forecaster is to run over.
     *
     * @param steps of each sequence
     * @throws IllegalArgumentException if the network was not trained for sequences of this length
     */
    default void requireSteps(int steps) {}

    /** Reads tasks of one kind. */
    @FunctionalInterface
    interface Reader {
        /**
         * Reads a task.
         *
         * @param metadata by key, as {@link Task#describe} wrote it, beside the forecaster's own entries
         * @return null if the form is not of this kind
         * @throws IllegalArgumentException if an entry is missing or of no meaning
         */
        Task read(Map<?, ?> metadata);
    }
}
