package org.spikecast.lstm;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.Kernel;

/**
 * A network: layers of a {@link Cell} on top of each other under one fully connected output layer, run forward and
 * backward. The numbers are those of the equations of {@link Lstm}.
 */
public final class Network {
    private Network() {}

    /**
     * Runs the network and keeps its activations on the tape.
     *
     * @param x features, steps stacked by rows: (T I) x B
     * @param initial the state before the first step, h_-1 and c_-1 of an LSTM; null for zeros
     * @param tape receives the activations and the output; gives T and B
     */
    public static void forward(
            Kernel kernel, NetworkParameters p, DMatrixRMaj x, NetworkState initial, NetworkTape tape) {
        requireFit(p, x, tape);
        if (initial != null) {
            initial.requireFor(p.config(), tape.batch());
        }
        tape.pack(p);
        tape.layers[0].read(x.data);
        PackedWeights w = tape.weights;
        for (int l = 0; l < tape.layers.length; l++) {
            tape.layers[l].start(initial);
            tape.layers[l].forward(kernel, w.layers[l], p.layers[l]); // (1) to (5)
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
     * @param dState gives the gradient with respect to the state after the last step that comes from what follows,
     *     zeros if nothing does; receives the gradient with respect to the state before the first, so that the
     *     backward passes of consecutive runs share one object. Null if nothing follows and it is not needed
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
        backward(kernel, p, x, tape, dOutput, true, gradient, dx, dState);
    }

    /**
     * The same.
     *
     * @param add whether the gradient with respect to the parameters is added to the numbers in {@code gradient}, or
     *     replaces them, which costs no pass over them
     */
    public static void backward(
            Kernel kernel,
            NetworkParameters p,
            DMatrixRMaj x,
            NetworkTape tape,
            DMatrixRMaj dOutput,
            boolean add,
            NetworkParameters gradient,
            DMatrixRMaj dx,
            NetworkState dState) {
        requireFit(p, x, tape);
        requireFit(p, x, tape, dOutput, gradient, dx, dState);
        tape.packTransposed(p, dx != null);
        tape.layers[0].read(x.data);
        if (dx != null) {
            tape.layers[0].writeInputGradientTo(dx.data);
        }
        tape.dy.moveTo(dOutput.data);
        PackedWeights w = tape.weights;
        int top = tape.layers.length - 1;

        double[] dWfc = gradient.headWeight.data;
        kernel.outerProducts(add, tape.outputSteps(), tape.dy, tape.allHeadInputs, dWfc, gradient.headBias.data); // (7)
        tape.dHidden.zero();
        NetworkState.load(dState, 0, top, tape.dh[tape.steps()]);
        kernel.multiply(w.headWeightTransposed, tape.dy, tape.dHeadInputs); // (8)
        for (int l = top; l >= 0; l--) {
            tape.layers[l].startBackward(dState, l > 0 || dx != null, add);
            tape.layers[l].backward(kernel, w.layers[l], p.layers[l], gradient.layers[l]); // (8) to (15)
            tape.layers[l].endBackward();
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
