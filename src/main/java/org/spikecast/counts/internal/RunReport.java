package org.spikecast.counts.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.counts.internal.ForecastExperiment.Trained;
import org.spikecast.inspect.internal.InsideSection;
import org.spikecast.io.internal.AtomicFiles;
import org.spikecast.io.internal.Decimal;
import org.spikecast.kernel.RandomStream;
import org.spikecast.neuron.SpikeTrains;
import org.spikecast.report.internal.Chart;
import org.spikecast.report.internal.Page;
import org.spikecast.run.RunFolder;
import org.spikecast.run.internal.Facts;
import org.spikecast.train.Trainer;

/** The figures of a run, and the page that explains them. */
final class RunReport {
    /** Bins of the figure of one neuron: more would be too dense to read. */
    private static final int SHOWN_BINS = 300;

    /** From this time on an axis shows seconds. */
    private static final double LONG_MS = 10_000;

    /** The largest number of neurons that a caption names. */
    private static final int NAMED = 20;

    /** From this explained variance on, a prediction covers the truth in a figure. */
    private static final double COVERS = 0.5;

    /** The stream that draws the neuron whose counts are shown. */
    static final String SHOWN_NEURON = "shown neuron";

    private final ForecastExperiment experiment;
    private final RunFolder folder;
    private final Page page;

    private RunReport(ForecastExperiment experiment, RunFolder folder) {
        this.experiment = experiment;
        this.folder = folder;
        String file = dataFile(experiment.arguments());
        page = new Page("Spikecast: " + (file == null ? experiment.name() : experiment.name() + " on " + file));
    }

    /** The name of the file or folder that a command line names as its data; null if it names none. */
    private static String dataFile(List<String> arguments) {
        for (int a = 0; a < arguments.size(); a++) {
            String word = arguments.get(a);
            String path = word.startsWith("--data=")
                    ? word.substring("--data=".length())
                    : word.equals("--data") && a + 1 < arguments.size() ? arguments.get(a + 1) : null;
            if (path != null) {
                return String.valueOf(Path.of(path).getFileName());
            }
        }
        return null;
    }

    /** Writes {@code report.html} and {@code figures}. */
    static void write(
            ForecastExperiment experiment,
            Split split,
            Map<String, Trained> trained,
            DMatrixRMaj target,
            CoupledStudy.Result study,
            Evaluation evaluation,
            FreeRun freeRun,
            InsideSection inside,
            RunFolder folder)
            throws IOException {
        RunReport report = new RunReport(experiment, folder);
        if (experiment.arguments().contains("--smoke")) {
            report.page.paragraph("A smoke test: its sizes are tiny, and its scores mean nothing.");
        }
        report.summary(split, trained, evaluation);
        report.scores(evaluation);
        report.spikeScores(evaluation);
        if (evaluation.findings() != null) {
            report.parts(evaluation.findings());
        }
        report.oneNeuron(split, trained, target);
        report.losses(trained);
        if (study != null) {
            report.variantLosses(study);
        }
        if (inside != null) {
            inside.write(report.page, folder);
        }
        if (freeRun != null) {
            report.freeRun(freeRun);
        }
        if (experiment.ring() != null) {
            report.raster();
        }
        report.page.heading("To repeat this run");
        report.page.code(RunFolder.again(experiment.arguments()));
        AtomicFiles.write(folder.file(RunFolder.REPORT), report.page.html());
    }

    private void figure(String name, Chart chart, String caption) throws IOException {
        folder.writeFigure(name, chart);
        page.figure(chart, caption);
    }

    private String bin() {
        return Decimal.shortest(experiment.series().widthMs()) + " ms bin";
    }

    private void summary(Split split, Map<String, Trained> trained, Evaluation evaluation) {
        Trained saved = trained.values().iterator().next();
        page.paragraph(saved.model().summary(experiment.series().neurons())
                + " It was trained on the first " + split.trainEnd()
                + " bins and validated on the next " + (split.validationEnd() - split.validationStart())
                + "; all scores are those of the last " + split.testBins() + ", which training never reads.");
        page.table(Evaluation.head(), evaluation.rows());
        for (String verdict : evaluation.verdicts()) {
            page.paragraph(verdict);
        }
    }

    private void scores(Evaluation evaluation) throws IOException {
        List<String> names = new ArrayList<>();
        List<Double> values = new ArrayList<>();
        evaluation.baselines().forEach((name, score) -> {
            if (!Evaluation.isCeiling(name)) {
                names.add(Evaluation.label(name));
                values.add(score == null ? Double.NaN : 100 * score.explainedVariance());
            }
        });
        evaluation.forecasters().forEach((name, score) -> {
            names.add(evaluation.forecaster(name));
            values.add(score == null ? Double.NaN : 100 * score.explainedVariance());
        });
        Score oracle = evaluation.baselines().get(Evaluation.ORACLE);
        boolean hasOracle = oracle != null && Double.isFinite(oracle.explainedVariance());
        double highest = hasOracle ? 100 * oracle.explainedVariance() : 0;
        for (double value : values) {
            highest = Double.isFinite(value) ? Math.max(highest, value) : highest;
        }
        Chart chart = Chart.of("Explained variance of the test part", "predictor", "explained variance, %")
                .bars(
                        names.toArray(String[]::new),
                        values.stream().mapToDouble(Double::doubleValue).toArray())
                .yRange(-0.25 * Math.max(highest, 4), 1.25 * Math.max(highest, 4));
        if (hasOracle) {
            double error = 100 * oracle.standardError();
            chart.level("oracle", 100 * oracle.explainedVariance(), Double.isFinite(error) ? error : 0);
        }
        page.heading("Scores");
        figure(
                "explained-variance",
                chart,
                "Explained variance, 1 - MSE / (MSE of each neuron's mean rate), over all test bins and neurons."
                        + (!hasOracle
                                ? ""
                                : " The oracle knows the network and its full state, but not the random input of the next bin."
                                        + " No forecast can be better."));
    }

    private void spikeScores(Evaluation evaluation) throws IOException {
        List<List<String>> rows = evaluation.spikeRows();
        if (rows.isEmpty()) {
            return;
        }
        page.heading("More than squared errors");
        page.paragraph(
                "Bits per spike are the log-likelihood above that of each neuron's mean rate, divided by the number of spikes."
                        + " AUC is the probability that a bin with a spike has a higher forecast than a bin without. The last three"
                        + " columns are explained variance: of each neuron's course in time, of the neurons' mean counts, and of the"
                        + " summed count of all neurons. Standard errors are from blocks of " + Score.BLOCK_BINS
                        + " bins. A forecast that is not positive counts as "
                        + Decimal.shortest(Prediction.FLOOR)
                        + " under the logarithm. The oracle's probabilities are (k + 1/2)/(M + 1) from k spikes in M branches;"
                        + " this estimate lowers its bits per spike and distorts its calibration slope.");
        page.table(Evaluation.spikeHead(), rows);
        page.paragraph(
                "Calibration: slope and intercept of a regression of the counts on the forecasts, on the logit or"
                        + " logarithmic scale; for a calibrated forecast they are 1 and 0. The calibration error is the mean"
                        + " distance between counts and forecasts over "
                        + Calibration.CLASSES
                        + " classes of forecasts; the last column is the error of a calibrated forecast by chance.");
        page.table(Evaluation.calibrationHead(), evaluation.calibrationRows());

        Chart calibration = Chart.of("Calibration", "forecast count per " + bin(), "mean count per " + bin())
                .logX()
                .logY();
        Chart perNeuron = Chart.of("Skill of each neuron", "neuron", "explained variance, %");
        double[] ends = {Double.POSITIVE_INFINITY, 0};
        shown(evaluation).forEach((label, score) -> {
            Calibration c = score.spikes().calibration();
            if (c.forecast().length > 0) {
                for (double forecast : c.forecast()) {
                    ends[0] = forecast > 0 ? Math.min(ends[0], forecast) : ends[0];
                    ends[1] = Math.max(ends[1], Double.isFinite(forecast) ? forecast : 0);
                }
                calibration.line(label, c.forecast(), c.frequency());
            }
            double[] neuron = new double[score.perNeuron().length];
            Arrays.setAll(neuron, a -> a);
            perNeuron.line(
                    label,
                    neuron,
                    Arrays.stream(score.perNeuron()).map(ev -> 100 * ev).toArray());
        });
        if (ends[1] > ends[0]) {
            calibration.line("perfect", ends, ends);
            figure(
                    "calibration",
                    calibration,
                    "Reliability diagram: mean count against mean forecast, in classes of forecasts with equal sums.");
        }
        List<String> names = experiment.series().names();
        StringBuilder which = new StringBuilder();
        for (int a = 0; names != null && a < Math.min(names.size(), NAMED); a++) {
            which.append(a == 0 ? " Neurons: " : ", ").append(a).append(" ").append(names.get(a));
        }
        which.append(names == null ? "" : names.size() > NAMED ? " and others." : ".");
        figure("skill-per-neuron", perNeuron, "Explained variance of each neuron's counts in the test part." + which);
    }

    /** The saved forecaster, the strongest baselines and the oracle. */
    private static Map<String, Score> shown(Evaluation evaluation) {
        Map<String, Score> shown = new LinkedHashMap<>();
        evaluation.forecasters().entrySet().stream()
                .findFirst()
                .ifPresent(saved -> shown.put(evaluation.forecaster(saved.getKey()), saved.getValue()));
        for (String name : List.of(Baselines.GLM, Baselines.GLM_MESSAGES, Evaluation.ORACLE)) {
            if (evaluation.baselines().get(name) != null) {
                shown.put(Evaluation.label(name), evaluation.baselines().get(name));
            }
        }
        return shown;
    }

    /** The ablation of the form {@code coupled}, and the parameters that its trace has learned. */
    private void parts(CoupledStudy.Findings findings) {
        page.heading("Ablation: what each part is worth");
        page.paragraph(findings.sentence());
        if (!findings.trace().isEmpty()) {
            page.paragraph(
                    "The parameters of the leaky trace, for excitatory (E) and inhibitory (I) neurons, beside those"
                            + " that the network was simulated with.");
            page.table(CoupledStudy.Findings.head(), findings.trace());
        }
    }

    private void oneNeuron(Split split, Map<String, Trained> trained, DMatrixRMaj target) throws IOException {
        int neuron = RandomStream.of(experiment.seed(), SHOWN_NEURON).nextInt(target.numCols);
        int bins = Math.min(SHOWN_BINS, target.numRows);
        boolean seconds = (split.testStart() + bins) * experiment.series().slideMs() > LONG_MS;
        double unitMs = seconds ? 1000 : 1;
        String timeLabel = seconds ? "time (s)" : "time (ms)";
        double[] time = new double[bins];
        double[] truth = new double[bins];
        for (int bin = 0; bin < bins; bin++) {
            time[bin] = (split.testStart() + bin) * experiment.series().slideMs() / unitMs;
            truth[bin] = target.get(bin, neuron);
        }
        String name = experiment.series().name(neuron);
        Chart chart =
                Chart.of(name + ", true and predicted", timeLabel, quantity()).steps("true", time, truth);
        Chart error = Chart.of(name + ", predicted minus true", timeLabel, "error of the " + quantity());
        boolean covered = false;
        for (Map.Entry<String, Trained> t : trained.entrySet()) {
            double[] predicted = new double[bins];
            for (int bin = 0; bin < bins; bin++) {
                predicted[bin] = t.getValue().forecast().get(bin, neuron);
            }
            chart.line("predicted, " + t.getKey(), time, predicted);
            if (t.getValue().score().explainedVariance() > COVERS) {
                double[] difference = new double[bins];
                Arrays.setAll(difference, bin -> predicted[bin] - truth[bin]);
                error.line(t.getKey(), time, difference);
                covered = true;
            }
        }
        page.heading("One neuron");
        figure(
                "one-neuron",
                chart,
                "A randomly chosen column of the data in the first " + bins
                        + " bins of the test part. Each prediction is the expected value, given the bins before.");
        if (covered) {
            figure(
                    "one-neuron-error",
                    error,
                    "The difference of the curves above, for predictions that cover the truth.");
        }
    }

    /** The quantity of a bin, for an axis: spike counts, or any values of a table. */
    private String quantity() {
        boolean simulated = experiment.ring() != null;
        return (simulated ? "spike count" : experiment.series().areCounts() ? "count" : "value") + " per " + bin();
    }

    private void losses(Map<String, Trained> trained) throws IOException {
        page.heading("Training");
        for (Map.Entry<String, Trained> t : trained.entrySet()) {
            int epochs = t.getValue().history().size();
            double[] epoch = new double[epochs];
            double[] training = new double[epochs];
            double[] validation = new double[epochs];
            for (int e = 0; e < epochs; e++) {
                epoch[e] = e + 1;
                training[e] = t.getValue().history().get(e).trainingLoss();
                validation[e] = t.getValue().history().get(e).validationLoss();
            }
            CountModel model = t.getValue().model();
            Chart chart = Chart.of("Loss of the form " + t.getKey(), "epoch", model.lossAxis())
                    .line("training", epoch, training)
                    .line("validation", epoch, validation);
            figure(
                    "loss-" + t.getKey(),
                    chart,
                    model.lossCaption() + " The parameters of epoch "
                            + t.getValue().best() + " were kept."
                            + belowTraining(t.getValue().history(), t.getValue().best()));
        }
    }

    /** An explanation where the validation loss is below the training loss; else empty. */
    private static String belowTraining(List<Trainer.Epoch> history, int best) {
        Trainer.Epoch epoch = best < 1 || best > history.size() ? null : history.get(best - 1);
        if (epoch == null || !(epoch.validationLoss() < epoch.trainingLoss())) {
            return "";
        }
        return " The validation loss is below the training loss: the training loss is a mean over an epoch in which the"
                + " weights still improve, and the validation bins may be easier to predict.";
    }

    /** The losses of the variants of the form {@code coupled}. */
    private void variantLosses(CoupledStudy.Result study) throws IOException {
        Chart[] charts = new Chart[2];
        for (int c = 0; c < charts.length; c++) {
            charts[c] = Chart.of(
                    "Form coupled, " + (c == 0 ? "training" : "validation") + " loss of each variant",
                    "epoch",
                    study.best().model().lossAxis());
        }
        study.outcomes().forEach((variant, outcome) -> {
            List<Trainer.Epoch> history = outcome.training().history();
            double[] epoch = new double[history.size()];
            Arrays.setAll(epoch, e -> e + 1);
            charts[0].line(
                    variant.label(),
                    epoch,
                    history.stream().mapToDouble(Trainer.Epoch::trainingLoss).toArray());
            charts[1].line(
                    variant.label(),
                    epoch,
                    history.stream().mapToDouble(Trainer.Epoch::validationLoss).toArray());
        });
        figure(
                "loss-coupled-variants",
                charts[0],
                "Training loss of the form coupled, with all parts and without each part.");
        figure(
                "validation-coupled-variants",
                charts[1],
                "Validation loss of the same variants; the variant with the lowest one is the saved model.");
    }

    private void freeRun(FreeRun run) throws IOException {
        page.heading("Free running");
        page.paragraph(
                "Free-running forecasters read spikes drawn from their own forecasts; the spikes of a bin are drawn together,"
                        + " given its fresh external events. They are compared with "
                        + run.simulations().length
                        + " fresh simulations of the same duration, of which the table gives means and standard deviations. A"
                        + " burst is a run of bins in which the population's count is above its mean by"
                        + " three standard deviations of independent neurons; gaps of up to 3 ms do not end it.");
        List<String> head = new ArrayList<>(List.of("statistic", "simulations"));
        run.forecasters().keySet().forEach(name -> head.add(Evaluation.label(name)));
        List<List<String>> rows = new ArrayList<>();
        run.simulationValues().forEach((name, spread) -> {
            List<String> row = new ArrayList<>();
            row.add(Facts.label(name));
            row.add(Evaluation.fixed(spread[0], 3) + " \u00b1 " + Evaluation.fixed(spread[1], 3));
            run.forecasters()
                    .values()
                    .forEach(s -> row.add(Evaluation.fixed(s.values().get(name), 3)));
            rows.add(row);
        });
        page.table(head, rows);
        run.findings().forEach(page::paragraph);
        String last = "";
        for (String name : run.free().keySet()) {
            last = name;
        }
        figure("raster-simulated", raster(run, "A fresh simulation", run.simulated()), "One fresh simulation.");
        figure(
                "raster-free-run",
                raster(
                        run,
                        Evaluation.label(last) + ", free running",
                        run.free().get(last)),
                "Spikes that the forecaster drew from its own forecasts.");

        double[] correlation = run.simulationMean(PopulationStatistics::correlation);
        double[] distance = new double[correlation.length];
        Arrays.setAll(distance, d -> d);
        Chart pairs = Chart.of("Correlation of pairs", "distance on the ring (positions)", "correlation of counts")
                .line("simulations", distance, correlation);
        double[] power = run.simulationMean(PopulationStatistics::spectrum);
        double[] frequency = new double[power.length];
        Arrays.setAll(frequency, f -> (f + 1) * PopulationStatistics.frequencyStepHz(run.binMs()));
        Chart spectrum = Chart.of("Spectrum of the population", "frequency (Hz)", "power / mean count")
                .line("simulations", frequency, power);
        run.forecasters().forEach((name, s) -> {
            pairs.line(Evaluation.label(name), distance, s.correlation());
            spectrum.line(Evaluation.label(name), frequency, s.spectrum());
        });
        figure("correlation", pairs, "Mean correlation of two neurons' counts in windows of 5 ms.");
        figure(
                "spectrum",
                spectrum,
                "Power spectrum of the summed count of all neurons; independent Poisson neurons have 1.");

        Chart horizon = Chart.of("Forecasts from a known state", "bins ahead (ms)", "explained variance, %");
        List<String> reach = new ArrayList<>();
        run.horizon().explained().forEach((name, explained) -> {
            horizon.line(
                    Evaluation.label(name),
                    run.horizon().lagMs(),
                    Arrays.stream(Estimate.values(explained))
                            .map(ev -> 100 * ev)
                            .toArray());
            reach.add(Evaluation.label(name) + " "
                    + Decimal.shortest(run.horizon().reachMs(name)) + " ms");
        });
        figure(
                "horizon",
                horizon,
                "Each forecast is the mean of rollouts with fresh input, from the state of a forecaster that has read the data; the"
                        + " oracle's rollouts are simulations from the true state. Forecasts beat the mean rate by more than two"
                        + " standard errors for: " + String.join(", ", reach) + ".");
    }

    /** The last second of a run. */
    private static Chart raster(FreeRun run, String title, byte[] counts) {
        int n = run.neurons();
        int bins = counts.length / n;
        int spiking = 0;
        for (byte count : counts) {
            spiking += count > 0 ? 1 : 0;
        }
        Chart chart = Chart.of(title, "time (ms)", "neuron");
        for (int half = 0; half < 2; half++) {
            double[] x = new double[spiking];
            double[] y = new double[spiking];
            int shown = 0;
            for (int bin = 0; bin < bins; bin++) {
                for (int a = half * n / 2; a < (half + 1) * n / 2; a++) {
                    if (counts[bin * n + a] > 0) {
                        x[shown] = bin * run.binMs();
                        y[shown++] = a;
                    }
                }
            }
            chart.ticks(half == 0 ? "excitatory" : "inhibitory", Arrays.copyOf(x, shown), Arrays.copyOf(y, shown));
        }
        return chart;
    }

    private void raster() throws IOException {
        SpikeTrains spikes = experiment.ring().spikes();
        page.heading("The data");
        page.paragraph("Parameters of the simulated network, and statistics of its activity.");
        page.table(
                List.of("parameter", "value"),
                Facts.rows(experiment.ring().setup().toJson()));
        page.table(List.of("statistic", "value"), Facts.rows(experiment.ring().statistics()));
        figure("raster", raster(spikes), "Every spike of the recording's last second.");
    }

    /** The last second of spikes, excitatory neurons below. */
    static Chart raster(SpikeTrains spikes) {
        double end = spikes.steps() * spikes.dt();
        double start = Math.max(0, end - 1000);
        double[] time = spikes.spikeTimes();
        int[] neuron = spikes.spikeNeurons();
        Chart chart = Chart.of("Spikes", "time (ms)", "neuron");
        int half = spikes.neurons() / 2;
        addTicks(chart, "excitatory", time, neuron, start, 0, half);
        addTicks(chart, "inhibitory", time, neuron, start, half, spikes.neurons());
        return chart;
    }

    private static void addTicks(
            Chart chart, String name, double[] time, int[] neuron, double start, int from, int to) {
        double[] x = new double[time.length];
        double[] y = new double[time.length];
        int shown = 0;
        for (int s = 0; s < time.length; s++) {
            if (time[s] >= start && neuron[s] >= from && neuron[s] < to) {
                x[shown] = time[s];
                y[shown++] = neuron[s];
            }
        }
        chart.ticks(name, Arrays.copyOf(x, shown), Arrays.copyOf(y, shown));
    }
}
