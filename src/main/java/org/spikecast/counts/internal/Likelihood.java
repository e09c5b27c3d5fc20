package org.spikecast.counts.internal;

import org.spikecast.kernel.internal.Elementary;
import org.spikecast.train.internal.BernoulliLoss;

/**
 * The distribution of a spike count y with mean mu, with the canonical link from the linear predictor eta to mu.
 */
public enum Likelihood {
    /** At most one spike per bin: mu = sigma(eta) is its probability. */
    BERNOULLI {
        @Override
        public double mean(double eta) {
            return Elementary.sigma(eta);
        }

        @Override
        public double link(double mean) {
            return Elementary.log(mean / (1 - mean));
        }

        @Override
        public double variance(double mean) {
            return mean * (1 - mean);
        }

        @Override
        public double logProbability(double y, double mean) {
            return y * Elementary.log(mean) + (1 - y) * Elementary.log(1 - mean);
        }

        @Override
        public double logLikelihood(double y, double eta) {
            return -BernoulliLoss.negativeLogLikelihood(eta, y);
        }
    },

    /** Any number of spikes per bin: mu = exp(eta). */
    POISSON {
        @Override
        public double mean(double eta) {
            return Elementary.exp(eta);
        }

        @Override
        public double link(double mean) {
            return Elementary.log(mean);
        }

        @Override
        public double variance(double mean) {
            return mean;
        }

        @Override
        public double logProbability(double y, double mean) {
            return y * Elementary.log(mean) - mean;
        }

        @Override
        public double logLikelihood(double y, double eta) {
            return y * eta - Elementary.exp(eta);
        }
    };

    /** mu, the expected count. */
    public abstract double mean(double eta);

    /** eta, the linear predictor whose mean is mu. */
    public abstract double link(double mean);

    /** The variance of the count; for canonical links also d mu / d eta. */
    public abstract double variance(double mean);

    /**
     * The logarithm of the probability of y, in nats, without the terms that do not depend on the mean, which is above 0
     * and, for {@link #BERNOULLI}, below 1.
     */
    public abstract double logProbability(double y, double mean);

    /** The same from the linear predictor eta, of any size. */
    public abstract double logLikelihood(double y, double eta);
}
