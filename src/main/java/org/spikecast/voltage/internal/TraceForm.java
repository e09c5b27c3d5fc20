package org.spikecast.voltage.internal;

import java.util.Map;
import org.spikecast.inspect.internal.InsideSection;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.model.internal.Metadata;
import org.spikecast.train.Scaling;
import org.spikecast.train.TrainingData;
import org.spikecast.voltage.TraceSource;

/** The input and output layout of a network that forecasts a voltage trace. */
public interface TraceForm {
    /** Features of a step: voltage and current. */
    int FEATURES = 2;

    /** The sizes of a network of this form. */
    NetworkConfig config(int hidden, int layers);

    /** T, the steps of a training sequence. */
    int learnedSteps();

    /**
     * Checks the sizes of a network of any cell.
     *
     * @throws IllegalArgumentException if they are not those of a network of this form
     */
    default void requireNetwork(NetworkConfig config) {
        if (!config.equals(config(config.hidden(), config.layers()).with(config.cell()))) {
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

    /**
     * Checks the trajectories of a source.
     *
     * @param settleMs the beginning of trajectories that is not learned where a state is carried
     * @param observedMs the time observed before a free run
     * @throws IllegalArgumentException if they are too short
     */
    void requireFit(TraceSource source, double settleMs, double observedMs);

    /** The traces that a network of this form is trained on. */
    Traces learned(TraceData data);

    /**
     * The training data of a network of this form.
     *
     * @param training the batch size, epochs and updates
     * @param settleMs the beginning of trajectories that is not learned where a state is carried
     * @param seed of the data
     */
    TrainingData trainingData(TraceData data, TraceTraining training, double settleMs, long seed);

    /**
     * A forecaster.
     *
     * @param network which must not change while the forecaster is used
     * @param scaling of voltage and current
     */
    TraceForecaster forecaster(Kernel kernel, NetworkParameters network, Scaling scaling);

    /**
     * The scaling of a network's outputs.
     *
     * @param inputs the scaling of voltage and current
     * @param outputs O
     */
    Scaling outputScaling(Scaling inputs, int outputs);

    /** The blocks that a forecaster is scored on: its own, or {@code others} if it has none. */
    BlockForm scoredBlocks(BlockForm others);

    /**
     * Sequences of the test part for the report's section on the activations of a network.
     *
     * @param count the number of sequences
     */
    InsideSection.Sequences inside(TraceData data, int count, RandomStream stream);

    /** A sentence that describes these sequences. */
    String insideCaption();

    /** The label of an axis of their steps. */
    default String insideAxis() {
        return InsideSection.TIME;
    }

    /** Whether the loss of the last step alone shows how far back a network of this form reaches. */
    default boolean hasReach() {
        return true;
    }

    /** The input of a network of this form, as part of a sentence: "the last 50 samples". */
    String inputCaption();

    /** The axis of a figure of training and validation loss. */
    String lossAxis();

    /** A caption that describes training and validation loss. */
    String lossCaption();

    /** Reads a form; returns null if the metadata's form is another one. */
    @FunctionalInterface
    interface Reader {
        /** Reads a form from the entries of {@link TraceForm#describe}, with its label as {@code form}. */
        TraceForm read(Metadata metadata);
    }
}
