package org.spikecast.voltage.internal;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.internal.Elementary;
import org.spikecast.lstm.Network;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkState;
import org.spikecast.lstm.NetworkTape;
import org.spikecast.lstm.PackedWeights;
import org.spikecast.train.internal.Pass;

/**
 * A free run of a {@link StepForm} with generalised teacher forcing, and backpropagation through all of it, the voltages
 * that the network reads back included (teacher forcing in part: Doya, ISCAS 1992; Hess, Monfared, Brenner and Durstewitz,
 * Generalized teacher forcing for learning chaotic dynamics, ICML 2023).
 *
 * <p>With the true voltage V_t, the error e_t of the voltage that is read and the network's output y_t:
 *
 * <pre>
 *  (1)  v_t = V_t + e_t                                        the voltage that is read
 *  (2)  d_t = e_t + decode(y_t) - (V_(t+1) - V_t)              the error of the next voltage
 *  (3)  e_(t+1) = (1 - a_t) d_t                                the part of it that stays; e_0 = 0
 *  (4)  L = mean over steps and sequences of rho(d_t / s_t, R) + rho(y_t - encode(V_(t+1) - v_t), M)
 *       rho(x, r) = r^2 log(1 + (x / r)^2)
 * </pre>
 *
 * <p>With a_t = 1, teacher forcing, the network reads the truth; a_t = 0 is a free run. s_t is the speed of the
 * voltage around t, so that d_t / s_t is an error of time, in ms: a spike that is a little late has a small error,
 * although its voltages are wrong by many mV. The second part of (4) is the error of the shape of spikes. Errors
 * beyond R = {@value #ROBUST_MS} ms and M = {@value #ROBUST_MISS} count for little more: otherwise the few runs that
 * have diverged would dominate the gradient. A run with an error above {@value #LOST_MS} ms has diverged and starts
 * again at the true voltage.
 */
public final class ForcedRun implements Pass {
    /** Rows of {@link #y} per step: the change of voltage V_(t+1) - V_t, s_t, or NaN where nothing is learned, and a_t. */
    static final int TARGETS = 3;

    /** R. */
    private static final double ROBUST_MS = 0.05;

    /** M. */
    private static final double ROBUST_MISS = 0.03;

    private static final double LOST_MS = 1.5;

    private final Kernel kernel;
    private final int steps;
    private final int width;
    private final double mvPerUnit;
    private final DMatrixRMaj x;
    private final DMatrixRMaj y;

    /** Per step the input that was read, and the activations. */
    private final DMatrixRMaj[] read;

    private final NetworkTape[] tapes;

    /** e_t of the current step; in the backward pass the gradient with respect to it. */
    private final double[] error;

    /** Steps x sequences: the factor of d_t in (3), d decode / dy, dL / d d. */
    private final DMatrixRMaj stays;

    private final DMatrixRMaj slope;
    private final DMatrixRMaj dWrong;

    /** Of the second part of (4): its derivative with respect to y_t, and the derivative of encode. */
    private final DMatrixRMaj dMissed;

    private final DMatrixRMaj encodeSlope;

    private final DMatrixRMaj dOutput;
    private final DMatrixRMaj dRead;
    private final NetworkState state;
    private final NetworkState dState;

    /**
     * A workspace for runs.
     *
     * @param steps T
     * @param width sequences
     * @param mvPerUnit mV of one unit of the voltage that the network reads
     */
    ForcedRun(Kernel kernel, NetworkConfig config, int steps, int width, double mvPerUnit, PackedWeights packed) {
        this.kernel = kernel;
        this.steps = steps;
        this.width = width;
        this.mvPerUnit = mvPerUnit;
        x = new DMatrixRMaj(steps * TraceForm.FEATURES, width);
        y = new DMatrixRMaj(steps * TARGETS, width);
        read = new DMatrixRMaj[steps];
        tapes = new NetworkTape[steps];
        for (int t = 0; t < steps; t++) {
            read[t] = new DMatrixRMaj(TraceForm.FEATURES, width);
            tapes[t] = new NetworkTape(config, 1, width, 1, packed);
        }
        error = new double[width];
        stays = new DMatrixRMaj(steps, width);
        slope = stays.createLike();
        dWrong = stays.createLike();
        dMissed = stays.createLike();
        encodeSlope = stays.createLike();
        dOutput = new DMatrixRMaj(1, width);
        dRead = read[0].createLike();
        state = NetworkState.zeros(config, width);
        dState = NetworkState.zeros(config, width);
    }

    /**
     * Passes over such runs. The features of a step are voltage and current. The targets of a step are three: V_(t+1) - V_t in
     * mV; s_t in mV/ms, or NaN where nothing is learned; a_t.
     *
     * @param steps T
     * @param mvPerUnit mV of one unit of the voltage that the network reads
     */
    public static Pass.Factory passes(Kernel kernel, NetworkConfig config, int steps, double mvPerUnit) {
        return (width, packed) -> new ForcedRun(kernel, config, steps, width, mvPerUnit, packed);
    }

    @Override
    public DMatrixRMaj x() {
        return x;
    }

    @Override
    public DMatrixRMaj y() {
        return y;
    }

    @Override
    public boolean goesDownToInput() {
        return true;
    }

    @Override
    public double evaluate(NetworkParameters p, NetworkState carried, double part, NetworkParameters gradient) {
        if (carried == null) {
            state.setZero();
        } else {
            state.copyFrom(carried);
        }
        Arrays.fill(error, 0);
        double loss = 0;
        for (int t = 0; t < steps; t++) {
            loss += forward(p, t);
        }
        if (carried != null) {
            carried.copyFrom(state);
        }
        double mean = part / ((double) steps * width);
        dState.setZero();
        gradient.set().setZero();
        Arrays.fill(error, 0);
        for (int t = steps - 1; t >= 0; t--) {
            backward(p, t, mean, gradient);
        }
        return mean * loss;
    }

    /** One step, (1) to (4); returns its part of the sum of losses. */
    private double forward(NetworkParameters p, int t) {
        double[] v = read[t].data;
        int row = t * width;
        for (int b = 0; b < width; b++) {
            v[b] = x.data[TraceForm.FEATURES * row + b] + error[b] / mvPerUnit; // (1)
            v[width + b] = x.data[TraceForm.FEATURES * row + width + b];
        }
        Network.forward(kernel, p, read[t], state, tapes[t]);
        tapes[t].copyFinalState(state);
        double loss = 0;
        for (int b = 0; b < width; b++) {
            int target = TARGETS * row + b;
            double decoded = StepForm.decode(tapes[t].output().data[b]);
            double wrong = error[b] + decoded - y.data[target]; // (2)
            double speed = y.data[target + width];
            double time = wrong / speed;
            boolean learned = !Double.isNaN(speed);
            boolean lost = Math.abs(time) > LOST_MS;
            slope.data[row + b] = StepForm.decodeSlope(decoded);
            stays.data[row + b] = lost ? 0 : 1 - y.data[target + 2 * width];
            dWrong.data[row + b] = learned ? rhoSlope(time, ROBUST_MS) / speed : 0;
            double wanted = y.data[target] - error[b];
            double missed = learned ? tapes[t].output().data[b] - StepForm.encode(wanted) : 0;
            dMissed.data[row + b] = rhoSlope(missed, ROBUST_MISS);
            encodeSlope.data[row + b] = StepForm.encodeSlope(wanted);
            loss += learned ? rho(time, ROBUST_MS) + rho(missed, ROBUST_MISS) : 0; // (4)
            error[b] = stays.data[row + b] * wrong; // (3)
        }
        return loss;
    }

    private static double rho(double x, double r) {
        return r * r * Elementary.log(1 + x / r * (x / r));
    }

    private static double rhoSlope(double x, double r) {
        return 2 * x / (1 + x / r * (x / r));
    }

    /** The backward pass through one step; {@link #error} holds dL / de_(t+1) before and dL / de_t afterwards. */
    private void backward(NetworkParameters p, int t, double scale, NetworkParameters gradient) {
        int row = t * width;
        for (int b = 0; b < width; b++) {
            error[b] = stays.data[row + b] * error[b] + scale * dWrong.data[row + b]; // dL / dd_t
            dOutput.data[b] = error[b] * slope.data[row + b] + scale * dMissed.data[row + b];
        }
        Network.backward(kernel, p, read[t], tapes[t], dOutput, gradient, dRead, dState);
        for (int b = 0; b < width; b++) {
            error[b] += dRead.data[b] / mvPerUnit + scale * dMissed.data[row + b] * encodeSlope.data[row + b];
        }
    }
}
