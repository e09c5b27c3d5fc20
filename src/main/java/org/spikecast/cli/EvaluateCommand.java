package org.spikecast.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.counts.CoupledForecaster;
import org.spikecast.counts.RingStudy;
import org.spikecast.counts.Series;
import org.spikecast.counts.internal.Baselines;
import org.spikecast.counts.internal.CountTask;
import org.spikecast.counts.internal.Evaluation;
import org.spikecast.counts.internal.ForecastExperiment;
import org.spikecast.counts.internal.Oracle;
import org.spikecast.counts.internal.RingData;
import org.spikecast.counts.internal.Score;
import org.spikecast.counts.internal.SeriesFile;
import org.spikecast.counts.internal.Split;
import org.spikecast.io.internal.Decimal;
import org.spikecast.io.internal.Json;
import org.spikecast.kernel.Kernel;
import org.spikecast.lstm.Cell;
import org.spikecast.model.Forecaster;
import org.spikecast.voltage.internal.BlockScore;
import org.spikecast.voltage.internal.TraceExperiment;
import org.spikecast.voltage.internal.TraceReport;
import org.spikecast.voltage.internal.TraceTask;
import org.spikecast.voltage.internal.Traces;

/** {@code spikecast evaluate}: a model's scores on the test part of some data, beside the baselines. */
final class EvaluateCommand extends Command {
    private final Option<Path> model = required("--model", Path.class, "FILE", "Model, as safetensors.");
    private final DataOptions data = new DataOptions(this);
    private final Option<Integer> branches =
            option("--branches", Integer.class, "N", "200", "Monte-Carlo branches of the oracle from each state.");
    private final CeilingOptions ceiling = new CeilingOptions(this);
    private final Option<Double> testFraction = option(
                    "--test-fraction", Double.class, "X", null, "Fraction of the bins, the last ones, to test on.")
            .byDefault("the model's");
    private final Option<Double> validationFraction = option(
            "--validation-fraction",
            Double.class,
            "X",
            String.valueOf(RingStudy.VALIDATION_FRACTION),
            "Fraction of the other bins, the last ones, on which the linear predictors choose their penalty.");
    private final Option<Path> edges = Models.edges(this);
    private final Option<Boolean> json = json();

    EvaluateCommand() {
        super(
                "evaluate",
                "Scores a model on the test part of a simulated folder or a CSV file, beside the baselines.",
                "spikecast evaluate --model mine/model.safetensors --data counts.csv",
                "spikecast evaluate --model coupled/model.safetensors --data runs/ring --json");
    }

    @Override
    int run(Console console, List<String> arguments) throws Exception {
        Oracle.requireBranches(branches.get());
        CoupledForecaster coupled = CoupledForecaster.read(model.get());
        if (coupled != null) {
            return coupled(console, coupled);
        }
        if (edges.get() != null) {
            throw new IllegalArgumentException("--edges is for models of the form coupled");
        }
        Forecaster forecaster = Models.read(model.get());
        if (forecaster.task() instanceof TraceTask trace) {
            refuse("a model of voltage traces is scored on blocks of them", branches, testFraction, validationFraction);
            return trace(console, forecaster, trace);
        }
        if (!(forecaster.task() instanceof CountTask task)) {
            throw new IllegalArgumentException(
                    "Model " + model.get()
                            + " does not name the form and window that it was trained for: train it with spikecast to evaluate it");
        }
        Series series = data.series(console);
        RingData ring = ring(series, console);
        int window = task.window();
        if (task.widthMs() != series.widthMs() || task.slideMs() != series.slideMs()) {
            throw new IllegalArgumentException("The model is for bins of " + task.widthMs() + " ms slid by "
                    + task.slideMs() + " ms, the data have " + series.widthMs() + " and " + series.slideMs());
        }
        Split split = split(console, series, task.testFraction());
        split.requireWindow(window);
        Kernel kernel = console.kernel();
        DMatrixRMaj forecast = task.forecast(
                kernel, forecaster, task.form().sequences(series), split.testStart(), split.bins(), console);
        return score(
                console,
                forecaster.network().config().cell(),
                task.form().label(),
                series,
                ring,
                split,
                window,
                forecast);
    }

    /** A model of the form coupled, on its own connections or on others. */
    private int coupled(Console console, CoupledForecaster model) throws IOException {
        Series series = data.series(console);
        CoupledForecaster forecaster =
                edges.get() == null ? model : model.on(SeriesFile.readConnections(edges.get(), series.neurons()));
        forecaster.requireFit(series);
        RingData ring = ring(series, console);
        Split split = split(console, series, model.testFraction());
        DMatrixRMaj forecast = forecaster.forecast(console.kernel(), series, split.testStart(), split.bins());
        return score(console, Cell.LSTM, CoupledForecaster.FORM, series, ring, split, Baselines.WINDOW, forecast);
    }

    private RingData ring(Series series, Console console) throws IOException {
        RingData ring = data.ring(series, console);
        if (ring == null) {
            refuse("without the simulation there is no oracle", branches);
        }
        return ring;
    }

    private Split split(Console console, Series series, double modelsFraction) {
        double fraction = testFraction.or(modelsFraction);
        if (fraction > modelsFraction) {
            console.remark("The model was trained on all but the last fraction " + Decimal.shortest(modelsFraction)
                    + " of its data: if these are the same data, part of the test bins were training bins");
        }
        return Split.byTime(series.bins(), series.overlap(), fraction, validationFraction.get());
    }

    private int score(
            Console console,
            Cell cell,
            String form,
            Series series,
            RingData ring,
            Split split,
            int window,
            DMatrixRMaj forecast)
            throws IOException {
        Kernel kernel = console.kernel();
        Score score = Score.of(Baselines.test(series, split), forecast, Baselines.meanRate(series, split));
        int particles = ceiling.particles(false);
        if (particles > 0) {
            ForecastExperiment.requireCeiling(ring, particles);
        }
        Evaluation evaluation = new Evaluation(
                cell,
                Map.of(form, score),
                ForecastExperiment.baselines(kernel, series, ring, split, window, branches.get(), particles, console)
                        .scores());
        if (json.get()) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("test", Evaluation.json(score));
            result.put("baselines", evaluation.baselinesJson());
            console.print(Json.write(result).stripTrailing());
        } else {
            console.table(Evaluation.head(), evaluation.rows());
            evaluation.verdicts().forEach(console::print);
        }
        return Main.DONE;
    }

    /** A model that forecasts a voltage trace. */
    private int trace(Console console, Forecaster forecaster, TraceTask task) throws IOException {
        Traces traces = data.traces();
        if (Math.abs(traces.sampleMs() / task.sampleMs() - 1) > 1e-9) {
            throw new IllegalArgumentException(
                    "The model is for samples of " + task.sampleMs() + " ms, the data have " + traces.sampleMs());
        }
        Map<String, BlockScore> scores = TraceExperiment.evaluate(console.kernel(), forecaster, task, traces);
        console.remark(
                "Blocks are drawn from these traces; a run scores blocks of its test trajectories: other blocks, other"
                        + " errors, of the model and of persistence");
        if (json.get()) {
            Map<String, Object> result = new LinkedHashMap<>();
            scores.forEach((name, score) -> result.put(name, TraceExperiment.json(score)));
            console.print(Json.write(result).stripTrailing());
        } else {
            console.table(
                    TraceReport.head(),
                    scores.entrySet().stream()
                            .map(e -> TraceReport.row(e.getKey(), TraceExperiment.json(e.getValue())))
                            .toList());
        }
        return Main.DONE;
    }
}
