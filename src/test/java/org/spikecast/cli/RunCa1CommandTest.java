package org.spikecast.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.spikecast.io.AtomicFiles;
import org.spikecast.io.Json;
import org.spikecast.io.NdArray;
import org.spikecast.io.Npy;
import org.spikecast.io.Npz;

/** {@code run ca1-...} and what else deals with models of voltage traces. */
class RunCa1CommandTest {
    private static final String BURSTING = "ca1-regular-bursting";

    @TempDir
    private static Path smoke;

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(Object... arguments) {
        out.reset();
        err.reset();
        return run(out, err, arguments);
    }

    private static int run(ByteArrayOutputStream out, ByteArrayOutputStream err, Object... arguments) {
        Console console = new Console(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false);
        return Main.run(
                console, java.util.Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new));
    }

    private void refused(String reason, Object... arguments) {
        assertEquals(Main.WRONG_INPUT, run(arguments), err.toString());
        assertEquals(1, err.toString().lines().count(), err.toString());
        assertTrue(err.toString().startsWith("spikecast: ") && err.toString().contains(reason), err.toString());
        assertEquals("", out.toString());
    }

    @BeforeAll
    static void runOnce() {
        ByteArrayOutputStream nowhere = new ByteArrayOutputStream();
        assertEquals(
                Main.DONE,
                run(nowhere, nowhere, "run", BURSTING, "--smoke", "--out", smoke.resolve("run")),
                nowhere.toString());
    }

    private static Path smoke(String file) {
        return smoke.resolve("run").resolve(file);
    }

    private static Map<?, ?> json(Path file) throws IOException {
        return (Map<?, ?>) Json.read(file);
    }

    @Test
    void theFolderHoldsWhatTheDesignSays() throws IOException {
        Map<?, ?> metrics = json(smoke("metrics.json"));
        assertEquals(BURSTING, metrics.get("experiment"));
        for (String name : List.of("persistence", "mean", "ridge", "random_features")) {
            Map<?, ?> score = (Map<?, ?>) ((Map<?, ?>) metrics.get("baselines")).get(name);
            assertTrue(score.get("rmse_mv") instanceof Number, name);
            assertEquals(50, ((List<?>) score.get("rmse_by_step_mv")).size());
        }
        Map<?, ?> network = (Map<?, ?>) ((Map<?, ?>) metrics.get("forms")).get("np50");
        assertEquals(network.get("test"), metrics.get("test"));
        assertEquals(40, ((List<?>) ((Map<?, ?>) network.get("free_run")).get("rmse_mv")).size());

        Map<String, NdArray> series = Npz.read(smoke("series.npz"));
        assertArrayEquals(new int[] {601, 4}, series.get("voltage").shape());
        assertArrayEquals(new int[] {4}, series.get("current").shape());
        Map<String, NdArray> predictions = Npz.read(smoke("predictions.npz"));
        assertArrayEquals(new int[] {400, 6}, predictions.get("prediction").shape());
        assertArrayEquals(new int[] {400, 6}, predictions.get("target").shape());
        assertEquals(401, predictions.get("first_bin").ints()[0]);

        Map<?, ?> files = (Map<?, ?>) json(smoke("manifest.json")).get("files");
        for (String name :
                List.of("metrics.json", "model.safetensors", "series.npz", "predictions.npz", "report.html")) {
            assertEquals(AtomicFiles.sha256(smoke(name)), files.get(name), name);
        }
        for (String figure : List.of("trace", "phase", "rmse-by-step", "rmse-over-time", "loss")) {
            assertTrue(files.containsKey("figures/" + figure + ".svg"), figure);
        }
        assertFalse(files.containsKey("unfinished.txt") || Files.exists(smoke("unfinished.txt")));
    }

    @Test
    void theSameSeedGivesTheSameBytesAlsoWhenResumed() throws IOException {
        Path again = folder.resolve("again");
        assertEquals(0, run("run", BURSTING, "--smoke", "--out", again), err.toString());
        assertEquals(AtomicFiles.sha256(smoke("metrics.json")), AtomicFiles.sha256(again.resolve("metrics.json")));
        // As a run that was broken off after its baselines: without model and manifest.
        Files.delete(again.resolve("manifest.json"));
        Files.delete(again.resolve("parts/np50.json"));
        Files.delete(again.resolve("parts/np50.safetensors"));
        Files.delete(again.resolve("model.safetensors"));
        Files.writeString(again.resolve("unfinished.txt"), "spikecast run " + BURSTING + " --smoke --seed 1");
        refused("was begun with other options", "run", BURSTING, "--smoke", "--seed", 2, "--out", again, "--resume");
        assertEquals(0, run("run", BURSTING, "--smoke", "--out", again, "--resume", "--threads", 2), err.toString());
        for (String file : List.of("metrics.json", "model.safetensors", "predictions.npz")) {
            assertEquals(AtomicFiles.sha256(smoke(file)), AtomicFiles.sha256(again.resolve(file)), file);
        }
        refused("is finished", "run", BURSTING, "--smoke", "--out", again, "--resume");
        refused("not empty", "run", BURSTING, "--smoke", "--out", again);
        refused("--out", "run", BURSTING, "--smoke", "--resume");
        Files.createDirectories(folder.resolve("other"));
        Files.writeString(folder.resolve("other/mine.txt"), "mine");
        refused("no run that was broken off", "run", BURSTING, "--smoke", "--out", folder.resolve("other"), "--resume");
    }

    @ParameterizedTest
    @CsvSource({
        "every, forward, 20, 20",
        "all, reversed, 20, 20",
        "all, forward, 30, 10",
        "last, forward, 10, 30",
        "last, reversed, 1, 1"
    })
    void everyFormRunsAndItsModelIsReadBack(String head, String order, int window, int horizon) throws IOException {
        Path to = folder.resolve("run");
        Object[] options = {
            "run",
            BURSTING,
            "--smoke",
            "--head",
            head,
            "--order",
            order,
            "--window",
            window,
            "--horizon",
            horizon,
            "--layers",
            2,
            "--schedule",
            "step",
            "--step-epochs",
            1,
            "--weight-decay",
            0.01,
            "--out",
            to
        };
        assertEquals(0, run(options), err.toString());
        Path model = to.resolve("model.safetensors");
        assertEquals(0, run("evaluate", "--model", model, "--data", to, "--json"), err.toString());
        assertTrue(((Map<?, ?>) Json.parse(out.toString())).containsKey("LSTM"));
        assertEquals(0, run("info", "--model", model), err.toString());
        assertTrue(out.toString().contains("block"), out.toString());

        Path x = folder.resolve("x.npy");
        Path y = folder.resolve("y.npy");
        Npy.write(x, NdArray.of(new double[3 * window * 2], 3, window, 2));
        assertEquals(0, run("predict", "--model", model, "--input", x, "--output", y), err.toString());
        assertArrayEquals(
                new int[] {3, head.equals("every") ? 1 : horizon}, Npy.read(y).shape());
        Npy.write(x, NdArray.of(new double[3 * 7 * 2], 3, 7, 2));
        refused("trained for windows of " + window, "predict", "--model", model, "--input", x, "--output", y);
    }

    /** The prediction of the bare command is the block that the run scored: the window newest first, voltage and current. */
    @Test
    void predictGivesTheBlockInMillivolts() throws IOException {
        Map<String, NdArray> series = Npz.read(smoke("series.npz"));
        double[] voltage = series.get("voltage").doubles();
        double[] x = new double[100];
        for (int t = 0; t < 50; t++) {
            x[2 * t] = voltage[(49 - t) * 4];
            x[2 * t + 1] = series.get("current").doubles()[0];
        }
        Path input = folder.resolve("x.npy");
        Path output = folder.resolve("y.npy");
        Npy.write(input, NdArray.of(x, 50, 2));
        assertEquals(0, run("predict", "--model", smoke("model.safetensors"), "--input", input, "--output", output));
        double[] block = Npy.read(output).doubles();
        assertEquals(50, block.length);
        for (double v : block) {
            assertTrue(v > -120 && v < 80, "mV: " + v);
        }
    }

    @Test
    void aModelOfTracesIsNotForSeriesNorTheOtherWayRound() throws IOException {
        Path csv = folder.resolve("table.csv");
        Files.writeString(csv, "a\n" + "1\n".repeat(100));
        refused("give a folder", "evaluate", "--model", smoke("model.safetensors"), "--data", csv);
        assertEquals(0, run("simulate", "ca1", "--duration", 50, "--sample", 0.2, "--out", folder.resolve("coarse")));
        refused("samples of", "evaluate", "--model", smoke("model.safetensors"), "--data", folder.resolve("coarse"));
        assertEquals(0, run("simulate", "ca1", "--duration", 5, "--out", folder.resolve("short")));
        refused("do not fit", "evaluate", "--model", smoke("model.safetensors"), "--data", folder.resolve("short"));
        assertEquals(0, run("simulate", "ring", "--duration", 50, "--out", folder.resolve("ring")));
        refused(
                "no array 'voltage'",
                "evaluate",
                "--model",
                smoke("model.safetensors"),
                "--data",
                folder.resolve("ring"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--capacitance -1 | capacitance",
                "--dt 0 | dt must be finite and above 0",
                "--dt 0.03 | does not divide",
                "--lowest-current NaN | current must be finite",
                "--lowest-current 2 --highest-current 1 | at least the lowest",
                "--horizon 0 | at least 1",
                "--window 30 --head every | must be equal",
                "--horizon 400 | do not fit",
                "--head first | expected last or every or all",
                "--order sideways | expected reversed or forward",
                "--schedule linear | expected cosine or step or constant",
                "--step-epochs 3 | --schedule step",
                "--learning-rate 0 | positive",
                "--cells 0 | at least 1",
                "--sample 0 | above 0",
                "--full | choose one",
                "--hidden 0 | hidden",
                "--bin 2 | --bin",
                "--starts 0 | at least 1"
            })
    void wrongOptionsAreOneLineAndCodeTwo(String options, String reason) {
        Object[] words = ("run " + BURSTING + " --smoke --out " + folder.resolve("x") + " " + options).split(" ");
        refused(reason, words);
        assertFalse(Files.exists(folder.resolve("x")), "nothing was begun");
    }

    @Test
    void helpNamesTheExperimentsAndTheirOptions() {
        assertEquals(0, run("run", BURSTING, "--help"));
        assertTrue(out.toString().contains("--horizon") && out.toString().contains("--g-na"), out.toString());
        assertEquals(0, run("run", "--help"));
        assertTrue(out.toString().contains("ca1-irregular-bursting"), out.toString());
        refused("ca1-regular-bursting", "run", "ca1");
        refused("--full trains several", "run", BURSTING, "--full", "--horizon", 10, "--out", folder.resolve("x"));
    }
}
