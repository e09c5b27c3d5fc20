package org.spikecast.voltage.internal;

import java.util.List;
import java.util.Map;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.model.Task;
import org.spikecast.model.internal.Metadata;

/**
 * A forecast of a voltage trace.
 *
 * @param form the input and output layout
 * @param sampleMs the interval between samples
 * @param seed of the training
 */
public record TraceTask(TraceForm form, double sampleMs, long seed) implements Task {
    /** The forms that are known. */
    private static final List<TraceForm.Reader> FORMS = List.of(BlockForm::read, StepForm::read);

    /** Reads a task from a model file's metadata; null if its form is not one of voltage traces. */
    public static TraceTask read(Map<?, ?> entries) {
        Metadata metadata = new Metadata(entries);
        for (TraceForm.Reader reader : FORMS) {
            TraceForm form = reader.read(metadata);
            if (form != null) {
                return new TraceTask(form, metadata.number("sample_ms").doubleValue(), metadata.whole("seed"));
            }
        }
        return null;
    }

    @Override
    public void describe(Map<String, Object> metadata) {
        metadata.put("form", form.label());
        form.describe(metadata);
        metadata.put("sample_ms", sampleMs);
        metadata.put("seed", seed);
    }

    @Override
    public void requireNetwork(NetworkConfig config) {
        form.requireNetwork(config);
    }

    @Override
    public void requireSteps(int steps) {
        form.requireSteps(steps);
    }
}
