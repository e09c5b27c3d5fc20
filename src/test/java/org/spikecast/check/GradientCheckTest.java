package org.spikecast.check;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spikecast.check.GradientReport.Verdict;
import org.spikecast.io.internal.Json;
import org.spikecast.kernel.RandomStream;
import org.spikecast.params.ParameterSet;

/** Functions of one's own under the checker: right, wrong, rough, linear, hidden by rounding, or no numbers at all. */
class GradientCheckTest {
    private final ParameterSet parameters = vector(0.5, -0.7, 1.2);

    private static ParameterSet vector(double... numbers) {
        ParameterSet.Builder declare = new ParameterSet.Builder();
        declare.vector("theta", numbers.length);
        ParameterSet set = declare.build();
        System.arraycopy(numbers, 0, set.blocks().get(0).data(), 0, numbers.length);
        return set;
    }

    /** sin(a) exp(b) + b c^2: every entry depends on the others. */
    private double loss() {
        double[] p = parameters.blocks().get(0).data();
        return Math.sin(p[0]) * Math.exp(p[1]) + p[1] * p[2] * p[2];
    }

    private void gradient(ParameterSet gradient) {
        double[] p = parameters.blocks().get(0).data();
        gradient.set(0, Math.cos(p[0]) * Math.exp(p[1]));
        gradient.set(1, Math.sin(p[0]) * Math.exp(p[1]) + p[2] * p[2]);
        gradient.set(2, 2 * p[1] * p[2]);
    }

    private static GradientReport check(ParameterSet p, DoubleSupplier loss, Consumer<ParameterSet> gradient) {
        return GradientCheck.check(Objective.of(p, loss, gradient));
    }

    @Test
    void aFunctionOfOnesOwnIsCheckedInOneLine() {
        GradientCheck.check(Objective.of(parameters, this::loss, this::gradient))
                .assertPassed();
    }

    @ParameterizedTest
    @ValueSource(doubles = {1, 1e-5, 1e5})
    void anEntryThatIsOnePercentOffIsNamed(double unit) {
        GradientReport report = check(parameters, () -> unit * loss(), g -> {
            gradient(g);
            g.set(1, 1.01 * g.get(1));
            for (int j = 0; j < g.size(); j++) {
                g.set(j, unit * g.get(j));
            }
        });
        assertEquals(Verdict.FAIL, report.verdict());
        GradientReport.BlockResult block = report.blocks().get(0);
        assertEquals("[1]", block.where());
        assertEquals(1.01, block.claimed() / block.reference(), 1e-9); // the accuracy of differences of fourth order
        assertEquals(0.01 / 1.01, block.worstError(), 1e-9);
        assertEquals("differences", block.method());
        assertEquals(1, report.taylorOrder(), 0.01);
        String message =
                assertThrows(AssertionError.class, report::assertPassed).getMessage();
        assertTrue(message.startsWith("Gradient check: FAIL") && message.contains("[1] claimed "), message);
        assertTrue(report.directions().stream().allMatch(d -> d.verdict() == Verdict.FAIL), message);
    }

    /** The third entry curves so much that it needs a step of its own, even when another one is known to be wrong. */
    @Test
    void aCurvedEntryIsNotTakenForTheWorst() {
        GradientReport report = check(
                parameters, () -> 100 * parameters.get(0) + parameters.get(1) + Math.sin(60 * parameters.get(2)), g -> {
                    g.set(0, 100);
                    g.set(1, 1.01);
                    g.set(2, 60 * Math.cos(60 * parameters.get(2)));
                });
        assertEquals(Verdict.FAIL, report.verdict());
        assertEquals("[1]", report.blocks().get(0).where());
    }

    @Test
    void rowAndColumnOfAMatrixAreNamed() {
        ParameterSet.Builder declare = new ParameterSet.Builder();
        declare.vector("none", 0);
        declare.matrix("w", 2, 3);
        ParameterSet w = declare.build();
        GradientReport report = check(w, () -> w.get(5) * w.get(5) + Math.exp(w.get(0)), g -> {
            g.set(0, Math.exp(w.get(0)));
            g.set(5, 0.5);
        });
        assertEquals(1, report.blocks().size());
        assertEquals("[1,2]", report.blocks().get(0).where());
        assertEquals(6, report.blocks().get(0).entries());
    }

    /**
     * Adding 1e12 to a loss rounds it to multiples of 1.2e-4: a check of a slope of 1e-6 is inconclusive, right or
     * wrong.
     */
    @ParameterizedTest
    @ValueSource(doubles = {1, -3, 0})
    void whatRoundingHidesIsNeitherRightNorWrong(double factor) {
        GradientReport report = check(parameters, () -> 1e12 + 1e-6 * loss(), g -> {
            gradient(g);
            for (int j = 0; j < g.size(); j++) {
                g.set(j, 1e-6 * factor * g.get(j));
            }
        });
        assertEquals(Verdict.INCONCLUSIVE, report.verdict(), report.text());
        assertEquals(Verdict.INCONCLUSIVE, report.blocks().get(0).verdict());
        assertEquals(Verdict.INCONCLUSIVE, report.directions().get(0).verdict());
        assertTrue(Double.isNaN(report.taylorOrder()));
        assertThrows(AssertionError.class, report::assertPassed);
    }

    @Test
    void aLossThatDiffersWhenComputedAgainFails() {
        AtomicInteger calls = new AtomicInteger();
        GradientReport loss = check(parameters, () -> loss() + 1e-9 * calls.incrementAndGet(), this::gradient);
        assertFalse(loss.deterministic());
        assertEquals(Verdict.FAIL, loss.verdict());
        assertTrue(loss.text().contains("NOT DETERMINISTIC"));
        GradientReport gradient = check(parameters, this::loss, g -> {
            gradient(g);
            g.set(2, g.get(2) + Math.ulp(g.get(2)) * (calls.incrementAndGet() % 2));
        });
        assertFalse(gradient.deterministic());
        assertEquals(Verdict.FAIL, gradient.verdict());
    }

    @Test
    void whatIsNoNumberFailsAndIsNamed() {
        GradientReport loss = check(parameters, () -> Double.NaN, this::gradient);
        assertEquals(Verdict.FAIL, loss.verdict());
        assertEquals("the loss is NaN", loss.location());
        assertTrue(loss.deterministic()); // NaN again is the same
        GradientReport gradient = check(parameters, this::loss, g -> g.set(2, Double.POSITIVE_INFINITY));
        assertEquals(Verdict.FAIL, gradient.verdict());
        assertEquals("the gradient of theta[2] is Infinity", gradient.location());
        assertTrue(gradient.text().contains("Location: the gradient of theta[2] is Infinity"));
        ParameterSet.Builder declare = new ParameterSet.Builder();
        declare.vector("first", 2);
        declare.vector("second", 2);
        assertEquals(
                "the gradient of second[1] is NaN",
                check(declare.build(), () -> 0, g -> g.set(3, Double.NaN)).location());
        assertNull(loss.json().get("loss"));
        assertFalse(loss.json().containsKey("v_curve"));
        assertTrue(Json.write(loss.json()).contains("the loss is NaN"));
    }

    /** The Taylor remainder of a linear function is rounding alone: there is no order, and no FAIL. */
    @Test
    void aLinearFunctionPasses() {
        GradientReport report = check(parameters, () -> 3 * parameters.get(0) - 2 * parameters.get(2), g -> {
            g.set(0, 3);
            g.set(2, -2);
        });
        report.assertPassed();
        assertTrue(Double.isNaN(report.taylorOrder()));
        assertNull(report.json().get("taylor_order"));
    }

    @Test
    void aGradientOfTooFewNumbersIsRefused() {
        ParameterSet.Builder declare = new ParameterSet.Builder();
        declare.vector("w", 3);
        Objective objective = Objective.of(
                declare.build(),
                () -> 0,
                gradient -> gradient.blocks().get(0).matrix().setData(new double[] {1, 2}));
        String message = assertThrows(IllegalArgumentException.class, () -> GradientCheck.check(objective))
                .getMessage();
        assertEquals("Gradient with respect to 'w': expected 3 numbers, got 2", message);
    }

    /** One entry is a straight line, for which long steps are best; the other a wave of length 0.1. */
    @Test
    void entriesOfUnequalCurvatureEachGetTheirStep() {
        check(parameters, () -> 100 * parameters.get(0) + Math.sin(60 * parameters.get(1)), g -> {
                    g.set(0, 100);
                    g.set(1, 60 * Math.cos(60 * parameters.get(1)));
                })
                .assertPassed();
    }

    /** Long steps leave the logarithm's domain, where the loss is no number. */
    @Test
    void aLossThatEndsNearbyIsCheckedWithShorterSteps() {
        ParameterSet edge = vector(1, 0.001);
        GradientReport report =
                check(edge, () -> 10 * edge.get(0) * edge.get(0) + 0.001 * Math.log(edge.get(1) - 0.0009), g -> {
                    g.set(0, 20 * edge.get(0));
                    g.set(1, 0.001 / (edge.get(1) - 0.0009));
                });
        report.assertPassed();
        List<?> errors = (List<?>) ((Map<?, ?>) report.json().get("v_curve")).get("central");
        assertNull(errors.get(0));
        Json.write(report.json());
    }

    @Test
    void aLossThatIsANumberInOnePlaceOnlyTellsNothing() {
        ParameterSet edge = vector(2);
        GradientReport report = check(edge, () -> edge.get(0) == 2 ? 4 : Double.NaN, g -> g.set(0, 4));
        assertEquals(Verdict.INCONCLUSIVE, report.verdict());
        Json.write(report.json());
    }

    /** a - b with a and b near 1e7, squared: the loss is rounded by a billion times an ulp of itself. */
    @Test
    void roundingWithinTheLossIsNotTakenForAFault() {
        ParameterSet large = vector(1.3e7, 1.1e7 + 1);
        DoubleSupplier residual = () -> 1.1 * large.get(0) - 1.3 * large.get(1);
        check(large, () -> residual.getAsDouble() * residual.getAsDouble(), g -> {
                    g.set(0, 2.2 * residual.getAsDouble());
                    g.set(1, -2.6 * residual.getAsDouble());
                })
                .assertPassed();
    }

    @Test
    void aBlockThatTheLossDoesNotDependOnPasses() {
        ParameterSet.Builder declare = new ParameterSet.Builder();
        declare.vector("used", 1);
        declare.vector("unused", 2);
        ParameterSet p = declare.build();
        check(p, () -> 5 + Math.exp(p.get(0)), g -> g.set(0, Math.exp(p.get(0))))
                .assertPassed();
        // A constant passes too, because no step however long moves it.
        check(p, () -> 5, g -> {}).assertPassed();
    }

    @Test
    void parametersArePutBackBitByBitEvenIfTheLossThrows() {
        double[] before = parameters.blocks().get(0).data().clone();
        check(parameters, this::loss, this::gradient).assertPassed();
        assertArrayEquals(before, parameters.blocks().get(0).data());
        for (int last = 3; last < 150; last += 7) {
            AtomicInteger calls = new AtomicInteger();
            int most = last;
            DoubleSupplier failing = () -> {
                if (calls.incrementAndGet() > most) {
                    throw new IllegalStateException("loss failed");
                }
                return loss();
            };
            assertThrows(IllegalStateException.class, () -> check(parameters, failing, this::gradient));
            assertArrayEquals(before, parameters.blocks().get(0).data());
        }
    }

    /**
     * Of exp, D2 errs by h^2 / 6 e + eps e / h, least at h = (3 eps)^(1/3) = 9e-6; D4 by h^4 / 30 e + 1.5 eps e / h,
     * least at h = (11 eps)^(1/5) = 1.2e-3.
     */
    @Test
    void theVCurveHasItsMinimumWhereTheoryHasIt() {
        ParameterSet one = vector(1);
        GradientReport report = check(one, () -> Math.exp(one.get(0)), g -> g.set(0, Math.exp(one.get(0))));
        GradientReport.VCurve curve = report.curve();
        assertTrue(curve.againstClaimed());
        assertTrue(curve.bestCentral() >= 2e-7 && curve.bestCentral() <= 3e-5, "" + curve.bestCentral());
        assertTrue(curve.bestFourth() >= 1e-4 && curve.bestFourth() <= 3e-3, "" + curve.bestFourth());
        assertEquals(0.25, curve.step()[0]);
        assertEquals(0.125, curve.step()[1]);
        assertTrue(curve.step()[curve.step().length - 1] < 1e-14);
        // The left arms: truncation, from the series of exp.
        double h = curve.step()[4];
        assertEquals(Math.E * h * h / 6, curve.central()[4], 1e-2 * h * h);
        assertEquals(Math.E * Math.pow(h, 4) / 30, curve.fourth()[4], 1e-2 * Math.pow(h, 4));
        assertEquals(2, report.taylorOrder(), 0.01);
        double step = report.blocks().get(0).step();
        assertTrue(step >= 1e-4 && step <= 3e-3, "" + step);
    }

    @Test
    void aSampleIsTheSameForTheSameSeedAndHasItsShareOfEachBlock() {
        ParameterSet.Builder declare = new ParameterSet.Builder();
        declare.matrix("large", 30, 30);
        declare.vector("small", 99);
        declare.vector("tiny", 1);
        ParameterSet p = declare.build();
        int[][] first = sample(p, 100, 1);
        assertArrayEquals(first, sample(p, 100, 1));
        assertNotEquals(Arrays.toString(first[0]), Arrays.toString(sample(p, 100, 2)[0]));
        assertEquals(90, first[0].length);
        assertEquals(9, first[1].length);
        assertEquals(1, first[2].length);
        for (int[] entries : first) {
            assertEquals(entries.length, Arrays.stream(entries).distinct().count());
            assertArrayEquals(Arrays.stream(entries).sorted().toArray(), entries);
        }
        assertTrue(first[0][0] >= 0 && first[0][89] < 900 && first[1][8] < 99);
        assertEquals(900, sample(p, 1000, 1)[0].length); // as many as there are
        GradientReport report = GradientCheck.check(Objective.of(p, () -> 0, g -> {}), 100, 1);
        assertEquals(
                List.of(90, 9, 1),
                report.blocks().stream()
                        .map(GradientReport.BlockResult::entries)
                        .toList());
    }

    private static int[][] sample(ParameterSet p, int most, long seed) {
        GradientCheck.Sample sample = new GradientCheck.Sample(p, most, RandomStream.of(seed, "sample"));
        return new int[][] {sample.entries(0), sample.entries(1), sample.entries(2)};
    }

    @Test
    void theReportSaysWhatWasFound() {
        GradientReport report = check(parameters, this::loss, this::gradient);
        String text = report.text();
        assertTrue(text.startsWith("Gradient check: PASS, loss -0.769"), text);
        assertTrue(text.contains(", deterministic"), text);
        assertTrue(text.contains("theta              3   1.68e+00"), text);
        assertTrue(text.contains("direction 3        3"), text);
        assertTrue(text.contains("Taylor remainder: order 2.00"), text);
        assertFalse(text.contains("Error of differences over their step"), text);
        String curveText = report.curveText();
        assertTrue(curveText.contains("along a random direction, against the claimed gradient; *"), curveText);
        assertEquals(2, curveText.chars().filter(c -> c == '*').count() - 1, curveText); // one step of each kind
        assertFalse(text.contains("Location"), text);

        Map<?, ?> json = (Map<?, ?>) Json.parse(Json.write(report.json()));
        assertEquals("PASS", json.get("verdict"));
        assertEquals(loss(), json.get("loss"));
        assertEquals(true, json.get("deterministic"));
        assertEquals(report.taylorOrder(), json.get("taylor_order"));
        assertEquals("", json.get("location"));
        assertEquals(3, ((List<?>) json.get("directions")).size());
        Map<?, ?> block = (Map<?, ?>) ((List<?>) json.get("blocks")).get(0);
        GradientReport.BlockResult expected = report.blocks().get(0);
        assertEquals("theta", block.get("name"));
        assertEquals(3L, block.get("entries"));
        assertEquals(expected.largest(), block.get("largest"));
        assertEquals(expected.worstError(), block.get("worst_error"));
        assertEquals(expected.where(), block.get("where"));
        assertEquals(expected.claimed(), block.get("claimed"));
        assertEquals(expected.reference(), block.get("reference"));
        assertEquals("differences", block.get("method"));
        assertEquals(expected.floor(), block.get("floor"));
        assertEquals(expected.step(), block.get("step"));
        assertEquals("PASS", block.get("verdict"));
        Map<?, ?> curve = (Map<?, ?>) json.get("v_curve");
        assertEquals(report.curve().step().length, ((List<?>) curve.get("step")).size());
        assertEquals(expected.tolerance(), block.get("tolerance"));
        assertEquals("", block.get("remark"));
        assertEquals("", json.get("diagnosis"));
        assertEquals(report.curve().central()[5], ((List<?>) curve.get("central")).get(5));
        assertEquals(report.curve().fourth()[5], ((List<?>) curve.get("fourth")).get(5));
        assertEquals(report.curve().bestCentral(), curve.get("best_central"));
        assertEquals(report.curve().bestFourth(), curve.get("best_fourth"));
        assertEquals(true, curve.get("against_claimed"));
    }

    /** sin(a) + 1e-5 sin(b) + 1e-8 sin(c), with a reference to machine precision; each gradient off by a factor. */
    private GradientReport checkWithReference(double... factors) {
        double[] p = parameters.blocks().get(0).data();
        double[] exact = {Math.cos(p[0]), 1e-5 * Math.cos(p[1]), 1e-8 * Math.cos(p[2])};
        return GradientCheck.check(new Objective() {
            @Override
            public ParameterSet parameters() {
                return parameters;
            }

            @Override
            public double loss() {
                return Math.sin(p[0]) + 1e-5 * Math.sin(p[1]) + 1e-8 * Math.sin(p[2]);
            }

            @Override
            public void gradient(ParameterSet gradient) {
                for (int j = 0; j < 3; j++) {
                    gradient.set(j, factors[j] * exact[j]);
                }
            }

            @Override
            public double derivative(ParameterSet d) {
                return factors[3] * (exact[0] * d.get(0) + exact[1] * d.get(1) + exact[2] * d.get(2));
            }

            @Override
            public String locate() {
                return "somewhere";
            }
        });
    }

    @Test
    void aReferenceToMachinePrecisionShowsWhatDifferencesCannot() {
        GradientReport right = checkWithReference(1, 1, 1, 1);
        right.assertPassed();
        assertEquals("exact", right.blocks().get(0).method());
        assertEquals("exact", right.directions().get(0).method());
        assertFalse(right.curve().againstClaimed());
        assertFalse(right.curveText().contains("against the claimed gradient"));
        assertEquals("", right.location());

        GradientReport slightly = checkWithReference(1 + 1e-10, 1, 1, 1);
        assertEquals(Verdict.FAIL, slightly.blocks().get(0).verdict());
        assertEquals(1e-10, slightly.blocks().get(0).worstError(), 1e-15);
        assertEquals(Verdict.FAIL, slightly.directions().get(0).verdict());
        // The expected size of a direction is that of the gradient over the root of three entries, as is its error
        // here.
        assertEquals(1e-10, slightly.directions().get(0).worstError(), 1e-15);
        assertEquals("somewhere", slightly.location());
    }

    /** Off by 1e-8 of itself, an entry of 1e-5 is wrong; one below a millionth of the largest is held to that alone. */
    @Test
    void smallEntriesAreHeldToThemselvesTinyOnesAreNot() {
        assertEquals(
                Verdict.FAIL,
                checkWithReference(1, 1 + 1e-8, 1, 1).blocks().get(0).verdict());
        checkWithReference(1, 1, 1 + 1e-8, 1).assertPassed();
    }

    /** The reference agrees with the gradient, but both are of another loss. */
    @Test
    void differencesStandBesideTheReference() {
        GradientReport report = checkWithReference(1.001, 1.001, 1.001, 1.001);
        assertEquals(Verdict.FAIL, report.blocks().get(0).verdict());
        assertEquals(0, report.blocks().get(0).worstError(), 1e-15);
        assertTrue(report.directions().stream().allMatch(d -> d.verdict() == Verdict.FAIL));
    }

    /** 64 entries of 8, and steps of the size of the parameters. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 1, 4})
    void directionsAreOfTheParametersSizesAndOfRandomSigns(double size) {
        ParameterSet p = vector(new double[64]);
        fill(p, size);
        double unit = size == 0 ? 1 : size;
        GradientReport sum = check(p, () -> 8 * dot(p, 1), g -> fill(g, 8));
        for (GradientReport.BlockResult direction : sum.directions()) {
            assertEquals(64 * unit, direction.largest(), 1e-12); // root of 64 times (8 unit)^2
            assertTrue(Math.abs(direction.claimed()) < 320 * unit, sum.text()); // 5 deviations; all alike: 512
        }
        assertNotEquals(
                sum.directions().get(0).claimed(), sum.directions().get(1).claimed());
        assertEquals("direction 1", sum.directions().get(0).name());
        assertEquals(64, sum.directions().get(0).entries());
    }

    /** A parameter of zero moves by the typical size of its block: the mean of 0 and 4, down to a power of two. */
    @Test
    void aDirectionMovesAParameterOfZero() {
        ParameterSet p = vector(0, 4);
        GradientReport report = check(p, () -> p.get(0) + p.get(1), g -> fill(g, 1));
        assertEquals(Math.hypot(2, 4), report.directions().get(0).largest(), 1e-12);
    }

    /** b has no effect but rounding: that its slope is zero is told by the slope of a. */
    @Test
    void aBlockWithoutSlopeIsHeldAgainstTheWholeGradient() {
        ParameterSet.Builder declare = new ParameterSet.Builder();
        declare.vector("a", 1);
        declare.vector("b", 1);
        ParameterSet p = declare.build();
        p.set(1, 0.3);
        DoubleSupplier loss = () -> 3 * Math.sin(p.get(0)) + Math.hypot(Math.sin(p.get(1)), Math.cos(p.get(1)));
        GradientReport report = check(p, loss, g -> g.set(0, 3 * Math.cos(p.get(0))));
        assertEquals(Verdict.PASS, report.blocks().get(1).verdict(), report.text());
    }

    private static double dot(ParameterSet p, double factor) {
        double sum = 0;
        for (int j = 0; j < p.size(); j++) {
            sum += factor * p.get(j);
        }
        return sum;
    }

    private static void fill(ParameterSet set, double value) {
        for (int j = 0; j < set.size(); j++) {
            set.set(j, value);
        }
    }

    /** 299 entries need another step than the steepest one; the step of one of them suits the others. */
    @Test
    void aStepThatSuitedOneEntryIsTriedForTheNext() {
        ParameterSet p = vector(new double[300]);
        fill(p, 0.4);
        AtomicInteger calls = new AtomicInteger();
        DoubleSupplier waves = () -> {
            calls.incrementAndGet();
            double sum = 100 * p.get(0);
            for (int j = 1; j < p.size(); j++) {
                sum += Math.sin(60 * p.get(j)) / 60;
            }
            return sum;
        };
        Consumer<ParameterSet> right = g -> {
            fill(g, Math.cos(60 * 0.4));
            g.set(0, 100);
        };
        GradientReport report = check(p, waves, right);
        assertEquals(Verdict.PASS, report.blocks().get(0).verdict(), report.text());
        assertTrue(calls.getAndSet(0) < 299 * 20, calls + " losses");
        assertEquals(Verdict.FAIL, check(p, waves, g -> fill(g, 2)).verdict());
        assertTrue(calls.get() < 110 * 200 + 300 * 10, calls + " losses");
    }

    /** A kink is no fault, whatever is claimed there; a fault elsewhere still is one. */
    @Test
    void aKinkIsNamedWithBothDerivatives() {
        ParameterSet p = vector(0.2, 0, 0.4);
        DoubleSupplier loss = () -> 3 * Math.abs(p.get(1)) + p.get(1) + Math.sin(p.get(0)) + p.get(2);
        for (double claim : new double[] {-2, 1, 4, 100}) {
            GradientReport report = check(p, loss, g -> {
                g.set(0, Math.cos(0.2));
                g.set(1, claim);
                g.set(2, 1);
            });
            assertEquals(Verdict.INCONCLUSIVE, report.verdict(), report.text());
            String expected = "kink at theta[1]: derivative -2.00000 from the left, 4.00000 from the right";
            assertEquals(expected, report.blocks().get(0).remark());
            assertTrue(report.text().contains(expected), report.text());
        }
        assertEquals(
                Verdict.FAIL,
                check(p, loss, g -> {
                            g.set(0, 1.01 * Math.cos(0.2));
                            g.set(2, 1);
                        })
                        .verdict());
    }

    @Test
    void aLargeModelIsCheckedBySample() {
        assertEquals(10_000, GradientCheck.defaultEntries(10_000));
        assertEquals(10_000, GradientCheck.defaultEntries(60_000));
        assertEquals(600, GradientCheck.defaultEntries(1_000_000));
        assertEquals(500, GradientCheck.defaultEntries(Integer.MAX_VALUE));
    }

    @Test
    void threeFunctionsGiveAnExactReference() {
        ParameterSet p = vector(0.5, 2);
        Objective objective = Objective.of(
                p,
                () -> p.get(0) * p.get(1),
                g -> {
                    g.set(0, p.get(1) * (1 + 1e-10));
                    g.set(1, p.get(0));
                },
                d -> p.get(1) * d.get(0) + p.get(0) * d.get(1));
        GradientReport report = GradientCheck.check(objective);
        assertEquals(Verdict.FAIL, report.verdict());
        assertEquals("exact", report.blocks().get(0).method());
        assertEquals("[0]", report.blocks().get(0).where());
        assertEquals(1e-10, report.blocks().get(0).worstError(), 1e-14);
        assertEquals(2e-12, report.blocks().get(0).tolerance(), 1e-14);
    }

    /** The residual is a difference of numbers of 1e7: gradient and reference are both rounded, but differently. */
    @Test
    void theGradientsOwnRoundingIsNoFault() {
        ParameterSet p = vector(1.3e7, 1.1e7 + 1);
        DoubleSupplier residual = () -> 1.1 * p.get(0) - 1.3 * p.get(1);
        DoubleSupplier exact = () -> Math.fma(1.1, p.get(0), -1.3 * p.get(1));
        GradientReport report = GradientCheck.check(Objective.of(
                p,
                () -> residual.getAsDouble() * residual.getAsDouble(),
                g -> {
                    g.set(0, 2.2 * residual.getAsDouble());
                    g.set(1, -2.6 * residual.getAsDouble());
                },
                d -> exact.getAsDouble() * (2.2 * d.get(0) - 2.6 * d.get(1))));
        report.assertPassed();
        assertTrue(report.blocks().get(0).worstError() > GradientCheck.EXACT_TOLERANCE, report.text());
    }

    /** Differences over a known step agree with a derivative of 0 there, at the kink of |t|, on which both sides meet. */
    @Test
    void aKinkIsSeenAtAStepThatSuitedAnotherEntry() {
        ParameterSet.Builder declare = new ParameterSet.Builder();
        declare.matrix("w", 2, 3);
        ParameterSet w = declare.build();
        GradientReport report =
                check(w, () -> 3 * Math.sin(w.get(0)) + Math.abs(w.get(5)), g -> g.set(0, 3 * Math.cos(w.get(0))));
        assertEquals(Verdict.INCONCLUSIVE, report.verdict(), report.text());
        assertEquals(
                "kink at w[1,2]: derivative -1.00000 from the left, 1.00000 from the right",
                report.blocks().get(0).remark());
    }

    /** What is missing counts for the scale of errors, by either reference; the tolerance holds the difference's own error. */
    @Test
    void aMissingGradientIsWrongByTheWholeReference() {
        DoubleSupplier loss = () -> 5 * Math.sin(parameters.get(0));
        double derivative = 5 * Math.cos(parameters.get(0));
        for (Objective objective : List.of(
                Objective.of(parameters, loss, g -> {}),
                Objective.of(parameters, loss, g -> {}, d -> derivative * d.get(0)))) {
            GradientReport.BlockResult block =
                    GradientCheck.check(objective).blocks().get(0);
            assertEquals(Verdict.FAIL, block.verdict());
            assertEquals("[0]", block.where());
            assertEquals(derivative, block.largest(), 1e-9);
            assertEquals(1, block.worstError(), 1e-9);
        }
        GradientReport.BlockResult right =
                check(parameters, loss, g -> g.set(0, derivative)).blocks().get(0);
        assertTrue(right.tolerance() > 1e-10 * derivative && right.tolerance() < 1e-6 * derivative);
    }

    /** Once an exact reference has shown a fault, no entry gets a step of its own. */
    @Test
    void afterAFaultAnExactReferenceDoesWithoutSteps() {
        ParameterSet p = vector(new double[300]);
        AtomicInteger calls = new AtomicInteger();
        DoubleSupplier loss = () -> {
            calls.incrementAndGet();
            double sum = 0;
            for (int j = 0; j < p.size(); j++) {
                sum += Math.sin(60 * p.get(j));
            }
            return sum;
        };
        GradientReport report = GradientCheck.check(Objective.of(p, loss, g -> fill(g, 61), d -> {
            double sum = 0;
            for (int j = 0; j < p.size(); j++) {
                sum += 60 * Math.cos(60 * p.get(j)) * d.get(j);
            }
            return sum;
        }));
        assertEquals(Verdict.FAIL, report.verdict());
        assertTrue(calls.get() < 300 * 10, calls + " losses");
    }

    /** A diagnosis is of the entries that were looked at. */
    @Test
    void aFactorIsNamedFromASample() {
        ParameterSet p = vector(new double[3000]);
        for (int j = 0; j < p.size(); j++) {
            p.set(j, Math.sin(1 + j));
        }
        DoubleSupplier loss = () -> {
            double sum = 0;
            for (int j = 0; j < p.size(); j++) {
                sum = Math.fma(p.get(j), 0.5 * p.get(j), sum);
            }
            return sum;
        };
        Consumer<ParameterSet> half = g -> {
            for (int j = 0; j < p.size(); j++) {
                g.set(j, 0.5 * p.get(j));
            }
        };
        for (Objective objective : List.of(Objective.of(p, loss, half), Objective.of(p, loss, half, d -> {
            double sum = 0;
            for (int j = 0; j < p.size(); j++) {
                sum += p.get(j) * d.get(j);
            }
            return sum;
        }))) {
            GradientReport report = GradientCheck.check(objective, 20, 1);
            assertEquals(20, report.blocks().get(0).entries());
            assertEquals("theta: every entry is 0.5 of the reference: a factor 2 is missing", report.diagnosis());
        }
    }

    @Test
    void anObjectiveOfTwoFunctionsHasNoHessianProduct() {
        assertFalse(Objective.of(parameters, this::loss, this::gradient)
                .hessianProduct(parameters.zerosLike(), parameters.zerosLike()));
    }

    @Test
    void refusesToCheckNothing() {
        Objective none = Objective.of(vector(), () -> 0, g -> {});
        assertThrows(IllegalArgumentException.class, () -> GradientCheck.check(none));
        Objective some = Objective.of(parameters, this::loss, this::gradient);
        assertThrows(IllegalArgumentException.class, () -> GradientCheck.check(some, 0, 1));
        assertEquals(1, GradientCheck.check(some, 1, 1).blocks().get(0).entries());
    }
}
