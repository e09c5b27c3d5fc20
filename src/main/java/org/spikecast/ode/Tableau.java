package org.spikecast.ode;

import java.util.List;
import org.spikecast.ode.internal.RootedTree;

/**
 * The coefficients of an explicit Runge-Kutta method, which check themselves when they are put together:
 *
 * <pre>
 *   k_i = f(t + c_i h, y + h sum_{j &lt; i} a_ij k_j)    c_i = sum_j a_ij         i = 1 .. stages      (1)
 *   y(t + h) = y + h sum_i b_i k_i                                                                 (2)
 *   estimate of the error = h sum_i e_i k_i,    b - e being a method of the lower, embedded order    (3)
 * </pre>
 *
 * <p>Dense output, with f0 and f1 the derivatives at the step's two ends and theta in 0 .. 1, is Hermite's cubic and a
 * quartic that vanishes doubly at both ends:
 *
 * <pre>
 *   y(t + theta h) = y0 + theta^2 (3 - 2 theta) (y1 - y0)
 *                  + theta (1 - theta)^2 h f0 - theta^2 (1 - theta) h f1 + theta^2 (1 - theta)^2 h sum_i d_i k_i   (4)
 * </pre>
 *
 * Without d it is of order 3, or the method's if that is lower; with d of order 4.
 */
public final class Tableau {
    /** Residuals of conditions are some ulp of coefficients whose size is at most 12: 1e-14. Measured: 3e-15. */
    private static final double TOLERANCE = 1e-13;

    private static final double[] NONE = {};

    /** The classical method of order 4. Source: W. Kutta, 1901; HNW, table II.1.2. */
    public static final Tableau CLASSICAL = new Tableau(
            "classical Runge-Kutta",
            4,
            new double[][] {{}, {1.0 / 2}, {0, 1.0 / 2}, {0, 0, 1}},
            new double[] {1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6},
            0,
            NONE,
            NONE);

    /**
     * Order 5 with an embedded method of order 4 and dense output of order 4; the last stage is the next step's first.
     * Sources: J. R. Dormand, P. J. Prince, J. Comput. Appl. Math. 6:19 (1980); HNW, table II.5.2, and for the dense
     * output their program DOPRI5.
     */
    public static final Tableau DORMAND_PRINCE = new Tableau(
            "Dormand-Prince 5(4)",
            5,
            new double[][] {
                {},
                {1.0 / 5},
                {3.0 / 40, 9.0 / 40},
                {44.0 / 45, -56.0 / 15, 32.0 / 9},
                {19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729},
                {9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656},
                {35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84}
            },
            new double[] {35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84, 0},
            4,
            new double[] {71.0 / 57600, 0, -71.0 / 16695, 71.0 / 1920, -17253.0 / 339200, 22.0 / 525, -1.0 / 40},
            new double[] {
                -12715105075.0 / 11282082432.0,
                0,
                87487479700.0 / 32700410799.0,
                -10690763975.0 / 1880347072.0,
                701980252875.0 / 199316789632.0,
                -1453857185.0 / 822651844.0,
                69997945.0 / 29380423.0
            });

    private final String name;
    private final int order;
    private final double[][] a;
    private final double[] b;
    private final double[] c;
    private final int embeddedOrder;
    private final double[] e;
    private final double[] d;

    /**
     * A method.
     *
     * @param name of the method, for messages
     * @param order what (2) is to have
     * @param a row i holds a_ij for j = 0 .. i - 1
     * @param b weights of the stages
     * @param embeddedOrder what b - e is to have; 0 if there is none
     * @param e weights of the error's estimate, (3); empty if there is none
     * @param d weights of the quartic of dense output, (4), whose order is then 4; empty if there is none. They are for
     *     methods whose last stage is f1
     * @throws IllegalArgumentException if a condition of an order is not met, or a shape is wrong
     */
    public Tableau(String name, int order, double[][] a, double[] b, int embeddedOrder, double[] e, double[] d) {
        this.name = name;
        this.order = order;
        this.b = b.clone();
        this.embeddedOrder = embeddedOrder;
        this.e = e.clone();
        this.d = d.clone();
        int stages = a.length;
        boolean shapes =
                b.length == stages && (e.length == 0 || e.length == stages) && (d.length == 0 || d.length == stages);
        check(shapes && stages > 0, "expected as many weights as the " + stages + " rows of a");
        this.a = new double[stages][stages];
        this.c = new double[stages];
        for (int i = 0; i < stages; i++) {
            check(a[i].length == i, "expected " + i + " coefficients in row " + i + " of a, got " + a[i].length);
            for (int j = 0; j < i; j++) {
                this.a[i][j] = a[i][j];
                c[i] += a[i][j];
            }
        }
        checkOrder(order, b, 1, "weights b");
        check((e.length == 0) == (embeddedOrder == 0), "an embedded order and an estimate come together");
        if (hasEstimate()) {
            double[] embedded = new double[stages];
            for (int i = 0; i < stages; i++) {
                embedded[i] = b[i] - e[i];
            }
            checkOrder(embeddedOrder, embedded, 1, "embedded weights");
        }
        check(d.length == 0 || lastIsFirst(), "weights d are for methods whose last stage is the next step's first");
        if (lastIsFirst()) {
            for (double theta = 0; theta <= 1; theta += 1.0 / 8) {
                checkOrder(denseOrder(), dense(theta), theta, "dense output at " + theta);
            }
        }
    }

    private void check(boolean condition, String expected) {
        if (!condition) {
            throw new IllegalArgumentException(name + ": " + expected);
        }
    }

    private void checkOrder(int claimed, double[] weights, double theta, String what) {
        for (RootedTree tree : RootedTree.upTo(claimed, a)) {
            double residual = tree.residual(weights, theta);
            check(
                    residual <= TOLERANCE,
                    "the " + what + " miss the condition of order " + tree.order() + " of the tree " + tree.name()
                            + " by " + residual + ": correct a coefficient or claim a lower order");
        }
    }

    /** The weights of the stages in (4), where the last stage is f1. */
    private double[] dense(double theta) {
        double rest = 1 - theta;
        double[] weights = new double[b.length];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = theta * theta * (3 - 2 * theta) * b[i];
            weights[i] += d.length == 0 ? 0 : theta * theta * rest * rest * d[i];
        }
        weights[0] += theta * rest * rest;
        weights[weights.length - 1] -= theta * theta * rest;
        return weights;
    }

    /** Whether the last stage is the derivative at the step's end, and so the next step's first stage. */
    public boolean lastIsFirst() {
        int last = b.length - 1;
        boolean same = last > 0 && b[last] == 0;
        for (int j = 0; same && j < last; j++) {
            same = a[last][j] == b[j];
        }
        return same;
    }

    /** The order of (2). */
    public int order() {
        return order;
    }

    /** The order of b - e; 0 if there is no estimate. */
    public int embeddedOrder() {
        return embeddedOrder;
    }

    /** The order of dense output, 4 at most. */
    public int denseOrder() {
        return d.length == 0 ? Math.min(order, 3) : 4;
    }

    /** Whether there is an estimate of the error, so that the step can be controlled. */
    public boolean hasEstimate() {
        return e.length > 0;
    }

    /** The number of stages. */
    public int stages() {
        return b.length;
    }

    double[] a(int i) {
        return a[i];
    }

    double[] b() {
        return b;
    }

    double c(int i) {
        return c[i];
    }

    double[] e() {
        return e;
    }

    double[] d() {
        return d;
    }

    /** The trees whose conditions were checked for (2); for tests. */
    List<RootedTree> conditions() {
        return RootedTree.upTo(order, a);
    }

    @Override
    public String toString() {
        return name;
    }
}
