package org.spikecast.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.spikecast.check.GradientReport.BlockResult;
import org.spikecast.check.GradientReport.Verdict;
import org.spikecast.check.internal.Differences;
import org.spikecast.check.internal.Slope;
import org.spikecast.kernel.RandomStream;
import org.spikecast.params.ParameterSet;

/**
 * Checks a gradient entry by entry, along random directions and by the order of its Taylor remainder, against the
 * objective's machine-precision reference if it has one, and against finite differences in any case.
 *
 * <p><b>References.</b> {@link Slope} finds a derivative with an error bound from losses alone, at steps that suit the
 * loss's curvature, noise and kinks, whatever the size of the parameter. It is computed for the steepest entry of each
 * block. The other entries are compared at that entry's step; one that disagrees there gets a slope of its own, and
 * only this can show it wrong.
 *
 * <p><b>Tolerance.</b> A claimed entry g and a difference agree if they differ by no more than the difference's error bound, plus
 * {@value #DIFFERENCE_TOLERANCE} |g|, plus {@value #BLOCK_TOLERANCE} of the block's largest entry, plus what rounding makes of g:
 * four times the most by which g changed when all parameters moved by an ulp or two, three times at random. Relative to itself alone,
 * a tiny entry of a right gradient would fail any test.
 *
 * <p><b>Verdict.</b> FAIL if an entry or a direction differs by more, or if the Taylor remainder L(h) - L(0) - h g vanishes with
 * h instead of h^2. INCONCLUSIVE if an error bound exceeds {@value #INFORMATIVE} of the block's largest entry, or if there is no
 * derivative: at a kink the report names the entry and the derivatives from left and right. A block whose entries are all zero is
 * held against the slopes nearby; if the loss is constant over any step, it passes.
 */
public final class GradientCheck {
    /**
     * Against a machine-precision reference, relative to the block's largest entry. Two independent float64 computations
     * differ by some 1e-15.
     */
    public static final double EXACT_TOLERANCE = 1e-12;

    /** The same relative to the entry itself, for entries above {@link #LARGE_ENTRY} of the block's largest one. */
    public static final double ENTRY_TOLERANCE = 1e-9;

    /** Entries above this part of the block's largest one are held to {@link #ENTRY_TOLERANCE}. */
    public static final double LARGE_ENTRY = 1e-6;

    /** Against differences of fourth order, relative to the entry itself: float32 gradients are right to this. */
    static final double DIFFERENCE_TOLERANCE = 1e-7;

    /** The same, relative to the block's largest entry: cancellation within an entry. */
    static final double BLOCK_TOLERANCE = 1e-10;

    /** A reference that is uncertain by more than this part of the block's largest entry is inconclusive. */
    static final double INFORMATIVE = 1e-5;

    /** Gradients at neighbouring parameters that show the gradient's own rounding. */
    private static final int NEARBY = 3;

    private static final double CLAIM_SAFETY = 4;

    private static final int DIRECTIONS = 3;

    /** Losses times parameters that a sample may take: some six seconds, if a parameter takes a nanosecond. */
    private static final long WORK = 6_000_000_000L;

    private static final int MOST_ENTRIES = 10_000;

    /** Once an entry of a block is known to be wrong, at most this many further ones get a step of their own. */
    private static final int MOST_SWEEPS = 100;

    final Objective objective;
    final Differences differences;
    final double loss;
    final int mostSweeps;
    final int mostSweepsUndecided;
    private final ParameterSet parameters;
    private final RandomStream random;
    private final Sample sample;

    private GradientCheck(Objective objective, int mostEntries, long seed) {
        this.objective = objective;
        parameters = objective.parameters();
        differences = new Differences(objective);
        random = RandomStream.of(seed, "gradient check");
        sample = new Sample(parameters, mostEntries, random);
        loss = objective.loss();
        // A step of its own takes some 200 losses.
        long affordable = WORK / 2 / 200 / parameters.size();
        mostSweeps = (int) Math.max(10, Math.min(MOST_SWEEPS, affordable));
        mostSweepsUndecided = (int) Math.max(10, Math.min(MOST_ENTRIES, affordable));
    }

    /**
     * The number of entries that {@link #check(Objective)} checks of n parameters: ten thousand, or fewer to end within
     * seconds.
     */
    public static int defaultEntries(int parameters) {
        return (int) Math.max(500, Math.min(MOST_ENTRIES, WORK / 10 / Math.max(1, parameters)));
    }

    /**
     * The entries that are checked: all, or a random sample of {@code most} entries, each block having its share.
     */
    public record Sample(ParameterSet parameters, int most, RandomStream random) {
        /** Entries of a block, in order. */
        public int[] entries(int block) {
            int n = parameters.blocks().get(block).data().length;
            int[] entries = new int[n];
            for (int j = 0; j < n; j++) {
                entries[j] = j;
            }
            if (parameters.size() > most) {
                random.shuffle(entries);
                entries = Arrays.copyOf(entries, (int) Math.max(1, (long) n * most / parameters.size()));
                Arrays.sort(entries);
            }
            return entries;
        }
    }

    /**
     * Checks every entry of up to ten thousand parameters, else a random sample of ten thousand; of more than a hundred
     * thousand parameters fewer, so that a million takes seconds.
     */
    public static GradientReport check(Objective objective) {
        return check(objective, defaultEntries(objective.parameters().size()), 1);
    }

    /**
     * Checks a gradient.
     *
     * @param mostEntries all entries are checked if there are no more, else a random sample of as many, each block having
     *     its share
     * @param seed of sample and directions
     */
    public static GradientReport check(Objective objective, int mostEntries, long seed) {
        if (objective.parameters().size() == 0) {
            throw new IllegalArgumentException("There are no parameters to check");
        }
        if (mostEntries < 1) {
            throw new IllegalArgumentException("Entries to check: expected at least 1, got " + mostEntries);
        }
        return new GradientCheck(objective, mostEntries, seed).run();
    }

    /** Checks a function of several outputs, at most sixteen of them one by one; see {@link #check(VectorObjective, int, long)}. */
    public static GradientReport check(VectorObjective function) {
        return check(function, 16, 1);
    }

    /**
     * Checks a function of several outputs: along a random cotangent, which meets all outputs at once, and along unit cotangents,
     * which name the output that is wrong. The report's directions, Taylor order and curve are those of the random one.
     *
     * @param mostOutputs all outputs are checked one by one if there are no more, else a random sample of as many
     * @param seed of cotangents, samples and directions
     */
    public static GradientReport check(VectorObjective function, int mostOutputs, long seed) {
        RandomStream random = RandomStream.of(seed, "gradient check of outputs");
        double[] v = new double[function.outputs()];
        for (int j = 0; j < v.length; j++) {
            v[j] = random.nextGaussian();
        }
        Objective all = function.along(v);
        int entries = defaultEntries(all.parameters().size());
        GradientReport report = check(all, entries, seed).named("random cotangent: ");
        int[] outputs = new int[v.length];
        Arrays.setAll(outputs, j -> j);
        if (outputs.length > mostOutputs) {
            random.shuffle(outputs);
            outputs = Arrays.copyOf(outputs, mostOutputs);
            Arrays.sort(outputs);
        }
        for (int output : outputs) {
            double[] unit = new double[v.length];
            unit[output] = 1;
            report = report.and(check(function.along(unit), entries, seed).named("output " + output + ": "));
        }
        return report;
    }

    private GradientReport run() {
        ParameterSet gradient = gradient();
        boolean deterministic = sameBits(loss, objective.loss()) && sameBits(gradient, gradient());
        String notNumber = notNumber(loss, gradient);
        if (!notNumber.isEmpty()) {
            return new GradientReport(
                    Verdict.FAIL,
                    loss,
                    deterministic,
                    List.of(),
                    List.of(),
                    Double.NaN,
                    GradientReport.TaylorOrders.NONE,
                    null,
                    "",
                    notNumber);
        }
        ParameterSet claimErrors = claimErrors(gradient);
        double largest = largest(gradient);
        List<BlockResult> blocks = new ArrayList<>();
        List<Diagnosis.Compared> compared = new ArrayList<>();
        for (int b = 0; b < parameters.blocks().size(); b++) {
            if (parameters.blocks().get(b).data().length > 0) {
                BlockCheck block = new BlockCheck(this, b, gradient, claimErrors, sample.entries(b));
                block.run(direction(b));
                blocks.add(block.result(largest));
                compared.add(block.compared());
            }
        }
        Slope first = null;
        ParameterSet along = null;
        List<BlockResult> directions = new ArrayList<>();
        for (int d = 0; d < DIRECTIONS; d++) {
            ParameterSet direction = direction(-1);
            Slope slope = differences.slope(direction, loss);
            directions.add(checkDirection(d, direction, slope, gradient, claimErrors));
            first = d == 0 ? slope : first;
            along = d == 0 ? direction : along;
        }
        double claim = dot(gradient, along);
        double tolerance = directionTolerance(along, gradient, claimErrors);
        GradientReport.TaylorOrders orders = first.trusted()
                ? new GradientReport.TaylorOrders(
                        first.taylorOrder(0, 0, 0),
                        first.taylorOrder(claim, 0, tolerance),
                        first.taylorOrder(claim, curvature(along), tolerance))
                : GradientReport.TaylorOrders.NONE;
        Verdict verdict = deterministic ? Verdict.PASS : Verdict.FAIL;
        for (BlockResult result : blocks) {
            verdict = verdict.and(result.verdict());
        }
        boolean all = blocks.stream().mapToInt(BlockResult::entries).sum() == parameters.size();
        for (BlockResult result : directions) {
            // Entries that have all passed settle what rounding hides along a direction.
            verdict = all && result.verdict() == Verdict.INCONCLUSIVE ? verdict : verdict.and(result.verdict());
        }
        boolean failed = verdict == Verdict.FAIL;
        String diagnosis = failed ? Diagnosis.of(compared, blocks, objective) : "";
        return new GradientReport(
                verdict,
                loss,
                deterministic,
                blocks,
                directions,
                orders.first(),
                orders,
                curve(along, first, claim),
                diagnosis,
                failed ? objective.locate() : "");
    }

    /** The effect of rounding on the claimed gradient: its change when the parameters move by an ulp or two. */
    private ParameterSet claimErrors(ParameterSet gradient) {
        ParameterSet errors = parameters.zerosLike();
        ParameterSet nearby = parameters.zerosLike();
        for (int k = 0; k < NEARBY; k++) {
            nearby.setZero();
            differences.gradientNearby(random, loss, nearby);
            for (int b = 0; b < errors.blocks().size(); b++) {
                double[] error = errors.blocks().get(b).data();
                double[] g = gradient.blocks().get(b).data();
                double[] other = nearby.blocks().get(b).data();
                for (int j = 0; j < error.length; j++) {
                    double change = CLAIM_SAFETY * Math.abs(other[j] - g[j]);
                    error[j] = Double.isFinite(change) ? Math.max(error[j], change) : error[j];
                }
            }
        }
        return errors;
    }

    private ParameterSet gradient() {
        ParameterSet gradient = parameters.zerosLike();
        objective.gradient(gradient);
        for (ParameterSet.Block block : gradient.blocks()) { // a gradient may bring arrays of its own
            int expected = block.matrix().getNumElements();
            if (block.data().length < expected) {
                throw new IllegalArgumentException("Gradient with respect to '" + block.name() + "': expected "
                        + expected + " numbers, got " + block.data().length);
            }
        }
        return gradient;
    }

    private static boolean sameBits(double a, double b) {
        return Double.doubleToLongBits(a) == Double.doubleToLongBits(b);
    }

    private static boolean sameBits(ParameterSet a, ParameterSet b) {
        for (int j = 0; j < a.size(); j++) {
            if (!sameBits(a.get(j), b.get(j))) {
                return false;
            }
        }
        return true;
    }

    private static String notNumber(double loss, ParameterSet gradient) {
        if (!Double.isFinite(loss)) {
            return "the loss is " + loss;
        }
        for (int j = 0; j < gradient.size(); j++) {
            if (!Double.isFinite(gradient.get(j))) {
                int b = gradient.blockOf(j);
                return "the gradient of " + gradient.blocks().get(b).name() + "[" + (j - gradient.start(b)) + "] is "
                        + gradient.get(j);
            }
        }
        return "";
    }

    /**
     * A random direction: every parameter up or down by its size, rounded to a power of two, or by its block's typical size if
     * it is zero. Of one block, or of all if -1.
     */
    private ParameterSet direction(int only) {
        ParameterSet direction = parameters.zerosLike();
        for (int b = 0; b < direction.blocks().size(); b++) {
            double typical = differences.scale(b);
            double[] theta = parameters.blocks().get(b).data();
            double[] d = direction.blocks().get(b).data();
            for (int j = 0; j < d.length && (only == -1 || only == b); j++) {
                double size = theta[j] == 0 ? typical : Math.scalb(1.0, Math.getExponent(theta[j]));
                d[j] = random.nextLong() < 0 ? -size : size;
            }
        }
        return direction;
    }

    private static double dot(ParameterSet a, ParameterSet b) {
        double sum = 0;
        for (int k = 0; k < a.blocks().size(); k++) {
            double[] x = a.blocks().get(k).data();
            double[] y = b.blocks().get(k).data();
            for (int j = 0; j < x.length; j++) {
                sum = Math.fma(x[j], y[j], sum);
            }
        }
        return sum;
    }

    private static double largest(ParameterSet set) {
        double largest = 0;
        for (int j = 0; j < set.size(); j++) {
            largest = Math.max(largest, Math.abs(set.get(j)));
        }
        return largest;
    }

    /** The root of the sum of squares of the products of entries: what is to be expected along a random direction. */
    private static double expected(ParameterSet a, ParameterSet direction) {
        double largest = 0;
        for (int pass = 0; pass < 2; pass++) {
            double sum = 0;
            for (int b = 0; b < a.blocks().size(); b++) {
                double[] x = a.blocks().get(b).data();
                double[] d = direction.blocks().get(b).data();
                for (int j = 0; j < x.length; j++) {
                    double product = Math.abs(x[j] * d[j]);
                    if (pass == 0) {
                        largest = Math.max(largest, product);
                    } else {
                        sum += product / largest * (product / largest);
                    }
                }
            }
            if (pass == 1) {
                return largest * Math.sqrt(sum);
            }
            if (largest == 0) {
                return 0;
            }
        }
        throw new AssertionError();
    }

    private double directionTolerance(ParameterSet direction, ParameterSet gradient, ParameterSet claimErrors) {
        return DIFFERENCE_TOLERANCE * expected(gradient, direction) + expected(claimErrors, direction);
    }

    /**
     * A random direction of all parameters. Its scale is the derivative that is to be expected of one, so that the tolerance
     * means the same at any size.
     */
    private BlockResult checkDirection(
            int number, ParameterSet direction, Slope slope, ParameterSet gradient, ParameterSet claimErrors) {
        double claim = dot(gradient, direction);
        double scale = expected(gradient, direction);
        double tolerance = directionTolerance(direction, gradient, claimErrors);
        double exact = objective.derivative(direction);
        boolean hasExact = !Double.isNaN(exact);
        double reference = hasExact ? exact : slope.value();
        boolean wrong = slope.disproves(claim, tolerance);
        // The sum of products of claimed entries itself is rounded, in proportion to the gradient's length.
        double exactTolerance = EXACT_TOLERANCE * Math.sqrt(gradient.size()) * scale + expected(claimErrors, direction);
        wrong |= hasExact && Math.abs(claim - exact) > exactTolerance;
        double uncertainty = expected(claimErrors, direction) + (hasExact ? 0 : slope.error());
        double against = scale > 0 ? scale : slope.secant();
        boolean told = (hasExact || slope.confirms(claim, tolerance))
                && (uncertainty <= INFORMATIVE * against || slope.constant() && claim == 0);
        Verdict verdict = wrong ? Verdict.FAIL : told ? Verdict.PASS : Verdict.INCONCLUSIVE;
        return new BlockResult(
                "direction " + (number + 1),
                gradient.size(),
                scale,
                scale == 0 ? 0 : Math.abs(claim - reference) / scale,
                "",
                claim,
                reference,
                hasExact ? "exact" : "differences",
                slope.error(),
                slope.step(),
                verdict,
                hasExact ? exactTolerance : tolerance + slope.error(),
                slope.kink() ? "kink" : "");
    }

    /** d'Hd; NaN if the objective has no Hessian-vector product. */
    private double curvature(ParameterSet direction) {
        ParameterSet product = direction.zerosLike();
        return objective.hessianProduct(direction, product) ? dot(direction, product) : Double.NaN;
    }

    /** The V curve along a direction: errors against the exact derivative, or the claimed one if there is none. */
    private GradientReport.VCurve curve(ParameterSet direction, Slope slope, double claim) {
        double exact = objective.derivative(direction);
        double truth = Double.isNaN(exact) ? claim : exact;
        int low = slope.exponents()[0];
        int high = slope.exponents()[1];
        double[] step = new double[high - low + 1];
        double[] central = new double[step.length];
        double[] fourth = new double[step.length];
        for (int k = 0; k < step.length; k++) {
            int e = high - k;
            step[k] = Math.scalb(1.0, e);
            central[k] = Math.abs(slope.central(e) - truth);
            fourth[k] = Math.abs(slope.fourth(e) - truth);
        }
        return new GradientReport.VCurve(step, central, fourth, slope.centralStep(), slope.step(), Double.isNaN(exact));
    }
}
