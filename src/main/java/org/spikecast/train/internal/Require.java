package org.spikecast.train.internal;

/** Checks of arguments: what is named, what is expected, what was given. */
public final class Require {
    private Require() {}

    public static void atLeast(int least, int value, String name) {
        if (value < least) {
            throw new IllegalArgumentException(name + ": expected at least " + least + ", got " + value);
        }
    }

    public static void positive(double value, String name) {
        if (!(value > 0) || value == Double.POSITIVE_INFINITY) {
            throw new IllegalArgumentException(name + ": expected a positive number, got " + value);
        }
    }
}
