package org.spikecast.inspect.internal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.spikecast.inspect.Recording;
import org.spikecast.io.internal.Decimal;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.lstm.Cell;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.model.Forecaster;
import org.spikecast.report.internal.Chart;
import org.spikecast.report.internal.Page;
import org.spikecast.run.Progress;
import org.spikecast.run.RunFolder;
import org.spikecast.train.Trainer;
import org.spikecast.train.TrainingData;
import org.spikecast.train.TrainingOptions;

/**
 * The section "Inside the LSTM" of a run's report: gates and states of its most active units, the reach of gradients
 * in it and in networks of other cells, the time constants of its units, and a link to the inspect page.
 *
 * @param shown the run over a stretch of test data
 * @param reach norms of gradients against steps back, by network: see {@link #reach}
 * @param otherEpochs that the networks of other cells were trained for
 * @param stepMs the time of a step
 * @param axis the label of an axis of steps: {@value #TIME}, or another one for an axis that counts steps
 * @param stretch a sentence that describes the stretch
 * @param probes probes of hidden variables; null if these are not known
 * @param probed a sentence that describes the probed network
 * @param constants time constants of what is forecast, ms, by name
 * @param before {@link #memoryBefore}
 */
public record InsideSection(
        Recording shown,
        Map<String, double[]> reach,
        int otherEpochs,
        double stepMs,
        String axis,
        String stretch,
        Probes probes,
        String probed,
        Map<String, Double> constants,
        double[] before) {
    /** Steps that follow each other in time. */
    public static final String TIME = "time (ms)";

    /** The page beside the report. */
    public static final String PAGE = "inspect.html";

    /** Windows over which norms of gradients are averaged. */
    public static final int WINDOWS = 512;

    /** Windows that are recorded at once. */
    private static final int RECORDED = 64;

    /** Steps of a stretch that is shown. */
    public static final int STEPS = 200;

    /** Units whose states are drawn: the most active ones. */
    private static final int UNITS = 3;

    /** Epochs of a network of another cell: a fifth of the usual ones, and no more than these. */
    private static final int OTHER_EPOCHS = 4;

    /** The prefix of the name of this section's network, which is the first of those that are compared. */
    private static final String OWN = "this ";

    /** Smaller norms, relative to that of the last step, are drawn at this value. */
    private static final double FLOOR = 1e-12;

    /**
     * Sequences in the units of the data.
     *
     * @param x B x T x I
     * @param target B x K x O
     * @param everyStep whether each step has an output, or the last one only
     */
    public record Sequences(double[] x, double[] target, int batch, int steps, boolean everyStep) {
        /** The same with an output after the last step only. */
        public Sequences lastStepOnly() {
            if (!everyStep) {
                return this;
            }
            int outputs = target.length / (batch * steps);
            double[] last = new double[batch * outputs];
            for (int b = 0; b < batch; b++) {
                System.arraycopy(target, ((b + 1) * steps - 1) * outputs, last, b * outputs, outputs);
            }
            return new Sequences(x, last, batch, steps, false);
        }

        /** Some of them. */
        private Sequences part(int first, int count) {
            int inputs = x.length / batch;
            int outputs = target.length / batch;
            return new Sequences(
                    Arrays.copyOfRange(x, first * inputs, (first + count) * inputs),
                    Arrays.copyOfRange(target, first * outputs, (first + count) * outputs),
                    count,
                    steps,
                    everyStep);
        }

        /** Runs a model over them. */
        public Recording record(Kernel kernel, Forecaster model) {
            return Recording.of(kernel, model, x, batch, steps, everyStep, null, target);
        }
    }

    /** The initial network of the training, without the initial bias of its output. */
    public static NetworkParameters untrained(NetworkConfig config, TrainingOptions options) {
        NetworkParameters network =
                NetworkParameters.random(config, options.forgetBias(), RandomStream.of(options.seed(), "weights"));
        if (options.chronoTMax() > 0) {
            network.spreadMemory(options.chronoTMax());
        }
        return network;
    }

    /** The memory of that network's units over the sequences that are shown, in steps: layers x units. */
    public static double[] memoryBefore(Kernel kernel, Forecaster model, TrainingOptions options, Sequences shown) {
        NetworkParameters before = untrained(model.network().config(), options);
        Forecaster forecaster = new Forecaster(before, model.inputs(), model.outputs(), model.loss(), null);
        return shown.record(kernel, forecaster).arrays().get("memory").doubles();
    }

    /** The epochs of networks of other cells. */
    public static int otherEpochs(TrainingOptions options) {
        return Math.max(1, Math.min(OTHER_EPOCHS, options.epochs() / 5));
    }

    /**
     * The reach of the gradients of the loss of a window's last step, in a network and in those of other cells with
     * its size, trained on the same data for {@link #otherEpochs}.
     *
     * @param model whose scalings are those of the data
     * @param windows with an output after the last step
     * @return by the network's name: of each number of steps back, the root of the mean over windows of |dL/dh|^2 in the
     *     topmost layer, as a fraction of that of the last step
     */
    public static Map<String, double[]> reach(
            Kernel kernel,
            Forecaster model,
            Sequences windows,
            TrainingData data,
            TrainingOptions options,
            Progress progress)
            throws IOException {
        Map<String, double[]> reach = new LinkedHashMap<>();
        Cell own = model.network().config().cell();
        reach.put(OWN + own.label(), norms(kernel, model, windows));
        for (Cell cell : List.of(Cell.LSTM, Cell.GRU, Cell.RNN)) {
            if (cell != own) {
                int epochs = otherEpochs(options);
                TrainingOptions few = options.with(cell).lasting(epochs, options.chronoTMax(), options.seed());
                String what = "training a " + cell.label() + " to compare";
                NetworkParameters network = Trainer.train(kernel, data, few, progress.training(what, few), null)
                        .network();
                progress.done(what);
                Forecaster other = new Forecaster(network, model.inputs(), model.outputs(), model.loss(), null);
                reach.put(cell.label(), norms(kernel, other, windows));
            }
        }
        return reach;
    }

    /** The norms by steps back, relative to that of the last step. */
    static double[] norms(Kernel kernel, Forecaster model, Sequences windows) {
        NetworkConfig config = model.network().config();
        int steps = windows.steps();
        double[] squares = new double[steps];
        for (int first = 0; first < windows.batch(); first += RECORDED) {
            int count = Math.min(RECORDED, windows.batch() - first);
            double[] dh = windows.part(first, count)
                    .record(kernel, model)
                    .arrays()
                    .get("d_h")
                    .doubles();
            int sequences = count * steps * config.hidden();
            int top = (config.layers() - 1) * sequences;
            for (int j = 0; j < sequences; j++) {
                double d = dh[top + j] * count; // of the loss of a sequence, not of their mean
                squares[steps - 1 - j / config.hidden() % steps] += d * d;
            }
        }
        double last = squares[0];
        for (int back = 0; back < steps; back++) {
            squares[back] = last > 0 ? Math.sqrt(squares[back] / last) : 0;
        }
        return squares;
    }

    /** Adds the section to a report, and its page to the folder. */
    public void write(Page page, RunFolder folder) throws IOException {
        Cell cell = shown.model().network().config().cell();
        String title = "Inside " + (cell == Cell.LSTM ? "the LSTM" : "the " + cell.label());
        shown.writePage(folder.file(PAGE), title, stretch);
        page.heading(title);
        page.paragraph(stretch);
        page.link("All its gates, states and gradients, with the equations and their numbers: ", PAGE, PAGE);
        Integer[] units = mostActive();
        int unit = units[0];
        double[] time = times(shown.steps());
        Chart gates = Chart.of("Gates of unit " + unit, axis, "gate, 0 closed to 1 open");
        for (String gate : cell.gates()) {
            boolean candidate = gate.equals(cell.gates().get(2));
            if (!candidate || cell == Cell.GRU && !gate.equals("n")) {
                gates.line(gate, time, course(gate, unit));
            }
        }
        figure(
                page,
                folder,
                "inside-gates",
                gates,
                "Gates of the unit of the topmost layer with the largest mean |h|."
                        + (cell == Cell.LSTM
                                ? " f keeps the cell state, i lets new input in, o lets the cell state out."
                                : " An open z keeps h, an open r lets h into the candidate."));
        for (String state : cell.states()) {
            Chart chart = Chart.of(state + " of the most active units", axis, state);
            for (int k = 0; k < Math.min(UNITS, units.length); k++) {
                chart.line("unit " + units[k], time, course(state, units[k]));
            }
            figure(
                    page,
                    folder,
                    "inside-" + state,
                    chart,
                    state.equals("c")
                            ? "Cell state c, the memory of a unit."
                            : "Hidden state h, the output of a unit.");
        }
        if (!reach.isEmpty()) {
            writeReach(page, folder);
        }
        writeMemory(page, folder);
        if (probes != null) {
            writeProbes(page, folder);
        }
    }

    private void writeProbes(Page page, RunFolder folder) throws IOException {
        page.heading("Hidden variables, read from the units");
        page.paragraph(probed
                + " A linear probe is a ridge regression that predicts a hidden variable of the simulation, which no forecaster"
                + " reads, from h and c of the topmost layer. Two controls show what has not been learned: probes of the network"
                + " before training, and of the inputs of the step alone.");
        page.table(probes.head(), probes.rows());
        List<String> labels = new ArrayList<>();
        List<Double> values = new ArrayList<>();
        for (int k = 0; k < probes.variables().size(); k++) {
            for (String source : List.of(Probes.TRAINED, Probes.UNTRAINED, Probes.INPUTS)) {
                labels.add(probes.variables().get(k) + ", "
                        + source.replace("h and c, ", "").replace(" of the step", ""));
                values.add(Math.max(0, probes.r2().get(source)[k]));
            }
        }
        Chart chart = Chart.of("Hidden variables read from the units", "variable, read from", "R\u00b2")
                .bars(
                        labels.toArray(String[]::new),
                        values.stream().mapToDouble(Double::doubleValue).toArray());
        figure(page, folder, "inside-probes", chart, probes.sentence() + probedMemory());
    }

    /** Sentences on the time constants of the probed units over all sequences that they read. */
    private String probedMemory() {
        if (probes.memory().length == 0) {
            return "";
        }
        double[] sorted = probes.memory().clone();
        Arrays.sort(sorted);
        return " The time constants of these units, over all that the network has read here, lie between "
                + rounded(sorted[0] * stepMs) + " and " + rounded(sorted[sorted.length - 1] * stepMs)
                + " ms, half of them below "
                + rounded(sorted[sorted.length / 2] * stepMs) + " ms." + found(probes.memory(), probes.memoryBefore());
    }

    private void writeReach(Page page, RunFolder folder) throws IOException {
        Chart chart = Chart.of("How far back the loss reaches", "steps back", "norm of dL/dh, last step 1")
                .logY();
        reach.forEach((name, norms) -> {
            double[] back = new double[norms.length];
            double[] drawn = new double[norms.length];
            Arrays.setAll(back, k -> k);
            Arrays.setAll(drawn, k -> Math.max(FLOOR, norms[k]));
            chart.line(name, back, drawn);
        });
        figure(
                page,
                folder,
                "inside-reach",
                chart,
                "The gradient of the loss of a window's last step with respect to h of each step before it, root mean square over "
                        + WINDOWS
                        + " windows of the test part. The other networks have as many units and layers and were trained on the"
                        + " same data, for " + otherEpochs + (otherEpochs == 1 ? " epoch." : " epochs."));
        page.paragraph(sentence(reach));
    }

    /** The result of the norms as sentences. */
    static String sentence(Map<String, double[]> reach) {
        StringBuilder text = new StringBuilder(
                "Steps back at which the gradient has fallen below a tenth of its norm at the last step: ");
        String separator = "";
        int own = -1;
        int plain = -1;
        for (Map.Entry<String, double[]> entry : reach.entrySet()) {
            double[] norms = entry.getValue();
            int steps = fallen(norms);
            own = own < 0 ? steps : own;
            plain = entry.getKey().equals(Cell.RNN.label()) ? steps : plain;
            text.append(separator).append(entry.getKey()).append(' ');
            text.append(
                    steps < norms.length
                            ? String.valueOf(steps)
                            : "nowhere in " + norms.length + " (at the first step it is "
                                    + Decimal.shortest(Math.rint(100 * norms[norms.length - 1]) / 100)
                                    + " times that norm)");
            separator = ", ";
        }
        text.append(". ");
        if (own > plain) {
            text.append(
                    "In the plain tanh network the gradient vanishes sooner: each step back multiplies it by a weight matrix and a"
                            + " slope of tanh. The gated network has a second path, a state that is multiplied by a gate only.");
        } else if (own == plain && own == reach.get(Cell.RNN.label()).length) {
            text.append("In windows of this length the gradient vanishes in neither of the two.");
        } else if (own == plain) {
            text.append("Gates make no difference to how far the gradient reaches in these windows.");
        } else {
            text.append(
                    "On these data and in windows of this length the gradient does not vanish sooner in the plain tanh network"
                            + " than in the gated one.");
        }
        return text.toString();
    }

    /** The steps back from which on norms stay below a tenth; the number of norms if they never do. */
    private static int fallen(double[] norms) {
        int steps = norms.length;
        while (steps > 0 && norms[steps - 1] < 0.1) {
            steps--;
        }
        return steps;
    }

    private void writeMemory(Page page, RunFolder folder) throws IOException {
        double[] memory = shown.arrays().get("memory").doubles();
        NetworkConfig config = shown.model().network().config();
        Chart chart = Chart.of("Memory of the units", "unit, by memory", "time constant (ms)")
                .logY();
        double longest = 0;
        double shortest = Double.POSITIVE_INFINITY;
        for (int l = 0; l < config.layers(); l++) {
            double[] sorted = Arrays.copyOfRange(memory, l * config.hidden(), (l + 1) * config.hidden());
            Arrays.sort(sorted);
            double[] rank = new double[sorted.length];
            for (int k = 0; k < sorted.length; k++) {
                rank[k] = k + 1;
                sorted[k] *= stepMs;
                longest = Math.max(longest, sorted[k]);
                shortest = Math.min(shortest, sorted[k]);
            }
            chart.line("layer " + l, rank, sorted);
            double[] earlier = Arrays.copyOfRange(before, l * config.hidden(), (l + 1) * config.hidden());
            Arrays.sort(earlier);
            Arrays.setAll(earlier, k -> earlier[k] * stepMs);
            chart.line("layer " + l + ", before training", rank, earlier);
        }
        double[] ends = {1, config.hidden()};
        constants.forEach((name, ms) -> chart.line(name, ends, new double[] {ms, ms}));
        figure(
                page,
                folder,
                "inside-memory",
                chart,
                "The time constant -dt / ln of each unit's mean "
                        + (config.cell() == Cell.LSTM ? "forget gate" : "gate z")
                        + " over these steps: the time in which its state decays to 37 %. From "
                        + rounded(shortest) + " to " + rounded(longest) + " ms."
                        + found(memory, before));
    }

    /** A sentence on the number of units with about the time constants of the simulation. */
    private String found(double[] memory, double[] before) {
        StringBuilder text = new StringBuilder();
        constants.forEach((name, ms) -> {
            text.append(text.isEmpty() ? " Within a factor of 1.5 of the time constant of the " : ", of the ");
            text.append(name).append(" (").append(rounded(ms)).append(" ms): ");
            text.append(near(memory, ms)).append(" of ").append(memory.length);
            text.append(" units, before training ").append(near(before, ms));
        });
        return text.isEmpty() ? "" : text + ".";
    }

    /** Units within a factor of 1.5 of a time constant. */
    private long near(double[] memory, double ms) {
        return Arrays.stream(memory)
                .filter(steps -> steps * stepMs > ms / 1.5 && steps * stepMs < ms * 1.5)
                .count();
    }

    private static String rounded(double value) {
        return Decimal.shortest(value < 10 ? Math.rint(10 * value) / 10 : Math.rint(value));
    }

    private void figure(Page page, RunFolder folder, String name, Chart chart, String caption) throws IOException {
        folder.writeFigure(name, chart);
        page.figure(chart, caption);
    }

    /** The units of the topmost layer, the most active first. */
    private Integer[] mostActive() {
        NetworkConfig config = shown.model().network().config();
        double[] activity = shown.arrays().get("activity").doubles();
        int top = (config.layers() - 1) * config.hidden();
        return IntStream.range(0, config.hidden())
                .boxed()
                .sorted(Comparator.comparingDouble((Integer j) -> -activity[top + j])
                        .thenComparing(Comparator.naturalOrder()))
                .toArray(Integer[]::new);
    }

    /** A quantity of a unit of the topmost layer in the first sequence, by steps. */
    private double[] course(String quantity, int unit) {
        NetworkConfig config = shown.model().network().config();
        double[] values = shown.arrays().get(quantity).doubles();
        int top = (config.layers() - 1) * shown.batch() * shown.steps() * config.hidden();
        double[] course = new double[shown.steps()];
        for (int t = 0; t < course.length; t++) {
            course[t] = values[top + t * config.hidden() + unit];
        }
        return course;
    }

    private double[] times(int steps) {
        double[] time = new double[steps];
        Arrays.setAll(time, t -> axis.equals(TIME) ? t * stepMs : t);
        return time;
    }

    /** Names of networks and their norms, as a run's parts keep them. */
    public static Map<String, Object> toJson(Map<String, double[]> reach) {
        return new LinkedHashMap<>(reach);
    }

    /** The inverse of {@link #toJson}. */
    public static Map<String, double[]> fromJson(Map<String, Object> json) {
        Map<String, double[]> reach = new LinkedHashMap<>();
        json.keySet().stream() // the file has sorted them
                .filter(name -> name.startsWith(OWN))
                .forEach(name -> reach.put(name, new double[0]));
        json.forEach((name, values) -> {
            List<Double> norms = new ArrayList<>();
            if (values instanceof List<?> list) {
                list.forEach(value -> norms.add(((Number) value).doubleValue()));
            }
            reach.put(name, norms.stream().mapToDouble(Double::doubleValue).toArray());
        });
        return reach;
    }
}
