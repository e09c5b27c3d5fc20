package org.spikecast.counts.internal;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.train.Scaling;

/**
 * The values of C channels in every bin of S sequences. Whole numbers from 0 to 255, as spike counts and events are, take a
 * byte each; from the first other value on all take a double.
 */
final class Channels {
    private final int bins;
    private final int channels;

    /** Per sequence C x bins; null where values are doubles. */
    private byte[][] bytes;

    /** Per sequence bins x C; null where values are bytes. */
    private DMatrixRMaj[] matrices;

    /** All zero. */
    Channels(int sequences, int bins, int channels) {
        this.bins = bins;
        this.channels = channels;
        bytes = new byte[sequences][Math.multiplyExact(bins, channels)];
    }

    /** One matrix per sequence, bins x C, not copied. */
    Channels(DMatrixRMaj[] matrices) {
        this.bins = matrices[0].numRows;
        this.channels = matrices[0].numCols;
        this.matrices = matrices;
    }

    /** S. */
    int sequences() {
        return bytes == null ? matrices.length : bytes.length;
    }

    int bins() {
        return bins;
    }

    /** C. */
    int channels() {
        return channels;
    }

    double get(int sequence, int bin, int channel) {
        return bytes == null
                ? matrices[sequence].get(bin, channel)
                : Byte.toUnsignedInt(bytes[sequence][channel * bins + bin]);
    }

    void set(int sequence, int bin, int channel, double value) {
        int whole = (int) value & 0xff;
        if (bytes != null && Double.doubleToRawLongBits(whole) != Double.doubleToRawLongBits(value)) {
            widen();
        }
        if (bytes == null) {
            matrices[sequence].set(bin, channel, value);
        } else {
            bytes[sequence][channel * bins + bin] = (byte) whole;
        }
    }

    private void widen() {
        DMatrixRMaj[] wide = new DMatrixRMaj[bytes.length];
        Arrays.setAll(wide, s -> matrix(s, 0, bins, channels, null));
        matrices = wide;
        bytes = null;
    }

    /**
     * {@code count} bins of the first {@code first} channels of a sequence, count x first.
     *
     * @param scaling of the channels; null to leave them as they are
     */
    DMatrixRMaj matrix(int sequence, int firstBin, int count, int first, Scaling scaling) {
        DMatrixRMaj matrix = new DMatrixRMaj(count, first);
        copy(sequence, firstBin, count, first, scaling, matrix.data, 0, 1);
        return matrix;
    }

    /** The same into an array: the value of bin i and channel c goes to {@code at + (i first + c) stride}. */
    void copy(int sequence, int firstBin, int count, int first, Scaling scaling, double[] target, int at, int stride) {
        for (int c = 0; c < first; c++) {
            channel(sequence, c, firstBin, count, scaling, target, at + c * stride, first * stride);
        }
    }

    /** The same of one channel: the value of bin i goes to {@code at + i step}. */
    private void channel(
            int sequence, int c, int firstBin, int count, Scaling scaling, double[] target, int at, int step) {
        double offset = scaling == null ? 0 : scaling.offset()[c];
        double scale = scaling == null ? 1 : scaling.scale()[c]; // minus 0, divided by 1: no bit changes
        if (bytes == null) {
            double[] source = matrices[sequence].data;
            for (int i = 0, from = firstBin * channels + c; i < count; i++, from += channels) {
                target[at + i * step] = (source[from] - offset) / scale;
            }
        } else {
            byte[] source = bytes[sequence];
            for (int i = 0, from = c * bins + firstBin; i < count; i++, from++) {
                target[at + i * step] = ((source[from] & 0xff) - offset) / scale;
            }
        }
    }

    /**
     * Windows that each begin a bin after the one before, as adjacent columns: the value of step t and channel c of window w
     * goes to {@code at + (t first + c) stride + w}. Each value is scaled once, not once a window.
     *
     * @param firstBin the first bin of the first window
     * @param steps of each window
     */
    void copyWindows(
            int sequence,
            int firstBin,
            int steps,
            int windows,
            int first,
            Scaling scaling,
            double[] target,
            int at,
            int stride) {
        double[] values = new double[steps + windows - 1];
        for (int c = 0; c < first; c++) {
            channel(sequence, c, firstBin, values.length, scaling, values, 0, 1);
            for (int t = 0; t < steps; t++) {
                System.arraycopy(values, t, target, at + (t * first + c) * stride, windows);
            }
        }
    }
}
