package org.spikecast.vectors.internal;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.spikecast.io.MalformedFileException;
import org.spikecast.io.internal.Json;
import org.spikecast.lstm.Cell;

/**
 * Replays stored vectors: computes every case again and compares. Each subject is a class that replays one kind of
 * case; a further subject is one more line in {@link #SUBJECTS}.
 */
public final class Vectors {
    /** One kind of case. */
    interface Subject {
        /** Computes one case again and adds the errors of its results to the tally. */
        void replay(VectorCase c, Path folder, Tally tally) throws IOException;
    }

    /** The subjects by the kind that their files name. */
    private static final Map<String, Subject> SUBJECTS = new LinkedHashMap<>();

    static {
        NetworkVectors lstm = new NetworkVectors(
                Cell.LSTM,
                Bound.LSTM_FORWARD,
                Bound.LSTM_GRADIENTS,
                Bound.LSTM_DUAL,
                Bound.LSTM_DUAL_ENTRY,
                Bound.LSTM_TAILS);
        NetworkVectors gru = new NetworkVectors(
                Cell.GRU,
                Bound.GRU_FORWARD,
                Bound.GRU_GRADIENTS,
                Bound.GRU_DUAL,
                Bound.GRU_DUAL_ENTRY,
                Bound.GRU_TAILS);
        SUBJECTS.put("lstm", lstm::replay);
        SUBJECTS.put("lstm-module", lstm::replayModule);
        SUBJECTS.put("lstm-differences", NetworkVectors::replayDifferences);
        SUBJECTS.put("gru", gru::replay);
        SUBJECTS.put("gru-module", gru::replayModule);
        SUBJECTS.put("recording-lstm", new RecordingVectors(Cell.LSTM, Bound.LSTM_FORWARD, Bound.LSTM_GRADIENTS));
        SUBJECTS.put("recording-gru", new RecordingVectors(Cell.GRU, Bound.GRU_FORWARD, Bound.GRU_GRADIENTS));
        SUBJECTS.put("loss", LossVectors::replay);
        SUBJECTS.put("optimiser", OptimiserVectors::replay);
        SUBJECTS.put("training", OptimiserVectors::replayTraining);
        SUBJECTS.put("forced-run", ForcedRunVectors::replay);
        SUBJECTS.put("glm", GlmVectors::replay);
        SUBJECTS.put("scores", ScoreVectors::replay);
        SUBJECTS.put("lif", LifVectors::replay);
        SUBJECTS.put("ode", OdeVectors::replay);
        SUBJECTS.put("coupled", CoupledVectors::replay);
        SUBJECTS.put("ca1", Ca1Vectors::replay);
        SUBJECTS.put("rejected-safetensors", FileVectors::replaySafetensors);
        SUBJECTS.put("rejected-npy", FileVectors::replayNpy);
        SUBJECTS.put("rejected-npz", FileVectors::replayNpz);
    }

    /**
     * All cases of one subject.
     *
     * @param bound the tolerance, and the measure of errors
     * @param cases the number of cases
     * @param worst the largest error
     * @param worstCase the id of the case that it is from
     * @param failures case by case; empty if there was none
     */
    public record Result(Bound bound, int cases, double worst, String worstCase, List<String> failures) {}

    /** Collects errors by subject. */
    static final class Tally {
        private final Map<Bound, Map<String, Double>> errors = new LinkedHashMap<>();
        private final Map<Bound, List<String>> failures = new LinkedHashMap<>();

        /** Records an error of a case; a case may have several. */
        void error(Bound bound, String id, double error) {
            errors.computeIfAbsent(bound, b -> new LinkedHashMap<>()).merge(id, error, Tally::worse);
            if (!(error <= bound.tolerance())) {
                failures.computeIfAbsent(bound, b -> new ArrayList<>()).add(id + ": error " + error);
            }
        }

        /** NaN is worse than any error. */
        private static double worse(double a, double b) {
            return Double.isNaN(a) || a > b ? a : b;
        }

        /** Compares arrays; the error is relative to the largest expected entry. */
        void compare(Bound bound, String id, double[] actual, double[] expected) {
            if (actual.length != expected.length) {
                failure(bound, id, "expected " + expected.length + " numbers, got " + actual.length);
                return;
            }
            double largest = 0;
            double error = 0;
            for (int j = 0; j < expected.length; j++) {
                largest = Math.max(largest, Math.abs(expected[j]));
                error = worse(error, Math.abs(actual[j] - expected[j]));
            }
            error(bound, id, largest == 0 ? error : error / largest);
        }

        /** Records a failure that has no size. */
        void failure(Bound bound, String id, String why) {
            errors.computeIfAbsent(bound, b -> new LinkedHashMap<>()).put(id, Double.POSITIVE_INFINITY);
            failures.computeIfAbsent(bound, b -> new ArrayList<>()).add(id + ": " + why);
        }

        private List<Result> results() {
            List<Result> results = new ArrayList<>();
            for (Bound bound : Bound.values()) {
                Map<String, Double> cases = errors.get(bound);
                if (cases != null) {
                    String worst = cases.keySet().iterator().next();
                    for (String id : cases.keySet()) {
                        boolean worse = !(cases.get(id) <= cases.get(worst)) && !Double.isNaN(cases.get(worst));
                        worst = worse ? id : worst;
                    }
                    results.add(new Result(
                            bound, cases.size(), cases.get(worst), worst, failures.getOrDefault(bound, List.of())));
                }
            }
            return results;
        }
    }

    private Vectors() {}

    /**
     * Replays every file below a folder.
     *
     * @throws MalformedFileException if a file is no file of vectors, or of an unknown kind
     */
    public static List<Result> replay(Path folder) throws IOException {
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new MalformedFileException(folder, "expected a folder of vectors, got a file");
        }
        if (!Files.exists(folder)) {
            throw new NoSuchFileException(folder.toString());
        }
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        Tally tally = new Tally();
        int replayed = 0;
        for (Path file : files) {
            String name = file.getFileName().toString();
            if (name.endsWith(".schema.json")) {
                continue;
            }
            try {
                if (name.endsWith(".json")) {
                    replayed++;
                    replay(VectorCase.of(Json.read(file)), file.getParent(), tally);
                } else if (name.endsWith(".csv")) {
                    replayed++;
                    ElementaryVectors.replay(file, tally);
                }
            } catch (IllegalArgumentException e) {
                throw new MalformedFileException(file, e.getMessage());
            }
        }
        if (replayed == 0) {
            throw new MalformedFileException(
                    folder, "it holds no vectors: expected the folder test-vectors, or the unpacked zip file of it");
        }
        return tally.results();
    }

    private static void replay(VectorCase content, Path folder, Tally tally) throws IOException {
        Subject subject = SUBJECTS.get(content.text("kind"));
        if (subject == null) {
            throw new IllegalArgumentException(
                    "'kind': expected one of " + SUBJECTS.keySet() + ", got '" + content.text("kind") + "'");
        }
        for (VectorCase c : content.list("cases")) {
            try {
                subject.replay(c, folder, tally);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("case " + c.text("id") + ": " + e.getMessage(), e);
            }
        }
    }
}
