package org.spikecast.report.internal;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/**
 * One axis of a figure: a range, a linear or logarithmic scale, and ticks at round numbers.
 *
 * <p>A value v is at u = v, or at u = log10(v) on a logarithmic axis; {@code low} and {@code high} are in u. Ticks are
 * exact decimals, so that their labels are exact too.
 */
final class Axis {
    /** A round number on the axis and its label. */
    record Tick(double value, String label) {}

    private static final char MINUS = '\u2212';
    private static final String SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

    private final double low;
    private final double high;
    private final boolean log;
    /** Ticks are at integers u only: epochs, counts, powers of ten. */
    private final boolean whole;

    private Axis(double low, double high, boolean log, boolean whole) {
        this.low = low;
        this.high = high;
        this.log = log;
        this.whole = whole;
    }

    /**
     * The axis that holds the given values; those that it cannot show (NaN, infinite, not positive if logarithmic) are
     * left out.
     *
     * @param pad free space at both ends, as a fraction of the range
     * @param snap an end moves outwards to a tick that is nearer than this fraction of the range
     */
    static Axis around(DoubleStream values, boolean log, double pad, double snap) {
        double[] us =
                values.map(v -> unit(v, log)).filter(u -> !Double.isNaN(u)).toArray();
        if (us.length == 0) {
            return new Axis(0, 1, log, false);
        }
        double low = Arrays.stream(us).min().getAsDouble();
        double high = Arrays.stream(us).max().getAsDouble();
        boolean whole = log || Arrays.stream(us).allMatch(u -> u == Math.rint(u));
        double size = Math.max(Math.abs(low), Math.abs(high));
        if (high - low <= 1e-12 * size || high - low < 1e-290) {
            double half = whole || size < 1e-290 ? Math.max(0.5, 1e-9 * size) : 0.1 * size;
            return new Axis(low - half, high + half, log, whole);
        }
        double room = (high - low) * pad;
        Axis padded = new Axis(low - room, high + room, log, whole);
        BigDecimal step = padded.step(10);
        double down =
                multiple(step, Math.floor(padded.low / step.doubleValue())).doubleValue();
        double up = multiple(step, Math.ceil(padded.high / step.doubleValue())).doubleValue();
        double reach = (high - low) * snap;
        return new Axis(
                padded.low - down < reach ? down : padded.low, up - padded.high < reach ? up : padded.high, log, whole);
    }

    /** The axis with the given ends. */
    static Axis between(double low, double high, boolean log) {
        Axis axis = new Axis(unit(low, log), unit(high, log), log, false);
        if (!(axis.low < axis.high)) {
            throw new IllegalArgumentException("expected an axis that ascends within " + (log ? "1e-290" : "-1e290")
                    + " to 1e290, got " + low + " to " + high + "; give another yRange");
        }
        return axis;
    }

    /**
     * The position of a value: u, or NaN if it cannot be shown. Values near the overflow of double are not shown
     * either.
     */
    private static double unit(double value, boolean log) {
        double u = log ? StrictMath.log10(value) : value;
        return Math.abs(u) < (log ? 290 : 1e290) ? u : Double.NaN;
    }

    /** Distance of a value from the low end of an axis of the given length; NaN if it cannot be shown. */
    double at(double value, double length) {
        double u = unit(value, log);
        return Double.isNaN(u) ? u : clamp((u - low) / (high - low), -1e3, 1e3) * length;
    }

    /** The base of filled shapes: zero, or the end nearest to it. */
    double base(double length) {
        return log ? 0 : clamp(-low / (high - low), 0, 1) * length;
    }

    private static double clamp(double value, double low, double high) {
        return Math.max(low, Math.min(high, value));
    }

    /** As many ticks as fit without touching; {@code extent} gives the length of a tick's label along the axis. */
    List<Tick> ticks(double length, double spacing, ToDoubleFunction<Tick> extent) {
        for (int n = Math.max(3, (int) (length / spacing)); n > 1; n--) {
            List<Tick> ticks = ticks(n);
            boolean fits = true;
            for (int i = 1; i < ticks.size(); i++) {
                Tick a = ticks.get(i - 1);
                Tick b = ticks.get(i);
                double room = (extent.applyAsDouble(a) + extent.applyAsDouble(b)) / 2;
                fits &= at(b.value, length) - at(a.value, length) >= room;
            }
            if (fits) {
                return ticks;
            }
        }
        return ticks(1);
    }

    /** About {@code n} ticks inside the range: multiples of 1, 2 or 5 times a power of ten; powers of ten if logarithmic. */
    List<Tick> ticks(int n) {
        List<BigDecimal> values = new ArrayList<>();
        if (log) {
            int first = (int) Math.floor(low);
            int last = (int) Math.ceil(high);
            for (int e = first; e <= last; e++) {
                for (int mantissa : new int[] {1, 2, 5}) {
                    addIfInside(values, BigDecimal.valueOf(mantissa).scaleByPowerOfTen(e));
                }
            }
            if (values.size() > n) {
                int stride = (last - first) / n + 1;
                values.removeIf(v -> v.unscaledValue().intValue() != 1 || Math.floorMod(v.scale(), stride) != 0);
            }
        }
        if (values.size() < 2) {
            values.clear();
            Axis linear = log ? new Axis(StrictMath.pow(10, low), StrictMath.pow(10, high), false, false) : this;
            BigDecimal step = linear.step(n);
            double first = Math.floor(linear.low / step.doubleValue());
            for (int i = 0; i <= n + 2; i++) {
                addIfInside(values, multiple(step, first + i));
            }
        }
        boolean plain = values.stream().allMatch(Axis::isPlain);
        return values.stream()
                .map(v -> new Tick(v.doubleValue(), v.signum() == 0 ? "0" : plain ? plain(v) : scientific(v)))
                .toList();
    }

    private void addIfInside(List<BigDecimal> values, BigDecimal value) {
        double u = unit(value.doubleValue(), log);
        if (u >= low && u <= high) {
            values.add(value);
        }
    }

    /** The smallest of 1, 2 or 5 times a power of ten that cuts the range into at most {@code n} parts. */
    private BigDecimal step(int n) {
        double raw = (high - low) / n;
        if (raw < 1 && whole) {
            return BigDecimal.ONE;
        }
        BigDecimal power = BigDecimal.ONE.scaleByPowerOfTen((int) Math.floor(StrictMath.log10(raw)));
        for (int mantissa : new int[] {1, 2, 5}) {
            BigDecimal step = power.multiply(BigDecimal.valueOf(mantissa));
            if (step.doubleValue() >= raw) {
                return step;
            }
        }
        return power.scaleByPowerOfTen(1);
    }

    private static BigDecimal multiple(BigDecimal step, double times) {
        return step.multiply(new BigDecimal(times));
    }

    private static boolean isPlain(BigDecimal value) {
        double size = Math.abs(value.doubleValue());
        return size == 0 || size >= 1e-4 && size < 1e6;
    }

    /**
     * A value as text, rounded to about a thousandth of the range, or to three digits if the axis is logarithmic;
     * "n/a" if it is not a finite number.
     */
    String rounded(double value) {
        if (!Double.isFinite(value)) {
            return "n/a";
        }
        BigDecimal exact = new BigDecimal(value);
        int decimals = log ? 7 : 3 - (int) Math.round(StrictMath.log10(high - low));
        if (decimals <= 6 && Math.abs(value) < 1e6) {
            return plain(exact.setScale(Math.max(0, decimals), RoundingMode.HALF_EVEN));
        }
        BigDecimal digits = exact.round(new MathContext(3)).stripTrailingZeros();
        return isPlain(digits) ? plain(digits) : scientific(digits);
    }

    private static String plain(BigDecimal value) {
        return value.toPlainString().replace('-', MINUS);
    }

    private static String scientific(BigDecimal value) {
        int exponent = value.precision() - value.scale() - 1;
        String mantissa =
                value.scaleByPowerOfTen(-exponent).stripTrailingZeros().toPlainString();
        StringBuilder text = new StringBuilder(mantissa.equals("1") ? "10" : mantissa.replace('-', MINUS) + " × 10");
        for (char digit : Integer.toString(exponent).toCharArray()) {
            text.append(digit == '-' ? '⁻' : SUPERSCRIPTS.charAt(digit - '0'));
        }
        return text.toString();
    }
}
