package org.spikecast.counts;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.counts.internal.Connections;
import org.spikecast.counts.internal.CountModel;
import org.spikecast.counts.internal.CoupledConfig;
import org.spikecast.counts.internal.CoupledLoss;
import org.spikecast.counts.internal.CoupledObjective;
import org.spikecast.counts.internal.CoupledParameters;
import org.spikecast.counts.internal.CoupledPass;
import org.spikecast.counts.internal.CoupledStream;
import org.spikecast.counts.internal.Neighbours;
import org.spikecast.io.MalformedFileException;
import org.spikecast.io.NdArray;
import org.spikecast.io.Safetensors;
import org.spikecast.io.internal.Json;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.Elementary;
import org.spikecast.model.internal.Version;
import org.spikecast.params.ParameterSet;

/**
 * A forecaster of the form {@code coupled}: a network that every neuron shares and the connections through which the neurons
 * exchange messages. The same network works on other connections, of any number of neurons.
 *
 * <p>Its file is a safetensors file with the tensors {@code trace.*}, {@code message.K.*} and, with an LSTM, {@code lstm.*} and
 * {@code fc.*}; {@code edges.post} and {@code edges.pre}, the receiving and the sending neuron of each connection, and
 * {@code edges.weight}, whose signs say which neurons excite. What else defines it is one JSON text, {@code spikecast}, in the
 * metadata.
 */
public final class CoupledForecaster implements CountModel {
    /** The form's name in files and commands. */
    public static final String FORM = "coupled";

    private static final String KEY = "spikecast";

    private final CoupledParameters parameters;
    private final Connections connections;
    private final Neighbours neighbours;
    private final double slideMs;
    private final double testFraction;
    private final long seed;

    public CoupledForecaster(
            CoupledParameters parameters, Connections connections, double slideMs, double testFraction, long seed) {
        this.parameters = parameters;
        this.connections = connections;
        this.neighbours = new Neighbours(connections);
        this.slideMs = slideMs;
        this.testFraction = testFraction;
        this.seed = seed;
    }

    /** The same network on other connections. */
    public CoupledForecaster on(Connections other) {
        return new CoupledForecaster(parameters, other, slideMs, testFraction, seed);
    }

    /** The sizes of the network. */
    public CoupledConfig config() {
        return parameters.config();
    }

    /** The parameters of the network. */
    public ParameterSet parameterSet() {
        return parameters.set();
    }

    public CoupledParameters network() {
        return parameters;
    }

    /** N, the neurons of the connections. */
    public int neurons() {
        return connections.neurons();
    }

    /** The connections. */
    public Connections connections() {
        return connections;
    }

    /** The fraction of the bins, the last ones, that it was not trained on. */
    public double testFraction() {
        return testFraction;
    }

    /** Throws if a series has other bins, or is of another number of neurons. */
    public void requireFit(Series series) {
        if (series.widthMs() != config().binMs() || series.slideMs() != slideMs) {
            throw new IllegalArgumentException("The model is for bins of " + config().binMs() + " ms slid by " + slideMs
                    + " ms, the data have " + series.widthMs() + " and " + series.slideMs());
        }
        if (series.neurons() != neurons()) {
            throw new IllegalArgumentException("The model's connections are of " + neurons() + " neurons, the data of "
                    + series.neurons() + ": name the data's connections by --edges");
        }
    }

    /**
     * Forecasts the bins from {@code firstBin} to {@code endBin} - 1 by one pass from the series' beginning.
     *
     * @return the probability that a neuron spikes in a bin, bins x N
     */
    public DMatrixRMaj forecast(Kernel kernel, Series series, int firstBin, int endBin) {
        requireFit(series);
        DMatrixRMaj p = new CoupledPass(kernel, parameters, neighbours).logits(series, 0, firstBin, endBin);
        for (int j = 0; j < p.getNumElements(); j++) {
            p.data[j] = Elementary.sigma(p.data[j]);
        }
        return p;
    }

    /** Forecasts bin by bin, with the same bits as {@link #forecast}. */
    public CountStream stream(Kernel kernel) {
        return new CoupledStream(kernel, parameters, neighbours);
    }

    /**
     * The loss on a series as a function of the parameters: the mean negative log-likelihood over bins and neurons.
     *
     * @param next of the bin after each one, whether each neuron spikes, bins x N
     */
    public CoupledObjective objective(Kernel kernel, Series series, double[] next) {
        requireFit(series);
        Series own = new Series(series.widthMs(), slideMs, series.values(), series.external(), connections);
        CoupledLoss loss = new CoupledLoss(1.0 / next.length, 0, 0);
        return new CoupledObjective(kernel, parameters, own, loss, series.bins(), next);
    }

    /** The same on random spikes and events, to check its gradient. */
    public CoupledObjective objective(Kernel kernel, int bins, long seed) {
        if (bins < 1) {
            throw new IllegalArgumentException("Steps: expected at least 1, got " + bins);
        }
        RandomStream random = RandomStream.of(seed, "gradient check data");
        DMatrixRMaj counts = new DMatrixRMaj(bins, neurons());
        DMatrixRMaj external = new DMatrixRMaj(bins, neurons());
        double[] next = new double[bins * neurons()];
        for (int j = 0; j < next.length; j++) {
            counts.data[j] = random.nextDouble() < 0.1 ? 1 : 0;
            external.data[j] = random.nextPoisson(Math.max(0.1, config().meanExternal()));
            next[j] = random.nextDouble() < 0.1 ? 1 : 0;
        }
        return objective(kernel, new Series(config().binMs(), slideMs, counts, external, connections), next);
    }

    @Override
    public int parameters() {
        return parameters.set().size();
    }

    @Override
    public int window() {
        return 0;
    }

    @Override
    public String summary(int channels) {
        CoupledConfig c = config();
        return "The model, of the form " + FORM + ", has " + parameters() + " parameters. Each of its " + channels
                + " neurons reads all bins so far through "
                + (c.trace() ? "a leaky trace" : "")
                + (c.trace() && c.hidden() > 0 ? " and " : "")
                + (c.hidden() > 0 ? "an LSTM of " + c.hidden() + " units" : "")
                + ", exchanges " + c.messages()
                + " messages with its neighbours, and predicts its spikes in the next bin.";
    }

    @Override
    public String lossAxis() {
        return "negative log-likelihood / (4 mean rates)";
    }

    @Override
    public String lossCaption() {
        return "Mean negative log-likelihood of a bin. An epoch is a twentieth of the updates. The validation loss is that of"
                + " averaged weights; it is computed only after the first epochs.";
    }

    /** Everything about the model but its tensors. */
    public Map<String, Object> describe() {
        CoupledConfig c = config();
        Map<String, Object> text = new TreeMap<>();
        text.put("version", Version.current());
        text.put("form", FORM);
        text.put("bin_ms", c.binMs());
        text.put("slide_ms", slideMs);
        text.put("test_fraction", testFraction);
        text.put("seed", seed);
        text.put("neurons", neurons());
        text.put("hidden", c.hidden());
        text.put("trace", c.trace());
        text.put("cap", c.cap());
        text.put("fine", c.fine());
        text.put("width", c.width());
        text.put("channels", c.channels());
        text.put("messages", c.messages());
        text.put("mean_external", c.meanExternal());
        return text;
    }

    @Override
    public void write(Path file) throws IOException {
        Map<String, NdArray> tensors = new LinkedHashMap<>();
        for (ParameterSet.Block block : parameters.set().blocks()) {
            tensors.put(block.name(), NdArray.of(block.data(), block.shape()));
        }
        int edges = connections.target().length;
        tensors.put("edges.post", NdArray.of(connections.target(), edges));
        tensors.put("edges.pre", NdArray.of(connections.source(), edges));
        tensors.put("edges.weight", NdArray.of(connections.weight(), edges));
        Safetensors.write(file, tensors, Map.of(KEY, Json.writeCompact(describe())));
    }

    /** Writes the gradient of every parameter under its name. */
    public void writeGradient(Path file, ParameterSet gradient) throws IOException {
        Map<String, NdArray> tensors = new LinkedHashMap<>();
        for (ParameterSet.Block block : gradient.blocks()) {
            tensors.put(block.name(), NdArray.of(block.data(), block.shape()));
        }
        Safetensors.write(file, tensors, Map.of());
    }

    /** Reads a model file; null if it holds a model of another form. */
    public static CoupledForecaster read(Path file) throws IOException {
        return read(file, Safetensors.read(file));
    }

    /**
     * The same, of a file whose content has been read.
     *
     * @param file for the messages
     * @param content of the file
     * @return null if it holds a model of another form
     * @throws MalformedFileException if it holds one of this form that is damaged
     */
    public static CoupledForecaster read(Path file, Safetensors content) throws IOException {
        String text = content.metadata().get(KEY);
        try {
            if (text == null || !(Json.parse(text) instanceof Map<?, ?> map) || !FORM.equals(map.get("form"))) {
                return null;
            }
            CoupledConfig config = new CoupledConfig(
                    integer(map, "hidden"),
                    flag(map, "trace"),
                    number(map, "cap").doubleValue(),
                    flag(map, "fine"),
                    integer(map, "width"),
                    integer(map, "channels"),
                    integer(map, "messages"),
                    number(map, "bin_ms").doubleValue(),
                    number(map, "mean_external").doubleValue());
            Map<String, NdArray> tensors = content.tensors();
            CoupledParameters parameters = new CoupledParameters(config);
            for (ParameterSet.Block block : parameters.set().blocks()) {
                double[] values = tensor(tensors, block.name(), block.shape()).doubles();
                System.arraycopy(values, 0, block.data(), 0, values.length);
            }
            if (tensors.size() != parameters.set().blocks().size() + 3) {
                throw new IllegalArgumentException(
                        "expected the tensors of a network of this size, got " + tensors.keySet());
            }
            int[] edges = tensors.containsKey("edges.post")
                    ? tensors.get("edges.post").shape()
                    : new int[] {0};
            Connections connections = new Connections(
                    integer(map, "neurons"),
                    tensor(tensors, "edges.post", edges).ints(),
                    tensor(tensors, "edges.pre", edges).ints(),
                    tensor(tensors, "edges.weight", edges).doubles());
            return new CoupledForecaster(
                    parameters,
                    connections,
                    number(map, "slide_ms").doubleValue(),
                    number(map, "test_fraction").doubleValue(),
                    number(map, "seed").longValue());
        } catch (IllegalArgumentException e) {
            throw new MalformedFileException(file, e.getMessage());
        }
    }

    private static NdArray tensor(Map<String, NdArray> tensors, String name, int[] shape) {
        NdArray tensor = tensors.get(name);
        if (tensor == null || !Arrays.equals(tensor.shape(), shape)) {
            throw new IllegalArgumentException("expected a tensor '" + name + "' of shape " + Arrays.toString(shape)
                    + ", got " + (tensor == null ? tensors.keySet() : Arrays.toString(tensor.shape())));
        }
        for (double value : tensor.doubles()) {
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("tensor '" + name + "' holds " + value);
            }
        }
        return tensor;
    }

    private static Number number(Map<?, ?> map, String key) {
        if (map.get(key) instanceof Number number) {
            return number;
        }
        throw new IllegalArgumentException(
                "metadata '" + KEY + "': '" + key + "': expected a number, got " + map.get(key));
    }

    private static int integer(Map<?, ?> map, String key) {
        double number = number(map, key).doubleValue();
        if (number != Math.rint(number) || number < 0 || number > 1 << 24) {
            throw new IllegalArgumentException(
                    "metadata '" + KEY + "': '" + key + "': expected a whole number of 0 or more, got " + number);
        }
        return (int) number;
    }

    private static boolean flag(Map<?, ?> map, String key) {
        if (map.get(key) instanceof Boolean flag) {
            return flag;
        }
        throw new IllegalArgumentException(
                "metadata '" + KEY + "': '" + key + "': expected true or false, got " + map.get(key));
    }
}
