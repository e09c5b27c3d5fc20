package org.spikecast.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.spikecast.io.Label;
import org.spikecast.kernel.Kernel;
import org.spikecast.neuron.Ca1Regime;
import org.spikecast.run.RunFolder;
import org.spikecast.train.Optimiser;
import org.spikecast.train.Schedule;
import org.spikecast.train.TrainingOptions;
import org.spikecast.voltage.BlockForm;
import org.spikecast.voltage.Ca1Data;
import org.spikecast.voltage.Ca1Experiment;
import org.spikecast.voltage.Ca1Report;
import org.spikecast.voltage.Ca1Training;
import org.spikecast.voltage.StepForm;

/** {@code spikecast run ca1-REGIME}: from simulated CA1 neurons to forecasts of their voltage. */
final class RunCa1Command extends Command {
    /** What an epoch is here. */
    private static final int UPDATES_PER_EPOCH = 250;

    private static final int EPOCHS = 96;
    private static final int FULL_EPOCHS = 2000;

    /** Of each network that is compared with others in a study. */
    private static final int STUDY_EPOCHS = 400;

    private static final int ORDER_EPOCHS = 24;
    private static final int STEP_EPOCHS = 80;
    private static final int FULL_STEP_EPOCHS = 200;

    /** Of the network of steps that a study of irregular bursting has: 64 units, pieces of 400. */
    private static final int LARGE_STEP_EPOCHS = 180;

    private static final double LARGE_REST_FORCING = 0.01;
    private static final double LARGE_SPIKE_FORCING = 0.03;
    private static final int LARGE_STEP_AVERAGING = 300;

    private static final int STEP_AVERAGING = 200;
    private static final double SPIKE_FORCING = 0.06;
    private static final double REST_FORCING = 0.003;

    /** Where errors grow by themselves, weaker forcing lets the gradients of a small network explode. */
    private static final double CHAOTIC_REST_FORCING = 0.02;

    /** Steps that a network of steps remembers at first: some time constants of the slowest gating variables. */
    private static final double STEP_MEMORY = 3000;

    /** Trajectories as long as those of free runs, at most: each takes five times the room of another one. */
    private static final int MOST_LONG_CELLS = 400;

    private static final int[] HORIZONS = {1, 100, 200};
    private static final int SEEDS = 3;

    private static final String[] FORMS = {"block", "step", "both"};
    private static final int BLOCK = 0;
    private static final int STEP = 1;
    private static final int BOTH = 2;

    private final Ca1Regime regime;
    private final Option<Path> out = out();
    private final Option<Long> seed = seed();
    private final Option<Boolean> smoke = flag("--smoke", "A run of seconds. Its scores mean nothing.");
    private final Option<Boolean> full = flag(
            "--full",
            "The study, an hour or two: a network that learns longest; horizons of 1, 50 (three seeds), 100 and 200 samples, "
                    + STUDY_EPOCHS + " epochs each; orders and heads (three seeds), " + ORDER_EPOCHS
                    + " each. In irregular bursting the network of steps has"
                    + " 64 units, pieces of 400 samples, " + LARGE_STEP_EPOCHS
                    + " epochs, and half the forcing.");
    private final Option<Boolean> resume = resume();
    private final Option<String> form = option(
            "--form",
            String.class,
            "NAME",
            "both",
            "block: blocks forecast from windows; step: sample by sample, with a state that is carried along; both, with"
                    + " what is said of learning below for the blocks.");
    private final Option<Integer> horizon =
            option("--horizon", Integer.class, "N", null, "N_p, samples that are forecast at once. Default: 50.");
    private final Option<Integer> window =
            option("--window", Integer.class, "N", null, "Samples that a forecast reads. Default: the horizon.");
    private final Option<String> order =
            option("--order", String.class, "NAME", "reversed", "In which order they are read: reversed or forward.");
    private final Option<String> head = option(
            "--head",
            String.class,
            "NAME",
            "last",
            "What the output layer reads: the last state, every state (a sample each), or all states at once.");
    private final Option<Integer> piece = option(
            "--piece",
            Integer.class,
            "N",
            null,
            "Samples of a trace that a network of steps learns at once. Default: 200.");
    private final Option<Double> restForcing = option(
            "--rest-forcing",
            Double.class,
            "X",
            null,
            "It learns in runs of its own, drawn back to the truth: of the voltage's error this part is taken away from sample"
                    + " to sample at the end of training. Default: " + REST_FORCING + "; " + CHAOTIC_REST_FORCING
                    + " in irregular bursting.");
    private final Option<Double> spikeForcing =
            option("--spike-forcing", Double.class, "X", null, "The same in spikes. Default: " + SPIKE_FORCING + ".");
    private final Option<Double> lowestCurrent =
            option("--lowest-current", Double.class, "X", null, "Of the trajectories, uA/cm2. Default: the regime's.");
    private final Option<Double> highestCurrent =
            option("--highest-current", Double.class, "X", null, "Of the trajectories, uA/cm2. Default: the regime's.");
    private final Option<Integer> cells = option(
            "--cells",
            Integer.class,
            "N",
            null,
            "Trajectories to learn from; networks of steps learn from " + MOST_LONG_CELLS
                    + " at most. Default: 400; 1600 with --full.");
    private final Option<Double> duration =
            option("--duration", Double.class, "X", null, "Of a trajectory, ms. Default: 500.");
    private final Option<Double> sample = option("--sample", Double.class, "X", "0.1", "Interval between samples, ms.");
    private final Option<Double> dt = option("--dt", Double.class, "X", "0.02", "Step of the simulation, ms.");
    private final Option<Integer> starts =
            option("--starts", Integer.class, "N", null, "Starts of free runs. Default: 200; 1000 with --full.");
    private final LearningOptions learning = new LearningOptions(
            this,
            new LearningOptions.Defaults(
                    "64 (block), 32 (step)",
                    "Times " + UPDATES_PER_EPOCH + " updates",
                    EPOCHS + " (block), " + STEP_EPOCHS + " (step); with --full " + FULL_EPOCHS + ", "
                            + FULL_STEP_EPOCHS,
                    "16 (block), 32 (step)",
                    "adam (block), soap (step)",
                    "0.005 (block), 0.03 (step; 0.01 with adam)",
                    "100",
                    "all epochs",
                    "1 (off; block), " + STEP_AVERAGING + " (step)",
                    "0.2 (block), 0.01 (step; 1 with adam)",
                    "0",
                    "the window (block), 3000 (step)"));
    private final Ca1ParameterOptions neuron = new Ca1ParameterOptions(this);

    RunCa1Command(Ca1Regime regime) {
        super(
                "run ca1-" + regime.label(),
                "Simulates CA1 neurons, trains networks to forecast their voltage, and writes a report.");
        this.regime = regime;
    }

    @Override
    int run(Console console, List<String> arguments) throws Exception {
        Ca1Experiment experiment = experiment(arguments);
        Kernel kernel = console.kernel();
        RunFolder folder = RunFolder.create(out.get(), experiment.name(), experiment.arguments(), resume.get());
        Ca1Experiment.Results results = experiment.run(kernel, folder, console);
        console.table(Ca1Report.head(), Ca1Report.rows(results));
        console.closing(folder, experiment.arguments());
        return Main.DONE;
    }

    private Ca1Experiment experiment(List<String> arguments) {
        boolean quick = smoke.get();
        if (quick && full.get()) {
            throw new IllegalArgumentException("--smoke and --full: choose one");
        }
        double observedMs = quick ? 120 : 2000;
        double forecastMs = quick ? 40 : 500;
        int learned = cells.or(quick ? 8 : full.get() ? 1600 : 400);
        Ca1Data.Setup setup = new Ca1Data.Setup(
                neuron.parameters(),
                lowestCurrent.or(regime.lowestCurrent()),
                highestCurrent.or(regime.highestCurrent()),
                seed.get(),
                learned,
                form.choice(FORMS) == BLOCK ? 0 : Math.min(learned, MOST_LONG_CELLS),
                quick ? 4 : 20,
                quick ? 4 : 40,
                starts.or(quick ? 6 : full.get() ? 1000 : 200),
                duration.or(quick ? 60.0 : 500.0),
                observedMs + forecastMs,
                sample.get(),
                dt.get());
        return new Ca1Experiment(
                "ca1-" + regime.label(),
                setup,
                block(),
                trainings(quick),
                quick ? 100 : Ca1Experiment.TEST_BLOCKS,
                observedMs,
                quick ? 0 : 1000,
                List.of(0.001, 1.0),
                repeatable(arguments, seed.get()));
    }

    private BlockForm block() {
        int samples = horizon.or(50);
        return new BlockForm(
                window.or(samples),
                samples,
                order.choice(BlockForm.Order.values()),
                head.choice(BlockForm.Head.values()));
    }

    /** What is to be trained, the network to be saved first. */
    List<Ca1Training> trainings(boolean quick) {
        int forms = form.choice(FORMS);
        int updates = quick ? 10 : UPDATES_PER_EPOCH;
        List<Ca1Training> trainings = new ArrayList<>();
        if (full.get() && (horizon.get() != null || window.get() != null)) {
            throw new IllegalArgumentException("--full trains several horizons: leave out --horizon and --window");
        }
        if (forms != STEP) {
            BlockForm block = block();
            int epochs = quick ? 2 : full.get() ? FULL_EPOCHS : EPOCHS;
            TrainingOptions options = learning.or(
                    defaults(quick ? 8 : 64, epochs, 16, Optimiser.Method.ADAM, 0.005, 1, 0.2, memory(block.window())));
            boolean longest = full.get() && options.epochs() > STUDY_EPOCHS;
            Ca1Training.Group group = longest ? Ca1Training.Group.LONGEST : Ca1Training.Group.HORIZONS;
            trainings.add(new Ca1Training("np" + block.horizon(), group, block, updates, options));
            if (full.get()) {
                study(trainings, block, updates, options);
            }
        }
        if (forms != BLOCK) {
            boolean chaotic = regime == Ca1Regime.IRREGULAR_BURSTING;
            boolean large = full.get() && chaotic;
            int epochs = quick ? 2 : large ? LARGE_STEP_EPOCHS : full.get() ? FULL_STEP_EPOCHS : STEP_EPOCHS;
            boolean soap = forms == BOTH || learning.optimiser(Optimiser.Method.SOAP) == Optimiser.Method.SOAP;
            // By SOAP a step depends on the lengths of gradients in relation to each other: so short a clip keeps them
            // alike.
            TrainingOptions options = defaults(
                    quick ? 4 : large ? 64 : 32,
                    epochs,
                    quick ? 4 : 32,
                    soap ? Optimiser.Method.SOAP : Optimiser.Method.ADAM,
                    !soap ? 0.01 : large ? 0.02 : 0.03,
                    large ? LARGE_STEP_AVERAGING : STEP_AVERAGING,
                    soap ? 0.01 : 1,
                    STEP_MEMORY);
            StepForm step = new StepForm(
                    piece.or(quick ? 100 : large ? 400 : 200),
                    restForcing.or(large ? LARGE_REST_FORCING : chaotic ? CHAOTIC_REST_FORCING : REST_FORCING),
                    spikeForcing.or(large ? LARGE_SPIKE_FORCING : SPIKE_FORCING));
            TrainingOptions chosen = forms == STEP ? learning.or(options) : options;
            // Of the first 100 ms of a walk, ten pieces of a smoke run, nothing is learned.
            int pieces = quick ? 20 : UPDATES_PER_EPOCH;
            trainings.add(new Ca1Training("step", Ca1Training.Group.STEPS, step, pieces, chosen));
        }
        return trainings;
    }

    private TrainingOptions defaults(
            int hidden,
            int epochs,
            int batch,
            Optimiser.Method method,
            double rate,
            int averaging,
            double clip,
            double memory) {
        Schedule schedule = Schedule.cosine(rate, smoke.get() ? 5 : 100);
        return new TrainingOptions(
                hidden,
                1,
                epochs,
                batch,
                schedule,
                method,
                0,
                averaging,
                clip,
                epochs,
                0,
                memory,
                seed.get(),
                learning.threads());
    }

    /** Steps that a network of blocks remembers at first: the window. */
    private static double memory(int window) {
        return Math.max(3, window);
    }

    /**
     * What a study has besides the first network. If that one learns no longer than the others it is the first of those with
     * its horizon.
     */
    private void study(List<Ca1Training> trainings, BlockForm form, int updates, TrainingOptions options) {
        int epochs = Math.min(options.epochs(), STUDY_EPOCHS);
        boolean longer = trainings.get(0).group() == Ca1Training.Group.LONGEST;
        for (int n : HORIZONS) {
            trainings.add(new Ca1Training(
                    "np" + n,
                    Ca1Training.Group.HORIZONS,
                    new BlockForm(n, n, form.order(), form.head()),
                    updates,
                    options.lasting(epochs, memory(n), options.seed())));
        }
        for (long s = options.seed(); s < options.seed() + SEEDS; s++) {
            if (longer || s > options.seed()) {
                trainings.add(new Ca1Training(
                        "np" + form.horizon() + "-seed" + s,
                        Ca1Training.Group.HORIZONS,
                        form,
                        updates,
                        options.lasting(epochs, options.longestMemory(), s)));
            }
            for (BlockForm.Head h : BlockForm.Head.values()) {
                for (BlockForm.Order o : BlockForm.Order.values()) {
                    trainings.add(new Ca1Training(
                            Label.of(h) + "-" + Label.of(o) + "-seed" + s,
                            Ca1Training.Group.ORDERS,
                            new BlockForm(form.window(), form.horizon(), o, h),
                            updates,
                            options.lasting(Math.min(options.epochs(), ORDER_EPOCHS), options.longestMemory(), s)));
                }
            }
        }
    }
}
