package org.spikecast.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.spikecast.inspect.Recording;
import org.spikecast.io.internal.Json;
import org.spikecast.kernel.Kernel;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkState;
import org.spikecast.model.Forecaster;
import org.spikecast.run.RunFolder;

/** {@code spikecast inspect}: every gate, state and gradient of a run over given sequences, as arrays and as a page. */
final class InspectCommand extends Command {
    /** More numbers than these, 1 GB, are refused. */
    private static final long MOST_NUMBERS = 1L << 27;

    private final SequenceOptions sequences = new SequenceOptions(this);
    private final Option<Path> target = option(
            "--target",
            Path.class,
            "Y.npy",
            null,
            "Targets: sequences x outputs, or sequences x steps x outputs with --all-steps. Without them there are no gradients.");
    private final Option<Path> out = out();

    InspectCommand() {
        super(
                "inspect",
                "Shows every gate, state and gradient of a model over time: inspect.npz and the page inspect.html. Input and"
                        + " target are in the units of the data.",
                "spikecast inspect --model model.safetensors --input x.npy",
                "spikecast inspect --model model.safetensors --input x.npy --target y.npy --out inside");
    }

    @Override
    int run(Console console, List<String> arguments) throws Exception {
        if (sequences.coupled() != null) {
            throw new IllegalArgumentException(
                    "inspect shows LSTMs and GRUs, not models of the form coupled, in which an LSTM is only one part: train"
                            + " --form shared on the same data, and inspect that");
        }
        Forecaster model = sequences.model();
        NetworkConfig config = model.network().config();
        SequenceOptions.Sequences x = sequences.input(config);
        long numbers = 32L * config.layers() * x.batch() * x.steps() * config.hidden();
        if (numbers > MOST_NUMBERS) {
            throw new IllegalArgumentException("The record would hold about " + numbers / 1_000_000
                    + " million numbers, of "
                    + x.batch() + " sequences of " + x.steps() + " steps: take fewer sequences or steps, at most "
                    + MOST_NUMBERS / 1_000_000 + " million numbers");
        }
        NetworkState initial = sequences.state(config, x.batch());
        boolean everyStep = sequences.allSteps.get();
        double[] targets = target.get() == null ? null : sequences.target(target.get(), model, x);
        Kernel kernel = console.kernel(3 * x.work(model.network()));
        Recording recording = Recording.of(kernel, model, x.x(), x.batch(), x.steps(), everyStep, initial, targets);
        RunFolder folder = RunFolder.create(out.get(), name);
        return folder.fill(() -> {
            recording.writeArrays(folder.file("inspect.npz"));
            recording.writePage(
                    folder.file("inspect.html"), "Inside " + config.cell().caption(), sequences.source(target.get()));
            folder.writeManifest(arguments, 0, kernel, 1, null);
            console.remark("Open " + folder.file("inspect.html") + " in a browser");
            if (targets != null) {
                double[] loss = recording.arrays().get("loss").doubles();
                console.print(Json.writeCompact(Map.of("loss", loss[0])));
            }
            return Main.DONE;
        });
    }
}
