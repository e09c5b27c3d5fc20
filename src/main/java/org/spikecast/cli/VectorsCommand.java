package org.spikecast.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.spikecast.io.internal.Json;
import org.spikecast.vectors.internal.Vectors;

/** {@code spikecast vectors}: replays stored vectors. */
final class VectorsCommand extends Command {
    private final Option<String> folder = optionalParameter("DIR", "test-vectors", "Folder of vectors.");
    private final Option<Boolean> json = json();

    VectorsCommand() {
        super(
                "vectors",
                "Computes every stored vector again and compares.",
                "spikecast vectors",
                "spikecast vectors test-vectors --json");
    }

    @Override
    int run(Console console, List<String> arguments) throws Exception {
        List<Vectors.Result> results = Vectors.replay(Path.of(folder.get()));
        boolean passed = results.stream().allMatch(r -> r.failures().isEmpty());
        if (json.get()) {
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("passed", passed);
            facts.put("subjects", results.stream().map(VectorsCommand::facts).toList());
            console.print(Json.write(facts).stripTrailing());
        } else {
            List<List<String>> rows = new ArrayList<>();
            results.forEach(r -> rows.add(row(r)));
            console.table(List.of("subject", "cases", "worst error", "tolerance", "margin", "failed"), rows);
            for (Vectors.Result result : results) {
                for (String failure : result.failures()) {
                    console.print("FAILED  " + result.bound().subject() + ": " + failure);
                }
            }
        }
        return passed ? Main.DONE : Main.CHECK_FAILED;
    }

    private static List<String> row(Vectors.Result r) {
        double tolerance = r.bound().tolerance();
        String margin = r.worst() == 0 ? "exact" : String.format(Locale.ROOT, "%.1f x", tolerance / r.worst());
        return List.of(
                r.bound().subject(),
                String.valueOf(r.cases()),
                String.format(Locale.ROOT, "%.1e", r.worst()),
                String.format(Locale.ROOT, "%.1e", tolerance),
                margin,
                String.valueOf(r.failures().size()));
    }

    private static Map<String, Object> facts(Vectors.Result r) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("subject", r.bound().subject());
        facts.put("cases", r.cases());
        facts.put("worst_error", Double.isFinite(r.worst()) ? r.worst() : null);
        facts.put("worst_case", r.worstCase());
        facts.put("tolerance", r.bound().tolerance());
        facts.put("reason", r.bound().reason());
        facts.put("failures", r.failures());
        return facts;
    }
}
