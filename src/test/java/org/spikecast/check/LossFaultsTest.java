package org.spikecast.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.spikecast.check.GradientReport.Verdict;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.internal.Elementary;
import org.spikecast.lstm.Loss;
import org.spikecast.lstm.Network;
import org.spikecast.train.LossFunction;
import org.spikecast.train.Losses;

/** Every loss through a whole network; and the faults that people make in a loss's gradient, each of which must be caught. */
class LossFaultsTest {
    /** From the right slope, output and target of an element to the wrong slope. */
    private interface Fault {
        double slope(double right, double output, double target);
    }

    private record Faulty(Loss right, Fault fault) implements Loss {
        @Override
        public double evaluate(Kernel kernel, DMatrixRMaj output, DMatrixRMaj target, DMatrixRMaj dOutput) {
            double loss = right.evaluate(kernel, output, target, dOutput);
            int n = output.getNumElements();
            for (int j = 0; j < n; j++) {
                dOutput.data[j] = fault.slope(dOutput.data[j] * n, output.data[j], target.data[j]) / n;
            }
            return loss;
        }

        @Override
        public double derivative(DMatrixRMaj output, DMatrixRMaj target) {
            return right.derivative(output, target);
        }
    }

    private static NetworkObjective objective(LossFunction targets, Loss loss, double size, int outputSteps) {
        return PlantedFaultsTest.objective(Network::backward, loss, targets::randomTarget, size, outputSteps, 1);
    }

    static Stream<Arguments> lossesAndSizes() {
        return Losses.all().stream()
                .flatMap(loss -> Stream.of(1e-3, 1.0, 4.0, 20.0).map(size -> Arguments.of(loss, size)));
    }

    @ParameterizedTest
    @MethodSource("lossesAndSizes")
    void theGradientOfEveryLossIsRight(LossFunction loss, double size) {
        for (int outputSteps : new int[] {1, 7}) {
            GradientCheck.check(objective(loss, loss, size, outputSteps)).assertPassed();
        }
    }

    @ParameterizedTest
    @MethodSource("org.spikecast.train.Losses#all")
    void theHessianProductOfEveryLossIsRight(LossFunction loss) {
        GradientCheck.check(VectorObjective.ofGradient(objective(loss, loss, 1.5, 7)), 2, 1)
                .assertPassed();
    }

    private static double sigma(double y) {
        return Elementary.sigma(y);
    }

    static Stream<Arguments> faults() {
        LossFunction mse = Losses.MEAN_SQUARED_ERROR;
        LossFunction poisson = Losses.POISSON;
        LossFunction bernoulli = Losses.BERNOULLI;
        Stream<Arguments> ofEach = Losses.all().stream()
                .flatMap(loss -> Stream.of(
                        fault(loss, "sum in place of the mean", (d, y, t) -> 42 * d),
                        fault(loss, "the other sign", (d, y, t) -> -d),
                        fault(loss, "without the target", (d, y, t) -> d + (loss == mse ? 2 * t : t)),
                        fault(loss, "off by a millionth", (d, y, t) -> d * (1 + 1e-6))));
        return Stream.concat(
                ofEach,
                Stream.of(
                        fault(mse, "half", (d, y, t) -> d / 2),
                        fault(poisson, "a link of identity", (d, y, t) -> 1 - t / y),
                        fault(poisson, "with respect to the rate", (d, y, t) -> d / Elementary.exp(y)),
                        fault(poisson, "of the squared error", (d, y, t) -> 2 * d),
                        fault(poisson, "of the squared error, linked", (d, y, t) -> 2 * d * Elementary.exp(y)),
                        fault(bernoulli, "with respect to the probability", (d, y, t) -> d / (sigma(y) * sigma(-y))),
                        fault(bernoulli, "of the squared error, linked", (d, y, t) -> 2 * d * sigma(y) * sigma(-y)),
                        fault(bernoulli, "events only", (d, y, t) -> t == 1 ? d : 0),
                        fault(bernoulli, "logits taken for probabilities", (d, y, t) -> y - t),
                        fault(bernoulli, "clipped", (d, y, t) -> Math.abs(y) > 0.3 ? 0 : d)));
    }

    private static Arguments fault(LossFunction loss, String name, Fault fault) {
        return Arguments.of(loss, name, fault);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("faults")
    void everyFaultIsCaughtAndLocated(LossFunction loss, String name, Fault fault) {
        GradientReport report = GradientCheck.check(objective(loss, new Faulty(loss, fault), 1.5, 7));
        assertEquals(Verdict.FAIL, report.verdict(), report.text());
        assertTrue(
                report.location().startsWith("walking back, dL/dz first goes wrong in layer 1, step 6"), report.text());
    }

    /** A loss of a user's own needs no dual derivative: finite differences are used. */
    @ParameterizedTest
    @MethodSource("withAndWithoutFault")
    void aLossWithoutDualNumbersIsCheckedByDifferences(Verdict verdict, Fault fault) {
        Loss faulty = new Faulty(Losses.POISSON, fault);
        GradientReport report = GradientCheck.check(objective(Losses.POISSON, faulty::evaluate, 1.5, 7));
        assertEquals(verdict, report.verdict(), report.text());
        assertEquals(
                verdict == Verdict.PASS ? "" : "not looked for: the loss has no derivative in dual numbers",
                report.location());
    }

    static List<Arguments> withAndWithoutFault() {
        Fault none = (d, y, t) -> d;
        Fault one = (d, y, t) -> d + 1e-3 * t;
        return List.of(Arguments.of(Verdict.PASS, none), Arguments.of(Verdict.FAIL, one));
    }
}
