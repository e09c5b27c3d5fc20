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
import org.spikecast.run.Progress;
import org.spikecast.train.internal.Ridge;

/**
 * Probes of the units of a network: linear probes (Alain and Bengio, ICLR workshop 2017) that read hidden variables of
 * what is forecast from the states of the topmost layer, h and, of an LSTM, c. A probe is a ridge regression, fitted
 * on one part of the data and scored on another. Controls are probes of the network before training and of the inputs
 * of the step alone: what they read has not been learned.
 *
 * @param variables their names, V of them
 * @param r2 by the probe's input, the explained variance of each variable on the other part: {@value #TRAINED},
 *     {@value #UNTRAINED}, {@value #INPUTS}, {@value #BEST_UNIT}
 * @param memory the time constants of the topmost layer's units over all steps, in steps; empty if the cell has no gate that
 *     keeps its state
 * @param memoryBefore the same before training
 */
public record Probes(List<String> variables, Map<String, double[]> r2, double[] memory, double[] memoryBefore) {
    static final String TRAINED = "h and c, trained";
    static final String UNTRAINED = "h and c, untrained";
    static final String INPUTS = "inputs of the step";
    static final String BEST_UNIT = "best unit, trained";

    /** Steps that are run at once (stateful). */
    private static final int STEPS = 50;

    /** The most sequences that are run side by side, and the most rows of all their steps. */
    private static final int MOST_SEQUENCES = 32;

    private static final int MOST_ROWS = 1 << 17;

    /** The penalty, on features of variance 1. */
    private static final double PENALTY = 1e-4;

    /** The fraction of variance by which one probe must beat another to be reported as better. */
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
     * Runs a network over sequences from their beginning, and probes it. States are not kept: every pass over them, for means,
     * deviations, regression and score, runs the network anew, some sequences at a time.
     *
     * @param x per sequence: T x I, in the data's units; each is read several times
     * @param hidden per sequence: K x V, the variables after the input of every n-th step from the first on; n is T / K, rounded
     *     up; likewise
     * @param fit what probes are fitted on, in rows of {@code hidden}
     * @param score what they are scored on, no part of the fit
     * @param untrained the network before training
     * @param progress polled; an interruption ends the work
     */
    public static Probes of(
            Kernel kernel,
            Forecaster model,
            List<DMatrixRMaj> x,
            List<DMatrixRMaj> hidden,
            List<String> names,
            Part fit,
            Part score,
            NetworkParameters untrained,
            Progress progress) {
        int rowsEach = hidden.get(0).numRows;
        int steps = x.get(0).numRows;
        int every = (steps + rowsEach - 1) / rowsEach;
        int v = names.size();
        int states = model.network().config().cell().states().size()
                * model.network().config().hidden();
        int inputs = x.get(0).numCols;
        Targets targets = new Targets(new Moments(v, fit), new Moments(v, score));
        Probe trained = new Probe(kernel, 0, 0, states, targets);
        Probe before = new Probe(kernel, 1, 0, states, targets);
        Probe input = new Probe(kernel, 2, 0, inputs, targets);
        List<Probe> units = new ArrayList<>();
        for (int j = 0; j < states; j++) {
            units.add(new Probe(kernel, 0, j, 1, targets));
        }
        List<Probe> all = new ArrayList<>(List.of(trained, before, input));
        all.addAll(units);
        Memory memory = new Memory(model.network().config(), x.size(), steps);
        Memory memoryBefore = new Memory(model.network().config(), x.size(), steps);
        int together = Math.max(1, Math.min(MOST_SEQUENCES, MOST_ROWS / steps));
        for (Task task : Task.values()) {
            for (int first = 0; first < x.size(); first += together) {
                progress.stopIfInterrupted();
                int end = Math.min(x.size(), first + together);
                DMatrixRMaj target = rows(hidden.subList(first, end));
                DMatrixRMaj scaled = rows(x.subList(first, end));
                for (int j = 0; j < scaled.getNumElements(); j++) {
                    scaled.data[j] = model.inputs().apply(j % scaled.numCols, scaled.data[j]);
                }
                boolean once = task == Task.MEAN;
                DMatrixRMaj[] read = {
                    states(kernel, model.network(), scaled, steps, every, once ? memory : null),
                    states(kernel, untrained, scaled, steps, every, once ? memoryBefore : null),
                    everyRow(scaled, steps, every)
                };
                Rows rows = new Rows(read, target, first, rowsEach);
                targets.add(task, rows);
                all.forEach(probe -> probe.add(task, rows));
            }
            targets.end(task);
            all.forEach(probe -> probe.end(task));
        }
        double[] best = new double[v];
        Arrays.fill(best, Double.NEGATIVE_INFINITY);
        for (Probe unit : units) {
            double[] r2 = unit.r2();
            Arrays.setAll(best, k -> Math.max(best[k], r2[k]));
        }
        Map<String, double[]> r2 = new LinkedHashMap<>();
        r2.put(TRAINED, trained.r2());
        r2.put(UNTRAINED, before.r2());
        r2.put(INPUTS, input.r2());
        r2.put(BEST_UNIT, best);
        return new Probes(names, r2, memory.timeConstants(), memoryBefore.timeConstants());
    }

    /** The tasks of the passes over the data, in this order. */
    private enum Task {
        MEAN,
        DEVIATION,
        REGRESSION,
        SCORE
    }

    /**
     * Every n-th step of some sequences, one sequence below the other.
     *
     * @param read what probes read: trained states, untrained states, inputs
     * @param target the hidden variables
     * @param first the number of the first sequence
     */
    private record Rows(DMatrixRMaj[] read, DMatrixRMaj target, int first, int steps) {
        private int begin(Part part) {
            return Math.max(first, part.sequences()[0]);
        }

        private int end(Part part) {
            return Math.min(first + target.numRows / steps, part.sequences()[1]);
        }

        private int row(int sequence, int step) {
            return (sequence - first) * steps + step;
        }
    }

    /** Mean and standard deviation of columns over a part of the data; 1 for the deviation of one that is constant. */
    private static final class Moments {
        private final Part part;
        private final double[] mean;
        private final double[] deviation;

        Moments(int columns, Part part) {
            this.part = part;
            mean = new double[columns];
            deviation = new double[columns];
        }

        void add(Task task, Rows rows, DMatrixRMaj m, int firstColumn) {
            if (task != Task.MEAN && task != Task.DEVIATION) {
                return;
            }
            double n = part.cases();
            for (int s = rows.begin(part); s < rows.end(part); s++) {
                for (int t = part.steps()[0]; t < part.steps()[1]; t++) {
                    for (int j = 0; j < mean.length; j++) {
                        double value = m.data[rows.row(s, t) * m.numCols + firstColumn + j];
                        if (task == Task.MEAN) {
                            mean[j] += value / n;
                        } else {
                            deviation[j] += (value - mean[j]) * (value - mean[j]) / n;
                        }
                    }
                }
            }
        }

        void end(Task task) {
            for (int j = 0; j < mean.length && task == Task.DEVIATION; j++) {
                deviation[j] = deviation[j] > 1e-20 ? Math.sqrt(deviation[j]) : 1;
            }
        }
    }

    /**
     * The hidden variables.
     *
     * @param fit their moments where probes are fitted
     * @param score their moments where they are scored
     */
    private record Targets(Moments fit, Moments score) {
        void add(Task task, Rows rows) {
            fit.add(task, rows, rows.target(), 0);
            score.add(task, rows, rows.target(), 0);
        }

        void end(Task task) {
            fit.end(task);
            score.end(task);
        }
    }

    /** A regression on P columns of what is read, and its score. */
    private static final class Probe {
        private final int source;
        private final int column;
        private final int p;
        private final Targets targets;
        private final Moments features;
        private final Ridge ridge;
        private final double[] errors;
        private final DMatrixRMaj x;
        private final DMatrixRMaj y;
        private DMatrixRMaj w;

        Probe(Kernel kernel, int source, int column, int p, Targets targets) {
            this.source = source;
            this.column = column;
            this.p = p;
            this.targets = targets;
            int v = targets.fit().mean.length;
            Part fit = targets.fit().part;
            features = new Moments(p, fit);
            ridge = new Ridge(kernel, p + 1, v);
            errors = new double[v];
            x = new DMatrixRMaj(p + 1, fit.length());
            y = new DMatrixRMaj(v, fit.length());
        }

        void add(Task task, Rows rows) {
            DMatrixRMaj m = rows.read()[source];
            switch (task) {
                case MEAN, DEVIATION -> features.add(task, rows, m, column);
                case REGRESSION -> regress(rows, m);
                case SCORE -> score(rows, m);
            }
        }

        void end(Task task) {
            features.end(task);
            if (task == Task.REGRESSION) {
                w = ridge.weights(PENALTY);
            }
        }

        private double feature(DMatrixRMaj m, int row, int j) {
            return m.get(row, column + j) - features.mean[j];
        }

        private void regress(Rows rows, DMatrixRMaj m) {
            Part fit = features.part;
            for (int s = rows.begin(fit); s < rows.end(fit); s++) {
                for (int t = fit.steps()[0]; t < fit.steps()[1]; t++) {
                    int at = t - fit.steps()[0];
                    int row = rows.row(s, t);
                    for (int j = 0; j < p; j++) {
                        x.set(j, at, feature(m, row, j) / features.deviation[j]);
                    }
                    x.set(p, at, 1);
                    for (int k = 0; k < errors.length; k++) {
                        y.set(k, at, rows.target().get(row, k) - targets.fit().mean[k]);
                    }
                }
                ridge.add(x, y, x.numCols);
            }
        }

        private void score(Rows rows, DMatrixRMaj m) {
            Part score = targets.score().part;
            for (int s = rows.begin(score); s < rows.end(score); s++) {
                for (int t = score.steps()[0]; t < score.steps()[1]; t++) {
                    int row = rows.row(s, t);
                    for (int k = 0; k < errors.length; k++) {
                        double guess = targets.fit().mean[k] + w.get(p, k);
                        for (int j = 0; j < p; j++) {
                            guess += w.get(j, k) * feature(m, row, j) / features.deviation[j];
                        }
                        double e = rows.target().get(row, k) - guess;
                        errors[k] += e * e;
                    }
                }
            }
        }

        /** The explained variance of each variable on the other part. */
        double[] r2() {
            double[] r2 = new double[errors.length];
            for (int k = 0; k < r2.length; k++) {
                double spread = targets.score().deviation[k];
                double variance = spread * spread * targets.score().part.cases();
                r2[k] = 1 - errors[k] / variance;
            }
            return r2;
        }
    }

    /** Sequences one below the other. */
    private static DMatrixRMaj rows(List<DMatrixRMaj> parts) {
        DMatrixRMaj all = new DMatrixRMaj(parts.size() * parts.get(0).numRows, parts.get(0).numCols);
        int at = 0;
        for (DMatrixRMaj part : parts) {
            System.arraycopy(part.data, 0, all.data, at, part.getNumElements());
            at += part.getNumElements();
        }
        return all;
    }

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

    /**
     * The states of the topmost layer after every n-th step: (S K) x (states H).
     *
     * @param memory receives the gates of all steps; may be null
     */
    private static DMatrixRMaj states(
            Kernel kernel, NetworkParameters network, DMatrixRMaj x, int steps, int every, Memory memory) {
        NetworkConfig config = network.config();
        int batch = x.numRows / steps;
        int hidden = config.hidden();
        int parts = config.cell().states().size();
        int kept = (steps - 1) / every + 1;
        DMatrixRMaj states = new DMatrixRMaj(batch * kept, parts * hidden);
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
            if (memory != null) {
                memory.add(tape, length, batch);
            }
        }
        return states;
    }

    /** The time constants of the topmost layer's units, from the mean of the gate that keeps their state. */
    private static final class Memory {
        private final NetworkConfig config;
        private final int keeping;
        private final double cases;
        private final double[] sums;

        Memory(NetworkConfig config, int sequences, int steps) {
            this.config = config;
            keeping = config.cell().keepingGate();
            cases = (double) sequences * steps;
            sums = new double[keeping < 0 ? 0 : config.hidden()];
        }

        void add(NetworkTape tape, int steps, int batch) {
            if (keeping < 0) {
                return;
            }
            int hidden = config.hidden();
            double[] gates = tape.gates(config.layers() - 1).data;
            for (int j = 0; j < steps * hidden * batch; j++) {
                int t = j / batch / hidden;
                int unit = j / batch % hidden;
                sums[unit] += gates[(t * config.gateRows() + keeping * hidden + unit) * batch + j % batch];
            }
        }

        /** In steps; empty if the cell has no gate that keeps its state. */
        double[] timeConstants() {
            double[] memory = new double[sums.length];
            Arrays.setAll(memory, unit -> -1 / Elementary.log(sums[unit] / cases));
            return memory;
        }
    }

    /** The heads of the columns of {@link #rows}. */
    List<String> head() {
        List<String> head = new ArrayList<>(List.of("R\u00b2 of"));
        head.addAll(r2.keySet());
        return head;
    }

    /** One row per variable. */
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

    /** The result of the probes as a sentence. */
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
                : text + " Training has not improved, compared with an untrained network or the inputs: "
                        + String.join(", ", given) + ".";
    }

    private static String fixed(double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%.2f", value) : "n/a";
    }
}
