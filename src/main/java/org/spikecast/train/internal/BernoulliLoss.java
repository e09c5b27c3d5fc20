package org.spikecast.train.internal;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.Elementary;
import org.spikecast.train.LossFunction;
import org.spikecast.train.Scaling;

/**
 * l(y, t) = -t log sigma(y) - (1 - t) log sigma(-y), the negative log-likelihood of an event (t = 1) or none (t = 0) with
 * a Bernoulli distribution of mean sigma(y); t between them is a fraction of events. As PyTorch's BCEWithLogitsLoss.
 */
public final class BernoulliLoss extends LossFunction {
    @Override
    public String label() {
        return "bernoulli";
    }

    @Override
    public String title() {
        return "Bernoulli negative log-likelihood";
    }

    @Override
    protected double value(double output, double target) {
        return negativeLogLikelihood(output, target);
    }

    /**
     * -t log sigma(y) - (1 - t) log sigma(-y), in nats. -log sigma(-y) = log(1 + e^y) = max(y, 0) + log(1 + e^-|y|), which
     * neither overflows nor cancels, and -log sigma(y) is that less y.
     *
     * @param logit y
     * @param target t
     */
    public static double negativeLogLikelihood(double logit, double target) {
        double rest = log1p(Elementary.exp(-Math.abs(logit)));
        // With t = 1 and y > 0, y - t y is exactly 0.
        return Math.max(logit, 0) - target * logit + rest;
    }

    /**
     * log(1 + e) for e from 0 to 1, to some ulp: the rounding error of 1 + e is corrected to first order.
     *
     * <p>Source: W. Kahan's log1p, in its form with a correction; the second order is below 2^-106.
     */
    private static double log1p(double e) {
        double u = 1 + e;
        return Elementary.log(u) - ((u - 1) - e) / u;
    }

    @Override
    protected double slope(double output, double target) {
        // Not sigma(y) - t, which is 0 for an event that is nearly sure.
        return (1 - target) * Elementary.sigma(output) - target * Elementary.sigma(-output);
    }

    @Override
    protected double curvature(double output, double target) {
        return Elementary.sigma(output) * Elementary.sigma(-output);
    }

    /** With e = exp(-|y|), whose derivative is -e d|y|, and log(1 + e), whose derivative is de / (1 + e). */
    @Override
    protected double dual(double output, double change, double target) {
        boolean positive = output >= 0;
        double e = Elementary.exp(-Math.abs(output));
        double de = positive ? -change * e : change * e;
        return (positive ? change : 0) - target * change + de / (1 + e);
    }

    @Override
    public double inverseLink(double output) {
        return Elementary.sigma(output);
    }

    @Override
    public Scaling scaling(DMatrixRMaj[] targets, int bins) {
        return Scaling.identity(targets[0].numCols);
    }

    /** The logit of the mean, which is clipped at half an event in all, and at half an event below all. */
    @Override
    protected double link(double mean, long count) {
        double least = 0.5 / count;
        double p = Math.max(least, Math.min(1 - least, mean));
        return Elementary.log(p / (1 - p));
    }

    /** Where sigma(y) = t: the entropy of a fraction of events, 0 for 0 and 1. */
    @Override
    public double least(double target) {
        return entropy(target) + entropy(1 - target);
    }

    private static double entropy(double p) {
        return p == 0 ? 0 : -p * Elementary.log(p);
    }

    @Override
    public boolean accepts(double target) {
        return target >= 0 && target <= 1;
    }

    @Override
    protected String expectation() {
        return "from 0 to 1";
    }

    @Override
    protected String remedy() {
        return "take narrower bins, or poisson, which is for any count";
    }

    @Override
    public double randomTarget(RandomStream stream) {
        return stream.nextInt(2);
    }

    @Override
    public String axis() {
        return "negative log-likelihood (nats per target)";
    }

    @Override
    public String caption() {
        return "Bernoulli negative log-likelihood (cross-entropy), a mean over the targets in nats.";
    }
}
