package org.spikecast.check;

import java.util.ArrayList;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.Kernel;
import org.spikecast.lstm.Loss;
import org.spikecast.lstm.Network;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkState;
import org.spikecast.lstm.NetworkTape;
import org.spikecast.params.ParameterSet;

/**
 * The loss of a network as an objective. Its parameters are the network's, and {@code input}, {@code h0} and, of an
 * LSTM, {@code c0} besides; its machine-precision reference is {@link Network#forward} in dual numbers, and {@link
 * Loss#derivative} after it; its product of the Hessian with a direction is {@link Network#backward} in dual numbers.
 */
public final class NetworkObjective implements Objective {
    /** A backward pass of a network, such as {@link Network#backward}: another one can be checked in its place. */
    @FunctionalInterface
    public interface Backward {
        /** As {@link Network#backward}. */
        void backward(
                Kernel kernel,
                NetworkParameters p,
                DMatrixRMaj x,
                NetworkTape tape,
                DMatrixRMaj dOutput,
                NetworkParameters gradient,
                DMatrixRMaj dx,
                NetworkState dInitial);
    }

    /** Each element of z takes a forward pass of its own to locate a fault. */
    private static final long MOST_ELEMENTS_OF_Z = 50_000;

    /** Gradients of z that differ by more, relative to their largest entry, are wrong; see {@link GradientCheck}. */
    private static final double EXACT = GradientCheck.EXACT_TOLERANCE;

    private final Kernel kernel;
    private final Backward backward;
    private final Loss loss;
    private final NetworkParameters network;
    private final NetworkConfig config;
    private final DMatrixRMaj input;
    private final NetworkState initial;
    private final DMatrixRMaj target;
    private final NetworkTape tape;
    private final NetworkTape dualTape;
    private final DMatrixRMaj dOutput;
    private final ParameterSet parameters;

    /**
     * An objective; all arguments are used, not copied.
     *
     * @param input (T I) x B, steps stacked by rows
     * @param initial h_-1 and c_-1
     * @param target (K O) x B, of the last K steps
     */
    public NetworkObjective(
            Kernel kernel,
            Backward backward,
            Loss loss,
            NetworkParameters network,
            DMatrixRMaj input,
            NetworkState initial,
            DMatrixRMaj target) {
        this.kernel = kernel;
        this.backward = backward;
        this.loss = loss;
        this.network = network;
        this.input = input;
        this.initial = initial;
        this.target = target;
        config = network.config();
        int steps = input.numRows / config.inputs();
        int outputSteps = target.numRows / config.outputs();
        tape = new NetworkTape(config, steps, input.numCols, outputSteps);
        dualTape = new NetworkTape(config, steps, 2 * input.numCols, outputSteps);
        dOutput = target.createLike();
        List<ParameterSet.Block> blocks = new ArrayList<>(network.set().blocks());
        addBlocks(input, initial, blocks);
        parameters = ParameterSet.of(blocks);
    }

    private void addBlocks(DMatrixRMaj input, NetworkState initial, List<ParameterSet.Block> blocks) {
        blocks.add(new ParameterSet.Block("input", input, input.numRows, input.numCols));
        for (int k = 0; k < initial.parts(); k++) {
            DMatrixRMaj part = initial.part(k);
            blocks.add(new ParameterSet.Block(config.cell().states().get(k) + "0", part, part.numRows, part.numCols));
        }
    }

    @Override
    public ParameterSet parameters() {
        return parameters;
    }

    @Override
    public double loss() {
        Network.forward(kernel, network, input, initial, tape);
        return loss.evaluate(kernel, tape.output(), target, dOutput);
    }

    /** The tape of the last run. */
    public NetworkTape tape() {
        return tape;
    }

    @Override
    public void gradient(ParameterSet gradient) {
        loss();
        NetworkParameters weights = new NetworkParameters(config);
        DMatrixRMaj dx = input.createLike();
        NetworkState dInitial = NetworkState.zeros(config, input.numCols);
        backward.backward(kernel, network, input, tape, dOutput, weights, dx, dInitial);
        List<ParameterSet.Block> blocks = new ArrayList<>(weights.set().blocks());
        addBlocks(dx, dInitial, blocks);
        gradient.copyFrom(ParameterSet.of(blocks));
    }

    @Override
    public double derivative(ParameterSet direction) {
        return derivative(new DualKernel(input.numCols, parameters, direction), direction);
    }

    private double derivative(DualKernel dual, ParameterSet direction) {
        forward(dual, direction);
        return loss.derivative(dualTape.output(), target);
    }

    /** Runs the network in dual numbers; returns the input in them. */
    private DMatrixRMaj forward(DualKernel dual, ParameterSet direction) {
        int first = network.set().blocks().size();
        DMatrixRMaj[] parts = new DMatrixRMaj[initial.parts()];
        for (int k = 0; k < parts.length; k++) {
            parts[k] =
                    dual(initial.part(k), direction.blocks().get(first + 1 + k).matrix());
        }
        NetworkState state = new NetworkState(parts);
        DMatrixRMaj x = dual(input, direction.blocks().get(first).matrix());
        Network.forward(dual, network, x, state, dualTape);
        return x;
    }

    /** {@inheritDoc} By {@link Network#backward} in dual numbers, whichever backward pass the objective claims. */
    @Override
    public boolean hessianProduct(ParameterSet direction, ParameterSet product) {
        int batch = input.numCols;
        DualKernel dual = new DualKernel(batch, parameters, direction);
        DMatrixRMaj x = forward(dual, direction);
        DMatrixRMaj dOutputs = new DMatrixRMaj(target.numRows, 2 * batch);
        if (!loss.dualGradient(dualTape.output(), target, dOutputs)) {
            return false;
        }
        NetworkParameters gradient = new NetworkParameters(config);
        NetworkParameters derivative = new NetworkParameters(config);
        dual.accumulate(gradient.set(), derivative.set());
        DMatrixRMaj dx = x.createLike();
        NetworkState dInitial = NetworkState.zeros(config, 2 * batch);
        Network.backward(dual, network, x, dualTape, dOutputs, gradient, dx, dInitial);
        List<ParameterSet.Block> blocks = new ArrayList<>(derivative.set().blocks());
        DMatrixRMaj[] parts = new DMatrixRMaj[dInitial.parts()];
        for (int k = 0; k < parts.length; k++) {
            parts[k] = derivatives(dInitial.part(k));
        }
        addBlocks(derivatives(dx), new NetworkState(parts), blocks);
        product.copyFrom(ParameterSet.of(blocks));
        return true;
    }

    /** The second half of the columns. */
    private static DMatrixRMaj derivatives(DMatrixRMaj both) {
        int batch = both.numCols / 2;
        DMatrixRMaj half = new DMatrixRMaj(both.numRows, batch);
        for (int row = 0; row < both.numRows; row++) {
            System.arraycopy(both.data, row * 2 * batch + batch, half.data, row * batch, batch);
        }
        return half;
    }

    /** Values and derivatives side by side. */
    private static DMatrixRMaj dual(DMatrixRMaj values, DMatrixRMaj derivatives) {
        DMatrixRMaj both = new DMatrixRMaj(values.numRows, 2 * values.numCols);
        for (int row = 0; row < values.numRows; row++) {
            System.arraycopy(values.data, row * values.numCols, both.data, row * both.numCols, values.numCols);
            System.arraycopy(
                    derivatives.data,
                    row * values.numCols,
                    both.data,
                    row * both.numCols + values.numCols,
                    values.numCols);
        }
        return both;
    }

    @Override
    public List<String> rowGroups(ParameterSet.Block block) {
        return block.name().startsWith(config.cell().name() + ".")
                ? config.cell().gates()
                : List.of();
    }

    @Override
    public String describe(ParameterSet.Block block, int row, int column) {
        String name = block.name();
        int hidden = config.hidden();
        if (name.startsWith(config.cell().name() + ".")) {
            String what = "layer " + name.substring(name.lastIndexOf('l') + 1) + ", gate "
                    + config.cell().gates().get(row / hidden) + ", unit " + row % hidden;
            return block.shape().length == 1 ? what : what + ", column " + column;
        }
        return switch (name) {
            case "fc.weight" -> "output " + row + headInput(column);
            case "fc.bias" -> "output " + row;
            case "input" ->
                "step " + row / config.inputs() + ", feature " + row % config.inputs() + ", sequence " + column;
            default -> "layer " + row / hidden + ", unit " + row % hidden + ", sequence " + column;
        };
    }

    /** The unit that a column of fc.weight reads; and its step, if several are read. */
    private String headInput(int column) {
        int step = tape.steps() - config.headStates() + column / config.hidden();
        return (config.headStates() == 1 ? "" : ", step " + step) + ", unit " + column % config.hidden();
    }

    /**
     * Walks back from the last step of the topmost layer and compares dL/dz_t, gate by gate, with its reference: the
     * first gate that differs is where the fault is, or just behind. If all agree, the fault is in what is made of
     * them.
     */
    @Override
    public String locate() {
        if ((long) tape.steps() * config.layers() * config.gateRows() * input.numCols > MOST_ELEMENTS_OF_Z) {
            return "not looked for: the network is large; check a smaller one with the same fault";
        }
        gradient(parameters.zerosLike());
        int steps = tape.steps();
        int gate = config.hidden() * input.numCols;
        int gates = config.cell().gates().size();
        ParameterSet none = parameters.zerosLike();
        DualKernel dual = new DualKernel(input.numCols, parameters, none);
        if (Double.isNaN(derivative(dual, none))) {
            return "not looked for: the loss has no derivative in dual numbers";
        }
        for (int layer = config.layers() - 1; layer >= 0; layer--) {
            double[] claimed = tape.dGates(layer).data;
            double[][] reference = new double[steps][gates * gate];
            double largest = 0;
            for (int t = 0; t < steps; t++) {
                for (int j = 0; j < gates * gate; j++) {
                    dual.disturb(layer * steps + t, j);
                    reference[t][j] = derivative(dual, none);
                    largest = Math.max(largest, Math.abs(reference[t][j]));
                }
            }
            for (int t = steps - 1; t >= 0; t--) {
                String wrong = "";
                for (int g = 0; g < gates; g++) {
                    for (int j = g * gate; j < (g + 1) * gate; j++) {
                        if (!(Math.abs(claimed[gates * t * gate + j] - reference[t][j]) <= EXACT * largest)) {
                            wrong += (wrong.isEmpty() ? "" : ", ")
                                    + config.cell().gates().get(g);
                            break;
                        }
                    }
                }
                if (!wrong.isEmpty()) {
                    return "walking back, dL/dz first goes wrong in layer " + layer + ", step " + t + ", gate " + wrong;
                }
            }
        }
        return "dL/dz is right in every layer, step and gate: the fault is in what is made of it";
    }
}
