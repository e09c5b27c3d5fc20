package org.spikecast.counts.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.spikecast.counts.CountStream;
import org.spikecast.counts.Series;
import org.spikecast.kernel.RandomStream;
import org.spikecast.run.Progress;

class SameBinTest {
    private static final double FORECAST = 0.2;

    /** Two excitatory neurons, connected both ways. */
    private static final Connections PAIR = new Connections(2, new int[] {1, 0}, new int[] {0, 1}, new double[] {1, 1});

    private static final class Constant implements CountStream {
        @Override
        public int neurons() {
            return 2;
        }

        @Override
        public Likelihood likelihood() {
            return Likelihood.BERNOULLI;
        }

        @Override
        public void step(double[] counts, double[] external, double[] forecast) {
            Arrays.fill(forecast, FORECAST);
        }

        @Override
        public CountStream copy() {
            return this;
        }

        @Override
        public void copyStateFrom(CountStream other) {}
    }

    /** Neurons that spike only with an event of their own, and mostly both if one does. */
    private static void truth(RandomStream random, double[] external, double[] counts) {
        for (int a = 0; a < 2; a++) {
            external[a] = random.nextDouble() < 0.5 ? 1 : 0;
        }
        boolean both = random.nextDouble() < 0.4;
        for (int a = 0; a < 2; a++) {
            counts[a] = both && external[a] > 0 ? 1 : 0;
        }
    }

    private static double[] statistics(DMatrixRMaj counts, DMatrixRMaj external) {
        double[] s = new double[3];
        for (int bin = 0; bin < counts.numRows; bin++) {
            s[0] += (counts.get(bin, 0) + counts.get(bin, 1)) / 2 / counts.numRows;
            s[1] += counts.get(bin, 0) * counts.get(bin, 1) / counts.numRows;
            s[2] += counts.get(bin, 0) * (1 - external.get(bin, 0)) / counts.numRows;
        }
        return s;
    }

    @Test
    void drawsSpikesThatBelongToOneAnotherAndToTheirEvents() {
        RandomStream random = RandomStream.of(1, "same bin test");
        DMatrixRMaj counts = new DMatrixRMaj(20000, 2);
        DMatrixRMaj external = new DMatrixRMaj(20000, 2);
        double[] y = new double[2];
        double[] x = new double[2];
        for (int bin = 0; bin < 20000; bin++) {
            truth(random, x, y);
            System.arraycopy(y, 0, counts.data, 2 * bin, 2);
            System.arraycopy(x, 0, external.data, 2 * bin, 2);
        }
        Series series = new Series(1, 1, counts, external, PAIR);
        SameBin same = SameBin.of(new Constant(), series, Split.byTime(20000, 0, 0.2, 0.125), 1, Progress.NONE);
        DMatrixRMaj drawn = new DMatrixRMaj(20000, 2);
        for (int bin = 0; bin < 20000; bin++) {
            System.arraycopy(external.data, 2 * bin, x, 0, 2);
            same.draw(new double[] {FORECAST, FORECAST}, x, random, y);
            System.arraycopy(y, 0, drawn.data, 2 * bin, 2);
        }
        // Rate 0.2, both in 0.1 of the bins (0.04 if they were independent), none without an event.
        double[] expected = statistics(counts, external);
        double[] s = statistics(drawn, external);
        assertEquals(expected[0], s[0], 0.01);
        assertEquals(expected[1], s[1], 0.02);
        assertEquals(0, s[2], 0.01);
        assertEquals(0.1, expected[1], 0.01);
    }

    @Test
    void whereConnectionsAreUnknownNeuronsAreIndependent() {
        Series series = new Series(1, 1, new DMatrixRMaj(1000, 2), new DMatrixRMaj(1000, 2), null);
        SameBin same = SameBin.of(new Constant(), series, Split.byTime(1000, 0, 0.2, 0.125), 1, Progress.NONE);
        RandomStream random = RandomStream.of(2, "same bin test");
        double[] y = new double[2];
        double spikes = 0;
        for (int bin = 0; bin < 10000; bin++) {
            same.draw(new double[] {FORECAST, FORECAST}, new double[2], random, y);
            spikes += y[0] + y[1];
        }
        assertEquals(FORECAST, spikes / 20000, 0.01);
        assertTrue(same.weights(true)[0] == 1);
    }
}
