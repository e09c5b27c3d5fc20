package org.spikecast.neuron.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NearZeroTest {
    private static final MathContext DIGITS = new MathContext(120);
    private static final int RANDOM_ARGUMENTS = 2000;

    /** Bounds in ulp, as the documentation states them. */
    private enum Function {
        ONE_MINUS_EXP(NearZero::oneMinusExp, 2, x -> BigDecimal.ONE.subtract(exp(x.negate()))),
        PHI_1(NearZero::phi1, 2, x -> BigDecimal.ONE.subtract(exp(x.negate())).divide(x, DIGITS)),
        PHI_2(
                NearZero::phi2,
                3,
                x -> x.subtract(BigDecimal.ONE).add(exp(x.negate())).divide(x.multiply(x), DIGITS)),
        PHI_1_MINUS_PHI_2(
                NearZero::phi1MinusPhi2,
                8,
                x -> BigDecimal.ONE
                        .subtract(BigDecimal.ONE.add(x).multiply(exp(x.negate())))
                        .divide(x.multiply(x), DIGITS));

        final DoubleUnaryOperator code;
        final double bound;
        final UnaryOperator<BigDecimal> exact;

        Function(DoubleUnaryOperator code, double bound, UnaryOperator<BigDecimal> exact) {
            this.code = code;
            this.bound = bound;
            this.exact = exact;
        }
    }

    /** exp(x) to about 100 digits for x from -50 to 50: (exp(x / 2^10))^(2^10). */
    private static BigDecimal exp(BigDecimal x) {
        BigDecimal small = x.divide(new BigDecimal(1024), DIGITS);
        BigDecimal sum = BigDecimal.ONE;
        BigDecimal term = BigDecimal.ONE;
        for (int n = 1; n <= 60; n++) {
            term = term.multiply(small, DIGITS).divide(new BigDecimal(n), DIGITS);
            sum = sum.add(term, DIGITS);
        }
        return sum.pow(1024, DIGITS);
    }

    @ParameterizedTest
    @EnumSource
    void errorsAreWithinTheBound(Function function) {
        double worst = 0;
        double worstAt = 0;
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < RANDOM_ARGUMENTS; i++) {
            double x = i % 2 == 0 ? random.nextDouble(0, 3) : StrictMath.pow(2, random.nextDouble(-40, 5.6));
            BigDecimal exact = function.exact.apply(new BigDecimal(x));
            BigDecimal distance = new BigDecimal(function.code.applyAsDouble(x)).subtract(exact);
            double error = distance.abs().doubleValue() / Math.ulp(exact.doubleValue());
            worstAt = error > worst ? x : worstAt;
            worst = Math.max(worst, error);
        }
        assertTrue(worst <= function.bound, function + ": error of " + worst + " ulp at " + worstAt);
    }

    @Test
    void logOnePlusIsWithinTheBound() {
        double worst = 0;
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < 1_000_000; i++) {
            double x = i % 2 == 0 ? random.nextDouble(0, 3) : StrictMath.pow(2, random.nextDouble(-80, 80));
            double expected = StrictMath.log1p(x); // within 1 ulp itself
            worst = Math.max(worst, Math.abs(NearZero.logOnePlus(x) - expected) / Math.ulp(expected));
        }
        assertTrue(worst <= 3, worst + " ulp");
    }

    @Test
    void limitsAreRight() {
        for (double zero : new double[] {0, Double.MIN_VALUE, 1e-300}) {
            assertEquals(zero, NearZero.oneMinusExp(zero));
            assertEquals(zero, NearZero.logOnePlus(zero));
            assertEquals(1, NearZero.phi1(zero));
            assertEquals(0.5, NearZero.phi2(zero));
            assertEquals(0.5, NearZero.phi1MinusPhi2(zero));
        }
        double infinity = Double.POSITIVE_INFINITY;
        assertEquals(1, NearZero.oneMinusExp(infinity));
        assertEquals(infinity, NearZero.logOnePlus(infinity));
        assertEquals(0, NearZero.phi1(infinity));
        assertEquals(1e-200, NearZero.phi2(1e200), 1e-214);
        assertEquals(1e-300, NearZero.phi1MinusPhi2(1e150), 1e-314);
    }

    /** Where the formula changes. */
    @Test
    void bothSidesOfOneAgree() {
        double below = Math.nextDown(1.0);
        assertEquals(NearZero.oneMinusExp(1), NearZero.oneMinusExp(below), 1e-15);
        assertEquals(NearZero.logOnePlus(1), NearZero.logOnePlus(below), 1e-15);
        assertEquals(NearZero.phi1(1), NearZero.phi1(below), 1e-15);
        assertEquals(NearZero.phi2(1), NearZero.phi2(below), 1e-15);
        assertEquals(NearZero.phi1MinusPhi2(1), NearZero.phi1MinusPhi2(below), 1e-15);
    }
}
