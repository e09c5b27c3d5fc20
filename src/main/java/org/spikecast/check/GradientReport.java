package org.spikecast.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The result of a {@link GradientCheck}.
 *
 * @param verdict of all together
 * @param loss at the parameters that were checked
 * @param deterministic whether loss and gradient have the same bits when computed again
 * @param blocks entry by entry, block by block
 * @param directions along random directions of all parameters
 * @param taylorOrder the order at which the Taylor remainder vanishes: 2 if the gradient is right, 1 if it is wrong, NaN
 *     if rounding hides it
 * @param taylor the orders of all remainders
 * @param curve error of finite differences over their step; null if nothing could be computed
 * @param diagnosis what the wrong entries have in common, such as a factor; empty if that cannot be told
 * @param location where the gradient first goes wrong, as far as that can be told; empty otherwise
 */
public record GradientReport(
        Verdict verdict,
        double loss,
        boolean deterministic,
        List<BlockResult> blocks,
        List<BlockResult> directions,
        double taylorOrder,
        TaylorOrders taylor,
        VCurve curve,
        String diagnosis,
        String location) {

    /** Right, wrong, or inconclusive. */
    public enum Verdict {
        /** Right. */
        PASS,
        /** Rounding hides whether it is right or wrong. */
        INCONCLUSIVE,
        /** Wrong. */
        FAIL;

        /** The worse of both. */
        Verdict and(Verdict other) {
            return other.compareTo(this) > 0 ? other : this;
        }
    }

    /**
     * One block, or one direction.
     *
     * @param name of the block
     * @param entries how many were checked
     * @param largest largest entry of gradient and reference, the scale of the errors; for a direction, what is to be
     *     expected of a random one
     * @param worstError largest difference between claimed and reference, relative to {@code largest}
     * @param where the worst entry: row, column and what they mean
     * @param claimed the claimed gradient there
     * @param reference the reference there
     * @param method of the reference: "exact" or "differences"
     * @param floor what a finite difference is uncertain by, mostly from rounding, absolute
     * @param step h of the differences, chosen at the entry with the largest gradient
     * @param verdict of the block, by reference and by differences
     * @param tolerance what the worst entry may differ by, absolute
     * @param remark a kink, with its entry and both one-sided derivatives; empty if there is none
     */
    public record BlockResult(
            String name,
            int entries,
            double largest,
            double worstError,
            String where,
            double claimed,
            double reference,
            String method,
            double floor,
            double step,
            Verdict verdict,
            double tolerance,
            String remark) {
        private BlockResult named(String prefix) {
            String prefixed = remark.isEmpty() ? "" : prefix + remark;
            return new BlockResult(
                    prefix + name,
                    entries,
                    largest,
                    worstError,
                    where,
                    claimed,
                    reference,
                    method,
                    floor,
                    step,
                    verdict,
                    tolerance,
                    prefixed);
        }
    }

    /**
     * The orders at which the Taylor remainders along a random direction d vanish with h; NaN where rounding hides them, or there
     * is no Hessian.
     *
     * <pre>
     *  R0 = |L(h) - L(0)|                          1, if the slope is not zero
     *  R1 = |L(h) - L(0) - h g'd|                  2 if the gradient g is right, 1 if not
     *  R2 = |L(h) - L(0) - h g'd - h^2/2 d'Hd|     3 if the Hessian H is right too, 2 if only g is
     * </pre>
     *
     * @param zeroth of R0
     * @param first of R1
     * @param second of R2
     */
    public record TaylorOrders(double zeroth, double first, double second) {
        /** All orders unknown. */
        static final TaylorOrders NONE = new TaylorOrders(Double.NaN, Double.NaN, Double.NaN);
    }

    /**
     * Errors of finite differences along a random direction.
     *
     * @param step h
     * @param central error of the central difference of second order at each h
     * @param fourth error of that of fourth order
     * @param bestCentral the step that would be chosen, which needs no reference
     * @param bestFourth the same for fourth order
     * @param againstClaimed whether errors are against the claimed gradient, for want of a reference
     */
    public record VCurve(
            double[] step,
            double[] central,
            double[] fourth,
            double bestCentral,
            double bestFourth,
            boolean againstClaimed) {}

    /** Throws an {@link AssertionError} with the report as its message unless the gradient is right. */
    public void assertPassed() {
        if (verdict != Verdict.PASS) {
            throw new AssertionError(text());
        }
    }

    /** The report as text. */
    public String text() {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "Gradient check: %s, loss %.6g, %s%n",
                verdict,
                loss,
                deterministic ? "deterministic" : "NOT DETERMINISTIC"));
        if (!diagnosis.isEmpty()) {
            text.append("Diagnosis: ").append(diagnosis).append(System.lineSeparator());
        }
        for (BlockResult b : blocks) {
            if (!b.remark().isEmpty()) {
                text.append(b.remark()).append(System.lineSeparator());
            }
        }
        if (!location.isEmpty()) {
            text.append("Location: ").append(location).append(System.lineSeparator());
        }
        int width = 5;
        for (BlockResult b : all()) {
            width = Math.max(width, b.name().length());
        }
        String line = "%-" + width + "s  %7s  %9s  %9s  %9s  %-11s  %-12s  %s%n";
        text.append(String.format(
                Locale.ROOT,
                line,
                "block",
                "entries",
                "largest",
                "error",
                "tolerance",
                "against",
                "verdict",
                "worst entry"));
        for (BlockResult b : all()) {
            String worst = String.format(
                    Locale.ROOT, "%s claimed %.17g, reference %.17g", b.where(), b.claimed(), b.reference());
            text.append(String.format(
                    Locale.ROOT,
                    line,
                    b.name(),
                    b.entries(),
                    String.format(Locale.ROOT, "%.2e", b.largest()),
                    String.format(Locale.ROOT, "%.2e", b.worstError()),
                    String.format(Locale.ROOT, "%.2e", b.tolerance() / (b.largest() > 0 ? b.largest() : 1)),
                    b.method(),
                    b.verdict(),
                    worst.strip()));
        }
        text.append(String.format(Locale.ROOT, "Taylor remainder: order %.2f (2 if right, 1 if wrong)%n", taylorOrder));
        text.append(String.format(
                Locale.ROOT,
                "Taylor remainders R0, R1, R2: orders %.2f, %.2f, %.2f (expected 1, 2, 3)%n",
                taylor.zeroth(),
                taylor.first(),
                taylor.second()));
        return text.toString();
    }

    /** The error of differences over their step, as a table; empty if nothing could be computed. */
    public String curveText() {
        StringBuilder text = new StringBuilder();
        if (curve != null) {
            text.append("Error of differences over their step along a random direction")
                    .append(curve.againstClaimed() ? ", against the claimed gradient" : "")
                    .append(String.format("; * is the step chosen%n"));
            for (int k = 0; k < curve.step().length; k++) {
                double h = curve.step()[k];
                text.append(String.format(
                        Locale.ROOT,
                        "  h %.0e  central %.1e%s  fourth order %.1e%s%n",
                        h,
                        curve.central()[k],
                        h == curve.bestCentral() ? "*" : " ",
                        curve.fourth()[k],
                        h == curve.bestFourth() ? "*" : " "));
            }
        }
        return text.toString();
    }

    /** The same, with a prefix before every block's name. */
    GradientReport named(String prefix) {
        List<BlockResult> renamed = blocks.stream().map(b -> b.named(prefix)).toList();
        String prefixed = diagnosis.isEmpty() ? "" : prefix + diagnosis;
        return new GradientReport(
                verdict, loss, deterministic, renamed, directions, taylorOrder, taylor, curve, prefixed, location);
    }

    /** The blocks and findings of both, and for the rest this one's. */
    GradientReport and(GradientReport other) {
        List<BlockResult> both = new ArrayList<>(blocks);
        both.addAll(other.blocks);
        return new GradientReport(
                verdict.and(other.verdict),
                loss,
                deterministic && other.deterministic,
                both,
                directions,
                taylorOrder,
                taylor,
                curve,
                joined(diagnosis, other.diagnosis),
                joined(location, other.location));
    }

    private static String joined(String a, String b) {
        return a.isEmpty() || b.isEmpty() ? a + b : a + "; " + b;
    }

    private List<BlockResult> all() {
        List<BlockResult> all = new ArrayList<>(blocks);
        all.addAll(directions);
        return all;
    }

    /** The report as JSON values; null where a number is not finite. */
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("verdict", verdict.name());
        json.put("loss", orNull(loss));
        json.put("deterministic", deterministic);
        json.put("blocks", blocks.stream().map(GradientReport::json).toList());
        json.put("directions", directions.stream().map(GradientReport::json).toList());
        json.put("taylor_order", orNull(taylorOrder));
        json.put("taylor_orders", orNull(new double[] {taylor.zeroth(), taylor.first(), taylor.second()}));
        if (curve != null) {
            Map<String, Object> v = new LinkedHashMap<>();
            v.put("step", curve.step());
            v.put("central", orNull(curve.central()));
            v.put("fourth", orNull(curve.fourth()));
            v.put("best_central", orNull(curve.bestCentral()));
            v.put("best_fourth", orNull(curve.bestFourth()));
            v.put("against_claimed", curve.againstClaimed());
            json.put("v_curve", v);
        }
        json.put("diagnosis", diagnosis);
        json.put("location", location);
        return json;
    }

    private static Map<String, Object> json(BlockResult b) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", b.name());
        json.put("entries", b.entries());
        json.put("largest", orNull(b.largest()));
        json.put("worst_error", orNull(b.worstError()));
        json.put("where", b.where());
        json.put("claimed", b.claimed());
        json.put("reference", orNull(b.reference()));
        json.put("method", b.method());
        json.put("floor", orNull(b.floor()));
        json.put("step", orNull(b.step()));
        json.put("verdict", b.verdict().name());
        json.put("tolerance", orNull(b.tolerance()));
        json.put("remark", b.remark());
        return json;
    }

    private static List<Double> orNull(double[] values) {
        return Arrays.stream(values).mapToObj(GradientReport::orNull).toList();
    }

    private static Double orNull(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
