package org.spikecast.counts.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.spikecast.kernel.RandomStream;

class PopulationStatisticsTest {
    @Test
    void ofRegularSpikes() {
        // Two neurons: one every 10 ms, one after 5 and 15 ms in turn.
        double[] counts = new double[2 * 1000];
        for (int bin = 0; bin < 1000; bin += 10) {
            counts[2 * bin] = 1;
        }
        for (int bin = 0; bin < 1000; bin += 20) {
            counts[2 * bin + 1] = 1;
            counts[2 * (bin + 5) + 1] = 1;
        }
        PopulationStatistics s = PopulationStatistics.of(counts, 2, 1);
        assertEquals(100, s.rateE(), 1e-12);
        assertEquals(100, s.rateI(), 1e-12);
        assertEquals((0 + 0.5) / 2, s.cv(), 2e-3); // 50 intervals of 5, 49 of 15
        assertEquals((0 + 1) / 2.0, s.cv2(), 1e-12);
        assertEquals((0 + 0.75) / 2, s.lv(), 1e-12);
        assertEquals(0, s.fano()[2], 1e-12); // each 100 ms hold 20 spikes
        // Population counts of 20 ms: 2, 1, 1 and 17 zeros: mean 0.2, mean square 0.3
        assertEquals((0.3 - 0.04) / 0.2, s.fano()[0], 1e-12);
    }

    @Test
    void ofPoissonNeurons() {
        RandomStream random = RandomStream.of(2, "statistics test");
        int n = 20;
        double[] counts = new double[n * 30000];
        for (int j = 0; j < counts.length; j++) {
            counts[j] = random.nextDouble() < 0.02 ? 1 : 0;
        }
        PopulationStatistics s = PopulationStatistics.of(counts, n, 1);
        assertEquals(20, s.rateE(), 0.5);
        // Of two geometric intervals: CV = sqrt(q), Lv = 1 - 2 p^2 / q^2 (q^2 / p + log p + q), p = 1 - q = 0.02.
        assertEquals(Math.sqrt(0.98), s.cv(), 0.03);
        assertEquals(1, s.cv2(), 0.04);
        assertEquals(0.9624, s.lv(), 0.033); // three standard errors
        for (double fano : s.fano()) {
            assertEquals(1, fano, 0.2);
        }
        for (double c : s.correlation()) {
            assertEquals(0, c, 0.02);
        }
        double mean = 0;
        for (double power : s.spectrum()) {
            assertEquals(1, power, 0.5);
            mean += power / s.spectrum().length;
        }
        assertEquals(0.98, mean, 0.03); // Bernoulli's variance is smaller by 1 - 0.02
    }

    @Test
    void ofCorrelatedPositions() {
        // Positions 0 and 1 of a ring of 4 spike together, the others alone.
        RandomStream random = RandomStream.of(3, "statistics test");
        double[] counts = new double[8 * 20000];
        for (int bin = 0; bin < 20000; bin++) {
            for (int a = 0; a < 8; a++) {
                counts[8 * bin + a] = random.nextDouble() < 0.05 ? 1 : 0;
            }
            counts[8 * bin + 1] = counts[8 * bin];
        }
        double[] c = PopulationStatistics.of(counts, 8, 1).correlation();
        assertEquals(3, c.length);
        assertEquals(0, c[0], 0.03); // E and I of one position
        assertEquals(1 / 16.0, c[1], 0.03); // of 16 pairs one is of equals
        assertEquals(0, c[2], 0.03);
    }

    @Test
    void ofBurstsThatRepeat() {
        // Every 64 bins 12 spikes in 4 bins, one of which is empty.
        double[] counts = new double[4 * 6400];
        for (int first = 10; first < 6400; first += 64) {
            for (int k : new int[] {0, 1, 3}) {
                for (int a = 0; a < 4; a++) {
                    counts[4 * (first + k) + a] = 1;
                }
            }
        }
        PopulationStatistics s = PopulationStatistics.of(counts, 4, 1);
        assertEquals(100 / 6.4, s.burstsPerSecond(), 1e-12);
        assertEquals(12, s.burstSize(), 1e-12);
        assertEquals(64, s.burstSpacingMs(), 1e-12);
        // The spectrum's line at 1000 / 64 Hz is the fourth.
        assertEquals(1000 / 64.0, 4 * PopulationStatistics.frequencyStepHz(1), 1e-12);
        double[] power = s.spectrum();
        assertTrue(power[3] > 10 * power[1] && power[3] > 10 * power[5]);
    }
}
