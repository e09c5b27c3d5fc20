package org.spikecast.voltage.internal;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.neuron.CellRecording;
import org.spikecast.neuron.internal.Bursts;

/**
 * Scores of free runs from many starts: of their voltages, their spikes (upward crossings of 0 mV, interpolated
 * between samples) and their bursts. Means are over starts.
 *
 * @param starts the number of starts
 * @param binMs time that one entry of {@code rmse} covers
 * @param rmse in mV, over all starts, bin by bin
 * @param validMs the median over starts of the time until the error first exceeds half the signal's standard deviation, as
 *     root mean square over {@value #VALID_WINDOW_MS} ms
 * @param trueSpikes spikes per start in truth
 * @param spikes in the forecast
 * @param missed true spikes with no forecast spike at less than half the start's shortest true interval
 * @param falseSpikes the reverse
 * @param timingErrorMs mean distance of the spikes matched in this way
 * @param orderedErrorMs the median over starts of the mean distance between the i-th spikes; where counts differ,
 *     those left over are at the beginning and the end, as fits best
 * @param countExact the fraction of starts whose number of spikes is the true one
 * @param countWithinOne the fraction of starts whose number of spikes is within one of the true one
 * @param followed the fraction of starts for which that holds and the ordered error is below half the shortest true
 *     interval
 * @param trueBursts spikes per burst and period in ms in truth, each NaN if no start has it
 * @param bursts in the forecast
 */
record FreeRunScore(
        int starts,
        double binMs,
        double[] rmse,
        double validMs,
        double trueSpikes,
        double spikes,
        double missed,
        double falseSpikes,
        double timingErrorMs,
        double orderedErrorMs,
        double countExact,
        double countWithinOne,
        double followed,
        double[] trueBursts,
        double[] bursts) {
    /** The window over which an error is averaged before it counts as too large. */
    public static final double VALID_WINDOW_MS = 5;

    private static final double SPIKE_LEVEL = CellRecording.SPIKE_LEVEL;

    /**
     * Scores forecasts.
     *
     * @param truth mV, samples x starts
     * @param forecast mV, of the same shape; its first sample is the one after what was observed
     * @param sampleMs the interval between samples
     * @param deviation the signal's standard deviation, mV
     */
    public static FreeRunScore of(DMatrixRMaj truth, DMatrixRMaj forecast, double sampleMs, double deviation) {
        int samples = truth.numRows;
        int starts = truth.numCols;
        int perBin = Math.max(1, (int) Math.rint(1 / sampleMs));
        double[] valid = new double[starts];
        double[] ordered = new double[starts];
        BurstMeans trueBursts = new BurstMeans();
        BurstMeans bursts = new BurstMeans();
        Counts sum = new Counts();
        for (int s = 0; s < starts; s++) {
            double[] v = column(truth, s);
            double[] f = column(forecast, s);
            valid[s] = validSamples(v, f, Math.max(1, (int) Math.rint(VALID_WINDOW_MS / sampleMs)), deviation / 2)
                    * sampleMs;
            double[] trueTimes = spikeTimes(v, sampleMs);
            double[] times = spikeTimes(f, sampleMs);
            double half = shortestInterval(trueTimes) / 2;
            ordered[s] = orderedError(trueTimes, times);
            boolean right = Math.abs(times.length - trueTimes.length) <= 1;
            sum.countExact += times.length == trueTimes.length ? 1 : 0;
            sum.add(trueTimes, times, half);
            sum.countWithinOne += right ? 1 : 0;
            boolean silent = times.length == 0 && trueTimes.length > 0; // follows nothing, however few there were
            sum.followed += right && !silent && ordered[s] < half ? 1 : 0;
            trueBursts.add(trueTimes);
            bursts.add(times);
        }
        return new FreeRunScore(
                starts,
                perBin * sampleMs,
                rmse(truth, forecast, perBin),
                median(valid),
                (double) sum.trueSpikes / starts,
                (double) sum.spikes / starts,
                (double) (sum.trueSpikes - sum.matched) / starts,
                (double) (sum.spikes - sum.matched) / starts,
                sum.distance / sum.matched,
                median(ordered),
                sum.countExact / starts,
                sum.countWithinOne / starts,
                sum.followed / starts,
                trueBursts.means(),
                bursts.means());
    }

    /** Sums over starts. */
    private static final class Counts {
        int trueSpikes;
        int spikes;
        int matched;
        double distance;
        double countExact;
        double countWithinOne;
        double followed;

        void add(double[] trueTimes, double[] times, double reach) {
            trueSpikes += trueTimes.length;
            spikes += times.length;
            int i = 0;
            int j = 0;
            while (i < trueTimes.length && j < times.length) {
                double d = times[j] - trueTimes[i];
                if (Math.abs(d) < reach) {
                    matched++;
                    distance += Math.abs(d);
                    i++;
                    j++;
                } else if (d < 0) {
                    j++;
                } else {
                    i++;
                }
            }
        }
    }

    private static final class BurstMeans {
        double perBurst;
        double period;
        int count;

        void add(double[] times) {
            Bursts b = Bursts.of(times, Bursts.LEAST_GAP_MS);
            if (b.count() > 0) {
                perBurst += b.spikesPerBurst();
                period += b.periodMs();
                count++;
            }
        }

        double[] means() {
            return new double[] {perBurst / count, period / count};
        }
    }

    private static double[] column(DMatrixRMaj m, int column) {
        double[] values = new double[m.numRows];
        for (int row = 0; row < values.length; row++) {
            values[row] = m.get(row, column);
        }
        return values;
    }

    private static double[] rmse(DMatrixRMaj truth, DMatrixRMaj forecast, int perBin) {
        int starts = truth.numCols;
        double[] rmse = new double[truth.numRows / perBin];
        for (int bin = 0; bin < rmse.length; bin++) {
            double sum = 0;
            for (int j = bin * perBin * starts; j < (bin + 1) * perBin * starts; j++) {
                double error = forecast.data[j] - truth.data[j];
                sum += error * error;
            }
            rmse[bin] = Math.sqrt(sum / ((double) perBin * starts));
        }
        return rmse;
    }

    /** The number of samples before the root mean square of the last {@code window} errors exceeds a bound. */
    static int validSamples(double[] truth, double[] forecast, int window, double bound) {
        double sum = 0;
        for (int k = 0; k < truth.length; k++) {
            sum += square(forecast[k] - truth[k]);
            if (k >= window) {
                sum -= square(forecast[k - window] - truth[k - window]);
            }
            if (sum > bound * bound * window) {
                return k;
            }
        }
        return truth.length;
    }

    private static double square(double x) {
        return x * x;
    }

    /** The times in ms at which a trace rises through 0 mV; its first sample is at time 0. */
    public static double[] spikeTimes(double[] voltage, double sampleMs) {
        double[] times = new double[voltage.length];
        int count = 0;
        for (int k = 1; k < voltage.length; k++) {
            double before = voltage[k - 1] - SPIKE_LEVEL;
            double after = voltage[k] - SPIKE_LEVEL;
            if (before < 0 && after >= 0) {
                times[count++] = (k - 1 + before / (before - after)) * sampleMs;
            }
        }
        return Arrays.copyOf(times, count);
    }

    /** Infinite if there are fewer than two spikes. */
    private static double shortestInterval(double[] times) {
        double shortest = Double.POSITIVE_INFINITY;
        for (int i = 1; i < times.length; i++) {
            shortest = Math.min(shortest, times[i] - times[i - 1]);
        }
        return shortest;
    }

    /** The mean distance of spikes in order; infinite if only one of the trains is empty, 0 if both are. */
    static double orderedError(double[] a, double[] b) {
        double[] less = a.length <= b.length ? a : b;
        double[] more = a.length <= b.length ? b : a;
        if (less.length == 0) {
            return more.length == 0 ? 0 : Double.POSITIVE_INFINITY;
        }
        double best = Double.POSITIVE_INFINITY;
        for (int shift = 0; shift <= more.length - less.length; shift++) {
            double sum = 0;
            for (int i = 0; i < less.length; i++) {
                sum += Math.abs(less[i] - more[i + shift]);
            }
            best = Math.min(best, sum / less.length);
        }
        return best;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int n = sorted.length;
        return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
    }
}
