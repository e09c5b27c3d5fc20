package org.spikecast.lstm;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.MatrixView;

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
    private Lstm() {}

    /**
     * Runs the network and keeps its activations on the tape.
     *
     * @param x features, steps stacked by rows: (T I) x B
     * @param initial h_-1 and c_-1, or null for zeros
     * @param tape receives the activations and the output; gives T and B
     */
    public static void forward(
            Kernel kernel, NetworkParameters p, DMatrixRMaj x, NetworkState initial, NetworkTape tape) {
        requireFit(p, x, tape);
        if (initial != null) {
            initial.requireFor(p.config(), tape.batch());
        }
        tape.pack(p);
        tape.read(x);
        PackedWeights w = tape.weights;
        for (int l = 0; l < tape.layers.length; l++) {
            NetworkTape.Layer a = tape.layers[l];
            double[] bIh = p.biasIh[l].data;
            double[] bHh = p.biasHh[l].data;
            NetworkState.start(a.h[0], initial == null ? null : initial.hidden(), l);
            NetworkState.start(a.c[0], initial == null ? null : initial.cell(), l);
            for (int t = 0; t < tape.steps(); t++) {
                MatrixView h = t == 0 && initial == null ? null : a.h[t]; // h_-1 of zero adds nothing
                kernel.affine(w.weights[l], bIh, bHh, a.x[t], h, a.gates[t]); // (1)
                kernel.lstmStep(a.gates[t], a.c[t], a.c[t + 1], a.tanhC[t], a.h[t + 1]); // (2) to (5)
            }
        }
        for (int k = 0; k < tape.outputSteps(); k++) {
            kernel.affine(w.headWeight, p.headBias.data, null, tape.headInput[k], null, tape.y[k]); // (6)
        }
    }

    /**
     * Backpropagation through time of the run that is on the tape.
     *
     * @param x the features of that run
     * @param dOutput gradient of the loss with respect to the output, of the output's shape
     * @param gradient to it the gradient with respect to the parameters is added
     * @param dx receives the gradient with respect to x, in another matrix than x; null if not needed
     * @param dState gives the gradient with respect to the state after the last step that comes from what follows, zeros if
     *     nothing does; receives the gradient with respect to h_-1 and c_-1, so that the backward passes of consecutive runs
     *     share one object. Null if nothing follows and it is not needed
     */
    public static void backward(
            Kernel kernel,
            NetworkParameters p,
            DMatrixRMaj x,
            NetworkTape tape,
            DMatrixRMaj dOutput,
            NetworkParameters gradient,
            DMatrixRMaj dx,
            NetworkState dState) {
        requireFit(p, x, tape);
        requireFit(p, x, tape, dOutput, gradient, dx, dState);
        tape.packTransposed(p, dx != null);
        tape.read(x, dx, dOutput);
        PackedWeights w = tape.weights;
        int steps = tape.steps();
        int top = tape.layers.length - 1;
        MatrixView[] dh = tape.dh;
        MatrixView dc = tape.dc;

        double[] dWfc = gradient.headWeight.data;
        kernel.addOuterProducts(tape.outputSteps(), tape.dy, tape.allHeadInputs, dWfc, gradient.headBias.data); // (7)
        tape.dHidden.zero();
        NetworkState.start(dh[steps], dState == null ? null : dState.hidden(), top);
        kernel.multiply(w.headWeightTransposed, tape.dy, tape.dHeadInputs); // (8)

        for (int l = top; l >= 0; l--) {
            NetworkTape.Layer a = tape.layers[l];
            boolean down = l > 0 || dx != null;
            NetworkState.start(dc, dState == null ? null : dState.cell(), l);
            for (int t = steps - 1; t >= 0; t--) {
                kernel.lstmStepBackward(a.gates[t], a.c[t], a.tanhC[t], dh[t + 1], dc, a.dz[t]); // (9) to (13)
                if (t > 0 || dState != null) {
                    kernel.multiply(w.weightHhTransposed[l], a.dz[t], dh[t]); // (8)
                }
                if (down && a.someDx[t] != null) { // as many steps as the tape takes at once are done
                    tape.startDx(l, t, dState);
                    kernel.multiply(w.weightIhTransposed[l], a.someDz[t], a.someDx[t]); // (15)
                }
            }
            if (dState != null) { // what has arrived at step -1
                NetworkState.keep(dh[0], dState.hidden(), l);
                NetworkState.keep(dc, dState.cell(), l);
            }
            dh[0].setZero(); // h_-1 of the layer below: nothing arrives there from above
            double[] dWih = gradient.weightIh[l].data;
            double[] dWhh = gradient.weightHh[l].data;
            double[] dbIh = gradient.biasIh[l].data;
            double[] dbHh = gradient.biasHh[l].data;
            kernel.addOuterProducts(steps, a.allDz, a.allX, dWih, a.allH, dWhh, dbIh, dbHh); // (14)
        }
    }

    private static void requireFit(NetworkParameters p, DMatrixRMaj x, NetworkTape tape) {
        if (!p.config().equals(tape.config())) {
            throw new IllegalArgumentException("The tape is for " + tape.config() + ", the parameters " + p.config());
        }
        NetworkTape.requireShape(
                "input", x, Math.multiplyExact(tape.steps(), p.config().inputs()), tape.batch());
    }

    private static void requireFit(
            NetworkParameters p,
            DMatrixRMaj x,
            NetworkTape tape,
            DMatrixRMaj dOutput,
            NetworkParameters gradient,
            DMatrixRMaj dx,
            NetworkState dState) {
        p.set().requireSameShapes(gradient.set());
        NetworkTape.requireShape("output's gradient", dOutput, tape.output.numRows, tape.batch());
        if (dx != null) {
            NetworkTape.requireShape("input's gradient", dx, x.numRows, x.numCols);
            if (dx == x) {
                throw new IllegalArgumentException("The input's gradient needs a matrix of its own");
            }
        }
        if (dState != null) {
            dState.requireFor(p.config(), tape.batch());
        }
    }
}
