package org.spikecast.counts.internal;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Statistics of the activity of a ring of neurons, from spike counts in disjoint bins. Intervals between a neuron's
 * spikes are whole bins; neurons with fewer than {@value #LEAST_INTERVALS} of them are left out. With I an interval
 * and I' the one after it,
 *
 * <pre>{@code
 *   CV  = standard deviation of I / mean of I         CV2 = mean of 2 |I' - I| / (I' + I)
 *   Lv  = mean of 3 (I' - I)^2 / (I' + I)^2           Fano factor = variance / mean of the population's count in a window
 * }</pre>
 *
 * <p>A burst is a run of bins in which the population's count is above its mean by {@value #BURST_DEVIATIONS} times the root
 * of its mean, the standard deviation that independent neurons would give it; runs no more than {@value #BURST_GAP_MS} ms
 * apart are one.
 *
 * <p>Sources: G. R. Holt et al., J. Neurophysiol. 75:1806-1814 (1996), for CV2; S. Shinomoto et al., Neural Comput.
 * 15:2823-2842 (2003), for Lv; P. D. Welch, IEEE Trans. Audio Electroacoust. 15:70-73 (1967), for the spectrum.
 *
 * @param rateE spikes per second of an excitatory neuron
 * @param rateI the same of an inhibitory one
 * @param cv the mean over neurons, likewise cv2 and lv
 * @param fano by window, those of {@link #windowsMs}
 * @param correlation of two neurons' counts in windows of {@value #CORRELATION_MS} ms, mean over all pairs by the distance of
 *     their positions on the ring, up to {@value #FARTHEST}
 * @param spectrum of the population's count, over its mean: 1 for independent Poisson neurons; at multiples of
 *     {@link #frequencyStepHz}, from the first on
 * @param burstsPerSecond the rate of bursts
 * @param burstSize the mean number of spikes of a burst
 * @param burstSpacingMs the mean time from one burst's start to the next one's
 */
record PopulationStatistics(
        double rateE,
        double rateI,
        double cv,
        double cv2,
        double lv,
        double[] fano,
        double[] correlation,
        double[] spectrum,
        double burstsPerSecond,
        double burstSize,
        double burstSpacingMs) {
    private static final int LEAST_INTERVALS = 5;
    private static final double BURST_DEVIATIONS = 3;
    private static final double BURST_GAP_MS = 3;
    private static final double CORRELATION_MS = 5;
    private static final double[] WINDOWS_MS = {1, 10, 100};

    /** The largest distance, in positions: so that the number of pairs grows with the neurons, not with their square. */
    private static final int FARTHEST = 150;

    /** Bins of one segment of the spectrum. */
    private static final int SEGMENT = 256;

    /** The windows of the Fano factor. */
    static double[] windowsMs() {
        return WINDOWS_MS.clone();
    }

    /** The distance of the spectrum's frequencies. */
    static double frequencyStepHz(double binMs) {
        return 1000 / (SEGMENT * binMs);
    }

    /**
     * Computes the statistics of spike counts.
     *
     * @param counts bins x N, row-major; the first half of the neurons is excitatory
     */
    static PopulationStatistics of(double[] counts, int neurons, double binMs) {
        int bins = counts.length / neurons;
        double seconds = bins * binMs / 1000;
        double[] population = new double[bins];
        double spikesE = 0;
        double spikesI = 0;
        for (int j = 0; j < counts.length; j++) {
            population[j / neurons] += counts[j];
            if (j % neurons < neurons / 2) {
                spikesE += counts[j];
            } else {
                spikesI += counts[j];
            }
        }
        double[] irregularity = irregularity(counts, neurons);
        double[] fano = new double[WINDOWS_MS.length];
        Arrays.setAll(fano, i -> fano(population, (int) Math.max(1, Math.rint(WINDOWS_MS[i] / binMs))));
        double[] bursts = bursts(population, binMs);
        return new PopulationStatistics(
                spikesE / (neurons / 2) / seconds,
                spikesI / (neurons - neurons / 2) / seconds,
                irregularity[0],
                irregularity[1],
                irregularity[2],
                fano,
                correlation(counts, neurons, (int) Math.max(1, Math.rint(CORRELATION_MS / binMs))),
                spectrum(population),
                bursts[0] / seconds,
                bursts[1],
                bursts[2]);
    }

    /** CV, CV2 and Lv. */
    private static double[] irregularity(double[] counts, int neurons) {
        double[] sums = new double[3];
        int chosen = 0;
        int bins = counts.length / neurons;
        for (int a = 0; a < neurons; a++) {
            int last = -1;
            double before = 0;
            int intervals = 0;
            double sum = 0;
            double squares = 0;
            double cv2 = 0;
            double lv = 0;
            for (int bin = 0; bin < bins; bin++) {
                if (counts[bin * neurons + a] > 0) {
                    if (last >= 0) {
                        double interval = bin - last;
                        if (intervals > 0) {
                            double change = (interval - before) / (interval + before);
                            cv2 += 2 * Math.abs(change);
                            lv += 3 * change * change;
                        }
                        intervals++;
                        sum += interval;
                        squares += interval * interval;
                        before = interval;
                    }
                    last = bin;
                }
            }
            if (intervals >= LEAST_INTERVALS) {
                double mean = sum / intervals;
                sums[0] += Math.sqrt(Math.max(0, squares / intervals - mean * mean)) / mean;
                sums[1] += cv2 / (intervals - 1);
                sums[2] += lv / (intervals - 1);
                chosen++;
            }
        }
        for (int i = 0; i < 3; i++) {
            sums[i] /= chosen; // NaN if there are none
        }
        return sums;
    }

    private static double fano(double[] population, int window) {
        int windows = population.length / window;
        double sum = 0;
        double squares = 0;
        for (int w = 0; w < windows; w++) {
            double count = 0;
            for (int k = 0; k < window; k++) {
                count += population[w * window + k];
            }
            sum += count;
            squares += count * count;
        }
        double mean = sum / windows;
        return (squares / windows - mean * mean) / mean;
    }

    private static double[] correlation(double[] counts, int neurons, int window) {
        int windows = counts.length / neurons / window;
        int positions = neurons / 2;
        double[][] u = new double[neurons][windows];
        boolean[] varies = new boolean[neurons];
        for (int a = 0; a < neurons; a++) {
            double mean = 0;
            for (int w = 0; w < windows; w++) {
                for (int k = 0; k < window; k++) {
                    u[a][w] += counts[(w * window + k) * neurons + a];
                }
                mean += u[a][w] / windows;
            }
            double squares = 0;
            for (int w = 0; w < windows; w++) {
                u[a][w] -= mean;
                squares += u[a][w] * u[a][w];
            }
            varies[a] = squares > 1e-9;
            for (int w = 0; w < windows && varies[a]; w++) {
                u[a][w] /= Math.sqrt(squares);
            }
        }
        double[] sum = new double[Math.min(positions / 2, FARTHEST) + 1];
        int[] pairs = new int[sum.length];
        for (int a = 0; a < neurons; a++) {
            for (int b = 0; b < a; b++) {
                int gap = Math.abs(a % positions - b % positions);
                int distance = Math.min(gap, positions - gap);
                if (distance < sum.length && varies[a] && varies[b]) {
                    double dot = 0;
                    for (int w = 0; w < windows; w++) {
                        dot += u[a][w] * u[b][w];
                    }
                    sum[distance] += dot;
                    pairs[distance]++;
                }
            }
        }
        Arrays.setAll(sum, d -> sum[d] / pairs[d]);
        return sum;
    }

    /** Welch's: mean periodogram of segments that overlap by half, each without its mean, with a Hann window. */
    private static double[] spectrum(double[] population) {
        double[] power = new double[SEGMENT / 2];
        double[] cosine = new double[SEGMENT];
        double norm = 0;
        for (int k = 0; k < SEGMENT; k++) {
            cosine[k] = StrictMath.cos(2 * StrictMath.PI * k / SEGMENT);
            norm += (1 - cosine[k]) / 2 * (1 - cosine[k]) / 2;
        }
        double mean = 0;
        for (double count : population) {
            mean += count / population.length;
        }
        int segments = 0;
        double[] x = new double[SEGMENT];
        for (int first = 0; first + SEGMENT <= population.length; first += SEGMENT / 2) {
            double segmentMean = 0;
            for (int k = 0; k < SEGMENT; k++) {
                segmentMean += population[first + k] / SEGMENT;
            }
            for (int k = 0; k < SEGMENT; k++) {
                x[k] = (population[first + k] - segmentMean) * (1 - cosine[k]) / 2;
            }
            for (int f = 1; f <= power.length; f++) {
                double real = 0;
                double imaginary = 0;
                for (int k = 0; k < SEGMENT; k++) {
                    int phase = f * k % SEGMENT;
                    real += x[k] * cosine[phase];
                    imaginary += x[k] * cosine[(phase + SEGMENT * 3 / 4) % SEGMENT]; // sine
                }
                power[f - 1] += (real * real + imaginary * imaginary) / norm;
            }
            segments++;
        }
        for (int f = 0; f < power.length; f++) {
            power[f] /= segments * mean; // NaN if there are none
        }
        return power;
    }

    /** The number of bursts, their mean size and spacing. */
    private static double[] bursts(double[] population, double binMs) {
        double mean = 0;
        for (double count : population) {
            mean += count / population.length;
        }
        double threshold = mean + BURST_DEVIATIONS * Math.sqrt(mean);
        int bridged = (int) Math.rint(BURST_GAP_MS / binMs);
        int bursts = 0;
        double size = 0;
        int firstStart = -1;
        int lastStart = -1;
        int bin = 0;
        while (bin < population.length) {
            if (population[bin] > threshold) {
                int end = bin;
                for (int k = bin; k < population.length && k - end <= bridged; k++) {
                    end = population[k] > threshold ? k : end;
                }
                for (int k = bin; k <= end; k++) {
                    size += population[k];
                }
                firstStart = bursts == 0 ? bin : firstStart;
                lastStart = bin;
                bursts++;
                bin = end;
            }
            bin++;
        }
        return new double[] {
            bursts, size / bursts, bursts < 2 ? Double.NaN : (lastStart - firstStart) * binMs / (bursts - 1)
        };
    }

    /** All scalars and Fano factors, by name. */
    Map<String, Double> values() {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("rate_e_hz", rateE);
        values.put("rate_i_hz", rateI);
        values.put("cv", cv);
        values.put("cv2", cv2);
        values.put("lv", lv);
        for (int i = 0; i < fano.length; i++) {
            values.put("fano_" + (int) WINDOWS_MS[i] + "ms", fano[i]);
        }
        values.put("correlation_neighbours", correlation.length > 1 ? correlation[1] : Double.NaN);
        values.put("bursts_per_second", burstsPerSecond);
        values.put("burst_size", burstSize);
        values.put("burst_spacing_ms", burstSpacingMs);
        return values;
    }
}
