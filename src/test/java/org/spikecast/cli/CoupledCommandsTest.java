package org.spikecast.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spikecast.counts.CoupledForecaster;
import org.spikecast.counts.Series;
import org.spikecast.counts.internal.SeriesFile;
import org.spikecast.io.NdArray;
import org.spikecast.io.Npy;
import org.spikecast.io.Npz;
import org.spikecast.io.Safetensors;
import org.spikecast.io.internal.Json;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.internal.Elementary;

/** The commands on a model of the form coupled. */
class CoupledCommandsTest extends CommandTest {
    private static final int N = 10;

    @TempDir
    private static Path ring;

    @BeforeAll
    static void trainOnce() {
        done("simulate", "ring", "--neurons", N, "--duration", 700, "--out", ring.resolve("data"));
        done("train", "--form", "coupled", "--smoke", "--data", ring.resolve("data"), "--out", ring.resolve("run"));
    }

    private static Path model() {
        return ring.resolve("run/model.safetensors");
    }

    private static Path data() {
        return ring.resolve("data");
    }

    @Test
    void theFileHoldsNetworkAndConnections() throws IOException {
        Map<String, NdArray> tensors = Safetensors.read(model()).tensors();
        for (String name : tensors.keySet()) {
            assertTrue(name.matches("(trace|message\\.\\d|lstm|fc|edges)\\..*"), name);
        }
        int[] edges = Npz.read(data().resolve("series.npz")).get("edges").ints();
        int[] post = tensors.get("edges.post").ints();
        int[] pre = tensors.get("edges.pre").ints();
        for (int e = 0; e < post.length; e++) {
            assertEquals(edges[2 * e], post[e]);
            assertEquals(edges[2 * e + 1], pre[e]);
        }
        Path again = folder.resolve("again.safetensors");
        CoupledForecaster.read(model()).write(again);
        assertArrayEquals(Files.readAllBytes(model()), Files.readAllBytes(again));
        assertNull(CoupledForecaster.read(lstm()));
        long seed = (1L << 53) + 1; // no double
        Safetensors content = Safetensors.read(model());
        String text = content.metadata().get("spikecast").replaceFirst("\"seed\":\\d+", "\"seed\":" + seed);
        Safetensors.write(again, content.tensors(), Map.of("spikecast", text));
        assertEquals(seed, CoupledForecaster.read(again).describe().get("seed"));
        assertEquals(0, run("info", "--model", model()), err());
        assertTrue(out().contains("message.0.hidden.features") && out().contains("connections"), out());
    }

    private Path lstm() {
        Path to = folder.resolve("lstm");
        done("train", "--data", data(), "--smoke", "--out", to);
        return to.resolve("model.safetensors");
    }

    /** predict reads bin by bin; the experiment forecasts by one pass: the same bits. */
    @Test
    void predictGivesTheForecastsOfTheRun() throws IOException {
        Series series = SeriesFile.read(data(), 1);
        double[] x = new double[series.bins() * 2 * N];
        for (int bin = 0; bin < series.bins(); bin++) {
            System.arraycopy(series.values().data, bin * N, x, bin * 2 * N, N);
            System.arraycopy(series.external().data, bin * N, x, (bin * 2 + 1) * N, N);
        }
        Path input = folder.resolve("x.npy");
        Path output = folder.resolve("y.npy");
        Npy.write(input, NdArray.of(x, series.bins(), 2 * N));
        assertEquals(0, run("predict", "--model", model(), "--input", input, "--output", output, "--all-steps"), err());
        NdArray all = Npy.read(output);
        assertArrayEquals(new int[] {1, series.bins(), N}, all.shape());
        Map<String, NdArray> predictions = Npz.read(ring.resolve("run/predictions.npz"));
        int first = predictions.get("first_bin").ints()[0];
        double[] expected = predictions.get("prediction").doubles();
        for (int j = 0; j < expected.length; j++) {
            assertEquals(expected[j], all.doubles()[(first - 1) * N + j]); // the step before forecasts the bin
        }
        assertEquals(0, run("predict", "--model", model(), "--input", input, "--output", output), err());
        assertArrayEquals(new int[] {1, N}, Npy.read(output).shape());

        Npy.write(input, NdArray.of(new double[3 * 7], 3, 7));
        refused("steps x 20 spike counts", "predict", "--model", model(), "--input", input, "--output", output);
        refused("--state", "predict", "--model", model(), "--input", input, "--output", output, "--state", input);
    }

    @Test
    void evaluateAndOtherConnections() throws IOException {
        assertEquals(0, run("evaluate", "--model", model(), "--data", data(), "--branches", 2, "--json"), err());
        Map<?, ?> own = (Map<?, ?>) ((Map<?, ?>) Json.parse(out())).get("test");
        Map<?, ?> metrics = json(ring.resolve("run/metrics.json"));
        assertEquals(((Map<?, ?>) metrics.get("test")).get("mse"), own.get("mse"));

        Path other = folder.resolve("other");
        done("simulate", "ring", "--neurons", 14, "--duration", 700, "--out", other);
        refused("name the data's connections by --edges", "evaluate", "--model", model(), "--data", other);
        assertEquals(0, run("evaluate", "--model", model(), "--data", other, "--edges", other, "--branches", 2), err());
        assertTrue(out().contains("coupled"), out());
        refused("--edges is for", "evaluate", "--model", lstm(), "--data", data(), "--edges", data());
    }

    /**
     * The loss is the mean negative log-likelihood of predict's probabilities, and its gradient that of the file's
     * tensors.
     */
    @Test
    void gradientsAreThoseOfTheLikelihood() throws IOException {
        Series series = SeriesFile.read(data(), 1);
        int steps = 40;
        double[] x = new double[2 * steps * 2 * N];
        double[] y = new double[2 * steps * N];
        for (int b = 0; b < 2; b++) {
            for (int t = 0; t < steps; t++) {
                int bin = 100 + 200 * b + t;
                int at = (b * steps + t) * N;
                System.arraycopy(series.values().data, bin * N, x, 2 * at, N);
                System.arraycopy(series.external().data, bin * N, x, 2 * at + N, N);
                System.arraycopy(series.values().data, (bin + 1) * N, y, at, N);
            }
        }
        Path input = folder.resolve("x.npy");
        Path target = folder.resolve("y.npy");
        Path output = folder.resolve("p.npy");
        Path gradient = folder.resolve("g.safetensors");
        Npy.write(input, NdArray.of(x, 2, steps, 2 * N));
        Npy.write(target, NdArray.of(y, 2, steps, N));
        assertEquals(
                0,
                run("gradients", "--model", model(), "--input", input, "--target", target, "--output", gradient),
                err());
        double loss = ((Number) ((Map<?, ?>) Json.parse(out())).get("loss")).doubleValue();
        assertEquals(0, run("predict", "--model", model(), "--input", input, "--output", output, "--all-steps"), err());
        double[] p = Npy.read(output).doubles();
        double expected = 0;
        for (int j = 0; j < p.length; j++) {
            expected -= Elementary.log(y[j] == 1 ? p[j] : 1 - p[j]) / p.length;
        }
        assertEquals(expected, loss, 1e-13); // measured: below 1e-15
        Map<String, NdArray> tensors = Safetensors.read(gradient).tensors();
        Map<String, NdArray> parameters = Safetensors.read(model()).tensors();
        assertNotNull(tensors.get("message.0.hidden.features"));
        tensors.forEach((name, t) -> assertArrayEquals(parameters.get(name).shape(), t.shape(), name));
        double sum = 0; // the derivative of the loss along the output bias is the mean of p - y
        for (int j = 0; j < p.length; j++) {
            sum += (p[j] - y[j]) / p.length;
        }
        if (!tensors.containsKey("message.1.send.weight")) {
            assertEquals(sum, tensors.get("message.0.readout.bias").doubles()[0], 1e-13);
        }
    }

    @Test
    void gradcheckChecksIt() {
        assertEquals(0, run("gradcheck", "--model", model(), "--entries", 100, "--steps", 9), err());
        assertTrue(out().startsWith("Gradient check: PASS") && out().contains("message.1.hidden.received"), out());
        refused("--batch has no effect", "gradcheck", "--model", model(), "--batch", 2);
    }

    @Test
    void refusesWhatItCannotForecast() throws IOException {
        Path csv = folder.resolve("table.csv");
        Files.writeString(csv, "a,b\n" + "1,0\n0,1\n".repeat(200));
        assertEquals(2, run("train", "--form", "coupled", "--data", csv));
        assertTrue(err().contains("the data come without connections"), err());
        Path wide = folder.resolve("wide");
        done("simulate", "ring", "--neurons", N, "--duration", 2000, "--bin", 60, "--out", wide);
        refused("at most one spike", "train", "--form", "coupled", "--data", wide);
        Path slid = folder.resolve("slid");
        done("simulate", "ring", "--neurons", N, "--duration", 500, "--bin", 2, "--slide", 1, "--out", slid);
        refused("do not overlap", "train", "--form", "coupled", "--data", slid);
        byte[] whole = Files.readAllBytes(model());
        Path part = folder.resolve("part.safetensors");
        String text = new String(whole, StandardCharsets.ISO_8859_1);
        Files.write(part, text.replace("\\\"width\\\":16", "\\\"width\\\":17").getBytes(StandardCharsets.ISO_8859_1));
        refused("expected a tensor", "evaluate", "--model", part, "--data", data());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--hidden 5",
                "--layers 2",
                "--epochs 3",
                "--batch 100000000",
                "--window 7",
                "--loss-steps 2",
                "--loss poisson",
                "--cell gru",
                "--optimiser soap",
                "--learning-rate 0.1",
                "--warm-up 3",
                "--schedule step",
                "--step-epochs 2",
                "--step-factor 0.1",
                "--weight-decay 1",
                "--ema-updates 3",
                "--clip-norm 2",
                "--patience 3",
                "--forget-bias 1",
                "--chrono-t-max 9"
            })
    void optionsOfTheOtherFormsHaveNoEffect(String option) {
        String name = option.substring(0, option.indexOf(' '));
        String line = "train --form coupled --smoke --data " + data() + " " + option;
        refused(name + " has no effect: the form coupled chooses", (Object[]) line.split(" "));
    }

    @Test
    void theForecastIsTheLibrarysToo() throws IOException {
        CoupledForecaster forecaster = CoupledForecaster.read(model());
        Series series = SeriesFile.read(data(), 1);
        DMatrixRMaj p = forecaster.forecast(Kernel.best(), series, 560, 700);
        assertArrayEquals(
                Npz.read(ring.resolve("run/predictions.npz")).get("prediction").doubles(), p.data);
    }
}
