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

    /** The name of the forecaster whose neurons exchange messages. */
    private static final String COUPLED = "coupled";

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

    /**
     * Which forecasters the coupled generalised linear model beats: a sentence for each forecaster. One that reads its
     * neighbours' forecasts is compared with the model that does so too.
     */
    public List<String> verdicts() {
        List<String> sentences = new ArrayList<>();
        forecasters.forEach((name, score) -> {
            boolean messages = name.equals(COUPLED) && baselines.get(Baselines.GLM_MESSAGES) != null;
            Score glm = baselines.get(messages ? Baselines.GLM_MESSAGES : Baselines.GLM);
            if (glm != null && score != null && Double.isFinite(glm.explainedVariance())) {
                sentences.add(verdict(name, score, messages ? "GLM with messages" : "GLM", glm));
            }
        });
        return sentences;
    }

    private static String verdict(String name, Score score, String rival, Score glm) {
        Estimate gain = score.above(glm);
        boolean beaten = !(gain.value() > 0);
        String size = fixed(100 * Math.abs(gain.value()), 2) + " +- " + fixed(100 * gain.standardError(), 2)
                + " points of explained variance";
        boolean clear = Math.abs(gain.value()) > 2 * gain.standardError();
        return (beaten ? "The form " + name + " is beaten by the " + rival : "The form " + name + " beats the " + rival)
                + " by " + size + (clear ? "." : ", which is within two standard errors.");
    }

    /** The heads of the table's columns. */
    public static List<String> head() {
        return List.of("predictor", "MSE", "explained variance, %", "standard error", "share of oracle, %");
    }

    private static List<String> row(String name, Score score, Score oracle) {
        if (score == null) {
            return List.of(label(name), "n/a", "n/a", "n/a", "n/a");
        }
        double ev = score.explainedVariance();
        String share = oracle == null || ev <= 0 ? "" : fixed(100 * ev / oracle.explainedVariance(), 0);
        return List.of(
                label(name), fixed(score.mse(), 5), fixed(100 * ev, 2), fixed(100 * score.standardError(), 2), share);
    }

    /** A predictor's name for readers. */
    static String label(String name) {
        return switch (name) {
            case Baselines.GLM -> "GLM";
            case Baselines.GLM_MESSAGES -> "GLM, messages";
            default -> name.replace('_', ' ');
        };
    }

    private static String fixed(double value, int digits) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%." + digits + "f", value) : "n/a";
    }
}
