package org.spikecast.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.spikecast.params.ParameterSet;

/** The choice of the step, on functions of one parameter whose derivatives are known. */
class DifferencesTest {
    private static Differences of(double x, DoubleUnaryOperator f) {
        ParameterSet.Builder declare = new ParameterSet.Builder();
        double[] w = declare.vector("w", 1).data;
        ParameterSet parameters = declare.build();
        w[0] = x;
        return new Differences(Objective.of(parameters, () -> f.applyAsDouble(w[0]), gradient -> {}));
    }

    private static ParameterSet unit() {
        ParameterSet.Builder declare = new ParameterSet.Builder();
        declare.vector("w", 1).data[0] = 1;
        return declare.build();
    }

    private static Differences.Curve curve(double x, DoubleUnaryOperator f) {
        Differences differences = of(x, f);
        return differences.sweep(unit(), differences.noise(unit()));
    }

    @Test
    void differencesHaveTheirOrders() {
        Differences d = of(0.7, StrictMath::sin);
        double truth = StrictMath.cos(0.7);
        // Halving the step divides the error by 4 and by 16: h is large enough for truncation to rule.
        double central = Math.abs(d.central(0, 0.1) - truth) / Math.abs(d.central(0, 0.05) - truth);
        double fourth = Math.abs(d.fourthOrder(0, 0.1) - truth) / Math.abs(d.fourthOrder(0, 0.05) - truth);
        assertEquals(4, central, 0.05);
        assertEquals(16, fourth, 0.2);
        assertEquals(d.fourthOrder(0, 0.1), d.fourthOrder(unit(), 0.1));
    }

    @Test
    void stepsLieBetweenTruncationAndRounding() {
        Differences.Curve curve = curve(0.7, StrictMath::sin);
        assertTrue(curve.bestCentral() <= 1e-4 && curve.bestCentral() >= 1e-6, "" + curve.bestCentral());
        assertTrue(curve.bestFourth() <= 1e-2 && curve.bestFourth() >= 1e-4, "" + curve.bestFourth());
        assertTrue(curve.fourthError() < 1e-10, "" + curve.fourthError());
    }

    @Test
    void steepFunctionsGetSmallStepsAndFlatOnesLargeSteps() {
        // A wave of length 6e-7 is only seen by steps far below it; elsewhere neighbours agree by chance at best.
        Differences.Curve steep = curve(3e-8, x -> StrictMath.sin(1e7 * x));
        assertTrue(steep.bestFourth() <= 1e-8, "" + steep.bestFourth());
        // Where there is next to no slope, what counts is the absolute error: long steps have the least.
        Differences.Curve flat = curve(0.5, x -> 1 + 1e-18 * x);
        assertTrue(flat.bestFourth() >= 1e-2, "" + flat.bestFourth());
        assertTrue(flat.fourthError() < 1e-13, "" + flat.fourthError());
    }

    @Test
    void stepsOutOfTheDomainAreNotTaken() {
        Differences.Curve curve = curve(1e-3, StrictMath::log); // no number from h = 5e-4 on
        double h = curve.bestFourth();
        assertTrue(h < 5e-4, "" + h);
        assertTrue(curve.fourthError() < 1e-3, "" + curve.fourthError()); // of a derivative of 1000
        Differences.Curve nowhere = curve(-1, StrictMath::log);
        assertTrue(Double.isNaN(nowhere.fourthError()));
    }

    @Test
    void noiseIsSeenAtItsSize() {
        // Over the steps that noise is estimated with, a wave as short as this is as good as random.
        Differences rough = of(0.3, x -> StrictMath.sin(1e15 * x));
        assertTrue(rough.noise(unit()) > 1e-3, "" + rough.noise(unit()));
        Differences smooth = of(0.3, x -> 5 * x);
        assertTrue(smooth.noise(unit()) < 4 * Math.ulp(1.5), "" + smooth.noise(unit()));
        assertTrue(smooth.noise(unit()) >= Math.ulp(1.5) / 2);
    }

    @Test
    void taylorTellsRightFromWrong() {
        Differences d = of(0.7, StrictMath::sin);
        double noise = d.noise(unit());
        double slope = StrictMath.cos(0.7);
        assertEquals(2, d.taylorOrder(unit(), slope, noise), 0.05);
        assertEquals(1, d.taylorOrder(unit(), 1.01 * slope, noise), 0.05);
        assertTrue(Double.isNaN(of(0.7, x -> 3 * x).taylorOrder(unit(), 3, noise)));
    }
}
