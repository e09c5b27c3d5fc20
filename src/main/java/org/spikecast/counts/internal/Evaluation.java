package org.spikecast.counts.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import org.spikecast.counts.CoupledForecaster;
import org.spikecast.lstm.Cell;
import org.spikecast.run.internal.Facts;

/**
 * Scores side by side: of forecasters and of baselines, by name, in the order of a table.
 *
 * @param cell of the forecasters' networks
 * @param forecasters null where one failed
 * @param baselines null where one is absent
 * @param findings of the form {@code coupled} on the network; null if it was not trained
 */
public record Evaluation(
        Cell cell, Map<String, Score> forecasters, Map<String, Score> baselines, CoupledStudy.Findings findings) {
    /** Scores without findings. */
    public Evaluation(Cell cell, Map<String, Score> forecasters, Map<String, Score> baselines) {
        this(cell, forecasters, baselines, null);
    }

    /** The name of the oracle among the baselines. */
    public static final String ORACLE = "oracle";

    /** The oracle's name where its score is the product of two sets of branches. */
    public static final String ORACLE_UNBIASED = "oracle_unbiased";

    /** The name of the ceiling of forecasters that read counts. */
    public static final String CEILING = "ceiling";

    /** The entry of a score for {@code metrics.json}; values that are absent or not a number are null. */
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
        SpikeScores spikes = score.spikes();
        Calibration calibration = spikes == null ? Calibration.UNDEFINED : spikes.calibration();
        put(json, "explained_variance_in_time", spikes == null ? Estimate.UNDEFINED : spikes.inTime());
        put(json, "explained_variance_over_neurons", spikes == null ? Estimate.UNDEFINED : spikes.overNeurons());
        put(json, "explained_variance_of_population", spikes == null ? Estimate.UNDEFINED : spikes.ofPopulation());
        put(json, "bits_per_spike", spikes == null ? Estimate.UNDEFINED : spikes.bitsPerSpike());
        put(json, "bits_per_spike_poisson", spikes == null ? Estimate.UNDEFINED : spikes.poissonBits());
        List<Object> bits = new ArrayList<>();
        for (double b : spikes == null ? new double[0] : spikes.bitsPerNeuron()) {
            bits.add(Facts.orNull(b));
        }
        json.put("bits_per_spike_per_neuron", bits.isEmpty() ? null : bits);
        put(json, "pseudo_r2", spikes == null ? Estimate.UNDEFINED : spikes.pseudoR2());
        put(json, "auc", spikes == null ? Estimate.UNDEFINED : spikes.auc());
        put(json, "calibration_slope", calibration.slope());
        put(json, "calibration_intercept", calibration.intercept());
        put(json, "calibration_error", calibration.error());
        json.put("calibration_error_by_chance", Facts.orNull(calibration.errorByChance()));
        return json;
    }

    private static void put(Map<String, Object> json, String key, Estimate estimate) {
        json.put(key, Facts.orNull(estimate.value()));
        json.put(key + "_standard_error", Facts.orNull(estimate.standardError()));
    }

    /** The entry of all baselines for {@code metrics.json}. */
    public Map<String, Object> baselinesJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        baselines.forEach((name, score) -> json.put(name, json(score)));
        return json;
    }

    /** The rows of a table: predictor, MSE, explained variance in percent, its standard error, share of the oracle's, bits per spike. */
    public List<List<String>> rows() {
        List<List<String>> rows = new ArrayList<>();
        Score oracle = baselines.get(ORACLE);
        baselines.forEach((name, score) -> {
            if (!isCeiling(name)) {
                rows.add(row(name, score, oracle));
            }
        });
        forecasters.forEach((name, score) -> rows.add(row(forecaster(name), score, oracle)));
        baselines.forEach((name, score) -> {
            if (isCeiling(name) && score != null) {
                rows.add(row(name, score, oracle));
            }
        });
        return rows;
    }

    /** Whether a baseline is an upper bound. */
    static boolean isCeiling(String name) {
        return name.equals(ORACLE) || name.equals(ORACLE_UNBIASED) || name.equals(CEILING);
    }

    /** The heads of the table of scores of spike counts. */
    static List<String> spikeHead() {
        return List.of(
                "predictor",
                "bits per spike",
                "pseudo-R2, %",
                "AUC, %",
                "in time, %",
                "over neurons, %",
                "population, %");
    }

    /** The rows of that table, each number with its standard error; none where values are no counts. */
    List<List<String>> spikeRows() {
        return rows((label, score) -> List.of(
                label,
                withError(score.bitsPerSpike(), 1, 3),
                withError(score.pseudoR2(), 100, 2),
                withError(score.auc(), 100, 2),
                withError(score.inTime(), 100, 2),
                withError(score.overNeurons(), 100, 0),
                withError(score.ofPopulation(), 100, 2)));
    }

    /** The heads of the table of calibration. */
    static List<String> calibrationHead() {
        return List.of("predictor", "slope", "intercept", "calibration error, %", "by chance, %");
    }

    /** The rows of that table. */
    List<List<String>> calibrationRows() {
        return rows((label, score) -> List.of(
                label,
                withError(score.calibration().slope(), 1, 3),
                withError(score.calibration().intercept(), 1, 3),
                withError(score.calibration().error(), 100, 3),
                fixed(100 * score.calibration().errorByChance(), 3)));
    }

    private List<List<String>> rows(BiFunction<String, SpikeScores, List<String>> row) {
        Map<String, Score> all = new LinkedHashMap<>();
        baselines.forEach((name, score) -> {
            if (!isCeiling(name)) {
                all.put(label(name), score);
            }
        });
        forecasters.forEach((name, score) -> all.put(forecaster(name), score));
        all.put(label(CEILING), baselines.get(CEILING));
        all.put(label(ORACLE), baselines.get(ORACLE));
        List<List<String>> rows = new ArrayList<>();
        all.forEach((label, score) -> {
            if (score != null && score.spikes() != null) {
                rows.add(row.apply(label, score.spikes()));
            }
        });
        return rows;
    }

    private static String withError(Estimate estimate, double factor, int digits) {
        String value = fixed(factor * estimate.value(), digits);
        return Double.isFinite(estimate.standardError())
                ? value + " \u00b1 " + fixed(factor * estimate.standardError(), digits)
                : value;
    }

    /**
     * Which forecasters the coupled generalised linear model beats: a sentence for each forecaster. One that reads its
     * neighbours' forecasts is compared with the model that does so too.
     */
    public List<String> verdicts() {
        List<String> sentences = new ArrayList<>();
        forecasters.forEach((name, score) -> {
            boolean messages = name.equals(CoupledForecaster.FORM) && baselines.get(Baselines.GLM_MESSAGES) != null;
            Score glm = baselines.get(messages ? Baselines.GLM_MESSAGES : Baselines.GLM);
            boolean variant = name.startsWith(CoupledStudy.VARIANT);
            if (!variant && glm != null && score != null && Double.isFinite(glm.explainedVariance())) {
                sentences.add(verdict(name, score, messages ? "GLM with messages" : "GLM", glm));
            }
        });
        return sentences;
    }

    private static String verdict(String name, Score score, String rival, Score glm) {
        Estimate gain = score.above(glm);
        boolean beaten = !(gain.value() > 0);
        boolean known = Double.isFinite(gain.standardError());
        String size = fixed(100 * Math.abs(gain.value()), 2)
                + (known ? " \u00b1 " + fixed(100 * gain.standardError(), 2) : "") + " points of explained variance";
        boolean clear = Math.abs(gain.value()) > 2 * gain.standardError();
        String ending = !known
                ? "; the test part is too short for a standard error."
                : clear ? "." : ", which is within two standard errors.";
        return (beaten ? "The form " + name + " is beaten by the " + rival : "The form " + name + " beats the " + rival)
                + " by " + size + ending;
    }

    /** A forecaster's name in tables: the form {@code coupled} need not hold an LSTM. */
    String forecaster(String name) {
        return name.startsWith(CoupledForecaster.FORM) ? name : cell.label() + ", " + name;
    }

    /** The heads of the table's columns. */
    public static List<String> head() {
        return List.of(
                "predictor",
                "MSE",
                "explained variance, %",
                "standard error, %",
                "share of oracle, %",
                "bits per spike");
    }

    private static List<String> row(String name, Score score, Score oracle) {
        if (score == null) {
            return List.of(label(name), "n/a", "n/a", "n/a", "n/a", "n/a");
        }
        double ev = score.explainedVariance();
        String share = oracle == null || ev <= 0 ? "" : fixed(100 * ev / oracle.explainedVariance(), 0);
        return List.of(
                label(name),
                fixed(score.mse(), 5),
                fixed(100 * ev, 2),
                fixed(100 * score.standardError(), 2),
                share,
                score.spikes() == null
                        ? "n/a"
                        : fixed(score.spikes().bitsPerSpike().value(), 3));
    }

    /** A predictor's name for readers. */
    static String label(String name) {
        return switch (name) {
            case Baselines.GLM -> "GLM";
            case Baselines.GLM_MESSAGES -> "GLM, messages";
            case ORACLE_UNBIASED -> "oracle, unbiased";
            case CEILING -> "ceiling, counts only";
            default -> name.replace('_', ' ');
        };
    }

    /** A number with {@code digits} decimals; n/a if it is not finite. */
    static String fixed(double value, int digits) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%." + digits + "f", value) : "n/a";
    }
}
