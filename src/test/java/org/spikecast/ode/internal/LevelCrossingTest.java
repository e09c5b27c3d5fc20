package org.spikecast.ode.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spikecast.kernel.RandomStream;
import org.spikecast.ode.Equation;
import org.spikecast.ode.RungeKutta;
import org.spikecast.ode.Solver;
import org.spikecast.ode.StepControl;
import org.spikecast.ode.Tableau;
import org.spikecast.ode.TableauTest;

class LevelCrossingTest {
    private final double[] times = new double[LevelCrossing.MOST];

    private List<Double> crossings(RungeKutta method, double level, double end, boolean adaptive) {
        LevelCrossing crossing = new LevelCrossing(level);
        List<Double> found = new ArrayList<>();
        Solver.Listener listener = m -> {
            int count = crossing.find(m, 0, times);
            for (int i = 0; i < count; i++) {
                found.add(times[i]);
            }
        };
        if (adaptive) {
            Solver.adaptive(method, new StepControl(1e-12, 1e-12), end, listener);
        } else {
            Solver.fixed(method, 1e-3, Math.round(end / 1e-3), listener);
        }
        return found;
    }

    /** sin t rises through a level at arcsin(level) + 2 pi k, and not where it falls. Measured: 3e-10, fixed 5e-13. */
    @ParameterizedTest
    @ValueSource(doubles = {-0.999, -0.3, 0.2, 0.7, 0.9999})
    void crossingsOfAnOscillatorAreWhereTheyShouldBe(double level) {
        for (boolean adaptive : new boolean[] {true, false}) {
            Tableau tableau = adaptive ? Tableau.DORMAND_PRINCE : Tableau.CLASSICAL;
            RungeKutta method = new RungeKutta(tableau, Problem.oscillator().equation());
            method.start(0, new double[] {StrictMath.sin(-2), StrictMath.cos(-2)});
            List<Double> found = crossings(method, level, 20, adaptive);
            double first = StrictMath.asin(level) + 2;
            int expected = (int) Math.floor((20 - first) / (2 * Math.PI)) + 1;
            assertEquals(expected, found.size());
            for (int k = 0; k < expected; k++) {
                assertEquals(first + 2 * Math.PI * k, found.get(k), 1e-9);
            }
        }
    }

    /**
     * y' = polynomial in t, for which a step of Dormand and Prince, and its dense output, are exact: random cubics as
     * derivatives, one step from 0 to 1, against a search on a fine grid.
     */
    @Test
    void findsAllCrossingsOfAQuarticWithinOneStep() {
        RandomStream random = RandomStream.of(1, "crossing test");
        double[] c = new double[5];
        Equation equation =
                Problem.equation(1, (t, y, d) -> d[0] = c[1] + t * (2 * c[2] + t * (3 * c[3] + t * 4 * c[4])));
        RungeKutta method = new RungeKutta(Tableau.DORMAND_PRINCE, equation);
        LevelCrossing crossing = new LevelCrossing(0);
        int[] seen = new int[LevelCrossing.MOST + 1];
        for (int trial = 0; trial < 20_000; trial++) {
            // (t - r0) (t - r1) (t - r2) (t - r3) times a sign, roots around 0 .. 1: up to two rises within
            double[] p = {random.nextInt(2) == 0 ? 1 : -1, 0, 0, 0, 0};
            for (int root = 0; root < 4; root++) {
                double r = -0.5 + 2 * random.nextDouble();
                for (int i = 4; i >= 0; i--) {
                    p[i] = (i > 0 ? p[i - 1] : 0) - r * p[i];
                }
            }
            System.arraycopy(p, 0, c, 0, 5);
            List<Double> expected = new ArrayList<>();
            boolean ambiguous = false;
            for (int i = 0; i < 2000; i++) {
                double low = value(c, i / 2000.0);
                double high = value(c, (i + 1) / 2000.0);
                // two crossings within a cell of the grid, or one at its border, cannot be told by this search
                ambiguous |= Math.abs(low) < 1e-6 || Math.abs(high) < 1e-6;
                if (low < 0 && high >= 0) {
                    expected.add((i - low / (high - low)) / 2000);
                }
            }
            if (ambiguous) {
                continue;
            }
            method.start(0, new double[] {c[0]});
            method.attempt(1);
            method.accept(1);
            int found = crossing.find(method, 0, times);
            assertEquals(expected.size(), found);
            seen[found]++;
            for (int i = 0; i < found; i++) {
                assertEquals(expected.get(i), times[i], 2e-4);
            }
        }
        assertTrue(seen[0] > 1000 && seen[1] > 1000 && seen[2] > 100, seen[0] + " " + seen[1] + " " + seen[2]);
    }

    private static double value(double[] c, double t) {
        return c[0] + t * (c[1] + t * (c[2] + t * (c[3] + t * c[4])));
    }

    /** A crossing at the border of two steps is found once, in the step that it ends. */
    @Test
    void aCrossingAtTheEndOfAStepCountsOnce() {
        Equation ramp = Problem.equation(1, (t, y, d) -> d[0] = 1);
        RungeKutta method = new RungeKutta(TableauTest.heun(), ramp); // whose sums are exact
        method.start(0, new double[] {-0.5});
        LevelCrossing crossing = new LevelCrossing(0);
        method.attempt(0.5);
        method.accept(0.5);
        assertEquals(0, method.state()[0]);
        assertEquals(1, crossing.find(method, 0, times));
        assertEquals(0.5, times[0]);
        method.attempt(0.5);
        method.accept(1);
        assertEquals(0, crossing.find(method, 0, times));
    }

    @Test
    void theLevelMustBeFinite() {
        assertThrows(IllegalArgumentException.class, () -> new LevelCrossing(Double.NaN));
    }
}
