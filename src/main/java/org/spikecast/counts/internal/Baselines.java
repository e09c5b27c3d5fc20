package org.spikecast.counts.internal;

import java.util.LinkedHashMap;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.spikecast.counts.CountStream;
import org.spikecast.counts.Form;
import org.spikecast.counts.Series;
import org.spikecast.kernel.Kernel;
import org.spikecast.run.Progress;
import org.spikecast.train.Scaling;

/** Scores of simple predictors on the test part: a forecaster's score means little without them. */
public final class Baselines {
    /** Bins that the moving average, ridge and the shared linear predictor read. */
    public static final int WINDOW = 10;

    /** The names of the coupled generalised linear model, without and with a message step. */
    public static final String GLM = "glm";

    public static final String GLM_MESSAGES = "glm_messages";

    /**
     * How many cases, one per neuron and bin, weights that neurons share are fitted to: the last ones. Some hundred weights need
     * no more.
     */
    static final int MOST_SHARED_CASES = 1 << 22;

    /** Ridge with more features than this takes minutes, and more memory than it is worth. */
    private static final int MOST_FEATURES = 4000;

    private Baselines() {}

    /** Each neuron's mean value before the test part: the reference of explained variance. */
    public static double[] meanRate(Series series, Split split) {
        return Scaling.centred(new DMatrixRMaj[] {series.values()}, split.validationEnd())
                .offset();
    }

    /**
     * Baselines of a series.
     *
     * @param scores by name, in the order of a table; null where a baseline cannot be computed or is too large
     * @param streams new streams of those that can run free, by name
     */
    public record Fitted(Map<String, Score> scores, Map<String, CountStream> streams) {}

    /**
     * Fits and scores every baseline.
     *
     * @param window the forecaster's window: if it is not {@link #WINDOW}, the shared linear predictor is fitted to it
     *     too, as a linear peer with the same input
     * @param progress polled; an interruption ends the work
     */
    public static Fitted fit(Kernel kernel, Series series, Split split, int window, Progress progress) {
        DMatrixRMaj values = series.values();
        double[] mean = meanRate(series, split);
        DMatrixRMaj target = test(series, split);
        Map<String, Score> scores = new LinkedHashMap<>();
        scores.put("zero", values(target, mean, (bin, a) -> 0));
        progress.stopIfInterrupted();
        scores.put("mean_rate", score(target, mean, (bin, a) -> mean[a]));
        int start = split.testStart();
        progress.stopIfInterrupted();
        scores.put("last_value", values(target, mean, (bin, a) -> values.get(start + bin - 1, a)));
        progress.stopIfInterrupted();
        boolean lookBack = start >= WINDOW; // or else the series begins within the first average
        scores.put(
                "moving_average", lookBack ? score(target, mean, (bin, a) -> average(values, start + bin, a)) : null);
        scores.put("ridge", linear(kernel, series, split, Form.FULL, WINDOW, progress));
        scores.put("shared_linear", linear(kernel, series, split, Form.SHARED, WINDOW, progress));
        if (window != WINDOW) {
            scores.put("shared_linear_same_window", linear(kernel, series, split, Form.SHARED, window, progress));
        }
        Map<String, CountStream> streams = new LinkedHashMap<>();
        CoupledGlm glm = CoupledGlm.fit(kernel, series, split, progress);
        add(GLM, glm, series, split, progress, scores, streams);
        CoupledGlm messages = glm == null ? null : glm.withMessages(kernel, series, split, progress);
        add(GLM_MESSAGES, messages, series, split, progress, scores, streams);
        return new Fitted(scores, streams);
    }

    private static void add(
            String name,
            CoupledGlm glm,
            Series series,
            Split split,
            Progress progress,
            Map<String, Score> scores,
            Map<String, CountStream> streams) {
        scores.put(name, null);
        if (glm != null) {
            DMatrixRMaj forecast = glm.forecast(series, split.testStart(), split.bins(), progress);
            scores.put(name, Score.of(test(series, split), forecast, meanRate(series, split)));
            streams.put(name, glm.stream());
        }
    }

    /** The values of the test part, bins x neurons. */
    public static DMatrixRMaj test(Series series, Split split) {
        return CommonOps_DDRM.extract(series.values(), split.testStart(), split.bins(), 0, series.neurons());
    }

    @FunctionalInterface
    private interface Predictor {
        double predict(int testBin, int neuron);
    }

    /** Scores forecasts that are expected counts. */
    private static Score score(DMatrixRMaj target, double[] mean, Predictor predictor) {
        return Score.of(target, forecast(target, predictor), mean);
    }

    /** Scores forecasts that are not expected counts. */
    private static Score values(DMatrixRMaj target, double[] mean, Predictor predictor) {
        return Score.of(target, Prediction.ofValues(forecast(target, predictor)), mean);
    }

    private static DMatrixRMaj forecast(DMatrixRMaj target, Predictor predictor) {
        DMatrixRMaj forecast = new DMatrixRMaj(target.numRows, target.numCols);
        for (int bin = 0; bin < target.numRows; bin++) {
            for (int a = 0; a < target.numCols; a++) {
                forecast.set(bin, a, predictor.predict(bin, a));
            }
        }
        return forecast;
    }

    private static double average(DMatrixRMaj values, int bin, int neuron) {
        double sum = 0;
        for (int back = 1; back <= WINDOW; back++) {
            sum += values.get(bin - back, neuron);
        }
        return sum / WINDOW;
    }

    private static Score linear(Kernel kernel, Series series, Split split, Form form, int window, Progress progress) {
        if (LinearForecaster.features(form.inputs(series), window) > MOST_FEATURES || window >= split.trainEnd()) {
            return null;
        }
        DMatrixRMaj forecast = LinearForecaster.forecastTest(kernel, form.sequences(series), split, window, progress);
        return Score.of(test(series, split), forecast, meanRate(series, split));
    }
}
