package org.spikecast.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.spikecast.params.ParameterSet;

/** The diagnosis of wrong gradients of 0.5 a'a + sin(sum of m_ij (i + 2 j + 1)) + exp(b) c. */
class DiagnosisTest {
    private ParameterSet parameters;

    @BeforeEach
    void declare() {
        ParameterSet.Builder declare = new ParameterSet.Builder();
        double[] a = declare.vector("a", 6).data;
        double[] m = declare.matrix("m", 2, 3).data;
        double[] gates = declare.matrix("gates", 4, 2).data;
        parameters = declare.build();
        for (int j = 0; j < parameters.size(); j++) {
            parameters.set(j, 0.3 + 0.1 * j * (j % 3 - 1));
        }
        assertEquals(20, a.length + m.length + gates.length);
    }

    /** Half the sum of (j + 1) theta_j^2. */
    private double loss() {
        double sum = 0;
        for (int j = 0; j < parameters.size(); j++) {
            sum += 0.5 * (j + 1) * parameters.get(j) * parameters.get(j);
        }
        return sum;
    }

    private GradientReport check(Consumer<ParameterSet> fault) {
        Objective plain = Objective.of(parameters, this::loss, g -> {
            for (int j = 0; j < g.size(); j++) {
                g.set(j, (j + 1) * parameters.get(j));
            }
            fault.accept(g);
        });
        return GradientCheck.check(new Objective() {
            @Override
            public ParameterSet parameters() {
                return parameters;
            }

            @Override
            public double loss() {
                return plain.loss();
            }

            @Override
            public void gradient(ParameterSet gradient) {
                plain.gradient(gradient);
            }

            @Override
            public List<String> rowGroups(ParameterSet.Block block) {
                return block.name().equals("gates") ? List.of("i", "f", "g", "o") : List.of();
            }
        });
    }

    private String diagnosis(Consumer<ParameterSet> fault) {
        GradientReport report = check(fault);
        assertEquals(GradientReport.Verdict.FAIL, report.verdict(), report.text());
        assertTrue(report.text().contains("Diagnosis: " + report.diagnosis()), report.text());
        assertEquals(report.diagnosis(), report.json().get("diagnosis"));
        return report.diagnosis();
    }

    private static Consumer<ParameterSet> times(int block, double factor) {
        return g -> {
            double[] d = g.blocks().get(block).data();
            for (int j = 0; j < d.length; j++) {
                d[j] *= factor;
            }
        };
    }

    @Test
    void aRightGradientHasNoDiagnosis() {
        GradientReport report = check(g -> {});
        report.assertPassed();
        assertEquals("", report.diagnosis());
        assertFalse(report.text().contains("Diagnosis"));
    }

    @Test
    void factorsAreNamed() {
        assertEquals("a: every entry is 0.5 of the reference: a factor 2 is missing", diagnosis(times(0, 0.5)));
        assertEquals("a: every entry is 2 of the reference: a factor 2 too many", diagnosis(times(0, 2)));
        assertEquals("a: every entry is -1 of the reference: a sign is wrong", diagnosis(times(0, -1)));
        assertEquals("a: every entry is 0: the gradient is missing", diagnosis(times(0, 0)));
        assertEquals("a: every entry is 1.01 of the reference", diagnosis(times(0, 1.01)));
        assertEquals(
                "a: every entry is -1.01 of the reference: a sign is wrong, among others", diagnosis(times(0, -1.01)));
        assertEquals(
                "a: every entry is -0.5 of the reference: a sign is wrong, and a factor 2 is missing",
                diagnosis(times(0, -0.5)));
    }

    @Test
    void meansAreNamed() {
        assertEquals(
                "m: every entry is 0.1666667 of the reference: a factor 6 is missing, or it is a mean over 6 (the block's"
                        + " entries) in place of a sum",
                diagnosis(times(1, 1 / 6.0)));
        assertEquals(
                "m: every entry is 0.3333333 of the reference: a factor 3 is missing, or it is a mean over 3 (the block's"
                        + " columns) in place of a sum",
                diagnosis(times(1, 1 / 3.0)));
        assertEquals(
                "gates: every entry is 4 of the reference: a factor 4 too many, or it is a sum over 4 (the block's rows) in"
                        + " place of a mean",
                diagnosis(times(2, 4)));
        assertEquals(
                "a: every entry is 5 of the reference: a factor 5 too many, or it is a sum over 5 in place of a mean",
                diagnosis(times(0, 5)));
    }

    @Test
    void aFactorOfAllBlocksIsSaidOnce() {
        assertEquals(
                "in every block every entry is -1 of the reference: a sign is wrong",
                diagnosis(times(0, -1).andThen(times(1, -1)).andThen(times(2, -1))));
    }

    @Test
    void whatStandsInTheWrongPlaceIsNamed() {
        assertEquals("m: it is the transpose of the reference", diagnosis(g -> {
            double[] m = g.blocks().get(1).data();
            double[] kept = m.clone();
            for (int i = 0; i < 2; i++) {
                for (int j = 0; j < 3; j++) {
                    m[j * 2 + i] = kept[i * 3 + j];
                }
            }
        }));
        assertEquals("a: it is the gradient of m; m: it is the gradient of a", diagnosis(g -> {
            double[] a = g.blocks().get(0).data();
            double[] m = g.blocks().get(1).data();
            double[] kept = a.clone();
            System.arraycopy(m, 0, a, 0, 6);
            System.arraycopy(kept, 0, m, 0, 6);
        }));
        assertEquals(
                "gates: the order is wrong: in place of i, f, g, o stand the gradients of i, f, o, g", diagnosis(g -> {
                    double[] d = g.blocks().get(2).data();
                    double[] kept = d.clone();
                    System.arraycopy(kept, 4, d, 6, 2);
                    System.arraycopy(kept, 6, d, 4, 2);
                }));
        assertEquals("a: its rows are in reversed order", diagnosis(g -> {
            double[] a = g.blocks().get(0).data();
            double[] kept = a.clone();
            for (int j = 0; j < 6; j++) {
                a[j] = kept[5 - j];
            }
        }));
    }

    @Test
    void rowsOfAMatrixInReversedOrderAreNamed() {
        assertEquals("m: its rows are in reversed order", diagnosis(g -> {
            double[] m = g.blocks().get(1).data();
            double[] kept = m.clone();
            System.arraycopy(kept, 0, m, 3, 3);
            System.arraycopy(kept, 3, m, 0, 3);
        }));
    }

    @Test
    void weightDecayIsNamed() {
        assertEquals("a: it is the reference plus 0.01 times the parameters, as weight decay adds", diagnosis(g -> {
            for (int j = 0; j < 6; j++) {
                g.set(j, g.get(j) + 0.01 * parameters.get(j));
            }
        }));
    }

    @Test
    void singleEntriesRowsAndColumnsAreNamed() {
        assertEquals("a: 1 of 6 entries is wrong", diagnosis(g -> g.set(2, 1.1 * g.get(2))));
        assertEquals("m: 2 of 6 entries are wrong, all in column 1", diagnosis(g -> {
            g.set(7, g.get(7) + 1);
            g.set(10, g.get(10) + 2);
        }));
        assertEquals("m: 3 of 6 entries are wrong, all in row 1", diagnosis(g -> {
            g.set(9, g.get(9) + 1);
            g.set(10, g.get(10) + 2);
            g.set(11, g.get(11) - 1);
        }));
        assertEquals("m: 2 of 6 entries are wrong", diagnosis(g -> {
            g.set(6, g.get(6) + 1);
            g.set(10, g.get(10) + 2);
        }));
    }

    @Test
    void aGradientOfWhatTheLossDoesNotReadIsNamed() {
        ParameterSet.Builder declare = new ParameterSet.Builder();
        declare.vector("used", 2);
        declare.vector("unused", 2);
        ParameterSet p = declare.build();
        GradientReport report =
                GradientCheck.check(Objective.of(p, () -> Math.exp(p.get(0)) + Math.exp(p.get(1)), g -> {
                    g.set(0, 1);
                    g.set(1, 1);
                    g.set(3, 1);
                }));
        assertEquals(
                "unused: the loss does not depend on these parameters, but their gradient is not zero",
                report.diagnosis());
    }
}
