package org.spikecast.counts.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spikecast.counts.CountStream;
import org.spikecast.counts.Series;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.kernel.internal.VectorKernelTest;
import org.spikecast.lstm.Cell;
import org.spikecast.neuron.RingParameters;
import org.spikecast.run.Progress;

class CoupledGlmTest {
    private static final Series SERIES = RingData.simulate(
                    new RingSetup(RingParameters.irregular().scaledTo(20, 2), null, 3, 200, 1500, 1, 1))
            .series();
    private static final Split SPLIT = Split.byTime(SERIES.bins(), 0, 0.4, 0.125);
    private static final CoupledGlm GLM = CoupledGlm.fit(new ScalarKernel(), SERIES, SPLIT, Progress.NONE);
    private static final CoupledGlm MESSAGES = GLM.withMessages(new ScalarKernel(), SERIES, SPLIT, Progress.NONE);

    private static double explained(CoupledGlm glm) {
        DMatrixRMaj forecast = glm.forecast(SERIES, SPLIT.testStart(), SPLIT.bins(), Progress.NONE);
        return Score.of(Baselines.test(SERIES, SPLIT), forecast, Baselines.meanRate(SERIES, SPLIT))
                .explainedVariance();
    }

    @Test
    void forecastsARing() {
        assertEquals(90, GLM.parameters());
        assertEquals(90 + 94, MESSAGES.parameters());
        assertEquals(100, GLM.lags());
        // The oracle of such a ring is at 0.23; the standard error of either is 0.02.
        assertTrue(explained(GLM) > 0.1, "" + explained(GLM));
        assertTrue(explained(MESSAGES) > 0.1, "" + explained(MESSAGES));
        assertTrue(GLM.messageWeights(0).length == 0 && MESSAGES.messageWeights(0)[0] > 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void hasTheSameBitsWithSimdKernels(int bits) {
        Kernel kernel = VectorKernelTest.ofWidth(bits);
        CoupledGlm glm = CoupledGlm.fit(kernel, SERIES, SPLIT, Progress.NONE);
        CoupledGlm messages = glm.withMessages(kernel, SERIES, SPLIT, Progress.NONE);
        assertArrayEquals(
                MESSAGES.forecast(SERIES, SPLIT.testStart(), SPLIT.bins(), Progress.NONE).data,
                messages.forecast(SERIES, SPLIT.testStart(), SPLIT.bins(), Progress.NONE).data);
    }

    /** Twenty neurons: all bins up to four million cases, of more the last ones. Without connections all. */
    @Test
    void sharedWeightsAreFittedToTheLastFourMillionCases() {
        GlmDesign design = GlmDesign.of(SERIES, SPLIT, 100);
        assertEquals(100, CoupledGlm.firstBin(design, SPLIT.validationEnd()));
        assertEquals(1_000_000 - (1 << 22) / 20, CoupledGlm.firstBin(design, 1_000_000));
        Series alone = new Series(1, 1, SERIES.values(), SERIES.external(), null);
        assertEquals(100, CoupledGlm.firstBin(GlmDesign.of(alone, SPLIT, 100), 1_000_000));
    }

    @Test
    void atItsMaximumTheGradientVanishes() {
        GlmDesign design = GlmDesign.of(SERIES, SPLIT, 100);
        GlmFit fit = new GlmFit(design, 0, SERIES, null, 0, 100, SPLIT.trainEnd());
        fit.maximise(new ScalarKernel(), 10, 1e-8, Progress.NONE);
        for (double g : fit.gradient(new ScalarKernel(), 10)) {
            assertEquals(0, g, 1e-9); // measured: 3e-12
        }
    }

    @Test
    void readsNothingOfTheBinItForecastsNorOfLaterOnes() {
        int bin = 700;
        DMatrixRMaj values = SERIES.values().copy();
        DMatrixRMaj external = SERIES.external().copy();
        Arrays.fill(values.data, bin * 20, values.getNumElements(), 3);
        Arrays.fill(external.data, bin * 20, external.getNumElements(), 5);
        Series changed = new Series(1, 1, values, external, SERIES.connections());
        for (CoupledGlm glm : new CoupledGlm[] {GLM, MESSAGES}) {
            assertArrayEquals(
                    glm.forecast(SERIES, 600, bin + 1, Progress.NONE).data,
                    glm.forecast(changed, 600, bin + 1, Progress.NONE).data);
        }
    }

    @Test
    void aCopiedStreamContinuesAlike() {
        CountStream stream = MESSAGES.stream();
        double[] forecast = new double[20];
        double[] other = new double[20];
        double[] counts = new double[20];
        double[] external = new double[20];
        counts[3] = 1;
        external[5] = 2;
        for (int bin = 0; bin < 250; bin++) {
            stream.step(counts, external, forecast);
        }
        CountStream copy = stream.copy();
        stream.step(counts, external, forecast);
        copy.step(counts, external, other);
        assertArrayEquals(forecast, other);
        stream.step(external, counts, forecast);
        assertTrue(!Arrays.equals(forecast, other));
        copy.copyStateFrom(stream);
        stream.step(external, counts, forecast);
        copy.step(external, counts, other);
        assertArrayEquals(forecast, other);
        assertThrows(IllegalArgumentException.class, () -> copy.copyStateFrom(GLM.stream()));
    }

    @Test
    void isNullWhereItCannotBe() {
        DMatrixRMaj halves = SERIES.values().copy();
        halves.data[7] = 0.5;
        assertNull(CoupledGlm.fit(new ScalarKernel(), new Series(1, 1, halves, null, null), SPLIT, Progress.NONE));
        Series overlapping = new Series(5, 1, SERIES.values(), SERIES.external(), SERIES.connections());
        assertNull(CoupledGlm.fit(
                new ScalarKernel(), overlapping, Split.byTime(SERIES.bins(), 4, 0.4, 0.125), Progress.NONE));
        assertNull(CoupledGlm.fit(
                new ScalarKernel(), SERIES, new Split(101, 101, 120, 120, SERIES.bins()), Progress.NONE));
        assertNotNull(CoupledGlm.fit(
                new ScalarKernel(), SERIES, new Split(201, 201, 240, 240, SERIES.bins()), Progress.NONE));
        DMatrixRMaj many = new DMatrixRMaj(3000, 600);
        assertNull(CoupledGlm.fit(
                new ScalarKernel(),
                new Series(1, 1, many, null, null),
                Split.byTime(3000, 0, 0.2, 0.125),
                Progress.NONE));
    }

    @Test
    void silentNeuronsAreForecastToStaySilent() {
        DMatrixRMaj silent = new DMatrixRMaj(400, 2);
        Series series = new Series(1, 1, silent, null, null);
        Split split = Split.byTime(400, 0, 0.2, 0.125);
        CoupledGlm glm = CoupledGlm.fit(new ScalarKernel(), series, split, Progress.NONE);
        for (double forecast : glm.forecast(series, split.testStart(), 400, Progress.NONE).data) {
            assertEquals(0, forecast, 1e-4);
            assertTrue(forecast > 0);
        }
        assertNull(glm.withMessages(new ScalarKernel(), series, split, Progress.NONE));
    }

    @Test
    void reportsWhoIsBeaten() {
        DMatrixRMaj target = new DMatrixRMaj(200, 1);
        DMatrixRMaj good = new DMatrixRMaj(200, 1);
        DMatrixRMaj middle = new DMatrixRMaj(200, 1);
        DMatrixRMaj bad = new DMatrixRMaj(200, 1);
        for (int bin = 0; bin < 200; bin++) {
            target.data[bin] = bin % 2;
            good.data[bin] = 0.2 + 0.6 * (bin % 2);
            middle.data[bin] = 0.3 + 0.4 * (bin % 2);
            bad.data[bin] = 0.4 + 0.2 * (bin % 2);
        }
        double[] mean = {0.5};
        Score better = Score.of(target, good, mean);
        Score worse = Score.of(target, bad, mean);
        // 1 - 0.04 / 0.25 and 1 - 0.16 / 0.25, the same in every block
        assertEquals(0.48, better.above(worse).value(), 1e-12);
        assertEquals(0, better.above(worse).standardError(), 1e-12);
        Map<String, Score> forecasters = new LinkedHashMap<>();
        forecasters.put("shared", worse);
        forecasters.put("full", better);
        Map<String, Score> baselines = new LinkedHashMap<>();
        baselines.put(Baselines.GLM, Score.of(target, middle, mean));
        assertEquals(
                List.of(
                        "The form shared is beaten by the GLM by 28.00 ± 0.00 points of explained variance.",
                        "The form full beats the GLM by 20.00 ± 0.00 points of explained variance."),
                new Evaluation(Cell.LSTM, forecasters, baselines).verdicts());
    }
}
