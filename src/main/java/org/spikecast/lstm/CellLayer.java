package org.spikecast.lstm;

import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.internal.MatrixView;

/**
 * A layer over T steps of B sequences: its activations, one view per step, and its forward and backward pass. The
 * parts that all cells share are here; a cell adds its own.
 */
abstract class CellLayer {
    /**
     * If W_ih has more entries, its products in (1) and (15) are computed for several steps at once, which read it
     * once.
     */
    private static final int MANY_WEIGHTS = 1 << 18;

    private static final int STEPS_AT_ONCE = 10;

    /** T. */
    final int steps;

    /** x_t, the features or h_t of the layer below: x[t]. */
    final MatrixView[] x;

    /** h_-1 is h[0], h_t is h[t + 1]. */
    final MatrixView[] h;

    /** The gates of step t, before them z_t: gates[t]. */
    final MatrixView[] gates;

    /** dz_t: dz[t]; the gates themselves where their memory is reused. */
    final MatrixView[] dz;

    /** The gradient with respect to h_-1 is dh[0], to h_t dh[t + 1]. */
    final MatrixView[] dh;

    /** x_t, h_(t-1) and dz_t of all steps. */
    final MatrixView allX;

    final MatrixView allH;
    final MatrixView allDz;

    private final NetworkTape tape;
    private final int layer;

    /** x_t, z_t, dz_t and dx_t of the steps that (1) and (15) take at once, at the first of them; null at the others. */
    private final MatrixView[] someX;

    private final MatrixView[] someZ;
    private final MatrixView[] someDz;
    private final MatrixView[] someDx;
    private final MatrixView[][] states;
    /** Whether the run begins with a state of zero, which adds nothing to a product. */
    private boolean fromZero;

    private boolean goesDown;

    /** Whether the gradient with respect to the parameters is added to the numbers that are there, or replaces them. */
    boolean adds;

    private NetworkState dState;

    CellLayer(NetworkTape tape, int layer) {
        this.tape = tape;
        this.layer = layer;
        NetworkConfig config = tape.config();
        steps = tape.steps();
        int units = config.hidden();
        int inputs = config.inputs(layer);
        int rows = config.cell().gates().size() * units;
        double[] below = layer == 0 ? null : tape.hidden(layer - 1).data;
        int first = layer == 0 ? 0 : 1; // past h_-1
        states = new MatrixView[config.cell().states().size()][];
        for (int k = 0; k < states.length; k++) {
            states[k] = tape.views(tape.state(k, layer).data, 0, units, steps + 1);
        }
        x = tape.views(below, first, inputs, steps);
        h = states[0];
        gates = tape.views(tape.keptGates(layer).data, 0, rows, steps);
        double[] dGates = tape.dGates(layer).data;
        dz = tape.views(dGates, 0, rows, steps);
        dh = tape.dh;
        allX = tape.view(below, first, inputs, steps);
        allH = tape.view(tape.hidden(layer).data, 0, units, steps);
        allDz = tape.view(dGates, 0, rows, steps);
        someX = new MatrixView[steps];
        someZ = new MatrixView[steps];
        someDz = new MatrixView[steps];
        someDx = new MatrixView[steps];
        int stepsAtOnce = stepsAtOnce(config, layer);
        double[] dBelow = layer == 0 ? null : tape.dHidden.data; // in the memory of dh_t, which are no longer needed
        for (int t = 0; t < steps; t += stepsAtOnce) {
            int some = Math.min(stepsAtOnce, steps - t);
            someX[t] = tape.view(below, first + t, inputs, some);
            someZ[t] = tape.view(tape.keptGates(layer).data, t, rows, some);
            someDz[t] = tape.view(dGates, t, rows, some);
            someDx[t] = tape.view(dBelow, first + t, inputs, some);
        }
    }

    /**
     * The number of steps whose products with W_ih are computed at once: 1 if z_t and dz_t are worth more in the cache
     * than W_ih.
     */
    static int stepsAtOnce(NetworkConfig config, int layer) {
        return (long) config.gateRows() * config.inputs(layer) > MANY_WEIGHTS ? STEPS_AT_ONCE : 1;
    }

    /** Runs the layer over its steps. */
    abstract void forward(Kernel kernel, PackedWeights.Layer w, NetworkParameters.Layer p);

    /** The backward pass, from the last step to the first; adds the gradient with respect to the parameters to d. */
    abstract void backward(Kernel kernel, PackedWeights.Layer w, NetworkParameters.Layer p, NetworkParameters.Layer d);

    /** Another state than h: of step -1 at [0], of step t at [t + 1]. */
    final MatrixView[] states(int k) {
        return states[k];
    }

    /** The gradient with respect to that state in the current step. */
    final MatrixView dState(int k) {
        return tape.dStates[k];
    }

    /** Whether the gradient with respect to the state before step t is needed. */
    final boolean goesBackFrom(int t) {
        return t > 0 || dState != null;
    }

    /** (1) of a cell that sums the products. */
    final void preActivate(Kernel kernel, PackedWeights.Layer w, NetworkParameters.Layer p, int t) {
        MatrixView last = t == 0 && fromZero ? null : h[t];
        if (w.both != null) {
            kernel.affine(w.both, p.biasIh, p.biasHh, x[t], last, gates[t]); // (1)
            return;
        }
        readInput(kernel, w, p.biasIh, p.biasHh, t);
        if (last != null) {
            kernel.multiply(w.hh, last, gates[t]); // (1), W_hh h_(t-1)
        }
    }

    /** The part of (1) with x_t and the biases, for the steps that are computed at once, if t is the first of them. */
    final void readInput(Kernel kernel, PackedWeights.Layer w, double[] a, double[] b, int t) {
        if (someX[t] != null) {
            kernel.affine(w.ih, a, b, someX[t], null, someZ[t]); // (1), W_ih x_t
        }
    }

    /** (15), for the steps that are computed at once, if t is the first of them. */
    final void passDown(Kernel kernel, PackedWeights.Layer w, int t) {
        MatrixView dx = goesDown ? someDx[t] : null;
        if (dx == null) {
            return;
        }
        dx.setZero();
        boolean last = dx.offset() + dx.size() == tape.dHidden.getNumElements();
        if (layer > 0 && last && dState != null) { // the layer below has the final state's gradient, too
            NetworkState.load(dState, 0, layer - 1, dh[steps]);
        }
        kernel.multiply(w.ihTransposed, someDz[t], dx); // (15)
    }

    /** Begins a run with a state, null for zeros. */
    void start(NetworkState initial) {
        fromZero = initial == null;
        for (int k = 0; k < states.length; k++) {
            NetworkState.load(initial, k, layer, states[k][0]);
        }
    }

    /**
     * Begins a backward pass.
     *
     * @param dFinal the gradient with respect to the state after the last step, null for zeros
     * @param down whether the gradient with respect to the layer's input is needed
     * @param add whether the gradient with respect to the parameters is added to the numbers that are there, or replaces
     *     them
     */
    void startBackward(NetworkState dFinal, boolean down, boolean add) {
        adds = add;
        dState = dFinal;
        goesDown = down;
        for (int k = 1; k < states.length; k++) {
            NetworkState.load(dState, k, layer, dState(k));
        }
    }

    /** Ends a backward pass with the gradient with respect to the state before the first step. */
    void endBackward() {
        if (dState != null) {
            dState.store(0, layer, dh[0]);
            for (int k = 1; k < states.length; k++) {
                dState.store(k, layer, dState(k));
            }
        }
        dh[0].setZero(); // of the layer below: nothing arrives there from above
    }

    /** Copies the state after the last step. */
    void end(NetworkState state) {
        for (int k = 0; k < states.length; k++) {
            state.store(k, layer, states[k][steps]);
        }
    }

    /** Sets the features that the lowest layer reads. */
    void read(double[] features) {
        if (allX.data() != features) {
            allX.moveTo(features);
            for (int t = 0; t < steps; t++) {
                x[t].moveTo(features);
                if (someX[t] != null) {
                    someX[t].moveTo(features);
                }
            }
        }
    }

    /** Sets the array that receives the gradient with respect to the features. */
    void writeInputGradientTo(double[] dx) {
        for (MatrixView some : someDx) {
            if (some != null) {
                some.moveTo(dx);
            }
        }
    }
}
