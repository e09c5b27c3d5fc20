package org.spikecast.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.data.BlockForm;
import org.spikecast.data.Form;
import org.spikecast.data.Scaling;
import org.spikecast.data.StepForm;
import org.spikecast.io.Json;
import org.spikecast.io.Label;
import org.spikecast.io.MalformedFileException;
import org.spikecast.io.NdArray;
import org.spikecast.io.Safetensors;
import org.spikecast.lstm.LstmConfig;
import org.spikecast.lstm.LstmParameters;
import org.spikecast.lstm.LstmState;
import org.spikecast.params.ParameterSet;

/**
 * Models and states as safetensors files. Names and shapes of a model's tensors are those of the state dict of a PyTorch
 * module that holds {@code lstm} and {@code fc}; scaling and task are one JSON text, {@code spikecast}, in the metadata,
 * without which a file is read as a bare network.
 */
public final class ModelFile {
    private static final String KEY = "spikecast";

    /** The form of {@link Task.Blocks}. */
    private static final String BLOCK = "block";

    /** The form of {@link Task.Steps}. */
    private static final String STEP = "step";

    private ModelFile() {}

    /** Writes a model; the same model gives the same bytes. */
    public static void write(Path file, Forecaster model) throws IOException {
        Safetensors.write(file, tensors(model.network()), Map.of(KEY, Json.writeCompact(describe(model))));
    }

    /** Everything about a model but its weights: what stands in its file's metadata. */
    public static Map<String, Object> describe(Forecaster model) {
        Map<String, Object> text = new TreeMap<>();
        text.put("version", Version.current());
        text.put("input_offset", model.inputs().offset());
        text.put("input_scale", model.inputs().scale());
        text.put("output_offset", model.outputs().offset());
        text.put("output_scale", model.outputs().scale());
        if (model.task() instanceof Task.Bins task) {
            text.put("form", task.form().label());
            text.put("window", task.window());
            text.put("bin_ms", task.widthMs());
            text.put("slide_ms", task.slideMs());
            text.put("test_fraction", task.testFraction());
            text.put("seed", task.seed());
        } else if (model.task() instanceof Task.Blocks task) {
            text.put("form", BLOCK);
            text.put("window", task.form().window());
            text.put("horizon", task.form().horizon());
            text.put("order", Label.of(task.form().order()));
            text.put("head", Label.of(task.form().head()));
            text.put("sample_ms", task.sampleMs());
            text.put("seed", task.seed());
        } else if (model.task() instanceof Task.Steps task) {
            text.put("form", STEP);
            text.put("piece_steps", task.form().pieceSteps());
            text.put("rest_forcing", task.form().restForcing());
            text.put("spike_forcing", task.form().spikeForcing());
            text.put("sample_ms", task.sampleMs());
            text.put("seed", task.seed());
        }
        return text;
    }

    /** Reads a model, or the bare state dict of a PyTorch module. */
    public static Forecaster read(Path file) throws IOException {
        Safetensors content = Safetensors.read(file);
        String text = content.metadata().get(KEY);
        if (text == null) {
            return Forecaster.bare(network(file, content.tensors(), 1));
        }
        try {
            if (!(Json.parse(text) instanceof Map<?, ?> map)) {
                throw new IllegalArgumentException("expected a JSON object");
            }
            Task task = map.get("form") == null ? null : task(map);
            boolean all = task instanceof Task.Blocks blocks && blocks.form().head() == BlockForm.Head.ALL;
            LstmParameters network = network(file, content.tensors(), all ? window(map) : 1);
            Scaling inputs = new Scaling(numbers(map, "input_offset"), numbers(map, "input_scale"));
            Scaling outputs = new Scaling(numbers(map, "output_offset"), numbers(map, "output_scale"));
            return new Forecaster(network, inputs, outputs, task);
        } catch (IllegalArgumentException e) {
            throw new MalformedFileException(file, "metadata '" + KEY + "': " + e.getMessage());
        }
    }

    private static Task task(Map<?, ?> map) {
        long seed = number(map, "seed").longValue();
        if (BLOCK.equals(map.get("form"))) {
            BlockForm form = new BlockForm(
                    window(map),
                    count(map, "horizon"),
                    constant(map, "order", BlockForm.Order.values()),
                    constant(map, "head", BlockForm.Head.values()));
            return new Task.Blocks(form, number(map, "sample_ms").doubleValue(), seed);
        }
        if (STEP.equals(map.get("form"))) {
            StepForm form = new StepForm(
                    count(map, "piece_steps"),
                    number(map, "rest_forcing").doubleValue(),
                    number(map, "spike_forcing").doubleValue());
            return new Task.Steps(form, number(map, "sample_ms").doubleValue(), seed);
        }
        return new Task.Bins(
                Form.of(String.valueOf(map.get("form"))),
                window(map),
                number(map, "bin_ms").doubleValue(),
                number(map, "slide_ms").doubleValue(),
                number(map, "test_fraction").doubleValue(),
                seed);
    }

    private static int window(Map<?, ?> map) {
        return count(map, "window");
    }

    private static int count(Map<?, ?> map, String key) {
        long count = number(map, key).longValue();
        if (count < 1 || count > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("'" + key + "': expected at least 1, got " + count);
        }
        return (int) count;
    }

    private static <E extends Enum<E>> E constant(Map<?, ?> map, String key, E[] constants) {
        for (E constant : constants) {
            if (Label.of(constant).equals(map.get(key))) {
                return constant;
            }
        }
        throw new IllegalArgumentException("'" + key + "': unknown, " + map.get(key));
    }

    private static Number number(Map<?, ?> map, String key) {
        if (map.get(key) instanceof Number number) {
            return number;
        }
        throw new IllegalArgumentException("'" + key + "': expected a number, got " + map.get(key));
    }

    private static double[] numbers(Map<?, ?> map, String key) {
        if (!(map.get(key) instanceof List<?> list)) {
            throw new IllegalArgumentException("'" + key + "': expected a list of numbers, got " + map.get(key));
        }
        double[] numbers = new double[list.size()];
        for (int j = 0; j < numbers.length; j++) {
            if (!(list.get(j) instanceof Number number)) {
                throw new IllegalArgumentException("'" + key + "': expected numbers, got " + list.get(j));
            }
            numbers[j] = number.doubleValue();
        }
        return numbers;
    }

    /**
     * The network whose sizes the tensors' shapes tell.
     *
     * @param headStates how many states its output layer reads, which they do not tell
     */
    private static LstmParameters network(Path file, Map<String, NdArray> tensors, int headStates) throws IOException {
        int[] first = shape(file, tensors, "lstm.weight_ih_l0");
        int[] head = shape(file, tensors, "fc.weight");
        int layers = 1;
        while (tensors.containsKey("lstm.weight_ih_l" + layers)) {
            layers++;
        }
        int hidden = head[1] / headStates;
        if (first[0] != 4L * hidden || head[1] != (long) headStates * hidden) {
            throw new MalformedFileException(
                    file,
                    "four gates of the " + hidden + " units that fc.weight reads need " + 4L * hidden
                            + " rows of lstm.weight_ih_l0, got " + first[0]);
        }
        LstmConfig config;
        try {
            config = new LstmConfig(first[1], hidden, layers, head[0], headStates);
        } catch (IllegalArgumentException e) {
            throw new MalformedFileException(file, e.getMessage());
        }
        LstmParameters network = new LstmParameters(config);
        for (ParameterSet.Block block : network.set().blocks()) {
            NdArray tensor = tensors.get(block.name());
            if (tensor == null) {
                throw new MalformedFileException(
                        file, "there is no tensor '" + block.name() + "'; it has " + tensors.keySet());
            }
            if (!Arrays.equals(tensor.shape(), block.shape())) {
                throw new MalformedFileException(
                        file,
                        "tensor '" + block.name() + "': expected the shape " + Arrays.toString(block.shape()) + ", got "
                                + Arrays.toString(tensor.shape()));
            }
            double[] numbers = tensor.doubles();
            requireFinite(file, block.name(), numbers);
            System.arraycopy(numbers, 0, block.data(), 0, numbers.length);
        }
        if (tensors.size() != network.set().blocks().size()) {
            throw new MalformedFileException(
                    file,
                    "tensors of an LSTM of " + layers + " layers, in one direction,"
                            + " without projection, and of its output layer expected; it has " + tensors.keySet());
        }
        return network;
    }

    private static int[] shape(Path file, Map<String, NdArray> tensors, String name) throws IOException {
        NdArray tensor = tensors.get(name);
        if (tensor == null || tensor.rank() != 2) {
            throw new MalformedFileException(
                    file,
                    "a matrix '" + name + "' is needed (a model holds the tensors of a"
                            + " PyTorch module with 'lstm' and 'fc'); it has " + tensors.keySet());
        }
        return tensor.shape();
    }

    /** Reads the tensors h0 and c0, each (L, B, H). */
    public static LstmState readState(Path file, LstmConfig config, int batch) throws IOException {
        Map<String, NdArray> tensors = Safetensors.read(file).tensors();
        return new LstmState(state(file, tensors, "h0", config, batch), state(file, tensors, "c0", config, batch));
    }

    private static DMatrixRMaj state(Path file, Map<String, NdArray> tensors, String name, LstmConfig config, int batch)
            throws IOException {
        int[] shape = {config.layers(), batch, config.hidden()};
        NdArray tensor = tensors.get(name);
        if (tensor == null || !Arrays.equals(tensor.shape(), shape)) {
            throw new MalformedFileException(
                    file,
                    "expected a tensor '" + name + "' of shape (layers, sequences, hidden units) = "
                            + Arrays.toString(shape) + ", got "
                            + (tensor == null ? tensors.keySet() : Arrays.toString(tensor.shape())));
        }
        requireFinite(file, name, tensor.doubles());
        return Layout.toColumns(tensor.doubles(), config.layers(), batch, config.hidden());
    }

    /** Writes the tensors h0 and c0, each (L, B, H). */
    public static void writeState(Path file, LstmState state, LstmConfig config) throws IOException {
        Map<String, NdArray> tensors = new LinkedHashMap<>();
        addState(state, config, tensors);
        Safetensors.write(file, tensors, Map.of());
    }

    private static void addState(LstmState state, LstmConfig config, Map<String, NdArray> tensors) {
        int batch = state.hidden().numCols;
        double[] h0 = Layout.toRows(state.hidden(), config.layers());
        double[] c0 = Layout.toRows(state.cell(), config.layers());
        tensors.put("h0", NdArray.of(h0, config.layers(), batch, config.hidden()));
        tensors.put("c0", NdArray.of(c0, config.layers(), batch, config.hidden()));
    }

    /**
     * Writes gradients: of every parameter under its name, of the input as {@code input}, (B, T, I), of the initial state
     * as h0 and c0.
     */
    public static void writeGradients(Path file, LstmParameters gradient, DMatrixRMaj dx, LstmState dInitial)
            throws IOException {
        LstmConfig config = gradient.config();
        Map<String, NdArray> tensors = tensors(gradient);
        int steps = dx.numRows / config.inputs();
        tensors.put("input", NdArray.of(Layout.toRows(dx, 1), dx.numCols, steps, config.inputs()));
        addState(dInitial, config, tensors);
        Safetensors.write(file, tensors, Map.of());
    }

    private static Map<String, NdArray> tensors(LstmParameters parameters) {
        Map<String, NdArray> tensors = new LinkedHashMap<>();
        for (ParameterSet.Block block : parameters.set().blocks()) {
            tensors.put(block.name(), NdArray.of(block.data(), block.shape()));
        }
        return tensors;
    }

    private static void requireFinite(Path file, String name, double[] numbers) throws MalformedFileException {
        for (double number : numbers) {
            if (!Double.isFinite(number)) {
                throw new MalformedFileException(file, "tensor '" + name + "' holds " + number);
            }
        }
    }
}
