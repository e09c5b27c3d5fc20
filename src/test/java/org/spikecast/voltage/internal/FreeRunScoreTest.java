package org.spikecast.voltage.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Scores of traces that are at -60 mV but for triangular spikes, whose crossings of 0 mV are known. */
class FreeRunScoreTest {
    private static final double SAMPLE = 0.1;

    /** From -60 to 40 mV and back in 10 samples each; 0 mV is crossed 6 samples after the start of the rise. */
    private static double[] trace(int samples, int... riseStarts) {
        double[] v = new double[samples];
        for (int k = 0; k < samples; k++) {
            v[k] = -60;
            for (int start : riseStarts) {
                int away = Math.abs(k - start - 10);
                if (away < 10) {
                    v[k] = 40 - 10 * away;
                }
            }
        }
        return v;
    }

    private static DMatrixRMaj columns(double[]... traces) {
        DMatrixRMaj m = new DMatrixRMaj(traces[0].length, traces.length);
        for (int s = 0; s < traces.length; s++) {
            for (int k = 0; k < traces[s].length; k++) {
                m.set(k, s, traces[s][k]);
            }
        }
        return m;
    }

    @Test
    void crossingsAreInterpolated() {
        assertArrayEquals(new double[] {1.6, 6.6}, FreeRunScore.spikeTimes(trace(200, 10, 60), SAMPLE), 1e-12);
        assertArrayEquals(
                new double[] {0.25}, FreeRunScore.spikeTimes(new double[] {-9, -9, -5, 5, 9, -1}, SAMPLE), 1e-15);
        assertEquals(0, FreeRunScore.spikeTimes(new double[] {5, 9, -9}, SAMPLE).length);
    }

    @Test
    void aPerfectForecastIsPerfect() {
        DMatrixRMaj truth = columns(trace(300, 20, 60, 100), trace(300, 10, 200));
        FreeRunScore score = FreeRunScore.of(truth, truth, SAMPLE, 10);
        assertEquals(30, score.rmse().length);
        assertArrayEquals(new double[30], score.rmse());
        assertEquals(30, score.validMs());
        assertEquals(2.5, score.trueSpikes());
        assertEquals(2.5, score.spikes());
        assertEquals(0, score.missed() + score.falseSpikes() + score.timingErrorMs() + score.orderedErrorMs());
        assertEquals(1, score.followed());
    }

    /** Intervals of 4 ms. The first start: late by 0.5 ms throughout; the second: one spike missing, one late by 2.5 ms. */
    @Test
    void lateMissedAndFalseSpikesAreCounted() {
        DMatrixRMaj truth = columns(trace(300, 20, 60, 100), trace(300, 20, 60, 100));
        DMatrixRMaj forecast = columns(trace(300, 25, 65, 105), trace(300, 20, 125));
        FreeRunScore score = FreeRunScore.of(truth, forecast, SAMPLE, 10);
        assertEquals(3, score.trueSpikes());
        assertEquals(2.5, score.spikes());
        assertEquals(1, score.missed()); // none, and two
        assertEquals(0.5, score.falseSpikes()); // none, and the late one
        assertEquals(3 * 0.5 / 4, score.timingErrorMs(), 1e-12);
        // Second start: 0 and 6.5 ms if matched from the left, 4 and 2.5 from the right; the median is of two.
        assertEquals((0.5 + 3.25) / 2, score.orderedErrorMs(), 1e-12);
        assertEquals(0.5, score.countExact());
        assertEquals(1, score.countWithinOne());
        assertEquals(0.5, score.followed());
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 1", "2, 5, 0", "3, 4, 0"})
    void aCountThatIsWrongByMoreThanOneIsNotFollowed(int trueSpikes, int spikes, double right) {
        int[] starts = {0, 30, 60, 90, 120};
        DMatrixRMaj truth = columns(trace(300, java.util.Arrays.copyOf(starts, trueSpikes)));
        DMatrixRMaj forecast = columns(trace(300, java.util.Arrays.copyOf(starts, spikes)));
        FreeRunScore score = FreeRunScore.of(truth, forecast, SAMPLE, 10);
        assertEquals(spikes == trueSpikes ? 1 : 0, score.countExact());
        assertEquals(Math.abs(spikes - trueSpikes) <= 1 ? 1 : 0, score.countWithinOne());
        // Three spikes in place and one too many are followed; so is silence.
        assertEquals(trueSpikes == 3 ? 1 : right, score.followed());
    }

    /** A true spike each in two of three starts: a forecast without any is right within one, and follows none of them. */
    @Test
    void aSilentForecastFollowsNoSpike() {
        DMatrixRMaj truth = columns(trace(300, 20), trace(300, 60), trace(300));
        FreeRunScore score = FreeRunScore.of(truth, columns(trace(300), trace(300), trace(300)), SAMPLE, 10);
        assertEquals(1, score.countWithinOne());
        assertEquals(1 / 3.0, score.followed());
        assertEquals(Double.NaN, score.timingErrorMs());
        assertEquals(Double.POSITIVE_INFINITY, score.orderedErrorMs());
        assertEquals("n/a", TraceReport.timing(Map.of("spikes", 0.0, "ordered_timing_error_ms", 0.0)));
        assertEquals("0.25", TraceReport.timing(Map.of("spikes", 0.5, "ordered_timing_error_ms", 0.25)));
    }

    @Test
    void errorsOfEachMillisecondArePooledOverStarts() {
        DMatrixRMaj truth = columns(new double[25], new double[25]);
        DMatrixRMaj forecast = columns(new double[25], new double[25]);
        for (int k = 10; k < 20; k++) {
            forecast.set(k, 0, 4);
        }
        FreeRunScore score = FreeRunScore.of(truth, forecast, SAMPLE, 1e9);
        assertArrayEquals(new double[] {0, Math.sqrt(8)}, score.rmse(), 1e-15); // half a millisecond is left over
        assertEquals(1, score.binMs());
        assertEquals(2.5, score.validMs(), 1e-12);
    }

    /** Errors of 4 from sample 100 on exceed 2 in the mean square over 50 samples after a quarter of them. */
    @Test
    void aForecastIsValidUntilItsErrorIsLargeForSomeTime() {
        double[] truth = new double[300];
        double[] forecast = new double[300];
        java.util.Arrays.fill(forecast, 100, 300, 4);
        assertEquals(112, FreeRunScore.validSamples(truth, forecast, 50, 2));
        assertEquals(300, FreeRunScore.validSamples(truth, forecast, 50, 5));
        assertEquals(100, FreeRunScore.validSamples(truth, forecast, 1, 0));
    }

    @Test
    void burstsAreThoseBetweenGaps() {
        double[] v = trace(2000, 100, 140, 400, 440, 480, 800, 840, 880, 1200);
        FreeRunScore score = FreeRunScore.of(columns(v), columns(trace(2000)), SAMPLE, 10);
        assertEquals(3, score.trueBursts()[0]);
        assertEquals(40, score.trueBursts()[1], 1e-9);
        assertTrue(Double.isNaN(score.bursts()[0]));
        assertEquals(Double.POSITIVE_INFINITY, score.orderedErrorMs());
        assertEquals(9, score.missed());
    }
}
