package org.spikecast.train;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.io.internal.Fingerprint;

/**
 * Puts channels on a common scale: (value - offset) / scale, channel by channel.
 *
 * @param offset the values that are subtracted
 * @param scale the divisors, never zero
 */
public record Scaling(double[] offset, double[] scale) {
    public Scaling {
        if (offset.length != scale.length) {
            throw new IllegalArgumentException(
                    "A scaling needs an offset and a scale per channel, got " + offset.length + " and " + scale.length);
        }
        for (int c = 0; c < scale.length; c++) {
            if (!Double.isFinite(offset[c]) || !Double.isFinite(scale[c]) || scale[c] == 0) {
                throw new IllegalArgumentException("Scaling of channel " + c + ": expected a finite offset and a finite"
                        + " scale other than 0, got " + offset[c] + " and " + scale[c]);
            }
        }
    }

    /**
     * The relative size of rounding errors: numbers whose relative difference is smaller count as equal.
     */
    public static final double ROUNDING = 0x1p-40;

    /** Adds offsets and scales to a fingerprint. */
    public void addTo(Fingerprint fingerprint) {
        fingerprint.add(offset).add(scale);
    }

    /** The identity. */
    public static Scaling identity(int channels) {
        double[] ones = new double[channels];
        Arrays.fill(ones, 1);
        return new Scaling(new double[channels], ones);
    }

    /**
     * To mean 0 and standard deviation 1 in the first {@code bins} bins of all the given series together; a channel that
     * never changes there, but for {@link #ROUNDING}, is only shifted.
     *
     * @param series each bins x channels
     */
    public static Scaling standard(DMatrixRMaj[] series, int bins) {
        double[] mean = mean(series, bins);
        double[] scale = variance(series, bins, mean);
        for (int c = 0; c < scale.length; c++) {
            scale[c] = rootOrOne(scale[c]);
        }
        return new Scaling(mean, scale);
    }

    /**
     * To mean 0, channel by channel, but with one scale for all, the root of the mean variance: a mean squared error
     * over all channels keeps its meaning up to a factor.
     *
     * @param series each bins x channels
     */
    public static Scaling centred(DMatrixRMaj[] series, int bins) {
        double[] mean = mean(series, bins);
        double[] scale = variance(series, bins, mean);
        double sum = 0;
        for (double v : scale) {
            sum += v;
        }
        Arrays.fill(scale, rootOrOne(sum / scale.length));
        return new Scaling(mean, scale);
    }

    private static double rootOrOne(double variance) {
        return variance > 0 ? Math.sqrt(variance) : 1;
    }

    /** The mean of each channel in the first {@code bins} bins of all series. */
    static double[] mean(DMatrixRMaj[] series, int bins) {
        int channels = series[0].numCols;
        double[] mean = new double[channels];
        for (DMatrixRMaj s : series) {
            for (int j = 0; j < bins * channels; j++) {
                mean[j % channels] += s.data[j];
            }
        }
        for (int c = 0; c < channels; c++) {
            mean[c] /= (double) bins * series.length;
        }
        return mean;
    }

    private static double[] variance(DMatrixRMaj[] series, int bins, double[] mean) {
        int channels = mean.length;
        double[] variance = new double[channels];
        double[] largest = new double[channels];
        for (DMatrixRMaj s : series) {
            for (int j = 0; j < bins * channels; j++) {
                int c = j % channels;
                double d = s.data[j] - mean[c];
                variance[c] += d * d;
                largest[c] = Math.max(largest[c], Math.abs(s.data[j]));
            }
        }
        for (int c = 0; c < channels; c++) {
            variance[c] /= (double) bins * series.length;
            if (variance[c] <= ROUNDING * largest[c] * ROUNDING * largest[c]) {
                variance[c] = 0; // constant but for rounding, which must not be scaled up
            }
        }
        return variance;
    }

    /** The scaled values: bins x channels. */
    public DMatrixRMaj apply(DMatrixRMaj values) {
        DMatrixRMaj scaled = new DMatrixRMaj(values.numRows, values.numCols);
        for (int j = 0; j < scaled.getNumElements(); j++) {
            scaled.data[j] = apply(j % channels(), values.data[j]);
        }
        return scaled;
    }

    /** The values that have been scaled to these: bins x (any number of times the channels). */
    public DMatrixRMaj invert(DMatrixRMaj scaled) {
        DMatrixRMaj values = new DMatrixRMaj(scaled.numRows, scaled.numCols);
        for (int j = 0; j < values.getNumElements(); j++) {
            values.data[j] = invert(j % scaled.numCols % channels(), scaled.data[j]);
        }
        return values;
    }

    /** The value of a channel that has been scaled to {@code scaled}. */
    public double invert(int channel, double scaled) {
        return offset[channel] + scale[channel] * scaled;
    }

    /** The value of a channel on the common scale. */
    public double apply(int channel, double value) {
        return (value - offset[channel]) / scale[channel];
    }

    /** The values of one channel on the common scale. */
    public double[] apply(int channel, double[] values) {
        double[] scaled = new double[values.length];
        for (int j = 0; j < scaled.length; j++) {
            scaled[j] = apply(channel, values[j]);
        }
        return scaled;
    }

    /** C, the number of channels. */
    public int channels() {
        return offset.length;
    }
}
