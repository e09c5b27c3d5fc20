package org.spikecast.voltage.internal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.spikecast.inspect.internal.InsideSection;
import org.spikecast.io.NdArray;
import org.spikecast.io.internal.AtomicFiles;
import org.spikecast.io.internal.Label;
import org.spikecast.report.internal.Chart;
import org.spikecast.report.internal.Page;
import org.spikecast.run.RunFolder;
import org.spikecast.run.internal.Facts;
import org.spikecast.voltage.internal.TraceExperiment.Results;

/** The tables, the figures and the page of a {@link TraceExperiment}, made from its results. */
public final class TraceReport {
    private static final int SHOWN_MS = 150;
    private static final String HORIZONS = Label.of(TraceTraining.Group.HORIZONS);
    private static final String ORDERS = Label.of(TraceTraining.Group.ORDERS);

    /** Curves over time show the root mean square over this time. */
    private static final double DRAWN_MS = 5;

    private static final int[] TABLE_MS = {1, 5, 10, 25, 50, 100, 200, 400};

    private final TraceExperiment experiment;
    private final Results results;
    private final RunFolder folder;
    private final Page page;

    private TraceReport(TraceExperiment experiment, Results results, RunFolder folder) {
        this.experiment = experiment;
        this.results = results;
        this.folder = folder;
        page = new Page("Spikecast: " + experiment.name());
    }

    /** Writes {@code report.html} and {@code figures}. */
    static void write(
            TraceExperiment experiment,
            TraceData data,
            Results results,
            Map<String, Object> divergence,
            Map<String, NdArray> predictions,
            InsideSection inside,
            RunFolder folder)
            throws IOException {
        TraceReport report = new TraceReport(experiment, results, folder);
        if (experiment.arguments().contains("--smoke")) {
            report.page.paragraph("A smoke test: its sizes are tiny, and its scores mean nothing.");
        }
        report.summary(data);
        report.byStep();
        report.traces(data.freeRun(), predictions);
        report.overTime(data, divergence);
        report.freeRuns();
        report.orders();
        report.losses();
        inside.write(report.page, folder);
        report.page.heading("How it was made");
        report.page.table(
                List.of("parameter", "value"), Facts.rows(experiment.source().toJson()));
        report.page.code(RunFolder.again(experiment.arguments()));
        AtomicFiles.write(folder.file(RunFolder.REPORT), report.page.html());
    }

    private void figure(String name, Chart chart, String caption) throws IOException {
        folder.writeFigure(name, chart);
        page.figure(chart, caption);
    }

    /** The heads of the columns of {@link #rows}. */
    public static List<String> head() {
        return List.of("predictor", "RMSE, mV", "active blocks, mV", "first sample, mV", "last sample, mV");
    }

    /** Baselines and networks side by side. */
    public static List<List<String>> rows(Results results) {
        List<List<String>> rows = new ArrayList<>();
        for (String name : BlockBaselines.NAMES) {
            rows.add(row(name.replace('_', ' '), map(results.baselines().get(name))));
        }
        for (Map<String, Object> network : results.networks()) {
            if (!ORDERS.equals(network.get("group"))) { // they have a table of their own
                rows.add(row("LSTM " + network.get("name"), map(network.get("test"))));
            }
        }
        return rows;
    }

    /** One row: a score as {@link TraceExperiment#json} gives it, or as it was read. */
    public static List<String> row(String name, Map<?, ?> score) {
        double[] steps = numbers(score.get("rmse_by_step_mv"));
        return List.of(
                name,
                fixed(number(score.get("rmse_mv")), 2),
                fixed(number(score.get("active_rmse_mv")), 2),
                fixed(steps[0], 2),
                fixed(steps[steps.length - 1], 2));
    }

    private void summary(TraceData data) {
        TraceTraining first = experiment.trainings().get(0);
        BlockForm form = experiment.block();
        double ms = form.horizon() * experiment.source().sampleMs();
        Map<?, ?> test = map(results.networks().get(0).get("test"));
        page.paragraph(experiment.source().caption() + " An LSTM of "
                + results.networks().get(0).get("parameters")
                + " parameters reads "
                + first.form().inputCaption()
                + " of voltage and current and forecasts the next " + form.horizon() + " (" + Facts.text(ms)
                + " ms), a block. It was trained on "
                + first.form().learned(data).cells()
                + " trajectories. All scores are those of " + test.get("blocks") + " blocks from "
                + data.test().cells() + " other trajectories; " + test.get("active_blocks")
                + " of these blocks are active: their voltage spans more than 30 mV.");
        page.table(head(), rows(results));
    }

    private void byStep() throws IOException {
        Chart chart = Chart.of("Error within the block", "time after the window (ms)", "RMSE (mV)");
        for (String name : BlockBaselines.NAMES) {
            curve(chart, name.replace('_', ' '), map(results.baselines().get(name)));
        }
        Map<String, Object> network = results.networks().get(0);
        curve(chart, "LSTM " + network.get("name"), map(network.get("test")));
        page.heading("One block");
        figure("rmse-by-step", chart, "Root mean squared error of each sample of the block, over all test blocks.");
    }

    private void curve(Chart chart, String name, Map<?, ?> score) {
        double[] rmse = numbers(score.get("rmse_by_step_mv"));
        double[] time = new double[rmse.length];
        for (int k = 0; k < time.length; k++) {
            time[k] = (k + 1) * experiment.source().sampleMs();
        }
        chart.line(name, time, rmse);
    }

    private void traces(Traces traces, Map<String, NdArray> predictions) throws IOException {
        double[] target = predictions.get("target").doubles();
        int starts = predictions.get("target").shape()[1];
        double sample = traces.sampleMs();
        int free = target.length / starts;
        int shown = Math.min(free, (int) Math.rint(SHOWN_MS / sample));
        double[] time = new double[shown];
        double[] truth = new double[shown];
        for (int k = 0; k < shown; k++) {
            time[k] = (k + 1) * sample;
            truth[k] = target[k * starts];
        }
        Chart trace = Chart.of("Voltage, true and forecast", "time since the last observation (ms)", "voltage (mV)")
                .line("true", time, truth);
        Chart error = Chart.of("Forecast minus truth", "time since the last observation (ms)", "error (mV)");
        Chart phase = Chart.of("The same in the phase plane", "voltage (mV)", "dV/dt (mV/ms)")
                .line("true", Arrays.copyOfRange(truth, 1, shown - 1), slope(truth, sample));
        predictions.forEach((name, array) -> {
            if (name.startsWith(TraceExperiment.PREDICTION)) {
                double[] forecast = array.doubles();
                double[] predicted = new double[shown];
                for (int k = 0; k < shown; k++) {
                    predicted[k] = forecast[k * starts];
                }
                boolean saved = name.equals(TraceExperiment.PREDICTION);
                String label = saved
                        ? experiment.trainings().get(0).name()
                        : name.substring(TraceExperiment.PREDICTION.length() + 1);
                trace.line(label, time, predicted);
                double[] difference = new double[shown];
                Arrays.setAll(difference, k -> predicted[k] - truth[k]);
                error.line(label, time, difference);
                phase.line(label, Arrays.copyOfRange(predicted, 1, shown - 1), slope(predicted, sample));
            }
        });
        page.heading("Forecasts without observation");
        figure(
                "trace",
                trace,
                "The first test neuron. A direct forecaster reads each block that it has forecast as the window of the next one; an"
                        + " autoregressive network has read the voltage up to time 0, and from then on reads its own forecasts."
                        + " Both know the current.");
        figure(
                "trace-error",
                error,
                "The difference of the curves above, which shows errors where a forecast covers the truth.");
        figure("phase", phase, "Voltage and its central difference. A spike is a large loop.");
    }

    private static double[] slope(double[] v, double sampleMs) {
        double[] slope = new double[v.length - 2];
        for (int k = 0; k < slope.length; k++) {
            slope[k] = (v[k + 2] - v[k]) / (2 * sampleMs);
        }
        return slope;
    }

    private void overTime(TraceData data, Map<String, Object> divergence) throws IOException {
        double deviation = data.freeRun().meanAndDeviation()[1];
        Chart chart =
                Chart.of("Error of forecasts without observation", "time since the last observation (ms)", "RMSE (mV)");
        List<String> head = new ArrayList<>(List.of("forecast"));
        for (int ms : TABLE_MS) {
            head.add(ms + " ms");
        }
        head.add("mean");
        List<List<String>> rows = new ArrayList<>();
        for (Map<String, Object> network : freeRunning()) {
            Map<?, ?> free = map(network.get("free_run"));
            addCurve(
                    chart,
                    rows,
                    String.valueOf(network.get("name")),
                    numbers(free.get("rmse_mv")),
                    number(free.get("bin_ms")));
        }
        divergence.forEach(
                (mv, curve) -> addCurve(chart, rows, "truth, perturbed by " + mv + " mV", numbers(curve), 1));
        chart.level("standard deviation of the signal", deviation, 0);
        figure(
                "rmse-over-time",
                chart,
                "Root mean squared error over all starts and 5 ms. Perturbed truth: the difference of two true traces whose initial"
                        + " voltages differ by the given amount.");
        page.table(head, rows);
        page.paragraph(horizonStatement());
    }

    private static void addCurve(Chart chart, List<List<String>> rows, String name, double[] rmse, double binMs) {
        int together = Math.max(1, (int) Math.rint(DRAWN_MS / binMs));
        double[] time = new double[rmse.length / together];
        double[] drawn = new double[time.length];
        for (int k = 0; k < time.length; k++) {
            time[k] = (k + 0.5) * together * binMs;
            double squares = 0;
            for (int bin = k * together; bin < (k + 1) * together; bin++) {
                squares += rmse[bin] * rmse[bin];
            }
            drawn[k] = Math.sqrt(squares / together);
        }
        chart.line(name, time, drawn);
        List<String> row = new ArrayList<>(List.of(name));
        for (int ms : TABLE_MS) {
            int bin = (int) Math.ceil(ms / binMs) - 1;
            row.add(bin < rmse.length ? fixed(rmse[bin], 2) : "n/a");
        }
        row.add(fixed(Arrays.stream(rmse).average().orElse(Double.NaN), 2));
        rows.add(row);
    }

    /** The networks whose free runs are reported: all but those that compare orders. */
    private List<Map<String, Object>> freeRunning() {
        return results.networks().stream()
                .filter(network -> !ORDERS.equals(network.get("group")))
                .toList();
    }

    private List<Map<String, Object>> horizons() {
        return results.networks().stream()
                .filter(network -> HORIZONS.equals(network.get("group")))
                .toList();
    }

    /** A sentence on the claim of the task's source that a longer horizon gives a better forecast. */
    private String horizonStatement() {
        Map<Integer, List<Double>> byHorizon = new TreeMap<>();
        for (Map<String, Object> network : horizons()) {
            double[] rmse = numbers(map(network.get("free_run")).get("rmse_mv"));
            int bins = Math.min(rmse.length, 50);
            byHorizon
                    .computeIfAbsent((int) number(network.get("horizon")), h -> new ArrayList<>())
                    .add(Arrays.stream(rmse, 0, bins).average().orElse(Double.NaN));
        }
        if (byHorizon.size() < 2) {
            return "The option --full compares horizons of 1, 50, 100 and 200 samples.";
        }
        List<String> parts = new ArrayList<>();
        boolean holds = true;
        double before = Double.POSITIVE_INFINITY;
        for (Map.Entry<Integer, List<Double>> entry : byHorizon.entrySet()) {
            double mean = entry.getValue().stream()
                    .mapToDouble(Double::doubleValue)
                    .average()
                    .orElse(Double.NaN);
            parts.add(fixed(mean, 2) + " mV for N_p = " + entry.getKey());
            holds &= mean < before;
            before = mean;
        }
        return "Over the first 50 ms the error is " + String.join(", ", parts)
                + (holds
                        ? ": a longer horizon gives a better forecast."
                        : ": a longer horizon is not always better here.");
    }

    private void freeRuns() {
        List<String> head = List.of(
                "network",
                "spikes (true)",
                "missed",
                "false",
                "timing, ms",
                "count within 1, %",
                "followed, %",
                "per burst (true)",
                "period, ms (true)",
                "valid, ms");
        List<List<String>> rows = new ArrayList<>();
        for (Map<String, Object> network : freeRunning()) {
            Map<?, ?> f = map(network.get("free_run"));
            rows.add(List.of(
                    String.valueOf(network.get("name")),
                    pair(f, "spikes", 1),
                    fixed(number(f.get("missed_spikes")), 1),
                    fixed(number(f.get("false_spikes")), 1),
                    timing(f),
                    fixed(100 * number(f.get("count_within_one")), 0),
                    fixed(100 * number(f.get("followed")), 0),
                    pair(f, "spikes_per_burst", 2),
                    pair(f, "period_ms", 1),
                    fixed(number(f.get("valid_ms")), 1)));
        }
        page.heading("Free runs as spikes");
        page.paragraph(
                "Means over all starts. A true spike is missed, and a forecast one is false, if its nearest counterpart is"
                        + " farther than half the shortest true interval. Timing is the median over starts of the mean distance between"
                        + " the i-th true and the i-th forecast spike. A run is followed if its number of spikes is right within one and"
                        + " that distance is below half the shortest interval. A forecast is valid for as long as its error over 5 ms is"
                        + " below half the signal's standard deviation; the median is given.");
        page.table(head, rows);
    }

    /** The timing error of a free run; of one without a spike there is none, though the median over starts may be 0. */
    static String timing(Map<?, ?> free) {
        return number(free.get("spikes")) > 0 ? fixed(number(free.get("ordered_timing_error_ms")), 2) : "n/a";
    }

    private static String pair(Map<?, ?> free, String key, int digits) {
        double value = number(free.get(key));
        double truth = number(free.get("true_" + key));
        return Double.isNaN(value) && Double.isNaN(truth)
                ? "n/a"
                : fixed(value, digits) + " (" + fixed(truth, digits) + ")";
    }

    /** Orders and heads, means over seeds. */
    private void orders() {
        Map<String, List<Map<?, ?>>> byForm = new LinkedHashMap<>();
        for (Map<String, Object> network : results.networks()) {
            if (ORDERS.equals(network.get("group"))) {
                byForm.computeIfAbsent(network.get("head") + ", " + network.get("order"), k -> new ArrayList<>())
                        .add(map(network.get("test")));
            }
        }
        if (byForm.isEmpty()) {
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        Map<String, double[]> rmse = new LinkedHashMap<>();
        byForm.forEach((form, scores) -> {
            rmse.put(form, each(scores, s -> number(s.get("rmse_mv"))));
            rows.add(List.of(
                    form,
                    spread(rmse.get(form)),
                    spread(each(scores, s -> number(s.get("active_rmse_mv")))),
                    spread(each(scores, s -> numbers(s.get("rmse_by_step_mv"))[0])),
                    spread(each(scores, s -> last(numbers(s.get("rmse_by_step_mv")))))));
        });
        page.heading("Order of the window, and head");
        page.paragraph("Means and standard deviations over "
                + byForm.values().iterator().next().size() + " seeds, at equal numbers of updates.");
        page.table(
                List.of("head, order", "RMSE, mV", "active blocks, mV", "first sample, mV", "last sample, mV"), rows);
        List<String> statements = new ArrayList<>();
        rmse.forEach((form, reversed) -> {
            if (form.endsWith(", reversed")) {
                String head = form.substring(0, form.indexOf(','));
                statements.add("with the head on " + head + " " + comparison(reversed, rmse.get(head + ", forward")));
            }
        });
        page.paragraph("Reading the window in reversed order: " + String.join("; ", statements) + ".");
    }

    private static double[] each(List<Map<?, ?>> scores, ToDoubleFunction<Map<?, ?>> measure) {
        return scores.stream().mapToDouble(measure).toArray();
    }

    private static double last(double[] values) {
        return values[values.length - 1];
    }

    /** The difference of errors in reversed and forward order, if it exceeds the scatter of the seeds. */
    private static String comparison(double[] reversed, double[] forward) {
        double difference = mean(reversed) - mean(forward);
        double error = Math.sqrt(variance(reversed) / reversed.length + variance(forward) / forward.length);
        if (!(Math.abs(difference) > 2 * error)) {
            return "the difference is within the scatter of the seeds";
        }
        return "it is " + (difference < 0 ? "better" : "worse") + " by " + fixed(Math.abs(difference), 2) + " mV";
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElse(Double.NaN);
    }

    private static double variance(double[] values) {
        double mean = mean(values);
        return Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / (values.length - 1);
    }

    private static String spread(double[] values) {
        String deviation = values.length < 2 ? "" : " ± " + fixed(Math.sqrt(variance(values)), 2);
        return fixed(mean(values), 2) + deviation;
    }

    /**
     * The losses of every network; of those that compare horizons or orders one chart each, of validation losses only.
     */
    private void losses() throws IOException {
        page.heading("Training");
        for (int n = 0; n < results.networks().size(); n++) {
            Map<String, Object> network = results.networks().get(n);
            TraceTraining trained = experiment.trainings().get(n);
            if (n == 0 || trained.group() == TraceTraining.Group.STEPS) {
                double[] updates = updates(n);
                double[] training = numbers(network.get("training_loss"));
                double[] validation = numbers(network.get("validation_loss"));
                figure(
                        n == 0 ? "loss" : "loss-" + network.get("name"),
                        Chart.of(
                                        "Loss of " + network.get("name"),
                                        "updates",
                                        trained.form().lossAxis())
                                .line("training", updates, training)
                                .line("validation", updates, validation)
                                .logY(),
                        trained.form().lossCaption());
            }
        }
        for (TraceTraining.Group group : TraceTraining.Group.values()) {
            Chart chart = Chart.of("Validation loss, " + Label.of(group), "updates", "validation loss")
                    .logY();
            int shown = 0;
            for (int n = 1; n < results.networks().size(); n++) {
                TraceTraining trained = experiment.trainings().get(n);
                if (trained.group() == group && group != TraceTraining.Group.STEPS) {
                    Map<String, Object> network = results.networks().get(n);
                    chart.line(
                            String.valueOf(network.get("name")), updates(n), numbers(network.get("validation_loss")));
                    shown++;
                }
            }
            if (shown > 0) {
                figure("validation-loss-" + Label.of(group), chart, "Validation losses of the compared networks.");
            }
        }
    }

    private double[] updates(int network) {
        double[] updates = new double[numbers(results.networks().get(network).get("training_loss")).length];
        Arrays.setAll(
                updates, e -> (e + 1.0) * experiment.trainings().get(network).updatesPerEpoch());
        return updates;
    }

    private static Map<?, ?> map(Object value) {
        return (Map<?, ?>) value;
    }

    private static double number(Object value) {
        return value == null ? Double.NaN : ((Number) value).doubleValue();
    }

    private static double[] numbers(Object list) {
        return list instanceof double[] array
                ? array
                : ((List<?>) list).stream().mapToDouble(TraceReport::number).toArray();
    }

    private static String fixed(double value, int digits) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%." + digits + "f", value) : "n/a";
    }
}
