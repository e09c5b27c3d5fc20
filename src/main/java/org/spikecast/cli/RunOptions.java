package org.spikecast.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.spikecast.run.RunFolder;

/** The options of a command that takes long: its folder, its checkpoints, and whether it resumes a run. */
final class RunOptions {
    private static final double USUAL_INTERVAL_S = 300;

    private final Option<Path> out;
    private final Option<Boolean> resume;
    private final Option<Path> checkpoint;
    private final Option<Double> interval;

    RunOptions(Command command) {
        command.section(Section.EXPERIMENT);
        out = command.out();
        resume = command.flag("--resume", "Resume the interrupted run in the folder --out.");
        checkpoint = command.option(
                        "--checkpoint",
                        Path.class,
                        "DIR",
                        null,
                        "Folder for checkpoints, new or empty: useful where a workflow engine deletes the results of a failed job.")
                .byDefault("the folder of the results");
        interval = command.option(
                        "--checkpoint-interval",
                        Double.class,
                        "X",
                        null,
                        "Seconds between two checkpoints within an epoch.")
                .byDefault(USUAL_INTERVAL_S);
    }

    /**
     * Makes the run's folder, or opens it to resume the run; from now on the command can be interrupted and resumed.
     */
    RunFolder folder(Console console, String name, List<String> arguments) throws IOException {
        double seconds = interval.or(USUAL_INTERVAL_S);
        if (!(seconds >= 0 && seconds <= Integer.MAX_VALUE)) {
            throw new IllegalArgumentException("--checkpoint-interval: expected 0 s or more, got " + seconds);
        }
        RunFolder folder = RunFolder.create(out.get(), name, checkpoint.get(), arguments, resume.get());
        folder.setCheckpointInterval(Duration.ofNanos((long) (1e9 * seconds)));
        List<String> words =
                new ArrayList<>(List.of("--resume", "--out", folder.path().toString()));
        if (checkpoint.get() != null) {
            words.addAll(List.of("--checkpoint", checkpoint.get().toString()));
        }
        console.interruption().handle(RunFolder.line(RunFolder.again(console.program(), arguments), words));
        return folder;
    }
}
