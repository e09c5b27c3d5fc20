package org.spikecast.counts.internal;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.internal.Elementary;
import org.spikecast.params.ParameterSet;

/**
 * A leaky trace of a neuron's input, with learned parameters: the membrane potential of a leaky integrate-and-fire
 * neuron as far as binned counts determine it. In bin n the neuron spikes (c = 1) or not (c = 0), and counts X
 * external events, E spikes of its excitatory and I of its inhibitory neighbours; w is the bin's width.
 *
 * <pre>
 *  (1)  delta = exp(-w / tau)     q_n = f X_n + w_E E_n - w_I I_n
 *  (2)  u_n = delta v_(n-1) + g_(n-1) q_n                               before a reset
 *  (3)  v_n = min(u_n, cap)   g_n = 1          if c = 0
 *       v_n = 0               g_n = gamma      if c = 1                 gamma: fraction of the next bin's input
 *  (4)  a_n = max(0.93 a_(n-1), c)                                      recent activity
 *  (5)  l_n = k (delta v_(n-1) + g_(n-1) f X_n - 1) + b_E E_n + b_I I_n + b_0
 * </pre>
 *
 * <p>sigma(l_n) is the probability of a spike in the same bin; it is no forecast, and serves to fit the trace before
 * and during the training of the network around it. tau, f, w_E, w_I and k are kept as logarithms and gamma as a
 * logit, one of each for excitatory and for inhibitory neurons.
 *
 * <p>Backward, from the last bin to the first; d... is the gradient of the loss with respect to ...:
 *
 * <pre>
 *  (6)  du_n += dv_n if c = 0 and u_n &lt; cap      dgamma += dg_n if c = 1     du, dv, dg start as the features' part
 *  (7)  de_n = k dl_n                              e_n = delta v_(n-1) + g_(n-1) f X_n
 *  (8)  dv_(n-1) += delta (du_n + de_n)            dg_(n-1) += q_n du_n + f X_n de_n
 *  (9)  ddelta += v_(n-1) (du_n + de_n)            df += g_(n-1) X_n (du_n + de_n)
 *       dw_E += g_(n-1) E_n du_n                   dw_I -= g_(n-1) I_n du_n
 * (10)  dk += (e_n - 1) dl_n    db_E += E_n dl_n    db_I += I_n dl_n    db_0 += dl_n
 * </pre>
 */
final class LeakyTrace {
    /** The decay of the activity a per bin. */
    static final double ACTIVITY = 0.93;

    private LeakyTrace() {}

    /** The parameters, or their gradient: vectors of two, for excitatory and inhibitory neurons. */
    static final class Parameters {
        final DMatrixRMaj logTau;
        final DMatrixRMaj logF;
        final DMatrixRMaj logWE;
        final DMatrixRMaj logWI;
        final DMatrixRMaj logitGamma;
        final DMatrixRMaj logK;
        final DMatrixRMaj bE;
        final DMatrixRMaj bI;
        final DMatrixRMaj b0;
        private final ParameterSet set;

        /** Zeros. */
        Parameters() {
            ParameterSet.Builder builder = new ParameterSet.Builder();
            logTau = builder.vector("trace.log_tau", 2);
            logF = builder.vector("trace.log_f", 2);
            logWE = builder.vector("trace.log_w_e", 2);
            logWI = builder.vector("trace.log_w_i", 2);
            logitGamma = builder.vector("trace.logit_gamma", 2);
            logK = builder.vector("trace.log_k", 2);
            bE = builder.vector("trace.b_e", 2);
            bI = builder.vector("trace.b_i", 2);
            b0 = builder.vector("trace.b_0", 2);
            set = builder.build();
        }

        ParameterSet set() {
            return set;
        }

        /** Sets the initial values: tau = 15 ms, f = w = 0.05, gamma = 0.5, k = 20, b = 0. */
        void initialise() {
            set.setZero();
            logTau.fill(Elementary.log(15));
            logF.fill(Elementary.log(0.05));
            logWE.fill(Elementary.log(0.05));
            logWI.fill(Elementary.log(0.05));
            logK.fill(Elementary.log(20));
        }
    }

    /** The parameters of one type of neuron, as in the equations; a tape owns them, so that a run allocates nothing. */
    static final class Values {
        private double tau;
        private double delta;
        private double f;
        private double wE;
        private double wI;
        private double gamma;
        private double k;
        private double bE;
        private double bI;
        private double b0;

        private void set(Parameters p, int type, double binMs) {
            tau = Elementary.exp(p.logTau.data[type]);
            delta = Elementary.exp(-binMs / tau); // (1)
            f = Elementary.exp(p.logF.data[type]);
            wE = Elementary.exp(p.logWE.data[type]);
            wI = Elementary.exp(p.logWI.data[type]);
            gamma = Elementary.sigma(p.logitGamma.data[type]);
            k = Elementary.exp(p.logK.data[type]);
            bE = p.bE.data[type];
            bI = p.bI.data[type];
            b0 = p.b0.data[type];
        }
    }

    /** Runs over the bins that are loaded on the tape, from the state in its row 0; without parameters, (4) alone. */
    static void forward(CoupledConfig config, Parameters p, Neighbours neighbours, CoupledTape tape) {
        for (int type = 0; type < 2; type++) {
            Values w = tape.trace;
            if (p != null) {
                w.set(p, type, config.binMs());
            }
            for (int column = 0; column < tape.batch; column++) {
                if (neighbours.type(column / tape.segments) == type) {
                    activity(tape, column);
                    if (p != null) {
                        forward(config, w, tape, column);
                    }
                }
            }
        }
    }

    private static void forward(CoupledConfig config, Values w, CoupledTape tape, int column) {
        double v = tape.v[column];
        double g = tape.g[column];
        for (int j = column; j < tape.count.length; j += tape.batch) {
            double q = w.f * tape.external[j] + w.wE * tape.excitatory[j] - w.wI * tape.inhibitory[j]; // (1)
            double e = w.delta * v + g * (w.f * tape.external[j]);
            tape.l[j] = w.k * (e - 1) + w.bE * tape.excitatory[j] + w.bI * tape.inhibitory[j] + w.b0; // (5)
            tape.u[j] = w.delta * v + g * q; // (2)
            boolean spike = tape.count[j] > 0;
            v = spike ? 0 : Math.min(tape.u[j], config.cap()); // (3)
            g = spike ? w.gamma : 1;
            tape.v[j + tape.batch] = v;
            tape.g[j + tape.batch] = g;
        }
    }

    private static void activity(CoupledTape tape, int column) {
        for (int j = column; j < tape.count.length; j += tape.batch) {
            tape.a[j + tape.batch] = Math.max(ACTIVITY * tape.a[j], Math.min(1, tape.count[j])); // (4)
        }
    }

    /**
     * Backpropagates the gradients of u, v, g (as features) and l on the tape to the parameters.
     *
     * @param gradient the gradient is added to it
     */
    static void backward(
            CoupledConfig config, Parameters p, Neighbours neighbours, CoupledTape tape, Parameters gradient) {
        for (int type = 0; type < 2; type++) {
            Values w = tape.trace;
            w.set(p, type, config.binMs());
            for (int column = 0; column < tape.batch; column++) {
                if (neighbours.type(column / tape.segments) == type) {
                    backward(config, w, tape, column, gradient, type);
                }
            }
        }
    }

    private static void backward(
            CoupledConfig config, Values w, CoupledTape tape, int column, Parameters to, int type) {
        double dDelta = 0, df = 0, dwE = 0, dwI = 0, dGamma = 0, dk = 0, dbE = 0, dbI = 0, db0 = 0;
        double dv = 0;
        double dg = 0;
        for (int j = tape.count.length - tape.batch + column; j >= 0; j -= tape.batch) {
            double x = tape.external[j];
            double excitatory = tape.excitatory[j];
            double inhibitory = tape.inhibitory[j];
            double v = tape.v[j]; // of the bin before, as g
            double g = tape.g[j];
            double du = tape.du[j];
            dv += tape.dv[j];
            dg += tape.dg[j];
            if (tape.count[j] > 0) {
                dGamma += dg; // (6)
            } else if (tape.u[j] < config.cap()) {
                du += dv; // (6)
            }
            double dl = tape.dl[j];
            double de = w.k * dl; // (7)
            dk += (w.delta * v + g * w.f * x - 1) * dl; // (10)
            dbE += excitatory * dl;
            dbI += inhibitory * dl;
            db0 += dl;
            dDelta += v * (du + de); // (9)
            df += g * x * (du + de);
            dwE += g * excitatory * du;
            dwI -= g * inhibitory * du;
            dv = w.delta * (du + de); // (8)
            dg = (w.f * x + w.wE * excitatory - w.wI * inhibitory) * du + w.f * x * de;
        }
        to.logTau.data[type] += dDelta * w.delta * config.binMs() / w.tau;
        to.logF.data[type] += df * w.f;
        to.logWE.data[type] += dwE * w.wE;
        to.logWI.data[type] += dwI * w.wI;
        to.logitGamma.data[type] += dGamma * w.gamma * (1 - w.gamma);
        to.logK.data[type] += dk * w.k;
        to.bE.data[type] += dbE;
        to.bI.data[type] += dbI;
        to.b0.data[type] += db0;
    }
}
