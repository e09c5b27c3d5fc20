package org.spikecast.counts.internal;

import org.spikecast.kernel.internal.Elementary;

/**
 * The basis of the filters of a {@link CoupledGlm}, functions of the lag l = 1 .. L in bins: the first D lags by
 * themselves, and K raised cosines in logarithmic time, which resolve recent bins finely and distant ones coarsely.
 *
 * <pre>{@code
 *   (1)  b_j(l) = (1 + cos(pi (x(l) - x_j) / (2 d))) / 2   where |x(l) - x_j| < 2 d,  else 0;      j = 0 .. K-1
 *   (2)  x(l) = log(l + 1),    x_j = x(D + 1) + j d,    d = (x(L + 1) - x(D + 1)) / (K + 1)
 * }</pre>
 *
 * Each function is divided by the root of its sum of squares, so that the feature that it makes of white noise of
 * variance 1 has variance 1.
 *
 * <p>Source: J. W. Pillow et al., Nature 454:995-999 (2008).
 */
final class LagBasis {
    private final int lags;
    private final double[][] values;
    private final int[] first;

    /**
     * A basis.
     *
     * @param lags L, at least D + 1 if there are cosines
     * @param single D, lags that have a function of their own
     * @param cosines K
     */
    LagBasis(int lags, int single, int cosines) {
        this.lags = lags;
        values = new double[single + cosines][];
        first = new int[single + cosines];
        for (int j = 0; j < single; j++) {
            first[j] = j + 1;
            values[j] = new double[] {1};
        }
        double from = x(single + 1);
        double d = (x(lags + 1) - from) / (cosines + 1); // (2)
        for (int j = 0; j < cosines; j++) {
            set(single + j, from + j * d, d);
        }
    }

    /** The basis for filters of which there are few: two single lags and nine cosines, fewer for short filters. */
    static LagBasis fine(int lags) {
        int single = Math.min(2, lags);
        return new LagBasis(lags, single, Math.min(9, lags - single));
    }

    /** The basis for filters of which there are many: three cosines. */
    static LagBasis coarse(int lags) {
        return new LagBasis(lags, 0, Math.min(3, lags));
    }

    private static double x(int lag) {
        return Elementary.log(lag + 1.0);
    }

    private void set(int j, double peak, double d) {
        double[] all = new double[lags + 1];
        int low = lags;
        int high = 1;
        double squares = 0;
        for (int lag = 1; lag <= lags; lag++) {
            double distance = Math.abs(x(lag) - peak);
            if (distance < 2 * d) {
                all[lag] = (1 + StrictMath.cos(StrictMath.PI * distance / (2 * d))) / 2; // (1)
                squares += all[lag] * all[lag];
                low = Math.min(low, lag);
                high = lag;
            }
        }
        first[j] = low;
        values[j] = new double[high - low + 1];
        for (int lag = low; lag <= high; lag++) {
            values[j][lag - low] = all[lag] / Math.sqrt(squares);
        }
    }

    /** L. */
    int lags() {
        return lags;
    }

    /** The number of functions, D + K. */
    int size() {
        return values.length;
    }

    /** The function's value at a lag. */
    double value(int function, int lag) {
        int at = lag - first[function];
        return at < 0 || at >= values[function].length ? 0 : values[function][at];
    }

    /** The sum of a function's values. */
    double sum(int function) {
        double sum = 0;
        for (double value : values[function]) {
            sum += value;
        }
        return sum;
    }

    /**
     * Filters a channel with every function: row j of x becomes sum over l of b_j(l) u(n - l), for the bins n of a batch.
     *
     * @param u the channel from L bins before the batch's first bin to one before its last: L + used - 1 values
     * @param used bins of the batch
     * @param x receives the rows, from {@code row} on, of {@code columns} columns
     */
    void filter(double[] u, int used, double[] x, int row, int columns) {
        for (int m = 0; m < lags + used - 1; m++) {
            if (u[m] != 0) {
                for (int j = 0; j < values.length; j++) {
                    // u[m] is m - L bins from the batch's first bin; at a lag of l it acts on bin m - L + l.
                    double[] b = values[j];
                    int bin = m - lags + first[j];
                    int from = Math.max(0, -bin);
                    int to = Math.min(b.length, used - bin);
                    int at = (row + j) * columns + bin;
                    for (int i = from; i < to; i++) {
                        x[at + i] += u[m] * b[i];
                    }
                }
            }
        }
    }
}
