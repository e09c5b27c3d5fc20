package org.spikecast.counts.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.spikecast.Tolerances;
import org.spikecast.counts.Form;
import org.spikecast.counts.Series;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.run.Progress;
import org.spikecast.train.Scaling;

class DataTest {
    /** Three neurons: 0 and 1 excitatory, 2 inhibitory; 0 -> 1, 2 -> 1, 1 -> 2, 0 -> 2. */
    private static final Connections CONNECTIONS =
            new Connections(3, new int[] {1, 1, 2, 2}, new int[] {0, 2, 1, 0}, new double[] {0.5, -0.2, 0.3, 0.3});

    private static Series series(int bins) {
        DMatrixRMaj values = new DMatrixRMaj(bins, 3);
        DMatrixRMaj external = new DMatrixRMaj(bins, 3);
        for (int bin = 0; bin < bins; bin++) {
            for (int a = 0; a < 3; a++) {
                values.set(bin, a, 100 * bin + a);
                external.set(bin, a, -100 * bin - a);
            }
        }
        return new Series(1, 1, values, external, CONNECTIONS);
    }

    @Test
    void fullFormShowsAllToAll() {
        Sequences s = Form.FULL.sequences(series(4));
        assertEquals(1, s.count());
        assertEquals(6, s.inputs());
        assertEquals(3, s.outputs());
        assertArrayEquals(new double[] {200, 201, 202, -200, -201, -202}, row(s.features(0), 2));
        assertArrayEquals(new double[] {200, 201, 202}, row(s.targets(0), 2));
    }

    @Test
    void sharedFormShowsEachNeuronItsNeighbourhood() {
        Sequences s = Form.SHARED.sequences(series(4));
        assertEquals(3, s.count());
        assertEquals(1, s.outputs());
        assertArrayEquals(new double[] {200, -200, 0, 0, 1}, row(s.features(0), 2));
        assertArrayEquals(new double[] {201, -201, 200, 202, 1}, row(s.features(1), 2));
        assertArrayEquals(new double[] {202, -202, 200 + 201, 0, 0}, row(s.features(2), 2));
        assertArrayEquals(new double[] {202}, row(s.targets(2), 2));
    }

    /** Constant, or constant up to rounding: nothing to explain, and nothing to scale up. */
    @Test
    void aConstantSeriesHasNoExplainedVariance() {
        for (double value : new double[] {0, 0.1, 14.62, -70.3}) {
            DMatrixRMaj values = new DMatrixRMaj(400, 2);
            for (int j = 0; j < 800; j++) {
                values.data[j] = j % 2 == 0 ? value : value * (1 + 1e-14 * (j % 3));
            }
            Series constant = new Series(1, 1, values, null, null);
            Split split = Split.byTime(400, 0, 0.2, 0.2);
            Scaling scaling = Scaling.standard(new DMatrixRMaj[] {values}, split.trainEnd());
            assertArrayEquals(new double[] {1, 1}, scaling.scale());
            Map<String, Score> scores = Baselines.fit(new ScalarKernel(), constant, split, 10, Progress.NONE)
                    .scores();
            for (String name : List.of("mean_rate", "last_value", "moving_average", "ridge", "shared_linear")) {
                Score score = scores.get(name);
                assertTrue(score.mse() <= 1e-24 * value * value, name + " of " + value + ": " + score.mse());
                assertTrue(Double.isNaN(score.explainedVariance()) && Double.isNaN(score.standardError()), name);
                assertTrue(Double.isNaN(score.perNeuron()[0]) && Double.isNaN(score.perNeuron()[1]), name);
            }
        }
        // Small beside the mean, but no rounding.
        DMatrixRMaj small = new DMatrixRMaj(400, 1);
        for (int j = 0; j < 400; j++) {
            small.data[j] = 1e6 + 1e-5 * (j % 2);
        }
        assertEquals(5e-6, Scaling.standard(new DMatrixRMaj[] {small}, 400).scale()[0], 1e-9);
    }

    /** 16 bins, half of them to test on: the moving average would begin before the series does. */
    @Test
    void aBaselineThatLooksBackTooFarIsAbsent() {
        Split split = Split.byTime(16, 0, 0.5, 0.2);
        Map<String, Score> scores = Baselines.fit(new ScalarKernel(), series(16), split, 3, Progress.NONE)
                .scores();
        assertNull(scores.get("moving_average"));
        assertTrue(Double.isFinite(scores.get("last_value").mse()));
    }

    @Test
    void bothFormsDoWithoutWhatIsUnknown() {
        Series bare = new Series(1, 1, series(4).values(), null, null);
        assertEquals(3, Form.FULL.sequences(bare).inputs());
        assertEquals(1, Form.SHARED.sequences(bare).inputs());
    }

    private static double[] row(DMatrixRMaj m, int row) {
        double[] values = new double[m.numCols];
        for (int c = 0; c < values.length; c++) {
            values[c] = m.get(row, c);
        }
        return values;
    }

    @Test
    void aWindowEndsJustBeforeItsTarget() {
        Sequences s = Form.FULL.sequences(series(9));
        DMatrixRMaj x = new DMatrixRMaj(3 * 6, 2);
        DMatrixRMaj y = new DMatrixRMaj(2 * 3, 2);
        s.copyWindow(0, 7, 3, x, 1);
        s.copyTargets(0, 7, 2, y, 1);
        assertEquals(400, x.get(0, 1));
        assertEquals(-402, x.get(5, 1));
        assertEquals(600, x.get(12, 1));
        assertEquals(0, x.get(12, 0));
        assertEquals(700, y.get(0, 1));
        assertEquals(802, y.get(5, 1));
    }

    @Test
    void windowsAreVisitedOnceEachAndForecastsPutInPlace() {
        Sequences s = Form.SHARED.sequences(series(700));
        DMatrixRMaj forecast = Windows.forecast(s, 5, 300, 690, Progress.NONE, x -> {
            // Persistence: feature 0 of the last step.
            DMatrixRMaj y = new DMatrixRMaj(1, Windows.BATCH);
            for (int c = 0; c < Windows.BATCH; c++) {
                y.set(0, c, x.get(4 * 5, c));
            }
            return y;
        });
        assertEquals(390, forecast.numRows);
        for (int bin = 300; bin < 690; bin++) {
            for (int a = 0; a < 3; a++) {
                assertEquals(100 * (bin - 1) + a, forecast.get(bin - 300, a));
            }
        }
    }

    @Test
    void splitKeepsTimeOrderAndPurgesWhatOverlaps() {
        Split disjoint = Split.byTime(3000, 0, 0.2, 0.125);
        assertEquals(new Split(2100, 2100, 2400, 2400, 3000), disjoint);
        assertEquals(600, disjoint.testBins());
        assertEquals(new Split(2100, 2104, 2400, 2404, 3000), Split.byTime(3000, 4, 0.2, 0.125));
        assertThrows(IllegalArgumentException.class, () -> Split.byTime(3, 0, 0.2, 0.125));
        assertThrows(IllegalArgumentException.class, () -> Split.byTime(3000, 0, 1, 0.125));
        assertThrows(IllegalArgumentException.class, () -> Split.byTime(3000, 0, 0.2, Double.NaN));
        disjoint.requireWindow(2099);
        assertThrows(IllegalArgumentException.class, () -> disjoint.requireWindow(2100));
        assertThrows(IllegalArgumentException.class, () -> disjoint.requireWindow(0));
    }

    @Test
    void overlapFollowsFromWidthAndSlide() {
        DMatrixRMaj one = new DMatrixRMaj(1, 1);
        assertEquals(0, new Series(1, 1, one, null, null).overlap());
        assertEquals(4, new Series(5, 1, one, null, null).overlap());
        assertEquals(2, new Series(0.3, 0.1, one, null, null).overlap());
    }

    @Test
    void scalingIsFittedToTheGivenBinsOnly() {
        DMatrixRMaj a = new DMatrixRMaj(new double[][] {{1, 5, 0.1}, {3, 5, 0.1}, {1000, 7, 9}});
        DMatrixRMaj b = new DMatrixRMaj(new double[][] {{5, 5, 0.1}, {7, 5, 0.1}, {-1000, 7, 9}});
        Scaling s = Scaling.standard(new DMatrixRMaj[] {a, b}, 2);
        assertArrayEquals(new double[] {4, 5, 0.1}, s.offset(), Tolerances.ROUND_TRIP);
        assertArrayEquals(new double[] {Math.sqrt(5), 1, 1}, s.scale(), Tolerances.ROUND_TRIP);
        assertEquals((1000 - 4) / Math.sqrt(5), s.apply(a).get(2, 0), 1000 * Tolerances.ROUND_TRIP);
        assertArrayEquals(a.data, s.invert(s.apply(a)).data, Tolerances.ROUND_TRIP * 1000);
        Scaling c = Scaling.centred(new DMatrixRMaj[] {a, b}, 2);
        assertArrayEquals(s.offset(), c.offset());
        assertArrayEquals(
                new double[] {Math.sqrt(5 / 3.0), Math.sqrt(5 / 3.0), Math.sqrt(5 / 3.0)},
                c.scale(),
                Tolerances.ROUND_TRIP);
        assertThrows(IllegalArgumentException.class, () -> new Scaling(new double[] {0}, new double[] {0}));
    }

    @Test
    void explainedVarianceIsPooledAgainstTheTrainingMean() {
        DMatrixRMaj target = new DMatrixRMaj(new double[][] {{0, 2}, {1, 4}});
        double[] mean = {0.5, 2};
        Score perfect = Score.of(target, target, mean);
        assertEquals(0, perfect.mse());
        assertEquals(1, perfect.explainedVariance());
        Score half = Score.of(target, new DMatrixRMaj(new double[][] {{0, 2}, {1, 3}}), mean);
        assertEquals(0.25, half.mse());
        assertEquals(1 - 1 / 4.5, half.explainedVariance());
        assertArrayEquals(new double[] {1, 0.75}, half.perNeuron());
        assertTrue(Double.isNaN(half.standardError()));
        DMatrixRMaj silent = new DMatrixRMaj(2, 1);
        assertTrue(Double.isNaN(Score.of(silent, silent, new double[] {0}).explainedVariance()));
    }

    @Test
    void standardErrorIsThatOfRepeatedDraws() {
        // 400 series of independent noise predicted by half of it: EV 0.5 and its spread over the series.
        RandomStream random = RandomStream.of(3, "score test");
        int trials = 400;
        double sum = 0;
        double squares = 0;
        double stated = 0;
        for (int trial = 0; trial < trials; trial++) {
            DMatrixRMaj target = new DMatrixRMaj(1000, 1);
            DMatrixRMaj forecast = new DMatrixRMaj(1000, 1);
            for (int bin = 0; bin < 1000; bin++) {
                double known = random.nextGaussian();
                target.set(bin, 0, known + random.nextGaussian());
                forecast.set(bin, 0, known);
            }
            Score score = Score.of(target, forecast, new double[] {0});
            sum += score.explainedVariance();
            squares += score.explainedVariance() * score.explainedVariance();
            stated += score.standardError();
        }
        double mean = sum / trials;
        double spread = Math.sqrt(squares / trials - mean * mean);
        assertEquals(0.5, mean, 0.005);
        assertEquals(1, stated / trials / spread, 0.1);
    }

    @Test
    void baselinesOfASeriesThatIsLinearInItsPast() {
        // A noisy decay towards a mean: shared linear finds it, the mean rate does not.
        RandomStream random = RandomStream.of(5, "baseline test");
        DMatrixRMaj values = new DMatrixRMaj(2000, 3);
        for (int bin = 1; bin < 2000; bin++) {
            for (int a = 0; a < 3; a++) {
                values.set(bin, a, 0.8 * values.get(bin - 1, a) + random.nextGaussian());
            }
        }
        Series series = new Series(1, 1, values, null, CONNECTIONS);
        Split split = Split.byTime(2000, 0, 0.2, 0.125);
        Map<String, Score> scores = Baselines.fit(new ScalarKernel(), series, split, 20, Progress.NONE)
                .scores();
        double ceiling = 0.64; // the variance that the last value explains
        assertEquals(0, scores.get("mean_rate").explainedVariance());
        assertEquals(ceiling, scores.get("shared_linear").explainedVariance(), 0.06);
        assertEquals(ceiling, scores.get("shared_linear_same_window").explainedVariance(), 0.06);
        assertEquals(ceiling, scores.get("ridge").explainedVariance(), 0.06);
        assertEquals(1 - 2 * (1 - 0.8), scores.get("last_value").explainedVariance(), 0.06);
    }

    @Test
    void refusesFaultyData() {
        DMatrixRMaj values = new DMatrixRMaj(2, 2);
        values.set(1, 0, Double.NaN);
        String message = assertThrows(IllegalArgumentException.class, () -> new Series(1, 1, values, null, null))
                .getMessage();
        assertEquals("Data must be finite numbers, got NaN in row 2, column 1", message);
        DMatrixRMaj good = new DMatrixRMaj(2, 2);
        assertThrows(IllegalArgumentException.class, () -> new Series(1, 1, good, new DMatrixRMaj(2, 3), null));
        assertThrows(IllegalArgumentException.class, () -> new Series(1, 1, good, null, CONNECTIONS));
        assertThrows(
                IllegalArgumentException.class,
                () -> new Connections(2, new int[] {2}, new int[] {0}, new double[] {1}));
        assertThrows(IllegalArgumentException.class, () -> Form.of("half"));
    }
}
