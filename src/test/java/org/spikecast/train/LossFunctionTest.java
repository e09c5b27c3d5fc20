package org.spikecast.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.spikecast.Tolerances;
import org.spikecast.check.GradientCheck;
import org.spikecast.check.Objective;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.params.ParameterSet;

class LossFunctionTest {
    private final Kernel kernel = new ScalarKernel();

    static List<LossFunction> all() {
        return Losses.all();
    }

    private double evaluate(LossFunction loss, double output, double target) {
        DMatrixRMaj y = new DMatrixRMaj(new double[][] {{output}});
        return loss.evaluate(kernel, y, new DMatrixRMaj(new double[][] {{target}}), y.createLike());
    }

    /** Outputs as parameters: gradient, dual numbers and finite differences of the loss alone. */
    private final class OfOutputs implements Objective {
        final LossFunction loss;
        final ParameterSet parameters;
        final DMatrixRMaj output;
        final DMatrixRMaj target = new DMatrixRMaj(3, 4);

        OfOutputs(LossFunction loss) {
            this.loss = loss;
            ParameterSet.Builder declare = new ParameterSet.Builder();
            output = declare.matrix("output", 3, 4);
            parameters = declare.build();
            RandomStream random = RandomStream.of(5, "outputs");
            for (int j = 0; j < 12; j++) {
                output.data[j] = 2 * random.nextGaussian();
                target.data[j] = loss.randomTarget(random);
            }
        }

        @Override
        public ParameterSet parameters() {
            return parameters;
        }

        @Override
        public double loss() {
            return loss.evaluate(kernel, output, target, output.createLike());
        }

        @Override
        public void gradient(ParameterSet gradient) {
            loss.evaluate(kernel, output, target, gradient.blocks().get(0).matrix());
        }

        @Override
        public double derivative(ParameterSet direction) {
            DMatrixRMaj change = direction.blocks().get(0).matrix();
            DMatrixRMaj dual = new DMatrixRMaj(3, 8);
            for (int row = 0; row < 3; row++) {
                for (int b = 0; b < 4; b++) {
                    dual.set(row, b, output.get(row, b));
                    dual.set(row, 4 + b, change.get(row, b));
                }
            }
            return loss.derivative(dual, target);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void theGradientIsThatOfTheLoss(LossFunction loss) {
        GradientCheck.check(new OfOutputs(loss)).assertPassed();
    }

    /** Both signs of the output, and 0, where the formula changes sides. */
    @ParameterizedTest
    @MethodSource("all")
    void dualNumbersGiveTheSlopeAtEveryOutput(LossFunction loss) {
        for (double y : new double[] {-700, -40, -3, -1e-9, 0, 1e-9, 0.5, 3, 40, 700}) {
            for (double t : new double[] {0, 1}) {
                double slope = loss.slope(y, t);
                double size = Math.max(1, Math.abs(slope)); // sigma(y) - t cancels: what is left is absolute
                assertEquals(slope, loss.dual(y, 1, t), Tolerances.OTHER_ORDER * size, loss + " at " + y + ", " + t);
                assertEquals(-2 * slope, loss.dual(y, -2, t), 2 * Tolerances.OTHER_ORDER * size);
            }
        }
    }

    @Test
    void theBernoulliLossNeitherOverflowsNorCancels() {
        LossFunction loss = Losses.BERNOULLI;
        assertEquals(StrictMath.log(2), evaluate(loss, 0, 0), Tolerances.OTHER_ORDER);
        assertEquals(StrictMath.log(2), evaluate(loss, 0, 0.3), Tolerances.OTHER_ORDER);
        for (double size : new double[] {1e-3, 0.1, 1, 5, 20, 36, 40, 100, 700}) {
            double right = StrictMath.log1p(StrictMath.exp(-size)); // the event that was forecast
            assertEquals(right, evaluate(loss, size, 1), Tolerances.OTHER_ORDER * right);
            assertEquals(right, evaluate(loss, -size, 0), Tolerances.OTHER_ORDER * right);
            assertEquals(size + right, evaluate(loss, -size, 1), Tolerances.OTHER_ORDER * size);
            assertEquals(size + right, evaluate(loss, size, 0), Tolerances.OTHER_ORDER * size);
        }
        assertEquals(0, evaluate(loss, 1e300, 1));
        assertEquals(1e300, evaluate(loss, -1e300, 1));
    }

    @Test
    void thePoissonLossIsTheLogLikelihoodWithoutItsConstant() {
        double logMean = 0.7;
        double mean = StrictMath.exp(logMean);
        double logFactorial = 0;
        for (int count = 0; count < 6; count++) {
            logFactorial += count == 0 ? 0 : StrictMath.log(count);
            double probability = StrictMath.exp(-mean) * StrictMath.pow(mean, count) / StrictMath.exp(logFactorial);
            double expected = -StrictMath.log(probability) - logFactorial;
            assertEquals(expected, evaluate(Losses.POISSON, logMean, count), 10 * Tolerances.OTHER_ORDER);
        }
    }

    /** An output layer that begins at the bias, with all else zero, forecasts each channel's mean. */
    @ParameterizedTest
    @MethodSource("all")
    void theInitialBiasForecastsTheMean(LossFunction loss) {
        DMatrixRMaj[] targets = {
            new DMatrixRMaj(new double[][] {{0, 1}, {1, 1}, {0, 0}, {0, 1}, {1, 0}}),
            new DMatrixRMaj(new double[][] {{1, 0}, {0, 0}, {0, 1}, {0, 1}, {1, 1}})
        };
        Scaling scaling = loss.scaling(targets, 4);
        double[] bias = loss.initialBias(targets, 4, scaling);
        double[] mean = {2.0 / 8, 5.0 / 8};
        for (int c = 0; c < 2; c++) {
            assertEquals(mean[c], scaling.invert(c, loss.inverseLink(bias[c])), Tolerances.OTHER_ORDER);
        }
        if (loss == Losses.MEAN_SQUARED_ERROR) {
            assertArrayEquals(new double[2], bias); // exactly: it changes no bit of what is drawn
        }
    }

    /** A neuron without a spike, one with a spike in every bin. */
    @ParameterizedTest
    @MethodSource("all")
    void aChannelThatNeverChangesHasAFiniteBias(LossFunction loss) {
        DMatrixRMaj[] targets = {new DMatrixRMaj(new double[][] {{0, 1}, {0, 1}, {0, 1}, {0, 1}})};
        double[] bias = loss.initialBias(targets, 4, loss.scaling(targets, 4));
        if (loss == Losses.POISSON) {
            assertEquals(StrictMath.log(0.5 / 4), bias[0], Tolerances.OTHER_ORDER);
            assertEquals(0, bias[1]);
        } else if (loss == Losses.BERNOULLI) {
            assertEquals(-StrictMath.log(7), bias[0], Tolerances.OTHER_ORDER);
            assertEquals(StrictMath.log(7), bias[1], 2 * Tolerances.OTHER_ORDER);
        } else {
            assertArrayEquals(new double[2], bias);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void noLossIsBelowTheLeast(LossFunction loss) {
        RandomStream random = RandomStream.of(6, "least");
        for (int j = 0; j < 200; j++) {
            double target = loss.randomTarget(random);
            assertTrue(loss.accepts(target), loss + " draws " + target);
            double output = 3 * random.nextGaussian();
            assertTrue(evaluate(loss, output, target) >= loss.least(target), loss + " of " + output + ", " + target);
        }
        for (double fraction : new double[] {0.1, 0.5, 0.9}) {
            double output = loss.link(fraction, 1000);
            assertEquals(loss.least(fraction), evaluate(loss, output, fraction), Tolerances.OTHER_ORDER);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "poisson | -1 | Loss poisson: expected targets of 0 or more, got -1 in the data, row 2, column 3;"
                        + " it is for counts, mse takes any number",
                "poisson | NaN | Loss poisson: expected targets of 0 or more, got NaN in the data, row 2, column 3;"
                        + " it is for counts, mse takes any number",
                "bernoulli | 2 | Loss bernoulli: expected targets from 0 to 1, got 2 in the data, row 2, column 3;"
                        + " take narrower bins, or poisson, which is for any count",
                "bernoulli | -0.5 | Loss bernoulli: expected targets from 0 to 1, got -0.5 in the data, row 2, column 3;"
                        + " take narrower bins, or poisson, which is for any count"
            })
    void targetsThatTheLossDoesNotTakeAreRefusedByValueAndPlace(String label, double value, String message) {
        LossFunction loss = Losses.of(label);
        DMatrixRMaj targets = new DMatrixRMaj(4, 3);
        loss.requireTargets(targets, "the data");
        targets.set(1, 2, value);
        String refused = assertThrows(IllegalArgumentException.class, () -> loss.requireTargets(targets, "the data"))
                .getMessage();
        assertEquals(message, refused);
        DMatrixRMaj output = targets.createLike();
        assertThrows(IllegalArgumentException.class, () -> loss.evaluate(kernel, output, targets, output.createLike()));
    }

    @ParameterizedTest
    @MethodSource("all")
    void anotherShapeIsRefused(LossFunction loss) {
        DMatrixRMaj output = new DMatrixRMaj(2, 2);
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> loss.evaluate(kernel, output, new DMatrixRMaj(2, 3), output.createLike()))
                .getMessage();
        assertEquals("Shape of target: expected 2 x 2, got 2 x 3", message);
        assertThrows(
                IllegalArgumentException.class,
                () -> loss.evaluate(kernel, output, output.createLike(), new DMatrixRMaj(4, 1)));
    }

    @ParameterizedTest
    @MethodSource("all")
    void anEvaluationAllocatesNothing(LossFunction loss) {
        OfOutputs of = new OfOutputs(loss);
        DMatrixRMaj d = of.output.createLike();
        ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        long least = Long.MAX_VALUE;
        for (int u = 0; u < 20_000; u++) {
            long before = memory.getThreadAllocatedBytes(thread);
            loss.evaluate(kernel, of.output, of.target, d);
            least = Math.min(least, memory.getThreadAllocatedBytes(thread) - before);
        }
        assertEquals(0, least);
    }

    @Test
    void lossesAreKnownByName() {
        Set<String> names = new HashSet<>();
        for (LossFunction loss : Losses.all()) {
            assertSame(loss, Losses.of(loss.label()));
            assertTrue(names.add(loss.label()) && names.add(loss.title()) && names.add(loss.caption()));
        }
        String message = assertThrows(IllegalArgumentException.class, () -> Losses.of("hinge"))
                .getMessage();
        assertEquals("Loss: expected one of " + Losses.all() + ", got 'hinge'", message);
    }

    @Test
    void onlyALossThatIsNotTheDefaultIsWrittenDown() {
        for (LossFunction loss : Losses.all()) {
            Map<String, Object> text = new TreeMap<>();
            Losses.describe(loss, text);
            assertEquals(loss == Losses.MEAN_SQUARED_ERROR ? Map.of() : Map.of("loss", loss.label()), text);
            assertSame(loss, Losses.read(text));
        }
        assertThrows(IllegalArgumentException.class, () -> Losses.read(Map.of("loss", "hinge")));
    }
}
