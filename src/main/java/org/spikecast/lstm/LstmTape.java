package org.spikecast.lstm;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.PackedMatrix;

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

    /** Per layer: gradient with respect to z, (T 4H) x B. */
    final DMatrixRMaj[] dGates;

    /** Gradient with respect to h_-1, h_0 ... h_(T-1) of the layer at hand, ((T + 1) H) x B. */
    final DMatrixRMaj dHidden;

    /** Gradient with respect to c of the step before the one at hand, H x B. */
    final DMatrixRMaj dCellStep;

    /** Per layer: (W_ih W_hh) as products want it. */
    final PackedMatrix[] weights;

    /** Per layer: the transposes of W_ih and W_hh. */
    final PackedMatrix[] weightIhTransposed;

    final PackedMatrix[] weightHhTransposed;

    /** W_fc and its transpose. */
    final PackedMatrix headWeight;

    final PackedMatrix headWeightTransposed;

    /**
     * Room for runs of one size.
     *
     * @param steps T
     * @param batch B
     * @param outputSteps K, the number of steps that have an output: 1 for the last step only, T for every step
     */
    public LstmTape(LstmConfig config, int steps, int batch, int outputSteps) {
        if (steps < 1 || batch < 1) {
            throw new IllegalArgumentException(
                    "A run needs at least one step and one sequence, got " + steps + " steps of " + batch);
        }
        if (outputSteps < 1 || outputSteps > steps) {
            throw new IllegalArgumentException(
                    "Steps with an output: expected 1 to the " + steps + " steps of the run, got " + outputSteps);
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
        dGates = perLayer(4L * h * steps);
        dHidden = stack((steps + 1L) * h);
        dCellStep = stack(h);
        int layers = config.layers();
        weights = new PackedMatrix[layers];
        weightIhTransposed = new PackedMatrix[layers];
        weightHhTransposed = new PackedMatrix[layers];
        for (int l = 0; l < layers; l++) {
            weights[l] = new PackedMatrix(4 * h, config.inputs(l) + h);
            weightIhTransposed[l] = new PackedMatrix(config.inputs(l), 4 * h);
            weightHhTransposed[l] = new PackedMatrix(h, 4 * h);
        }
        headWeight = new PackedMatrix(config.outputs(), h);
        headWeightTransposed = new PackedMatrix(h, config.outputs());
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

    /** Lays the weights out for the way forward. */
    void pack(LstmParameters p) {
        for (int l = 0; l < config.layers(); l++) {
            weights[l].pack(config.inputs(l), p.weightIh[l].data, p.weightHh[l].data);
        }
        headWeight.pack(p.headWeight.data);
    }

    /** Lays the weights out for the way back; those of the lowest layer's input only if somebody asks. */
    void packTransposed(LstmParameters p, boolean downToInput) {
        for (int l = 0; l < config.layers(); l++) {
            weightHhTransposed[l].packTransposed(p.weightHh[l].data);
            if (l > 0 || downToInput) {
                weightIhTransposed[l].packTransposed(p.weightIh[l].data);
            }
        }
        headWeightTransposed.packTransposed(p.headWeight.data);
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

    /** What the last run put out: (K O) x B, steps stacked by rows. */
    public DMatrixRMaj output() {
        return output;
    }

    /** i, f, g and o of a layer in the last run: (T 4H) x B, steps stacked by rows, gates within a step. */
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
