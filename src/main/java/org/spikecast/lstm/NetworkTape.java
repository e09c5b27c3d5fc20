package org.spikecast.lstm;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.MatrixView;

/**
 * The activations of one run of an LSTM over T steps of B sequences, and room for the way back: allocated once, used
 * for any number of runs of the same size. Steps are stacked by rows: step t of a quantity of R rows is rows t R to
 * (t + 1) R - 1, one contiguous range, and so is each gate within it.
 */
public final class NetworkTape {
    /** Where a layer's weights have more entries, (15) waits for some steps, to read them once for all of these. */
    private static final int MANY_WEIGHTS = 1 << 18;

    private static final int STEPS_AT_ONCE = 8;

    private final NetworkConfig config;
    private final int steps;
    private final int batch;
    private final int outputSteps;

    /** Per layer: i, f, g, o, (T 4H) x B. */
    final DMatrixRMaj[] gates;

    /** Per layer: c_-1, c_0 ... c_(T-1), ((T + 1) H) x B. */
    final DMatrixRMaj[] cell;

    /** Per layer: tanh(c_t), (T H) x B. */
    final DMatrixRMaj[] tanhCell;

    /** Per layer: h_-1, h_0 ... h_(T-1), ((T + 1) H) x B. */
    final DMatrixRMaj[] hidden;

    /** y of the last K steps, (K O) x B. */
    final DMatrixRMaj output;

    /** Per layer: gradient with respect to z, (T 4H) x B; the gates themselves where their room is used. */
    final DMatrixRMaj[] dGates;

    /**
     * Gradient with respect to h_-1, h_0 ... h_(T-1) of the layer at hand, ((T + 1) H) x B; of the steps that are done, that of
     * the layer below.
     */
    final DMatrixRMaj dHidden;

    /** Gradient with respect to c of the step before the one at hand, H x B. */
    final DMatrixRMaj dCellStep;

    /** The steps of each layer, one view each. */
    final Layer[] layers;

    /** Views of {@link #dHidden}: dh[0] is of h_-1, dh[t + 1] of h_t. */
    final MatrixView[] dh;

    /** View of {@link #dCellStep}. */
    final MatrixView dc;

    /** What the output layer reads for its k-th output, and that output. */
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

    /**
     * Room for runs of one size.
     *
     * @param steps T
     * @param batch B
     * @param outputSteps K, the number of steps that have an output: 1 for the last step only, T for every step
     */
    public NetworkTape(NetworkConfig config, int steps, int batch, int outputSteps) {
        this(config, steps, batch, outputSteps, null);
    }

    /**
     * The same, to train or to forecast, with weights that are packed already. The way back leaves the gradient with respect
     * to z in the place of the gates, which saves a third of the memory that training goes through.
     *
     * @param packed by the caller, whenever parameters have changed, for any number of tapes; null for a tape that packs
     *     them before each run and keeps its gates
     */
    public NetworkTape(NetworkConfig config, int steps, int batch, int outputSteps, PackedWeights packed) {
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
                    + " states needs a run of so many steps, with one output; got " + steps + " steps, " + outputSteps
                    + " with an output");
        }
        if (packed != null && !packed.config().equals(config)) {
            throw new IllegalArgumentException("Packed weights of " + packed.config() + " for a tape of " + config);
        }
        this.config = config;
        this.steps = steps;
        this.batch = batch;
        this.outputSteps = outputSteps;
        int h = config.hidden();
        gates = perLayer(4L * h * steps);
        cell = perLayer((steps + 1L) * h);
        tanhCell = perLayer((long) steps * h);
        hidden = perLayer((steps + 1L) * h);
        output = stack((long) outputSteps * config.outputs());
        dGates = packed != null ? gates : perLayer(4L * h * steps);
        dHidden = stack((steps + 1L) * h);
        dCellStep = stack(h);
        dh = views(dHidden.data, h, 0, steps + 1);
        dc = new MatrixView(dCellStep.data, h, batch);
        layers = new Layer[config.layers()];
        for (int l = 0; l < layers.length; l++) {
            layers[l] = new Layer(l);
        }
        double[] top = hidden[layers.length - 1].data;
        int first = firstHeadInput();
        headInput = new MatrixView[outputSteps];
        for (int k = 0; k < outputSteps; k++) {
            headInput[k] = new MatrixView(top, first + k * h * batch, config.headInputs(), batch);
        }
        y = views(output.data, config.outputs(), 0, outputSteps);
        allHeadInputs = new MatrixView(top, first, outputSteps * config.headInputs(), batch);
        dHeadInputs = new MatrixView(dHidden.data, first, outputSteps * config.headInputs(), batch);
        dy = new MatrixView(null, outputSteps * config.outputs(), batch);
        shared = packed != null;
        weights = shared ? packed : new PackedWeights(config);
    }

    /** Views of one layer's steps; where it reads from below, of x in the lowest layer. */
    final class Layer {
        /** x_t, the features or h_t of the layer below: x[t]. */
        final MatrixView[] x;

        /** h_-1 is h[0], h_t is h[t + 1]. */
        final MatrixView[] h;

        /** c_-1 is c[0], c_t is c[t + 1]. */
        final MatrixView[] c;

        /** i, f, g, o of step t, z before: gates[t]. */
        final MatrixView[] gates;

        /** tanh(c_t): tanhC[t]. */
        final MatrixView[] tanhC;

        /** dz_t: dz[t]. */
        final MatrixView[] dz;

        /** x_t, h_(t-1) and dz_t of all steps. */
        final MatrixView allX;

        final MatrixView allH;
        final MatrixView allDz;

        /** dz_t and dx_t of the steps that (15) takes at once, at the first of them; null at the others. */
        final MatrixView[] someDz = new MatrixView[steps];

        final MatrixView[] someDx = new MatrixView[steps];

        private Layer(int l) {
            int units = config.hidden();
            int inputs = config.inputs(l);
            double[] below = l == 0 ? null : hidden[l - 1].data;
            int first = l == 0 ? 0 : 1; // past h_-1
            x = views(below, inputs, first, steps);
            h = views(hidden[l].data, units, 0, steps + 1);
            c = views(cell[l].data, units, 0, steps + 1);
            this.gates = views(NetworkTape.this.gates[l].data, 4 * units, 0, steps);
            tanhC = views(tanhCell[l].data, units, 0, steps);
            double[] dGate = dGates[l].data;
            dz = views(dGate, 4 * units, 0, steps);
            allX = new MatrixView(below, first * inputs * batch, steps * inputs, batch);
            allH = new MatrixView(hidden[l].data, steps * units, batch);
            allDz = new MatrixView(dGate, steps * 4 * units, batch);
            int stepsAtOnce = 4L * units * inputs > MANY_WEIGHTS ? STEPS_AT_ONCE : 1; // while dz_t is in the cache
            for (int t = 0; t < steps; t += stepsAtOnce) {
                int some = Math.min(stepsAtOnce, steps - t);
                someDz[t] = new MatrixView(dGate, t * 4 * units * batch, some * 4 * units, batch);
                double[] dBelow = l == 0 ? null : dHidden.data; // in the place of dh_t, which are done
                someDx[t] = new MatrixView(dBelow, (first + t) * inputs * batch, some * inputs, batch);
            }
        }
    }

    /** Views of so many steps of a stack, from step {@code first} on. */
    private MatrixView[] views(double[] stack, int rows, int first, int count) {
        MatrixView[] views = new MatrixView[count];
        for (int t = 0; t < count; t++) {
            views[t] = new MatrixView(stack, (first + t) * rows * batch, rows, batch);
        }
        return views;
    }

    /** Where the lowest layer reads. */
    void read(DMatrixRMaj x) {
        if (layers[0].allX.data() != x.data) {
            layers[0].allX.moveTo(x.data);
            for (MatrixView step : layers[0].x) {
                step.moveTo(x.data);
            }
        }
    }

    /** The same on the backward pass, where the output's gradient is besides, and where that of x goes unless dx is null. */
    void read(DMatrixRMaj x, DMatrixRMaj dx, DMatrixRMaj dOutput) {
        read(x);
        dy.moveTo(dOutput.data);
        for (int t = 0; dx != null && t < steps; t++) {
            if (layers[0].someDx[t] != null) {
                layers[0].someDx[t].moveTo(dx.data);
            }
        }
    }

    /** Where dx of the steps from t on, which (15) takes at once, starts: zeros; after the last step, what dState gives. */
    void startDx(int l, int t, NetworkState dState) {
        MatrixView dx = layers[l].someDx[t];
        dx.setZero();
        boolean last = dx.offset() + dx.size() == dHidden.getNumElements();
        if (l > 0 && last && dState != null) {
            NetworkState.start(dh[steps], dState.hidden(), l - 1);
        }
    }

    private DMatrixRMaj[] perLayer(long rows) {
        DMatrixRMaj[] stacks = new DMatrixRMaj[config.layers()];
        for (int l = 0; l < stacks.length; l++) {
            stacks[l] = stack(rows);
        }
        return stacks;
    }

    private DMatrixRMaj stack(long rows) {
        if (rows * batch > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("A run of " + steps + " steps of " + batch + " sequences needs an array"
                    + " of " + rows * batch + " numbers, more than Java allows: take a smaller batch");
        }
        return new DMatrixRMaj((int) rows, batch);
    }

    /** Lays the weights out for the way forward, unless they are. */
    void pack(NetworkParameters p) {
        if (shared) {
            weights.requirePacked(p);
        } else {
            weights.pack(p);
        }
    }

    /** Lays the weights out for the way back, unless they are. */
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

    /** Where the h that the first output reads begin in the topmost layer's {@link #hidden}. */
    int firstHeadInput() {
        return (steps - outputSteps - config.headStates() + 2) * config.hidden() * batch;
    }

    /** What the last run put out: (K O) x B, steps stacked by rows. */
    public DMatrixRMaj output() {
        return output;
    }

    /**
     * i, f, g and o of a layer in the last run: (T 4H) x B, steps stacked by rows, gates within a step. After the way back of a
     * tape whose weights were packed by the caller: the gradient with respect to z.
     */
    public DMatrixRMaj gates(int layer) {
        return gates[layer];
    }

    /** c of a layer before the last run's first step and after each step: ((T + 1) H) x B. */
    public DMatrixRMaj cell(int layer) {
        return cell[layer];
    }

    /** h of a layer before the last run's first step and after each step: ((T + 1) H) x B. */
    public DMatrixRMaj hidden(int layer) {
        return hidden[layer];
    }

    /** The gradient with respect to a layer's z on the last way back: (T 4H) x B, stacked like the gates. */
    public DMatrixRMaj dGates(int layer) {
        return dGates[layer];
    }

    /** Copies the state after the last step into {@code state}, from which a further run can go on. */
    public void copyFinalState(NetworkState state) {
        state.requireFor(config, batch);
        for (int l = 0; l < layers.length; l++) {
            NetworkState.keep(layers[l].h[steps], state.hidden(), l);
            NetworkState.keep(layers[l].c[steps], state.cell(), l);
        }
    }

    static void requireShape(String what, DMatrixRMaj matrix, int rows, int columns) {
        if (matrix.numRows != rows || matrix.numCols != columns) {
            throw new IllegalArgumentException("Shape of " + what + ": expected " + rows + " x " + columns + ", got "
                    + matrix.numRows + " x " + matrix.numCols);
        }
    }
}
