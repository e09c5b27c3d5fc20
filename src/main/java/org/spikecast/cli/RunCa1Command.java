package org.spikecast.cli;

import java.util.ArrayList;
import java.util.List;
import org.spikecast.kernel.Kernel;
import org.spikecast.neuron.Ca1Regime;
import org.spikecast.run.RunFolder;
import org.spikecast.train.Optimiser;
import org.spikecast.train.TrainingOptions;
import org.spikecast.voltage.Ca1Study;
import org.spikecast.voltage.internal.BlockForm;
import org.spikecast.voltage.internal.Ca1Source;
import org.spikecast.voltage.internal.StepForm;
import org.spikecast.voltage.internal.TraceExperiment;
import org.spikecast.voltage.internal.TraceReport;
import org.spikecast.voltage.internal.TraceTraining;

/** {@code spikecast run ca1-REGIME}: from simulated CA1 neurons to forecasts of their voltage. */
final class RunCa1Command extends Command {
    private static final String[] FORMS = {"block", "step", "both"};
    private static final int BLOCK = 0;
    private static final int STEP = 1;

    private final Ca1Regime regime;
    private final RunOptions run = new RunOptions(this);
    private final Option<Long> seed = seed();
    private final Option<Boolean> smoke = flag("--smoke", "A run of seconds. Its scores mean nothing.");
    private final Option<Boolean> full = flag(
            "--full",
            "The study, an hour or two: a network that learns longest; horizons of 1, 50 (three seeds), 100 and 200 samples, "
                    + Ca1Study.STUDY_EPOCHS + " epochs each; orders and heads (three seeds), " + Ca1Study.ORDER_EPOCHS
                    + " each. In irregular bursting the network of steps has"
                    + " 64 units, pieces of 400 samples, " + Ca1Study.LARGE_STEP_EPOCHS
                    + " epochs, and half the forcing.");
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
                    + " to sample at the end of training. Default: " + Ca1Study.REST_FORCING + "; "
                    + Ca1Study.CHAOTIC_REST_FORCING
                    + " in irregular bursting.");
    private final Option<Double> spikeForcing = option(
            "--spike-forcing", Double.class, "X", null, "The same in spikes. Default: " + Ca1Study.SPIKE_FORCING + ".");
    private final Option<Double> lowestCurrent =
            option("--lowest-current", Double.class, "X", null, "Of the trajectories, uA/cm2. Default: the regime's.");
    private final Option<Double> highestCurrent =
            option("--highest-current", Double.class, "X", null, "Of the trajectories, uA/cm2. Default: the regime's.");
    private final Option<Integer> cells = option(
            "--cells",
            Integer.class,
            "N",
            null,
            "Trajectories to learn from; networks of steps learn from " + Ca1Study.MOST_LONG_CELLS
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
                    "Times " + Ca1Study.UPDATES_PER_EPOCH + " updates",
                    Ca1Study.EPOCHS + " (block), " + Ca1Study.STEP_EPOCHS + " (step); with --full "
                            + Ca1Study.FULL_EPOCHS + ", " + Ca1Study.FULL_STEP_EPOCHS,
                    "16 (block), 32 (step)",
                    "adam (block), soap (step)",
                    "0.005 (block), 0.03 (step; 0.01 with adam)",
                    "100",
                    "all epochs",
                    "1 (off; block), " + Ca1Study.STEP_AVERAGING + " (step)",
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
        TraceExperiment experiment = experiment(arguments);
        Kernel kernel = console.kernel();
        RunFolder folder = run.folder(console, experiment.name(), experiment.arguments());
        TraceExperiment.Results results = folder.fill(() -> experiment.run(kernel, folder, console));
        console.table(TraceReport.head(), TraceReport.rows(results));
        console.closing(folder, experiment.arguments());
        return Main.DONE;
    }

    private TraceExperiment experiment(List<String> arguments) {
        Ca1Study study = study();
        Ca1Source usual = study.source(neuron.parameters());
        int learned = cells.or(usual.trainingCells());
        Ca1Source source = new Ca1Source(
                neuron.parameters(),
                lowestCurrent.or(usual.lowestCurrent()),
                highestCurrent.or(usual.highestCurrent()),
                seed.get(),
                learned,
                form.choice(FORMS) == BLOCK ? 0 : Math.min(learned, Ca1Study.MOST_LONG_CELLS),
                usual.validationCells(),
                usual.testCells(),
                starts.or(usual.freeRunCells()),
                duration.or(usual.durationMs()),
                usual.freeRunMs(),
                sample.get(),
                dt.get());
        return study.experiment(source, block(), trainings(), repeatable(arguments, seed.get()));
    }

    private Ca1Study study() {
        if (smoke.get() && full.get()) {
            throw new IllegalArgumentException("--smoke and --full: choose one");
        }
        Ca1Study.Size size = smoke.get() ? Ca1Study.Size.SMOKE : full.get() ? Ca1Study.Size.FULL : Ca1Study.Size.USUAL;
        return new Ca1Study(regime, size, seed.get());
    }

    private BlockForm block() {
        int samples = horizon.or(Ca1Study.block().horizon());
        return new BlockForm(
                window.or(samples),
                samples,
                order.choice(BlockForm.Order.values()),
                head.choice(BlockForm.Head.values()));
    }

    /** What is to be trained, the network to be saved first. */
    List<TraceTraining> trainings() {
        Ca1Study study = study();
        int forms = form.choice(FORMS);
        if (full.get() && (horizon.get() != null || window.get() != null)) {
            throw new IllegalArgumentException("--full trains several horizons: leave out --horizon and --window");
        }
        if (forms == BLOCK) {
            refuse("no network of steps is trained; see --form", piece, restForcing, spikeForcing);
        } else if (forms == STEP) {
            refuse("no network of blocks is trained; see --form", order, head);
        }
        List<TraceTraining> trainings = new ArrayList<>();
        if (forms != STEP) {
            BlockForm block = block();
            trainings.addAll(study.blockTrainings(block, learning.or(study.blockOptions(block))));
        }
        if (forms != BLOCK) { // where both are trained, the options of learning are for the blocks
            StepForm usual = study.stepForm();
            StepForm step = new StepForm(
                    piece.or(usual.pieceSteps()),
                    restForcing.or(usual.restForcing()),
                    spikeForcing.or(usual.spikeForcing()));
            TrainingOptions options = forms == STEP
                    ? learning.or(study.stepOptions(learning.optimiser(Optimiser.Method.SOAP)))
                    : study.stepOptions(Optimiser.Method.SOAP).onThreads(learning.threads());
            trainings.add(study.stepTraining(step, options));
        }
        return trainings;
    }
}
