package org.spikecast.lstm;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.Kernel;

/**
 * The long short-term memory (Hochreiter and Schmidhuber, Neural Computation 9(8), 1997; with the forget gate of Gers,
 * Schmidhuber and Cummins, Neural Computation 12(10), 2000), stacked in layers under one fully connected output layer.
 * Conventions are PyTorch's.
 *
 * <p>Forward, for each layer and step; x_t is the layer's input, that is the features, or h_t of the layer below:
 *
 * <pre>
 *  (1)  z_t = b_ih + b_hh + W_ih x_t + W_hh h_(t-1)          z_t = (z_i, z_f, z_g, z_o), four times H
 *  (2)  i = sigma(z_i)    f = sigma(z_f)    o = sigma(z_o)   sigma(z) = 1 / (1 + exp(-z))
 *  (3)  g = tanh(z_g)
 *  (4)  c_t = f c_(t-1) + i g
 *  (5)  h_t = o tanh(c_t)
 *  (6)  y = b_fc + W_fc h                                    h of the topmost layer, of the steps that have an output;
 *                                                            or of several steps, one below the other
 * </pre>
 *
 * <p>Backward, d... being the gradient of the loss with respect to ..., from the last step to the first:
 *
 * <pre>
 *  (7)  dW_fc += dy h'    db_fc += dy                        summed over sequences and those steps
 *  (8)  dh_t = W_fc' dy (or from the layer above, (15)) + W_hh' dz_(t+1)
 *  (9)  dc_t = dh_t o (1 - tanh(c_t)^2) + dc_(t+1) f_(t+1)
 * (10)  dz_o = dh_t tanh(c_t) o (1 - o)
 * (11)  dz_i = dc_t g i (1 - i)
 * (12)  dz_f = dc_t c_(t-1) f (1 - f)
 * (13)  dz_g = dc_t i (1 - g^2)
 * (14)  dW_ih += dz_t x_t'    dW_hh += dz_t h_(t-1)'    db_ih, db_hh += dz_t      summed over steps and sequences
 * (15)  dx_t = W_ih' dz_t
 * </pre>
 *
 * <p>Products of vectors without a sign between them are element by element, except with a matrix W; ' transposes.
 */
public final class Lstm {
    /** Where W_ih has more entries, (15) waits for some steps, to read it once for all of them. */
    private static final int MANY_WEIGHTS = 1 << 18;

    private static final int STEPS_AT_ONCE = 8;

    private Lstm() {}

    /**
     * Runs the network and keeps its activations on the tape.
     *
     * @param x features, steps stacked by rows: (T I) x B
     * @param initial h_-1 and c_-1, or null for zeros
     * @param tape receives the activations and the output; gives T and B
     */
    public static void forward(Kernel kernel, LstmParameters p, DMatrixRMaj x, LstmState initial, LstmTape tape) {
        LstmConfig config = requireFit(p, x, tape);
        if (initial != null) {
            initial.requireFor(config, tape.batch());
        }
        tape.pack(p);
        PackedWeights packed = tape.weights;
        int steps = tape.steps();
        int batch = tape.batch();
        int hidden = config.hidden();
        int block = hidden * batch;
        double[] below = x.data;
        int belowOffset = 0;
        for (int l = 0; l < config.layers(); l++) {
            double[] z = tape.gates[l].data;
            double[] c = tape.cell[l].data;
            double[] h = tape.hidden[l].data;
            start(h, 0, block, initial == null ? null : initial.hidden(), l);
            start(c, 0, block, initial == null ? null : initial.cell(), l);
            int inputs = config.inputs(l);
            for (int t = 0; t < steps; t++) {
                kernel.affine( // (1); h_-1 of zero adds nothing
                        packed.weights[l],
                        batch,
                        p.biasIh[l].data,
                        p.biasHh[l].data,
                        inputs,
                        below,
                        belowOffset + t * inputs * batch,
                        t == 0 && initial == null ? null : h,
                        t * block,
                        z,
                        4 * t * block);
                kernel.lstmStep( // (2) to (5)
                        block,
                        z,
                        4 * t * block,
                        c,
                        t * block,
                        (t + 1) * block,
                        tape.tanhCell[l].data,
                        t * block,
                        h,
                        (t + 1) * block);
            }
            below = h;
            belowOffset = block; // past h_-1
        }
        int outputs = config.outputs();
        for (int k = 0; k < tape.outputSteps(); k++) {
            kernel.affine( // (6)
                    packed.headWeight,
                    batch,
                    p.headBias.data,
                    null,
                    config.headInputs(),
                    tape.hidden[config.layers() - 1].data,
                    tape.firstHeadInput() + k * block,
                    null,
                    0,
                    tape.output.data,
                    k * outputs * batch);
        }
    }

    /**
     * Backpropagation through time of the run that is on the tape.
     *
     * @param x the features of that run
     * @param dOutput gradient of the loss with respect to the output, of the output's shape
     * @param gradient to it the gradient with respect to the parameters is added
     * @param dx receives the gradient with respect to x, in another matrix than x; null if nobody asks
     * @param dState gives the gradient with respect to the state after the last step that comes from what follows, zeros if
     *     nothing does; receives the gradient with respect to h_-1 and c_-1, so that runs one after the other are gone back
     *     through with one object. Null if nothing follows and nobody asks
     */
    public static void backward(
            Kernel kernel,
            LstmParameters p,
            DMatrixRMaj x,
            LstmTape tape,
            DMatrixRMaj dOutput,
            LstmParameters gradient,
            DMatrixRMaj dx,
            LstmState dState) {
        LstmConfig config = requireFit(p, x, tape);
        p.set().requireSameShapes(gradient.set());
        LstmTape.requireShape("output's gradient", dOutput, tape.output.numRows, tape.batch());
        if (dx != null) {
            LstmTape.requireShape("input's gradient", dx, x.numRows, x.numCols);
            if (dx == x) {
                throw new IllegalArgumentException("The input's gradient needs a matrix of its own");
            }
        }
        if (dState != null) {
            dState.requireFor(config, tape.batch());
        }
        tape.packTransposed(p, dx != null);
        PackedWeights packed = tape.weights;
        int steps = tape.steps();
        int batch = tape.batch();
        int hidden = config.hidden();
        int block = hidden * batch;
        int top = config.layers() - 1;
        double[] dh = tape.dHidden.data;
        double[] dc = tape.dCellStep.data;

        int outputSteps = tape.outputSteps();
        kernel.addOuterProducts(
                outputSteps,
                batch,
                config.outputs(),
                dOutput.data,
                0,
                config.headInputs(),
                tape.hidden[top].data,
                tape.firstHeadInput(),
                gradient.headWeight.data,
                0,
                null,
                0,
                null,
                gradient.headBias.data,
                null); // (7)
        Arrays.fill(dh, 0);
        start(dh, steps * block, block, dState == null ? null : dState.hidden(), top);
        kernel.multiply(
                outputSteps, packed.headWeightTransposed, batch, dOutput.data, 0, dh, tape.firstHeadInput()); // (8)

        for (int l = top; l >= 0; l--) {
            double[] dz = tape.dGates[l].data;
            int inputs = config.inputs(l);
            double[] dBelow = l > 0 ? dh : dx == null ? null : dx.data;
            int stepsAtOnce = 4 * hidden * inputs > MANY_WEIGHTS ? STEPS_AT_ONCE : 1; // while dz_t is in the cache
            start(dc, 0, block, dState == null ? null : dState.cell(), l);
            for (int t = steps - 1; t >= 0; t--) {
                kernel.lstmStepBackward( // (9) to (13)
                        block,
                        tape.gates[l].data,
                        4 * t * block,
                        tape.cell[l].data,
                        t * block,
                        tape.tanhCell[l].data,
                        t * block,
                        dh,
                        (t + 1) * block,
                        dc,
                        dz,
                        4 * t * block);
                if (t > 0 || dState != null) {
                    kernel.multiply(1, packed.weightHhTransposed[l], batch, dz, 4 * t * block, dh, t * block); // (8)
                }
                if (dBelow != null && t % stepsAtOnce == 0) { // (15); in dh it takes the place of dh_t, which are done
                    int some = Math.min(stepsAtOnce, steps - t);
                    int to = l > 0 ? (t + 1) * block : t * inputs * batch;
                    Arrays.fill(dBelow, to, to + some * inputs * batch, 0);
                    if (l > 0 && t + some == steps && dState != null) {
                        start(dh, steps * block, block, dState.hidden(), l - 1);
                    }
                    kernel.multiply(some, packed.weightIhTransposed[l], batch, dz, 4 * t * block, dBelow, to);
                }
            }
            if (dState != null) { // what has arrived at step -1
                System.arraycopy(dh, 0, dState.hidden().data, l * block, block);
                System.arraycopy(dc, 0, dState.cell().data, l * block, block);
            }
            Arrays.fill(dh, 0, block, 0); // h_-1 of the layer below: nothing arrives there from above
            double[] below = l == 0 ? x.data : tape.hidden[l - 1].data;
            int belowOffset = l == 0 ? 0 : block;
            kernel.addOuterProducts(
                    steps,
                    batch,
                    4 * hidden,
                    dz,
                    0,
                    inputs,
                    below,
                    belowOffset,
                    gradient.weightIh[l].data,
                    hidden,
                    tape.hidden[l].data,
                    0,
                    gradient.weightHh[l].data,
                    gradient.biasIh[l].data,
                    gradient.biasHh[l].data); // (14)
        }
    }

    private static LstmConfig requireFit(LstmParameters p, DMatrixRMaj x, LstmTape tape) {
        if (!p.config().equals(tape.config())) {
            throw new IllegalArgumentException("The tape is for " + tape.config() + ", the parameters " + p.config());
        }
        LstmTape.requireShape(
                "input", x, Math.multiplyExact(tape.steps(), p.config().inputs()), tape.batch());
        return p.config();
    }

    /** One layer of a state, or zeros if there is none. */
    private static void start(double[] target, int offset, int block, DMatrixRMaj state, int layer) {
        if (state == null) {
            Arrays.fill(target, offset, offset + block, 0);
        } else {
            System.arraycopy(state.data, layer * block, target, offset, block);
        }
    }
}
