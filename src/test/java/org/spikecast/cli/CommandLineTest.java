package org.spikecast.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.spikecast.Tolerances;
import org.spikecast.counts.Form;
import org.spikecast.counts.internal.CountTask;
import org.spikecast.io.NdArray;
import org.spikecast.io.Npy;
import org.spikecast.io.Npz;
import org.spikecast.io.Safetensors;
import org.spikecast.io.internal.AtomicFiles;
import org.spikecast.io.internal.Json;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.lstm.NetworkState;
import org.spikecast.model.Forecaster;
import org.spikecast.model.ModelFile;
import org.spikecast.model.Task;
import org.spikecast.vectors.internal.Bound;

/** The commands as a user calls them. */
class CommandLineTest extends CommandTest {
    /**
     * Hashes of what {@code run ring-60 --smoke --seed 1} leaves: they are the same on every machine and JVM. A change
     * of results on purpose stores the new hashes here and is in the change log.
     */
    private static final String MODEL_SHA256 = "be7ccbc1edfea7416d1d1b056a638378e368cdc4bf9aa7602823d8e1ee5dc184";

    private static final String METRICS_SHA256 = "087a366dabc6caf2ea09f7fb044d4115b18e4899854c9d1861faa041e643e6ea";

    @TempDir
    private static Path smoke;

    @BeforeAll
    static void runOnce() {
        done("run", "ring-60", "--smoke", "--out", smoke.resolve("run"));
        done("train", "--data", smoke.resolve("run"), "--smoke", "--out", smoke.resolve("shared"));
    }

    /** A model of the form shared, which is an LSTM and its scaling. */
    private static Path shared() {
        return smoke.resolve("shared/model.safetensors");
    }

    private static Path smoke(String file) {
        return smoke.resolve("run").resolve(file);
    }

    @Test
    void theSameSeedGivesTheSameBytesEverywhere() throws IOException {
        assertEquals(MODEL_SHA256, AtomicFiles.sha256(smoke("model.safetensors")));
        assertEquals(METRICS_SHA256, AtomicFiles.sha256(smoke("metrics.json")));
    }

    @Test
    void anotherSeedGivesOtherResults() throws IOException {
        assertEquals(0, run("simulate", "ring", "--duration", 50, "--seed", 2, "--out", folder.resolve("a")));
        assertEquals(0, run("simulate", "ring", "--duration", 50, "--seed", 3, "--out", folder.resolve("b")));
        assertFalse(Arrays.equals(
                Npz.read(folder.resolve("a/series.npz")).get("external").ints(),
                Npz.read(folder.resolve("b/series.npz")).get("external").ints()));
    }

    /** Exact spike times in a folder like any other, the same bytes for the same seed; and what can be done with it. */
    @Test
    void aRingCanBeSimulatedFromEventToEvent() throws IOException {
        Path to = folder.resolve("event");
        for (String name : List.of("event", "again")) {
            assertEquals(
                    0,
                    run(
                            "simulate",
                            "ring",
                            "--method",
                            "event",
                            "--delay",
                            0.07,
                            "--duration",
                            600,
                            "--out",
                            folder.resolve(name)),
                    err());
        }
        assertArrayEquals(
                Files.readAllBytes(to.resolve("series.npz")), Files.readAllBytes(folder.resolve("again/series.npz")));
        Map<String, NdArray> series = Npz.read(to.resolve("series.npz"));
        double[] time = series.get("spike_time").doubles();
        int[] neuron = series.get("spike_neuron").ints();
        int[] counts = new int[600 * 60];
        int offGrid = 0;
        for (int s = 0; s < time.length; s++) {
            counts[(int) time[s] * 60 + neuron[s]]++;
            offGrid += Math.abs(time[s] - 0.05 * Math.rint(time[s] / 0.05)) > 1e-6 ? 1 : 0;
        }
        assertTrue(time.length > 400 && offGrid == time.length, offGrid + " of " + time.length);
        assertArrayEquals(counts, series.get("counts").ints());
        Map<?, ?> setup = (Map<?, ?>) json(to.resolve("manifest.json")).get("simulation");
        assertEquals("event", setup.get("method"));
        assertEquals(0.07, setup.get("delay_ms"));

        assertEquals(0, run("train", "--data", to, "--smoke", "--out", folder.resolve("trained")), err());
        assertEquals(0, run("run", "ring-60", "--smoke", "--method", "event", "--out", folder.resolve("run")), err());
        Map<?, ?> metrics = json(folder.resolve("run/metrics.json"));
        assertTrue(((Map<?, ?>) metrics.get("baselines")).get("oracle") instanceof Map, metrics.toString());
    }

    @Test
    void theCeilingOfCountsIsScoredWhereItIsAskedFor() throws IOException {
        Path to = folder.resolve("ceiling");
        assertEquals(0, run("run", "ring-60", "--smoke", "--ceiling", "--out", to), err());
        assertTrue(out().contains("ceiling, counts only"), out());
        Map<?, ?> ceiling =
                (Map<?, ?>) ((Map<?, ?>) json(to.resolve("metrics.json")).get("baselines")).get("ceiling");
        assertTrue(
                ceiling.get("explained_variance") instanceof Number && ceiling.get("standard_error") instanceof Number);
        Path model = to.resolve("model.safetensors");
        assertEquals(
                0,
                run(
                        "evaluate",
                        "--model",
                        model,
                        "--data",
                        to,
                        "--ceiling",
                        "--particles",
                        50,
                        "--branches",
                        20,
                        "--json"),
                err());
        Map<?, ?> evaluated = (Map<?, ?>) Json.parse(out());
        assertEquals(ceiling, ((Map<?, ?>) evaluated.get("baselines")).get("ceiling"));
        assertEquals(2, run("run", "ring-60", "--smoke", "--particles", 50));
        assertEquals(2, run("run", "ring-60", "--smoke", "--ceiling", "--particles", 1));
        assertEquals(2, run("run", "ring-60", "--smoke", "--ceiling", "--method", "event", "--out", to.resolve("x")));
        assertTrue(err().contains("step by step"), err());
        assertNull(((Map<?, ?>) json(smoke("metrics.json")).get("baselines")).get("ceiling"));
    }

    @Test
    void aTimeToTestOnFollowsTheTimeToTrainOn() throws IOException {
        Path to = folder.resolve("longer");
        assertEquals(
                0, run("run", "ring-60", "--smoke", "--duration", 500, "--test-duration", 250, "--out", to), err());
        Map<String, NdArray> predictions = Npz.read(to.resolve("predictions.npz"));
        assertEquals(500, predictions.get("first_bin").ints()[0]);
        assertArrayEquals(new int[] {250, 60}, predictions.get("target").shape());
        Path trained = folder.resolve("trained");
        assertEquals(0, run("train", "--data", to, "--smoke", "--test-duration", 100, "--out", trained), err());
        assertEquals(
                650,
                Npz.read(trained.resolve("predictions.npz")).get("first_bin").ints()[0]);
        assertEquals(2, run("train", "--data", to, "--test-duration", 750, "--out", folder.resolve("none")));
        assertTrue(err().contains("leave some to train on"), err());
        assertEquals(2, run("run", "ring-60", "--test-duration", 9, "--test-fraction", 0.1));
        assertTrue(err().contains("give one of them"), err());
        assertEquals(2, run("run", "ring-60", "--test-duration", -1));
    }

    @Test
    void aRunFolderHoldsWhatTheDesignSays() throws IOException {
        Map<?, ?> metrics = json(smoke("metrics.json"));
        assertEquals(
                Set.of("experiment", "seed", "test", "forms", "ablation", "baselines", "free_running", "simulation"),
                metrics.keySet());
        Map<?, ?> baselines = (Map<?, ?>) metrics.get("baselines");
        for (String name : List.of(
                "zero",
                "mean_rate",
                "last_value",
                "moving_average",
                "ridge",
                "shared_linear",
                "glm",
                "glm_messages",
                "oracle")) {
            Map<?, ?> score = (Map<?, ?>) baselines.get(name);
            assertTrue(score.get("mse") instanceof Number && score.get("explained_variance") instanceof Number, name);
        }
        Map<?, ?> forms = (Map<?, ?>) metrics.get("forms");
        assertEquals(Set.of("coupled", "shared", "full"), forms.keySet());
        assertEquals(((Map<?, ?>) forms.get("coupled")).get("mse"), ((Map<?, ?>) metrics.get("test")).get("mse"));
        Map<?, ?> ablation = (Map<?, ?>) metrics.get("ablation");
        assertEquals(Set.of("saved", "all", "no_messages", "no_trace", "no_lstm"), ablation.keySet());
        Map<?, ?> saved = (Map<?, ?>) ablation.get(ablation.get("saved"));
        assertEquals(saved.get("mse"), ((Map<?, ?>) metrics.get("test")).get("mse"));
        Map<?, ?> simulation = (Map<?, ?>) metrics.get("simulation");
        for (String name : List.of("rate_e_hz", "rate_i_hz", "cv_isi", "fano_1ms")) {
            assertTrue(simulation.get(name) instanceof Number, name);
        }

        Map<String, NdArray> series = Npz.read(smoke("series.npz"));
        int[] counts = series.get("counts").ints();
        assertArrayEquals(new int[] {600, 60}, series.get("counts").shape());
        assertArrayEquals(new int[] {600, 60}, series.get("external").shape());
        assertArrayEquals(new int[] {60 * 13, 2}, series.get("edges").shape());
        assertArrayEquals(new int[] {60 * 13}, series.get("weights").shape());
        double[] time = series.get("spike_time").doubles();
        int[] neuron = series.get("spike_neuron").ints();
        for (int s = 0; s < time.length; s++) {
            counts[(int) (time[s] + 1e-9) * 60 + neuron[s]]--;
        }
        assertTrue(Arrays.stream(counts).allMatch(c -> c == 0), "counts are the spikes of each bin");

        Map<String, NdArray> predictions = Npz.read(smoke("predictions.npz"));
        assertArrayEquals(new int[] {120, 60}, predictions.get("prediction").shape());
        assertEquals(480, predictions.get("first_bin").ints()[0]);
        int[] unchanged = Npz.read(smoke("series.npz")).get("counts").ints();
        assertEquals(unchanged[480 * 60 + 7], predictions.get("target").doubles()[7]);

        Map<?, ?> manifest = json(smoke("manifest.json"));
        Map<?, ?> files = (Map<?, ?>) manifest.get("files");
        List<String> names = new ArrayList<>(List.of("metrics.json", "model.safetensors", "predictions.npz"));
        names.addAll(List.of("series.npz", "report.html", "figures/raster.svg", "figures/raster.csv"));
        for (String name : names) {
            assertEquals(AtomicFiles.sha256(smoke(name)), files.get(name), name);
        }
        assertTrue(manifest.get("arguments").toString().endsWith("--seed, 1]"));
        String page = Files.readString(smoke("report.html"));
        assertTrue(page.contains("Explained variance"));
        assertFalse(page.contains("<script") || page.contains("<link") || page.contains("src="), "stands alone");
    }

    @Test
    void evaluateGivesTheScoresOfTheRun() throws IOException {
        assertEquals(
                0,
                run("evaluate", "--model", smoke("model.safetensors"), "--data", smoke(""), "--branches", 20, "--json"),
                err());
        Map<?, ?> result = (Map<?, ?>) Json.parse(out());
        Map<?, ?> metrics = json(smoke("metrics.json"));
        assertEquals(
                metrics.get("test") instanceof Map<?, ?> t ? t.get("mse") : null,
                ((Map<?, ?>) result.get("test")).get("mse"));
        Map<?, ?> baselines = (Map<?, ?>) result.get("baselines");
        assertTrue(baselines.size() > 5);
        baselines.forEach(
                (name, score) -> assertEquals(((Map<?, ?>) metrics.get("baselines")).get(name), score, "" + name));
        assertEquals(0, run("evaluate", "--model", smoke("model.safetensors"), "--data", smoke(""), "--branches", 2));
        assertTrue(out().contains("coupled"));
        assertEquals(0, run("evaluate", "--model", shared(), "--data", smoke(""), "--branches", 2));
        assertTrue(out().contains("LSTM, shared"));
    }

    @Test
    void trainLearnsFromAFolder() throws IOException {
        Path to = folder.resolve("trained");
        assertEquals(
                0, run("train", "--data", smoke(""), "--form", "full", "--smoke", "--hidden", 4, "--out", to), err());
        Task task = Models.read(to.resolve("model.safetensors")).task();
        assertEquals(Form.FULL, ((CountTask) task).form());
        Map<?, ?> forms = (Map<?, ?>) json(to.resolve("metrics.json")).get("forms");
        assertNull(forms.get("shared"));
        assertTrue(Files.exists(to.resolve("report.html")));
        // A trained folder can be trained on again: it has its series and its manifest.
        assertEquals(0, run("train", "--data", to, "--smoke", "--out", folder.resolve("again")), err());
    }

    @Test
    void trainTakesTheOptionsOfLearning() throws IOException {
        List<List<Object>> variants = List.of(
                List.of(),
                List.of("--schedule", "constant"),
                List.of("--schedule", "constant", "--weight-decay", 5),
                List.of("--schedule", "step", "--step-epochs", 1, "--step-factor", 0.01),
                List.of("--schedule", "step", "--step-epochs", 1));
        Set<String> models = new HashSet<>();
        for (int v = 0; v < variants.size(); v++) {
            Path to = folder.resolve("variant-" + v);
            List<Object> arguments = new ArrayList<>(List.of("train", "--data", smoke(""), "--form", "full"));
            arguments.addAll(List.of("--hidden", 4, "--epochs", 3, "--warm-up", 0, "--out", to));
            arguments.addAll(variants.get(v));
            assertEquals(0, run(arguments.toArray()), err());
            models.add(AtomicFiles.sha256(to.resolve("model.safetensors")));
        }
        assertEquals(variants.size(), models.size());
        Path to = folder.resolve("refused");
        String[][] faults = {
            {"--schedule: expected cosine or step or constant, got 'linear'", "--schedule", "linear"},
            {"--step-epochs and --step-factor have no effect without --schedule step", "--step-epochs", "2"},
            {"--step-epochs and --step-factor have no effect without --schedule step", "--step-factor", "0.5"},
            {"weight decay: expected a number of 0 or more", "--weight-decay", "-1"},
            {"steps in the loss: expected 1 to the window of 10 bins, got 11", "--loss-steps", "11"}
        };
        for (String[] fault : faults) {
            refused(fault[0], "train", "--data", smoke(""), "--form", "full", "--out", to, fault[1], fault[2]);
            assertFalse(Files.exists(to));
        }
    }

    @Test
    void trainLearnsFromATable() throws IOException {
        StringBuilder table = new StringBuilder("a,b\n");
        for (int row = 0; row < 300; row++) {
            table.append(row % 3).append(',').append((row % 5) * 0.5).append('\n');
        }
        Path csv = folder.resolve("table.csv");
        Files.writeString(csv, table);
        for (String form : List.of("shared", "full")) {
            Path to = folder.resolve(form);
            assertEquals(
                    0, run("train", "--data", csv, "--form", form, "--window", 8, "--epochs", 3, "--out", to), err());
            Map<?, ?> metrics = json(to.resolve("metrics.json"));
            assertNull(metrics.get("simulation"));
            assertNull(((Map<?, ?>) metrics.get("baselines")).get("oracle"));
        }
    }

    @Test
    void aFormThatReadsEachColumnByItselfIsRemarkedOnlyIfItWasNotChosen() throws IOException {
        String remark = "Form shared: the network reads each column by itself; --form full reads all of them\n";
        Path two = folder.resolve("two.csv");
        Files.writeString(two, "a,b\n" + "0,1\n1,0\n1,1\n".repeat(70));
        assertEquals(0, run("train", "--data", two, "--smoke", "--out", folder.resolve("two")), err());
        assertTrue(err().contains(remark), err());
        assertEquals(
                0,
                run("train", "--data", two, "--smoke", "--form", "shared", "--out", folder.resolve("chosen")),
                err());
        assertFalse(err().contains(remark), err());
        Path one = folder.resolve("one.csv");
        Files.writeString(one, "a\n" + "0\n1\n1\n".repeat(70));
        assertEquals(0, run("train", "--data", one, "--smoke", "--out", folder.resolve("one")), err());
        assertFalse(err().contains(remark), err());
        assertEquals(0, run("train", "--data", smoke(""), "--smoke", "--out", folder.resolve("ring")), err());
        assertFalse(err().contains(remark), "it reads its known neighbours, too: " + err());
    }

    @Test
    void predictAnswersInTheDatasUnitsAndCarriesState() throws IOException {
        Path x = folder.resolve("x.npy");
        Path y = folder.resolve("y.npy");
        double[] input = new double[2 * 6 * 5];
        for (int j = 0; j < input.length; j++) {
            input[j] = j % 3;
        }
        Npy.write(x, NdArray.of(input, 2, 6, 5));
        Path model = shared();
        assertEquals(0, run("predict", "--model", model, "--input", x, "--output", y, "--all-steps"), err());
        assertEquals("", out());
        NdArray all = Npy.read(y);
        assertArrayEquals(new int[] {2, 6, 1}, all.shape());
        Forecaster forecaster = ModelFile.read(model);
        NetworkState state = NetworkState.zeros(forecaster.network().config(), 2);
        assertArrayEquals(forecaster.predict(new ScalarKernel(), input, 2, 6, true, state), all.doubles());

        // The first four steps, then the last two from their final state.
        Npy.write(x, NdArray.of(part(input, 0, 4), 2, 4, 5));
        Path s = folder.resolve("s.safetensors");
        assertEquals(0, run("predict", "--model", model, "--input", x, "--output", y, "--final-state", s), err());
        assertArrayEquals(new int[] {2, 1}, Npy.read(y).shape());
        Npy.write(x, NdArray.of(part(input, 4, 6), 2, 2, 5));
        assertEquals(0, run("predict", "--model", model, "--input", x, "--output", y, "--state", s), err());
        assertEquals(all.doubles()[5], Npy.read(y).doubles()[0]);
        assertEquals(all.doubles()[11], Npy.read(y).doubles()[1]);

        // Two dimensions are one sequence.
        Npy.write(x, NdArray.of(Arrays.copyOf(input, 30), 6, 5));
        assertEquals(0, run("predict", "--model", model, "--input", x, "--output", y), err());
        assertArrayEquals(new int[] {1, 1}, Npy.read(y).shape());
        assertEquals(all.doubles()[5], Npy.read(y).doubles()[0]);
    }

    @Test
    void simdKernelsOnlyWhereTheyPay() {
        Console console = console();
        assertEquals(ScalarKernel.class, console.kernel(1e6).getClass());
        assertEquals(Kernel.best().getClass(), console.kernel(1e12).getClass());
    }

    private static double[] part(double[] x, int from, int to) {
        double[] part = new double[2 * (to - from) * 5];
        for (int b = 0; b < 2; b++) {
            System.arraycopy(x, (b * 6 + from) * 5, part, b * (to - from) * 5, (to - from) * 5);
        }
        return part;
    }

    @Test
    void gradientsAreThoseOfTheBareNetwork() throws IOException {
        Path stored = Path.of("test-vectors", "lstm");
        Map<?, ?> file = json(stored.resolve("pytorch-module.json"));
        Map<?, ?> c = (Map<?, ?>) ((List<?>) file.get("cases")).get(0);
        Path x = folder.resolve("x.npy");
        Path y = folder.resolve("y.npy");
        Path g = folder.resolve("g.safetensors");
        Npy.write(x, array(c.get("input")));
        Npy.write(y, array(c.get("target")));
        Path model = stored.resolve((String) c.get("file"));
        assertEquals(0, run("gradients", "--model", model, "--input", x, "--target", y, "--output", g), err());
        String last = out().lines().reduce((a, b) -> b).orElseThrow();
        double loss = ((Number) ((Map<?, ?>) Json.parse(last)).get("loss")).doubleValue();
        assertEquals(((Number) c.get("loss")).doubleValue(), loss, Bound.LSTM_FORWARD.tolerance() * loss);
        Map<String, NdArray> gradients = Safetensors.read(g).tensors();
        Map<?, ?> expected = (Map<?, ?>) c.get("gradients");
        assertEquals(expected.keySet(), gradients.keySet());
        for (Object name : expected.keySet()) {
            NdArray right = array(expected.get(name));
            assertArrayEquals(right.shape(), gradients.get(name).shape(), name.toString());
            double largest = Arrays.stream(right.doubles()).map(Math::abs).max().orElseThrow();
            assertArrayEquals(
                    right.doubles(),
                    gradients.get(name).doubles(),
                    Bound.LSTM_GRADIENTS.tolerance() * largest,
                    name.toString());
        }
        Npy.write(y, NdArray.of(new double[3], 3));
        refused("expected the shape", "gradients", "--model", model, "--input", x, "--target", y, "--output", g);
    }

    /** The record has the numbers of predict and gradients, and the page holds model and sequences. */
    @Test
    void inspectShowsWhatPredictAndGradientsCompute() throws IOException {
        Path model = Path.of("test-vectors", "lstm", "pytorch-module.safetensors");
        Path x = Path.of("test-vectors", "lstm", "pytorch-module-input.npy");
        Path y = folder.resolve("y.npy");
        assertEquals(0, run("predict", "--model", model, "--input", x, "--output", y, "--all-steps"), err());
        NdArray forecast = Npy.read(y);
        double[] target = new double[forecast.size()];
        Arrays.setAll(target, j -> j % 5 - 2);
        Npy.write(y, NdArray.of(target, forecast.shape()));
        Path g = folder.resolve("g.safetensors");
        run("gradients", "--model", model, "--input", x, "--target", y, "--output", g, "--all-steps");
        String loss = out();
        Path to = folder.resolve("inside");
        assertEquals(
                0, run("inspect", "--model", model, "--input", x, "--target", y, "--all-steps", "--out", to), err());
        assertEquals(loss, out());
        Map<String, NdArray> record = Npz.read(to.resolve("inspect.npz"));
        assertEquals(forecast, record.get("forecast"));
        Map<String, NdArray> gradients = Safetensors.read(g).tensors();
        assertEquals(gradients.get("lstm.weight_hh_l1"), record.get("d_lstm.weight_hh_l1"));
        assertEquals(gradients.get("c0"), record.get("d_c0"));
        String page = Files.readString(to.resolve("inspect.html"));
        assertTrue(page.contains("\"cell\":\"lstm\"") && page.contains("pytorch-module.safetensors"));
        assertTrue(json(to.resolve("manifest.json")).get("files").toString().contains("inspect.html"));

        refused("is not empty", "inspect", "--model", model, "--input", x, "--out", to);
        Npy.write(y, NdArray.of(new double[3], 3));
        refused(
                "expected the shape",
                "inspect",
                "--model",
                model,
                "--input",
                x,
                "--target",
                y,
                "--out",
                folder.resolve("no"));
        Path coupled = smoke("model.safetensors");
        refused("--form shared", "inspect", "--model", coupled, "--input", x, "--out", folder.resolve("no"));
    }

    /** A GRU in every command that takes a model: its tensors identify it, its metadata do not. */
    @Test
    void everyCommandTakesAGru() throws IOException {
        Path to = folder.resolve("gru");
        assertEquals(
                0,
                run("train", "--data", smoke(""), "--cell", "gru", "--smoke", "--hidden", 4, "--seed", 3, "--out", to),
                err());
        assertTrue(out().contains("GRU, shared"), out());
        Path model = to.resolve("model.safetensors");
        Set<String> names = Safetensors.read(model).tensors().keySet();
        assertTrue(names.contains("gru.weight_ih_l0") && names.stream().noneMatch(n -> n.startsWith("lstm")));
        assertEquals(
                ModelFile.describe(Models.read(shared())).keySet(),
                ModelFile.describe(Models.read(model)).keySet());
        assertEquals(0, run("info", "--model", model, "--json"), err());
        assertEquals("gru", ((Map<?, ?>) Json.parse(out())).get("cell"));
        assertEquals(0, run("gradcheck", "--model", model, "--steps", 4, "--batch", 2), err());
        assertTrue(out().startsWith("Gradient check: PASS"), out());
        assertEquals(0, run("gradcheck", "--cell", "gru", "--hidden", 2, "--steps", 3, "--batch", 2), err());
        assertEquals(0, run("evaluate", "--model", model, "--data", smoke(""), "--branches", 2), err());
        assertTrue(out().contains("GRU, shared"), out());

        Path x = folder.resolve("x.npy");
        Path y = folder.resolve("y.npy");
        Path s = folder.resolve("s.safetensors");
        double[] input = new double[2 * 6 * 5];
        Arrays.setAll(input, j -> j % 3);
        Npy.write(x, NdArray.of(input, 2, 6, 5));
        assertEquals(0, run("predict", "--model", model, "--input", x, "--output", y, "--all-steps"), err());
        double[] all = Npy.read(y).doubles();
        Npy.write(x, NdArray.of(part(input, 0, 4), 2, 4, 5));
        assertEquals(0, run("predict", "--model", model, "--input", x, "--output", y, "--final-state", s), err());
        assertEquals(Set.of("h0"), Safetensors.read(s).tensors().keySet());
        Npy.write(x, NdArray.of(part(input, 4, 6), 2, 2, 5));
        assertEquals(0, run("predict", "--model", model, "--input", x, "--output", y, "--state", s), err());
        assertEquals(all[5], Npy.read(y).doubles()[0]);

        Path g = folder.resolve("g.safetensors");
        Npy.write(y, NdArray.of(new double[2], 2, 1));
        assertEquals(0, run("gradients", "--model", model, "--input", x, "--target", y, "--output", g), err());
        Set<String> gradients = Safetensors.read(g).tensors().keySet();
        assertTrue(gradients.containsAll(names) && gradients.contains("h0") && !gradients.contains("c0"));
        refused("--cell: expected lstm or gru, got 'rnn'", "train", "--data", smoke(""), "--cell", "rnn");
    }

    private static NdArray array(Object json) {
        Map<?, ?> map = (Map<?, ?>) json;
        int[] shape = ((List<?>) map.get("shape"))
                .stream().mapToInt(d -> ((Number) d).intValue()).toArray();
        return NdArray.of(
                ((List<?>) map.get("data"))
                        .stream().mapToDouble(d -> ((Number) d).doubleValue()).toArray(),
                shape);
    }

    @Test
    void gradcheckPassesAndDraws() throws IOException {
        Path picture = folder.resolve("v.svg");
        assertEquals(0, run("gradcheck", "--hidden", 2, "--steps", 3, "--curve", picture), err());
        assertTrue(out().startsWith("Gradient check: PASS"), out());
        assertTrue(Files.readString(picture).contains("fourth order"));
        assertEquals(0, run("gradcheck", "--model", shared(), "--entries", 50, "--json"), err());
        assertEquals("PASS", ((Map<?, ?>) Json.parse(out())).get("verdict"));
        refused("at least 1", "gradcheck", "--steps", 0);
        refused("hidden", "gradcheck", "--hidden", 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"poisson", "bernoulli"})
    void gradcheckChecksEveryLoss(String loss) {
        assertEquals(0, run("gradcheck", "--hidden", 2, "--steps", 3, "--all-steps", "--loss", loss), err());
        assertTrue(out().startsWith("Gradient check: PASS"), out());
        refused("--loss: expected mse or poisson or bernoulli", "gradcheck", "--loss", "hinge");
    }

    /** From training to forecasts: a loss of counts is stored in the model, and used by every command. */
    @ParameterizedTest
    @ValueSource(strings = {"poisson", "bernoulli"})
    void aRunWithALossOfCountsNamesItAndForecastsWithIt(String loss) throws IOException {
        Path to = folder.resolve("run");
        assertEquals(0, run("train", "--data", smoke(""), "--smoke", "--loss", loss, "--out", to), err());
        Path file = to.resolve("model.safetensors");
        Forecaster model = Models.read(file);
        assertEquals(loss, model.loss().label());
        Map<?, ?> metrics = json(to.resolve("metrics.json"));
        assertEquals(loss, ((Map<?, ?>) ((Map<?, ?>) metrics.get("forms")).get("shared")).get("loss"));
        for (double p :
                Npz.read(to.resolve("predictions.npz")).get("prediction").doubles()) {
            assertTrue(p > 0 && p < 1, "a probability or a small mean count: " + p);
        }
        assertTrue(Files.readString(to.resolve("report.html"))
                .contains(model.loss().caption()));
        assertEquals(0, run("info", "--model", file));
        assertTrue(out().contains("spikecast.loss") && out().contains(loss), out());
        assertEquals(0, run("evaluate", "--model", file, "--data", to, "--branches", 20, "--json"), err());
        assertEquals(
                ((Map<?, ?>) metrics.get("test")).get("mse"),
                ((Map<?, ?>) ((Map<?, ?>) Json.parse(out())).get("test")).get("mse"));

        Path x = folder.resolve("x.npy");
        Path y = folder.resolve("y.npy");
        int inputs = model.network().config().inputs();
        Npy.write(x, NdArray.of(new double[2 * 3 * inputs], 2, 3, inputs));
        assertEquals(0, run("predict", "--model", file, "--input", x, "--output", y), err());
        double[] forecast = Npy.read(y).doubles();
        assertTrue(forecast[0] > 0 && forecast[0] < 1 && forecast[0] == forecast[1]);

        // predict scales its input, gradients does not: the output for an input of 0 on the network's scale.
        Path g = folder.resolve("g.safetensors");
        Npy.write(y, NdArray.of(new double[] {1, 0}, 2, 1));
        assertEquals(0, run("gradients", "--model", file, "--input", x, "--target", y, "--output", g), err());
        double output = Forecaster.bare(model.network())
                .predict(
                        new ScalarKernel(),
                        new double[3 * inputs],
                        1,
                        3,
                        false,
                        NetworkState.zeros(model.network().config(), 1))[0];
        double p = model.loss().inverseLink(output);
        assertEquals(p - 0.5, Safetensors.read(g).tensors().get("fc.bias").doubles()[0], Tolerances.OTHER_ORDER);
        double expected = loss.equals("poisson") ? p - output / 2 : -(StrictMath.log(p) + StrictMath.log(1 - p)) / 2;
        double claimed = ((Number) ((Map<?, ?>) Json.parse(out())).get("loss")).doubleValue();
        assertEquals(expected, claimed, 10 * Tolerances.OTHER_ORDER);
        Npy.write(y, NdArray.of(new double[] {1, -1}, 2, 1));
        refused(
                "got -1 in " + y + " at [1, 0]",
                "gradients",
                "--model",
                file,
                "--input",
                x,
                "--target",
                y,
                "--output",
                g);

        assertEquals(0, run("gradcheck", "--model", file, "--entries", 50, "--steps", 3), err());
    }

    /** Given or not, the default gives the same model and the same metrics. */
    @Test
    void theDefaultLossWritesNoKey() throws IOException {
        Path to = folder.resolve("run");
        assertEquals(0, run("run", "ring-60", "--smoke", "--loss", "mse", "--out", to), err());
        assertEquals(MODEL_SHA256, AtomicFiles.sha256(to.resolve("model.safetensors")));
        assertEquals(METRICS_SHA256, AtomicFiles.sha256(to.resolve("metrics.json")));
    }

    @Test
    void dataThatALossDoesNotTakeAreRefusedBeforeAnythingIsDone() throws IOException {
        Path csv = folder.resolve("counts.csv");
        Path to = folder.resolve("out");
        Files.writeString(csv, "a,b\n" + "0,1\n".repeat(100) + "1,2\n" + "0,1\n".repeat(100));
        assertEquals(2, run("train", "--data", csv, "--loss", "bernoulli", "--out", to));
        assertTrue(err().contains("got 2 in the data, row 101, column 2"), err());
        Files.writeString(csv, "a,b\n" + "0,1\n".repeat(100) + "-0.5,2\n" + "0,1\n".repeat(100));
        assertEquals(2, run("train", "--data", csv, "--loss", "poisson", "--out", to));
        assertTrue(err().contains("got -0.5 in the data, row 101, column 1"), err());
        assertFalse(Files.exists(to));
    }

    @Test
    void vectorsTellsWhatFails() throws IOException {
        Path copy = folder.resolve("f-i.json");
        Files.copy(Path.of("test-vectors", "lif", "f-i.json"), copy);
        assertEquals(0, run("vectors", folder), err());
        assertTrue(out().contains("lif: closed forms"), out());
        Files.writeString(copy, Files.readString(copy).replace("\"tau_ref\":1.0", "\"tau_ref\":2.0"));
        assertEquals(Main.CHECK_FAILED, run("vectors", folder));
        assertTrue(out().contains("FAILED"), out());
        assertEquals(Main.CHECK_FAILED, run("vectors", folder, "--json"));
        assertEquals(false, ((Map<?, ?>) Json.parse(out())).get("passed"));
        refused("No such file", "vectors", folder.resolve("missing"));
    }

    @Test
    void simulateLifWritesItsTrace() throws IOException {
        Path to = folder.resolve("lif");
        assertEquals(0, run("simulate", "lif", "--current", 0.1, "--duration", 50, "--out", to), err());
        Map<String, NdArray> trace = Npz.read(to.resolve("trace.npz"));
        assertArrayEquals(new int[] {1001, 1}, trace.get("voltage").shape());
        // From rest to threshold takes tau log(I tau / (I tau - 1)) = 20 log 2 ms; then again after each 1 ms held.
        assertArrayEquals(
                new double[] {13.85, 28.7, 43.55}, trace.get("spike_time").doubles(), 1e-9);
        assertTrue(out().contains("spikes           3"), out());

        Path kicks = folder.resolve("kicks.csv");
        Files.writeString(kicks, "0.5,0\n0.6,0\n0,0.2\n");
        Path given = folder.resolve("given");
        assertEquals(
                0, run("simulate", "lif", "--drive", "given", "--input", kicks, "--neurons", 2, "--out", given), err());
        assertArrayEquals(
                new int[] {4, 2},
                Npz.read(given.resolve("trace.npz")).get("voltage").shape());
        assertEquals(
                0, run("simulate", "lif", "--drive", "poisson", "--neurons", 3, "--out", folder.resolve("poisson")));
    }

    @Test
    void slidCountsAndEveryPresetRun() throws IOException {
        for (String preset : List.of("irregular", "shared-input", "bursts")) {
            Path to = folder.resolve(preset);
            assertEquals(
                    0,
                    run(
                            "simulate",
                            "ring",
                            "--preset",
                            preset,
                            "--duration",
                            100,
                            "--bin",
                            5,
                            "--slide",
                            1,
                            "--out",
                            to),
                    err());
            Map<String, NdArray> series = Npz.read(to.resolve("series.npz"));
            assertArrayEquals(new int[] {96, 60}, series.get("external").shape());
        }
    }

    @Test
    void infoTellsOfTheProgramAndOfAModel() {
        assertEquals(0, run("info"));
        assertTrue(out().contains("kernel") && out().contains("java"), out());
        assertEquals(0, run("info", "--model", shared()));
        assertTrue(out().contains("lstm.weight_ih_l0") && out().contains("spikecast.window"), out());
        assertEquals(0, run("info", "--json"));
        assertTrue(Json.parse(out()) instanceof Map);
    }

    @Test
    void helpIsThere() {
        assertEquals(0, run("--help"));
        assertTrue(out().contains("run") && out().contains("predict"));
        assertEquals(0, run("run", "--help"));
        assertTrue(out().contains("--learning-rate") && out().contains("--tau-l"), out());
        assertEquals(0, run("simulate", "ring", "--help"));
        assertTrue(out().contains("--method") && out().contains("--delay"), out());
        assertEquals(0, run("--version"));
        assertTrue(out().startsWith("spikecast 0."));
        assertEquals(Main.WRONG_INPUT, run());
        assertEquals(0, run("simulate", "--help"));
        assertTrue(out().contains("simulate lif   Simulates unconnected"), out());
        assertEquals(Main.WRONG_INPUT, run("simulate"));
        assertEquals("Usage: spikecast simulate ring | simulate lif | simulate ca1    [OPTIONS]", err().strip());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "no command 'fly'; fly",
                "no command 'simulate rng': expected one of simulate ring, simulate lif, simulate ca1; simulate rng",
                "is simulate ring meant?; simulate rng",
                "no command 'simulate brain': expected one of simulate ring; simulate brain",
                "is predict meant?; pedict --model m",
                "is event meant?; simulate ring --method evnt",
                "there is no option --regime (; run ca1-regular-bursting --regime x",
                "--layers has no effect: the model of --model has its own; gradcheck --model M --layers 3 --hidden 3",
                "--hidden has no effect: the model of --model; gradcheck --model M --hidden 3",
                "--rate has no effect: the drive is constant; simulate lif --rate 3",
                "--kick has no effect: the drive is constant; simulate lif --kick 3",
                "--input has no effect: the drive is constant; simulate lif --input x.csv",
                "--header has no effect: the drive is constant; simulate lif --header yes",
                "--current has no effect: the drive is random kicks; simulate lif --drive poisson --current 3",
                "--kick has no effect: the drive is given; simulate lif --drive given --input x.csv --kick 3",
                "--forcing-rest has no effect: no autoregressive network; run ca1-regular-bursting --form block --forcing-rest 0.1",
                "--head has no effect: no direct forecaster; run ca1-regular-bursting --form step --head all",
                "--colour; run ring-60 --colour red",
                "ring-61; run ring-61",
                "EXPERIMENT; run",
                "seed; run ring-60 --seed three",
                "must be even; run ring-60 --neurons 61",
                "does not divide the bin; run ring-60 --dt 0.03 --tau-ref 0.3",
                "does not divide; run ring-60 --dt 0.3",
                "Window; run ring-60 --smoke --window 600",
                "is shorter than a bin; run ring-60 --duration 0.5",
                "too short; run ring-60 --duration 3",
                "learning rate; run ring-60 --learning-rate -1",
                "window; run ring-60 --window 0",
                "steps in the loss; run ring-60 --window 4 --loss-steps 5",
                "hidden; run ring-60 --hidden 0",
                "multiple; run ring-60 --bin 5 --slide 2",
                "sharedFraction; run ring-60 --shared-fraction 1.5",
                "reach must be in; run ring-60 --reach 20",
                "--preset: expected; run ring-60 --preset chaos",
                "--method: expected clock or event; simulate ring --method quantum",
                "delay must be finite and above 0, got 0; simulate ring --method event --delay 0",
                "delay must be finite and above 0, got NaN; simulate ring --method event --delay NaN",
                "delay must be at least; simulate ring --method event --delay 1e-300",
                "--delay is for --method event; simulate ring --delay 0.1",
                "--scheme is for --method clock; run ring-60 --method event --scheme exact",
                "--tau-s is for --method clock; simulate ring --method event --tau-s 5",
                "Branches; run ring-60 --smoke --epochs 1 --branches 1",
                "No such file; train --data no/such/folder",
                "No such file; train --data no-such.csv",
                "--form: expected; train --data x.csv --form half",
                "--data; train",
                "No such file; evaluate --model no.safetensors --data .",
                "No such file; predict --model no.safetensors --input x.npy --output y.npy",
                "--input; simulate lif --drive given",
                "current; simulate lif --current NaN",
                "neurons; simulate lif --neurons 0",
                "EXPERIMENT; run --smoke",
                "more than Java allows; run ring-60 --smoke --hidden 100000",
                "GB: take at most; run ring-60 --smoke --layers 100000",
                "GB: take a batch of at most; run ca1-regular-bursting --smoke --batch 1000000000",
                "--batch: expected at most the 2280 windows of an epoch, got 100000000; run ring-60 --smoke --batch 100000000",
                "at least 2; evaluate --model x --data y --branches 1"
            })
    void wrongUsageIsOneLineAndCodeTwo(String reason, String line) {
        List<Object> arguments = new ArrayList<>(List.of(line.split(" ")));
        if (line.startsWith("run ") || line.startsWith("simulate ")) {
            arguments.addAll(List.of("--out", folder.resolve("refused")));
        }
        refused(reason, arguments.toArray());
        assertFalse(Files.exists(folder.resolve("refused/model.safetensors")));
    }

    @Test
    void aFaultyTableIsRefusedByLineAndColumn() throws IOException {
        Path csv = folder.resolve("bad.csv");
        Files.writeString(csv, "a,b\n1,2\n3,four\n");
        refused("line 3, column 2", "train", "--data", csv);
        Files.writeString(csv, "a,b\n1,2\n3,NaN\n");
        refused("line 3, column 2", "train", "--data", csv);
        Files.writeString(csv, "a,b\n1,2\n3\n");
        refused("line 3", "train", "--data", csv);
        Files.writeString(csv, "a,b\n");
        refused("no rows", "train", "--data", csv);
    }

    /** A table is not guessed at: the log reports what was read, and possible times, spikes or headers are refused. */
    @Test
    void aTableSaysWhatWasRead() throws IOException {
        StringBuilder rows = new StringBuilder();
        for (int row = 0; row < 300; row++) {
            rows.append(row).append(',').append(row % 3).append('\n');
        }
        Path csv = Files.writeString(folder.resolve("times.csv"), "t,a\n" + rows);
        refused(
                "column 1 (t) looks like times, not like a neuron: --time-column 1 leaves it out",
                "train",
                "--data",
                csv);
        Path to = folder.resolve("left-out");
        assertEquals(0, run("train", "--data", csv, "--smoke", "--time-column", "t", "--out", to), err());
        assertTrue(err().contains("Read " + csv + ": 300 rows, 1 columns, named in line 1: 'a'"), err());
        assertArrayEquals(
                new int[] {300, 1},
                Npz.read(to.resolve("series.npz")).get("counts").shape());
        Path asIs = folder.resolve("as-is");
        assertEquals(0, run("train", "--data", csv, "--smoke", "--time-column", "none", "--out", asIs), err());
        assertArrayEquals(
                new int[] {300, 2},
                Npz.read(asIs.resolve("series.npz")).get("counts").shape());
        Files.writeString(csv, "0,1,2\n" + "3,1,0\n".repeat(20));
        refused("say --header yes or no", "train", "--data", csv);
        refused("say --header yes or no", "simulate", "lif", "--drive", "given", "--input", csv, "--neurons", 3);
        Path kicks = folder.resolve("kicks");
        assertEquals(
                0,
                run(
                        "simulate",
                        "lif",
                        "--drive",
                        "given",
                        "--input",
                        csv,
                        "--neurons",
                        3,
                        "--header",
                        "no",
                        "--out",
                        kicks),
                err());
        assertTrue(err().contains("21 rows, 3 columns, without a header"), err());
        refused("--header: expected yes or no", "train", "--data", csv, "--header", "maybe");
        refused("--header has no effect: folder", "train", "--data", smoke(""), "--header", "no");
    }

    /** Folders of other kinds say what they are. */
    @Test
    void aFolderOfTracesIsNoSeries() {
        Path lif = folder.resolve("lif");
        assertEquals(0, run("simulate", "lif", "--duration", 10, "--out", lif), err());
        refused("it holds no series.npz with spike counts: expected a folder that run or", "train", "--data", lif);
        Path ca1 = folder.resolve("ca1");
        assertEquals(0, run("simulate", "ca1", "--duration", 10, "--out", ca1), err());
        refused("it holds voltage traces: expected spike counts, as run ring-60", "train", "--data", ca1);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aPipeIsNoArray() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        refused(
                "got a pipe",
                "predict",
                "--model",
                smoke("model.safetensors"),
                "--input",
                pipe,
                "--output",
                folder.resolve("y"));
        refused("got a pipe", "info", "--model", pipe);
    }

    /** 16 rows, half of them to test on: windows fit, the longest look-back of the baselines does not. */
    @Test
    void aShortTableIsTrainedOnToTheEnd() throws IOException {
        Path csv = Files.writeString(folder.resolve("short.csv"), "0,1\n1,1\n3,0\n0,2\n".repeat(4));
        Path to = folder.resolve("short");
        assertEquals(
                0, run("train", "--data", csv, "--smoke", "--window", 2, "--test-fraction", 0.5, "--out", to), err());
        Map<?, ?> baselines = (Map<?, ?>) json(to.resolve("metrics.json")).get("baselines");
        assertTrue(baselines.containsKey("moving_average"));
        assertNull(baselines.get("moving_average"));
    }

    @Test
    void aStepThatIsTooLongIsReported() {
        Path to = folder.resolve("long-step");
        assertEquals(
                0,
                run(
                        "simulate",
                        "ca1",
                        "--regime",
                        "regular-spiking",
                        "--dt",
                        0.2,
                        "--sample",
                        0.2,
                        "--duration",
                        100,
                        "--out",
                        to),
                err());
        assertTrue(
                err().contains(
                                "Warning: a step of 0.2 ms is too long: in the first 100 ms it gives 5 spikes, half of it 19"),
                err());
        for (String regime : List.of("regular-bursting", "irregular-bursting", "regular-spiking")) {
            assertEquals(
                    0,
                    run("simulate", "ca1", "--regime", regime, "--duration", 100, "--out", folder.resolve(regime)),
                    err());
            assertFalse(err().contains("Warning"), err());
        }
        refused(
                "voltage must stay within 500.0 mV",
                "simulate",
                "ca1",
                "--current",
                1e9,
                "--out",
                folder.resolve("none"));
        assertFalse(Files.exists(folder.resolve("none")));
    }

    @Test
    void aSmokeRunSaysThatItsScoresMeanNothing() throws IOException {
        assertTrue(Files.readString(smoke("report.html")).contains("its scores mean nothing"));
    }

    @Test
    void theOraclesBranchesNeedASimulation() throws IOException {
        Path csv = Files.writeString(folder.resolve("table.csv"), "1\n2\n".repeat(200));
        refused(
                "--branches has no effect: without the simulation there is no",
                "train",
                "--data",
                csv,
                "--branches",
                7);
        Path model = shared();
        refused("--branches has no effect: without", "evaluate", "--model", model, "--data", csv, "--branches", 5);
    }

    /** Outputs are neither inputs nor each other, whatever their spelling or links; nothing is written. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void outputsDestroyNoInput() throws IOException {
        Path model = Files.copy(shared(), folder.resolve("m.safetensors"));
        Path x = input();
        byte[] modelBefore = Files.readAllBytes(model);
        byte[] inputBefore = Files.readAllBytes(x);
        Path link = Files.createSymbolicLink(folder.resolve("link.npy"), x.getFileName());
        Path hard = Files.createLink(folder.resolve("hard.npy"), x);
        Path dotted = folder.resolve("./none/../input.npy");
        Files.createDirectory(folder.resolve("none"));
        for (Path output : List.of(x, link, hard, dotted)) {
            refused(
                    "--output and --input name the same file",
                    "predict",
                    "--model",
                    model,
                    "--input",
                    x,
                    "--output",
                    output);
        }
        Path modelLink = Files.createSymbolicLink(folder.resolve("model-link"), model);
        refused("--model name the same file", "predict", "--model", model, "--input", x, "--output", modelLink);
        Path y = folder.resolve("y");
        refused(
                "--output and --final-state name the same file",
                "predict",
                "--model",
                model,
                "--input",
                x,
                "--output",
                y,
                "--final-state",
                folder.resolve("./y"));
        Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), y);
        refused(
                "--output and --final-state name the same file",
                "predict",
                "--model",
                model,
                "--input",
                x,
                "--output",
                y,
                "--final-state",
                dangling);
        refused(
                "--output and --model name the same file",
                "gradients",
                "--model",
                model,
                "--input",
                x,
                "--target",
                x,
                "--output",
                model);
        refused("--curve and --model name the same file", "gradcheck", "--model", modelLink, "--curve", modelLink);
        assertArrayEquals(modelBefore, Files.readAllBytes(model));
        assertArrayEquals(inputBefore, Files.readAllBytes(x));
        assertFalse(Files.exists(y));
        // Otherwise a file is replaced whole.
        Files.writeString(y, "old");
        assertEquals(0, run("predict", "--model", model, "--input", x, "--output", y), err());
        assertArrayEquals(new int[] {1, 1}, Npy.read(y).shape());
    }

    /** With LC_ALL=C, letters beyond ASCII are in no file name. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void aNameThatTheLocaleCannotExpressIsNamed() throws Exception {
        assumeTrue("UTF-8".equals(System.getProperty("sun.jnu.encoding")), "this process cannot express it either");
        Path log = folder.resolve("log");
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "train",
                        "--data",
                        "z\u00e4hlungen.csv")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("LC_ALL", "C");
        assertEquals(Main.WRONG_INPUT, builder.start().waitFor());
        List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
        assertEquals(1, lines.size(), lines.toString());
        assertTrue(lines.get(0).startsWith("spikecast: --data: 'z"), lines.get(0));
        String remedy =
                " is no path here; if it has letters beyond ASCII, set a locale that has them, such as LC_ALL=C.UTF-8";
        assertTrue(lines.get(0).endsWith(remedy), lines.get(0));
    }

    @ParameterizedTest
    @CsvSource({
        "gradcheck --curve, report.html, .svg",
        "gradcheck --curve, V.png, .svg",
        "predict --model m --input x --output, y.csv, .npy",
        "predict --model m --input x --output y.npy --final-state, s.npy, .safetensors",
        "gradients --model m --input x --target y --output, g.JSON, .safetensors"
    })
    void anExtensionOfAnotherFormatIsRefused(String line, String name, String right) throws IOException {
        Path file = Files.writeString(folder.resolve(name), "mine");
        List<Object> arguments = new ArrayList<>(List.of(line.split(" ")));
        arguments.add(file);
        refused("expected a name ending in " + right + ", the format that is written", arguments.toArray());
        assertEquals("mine", Files.readString(file));
    }

    @Test
    void aFolderWithSomethingInItIsNotTouched() throws IOException {
        Path precious = folder.resolve("precious.txt");
        Files.writeString(precious, "mine");
        refused("not empty", "run", "ring-60", "--smoke", "--out", folder);
        refused("is a file", "run", "ring-60", "--smoke", "--out", precious);
        refused("cannot be made", "run", "ring-60", "--smoke", "--out", precious.resolve("below"));
        refused("not a regular file", "predict", "--model", shared(), "--input", input(), "--output", folder);
        refused("got a folder", "info", "--model", folder);
        assertEquals("mine", Files.readString(precious));
    }

    private Path input() throws IOException {
        Path x = folder.resolve("input.npy");
        Npy.write(x, NdArray.of(new double[10], 2, 5));
        return x;
    }

    @Test
    void fewTestBinsAreReportedWithoutAStandardError() {
        Path to = folder.resolve("short");
        assertEquals(0, run("run", "ring-60", "--smoke", "--bin", 10, "--window", 5, "--out", to), err());
        assertTrue(Files.exists(to.resolve("manifest.json")));
    }

    @Test
    void aSilentNetworkIsReportedToo() throws IOException {
        Path to = folder.resolve("silent");
        assertEquals(0, run("run", "ring-60", "--smoke", "--rate", 0, "--out", to), err());
        Map<?, ?> oracle =
                (Map<?, ?>) ((Map<?, ?>) json(to.resolve("metrics.json")).get("baselines")).get("oracle");
        assertTrue(oracle.containsKey("explained_variance"));
        assertNull(oracle.get("explained_variance"));
        assertTrue(Files.exists(to.resolve("manifest.json")));
    }

    @Test
    void evaluateRefusesDataOfOtherBins() {
        Path other = folder.resolve("other");
        assertEquals(0, run("simulate", "ring", "--bin", 2, "--duration", 1000, "--out", other), err());
        refused("bins of 1.0 ms", "evaluate", "--model", shared(), "--data", other);
        refused("--bin has no effect: folder", "evaluate", "--model", shared(), "--data", other, "--bin", 1);
        assertEquals(0, run("evaluate", "--model", shared(), "--data", smoke(""), "--test-fraction", 0.5), err());
        assertTrue(err().contains("part of the test bins were training bins"), err());
    }

    @Test
    void theLineThatRepeatsARunCanBeGivenAsItIs() {
        Path to = folder.resolve("with space");
        assertEquals(0, run("simulate", "lif", "--out", to, "--duration", 10), err());
        assertTrue(out().lines().anyMatch("Again:   spikecast simulate lif --duration 10 --seed 1"::equals), out());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 100, 5000})
    void aTruncatedModelIsRefused(int length) throws IOException {
        byte[] whole = Files.readAllBytes(shared());
        Path part = folder.resolve("part.safetensors");
        Files.write(part, Arrays.copyOf(whole, length));
        refused("part.safetensors", "info", "--model", part);
        refused("part.safetensors", "evaluate", "--model", part, "--data", smoke(""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.5", "0"})
    void aModelWhoseWindowIsNoNumberOfBinsIsRefused(String window) throws IOException {
        Safetensors content = Safetensors.read(shared());
        String text = content.metadata().get("spikecast").replaceFirst("\"window\":\\d+", "\"window\":" + window);
        Path model = folder.resolve("window.safetensors");
        Safetensors.write(model, content.tensors(), Map.of("spikecast", text));
        String reason = "'window': expected a whole number of at least 1, got " + window;
        refused(reason, "evaluate", "--model", model, "--data", smoke(""));
        refused(reason, "info", "--model", model);
    }

    @Test
    void inputsThatDoNotFitTheModelAreRefused() throws IOException {
        Path x = folder.resolve("x.npy");
        Path y = folder.resolve("y.npy");
        Npy.write(x, NdArray.of(new double[12], 2, 2, 3));
        refused("x 5 features", "predict", "--model", shared(), "--input", x, "--output", y);
        double[] faulty = new double[10];
        faulty[7] = Double.NaN;
        Npy.write(x, NdArray.of(faulty, 2, 5));
        refused("NaN at [1, 2]", "predict", "--model", shared(), "--input", x, "--output", y);
        assertFalse(Files.exists(y));
        Path csv = folder.resolve("table.csv");
        Files.writeString(csv, "1\n2\n".repeat(200));
        refused("data with 5 features", "evaluate", "--model", shared(), "--data", csv);
    }

    @Test
    void aDivergingRunFailsWithCodeThree() {
        int code = run("run", "ring-60", "--smoke", "--learning-rate", 1e200, "--out", folder.resolve("diverged"));
        assertEquals(Main.FAILED, code);
        assertEquals(2, err().lines().count(), err());
        assertTrue(err().startsWith("simulation: "), err());
        assertTrue(err().contains("loss or gradient became"), err());
        assertTrue(
                err().matches("(?s).* in update \\d+ of epoch 1: output \\d+ is .* in step \\d+ of sequence \\d+.*"),
                err());
        assertTrue(err().contains("; lower the learning rate (1.0E200)"), err());
    }
}
