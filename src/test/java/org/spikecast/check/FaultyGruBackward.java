package org.spikecast.check;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.Kernel;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkState;
import org.spikecast.lstm.NetworkTape;

/** {@link FaultyBackward} of a GRU whose every step has an output: plain loops, with one fault planted. */
final class FaultyGruBackward implements NetworkObjective.Backward {
    private final GruFault fault;

    FaultyGruBackward(GruFault fault) {
        this.fault = fault;
    }

    private boolean is(GruFault other) {
        return fault == other;
    }

    private static double[] block(NetworkParameters p, String name) {
        return p.set().blocks().stream()
                .filter(b -> b.name().equals(name))
                .findFirst()
                .orElseThrow()
                .data();
    }

    @Override
    public void backward(
            Kernel kernel,
            NetworkParameters p,
            DMatrixRMaj x,
            NetworkTape tape,
            DMatrixRMaj dOutput,
            NetworkParameters gradient,
            DMatrixRMaj dx,
            NetworkState dInitial) {
        NetworkConfig config = p.config();
        int hidden = config.hidden();
        int outputs = config.outputs();
        int top = config.layers() - 1;
        dx.zero();
        for (int b = 0; b < tape.batch(); b++) {
            double[][] above = new double[tape.steps()][hidden];
            for (int t = 0; t < tape.steps(); t++) {
                for (int o = 0; o < outputs; o++) {
                    double d = dOutput.get(t * outputs + o, b);
                    block(gradient, "fc.bias")[o] += d;
                    for (int j = 0; j < hidden; j++) {
                        block(gradient, "fc.weight")[o * hidden + j] +=
                                d * tape.hidden(top).get((t + 1) * hidden + j, b);
                        above[t][j] += block(p, "fc.weight")[o * hidden + j] * d;
                    }
                }
            }
            for (int l = top; l >= 0; l--) {
                above = layer(l, b, above, p, x, tape, gradient, dInitial);
            }
            for (int row = 0; row < dx.numRows; row++) {
                dx.set(row, b, above[row / config.inputs()][row % config.inputs()]);
            }
        }
        block(gradient, "gru.weight_hh_l1")[7] *= is(GruFault.ONE_WEIGHT_OFF_BY_ONE_MILLIONTH) ? 1 + 1e-6 : 1;
    }

    /**
     * One layer of one sequence; from the gradient with respect to its h, step by step, to that with respect to its
     * input.
     */
    private double[][] layer(
            int l,
            int b,
            double[][] above,
            NetworkParameters p,
            DMatrixRMaj x,
            NetworkTape tape,
            NetworkParameters gradient,
            NetworkState dInitial) {
        int steps = tape.steps();
        int n = p.config().hidden();
        int inputs = p.config().inputs(l);
        double[] weightIh = block(p, "gru.weight_ih_l" + l);
        double[] weightHh = block(p, "gru.weight_hh_l" + l);
        double[] biasHh = block(p, "gru.bias_hh_l" + l);
        double scale = is(GruFault.AVERAGED_OVER_TIME) ? 1.0 / steps : 1;
        DMatrixRMaj gates = tape.gates(l);
        double[][] below = new double[steps][inputs];
        double[] carried = new double[n];
        for (int t = steps - 1; t >= 0; t--) {
            if (is(GruFault.TRUNCATED_AFTER_THREE_STEPS) && t < steps - 3) {
                for (int row = 0; row < 3 * n; row++) {
                    tape.dGates(l).set(3 * t * n + row, b, 0);
                }
                continue;
            }
            double[] da = new double[3 * n];
            double[] dq = new double[3 * n];
            double[] before = new double[n];
            for (int j = 0; j < n; j++) {
                double r = gates.get(3 * t * n + j, b);
                double z = gates.get((3 * t + 1) * n + j, b);
                double g = gates.get((3 * t + 2) * n + j, b);
                double earlierZ = t == 0 ? z : gates.get((3 * t - 2) * n + j, b);
                double last = tape.hidden(l).get(t * n + j, b);
                double now = tape.hidden(l).get((t + 1) * n + j, b);
                double product = biasHh[2 * n + j];
                for (int k = 0; k < n; k++) {
                    product += weightHh[(2 * n + j) * n + k] * tape.hidden(l).get(t * n + k, b);
                }
                double dh = above[t][j] + carried[j];
                double dn = dh * (is(GruFault.KEEPS_BY_ONE_MINUS_Z) ? z : 1 - z);
                dn *= is(GruFault.TANH_DERIVATIVE_OF_N_MISSING) ? 1 : 1 - g * g;
                double dz = dh * ((is(GruFault.STATE_OF_WRONG_STEP_IN_Z) ? now : last) - g) * z;
                dz *= is(GruFault.SIGMA_DERIVATIVE_OF_Z_HALF_DONE) ? 1 : 1 - z;
                dz *= is(GruFault.SIGN_OF_Z) ? -1 : 1;
                double dr = dn * (is(GruFault.R_READS_STATE_FOR_ITS_PRODUCT) ? last : product);
                dr *= is(GruFault.SIGMA_DERIVATIVE_OF_R_MISSING) ? 1 : r * (1 - r);
                boolean swapped = is(GruFault.R_AND_Z_SWAPPED);
                da[j] = dq[j] = swapped ? dz : dr;
                da[n + j] = dq[n + j] = swapped ? dr : dz;
                da[2 * n + j] = dn;
                dq[2 * n + j] = dn * r;
                before[j] = switch (fault) {
                    case CARRY_THROUGH_Z_DROPPED -> 0;
                    case CARRY_THROUGH_ONE_MINUS_Z -> dh * (1 - z);
                    case CARRY_THROUGH_EARLIER_Z -> dh * earlierZ;
                    case INITIAL_STATE_GRADIENT_WITHOUT_Z -> t == 0 ? 0 : dh * z;
                    default -> dh * z;
                };
            }
            for (int row = 0; row < 3 * n; row++) {
                tape.dGates(l).set(3 * t * n + row, b, da[row]);
                boolean ofN = row >= 2 * n;
                double carry = is(GruFault.HIDDEN_CARRY_DROPPED) ? 0 : dq[row];
                carry = ofN && is(GruFault.HIDDEN_CARRY_OF_N_WITHOUT_R) ? da[row] : carry;
                for (int k = 0; k < n; k++) {
                    boolean transposed = is(GruFault.HIDDEN_CARRY_THROUGH_TRANSPOSED_WEIGHTS);
                    int weight = transposed ? (row / n * n + k) * n + row % n : row * n + k;
                    before[k] += weightHh[weight] * carry;
                    int read = is(GruFault.HIDDEN_OF_WRONG_STEP_IN_WEIGHTS) ? t + 1 : t;
                    double d = ofN && is(GruFault.WEIGHTS_HH_OF_N_WITHOUT_R) ? da[row] : dq[row];
                    block(gradient, "gru.weight_hh_l" + l)[row * n + k] +=
                            scale * d * tape.hidden(l).get(read * n + k, b);
                }
                for (int k = 0; k < inputs; k++) {
                    double input = l == 0
                            ? x.get(t * inputs + k, b)
                            : tape.hidden(l - 1).get((t + 1) * inputs + k, b);
                    block(gradient, "gru.weight_ih_l" + l)[row * inputs + k] += scale * da[row] * input;
                    below[t][k] += weightIh[row * inputs + k] * da[row];
                }
                block(gradient, "gru.bias_ih_l" + l)[row] += scale * da[row];
                block(gradient, "gru.bias_hh_l" + l)[row] +=
                        scale * (ofN && is(GruFault.BIAS_HH_OF_N_WITHOUT_R) ? da[row] : dq[row]);
            }
            carried = before;
        }
        for (int j = 0; j < n; j++) {
            dInitial.hidden().set(l * n + j, b, carried[j]);
        }
        return below;
    }
}
