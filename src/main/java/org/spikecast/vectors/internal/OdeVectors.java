package org.spikecast.vectors.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.spikecast.ode.Equation;
import org.spikecast.ode.RungeKutta;
import org.spikecast.ode.Solver;
import org.spikecast.ode.StepControl;
import org.spikecast.ode.Tableau;
import org.spikecast.ode.internal.LevelCrossing;
import org.spikecast.vectors.internal.Vectors.Tally;

/** Stored steps, solutions and crossings of small systems. */
final class OdeVectors {
    private static final StepControl TIGHT = new StepControl(1e-12, 1e-14);

    private OdeVectors() {}

    /** A right-hand side. */
    private interface Derivative {
        void at(double t, double[] y, double[] dydt);
    }

    static void replay(VectorCase c, Path folder, Tally tally) {
        switch (c.text("type")) {
            case "step" -> step(c, tally);
            case "solution" -> solution(c, tally);
            case "crossing" -> crossing(c, tally);
            default -> throw new IllegalArgumentException("there is no type '" + c.text("type") + "'");
        }
    }

    private static Equation problem(VectorCase c) {
        Derivative f = switch (c.text("problem")) {
            case "decay" -> (t, y, d) -> d[0] = -1.3 * y[0];
            case "oscillator" ->
                (t, y, d) -> {
                    d[0] = y[1];
                    d[1] = -y[0];
                };
            case "logistic" -> (t, y, d) -> d[0] = y[0] * (1 - y[0]);
            case "quotient" -> (t, y, d) -> d[0] = -2 * t * y[0] * y[0];
            case "van-der-pol" ->
                (t, y, d) -> {
                    d[0] = y[1];
                    d[1] = 2 * (1 - y[0] * y[0]) * y[1] - y[0];
                };
            case "forced" ->
                (t, y, d) -> {
                    d[0] = 5 * (t * t - y[0]) + y[1];
                    d[1] = -t * y[1];
                };
            default -> throw new IllegalArgumentException("there is no problem '" + c.text("problem") + "'");
        };
        int dimension = c.array("y").length;
        return new Equation() {
            @Override
            public int dimension() {
                return dimension;
            }

            @Override
            public void derivative(double t, double[] y, double[] dydt) {
                f.at(t, y, dydt);
            }
        };
    }

    private static RungeKutta started(VectorCase c, Tableau tableau, double t) {
        RungeKutta method = new RungeKutta(tableau, problem(c));
        method.start(t, c.array("y"));
        return method;
    }

    private static void step(VectorCase c, Tally tally) {
        Tableau tableau = switch (c.text("method")) {
            case "rk4" -> Tableau.CLASSICAL;
            case "dopri5" -> Tableau.DORMAND_PRINCE;
            default -> throw new IllegalArgumentException("there is no method '" + c.text("method") + "'");
        };
        double t = c.number("t");
        double h = c.number("h");
        RungeKutta method = started(c, tableau, t);
        method.attempt(h);
        if (c.has("estimate")) {
            // relative to the state, whose rounding it carries
            double[] estimate = new double[c.array("y").length];
            method.estimate(estimate);
            double size = 0;
            for (double y : c.array("y_new")) {
                size = Math.max(size, Math.abs(y));
            }
            for (int d = 0; d < estimate.length; d++) {
                tally.error(Bound.ODE_STEP, c.text("id"), Math.abs(estimate[d] - c.array("estimate")[d]) / size);
            }
        }
        method.accept(t + h);
        tally.compare(Bound.ODE_STEP, c.text("id"), method.state(), c.array("y_new"));
        double[] theta = c.array("theta");
        int n = method.state().length;
        double[] dense = new double[theta.length * n];
        for (int i = 0; i < dense.length; i++) {
            dense[i] = method.value(i % n, t + theta[i / n] * h);
        }
        tally.compare(Bound.ODE_DENSE, c.text("id"), dense, c.array("dense"));
    }

    private static void solution(VectorCase c, Tally tally) {
        RungeKutta method = started(c, Tableau.DORMAND_PRINCE, 0);
        double[] times = c.array("times");
        int n = method.state().length;
        double[] states = new double[times.length * n];
        for (int i = 0; i < times.length; i++) {
            Solver.adaptive(method, TIGHT, times[i], m -> {});
            System.arraycopy(method.state(), 0, states, i * n, n);
        }
        tally.compare(Bound.ODE_SOLUTION, c.text("id"), states, c.array("states"));
    }

    private static void crossing(VectorCase c, Tally tally) {
        LevelCrossing crossing = new LevelCrossing(c.number("level"));
        double[] found = new double[LevelCrossing.MOST];
        List<Double> times = new ArrayList<>();
        Solver.adaptive(started(c, Tableau.DORMAND_PRINCE, 0), TIGHT, c.number("duration"), m -> {
            int count = crossing.find(m, 0, found);
            for (int i = 0; i < count; i++) {
                times.add(found[i]);
            }
        });
        double[] expected = c.array("times");
        if (times.size() != expected.length) {
            tally.failure(
                    Bound.ODE_CROSSING, c.text("id"), "expected " + expected.length + " times, got " + times.size());
            return;
        }
        tally.error(Bound.ODE_CROSSING, c.text("id"), 0); // a case without crossings counts
        for (int i = 0; i < expected.length; i++) {
            tally.error(Bound.ODE_CROSSING, c.text("id"), Math.abs(times.get(i) - expected[i]));
        }
    }
}
