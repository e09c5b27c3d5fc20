package org.spikecast.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.spikecast.counts.CountTask;
import org.spikecast.model.Forecaster;
import org.spikecast.model.ModelFile;
import org.spikecast.model.Task;
import org.spikecast.voltage.TraceTask;

/** Model files of every kind of task: the one place that lists them. */
final class Models {
    private static final List<Task.Reader> TASKS = List.of(CountTask::read, TraceTask::read);

    private Models() {}

    static Forecaster read(Path file) throws IOException {
        return ModelFile.read(file, TASKS);
    }
}
