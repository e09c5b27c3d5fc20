package org.spikecast.vectors.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.spikecast.check.NetworkObjective;
import org.spikecast.check.internal.Differences;
import org.spikecast.io.internal.AtomicFiles;
import org.spikecast.io.internal.Json;
import org.spikecast.lstm.Cell;
import org.spikecast.params.ParameterSet;

/**
 * Makes test-vectors/differences/lstm.json, finite differences of Spikecast's own forward pass, and tests that the
 * stored file is up to date. To write the file anew: {@code mvn test -Dtest=DifferenceVectorsTest
 * -Dspikecast.regenerate=true}.
 */
class DifferenceVectorsTest {
    private static final Path FILE = Path.of("test-vectors", "differences", "lstm.json");
    private static final Path CASES = Path.of("test-vectors", "lstm", "mpmath.json");
    private static final double BEST_STEP = 1e-3;

    @Test
    void theStoredFileIsUpToDate() throws IOException {
        String text = text();
        if (Boolean.getBoolean("spikecast.regenerate")) {
            Files.createDirectories(FILE.getParent());
            AtomicFiles.write(FILE, text);
        }
        assertEquals(text, Files.readString(FILE));
    }

    private static String text() throws IOException {
        List<Object> cases = new ArrayList<>();
        for (VectorCase c : VectorCase.of(Json.read(CASES)).list("cases")) {
            Map<String, Object> copy = new TreeMap<>();
            for (String key : List.of("inputs", "hidden", "layers", "outputs", "batch", "steps", "all_steps")) {
                copy.put(key, c.json().get(key));
            }
            for (String key : List.of("parameters", "input", "h0", "c0", "target", "flags")) {
                copy.put(key, c.json().get(key));
            }
            copy.put("id", "differences-" + c.text("id"));
            copy.put("best_step", BEST_STEP);
            List<Object> differences = new ArrayList<>();
            for (double h : new double[] {1e-3, 1e-5, 1e-7}) {
                differences.add(differences(c, 2, h));
            }
            for (double h : new double[] {1e-2, BEST_STEP, 1e-4}) {
                differences.add(differences(c, 4, h));
            }
            copy.put("differences", differences);
            cases.add(copy);
        }
        Map<String, Object> content = new TreeMap<>();
        content.put("kind", "lstm-differences");
        content.put(
                "source",
                new TreeMap<>(Map.of(
                        "name", "Spikecast",
                        "version", "0.1",
                        "generator", "src/test/java/org/spikecast/check/DifferenceVectorsTest.java",
                        "note",
                                "Finite differences of Spikecast's own forward pass: evidence, not an independent"
                                        + " reference. Blocks input, h0 and c0 are laid out as in memory: steps x inputs, and"
                                        + " layers x hidden, by sequences.")));
        content.put("flags", VectorCase.of(Json.read(CASES)).json().get("flags"));
        content.put("cases", cases);
        return Json.writeCompact(content).replace("{\"all_steps\"", "\n{\"all_steps\"") + "\n";
    }

    private static Map<String, Object> differences(VectorCase c, int order, double h) {
        NetworkObjective objective = NetworkVectors.objective(c, NetworkVectors.parameters(Cell.LSTM, c, "parameters"));
        Differences differences = new Differences(objective);
        ParameterSet parameters = objective.parameters();
        Map<String, Object> values = new TreeMap<>();
        for (int b = 0; b < parameters.blocks().size(); b++) {
            ParameterSet.Block block = parameters.blocks().get(b);
            double[] data = new double[block.data().length];
            for (int j = 0; j < data.length; j++) {
                int index = parameters.start(b) + j;
                data[j] = order == 4 ? differences.fourthOrder(index, h) : differences.central(index, h);
            }
            Map<String, Object> array = new TreeMap<>();
            array.put("data", data);
            array.put("shape", block.shape());
            values.put(block.name(), array);
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("order", order);
        result.put("step", h);
        result.put("values", values);
        return result;
    }
}
