package org.spikecast.counts.internal;

import static org.spikecast.train.internal.BernoulliLoss.negativeLogLikelihood;

import org.spikecast.kernel.internal.Elementary;

/**
 * The loss function of a {@link Coupled} network: the Bernoulli negative log-likelihood of whether a neuron spikes in the next
 * bin, y = 1 or 0, summed over bins and columns,
 *
 * <pre>
 *   scale (sum nll(z_K, y) + stages sum over k &lt; K of nll(z_k, y) + trace sum nll(l, c))
 *   nll(z, y) = log(1 + e^z) - y z          its derivative with respect to z is sigma(z) - y
 * </pre>
 *
 * where z_k are the logits of the stages and l that of the {@link LeakyTrace} for the spike c of the bin itself.
 *
 * @param scale of the whole
 * @param stages weight of the stages before the last one
 * @param trace weight of the trace's own likelihood
 */
public record CoupledLoss(double scale, double stages, double trace) {
    private static double nll(double[] z, double[] y) {
        double sum = 0;
        for (int j = 0; j < z.length; j++) {
            sum += negativeLogLikelihood(z[j], Math.min(1, y[j]));
        }
        return sum;
    }

    /** The last stage's part of the loss. */
    double forecast(CoupledTape tape, double[] target) {
        return scale * nll(tape.last().logits, target);
    }

    /** The trace's own loss alone. */
    double trace(CoupledTape tape) {
        return scale * trace * nll(tape.l, tape.count);
    }

    /** The loss. */
    double total(CoupledTape tape, double[] target) {
        double loss = forecast(tape, target) + trace(tape);
        for (int k = 0; k < tape.stages.length - 1; k++) {
            loss += scale * stages * nll(tape.stages[k].logits, target);
        }
        return loss;
    }

    /** Sets dz and dl on the tape. */
    void gradient(CoupledTape tape, double[] target) {
        for (CoupledTape.Stage stage : tape.stages) {
            double weight = scale * (stage == tape.last() ? 1 : stages);
            for (int j = 0; j < target.length; j++) {
                stage.dLogits[j] = weight * (stage.probabilities[j] - Math.min(1, target[j]));
            }
        }
        traceGradient(tape);
    }

    /** Sets dl on the tape. */
    void traceGradient(CoupledTape tape) {
        for (int j = 0; j < tape.l.length; j++) {
            tape.dl[j] = trace == 0 ? 0 : scale * trace * (Elementary.sigma(tape.l[j]) - Math.min(1, tape.count[j]));
        }
    }
}
