package org.spikecast.check.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spikecast.check.Objective;
import org.spikecast.kernel.RandomStream;
import org.spikecast.params.ParameterSet;

/** The choice of the step, on functions of one parameter whose derivatives are known. */
class SlopeTest {
    private static Differences of(double x, DoubleUnaryOperator f) {
        ParameterSet.Builder declare = new ParameterSet.Builder();
        double[] w = declare.vector("w", 1).data;
        ParameterSet parameters = declare.build();
        w[0] = x;
        return new Differences(Objective.of(parameters, () -> f.applyAsDouble(w[0]), gradient -> {}));
    }

    private static Slope slope(double x, DoubleUnaryOperator f) {
        return of(x, f).slope(0, f.applyAsDouble(x));
    }

    /** The slope is right within its bound, and the bound is no larger than this. */
    private static Slope assertSlope(double expected, double mostError, Slope slope) {
        assertTrue(slope.trusted());
        assertEquals(expected, slope.value(), slope.error());
        assertTrue(slope.error() <= mostError, slope.error() + " > " + mostError);
        assertTrue(slope.confirms(expected, 0) && !slope.disproves(expected, 0));
        return slope;
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
        Slope slope = slope(0.7, StrictMath::sin);
        assertEquals(d.fourthOrder(0, 0.0625), slope.fourth(-4), 1e-15);
        assertEquals(d.central(0, 0.0625), slope.central(-4), 1e-15);
    }

    /** Bounds of a few hundred times the least possible error, eps^(4/5) of the slope. */
    @Test
    void smoothFunctionsAreKnownToTenDigits() {
        Slope sine = assertSlope(StrictMath.cos(0.7), 1e-10, slope(0.7, StrictMath::sin));
        assertTrue(sine.step() <= 1e-2 && sine.step() >= 1e-4, "" + sine.step());
        assertTrue(sine.centralStep() <= 1e-4 && sine.centralStep() >= 1e-7, "" + sine.centralStep());
        assertFalse(sine.constant() || sine.kink());
        assertSlope(3, 1e-13, slope(0.7, x -> 3 * x));
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e-250, 1e-100, 1e-9, 1, 1e9, 1e100})
    void theScaleOfTheParameterDoesNotMatter(double s) {
        double truth = StrictMath.cos(0.7) / s;
        assertSlope(truth, 1e-9 * truth, slope(0.7 * s, x -> StrictMath.sin(x / s)));
        assertSlope(1 / s, 1e-8 / s, slope(s, StrictMath::log)); // log s is rounded to 1e-13
    }

    /** At 0 the parameter gives no scale for the steps. */
    @ParameterizedTest
    @ValueSource(doubles = {1e-200, 1e-30, 1e-15, 1})
    void atZeroTheScaleIsFound(double s) {
        assertSlope(1 / s, 1e-9 / s, slope(0, x -> StrictMath.sin(x / s)));
    }

    @Test
    void stepsOutOfTheDomainAreNotTaken() {
        Slope log = assertSlope(1000, 1e-5, slope(1e-3, StrictMath::log)); // no number from h = 5e-4 on
        assertTrue(log.step() < 5e-4, "" + log.step());
        Slope nowhere = slope(-1, StrictMath::log);
        assertTrue(Double.isNaN(nowhere.value()) && Double.isNaN(nowhere.step()));
        assertFalse(nowhere.trusted() || nowhere.kink() || nowhere.disproves(3, 0) || nowhere.confirms(3, 0));
    }

    /** Within 0.001 the slope is 0, beyond it is 1; long steps have the smaller rounding error. */
    @ParameterizedTest
    @ValueSource(doubles = {1e-2, 1e-4, 1e-6})
    void stepsStayWithinTheNextKink(double distance) {
        Slope slope = assertSlope(0, 1e-6, slope(-distance, x -> Math.max(0, x) + 1));
        assertTrue(slope.step() < distance, "" + slope.step());
        assertTrue(slope.disproves(0.5, 0) && slope.disproves(1, 0));
    }

    @Test
    void atAKinkBothDerivativesAreGiven() {
        Slope slope = slope(0, x -> 3 + 2 * x + Math.abs(x) + x * x);
        assertTrue(slope.kink());
        assertFalse(slope.trusted() || slope.disproves(17, 0));
        assertArrayEquals(new double[] {1, 3}, slope.oneSided(), 1e-6);
        assertFalse(slope(0, x -> Math.abs(x * x * x)).kink());
        assertFalse(slope(0.3, x -> x * x).kink());
    }

    /** The loss moves in steps of 1e-8 or so, and not at all over the shortest ones. */
    @Test
    void aGridIsNotTakenForASlopeOfZero() {
        Slope single = assertSlope(StrictMath.cos(0.7), 1e-3, slope(0.7, x -> (float) StrictMath.sin(x)));
        assertTrue(single.noise() > 1e-8, "" + single.noise());
        assertTrue(single.disproves(1.02 * StrictMath.cos(0.7), 0));
        assertFalse(single.disproves(0, 0)); // the slope between the jumps
        assertFalse(single.confirms(0, 0));
        Slope partly = slope(0.5, x -> x * x + (float) StrictMath.sin(x));
        assertFalse(partly.disproves(1 + StrictMath.cos(0.5), 0));
        assertSlope(2e8 + 2, 100, slope(1, x -> (1e8 + x) * (1e8 + x) - 1e16));
    }

    @Test
    void aJumpOnOneSideAndWallsOnBothAreNoGrid() {
        assertSlope(1, 1e-9, slope(0.5, x -> x * x + (x > 0.51 ? 1 : 0)));
        assertSlope(1, 1e-9, slope(0.5, x -> x < 0 || x > 1 ? 1e10 : x * x));
        assertSlope(-1e8, 1e-2, slope(1e-4, x -> 1 / x));
    }

    @Test
    void whatVariesWildlyShowsNoSlope() {
        Slope wild = slope(0.3, x -> StrictMath.sin(1e17 * x));
        assertFalse(wild.trusted() || wild.disproves(0, 0) || wild.disproves(1e17, 0));
    }

    /** The noise is pseudo-random, of standard deviation 1e-6: ten times that over the step bounds the error. */
    @Test
    void noiseIsSeenAtItsSize() {
        RandomStream random = RandomStream.of(3, "noise");
        for (int k = 0; k < 100; k++) {
            Slope slope = slope(0.3, x -> StrictMath.sin(x) + 1e-6 * random.nextGaussian());
            assertEquals(StrictMath.cos(0.3), slope.value(), slope.error());
            assertTrue(slope.noise() > 5e-7 && slope.noise() < 1e-5, "" + slope.noise());
        }
    }

    @Test
    void aConstantIsFollowedFar() {
        assertTrue(slope(0.3, x -> 5).constant());
        assertSlope(0, 1e-15, slope(0.3, x -> 5));
        // 1e16 + w moves in steps of 2.
        assertSlope(1, 1e-5, slope(1, x -> 1e16 + x));
        Slope hidden = slope(1, x -> 1e12 + 1e-6 * x);
        assertFalse(hidden.constant());
        assertFalse(hidden.disproves(0, 0)); // at the usual steps nothing shows
    }

    /** Even functions at 0: the slope is 0, and the secant gives the scale of slopes nearby. */
    @Test
    void minimaHaveSecants() {
        Slope square = assertSlope(0, 1e-15, slope(0, x -> x * x));
        assertTrue(square.secant() > 0.1 && square.secant() < 10, "" + square.secant());
        assertSlope(0, 1e-12, slope(0, x -> 5 - StrictMath.cos(x)));
        assertEquals(0, slope(0.3, x -> 5).secant());
    }

    @Test
    void taylorTellsRightFromWrong() {
        double truth = StrictMath.cos(0.7);
        Slope slope = slope(0.7, StrictMath::sin);
        assertEquals(2, slope.taylorOrder(truth, 0, 0), 0.05);
        assertEquals(1, slope.taylorOrder(1.01 * truth, 0, 0), 0.05);
        assertEquals(1, slope.taylorOrder(0, 0, 0), 0.05);
        assertEquals(3, slope.taylorOrder(truth, -StrictMath.sin(0.7), 0), 0.05);
        assertEquals(2, slope.taylorOrder(truth, -1.01 * StrictMath.sin(0.7), 0), 0.05);
        assertTrue(Double.isNaN(slope(0.7, x -> 3 * x).taylorOrder(3, 0, 0)));
    }

    /** x^2 + 1000 x^3 at 0: order 3 for long steps, 2 in the limit. */
    @Test
    void theTaylorOrderIsThatOfTheLimit() {
        Slope slope = slope(0, x -> x * x + 1000 * x * x * x);
        assertEquals(2, slope.taylorOrder(0, 0, 0), 1e-4);
        assertEquals(1, slope.taylorOrder(0.1, 0, 0), 1e-4);
    }
}
