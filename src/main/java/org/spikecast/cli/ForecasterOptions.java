package org.spikecast.cli;

import org.spikecast.data.Form;
import org.spikecast.experiment.Training;
import org.spikecast.train.TrainingOptions;

/** The options that say how forecasters are built and trained; each holds for every form that is trained. */
final class ForecasterOptions {
    private final Command command;
    private final Option<Integer> window;
    private final Option<Integer> lossSteps;
    private final Option<Integer> hidden;
    private final Option<Integer> layers;
    private final Option<Integer> epochs;
    private final Option<Integer> batch;
    private final Option<Double> learningRate;
    private final Option<Integer> warmUp;
    private final Option<Double> clip;
    private final Option<Integer> patience;
    private final Option<Double> forgetBias;
    private final Option<Integer> threads;
    private final Option<Double> testFraction;
    private final Option<Double> validationFraction;

    ForecasterOptions(Command command) {
        this.command = command;
        window = integer("--window", "Bins that a forecast reads. Default: 40 (shared), 10 (full).");
        lossSteps = integer(
                "--loss-steps",
                "Last steps of a window whose output counts in the loss. Default: half of them, at most 10 (shared), 1"
                        + " (full).");
        hidden = integer("--hidden", "Hidden units of a layer. Default: 16 (shared), 64 (full).");
        layers = integer("--layers", "Layers of the LSTM. Default: 1.");
        epochs = integer("--epochs", "Passes over the training targets, at most. Default: 10 (shared), 15 (full).");
        batch = integer("--batch", "Windows of one update. Default: 2560 targets in all (shared), 32 (full).");
        learningRate =
                number("--learning-rate", "Highest learning rate of Adam. Default: 0.01 (shared), 0.001 (full).");
        warmUp = integer("--warm-up", "Updates in which the learning rate rises. Default: 20.");
        clip = number("--clip", "Longest norm of a gradient. Default: 1.");
        patience = integer("--patience", "Epochs without improvement after which training ends. Default: 5.");
        forgetBias = number("--forget-bias", "Added to the initial bias of the forget gate. Default: 0.");
        threads = command.option(
                "--threads", Integer.class, "N", "1", "Threads that train, at most; the results stay the same.");
        testFraction = command.option(
                "--test-fraction", Double.class, "X", "0.2", "Part of the bins, the last ones, to test on.");
        validationFraction = command.option(
                "--validation-fraction",
                Double.class,
                "X",
                "0.125",
                "Part of the other bins, the last ones, that decides when training ends.");
    }

    private Option<Integer> integer(String name, String description) {
        return command.option(name, Integer.class, "N", null, description);
    }

    private Option<Double> number(String name, String description) {
        return command.option(name, Double.class, "X", null, description);
    }

    /**
     * How one form is trained.
     *
     * @param smoke whether a training of a second is wanted
     */
    Training training(Form form, long seed, boolean smoke) {
        boolean shared = form == Form.SHARED;
        int bins = window.or(shared ? 40 : 10);
        int lossBins = lossSteps.or(shared ? Math.max(1, Math.min(10, bins / 2)) : 1);
        return new Training(
                form,
                new TrainingOptions(
                        bins,
                        lossBins,
                        hidden.or(shared ? 16 : 64),
                        layers.or(1),
                        epochs.or(smoke ? 1 : shared ? 10 : 15),
                        batch.or(shared ? Math.max(1, 2560 / Math.max(1, lossBins)) : 32),
                        learningRate.or(shared ? 0.01 : 0.001),
                        warmUp.or(20),
                        clip.or(1.0),
                        patience.or(5),
                        forgetBias.or(0.0),
                        seed,
                        threads.get()));
    }

    double testFraction() {
        return testFraction.get();
    }

    double validationFraction() {
        return validationFraction.get();
    }
}
