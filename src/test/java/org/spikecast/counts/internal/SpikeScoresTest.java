package org.spikecast.counts.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.spikecast.kernel.RandomStream;

class SpikeScoresTest {
    private static DMatrixRMaj column(double... values) {
        return new DMatrixRMaj(values.length, 1, true, values);
    }

    private static SpikeScores score(DMatrixRMaj target, DMatrixRMaj forecast, double rate) {
        return Score.of(target, forecast, new double[] {rate}).spikes();
    }

    @Test
    void ofTwoForecastsThatAreRight() {
        // Of four bins forecast at 1/4 one has a spike, of four at 3/4 three have.
        SpikeScores s =
                score(column(1, 0, 0, 0, 1, 1, 1, 0), column(0.25, 0.25, 0.25, 0.25, 0.75, 0.75, 0.75, 0.75), 0.5);
        double log2 = StrictMath.log(2);
        double own = 2 * (StrictMath.log(0.25) + 3 * StrictMath.log(0.75));
        assertEquals((own + 8 * log2) / 4 / log2, s.bitsPerSpike().value(), 1e-13);
        assertEquals(1 + own / (8 * log2), s.pseudoR2().value(), 1e-13);
        double poisson = StrictMath.log(0.5) + 3 * StrictMath.log(1.5); // expected counts are equal
        assertEquals(poisson / 4 / log2, s.poissonBits().value(), 1e-13);
        assertEquals(1, s.calibration().slope().value(), 1e-12);
        assertEquals(0, s.calibration().intercept().value(), 1e-12);
        assertEquals(0, s.calibration().error().value(), 1e-15);
        // Of 4 x 4 pairs 9 are in order, 6 tied.
        assertEquals(12 / 16.0, s.auc().value(), 1e-15);
        assertEquals(s.bitsPerSpike().value(), s.bitsPerNeuron()[0], 1e-13);
        assertTrue(Double.isNaN(s.auc().standardError())); // one block
    }

    @Test
    void ofTwoNeurons() {
        DMatrixRMaj target = new DMatrixRMaj(new double[][] {{0, 2}, {1, 4}});
        DMatrixRMaj forecast = new DMatrixRMaj(new double[][] {{0.5, 1}, {0.5, 3}});
        SpikeScores s = Score.of(target, forecast, new double[] {1, 2}).spikes();
        assertEquals(1 - 0.5 / 2.5, s.inTime().value(), 1e-15);
        assertEquals(1 - 1 / 3.125, s.overNeurons().value(), 1e-15);
        assertEquals(1 - (0.25 + 2.25) / (1 + 4), s.ofPopulation().value(), 1e-15);
    }

    @Test
    void isNullWhereItHasNoMeaning() {
        DMatrixRMaj target = column(0, 1, 0, 1);
        Map<String, Object> zero =
                Evaluation.json(Score.of(target, Prediction.ofValues(new DMatrixRMaj(4, 1)), new double[] {0.5}));
        for (String key : new String[] {"bits_per_spike", "pseudo_r2", "calibration_slope", "calibration_error"}) {
            assertTrue(zero.containsKey(key));
            assertNull(zero.get(key), key);
        }
        assertEquals(0.5, zero.get("auc"));
        Map<String, Object> halves = Evaluation.json(Score.of(column(0.5, 1), column(0.5, 1), new double[] {0.5}));
        assertNull(halves.get("auc"));
        assertTrue(halves.containsKey("bits_per_spike_per_neuron"));
        SpikeScores constant = score(target, column(0.5, 0.5, 0.5, 0.5), 0.5);
        assertEquals(0, constant.bitsPerSpike().value());
        assertTrue(Double.isNaN(constant.calibration().slope().value()));
        SpikeScores silent = score(column(0, 0), column(0.5, 0.4), 0.5);
        assertTrue(Double.isNaN(silent.auc().value())
                && Double.isNaN(silent.bitsPerSpike().value()));
    }

    @Test
    void keepsLinearForecastsToTheFloor() {
        SpikeScores s = score(column(1, 0, 0), column(-0.3, 0.1, 1.2), 0.5);
        double own = StrictMath.log(1e-4) + StrictMath.log(0.9) + StrictMath.log(1e-4);
        assertEquals(
                (own - 3 * StrictMath.log(0.5)) / StrictMath.log(2),
                s.bitsPerSpike().value(),
                1e-11);
    }

    /** Draws from right forecasts: the stated standard errors are those of repeated draws. */
    @Test
    void standardErrorsAndChanceAreThoseOfRepeatedDraws() {
        RandomStream random = RandomStream.of(8, "score test");
        int trials = 200;
        double[] sum = new double[5];
        double[] squares = new double[5];
        double[] stated = new double[5];
        double chance = 0;
        for (int trial = 0; trial < trials; trial++) {
            DMatrixRMaj target = new DMatrixRMaj(1500, 4);
            DMatrixRMaj forecast = new DMatrixRMaj(1500, 4);
            for (int j = 0; j < 6000; j++) {
                double u = random.nextDouble();
                forecast.data[j] = 0.02 + 0.3 * u * u * u;
                target.data[j] = random.nextDouble() < forecast.data[j] ? 1 : 0;
            }
            SpikeScores s = Score.of(target, forecast, new double[] {0.095, 0.095, 0.095, 0.095})
                    .spikes();
            Estimate[] all = {
                s.bitsPerSpike(),
                s.auc(),
                s.calibration().slope(),
                s.calibration().intercept(),
                s.inTime()
            };
            for (int i = 0; i < all.length; i++) {
                sum[i] += all[i].value();
                squares[i] += all[i].value() * all[i].value();
                stated[i] += all[i].standardError();
            }
            chance += s.calibration().error().value() / s.calibration().errorByChance();
        }
        for (int i = 0; i < sum.length; i++) {
            double mean = sum[i] / trials;
            double spread = Math.sqrt(squares[i] / trials - mean * mean);
            assertEquals(1, stated[i] / trials / spread, 0.15, "" + i); // the spread's own error is 5 %
        }
        assertEquals(1, sum[2] / trials, 0.02);
        assertEquals(0, sum[3] / trials, 0.04);
        assertEquals(1, chance / trials, 0.05);
    }

    @Test
    void branchesGiveTheOracleItsForecasts() {
        Oracle.Forecasts forecasts = new Oracle.Forecasts(1, 2, 4);
        forecasts.add(0, new int[] {1, 0});
        forecasts.add(1, new int[] {0, 0});
        forecasts.add(2, new int[] {1, 1});
        forecasts.add(3, new int[] {1, 0});
        forecasts.finish(0, new int[] {0, 0});
        Oracle.Scores scores = forecasts.score(new DMatrixRMaj(new double[][] {{1, 0}}), new double[] {0.5, 0.5});
        // Means 3/4 and 1/4, variances 1/4 each: (1/16 - 1/16) twice. Halves 1/2 and 1, 0 and 1/2: (1/2 0), (0 1/2).
        assertEquals(0, scores.corrected().mse(), 1e-15);
        assertEquals(0, scores.crossed().mse(), 1e-15);
        double log2 = StrictMath.log(2);
        double expected = (StrictMath.log(3.5 / 5) + StrictMath.log(1 - 1.5 / 5) + 2 * log2) / log2;
        assertEquals(expected, scores.corrected().spikes().bitsPerSpike().value(), 1e-13);
    }
}
