package org.spikecast.counts.internal;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.counts.CountStream;
import org.spikecast.counts.Series;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.run.Progress;

/**
 * The joint distribution of the counts of a bin, given the past and the external events of the bin: an external event
 * may cause a spike at once, and a spike reaches its targets long before a bin of a millisecond ends. A forecast is
 * each neuron's expectation from the past alone. To draw a bin's counts jointly, external events come first, then the
 * neurons one after the other, in an order that is shuffled for each bin:
 *
 * <pre>{@code
 *   (1)  link(mu_a) = k + s link(f_a) + m_E e_a + m_I i_a + x_a (m_1 + m_2 link(f_a)) + m_3 X_a;   x = 1 if X > 0, else 0
 *   (2)  e_a = sum of y_b - f_b over the excitatory presynaptic neighbours b that have been drawn already; i_a likewise
 * }</pre>
 *
 * f are forecasts, y counts, X external events; k, s and m are fitted to the bins before the test part, no more than
 * {@link Baselines#MOST_SHARED_CASES} cases, for the neurons of each type, by {@link NewtonRegression}. Where connections are unknown, mu is f.
 */
final class SameBin {
    private static final int FEATURES = 7;

    /** Forecasts are clipped here, so that links are finite. */
    private static final double LEAST = 1e-6;

    /** Burn-in of a stream in bins, and the most bins that a fit of so few weights needs. */
    private static final int BURN_IN_BINS = 200;

    private static final int MOST_BINS = 20_000;

    /** Cases that a regression takes at once. */
    private static final int BATCH = 4096;

    private final Likelihood likelihood;
    private final boolean[] excitatory;

    /** By type of presynaptic neighbour, inhibitory first, and neuron: the neighbours. */
    private final int[][][] sources;

    /** By type of neuron, inhibitory first: s, m_E, m_I, m_1, m_2, m_3, k. */
    private final double[][] weights;

    private boolean fitted;

    /** The highest expected count that is drawn from: the exponential of a feedback would grow without bound. */
    private double highest = Double.POSITIVE_INFINITY;

    private final double[] x = new double[FEATURES];
    private final int[] order;

    /** y - f of (2), per neuron; 0 until the neuron has been drawn. */
    private final double[] surprise;

    private SameBin(Likelihood likelihood, Connections connections, int neurons) {
        this.likelihood = likelihood;
        excitatory = connections == null ? new boolean[neurons] : connections.excitatory();
        sources = new int[2][neurons][0];
        for (int e = 0; connections != null && e < connections.source().length; e++) {
            int b = connections.source()[e];
            int[][] ofType = sources[excitatory[b] ? 1 : 0];
            int a = connections.target()[e];
            ofType[a] = Arrays.copyOf(ofType[a], ofType[a].length + 1);
            ofType[a][ofType[a].length - 1] = b;
        }
        weights = new double[2][FEATURES];
        weights[0][0] = 1;
        weights[1][0] = 1;
        order = new int[neurons];
        surprise = new double[neurons];
    }

    /**
     * Fits the dependence to the bins before the test part.
     *
     * @param stream a new stream of the forecaster; it is not changed
     * @param progress polled; an interruption ends the fit
     */
    static SameBin of(CountStream stream, Series series, Split split, long seed, Progress progress) {
        SameBin same = new SameBin(stream.likelihood(), series.connections(), series.neurons());
        int end = split.validationEnd();
        int most = Math.min(MOST_BINS, Math.max(1, Baselines.MOST_SHARED_CASES / series.neurons()));
        int first = Math.max(Math.min(BURN_IN_BINS, end / 2), end - most);
        if (series.connections() != null) {
            DMatrixRMaj forecast = Streams.forecast(stream.copy(), series, 0, first, end, progress);
            same.fitted = true;
            same.highest = 1;
            for (int j = 0; j < end * series.neurons() && same.likelihood == Likelihood.POISSON; j++) {
                same.highest = Math.max(same.highest, 2 * series.values().data[j]);
            }
            same.fit(series, first, forecast, seed, true, progress);
            same.fit(series, first, forecast, seed, false, progress);
        }
        return same;
    }

    /**
     * Fits the weights of a type of neuron. The same orders are drawn again for each type, so that memory holds the
     * cases of one only.
     */
    private void fit(Series series, int firstBin, DMatrixRMaj forecast, long seed, boolean type, Progress progress) {
        int n = series.neurons();
        int members = 0;
        for (boolean each : excitatory) {
            members += each == type ? 1 : 0;
        }
        int size = Math.multiplyExact(forecast.numRows, members);
        if (size == 0) {
            return;
        }
        RandomStream random = RandomStream.of(seed, "same bin, orders");
        double[][] x = new double[FEATURES][size];
        double[] y = new double[size];
        int count = 0;
        double[] one = new double[FEATURES];
        double[] counts = new double[n];
        double[] external = new double[n];
        double[] f = new double[n];
        for (int bin = 0; bin < forecast.numRows; bin++) {
            progress.stopIfInterrupted();
            System.arraycopy(series.values().data, (firstBin + bin) * n, counts, 0, n);
            System.arraycopy(forecast.data, bin * n, f, 0, n);
            if (series.external() != null) {
                System.arraycopy(series.external().data, (firstBin + bin) * n, external, 0, n);
            }
            begin(random);
            for (int a : order) {
                if (excitatory[a] == type) {
                    features(a, external, f, one);
                    for (int j = 0; j < FEATURES; j++) {
                        x[j][count] = one[j];
                    }
                    y[count++] = counts[a];
                }
                surprise[a] = counts[a] - f[a];
            }
        }
        double[] start = weights[type ? 1 : 0];
        NewtonRegression.Cases cases = batch -> addAll(x, y, batch);
        weights[type ? 1 : 0] = new NewtonRegression(new ScalarKernel(), likelihood, FEATURES)
                .fit(cases.polling(progress), start, 1, 1e-6);
    }

    private static void addAll(double[][] x, double[] y, NewtonRegression.Batch batch) {
        double[] some = new double[FEATURES * BATCH];
        double[] targets = new double[BATCH];
        for (int first = 0; first < y.length; first += BATCH) {
            int b = Math.min(BATCH, y.length - first);
            for (int j = 0; j < FEATURES; j++) {
                System.arraycopy(x[j], first, some, j * b, b);
            }
            System.arraycopy(y, first, targets, 0, b);
            batch.add(some, targets, b);
        }
    }

    private void begin(RandomStream random) {
        Arrays.setAll(order, a -> a);
        random.shuffle(order);
        Arrays.fill(surprise, 0);
    }

    private double link(double f) {
        double most = likelihood == Likelihood.BERNOULLI ? 1 - LEAST : Double.POSITIVE_INFINITY;
        return likelihood.link(Math.max(LEAST, Math.min(most, f)));
    }

    /** The features of (1), given the counts that have been drawn. */
    private void features(int a, double[] external, double[] f, double[] x) {
        double any = external[a] > 0 ? 1 : 0;
        x[0] = link(f[a]);
        x[1] = surprises(sources[1][a]);
        x[2] = surprises(sources[0][a]);
        x[3] = any;
        x[4] = any * x[0];
        x[5] = external[a];
        x[6] = 1;
    }

    /** (2). */
    private double surprises(int[] neighbours) {
        double sum = 0;
        for (int b : neighbours) {
            sum += surprise[b];
        }
        return sum;
    }

    /** The weights of a type of neuron: s, m_E, m_I, m_1, m_2, m_3, k. */
    double[] weights(boolean type) {
        return weights[type ? 1 : 0].clone();
    }

    /**
     * Draws the counts of all neurons in a bin.
     *
     * @param forecast per neuron
     * @param external the bin's external events per neuron
     * @param counts receives them
     */
    void draw(double[] forecast, double[] external, RandomStream random, double[] counts) {
        begin(random);
        for (int a : order) {
            double[] w = weights[excitatory[a] ? 1 : 0];
            double mu = forecast[a];
            if (fitted) {
                features(a, external, forecast, x);
                double eta = 0;
                for (int j = 0; j < FEATURES; j++) {
                    eta += w[j] * x[j];
                }
                mu = Math.min(likelihood.mean(eta), highest);
            }
            counts[a] = likelihood == Likelihood.BERNOULLI
                    ? (random.nextDouble() < mu ? 1 : 0)
                    : mu > 0 ? random.nextPoisson(mu) : 0;
            surprise[a] = counts[a] - forecast[a];
        }
    }
}
