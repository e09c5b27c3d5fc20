package org.spikecast.vectors.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.spikecast.io.internal.Json;

/**
 * The stored trajectories of optimisers must show every fault that people make in Adam, AdamW and clipping: a second,
 * plain implementation meets them all, and with any one fault planted it does not.
 */
class OptimiserFaultsTest {
    private enum Fault {
        NONE,
        NO_BIAS_CORRECTION,
        BIAS_CORRECTION_OF_M_ONLY,
        COUNTER_ONE_AHEAD,
        BETAS_SWAPPED,
        MOMENTS_FORGOTTEN,
        V_NOT_SQUARED,
        LARGEST_V_KEPT, // AMSGrad
        EPSILON_INSIDE_THE_ROOT,
        EPSILON_BEFORE_BIAS_CORRECTION,
        NO_DECAY,
        PENALTY_FOR_DECOUPLED_DECAY,
        DECOUPLED_DECAY_FOR_PENALTY,
        DECAY_AFTER_THE_STEP,
        DECAY_WITHOUT_LEARNING_RATE,
        NO_CLIPPING,
        CLIPPING_BY_BLOCK,
        CLIPPING_BY_LARGEST_ENTRY,
        CLIPPING_WITHOUT_1E_6,
        CLIPPING_LENGTHENS,
        CLIPPING_AFTER_PENALTY
    }

    /** Relative to the largest entry of a block: rounding of ten steps in another order. Measured: 2.4e-16. */
    private static final double SAME = 1e-12;

    /**
     * The least change by a fault, on the same scale; the README promises as much. Measured: 2.3e-5 (clipping without
     * 1e-6).
     */
    private static final double OTHER = 1e-5;

    @Test
    void withoutFaultEveryStoredTrajectoryIsMet() throws IOException {
        for (VectorCase c : cases()) {
            assertEquals(0, error(c, Fault.NONE), SAME, c.text("id"));
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void someStoredTrajectoryShowsTheFault(Fault fault) throws IOException {
        double largest = 0;
        for (VectorCase c : cases()) {
            largest = Math.max(largest, error(c, fault));
        }
        assertTrue(largest > OTHER, fault + " changes nothing by more than " + largest);
    }

    private static List<VectorCase> cases() throws IOException {
        List<VectorCase> cases = new ArrayList<>();
        for (String file : List.of("adam.json", "adamw.json", "clipping.json")) {
            cases.addAll(VectorCase.of(Json.read(Path.of("test-vectors", "optimiser", file)))
                    .list("cases"));
        }
        return cases;
    }

    /** The largest error over ten steps, relative to the largest entry of the block. */
    private static double error(VectorCase c, Fault fault) {
        double[][] theta = blocks(c.object("parameters0"));
        double[][] m = zeros(theta);
        double[][] v = zeros(theta);
        double[][] largestV = zeros(theta);
        double worst = 0;
        for (int t = 1; t <= c.list("gradients").size(); t++) {
            if (fault == Fault.MOMENTS_FORGOTTEN) {
                m = zeros(theta);
                v = zeros(theta);
            }
            step(c, fault, t, theta, blocks(c.list("gradients").get(t - 1)), m, v, largestV);
            double[][] expected = blocks(c.list("trajectory").get(t - 1));
            for (int b = 0; b < theta.length; b++) {
                worst = Math.max(worst, difference(theta[b], expected[b]) / largest(expected[b]));
            }
        }
        return worst;
    }

    private static void step(
            VectorCase c,
            Fault fault,
            int t,
            double[][] theta,
            double[][] g,
            double[][] m,
            double[][] v,
            double[][] largestV) {
        double rate = c.number("lr");
        double decay = fault == Fault.NO_DECAY ? 0 : c.number("weight_decay");
        boolean decoupled = c.text("algorithm").equals("adamw") && fault != Fault.PENALTY_FOR_DECOUPLED_DECAY
                || fault == Fault.DECOUPLED_DECAY_FOR_PENALTY;
        double shrink = decoupled ? 1 - (fault == Fault.DECAY_WITHOUT_LEARNING_RATE ? 1 : rate) * decay : 1;
        double beta1 = c.number(fault == Fault.BETAS_SWAPPED ? "beta2" : "beta1");
        double beta2 = c.number(fault == Fault.BETAS_SWAPPED ? "beta1" : "beta2");
        int count = fault == Fault.COUNTER_ONE_AHEAD ? t + 1 : t;
        double correction1 = fault == Fault.NO_BIAS_CORRECTION ? 1 : 1 - StrictMath.pow(beta1, count);
        double correction2 = fault == Fault.NO_BIAS_CORRECTION || fault == Fault.BIAS_CORRECTION_OF_M_ONLY
                ? 1
                : 1 - StrictMath.pow(beta2, count);
        if (fault != Fault.CLIPPING_AFTER_PENALTY) {
            clip(c, fault, g);
        }
        for (int b = 0; b < g.length && !decoupled; b++) {
            for (int j = 0; j < g[b].length; j++) {
                g[b][j] += decay * theta[b][j];
            }
        }
        if (fault == Fault.CLIPPING_AFTER_PENALTY) {
            clip(c, fault, g);
        }
        for (int b = 0; b < g.length; b++) {
            for (int j = 0; j < g[b].length; j++) {
                double square = fault == Fault.V_NOT_SQUARED ? Math.abs(g[b][j]) : g[b][j] * g[b][j];
                m[b][j] = beta1 * m[b][j] + (1 - beta1) * g[b][j];
                v[b][j] = beta2 * v[b][j] + (1 - beta2) * square;
                largestV[b][j] = Math.max(largestV[b][j], v[b][j]);
                double second = (fault == Fault.LARGEST_V_KEPT ? largestV : v)[b][j] / correction2;
                double epsilon = c.number("eps");
                double root = switch (fault) {
                    case EPSILON_INSIDE_THE_ROOT -> Math.sqrt(second + epsilon);
                    case EPSILON_BEFORE_BIAS_CORRECTION -> Math.sqrt(second) + epsilon / Math.sqrt(correction2);
                    default -> Math.sqrt(second) + epsilon;
                };
                double change = rate * m[b][j] / correction1 / root;
                theta[b][j] = fault == Fault.DECAY_AFTER_THE_STEP
                        ? (theta[b][j] - change) * shrink
                        : theta[b][j] * shrink - change;
            }
        }
    }

    private static void clip(VectorCase c, Fault fault, double[][] g) {
        if (!c.has("clip") || fault == Fault.NO_CLIPPING) {
            return;
        }
        VectorCase clip = c.object("clip");
        double squares = 0;
        double largest = 0;
        for (double[] block : g) {
            squares += squares(block);
            largest = Math.max(largest, largest(block));
        }
        for (double[] block : g) {
            double norm = switch (fault) {
                case CLIPPING_BY_BLOCK -> Math.sqrt(squares(block));
                case CLIPPING_BY_LARGEST_ENTRY -> largest;
                default -> Math.sqrt(squares);
            };
            for (int j = 0; j < block.length; j++) {
                if (clip.has("value")) {
                    double most = clip.number("value");
                    block[j] = Math.max(-most, Math.min(most, block[j]));
                } else {
                    double factor = clip.number("norm") / (norm + (fault == Fault.CLIPPING_WITHOUT_1E_6 ? 0 : 1e-6));
                    block[j] *= fault == Fault.CLIPPING_LENGTHENS ? factor : Math.min(1, factor);
                }
            }
        }
    }

    private static double[][] blocks(VectorCase arrays) {
        return arrays.arrays().values().stream().map(a -> a.doubles().clone()).toArray(double[][]::new);
    }

    private static double[][] zeros(double[][] like) {
        double[][] zeros = new double[like.length][];
        for (int b = 0; b < like.length; b++) {
            zeros[b] = new double[like[b].length];
        }
        return zeros;
    }

    private static double squares(double[] block) {
        double sum = 0;
        for (double x : block) {
            sum += x * x;
        }
        return sum;
    }

    private static double largest(double[] block) {
        return difference(block, new double[block.length]);
    }

    private static double difference(double[] a, double[] b) {
        double largest = 0;
        for (int j = 0; j < a.length; j++) {
            largest = Math.max(largest, Math.abs(a[j] - b[j]));
        }
        return largest;
    }
}
