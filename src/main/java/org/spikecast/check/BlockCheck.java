package org.spikecast.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.spikecast.check.GradientReport.BlockResult;
import org.spikecast.check.GradientReport.Verdict;
import org.spikecast.check.internal.Differences;
import org.spikecast.check.internal.Slope;
import org.spikecast.params.ParameterSet;

/**
 * The entries of one block. Each is compared with a difference at a step that suited another entry; one that does not agree
 * there gets a step of its own, which decides.
 */
final class BlockCheck {
    /** The most steps of other entries that are tried before an entry gets one of its own. */
    private static final int MOST_STEPS = 3;

    /** A step, and the noise of the loss there. */
    private record Step(double h, double noise) {}

    private final GradientCheck check;
    private final Objective objective;
    private final Differences differences;
    private final ParameterSet.Block block;
    private final int start;
    private final double loss;
    private final double[] claimed;

    /** Twice the noise of each claimed entry and more. */
    private final double[] claimError;

    private final int[] entries;
    private final List<Step> steps = new ArrayList<>();

    // Of each entry that is checked:
    private final double[] difference;
    private final double[] error;
    private final double[] exact;
    private final boolean[] decided;
    private final boolean[] wrong;
    private final boolean[] unclear;

    private final double largestClaim;
    private String kink = "";
    private boolean constant;
    private double secant;
    private double leadStep = Double.NaN;

    BlockCheck(GradientCheck check, int number, ParameterSet gradient, ParameterSet claimErrors, int[] entries) {
        this.check = check;
        objective = check.objective;
        differences = check.differences;
        loss = check.loss;
        block = objective.parameters().blocks().get(number);
        start = objective.parameters().start(number);
        claimed = gradient.blocks().get(number).data();
        claimError = claimErrors.blocks().get(number).data();
        this.entries = entries;
        difference = new double[entries.length];
        error = new double[entries.length];
        exact = new double[entries.length];
        decided = new boolean[entries.length];
        wrong = new boolean[entries.length];
        unclear = new boolean[entries.length];
        largestClaim = Math.abs(claimed[indexOfLargest(claimed)]);
    }

    /** Compares all entries. */
    void run(ParameterSet direction) {
        lead(direction);
        ParameterSet unit = objective.parameters().zerosLike();
        boolean anyWrong = false;
        int sweeps = 0;
        for (int k = 0; k < entries.length; k++) {
            int index = start + entries[k];
            double claim = claimed[entries[k]];
            unit.set(index, 1);
            exact[k] = objective.derivative(unit);
            unit.set(index, 0);
            anyWrong |= Math.abs(claim - exact[k]) > exactTolerance(k, largestClaim);
            if (agreesAtKnownStep(k, index, claim, anyWrong)) {
                continue;
            }
            boolean hasExact = !Double.isNaN(exact[k]);
            int most = anyWrong ? hasExact ? 0 : check.mostSweeps : check.mostSweepsUndecided;
            if (sweeps < most) {
                sweeps++;
                decide(k, index, claim);
                anyWrong |= wrong[k];
            } else {
                unclear[k] = true;
            }
        }
    }

    /**
     * Finds a first step, and the variation of the loss: at the steepest entry, or along all entries if all claims are
     * 0.
     */
    private void lead(ParameterSet direction) {
        Slope lead;
        if (largestClaim > 0) {
            int steepest = indexOfLargest(claimed);
            lead = differences.slope(start + steepest, loss);
            remember(lead);
        } else {
            lead = differences.slope(direction, loss);
            double scale = differences.scale(objective.parameters().blockOf(start));
            if (lead.trusted()) {
                steps.add(new Step(scale * lead.step(), lead.noise()));
            } else if (lead.flat()) {
                steps.add(new Step(scale * lead.flatStep(), lead.flatNoise()));
            }
        }
        leadStep = lead.step();
        secant = lead.secant();
        constant = lead.constant();
    }

    private void remember(Slope slope) {
        if (slope.trusted()) {
            steps.add(0, new Step(slope.step(), slope.noise()));
        }
    }

    /** The allowed distance of a claimed entry from a finite difference, without the latter's own error. */
    private double tolerance(int k) {
        double claim = Math.abs(claimed[entries[k]]);
        return GradientCheck.DIFFERENCE_TOLERANCE * claim
                + GradientCheck.BLOCK_TOLERANCE * largestClaim
                + claimError[entries[k]];
    }

    private double exactTolerance(int k, double largest) {
        return GradientCheck.EXACT_TOLERANCE * largest + claimError[entries[k]];
    }

    private boolean agreesAtKnownStep(int k, int index, double claim, boolean anyWrong) {
        difference[k] = Double.NaN;
        error[k] = Double.POSITIVE_INFINITY;
        for (int s = 0; s < Math.min(steps.size(), anyWrong ? 1 : MOST_STEPS); s++) {
            Step step = steps.get(s);
            if (agreesAt(k, index, claim, step.h(), step.noise())) {
                return true;
            }
        }
        return false;
    }

    private boolean agreesAt(int k, int index, double claim, double h, double noise) {
        double left = differences.lossAt(index, -h);
        double right = differences.lossAt(index, h);
        double farLeft = differences.lossAt(index, -2 * h);
        double farRight = differences.lossAt(index, 2 * h);
        double value = (8 * (right - left) - (farRight - farLeft)) / 12 / h;
        double uncertainty = Slope.error(noise, h);
        double allowed = tolerance(k) + uncertainty;
        if (Double.isNaN(difference[k]) || uncertainty < error[k]) {
            difference[k] = value;
            error[k] = uncertainty;
        }
        // An even part that does not shrink with the step may be a kink.
        double even = Math.abs((right - loss) + (left - loss)) / 2 / h;
        double farEven = Math.abs((farRight - loss) + (farLeft - loss)) / 4 / h;
        boolean smooth = !(even > allowed && farEven < 1.5 * even);
        boolean informative = uncertainty <= GradientCheck.INFORMATIVE * largestClaim || largestClaim == 0;
        if (Math.abs(claim - value) <= allowed && smooth && informative) {
            difference[k] = value;
            error[k] = uncertainty;
            decided[k] = true;
            return true;
        }
        return false;
    }

    private void decide(int k, int index, double claim) {
        Slope own = differences.slope(index, loss);
        remember(own);
        difference[k] = own.value();
        error[k] = own.error();
        wrong[k] = own.disproves(claim, tolerance(k));
        decided[k] = wrong[k] || own.confirms(claim, tolerance(k));
        unclear[k] = !decided[k];
        if (own.kink() && kink.isEmpty()) {
            String where = block.name() + place(k) + (meaning(k).isEmpty() ? "" : " (" + meaning(k) + ")");
            kink = "kink at " + where + ": derivative " + number(own.oneSided()[0]) + " from the left, "
                    + number(own.oneSided()[1]) + " from the right";
        }
    }

    private static String number(double value) {
        return String.format(java.util.Locale.ROOT, "%.6g", value);
    }

    /** Row and column of an entry; in a vector the row. */
    private String place(int k) {
        int column = entries[k] % block.matrix().numCols;
        return "[" + entries[k] / block.matrix().numCols + (block.shape().length == 1 ? "" : "," + column) + "]";
    }

    private String meaning(int k) {
        int columns = block.matrix().numCols;
        return objective.describe(block, entries[k] / columns, entries[k] % columns);
    }

    /** The verdict, and the worst entry. */
    BlockResult result(double largestOfAll) {
        boolean hasExact = !Double.isNaN(exact[0]);
        double[] reference = reference();
        double largest = largestClaim;
        for (int k = 0; k < entries.length; k++) {
            largest = hasExact || decided[k] ? Math.max(largest, Math.abs(reference[k])) : largest;
        }
        // A block without any slope is compared with the slopes nearby, or with the whole gradient.
        double scale = largest > 0 ? largest : Math.max(secant, largestOfAll);
        Verdict verdict = Verdict.PASS;
        int worst = 0;
        double worstError = -1;
        double highest = 0;
        for (int k = 0; k < entries.length; k++) {
            double off = Math.abs(claimed[entries[k]] - reference[k]);
            boolean isWrong = wrong[k];
            if (hasExact) {
                isWrong |= off > exactTolerance(k, largest);
                isWrong |= Math.abs(exact[k]) > GradientCheck.LARGE_ENTRY * largest
                        && off > GradientCheck.ENTRY_TOLERANCE * Math.abs(exact[k]) + claimError[entries[k]];
            }
            double uncertainty = claimError[entries[k]] + (hasExact ? 0 : error[k]);
            boolean told = (hasExact || !unclear[k])
                    && (uncertainty <= GradientCheck.INFORMATIVE * scale || constant && largestClaim == 0);
            verdict = verdict.and(isWrong ? Verdict.FAIL : told ? Verdict.PASS : Verdict.INCONCLUSIVE);
            highest = Math.max(highest, error[k]);
            boolean counts = hasExact || decided[k] || unclear[k] && Double.isFinite(off) && worstError < 0;
            double rank = isWrong ? off + scale : off;
            if (counts && Double.compare(rank, worstError) > 0) {
                worstError = rank;
                worst = k;
            }
        }
        double off = Math.abs(claimed[entries[worst]] - reference[worst]);
        return new BlockResult(
                block.name(),
                entries.length,
                largest,
                largest == 0 ? 0 : off / largest,
                (place(worst) + " " + meaning(worst)).strip(),
                claimed[entries[worst]],
                reference[worst],
                hasExact ? "exact" : "differences",
                highest,
                leadStep,
                verdict,
                hasExact ? exactTolerance(worst, largest) : tolerance(worst) + error[worst],
                kink);
    }

    private double[] reference() {
        return Double.isNaN(exact[0]) ? difference : exact;
    }

    /** The comparison, for a diagnosis: NaN where an entry was not checked, or its reference is not known. */
    Diagnosis.Compared compared() {
        double[] reference = new double[claimed.length];
        double[] uncertainty = new double[claimed.length];
        Arrays.fill(reference, Double.NaN);
        for (int k = 0; k < entries.length; k++) {
            boolean known = !Double.isNaN(exact[0]) || Double.isFinite(error[k]);
            reference[entries[k]] = known ? reference()[k] : Double.NaN;
            uncertainty[entries[k]] = Double.isNaN(exact[0]) ? error[k] : 0;
        }
        return new Diagnosis.Compared(block, claimed, reference, uncertainty);
    }

    static int indexOfLargest(double[] values) {
        int largest = 0;
        for (int j = 1; j < values.length; j++) {
            largest = Math.abs(values[j]) > Math.abs(values[largest]) ? j : largest;
        }
        return largest;
    }
}
