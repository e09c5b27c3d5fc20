package org.spikecast.counts.internal;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.counts.CountStream;
import org.spikecast.counts.Series;
import org.spikecast.kernel.Kernel;
import org.spikecast.run.Progress;

/**
 * The field's baseline for networks of spiking neurons: a generalised linear model (GLM) with coupling filters. The
 * expected count of neuron a in bin n follows from the bins before it,
 *
 * <pre>{@code
 *   (1)  mu_a(n)  = mean(eta_a(n))                           sigma for counts of 0 and 1, exp for others
 *   (2)  eta_a(n) = k + sum over channels c, lags l = 1 .. L of h_c(l) u_a,c(n - l) + messages (5)
 *   (3)  u_a,c    : its own counts; its own external events; the summed counts of its excitatory and of its inhibitory
 *                   presynaptic neighbours
 *   (4)  h_c(l)   = sum_j w_c,j b_j(l)                       b_j: raised cosines and single lags, see LagBasis
 * }</pre>
 *
 * <p>k and h are shared by the neurons of a type, excitatory or inhibitory. Where connections are unknown, every neuron has
 * filters of its own: of its own counts and external events, and of each other neuron's counts, on a coarse basis.
 *
 * <p>A message step adds forecasts of the neighbours. A model without this step forecasts bin n for all neurons; each
 * neuron receives the sums of these forecasts over its neighbours, and a new model with these sums among its features
 * is fitted:
 *
 * <pre>{@code
 *   (5)  sum_j m_j f_j,   f = q_E, q_I,      q_E,a(n) = sum over its excitatory neighbours b of mu'_b(n), q_I likewise
 * }</pre>
 *
 * <p>The weights maximise the log-likelihood less a ridge penalty ({@link NewtonRegression}), on features of about
 * variance 1. Fits to the training part (to the end of a long one) are compared by the likelihood of the validation
 * part, which chooses the penalty; the final fit is to both parts. Weights that neurons share are fitted to no more than
 * {@link Baselines#MOST_SHARED_CASES} cases.
 *
 * <p>Source: J. W. Pillow et al., Nature 454:995-999 (2008).
 */
public final class CoupledGlm {
    /** How far back the filters reach: five membrane time constants of 20 ms. */
    public static final double HISTORY_MS = 100;

    /** Lambda, from the largest to the smallest: each fit starts from the previous one. */
    private static final double[] PENALTIES = {1000, 100, 10, 1};

    /** Tolerances in nats: of fits that are compared, and of the final fit. */
    private static final double LOOSE = 1e-2;

    private static final double TIGHT = 1e-8;

    /**
     * Cases of a group that suffice to choose the penalty: as the precision of a prior, it does not depend on their
     * number.
     */
    private static final int MOST_CASES = 200_000;

    /**
     * Multiply-adds of one pass of Newton's method over all cases beyond which a fit with weights per neuron would
     * take many minutes.
     */
    private static final double MOST_WORK = 1e10;

    private final GlmDesign design;

    /** Per group of neurons that share weights: k of (2). */
    private final double[] constant;

    /** h of (2): per group and channel L values, lag l at index l - 1. */
    private final double[][][] filters;

    /** m of (5), per group. */
    private final double[][] messageWeights;

    /** The model whose forecasts are the messages; null without. */
    private final CoupledGlm sender;

    private final int parameters;
    private final double penalty;

    private CoupledGlm(GlmDesign design, GlmFit[] fits, double penalty, CoupledGlm sender) {
        this.penalty = penalty;
        this.design = design;
        this.sender = sender;
        constant = new double[fits.length];
        filters = new double[fits.length][][];
        messageWeights = new double[fits.length][];
        int p = sender == null ? 0 : sender.parameters;
        for (int g = 0; g < fits.length; g++) {
            constant[g] = fits[g].constant();
            filters[g] = fits[g].filters();
            messageWeights[g] = fits[g].messageWeights();
            p += fits[g].size();
        }
        parameters = p;
    }

    /**
     * Fits a model without messages to the bins before the test part.
     *
     * @param progress polled; an interruption ends the fit
     * @return null where there is none: values are not counts, bins overlap, the training part is shorter than the
     *     filters, or connections are unknown and a fit would take many minutes
     */
    public static CoupledGlm fit(Kernel kernel, Series series, Split split, Progress progress) {
        int lags = (int) Math.ceil(HISTORY_MS / series.slideMs() - 1e-9);
        if (!series.areCounts() || series.overlap() > 0 || lags + 1 >= split.trainEnd()) {
            return null;
        }
        GlmDesign design = GlmDesign.of(series, split, lags);
        double p = 1;
        for (int c = 0; c < design.channels(); c++) {
            p += design.basis(c).size();
        }
        if (series.connections() == null && p * p * split.validationEnd() * series.neurons() > MOST_WORK) {
            return null;
        }
        return fit(kernel, design, series, split, null, progress);
    }

    /**
     * Fits a model that receives this one's forecasts as messages.
     *
     * @param series the series that this model was fitted to, with the same split
     * @param progress polled; an interruption ends the fit
     * @return null where connections are unknown
     */
    public CoupledGlm withMessages(Kernel kernel, Series series, Split split, Progress progress) {
        return design.messages().length == 0 ? null : fit(kernel, design, series, split, this, progress);
    }

    private static CoupledGlm fit(
            Kernel kernel, GlmDesign design, Series series, Split split, CoupledGlm sender, Progress progress) {
        int bins = MOST_CASES / (series.neurons() / design.groups() + 1) + 1;
        int first = Math.max(design.lags(), split.trainEnd() - bins);
        int end = split.validationEnd();
        int from = Math.min(first, firstBin(design, end));
        DMatrixRMaj messages = sender == null ? null : sender.forecast(series, from, end, progress);
        GlmFit[] training = fits(design, series, messages, from, first, split.trainEnd());
        double[][] best = new double[training.length][];
        double most = Double.NEGATIVE_INFINITY;
        double penalty = PENALTIES[0];
        for (double candidate : PENALTIES) {
            for (GlmFit fit : training) {
                fit.maximise(kernel, candidate, LOOSE, progress);
            }
            CoupledGlm model = new CoupledGlm(design, training, candidate, sender);
            double value = model.logLikelihood(series, split.validationStart(), end, progress);
            if (value > most) {
                most = value;
                penalty = candidate;
                Arrays.setAll(best, g -> training[g].weights());
            }
        }
        GlmFit[] all = fits(design, series, messages, from, firstBin(design, end), end);
        for (int g = 0; g < all.length; g++) {
            all[g].startAt(training[g], best[g]);
            all[g].maximise(kernel, penalty, TIGHT, progress);
        }
        return new CoupledGlm(design, all, penalty, sender);
    }

    /** The first of the bins before {@code end} that the weights are fitted to. */
    static int firstBin(GlmDesign design, int end) {
        boolean shared = design.groups() < design.neurons();
        return Math.max(design.lags(), shared ? end - Baselines.MOST_SHARED_CASES / design.neurons() : 0);
    }

    private static GlmFit[] fits(
            GlmDesign design, Series series, DMatrixRMaj messages, int messagesFrom, int firstBin, int endBin) {
        GlmFit[] fits = new GlmFit[design.groups()];
        Arrays.setAll(fits, g -> new GlmFit(design, g, series, messages, messagesFrom, firstBin, endBin));
        return fits;
    }

    /** The log-likelihood of some bins of a series, in nats. */
    private double logLikelihood(Series series, int firstBin, int endBin, Progress progress) {
        DMatrixRMaj forecast = forecast(series, firstBin, endBin, progress);
        double sum = 0;
        for (int j = 0; j < forecast.getNumElements(); j++) {
            double mean = Math.max(forecast.data[j], 1e-12);
            mean = design.likelihood() == Likelihood.BERNOULLI ? Math.min(mean, 1 - 1e-12) : mean;
            sum += design.likelihood().logProbability(series.values().data[firstBin * series.neurons() + j], mean);
        }
        return sum;
    }

    /**
     * Forecasts the bins from {@code firstBin} to {@code endBin} - 1 of a series, by one pass over them and the L bins before.
     *
     * @param progress polled before each bin
     * @return bins x N
     */
    public DMatrixRMaj forecast(Series series, int firstBin, int endBin, Progress progress) {
        return Streams.forecast(stream(), series, Math.max(0, firstBin - lags()), firstBin, endBin, progress);
    }

    /** A new stream, which takes all bins before its first one to be silent. */
    public CountStream stream() {
        return new GlmStream(this);
    }

    /** L, the bins that the filters reach back. */
    public int lags() {
        return design.lags();
    }

    /** Its input. */
    GlmDesign design() {
        return design;
    }

    /** k of (2) of a neuron. */
    public double constant(int neuron) {
        return constant[design.group()[neuron]];
    }

    /** h of (2) of a neuron's channel: L values, lag l at index l - 1. Read only. */
    public double[] filter(int neuron, int channel) {
        return filters[design.group()[neuron]][channel];
    }

    /** m of (5) of a neuron; empty without messages. Read only. */
    public double[] messageWeights(int neuron) {
        return messageWeights[design.group()[neuron]];
    }

    /** The model whose forecasts are the messages; null without. */
    CoupledGlm sender() {
        return sender;
    }

    /** Lambda, the ridge penalty that was chosen. */
    public double penalty() {
        return penalty;
    }

    /** The number of weights, those of the senders included. */
    public int parameters() {
        return parameters;
    }
}
