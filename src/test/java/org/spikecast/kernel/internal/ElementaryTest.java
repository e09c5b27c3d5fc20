package org.spikecast.kernel.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ElementaryTest {
    /** Below, sigma may be zero instead of the subnormal number that would be right. */
    private static final double SIGMA_ACCURATE_FROM = -708;

    /**
     * Bounds in ulp, as the documentation states them, and the largest errors found among 10^8 random arguments, at
     * arguments that are among the stored vectors. The bounds leave a little room for what was not found.
     */
    private enum Function {
        EXP(Elementary::exp, 1.0, 0.8755),
        LOG(Elementary::log, 0.9, 0.8606),
        SIGMA(Elementary::sigma, 1.1, 1.0156),
        TANH(Elementary::tanh, 2.0, 1.9890);

        final DoubleUnaryOperator code;
        final double bound;
        final double measured;

        Function(DoubleUnaryOperator code, double bound, double measured) {
            this.code = code;
            this.bound = bound;
            this.measured = measured;
        }

        double at(double x) {
            return code.applyAsDouble(x);
        }

        /** About the argument at which the k of the reduction becomes the given one. */
        double boundary(int k) {
            return switch (this) {
                case EXP, SIGMA -> (k - 0.5) * Math.log(2);
                case TANH -> (k - 0.5) * Math.log(2) / 2;
                case LOG -> Math.scalb(Math.sqrt(0.5), k);
            };
        }
    }

    private record Vector(double x, double nearest, String exact) {
        /** Distance of a result from the exact value, in units of the spacing of doubles there. */
        double error(double result) {
            BigDecimal distance = new BigDecimal(result).subtract(new BigDecimal(exact));
            BigDecimal ulp = new BigDecimal(Math.ulp(nearest));
            return distance.abs().divide(ulp, MathContext.DECIMAL64).doubleValue();
        }
    }

    private static List<Vector> vectors(Function function) throws IOException {
        Path file = Path.of("test-vectors", "elementary", function.name().toLowerCase(Locale.ROOT) + ".csv");
        List<Vector> vectors = Files.readAllLines(file).stream()
                .filter(line -> !line.startsWith("#") && !line.startsWith("x,"))
                .map(line -> line.split(","))
                .map(cell -> new Vector(Double.parseDouble(cell[0]), Double.parseDouble(cell[1]), cell[2]))
                .toList();
        assertTrue(vectors.size() >= 300, file + " holds " + vectors.size() + " vectors, expected 300 or more");
        return vectors;
    }

    @ParameterizedTest
    @EnumSource
    void errorsAgainstStoredVectorsAreWithinTheBound(Function function) throws IOException {
        double worst = 0;
        double worstAt = 0;
        for (Vector vector : vectors(function)) {
            double result = function.at(vector.x);
            if (Double.isNaN(vector.nearest) || Double.isInfinite(vector.nearest)) {
                assertEquals(vector.nearest, result, function + " of " + vector.x);
            } else if (function == Function.SIGMA && vector.x < SIGMA_ACCURATE_FROM) {
                assertEquals(vector.nearest, result, Double.MIN_NORMAL, "sigma of " + vector.x);
            } else {
                double error = vector.error(result);
                worstAt = error > worst ? vector.x : worstAt;
                worst = Math.max(worst, error);
            }
        }
        assertTrue(worst <= function.bound, function + ": error of " + worst + " ulp at " + worstAt);
        // The vectors contain the arguments with the largest errors known.
        assertEquals(function.measured, worst, 1e-4, function + ": largest error, at " + worstAt);
    }

    /** Any change of a result, even an improvement, changes every simulation and training: it must be deliberate. */
    @ParameterizedTest
    @CsvSource({"EXP, f697a39206349179", "LOG, 5231495b630b6b51", "SIGMA, ee810e8d462086ed", "TANH, f5585f4fb9ee92ae"})
    void bitsNeverChange(Function function, String digest) {
        long hash = 0;
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 100_000; i++) {
            double x = Math.scalb(2 * random.nextDouble() - 1, i % 16 - 8);
            hash = 31 * hash + Double.doubleToLongBits(function.at(function == Function.LOG ? Math.abs(x) : x));
        }
        assertEquals(digest, Long.toHexString(hash));
    }

    @Test
    void specialValues() {
        assertBits(1, Elementary.exp(0.0));
        assertBits(1, Elementary.exp(-0.0));
        assertBits(Math.E, Elementary.exp(1));
        assertBits(0, Elementary.exp(Double.NEGATIVE_INFINITY));
        assertBits(Double.POSITIVE_INFINITY, Elementary.exp(Double.POSITIVE_INFINITY));

        assertBits(0, Elementary.log(1));
        assertBits(1, Elementary.log(Math.E));
        assertBits(Double.NEGATIVE_INFINITY, Elementary.log(0.0));
        assertBits(Double.NEGATIVE_INFINITY, Elementary.log(-0.0));
        assertBits(Double.POSITIVE_INFINITY, Elementary.log(Double.POSITIVE_INFINITY));
        assertBits(Double.NaN, Elementary.log(-1));
        assertBits(Double.NaN, Elementary.log(-Double.MIN_VALUE));
        assertBits(Double.NaN, Elementary.log(Double.NEGATIVE_INFINITY));

        assertBits(0.5, Elementary.sigma(0.0));
        assertBits(0.5, Elementary.sigma(-0.0));
        assertBits(1, Elementary.sigma(Double.POSITIVE_INFINITY));
        assertBits(0, Elementary.sigma(Double.NEGATIVE_INFINITY));

        assertBits(0.0, Elementary.tanh(0.0));
        assertBits(-0.0, Elementary.tanh(-0.0));
        assertBits(1, Elementary.tanh(Double.POSITIVE_INFINITY));
        assertBits(-1, Elementary.tanh(Double.NEGATIVE_INFINITY));
        for (double x : new double[] {Double.MIN_VALUE, 1e-310, Double.MIN_NORMAL, 1e-100, 0x1p-28}) {
            assertBits(x, Elementary.tanh(x));
        }
    }

    @ParameterizedTest
    @EnumSource
    void notANumberStaysSo(Function function) {
        assertBits(Double.NaN, function.at(Double.NaN));
        assertBits(Double.NaN, function.at(Double.longBitsToDouble(0xfff8000000000001L)));
    }

    @Test
    void overflowUnderflowAndSaturationComeWhereTheyShould() {
        double overflow = 709.782712893384; // the largest argument with a finite exponential
        assertTrue(Elementary.exp(overflow) < Double.POSITIVE_INFINITY);
        assertBits(Double.POSITIVE_INFINITY, Elementary.exp(Math.nextUp(overflow)));
        double underflow = -745.1332191019411; // the smallest argument whose exponential is not rounded to 0
        assertBits(Double.MIN_VALUE, Elementary.exp(underflow));
        assertBits(0, Elementary.exp(Math.nextDown(underflow)));

        assertBits(1, Elementary.sigma(37.43));
        assertTrue(Elementary.sigma(37.42) < 1);
        assertTrue(Elementary.sigma(-708.74) > 0);
        assertBits(0, Elementary.sigma(-708.75));
        assertBits(1, Elementary.tanh(18.55));
        assertTrue(Elementary.tanh(18.54) < 1);
        for (double x = 1024; x < Double.POSITIVE_INFINITY; x *= 2) {
            assertBits(Double.POSITIVE_INFINITY, Elementary.exp(x));
            assertBits(0, Elementary.exp(-x));
            assertBits(1, Elementary.sigma(x));
            assertBits(0, Elementary.sigma(-x));
            assertBits(1, Elementary.tanh(x));
        }
    }

    @Test
    void symmetries() {
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < 100_000; i++) {
            double x = random.nextDouble(0, i % 2 == 0 ? 2 : 40);
            assertBits(-Elementary.tanh(x), Elementary.tanh(-x));
            assertBits(1 - Elementary.sigma(-x), Elementary.sigma(x));
        }
    }

    @ParameterizedTest
    @EnumSource
    void monotoneAcrossEveryChangeOfTheReduction(Function function) {
        for (int k = -1074; k <= 1024; k++) {
            double x = function.boundary(k);
            for (int i = 0; i < 20; i++) {
                x = Math.nextDown(x);
            }
            for (int i = 0; i < 40; i++) {
                x = assertStep(function, x);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void monotoneBetweenNeighboursAndAlongSortedArguments(Function function) {
        SplittableRandom random = new SplittableRandom(3);
        double[] arguments = new double[200_000];
        for (int i = 0; i < arguments.length; i++) {
            double size = Math.scalb(random.nextDouble(1, 2), random.nextInt(-12, 6));
            arguments[i] = function == Function.LOG || random.nextBoolean() ? size : -size;
            assertStep(function, arguments[i]);
        }
        Arrays.sort(arguments);
        for (int i = 1; i < arguments.length; i++) {
            assertTrue(function.at(arguments[i - 1]) <= function.at(arguments[i]), function + " at " + arguments[i]);
        }
    }

    /** Returns the double after x. */
    private static double assertStep(Function function, double x) {
        double next = Math.nextUp(x);
        assertFalse(function.at(x) > function.at(next), () -> function + " falls after " + x); // NaN of log passes
        return next;
    }

    private static void assertBits(double expected, double actual) {
        assertEquals(expected, actual); // tells the zeros apart, and takes NaN for equal to NaN
    }
}
