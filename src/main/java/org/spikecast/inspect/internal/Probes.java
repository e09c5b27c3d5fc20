package org.spikecast.inspect.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.internal.Elementary;
import org.spikecast.lstm.Network;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkState;
import org.spikecast.lstm.NetworkTape;
import org.spikecast.model.Forecaster;
import org.spikecast.train.internal.Ridge;

/**
 * What the units of a network know: linear probes (Alain and Bengio, ICLR workshop 2017) that read hidden variables of what is
 * forecast from the states of the topmost layer, h and, of an LSTM, c. A probe is a ridge regression, fitted on one part of
 * the data and scored on another. Beside it stand probes of the network before training and of the
 * inputs of the step alone: what they read has not been learned.
 *
 * @param variables their names, V of them
 * @param r2 by what is read, the explained variance of each variable on the other part: {@value #TRAINED}, {@value #UNTRAINED},
 *     {@value #INPUTS}, {@value #BEST_UNIT}
 * @param memory the time constants of the topmost layer's units over all steps, in steps; empty if the cell has no gate that
 *     keeps its state
 * @param memoryBefore the same before training
 */
public record Probes(List<String> variables, Map<String, double[]> r2, double[] memory, double[] memoryBefore) {
    static final String TRAINED = "h and c, trained";
    static final String UNTRAINED = "h and c, untrained";
    static final String INPUTS = "inputs of the step";
    static final String BEST_UNIT = "best unit, trained";

    /** Steps that are run at once, with the state carried on. */
    private static final int STEPS = 50;

    /** The penalty, on features of variance 1. */
    private static final double PENALTY = 1e-4;

    /** A share of variance by which one probe must beat another for a sentence to say so. */
    private static final double CLEAR = 0.05;

    /**
     * A part of the data.
     *
     * @param sequences the first one, and the one after the last
     * @param steps of each of them, the same
     */
    public record Part(int[] sequences, int[] steps) {
        private int length() {
            return steps[1] - steps[0];
        }

        private double cases() {
            return (double) (sequences[1] - sequences[0]) * length();
        }
    }

    /**
     * Runs a network over sequences from their beginning, and probes it.
     *
     * @param x per sequence: T x I, in the data's units
     * @param hidden per sequence: K x V, the variables after the input of every n-th step from the first on; n is T / K, rounded
     *     up
     * @param fit what probes are fitted on, in rows of {@code hidden}
     * @param score what they are scored on, of which the fit has seen nothing
     * @param untrained the network before training
     */
    public static Probes of(
            Kernel kernel,
            Forecaster model,
            DMatrixRMaj[] x,
            DMatrixRMaj[] hidden,
            List<String> names,
            Part fit,
            Part score,
            NetworkParameters untrained) {
        DMatrixRMaj target = rows(hidden);
        int rows = hidden[0].numRows;
        int steps = x[0].numRows;
        int every = (steps + rows - 1) / rows;
        DMatrixRMaj scaled = rows(x);
        for (int j = 0; j < scaled.getNumElements(); j++) {
            scaled.data[j] = model.inputs().apply(j % scaled.numCols, scaled.data[j]);
        }
        States states = states(kernel, model.network(), scaled, steps, every);
        States before = states(kernel, untrained, scaled, steps, every);
        Map<String, double[]> r2 = new LinkedHashMap<>();
        r2.put(TRAINED, r2(kernel, states.values, target, rows, fit, score));
        r2.put(UNTRAINED, r2(kernel, before.values, target, rows, fit, score));
        r2.put(INPUTS, r2(kernel, everyRow(scaled, steps, every), target, rows, fit, score));
        r2.put(BEST_UNIT, bestUnit(kernel, states.values, target, rows, fit, score));
        return new Probes(names, r2, states.memory, before.memory);
    }

    /**
     * The states of the topmost layer.
     *
     * @param values after every n-th step: (S K) x (states H)
     * @param memory the units' time constants over all steps
     */
    private record States(DMatrixRMaj values, double[] memory) {}

    /** Of sequences of the given number of steps, every n-th row from the first on. */
    private static DMatrixRMaj everyRow(DMatrixRMaj all, int steps, int every) {
        int kept = (steps - 1) / every + 1;
        DMatrixRMaj some = new DMatrixRMaj(all.numRows / steps * kept, all.numCols);
        for (int row = 0; row < some.numRows; row++) {
            int from = row / kept * steps + row % kept * every;
            System.arraycopy(all.data, from * all.numCols, some.data, row * all.numCols, all.numCols);
        }
        return some;
    }

    /** Sequences one below the other. */
    private static DMatrixRMaj rows(DMatrixRMaj[] parts) {
        DMatrixRMaj all = new DMatrixRMaj(parts.length * parts[0].numRows, parts[0].numCols);
        for (int s = 0; s < parts.length; s++) {
            System.arraycopy(parts[s].data, 0, all.data, s * parts[s].getNumElements(), parts[s].getNumElements());
        }
        return all;
    }

    private static States states(Kernel kernel, NetworkParameters network, DMatrixRMaj x, int steps, int every) {
        NetworkConfig config = network.config();
        int batch = x.numRows / steps;
        int hidden = config.hidden();
        int parts = config.cell().states().size();
        int kept = (steps - 1) / every + 1;
        DMatrixRMaj states = new DMatrixRMaj(batch * kept, parts * hidden);
        int keeping = config.cell().keepingGate();
        double[] memory = new double[keeping < 0 ? 0 : hidden];
        NetworkState carried = NetworkState.zeros(config, batch);
        for (int first = 0; first < steps; first += STEPS) {
            int length = Math.min(STEPS, steps - first);
            NetworkTape tape = new NetworkTape(config, length, batch, 1);
            DMatrixRMaj input = new DMatrixRMaj(length * config.inputs(), batch);
            for (int b = 0; b < batch; b++) {
                for (int j = 0; j < length * config.inputs(); j++) {
                    input.data[j * batch + b] = x.data[(b * steps + first) * config.inputs() + j];
                }
            }
            Network.forward(kernel, network, input, carried, tape);
            tape.copyFinalState(carried);
            for (int k = 0; k < parts; k++) {
                double[] top = tape.state(k, config.layers() - 1).data;
                for (int t = 0; t < length; t++) {
                    for (int j = 0; j < hidden && (first + t) % every == 0; j++) {
                        for (int b = 0; b < batch; b++) {
                            states.data[((b * kept + (first + t) / every) * parts + k) * hidden + j] =
                                    top[((t + 1) * hidden + j) * batch + b];
                        }
                    }
                }
            }
            if (keeping >= 0) {
                double[] gates = tape.gates(config.layers() - 1).data;
                for (int j = 0; j < length * hidden * batch; j++) {
                    int t = j / batch / hidden;
                    int unit = j / batch % hidden;
                    memory[unit] += gates[(t * config.gateRows() + keeping * hidden + unit) * batch + j % batch];
                }
            }
        }
        for (int unit = 0; unit < memory.length; unit++) {
            memory[unit] = -1 / Elementary.log(memory[unit] / ((double) batch * steps));
        }
        return new States(states, memory);
    }

    /** Of each variable, how much of its variance on the other part the regression on features explains. */
    private static double[] r2(
            Kernel kernel, DMatrixRMaj features, DMatrixRMaj target, int steps, Part fit, Part score) {
        int p = features.numCols;
        int v = target.numCols;
        double[] mean = new double[p];
        double[] scale = new double[p];
        moments(features, steps, fit, mean, scale);
        double[] targetMean = new double[v];
        moments(target, steps, fit, targetMean, new double[v]);
        Ridge ridge = new Ridge(kernel, p + 1, v);
        DMatrixRMaj x = new DMatrixRMaj(p + 1, fit.length());
        DMatrixRMaj y = new DMatrixRMaj(v, x.numCols);
        for (int s = fit.sequences()[0]; s < fit.sequences()[1]; s++) {
            for (int t = fit.steps()[0]; t < fit.steps()[1]; t++) {
                int column = t - fit.steps()[0];
                for (int j = 0; j < p; j++) {
                    x.set(j, column, (features.get(s * steps + t, j) - mean[j]) / scale[j]);
                }
                x.set(p, column, 1);
                for (int k = 0; k < v; k++) {
                    y.set(k, column, target.get(s * steps + t, k) - targetMean[k]);
                }
            }
            ridge.add(x, y, x.numCols);
        }
        DMatrixRMaj w = ridge.weights(PENALTY);
        double[] errors = new double[v];
        double[] later = new double[v];
        double[] spread = new double[v];
        moments(target, steps, score, later, spread);
        for (int s = score.sequences()[0]; s < score.sequences()[1]; s++) {
            for (int t = score.steps()[0]; t < score.steps()[1]; t++) {
                for (int k = 0; k < v; k++) {
                    double guess = targetMean[k] + w.get(p, k);
                    for (int j = 0; j < p; j++) {
                        guess += w.get(j, k) * (features.get(s * steps + t, j) - mean[j]) / scale[j];
                    }
                    double e = target.get(s * steps + t, k) - guess;
                    errors[k] += e * e;
                }
            }
        }
        double[] r2 = new double[v];
        for (int k = 0; k < v; k++) {
            double variance = spread[k] * spread[k] * score.cases();
            r2[k] = 1 - errors[k] / variance;
        }
        return r2;
    }

    /** Mean and standard deviation of each column over a part of the steps; 1 for the deviation of one that is constant. */
    private static void moments(DMatrixRMaj m, int steps, Part part, double[] mean, double[] deviation) {
        double n = part.cases();
        for (int pass = 0; pass < 2; pass++) {
            for (int s = part.sequences()[0]; s < part.sequences()[1]; s++) {
                for (int t = part.steps()[0]; t < part.steps()[1]; t++) {
                    for (int j = 0; j < mean.length; j++) {
                        double value = m.data[(s * steps + t) * m.numCols + j];
                        if (pass == 0) {
                            mean[j] += value / n;
                        } else {
                            deviation[j] += (value - mean[j]) * (value - mean[j]) / n;
                        }
                    }
                }
            }
        }
        for (int j = 0; j < mean.length; j++) {
            deviation[j] = deviation[j] > 1e-20 ? Math.sqrt(deviation[j]) : 1;
        }
    }

    /** The same from the one state of one unit that explains most. */
    private static double[] bestUnit(
            Kernel kernel, DMatrixRMaj states, DMatrixRMaj target, int steps, Part fit, Part score) {
        double[] best = new double[target.numCols];
        Arrays.fill(best, Double.NEGATIVE_INFINITY);
        DMatrixRMaj one = new DMatrixRMaj(states.numRows, 1);
        for (int j = 0; j < states.numCols; j++) {
            for (int row = 0; row < states.numRows; row++) {
                one.data[row] = states.get(row, j);
            }
            double[] r2 = r2(kernel, one, target, steps, fit, score);
            for (int k = 0; k < best.length; k++) {
                best[k] = Math.max(best[k], r2[k]);
            }
        }
        return best;
    }

    /** The heads of the columns of {@link #rows}. */
    List<String> head() {
        List<String> head = new ArrayList<>(List.of("R\u00b2 of"));
        head.addAll(r2.keySet());
        return head;
    }

    /** One row a variable. */
    List<List<String>> rows() {
        List<List<String>> rows = new ArrayList<>();
        for (int k = 0; k < variables.size(); k++) {
            List<String> row = new ArrayList<>(List.of(variables.get(k)));
            for (double[] values : r2.values()) {
                row.add(fixed(values[k]));
            }
            rows.add(row);
        }
        return rows;
    }

    /** What the probes support, in words. */
    String sentence() {
        List<String> learned = new ArrayList<>();
        List<String> given = new ArrayList<>();
        for (int k = 0; k < variables.size(); k++) {
            double control = Math.max(0, Math.max(r2.get(UNTRAINED)[k], r2.get(INPUTS)[k]));
            (r2.get(TRAINED)[k] > control + CLEAR ? learned : given).add(variables.get(k));
        }
        String text = learned.isEmpty()
                ? "Training has put none of these variables into the units beyond what an untrained network or the inputs hold."
                : "Training has put into the units: " + String.join(", ", learned) + ".";
        return learned.isEmpty() || given.isEmpty()
                ? text
                : text + " No more than an untrained network or the inputs do they hold of: " + String.join(", ", given)
                        + ".";
    }

    private static String fixed(double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%.2f", value) : "n/a";
    }
}
