package org.spikecast.inspect;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.io.NdArray;
import org.spikecast.io.Npz;
import org.spikecast.io.internal.AtomicFiles;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.internal.Elementary;
import org.spikecast.lstm.Cell;
import org.spikecast.lstm.Network;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkState;
import org.spikecast.lstm.NetworkTape;
import org.spikecast.model.Forecaster;
import org.spikecast.model.internal.Layout;
import org.spikecast.params.ParameterSet;

/**
 * Everything that a network computes in one run over a batch of sequences: every pre-activation, gate and state of every
 * layer, step and unit and, if there are targets, the gradient of the loss with respect to each of them. The numbers are
 * those of {@link Network}, forward and backward, to the bit. A recording keeps about 30 numbers per layer, step, unit and
 * sequence.
 *
 * <p>Letters: B sequences, T steps, I inputs, L layers, H hidden units, K steps with an output (T or 1), O outputs.
 */
public final class Recording {
    private final Forecaster model;
    private final int batch;
    private final int steps;
    private final int outputSteps;

    /** B x T x I and B x K x O, in the data's units; no targets: null. */
    private final double[] x;

    private final double[] target;

    /** The state that the run began with. */
    private final NetworkState initial;

    private final Map<String, NdArray> arrays = new LinkedHashMap<>();

    private Recording(
            Forecaster model,
            int batch,
            int steps,
            int outputSteps,
            double[] x,
            double[] target,
            NetworkState initial) {
        this.model = model;
        this.batch = batch;
        this.steps = steps;
        this.outputSteps = outputSteps;
        this.x = x;
        this.target = target;
        this.initial = initial;
    }

    /**
     * Runs a model forward and, if there are targets, backward.
     *
     * @param x B x T x I, row-major, in the data's units
     * @param batch B
     * @param steps T
     * @param everyStep whether each step has an output, or the last one only
     * @param state before the first step; null for zeros
     * @param target B x T x O, or B x O without {@code everyStep}, row-major, in the data's units; null for none
     * @throws IllegalArgumentException if sizes do not fit, a number is not finite or not a target of the model's loss
     * @throws ArithmeticException if the loss is not finite
     */
    public static Recording of(
            Kernel kernel,
            Forecaster model,
            double[] x,
            int batch,
            int steps,
            boolean everyStep,
            NetworkState state,
            double[] target) {
        NetworkConfig config = model.network().config();
        int outputSteps = everyStep ? steps : 1;
        require("Input", x, batch, steps, config.inputs());
        if (target != null) {
            require("Target", target, batch, outputSteps, config.outputs());
        }
        if (model.task() != null) {
            model.task().requireSteps(steps);
        }
        NetworkState initial = NetworkState.zeros(config, batch);
        if (state != null) {
            initial.copyFrom(state);
        }
        Recording recording = new Recording(model, batch, steps, outputSteps, x.clone(), target, initial);
        recording.run(kernel);
        return recording;
    }

    private static void require(String what, double[] values, int batch, int steps, int channels) {
        if (batch < 1 || steps < 1 || values.length != (long) batch * steps * channels) {
            throw new IllegalArgumentException(what + ": expected " + batch + " x " + steps + " x " + channels
                    + " numbers, at least one sequence and step, got " + values.length);
        }
        for (int j = 0; j < values.length; j++) {
            if (!Double.isFinite(values[j])) {
                throw new IllegalArgumentException(what + ": expected finite numbers, got " + values[j]
                        + " in sequence " + j / (steps * channels) + ", step " + j / channels % steps + ", channel "
                        + j % channels);
            }
        }
    }

    private void run(Kernel kernel) {
        NetworkParameters network = model.network();
        NetworkConfig config = network.config();
        DMatrixRMaj input = columns(x, steps, config.inputs());
        for (int j = 0; j < input.getNumElements(); j++) {
            input.data[j] = model.inputs().apply(j / batch % config.inputs(), input.data[j]);
        }
        RecordingKernel recorder = new RecordingKernel(kernel, config.layers(), steps);
        NetworkTape tape = new NetworkTape(config, steps, batch, outputSteps);
        Network.forward(recorder, network, input, initial, tape);
        put("input", input, steps);
        arrays.put("input_data", NdArray.of(x, batch, steps, config.inputs()));
        put("output", tape.output(), outputSteps);
        double[] rows = Layout.toRows(tape.output(), 1);
        DMatrixRMaj forecast = model.forecast(new DMatrixRMaj(batch, rows.length / batch, true, rows));
        arrays.put("forecast", NdArray.of(forecast.data, batch, outputSteps, config.outputs()));
        putState("", initial);
        putActivations(recorder, tape);
        if (target != null) {
            backward(recorder, input, tape);
        }
        putUnits();
    }

    private void backward(RecordingKernel recorder, DMatrixRMaj input, NetworkTape tape) {
        NetworkParameters network = model.network();
        NetworkConfig config = network.config();
        DMatrixRMaj wanted = columns(target, outputSteps, config.outputs());
        for (int j = 0; j < wanted.getNumElements(); j++) {
            wanted.data[j] = model.outputs().apply(j / batch % config.outputs(), wanted.data[j]);
        }
        DMatrixRMaj dOutput = wanted.createLike();
        double loss = model.loss().evaluate(recorder, tape.output(), wanted, dOutput);
        if (!Double.isFinite(loss)) {
            throw new ArithmeticException("The loss is " + loss + ": look at the sizes of weights and targets");
        }
        NetworkParameters gradient = new NetworkParameters(config);
        DMatrixRMaj dx = input.createLike();
        NetworkState dInitial = NetworkState.zeros(config, batch);
        Network.backward(recorder, network, input, tape, dOutput, gradient, dx, dInitial);
        putRecords(recorder);
        putGradients();

        put("target", wanted, outputSteps);
        arrays.put("target_data", NdArray.of(target, batch, outputSteps, config.outputs()));
        arrays.put("loss", NdArray.of(new double[] {loss}));
        put("d_output", dOutput, outputSteps);
        put("d_input", dx, steps);
        for (int j = 0; j < dx.getNumElements(); j++) {
            dx.data[j] /= model.inputs().scale()[j / batch % config.inputs()];
        }
        put("d_input_data", dx, steps);
        putState("d_", dInitial);
        for (ParameterSet.Block block : gradient.set().blocks()) {
            arrays.put("d_" + block.name(), NdArray.of(block.data(), block.shape()));
        }
    }

    /** Pre-activations from the recorder, gates and states from the tape, and tanh(c), (5). */
    private void putActivations(RecordingKernel recorder, NetworkTape tape) {
        NetworkConfig config = model.network().config();
        putRecords(recorder);
        List<String> gates = config.cell().gates();
        int n = config.hidden() * batch;
        for (int k = 0; k < gates.size(); k++) {
            double[][] gate = new double[config.layers()][steps * n];
            for (int l = 0; l < gate.length; l++) {
                double[] all = tape.gates(l).data;
                for (int t = 0; t < steps; t++) {
                    System.arraycopy(all, (t * gates.size() + k) * n, gate[l], t * n, n);
                }
            }
            arrays.put(gates.get(k), record(gate));
        }
        List<String> states = config.cell().states();
        for (int k = 0; k < states.size(); k++) {
            double[][] state = new double[config.layers()][];
            for (int l = 0; l < state.length; l++) {
                state[l] = Arrays.copyOfRange(tape.state(k, l).data, n, (steps + 1) * n); // past the initial one
            }
            arrays.put(states.get(k), record(state));
        }
        if (config.cell() == Cell.LSTM) {
            double[] tanh = values("c").clone();
            for (int j = 0; j < tanh.length; j++) {
                tanh[j] = Elementary.tanh(tanh[j]);
            }
            arrays.put("tanh_c", NdArray.of(tanh, arrays.get("c").shape()));
        }
    }

    private void putRecords(RecordingKernel recorder) {
        recorder.records().forEach((name, layers) -> {
            if (!arrays.containsKey(name)) {
                arrays.put(name, record(layers));
            }
        });
    }

    /** The gradients that are no arrays of the backward pass: factors and sums of (9) to (13). */
    private void putGradients() {
        int[] shape = arrays.get("h").shape();
        Map<String, double[]> d = new LinkedHashMap<>();
        double[] dh = values("d_h");
        if (model.network().config().cell() == Cell.LSTM) {
            for (String name : List.of("d_c", "d_tanh_c", "d_i", "d_f", "d_g", "d_o")) {
                d.put(name, new double[dh.length]);
            }
            double[] i = values("i"), g = values("g"), o = values("o"), tanh = values("tanh_c");
            double[] carried = arrays.remove(RecordingKernel.CARRIED).doubles();
            for (int j = 0; j < dh.length; j++) {
                double dTanh = dh[j] * o[j];
                double dc = Math.fma(dTanh, Math.fma(-tanh[j], tanh[j], 1), carried[j]); // (9)
                d.get("d_tanh_c")[j] = dTanh;
                d.get("d_c")[j] = dc;
                d.get("d_i")[j] = dc * g[j];
                d.get("d_f")[j] = dc * before("c", j);
                d.get("d_g")[j] = dc * i[j];
                d.get("d_o")[j] = dh[j] * tanh[j];
            }
        } else if (model.network().config().cell() == Cell.GRU) {
            for (String name : List.of("d_r", "d_z", "d_n")) {
                d.put(name, new double[dh.length]);
            }
            double[] z = values("z"), n = values("n"), q = values("q_n"), da = values("d_a_n");
            for (int j = 0; j < dh.length; j++) {
                d.get("d_r")[j] = da[j] * q[j];
                d.get("d_z")[j] = dh[j] * (before("h", j) - n[j]);
                d.get("d_n")[j] = dh[j] * (1 - z[j]);
            }
        }
        d.forEach((name, values) -> arrays.put(name, NdArray.of(values, shape)));
    }

    private double[] values(String name) {
        return arrays.get(name).doubles();
    }

    /** A state one step before that of element j of L x B x T x H. */
    private double before(String state, int j) {
        int hidden = model.network().config().hidden();
        boolean first = j / hidden % steps == 0;
        return first ? values(state + "0")[j / hidden / steps * hidden + j % hidden] : values(state)[j - hidden];
    }

    /** The activity of each unit and, of a cell whose gate keeps the state, its time constant. */
    private void putUnits() {
        NetworkConfig config = model.network().config();
        if (config.cell().keepingGate() >= 0) {
            double[] keeping = means(config.cell().gates().get(config.cell().keepingGate()), false);
            for (int j = 0; j < keeping.length; j++) {
                keeping[j] = -1 / Elementary.log(keeping[j]);
            }
            arrays.put("memory", NdArray.of(keeping, config.layers(), config.hidden()));
        }
        arrays.put("activity", NdArray.of(means("h", true), config.layers(), config.hidden()));
    }

    /** The mean of a quantity, or of its absolute value, over steps and sequences: of each layer and unit. */
    private double[] means(String name, boolean absolute) {
        NetworkConfig config = model.network().config();
        double[] values = values(name);
        double[] means = new double[config.layers() * config.hidden()];
        int perLayer = values.length / config.layers();
        for (int j = 0; j < values.length; j++) {
            int unit = j / perLayer * config.hidden() + j % config.hidden();
            means[unit] += absolute ? Math.abs(values[j]) : values[j];
        }
        for (int j = 0; j < means.length; j++) {
            means[j] /= (double) batch * steps;
        }
        return means;
    }

    private DMatrixRMaj columns(double[] rows, int blocks, int width) {
        return Layout.toColumns(rows, 1, batch, blocks * width);
    }

    private void put(String name, DMatrixRMaj columns, int blocks) {
        arrays.put(name, NdArray.of(Layout.toRows(columns, 1), batch, blocks, columns.numRows / blocks));
    }

    private void putState(String prefix, NetworkState state) {
        NetworkConfig config = model.network().config();
        List<String> names = config.cell().states();
        for (int k = 0; k < names.size(); k++) {
            double[] rows = Layout.toRows(state.part(k), config.layers());
            arrays.put(prefix + names.get(k) + "0", NdArray.of(rows, config.layers(), batch, config.hidden()));
        }
    }

    /** From a stack per layer, (T H) x B, to L x B x T x H. */
    private NdArray record(double[][] layers) {
        double[] all = new double[layers.length * layers[0].length];
        int width = layers[0].length / batch;
        for (int l = 0; l < layers.length; l++) {
            for (int b = 0; b < batch; b++) {
                for (int j = 0; j < width; j++) {
                    all[(l * batch + b) * width + j] = layers[l][j * batch + b];
                }
            }
        }
        return NdArray.of(all, layers.length, batch, steps, width / steps);
    }

    /** The model that was run. */
    public Forecaster model() {
        return model;
    }

    /** B. */
    public int batch() {
        return batch;
    }

    /** T. */
    public int steps() {
        return steps;
    }

    /** K. */
    public int outputSteps() {
        return outputSteps;
    }

    /**
     * The record, by name: of an LSTM for example {@code i}, {@code f}, {@code g}, {@code o}, {@code c} and {@code h}, the
     * pre-activations {@code a_i} and so on, and with targets {@code loss} and the gradients {@code d_i}, {@code d_c}, and so
     * on, each L x B x T x H. {@code src/docs/models.md} lists all names, shapes and units.
     *
     * @return the arrays themselves, not to be changed
     */
    public Map<String, NdArray> arrays() {
        return arrays;
    }

    /** Writes the record as an NPZ file. */
    public void writeArrays(Path file) throws IOException {
        Npz.write(file, arrays);
    }

    /**
     * Writes one HTML file that shows the run: it holds the model and the first sequences, and computes everything else
     * itself, in any current browser, without a network.
     *
     * @param title of the page
     * @param source where model and data come from: a sentence
     */
    public void writePage(Path file, String title, String source) throws IOException {
        AtomicFiles.write(file, InspectPage.html(this, title, source));
    }

    /** x in the data's units, B x T x I. */
    double[] x() {
        return x;
    }

    /** The targets in the data's units, B x K x O; null if there are none. */
    double[] target() {
        return target;
    }

    /** The state before the first step. */
    NetworkState initial() {
        return initial;
    }
}
