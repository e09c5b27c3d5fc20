package org.spikecast.kernel.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Functions of tails, and the slope of tanh, against exponentials in 60 digits. */
class TailTest {
    private static final MathContext DIGITS = new MathContext(60);

    /** Bounds in ulp. Largest errors among 40,000 random arguments: 1.35, and 3.45 of the slope of tanh. */
    private static final double TAIL_ULP = 2;

    private static final double TANH_SLOPE_ULP = 5;

    /** e^-x for x of 0 or more: the series at x / 2^12, squared twelve times. */
    static BigDecimal expOfMinus(double x) {
        MathContext more = new MathContext(80);
        BigDecimal small = new BigDecimal(x).divide(new BigDecimal(4096), more);
        BigDecimal term = BigDecimal.ONE;
        BigDecimal sum = BigDecimal.ONE;
        for (int k = 1; k < 60; k++) {
            term = term.multiply(small, more).negate().divide(new BigDecimal(k), more);
            sum = sum.add(term, more);
        }
        for (int k = 0; k < 12; k++) {
            sum = sum.multiply(sum, more);
        }
        return sum;
    }

    static double ulps(BigDecimal expected, double actual) {
        BigDecimal error = new BigDecimal(actual).subtract(expected).abs();
        return error.divide(new BigDecimal(Math.ulp(expected.doubleValue())), DIGITS)
                .doubleValue();
    }

    /** The largest errors at x, in ulp: of what follows from the tail of sigma, and of the slope of tanh. */
    static double[] errors(double x) {
        BigDecimal one = BigDecimal.ONE;
        BigDecimal e = expOfMinus(Math.abs(x));
        BigDecimal near = e.divide(one.add(e), DIGITS);
        BigDecimal far = one.divide(one.add(e), DIGITS);
        double s = Tail.of(x);
        double worst = ulps(near.multiply(far), Tail.slope(s));
        worst = Math.max(worst, ulps(x < 0 ? near : far, Tail.sigma(s)));
        worst = Math.max(worst, ulps(x < 0 ? far : near, Tail.complement(s)));
        double[] slope = new double[1];
        assertEquals(Elementary.tanh(x), Elementary.tanh(x, slope, 0));
        BigDecimal sech = e.multiply(new BigDecimal(2)).divide(one.add(e.multiply(e)), DIGITS);
        return new double[] {worst, ulps(sech.multiply(sech), slope[0])};
    }

    @ParameterizedTest
    @ValueSource(
            doubles = {0, 1e-300, 1e-8, 0.17, 0.18, 0.3, 0.52, 0.8, 0.87, 1, 2.5, 8, 18.6, 20, 37.5, 40, 100, 300, 354})
    void everythingIsRightToTheLastDigits(double x) {
        for (double argument : new double[] {x, -x, 1.01 * x, -1.01 * x}) {
            if (Math.abs(argument) <= 354) {
                double[] errors = errors(argument);
                assertTrue(errors[0] <= TAIL_ULP, argument + ": " + errors[0]);
                assertTrue(errors[1] <= TANH_SLOPE_ULP, argument + ": " + errors[1]);
                assertEquals(Elementary.sigma(argument), Tail.sigma(Tail.of(argument)));
            }
        }
    }

    @Test
    void beyondEveryScaleSlopesVanish() {
        double[] slope = new double[1];
        for (double x : new double[] {355, 700, 1e300, Double.POSITIVE_INFINITY}) {
            for (int sign = -1; sign < 2; sign += 2) {
                assertEquals(sign, Elementary.tanh(sign * x, slope, 0));
                assertEquals(1e-307, slope[0], 1e-307);
                assertEquals(Elementary.sigma(sign * x), Tail.sigma(Tail.of(sign * x)));
                assertEquals(Elementary.sigma(-sign * x), Tail.complement(Tail.of(sign * x)));
                assertEquals(0, Tail.slope(Tail.of(sign * x)), 1e-150);
            }
        }
    }

    @Test
    void zerosAndNaNs() {
        double[] slope = new double[1];
        assertEquals(-0.0, Elementary.tanh(-0.0, slope, 0));
        assertEquals(1, slope[0]);
        assertEquals(0.5, Tail.sigma(Tail.of(-0.0)));
        assertEquals(0.25, Tail.slope(Tail.of(0.0)));
        assertTrue(Double.isNaN(Elementary.tanh(Double.NaN, slope, 0)) && Double.isNaN(slope[0]));
        double s = Tail.of(Double.NaN);
        assertTrue(Double.isNaN(Tail.sigma(s)) && Double.isNaN(Tail.complement(s)) && Double.isNaN(Tail.slope(s)));
    }
}
