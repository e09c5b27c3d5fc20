package org.spikecast.voltage.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.spikecast.inspect.internal.InsideSection;
import org.spikecast.inspect.internal.Probes;
import org.spikecast.io.MalformedFileException;
import org.spikecast.io.NdArray;
import org.spikecast.io.Npz;
import org.spikecast.io.internal.AtomicFiles;
import org.spikecast.io.internal.Json;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.model.Forecaster;
import org.spikecast.model.ModelFile;
import org.spikecast.model.Task;
import org.spikecast.run.Progress;
import org.spikecast.run.RunFolder;
import org.spikecast.run.internal.Facts;
import org.spikecast.run.internal.Matrices;
import org.spikecast.train.Losses;
import org.spikecast.train.Scaling;
import org.spikecast.train.Trainer;
import org.spikecast.train.TrainingOptions;
import org.spikecast.train.internal.Effort;
import org.spikecast.voltage.TraceSource;

/**
 * Trains networks on voltage traces, scores them beside the baselines and fills a run folder. The folder's {@code
 * parts} hold the results, one JSON file and one model each; a resumed run reads them instead of computing them again.
 *
 * @param name of the experiment
 * @param source of the traces
 * @param block that the baselines forecast, and autoregressive networks are scored on
 * @param trainings the first one is saved as the run's model
 * @param testBlocks to score on
 * @param observedMs the time observed before a free run
 * @param settleMs the beginning of trajectories that autoregressive networks are not trained on
 * @param arguments the command line, to repeat the run
 */
public record TraceExperiment(
        String name,
        TraceSource source,
        BlockForm block,
        List<TraceTraining> trainings,
        int testBlocks,
        double observedMs,
        double settleMs,
        List<String> arguments) {
    /** Starts whose free runs are kept in {@code predictions.npz}. */
    private static final int KEPT_STARTS = 50;

    /** The name of forecasts in {@code predictions.npz}, or its prefix. */
    static final String PREDICTION = "prediction";

    /** Blocks on which a forecaster is scored. */
    public static final int TEST_BLOCKS = 5000;

    /** Samples of a scored block of an autoregressive network, and the fewest before it. */
    public static final int SCORED_SAMPLES = 50;

    /** Trajectories for free runs that units are probed on. */
    private static final int PROBED_CELLS = 20;

    /** The distance of probed samples. */
    private static final int PROBED_EVERY = 10;

    /** Sequences that the page on the saved network holds. */
    private static final int INSIDE_SEQUENCES = 8;

    /** A computation whose result is kept in a file. */
    @FunctionalInterface
    private interface Part {
        Map<String, Object> compute() throws IOException;
    }

    /**
     * The results for {@code metrics.json}.
     *
     * @param baselines by name
     * @param networks the trainings' results, in their order
     */
    public record Results(Map<String, Object> baselines, List<Map<String, Object>> networks) {}

    public TraceExperiment {
        block.requireFit(Traces.samples(source.durationMs(), source.sampleMs()));
        for (TraceTraining training : trainings) {
            training.form().requireFit(source, settleMs, observedMs);
            TrainingOptions options = training.options();
            NetworkConfig config = training.form().config(options.hidden(), options.layers());
            new Effort(config, training.form().learnedSteps(), training.updatesPerEpoch(), options).require();
        }
    }

    /** Runs the experiment, except the parts that the folder already has. */
    public Results run(Kernel kernel, RunFolder folder, Progress progress) throws IOException {
        progress.update("simulation", 0, () -> "");
        TraceData data = source.data(kernel);
        progress.done("simulation");
        Files.createDirectories(folder.part("parts"));
        Npz.write(folder.file("series.npz"), TraceFile.arrays(data.test()));

        TraceTraining first = trainings.get(0);
        Map<String, Object> baselines = part(folder, "baselines", () -> {
            progress.update("baselines", 0, () -> "");
            Map<String, Object> scores = new LinkedHashMap<>();
            BlockBaselines.score(
                            kernel,
                            block,
                            data.training(),
                            data.validation(),
                            data.test(),
                            testStarts(data, block),
                            data.scaling(),
                            source.seed(),
                            progress)
                    .forEach((baseline, score) -> scores.put(baseline, json(score)));
            progress.done("baselines");
            return scores;
        });
        Map<String, Object> divergence = part(folder, "divergence", () -> source.divergence(observedMs, kernel));
        List<Map<String, Object>> networks = new ArrayList<>();
        for (TraceTraining training : trainings) {
            networks.add(part(folder, training.name(), () -> learn(kernel, data, training, folder, progress)));
        }
        AtomicFiles.write(folder.file("model.safetensors"), Files.readAllBytes(model(folder, first)));
        Map<String, NdArray> predictions = predictions(data, folder);
        Npz.write(folder.file("predictions.npz"), predictions);
        Results results = new Results(baselines, networks);
        folder.writeJson("metrics.json", metrics(data, results, divergence));
        TraceReport.write(
                this, data, results, divergence, predictions, inside(kernel, data, first, folder, progress), folder);
        folder.writeManifest(arguments, source.seed(), kernel, first.options().threads(), source.toJson());
        return results;
    }

    /** The activations of the saved network over test data, and the reach of its gradients. */
    private InsideSection inside(
            Kernel kernel, TraceData data, TraceTraining training, RunFolder folder, Progress progress)
            throws IOException {
        Forecaster model = ModelFile.read(model(folder, training));
        TraceForm form = training.form();
        RandomStream stream = RandomStream.of(source.seed(), "inside windows");
        InsideSection.Sequences shown = form.inside(data, INSIDE_SEQUENCES, stream);
        Map<String, Object> reach = !form.hasReach()
                ? Map.of()
                : part(
                        folder,
                        "inside",
                        () -> InsideSection.toJson(InsideSection.reach(
                                kernel,
                                model,
                                form.inside(data, InsideSection.WINDOWS, stream).lastStepOnly(),
                                form.trainingData(data, training, settleMs, source.seed()),
                                training.options(),
                                progress)));
        return new InsideSection(
                shown.record(kernel, model),
                InsideSection.fromJson(reach),
                InsideSection.otherEpochs(training.options()),
                source.sampleMs(),
                form.insideAxis(),
                "The saved network, " + training.name() + ". " + form.insideCaption(),
                probes(kernel, data, folder, progress),
                "The autoregressive network reads observed trajectories of the neuron, sample by sample. Probes are fitted on half"
                        + " of the trajectories and scored on the others, from " + Facts.text(probedFromMs())
                        + " ms on.",
                source.timeConstants(),
                InsideSection.memoryBefore(kernel, model, training.options(), shown));
    }

    /** Probes of the units of the first stateful network; null if there is none. */
    private Probes probes(Kernel kernel, TraceData data, RunFolder folder, Progress progress) throws IOException {
        for (TraceTraining training : trainings) {
            if (training.group() == TraceTraining.Group.STEPS
                    && !source.hiddenNames().isEmpty()) {
                Traces traces = data.freeRun();
                DMatrixRMaj[] hidden = source.hidden(PROBED_CELLS, PROBED_EVERY, kernel);
                DMatrixRMaj[] x = new DMatrixRMaj[hidden.length];
                for (int cell = 0; cell < x.length; cell++) {
                    x[cell] = new DMatrixRMaj(traces.samples(), TraceForm.FEATURES);
                    for (int t = 0; t < traces.samples(); t++) {
                        x[cell].set(t, 0, traces.voltage().get(cell, t));
                        x[cell].set(t, 1, traces.current()[cell]);
                    }
                }
                int half = Math.max(1, hidden.length / 2);
                int[] settled = {
                    (int) (probedFromMs() / source.sampleMs()) / PROBED_EVERY, hidden[0].numRows,
                };
                return Probes.of(
                        kernel,
                        ModelFile.read(model(folder, training)),
                        List.of(x),
                        List.of(hidden),
                        source.hiddenNames(),
                        new Probes.Part(new int[] {0, half}, settled),
                        new Probes.Part(new int[] {half, hidden.length}, settled),
                        InsideSection.untrained(
                                training.form()
                                        .config(
                                                training.options().hidden(),
                                                training.options().layers()),
                                training.options()),
                        progress);
            }
        }
        return null;
    }

    /**
     * Earlier samples, on which the network was not trained, are not probed; a smoke test has a shorter observed time.
     */
    private double probedFromMs() {
        return Math.min(settleMs, observedMs);
    }

    private double freeMs() {
        return source.freeRunMs() - observedMs;
    }

    /** Reads the result of a part, or computes and writes it. */
    private static Map<String, Object> part(RunFolder folder, String name, Part part) throws IOException {
        Path file = folder.part("parts/" + name + ".json");
        if (!Files.exists(file)) {
            AtomicFiles.write(file, Json.write(part.compute()));
        }
        if (!(Json.read(file) instanceof Map<?, ?> result)) {
            throw new MalformedFileException(file, "expected a JSON object");
        }
        Map<String, Object> known = new LinkedHashMap<>();
        result.forEach((key, value) -> known.put(String.valueOf(key), value));
        return known;
    }

    private static Path model(RunFolder folder, TraceTraining training) {
        return folder.part("parts/" + training.name() + ".safetensors");
    }

    private int[] testStarts(TraceData data, BlockForm form) {
        return new BlockStarts(data.test(), form.window(), form.horizon())
                .draw(testBlocks, RandomStream.of(source.seed(), "test windows"));
    }

    /** Trains a network, writes it, and scores it. */
    private Map<String, Object> learn(
            Kernel kernel, TraceData data, TraceTraining training, RunFolder folder, Progress progress)
            throws IOException {
        String what = "training " + training.name();
        Trainer.Result trained = Trainer.train(
                kernel,
                training.form().trainingData(data, training, settleMs, source.seed()),
                training.options(),
                progress.training(what, training.options()),
                folder.checkpoints(training.name(), Json.writeCompact(training.toJson())));
        progress.trained(what, trained.history());
        Forecaster model = forecaster(data.scaling(), training, trained);
        ModelFile.write(model(folder, training), model);

        progress.update("scoring " + training.name(), 0, () -> "");
        TraceForecaster forecaster = training.form().forecaster(kernel, trained.network(), data.scaling());
        BlockForm blocks = training.form().scoredBlocks(block);
        int[] starts = testStarts(data, blocks);
        BlockStarts places = new BlockStarts(data.test(), blocks.window(), blocks.horizon());
        DMatrixRMaj blockForecast = forecaster.forecast(data.test(), starts, blocks.horizon());
        BlockScore score = BlockScore.of(data.test(), places, starts, blockForecast);
        Map<String, Object> json = new LinkedHashMap<>(training.toJson());
        json.put("parameters", trained.network().set().size());
        json.put("best_epoch", trained.best());
        json.put("lost_epochs", Trainer.lost(trained.history()));
        json.put(
                "training_loss",
                trained.history().stream()
                        .mapToDouble(Trainer.Epoch::trainingLoss)
                        .toArray());
        json.put(
                "validation_loss",
                trained.history().stream()
                        .mapToDouble(Trainer.Epoch::validationLoss)
                        .toArray());
        json.put("test", json(score));
        int[] freeStarts = freeStarts(data.freeRun(), data.freeRun().cells());
        DMatrixRMaj truth = data.freeRun().after(freeStarts, freeSamples());
        DMatrixRMaj forecast = forecaster.forecast(data.freeRun(), freeStarts, freeSamples());
        json.put(
                "free_run",
                json(FreeRunScore.of(
                        truth, forecast, source.sampleMs(), data.freeRun().meanAndDeviation()[1])));
        if (isShown(training)) {
            int kept = Math.min(KEPT_STARTS, forecast.numCols);
            DMatrixRMaj first = CommonOps_DDRM.extract(forecast, 0, forecast.numRows, 0, kept);
            Npz.write(freeRuns(folder, training), Map.of(PREDICTION, Matrices.array(first)));
        }
        progress.done("scoring " + training.name());
        return json;
    }

    private int freeSamples() {
        return (int) Math.rint(freeMs() / source.sampleMs());
    }

    private int[] freeStarts(Traces traces, int count) {
        int[] starts = new int[count];
        for (int cell = 0; cell < count; cell++) {
            starts[cell] = traces.place(cell, traces.samples() - freeSamples());
        }
        return starts;
    }

    private Forecaster forecaster(Scaling scaling, TraceTraining training, Trainer.Result trained) {
        int outputs = trained.network().config().outputs();
        Task task = new TraceTask(
                training.form(), source.sampleMs(), training.options().seed());
        Scaling outputScaling = training.form().outputScaling(scaling, outputs);
        return new Forecaster(trained.network(), scaling, outputScaling, Losses.MEAN_SQUARED_ERROR, task);
    }

    /** The first free runs of the saved model and of stateful networks, read from their parts. */
    private Map<String, NdArray> predictions(TraceData data, RunFolder folder) throws IOException {
        Traces traces = data.freeRun();
        int kept = Math.min(KEPT_STARTS, traces.cells());
        Map<String, NdArray> arrays = new LinkedHashMap<>();
        arrays.put("target", Matrices.array(traces.after(freeStarts(traces, kept), freeSamples())));
        for (TraceTraining training : trainings) {
            if (isShown(training)) {
                boolean saved = training == trainings.get(0);
                NdArray forecast = Npz.read(freeRuns(folder, training)).get(PREDICTION);
                arrays.put(saved ? PREDICTION : PREDICTION + "_" + training.name(), forecast);
            }
        }
        arrays.put("first_bin", NdArray.of(new int[] {traces.samples() - freeSamples()}));
        return arrays;
    }

    /** Whether free runs of a network are kept and drawn. */
    private boolean isShown(TraceTraining training) {
        return training == trainings.get(0) || training.group() == TraceTraining.Group.STEPS;
    }

    private static Path freeRuns(RunFolder folder, TraceTraining training) {
        return folder.part("parts/" + training.name() + ".npz");
    }

    /**
     * Scores a model on blocks of given traces, its own or of {@value #SCORED_SAMPLES} samples, beside persistence.
     *
     * @throws IllegalArgumentException if the traces are too short
     */
    public static Map<String, BlockScore> evaluate(Kernel kernel, Forecaster model, TraceTask task, Traces traces) {
        BlockForm form = task.form()
                .scoredBlocks(
                        new BlockForm(SCORED_SAMPLES, SCORED_SAMPLES, BlockForm.Order.FORWARD, BlockForm.Head.LAST));
        BlockStarts places = new BlockStarts(traces, form.window(), form.horizon());
        int[] starts = places.draw(TEST_BLOCKS, RandomStream.of(task.seed(), "test windows"));
        DMatrixRMaj forecast = task.form()
                .forecaster(kernel, model.network(), model.inputs())
                .forecast(traces, starts, form.horizon());
        Map<String, BlockScore> scores = new LinkedHashMap<>();
        scores.put(
                "persistence", BlockScore.of(traces, places, starts, BlockBaselines.persistence(traces, starts, form)));
        scores.put(model.network().config().cell().label(), BlockScore.of(traces, places, starts, forecast));
        return scores;
    }

    /** The entry of a score for {@code metrics.json}. */
    public static Map<String, Object> json(BlockScore score) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("rmse_mv", Facts.orNull(score.rmse()));
        json.put("active_rmse_mv", Facts.orNull(score.activeRmse()));
        json.put("rmse_by_step_mv", score.byStep());
        json.put("blocks", score.blocks());
        json.put("active_blocks", score.activeBlocks());
        return json;
    }

    private static Map<String, Object> json(FreeRunScore score) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("starts", score.starts());
        json.put("bin_ms", score.binMs());
        json.put("rmse_mv", score.rmse());
        json.put("valid_ms", score.validMs());
        json.put("true_spikes", score.trueSpikes());
        json.put("spikes", score.spikes());
        json.put("missed_spikes", score.missed());
        json.put("false_spikes", score.falseSpikes());
        json.put("timing_error_ms", Facts.orNull(score.timingErrorMs()));
        json.put("ordered_timing_error_ms", Facts.orNull(score.orderedErrorMs()));
        json.put("count_exact", score.countExact());
        json.put("count_within_one", score.countWithinOne());
        json.put("followed", score.followed());
        json.put("true_spikes_per_burst", Facts.orNull(score.trueBursts()[0]));
        json.put("spikes_per_burst", Facts.orNull(score.bursts()[0]));
        json.put("true_period_ms", Facts.orNull(score.trueBursts()[1]));
        json.put("period_ms", Facts.orNull(score.bursts()[1]));
        return json;
    }

    private Map<String, Object> metrics(TraceData data, Results results, Map<String, Object> divergence) {
        Map<String, Object> metrics = new LinkedHashMap<>();
        metrics.put("experiment", name);
        metrics.put("seed", source.seed());
        metrics.put("test", results.networks.get(0).get("test"));
        Map<String, Object> forms = new LinkedHashMap<>();
        results.networks.forEach(network -> forms.put(String.valueOf(network.get("name")), network));
        metrics.put("forms", forms);
        metrics.put("baselines", results.baselines);
        metrics.put("divergence_mv", divergence);
        Map<String, Object> simulation = new LinkedHashMap<>();
        simulation.put("mean_mv", data.training().meanAndDeviation()[0]);
        simulation.put("standard_deviation_mv", data.training().meanAndDeviation()[1]);
        metrics.put("simulation", simulation);
        return metrics;
    }
}
