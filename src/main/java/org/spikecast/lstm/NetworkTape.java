package org.spikecast.lstm;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.internal.MatrixView;

/**
 * The activations of one run of a network over T steps of B sequences, and buffers for the backward pass: allocated
 * once, used for any number of runs of the same size. Steps are stacked by rows: step t of a quantity of R rows is
 * rows t R to (t + 1) R - 1, one contiguous range, and so is each gate within it.
 */
public final class NetworkTape {
    private final NetworkConfig config;
    private final int steps;
    private final int batch;
    private final int outputSteps;

    /** Per layer: the gates, i, f, g, o of an LSTM, as the cell keeps them, (T 4H) x B. */
    private final DMatrixRMaj[] gates;

    /**
     * Per layer: gradient with respect to z, of the gates' shape; the gates themselves where their memory is reused.
     */
    private final DMatrixRMaj[] dGates;

    /** Per state of the cell and layer: h_-1, h_0 ... h_(T-1), ((T + 1) H) x B. */
    private final DMatrixRMaj[][] states;

    /** y of the last K steps, (K O) x B. */
    final DMatrixRMaj output;

    /**
     * Gradient with respect to h_-1, h_0 ... h_(T-1) of the current layer, ((T + 1) H) x B; of the steps that are
     * done, that of the layer below.
     */
    final DMatrixRMaj dHidden;

    /** Views of it: dh[0] is of h_-1, dh[t + 1] of h_t. */
    final MatrixView[] dh;

    /** Gradient with respect to each other state of the current step, H x B; none of h. */
    final MatrixView[] dStates;

    final CellLayer[] layers;

    /** The input of the output layer for its k-th output, and that output. */
    final MatrixView[] headInput;

    final MatrixView[] y;

    /** All that it reads, the gradient with respect to it, and that with respect to all outputs. */
    final MatrixView allHeadInputs;

    final MatrixView dHeadInputs;
    final MatrixView dy;

    /** The weights as products want them. */
    final PackedWeights weights;

    /** Whether others pack the weights. */
    private final boolean shared;

    private final boolean forwardOnly;

    /**
     * A workspace for sequences of one size.
     *
     * @param steps T
     * @param batch B
     * @param outputSteps K, the number of steps that have an output: 1 for the last step only, T for every step
     */
    public NetworkTape(NetworkConfig config, int steps, int batch, int outputSteps) {
        this(config, steps, batch, outputSteps, null);
    }

    /**
     * The same, to train or to forecast, with weights that are packed already. The backward pass leaves the gradient with
     * respect to z in the place of the gates, which saves a third of the memory that training goes through.
     *
     * @param packed by the caller, whenever parameters have changed, for any number of tapes; null for a tape that
     *     packs them before each run and keeps its gates
     */
    public NetworkTape(NetworkConfig config, int steps, int batch, int outputSteps, PackedWeights packed) {
        this(config, steps, batch, outputSteps, packed, false);
    }

    /** A tape of one step of one sequence, for forward passes only: nothing is kept that only gradients need. */
    static NetworkTape forwardOnly(NetworkConfig config, PackedWeights packed) {
        return new NetworkTape(config, 1, 1, 1, packed, true);
    }

    private NetworkTape(
            NetworkConfig config, int steps, int batch, int outputSteps, PackedWeights packed, boolean forwardOnly) {
        if (steps < 1 || batch < 1) {
            throw new IllegalArgumentException(
                    "A run needs at least one step and one sequence, got " + steps + " steps of " + batch);
        }
        if (outputSteps < 1 || outputSteps > steps) {
            throw new IllegalArgumentException(
                    "Steps with an output: expected 1 to the " + steps + " steps of the run, got " + outputSteps);
        }
        if (config.headStates() > 1 && (config.headStates() > steps || outputSteps > 1)) {
            throw new IllegalArgumentException("An output layer that reads the last " + config.headStates()
                    + " states needs a run of at least that many steps, with one output; got " + steps + " steps, "
                    + outputSteps
                    + " with an output");
        }
        if (packed != null && !packed.config().equals(config)) {
            throw new IllegalArgumentException("Packed weights of " + packed.config() + " for a tape of " + config);
        }
        this.config = config;
        this.steps = steps;
        this.batch = batch;
        this.outputSteps = outputSteps;
        this.forwardOnly = forwardOnly;
        shared = packed != null;
        weights = shared ? packed : new PackedWeights(config);
        int h = config.hidden();
        gates = perLayer((long) config.gateRows() * steps);
        dGates = shared ? gates : perLayer((long) config.gateRows() * steps);
        states = new DMatrixRMaj[config.cell().states().size()][];
        dStates = new MatrixView[states.length];
        for (int k = 0; k < states.length; k++) {
            states[k] = perLayer((steps + 1L) * h);
            dStates[k] = k == 0 ? null : view(stack(h).data, 0, h, 1);
        }
        output = stack((long) outputSteps * config.outputs());
        dHidden = stack((steps + 1L) * h);
        dh = views(dHidden.data, 0, h, steps + 1);
        layers = new CellLayer[config.layers()];
        for (int l = 0; l < layers.length; l++) {
            layers[l] = config.cell().layer(this, l);
        }
        double[] top = hidden(layers.length - 1).data;
        int first = (steps - outputSteps - config.headStates() + 2) * h * batch; // past h_-1
        headInput = new MatrixView[outputSteps];
        for (int k = 0; k < outputSteps; k++) {
            headInput[k] = new MatrixView(top, first + k * h * batch, config.headInputs(), batch);
        }
        y = views(output.data, 0, config.outputs(), outputSteps);
        allHeadInputs = new MatrixView(top, first, outputSteps * config.headInputs(), batch);
        dHeadInputs = new MatrixView(dHidden.data, first, outputSteps * config.headInputs(), batch);
        dy = view(null, 0, config.outputs(), outputSteps);
    }

    private DMatrixRMaj[] perLayer(long rows) {
        DMatrixRMaj[] stacks = new DMatrixRMaj[config.layers()];
        for (int l = 0; l < stacks.length; l++) {
            stacks[l] = stack(rows);
        }
        return stacks;
    }

    /** A matrix of B columns. */
    DMatrixRMaj stack(long rows) {
        if (rows * batch > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("A run of " + steps + " steps of " + batch + " sequences needs an array"
                    + " of " + rows * batch + " numbers, more than Java allows: take a smaller batch");
        }
        return new DMatrixRMaj((int) rows, batch);
    }

    /** A view of {@code blocks} blocks of a stack, from block {@code first} on, each of {@code rows} rows. */
    MatrixView view(double[] stack, int first, int rows, int blocks) {
        return new MatrixView(stack, first * rows * batch, blocks * rows, batch);
    }

    /** Views of the same, one a block. */
    MatrixView[] views(double[] stack, int first, int rows, int blocks) {
        MatrixView[] views = new MatrixView[blocks];
        for (int t = 0; t < blocks; t++) {
            views[t] = view(stack, first + t, rows, 1);
        }
        return views;
    }

    /** Whether the tape serves the forward pass alone. */
    boolean isForwardOnly() {
        return forwardOnly;
    }

    /** Whether the backward pass leaves gradients in the place of activations. */
    boolean reusesGates() {
        return shared;
    }

    /** Lays the weights out for the forward pass, unless they are. */
    void pack(NetworkParameters p) {
        if (shared) {
            weights.requirePacked(p);
        } else {
            weights.pack(p);
        }
    }

    /** Lays the weights out for the backward pass, unless they are. */
    void packTransposed(NetworkParameters p, boolean downToInput) {
        if (shared) {
            weights.requirePackedTransposed(p, downToInput);
        } else {
            weights.packTransposed(p, downToInput);
        }
    }

    /** The sizes of the network that the tape is for. */
    public NetworkConfig config() {
        return config;
    }

    /** T. */
    public int steps() {
        return steps;
    }

    /** B. */
    public int batch() {
        return batch;
    }

    /** K, the number of steps that have an output: the last ones. */
    public int outputSteps() {
        return outputSteps;
    }

    /** The output of the last run: (K O) x B, steps stacked by rows. */
    public DMatrixRMaj output() {
        return output;
    }

    /**
     * The gates of a layer in the last run, i, f, g and o of an LSTM: a new matrix, (T 4H) x B, steps stacked by rows,
     * gates within a step. On a tape whose weights were packed by the caller only before the backward pass, which
     * leaves the gradient with respect to z in their place.
     */
    public DMatrixRMaj gates(int layer) {
        DMatrixRMaj values = gates[layer].copy();
        int each = config.hidden() * batch;
        int count = config.cell().gates().size();
        for (int j = 0; j < values.getNumElements(); j++) {
            values.data[j] = config.cell().gate(j / each % count, values.data[j]);
        }
        return values;
    }

    /** The same as the cell keeps them. */
    DMatrixRMaj keptGates(int layer) {
        return gates[layer];
    }

    /** h of a layer before the last run's first step and after each step: ((T + 1) H) x B. */
    public DMatrixRMaj hidden(int layer) {
        return states[0][layer];
    }

    /** The same of the k-th of the cell's states: 0 is h, 1 is c of an LSTM. */
    public DMatrixRMaj state(int k, int layer) {
        return states[k][layer];
    }

    /**
     * The gradient with respect to a layer's z, what enters the gates, in the last backward pass: stacked like the
     * gates.
     */
    public DMatrixRMaj dGates(int layer) {
        return dGates[layer];
    }

    /** Copies the state after the last step into {@code state}, with which a further run can continue. */
    public void copyFinalState(NetworkState state) {
        state.requireFor(config, batch);
        for (CellLayer layer : layers) {
            layer.end(state);
        }
    }

    static void requireShape(String what, DMatrixRMaj matrix, int rows, int columns) {
        if (matrix.numRows != rows || matrix.numCols != columns) {
            throw new IllegalArgumentException("Shape of " + what + ": expected " + rows + " x " + columns + ", got "
                    + matrix.numRows + " x " + matrix.numCols);
        }
    }
}
