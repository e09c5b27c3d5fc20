package org.spikecast.ode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.spikecast.ode.internal.LevelCrossing;
import org.spikecast.ode.internal.Problem;

/** What every method must do: subclasses name it. */
abstract class RungeKuttaContract {
    /** How far a measured order may be from the true one: the next power of h is not yet gone. Measured: 0.23. */
    private static final double ORDER_TOLERANCE = 0.3;

    private final Tableau tableau = tableau();
    private int evaluations;

    abstract Tableau tableau();

    static Stream<Problem> problems() {
        return Problem.all();
    }

    private RungeKutta started(Problem problem) {
        RungeKutta method = new RungeKutta(tableau, problem.equation());
        method.start(0, problem.start());
        return method;
    }

    /** The largest errors at the ends of the steps and within them. */
    private double[] errors(Problem problem, int steps) {
        double[] errors = new double[2];
        double h = problem.end() / steps;
        Solver.fixed(started(problem), h, steps, m -> {
            errors[0] = Math.max(errors[0], problem.largestError(m.time(), m.state()));
            for (double theta : new double[] {0.15, 0.5, 0.8}) {
                double t = m.timeBefore() + theta * h;
                double[] y = new double[m.state().length];
                for (int i = 0; i < y.length; i++) {
                    y[i] = m.value(i, t);
                }
                errors[1] = Math.max(errors[1], problem.largestError(t, y));
            }
        });
        return errors;
    }

    @ParameterizedTest
    @MethodSource("problems")
    void convergesWithItsOrder(Problem problem) {
        double[] coarse = errors(problem, 50);
        double[] fine = errors(problem, 100);
        assertTrue(fine[0] > 1e-13, "rounding would hide the order");
        double order = StrictMath.log(coarse[0] / fine[0]) / StrictMath.log(2);
        assertEquals(tableau.order(), order, ORDER_TOLERANCE, "order at the steps");
        // Within a step errs the interpolation, by a power more than its order, or the step itself.
        double dense = StrictMath.log(coarse[1] / fine[1]) / StrictMath.log(2);
        assertEquals(Math.min(tableau.order(), tableau.denseOrder() + 1), dense, ORDER_TOLERANCE, "order within them");
    }

    @ParameterizedTest
    @MethodSource("problems")
    void denseOutputMeetsBothEndsAndTheirSlopes(Problem problem) {
        RungeKutta method = started(problem);
        for (int step = 0; step < 3; step++) {
            method.attempt(0.1);
            method.accept(0.1 * (step + 1));
        }
        double[] slope0 = new double[method.state().length];
        double[] slope1 = slope0.clone();
        problem.equation().derivative(method.timeBefore(), method.stateBefore(), slope0);
        problem.equation().derivative(method.time(), method.state(), slope1);
        double[] c = new double[5];
        for (int i = 0; i < slope0.length; i++) {
            assertEquals(method.stateBefore()[i], method.value(i, method.timeBefore()));
            assertEquals(method.state()[i], method.value(i, method.timeBefore() + 0.1), 1e-15);
            method.polynomial(i, c);
            assertEquals(0.1 * slope0[i], c[1], 1e-15);
            assertEquals(0.1 * slope1[i], c[1] + 2 * c[2] + 3 * c[3] + 4 * c[4], 1e-15);
        }
    }

    /** The stages of (1), (2) in Tableau, one by one, without reuse. */
    @ParameterizedTest
    @MethodSource("problems")
    void aStepIsTheTableaus(Problem problem) {
        RungeKutta method = started(problem);
        double[] y = problem.start();
        double h = 0.07;
        for (int step = 0; step < 4; step++) {
            double t = step * h;
            double[][] k = new double[tableau.stages()][y.length];
            for (int i = 0; i < k.length; i++) {
                double[] argument = y.clone();
                for (int j = 0; j < i; j++) {
                    for (int d = 0; d < y.length; d++) {
                        argument[d] += h * tableau.a(i)[j] * k[j][d];
                    }
                }
                problem.equation().derivative(t + tableau.c(i) * h, argument, k[i]);
            }
            for (int d = 0; d < y.length; d++) {
                for (int i = 0; i < k.length; i++) {
                    y[d] += h * tableau.b()[i] * k[i][d];
                }
            }
            method.attempt(h);
            method.accept(t + h);
            assertArrayEquals(y, method.state(), 1e-15);
        }
    }

    /** A rejected step leaves no trace; known derivatives are not computed again. */
    @Test
    void evaluatesNothingTwice() {
        Problem problem = Problem.oscillator();
        Equation counted = Problem.equation(2, (t, y, d) -> {
            evaluations++;
            problem.equation().derivative(t, y, d);
        });
        RungeKutta method = new RungeKutta(tableau, counted);
        method.start(0, problem.start());
        int perStep = tableau.lastIsFirst() ? tableau.stages() - 1 : tableau.stages();
        method.attempt(0.5);
        assertEquals(tableau.stages(), evaluations);
        method.attempt(0.1); // another size: the first stage is known
        assertEquals(2 * tableau.stages() - 1, evaluations);
        method.accept(0.1);
        evaluations = 0;
        method.value(0, 0.05); // may need the derivative at the end, which the next step then need not compute
        method.value(1, 0.06);
        method.attempt(0.1);
        assertEquals(perStep, evaluations);

        RungeKutta straight = started(problem);
        straight.attempt(0.1);
        straight.accept(0.1);
        assertArrayEquals(straight.state(), method.state());
    }

    /** After a jump of state or equation, reset makes the step what a new start would. */
    @Test
    void aResetForgetsTheLastStep() {
        double[] rate = {1};
        Equation decay = Problem.equation(1, (t, y, d) -> d[0] = -rate[0] * y[0]);
        RungeKutta method = new RungeKutta(tableau, decay);
        method.start(0, new double[] {1});
        method.attempt(0.1);
        method.accept(0.1);
        method.value(0, 0.05);
        method.state()[0] = 5;
        rate[0] = 3;
        method.reset();
        assertThrows(IllegalStateException.class, () -> method.value(0, 0.05));
        method.attempt(0.1);
        method.accept(0.2);
        RungeKutta fresh = new RungeKutta(tableau, decay);
        fresh.start(0.1, new double[] {5});
        fresh.attempt(0.1);
        fresh.accept(0.2);
        assertEquals(fresh.state()[0], method.state()[0]);

        // Without reset a method that kept the derivative goes wrong: hence reset.
        method.state()[0] = 1;
        if (tableau.lastIsFirst()) {
            method.attempt(0.1);
            method.accept(0.3);
            fresh.start(0.2, new double[] {1});
            fresh.attempt(0.1);
            fresh.accept(0.3);
            assertNotEquals(fresh.state()[0], method.state()[0]);
        }
    }

    @Test
    void stepsAllocateNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        RungeKutta method = started(Problem.oscillator());
        LevelCrossing crossing = new LevelCrossing(0.5);
        double[] times = new double[LevelCrossing.MOST];
        Solver.Listener listener = m -> crossing.find(m, 0, times);
        Solver.fixed(method, 0.01, 20_000, listener);
        long before = threads.getCurrentThreadAllocatedBytes();
        Solver.fixed(method, 0.01, 20_000, listener);
        long bytes = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(bytes < 20_000, bytes + " bytes in 20000 steps"); // the measurement itself allocates a little
    }

    @Test
    void refusesWhatCannotBeStepped() {
        RungeKutta method = started(Problem.oscillator());
        assertThrows(IllegalStateException.class, () -> method.accept(1));
        assertThrows(IllegalStateException.class, () -> method.value(0, 0));
        method.attempt(0.1);
        assertThrows(IllegalStateException.class, () -> method.value(0, 0));
        assertThrows(IllegalArgumentException.class, () -> method.start(0, new double[3]));
        assertThrows(IllegalArgumentException.class, () -> method.start(Double.NaN, new double[2]));
        String message = assertThrows(
                        IllegalArgumentException.class, () -> method.start(0, new double[] {0, Double.NaN}))
                .getMessage();
        assertEquals("start: expected a finite state, got component 1 = NaN", message);
        Equation empty = Problem.equation(0, (t, y, d) -> {});
        assertThrows(IllegalArgumentException.class, () -> new RungeKutta(tableau, empty));
    }
}
