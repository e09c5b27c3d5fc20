package org.spikecast.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import org.spikecast.io.internal.Decimal;
import org.spikecast.io.internal.Label;
import org.spikecast.kernel.Kernel;
import org.spikecast.neuron.Ca1Parameters;
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

    private static final Ca1Study USUAL = new Ca1Study(Ca1Regime.REGULAR_BURSTING, Ca1Study.Size.USUAL, 1);
    private static final Ca1Study FULL = new Ca1Study(Ca1Regime.REGULAR_BURSTING, Ca1Study.Size.FULL, 1);
    private static final Ca1Study CHAOTIC = new Ca1Study(Ca1Regime.IRREGULAR_BURSTING, Ca1Study.Size.USUAL, 1);
    private static final Ca1Study LARGE = new Ca1Study(Ca1Regime.IRREGULAR_BURSTING, Ca1Study.Size.FULL, 1);
    private static final Ca1Source SOURCE = USUAL.source(Ca1Parameters.normal());

    private final Ca1Regime regime;
    private final RunOptions run = new RunOptions(this);
    private final Option<Long> seed = seed();
    private final Option<Boolean> smoke =
            flag("--smoke", "Smoke test of seconds: tiny sizes; its scores are meaningless.");
    private final Option<Boolean> full = flag("--full", full());
    private final Option<Double> lowestCurrent = option(
                    "--lowest-current", Double.class, "X", null, "Lowest current of a trajectory, uA/cm2.")
            .byDefault("the regime's");
    private final Option<Double> highestCurrent = option(
                    "--highest-current", Double.class, "X", null, "Highest current of a trajectory, uA/cm2.")
            .byDefault("the regime's");
    private final Option<Integer> cells = option(
                    "--cells",
                    Integer.class,
                    "N",
                    null,
                    "Trajectories of the training data; autoregressive networks take at most "
                            + Ca1Study.MOST_LONG_CELLS + " of them.")
            .byDefault(withFull(study -> study.source(Ca1Parameters.normal()).trainingCells()));
    private final Option<Double> duration = option(
                    "--duration", Double.class, "X", null, "Duration of a trajectory, ms.")
            .byDefault(SOURCE.durationMs());
    private final Option<Double> sample =
            option("--sample", Double.class, "X", Decimal.shortest(SOURCE.sampleMs()), "Interval between samples, ms.");
    private final Option<Double> dt =
            option("--dt", Double.class, "X", Decimal.shortest(SOURCE.dtMs()), "Step of the simulation, ms.");
    private final Option<Integer> starts = option(
                    "--starts", Integer.class, "N", null, "Number of free runs, each from a start of its own.")
            .byDefault(withFull(study -> study.source(Ca1Parameters.normal()).freeRunCells()));

    {
        section(Section.NETWORK);
    }

    private final Option<String> form = option(
                    "--form",
                    String.class,
                    "NAME",
                    "both",
                    "block: direct forecasts of N_p samples from windows (sequence-to-sequence); step: an autoregressive,"
                            + " stateful network; both: one of each, where training options apply to block only.")
            .choices(FORMS);
    private final Option<Integer> horizon = option(
                    "--horizon", Integer.class, "N", null, "N_p, the number of samples of a direct forecast.")
            .byDefault(Ca1Study.block().horizon());
    private final Option<Integer> window = option(
                    "--window", Integer.class, "N", null, "Number of samples that a direct forecast reads.")
            .byDefault("the horizon");
    private final Option<String> order = option(
                    "--order",
                    String.class,
                    "NAME",
                    Label.of(Ca1Study.block().order()),
                    "Order in which a window is read: reversed or forward.")
            .choices(BlockForm.Order.values());
    private final Option<String> head = option(
                    "--head",
                    String.class,
                    "NAME",
                    Label.of(Ca1Study.block().head()),
                    "What the output layer reads. last: the last state; every: every state, for one sample each; all: all states at once.")
            .choices(BlockForm.Head.values());

    {
        section(Section.TRAINING);
    }

    private final Option<Integer> bpttSteps = option(
                    "--bptt-steps",
                    Integer.class,
                    "N",
                    null,
                    "Truncated backpropagation through time of an autoregressive network: steps of a segment.")
            .formerly("--piece")
            .byDefault(USUAL.stepForm().bpttSteps());
    private final Option<Double> forcingRest = option(
                    "--forcing-rest",
                    Double.class,
                    "X",
                    null,
                    "Generalised teacher forcing of an autoregressive network: its strength alpha at rest, at the end of"
                            + " training.")
            .formerly("--rest-forcing")
            .byDefault(withChaotic(study -> study.stepForm().forcingRest()));
    private final Option<Double> forcingSpikes = option(
                    "--forcing-spikes", Double.class, "X", null, "The strength of teacher forcing in spikes.")
            .formerly("--spike-forcing")
            .byDefault(withChaotic(study -> study.stepForm().forcingSpikes()));
    private final LearningOptions learning = new LearningOptions(
            this,
            Ca1Study.UPDATES_PER_EPOCH + " updates each",
            List.of(
                    new LearningOptions.Usual("block", USUAL.blockOptions(Ca1Study.block())),
                    new LearningOptions.Usual("step", USUAL.stepOptions(Optimiser.Method.SOAP))),
            List.of(new LearningOptions.Usual("step with adam", USUAL.stepOptions(Optimiser.Method.ADAM))));

    {
        section(Section.EXPERIMENT);
    }

    private final Option<Boolean> json = json();
    private final Ca1ParameterOptions neuron = new Ca1ParameterOptions(this);

    private static String full() {
        StepForm large = LARGE.stepForm();
        TrainingOptions options = LARGE.stepOptions(Optimiser.Method.SOAP);
        return "The study, an hour or two: a direct forecaster trained for " + Ca1Study.FULL_EPOCHS
                + " epochs; horizons of 1, 50 (three seeds), 100 and 200 samples, " + Ca1Study.STUDY_EPOCHS
                + " epochs each; orders and heads (three seeds), " + Ca1Study.ORDER_EPOCHS
                + " each; an autoregressive network trained for " + Ca1Study.FULL_STEP_EPOCHS
                + ", or in irregular bursting one of " + options.hidden() + " units, segments of " + large.bpttSteps()
                + " samples, " + options.epochs() + " epochs and forcing of " + Decimal.shortest(large.forcingRest())
                + " and " + Decimal.shortest(large.forcingSpikes()) + ".";
    }

    private static String withFull(ToIntFunction<Ca1Study> value) {
        return value.applyAsInt(USUAL) + "; " + value.applyAsInt(FULL) + " with --full";
    }

    private static String withChaotic(ToDoubleFunction<Ca1Study> value) {
        String usual = Decimal.shortest(value.applyAsDouble(USUAL));
        String chaotic = Decimal.shortest(value.applyAsDouble(CHAOTIC));
        return usual.equals(chaotic) ? usual : usual + "; " + chaotic + " in irregular bursting";
    }

    RunCa1Command(Ca1Regime regime) {
        super(
                "run ca1-" + regime.label(),
                "Simulates CA1 neurons in " + regime.label().replace('-', ' ') + " ("
                        + Decimal.shortest(regime.lowestCurrent()) + " to " + Decimal.shortest(regime.highestCurrent())
                        + " uA/cm2), forecasts their voltage and writes a report.",
                "spikecast run ca1-" + regime.label(),
                "spikecast run ca1-" + regime.label() + " --form step --threads 2 --out step");
        this.regime = regime;
    }

    @Override
    int run(Console console, List<String> arguments) throws Exception {
        TraceExperiment experiment = experiment(arguments);
        Kernel kernel = console.kernel();
        RunFolder folder = run.folder(console, experiment.name(), experiment.arguments());
        TraceExperiment.Results results = folder.fill(() -> experiment.run(kernel, folder, console));
        console.result(
                json.get(),
                folder,
                experiment.arguments(),
                () -> console.table(TraceReport.head(), TraceReport.rows(results)));
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
                form.choice() == BLOCK ? 0 : Math.min(learned, Ca1Study.MOST_LONG_CELLS),
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
                BlockForm.Order.values()[order.choice()],
                BlockForm.Head.values()[head.choice()]);
    }

    /** The trainings; the first network is saved. */
    List<TraceTraining> trainings() {
        Ca1Study study = study();
        int forms = form.choice();
        if (full.get() && (horizon.get() != null || window.get() != null)) {
            throw new IllegalArgumentException("--full trains several horizons: leave out --horizon and --window");
        }
        if (forms == BLOCK) {
            refuse("no autoregressive network is trained; see --form", bpttSteps, forcingRest, forcingSpikes);
        } else if (forms == STEP) {
            refuse("no direct forecaster is trained; see --form", order, head);
        }
        List<TraceTraining> trainings = new ArrayList<>();
        if (forms != STEP) {
            BlockForm block = block();
            trainings.addAll(study.blockTrainings(block, learning.or(study.blockOptions(block))));
        }
        if (forms != BLOCK) { // where both are trained, the options of learning are for the blocks
            StepForm usual = study.stepForm();
            StepForm step = new StepForm(
                    bpttSteps.or(usual.bpttSteps()),
                    forcingRest.or(usual.forcingRest()),
                    forcingSpikes.or(usual.forcingSpikes()));
            TrainingOptions options = forms == STEP
                    ? learning.or(study.stepOptions(learning.optimiser(Optimiser.Method.SOAP)))
                    : study.stepOptions(Optimiser.Method.SOAP).onThreads(learning.threads());
            trainings.add(study.stepTraining(step, options));
        }
        return trainings;
    }
}
