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

    /** T, the bins that a forecast reads; 0 if it reads all that came before. */
    int window();

    /** What it is and reads, as the beginning of a sentence: "An LSTM read ... and predicted the next one". */
    String summary(int channels);

    /** Adds what defines its training to metrics, if there is anything. */
    default void describe(Map<String, Object> json) {}

    /** The caption of an axis on which losses of its training are drawn. */
    String lossAxis();

    /** What that loss is, in a sentence. */
    String lossCaption();
}
