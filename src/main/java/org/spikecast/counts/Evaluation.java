package org.spikecast.counts;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.spikecast.run.Facts;

/**
 * Scores side by side: of forecasters and of baselines, by name, in the order of a table.
 *
 * @param forecasters null where one failed
 * @param baselines null where one is absent
 */
public record Evaluation(Map<String, Score> forecasters, Map<String, Score> baselines) {
    /** The name of the ceiling among the baselines. */
    public static final String ORACLE = "oracle";

    /** A score as it stands in {@code metrics.json}; what is absent or not a number is null. */
    public static Map<String, Object> json(Score score) {
        if (score == null) {
            return null;
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("mse", Facts.orNull(score.mse()));
        json.put("explained_variance", Facts.orNull(score.explainedVariance()));
        json.put("standard_error", Facts.orNull(score.standardError()));
        List<Object> perNeuron = new ArrayList<>();
        for (double ev : score.perNeuron()) {
            perNeuron.add(Facts.orNull(ev));
        }
        json.put("explained_variance_per_neuron", perNeuron);
        return json;
    }

    /** All baselines as they stand in {@code metrics.json}. */
    public Map<String, Object> baselinesJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        baselines.forEach((name, score) -> json.put(name, json(score)));
        return json;
    }

    /** The rows of a table: predictor, MSE, explained variance in percent, its standard error, share of the oracle's. */
    public List<List<String>> rows() {
        List<List<String>> rows = new ArrayList<>();
        Score oracle = baselines.get(ORACLE);
        baselines.forEach((name, score) -> {
            if (!name.equals(ORACLE)) {
                rows.add(row(name, score, oracle));
            }
        });
        forecasters.forEach((name, score) -> rows.add(row("LSTM, " + name, score, oracle)));
        if (oracle != null) {
            rows.add(row(ORACLE, oracle, oracle));
        }
        return rows;
    }

    /** The heads of the table's columns. */
    public static List<String> head() {
        return List.of("predictor", "MSE", "explained variance, %", "standard error", "share of oracle, %");
    }

    private static List<String> row(String name, Score score, Score oracle) {
        if (score == null) {
            return List.of(name.replace('_', ' '), "n/a", "n/a", "n/a", "n/a");
        }
        double ev = score.explainedVariance();
        String share = oracle == null || ev <= 0 ? "" : fixed(100 * ev / oracle.explainedVariance(), 0);
        return List.of(
                name.replace('_', ' '),
                fixed(score.mse(), 5),
                fixed(100 * ev, 2),
                fixed(100 * score.standardError(), 2),
                share);
    }

    private static String fixed(double value, int digits) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%." + digits + "f", value) : "n/a";
    }
}
