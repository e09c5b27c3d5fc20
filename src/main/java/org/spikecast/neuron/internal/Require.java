package org.spikecast.neuron.internal;

/** Checks of arguments. Every message names what is wrong, what was expected, what was given, and the remedy. */
public final class Require {
    /**
     * The largest relative distance of a ratio of two times from a whole number: enough for decimal fractions like 0.1.
     */
    private static final double GRID_TOLERANCE = 1e-9;

    private Require() {}

    public static void that(boolean condition, String expected, Object got, String remedy) {
        if (!condition) {
            throw failure(expected, got, remedy);
        }
    }

    /** For loops, where the message is composed only if it is needed. */
    public static IllegalArgumentException failure(String expected, Object got, String remedy) {
        return new IllegalArgumentException(expected + ", got " + text(got) + ": " + remedy);
    }

    public static void finite(String name, double value) {
        that(Double.isFinite(value), name + " must be finite", value, "give a number");
    }

    public static void positive(String name, double value) {
        that(
                value > 0 && Double.isFinite(value),
                name + " must be finite and above 0",
                value,
                "give a positive number");
    }

    public static void notNegative(String name, double value) {
        that(value >= 0 && Double.isFinite(value), name + " must be finite and at least 0", value, "give 0 or more");
    }

    public static void atLeast(int least, String name, int value) {
        that(value >= least, name + " must be at least " + least, value, "give a larger number");
    }

    /** The number of elements of a rows x columns array, which must fit into one array. */
    public static int area(String name, long rows, int columns) {
        long area = rows * columns;
        that(
                area < Integer.MAX_VALUE - 8,
                name + " must fit into one array",
                area + " elements",
                "take less at a time");
        return (int) area;
    }

    /**
     * The number of steps of dt in a time, which must be whole.
     *
     * @param what the time's name in the message
     */
    public static int steps(String what, double ms, double dt) {
        return steps(what, ms, "dt", dt);
    }

    /** The same where the step has another name. */
    public static int steps(String what, double ms, String step, double dt) {
        notNegative(what, ms);
        positive(step, dt);
        double ratio = ms / dt;
        double steps = Math.rint(ratio);
        if (Math.abs(ratio - steps) > GRID_TOLERANCE * ratio) {
            String sizes = step + " " + text(dt) + " ms does not divide the " + what + " of " + text(ms) + " ms";
            throw new IllegalArgumentException(sizes + ": choose " + step + " = " + what + " / n");
        }
        String most = "the " + what + " must be below 2^31 steps";
        that(steps < Integer.MAX_VALUE, most, steps, "shorten it or enlarge " + step);
        return (int) steps;
    }

    private static String text(Object value) {
        if (value instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1e15) {
            return Long.toString(number.longValue());
        }
        return String.valueOf(value);
    }
}
