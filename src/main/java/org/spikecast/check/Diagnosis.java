package org.spikecast.check;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.spikecast.check.GradientReport.BlockResult;
import org.spikecast.check.GradientReport.Verdict;
import org.spikecast.params.ParameterSet;

/** The pattern of a gradient's wrong entries: a factor, a sign, a transposed block, two blocks exchanged. */
final class Diagnosis {
    /** The tolerance of patterns, as a fraction of a block's largest entry. */
    private static final double MATCH = 1e-6;

    /** Entries below this fraction of the largest one show no ratio. */
    private static final double SHOWS = 1e-3;

    /**
     * A block beside its reference.
     *
     * @param claimed of all entries
     * @param reference NaN where it is not known
     * @param uncertainty of the reference
     */
    record Compared(ParameterSet.Block block, double[] claimed, double[] reference, double[] uncertainty) {
        private double largest() {
            double largest = 0;
            for (double r : reference) {
                largest = Double.isNaN(r) ? largest : Math.max(largest, Math.abs(r));
            }
            return largest;
        }

        private boolean complete() {
            return Arrays.stream(reference).noneMatch(Double::isNaN);
        }

        /** Whether the claimed entries are the expected ones, wherever the reference is known. */
        private boolean claims(IntToDoubleFunction expected) {
            double tolerance = MATCH * Math.max(largest(), Math.abs(claimed[BlockCheck.indexOfLargest(claimed)]));
            for (int j = 0; j < claimed.length; j++) {
                double e = expected.applyAsDouble(j);
                if (!Double.isNaN(reference[j]) && !(Math.abs(claimed[j] - e) <= tolerance + 2 * uncertainty[j])) {
                    return false;
                }
            }
            return true;
        }

        private boolean isRight(int j, double tolerance) {
            return !(Math.abs(claimed[j] - reference[j]) > tolerance + 2 * uncertainty[j]);
        }

        /** The ratio of claimed and reference if it is the same throughout, else NaN. */
        private double ratio() {
            int at = 0;
            int show = 0;
            double largest = largest();
            for (int j = 0; j < reference.length; j++) {
                boolean first = Double.isNaN(reference[at]);
                at = first || Math.abs(reference[j]) > Math.abs(reference[at]) ? j : at;
                show += Math.abs(reference[j]) > SHOWS * largest ? 1 : 0;
            }
            double ratio = claimed[at] / reference[at];
            boolean same = largest > 0 && (show > 1 || reference.length == 1) && claims(j -> ratio * reference[j]);
            return same ? ratio : Double.NaN;
        }
    }

    private Diagnosis() {}

    /** One sentence or several; empty if there is no pattern. */
    static String of(List<Compared> all, List<BlockResult> results, Objective objective) {
        List<Compared> wrong = new ArrayList<>();
        for (int b = 0; b < results.size(); b++) {
            if (results.get(b).verdict() == Verdict.FAIL) {
                wrong.add(all.get(b));
            }
        }
        double common = wrong.isEmpty() ? Double.NaN : wrong.get(0).ratio();
        boolean everywhere = wrong.size() == results.size() && wrong.size() > 1;
        for (Compared c : wrong) {
            everywhere &= Math.abs(c.ratio() - common) <= MATCH * Math.abs(common);
        }
        if (everywhere) {
            return "in every block " + factor(common, wrong.get(0).block());
        }
        List<String> sentences = new ArrayList<>();
        for (Compared c : wrong) {
            String pattern = pattern(c, wrong, objective);
            if (!pattern.isEmpty()) {
                sentences.add(c.block().name() + ": " + pattern);
            }
        }
        return String.join("; ", sentences);
    }

    private static String pattern(Compared c, List<Compared> wrong, Objective objective) {
        if (c.largest() == 0) {
            return "the loss does not depend on these parameters, but their gradient is not zero";
        }
        double ratio = c.ratio();
        if (Math.abs(ratio - 1) <= MATCH) {
            return "";
        }
        if (!Double.isNaN(ratio)) {
            return factor(ratio, c.block());
        }
        String rearranged = c.complete() ? rearranged(c, wrong, objective) : "";
        return rearranged.isEmpty() ? places(c) : rearranged;
    }

    private static String factor(double ratio, ParameterSet.Block block) {
        String every = "every entry is ";
        if (Math.abs(ratio) <= MATCH) {
            return every + "0: the gradient is missing";
        }
        String sign = ratio < 0 ? "a sign is wrong" : "";
        double size = Math.abs(ratio);
        double whole = Math.rint(size >= 1 ? size : 1 / size);
        boolean integer = Math.abs((size >= 1 ? size : 1 / size) - whole) <= MATCH * whole && whole <= 1e9;
        String text = every + number(ratio) + " of the reference";
        if (integer && whole == 1) {
            return text + ": " + sign;
        }
        String reason = sign.isEmpty() ? ": " : ": " + sign + ", and ";
        if (!integer) {
            return sign.isEmpty() ? text : text + ": " + sign + ", among others";
        }
        String number = number(whole);
        boolean two = whole == 2;
        if (size < 1) {
            return text + reason + "a factor " + number + " is missing"
                    + (two ? "" : ", or it is a mean over " + number + lengthOf(whole, block) + " in place of a sum");
        }
        return text + reason + "a factor " + number + " too many"
                + (two ? "" : ", or it is a sum over " + number + lengthOf(whole, block) + " in place of a mean");
    }

    /** Seven digits, without zeros at the end. */
    private static String number(double value) {
        return new BigDecimal(value)
                .round(new MathContext(7))
                .stripTrailingZeros()
                .toPlainString();
    }

    private static String lengthOf(double whole, ParameterSet.Block block) {
        int rows = block.matrix().numRows;
        int columns = block.matrix().numCols;
        return whole == rows * (double) columns
                ? " (the block's entries)"
                : whole == rows ? " (the block's rows)" : whole == columns ? " (the block's columns)" : "";
    }

    /** Right values in wrong places. */
    private static String rearranged(Compared c, List<Compared> wrong, Objective objective) {
        int rows = c.block().matrix().numRows;
        int columns = c.block().matrix().numCols;
        double[] r = c.reference();
        if (rows > 1 && columns > 1 && c.claims(j -> r[j % rows * columns + j / rows])) {
            return "it is the transpose of the reference";
        }
        for (Compared other : wrong) {
            if (other != c && other.reference().length == r.length && other.complete()) {
                if (c.claims(j -> other.reference()[j])) {
                    return "it is the gradient of " + other.block().name();
                }
            }
        }
        List<String> groups = objective.rowGroups(c.block());
        if (!groups.isEmpty() && rows % groups.size() == 0) {
            String order = order(c, groups);
            if (!order.isEmpty()) {
                return order;
            }
        }
        if (rows > 1 && c.claims(j -> r[(rows - 1 - j / columns) * columns + j % columns])) {
            return "its rows are in reversed order";
        }
        double[] theta = c.block().data();
        int heaviest = BlockCheck.indexOfLargest(theta);
        double decay = (c.claimed()[heaviest] - r[heaviest]) / theta[heaviest];
        if (r.length > 2 && theta[heaviest] != 0 && c.claims(j -> r[j] + decay * theta[j])) {
            return "it is the reference plus " + number(decay) + " times the parameters, as weight decay adds";
        }
        return "";
    }

    /** The order of row groups if whole groups are exchanged. */
    private static String order(Compared c, List<String> groups) {
        int length = c.reference().length / groups.size();
        List<String> found = new ArrayList<>();
        for (int g = 0; g < groups.size(); g++) {
            for (int from = 0; from < groups.size() && found.size() == g; from++) {
                int shift = (from - g) * length;
                int first = g * length;
                boolean same = c.claims(j -> {
                    boolean inGroup = j >= first && j < first + length;
                    return inGroup ? c.reference()[j + shift] : c.claimed()[j];
                });
                if (same) {
                    found.add(groups.get(from));
                }
            }
            if (found.size() <= g) {
                return "";
            }
        }
        return "the order is wrong: in place of " + String.join(", ", groups) + " stand the gradients of "
                + String.join(", ", found);
    }

    /** The place of the wrong entries, if they are few, or in one row or column. */
    private static String places(Compared c) {
        int columns = c.block().matrix().numCols;
        List<Integer> wrong = new ArrayList<>();
        int known = 0;
        double tolerance = MATCH * c.largest();
        for (int j = 0; j < c.claimed().length; j++) {
            known += Double.isNaN(c.reference()[j]) ? 0 : 1;
            if (!c.isRight(j, tolerance)) {
                wrong.add(j);
            }
        }
        if (wrong.isEmpty()) {
            return "";
        }
        String counted = wrong.size() + " of " + known + " entries " + (wrong.size() == 1 ? "is" : "are") + " wrong";
        boolean matrix = columns > 1 && c.block().matrix().numRows > 1;
        if (matrix && wrong.size() > 1 && wrong.stream().allMatch(j -> j / columns == wrong.get(0) / columns)) {
            return counted + ", all in row " + wrong.get(0) / columns;
        }
        if (matrix && wrong.size() > 1 && wrong.stream().allMatch(j -> j % columns == wrong.get(0) % columns)) {
            return counted + ", all in column " + wrong.get(0) % columns;
        }
        return counted;
    }
}
