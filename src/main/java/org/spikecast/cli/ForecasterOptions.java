package org.spikecast.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.spikecast.counts.Form;
import org.spikecast.counts.RingStudy;
import org.spikecast.counts.Series;
import org.spikecast.counts.internal.CoupledStudy;
import org.spikecast.counts.internal.RingSetup;
import org.spikecast.counts.internal.Split;
import org.spikecast.counts.internal.Training;
import org.spikecast.train.TrainingOptions;

/** The options of building and training forecasters of series; each applies to every form that is trained. */
final class ForecasterOptions {
    private final Option<String> cell;
    private final Option<Integer> window;
    private final Option<Integer> lossSteps;
    private final LossOption loss;
    private final LearningOptions learning;
    private final Option<Double> testFraction;
    private final Option<Double> testDuration;
    private final Option<Double> validationFraction;

    /**
     * The options.
     *
     * @param usual the study whose defaults the help text names
     * @param forms that are trained
     */
    ForecasterOptions(Command command, RingStudy usual, List<Form> forms) {
        command.section(Section.TRAINING);
        cell = LearningOptions.cellOption(command);
        window = command.option("--window", Integer.class, "N", null, "Number of bins that a forecast reads.")
                .byDefault(each(forms, form -> String.valueOf(RingStudy.window(form))));
        lossSteps = command.option(
                        "--loss-steps",
                        Integer.class,
                        "N",
                        null,
                        "Steps at the end of a window whose outputs enter the loss; by default at most half of the window.")
                .byDefault(each(forms, form -> String.valueOf(RingStudy.lossSteps(form, RingStudy.window(form)))));
        loss = new LossOption(command, RingStudy.LOSS.label());
        learning = new LearningOptions(
                command,
                "passes over the training targets",
                forms.stream()
                        .map(form -> new LearningOptions.Usual(
                                form.label(), usual.training(form).options()))
                        .toList(),
                List.of());
        command.section(Section.EXPERIMENT);
        testFraction = command.option(
                        "--test-fraction", Double.class, "X", null, "Fraction of the bins, the last ones, to test on.")
                .byDefault(RingStudy.TEST_FRACTION);
        testDuration = command.option(
                "--test-duration",
                Double.class,
                "X",
                null,
                "Length of the test part, ms, instead of a fraction. run simulates it after --duration; train takes the end of"
                        + " the data.");
        validationFraction = command.option(
                "--validation-fraction",
                Double.class,
                "X",
                String.valueOf(RingStudy.VALIDATION_FRACTION),
                "Fraction of the other bins, the last ones, on which training is validated.");
    }

    private static String each(List<Form> forms, Function<Form, String> value) {
        Map<String, String> values = new LinkedHashMap<>();
        forms.forEach(form -> values.put(form.label(), value.apply(form)));
        return Command.each(values);
    }

    /** The training of one form of a study on a series. */
    Training training(Form form, RingStudy study, Series series) {
        int bins = window.or(RingStudy.window(form));
        int lossBins = lossSteps.or(RingStudy.lossSteps(form, bins));
        TrainingOptions options = study.options(form, lossBins).with(LearningOptions.cell(cell));
        Training training = new Training(form, bins, lossBins, loss.or(RingStudy.LOSS), learning.or(options));
        Split split =
                Split.byTime(series.bins(), series.overlap(), testFraction(series.durationMs()), validationFraction());
        split.requireWindow(bins);
        learning.requireBatch(training.windows(series, split));
        return training;
    }

    /** The training of the form coupled on a series; null if it does not fit. Its variants share the processors. */
    CoupledStudy coupled(RingStudy study, Series series) {
        return study.coupled(
                series, Math.max(learning.threads(), Runtime.getRuntime().availableProcessors()));
    }

    /** Throws if an option is given that has no effect where the form coupled alone is trained. */
    void requireCoupled() {
        String reason = "the form coupled chooses its sizes, its loss and its training by the data";
        Command.refuse(reason, cell, window, lossSteps);
        loss.refuse(reason);
        learning.refuse(reason);
    }

    /** The simulation of a run, longer by {@code --test-duration} if it is given. */
    RingSetup withTest(RingSetup setup) {
        if (testDuration.get() == null) {
            return setup;
        }
        Split.requireTestDuration(testDuration.get());
        return setup.withDuration(setup.durationMs() + testDuration.get());
    }

    /**
     * The fraction of the bins to test on.
     *
     * @param totalMs the time that the bins cover
     */
    double testFraction(double totalMs) {
        if (testDuration.get() == null) {
            return testFraction.or(RingStudy.TEST_FRACTION);
        }
        if (testFraction.get() != null) {
            throw new IllegalArgumentException(
                    "--test-fraction and --test-duration exclude each other: give one of them");
        }
        return Split.testFraction(testDuration.get(), totalMs);
    }

    double validationFraction() {
        return validationFraction.get();
    }
}
