package org.spikecast.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import org.spikecast.io.internal.Decimal;
import org.spikecast.io.internal.Label;
import org.spikecast.lstm.Cell;
import org.spikecast.train.Optimiser;
import org.spikecast.train.Schedule;
import org.spikecast.train.TrainingOptions;

/** The options of building and training a network, for any data. */
final class LearningOptions {
    private static final int STEP_EPOCHS = 5;
    private static final double STEP_FACTOR = 0.5;

    private final Command command;
    private final List<Usual> usual;
    private final List<Usual> variants;
    private final Option<Integer> hidden;
    private final Option<Integer> layers;
    private final Option<Integer> epochs;
    private final Option<Integer> batch;
    private final Option<String> optimiser;
    private final Option<Double> learningRate;
    private final Option<Integer> warmUp;
    private final Option<String> schedule;
    private final Option<Integer> stepEpochs;
    private final Option<Double> stepFactor;
    private final Option<Double> weightDecay;
    private final Option<Integer> emaUpdates;
    private final Option<Double> clipNorm;
    private final Option<Integer> patience;
    private final Option<Double> forgetBias;
    private final Option<Double> chronoTMax;
    private final Option<Integer> threads;

    /** A training that a command offers: its defaults are those that the help text names. */
    record Usual(String name, TrainingOptions options) {}

    /**
     * The options.
     *
     * @param epoch describes an epoch
     * @param usual the trainings without any option
     * @param variants trainings with some other option; the help text names their defaults where they differ
     */
    LearningOptions(Command command, String epoch, List<Usual> usual, List<Usual> variants) {
        this.command = command;
        this.usual = usual;
        this.variants = variants;
        command.section(Section.TRAINING);
        hidden = integer("--hidden", "Hidden units per layer.", TrainingOptions::hidden);
        layers = integer("--layers", "Number of layers.", TrainingOptions::layers);
        epochs = integer("--epochs", "Maximum number of epochs, " + epoch + ".", TrainingOptions::epochs);
        batch = integer("--batch", "Sequences per update.", TrainingOptions::batch);
        optimiser = command.option(
                        "--optimiser",
                        String.class,
                        "NAME",
                        null,
                        "Optimiser: adam; or soap, Adam in the eigenbasis of the gradients' second moments.")
                .choices(Optimiser.Method.values())
                .byDefault(each(options -> Label.of(options.method())));
        learningRate = number(
                "--learning-rate",
                "Peak learning rate.",
                options -> options.schedule().peak());
        warmUp = integer(
                "--warm-up",
                "Linear warm-up, in updates.",
                options -> options.schedule().warmUp());
        schedule = command.option(
                        "--schedule",
                        String.class,
                        "NAME",
                        Label.of(Schedule.Shape.COSINE),
                        "Decay of the learning rate: cosine, step or constant.")
                .choices(Schedule.Shape.values());
        stepEpochs = command.option(
                        "--step-epochs",
                        Integer.class,
                        "N",
                        null,
                        "Epochs from one decay of --schedule step to the next.")
                .byDefault(STEP_EPOCHS);
        stepFactor = command.option(
                        "--step-factor",
                        Double.class,
                        "X",
                        null,
                        "Factor by which each of these decays multiplies the learning rate.")
                .byDefault(STEP_FACTOR);
        weightDecay = number("--weight-decay", "Decoupled weight decay, as in AdamW.", TrainingOptions::weightDecay);
        emaUpdates = integer(
                        "--ema-updates",
                        "Updates of the exponential moving average of the weights (EMA), which is validated and saved; 1"
                                + " for the weights themselves.",
                        TrainingOptions::emaUpdates)
                .formerly("--averaging");
        clipNorm = number("--clip-norm", "Gradient clipping: the largest norm.", TrainingOptions::clipNorm)
                .formerly("--clip");
        patience = integer(
                "--patience",
                "Epochs without a better validation loss after which training ends.",
                TrainingOptions::patience);
        forgetBias =
                number("--forget-bias", "Added to the initial bias of the forget gate.", TrainingOptions::forgetBias);
        chronoTMax = number(
                        "--chrono-t-max",
                        "Chrono initialisation (Tallec and Ollivier 2018) with this T_max, in steps, instead of a forget"
                                + " bias; 0 for none.",
                        TrainingOptions::chronoTMax)
                .formerly("--longest-memory");
        threads = command.option(
                "--threads", Integer.class, "N", "1", "Maximum number of training threads; it changes no result.");
    }

    private Option<Integer> integer(String name, String description, ToIntFunction<TrainingOptions> value) {
        return command.option(name, Integer.class, "N", null, description)
                .byDefault(each(options -> String.valueOf(value.applyAsInt(options))));
    }

    private Option<Double> number(String name, String description, ToDoubleFunction<TrainingOptions> value) {
        return command.option(name, Double.class, "X", null, description)
                .byDefault(each(options -> Decimal.shortest(value.applyAsDouble(options))));
    }

    /** The default of each training: one value if all have the same. */
    private String each(Function<TrainingOptions, String> value) {
        Map<String, String> values = new LinkedHashMap<>();
        usual.forEach(u -> values.put(u.name(), value.apply(u.options())));
        for (Usual variant : variants) {
            String other = value.apply(variant.options());
            if (!values.containsValue(other)) {
                values.put(variant.name(), other);
            }
        }
        return Command.each(values);
    }

    /** The option that names the cell of a network. */
    static Option<String> cellOption(Command command) {
        return command.option(
                        "--cell",
                        String.class,
                        "NAME",
                        Cell.LSTM.name(),
                        "Cell of the network: " + String.join(" or ", cells()) + ".")
                .choices(cells());
    }

    /** The cell that was chosen. */
    static Cell cell(Option<String> option) {
        return Cell.ALL.get(option.choice());
    }

    private static List<String> cells() {
        return Cell.ALL.stream().map(Cell::name).toList();
    }

    /** The optimiser that was chosen, or else this. */
    Optimiser.Method optimiser(Optimiser.Method fallback) {
        return optimiser.get() == null ? fallback : Optimiser.Method.values()[optimiser.choice()];
    }

    /**
     * Checks a batch size that was given.
     *
     * @param windows of an epoch
     */
    void requireBatch(int windows) {
        if (batch.isGiven() && batch.get() > windows) {
            throw new IllegalArgumentException(
                    "--batch: expected at most the " + windows + " windows of an epoch, got " + batch.get());
        }
    }

    int threads() {
        return threads.get();
    }

    /** Throws if one of these options is given where it has no effect. */
    void refuse(String reason) {
        Command.refuse(reason, hidden, layers, epochs, batch, optimiser, learningRate, warmUp, schedule, stepEpochs);
        Command.refuse(reason, stepFactor, weightDecay, emaUpdates, clipNorm, patience, forgetBias, chronoTMax);
    }

    /**
     * The options, with defaults for those not given: a forget bias replaces the default chrono initialisation, and
     * vice versa. A default patience lasts for all epochs if it lasts for all default epochs.
     */
    TrainingOptions or(TrainingOptions defaults) {
        Schedule.Shape shape = Schedule.Shape.values()[schedule.choice()];
        if (shape != Schedule.Shape.STEP && (stepEpochs.get() != null || stepFactor.get() != null)) {
            throw new IllegalArgumentException(
                    "--step-epochs and --step-factor have no effect without --schedule step");
        }
        int most = epochs.or(defaults.epochs());
        boolean biased = forgetBias.or(0.0) != 0;
        boolean spread = chronoTMax.or(0.0) != 0;
        return new TrainingOptions(
                defaults.cell(),
                hidden.or(defaults.hidden()),
                layers.or(defaults.layers()),
                most,
                batch.or(defaults.batch()),
                new Schedule(
                        shape,
                        learningRate.or(defaults.schedule().peak()),
                        warmUp.or(defaults.schedule().warmUp()),
                        stepEpochs.or(STEP_EPOCHS),
                        stepFactor.or(STEP_FACTOR)),
                optimiser(defaults.method()),
                weightDecay.or(defaults.weightDecay()),
                emaUpdates.or(defaults.emaUpdates()),
                clipNorm.or(defaults.clipNorm()),
                patience.or(defaults.patience() == defaults.epochs() ? most : defaults.patience()),
                forgetBias.or(spread ? 0 : defaults.forgetBias()),
                chronoTMax.or(biased ? 0 : defaults.chronoTMax()),
                defaults.seed(),
                threads.get());
    }
}
