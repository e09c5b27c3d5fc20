package org.spikecast.voltage;

import java.util.ArrayList;
import java.util.List;
import org.spikecast.io.internal.Label;
import org.spikecast.neuron.Ca1Parameters;
import org.spikecast.neuron.Ca1Regime;
import org.spikecast.train.Optimiser;
import org.spikecast.train.Schedule;
import org.spikecast.train.TrainingOptions;
import org.spikecast.voltage.internal.BlockForm;
import org.spikecast.voltage.internal.Ca1Source;
import org.spikecast.voltage.internal.StepForm;
import org.spikecast.voltage.internal.TraceExperiment;
import org.spikecast.voltage.internal.TraceTraining;

/**
 * The experiments {@code run ca1-...}: the simulation, the networks and their training. A caller may replace
 * single parts before it puts them together.
 *
 * @param regime of the neurons
 * @param size of the experiment
 * @param seed of all that is random
 */
public record Ca1Study(Ca1Regime regime, Size size, long seed) {
    /** The size of an experiment. */
    public enum Size {
        /** Tiny sizes that take seconds; scores are meaningless. */
        SMOKE,
        /** Two networks, in minutes. */
        USUAL,
        /** A comparison of horizons, orders and heads as well, in an hour or two. */
        FULL
    }

    /** The most trajectories as long as those of free runs: each takes five times the memory of another one. */
    public static final int MOST_LONG_CELLS = 400;

    /** The number of updates of an epoch. */
    public static final int UPDATES_PER_EPOCH = 250;

    /** Epochs of the direct forecaster. */
    public static final int EPOCHS = 96;

    /** The same in a full study. */
    public static final int FULL_EPOCHS = 2000;

    /** Of each network that is compared with others in a full study. */
    public static final int STUDY_EPOCHS = 400;

    /** Of each network that compares orders and heads. */
    public static final int ORDER_EPOCHS = 24;

    /** Epochs of the autoregressive network. */
    public static final int STEP_EPOCHS = 80;

    /** The same in a full study. */
    public static final int FULL_STEP_EPOCHS = 200;

    /** The same in a full study of irregular bursting, of a network of 64 units. */
    public static final int LARGE_STEP_EPOCHS = 180;

    /** Updates over which the weights of the autoregressive network are averaged. */
    public static final int STEP_EMA_UPDATES = 200;

    /** The strength of teacher forcing at rest. */
    public static final double REST_FORCING = 0.003;

    /** The same in irregular bursting, where errors grow: under weaker forcing the gradients of a small network explode. */
    public static final double CHAOTIC_REST_FORCING = 0.02;

    /** The strength of teacher forcing in spikes. */
    public static final double SPIKE_FORCING = 0.06;

    private static final double LARGE_REST_FORCING = 0.01;
    private static final double LARGE_SPIKE_FORCING = 0.03;
    private static final int LARGE_STEP_EMA_UPDATES = 300;

    /** T_max of the autoregressive network: some time constants of the slowest gating variables. */
    private static final double STEP_MEMORY = 3000;

    private static final int SAMPLES = 50;
    private static final int[] HORIZONS = {1, 100, 200};
    private static final int SEEDS = 3;

    private boolean smoke() {
        return size == Size.SMOKE;
    }

    private boolean full() {
        return size == Size.FULL;
    }

    /** Whether the study has the large autoregressive network. */
    private boolean large() {
        return full() && regime == Ca1Regime.IRREGULAR_BURSTING;
    }

    /** The experiment as {@code run ca1-...} carries it out with both networks. */
    public TraceExperiment experiment(List<String> arguments) {
        BlockForm block = block(SAMPLES);
        List<TraceTraining> trainings = new ArrayList<>(blockTrainings(block, blockOptions(block)));
        trainings.add(stepTraining(stepForm(), stepOptions(Optimiser.Method.SOAP)));
        return experiment(source(Ca1Parameters.normal()), block, trainings, arguments);
    }

    /**
     * An experiment put together from parts.
     *
     * @param block that the baselines forecast
     * @param trainings the first one is saved as the run's model
     * @param arguments the command line, to repeat the run
     */
    public TraceExperiment experiment(
            TraceSource source, BlockForm block, List<TraceTraining> trainings, List<String> arguments) {
        return new TraceExperiment(
                "ca1-" + regime.label(),
                source,
                block,
                trainings,
                smoke() ? 100 : TraceExperiment.TEST_BLOCKS,
                observedMs(),
                smoke() ? 0 : 1000,
                arguments);
    }

    /** The data of both networks. */
    public Ca1Source source(Ca1Parameters parameters) {
        int cells = trainingCells();
        return new Ca1Source(
                parameters,
                regime.lowestCurrent(),
                regime.highestCurrent(),
                seed,
                cells,
                Math.min(cells, MOST_LONG_CELLS),
                smoke() ? 4 : 20,
                smoke() ? 4 : 40,
                smoke() ? 6 : full() ? 1000 : 200,
                smoke() ? 60 : 500,
                observedMs() + (smoke() ? 40 : 500),
                0.1,
                0.02);
    }

    private int trainingCells() {
        return smoke() ? 8 : full() ? 1600 : 400;
    }

    private double observedMs() {
        return smoke() ? 120 : 2000;
    }

    /** The usual form of blocks: the window as long as the horizon, the newest sample first. */
    public static BlockForm block(int samples) {
        return new BlockForm(samples, samples, BlockForm.Order.REVERSED, BlockForm.Head.LAST);
    }

    /** The usual form of blocks. */
    public static BlockForm block() {
        return block(SAMPLES);
    }

    /** The training of direct forecasters. */
    public TrainingOptions blockOptions(BlockForm form) {
        int epochs = smoke() ? 2 : full() ? FULL_EPOCHS : EPOCHS;
        return options(smoke() ? 8 : 64, epochs, 16, Optimiser.Method.ADAM, 0.005, 1, 0.2, memory(form.window()));
    }

    /** A direct forecaster, and in a full study those that it is compared with. */
    public List<TraceTraining> blockTrainings(BlockForm form, TrainingOptions options) {
        boolean longest = full() && options.epochs() > STUDY_EPOCHS;
        TraceTraining.Group group = longest ? TraceTraining.Group.LONGEST : TraceTraining.Group.HORIZONS;
        List<TraceTraining> trainings = new ArrayList<>();
        trainings.add(blockTraining("np" + form.horizon(), group, form, options));
        if (full()) {
            addComparisons(trainings, form, options);
        }
        return trainings;
    }

    private TraceTraining blockTraining(
            String name, TraceTraining.Group group, BlockForm form, TrainingOptions options) {
        return new TraceTraining(name, group, form, smoke() ? 10 : UPDATES_PER_EPOCH, options);
    }

    /** Where the first network is trained no longer than the others, it is the first of those with its horizon. */
    private void addComparisons(List<TraceTraining> trainings, BlockForm form, TrainingOptions options) {
        int epochs = Math.min(options.epochs(), STUDY_EPOCHS);
        boolean longer = trainings.get(0).group() == TraceTraining.Group.LONGEST;
        for (int n : HORIZONS) {
            trainings.add(blockTraining(
                    "np" + n,
                    TraceTraining.Group.HORIZONS,
                    new BlockForm(n, n, form.order(), form.head()),
                    options.lasting(epochs, memory(n), options.seed())));
        }
        for (long s = options.seed(); s < options.seed() + SEEDS; s++) {
            if (longer || s > options.seed()) {
                trainings.add(blockTraining(
                        "np" + form.horizon() + "-seed" + s,
                        TraceTraining.Group.HORIZONS,
                        form,
                        options.lasting(epochs, options.chronoTMax(), s)));
            }
            for (BlockForm.Head h : BlockForm.Head.values()) {
                for (BlockForm.Order o : BlockForm.Order.values()) {
                    trainings.add(blockTraining(
                            Label.of(h) + "-" + Label.of(o) + "-seed" + s,
                            TraceTraining.Group.ORDERS,
                            new BlockForm(form.window(), form.horizon(), o, h),
                            options.lasting(Math.min(options.epochs(), ORDER_EPOCHS), options.chronoTMax(), s)));
                }
            }
        }
    }

    /** The form of the autoregressive network. */
    public StepForm stepForm() {
        boolean chaotic = regime == Ca1Regime.IRREGULAR_BURSTING;
        return new StepForm(
                smoke() ? 100 : large() ? 400 : 200,
                large() ? LARGE_REST_FORCING : chaotic ? CHAOTIC_REST_FORCING : REST_FORCING,
                large() ? LARGE_SPIKE_FORCING : SPIKE_FORCING);
    }

    /** The training of the autoregressive network by a given optimiser. */
    public TrainingOptions stepOptions(Optimiser.Method method) {
        // A step of SOAP depends on the ratio of the gradients' norms: so small a clip norm keeps them alike.
        boolean soap = method == Optimiser.Method.SOAP;
        return options(
                smoke() ? 4 : large() ? 64 : 32,
                smoke() ? 2 : large() ? LARGE_STEP_EPOCHS : full() ? FULL_STEP_EPOCHS : STEP_EPOCHS,
                smoke() ? 4 : 32,
                method,
                !soap ? 0.01 : large() ? 0.02 : 0.03,
                large() ? LARGE_STEP_EMA_UPDATES : STEP_EMA_UPDATES,
                soap ? 0.01 : 1,
                STEP_MEMORY);
    }

    /** The autoregressive network. */
    public TraceTraining stepTraining(StepForm form, TrainingOptions options) {
        // Of the first 100 ms of a walk, ten segments of a smoke run, nothing is learned.
        return new TraceTraining("step", TraceTraining.Group.STEPS, form, smoke() ? 20 : UPDATES_PER_EPOCH, options);
    }

    private TrainingOptions options(
            int hidden,
            int epochs,
            int batch,
            Optimiser.Method method,
            double rate,
            int emaUpdates,
            double clip,
            double memory) {
        Schedule schedule = Schedule.cosine(rate, smoke() ? 5 : 100);
        return new TrainingOptions(
                hidden, 1, epochs, batch, schedule, method, 0, emaUpdates, clip, epochs, 0, memory, seed, 1);
    }

    /** T_max of a direct forecaster: the window. */
    private static double memory(int window) {
        return Math.max(3, window);
    }
}
