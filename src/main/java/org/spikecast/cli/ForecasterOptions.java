package org.spikecast.cli;

import org.spikecast.counts.Form;
import org.spikecast.counts.Training;
import org.spikecast.train.Optimiser;
import org.spikecast.train.Schedule;
import org.spikecast.train.TrainingOptions;

/** The options that say how forecasters of series are built and trained; each holds for every form that is trained. */
final class ForecasterOptions {
    private final Option<Integer> window;
    private final Option<Integer> lossSteps;
    private final LearningOptions learning;
    private final Option<Double> testFraction;
    private final Option<Double> validationFraction;

    ForecasterOptions(Command command) {
        window = command.option(
                "--window", Integer.class, "N", null, "Bins that a forecast reads. Default: 40 (shared), 10 (full).");
        lossSteps = command.option(
                "--loss-steps",
                Integer.class,
                "N",
                null,
                "Last steps of a window whose output counts in the loss. Default: half of them, at most 10 (shared), 1"
                        + " (full).");
        learning = new LearningOptions(
                command,
                new LearningOptions.Defaults(
                        "16 (shared), 64 (full)",
                        "Passes over the training targets",
                        "10 (shared), 15 (full)",
                        "2560 targets in all (shared), 32 (full)",
                        "adam",
                        "0.01 (shared), 0.001 (full)",
                        "20",
                        "5",
                        "1 (off)",
                        "1",
                        "0",
                        "0 (off)"));
        testFraction = command.option(
                "--test-fraction", Double.class, "X", "0.2", "Part of the bins, the last ones, to test on.");
        validationFraction = command.option(
                "--validation-fraction",
                Double.class,
                "X",
                "0.125",
                "Part of the other bins, the last ones, that decides when training ends.");
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
                bins,
                lossBins,
                learning.or(new TrainingOptions(
                        shared ? 16 : 64,
                        1,
                        smoke ? 1 : shared ? 10 : 15,
                        shared ? Math.max(1, 2560 / Math.max(1, lossBins)) : 32,
                        Schedule.cosine(shared ? 0.01 : 0.001, 20),
                        Optimiser.Method.ADAM,
                        0,
                        1,
                        1,
                        5,
                        0,
                        0,
                        seed,
                        1)));
    }

    double testFraction() {
        return testFraction.get();
    }

    double validationFraction() {
        return validationFraction.get();
    }
}
