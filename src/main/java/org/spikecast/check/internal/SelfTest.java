package org.spikecast.check.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Supplier;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.check.GradientCheck;
import org.spikecast.check.GradientReport.Verdict;
import org.spikecast.check.NetworkObjective;
import org.spikecast.check.Objective;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.Elementary;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.lstm.Loss;
import org.spikecast.lstm.Network;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkState;
import org.spikecast.params.ParameterSet;

/**
 * The checker under test: right gradients that are hard to recognise, which must not get FAIL, and wrong ones, which
 * must not get PASS. A right gradient that rounding hides may be INCONCLUSIVE; so may a wrong one.
 */
public final class SelfTest {
    /**
     * One gradient.
     *
     * @param kind of difficulty, or of fault
     * @param name of the function, and the fault if there is one
     * @param right whether the gradient is right
     * @param objective a new one
     */
    record Case(String kind, String name, boolean right, Objective objective) {}

    /**
     * The result of a case.
     *
     * @param kind of difficulty, or of fault
     * @param name of the function, and the fault if there is one
     * @param right whether the gradient is right
     * @param verdict of the checker
     */
    public record Result(String kind, String name, boolean right, Verdict verdict) {
        /** Whether a right gradient got FAIL or a wrong one PASS. */
        public boolean mistaken() {
            return verdict == (right ? Verdict.FAIL : Verdict.PASS);
        }
    }

    private final List<Case> cases = new ArrayList<>();

    private SelfTest() {}

    /** Checks all cases. */
    public static List<Result> run() {
        List<Result> results = new ArrayList<>();
        for (Case c : cases()) {
            Verdict verdict = GradientCheck.check(c.objective()).verdict();
            results.add(new Result(c.kind(), c.name(), c.right(), verdict));
        }
        return results;
    }

    static List<Case> cases() {
        SelfTest test = new SelfTest();
        test.sizes();
        test.rounding();
        test.kinks();
        test.flat();
        test.shapes();
        test.networks();
        test.faults();
        return test.cases;
    }

    /** Two tables, by kind, and the mistakes one by one. */
    public static String text(List<Result> results) {
        StringBuilder text = new StringBuilder();
        for (boolean right : new boolean[] {true, false}) {
            Map<String, int[]> kinds = new LinkedHashMap<>();
            int[] sum = new int[Verdict.values().length];
            for (Result r : results) {
                if (r.right() == right) {
                    kinds.computeIfAbsent(r.kind(), k -> new int[sum.length])[
                            r.verdict().ordinal()]++;
                    sum[r.verdict().ordinal()]++;
                }
            }
            int width = kinds.keySet().stream().mapToInt(String::length).max().orElse(0);
            String line = "%-" + Math.max(width, 16) + "s  %5s  %5s  %12s  %5s%n";
            kinds.put("all", sum);
            text.append(String.format(
                    Locale.ROOT,
                    line,
                    right ? "right gradients" : "wrong gradients",
                    "cases",
                    "PASS",
                    "INCONCLUSIVE",
                    "FAIL"));
            kinds.forEach((kind, n) ->
                    text.append(String.format(Locale.ROOT, line, kind, n[0] + n[1] + n[2], n[0], n[1], n[2])));
            text.append(System.lineSeparator());
        }
        for (Result r : results) {
            if (r.mistaken()) {
                text.append("MISTAKEN: ").append(r.name()).append(": ").append(r.verdict());
                text.append(System.lineSeparator());
            }
        }
        return text.append(String.format(
                        Locale.ROOT,
                        "false FAIL %d, false PASS %d%n",
                        mistakes(results, true),
                        mistakes(results, false)))
                .toString();
    }

    /** All cases, for JSON. */
    public static Map<String, Object> json(List<Result> results) {
        List<Object> cases = new ArrayList<>();
        for (Result r : results) {
            Map<String, Object> c = new LinkedHashMap<>();
            c.put("kind", r.kind());
            c.put("name", r.name());
            c.put("right", r.right());
            c.put("verdict", r.verdict().name());
            cases.add(c);
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("false_fail", mistakes(results, true));
        json.put("false_pass", mistakes(results, false));
        json.put("cases", cases);
        return json;
    }

    private static long mistakes(List<Result> results, boolean right) {
        return results.stream().filter(r -> r.right() == right && r.mistaken()).count();
    }

    private void right(String kind, String name, Objective objective) {
        cases.add(new Case(kind, name, true, objective));
    }

    /** A right gradient of a function of one parameter. */
    private void right(String kind, String name, double at, DoubleUnaryOperator f, DoubleUnaryOperator slope) {
        right(kind, name, ofOne(at, f, slope));
    }

    private static Objective ofOne(double at, DoubleUnaryOperator f, DoubleUnaryOperator slope) {
        return of(new double[] {at}, w -> f.applyAsDouble(w[0]), (w, g) -> g[0] = slope.applyAsDouble(w[0]));
    }

    /** A function of a vector. */
    private interface Function {
        double of(double[] w);
    }

    /** Its gradient. */
    private interface Gradient {
        void of(double[] w, double[] g);
    }

    private static Objective of(double[] at, Function f, Gradient gradient) {
        ParameterSet.Builder declare = new ParameterSet.Builder();
        double[] w = declare.vector("w", at.length).data;
        ParameterSet parameters = declare.build();
        System.arraycopy(at, 0, w, 0, at.length);
        return Objective.of(
                parameters, () -> f.of(w), g -> gradient.of(w, g.blocks().get(0).data()));
    }

    private static double exp(double x) {
        return Elementary.exp(x);
    }

    private static double sin(double x) {
        return StrictMath.sin(x);
    }

    private static double cos(double x) {
        return StrictMath.cos(x);
    }

    private static double[] normal(int n, int seed) {
        RandomStream random = RandomStream.of(seed, "self-test");
        double[] x = new double[n];
        for (int j = 0; j < n; j++) {
            x[j] = random.nextGaussian();
        }
        return x;
    }

    private static double sumOfSquares(double[] w) {
        double sum = 0;
        for (double x : w) {
            sum += x * x;
        }
        return sum;
    }

    private static void twice(double[] w, double[] g) {
        for (int j = 0; j < w.length; j++) {
            g[j] = 2 * w[j];
        }
    }

    /** Parameters and losses of any size. */
    private void sizes() {
        for (double s : new double[] {1e-8, 1e-30, 1e-150}) {
            right("small parameters", "q / w at " + s, of(new double[] {s, s}, w -> w[1] / w[0], (w, g) -> {
                g[0] = -w[1] / w[0] / w[0];
                g[1] = 1 / w[0];
            }));
        }
        for (double s : new double[] {1e-9, 1e-11, 1e-15, 1e-40}) {
            right("small parameters", "sin(w / s), s = " + s, 0.7 * s, w -> sin(w / s), w -> cos(w / s) / s);
            right("small parameters", "exp(-w / s), s = " + s, 0.7 * s, w -> exp(-w / s), w -> -exp(-w / s) / s);
            right("small parameters", "sin(w / s) at 0, s = " + s, 0, w -> sin(w / s), w -> cos(w / s) / s);
            right("edge of the domain", "log at " + s, s, Elementary::log, w -> 1 / w);
            right("edge of the domain", "sqrt at " + s, s, Math::sqrt, w -> 0.5 / Math.sqrt(w));
        }
        right("edge of the domain", "w log w at 1e-7", 1e-7, w -> w * Elementary.log(w), w -> 1 + Elementary.log(w));
        right(
                "edge of the domain",
                "log(1 - w^2) near 1",
                1 - 1e-6,
                w -> Elementary.log((1 - w) * (1 + w)),
                w -> -2 * w / ((1 - w) * (1 + w)));
        for (double s : new double[] {1e5, 1e12, 1e100}) {
            right("large parameters", "w^2 at " + s, s, w -> w * w, w -> 2 * w);
            right("large parameters", "log at " + s, s, Elementary::log, w -> 1 / w);
            right("large parameters", "w / (1 + w) at " + s, s, w -> w / (1 + w), w -> 1 / (1 + w) / (1 + w));
        }
        right("large parameters", "sin at 1e5", 1e5, SelfTest::sin, SelfTest::cos);
        for (double unit : new double[] {1e-300, 1e-200, 1e200, 1e300}) {
            right(
                    "large and small losses",
                    "a function times " + unit,
                    of(new double[] {0.5, -0.7}, w -> unit * (sin(w[0]) * exp(w[1]) + w[1] * w[1]), (w, g) -> {
                        g[0] = unit * (cos(w[0]) * exp(w[1]));
                        g[1] = unit * (sin(w[0]) * exp(w[1]) + 2 * w[1]);
                    }));
        }
        right(
                "unequal sizes",
                "entries from 1e-12 to 1e6",
                of(
                        new double[] {1e-12, 1e-6, 1, 1e6},
                        w -> {
                            double sum = 0;
                            for (double x : w) {
                                sum += Elementary.log(x) * Elementary.log(x);
                            }
                            return sum;
                        },
                        (w, g) -> {
                            for (int j = 0; j < w.length; j++) {
                                g[j] = 2 * Elementary.log(w[j]) / w[j];
                            }
                        }));
        right("unequal sizes", "blocks of 1e-9 and 1e9", twoBlocks());
    }

    private static Objective twoBlocks() {
        ParameterSet.Builder declare = new ParameterSet.Builder();
        double[] small = declare.vector("small", 3).data;
        double[] large = declare.vector("large", 3).data;
        for (int j = 0; j < 3; j++) {
            small[j] = 1e-9 * (j + 1);
            large[j] = 1e9 * (j + 2);
        }
        return Objective.of(
                declare.build(),
                () -> {
                    double sum = 0;
                    for (int j = 0; j < 3; j++) {
                        sum += sin(small[j] * large[j]);
                    }
                    return sum;
                },
                g -> {
                    for (int j = 0; j < 3; j++) {
                        g.set(j, cos(small[j] * large[j]) * large[j]);
                        g.set(3 + j, cos(small[j] * large[j]) * small[j]);
                    }
                });
    }

    /** Losses that are rounded more coarsely than an ulp. */
    private void rounding() {
        double[] at = {0.5, -0.7, 1.2};
        Function smooth = w -> sin(w[0]) * exp(w[1]) + w[1] * w[2] * w[2];
        Gradient slopes = (w, g) -> {
            g[0] = cos(w[0]) * exp(w[1]);
            g[1] = sin(w[0]) * exp(w[1]) + w[2] * w[2];
            g[2] = 2 * w[1] * w[2];
        };
        right("losses in float32", "result in float32", of(at, w -> (float) smooth.of(w), slopes));
        right(
                "losses in float32",
                "parameters in float32",
                of(at, w -> smooth.of(new double[] {(float) w[0], (float) w[1], (float) w[2]}), slopes));
        right(
                "losses in float32",
                "one term in float32",
                of(at, w -> w[0] * w[0] + (float) sin(w[0]), (w, g) -> g[0] = 2 * w[0] + cos(w[0])));
        right("losses in float32", "gradient in float32", of(at, smooth, (w, g) -> {
            slopes.of(w, g);
            for (int j = 0; j < g.length; j++) {
                g[j] = (float) g[j];
            }
        }));
        right(
                "losses in float32",
                "all in float32",
                of(
                        normal(50, 1),
                        w -> {
                            float sum = 0;
                            for (double x : w) {
                                sum += (float) x * (float) x;
                            }
                            return sum;
                        },
                        SelfTest::twice));
        for (double grid : new double[] {1e-2, 1e-5, 1e-9}) {
            right(
                    "losses on a grid",
                    "multiples of " + grid,
                    of(at, w -> grid * Math.rint(smooth.of(w) / grid), slopes));
        }
        right("losses on a grid", "a hundredth of an ulp of 1e12", of(at, w -> 1e12 + 1e-6 * smooth.of(w), (w, g) -> {
            slopes.of(w, g);
            for (int j = 0; j < g.length; j++) {
                g[j] *= 1e-6;
            }
        }));
        right("cancellation", "(1e8 + t)^2 - 1e16", 1, t -> (1e8 + t) * (1e8 + t) - 1e16, t -> 2 * (1e8 + t));
        right("cancellation", "x^2 + sin x - x^2 at 1e5", 1e5, x -> x * x + sin(x) - x * x, SelfTest::cos);
        right("cancellation", "(1 - cos x) / x^2 at 1e-5", 1e-5, x -> (1 - cos(x)) / (x * x), x -> -x / 12);
        right(
                "cancellation",
                "a difference of 1e7s, squared",
                of(
                        new double[] {1.3e7, 1.1e7 + 1},
                        w -> (1.1 * w[0] - 1.3 * w[1]) * (1.1 * w[0] - 1.3 * w[1]),
                        (w, g) -> {
                            g[0] = 2.2 * (1.1 * w[0] - 1.3 * w[1]);
                            g[1] = -2.6 * (1.1 * w[0] - 1.3 * w[1]);
                        }));
        for (double size : new double[] {1e-13, 1e-8, 1e-3}) {
            right("noisy losses", "noise of " + size, of(at, w -> smooth.of(w) + size * hash(w), slopes));
        }
        right("noisy losses", "sin(1e17 w)", 0.3, w -> sin(1e17 * w), w -> 1e17 * cos(1e17 * w));
    }

    /** A pseudo-random number in [-1, 1) that depends on every bit of w. */
    private static double hash(double[] w) {
        long bits = 0;
        for (double x : w) {
            bits = (bits + Double.doubleToLongBits(x)) * 0x9E3779B97F4A7C15L;
            bits ^= bits >>> 29;
        }
        bits *= 0xBF58476D1CE4E5B9L;
        return (bits >> 11) * 0x1p-52;
    }

    private static double relu(double x) {
        return Math.max(0, x);
    }

    /** Losses that are not smooth, near the point or at it. */
    private void kinks() {
        for (double distance : new double[] {1e-3, 1e-6, 1e-9, 1e-12, 1e-15}) {
            right(
                    "kinks nearby",
                    "max(0, t) + u^2, " + distance + " before the kink",
                    of(new double[] {-distance, 1}, w -> relu(w[0]) + w[1] * w[1], (w, g) -> g[1] = 2 * w[1]));
        }
        right(
                "kinks nearby",
                "hinge 0.01 from its edge",
                of(new double[] {0.99, 0.3}, w -> relu(1 - w[0]) + w[1] * w[1] * w[0], (w, g) -> {
                    g[0] = -1 + w[1] * w[1];
                    g[1] = 2 * w[1] * w[0];
                }));
        right("kinks nearby", "a jump 0.01 away", 0.5, t -> t * t + (t > 0.51 ? 1 : 0), t -> 2 * t);
        right("kinks nearby", "walls on both sides", 0.5, t -> t < 0 || t > 1 ? 1e10 : t * t, t -> 2 * t);
        right("kinks nearby", "a pole 1e-4 away", 1e-4, t -> 1 / t, t -> -1 / t / t);
        right("at a kink", "|t| at 0, 0 claimed", 0, Math::abs, t -> 0);
        right("at a kink", "|t| at 0, 1 claimed", 0, Math::abs, t -> 1);
        right(
                "at a kink",
                "max(0, t) + sin u at 0",
                of(new double[] {0, 0.4}, w -> relu(w[0]) + sin(w[1]), (w, g) -> g[1] = cos(w[1])));
        right(
                "at a kink",
                "max(t, u) at t = u",
                of(new double[] {0.3, 0.3}, w -> Math.max(w[0], w[1]), (w, g) -> g[0] = 1));
        right("at a kink", "Huber at its edge", 1, t -> Math.abs(t) <= 1 ? t * t / 2 : Math.abs(t) - 0.5, t -> t);
        right("at a kink", "|t|^1.5 at 0", 0, t -> Math.abs(t) * Math.sqrt(Math.abs(t)), t -> 0);
        right("at a kink", "|t|^3 at 0", 0, t -> Math.abs(t * t * t), t -> 0);
        right("at a kink", "norm at 0", of(new double[3], w -> Math.sqrt(sumOfSquares(w)), (w, g) -> {}));
        right("at a kink", "sqrt |t| at 0", 0, t -> Math.sqrt(Math.abs(t)), t -> 0);
    }

    /** Slopes of zero. */
    private void flat() {
        right("constant losses", "5", of(new double[] {1, 2, 3}, w -> 5, (w, g) -> {}));
        right("constant losses", "0 at 0", of(new double[3], w -> 0, (w, g) -> {}));
        right("constant losses", "0 w", of(new double[] {2}, w -> 0 * w[0], (w, g) -> {}));
        right("minima", "sum of squares at 0", of(new double[4], SelfTest::sumOfSquares, SelfTest::twice));
        right("minima", "5 + sum of squares at 0", of(new double[4], w -> 5 + sumOfSquares(w), SelfTest::twice));
        right("minima", "w^4 at 0", 0, w -> w * w * w * w, w -> 4 * w * w * w);
        right("minima", "-cos at 0", 0, w -> -cos(w), SelfTest::sin);
        right("minima", "(w - 1)^2 at 1", 1, w -> (w - 1) * (w - 1), w -> 2 * (w - 1));
        right("minima", "saddle", of(new double[2], w -> w[0] * w[1], (w, g) -> {
            g[0] = w[1];
            g[1] = w[0];
        }));
        right(
                "unused parameters",
                "two of three",
                of(new double[] {0.3, 0.5, 0.7}, w -> 5 + exp(w[1]), (w, g) -> g[1] = exp(w[1])));
        right(
                "saturated",
                "tanh at 30",
                of(new double[] {30, 0.2}, w -> Elementary.tanh(w[0]) + w[1] * w[1], (w, g) -> {
                    g[0] = 4 * exp(-2 * w[0]);
                    g[1] = 2 * w[1];
                }));
    }

    /** Functions whose entries differ in curvature, or that have many. */
    private void shapes() {
        right("linear", "3 a - 2 c", of(new double[] {0.5, -0.7, 1.2}, w -> 3 * w[0] - 2 * w[2], (w, g) -> {
            g[0] = 3;
            g[2] = -2;
        }));
        right("linear", "1e16 + w", 1, w -> 1e16 + w, w -> 1);
        right("linear", "a tiny entry", of(new double[] {1, 1}, w -> w[0] + 1e-9 * w[1], (w, g) -> {
            g[0] = 1;
            g[1] = 1e-9;
        }));
        right(
                "unequal curvature",
                "a line and a wave",
                of(new double[] {0.4, 0.4}, w -> 100 * w[0] + sin(60 * w[1]), (w, g) -> {
                    g[0] = 100;
                    g[1] = 60 * cos(60 * w[1]);
                }));
        right(
                "unequal curvature",
                "waves of many lengths",
                of(
                        normal(8, 2),
                        w -> {
                            double sum = 0;
                            for (int j = 0; j < w.length; j++) {
                                double k = Math.scalb(1.0, 4 * j);
                                sum += sin(k * w[j]) / k;
                            }
                            return sum;
                        },
                        (w, g) -> {
                            for (int j = 0; j < w.length; j++) {
                                g[j] = cos(Math.scalb(1.0, 4 * j) * w[j]);
                            }
                        }));
        right(
                "unequal curvature",
                "a ripple of 1e-9",
                0.4,
                w -> w * w + 1e-9 * sin(1e9 * w),
                w -> 2 * w + cos(1e9 * w));
        right(
                "ill-conditioned",
                "Rosenbrock",
                of(
                        new double[] {-1.2, 1},
                        w -> 100 * (w[1] - w[0] * w[0]) * (w[1] - w[0] * w[0]) + (1 - w[0]) * (1 - w[0]),
                        (w, g) -> {
                            g[0] = -400 * w[0] * (w[1] - w[0] * w[0]) - 2 * (1 - w[0]);
                            g[1] = 200 * (w[1] - w[0] * w[0]);
                        }));
        right("ill-conditioned", "Hilbert's matrix", of(normal(8, 3), SelfTest::hilbert, SelfTest::hilbertSlopes));
        right(
                "many parameters",
                "sum of 30 000 squares",
                of(normal(30_000, 4), SelfTest::sumOfSquares, SelfTest::twice));
        right("many parameters", "500 waves", of(normal(500, 5), SelfTest::waves, SelfTest::waveSlopes));
        right("many parameters", "softmax of 300", of(normal(300, 6), SelfTest::logSumExp, SelfTest::softmax));
    }

    private static double hilbert(double[] w) {
        double sum = 0;
        for (int i = 0; i < w.length; i++) {
            for (int j = 0; j < w.length; j++) {
                sum += w[i] * w[j] / (i + j + 1);
            }
        }
        return sum;
    }

    private static void hilbertSlopes(double[] w, double[] g) {
        for (int i = 0; i < w.length; i++) {
            for (int j = 0; j < w.length; j++) {
                g[i] += 2 * w[j] / (i + j + 1);
            }
        }
    }

    private static double waves(double[] w) {
        double sum = 100 * w[0];
        for (int j = 1; j < w.length; j++) {
            sum += sin(20 * w[j]);
        }
        return sum;
    }

    private static void waveSlopes(double[] w, double[] g) {
        g[0] = 100;
        for (int j = 1; j < w.length; j++) {
            g[j] = 20 * cos(20 * w[j]);
        }
    }

    private static double logSumExp(double[] w) {
        double sum = 0;
        for (double x : w) {
            sum += exp(x);
        }
        return Elementary.log(sum) - w[0];
    }

    private static void softmax(double[] w, double[] g) {
        double sum = 0;
        for (double x : w) {
            sum += exp(x);
        }
        for (int j = 0; j < w.length; j++) {
            g[j] = exp(w[j]) / sum - (j == 0 ? 1 : 0);
        }
    }

    /** Networks with rectified units, and LSTMs. */
    private void networks() {
        for (int seed = 0; seed < 40; seed++) {
            right("ReLU networks", "network " + seed, reluNetwork(seed));
        }
        for (double size : new double[] {1e-4, 1e-2, 1, 20}) {
            right("LSTMs", "weights times " + size, lstm(size, 0, false));
            right("LSTMs without exact reference", "weights times " + size, lstm(size, 0, true));
        }
        for (double bias : new double[] {4, 8, 12, 20, 40}) {
            right("LSTMs, saturated", "biases of " + bias, lstm(1, bias, false));
        }
    }

    /** Three inputs, eight rectified units, one output, the mean squared error of sixteen samples. */
    private static Objective reluNetwork(int seed) {
        int inputs = 3;
        int hidden = 8;
        int samples = 16;
        ParameterSet.Builder declare = new ParameterSet.Builder();
        double[] a = declare.matrix("hidden", hidden, inputs).data;
        double[] b = declare.vector("bias", hidden).data;
        double[] v = declare.vector("output", hidden).data;
        ParameterSet parameters = declare.build();
        double[] random = normal(parameters.size() + samples * (inputs + 1), 100 + seed);
        for (int j = 0; j < parameters.size(); j++) {
            parameters.set(j, random[j]);
        }
        int data = parameters.size();
        return network(parameters, random, data, a, b, v);
    }

    private static Objective network(
            ParameterSet parameters, double[] random, int data, double[] a, double[] b, double[] v) {
        int hidden = v.length;
        int inputs = a.length / hidden;
        int samples = (random.length - data) / (inputs + 1);
        DoubleSupplier loss = () -> pass(random, data, samples, a, b, v, null);
        Consumer<ParameterSet> gradient = g -> pass(random, data, samples, a, b, v, g);
        return Objective.of(parameters, loss, gradient);
    }

    private static double pass(
            double[] data, int first, int samples, double[] a, double[] b, double[] v, ParameterSet gradient) {
        int hidden = v.length;
        int inputs = a.length / hidden;
        double sum = 0;
        for (int s = 0; s < samples; s++) {
            int x = first + s * (inputs + 1);
            double[] z = new double[hidden];
            double y = -data[x + inputs];
            for (int h = 0; h < hidden; h++) {
                z[h] = b[h];
                for (int i = 0; i < inputs; i++) {
                    z[h] += a[h * inputs + i] * data[x + i];
                }
                y += v[h] * relu(z[h]);
            }
            sum += y * y / samples;
            if (gradient != null) {
                double[] da = gradient.blocks().get(0).data();
                double[] db = gradient.blocks().get(1).data();
                double[] dv = gradient.blocks().get(2).data();
                for (int h = 0; h < hidden; h++) {
                    double dz = z[h] > 0 ? 2 * y * v[h] / samples : 0;
                    dv[h] += 2 * y * relu(z[h]) / samples;
                    db[h] += dz;
                    for (int i = 0; i < inputs; i++) {
                        da[h * inputs + i] += dz * data[x + i];
                    }
                }
            }
        }
        return sum;
    }

    /** The mean of squares of errors. */
    private static final class MeanSquare implements Loss {
        @Override
        public double evaluate(Kernel kernel, DMatrixRMaj output, DMatrixRMaj target, DMatrixRMaj dOutput) {
            double sum = 0;
            int n = target.getNumElements();
            for (int j = 0; j < n; j++) {
                double error = output.data[j] - target.data[j];
                sum += error * error;
                dOutput.data[j] = 2 * error / n;
            }
            return sum / n;
        }

        @Override
        public double derivative(DMatrixRMaj output, DMatrixRMaj target) {
            int batch = target.numCols;
            double sum = 0;
            for (int j = 0; j < target.getNumElements(); j++) {
                int at = j / batch * 2 * batch + j % batch;
                sum += 2 * (output.data[at] - target.data[j]) * output.data[at + batch];
            }
            return sum / target.getNumElements();
        }
    }

    /** One input, two units in two layers, one output, four steps of two sequences. */
    private static Objective lstm(double size, double bias, boolean withoutReference) {
        NetworkConfig config = new NetworkConfig(1, 2, 2, 1);
        RandomStream random = RandomStream.of(21, "self-test");
        NetworkParameters p = NetworkParameters.random(config, 0, random);
        for (int j = 0; j < p.set().size(); j++) {
            p.set().set(j, size * p.set().get(j));
        }
        for (double[] b : new double[][] {p.set().blocks().get(2).data()}) {
            for (int j = 0; j < b.length; j++) {
                b[j] += bias;
            }
        }
        NetworkObjective exact = new NetworkObjective(
                new ScalarKernel(),
                Network::backward,
                new MeanSquare(),
                p,
                matrix(4, 2, random),
                new NetworkState(matrix(4, 2, random), matrix(4, 2, random)),
                matrix(4, 2, random));
        return withoutReference ? Objective.of(exact.parameters(), exact::loss, exact::gradient) : exact;
    }

    private static DMatrixRMaj matrix(int rows, int columns, RandomStream random) {
        DMatrixRMaj m = new DMatrixRMaj(rows, columns);
        for (int j = 0; j < m.getNumElements(); j++) {
            m.data[j] = random.nextGaussian();
        }
        return m;
    }

    /** Faults in the gradients of functions of several sizes. */
    private void faults() {
        Map<String, Supplier<Objective>> functions = new LinkedHashMap<>();
        functions.put(
                "a product of powers",
                () -> of(new double[] {0.5, -0.7, 1.2}, w -> sin(w[0]) * exp(w[1]) + w[1] * w[2] * w[2], (w, g) -> {
                    g[0] = cos(w[0]) * exp(w[1]);
                    g[1] = sin(w[0]) * exp(w[1]) + w[2] * w[2];
                    g[2] = 2 * w[1] * w[2];
                }));
        functions.put(
                "the same in float32",
                () -> of(
                        new double[] {0.5, -0.7, 1.2},
                        w -> (float) (sin(w[0]) * exp(w[1]) + w[1] * w[2] * w[2]),
                        (w, g) -> {
                            g[0] = cos(w[0]) * exp(w[1]);
                            g[1] = sin(w[0]) * exp(w[1]) + w[2] * w[2];
                            g[2] = 2 * w[1] * w[2];
                        }));
        functions.put("w^2 at 1e12", () -> of(new double[] {1e12, 2e12}, SelfTest::sumOfSquares, SelfTest::twice));
        functions.put(
                "sines at 1e-11",
                () -> of(new double[] {0.7e-11, 0.3e-11}, w -> sin(w[0] / 1e-11) + sin(w[1] / 1e-11), (w, g) -> {
                    g[0] = cos(w[0] / 1e-11) / 1e-11;
                    g[1] = cos(w[1] / 1e-11) / 1e-11;
                }));
        functions.put(
                "times 1e-200",
                () -> of(new double[] {0.5, -0.7}, w -> 1e-200 * (sin(w[0]) * exp(w[1])), (w, g) -> {
                    g[0] = 1e-200 * (cos(w[0]) * exp(w[1]));
                    g[1] = 1e-200 * (sin(w[0]) * exp(w[1]));
                }));
        functions.put("2000 squares", () -> of(normal(2000, 7), SelfTest::sumOfSquares, SelfTest::twice));
        functions.put("softmax of 100", () -> of(normal(100, 8), SelfTest::logSumExp, SelfTest::softmax));
        functions.put(
                "a kink nearby",
                () -> of(new double[] {-0.001, 1, 2}, w -> relu(w[0]) + w[1] * w[1] * w[2], (w, g) -> {
                    g[1] = 2 * w[1] * w[2];
                    g[2] = w[1] * w[1];
                }));
        functions.put("ReLU network", () -> reluNetwork(3));
        functions.put("Hilbert's matrix", () -> of(normal(8, 3), SelfTest::hilbert, SelfTest::hilbertSlopes));
        functions.put("LSTM", () -> lstm(1, 0, false));
        functions.put("LSTM without exact reference", () -> lstm(1, 0, true));
        functions.put("saturated LSTM", () -> lstm(1, 12, false));
        functions.forEach((name, function) -> {
            for (double factor : new double[] {1.001, 1.01, 1.1, 2, 10, 0.5, -1, 0}) {
                wrong("every entry times " + factor, name, function.get(), g -> {
                    for (int j = 0; j < g.size(); j++) {
                        g.set(j, factor * g.get(j));
                    }
                });
            }
            for (double factor : new double[] {1.01, 2, -1, 0}) {
                wrong("one entry times " + factor, name, function.get(), g -> {
                    int last = lastNotZero(g);
                    g.set(last, factor * g.get(last));
                });
            }
            wrong("two entries exchanged", name, function.get(), g -> {
                double kept = g.get(g.size() - 1);
                g.set(g.size() - 1, g.get(g.size() - 2));
                g.set(g.size() - 2, kept);
            });
        });
    }

    private static int lastNotZero(ParameterSet g) {
        int last = g.size() - 1;
        while (g.get(last) == 0) {
            last--;
        }
        return last;
    }

    private void wrong(String kind, String name, Objective right, Consumer<ParameterSet> fault) {
        cases.add(new Case(kind, name + ", " + kind, false, new Objective() {
            @Override
            public ParameterSet parameters() {
                return right.parameters();
            }

            @Override
            public double loss() {
                return right.loss();
            }

            @Override
            public void gradient(ParameterSet gradient) {
                right.gradient(gradient);
                fault.accept(gradient);
            }

            @Override
            public double derivative(ParameterSet direction) {
                return right.derivative(direction);
            }
        }));
    }
}
