package org.spikecast.counts.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** A trained forecaster of spike counts, as an experiment saves and describes it. */
public interface CountModel {
    /** Writes the model file. */
    void write(Path file) throws IOException;

    /** The number of parameters. */
    int parameters();

    /** T, the bins that a forecast reads; 0 if it reads all bins before it. */
    int window();

    /** Sentences that describe the model, its size and its input, for the report. */
    String summary(int channels);

    /** Adds what defines its training to metrics, if there is anything. */
    default void describe(Map<String, Object> json) {}

    /** The caption of an axis on which losses of its training are drawn. */
    String lossAxis();

    /** A sentence that describes the loss. */
    String lossCaption();
}
