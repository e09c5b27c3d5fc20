package org.spikecast.check;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.Kernel;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkState;
import org.spikecast.lstm.NetworkTape;

/**
 * Backpropagation through time in plain loops, element by element, with one fault planted. Without a fault it is a second
 * implementation, which must agree with the first.
 */
final class FaultyBackward implements NetworkObjective.Backward {
    private final Fault fault;

    FaultyBackward(Fault fault) {
        this.fault = fault;
    }

    private boolean is(Fault other) {
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
        int steps = tape.steps();
        int batch = tape.batch();
        int hidden = config.hidden();
        int outputs = config.outputs();
        int firstOutput = steps - tape.outputSteps();
        DMatrixRMaj dy = dOutput.copy();
        if (is(Fault.MEAN_OVER_BATCH_ONLY)) {
            for (int j = 0; j < dy.getNumElements(); j++) {
                dy.data[j] *= outputs;
            }
        }
        if (is(Fault.ONE_SEQUENCE_LOST)) {
            for (int row = 0; row < dy.numRows; row++) {
                dy.set(row, batch - 1, 0);
            }
        }

        // The head.
        int top = config.layers() - 1;
        double[] fc = block(p, "fc.weight");
        double[] dFc = block(gradient, "fc.weight");
        double[] dFcBias = block(gradient, "fc.bias");
        DMatrixRMaj above = new DMatrixRMaj(steps * hidden, batch);
        int states = config.headStates();
        for (int k = 0; k < tape.outputSteps(); k++) {
            for (int b = 0; b < batch; b++) {
                for (int o = 0; o < outputs; o++) {
                    // A wrong mean of the loss is the loss's fault: the head's own gradients stay as they are.
                    double d = dy.get(k * outputs + o, b);
                    dFcBias[o] += is(Fault.HEAD_BIAS_AVERAGED) ? d / batch : d;
                    for (int m = 0; m < states; m++) {
                        int t = firstOutput + k - (states - 1) + m;
                        int reading = is(Fault.HEAD_READS_STATES_BACKWARDS) ? firstOutput + k - m : t;
                        boolean passed = !is(Fault.HEAD_PASSES_TO_LAST_STATE_ONLY) || m == states - 1;
                        for (int j = 0; j < hidden; j++) {
                            DMatrixRMaj read = is(Fault.HEAD_READS_CELL) ? tape.state(1, top) : tape.hidden(top);
                            int weight = (o * states + m) * hidden + j;
                            dFc[weight] += d * read.get((reading + 1) * hidden + j, b);
                            double dh = above.get(t * hidden + j, b) + (passed ? fc[weight] * d : 0);
                            above.set(t * hidden + j, b, dh);
                        }
                    }
                }
            }
        }

        for (int l = top; l >= 0; l--) {
            int inputs = config.inputs(l);
            double[] weightIh = block(p, "lstm.weight_ih_l" + l);
            double[] weightHh = block(p, "lstm.weight_hh_l" + l);
            DMatrixRMaj dz = tape.dGates(l);
            dz.zero();
            DMatrixRMaj h = tape.hidden(l);
            DMatrixRMaj c = tape.state(1, l);
            DMatrixRMaj gates = tape.gates(l);
            double[][] dhNext = new double[hidden][batch];
            double[][] dcNext = new double[hidden][batch];
            for (int t = steps - 1; t >= 0; t--) {
                if (is(Fault.TRUNCATED_AFTER_THREE_STEPS) && t < steps - 3) {
                    break;
                }
                for (int j = 0; j < hidden; j++) {
                    for (int b = 0; b < batch; b++) {
                        int row = 4 * t * hidden + j;
                        double i = gates.get(row, b);
                        double f = gates.get(row + hidden, b);
                        double g = gates.get(row + 2 * hidden, b);
                        double o = gates.get(row + 3 * hidden, b);
                        double now = c.get((t + 1) * hidden + j, b);
                        double last = c.get(t * hidden + j, b);
                        double tanh = StrictMath.tanh(now);
                        double dh = above.get(t * hidden + j, b) + dhNext[j][b];
                        double slope = is(Fault.TANH_DERIVATIVE_OF_CELL_MISSING) ? 1 : 1 - tanh * tanh;
                        double dc = dh * o * slope + dcNext[j][b];
                        double di = dc * (is(Fault.G_AND_I_EXCHANGED_IN_PRODUCT) ? i : g) * i * (1 - i);
                        double df = dc * (is(Fault.CELL_OF_WRONG_STEP_IN_F) ? now : last) * f;
                        df *= is(Fault.SIGMA_DERIVATIVE_OF_F_HALF_DONE) ? 1 : 1 - f;
                        double dg = dc * i * (is(Fault.TANH_DERIVATIVE_OF_G_MISSING) ? 1 : 1 - g * g);
                        double dO = dh * (is(Fault.TANH_OF_CELL_MISSING_IN_O) ? now : tanh);
                        dO *= is(Fault.SIGMA_DERIVATIVE_OF_O_MISSING) ? 1 : o * (1 - o);
                        dO *= is(Fault.SIGN_OF_O) ? -1 : 1;
                        dz.set(row, b, is(Fault.GATES_I_AND_F_SWAPPED) ? df : di);
                        dz.set(row + hidden, b, is(Fault.GATES_I_AND_F_SWAPPED) ? di : df);
                        dz.set(row + 2 * hidden, b, is(Fault.GATES_G_AND_O_SWAPPED) ? dO : dg);
                        dz.set(row + 3 * hidden, b, is(Fault.GATES_G_AND_O_SWAPPED) ? dg : dO);
                        dcNext[j][b] = carried(dc, i, f, t == 0 ? f : gates.get(row + hidden - 4 * hidden, b));
                    }
                }
                for (double[] row : dhNext) {
                    Arrays.fill(row, 0);
                }
                int carriedGates = is(Fault.HIDDEN_CARRY_WITHOUT_OUTPUT_GATE) ? 3 : 4;
                for (int r = 0; r < carriedGates * hidden; r++) {
                    for (int j = 0; j < hidden; j++) {
                        double w = weightHh[r * hidden + j];
                        if (is(Fault.HIDDEN_CARRY_THROUGH_TRANSPOSED_WEIGHTS)) {
                            w = weightHh[(r / hidden * hidden + j) * hidden + r % hidden];
                        }
                        w *= is(Fault.HIDDEN_CARRY_DROPPED) ? 0 : is(Fault.HIDDEN_CARRY_DOUBLED) ? 2 : 1;
                        for (int b = 0; b < batch; b++) {
                            dhNext[j][b] += w * dz.get(4 * t * hidden + r, b);
                        }
                    }
                }
            }
            for (int j = 0; j < hidden; j++) {
                for (int b = 0; b < batch; b++) {
                    double f = gates.get(hidden + j, b);
                    double dh0 = is(Fault.INITIAL_HIDDEN_GRADIENT_FORGOTTEN) ? 0 : dhNext[j][b];
                    double dc0 = dcNext[j][b] / (is(Fault.INITIAL_CELL_GRADIENT_WITHOUT_FORGET_GATE) ? f : 1);
                    dInitial.hidden().set(l * hidden + j, b, dh0);
                    dInitial.part(1).set(l * hidden + j, b, dc0);
                }
            }
            accumulate(l, config, x, tape, dz, gradient);

            // Down to the layer below, or the input.
            DMatrixRMaj below = new DMatrixRMaj(steps * inputs, batch);
            int passedGates = is(Fault.OUTPUT_GATE_LOST_ON_THE_WAY_DOWN) && l > 0 ? 3 : 4;
            for (int t = 0; t < steps; t++) {
                if (is(Fault.ONLY_LAST_STEP_PASSED_DOWN) && l > 0 && t < steps - 1) {
                    continue;
                }
                for (int r = 0; r < passedGates * hidden; r++) {
                    for (int k = 0; k < inputs; k++) {
                        for (int b = 0; b < batch; b++) {
                            int at = t * inputs + k;
                            below.set(
                                    at, b, below.get(at, b) + weightIh[r * inputs + k] * dz.get(4 * t * hidden + r, b));
                        }
                    }
                }
            }
            above = below;
        }
        int late = is(Fault.INPUT_GRADIENT_ONE_STEP_LATE) ? config.inputs() : 0;
        for (int row = late; row < dx.numRows; row++) {
            for (int b = 0; b < batch; b++) {
                dx.set(row, b, above.get(row - late, b));
            }
        }
        double[] chosen = block(gradient, "lstm.weight_hh_l1");
        chosen[7] *= is(Fault.ONE_WEIGHT_OFF_BY_ONE_PERCENT) ? 1.01 : 1;
        chosen[7] *= is(Fault.ONE_WEIGHT_OFF_BY_ONE_MILLIONTH) ? 1 + 1e-6 : 1;
    }

    private double carried(double dc, double i, double f, double earlierF) {
        return switch (fault) {
            case CELL_CARRY_DROPPED -> 0;
            case CELL_CARRY_WITHOUT_FORGET_GATE -> dc;
            case CELL_CARRY_THROUGH_INPUT_GATE -> dc * i;
            case CELL_CARRY_THROUGH_EARLIER_FORGET_GATE -> dc * earlierF;
            case CELL_CARRY_HALVED -> dc * f / 2;
            default -> dc * f;
        };
    }

    /** Gradients of weights and biases of one layer from its dz. */
    private void accumulate(
            int l, NetworkConfig config, DMatrixRMaj x, NetworkTape tape, DMatrixRMaj dz, NetworkParameters gradient) {
        int hidden = config.hidden();
        int inputs = config.inputs(l);
        double[] dWeightIh = block(gradient, "lstm.weight_ih_l" + l);
        double[] dWeightHh = block(gradient, "lstm.weight_hh_l" + l);
        double[] dBiasIh = block(gradient, "lstm.bias_ih_l" + l);
        double[] dBiasHh = block(gradient, "lstm.bias_hh_l" + l);
        double weight = is(Fault.AVERAGED_OVER_TIME) ? 1.0 / tape.steps() : 1;
        for (int t = 0; t < tape.steps(); t++) {
            for (int r = 0; r < 4 * hidden; r++) {
                for (int b = 0; b < tape.batch(); b++) {
                    double d = weight * dz.get(4 * t * hidden + r, b);
                    for (int k = 0; k < inputs; k++) {
                        int read = is(Fault.INPUT_OF_WRONG_STEP_IN_WEIGHTS) ? Math.max(t - 1, 0) : t;
                        double input = l == 0
                                ? x.get(read * inputs + k, b)
                                : tape.hidden(l - 1).get((read + 1) * inputs + k, b);
                        dWeightIh[r * inputs + k] += d * input;
                    }
                    for (int k = 0; k < hidden; k++) {
                        int read = is(Fault.HIDDEN_OF_WRONG_STEP_IN_WEIGHTS) ? t + 1 : t;
                        boolean left = is(Fault.INITIAL_STATE_LEFT_OUT_OF_WEIGHTS) && t == 0;
                        dWeightHh[r * hidden + k] +=
                                left ? 0 : d * tape.hidden(l).get(read * hidden + k, b);
                    }
                    boolean counted = !is(Fault.BIAS_MISSING_AT_STEP_0) || t > 0;
                    dBiasIh[r] += counted ? d : 0;
                    dBiasHh[r] += counted && !is(Fault.SECOND_BIAS_FORGOTTEN) ? d : 0;
                }
            }
        }
    }
}
