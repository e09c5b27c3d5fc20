package org.spikecast.ode;

import java.util.Arrays;

/**
 * One step of an explicit Runge-Kutta method: {@link #attempt} computes it, {@link #accept} takes it, dense output shows
 * what lies between its ends.
 *
 * <p>From step to step the derivative at the end is kept, for the next step begins with it. A caller that changes the
 * state or the equation in between must call {@link #reset}, because the solution jumped.
 */
public final class RungeKutta {
    private enum Phase {
        /** Only time and state are known; the derivative is not. */
        STARTED,
        /** The first stage belongs to time and state. */
        ATTEMPTED,
        /** The stages are those of the step that led to time and state. */
        ACCEPTED
    }

    private final Tableau tableau;
    private final Equation equation;
    private final int n;
    private final boolean lastIsFirst;

    private Phase phase = Phase.STARTED;
    private double time;
    private double before;
    private double h;

    /** The states at {@link #time} and {@link #before}, and the one attempted. */
    private double[] y;

    private double[] y0;
    private double[] attempted;

    private final double[][] k;

    /** The derivative at the end of a step, if it is no stage; computed when asked for. */
    private double[] end;

    private boolean endKnown;
    private final double[] work;
    private final double[] coefficients = new double[5];

    /** A method at t = 0 and y = 0. All its memory is allocated here. */
    public RungeKutta(Tableau tableau, Equation equation) {
        this.tableau = tableau;
        this.equation = equation;
        n = equation.dimension();
        if (n < 1) {
            throw new IllegalArgumentException("dimension of the equation: expected at least 1, got " + n);
        }
        lastIsFirst = tableau.lastIsFirst();
        y = new double[n];
        y0 = new double[n];
        attempted = new double[n];
        k = new double[tableau.stages()][n];
        end = new double[n];
        work = new double[n];
    }

    /**
     * Goes to a time and a state.
     *
     * @param state of the equation's dimension; it is copied
     */
    public void start(double t, double[] state) {
        if (!Double.isFinite(t) || state.length != n) {
            throw new IllegalArgumentException("start: expected a finite time and a state of " + n
                    + " components, got t = " + t + " and " + state.length + " components");
        }
        time = t;
        System.arraycopy(state, 0, y, 0, n);
        int wrong = notFinite(y);
        if (wrong >= 0) {
            throw new IllegalArgumentException(
                    "start: expected a finite state, got " + equation.component(wrong) + " = " + y[wrong]);
        }
        reset();
    }

    /** Declares that the state or the equation jumped: nothing that is kept of the last step holds any longer. */
    public void reset() {
        phase = Phase.STARTED;
    }

    /** Computes a step of size h from the present state, which stays as it is; may be repeated with another h. */
    public void attempt(double h) {
        firstStage();
        this.h = h;
        int stages = k.length;
        for (int i = 1; i < stages; i++) {
            double[] argument = lastIsFirst && i == stages - 1 ? attempted : work;
            advance(tableau.a(i), argument);
            equation.derivative(time + tableau.c(i) * h, argument, k[i]);
        }
        if (!lastIsFirst) {
            advance(tableau.b(), attempted);
        }
    }

    /** Makes the first stage that of the present state. */
    private void firstStage() {
        switch (phase) {
            case STARTED -> equation.derivative(time, y, k[0]);
            case ATTEMPTED -> {}
            case ACCEPTED -> {
                double[] slope = endSlope();
                if (lastIsFirst) {
                    k[k.length - 1] = k[0];
                } else {
                    end = k[0];
                }
                k[0] = slope;
            }
        }
        phase = Phase.ATTEMPTED;
    }

    /** The derivative at the end of the last step. */
    private double[] endSlope() {
        if (lastIsFirst) {
            return k[k.length - 1];
        }
        if (!endKnown) {
            equation.derivative(time, y, end);
            endKnown = true;
        }
        return end;
    }

    /** out = y + h sum of w_j k_j: the sum in ascending order, then the rest, by fused multiply-add. */
    private void advance(double[] w, double[] out) {
        int last = w.length - 1;
        while (last > 0 && w[last] == 0) {
            last--;
        }
        if (last == 3 && w[0] != 0 && w[1] != 0 && w[2] != 0) {
            addFour(h, w[0], w[1], w[2], w[3], k[0], k[1], k[2], k[3], y, out);
        } else if (sum(w, last, out)) {
            addAll(h, w[last], k[last], y, out);
        } else {
            addTo(h * w[last], k[last], y, out);
        }
    }

    /** out = sum of w_j k_j for j below {@code end}; false if all w_j are 0 and out is not touched. */
    private boolean sum(double[] w, int end, double[] out) {
        boolean any = false;
        for (int j = 0; j < end; j++) {
            if (w[j] != 0) {
                if (any) {
                    addTo(w[j], k[j], out, out);
                } else {
                    multiply(w[j], k[j], out);
                }
                any = true;
            }
        }
        return any;
    }

    private static void multiply(double w, double[] x, double[] out) {
        for (int d = 0; d < out.length; d++) {
            out[d] = w * x[d];
        }
    }

    /** out = base + w x. */
    private static void addTo(double w, double[] x, double[] base, double[] out) {
        for (int d = 0; d < out.length; d++) {
            out[d] = Math.fma(w, x[d], base[d]);
        }
    }

    /** out = base + h (out + w x). */
    private static void addAll(double h, double w, double[] x, double[] base, double[] out) {
        for (int d = 0; d < out.length; d++) {
            out[d] = Math.fma(h, Math.fma(w, x[d], out[d]), base[d]);
        }
    }

    /** The same of four, in one pass: the end of a step of the classical method, above all. */
    private static void addFour(
            double h,
            double w0,
            double w1,
            double w2,
            double w3,
            double[] k0,
            double[] k1,
            double[] k2,
            double[] k3,
            double[] base,
            double[] out) {
        for (int d = 0; d < out.length; d++) {
            double sum = Math.fma(w3, k3[d], Math.fma(w2, k2[d], Math.fma(w1, k1[d], w0 * k0[d])));
            out[d] = Math.fma(h, sum, base[d]);
        }
    }

    /**
     * The estimate of the error of the step attempted, {@link Tableau} (3); zeros if the method has none.
     *
     * @param out receives it, component by component
     */
    public void estimate(double[] out) {
        if (!sum(tableau.e(), tableau.e().length, out)) {
            Arrays.fill(out, 0);
        }
        for (int d = 0; d < n; d++) {
            out[d] *= h;
        }
    }

    /**
     * The error of the step attempted, in units of what is allowed: the largest |estimate_i| / (atol + rtol |y_i|), |y_i|
     * being the larger of the two ends' values. NaN or infinite if the step overshot.
     */
    double error(double rtol, double atol) {
        estimate(work);
        double largest = 0;
        for (int d = 0; d < n; d++) {
            double error = Math.abs(work[d]) / allowed(d, rtol, atol);
            largest = error <= largest ? largest : error;
            if (!(Math.abs(attempted[d]) <= Double.MAX_VALUE)) {
                return Double.NaN;
            }
        }
        return largest;
    }

    private double allowed(int d, double rtol, double atol) {
        return atol + rtol * Math.max(Math.abs(y[d]), Math.abs(attempted[d]));
    }

    /** The cause if the attempted step fails: a component that is not finite, or the one with the largest error. */
    String blame(double rtol, double atol) {
        int worst = notFinite(attempted);
        if (worst >= 0) {
            return equation.component(worst) + " became " + attempted[worst];
        }
        worst = 0;
        for (int d = 1; d < n; d++) {
            double error = Math.abs(work[d]) / allowed(d, rtol, atol);
            worst = error > Math.abs(work[worst]) / allowed(worst, rtol, atol) ? d : worst;
        }
        return "the error of " + equation.component(worst) + " stayed too large";
    }

    /**
     * Takes the step attempted.
     *
     * @param t the time reached: t + h, or what that is exactly
     */
    public void accept(double t) {
        if (phase != Phase.ATTEMPTED) {
            throw new IllegalStateException("no step was attempted: call attempt first");
        }
        before = time;
        time = t;
        double[] free = y0;
        y0 = y;
        y = attempted;
        attempted = free;
        endKnown = false;
        phase = Phase.ACCEPTED;
    }

    /** The index of a component that is not finite, or -1. */
    static int notFinite(double[] y) {
        for (int d = 0; d < y.length; d++) {
            if (!(Math.abs(y[d]) <= Double.MAX_VALUE)) {
                return d;
            }
        }
        return -1;
    }

    /** The method's coefficients. */
    public Tableau tableau() {
        return tableau;
    }

    /** The equation that is solved. */
    public Equation equation() {
        return equation;
    }

    /** The time reached. */
    public double time() {
        return time;
    }

    /** The state reached, live: a caller that changes it calls {@link #reset}. Another array after each step. */
    public double[] state() {
        return y;
    }

    /** The time before the last step. */
    public double timeBefore() {
        return before;
    }

    /** The state before the last step, live and not to be changed. */
    public double[] stateBefore() {
        return y0;
    }

    /**
     * The coefficients of theta^0 .. theta^4 of a component's dense output over the last step, {@link Tableau} (4).
     *
     * @throws IllegalStateException if no step was accepted since the last start, reset or attempt
     */
    public void polynomial(int component, double[] coefficients) {
        requireStep();
        double from = y0[component];
        double change = y[component] - from;
        double slope = h * k[0][component];
        double endSlope = h * endSlope()[component];
        double quartic = quartic(component);
        coefficients[0] = from;
        coefficients[1] = slope;
        coefficients[2] = 3 * change - 2 * slope - endSlope + quartic;
        coefficients[3] = slope + endSlope - 2 * change - 2 * quartic;
        coefficients[4] = quartic;
    }

    /**
     * Whether a component surely stays on one side of a level throughout the last step: the coefficients of dense output in
     * Bernstein's form, within whose hull the curve runs, all are.
     */
    public boolean staysOff(double level, int component) {
        requireStep();
        double first = y0[component] - level;
        double last = y[component] - level;
        double slope = h * k[0][component];
        double endSlope = h * endSlope()[component];
        double b1 = first + slope / 4;
        double b2 = (first + last) / 2 + (slope - endSlope + quartic(component)) / 6;
        double b3 = last - endSlope / 4;
        return first < 0 && last < 0
                ? b1 < 0 && b2 < 0 && b3 < 0
                : first >= 0 && last >= 0 && b1 >= 0 && b2 >= 0 && b3 >= 0;
    }

    private void requireStep() {
        if (phase != Phase.ACCEPTED) {
            throw new IllegalStateException("dense output: expected a step that was just accepted");
        }
    }

    private double quartic(int component) {
        double sum = 0;
        double[] weights = tableau.d();
        for (int j = 0; j < weights.length; j++) {
            sum = Math.fma(h * weights[j], k[j][component], sum);
        }
        return sum;
    }

    /**
     * A component at a time within the last step, by dense output.
     *
     * @throws IllegalStateException if no step was accepted since the last start, reset or attempt
     */
    public double value(int component, double t) {
        polynomial(component, coefficients);
        return evaluate(coefficients, 4, (t - before) / h);
    }

    /** c_0 + c_1 theta + ... + c_degree theta^degree. */
    public static double evaluate(double[] c, int degree, double theta) {
        double value = c[degree];
        for (int i = degree - 1; i >= 0; i--) {
            value = Math.fma(value, theta, c[i]);
        }
        return value;
    }
}
