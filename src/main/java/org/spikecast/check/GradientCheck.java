package org.spikecast.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.spikecast.check.GradientReport.BlockResult;
import org.spikecast.check.GradientReport.Verdict;
import org.spikecast.kernel.RandomStream;
import org.spikecast.params.ParameterSet;

/**
 * Checks a gradient entry by entry, along random directions and by the order of its Taylor remainder, against the
 * objective's machine-precision reference if it has one, and against finite differences in any case.
 *
 * <p>An error is measured against the largest entry of its block: relative to itself, a tiny entry of a right gradient
 * fails any test.
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

    /** Against differences of fourth order, beside what they are uncertain by. */
    public static final double DIFFERENCE_TOLERANCE = 1e-7;

    /** A difference that is uncertain by more than this part of the block's largest entry tells nothing. */
    private static final double TELLING = 1e-3;

    /** An entry's difference may err by a few times what that of its block's largest entry does. */
    private static final double UNCERTAINTY = 10;

    /** A right gradient has order 2, a wrong one order 1. */
    private static final double LEAST_ORDER = 1.8;

    /** Once an entry of a block is known to be wrong, further ones get a step of their own up to so many. */
    private static final int MOST_SWEEPS = 100;

    private static final int DIRECTIONS = 3;

    private final Objective objective;
    private final ParameterSet parameters;
    private final Differences differences;
    private final RandomStream random;
    private final Sample sample;

    private GradientCheck(Objective objective, int mostEntries, long seed) {
        this.objective = objective;
        parameters = objective.parameters();
        differences = new Differences(objective);
        random = RandomStream.of(seed, "gradient check");
        sample = new Sample(parameters, mostEntries, random);
    }

    /**
     * The entries that are looked at: all, or of more than {@code most} a random sample, each block having its share.
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

    /** Checks every entry if there are no more than ten thousand, else a sample of as many. */
    public static GradientReport check(Objective objective) {
        return check(objective, 10_000, 1);
    }

    /**
     * Checks a gradient.
     *
     * @param mostEntries all entries are checked if there are no more, else a random sample of so many, each block having
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

    private GradientReport run() {
        double loss = objective.loss();
        ParameterSet gradient = gradient();
        boolean deterministic = sameBits(loss, objective.loss()) && sameBits(gradient, gradient());
        String notNumber = notNumber(loss, gradient);
        if (!notNumber.isEmpty()) {
            return new GradientReport(
                    Verdict.FAIL, loss, deterministic, List.of(), List.of(), Double.NaN, null, notNumber);
        }
        ParameterSet everywhere = direction();
        double noise = differences.noise(everywhere);
        List<BlockResult> blocks = new ArrayList<>();
        for (int b = 0; b < parameters.blocks().size(); b++) {
            if (parameters.blocks().get(b).data().length > 0) {
                blocks.add(checkBlock(b, gradient, noise));
            }
        }
        List<BlockResult> directions = new ArrayList<>();
        for (int d = 0; d < DIRECTIONS; d++) {
            directions.add(checkDirection(d, gradient, noise));
        }
        double slope = dot(gradient, everywhere);
        double order = differences.taylorOrder(everywhere, slope, noise);
        GradientReport.VCurve curve = curve(everywhere, slope, noise);
        Verdict verdict = deterministic ? Verdict.PASS : Verdict.FAIL;
        for (BlockResult result : blocks) {
            verdict = verdict.and(result.verdict());
        }
        for (BlockResult result : directions) {
            verdict = verdict.and(result.verdict());
        }
        verdict = order < LEAST_ORDER ? Verdict.FAIL : verdict;
        String location = verdict == Verdict.FAIL ? objective.locate() : "";
        return new GradientReport(verdict, loss, deterministic, blocks, directions, order, curve, location);
    }

    private ParameterSet gradient() {
        ParameterSet gradient = parameters.zerosLike();
        objective.gradient(gradient);
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

    /** A random direction of length 1: +-1 throughout, scaled. */
    private ParameterSet direction() {
        ParameterSet direction = parameters.zerosLike();
        double size = 1 / Math.sqrt(direction.size());
        for (int j = 0; j < direction.size(); j++) {
            direction.set(j, random.nextLong() < 0 ? -size : size);
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

    private BlockResult checkBlock(int b, ParameterSet gradient, double noise) {
        ParameterSet.Block block = parameters.blocks().get(b);
        double[] claimed = gradient.blocks().get(b).data();
        int[] entries = sample.entries(b);
        ParameterSet unit = parameters.zerosLike();
        int steepest = parameters.start(b) + indexOfLargest(claimed);
        unit.set(steepest, 1);
        Differences.Curve sweep = differences.sweep(unit, noise);
        unit.set(steepest, 0);
        double h = sweep.bestFourth();
        double[] floor = new double[entries.length];
        Arrays.fill(floor, UNCERTAINTY * sweep.fourthError());
        double[] difference = new double[entries.length];
        double[] exact = new double[entries.length];
        double steepestClaim = Math.abs(claimed[indexOfLargest(claimed)]);
        double tolerance = DIFFERENCE_TOLERANCE * steepestClaim;
        int sweeps = 0;
        boolean wrong = false;
        for (int k = 0; k < entries.length; k++) {
            int index = parameters.start(b) + entries[k];
            double c = claimed[entries[k]];
            difference[k] = differences.fourthOrder(index, h);
            unit.set(index, 1);
            exact[k] = objective.derivative(unit);
            wrong |= Math.abs(c - exact[k]) > EXACT_TOLERANCE * steepestClaim;
            // The loss may curve more along this entry than along the steepest one: a step of its own decides.
            boolean doubtful = !(Math.abs(c - difference[k]) <= tolerance + floor[k]);
            if (doubtful && (!wrong || Double.isNaN(exact[k]) && sweeps < MOST_SWEEPS)) {
                Differences.Curve own = differences.sweep(unit, noise);
                difference[k] = differences.fourthOrder(index, own.bestFourth());
                floor[k] = UNCERTAINTY * own.fourthError();
                wrong |= Math.abs(c - difference[k]) > tolerance + floor[k];
                sweeps++;
            }
            unit.set(index, 0);
        }
        boolean hasExact = !Double.isNaN(exact[0]);
        double[] reference = hasExact ? exact : difference;
        double largest =
                Math.max(Math.abs(claimed[indexOfLargest(claimed)]), Math.abs(reference[indexOfLargest(reference)]));
        Verdict verdict = Verdict.PASS;
        int worst = 0;
        double worstError = -1;
        for (int k = 0; k < entries.length; k++) {
            double c = claimed[entries[k]];
            double fromDifference = Math.abs(c - difference[k]);
            boolean agrees = !(fromDifference > DIFFERENCE_TOLERANCE * largest + floor[k]);
            double error = Math.abs(c - reference[k]);
            if (hasExact) {
                agrees &= error <= EXACT_TOLERANCE * largest;
                agrees &= Math.abs(exact[k]) <= LARGE_ENTRY * largest || error <= ENTRY_TOLERANCE * Math.abs(exact[k]);
            }
            verdict = agrees ? verdict : Verdict.FAIL;
            if (Double.compare(error, worstError) > 0) {
                worstError = error;
                worst = k;
            }
        }
        // A block without any slope is held against the whole gradient.
        double scale = largest == 0 ? largest(gradient) : largest;
        double highestFloor = Arrays.stream(floor).max().orElseThrow();
        if (!hasExact && verdict == Verdict.PASS && !(highestFloor <= TELLING * scale)) {
            verdict = Verdict.INCONCLUSIVE;
        }
        int row = entries[worst] / block.matrix().numCols;
        int column = entries[worst] % block.matrix().numCols;
        String where = "[" + row + (block.shape().length == 1 ? "" : "," + column) + "]";
        String meaning = objective.describe(block, row, column);
        return new BlockResult(
                block.name(),
                entries.length,
                largest,
                largest == 0 ? 0 : worstError / largest,
                meaning.isEmpty() ? where : where + " " + meaning,
                claimed[entries[worst]],
                reference[worst],
                hasExact ? "exact" : "differences",
                highestFloor,
                h,
                verdict);
    }

    private static int indexOfLargest(double[] values) {
        int largest = 0;
        for (int j = 1; j < values.length; j++) {
            largest = Math.abs(values[j]) > Math.abs(values[largest]) ? j : largest;
        }
        return largest;
    }

    private static double largest(ParameterSet set) {
        double largest = 0;
        for (int j = 0; j < set.size(); j++) {
            largest = Math.max(largest, Math.abs(set.get(j)));
        }
        return largest;
    }

    /**
     * A random direction of all parameters. Its scale is the derivative that is to be expected of one: the gradient's
     * length over the root of the number of parameters. So the tolerance means the same at any size.
     */
    private BlockResult checkDirection(int number, ParameterSet gradient, double noise) {
        ParameterSet direction = direction();
        double claimed = dot(gradient, direction);
        double scale = Math.sqrt(dot(gradient, gradient) / gradient.size());
        Differences.Curve sweep = differences.sweep(direction, noise);
        double h = sweep.bestFourth();
        double floor = UNCERTAINTY * sweep.fourthError();
        double difference = differences.fourthOrder(direction, h);
        double exact = objective.derivative(direction);
        boolean hasExact = !Double.isNaN(exact);
        double reference = hasExact ? exact : difference;
        boolean agrees = !(Math.abs(claimed - difference) > DIFFERENCE_TOLERANCE * scale + floor);
        // The sum of products of claimed entries itself is rounded, in proportion to the gradient's length.
        double tolerance = hasExact ? EXACT_TOLERANCE * Math.sqrt(gradient.size()) : DIFFERENCE_TOLERANCE;
        agrees &= !(Math.abs(claimed - reference) > tolerance * scale + (hasExact ? 0 : floor));
        boolean told = hasExact || floor <= TELLING * scale;
        Verdict verdict = !agrees ? Verdict.FAIL : told ? Verdict.PASS : Verdict.INCONCLUSIVE;
        return new BlockResult(
                "direction " + (number + 1),
                gradient.size(),
                scale,
                scale == 0 ? 0 : Math.abs(claimed - reference) / scale,
                "",
                claimed,
                reference,
                hasExact ? "exact" : "differences",
                floor,
                h,
                verdict);
    }

    /** The V curve along a direction: errors against the exact derivative, or the claimed one if there is none. */
    private GradientReport.VCurve curve(ParameterSet direction, double slope, double noise) {
        double exact = objective.derivative(direction);
        double truth = Double.isNaN(exact) ? slope : exact;
        Differences.Curve sweep = differences.sweep(direction, noise);
        double[] central = new double[sweep.step().length];
        double[] fourth = new double[sweep.step().length];
        for (int k = 0; k < central.length; k++) {
            central[k] = Math.abs(sweep.central()[k] - truth);
            fourth[k] = Math.abs(sweep.fourth()[k] - truth);
        }
        return new GradientReport.VCurve(
                sweep.step(), central, fourth, sweep.bestCentral(), sweep.bestFourth(), Double.isNaN(exact));
    }
}
