package org.spikecast.counts.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.spikecast.Tolerances;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.params.ParameterSet;
import org.spikecast.run.Progress;
import org.spikecast.train.Losses;
import org.spikecast.train.Optimiser;
import org.spikecast.train.Schedule;
import org.spikecast.train.Trainer;
import org.spikecast.train.TrainingOptions;
import org.spikecast.train.internal.Adam;
import org.spikecast.train.internal.Clipping;

class TrainTest {
    private final Kernel kernel = new ScalarKernel();

    private static ParameterSet numbers(double... values) {
        ParameterSet.Builder declare = new ParameterSet.Builder();
        declare.vector("first", 1);
        declare.vector("others", values.length - 1);
        ParameterSet set = declare.build();
        for (int j = 0; j < values.length; j++) {
            set.set(j, values[j]);
        }
        return set;
    }

    @Test
    void adamFollowsItsFormulaOverTenSteps() {
        ParameterSet theta = numbers(1, -2, 3);
        double[] expected = {1, -2, 3};
        double[] m = new double[3];
        double[] v = new double[3];
        Adam adam = new Adam(kernel, theta, Adam.Options.DEFAULT);
        for (int t = 1; t <= 10; t++) {
            double[] g = {StrictMath.sin(t), 1e-3 * t, -100};
            adam.update(numbers(g), 0.1);
            for (int j = 0; j < 3; j++) {
                m[j] = 0.9 * m[j] + 0.1 * g[j];
                v[j] = 0.999 * v[j] + 0.001 * g[j] * g[j];
                double mHat = m[j] / (1 - StrictMath.pow(0.9, t));
                double vHat = v[j] / (1 - StrictMath.pow(0.999, t));
                expected[j] -= 0.1 * mHat / (Math.sqrt(vHat) + 1e-8);
                assertEquals(expected[j], theta.get(j), 10 * Tolerances.OTHER_ORDER);
            }
        }
    }

    @Test
    void adamRefusesAnotherShapesGradient() {
        Adam adam = new Adam(kernel, numbers(1, 2, 3), Adam.Options.DEFAULT);
        assertThrows(IllegalArgumentException.class, () -> adam.update(numbers(1, 2), 0.1));
    }

    @Test
    void clippingShortensLongGradientsOnly() {
        ParameterSet g = numbers(3, 0, 4);
        assertEquals(5, Clipping.byNorm(kernel, g, 10));
        assertEquals(3, g.get(0));
        assertEquals(5, Clipping.byNorm(kernel, g, 1));
        assertEquals(3 / (5 + 1e-6), g.get(0), Tolerances.OTHER_ORDER);
        assertEquals(4 / (5 + 1e-6), g.get(2), Tolerances.OTHER_ORDER);
    }

    @Test
    void meanSquaredErrorIsTheMeanOverAllElements() {
        DMatrixRMaj output = new DMatrixRMaj(new double[][] {{1, 2}, {3, 4}});
        DMatrixRMaj target = new DMatrixRMaj(new double[][] {{0, 2}, {5, 4}});
        DMatrixRMaj d = output.createLike();
        assertEquals(5.0 / 4, Losses.MEAN_SQUARED_ERROR.evaluate(kernel, output, target, d));
        assertEquals(0.5, d.get(0, 0));
        assertEquals(-1, d.get(1, 0));
        assertThrows(
                IllegalArgumentException.class,
                () -> Losses.MEAN_SQUARED_ERROR.evaluate(kernel, output, new DMatrixRMaj(2, 3), d));
    }

    /** Two sequences whose next value is the product of the last two, plus noise: nothing linear finds it. */
    private static Sequences products() {
        RandomStream random = RandomStream.of(9, "trainer test");
        DMatrixRMaj[] x = new DMatrixRMaj[2];
        DMatrixRMaj[] y = new DMatrixRMaj[2];
        for (int s = 0; s < 2; s++) {
            x[s] = new DMatrixRMaj(1500, 1);
            y[s] = new DMatrixRMaj(1500, 1);
            for (int bin = 0; bin < 1500; bin++) {
                x[s].set(bin, 0, random.nextDouble() < 0.5 ? -1 : 1);
                if (bin >= 2) {
                    y[s].set(bin, 0, 3 + 2 * x[s].get(bin - 1, 0) * x[s].get(bin - 2, 0));
                }
            }
        }
        return new Sequences(x, y);
    }

    private static final Split SPLIT = Split.byTime(1500, 0, 0.2, 0.2);

    private static final int WINDOW = 6;

    private static TrainingOptions options(int epochs, int patience, double rate, long seed) {
        return new TrainingOptions(
                8, 1, epochs, 32, Schedule.cosine(rate, 10), Optimiser.Method.ADAM, 0, 1, 1, patience, 0, 0, seed, 1);
    }

    private Trainer.Result train(Sequences data, int lossSteps, TrainingOptions options) throws IOException {
        SequenceWindows windows = new SequenceWindows(data, SPLIT, WINDOW, lossSteps, Losses.MEAN_SQUARED_ERROR);
        return Trainer.train(kernel, windows, options, (history, fraction) -> {}, null);
    }

    @Test
    void learnsWhatNoLinearPredictorCan() throws IOException {
        Sequences data = products();
        for (int lossSteps : new int[] {1, 3}) {
            Trainer.Result result = train(data, lossSteps, options(8 * lossSteps, 100, 0.02, 1));
            double loss = result.history().get(result.best() - 1).validationLoss();
            assertTrue(loss < 0.05, lossSteps + " loss steps: " + loss);
        }
    }

    @Test
    void returnsTheBestEpochAndEndsWhenItIsPast() throws IOException {
        List<Double> fractions = new ArrayList<>();
        // Noise cannot be learned: the validation loss soon rises.
        RandomStream random = RandomStream.of(10, "trainer test");
        DMatrixRMaj noise = new DMatrixRMaj(300, 1);
        for (int bin = 0; bin < 300; bin++) {
            noise.set(bin, 0, random.nextGaussian());
        }
        Sequences data = new Sequences(new DMatrixRMaj[] {noise}, new DMatrixRMaj[] {noise});
        Split split = Split.byTime(300, 0, 0.2, 0.25);
        SequenceWindows windows = new SequenceWindows(data, split, WINDOW, 1, Losses.MEAN_SQUARED_ERROR);
        Trainer.Result result = Trainer.train(
                kernel, windows, options(200, 3, 0.05, 2), (history, fraction) -> fractions.add(fraction), null);
        assertTrue(result.history().size() < 200);
        assertEquals(result.best() + 3, result.history().size());
        double best = result.history().get(result.best() - 1).validationLoss();
        for (Trainer.Epoch epoch : result.history()) {
            assertTrue(epoch.validationLoss() >= best);
        }
        // What is returned really is that epoch's network.
        Sequences scaled = data.scaled(windows.inputs(), windows.outputs());
        DMatrixRMaj forecast = CountTask.outputs(
                kernel,
                result.network(),
                scaled,
                WINDOW,
                split.validationStart(),
                split.validationEnd(),
                Progress.NONE);
        DMatrixRMaj target = scaled.targets(split.validationStart(), split.validationEnd());
        assertEquals(best, Losses.MEAN_SQUARED_ERROR.evaluate(kernel, forecast, target, target.createLike()));
        for (int u = 1; u < fractions.size(); u++) {
            assertTrue(fractions.get(u) > fractions.get(u - 1) && fractions.get(u) <= 1);
        }
    }

    @Test
    void sameSeedSameBitsOtherSeedOthers() throws IOException {
        assertEquals(firstWeights(7), firstWeights(7));
        assertNotEquals(firstWeights(7), firstWeights(8));
    }

    private List<Double> firstWeights(long seed) throws IOException {
        NetworkParameters network =
                train(products(), 2, options(1, 1, 0.01, seed)).network();
        List<Double> weights = new ArrayList<>();
        for (int j = 0; j < network.set().size(); j++) {
            weights.add(network.set().get(j));
        }
        return weights;
    }

    @Test
    void neitherTestNorValidationPartChangesAnEpoch() throws IOException {
        Sequences data = products();
        TrainingOptions options = options(1, 1, 0.01, 3);
        Trainer.Result before = train(data, 2, options);
        DMatrixRMaj[] x = {data.features(0), data.features(1)};
        DMatrixRMaj[] y = {data.targets(0), data.targets(1)};
        for (int bin = SPLIT.trainEnd(); bin < 1500; bin++) {
            x[0].set(bin, 0, 1e6);
            y[1].set(bin, 0, -1e6);
        }
        Trainer.Result after = train(new Sequences(x, y), 2, options);
        for (int j = 0; j < before.network().set().size(); j++) {
            assertEquals(before.network().set().get(j), after.network().set().get(j));
        }
    }

    @Test
    void stopsAtNumbersThatAreNone() {
        Sequences data = products();
        TrainingOptions diverging = options(2, 1, 1e200, 1);
        String message = assertThrows(ArithmeticException.class, () -> train(data, 1, diverging))
                .getMessage();
        assertTrue(message.startsWith("Training: loss or gradient became"), message);
    }

    @Test
    void refusesOptionsOutOfRange() {
        assertThrows(IllegalArgumentException.class, () -> options(0, 1, 0.1, 1));
        assertThrows(IllegalArgumentException.class, () -> options(1, 1, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> options(1, 1, Double.NaN, 1));
        for (int lossSteps : new int[] {0, WINDOW + 1}) {
            String message = assertThrows(
                            IllegalArgumentException.class,
                            () -> new SequenceWindows(products(), SPLIT, WINDOW, lossSteps, Losses.MEAN_SQUARED_ERROR))
                    .getMessage();
            assertEquals("steps in the loss: expected 1 to the window of 6 bins, got " + lossSteps, message);
        }
    }
}
