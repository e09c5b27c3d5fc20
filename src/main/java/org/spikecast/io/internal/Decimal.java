package org.spikecast.io.internal;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Decimal text for doubles, the same on every JDK (Double.toString changed in JDK 19). */
public final class Decimal {
    /**
     * Every decimal of up to this many digits reads back from its nearest double: shorter ones need no search of their
     * own.
     */
    private static final int SURE_DIGITS = 15;

    private static final double SURE_INTEGER = 1e15;
    private static final long FRACTION_BITS = (1L << 52) - 1;
    private static final int LOWEST_PLAIN_EXPONENT = -5;
    private static final int HIGHEST_PLAIN_EXPONENT = 20;

    private Decimal() {}

    /**
     * The shortest decimal text that {@link Double#parseDouble} reads back to the same double; among several of that
     * length the one nearest to it. Plain from 0.00001 up to 21 digits before the point, otherwise such as
     * {@code 1.5e-7}; a whole number has no point ({@code 3}), negative zero is {@code -0}, and what is not finite is
     * {@code NaN}, {@code Infinity} or {@code -Infinity}.
     */
    public static String shortest(double x) {
        if (!Double.isFinite(x)) {
            return Double.isNaN(x) ? "NaN" : x > 0 ? "Infinity" : "-Infinity";
        }
        if (x == Math.rint(x) && Math.abs(x) < SURE_INTEGER) {
            return x == 0 && 1 / x < 0 ? "-0" : Long.toString((long) x);
        }
        BigDecimal exact = new BigDecimal(x);
        // below the normal range a double holds fewer digits, and even 15 can be more than it takes
        int digits = Math.abs(x) < Double.MIN_NORMAL ? 1 : SURE_DIGITS;
        // above a power of two the doubles are twice as far apart as below it: the nearest decimal, if it lies
        // below, may belong to the next double while the one above still belongs to x
        boolean powerOfTwo = (Double.doubleToRawLongBits(x) & FRACTION_BITS) == 0;
        while (true) { // ends: 17 digits always suffice
            BigDecimal rounded = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
            if (rounded.doubleValue() != x && powerOfTwo) {
                rounded = exact.round(new MathContext(digits, RoundingMode.UP));
            }
            if (rounded.doubleValue() == x) {
                return text(rounded.stripTrailingZeros());
            }
            digits++;
        }
    }

    private static String text(BigDecimal value) {
        int exponent = value.precision() - value.scale() - 1;
        if (exponent >= LOWEST_PLAIN_EXPONENT && exponent <= HIGHEST_PLAIN_EXPONENT) {
            return value.toPlainString();
        }
        String digits = value.unscaledValue().abs().toString();
        String fraction = digits.length() == 1 ? "" : "." + digits.substring(1);
        return (value.signum() < 0 ? "-" : "") + digits.charAt(0) + fraction + "e" + exponent;
    }
}
