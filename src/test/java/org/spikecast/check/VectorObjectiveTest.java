package org.spikecast.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.spikecast.check.GradientReport.Verdict;
import org.spikecast.params.ParameterSet;

/** F(w) = (w_0 w_1, sin w_0, w_1^2), whose Jacobian is (w_1, w_0; cos w_0, 0; 0, 2 w_1). */
class VectorObjectiveTest {
    private final ParameterSet.Builder declare = new ParameterSet.Builder();
    private final double[] w = declare.vector("w", 2).data;
    private final ParameterSet parameters = declare.build();

    private VectorObjective function(double factor, boolean exact) {
        w[0] = 0.4;
        w[1] = -1.3;
        return new VectorObjective(
                parameters,
                3,
                y -> {
                    y[0] = w[0] * w[1];
                    y[1] = StrictMath.sin(w[0]);
                    y[2] = w[1] * w[1];
                },
                (v, g) -> {
                    g.set(0, v[0] * w[1] + factor * v[1] * StrictMath.cos(w[0]));
                    g.set(1, v[0] * w[0] + v[2] * 2 * w[1]);
                },
                !exact
                        ? null
                        : (u, y) -> {
                            y[0] = w[1] * u.get(0) + w[0] * u.get(1);
                            y[1] = StrictMath.cos(w[0]) * u.get(0);
                            y[2] = 2 * w[1] * u.get(1);
                        });
    }

    @Test
    void aRightProductPassesAlongEveryCotangent() {
        GradientReport report = GradientCheck.check(function(1, false));
        report.assertPassed();
        assertEquals(4, report.blocks().size());
        assertEquals("random cotangent: w", report.blocks().get(0).name());
        assertEquals("output 2: w", report.blocks().get(3).name());
        assertEquals("differences", report.blocks().get(3).method());
        assertEquals(2, report.taylorOrder(), 0.01);
        assertEquals(3, report.directions().size());
    }

    @Test
    void theWrongOutputIsNamed() {
        GradientReport report = GradientCheck.check(function(1.01, false));
        assertEquals(Verdict.FAIL, report.verdict());
        assertEquals(Verdict.FAIL, report.blocks().get(0).verdict());
        assertEquals(Verdict.PASS, report.blocks().get(1).verdict());
        assertEquals(Verdict.FAIL, report.blocks().get(2).verdict());
        assertEquals(Verdict.PASS, report.blocks().get(3).verdict());
        assertEquals(
                "random cotangent: w: 1 of 2 entries is wrong; output 1: w: 1 of 2 entries is wrong",
                report.diagnosis());
        assertTrue(report.deterministic());
    }

    @Test
    void aJacobianVectorProductIsAnExactReference() {
        GradientReport report = GradientCheck.check(function(1 + 1e-10, true));
        assertEquals(Verdict.FAIL, report.verdict());
        assertEquals("exact", report.blocks().get(2).method());
        assertEquals(1e-10, report.blocks().get(2).worstError(), 1e-14);
        GradientCheck.check(function(1, true)).assertPassed();
    }

    @Test
    void ofManyOutputsSomeAreTaken() {
        GradientReport report = GradientCheck.check(function(1, false), 2, 1);
        assertEquals(3, report.blocks().size());
        report.assertPassed();
    }

    @Test
    void refusesNoOutputsAndCotangentsOfAnotherLength() {
        assertThrows(IllegalArgumentException.class, () -> new VectorObjective(parameters, 0, y -> {}, (v, g) -> {}));
        assertThrows(IllegalArgumentException.class, () -> function(1, false).along(new double[2]));
        assertEquals(3, function(1, false).outputs());
    }
}
