package org.spikecast.cli;

import org.spikecast.lstm.Cell;
import org.spikecast.train.Optimiser;
import org.spikecast.train.Schedule;
import org.spikecast.train.TrainingOptions;

/** The options that say how a network is built and trained, whatever it learns. */
final class LearningOptions {
    private final Command command;
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
    private final Option<Integer> averaging;
    private final Option<Double> clip;
    private final Option<Integer> patience;
    private final Option<Double> forgetBias;
    private final Option<Double> longestMemory;
    private final Option<Integer> threads;

    /**
     * What the help text says of defaults that depend on what is learned.
     *
     * @param epoch what an epoch is
     */
    record Defaults(
            String hidden,
            String epoch,
            String epochs,
            String batch,
            String optimiser,
            String rate,
            String warmUp,
            String patience,
            String averaging,
            String clip,
            String forgetBias,
            String longestMemory) {}

    LearningOptions(Command command, Defaults defaults) {
        this.command = command;
        hidden = integer("--hidden", "Hidden units of a layer.", defaults.hidden);
        layers = integer("--layers", "Layers.", "1");
        epochs = integer("--epochs", defaults.epoch + ", at most.", defaults.epochs);
        batch = integer("--batch", "Windows of one update.", defaults.batch);
        optimiser = command.option(
                "--optimiser",
                String.class,
                "NAME",
                null,
                "What changes the weights: adam; or soap, Adam in coordinates that fit the gradients. Default: "
                        + defaults.optimiser + ".");
        learningRate = number("--learning-rate", "Highest learning rate.", defaults.rate);
        warmUp = integer("--warm-up", "Updates in which the learning rate rises.", defaults.warmUp);
        schedule = command.option(
                "--schedule", String.class, "NAME", "cosine", "How the learning rate falls: cosine, step or constant.");
        stepEpochs = integer("--step-epochs", "Epochs after which a schedule of steps multiplies the rate.", "5");
        stepFactor = number("--step-factor", "What it multiplies the rate by.", "0.5");
        weightDecay = number("--weight-decay", "Weight decay, decoupled as AdamW's.", "0");
        averaging = integer(
                "--averaging", "Updates over which the weights that are kept are averaged.", defaults.averaging);
        clip = number("--clip", "Longest norm of a gradient.", defaults.clip);
        patience = integer("--patience", "Epochs without improvement after which training ends.", defaults.patience);
        forgetBias = number("--forget-bias", "Added to the initial bias of the forget gate.", defaults.forgetBias);
        longestMemory = number(
                "--longest-memory",
                "Steps over which units remember at first, from 2 to so many, instead of a forget bias.",
                defaults.longestMemory);
        threads = command.option(
                "--threads", Integer.class, "N", "1", "Threads that train, at most; the results stay the same.");
    }

    private Option<Integer> integer(String name, String description, String defaultText) {
        return command.option(name, Integer.class, "N", null, description + " Default: " + defaultText + ".");
    }

    private Option<Double> number(String name, String description, String defaultText) {
        return command.option(name, Double.class, "X", null, description + " Default: " + defaultText + ".");
    }

    /** The option that names the cell of a network. */
    static Option<String> cellOption(Command command) {
        return command.option(
                "--cell",
                String.class,
                "NAME",
                Cell.LSTM.name(),
                "Cell of the network: " + String.join(" or ", cells()) + ".");
    }

    /** The cell that was asked for. */
    static Cell cell(Option<String> option) {
        return Cell.ALL.get(option.choice(cells()));
    }

    private static String[] cells() {
        return Cell.ALL.stream().map(Cell::name).toArray(String[]::new);
    }

    /** The optimiser that was asked for, or else this. */
    Optimiser.Method optimiser(Optimiser.Method fallback) {
        return optimiser.get() == null ? fallback : optimiser.choice(Optimiser.Method.values());
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

    /**
     * The options, with defaults for what was not given: a forget bias puts off the default longest memory, and the other
     * way round. A default patience lasts for all epochs if it lasts for all default epochs.
     */
    TrainingOptions or(TrainingOptions defaults) {
        Schedule.Shape shape = schedule.choice(Schedule.Shape.values());
        if (shape != Schedule.Shape.STEP && (stepEpochs.get() != null || stepFactor.get() != null)) {
            throw new IllegalArgumentException("--step-epochs and --step-factor are for --schedule step");
        }
        int most = epochs.or(defaults.epochs());
        boolean biased = forgetBias.or(0.0) != 0;
        boolean spread = longestMemory.or(0.0) != 0;
        return new TrainingOptions(
                defaults.cell(),
                hidden.or(defaults.hidden()),
                layers.or(defaults.layers()),
                most,
                batch.or(defaults.batch()),
                new Schedule(
                        shape,
                        learningRate.or(defaults.schedule().highest()),
                        warmUp.or(defaults.schedule().warmUp()),
                        stepEpochs.or(5),
                        stepFactor.or(0.5)),
                optimiser(defaults.method()),
                weightDecay.or(defaults.weightDecay()),
                averaging.or(defaults.averaging()),
                clip.or(defaults.clipNorm()),
                patience.or(defaults.patience() == defaults.epochs() ? most : defaults.patience()),
                forgetBias.or(spread ? 0 : defaults.forgetBias()),
                longestMemory.or(biased ? 0 : defaults.longestMemory()),
                defaults.seed(),
                threads.get());
    }
}
