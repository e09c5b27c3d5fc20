package org.spikecast.ode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.spikecast.ode.internal.Problem;

class SolverTest {
    static Stream<Problem> problems() {
        return Problem.all();
    }

    private static RungeKutta started(Tableau tableau, Problem problem) {
        RungeKutta method = new RungeKutta(tableau, problem.equation());
        method.start(0, problem.start());
        return method;
    }

    /** The error at the end is of the size of the tolerance; measured: 0.05 to 1.4 times. It costs as the order says. */
    @ParameterizedTest
    @MethodSource("problems")
    void adaptiveStepsKeepTheTolerance(Problem problem) {
        long lastSteps = 0;
        for (double tolerance : new double[] {1e-5, 1e-7, 1e-9, 1e-11}) {
            RungeKutta method = started(Tableau.DORMAND_PRINCE, problem);
            StepControl control = new StepControl(tolerance, tolerance);
            Solver.Effort effort = Solver.adaptive(method, control, problem.end(), m -> {});
            assertEquals(problem.end(), method.time());
            double error = problem.largestError(problem.end(), method.state());
            assertTrue(error < 3 * tolerance, problem + ": " + error + " at " + tolerance);
            long steps = effort.accepted();
            // a hundredth of the tolerance takes 100^(1/5) = 2.5 times the steps
            assertTrue(lastSteps == 0 || steps < 3.5 * lastSteps && steps > 1.3 * lastSteps, lastSteps + ", " + steps);
            lastSteps = steps;
        }
    }

    @Test
    void fixedStepsEndWhereTheyShould() {
        RungeKutta method = started(Tableau.CLASSICAL, Problem.oscillator());
        double[] times = new double[3000];
        int[] count = {0};
        Solver.fixed(method, 0.1, 3000, m -> times[count[0]++] = m.time());
        for (int k = 0; k < 3000; k++) {
            assertEquals((k + 1) * 0.1, times[k]); // not 0.1 + 0.1 + ...
        }
    }

    @Test
    void aTrialStepThatOvershootsIsTakenSmaller() {
        // Beyond y = 2 the derivative overflows at once; the solution stays below.
        Equation cliff = Problem.equation(1, (t, y, d) -> d[0] = (1 - y[0]) * StrictMath.exp(1e4 * (y[0] - 1.9)));
        Equation slow = Problem.equation(1, (t, y, d) -> d[0] = y[0] > 1.5 ? Double.NaN : 1 - y[0]);
        for (Equation equation : new Equation[] {cliff, slow}) {
            RungeKutta method = new RungeKutta(Tableau.DORMAND_PRINCE, equation);
            method.start(0, new double[] {-1e6});
            Solver.Effort effort = Solver.adaptive(method, new StepControl(1e-2, 1e3), 60, m -> {});
            assertTrue(Double.isFinite(method.state()[0]), "finite");
            assertTrue(effort.accepted() > 0);
        }
    }

    /** y' = y^2 from 1 has a pole at t = 1. */
    @Test
    void aPoleStopsTheRunAndIsNamed() {
        Equation pole = new Equation() {
            @Override
            public int dimension() {
                return 2;
            }

            @Override
            public void derivative(double t, double[] y, double[] dydt) {
                dydt[0] = 0;
                dydt[1] = y[1] * y[1];
            }

            @Override
            public String component(int i) {
                return i == 0 ? "calm" : "pole";
            }
        };
        RungeKutta method = new RungeKutta(Tableau.DORMAND_PRINCE, pole);
        method.start(0, new double[] {1, 1});
        String message = assertThrows(
                        ArithmeticException.class,
                        () -> Solver.adaptive(method, new StepControl(1e-8, 1e-8), 2, m -> {}))
                .getMessage();
        assertEquals(1, method.time(), 1e-6);
        assertTrue(message.contains("pole") && message.contains("at t = " + method.time()), message);

        RungeKutta fixed = new RungeKutta(Tableau.CLASSICAL, pole);
        fixed.start(0, new double[] {1, 1});
        message = assertThrows(ArithmeticException.class, () -> Solver.fixed(fixed, 0.01, 200, m -> {}))
                .getMessage();
        assertTrue(message.matches("pole became (NaN|-?Infinity) by t = 1.*"), message);
    }

    @Test
    void aDerivativeThatIsNeverANumberStopsTheRun() {
        Equation nan = Problem.equation(1, (t, y, d) -> d[0] = Double.NaN);
        RungeKutta method = new RungeKutta(Tableau.DORMAND_PRINCE, nan);
        method.start(3, new double[] {1});
        String message = assertThrows(
                        ArithmeticException.class,
                        () -> Solver.adaptive(method, new StepControl(1e-8, 1e-8), 4, m -> {}))
                .getMessage();
        assertEquals(
                "component 0 became NaN at t = 3.0, however small the step: loosen the tolerances or check the equation and"
                        + " its state",
                message);
        method.start(0, new double[] {1});
        assertThrows(ArithmeticException.class, () -> Solver.adaptive(method, new StepControl(1e-8, 1e-8), 4, m -> {}));
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "1e-15, 1", "NaN, 1", "1e-6, 0", "1e-6, -1", "1e-6, NaN", "1e-6, Infinity"})
    void tolerancesAreChecked(double rtol, double atol) {
        assertThrows(IllegalArgumentException.class, () -> new StepControl(rtol, atol));
    }

    @Test
    void refusesWhatCannotBeSolved() {
        RungeKutta method = started(Tableau.CLASSICAL, Problem.oscillator());
        for (double dt : new double[] {0, -0.1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThrows(IllegalArgumentException.class, () -> Solver.fixed(method, dt, 1, m -> {}));
        }
        StepControl control = new StepControl(1e-6, 1e-8);
        assertThrows(IllegalArgumentException.class, () -> Solver.adaptive(method, control, 1, m -> {}));
        RungeKutta adaptive = started(Tableau.DORMAND_PRINCE, Problem.oscillator());
        assertThrows(IllegalArgumentException.class, () -> Solver.adaptive(adaptive, control, Double.NaN, m -> {}));
    }

    /** (1) to (3) of StepControl, by their numbers. */
    @Test
    void theControlIsItsFormula() {
        StepControl control = new StepControl(1e-6, 1e-8);
        assertEquals(
                0.9 * StrictMath.pow(0.5, -0.17) * StrictMath.pow(0.3, 0.04),
                control.afterAcceptance(0.5, 0.3, false, 4),
                1e-15);
        assertEquals(10, control.afterAcceptance(0, 1e12, false, 4));
        assertEquals(1, control.afterAcceptance(1e-3, 1, true, 4));
        assertEquals(0.9 * StrictMath.pow(7, -0.17), control.afterRejection(7, 4), 1e-15);
        assertEquals(0.2, control.afterRejection(1e9, 4));
        assertEquals(0.5, control.afterRejection(Double.NaN, 4));
        assertEquals(0.5, control.afterRejection(Double.POSITIVE_INFINITY, 4));
    }
}
