package org.spikecast.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spikecast.counts.Form;
import org.spikecast.counts.internal.CountTask;
import org.spikecast.counts.internal.Sequences;
import org.spikecast.io.MalformedFileException;
import org.spikecast.io.NdArray;
import org.spikecast.io.Safetensors;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.Elementary;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkState;
import org.spikecast.run.Progress;
import org.spikecast.train.LossFunction;
import org.spikecast.train.Losses;
import org.spikecast.train.Scaling;
import org.spikecast.voltage.internal.StepForm;
import org.spikecast.voltage.internal.TraceTask;

class ForecasterTest {
    private static final NetworkConfig CONFIG = new NetworkConfig(2, 3, 2, 2);

    private static final List<Task.Reader> TASKS = List.of(CountTask::read, TraceTask::read);

    private final Kernel kernel = new ScalarKernel();
    private final RandomStream random = RandomStream.of(2, "forecaster test");
    private final NetworkParameters network = NetworkParameters.random(CONFIG, 0, random);
    private final Forecaster model = new Forecaster(
            network,
            new Scaling(new double[] {1, -2}, new double[] {2, 0.5}),
            new Scaling(new double[] {10, 20}, new double[] {3, 4}),
            Losses.MEAN_SQUARED_ERROR,
            new CountTask(Form.FULL, 5, 1, 0.5, 0.2, 42));

    @TempDir
    private Path folder;

    private double[] numbers(int n) {
        double[] x = new double[n];
        for (int j = 0; j < n; j++) {
            x[j] = random.nextGaussian();
        }
        return x;
    }

    @Test
    void aStreamGivesWhatPredictionGives() {
        int steps = 50;
        double[] x = numbers(steps * 2);
        NetworkState state = NetworkState.zeros(CONFIG, 1);
        double[] expected = model.predict(kernel, x, 1, steps, true, state);
        ForecastStream stream = model.stream(kernel);
        for (int t = 0; t < steps; t++) {
            double[] y = stream.step(x[2 * t], x[2 * t + 1]);
            assertArrayEquals(new double[] {expected[2 * t], expected[2 * t + 1]}, y);
        }
        assertArrayEquals(state.hidden().data, stream.state().hidden().data);
        assertArrayEquals(state.part(1).data, stream.state().part(1).data);
        assertThrows(IllegalArgumentException.class, () -> stream.step(1));
        assertThrows(IllegalArgumentException.class, () -> stream.step(1, Double.NaN));

        // From another state on, as if it had run there all the time; and without allocating.
        ForecastStream other = model.stream(kernel);
        other.state().hidden().setTo(stream.state().hidden());
        other.state().part(1).setTo(stream.state().part(1));
        double[] features = {0.5, -1};
        ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        long least = Long.MAX_VALUE;
        for (int u = 0; u < 20_000; u++) {
            long before = memory.getThreadAllocatedBytes(thread);
            double[] y = other.step(features);
            least = Math.min(least, memory.getThreadAllocatedBytes(thread) - before);
            assertArrayEquals(stream.step(features), y);
        }
        assertEquals(0, least);
    }

    @Test
    void predictionScalesInAndOut() {
        int batch = 3;
        int steps = 4;
        double[] x = numbers(batch * steps * 2);
        double[] scaled = new double[x.length];
        for (int j = 0; j < x.length; j++) {
            scaled[j] = j % 2 == 0 ? (x[j] - 1) / 2 : (x[j] + 2) / 0.5;
        }
        double[] y = model.predict(kernel, x, batch, steps, true, NetworkState.zeros(CONFIG, batch));
        double[] bare =
                Forecaster.bare(network).predict(kernel, scaled, batch, steps, true, NetworkState.zeros(CONFIG, batch));
        for (int j = 0; j < y.length; j++) {
            assertEquals(j % 2 == 0 ? 10 + 3 * bare[j] : 20 + 4 * bare[j], y[j]);
        }
        double[] last = model.predict(kernel, x, batch, steps, false, NetworkState.zeros(CONFIG, batch));
        for (int b = 0; b < batch; b++) {
            for (int o = 0; o < 2; o++) {
                assertEquals(y[(b * steps + steps - 1) * 2 + o], last[b * 2 + o]);
            }
        }
    }

    @Test
    void longSequencesAndManyOfThemAreSplitWithoutATrace() {
        int batch = 300;
        int steps = 150;
        double[] x = numbers(batch * steps * 2);
        NetworkState end = NetworkState.zeros(CONFIG, batch);
        double[] all = model.predict(kernel, x, batch, steps, true, end);
        int b = 271;
        double[] one = Arrays.copyOfRange(x, b * steps * 2, (b + 1) * steps * 2);
        NetworkState state = NetworkState.zeros(CONFIG, 1);
        double[] y = new double[steps * 2];
        for (int t = 0; t < steps; t++) { // streaming, step by step
            double[] step = model.predict(kernel, Arrays.copyOfRange(one, 2 * t, 2 * t + 2), 1, 1, false, state);
            System.arraycopy(step, 0, y, 2 * t, 2);
        }
        assertArrayEquals(Arrays.copyOfRange(all, b * steps * 2, (b + 1) * steps * 2), y);
        for (int row = 0; row < 6; row++) {
            assertEquals(end.hidden().get(row, b), state.hidden().get(row, 0));
            assertEquals(end.part(1).get(row, b), state.part(1).get(row, 0));
        }
    }

    @Test
    void aForecastIsThePredictionFromTheWindow() {
        DMatrixRMaj features = new DMatrixRMaj(30, 2, true, numbers(60));
        Sequences sequences = new Sequences(new DMatrixRMaj[] {features}, new DMatrixRMaj[] {features});
        DMatrixRMaj forecast = ((CountTask) model.task()).forecast(kernel, model, sequences, 20, 30, Progress.NONE);
        for (int bin = 20; bin < 30; bin++) {
            double[] window = Arrays.copyOfRange(features.data, 2 * (bin - 5), 2 * bin);
            double[] y = model.predict(kernel, window, 1, 5, false, NetworkState.zeros(CONFIG, 1));
            assertEquals(y[0], forecast.get(bin - 20, 0));
            assertEquals(y[1], forecast.get(bin - 20, 1));
        }
    }

    @Test
    void fileKeepsEveryBitAndTheSameModelGivesTheSameBytes() throws IOException {
        Path file = folder.resolve("m.safetensors");
        ModelFile.write(file, model);
        Forecaster read = ModelFile.read(file, TASKS);
        assertEquals(model.task(), read.task());
        assertArrayEquals(model.inputs().offset(), read.inputs().offset());
        assertArrayEquals(model.outputs().scale(), read.outputs().scale());
        for (int j = 0; j < network.set().size(); j++) {
            assertEquals(network.set().get(j), read.network().set().get(j));
        }
        Path again = folder.resolve("again.safetensors");
        ModelFile.write(again, read);
        assertArrayEquals(Files.readAllBytes(file), Files.readAllBytes(again));
    }

    /** Forecasts, streams and files of a model whose outputs are not in the data's units. */
    @ParameterizedTest
    @ValueSource(strings = {"poisson", "bernoulli"})
    void theInverseLinkMakesForecastsOfOutputs(String label) throws IOException {
        LossFunction loss = Losses.of(label);
        Forecaster linked = new Forecaster(network, model.inputs(), Scaling.identity(2), loss, model.task());
        Forecaster outputs =
                new Forecaster(network, model.inputs(), Scaling.identity(2), Losses.MEAN_SQUARED_ERROR, model.task());
        double[] x = numbers(2 * 7 * 2);
        double[] forecast = linked.predict(kernel, x, 2, 7, true, NetworkState.zeros(CONFIG, 2));
        double[] output = outputs.predict(kernel, x, 2, 7, true, NetworkState.zeros(CONFIG, 2));
        ForecastStream stream = linked.stream(kernel);
        for (int j = 0; j < output.length; j++) {
            double expected = label.equals("poisson") ? Elementary.exp(output[j]) : Elementary.sigma(output[j]);
            assertEquals(expected, forecast[j]);
        }
        for (int t = 0; t < 7; t++) {
            assertArrayEquals(Arrays.copyOfRange(forecast, 2 * t, 2 * t + 2), stream.step(x[2 * t], x[2 * t + 1]));
        }
        Path file = folder.resolve("m.safetensors");
        ModelFile.write(file, linked);
        for (Forecaster read : List.of(ModelFile.read(file, TASKS), ModelFile.read(file))) {
            assertSame(loss, read.loss());
            Path again = folder.resolve("again.safetensors");
            ModelFile.write(again, read);
            assertArrayEquals(Files.readAllBytes(file), Files.readAllBytes(again));
        }
        assertEquals(label, ModelFile.describe(linked).get("loss"));
        assertFalse(ModelFile.describe(outputs).containsKey("loss"));
    }

    @Test
    void aModelOfAnUnknownLossIsRefused() throws IOException {
        Path file = folder.resolve("m.safetensors");
        ModelFile.write(
                file, new Forecaster(network, model.inputs(), Scaling.identity(2), Losses.POISSON, model.task()));
        String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
        Files.writeString(file, bytes.replace("poisson", "hinge--"), StandardCharsets.ISO_8859_1);
        String message = assertThrows(MalformedFileException.class, () -> ModelFile.read(file, TASKS))
                .getMessage();
        assertTrue(message.contains("Loss: expected one of " + Losses.all() + ", got 'hinge--'"), message);
    }

    /** An autoregressive network: its input is scaled, its output, the encoded change, is not. */
    private Forecaster steps() {
        return new Forecaster(
                NetworkParameters.random(new NetworkConfig(2, 3, 1, 1), 0, random),
                new Scaling(new double[] {-60, 0.5}, new double[] {20, 0.25}),
                Scaling.identity(1),
                Losses.MEAN_SQUARED_ERROR,
                new TraceTask(new StepForm(200, 0.004, 0.015), 0.1, 42));
    }

    @Test
    void aFileOfStepsKeepsItsTask() throws IOException {
        Path file = folder.resolve("steps.safetensors");
        Forecaster steps = steps();
        ModelFile.write(file, steps);
        Forecaster read = ModelFile.read(file, TASKS);
        assertEquals(steps.task(), read.task());
        assertEquals("step", ModelFile.describe(read).get("form"));
        assertArrayEquals(steps.inputs().offset(), read.inputs().offset());
        assertArrayEquals(steps.inputs().scale(), read.inputs().scale());
        assertEquals(0.75, read.outputs().apply(0, 0.75));
        for (int j = 0; j < steps.network().set().size(); j++) {
            assertEquals(steps.network().set().get(j), read.network().set().get(j));
        }
        Path again = folder.resolve("again.safetensors");
        ModelFile.write(again, read);
        assertArrayEquals(Files.readAllBytes(file), Files.readAllBytes(again));
    }

    @Test
    void aFileOfStepsWhoseTaskDoesNotFitIsRefused() throws IOException {
        Path file = folder.resolve("steps.safetensors");
        ModelFile.write(file, steps());
        Safetensors good = Safetensors.read(file);
        String text = good.metadata().get("spikecast");
        for (String[] change : new String[][] {
            {"\"piece_steps\":200", "\"piece_steps\":0", "'piece_steps': expected a whole number of at least 1, got 0"},
            {"\"piece_steps\":200", "\"piece_steps\":1.5", "expected a whole number of at least 1, got 1.5"},
            {"\"seed\":42", "\"seed\":4.5", "'seed': expected a whole number, got 4.5"},
            {"\"piece_steps\":200", "\"pieces\":200", "'piece_steps': expected a number, got null"},
            {"\"spike_forcing\":0.015", "\"spike_forcing\":-1", "Forcing: expected more than 0 and at most 1, got -1.0"
            },
            {"\"rest_forcing\":0.004", "\"rest_forcing\":\"no\"", "'rest_forcing': expected a number, got no"},
            {"\"sample_ms\":0.1", "\"sample_ms\":null", "'sample_ms': expected a number, got null"},
            {"\"form\":\"step\"", "\"form\":\"steps\"", "steps"}
        }) {
            assertTrue(text.contains(change[0]), text);
            refused(good.tensors(), Map.of("spikecast", text.replace(change[0], change[1])), change[2]);
        }
    }

    /** Its output is that of the bare network on what it scales; sequences may be of any length. */
    @Test
    void predictionOfStepsIsTheEncodedChange() {
        Forecaster steps = steps();
        double[] x = numbers(2 * 70 * 2);
        double[] scaled = new double[x.length];
        for (int j = 0; j < x.length; j++) {
            scaled[j] = j % 2 == 0 ? (x[j] + 60) / 20 : (x[j] - 0.5) / 0.25;
        }
        NetworkConfig config = steps.network().config();
        assertArrayEquals(
                Forecaster.bare(steps.network()).predict(kernel, scaled, 2, 70, true, NetworkState.zeros(config, 2)),
                steps.predict(kernel, x, 2, 70, true, NetworkState.zeros(config, 2)));
    }

    @Test
    void aBareStateDictIsReadInItsOwnUnits() throws IOException {
        Map<String, NdArray> tensors =
                new LinkedHashMap<>(Safetensors.read(written()).tensors());
        Path bare = folder.resolve("bare.safetensors");
        Safetensors.write(bare, tensors, Map.of("format", "pt"));
        Forecaster read = ModelFile.read(bare);
        assertNull(read.task());
        assertEquals(1.5, read.inputs().apply(0, 1.5));
        assertEquals(CONFIG, read.network().config());
    }

    private Path written() throws IOException {
        Path file = folder.resolve("m.safetensors");
        ModelFile.write(file, model);
        return file;
    }

    @Test
    void statesKeepTheirPlaces() throws IOException {
        NetworkState state =
                new NetworkState(new DMatrixRMaj(6, 4, true, numbers(24)), new DMatrixRMaj(6, 4, true, numbers(24)));
        Path file = folder.resolve("s.safetensors");
        ModelFile.writeState(file, state, CONFIG);
        NdArray h0 = Safetensors.read(file).tensors().get("h0");
        assertArrayEquals(new int[] {2, 4, 3}, h0.shape());
        // layer 1, sequence 2, unit 0
        assertEquals(state.hidden().get(3, 2), h0.doubles()[(4 + 2) * 3]);
        NetworkState read = ModelFile.readState(file, CONFIG, 4);
        assertArrayEquals(state.hidden().data, read.hidden().data);
        assertArrayEquals(state.part(1).data, read.part(1).data);
        assertThrows(MalformedFileException.class, () -> ModelFile.readState(file, CONFIG, 3));
    }

    @Test
    void refusesFilesThatHoldNoModel() throws IOException {
        Map<String, NdArray> tensors =
                new LinkedHashMap<>(Safetensors.read(written()).tensors());
        refused(tensors, Map.of("spikecast", "{"), "line 1");
        refused(tensors, Map.of("spikecast", "{\"window\":3}"), "input_offset");
        NdArray head = tensors.remove("fc.weight");
        refused(tensors, Map.of(), "fc.weight");
        tensors.put("fc.weight", head);
        tensors.put("lstm.weight_ih_l0_reverse", head);
        refused(tensors, Map.of(), "this is a bidirectional LSTM, which needs the future: train it with");
        tensors.remove("lstm.weight_ih_l0_reverse");
        tensors.put("lstm.weight_hr_l0", head);
        refused(tensors, Map.of(), "this is an LSTM with projections: train it with proj_size=0");
        tensors.remove("lstm.weight_hr_l0");
        tensors.put("fc2.weight", head);
        refused(tensors, Map.of(), "[fc2.weight]: combine linear layers into one (W = W2 W1, b = W2 b1 + b2)");
        tensors.remove("fc2.weight");
        NdArray bias0 = tensors.remove("fc.bias");
        refused(tensors, Map.of(), "this is an output layer without bias: add fc.bias, of zeros");
        tensors.put("fc.bias", bias0);
        refused(renamed(tensors, "lstm.", "rnn."), Map.of(), "first tensor is called rnn.weight_ih_l0: rename");
        Map<String, NdArray> unbiased = new LinkedHashMap<>(tensors);
        unbiased.keySet().removeIf(name -> name.startsWith("lstm.bias"));
        refused(unbiased, Map.of(), "this is an LSTM without biases: add bias_ih_l0, bias_hh_l0 and so on, of zeros");
        tensors.put("lstm.bias_hh_l1", NdArray.of(new double[11], 11));
        refused(tensors, Map.of(), "expected the shape [12], got [11]");
        double[] bias = new double[12];
        bias[3] = Double.NaN;
        tensors.put("lstm.bias_hh_l1", NdArray.of(bias, 12));
        refused(tensors, Map.of(), "NaN");
    }

    private static Map<String, NdArray> renamed(Map<String, NdArray> tensors, String from, String to) {
        Map<String, NdArray> renamed = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> renamed.put(name.replace(from, to), tensor));
        return renamed;
    }

    private void refused(Map<String, NdArray> tensors, Map<String, String> metadata, String reason) throws IOException {
        Path file = folder.resolve("bad.safetensors");
        Safetensors.write(file, tensors, metadata);
        String message = assertThrows(MalformedFileException.class, () -> ModelFile.read(file, TASKS))
                .getMessage();
        assertTrue(message.contains(reason), message);
    }

    @Test
    void refusesInputThatIsNotANumber() {
        double[] x = {1, 2, 3, Double.NaN};
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> model.predict(kernel, x, 1, 2, false, NetworkState.zeros(CONFIG, 1)))
                .getMessage();
        assertEquals("Input: expected finite numbers, got NaN in sequence 0, step 1, feature 1", message);
        assertThrows(
                IllegalArgumentException.class,
                () -> model.predict(kernel, new double[3], 1, 2, false, NetworkState.zeros(CONFIG, 1)));
    }
}
