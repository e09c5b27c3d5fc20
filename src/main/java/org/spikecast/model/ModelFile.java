package org.spikecast.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.io.MalformedFileException;
import org.spikecast.io.NdArray;
import org.spikecast.io.Safetensors;
import org.spikecast.io.internal.Json;
import org.spikecast.lstm.Cell;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkState;
import org.spikecast.model.internal.Layout;
import org.spikecast.model.internal.Metadata;
import org.spikecast.model.internal.UnreadTask;
import org.spikecast.model.internal.Version;
import org.spikecast.params.ParameterSet;
import org.spikecast.train.Losses;
import org.spikecast.train.Scaling;

/**
 * Models and states as safetensors files. Names and shapes of a model's tensors are those of the state dict of a PyTorch
 * module that holds {@code lstm}, or {@code gru}, and {@code fc}; scaling, loss function and task are one JSON text,
 * {@code spikecast}, in the metadata, without which a file is read as a bare network.
 */
public final class ModelFile {
    private static final String KEY = "spikecast";

    private ModelFile() {}

    /** Writes a model; the same model gives the same bytes. */
    public static void write(Path file, Forecaster model) throws IOException {
        Safetensors.write(file, tensors(model.network()), Map.of(KEY, Json.writeCompact(describe(model))));
    }

    /** Everything about a model but its weights: the metadata of its file. */
    public static Map<String, Object> describe(Forecaster model) {
        Map<String, Object> text = new TreeMap<>();
        text.put("version", Version.current());
        text.put("input_offset", model.inputs().offset());
        text.put("input_scale", model.inputs().scale());
        text.put("output_offset", model.outputs().offset());
        text.put("output_scale", model.outputs().scale());
        Losses.describe(model.loss(), text);
        if (model.task() != null) {
            model.task().describe(text);
        }
        return text;
    }

    /** Reads a model, or the bare state dict of a PyTorch module; what the model was trained for is not interpreted. */
    public static Forecaster read(Path file) throws IOException {
        return read(file, List.of(metadata -> new UnreadTask(new Metadata(metadata))));
    }

    /**
     * Reads a model, or the bare state dict of a PyTorch module.
     *
     * @param tasks the kinds of task that are known
     * @throws MalformedFileException if the file holds no such model, or one of another kind
     */
    public static Forecaster read(Path file, List<Task.Reader> tasks) throws IOException {
        return read(file, Safetensors.read(file), tasks);
    }

    /**
     * The same, of a file whose content has been read.
     *
     * @param file for the messages
     */
    public static Forecaster read(Path file, Safetensors content, List<Task.Reader> tasks) throws IOException {
        String text = content.metadata().get(KEY);
        if (text == null) {
            return Forecaster.bare(network(file, content.tensors(), false));
        }
        try {
            if (!(Json.parse(text) instanceof Map<?, ?> map)) {
                throw new IllegalArgumentException("expected a JSON object");
            }
            Metadata metadata = new Metadata(map);
            Task task = metadata.form() == null ? null : task(metadata.entries(), tasks);
            return new Forecaster(
                    network(file, content.tensors(), task != null),
                    new Scaling(metadata.numbers("input_offset"), metadata.numbers("input_scale")),
                    new Scaling(metadata.numbers("output_offset"), metadata.numbers("output_scale")),
                    Losses.read(map),
                    task);
        } catch (IllegalArgumentException e) {
            throw new MalformedFileException(file, "metadata '" + KEY + "': " + e.getMessage());
        }
    }

    private static Task task(Map<?, ?> metadata, List<Task.Reader> tasks) {
        for (Task.Reader reader : tasks) {
            Task task = reader.read(metadata);
            if (task != null) {
                return task;
            }
        }
        throw new IllegalArgumentException("'form': unknown, " + metadata.get("form"));
    }

    /**
     * The network, with sizes from the tensors' shapes.
     *
     * @param several whether its output layer may read several states
     */
    private static NetworkParameters network(Path file, Map<String, NdArray> tensors, boolean several)
            throws IOException {
        Cell cell = cell(tensors);
        requireKind(file, tensors.keySet(), cell);
        String name = cell.name() + ".weight_ih_l";
        int gates = cell.gates().size();
        int[] first = shape(file, tensors, name + 0);
        int[] head = shape(file, tensors, "fc.weight");
        int layers = 1;
        while (tensors.containsKey(name + layers)) {
            layers++;
        }
        int hidden = several && head[1] > first[0] / gates ? first[0] / gates : head[1];
        int headStates = hidden == 0 ? 1 : head[1] / hidden;
        if (first[0] != (long) gates * hidden || head[1] != (long) headStates * hidden) {
            throw new MalformedFileException(
                    file,
                    gates + " gates of the " + hidden + " units that fc.weight reads need " + (long) gates * hidden
                            + " rows of " + name + "0, got " + first[0]);
        }
        NetworkConfig config;
        try {
            config = new NetworkConfig(cell, first[1], hidden, layers, head[0], headStates);
        } catch (IllegalArgumentException e) {
            throw new MalformedFileException(file, e.getMessage());
        }
        NetworkParameters network = new NetworkParameters(config);
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
                    "tensors of " + cell.name() + ", " + layers + " layers in one direction"
                            + " without projection, and of an output layer expected; it has " + tensors.keySet());
        }
        return network;
    }

    /** Throws if the names are those of a network of another kind, with what it is and what to do. */
    private static void requireKind(Path file, Set<String> names, Cell cell) throws IOException {
        String prefix = cell.name() + ".";
        boolean reverse = false;
        boolean projected = false;
        String first = null;
        List<String> others = new ArrayList<>();
        for (String name : names) { // streams would load thirty classes at start-up
            reverse |= name.endsWith("_reverse");
            projected |= name.contains(".weight_hr_l");
            if (!name.startsWith(prefix) && !name.equals("fc.weight") && !name.equals("fc.bias")) {
                others.add(name);
            }
            first = first == null && name.endsWith("weight_ih_l0") ? name : first;
        }
        String fault = null;
        if (reverse) {
            fault = "a bidirectional " + cell.label() + ", which needs the future: train it with bidirectional=False";
        } else if (projected) {
            fault = cell.caption() + " with projections: train it with proj_size=0";
        } else if (names.contains(prefix + "weight_ih_l0") && !names.contains(prefix + "bias_ih_l0")) {
            fault = cell.caption()
                    + " without biases: add bias_ih_l0, bias_hh_l0 and so on, of zeros, to its state dict";
        } else if (names.contains("fc.weight") && !names.contains("fc.bias")) {
            fault = "an output layer without bias: add fc.bias, of zeros, to its state dict";
        }
        if (fault == null && !others.isEmpty() && names.contains(prefix + "weight_ih_l0")) {
            fault = cell.caption() + " with other layers than one linear output layer 'fc', " + others
                    + ": combine linear layers into one (W = W2 W1, b = W2 b1 + b2), and name it fc";
        }
        if (fault == null && first != null && !first.startsWith(prefix)) {
            fault = "a recurrent network whose first tensor is called " + first
                    + ": rename the tensors in its state dict, to lstm.weight_ih_l0 and so on, and fc.weight and fc.bias";
        }
        if (fault != null) {
            throw new MalformedFileException(file, "this is " + fault);
        }
    }

    /** The cell whose tensors there are; an LSTM if there are none. */
    private static Cell cell(Map<String, NdArray> tensors) {
        for (Cell cell : Cell.ALL) {
            if (tensors.containsKey(cell.name() + ".weight_ih_l0")) {
                return cell;
            }
        }
        return Cell.LSTM;
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

    /** Reads a state: h0, and c0 of an LSTM, each (L, B, H). */
    public static NetworkState readState(Path file, NetworkConfig config, int batch) throws IOException {
        Map<String, NdArray> tensors = Safetensors.read(file).tensors();
        List<String> names = config.cell().states();
        DMatrixRMaj[] parts = new DMatrixRMaj[names.size()];
        for (int k = 0; k < parts.length; k++) {
            parts[k] = state(file, tensors, names.get(k) + "0", config, batch);
        }
        return new NetworkState(parts);
    }

    private static DMatrixRMaj state(
            Path file, Map<String, NdArray> tensors, String name, NetworkConfig config, int batch) throws IOException {
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

    /** Writes a state: h0, and c0 of an LSTM, each (L, B, H). */
    public static void writeState(Path file, NetworkState state, NetworkConfig config) throws IOException {
        Map<String, NdArray> tensors = new LinkedHashMap<>();
        addState(state, config, tensors);
        Safetensors.write(file, tensors, Map.of());
    }

    private static void addState(NetworkState state, NetworkConfig config, Map<String, NdArray> tensors) {
        for (int k = 0; k < state.parts(); k++) {
            double[] rows = Layout.toRows(state.part(k), config.layers());
            NdArray array = NdArray.of(rows, config.layers(), state.batch(), config.hidden());
            tensors.put(config.cell().states().get(k) + "0", array);
        }
    }

    /**
     * Writes gradients: of every parameter under its name, of the input as {@code input}, (B, T, I), of the initial state
     * as h0, and c0 of an LSTM.
     */
    public static void writeGradients(Path file, NetworkParameters gradient, DMatrixRMaj dx, NetworkState dInitial)
            throws IOException {
        NetworkConfig config = gradient.config();
        Map<String, NdArray> tensors = tensors(gradient);
        int steps = dx.numRows / config.inputs();
        tensors.put("input", NdArray.of(Layout.toRows(dx, 1), dx.numCols, steps, config.inputs()));
        addState(dInitial, config, tensors);
        Safetensors.write(file, tensors, Map.of());
    }

    private static Map<String, NdArray> tensors(NetworkParameters parameters) {
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
