package org.spikecast.counts;

import java.util.List;
import org.spikecast.counts.internal.CoupledStudy;
import org.spikecast.counts.internal.ForecastExperiment;
import org.spikecast.counts.internal.RingData;
import org.spikecast.counts.internal.RingSetup;
import org.spikecast.counts.internal.Training;
import org.spikecast.neuron.RingParameters;
import org.spikecast.train.LossFunction;
import org.spikecast.train.Losses;
import org.spikecast.train.Optimiser;
import org.spikecast.train.Schedule;
import org.spikecast.train.TrainingOptions;

/**
 * The experiments {@code run ring-60} and {@code run ring-600}: what is simulated, which forecasters are trained, and
 * how. A caller may replace single parts before it puts them together.
 *
 * @param neurons of the ring, half of them excitatory
 * @param smoke whether sizes are tiny, so that it takes seconds and scores are meaningless
 * @param seed of all that is random
 */
public record RingStudy(int neurons, boolean smoke, long seed) {
    /** The fraction of the bins, the last ones, to test on. */
    public static final double TEST_FRACTION = 0.2;

    /** The fraction of the other bins, the last ones, on which training is validated. */
    public static final double VALIDATION_FRACTION = 0.125;

    /** The loss function. */
    public static final LossFunction LOSS = Losses.MEAN_SQUARED_ERROR;

    private static final double DURATION_MS = 3000;
    private static final double SMOKE_DURATION_MS = 600;
    private static final double DISCARD_MS = 200;
    private static final double BIN_MS = 1;

    /** The reach of the coupling in positions: that of the published network, or in proportion to a smaller one. */
    public static int reach(int neurons) {
        return neurons < 6 ? 0 : Math.max(1, Math.min(15, neurons / 20));
    }

    /** The experiment as {@code run ring-...} carries it out. */
    public ForecastExperiment experiment(List<String> arguments) {
        RingData data = RingData.simulate(setup());
        return new ForecastExperiment(
                name(),
                seed,
                data.series(),
                data,
                coupled(data.series(), 1),
                List.of(training(Form.SHARED), training(Form.FULL)),
                TEST_FRACTION,
                VALIDATION_FRACTION,
                branches(),
                0,
                arguments);
    }

    /** The experiment's name: ring-60. */
    public String name() {
        return "ring-" + neurons;
    }

    /** The simulation. */
    public RingSetup setup() {
        RingParameters network = RingParameters.irregular().scaledTo(neurons, reach(neurons));
        return new RingSetup(network, null, seed, DISCARD_MS, smoke ? SMOKE_DURATION_MS : DURATION_MS, BIN_MS, BIN_MS);
    }

    /** Branches of the oracle from each state. */
    public int branches() {
        return smoke ? 20 : 200;
    }

    /** Particles of the filter that gives the ceiling of forecasters that read counts. */
    public static int particles(boolean smoke) {
        return smoke ? 50 : 1000;
    }

    /** The training of the form {@code coupled} on a series; null if the form is unfit for it. */
    public CoupledStudy coupled(Series series, int threads) {
        return CoupledStudy.unfit(series) == null ? new CoupledStudy(smoke, threads, seed) : null;
    }

    /** The training of a form. */
    public Training training(Form form) {
        int window = window(form);
        return new Training(form, window, lossSteps(form, window), LOSS, options(form, lossSteps(form, window)));
    }

    /** The bins that a form reads. */
    public static int window(Form form) {
        return form == Form.SHARED ? 40 : 10;
    }

    /** The last steps of a window, whose outputs enter the loss. */
    public static int lossSteps(Form form, int window) {
        return form == Form.SHARED ? Math.max(1, Math.min(10, window / 2)) : 1;
    }

    /** The training of a form whose loss is that of the given number of steps. */
    public TrainingOptions options(Form form, int lossSteps) {
        boolean shared = form == Form.SHARED;
        return new TrainingOptions(
                shared ? 16 : 64,
                1,
                smoke ? 1 : shared ? 10 : 15,
                shared ? Math.max(1, 2560 / Math.max(1, lossSteps)) : 32,
                Schedule.cosine(shared ? 0.01 : 0.001, 20),
                Optimiser.Method.ADAM,
                0,
                1,
                1,
                5,
                0,
                0,
                seed,
                1);
    }
}
