package org.spikecast.counts.internal;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.counts.Series;
import org.spikecast.kernel.Kernel;
import org.spikecast.run.Progress;

/** The regression of the neurons that share weights: its features, batch by batch, and its weights. */
final class GlmFit implements NewtonRegression.Cases {
    private static final int BATCH = 512;

    private final GlmDesign design;
    private final int[] members;
    private final Series series;
    private final DMatrixRMaj forecasts;
    private final int forecastsFrom;
    private final int firstBin;
    private final int endBin;
    private final LagBasis[] bases;
    private final int p;

    /** Per channel, then per message: shift and divisor, which give features a variance of about 1. */
    private final double[] mean;

    private final double[] scale;

    /** Of the features, channel by channel, then of the messages, then the constant. */
    private double[] weights;

    /**
     * A regression that starts with zero weights and the constant of the mean rate.
     *
     * @param group the group of neurons
     * @param forecasts bins x N, which are summed as messages; null without
     * @param forecastsFrom the bin of their first row
     * @param firstBin of the bins to fit to; at least L, so that the filters' past is complete
     * @param endBin the end of these bins
     */
    GlmFit(
            GlmDesign design,
            int group,
            Series series,
            DMatrixRMaj forecasts,
            int forecastsFrom,
            int firstBin,
            int endBin) {
        this.design = design;
        this.members = design.members(group);
        this.series = series;
        this.forecasts = forecasts;
        this.forecastsFrom = forecastsFrom;
        this.firstBin = firstBin;
        this.endBin = endBin;
        bases = new LagBasis[design.channels()];
        Arrays.setAll(bases, design::basis);
        int messages = forecasts == null ? 0 : design.messages().length;
        int features = messages + 1;
        for (LagBasis basis : bases) {
            features += basis.size();
        }
        p = features;
        mean = new double[bases.length + messages];
        scale = new double[bases.length + messages];
        weights = new double[p];
        if (members.length > 0) {
            standardise();
            startAtMeanRate();
        }
    }

    private void standardise() {
        int bins = endBin - firstBin;
        double[] u = new double[bins];
        double cases = (double) members.length * bins;
        for (int c = 0; c < mean.length; c++) {
            double sum = 0;
            double squares = 0;
            for (int a : members) {
                read(a, c, firstBin, bins, u);
                for (double value : u) {
                    sum += value;
                    squares += value * value;
                }
            }
            mean[c] = sum / cases;
            double variance = squares / cases - mean[c] * mean[c];
            boolean changes = variance > 1e-12 * squares / cases;
            scale[c] = changes ? Math.sqrt(variance) : 1;
        }
    }

    private void startAtMeanRate() {
        double spikes = 0;
        for (int a : members) {
            for (int bin = firstBin; bin < endBin; bin++) {
                spikes += series.values().get(bin, a);
            }
        }
        double cases = (double) members.length * (endBin - firstBin);
        // Half a count more and half a silent bin more than there are: no logarithm of 0.
        weights[p - 1] = design.likelihood().link((spikes + 0.5) / (Math.max(cases, spikes) + 1));
    }

    /** Some bins of a channel or, from {@code bases.length} on, of a message. */
    private void read(int a, int c, int firstBin, int bins, double[] u) {
        if (c >= bases.length) {
            design.sum(forecasts, a, design.messages()[c - bases.length], firstBin - forecastsFrom, bins, u);
        } else {
            design.sum(design.isExternal(c) ? series.external() : series.values(), a, c, firstBin, bins, u);
        }
    }

    /** P, the number of weights. */
    int size() {
        return p;
    }

    double[] weights() {
        return weights.clone();
    }

    /** Starts from the weights of a fit to fewer bins, with its features' scales. */
    void startAt(GlmFit fewer, double[] itsWeights) {
        System.arraycopy(fewer.mean, 0, mean, 0, mean.length);
        System.arraycopy(fewer.scale, 0, scale, 0, scale.length);
        weights = itsWeights.clone();
    }

    /** Moves the weights to the maximum of the penalised likelihood. */
    void maximise(Kernel kernel, double penalty, double tolerance, Progress progress) {
        if (members.length > 0) {
            weights = new NewtonRegression(kernel, design.likelihood(), p)
                    .fit(polling(progress), weights, penalty, tolerance);
        }
    }

    /** The gradient of the penalised likelihood at the weights. */
    double[] gradient(Kernel kernel, double penalty) {
        return new NewtonRegression(kernel, design.likelihood(), p).gradient(this, weights, penalty);
    }

    @Override
    public void forEach(NewtonRegression.Batch batch) {
        int lags = design.lags();
        double[] x = new double[p * BATCH];
        double[] y = new double[BATCH];
        double[] u = new double[lags + BATCH];
        for (int a : members) {
            for (int first = firstBin; first < endBin; first += BATCH) {
                int b = Math.min(BATCH, endBin - first);
                features(a, first, b, x, u);
                for (int i = 0; i < b; i++) {
                    y[i] = series.values().get(first + i, a);
                }
                batch.add(x, y, b);
            }
        }
    }

    /** The features of a neuron in b bins: P x b. */
    private void features(int a, int first, int b, double[] x, double[] u) {
        int lags = design.lags();
        int row = 0;
        for (int c = 0; c < bases.length; c++) {
            read(a, c, first - lags, lags + b - 1, u);
            for (int m = 0; m < lags + b - 1; m++) {
                u[m] /= scale[c];
            }
            for (int j = 0; j < bases[c].size(); j++) {
                Arrays.fill(x, (row + j) * b, (row + j + 1) * b, -mean[c] / scale[c] * bases[c].sum(j));
            }
            bases[c].filter(u, b, x, row, b);
            row += bases[c].size();
        }
        for (int c = bases.length; c < mean.length; c++, row++) {
            read(a, c, first, b, u);
            for (int i = 0; i < b; i++) {
                x[row * b + i] = (u[i] - mean[c]) / scale[c];
            }
        }
        Arrays.fill(x, row * b, (row + 1) * b, 1);
    }

    /** (4) of {@link CoupledGlm}: per channel L values, lag l at index l - 1. */
    double[][] filters() {
        double[][] filters = new double[bases.length][design.lags()];
        int row = 0;
        for (int c = 0; c < bases.length; c++) {
            for (int j = 0; j < bases[c].size() && members.length > 0; j++, row++) {
                for (int lag = 1; lag <= design.lags(); lag++) {
                    filters[c][lag - 1] += weights[row] / scale[c] * bases[c].value(j, lag);
                }
            }
        }
        return filters;
    }

    /** The weights of the messages. */
    double[] messageWeights() {
        double[] m = new double[mean.length - bases.length];
        for (int c = 0; c < m.length && members.length > 0; c++) {
            m[c] = weights[p - 1 - m.length + c] / scale[bases.length + c];
        }
        return m;
    }

    /** k of (2), for channels and messages that are not shifted. */
    double constant() {
        double k = weights[p - 1];
        double[][] filters = filters();
        for (int c = 0; c < bases.length; c++) {
            double sum = 0;
            for (double h : filters[c]) {
                sum += h;
            }
            k -= mean[c] * sum;
        }
        double[] m = messageWeights();
        for (int c = 0; c < m.length; c++) {
            k -= mean[bases.length + c] * m[c];
        }
        return k;
    }
}
