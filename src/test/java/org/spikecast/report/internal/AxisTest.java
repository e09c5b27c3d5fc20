package org.spikecast.report.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.spikecast.report.internal.Axis.Tick;

class AxisTest {
    private static final double LENGTH = 600;

    private static List<String> labels(double low, double high, boolean log) {
        return Axis.between(low, high, log).ticks(6).stream().map(Tick::label).toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "0; 1; 0 0.2 0.4 0.6 0.8 1.0",
                "0; 0.3; 0 0.05 0.10 0.15 0.20 0.25 0.30",
                "-0.25; 0.25; −0.2 −0.1 0 0.1 0.2",
                "0; 3000; 0 500 1000 1500 2000 2500 3000",
                "0; 12000; 0 2000 4000 6000 8000 10000 12000",
                "-20; 0; −20 −15 −10 −5 0",
                "0; 5e-7; 0 10⁻⁷ 2_×_10⁻⁷ 3_×_10⁻⁷ 4_×_10⁻⁷ 5_×_10⁻⁷",
                "0; 3e6; 0 5_×_10⁵ 10⁶ 1.5_×_10⁶ 2_×_10⁶ 2.5_×_10⁶ 3_×_10⁶",
            })
    void linearTicksAreExactDecimals(double low, double high, String expected) {
        assertEquals(
                expected,
                String.join(
                        " ",
                        labels(low, high, false).stream()
                                .map(l -> l.replace(' ', '_'))
                                .toList()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "1; 100; 1 10 100",
                "1; 20; 1 2 5 10 20",
                "1e-6; 1; 10⁻⁶ 10⁻⁴ 10⁻² 10⁰",
                "0.021; 0.026; 0.021 0.022 0.023 0.024 0.025 0.026",
            })
    void logarithmicTicks(double low, double high, String expected) {
        assertEquals(expected, String.join(" ", labels(low, high, true)));
    }

    /**
     * Whatever the data: ticks lie inside, ascend, are 1, 2 or 5 times a power of ten apart, and have the right labels.
     */
    @Test
    void ticksAreRoundAndInside() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 2000; i++) {
            double centre = (random.nextDouble() - 0.5) * StrictMath.pow(10, random.nextInt(-12, 13));
            double width = StrictMath.pow(10, random.nextInt(-12, 13)) * (1 + random.nextDouble());
            Axis axis = Axis.around(DoubleStream.of(centre, centre + width), false, 0.04, 0.04);
            int n = random.nextInt(1, 12);
            List<Tick> ticks = axis.ticks(n);
            assertTrue(ticks.size() <= n + 1, () -> ticks + " for " + n);
            assertTrue(n < 3 || ticks.size() >= n / 3, () -> ticks + " for " + n);
            for (int k = 0; k < ticks.size(); k++) {
                double at = axis.at(ticks.get(k).value(), LENGTH);
                assertTrue(at >= 0 && at <= LENGTH, () -> ticks.toString());
                assertEquals(ticks.get(k).value(), parse(ticks.get(k).label()).doubleValue());
                if (k > 0) {
                    BigDecimal step = parse(ticks.get(k).label())
                            .subtract(parse(ticks.get(k - 1).label()));
                    String digits = step.stripTrailingZeros().unscaledValue().toString();
                    assertTrue(List.of("1", "2", "5").contains(digits), () -> ticks.toString());
                }
            }
        }
    }

    private static BigDecimal parse(String label) {
        String text = label.replace('−', '-');
        Matcher power = Pattern.compile("(?:(.+) × )?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)").matcher(text);
        if (!power.matches()) {
            return new BigDecimal(text);
        }
        StringBuilder exponent = new StringBuilder();
        power.group(2).chars().forEach(c -> exponent.append(c == '⁻' ? "-" : "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(c)));
        return new BigDecimal((power.group(1) == null ? "1" : power.group(1)) + "e" + exponent);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1, -3, 0.0234, 1e-300, 1e300, -1e17, Double.MIN_VALUE, 123456.789})
    void oneValueStandsInTheMiddle(double value) {
        Axis axis = Axis.around(DoubleStream.of(value, value), false, 0, 0.04);
        if (Math.abs(value) < 1e290) {
            assertEquals(LENGTH / 2, axis.at(value, LENGTH), 1e-6);
        }
        assertTrue(axis.ticks(6).size() <= 7);
    }

    @Test
    void whatCannotBeShownHasNoPlace() {
        Axis linear = Axis.around(DoubleStream.of(Double.NaN, 1, 3, Double.POSITIVE_INFINITY), false, 0, 0);
        assertEquals(0, linear.at(1, LENGTH));
        assertEquals(LENGTH, linear.at(3, LENGTH));
        assertTrue(Double.isNaN(linear.at(Double.NEGATIVE_INFINITY, LENGTH)));
        Axis log = Axis.around(DoubleStream.of(-1, 0, 1, 100), true, 0, 0);
        assertEquals(LENGTH / 2, log.at(10, LENGTH));
        assertTrue(Double.isNaN(log.at(0, LENGTH)));
        assertTrue(Double.isNaN(log.at(-1, LENGTH)));
    }

    @Test
    void endsMoveToNearTicks() {
        Axis axis = Axis.around(DoubleStream.of(3.2, 2997), false, 0, 0.04);
        assertEquals(0, axis.at(0, LENGTH));
        assertEquals(LENGTH, axis.at(3000, LENGTH));
    }

    @Test
    void wholeNumbersHaveWholeTicks() {
        Axis axis = Axis.around(DoubleStream.of(1, 2, 3), false, 0, 0);
        assertEquals(
                List.of("1", "2", "3"), axis.ticks(9).stream().map(Tick::label).toList());
    }

    @Test
    void labelsThatDoNotFitAreFewer() {
        Axis axis = Axis.between(0, 3000, false);
        assertEquals(7, axis.ticks(600, 60, t -> 50).size());
        assertEquals(4, axis.ticks(600, 60, t -> 110).size());
    }

    @ParameterizedTest
    @CsvSource({
        "0.23432, 1, 0.234",
        "-0.0001, 1, 0.000",
        "-1.0312, 1, −1.031",
        "12.34, 100, 12.3",
        "123456.7, 1e6, 123457",
        "1.2345e-7, 1e-6, 1.23 × 10⁻⁷",
        "NaN, 1, n/a",
    })
    void roundedToTheRange(double value, double range, String expected) {
        assertEquals(expected, Axis.between(0, range, false).rounded(value));
    }

    @Test
    void rangesThatCannotBeShownAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> Axis.between(0, 1, true));
        assertThrows(IllegalArgumentException.class, () -> Axis.between(0, 1e300, false));
    }
}
