package org.spikecast.check.internal;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/**
 * The derivative at 0 of a loss along a line, phi(s), from evaluations alone, with an error bound; or the reason why there is
 * none. All steps h are powers of two, and differ by factors of two.
 *
 * <pre>
 *  (1)  D2(h) = (phi(h) - phi(-h)) / 2h                                    error c h^2 + noise / h
 *  (2)  D4(h) = (8 (phi(h) - phi(-h)) - (phi(2h) - phi(-2h))) / 12h        error c h^4 + noise / h
 *  (3)  n(h)  = |D4(h) - D4(2h)| h, at least two ulps of phi               of the size of the noise, or of c h^5
 *  (4)  u(h)  = 10 max n(h'), h' &lt;= h, / h                                 bound of the error of D4(h)
 *  (5)  E(h)  = (phi(h) + phi(-h) - 2 phi(0)) / 2h                         vanishes with h unless there is a kink
 * </pre>
 *
 * <p><b>Step.</b> The interval D4(h) +- u(h) holds the derivative as long as steps are so short that phi is smooth
 * over them. So steps grow from some ulps of the parameter on, as long as all intervals intersect: where one does not,
 * there is a kink or another structure in between, and longer steps measure something else. Of the steps before it the
 * one with the smallest u is taken (Lepski's choice of a bandwidth, Theory of Probability and its Applications 35(3),
 * 1991). It needs neither the curvature nor the scale of the parameter.
 *
 * <p><b>Noise.</b> (3) is measured at the steps themselves, not at one tiny step. The exception is a loss on a grid,
 * such as one in float32: over the shortest steps it does not move and looks smooth. So where an interval does not
 * intersect, jumps are searched for by bisection on both sides. At a kink none is left by bisection; where there are
 * jumps on both sides, their height is noise at all steps, and the choice is repeated.
 *
 * <p><b>Kinks.</b> Within the steps chosen, (5) must shrink as h does. If it does not, the derivatives from left and right differ.
 *
 * <p><b>Trust.</b> A loss that varies as wildly over the shortest steps as over long ones shows no derivative.
 */
public final class Slope {
    /** In (4): about ten standard deviations of a difference whose noise is normally distributed. */
    private static final double SAFETY = 10;

    /** This many of the shortest steps share one estimate of the noise: a single one may be zero by chance. */
    private static final int SHARED = 6;

    /** A loss moves smoothly if it moves by this multiple of its noise. */
    private static final double SMOOTH = 100;

    /** Factors of two between the longest and the shortest step at first. */
    private static final int OCTAVES = 60;

    /** Factors of two by which steps are extended. */
    private static final int EXTENSION = 8;

    /** Factors of two above the longest step at first up to which a loss that looks constant or linear is followed. */
    private static final int FURTHEST = 60;

    /** The most grids within grids that are searched for. */
    private static final int MOST_GRIDS = 4;

    /** No shorter steps are tried: their differences would be subnormal. */
    private static final int SHORTEST = -1000;

    private final DoubleUnaryOperator phi;
    private final double here;
    private final Map<Integer, double[]> losses = new HashMap<>();
    private final int lowest;
    private final int first;
    private int low;
    private int high;

    /** Height of the jumps between which the loss does not show its slope. */
    private double jump;

    /** Exponent of the step chosen; MIN_VALUE if no step gives numbers. */
    private int best;

    /** Exponent of the first step that contradicts shorter ones. */
    private int stop;

    private double bestError;

    /** The derivative by steps up to the first longest one, and its error. */
    private final double usual;

    private final double usualError;

    /** Exponent of the step that gives it; MIN_VALUE if no step gives numbers. */
    private final int usualStep;

    private final boolean kink;
    private final boolean trusted;

    /** The slope between the jumps of a loss on a grid, and its error. */
    private double between = Double.NaN;

    private double betweenError;

    /**
     * Finds the derivative of phi at 0.
     *
     * @param here phi(0)
     * @param scale the longest step at first, roughly
     * @param shortest shorter steps do not change the parameters; 0 if every step does
     */
    public Slope(DoubleUnaryOperator phi, double here, double scale, double shortest) {
        this.phi = phi;
        this.here = here;
        lowest = shortest > 0 ? Math.max(SHORTEST, Math.getExponent(shortest) + 1) : SHORTEST;
        first = Math.max(lowest, Math.getExponent(scale));
        high = first;
        low = Math.max(lowest, high - OCTAVES);
        choose();
        while (low > lowest && (best <= low + 2 * SHARED || !moves() || evenPartGrows() < -0.5)) {
            low = Math.max(lowest, low - OCTAVES);
            choose();
        }
        for (int k = 0; k < MOST_GRIDS && isGrid(); k++) {
            choose();
        }
        usualStep = best;
        usual = value();
        double usualBound = bestError;
        while (best == high && stop > high && high < first + FURTHEST && !wellKnown()) {
            high += EXTENSION;
            choose();
        }
        for (int k = 0; k < MOST_GRIDS && isGrid(); k++) {
            choose();
        }
        boolean found = best != Integer.MIN_VALUE;
        usualError = found ? Math.max(usualBound, error(jump, Math.scalb(1.0, usualStep))) : usualBound;
        kink = found && evenPartGrows() < 0.6;
        trusted = found && moves() && !kink;
    }

    private double[] losses(int exponent) {
        return losses.computeIfAbsent(exponent, e -> {
            double h = Math.scalb(1.0, e);
            return new double[] {phi.applyAsDouble(-h), phi.applyAsDouble(h)};
        });
    }

    private double odd(int exponent) {
        double[] l = losses(exponent);
        return l[1] - l[0];
    }

    /** (1) */
    public double central(int exponent) {
        return odd(exponent) / Math.scalb(2.0, exponent);
    }

    /** (2) */
    public double fourth(int exponent) {
        return (8 * odd(exponent) - odd(exponent + 1)) / 12 / Math.scalb(1.0, exponent);
    }

    /** (5) */
    private double even(int exponent) {
        double[] l = losses(exponent);
        return ((l[1] - here) + (l[0] - here)) / Math.scalb(2.0, exponent);
    }

    /** The largest change of the loss at twice a step. */
    private double movement(int exponent) {
        double[] l = losses(exponent + 1);
        return Math.max(Math.abs(l[1] - here), Math.abs(l[0] - here));
    }

    private double rounding(int exponent) {
        double[] l = losses(exponent + 1);
        return 2 * Math.ulp(Math.max(Math.abs(here), Math.max(Math.abs(l[0]), Math.abs(l[1]))));
    }

    /** (3) */
    private double noiseAt(int exponent) {
        double n = Math.abs(fourth(exponent) - fourth(exponent + 1)) * Math.scalb(1.0, exponent);
        return Math.max(n, rounding(exponent)); // NaN if either is
    }

    private void choose() {
        best = Integer.MIN_VALUE;
        stop = high + 1;
        bestError = Double.POSITIVE_INFINITY;
        double from = Double.NEGATIVE_INFINITY;
        double to = Double.POSITIVE_INFINITY;
        double noise = jump;
        for (int e = low; e < Math.min(low + SHARED, high); e++) {
            noise = largerNumber(noise, noiseAt(e));
        }
        for (int e = low; e <= high; e++) {
            double atStep = noiseAt(e);
            if (!Double.isFinite(atStep)) {
                if (best == Integer.MIN_VALUE) {
                    continue;
                }
                stop = e;
                break;
            }
            noise = Math.max(noise, atStep);
            double value = fourth(e);
            double error = SAFETY * noise / Math.scalb(1.0, e);
            if (value - error > to || value + error < from) {
                stop = e;
                break;
            }
            from = Math.max(from, value - error);
            to = Math.min(to, value + error);
            if (error <= bestError) {
                best = e;
                bestError = error;
            }
        }
    }

    private static double largerNumber(double a, double b) {
        return Double.isFinite(b) ? Math.max(a, b) : a;
    }

    /** Whether the noise is small compared with the change of the loss, or no more than rounding. */
    private boolean moves() {
        double noise = noise();
        return movement(best) >= SMOOTH * noise || noise <= rounding(best);
    }

    /**
     * The power of h with which (5) vanishes, from the first step where it exceeds the noise: 1 if smooth, 0 at a kink.
     */
    private double evenPartGrows() {
        for (int e = low; e <= best - 2; e++) {
            double even = Math.abs(even(e));
            if (even > 2 * SAFETY * noise() / Math.scalb(1.0, e)) {
                int octaves = Math.min(3, best - e);
                return Math.getExponent(Math.abs(even(e + octaves)) / even * Math.sqrt(2)) / (double) octaves;
            }
        }
        return 1;
    }

    /**
     * A bound of the distance of the left and right derivatives from (2), by (5) and its noise. Of three neighbouring
     * steps the largest counts, because a kink and a curvature may cancel at one.
     */
    private double hiddenKink() {
        double least = Double.POSITIVE_INFINITY;
        for (int e = low + 1; e < best; e++) {
            double even = Math.max(Math.abs(even(e - 1)), Math.max(Math.abs(even(e)), Math.abs(even(e + 1))));
            double bound = 2 * even + SAFETY * noise() / Math.scalb(1.0, e);
            least = bound < least ? bound : least;
        }
        return least;
    }

    private boolean wellKnown() {
        return bestError <= 1e-9 * Math.max(Math.abs(value()), secant()) && secant() > 0;
    }

    /**
     * Whether the shortest steps do not show the slope because the loss is on a grid: it is constant over them and
     * then jumps, or it jumps on both sides of the steps chosen, and again beyond, unlike a wall. The jumps' height is
     * noise.
     */
    private boolean isGrid() {
        if (best == Integer.MIN_VALUE) {
            return false;
        }
        double height = firstJump();
        if (height <= jump && stop <= high) {
            double from = Math.scalb(2.0, best);
            double to = Math.scalb(4.0, stop);
            double[] left = jump(0, from, to);
            double[] right = jump(1, from, to);
            height = left[0] > 0 && right[0] > 0 ? Math.max(left[0], right[0]) : 0;
            boolean more = height > 0
                    && (jump(0, 1.001 * left[1], 4 * left[1])[0] > height / 8
                            || jump(1, 1.001 * right[1], 4 * right[1])[0] > height / 8);
            height = more ? height : 0;
        }
        if (height <= jump) {
            return false;
        }
        if (Double.isNaN(between)) {
            between = value();
            betweenError = bestError;
        }
        jump = height;
        return true;
    }

    /** The height of the first jump of a loss that is constant over the shortest steps; 0 of any other loss. */
    private double firstJump() {
        int moved = low;
        while (moved <= high && movement(moved) == 0) {
            moved++;
        }
        if (moved < low + SHARED || moved > high) {
            return 0;
        }
        double h = Math.scalb(1.0, moved);
        return Math.max(jump(0, h, 2 * h)[0], jump(1, h, 2 * h)[0]);
    }

    /** The height and distance of a jump on one side within two distances, by bisection; 0 if the loss is continuous there. */
    private double[] jump(int side, double from, double to) {
        double sign = side == 0 ? -1 : 1;
        double slope = sign * value();
        double near = from;
        double far = to;
        double atNear = phi.applyAsDouble(sign * near);
        double atFar = phi.applyAsDouble(sign * far);
        double before = 0;
        double deviation = 0;
        for (int k = 0; k < 24; k++) {
            double middle = near + (far - near) / 2;
            double atMiddle = phi.applyAsDouble(sign * middle);
            double first = Math.abs(atMiddle - atNear - slope * (middle - near));
            double second = Math.abs(atFar - atMiddle - slope * (far - middle));
            if (first >= second) {
                far = middle;
                atFar = atMiddle;
                deviation = first;
            } else {
                near = middle;
                atNear = atMiddle;
                deviation = second;
            }
            before = k == 15 ? deviation : before;
        }
        boolean stays = deviation >= before / 2 && deviation <= 2 * before && deviation > 2 * rounding(best);
        return new double[] {stays ? deviation : 0, far};
    }

    /** Whether there is a derivative and the losses show it. */
    public boolean trusted() {
        return trusted;
    }

    /** Whether the derivatives from left and right differ. */
    public boolean kink() {
        return kink;
    }

    /** The derivative from the left and that from the right, by one-sided differences of second order. */
    public double[] oneSided() {
        double h = Math.scalb(1.0, best - 2);
        double[] near = losses(best - 2);
        double[] far = losses(best - 1);
        return new double[] {
            (3 * here - 4 * near[0] + far[0]) / 2 / h, (-3 * here + 4 * near[1] - far[1]) / 2 / h,
        };
    }

    /** The derivative; NaN if no step gives numbers. */
    public double value() {
        return best == Integer.MIN_VALUE ? Double.NaN : fourth(best);
    }

    /** A bound of the derivative's error. */
    public double error() {
        return bestError;
    }

    /** The noise of the loss at the step chosen. */
    public double noise() {
        return bestError / SAFETY * Math.scalb(1.0, best);
    }

    /** The error of (2) at a step, if no more than noise matters. */
    public static double error(double noise, double h) {
        return SAFETY * noise / h;
    }

    /** The step chosen; NaN if no step gives numbers. */
    public double step() {
        return best == Integer.MIN_VALUE ? Double.NaN : Math.scalb(1.0, best);
    }

    /**
     * Whether a claimed derivative is wrong: it differs from the one found and from that at the usual steps, because
     * longer ones may miss structure that rounding hides from shorter ones; and it is not the slope between the jumps
     * of a loss on a grid.
     */
    public boolean disproves(double claim, double tolerance) {
        double allowed = tolerance + hiddenKink();
        return trusted()
                && Math.abs(claim - value()) > bestError + allowed
                && Math.abs(claim - usual) > usualError + allowed
                && !(Math.abs(claim - between) <= betweenError + allowed);
    }

    /** Whether a claimed derivative is the one found, within its error. */
    public boolean confirms(double claim, double tolerance) {
        return trusted() && Math.abs(claim - value()) <= bestError + tolerance;
    }

    /** Whether the loss is the same at every point tried, up to steps of a billion billion times the parameter. */
    public boolean constant() {
        return losses.values().stream().allMatch(l -> l[0] == here && l[1] == here);
    }

    /** Whether the loss moves over the step of {@link #flatStep} by no more than rounding: its slope shows in no other way. */
    public boolean flat() {
        return usualStep != Integer.MIN_VALUE && movement(usualStep) <= SMOOTH * rounding(usualStep);
    }

    /** The best of the steps that are not extended. */
    public double flatStep() {
        return Math.scalb(1.0, usualStep);
    }

    /** The noise of the loss over that step. */
    public double flatNoise() {
        return usualError / SAFETY * flatStep();
    }

    /** The steepest secant over consistent steps: the size of slopes nearby, where the derivative itself is zero. */
    public double secant() {
        double steepest = 0;
        int last = Math.max(best + 2, Math.min(first, stop - 1));
        for (int e = low; e <= Math.min(last, high + 1); e++) {
            boolean noise = movement(e) < SMOOTH * noise();
            steepest = noise ? steepest : largerNumber(steepest, movement(e) / Math.scalb(2.0, e));
        }
        return steepest;
    }

    /** The step that suits (1), chosen likewise. */
    public double centralStep() {
        double noise = 0;
        double least = Double.POSITIVE_INFINITY;
        double step = Double.NaN;
        for (int e = low; e <= high; e++) {
            double h = Math.scalb(1.0, e);
            noise = largerNumber(noise, Math.max(Math.abs(central(e) - central(e + 1)) * h, rounding(e)));
            if (noise / h <= least) {
                least = noise / h;
                step = h;
            }
        }
        return step;
    }

    /** Exponents of the steps over which (3) was measured: first and last. */
    public int[] exponents() {
        return new int[] {low, high};
    }

    /**
     * The order at which a Taylor remainder vanishes, from steps within those that are consistent: the median of the
     * shortest five that exceed noise and tolerance (Farrell et al., SIAM J. Sci. Comput. 35, 2013).
     *
     * @param slope subtracted times h
     * @param curvature subtracted times h^2/2
     * @param tolerance of the slope
     * @return the order; NaN if fewer than three can be measured
     */
    public double taylorOrder(double slope, double curvature, double tolerance) {
        double[] orders = new double[5];
        int count = 0;
        double last = Double.NaN;
        for (int e = low; e < Math.min(stop, first + 1) && count < orders.length; e++) {
            double h = Math.scalb(1.0, e);
            double remainder = Math.abs(losses(e)[1] - here - h * slope - h * (h / 2) * curvature);
            if (!(remainder > SMOOTH * noise() + SAFETY * h * (tolerance + usualError))) {
                last = Double.NaN;
                continue;
            }
            if (last > 0) {
                orders[count++] = StrictMath.log(remainder / last) / StrictMath.log(2);
            }
            last = remainder;
        }
        if (count < 3) {
            return Double.NaN;
        }
        double[] some = Arrays.copyOf(orders, count);
        Arrays.sort(some);
        return some[count / 2];
    }
}
