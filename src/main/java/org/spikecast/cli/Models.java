package org.spikecast.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.spikecast.counts.internal.CountTask;
import org.spikecast.io.Safetensors;
import org.spikecast.model.Forecaster;
import org.spikecast.model.ModelFile;
import org.spikecast.model.Task;
import org.spikecast.voltage.internal.TraceTask;

/** Model files of every kind of task: the one place that lists them. */
final class Models {
    private Models() {}

    /** A class, not two method references: the JVM would make those at run time, which delays the start-up. */
    private static final class Tasks implements Task.Reader {
        @Override
        public Task read(Map<?, ?> metadata) {
            Task task = CountTask.read(metadata);
            return task == null ? TraceTask.read(metadata) : task;
        }
    }

    /** The option that names other connections for a model of the form coupled. */
    static Option<Path> edges(Command command) {
        return command.option(
                "--edges",
                Path.class,
                "DIR|FILE.npz",
                null,
                "Connections for a model of the form coupled, if not its own: a folder that simulate ring wrote, or arrays"
                        + " edges (target, source) and weights.");
    }

    /** A model of any form but coupled. */
    static Forecaster read(Path file) throws IOException {
        return read(file, Safetensors.read(file));
    }

    /** A model of any form but coupled, of a file whose content has been read. */
    static Forecaster read(Path file, Safetensors content) throws IOException {
        return ModelFile.read(file, content, List.of(new Tasks()));
    }
}
