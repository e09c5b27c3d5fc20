package org.spikecast.counts.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.spikecast.counts.CountStream;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.neuron.RingParameters;
import org.spikecast.run.Progress;

class FreeRunTest {
    private static final RingData RING =
            RingData.simulate(new RingSetup(RingParameters.irregular().scaledTo(20, 2), null, 3, 200, 1500, 1, 1));
    private static final Split SPLIT = Split.byTime(RING.series().bins(), 0, 0.4, 0.125);

    /** A constant forecast. */
    private record Constant(int neurons, double forecast, Likelihood likelihood) implements CountStream {
        @Override
        public void step(double[] counts, double[] external, double[] to) {
            Arrays.fill(to, forecast);
        }

        @Override
        public CountStream copy() {
            return this;
        }

        @Override
        public void copyStateFrom(CountStream other) {}
    }

    /** Spikes per bin of some neurons before the test part. */
    private static double rate(int first, int end) {
        double[] mean = Baselines.meanRate(RING.series(), SPLIT);
        return Arrays.stream(mean, first, end).sum() / (end - first);
    }

    private static int highest(byte[] counts) {
        int highest = 0;
        for (byte count : counts) {
            highest = Math.max(highest, count);
        }
        return highest;
    }

    @Test
    void aConstantForecastGivesPoissonNeurons() {
        Map<String, CountStream> streams = new LinkedHashMap<>();
        streams.put("bernoulli", new Constant(20, 0.03, Likelihood.BERNOULLI));
        streams.put("poisson", new Constant(20, 0.03, Likelihood.POISSON));
        FreeRun run = FreeRun.of(RING, SPLIT, streams, new FreeRun.Size(2, 10000, 40, 10, 5), Progress.NONE);
        PopulationStatistics s = run.forecasters().get("bernoulli");
        // The rates of the data, of whose 150 spikes per type chance alone is 8 %.
        assertEquals(1000 * rate(0, 10), s.rateE(), 4.5);
        assertEquals(1000 * rate(10, 20), s.rateI(), 4.5);
        assertEquals(1, s.cv(), 0.1);
        assertEquals(1, highest(run.free().get("bernoulli")));
        assertTrue(highest(run.free().get("poisson")) > 1);
        // No better than the mean rate; the true state is, in the next bin.
        assertEquals(0, run.horizon().explained().get("bernoulli")[0].value(), 0.06);
        assertTrue(run.horizon().explained().get("oracle")[0].value() > 0.05);
        assertEquals(5, run.horizon().lagMs().length);
    }

    @Test
    void aFittedModelComesNearTheSimulations() {
        CoupledGlm glm = CoupledGlm.fit(new ScalarKernel(), RING.series(), SPLIT, Progress.NONE);
        Map<String, CountStream> streams = Map.of("glm", glm.stream());
        FreeRun.Size size = new FreeRun.Size(3, 3000, 20, 5, 3);
        FreeRun run = FreeRun.of(RING, SPLIT, streams, size, Progress.NONE);
        double[] rate = run.simulationValues().get("rate_e_hz");
        assertEquals(rate[0], run.forecasters().get("glm").rateE(), 0.35 * rate[0]);
        assertArrayEquals(
                run.free().get("glm"),
                FreeRun.of(RING, SPLIT, streams, size, Progress.NONE).free().get("glm"));
        assertTrue(run.toJson().containsKey("horizon"));
        assertTrue(
                run.findings().get(0).startsWith("GLM on its own: excitatory rate "),
                run.findings().get(0));
        assertNull(FreeRun.of(RING, SPLIT, Map.of(), size, Progress.NONE));
    }

    @Test
    void theReachEndsWhereTheFirstForecastIsNotClearlyBetter() {
        Estimate good = new Estimate(0.2, 0.05);
        Estimate unclear = new Estimate(0.2, 0.15);
        FreeRun.Horizon horizon = new FreeRun.Horizon(
                new double[] {2, 4, 6},
                Map.of("a", new Estimate[] {good, good, unclear}, "b", new Estimate[] {unclear, good, good}));
        assertEquals(4, horizon.reachMs("a"));
        assertEquals(0, horizon.reachMs("b"));
    }
}
