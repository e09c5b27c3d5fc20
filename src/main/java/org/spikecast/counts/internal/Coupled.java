package org.spikecast.counts.internal;

import java.util.Arrays;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.internal.Elementary;
import org.spikecast.kernel.internal.MatrixView;
import org.spikecast.lstm.Network;
import org.spikecast.train.internal.BernoulliLoss;

/**
 * A network that forecasts the spikes of coupled neurons: each neuron has the same small network, which reads the
 * neuron's input through a {@link LeakyTrace} and optionally an LSTM, and exchanges messages with the networks of its
 * neighbours. After each bin it predicts the probability that the neuron spikes in the next one.
 *
 * <p>Forward. The features of a bin, in which the neuron spikes or not (c = 1 or 0) and counts X external events, E spikes of
 * its excitatory and I of its inhibitory neighbours; t is 1 for an excitatory neuron and 0 for an inhibitory one; u, v,
 * g, a are those of the trace:
 *
 * <pre>
 *  (1)  s = (c, X - mean X, E, I, t, a,
 *            max(10 (v - 0.85), -4), clip(10 (u - 0.95), -2, 3), 20 max(u - 1, 0), g - 1,      if there is a trace
 *            tanh(40 (v - 0.72 - 0.04 j)), j = 0 ... 7,                                        if it is read in fine steps
 *            y, the output of an LSTM that reads all of the above)                             if there is an LSTM
 * </pre>
 *
 * <p>Stage 0 is the readout of the features. In each message step k = 1 ... K a neuron sends m, receives q_E, the sum of m over
 * its excitatory neighbours, and q_I, that over its inhibitory ones, and improves its forecast:
 *
 * <pre>
 *  (2)  b_0 = tanh(W_0 s + d_0)
 *  (3)  z_0 = beta + o_0 b_0 + hats(v)
 *  (4)  m = (3 sigma(z_(k-1)), -log(1 - sigma(z_(k-1))), tanh(C_k b_(k-1) + e_k))
 *  (5)  of q_E and of q_I, the second element q is replaced by 1 - exp(-q)
 *  (6)  r = (q_E, q_I, t q_E, t q_I, b_(k-1), 0.3 z_(k-1))
 *  (7)  b_k = tanh(W_k s + V_k r + d_k)
 *  (8)  z_k = z_(k-1) + o_k b_k + hats(v, q_E, q_I)
 *  (9)  p = sigma(z_K)
 * </pre>
 *
 * <p>(5) is the probability that at least one of the neighbours spikes, if they do so independently. There are {@link
 * Hats} if the trace is read in fine steps.
 *
 * <p>Backward, from the last stage to the first; d... is the gradient of the loss with respect to ..., and each dz
 * starts as the gradient of the loss function itself:
 *
 * <pre>
 * (10)  db_k += o_k' dz_k        do_k += dz_k b_k'        dbeta += dz_0
 * (11)  dA_k, dv, dq_E and dq_I of the hats: (4) there
 * (12)  df = db_k (1 - b_k^2)    dW_k += df s'    dV_k += df r'    dd_k += df
 * (13)  ds += W_k' df            dr = V_k' df
 * (14)  of dq_E and of dq_I, the second element is multiplied by exp(-q);
 *       dm_b = the sum of dq_E, or dq_I if b inhibits, over the neurons that receive from b
 * (15)  dn = dm (1 - m^2)        dC_k += dn b_(k-1)'    de_k += dn          of the rows of the tanh
 * (16)  db_(k-1) = dr_b + C_k' dn
 * (17)  dz_(k-1) += dz_k + 0.3 dr_z + 3 dm_1 sigma (1 - sigma) + dm_2 sigma
 * (18)  dv, du, dg from ds by the derivatives of (1)
 * </pre>
 *
 * <p>Products of two column vectors are element by element, all others are matrix products; ' transposes.
 */
final class Coupled {
    private static final double SENT_PROBABILITY = 3;
    private static final double RECEIVED_LOGIT = 0.3;
    private static final double BASIS_SLOPE = 40;
    private static final double BASIS_FIRST = 0.72;
    private static final double BASIS_STEP = 0.04;

    private Coupled() {}

    /**
     * Runs the network over the bins that are loaded on the tape, whose weights are packed, and keeps its activations there.
     *
     * @param state before the first bin
     */
    static void forward(
            Kernel kernel, CoupledParameters p, Neighbours neighbours, CoupledState state, CoupledTape tape) {
        observe(kernel, p, neighbours, state, tape);
        for (int t = 0; t < tape.steps; t++) {
            for (int k = 0; k < p.stages.length; k++) {
                stage(kernel, p, neighbours, tape, k, t);
            }
        }
    }

    /** The stateful part of {@link #forward}: trace, features, LSTM. */
    static void observe(
            Kernel kernel, CoupledParameters p, Neighbours neighbours, CoupledState state, CoupledTape tape) {
        tape.setState(state);
        LeakyTrace.forward(p.config(), p.trace, neighbours, tape);
        for (int t = 0; t < tape.steps; t++) {
            features(kernel, p.config(), neighbours, tape, t);
        }
        if (p.lstm != null) {
            CoupledConfig config = p.config();
            int observed = config.observed() * tape.batch;
            int outputs = config.hidden() * tape.batch;
            int all = config.features() * tape.batch;
            for (int t = 0; t < tape.steps; t++) {
                System.arraycopy(tape.features, t * all, tape.lstm.x.data, t * observed, observed);
            }
            Network.forward(kernel, p.lstm, tape.lstm.x, state.lstm(), tape.lstm.tape);
            for (int t = 0; t < tape.steps; t++) {
                double[] y = tape.lstm.tape.output().data;
                System.arraycopy(y, t * outputs, tape.features, t * all + observed, outputs);
            }
        }
    }

    /** (1) without the LSTM. */
    private static void features(Kernel kernel, CoupledConfig config, Neighbours net, CoupledTape tape, int t) {
        int n = tape.batch;
        int now = t * n;
        int after = now + n;
        double[] s = tape.features;
        int row = t * config.features() * n;
        for (int j = 0; j < n; j++) {
            s[row + j] = Math.min(1, tape.count[now + j]);
            s[row + n + j] = tape.external[now + j] - config.meanExternal();
            s[row + 2 * n + j] = tape.excitatory[now + j];
            s[row + 3 * n + j] = tape.inhibitory[now + j];
            s[row + 4 * n + j] = 1 - net.type(j / tape.segments);
            s[row + 5 * n + j] = tape.a[after + j];
        }
        if (config.trace()) {
            row += CoupledConfig.PLAIN * n;
            for (int j = 0; j < n; j++) {
                double u = tape.u[now + j];
                s[row + j] = Math.max(10 * (tape.v[after + j] - 0.85), -4);
                s[row + n + j] = Math.max(-2, Math.min(10 * (u - 0.95), 3));
                s[row + 2 * n + j] = 20 * Math.max(u - 1, 0);
                s[row + 3 * n + j] = tape.g[after + j] - 1;
            }
        }
        if (config.fine()) {
            row += CoupledConfig.TRACE * n;
            for (int i = 0; i < CoupledConfig.BASIS; i++) {
                for (int j = 0; j < n; j++) {
                    s[row + i * n + j] = BASIS_SLOPE * (tape.v[after + j] - BASIS_FIRST - BASIS_STEP * i);
                }
            }
            kernel.tanh(tape.basis[t]);
        }
    }

    /** (2) to (9) of stage k and bin t. */
    private static void stage(
            Kernel kernel, CoupledParameters p, Neighbours neighbours, CoupledTape tape, int k, int t) {
        CoupledParameters.Stage w = p.stages[k];
        CoupledTape.Stage to = tape.stages[k];
        int n = tape.batch;
        if (k == 0) {
            Arrays.fill(to.logits, t * n, (t + 1) * n, p.bias.data[0]);
        } else {
            receive(kernel, p, neighbours, tape, k, t);
            System.arraycopy(tape.stages[k - 1].logits, t * n, to.logits, t * n, n);
        }
        kernel.affine(to.wv, w.d.data, null, tape.s[t], to.r[t], to.b[t]); // (2), (7)
        kernel.tanh(to.b[t]);
        kernel.multiply(to.o, to.b[t], to.z[t]); // (3), (8)
        if (p.config().fine()) {
            hats(p, neighbours, tape, k, t);
        }
        System.arraycopy(to.logits, t * n, to.probabilities, t * n, n);
        kernel.sigma(to.p[t]); // (9)
    }

    /** (4) to (6). */
    private static void receive(
            Kernel kernel, CoupledParameters p, Neighbours neighbours, CoupledTape tape, int k, int t) {
        CoupledTape.Stage below = tape.stages[k - 1];
        CoupledTape.Stage to = tape.stages[k];
        int n = tape.batch;
        int rows = p.config().message();
        int width = p.config().width();
        int z = t * n;
        int m = t * rows * n;
        for (int j = 0; j < n; j++) {
            to.messages[m + j] = SENT_PROBABILITY * below.probabilities[z + j]; // (4)
            to.messages[m + n + j] = BernoulliLoss.negativeLogLikelihood(below.logits[z + j], 0);
        }
        kernel.affine(to.c, p.stages[k].e.data, null, below.b[t], null, to.n[t]);
        kernel.tanh(to.n[t]);

        double[] r = to.received;
        int qE = to.r[t].offset();
        int qI = qE + rows * n;
        int tq = qI + rows * n;
        int rest = tq + 2 * rows * n;
        for (int i = 0; i < rows; i++) {
            neighbours.excitatory(tape.segments, to.messages, m + i * n, r, qE + i * n);
            neighbours.inhibitory(tape.segments, to.messages, m + i * n, r, qI + i * n);
        }
        for (int j = n; j < 2 * n; j++) {
            r[qE + j] = 1 - Elementary.exp(-r[qE + j]); // (5)
            r[qI + j] = 1 - Elementary.exp(-r[qI + j]);
        }
        for (int j = 0; j < 2 * rows * n; j++) {
            r[tq + j] = neighbours.type(j % n / tape.segments) == 0 ? r[qE + j] : 0; // (6)
        }
        System.arraycopy(below.hidden, t * width * n, r, rest, width * n);
        for (int j = 0; j < n; j++) {
            r[rest + width * n + j] = RECEIVED_LOGIT * below.logits[z + j];
        }
    }

    /** The hats' part of (3) or (8). */
    private static void hats(CoupledParameters p, Neighbours neighbours, CoupledTape tape, int k, int t) {
        CoupledTape.Stage to = tape.stages[k];
        double[] a = p.stages[k].hats.data;
        int n = tape.batch;
        int z = t * n;
        int v = (t + 1) * n;
        int qE = t * p.config().received() * n;
        int qI = qE + p.config().message() * n;
        for (int j = 0; j < n; j++) {
            int type = neighbours.type(j / tape.segments);
            if (k == 0) {
                to.logits[z + j] += Hats.value(a, type, tape.v[v + j]);
            } else {
                double x = to.received[qE + n + j];
                double x1 = to.received[qE + j] / SENT_PROBABILITY - x;
                double y = to.received[qI + n + j];
                double y1 = to.received[qI + j] / SENT_PROBABILITY - y;
                to.logits[z + j] += Hats.value(a, type, tape.v[v + j], x, x1, y, y1);
            }
        }
    }

    /**
     * Backpropagation through the run that is on the tape, whose dz and dl hold the gradient of the loss with respect
     * to the z of each stage and to the trace's l. The state before the first bin is a constant.
     *
     * @param gradient the gradient with respect to the parameters is added to it
     */
    static void backward(
            Kernel kernel, CoupledParameters p, Neighbours neighbours, CoupledTape tape, CoupledParameters gradient) {
        Arrays.fill(tape.dFeatures, 0);
        Arrays.fill(tape.du, 0);
        Arrays.fill(tape.dv, 0);
        for (int t = 0; t < tape.steps; t++) {
            tape.dbBelow.setZero();
            for (int k = p.stages.length - 1; k >= 0; k--) {
                stageBackward(kernel, p, neighbours, tape, k, t, gradient);
            }
        }
        if (p.lstm != null) {
            lstmBackward(kernel, p, tape, gradient);
        }
        if (p.trace != null) {
            for (int t = 0; t < tape.steps; t++) {
                featuresBackward(p.config(), tape, t);
            }
            LeakyTrace.backward(p.config(), p.trace, neighbours, tape, gradient.trace);
        }
    }

    /** (10) to (17) of stage k and bin t. */
    private static void stageBackward(
            Kernel kernel, CoupledParameters p, Neighbours net, CoupledTape tape, int k, int t, CoupledParameters to) {
        CoupledParameters.Stage d = to.stages[k];
        CoupledTape.Stage stage = tape.stages[k];
        MatrixView b = stage.b[t];
        MatrixView dz = stage.dz[t];
        double[] db = tape.db.data();
        System.arraycopy(tape.dbBelow.data(), 0, db, 0, db.length);
        kernel.multiply(stage.oTransposed, dz, tape.db); // (10)
        kernel.outerProducts(true, 1, dz, b, d.o.data, k == 0 ? to.bias.data : null);
        for (int j = 0; j < db.length; j++) {
            double y = stage.hidden[b.offset() + j];
            db[j] *= 1 - y * y; // (12); from here on it is df
        }
        double[] dv = k == 0 ? null : d.v.data;
        kernel.outerProducts(true, 1, tape.db, tape.s[t], d.w.data, stage.r[t], dv, d.d.data, null);
        kernel.multiply(stage.wTransposed, tape.db, tape.ds[t]); // (13)
        if (k > 0) {
            tape.dr.setZero();
            kernel.multiply(stage.vTransposed, tape.db, tape.dr); // (13)
        }
        if (p.config().fine()) {
            hatsBackward(p, net, tape, k, t, d.hats.data);
        }
        if (k > 0) {
            receiveBackward(kernel, p.config(), net, tape, k, t, d);
        }
    }

    /** (14) to (17). */
    private static void receiveBackward(
            Kernel kernel,
            CoupledConfig config,
            Neighbours neighbours,
            CoupledTape tape,
            int k,
            int t,
            CoupledParameters.Stage d) {
        CoupledTape.Stage below = tape.stages[k - 1];
        CoupledTape.Stage stage = tape.stages[k];
        int n = tape.batch;
        int rows = config.message();
        int width = config.width();
        int z = t * n;
        int m = t * rows * n;
        int r = stage.r[t].offset();
        int qI = rows * n;
        int tq = 2 * qI;
        int rest = 2 * tq;
        double[] dr = tape.dr.data();
        double[] dm = tape.dMessages;
        for (int j = 0; j < tq; j++) {
            dr[j] += neighbours.type(j % n / tape.segments) == 0 ? dr[tq + j] : 0; // (6)
        }
        for (int j = n; j < 2 * n; j++) {
            dr[j] *= 1 - stage.received[r + j]; // (14)
            dr[qI + j] *= 1 - stage.received[r + qI + j];
        }
        for (int i = 0; i < rows; i++) {
            neighbours.scatter(tape.segments, dr, i * n, qI + i * n, dm, i * n); // (14)
        }
        for (int j = 2 * n; j < rows * n; j++) {
            double y = stage.messages[m + j];
            dm[j] *= 1 - y * y; // (15)
        }
        kernel.outerProducts(true, 1, tape.dn, below.b[t], d.c.data, d.e.data); // (15)
        System.arraycopy(dr, rest, tape.dbBelow.data(), 0, width * n);
        kernel.multiply(stage.cTransposed, tape.dn, tape.dbBelow); // (16)
        for (int j = 0; j < n; j++) {
            double sigma = below.probabilities[z + j];
            below.dLogits[z + j] += stage.dLogits[z + j] // (17)
                    + RECEIVED_LOGIT * dr[rest + width * n + j]
                    + SENT_PROBABILITY * dm[j] * sigma * (1 - sigma)
                    + dm[n + j] * sigma;
        }
    }

    /** (11). */
    private static void hatsBackward(
            CoupledParameters p, Neighbours neighbours, CoupledTape tape, int k, int t, double[] da) {
        CoupledTape.Stage stage = tape.stages[k];
        double[] a = p.stages[k].hats.data;
        double[] d = tape.dHats;
        double[] dr = tape.dr.data();
        int n = tape.batch;
        int z = t * n;
        int v = (t + 1) * n;
        int qE = t * p.config().received() * n;
        int dqI = p.config().message() * n;
        for (int j = 0; j < n; j++) {
            int type = neighbours.type(j / tape.segments);
            if (k == 0) {
                tape.dv[z + j] += Hats.backward(a, type, tape.v[v + j], stage.dLogits[z + j], da);
            } else {
                double x = stage.received[qE + n + j];
                double x1 = stage.received[qE + j] / SENT_PROBABILITY - x;
                double y = stage.received[qE + dqI + n + j];
                double y1 = stage.received[qE + dqI + j] / SENT_PROBABILITY - y;
                Hats.backward(a, type, tape.v[v + j], x, x1, y, y1, stage.dLogits[z + j], da, d);
                tape.dv[z + j] += d[0];
                dr[j] += d[2] / SENT_PROBABILITY;
                dr[n + j] += d[1] - d[2];
                dr[dqI + j] += d[4] / SENT_PROBABILITY;
                dr[dqI + n + j] += d[3] - d[4];
            }
        }
    }

    private static void lstmBackward(Kernel kernel, CoupledParameters p, CoupledTape tape, CoupledParameters gradient) {
        int observed = p.config().observed() * tape.batch;
        int outputs = p.config().hidden() * tape.batch;
        int all = p.config().features() * tape.batch;
        CoupledTape.Lstm lstm = tape.lstm;
        for (int t = 0; t < tape.steps; t++) {
            System.arraycopy(tape.dFeatures, t * all + observed, lstm.dy.data, t * outputs, outputs);
        }
        Network.backward(kernel, p.lstm, lstm.x, lstm.tape, lstm.dy, gradient.lstm, lstm.dx, null);
        for (int t = 0; t < tape.steps; t++) {
            for (int j = 0; j < observed; j++) {
                tape.dFeatures[t * all + j] += lstm.dx.data[t * observed + j];
            }
        }
    }

    /** (18) of bin t. */
    private static void featuresBackward(CoupledConfig config, CoupledTape tape, int t) {
        int n = tape.batch;
        int now = t * n;
        double[] ds = tape.dFeatures;
        int row = (t * config.features() + CoupledConfig.PLAIN) * n;
        for (int j = 0; j < n; j++) {
            double u = tape.u[now + j];
            double ramp = 10 * (u - 0.95);
            tape.dv[now + j] += 10 * (tape.v[now + n + j] - 0.85) > -4 ? 10 * ds[row + j] : 0;
            tape.du[now + j] += ramp > -2 && ramp < 3 ? 10 * ds[row + n + j] : 0;
            tape.du[now + j] += u > 1 ? 20 * ds[row + 2 * n + j] : 0;
            tape.dg[now + j] = ds[row + 3 * n + j];
        }
        if (config.fine()) {
            row += CoupledConfig.TRACE * n;
            for (int i = 0; i < CoupledConfig.BASIS; i++) {
                for (int j = 0; j < n; j++) {
                    double y = tape.features[row + i * n + j];
                    tape.dv[now + j] += BASIS_SLOPE * (1 - y * y) * ds[row + i * n + j];
                }
            }
        }
    }
}
