package org.spikecast.ode.internal;

import org.spikecast.ode.RungeKutta;

/**
 * An event: a component rises from below a level to it or above. It is searched for in all of a step's dense output:
 * between two ends below the level it may rise and fall.
 */
public final class LevelCrossing {
    /** A quartic goes up through a level at most twice. */
    public static final int MOST = 2;

    private static final int DEGREE = 4;

    private final double level;

    /** The polynomial minus the level, and its derivatives; row i is of degree DEGREE - i. */
    private final double[][] c = new double[DEGREE][DEGREE + 1];

    /** Row i: the places where row i of {@link #c} changes its sign. */
    private final double[][] roots = new double[DEGREE][DEGREE];

    /** An event at a level. */
    public LevelCrossing(double level) {
        if (!Double.isFinite(level)) {
            throw new IllegalArgumentException("level must be finite, got " + level);
        }
        this.level = level;
    }

    /**
     * Finds the crossings within the step that a method just accepted. A crossing at the very end of a step belongs to
     * it, one at the beginning to the step before.
     *
     * @param times receives their times in ascending order; of length {@link #MOST}
     * @return the number of crossings
     */
    public int find(RungeKutta method, int component, double[] times) {
        if (method.staysOff(level, component)) {
            return 0;
        }
        double first = method.stateBefore()[component] - level;
        double last = method.state()[component] - level;
        method.polynomial(component, c[0]);
        c[0][0] = first;
        for (int i = 1; i < DEGREE; i++) {
            for (int j = 0; j <= DEGREE - i; j++) {
                c[i][j] = (j + 1) * c[i - 1][j + 1];
            }
        }
        int signChanges = 0;
        for (int i = DEGREE - 1; i >= 0; i--) {
            signChanges = signChanges(i, signChanges, i == 0 ? first : c[i][0], i == 0 ? last : atOne(i));
        }
        double start = method.timeBefore();
        double h = method.time() - start;
        int found = 0;
        boolean above = first >= 0;
        for (int r = 0; r < signChanges; r++) {
            above = !above;
            if (above) {
                times[found++] = Math.fma(h, roots[0][r], start);
            }
        }
        return found;
    }

    private double atOne(int i) {
        return RungeKutta.evaluate(c[i], DEGREE - i, 1);
    }

    /**
     * Where polynomial i changes its sign in 0 .. 1, which it does at most once between two such places of its derivative,
     * polynomial i + 1.
     *
     * @param turns the number of those places
     * @param first the polynomial at 0
     * @param last the polynomial at 1
     */
    private int signChanges(int i, int turns, double first, double last) {
        int count = 0;
        double from = 0;
        boolean positive = first >= 0;
        for (int r = 0; r <= turns; r++) {
            double to = r < turns ? roots[i + 1][r] : 1;
            double atTo = r < turns ? RungeKutta.evaluate(c[i], DEGREE - i, to) : last;
            if (atTo >= 0 != positive) {
                roots[i][count++] = signChange(i, from, to, positive);
                positive = !positive;
            }
            from = to;
        }
        return count;
    }

    /** By bisection, to neighbouring doubles: polynomial i has the sign {@code positive} at {@code from}, not at {@code to}. */
    private double signChange(int i, double from, double to, boolean positive) {
        double low = from;
        double high = to;
        while (true) {
            double middle = low + (high - low) / 2;
            if (middle <= low || middle >= high) {
                return high;
            }
            if (RungeKutta.evaluate(c[i], DEGREE - i, middle) >= 0 == positive) {
                low = middle;
            } else {
                high = middle;
            }
        }
    }
}
