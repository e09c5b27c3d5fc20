package org.spikecast.counts.internal;

import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.counts.Form;
import org.spikecast.kernel.Kernel;
import org.spikecast.lstm.Network;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkTape;
import org.spikecast.model.Forecaster;
import org.spikecast.model.Task;
import org.spikecast.model.internal.Metadata;
import org.spikecast.run.Progress;

/**
 * A forecast of the next bin of a series.
 *
 * @param form the input and output layout
 * @param window T, bins that a forecast reads
 * @param widthMs width of a bin
 * @param slideMs distance between the starts of successive bins
 * @param testFraction fraction of the bins, the last ones, not used in training
 * @param seed of the training
 */
public record CountTask(Form form, int window, double widthMs, double slideMs, double testFraction, long seed)
        implements Task {
    /** Reads a task from a model file's metadata; null if its form is not one of {@link Form}. */
    public static CountTask read(Map<?, ?> entries) {
        Metadata metadata = new Metadata(entries);
        for (Form form : Form.values()) {
            if (form.label().equals(metadata.form())) {
                return new CountTask(
                        form,
                        metadata.count("window"),
                        metadata.number("bin_ms").doubleValue(),
                        metadata.number("slide_ms").doubleValue(),
                        metadata.number("test_fraction").doubleValue(),
                        metadata.whole("seed"));
            }
        }
        return null;
    }

    @Override
    public void describe(Map<String, Object> metadata) {
        metadata.put("form", form.label());
        metadata.put("window", window);
        metadata.put("bin_ms", widthMs);
        metadata.put("slide_ms", slideMs);
        metadata.put("test_fraction", testFraction);
        metadata.put("seed", seed);
    }

    /**
     * Forecasts the bins from {@code firstBin} to {@code endBin} - 1, each from the window before it and a zero state.
     *
     * @param model a forecaster of this task
     * @param sequences in the data's units
     * @param progress polled; an interruption ends the work
     * @return bins x (S O), in the data's units
     */
    public DMatrixRMaj forecast(
            Kernel kernel, Forecaster model, Sequences sequences, int firstBin, int endBin, Progress progress) {
        NetworkConfig config = model.network().config();
        if (sequences.inputs() != config.inputs() || sequences.outputs() != config.outputs()) {
            throw new IllegalArgumentException("The model is for data with " + config.inputs() + " features and "
                    + config.outputs() + " outputs per sequence, these have " + sequences.inputs() + " and "
                    + sequences.outputs() + ": give data like those that it was trained on, or train another model");
        }
        Sequences scaled = sequences.scaled(model.inputs(), model.outputs());
        return model.forecast(outputs(kernel, model.network(), scaled, window, firstBin, endBin, progress));
    }

    /** The outputs of a network on sequences on the network's scale: bins x (S O). */
    static DMatrixRMaj outputs(
            Kernel kernel,
            NetworkParameters network,
            Sequences scaled,
            int window,
            int firstBin,
            int endBin,
            Progress progress) {
        NetworkTape tape = new NetworkTape(network.config(), window, Windows.BATCH, 1);
        return Windows.forecast(scaled, window, firstBin, endBin, progress, x -> {
            Network.forward(kernel, network, x, null, tape);
            return tape.output();
        });
    }
}
