package org.spikecast.lstm;

import org.ejml.data.DMatrixRMaj;

/**
 * The activations of one run of an LSTM over T steps of B sequences, and room for the way back: allocated once, used
 * for any number of runs of the same size. Steps are stacked by rows: step t of a quantity of R rows is rows t R to
 * (t + 1) R - 1, one contiguous range, and so is each gate within it.
 */
public final class LstmTape {
    private final LstmConfig config;
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
    public LstmTape(LstmConfig config, int steps, int batch, int outputSteps) {
        this(config, steps, batch, outputSteps, null);
    }

    /**
     * The same, to train or to forecast, with weights that are packed already. The way back leaves the gradient with respect
     * to z in the place of the gates, which saves a third of the memory that training goes through.
     *
     * @param packed by the caller, whenever parameters have changed, for any number of tapes; null for a tape that packs
     *     them before each run and keeps its gates
     */
    public LstmTape(LstmConfig config, int steps, int batch, int outputSteps, PackedWeights packed) {
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
        shared = packed != null;
        weights = shared ? packed : new PackedWeights(config);
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
    void pack(LstmParameters p) {
        if (shared) {
            weights.requirePacked(p);
        } else {
            weights.pack(p);
        }
    }

    /** Lays the weights out for the way back, unless they are. */
    void packTransposed(LstmParameters p, boolean downToInput) {
        if (shared) {
            weights.requirePackedTransposed(p, downToInput);
        } else {
            weights.packTransposed(p, downToInput);
        }
    }

    /** The sizes of the network that the tape is for. */
    public LstmConfig config() {
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
    public void copyFinalState(LstmState state) {
        state.requireFor(config, batch);
        int block = config.hidden() * batch;
        for (int l = 0; l < config.layers(); l++) {
            System.arraycopy(hidden[l].data, steps * block, state.hidden().data, l * block, block);
            System.arraycopy(cell[l].data, steps * block, state.cell().data, l * block, block);
        }
    }

    static void requireShape(String what, DMatrixRMaj matrix, int rows, int columns) {
        if (matrix.numRows != rows || matrix.numCols != columns) {
            throw new IllegalArgumentException("Shape of " + what + ": expected " + rows + " x " + columns + ", got "
                    + matrix.numRows + " x " + matrix.numCols);
        }
    }
}
