package org.spikecast.counts.internal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.counts.CountStream;
import org.spikecast.counts.CoupledForecaster;
import org.spikecast.counts.Form;
import org.spikecast.counts.Series;
import org.spikecast.inspect.internal.InsideSection;
import org.spikecast.inspect.internal.Probes;
import org.spikecast.io.NdArray;
import org.spikecast.io.Npz;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.lstm.Cell;
import org.spikecast.model.Forecaster;
import org.spikecast.run.Progress;
import org.spikecast.run.RunFolder;
import org.spikecast.run.internal.Facts;
import org.spikecast.run.internal.Matrices;
import org.spikecast.train.Trainer;
import org.spikecast.train.TrainingOptions;
import org.spikecast.train.internal.Checkpoints;

/**
 * Trains forecasters on a series, scores them beside the baselines and fills a run folder.
 *
 * @param name of the experiment
 * @param seed of the training
 * @param series the data
 * @param ring the simulation it comes from, for the oracle and the raster; null if there is none
 * @param coupled the training of the form {@code coupled}, whose forecaster is then saved; null for none
 * @param trainings the other forecasters; the first one is saved if there is none of the form {@code coupled}
 * @param testFraction fraction of the bins to test on
 * @param validationFraction fraction of the other bins to validate training on
 * @param branches of the oracle
 * @param particles of the filter that is the ceiling of forecasters that read counts; 0 for none
 * @param arguments the command line, to repeat the run
 */
public record ForecastExperiment(
        String name,
        long seed,
        Series series,
        RingData ring,
        CoupledStudy coupled,
        List<Training> trainings,
        double testFraction,
        double validationFraction,
        int branches,
        int particles,
        List<String> arguments) {

    /**
     * A forecaster, its training and its scores.
     *
     * @param model the forecaster
     * @param history epoch by epoch
     * @param best the epoch that it is from
     * @param forecast of the test part, bins x neurons
     * @param score on the test part
     */
    public record Trained(CountModel model, List<Trainer.Epoch> history, int best, DMatrixRMaj forecast, Score score) {}

    public ForecastExperiment {
        Oracle.requireBranches(branches);
        if (particles != 0) {
            requireCeiling(ring, particles);
        }
    }

    /** Throws unless the ceiling of forecasters that read counts can be computed. */
    public static void requireCeiling(RingData ring, int particles) {
        if (ring == null) {
            throw new IllegalArgumentException(
                    "The ceiling of forecasters that read counts needs the simulation that the data come"
                            + " from: give a folder that run or simulate ring wrote");
        }
        JointFilter.require(ring.setup(), particles);
    }

    /**
     * The split.
     *
     * @throws IllegalArgumentException if the series is too short, a window or a training does not fit or a loss does not
     *     take all values, before time is spent
     */
    public Split split() {
        Split split = Split.byTime(series.bins(), series.overlap(), testFraction, validationFraction);
        for (Training training : trainings) {
            split.requireWindow(training.window());
            training.loss().requireTargets(series.values(), "the data");
            training.requireEffort(series, split);
        }
        if (coupled != null) {
            coupled.require(series, split);
        }
        return split;
    }

    /** Runs the experiment: writes every file of the folder and returns the scores. */
    public Evaluation run(Kernel kernel, RunFolder folder, Progress progress) throws IOException {
        Split split = split();
        Npz.write(folder.file("series.npz"), ring == null ? SeriesFile.arrays(series) : ring.arrays());
        Map<String, Trained> others = new LinkedHashMap<>();
        for (Training training : trainings) {
            others.put(training.form().label(), train(kernel, training, split, folder, progress));
        }
        CoupledStudy.Result study = coupled == null
                ? null
                : coupled.run(
                        kernel, series, split, testFraction, progress, (file, what) -> checkpoints(folder, file, what));
        Map<String, Trained> trained = new LinkedHashMap<>();
        if (study != null) {
            CoupledStudy.Outcome best = study.best();
            List<Trainer.Epoch> history = best.training().history();
            trained.put(
                    CoupledForecaster.FORM,
                    new Trained(best.model(), history, best.training().best(), best.forecast(), best.score()));
        }
        trained.putAll(others);
        Trained saved = trained.values().iterator().next();
        saved.model().write(folder.file("model.safetensors"));
        DMatrixRMaj target = Baselines.test(series, split);
        Map<String, NdArray> predictions = new LinkedHashMap<>();
        predictions.put("target", Matrices.array(target));
        predictions.put("prediction", Matrices.array(saved.forecast()));
        predictions.put("first_bin", NdArray.of(new int[] {split.testStart()}));
        Npz.write(folder.file("predictions.npz"), predictions);

        Map<String, Score> forecasters = new LinkedHashMap<>();
        trained.forEach((form, t) -> forecasters.put(form, t.score()));
        if (study != null) {
            study.outcomes()
                    .forEach((variant, o) -> forecasters.put(CoupledStudy.VARIANT + variant.label(), o.score()));
        }
        int window = window();
        Baselines.Fitted baselines = baselines(kernel, series, ring, split, window, branches, particles, progress);
        Evaluation evaluation = new Evaluation(
                cell(), forecasters, baselines.scores(), study == null ? null : CoupledStudy.findings(study, ring));
        FreeRun freeRun = null;
        if (ring != null) {
            progress.update("free runs", 0, () -> "");
            Map<String, CountStream> streams = new LinkedHashMap<>(baselines.streams());
            if (study != null) {
                streams.put(CoupledForecaster.FORM, study.best().model().stream(kernel));
            }
            freeRun = FreeRun.of(ring, split, streams, FreeRun.Size.of(ring, split), progress);
            progress.done("free runs");
        }
        folder.writeJson("metrics.json", metrics(trained, study, evaluation, freeRun));
        InsideSection inside = trainings.isEmpty()
                ? null
                : inside(
                        kernel,
                        trainings.get(0),
                        (WindowedModel) others.values().iterator().next().model(),
                        split,
                        progress);
        progress.update("report", 0, () -> "");
        RunReport.write(this, split, trained, target, study, evaluation, freeRun, inside, folder);
        progress.done("report");
        folder.writeManifest(
                arguments,
                seed,
                kernel,
                trainings.isEmpty()
                        ? coupled.threads()
                        : trainings.get(0).options().threads(),
                ring == null ? null : ring.setup().toJson());
        return evaluation;
    }

    /**
     * The activations of the first windowed network over a stretch of one sequence's test part, and the reach of its
     * gradients.
     */
    private InsideSection inside(Kernel kernel, Training training, WindowedModel model, Split split, Progress progress)
            throws IOException {
        Sequences sequences = training.form().sequences(series);
        int sequence = sequences.count() == 1
                ? 0
                : RandomStream.of(seed, RunReport.SHOWN_NEURON).nextInt(sequences.count());
        int steps = Math.min(InsideSection.STEPS, split.testBins());
        InsideSection.Sequences shown =
                sequences(sequences, new int[] {sequence}, new int[] {split.testStart()}, steps, true);
        RandomStream stream = RandomStream.of(seed, "inside windows");
        int[] which = new int[InsideSection.WINDOWS];
        int[] first = new int[which.length];
        for (int w = 0; w < which.length; w++) {
            which[w] = stream.nextInt(sequences.count());
            first[w] = split.testStart() + stream.nextInt(split.testBins()) - training.window() + 1;
        }
        SequenceWindows windows = new SequenceWindows(
                sequences, split, training.window(), training.lossSteps(), training.loss(), progress);
        Map<String, double[]> reach = InsideSection.reach(
                kernel,
                model.model(),
                sequences(sequences, which, first, training.window(), false),
                windows,
                training.options(),
                progress);
        String cell = model.model().network().config().cell().label();
        String stretch = "The " + cell + " of the form " + training.form().label() + " reads the first " + steps
                + " bins of the test part"
                + (sequences.count() == 1 ? "" : ", of neuron " + sequence) + ", from a zero state."
                + (steps > training.window()
                        ? " It was trained on windows of " + training.window()
                                + " bins; its scores above are those of such windows."
                        : "");
        return new InsideSection(
                shown.record(kernel, model.model()),
                reach,
                InsideSection.otherEpochs(training.options()),
                series.slideMs(),
                InsideSection.TIME,
                stretch,
                training.form() == Form.SHARED
                        ? probes(kernel, model.model(), training, sequences, split, progress)
                        : null,
                "The same network reads all bins of each neuron. Probes are fitted on the training part and scored on the test part.",
                ring == null
                        ? Map.of()
                        : Map.of("membrane", ring.setup().network().lif().tauL()),
                InsideSection.memoryBefore(kernel, model.model(), training.options(), shown));
    }

    /** Probes of the units of a network that every neuron shares; null if the simulation cannot be run again. */
    private Probes probes(
            Kernel kernel, Forecaster model, Training training, Sequences sequences, Split split, Progress progress) {
        if (ring == null || ring.setup().delayMs() != null || series.widthMs() != series.slideMs()) {
            return null;
        }
        int[] all = {0, sequences.count()};
        progress.update("probes", 0, () -> "");
        Probes probes = Probes.of(
                kernel,
                model,
                sequences.features(),
                ring.hidden(),
                RingData.HIDDEN,
                new Probes.Part(all, new int[] {Math.min(50, split.trainEnd() / 2), split.trainEnd()}),
                new Probes.Part(all, new int[] {split.testStart(), split.bins()}),
                InsideSection.untrained(model.network().config(), training.options()),
                progress);
        progress.done("probes");
        return probes;
    }

    /**
     * Stretches of sequences, whose targets are the bin after each step, or after the last one.
     *
     * @param first per stretch the target bin of its first step
     */
    private static InsideSection.Sequences sequences(
            Sequences sequences, int[] which, int[] first, int steps, boolean everyStep) {
        int inputs = sequences.inputs();
        int outputs = sequences.outputs();
        int targets = everyStep ? steps : 1;
        double[] x = new double[which.length * steps * inputs];
        double[] y = new double[which.length * targets * outputs];
        for (int w = 0; w < which.length; w++) {
            double[] features = sequences.features(which[w], first[w] - 1, steps).data;
            System.arraycopy(features, 0, x, w * steps * inputs, steps * inputs);
            int bin = first[w] + steps - targets;
            double[] target = sequences.targets(which[w], bin, targets).data;
            System.arraycopy(target, 0, y, w * targets * outputs, targets * outputs);
        }
        return new InsideSection.Sequences(x, y, which.length, steps, everyStep);
    }

    /** The window of the baselines: that of the first forecaster that reads windows. */
    private int window() {
        return trainings.isEmpty() ? Baselines.WINDOW : trainings.get(0).window();
    }

    /** The cell of the windowed forecasters. */
    private Cell cell() {
        return trainings.isEmpty() ? Cell.LSTM : trainings.get(0).options().cell();
    }

    private Trained train(Kernel kernel, Training training, Split split, RunFolder folder, Progress progress)
            throws IOException {
        Sequences sequences = training.form().sequences(series);
        TrainingOptions options = training.options();
        String what = "training " + training.form().label();
        SequenceWindows windows = new SequenceWindows(
                sequences, split, training.window(), training.lossSteps(), training.loss(), progress);
        Trainer.Result result = Trainer.train(
                kernel,
                windows,
                options,
                progress.training(what, options),
                checkpoints(folder, training.form().label(), what));
        progress.trained(what, result.history());
        CountTask task = new CountTask(
                training.form(), training.window(), series.widthMs(), series.slideMs(), testFraction, options.seed());
        Forecaster model = new Forecaster(result.network(), windows.inputs(), windows.outputs(), training.loss(), task);
        String scoring = "scoring " + training.form().label();
        progress.update(scoring, 0, () -> "");
        DMatrixRMaj forecast = task.forecast(kernel, model, sequences, split.testStart(), split.bins(), progress);
        Score score = Score.of(Baselines.test(series, split), forecast, Baselines.meanRate(series, split));
        progress.done(scoring);
        return new Trained(new WindowedModel(model, task), result.history(), result.best(), forecast, score);
    }

    private Checkpoints checkpoints(RunFolder folder, String file, String what) throws IOException {
        return folder.checkpoints(file, RunFolder.again(arguments) + ": " + what);
    }

    /**
     * The baselines and, if the simulation is known, the oracle.
     *
     * @param window of the forecaster that they are compared with
     * @param branches of the oracle
     * @param particles of the filter that is the ceiling; 0 for none
     */
    public static Baselines.Fitted baselines(
            Kernel kernel,
            Series series,
            RingData ring,
            Split split,
            int window,
            int branches,
            int particles,
            Progress progress) {
        progress.update("baselines", 0, () -> "");
        Baselines.Fitted baselines = Baselines.fit(kernel, series, split, window, progress);
        Map<String, Score> scores = baselines.scores();
        progress.done("baselines");
        scores.put(Evaluation.CEILING, null);
        scores.put(Evaluation.ORACLE, null);
        scores.put(Evaluation.ORACLE_UNBIASED, null);
        if (ring != null) {
            RingSetup setup = ring.setup();
            if (particles > 0) {
                Oracle.Scores ceiling = JointFilter.score(ring, split, particles, done -> {
                    progress.stopIfInterrupted();
                    progress.update("ceiling", (double) done / split.testBins(), () -> "");
                });
                scores.put(Evaluation.CEILING, ceiling.corrected());
                progress.done("ceiling");
            }
            Oracle.Scores oracle = Oracle.score(
                    setup.network(),
                    setup.delayMs(),
                    setup.seed(),
                    setup.burnInMs(),
                    ring.spikes(),
                    series,
                    split,
                    branches,
                    done -> {
                        progress.stopIfInterrupted();
                        progress.update("oracle", (double) done / split.testBins(), () -> "");
                    });
            scores.put(Evaluation.ORACLE, oracle.corrected());
            scores.put(Evaluation.ORACLE_UNBIASED, oracle.crossed());
            progress.done("oracle");
        }
        return baselines;
    }

    private Map<String, Object> metrics(
            Map<String, Trained> trained, CoupledStudy.Result study, Evaluation evaluation, FreeRun freeRun) {
        Map<String, Object> forms = new LinkedHashMap<>();
        for (String form : List.of(CoupledForecaster.FORM, Form.SHARED.label(), Form.FULL.label())) {
            Trained t = trained.get(form);
            Map<String, Object> json = Evaluation.json(t == null ? null : t.score());
            if (t != null) {
                t.model().describe(json);
                json.put("window", t.model().window() == 0 ? null : t.model().window());
                json.put("best_epoch", t.best());
                json.put("lost_epochs", Trainer.lost(t.history()));
                json.put("training_loss", losses(t, Trainer.Epoch::trainingLoss));
                json.put("validation_loss", losses(t, Trainer.Epoch::validationLoss));
            }
            forms.put(form, json);
        }
        Map<String, Object> metrics = new LinkedHashMap<>();
        metrics.put("experiment", name);
        metrics.put("seed", seed);
        metrics.put("test", Evaluation.json(trained.values().iterator().next().score()));
        metrics.put("forms", forms);
        metrics.put("ablation", study == null ? null : ablation(study));
        metrics.put("baselines", evaluation.baselinesJson());
        metrics.put("free_running", freeRun == null ? null : freeRun.toJson());
        metrics.put("simulation", ring == null ? null : ring.statistics());
        return metrics;
    }

    /** The variants of the form {@code coupled}: scores, validation losses, learned traces. */
    private static Map<String, Object> ablation(CoupledStudy.Result study) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("saved", study.saved().key());
        study.outcomes().forEach((variant, outcome) -> {
            Map<String, Object> one = Evaluation.json(outcome.score());
            one.put("parameters", outcome.model().parameters());
            one.put("best_validation_loss", Facts.orNull(outcome.training().validationLoss()));
            one.put("trace", CoupledStudy.traceJson(outcome.model()));
            json.put(variant.key(), one);
        });
        return json;
    }

    private static List<Object> losses(Trained trained, ToDoubleFunction<Trainer.Epoch> loss) {
        List<Object> losses = new ArrayList<>();
        for (Trainer.Epoch epoch : trained.history()) {
            losses.add(Facts.orNull(loss.applyAsDouble(epoch)));
        }
        return losses;
    }
}
