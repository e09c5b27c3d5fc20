package org.spikecast.voltage.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.run.Progress;
import org.spikecast.train.Scaling;

class BlockBaselinesTest {
    private static final Scaling SCALING = new Scaling(new double[] {-60, 1}, new double[] {20, 0.5});

    /** Oscillations about -60 mV of one frequency, damped or not, with the current as their offset. */
    private static Traces oscillations(int cells, int samples, long seed) {
        RandomStream random = RandomStream.of(seed, "baseline test");
        DMatrixRMaj v = new DMatrixRMaj(cells, samples);
        double[] current = new double[cells];
        for (int cell = 0; cell < cells; cell++) {
            current[cell] = 0.5 + random.nextDouble();
            double phase = 2 * Math.PI * random.nextDouble();
            for (int k = 0; k < samples; k++) {
                v.set(cell, k, -60 + 8 * current[cell] + 20 * StrictMath.sin(phase + 0.11 * k));
            }
        }
        return new Traces(0.1, current, v);
    }

    /** A sine with an offset follows a linear recursion of two terms and a constant: regression finds it to rounding. */
    @Test
    void regressionIsExactWhereTheTruthIsLinear() {
        BlockForm form = new BlockForm(6, 4, BlockForm.Order.REVERSED, BlockForm.Head.LAST);
        Traces test = oscillations(5, 200, 3);
        int[] starts = new BlockStarts(test, 6, 4).draw(300, RandomStream.of(1, "starts"));
        Map<String, BlockScore> scores = BlockBaselines.score(
                new ScalarKernel(),
                form,
                oscillations(20, 300, 1),
                oscillations(5, 300, 2),
                test,
                starts,
                SCALING,
                7,
                Progress.NONE);
        assertEquals(BlockBaselines.NAMES, List.copyOf(scores.keySet()));
        assertTrue(
                scores.get("ridge").rmse() < 0.01,
                "ridge " + scores.get("ridge").rmse()); // measured: 7e-4, of the penalty
        assertTrue(
                scores.get("random_features").rmse() < 0.5,
                "random " + scores.get("random_features").rmse());
        assertTrue(scores.get("persistence").rmse() > 3);
        assertEquals(scores.get("mean").rmse(), meanError(test, starts), 0.5);
    }

    /** The deviation of the test blocks from the test mean, which is nearly that of the training part. */
    private static double meanError(Traces test, int[] starts) {
        double mean = test.meanAndDeviation()[0];
        double squares = 0;
        for (int start : starts) {
            for (int k = 0; k < 4; k++) {
                double d = test.voltage().data[start + k] - mean;
                squares += d * d;
            }
        }
        return Math.sqrt(squares / (4.0 * starts.length));
    }

    @Test
    void persistenceHoldsTheVoltageBeforeTheBlock() {
        Traces traces = new Traces(0.1, new double[] {0}, new DMatrixRMaj(1, 5, true, 1, 2, 3, 4, 5));
        BlockForm form = new BlockForm(2, 2, BlockForm.Order.FORWARD, BlockForm.Head.LAST);
        DMatrixRMaj held = BlockBaselines.persistence(traces, new int[] {2, 3}, form);
        assertEquals(2, held.get(0, 0));
        assertEquals(2, held.get(1, 0));
        assertEquals(3, held.get(1, 1));
    }
}
