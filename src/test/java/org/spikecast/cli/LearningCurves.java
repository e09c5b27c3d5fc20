package org.spikecast.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.spikecast.io.internal.Json;
import org.spikecast.report.internal.Chart;

/**
 * Draws explained variance against the duration of the training data, from runs of {@code run ring-60}. It is no test of the
 * build: {@code benchmarks/learning-curves.sh}, which takes two hours, makes the runs and calls it.
 */
final class LearningCurves {
    /** Where the score of each forecaster stands in metrics.json. */
    private static final Map<String, List<String>> CURVES = new LinkedHashMap<>();

    static {
        CURVES.put("oracle", List.of("baselines", "oracle_unbiased"));
        CURVES.put("coupled", List.of("test"));
        CURVES.put("GLM, messages", List.of("baselines", "glm_messages"));
        CURVES.put("GLM", List.of("baselines", "glm"));
        CURVES.put("LSTM, shared", List.of("forms", "shared"));
        CURVES.put("LSTM, full", List.of("forms", "full"));
    }

    private LearningCurves() {}

    /**
     * Writes the figure and prints its numbers.
     *
     * @param arguments the SVG file, then for each run the seconds of its training data and its folder, in ascending order
     */
    public static void main(String[] arguments) throws IOException {
        int runs = arguments.length / 2;
        double[] seconds = new double[runs];
        double[][] scores = new double[CURVES.size()][runs];
        for (int run = 0; run < runs; run++) {
            seconds[run] = Double.parseDouble(arguments[2 * run + 1]);
            Map<?, ?> metrics = (Map<?, ?>) Json.read(Path.of(arguments[2 * run + 2], "metrics.json"));
            int curve = 0;
            for (List<String> path : CURVES.values()) {
                Map<?, ?> score = metrics;
                for (String key : path) {
                    score = (Map<?, ?>) score.get(key);
                }
                scores[curve++][run] = 100 * ((Number) score.get("explained_variance")).doubleValue();
            }
        }
        Chart chart = Chart.of("Learning curves on ring-60", "training data (s)", "explained variance (%)")
                .logX();
        int curve = 0;
        for (String name : CURVES.keySet()) {
            chart.line(name, seconds, scores[curve++]);
        }
        Files.writeString(Path.of(arguments[0]), chart.svg());
        System.out.print(chart.csv());
    }
}
