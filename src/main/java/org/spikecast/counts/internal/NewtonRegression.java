package org.spikecast.counts.internal;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.internal.MatrixView;
import org.spikecast.kernel.internal.PackedMatrix;
import org.spikecast.run.Progress;

/**
 * The regression of a generalised linear model with canonical link: the weights w that maximise the log-likelihood L of
 * the counts y less a ridge penalty, by Newton's method, which here is iteratively reweighted least squares.
 *
 * <pre>{@code
 *   (1)  eta = w' x,  mu = mean(eta)                        x: P features, the last of them the constant 1
 *   (2)  L(w) = sum over cases of log p(y | mu) - lambda/2 sum_j<P w_j^2       the constant is not penalised
 *   (3)  g = sum (y - mu) x - lambda w
 *   (4)  H = sum var(mu) x x' + lambda I                    the negative second derivative of L
 *   (5)  w <- w + s,  H s = g;   s is halved until L does not fall
 *   (6)  stop when g' s / 2, by which a quadratic L would still rise, is below the tolerance
 * }</pre>
 *
 * <p>Source: P. McCullagh, J. A. Nelder, Generalized Linear Models, 2nd edition, 1989, section 2.5.
 */
final class NewtonRegression {
    private static final int MOST_STEPS = 100;

    private final Kernel kernel;
    private final Likelihood likelihood;
    private final int p;

    // Sums over the cases of one pass, at the weights of the pass.
    private final PackedMatrix packed;
    private final DMatrixRMaj sums; // rows 0 .. P-1: H without the penalty; row P: g without it
    private double logLikelihood;
    private double[] eta = new double[0];
    private double[] weighted = new double[0];

    /** All cases, batch by batch; they can be visited many times. */
    @FunctionalInterface
    interface Cases {
        void forEach(Batch batch);

        /** The same cases, with progress polled before each batch. */
        default Cases polling(Progress progress) {
            return batch -> forEach((x, y, b) -> {
                progress.stopIfInterrupted();
                batch.add(x, y, b);
            });
        }
    }

    /** Takes one batch of cases. */
    @FunctionalInterface
    interface Batch {
        /**
         * Takes a batch.
         *
         * @param x P x B features, row-major; the last row is 1
         * @param y B counts
         */
        void add(double[] x, double[] y, int b);
    }

    NewtonRegression(Kernel kernel, Likelihood likelihood, int p) {
        this.kernel = kernel;
        this.likelihood = likelihood;
        this.p = p;
        packed = new PackedMatrix(1, p);
        sums = new DMatrixRMaj(p + 1, p);
    }

    /**
     * Finds the weights.
     *
     * @param start P weights to begin with
     * @param penalty lambda, 0 or more
     * @param tolerance of (6), in nats
     * @throws ArithmeticException if there is no maximum: H is singular, or the weights grow without bound
     */
    double[] fit(Cases cases, double[] start, double penalty, double tolerance) {
        double[] w = start.clone();
        double[] step = new double[p];
        double best = Double.NEGATIVE_INFINITY;
        for (int pass = 0; pass < MOST_STEPS; pass++) {
            double value = evaluate(cases, w, penalty);
            if (value >= best - 1e-12 * Math.abs(best)) { // near the maximum, rounding can make it fall
                best = value;
                double promised = newtonStep(w, penalty, step);
                for (int j = 0; j < p; j++) {
                    w[j] += step[j];
                }
                if (promised < tolerance) {
                    return w;
                }
            } else {
                for (int j = 0; j < p; j++) {
                    step[j] /= 2;
                    w[j] -= step[j]; // half of the step is undone
                }
            }
        }
        throw new ArithmeticException("Generalised linear model: no maximum of the likelihood after " + MOST_STEPS
                + " steps of Newton's method: raise the penalty, or give more data");
    }

    /** (1) to (4) for all cases; returns L. */
    private double evaluate(Cases cases, double[] w, double penalty) {
        packed.pack(w);
        sums.zero();
        logLikelihood = 0;
        cases.forEach(this::add);
        double value = logLikelihood;
        for (int j = 0; j < p - 1; j++) {
            value -= penalty / 2 * w[j] * w[j]; // (2)
        }
        return value;
    }

    private void add(double[] x, double[] y, int b) {
        if (eta.length < b) {
            eta = new double[b];
            weighted = new double[(p + 1) * b];
        }
        Arrays.fill(eta, 0, b, 0);
        kernel.multiply(packed, new MatrixView(x, p, b), new MatrixView(eta, 1, b)); // (1)
        int residual = p * b;
        for (int i = 0; i < b; i++) {
            double mu = likelihood.mean(eta[i]);
            logLikelihood += likelihood.logLikelihood(y[i], eta[i]);
            weighted[residual + i] = y[i] - mu;
            eta[i] = likelihood.variance(mu);
        }
        for (int j = 0; j < p; j++) {
            for (int i = 0; i < b; i++) {
                weighted[j * b + i] = eta[i] * x[j * b + i];
            }
        }
        // (4) and, in the last row, (3)
        kernel.outerProducts(true, 1, new MatrixView(weighted, p + 1, b), new MatrixView(x, p, b), sums.data, null);
    }

    /** (5) and (6): the step, and the rise of L that it predicts. */
    private double newtonStep(double[] w, double penalty, double[] step) {
        DMatrixRMaj h = new DMatrixRMaj(p, p);
        DMatrixRMaj g = new DMatrixRMaj(p, 1);
        for (int j = 0; j < p; j++) {
            for (int k = 0; k < p; k++) {
                h.set(j, k, (sums.get(j, k) + sums.get(k, j)) / 2); // rounding differs on the two sides
            }
            g.set(j, sums.get(p, j));
            if (j < p - 1) {
                h.add(j, j, penalty);
                g.add(j, 0, -penalty * w[j]);
            }
        }
        LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.symmPosDef(p);
        DMatrixRMaj s = new DMatrixRMaj(p, 1);
        DMatrixRMaj right = g.copy();
        if (!solver.setA(h)) {
            throw new ArithmeticException("Generalised linear model: the " + p + " x " + p
                    + " matrix of second derivatives is singular: raise the penalty, or give more data");
        }
        solver.solve(right, s);
        double promised = 0;
        for (int j = 0; j < p; j++) {
            if (!Double.isFinite(s.get(j))) {
                throw new ArithmeticException("Generalised linear model: Newton's method diverged");
            }
            step[j] = s.get(j);
            promised += g.get(j) * step[j] / 2;
        }
        return promised;
    }

    /** The gradient (3) at weights, for checks: zero at the maximum. */
    double[] gradient(Cases cases, double[] w, double penalty) {
        evaluate(cases, w, penalty);
        double[] g = new double[p];
        for (int j = 0; j < p; j++) {
            g[j] = sums.get(p, j) - (j < p - 1 ? penalty * w[j] : 0);
        }
        return g;
    }

    /** H of (4) at the weights of the last pass, without the penalty. */
    DMatrixRMaj information() {
        DMatrixRMaj h = new DMatrixRMaj(p, p);
        System.arraycopy(sums.data, 0, h.data, 0, p * p);
        return h;
    }
}
