package org.spikecast.counts.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spikecast.kernel.RandomStream;
import org.spikecast.train.Scaling;

/** Values stored as bytes have the same bits as in matrices, and so have values that do not fit a byte. */
class ChannelsTest {
    private static final int BINS = 7;
    private static final int CHANNELS = 3;

    /** The last value that is set: one that a byte holds, and others. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 1, 255, 256, -1, 0.5, -0.0, 1e300, 4294967296.0})
    void holdWhatTheyWereGiven(double last) {
        RandomStream random = RandomStream.of(1, "channels test");
        DMatrixRMaj[] plain = {new DMatrixRMaj(BINS, CHANNELS), new DMatrixRMaj(BINS, CHANNELS)};
        Channels channels = new Channels(2, BINS, CHANNELS);
        for (int j = 0; j < 2 * BINS * CHANNELS; j++) {
            double value = j == 2 * BINS * CHANNELS - 1 ? last : random.nextInt(256);
            plain[j % 2].data[j / 2] = value;
            channels.set(j % 2, j / 2 / CHANNELS, j / 2 % CHANNELS, value);
        }
        Scaling scaling = new Scaling(new double[] {0.3, 0, 7}, new double[] {1.7, 3, 0.1});
        Channels matrices = new Channels(plain);
        for (int s = 0; s < 2; s++) {
            assertBits(plain[s].data, channels.matrix(s, 0, BINS, CHANNELS, null).data);
            assertBits(scaling.apply(plain[s]).data, channels.matrix(s, 0, BINS, CHANNELS, scaling).data);
            assertBits(matrices.matrix(s, 2, 3, 2, scaling).data, channels.matrix(s, 2, 3, 2, scaling).data);
        }
    }

    @Test
    void copyIntoAColumn() {
        Channels channels = new Channels(1, BINS, CHANNELS);
        channels.set(0, 4, 1, 9);
        double[] batch = new double[2 * CHANNELS * 5];
        channels.copy(0, 3, 2, CHANNELS, null, batch, 2, 5);
        double[] expected = new double[batch.length];
        expected[(1 * CHANNELS + 1) * 5 + 2] = 9;
        assertArrayEquals(expected, batch);
    }

    /** Windows that are copied together have the bits of windows that are copied one by one. */
    @ParameterizedTest
    @ValueSource(doubles = {3, 0.5})
    void windowsTogetherAreThoseOneByOne(double last) {
        Channels channels = new Channels(2, BINS, CHANNELS);
        RandomStream random = RandomStream.of(1, "channels test");
        for (int j = 0; j < BINS * CHANNELS; j++) {
            channels.set(1, j / CHANNELS, j % CHANNELS, random.nextInt(256));
        }
        channels.set(1, BINS - 1, 0, last);
        Scaling scaling = new Scaling(new double[] {0.3, 0, 7}, new double[] {1.7, 3, 0.1});
        int windows = 4;
        int stride = 6;
        double[] expected = new double[3 * CHANNELS * stride];
        for (int w = 0; w < windows; w++) {
            channels.copy(1, 1 + w, 3, CHANNELS, scaling, expected, 2 + w, stride);
        }
        double[] actual = new double[expected.length];
        channels.copyWindows(1, 1, 3, windows, CHANNELS, scaling, actual, 2, stride);
        assertBits(expected, actual);
    }

    private static void assertBits(double[] expected, double[] actual) {
        assertEquals(expected.length, actual.length);
        for (int j = 0; j < expected.length; j++) {
            assertEquals(Double.doubleToRawLongBits(expected[j]), Double.doubleToRawLongBits(actual[j]));
        }
    }
}
