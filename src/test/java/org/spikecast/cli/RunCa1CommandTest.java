package org.spikecast.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.spikecast.io.NdArray;
import org.spikecast.io.Npy;
import org.spikecast.io.Npz;
import org.spikecast.io.internal.AtomicFiles;
import org.spikecast.io.internal.Json;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.lstm.NetworkState;
import org.spikecast.model.Forecaster;
import org.spikecast.model.ModelFile;
import org.spikecast.neuron.Ca1Regime;
import org.spikecast.train.Optimiser;
import org.spikecast.train.TrainingOptions;
import org.spikecast.voltage.internal.StepForm;
import org.spikecast.voltage.internal.TraceTraining;

/** {@code run ca1-...} and the other commands on models of voltage traces. */
class RunCa1CommandTest extends CommandTest {
    private static final String BURSTING = "ca1-regular-bursting";

    /** Hashes of what a smoke run of seed 1 leaves, on every machine and JVM; see {@link CommandLineTest}. */
    private static final String MODEL_SHA256 = "977840c8a3546e3f725fa888c29b172a3790a5ec022030f81acd88937d1c3b11";

    private static final String METRICS_SHA256 = "bb17fe4c751634b28d6235c00ed55ef8d4ab2b72a7a414dc2cbb4da90357c949";

    @TempDir
    private static Path smoke;

    @BeforeAll
    static void runOnce() {
        done("run", BURSTING, "--smoke", "--out", smoke.resolve("run"));
    }

    private static Path smoke(String file) {
        return smoke.resolve("run").resolve(file);
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
        Map<?, ?> steps = (Map<?, ?>) ((Map<?, ?>) metrics.get("forms")).get("step");
        assertEquals("steps", steps.get("group"));
        assertEquals(50, ((List<?>) ((Map<?, ?>) steps.get("test")).get("rmse_by_step_mv")).size());
        assertEquals(40, ((List<?>) ((Map<?, ?>) steps.get("free_run")).get("rmse_mv")).size());

        Map<String, NdArray> series = Npz.read(smoke("series.npz"));
        assertArrayEquals(new int[] {601, 4}, series.get("voltage").shape());
        assertArrayEquals(new int[] {4}, series.get("current").shape());
        Map<String, NdArray> predictions = Npz.read(smoke("predictions.npz"));
        assertArrayEquals(new int[] {400, 6}, predictions.get("prediction").shape());
        assertArrayEquals(new int[] {400, 6}, predictions.get("prediction_step").shape());
        assertArrayEquals(new int[] {400, 6}, predictions.get("target").shape());
        assertEquals(1201, predictions.get("first_bin").ints()[0]);

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
    void theSameSeedGivesTheSameBytesEverywhere() throws IOException {
        assertEquals(MODEL_SHA256, AtomicFiles.sha256(smoke("model.safetensors")));
        assertEquals(METRICS_SHA256, AtomicFiles.sha256(smoke("metrics.json")));
    }

    @Test
    void theSameSeedGivesTheSameBytesAlsoWhenResumed() throws IOException {
        Path again = folder.resolve("again");
        assertEquals(0, run("run", BURSTING, "--smoke", "--out", again), err());
        assertEquals(AtomicFiles.sha256(smoke("metrics.json")), AtomicFiles.sha256(again.resolve("metrics.json")));
        // Like a run interrupted after its baselines: without model and manifest.
        Files.delete(again.resolve("manifest.json"));
        Files.delete(again.resolve("parts/np50.json"));
        Files.delete(again.resolve("parts/np50.safetensors"));
        Files.delete(again.resolve("parts/step.json"));
        Files.delete(again.resolve("parts/step.safetensors"));
        Files.delete(again.resolve("model.safetensors"));
        Files.writeString(again.resolve("unfinished.txt"), "spikecast run " + BURSTING + " --smoke --seed 1");
        refused("was begun with other options", "run", BURSTING, "--smoke", "--seed", 2, "--out", again, "--resume");
        assertEquals(0, run("run", BURSTING, "--smoke", "--out", again, "--resume", "--threads", 2), err());
        for (String file : List.of("metrics.json", "model.safetensors", "predictions.npz", "parts/step.safetensors")) {
            assertEquals(AtomicFiles.sha256(smoke(file)), AtomicFiles.sha256(again.resolve(file)), file);
        }
        refused("is finished", "run", BURSTING, "--smoke", "--out", again, "--resume");
        refused("not empty", "run", BURSTING, "--smoke", "--out", again);
        refused("--out", "run", BURSTING, "--smoke", "--resume");
        Files.createDirectories(folder.resolve("other"));
        Files.writeString(folder.resolve("other/mine.txt"), "mine");
        refused("no interrupted run", "run", BURSTING, "--smoke", "--out", folder.resolve("other"), "--resume");
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
        assertEquals(0, run(options), err());
        Path model = to.resolve("model.safetensors");
        assertEquals(0, run("evaluate", "--model", model, "--data", to, "--json"), err());
        assertTrue(((Map<?, ?>) Json.parse(out())).containsKey("LSTM"));
        assertEquals(0, run("info", "--model", model), err());
        assertTrue(out().contains("block"), out());

        Path x = folder.resolve("x.npy");
        Path y = folder.resolve("y.npy");
        Npy.write(x, NdArray.of(new double[3 * window * 2], 3, window, 2));
        assertEquals(0, run("predict", "--model", model, "--input", x, "--output", y), err());
        assertArrayEquals(
                new int[] {3, head.equals("every") ? 1 : horizon}, Npy.read(y).shape());
        Npy.write(x, NdArray.of(new double[3 * 7 * 2], 3, 7, 2));
        refused("trained for windows of " + window, "predict", "--model", model, "--input", x, "--output", y);
    }

    private static Map<?, ?> map(Object json) {
        return (Map<?, ?>) json;
    }

    @Test
    void aNetworkOfStepsIsScoredPredictedAndTold() throws IOException {
        Path to = folder.resolve("run");
        assertEquals(
                0,
                run((Object[]) ("run " + BURSTING
                                + " --smoke --form step --bptt-steps 60 --forcing-rest 0.5 --chrono-t-max 100 --layers 2"
                                + " --hidden 3 --out " + to)
                        .split(" ")),
                err());
        Map<?, ?> metrics = json(to.resolve("metrics.json"));
        assertEquals(Set.of("step"), map(metrics.get("forms")).keySet());
        Map<?, ?> step = map(map(metrics.get("forms")).get("step"));
        assertEquals(step.get("test"), metrics.get("test"));
        assertEquals(100.0, ((Number) step.get("longest_memory")).doubleValue());
        assertEquals(0, ((Number) step.get("forget_bias")).intValue());
        Map<String, NdArray> predictions = Npz.read(to.resolve("predictions.npz"));
        assertEquals(Set.of("prediction", "target", "first_bin"), predictions.keySet());

        Path model = to.resolve("model.safetensors");
        assertEquals(0, run("info", "--model", model, "--json"), err());
        Map<?, ?> info = map(Json.parse(out()));
        assertEquals("step", map(info.get("spikecast")).get("form"));
        assertEquals(60, ((Number) map(info.get("spikecast")).get("piece_steps")).intValue());
        assertEquals(0.5, map(info.get("spikecast")).get("rest_forcing"));
        assertEquals(2, ((Number) info.get("layers")).intValue());
        assertEquals(3, ((Number) info.get("hidden")).intValue());

        // Sequences of any length; the output is the bare network's on scaled input: 70 steps in one are 30 and 40.
        double[] x = new double[2 * 70 * 2];
        for (int j = 0; j < x.length; j++) {
            x[j] = j % 2 == 0 ? -60 + j / 7.0 : 0.5;
        }
        Path input = folder.resolve("x.npy");
        Path output = folder.resolve("y.npy");
        Npy.write(input, NdArray.of(x, 2, 70, 2));
        assertEquals(0, run("predict", "--model", model, "--input", input, "--output", output, "--all-steps"));
        assertArrayEquals(new int[] {2, 70, 1}, Npy.read(output).shape());
        Forecaster read = ModelFile.read(model);
        double[] scaled = new double[x.length];
        for (int j = 0; j < x.length; j++) {
            scaled[j] = read.inputs().apply(j % 2, x[j]);
        }
        double[] bare = Forecaster.bare(read.network())
                .predict(
                        new ScalarKernel(),
                        scaled,
                        2,
                        70,
                        true,
                        NetworkState.zeros(read.network().config(), 2));
        assertArrayEquals(bare, Npy.read(output).doubles());
    }

    /** Blocks of 50 samples at the places at which a network of such blocks is scored. */
    @Test
    void aNetworkOfStepsIsEvaluatedOnBlocks() throws IOException {
        assertEquals(
                0,
                run("evaluate", "--model", smoke("parts/np50.safetensors"), "--data", smoke.resolve("run"), "--json"));
        Map<?, ?> ofBlocks = map(Json.parse(out()));
        assertEquals(
                0,
                run("evaluate", "--model", smoke("parts/step.safetensors"), "--data", smoke.resolve("run"), "--json"));
        Map<?, ?> ofSteps = map(Json.parse(out()));
        assertEquals(ofBlocks.get("persistence"), ofSteps.get("persistence"));
        assertTrue(err().contains("other blocks, other errors, of the model and of persistence"), err());
        Map<?, ?> score = map(ofSteps.get("LSTM"));
        assertEquals(5000, ((Number) score.get("blocks")).intValue());
        List<?> bySteps = (List<?>) score.get("rmse_by_step_mv");
        assertEquals(50, bySteps.size());
        // One sample ahead a change is forecast from the observed voltage, at the place where persistence holds it.
        double first = ((Number) bySteps.get(0)).doubleValue();
        double last = ((Number) bySteps.get(49)).doubleValue();
        assertTrue(first < last, first + " to " + last);
        assertEquals(0, run("simulate", "ca1", "--duration", 50, "--sample", 0.2, "--out", folder.resolve("coarse")));
        refused(
                "samples of",
                "evaluate",
                "--model",
                smoke("parts/step.safetensors"),
                "--data",
                folder.resolve("coarse"));
        assertEquals(0, run("simulate", "ca1", "--duration", 5, "--out", folder.resolve("short")));
        refused(
                "do not fit",
                "evaluate",
                "--model",
                smoke("parts/step.safetensors"),
                "--data",
                folder.resolve("short"));
    }

    /**
     * Training options apply to the direct forecaster; without an autoregressive one there are no long trajectories.
     */
    @Test
    void blocksAloneAndWhatIsSaidOfThem() throws IOException {
        Path to = folder.resolve("run");
        assertEquals(
                0,
                run((Object[]) ("run " + BURSTING + " --smoke --form block --chrono-t-max 30 --out " + to).split(" ")),
                err());
        Map<?, ?> forms = map(json(to.resolve("metrics.json")).get("forms"));
        assertEquals(Set.of("np50"), forms.keySet());
        assertEquals(30.0, ((Number) map(forms.get("np50")).get("longest_memory")).doubleValue());
        assertEquals(0, ((Number) map(forms.get("np50")).get("forget_bias")).intValue());
        assertFalse(Files.exists(to.resolve("parts/step.json")));
        Map<?, ?> both = map(json(smoke("metrics.json")).get("forms"));
        assertEquals(0, ((Number) map(both.get("np50")).get("forget_bias")).intValue());
        assertEquals(50, ((Number) map(both.get("np50")).get("longest_memory")).intValue());
        assertEquals(3000, ((Number) map(both.get("step")).get("longest_memory")).intValue());
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
                "--optimiser sgd | --optimiser: expected adam or soap, got 'sgd'",
                "--ema-updates 0 | updates of the moving average (EMA): expected at least 1, got 0",
                "--cells 0 | at least 1",
                "--sample 0 | above 0",
                "--full | choose one",
                "--hidden 0 | hidden",
                "--bin 2 | --bin",
                "--starts 0 | at least 1",
                "--form fast | --form: expected block or step or both, got 'fast'",
                "--bptt-steps 0 | Steps of a segment: expected at least 1, got 0",
                "--bptt-steps 600 | need trajectories of 1801 samples, got 1601",
                "--form step --duration 8 | do not fit into trajectories of 81",
                "--forcing-rest 0 | Forcing: expected more than 0 and at most 1, got 0.0",
                "--forcing-spikes NaN | Forcing: expected more than 0 and at most 1, got NaN",
                "--chrono-t-max 1 | T_max of chrono initialisation: expected 0 or more than 2 steps, got 1.0",
                "--form step --chrono-t-max -3 | T_max of chrono initialisation: expected 0 or more than 2 steps, got -3.0",
                "--forget-bias 1 --chrono-t-max 10 | give one of them",
                "--form step --forget-bias 1 --chrono-t-max 10 | give one of them"
            })
    void wrongOptionsAreOneLineAndCodeTwo(String options, String reason) {
        Object[] words = ("run " + BURSTING + " --smoke --out " + folder.resolve("x") + " " + options).split(" ");
        refused(reason, words);
        assertFalse(Files.exists(folder.resolve("x")), "nothing was begun");
    }

    @Test
    void helpNamesTheExperimentsAndTheirOptions() {
        assertEquals(0, run("run", BURSTING, "--help"));
        assertTrue(out().contains("--horizon") && out().contains("--help all") && !out().contains("--g-na"), out());
        assertEquals(0, run("run", BURSTING, "--help", "all"));
        assertTrue(out().contains("--horizon") && out().contains("--g-na"), out());
        assertEquals(0, run("run", "--help"));
        assertTrue(out().contains("ca1-irregular-bursting"), out());
        refused("ca1-regular-bursting", "run", "ca1");
        refused("--full trains several", "run", BURSTING, "--full", "--horizon", 10, "--out", folder.resolve("x"));
    }

    /**
     * One network that is trained longest, if longer than the compared ones; three seeds; three heads in two orders.
     */
    @ParameterizedTest
    @CsvSource({
        "'', 26, 2000, 400, 24",
        "--epochs 401, 26, 401, 400, 24",
        "--epochs 400, 25, 400, 400, 24",
        "--epochs 7, 25, 7, 7, 7"
    })
    void aStudyComparesAtEqualNumbersOfUpdates(String options, int networks, int first, int compared, int orders) {
        RunCa1Command command = new RunCa1Command(Ca1Regime.REGULAR_BURSTING);
        List<String> words = new ArrayList<>(List.of("--full"));
        words.addAll(options.isEmpty() ? List.of() : List.of(options.split(" ")));
        new ArgumentParser(command, words).parse();
        List<TraceTraining> trainings = command.trainings();
        assertEquals(networks, trainings.size());
        assertEquals(
                networks, trainings.stream().map(TraceTraining::name).distinct().count());
        assertEquals("np50", trainings.get(0).name());
        assertEquals(first, trainings.get(0).options().epochs());
        Set<Long> seeds = new HashSet<>();
        for (TraceTraining training : trainings.subList(1, networks)) {
            int expected = switch (training.group()) {
                case HORIZONS -> compared;
                case ORDERS -> orders;
                default -> 200;
            };
            assertEquals(expected, training.options().epochs(), training.name());
            seeds.add(training.options().seed());
        }
        assertEquals(Set.of(1L, 2L, 3L), seeds);
        assertEquals(first > compared, trainings.get(0).group() == TraceTraining.Group.LONGEST);
        assertEquals(
                6,
                trainings.stream()
                        .filter(t -> t.group() == TraceTraining.Group.HORIZONS)
                        .count());
    }

    /**
     * Training options that are given apply to the autoregressive network; the others' defaults depend on the
     * optimiser.
     */
    @ParameterizedTest
    @CsvSource({
        "--form step, SOAP, 0.03, 0.01, 200",
        "--form step --optimiser soap --ema-updates 7, SOAP, 0.03, 0.01, 7",
        "--form step --optimiser adam, ADAM, 0.01, 1, 200",
        "--form step --optimiser adam --learning-rate 0.5 --clip-norm 3, ADAM, 0.5, 3, 200",
        "--form both --optimiser adam, SOAP, 0.03, 0.01, 200",
        "--form block --optimiser soap, SOAP, 0.005, 0.2, 1",
        "--form block, ADAM, 0.005, 0.2, 1"
    })
    void theOptimiserIsTheOneAskedFor(
            String options, Optimiser.Method method, double rate, double clip, int emaUpdates) {
        RunCa1Command command = new RunCa1Command(Ca1Regime.REGULAR_BURSTING);
        new ArgumentParser(command, List.of(options.split(" "))).parse();
        List<TraceTraining> trainings = command.trainings();
        TrainingOptions chosen = trainings.get(trainings.size() - 1).options();
        assertEquals(method, chosen.method());
        assertEquals(rate, chosen.schedule().peak());
        assertEquals(clip, chosen.clipNorm());
        assertEquals(emaUpdates, chosen.emaUpdates());
    }

    /** Irregular bursting has an autoregressive network of its own in the study. */
    @ParameterizedTest
    @CsvSource({
        "IRREGULAR_BURSTING, --full, 64, 180, 0.02, 300, 400, 0.01, 0.03",
        "IRREGULAR_BURSTING, --form step, 32, 80, 0.03, 200, 200, 0.02, 0.06",
        "REGULAR_BURSTING, --full, 32, 200, 0.03, 200, 200, 0.003, 0.06",
        "REGULAR_SPIKING, --form both, 32, 80, 0.03, 200, 200, 0.003, 0.06"
    })
    void theNetworkOfStepsGoesByTheRegime(
            Ca1Regime regime,
            String options,
            int hidden,
            int epochs,
            double rate,
            int emaUpdates,
            int piece,
            double forcingRest,
            double forcingSpikes) {
        RunCa1Command command = new RunCa1Command(regime);
        new ArgumentParser(command, List.of(options.split(" "))).parse();
        TraceTraining training = command.trainings().stream()
                .filter(t -> t.name().equals("step"))
                .findFirst()
                .orElseThrow();
        assertEquals(hidden, training.options().hidden());
        assertEquals(epochs, training.options().epochs());
        assertEquals(rate, training.options().schedule().peak());
        assertEquals(emaUpdates, training.options().emaUpdates());
        assertEquals(new StepForm(piece, forcingRest, forcingSpikes), training.form());
    }
}
