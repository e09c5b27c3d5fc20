package org.spikecast.io.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecimalTest {

    /** The digits are those of Python's repr, whose algorithm (David Gay's) is another one. */
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "-0.0, -0",
        "3.0, 3",
        "-17, -17",
        "0.1, 0.1",
        "-2.5, -2.5",
        "0.30000000000000004, 0.30000000000000004",
        "1e15, 1000000000000000",
        "9007199254740993, 9007199254740992",
        "123456789012345680000, 123456789012345680000",
        "1e20, 100000000000000000000",
        "1e21, 1e21",
        "1.5e300, 1.5e300",
        "0.00001, 0.00001",
        "0.000012345, 0.000012345",
        "0.000001, 1e-6",
        "-1.5e-7, -1.5e-7",
        "2e23, 2e23",
        "9.5367431640625e-7, 9.5367431640625e-7",
        "8.41e21, 8.41e21",
        "5e-324, 5e-324",
        "1.5e-323, 1.5e-323",
        "2.225073858507201e-308, 2.225073858507201e-308",
        "2.2250738585072014e-308, 2.2250738585072014e-308",
        "1.7976931348623157e308, 1.7976931348623157e308",
        // 2^-44: the nearest decimal of 16 digits, ...801e-14, belongs to the double below
        "0x1p-44, 5.684341886080802e-14",
        "NaN, NaN",
        "Infinity, Infinity",
        "-Infinity, -Infinity",
    })
    void knownCases(double x, String expected) {
        assertEquals(expected, Decimal.shortest(x));
    }

    @Test
    void anyBitPatternReadsBack() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 100_000; i++) {
            assertReadsBack(Double.longBitsToDouble(random.nextLong()));
        }
    }

    @Test
    void everyPowerOfTwoAndItsNeighboursReadBackAndAreShortest() {
        for (int exponent = -1074; exponent <= 1023; exponent++) {
            double power = Math.scalb(1.0, exponent);
            for (double x : new double[] {Math.nextDown(power), power, Math.nextUp(power)}) {
                assertReadsBack(x);
                assertNothingShorterReadsBack(x);
            }
        }
    }

    @Test
    void nothingShorterReadsBack() {
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < 3_000; i++) {
            assertNothingShorterReadsBack(random.nextDouble());
            assertNothingShorterReadsBack(Double.longBitsToDouble(random.nextLong(1L << 52))); // subnormal
        }
    }

    private static void assertReadsBack(double x) {
        String text = Decimal.shortest(x);
        assertEquals(Double.doubleToLongBits(x), Double.doubleToLongBits(Double.parseDouble(text)), text);
    }

    private static void assertNothingShorterReadsBack(double x) {
        String text = Decimal.shortest(x);
        int digits = new BigDecimal(text).stripTrailingZeros().precision();
        if (digits > 1) {
            BigDecimal exact = new BigDecimal(x);
            for (RoundingMode mode : new RoundingMode[] {RoundingMode.UP, RoundingMode.DOWN}) {
                BigDecimal shorter = exact.round(new MathContext(digits - 1, mode));
                assertNotEquals(x, Double.parseDouble(shorter.toString()), text + " and " + shorter);
            }
        }
    }
}
