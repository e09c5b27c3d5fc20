package org.spikecast.model.internal;

import java.util.Map;
import java.util.Set;
import org.spikecast.model.Task;

/** The task of a model file that was not interpreted; it is written as it was read. */
public record UnreadTask(Metadata metadata) implements Task {
    /** Entries that describe the forecaster, not its task. */
    private static final Set<String> OF_THE_FORECASTER =
            Set.of("version", "input_offset", "input_scale", "output_offset", "output_scale", "loss");

    @Override
    public long seed() {
        return metadata.whole("seed");
    }

    @Override
    public void describe(Map<String, Object> text) {
        metadata.entries().forEach((key, value) -> {
            if (!OF_THE_FORECASTER.contains(key)) {
                text.put(String.valueOf(key), value);
            }
        });
    }
}
