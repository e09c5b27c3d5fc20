package org.spikecast.train.internal;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.Elementary;
import org.spikecast.train.LossFunction;
import org.spikecast.train.Scaling;

/**
 * l(y, t) = exp(y) - t y, the negative log-likelihood of a count t with a Poisson distribution of mean exp(y), without
 * the term log(t!), which does not depend on y; as PyTorch's PoissonNLLLoss with log_input=True and full=False.
 */
public final class PoissonLoss extends LossFunction {
    @Override
    public String label() {
        return "poisson";
    }

    @Override
    public String title() {
        return "Poisson negative log-likelihood";
    }

    @Override
    protected double value(double output, double target) {
        return Elementary.exp(output) - target * output;
    }

    @Override
    protected double slope(double output, double target) {
        return Elementary.exp(output) - target;
    }

    @Override
    protected double curvature(double output, double target) {
        return Elementary.exp(output);
    }

    /** exp (u, p) = (exp u, p exp u), less t (u, p). */
    @Override
    protected double dual(double output, double change, double target) {
        return change * Elementary.exp(output) - target * change;
    }

    @Override
    public double inverseLink(double output) {
        return Elementary.exp(output);
    }

    @Override
    public Scaling scaling(DMatrixRMaj[] targets, int bins) {
        return Scaling.identity(targets[0].numCols);
    }

    /** The logarithm of the mean, which is clipped at half an event in all. */
    @Override
    protected double link(double mean, long count) {
        return Elementary.log(Math.max(mean, 0.5 / count));
    }

    /** Where exp(y) = t. */
    @Override
    public double least(double target) {
        return target == 0 ? 0 : target - target * Elementary.log(target);
    }

    @Override
    public boolean accepts(double target) {
        return target >= 0 && target < Double.POSITIVE_INFINITY;
    }

    @Override
    protected String expectation() {
        return "of 0 or more";
    }

    @Override
    protected String remedy() {
        return "it is for counts, mse takes any number";
    }

    @Override
    public double randomTarget(RandomStream stream) {
        return stream.nextInt(4);
    }

    @Override
    public String axis() {
        return "negative log-likelihood (nats per target)";
    }

    @Override
    public String caption() {
        return "Poisson negative log-likelihood, a mean over the targets in nats, without the term log(t!) of a count t,"
                + " on which no forecast has an influence.";
    }
}
