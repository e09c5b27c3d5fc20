package org.spikecast.counts.internal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.counts.Series;
import org.spikecast.io.internal.Fingerprint;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.params.ParameterSet;
import org.spikecast.train.Optimiser;
import org.spikecast.train.Schedule;
import org.spikecast.train.Trainer;
import org.spikecast.train.internal.Adam;
import org.spikecast.train.internal.BernoulliLoss;
import org.spikecast.train.internal.Checkpoint;
import org.spikecast.train.internal.Checkpoints;
import org.spikecast.train.internal.Clipping;
import org.spikecast.train.internal.Divergence;

/**
 * Trains a {@link Coupled} network: first the trace alone on its own likelihood, then all of it. Segments of the
 * training part run side by side, stateful; the backward pass of an update covers the last T bins (truncated
 * backpropagation through time). At their ends the segments start anew, at another random offset and after a burn-in.
 * The exponential moving average of the weights is validated after each epoch but the first ones, and the best one is
 * the result.
 */
final class CoupledTrainer {
    /** Epochs of a whole training. */
    static final int EPOCHS = 20;

    private static final double FIRST_VALIDATION = 0.3;
    private static final double STAGES = 0.3;
    private static final double CLIP_NORM = 1;
    private static final Schedule PRE_FIT = Schedule.cosine(3e-2, 10);

    /**
     * The result of a training.
     *
     * @param parameters those with the least validation loss, or the last ones where there is no validation
     * @param history epochs of a twentieth of the updates; a validation loss that was not measured is NaN
     * @param best the number of the epoch that the parameters are from; 0 without validation
     * @param validationLoss mean negative log-likelihood of a bin, divided by four mean rates; NaN without validation
     */
    record Result(CoupledParameters parameters, List<Trainer.Epoch> history, int best, double validationLoss) {}

    private final Kernel kernel;
    private final Series series;

    /** The number of bins to train on. */
    private final int trainEnd;

    /** The split whose validation part chooses the parameters; null for no validation. */
    private final Split validation;

    /** The number of epochs after which training ends. */
    private final int epochs;

    private final CoupledConfig config;
    private final CoupledOptions options;
    private final Neighbours neighbours;
    private final CoupledParameters p;
    private final CoupledParameters gradient;
    private final CoupledTape tape;
    private final CoupledState state;
    private final double[] target;
    private final RandomStream offsets;
    private final int[] start;
    private int chunks;

    /** Norm of the gradient of the last update, before clipping. */
    private double norm;

    private CoupledTrainer(
            Kernel kernel,
            Series series,
            int trainEnd,
            Split validation,
            int epochs,
            CoupledConfig config,
            CoupledOptions options) {
        this.kernel = kernel;
        this.series = series;
        this.trainEnd = trainEnd;
        this.validation = validation;
        this.epochs = epochs;
        this.config = config;
        this.options = options;
        neighbours = new Neighbours(series.connections());
        p = new CoupledParameters(config);
        gradient = new CoupledParameters(config);
        tape = new CoupledTape(config, options.bpttSteps(), series.neurons(), options.segments());
        state = CoupledState.initial(config, tape.batch);
        target = new double[tape.count.length];
        start = new int[options.segments()];
        offsets = RandomStream.of(options.seed(), "segments");
    }

    /**
     * Trains a network on the training part; the validation part chooses the epoch.
     *
     * @param checkpoints null for none
     * @throws CancellationException if the listener interrupts the training
     */
    static Result train(
            Kernel kernel,
            Series series,
            Split split,
            CoupledConfig config,
            CoupledOptions options,
            Trainer.Listener listener,
            Checkpoints checkpoints)
            throws IOException {
        return new CoupledTrainer(kernel, series, split.trainEnd(), split, EPOCHS, config, options)
                .run(listener, checkpoints);
    }

    /**
     * Trains a network on the training and the validation part.
     *
     * @param epochs after which it ends
     * @param checkpoints null for none
     * @throws CancellationException if the listener interrupts the training
     */
    static Result trainOnBoth(
            Kernel kernel,
            Series series,
            Split split,
            int epochs,
            CoupledConfig config,
            CoupledOptions options,
            Trainer.Listener listener,
            Checkpoints checkpoints)
            throws IOException {
        return new CoupledTrainer(kernel, series, split.validationEnd(), null, epochs, config, options)
                .run(listener, checkpoints);
    }

    private double meanRate() {
        double spikes = 0;
        int n = trainEnd * series.neurons();
        for (int j = 0; j < n; j++) {
            spikes += Math.min(1, series.values().data[j]);
        }
        // at least half a spike, and half a spike below all: the logit stays finite
        return Math.max(0.5, Math.min(spikes, n - 0.5)) / n;
    }

    /** Trains, from the checkpoint on if there is one. */
    private Result run(Trainer.Listener listener, Checkpoints checkpoints) throws IOException {
        double meanRate = meanRate();
        CoupledLoss loss = new CoupledLoss(1 / (4 * meanRate * target.length), STAGES, options.traceLoss());
        CoupledParameters average = new CoupledParameters(config);
        CoupledParameters best = new CoupledParameters(config);
        Adam adam = new Adam(kernel, p.others(), new Adam.Options(0.9, 0.999, 1e-8, options.weightDecay(), true));
        Adam traceAdam = p.trace == null ? null : new Adam(kernel, p.trace.set(), Adam.Options.DEFAULT);
        List<Trainer.Epoch> history = new ArrayList<>();
        int updatesPerEpoch = options.updates() / EPOCHS;
        int bestEpoch = 0;
        int inEpoch = 0;
        double sum = 0;
        Checkpoint checkpoint = null;
        if (checkpoints != null) {
            Map<String, ParameterSet> sets = new LinkedHashMap<>();
            sets.put("network", p.set());
            sets.put("average", average.set());
            sets.put("best", best.set());
            sets.put("state", state.set());
            sets.putAll(adam.memory());
            if (traceAdam != null) {
                traceAdam.memory().forEach((name, set) -> sets.put("trace." + name, set));
            }
            List<Optimiser> optimisers = traceAdam == null ? List.of(adam) : List.of(adam, traceAdam);
            checkpoint = new Checkpoint(
                    checkpoints, this::addData, this::addOptions, sets, Map.of(), List.of(), optimisers, history);
        }
        if (checkpoint != null && checkpoint.exists()) {
            Checkpoint.Position position = checkpoint.read(updatesPerEpoch);
            bestEpoch = position.bestEpoch();
            inEpoch = position.updates();
            sum = position.lossSum();
            if (p.trace != null) {
                skip(options.preFit());
                chunks = 0;
            }
            skip(history.size() * updatesPerEpoch + inEpoch);
        } else {
            p.initialise(meanRate, RandomStream.of(options.seed(), "weights"));
            if (p.trace != null) {
                fitTrace(new CoupledLoss(loss.scale(), 0, 1), listener);
            }
            average.set().copyFrom(p.set());
            best.set().copyFrom(p.set());
        }
        long written = System.nanoTime();
        while (history.size() < epochs) {
            int update = history.size() * updatesPerEpoch + inEpoch;
            nextChunk();
            sum += gradient(loss);
            if (!Double.isFinite(norm)) {
                throw diverged("in update " + (inEpoch + 1) + " of epoch " + (history.size() + 1), checkpoint);
            }
            double rate = options.schedule().rate(update, options.updates(), 1);
            adam.update(gradient.others(), rate);
            if (traceAdam != null) {
                traceAdam.update(gradient.trace.set(), rate * options.traceRate(update));
            }
            average.set().approach(p.set(), 1.0 / Math.min(update + 1, options.emaUpdates()));
            inEpoch++;
            if (inEpoch == updatesPerEpoch) {
                int epoch = history.size() + 1;
                boolean measured = validation != null && epoch >= FIRST_VALIDATION * EPOCHS;
                double validated = measured ? validationLoss(average, meanRate) : Double.NaN;
                if (measured
                        && (bestEpoch == 0
                                || validated < history.get(bestEpoch - 1).validationLoss())) {
                    bestEpoch = epoch;
                    best.set().copyFrom(average.set());
                }
                history.add(new Trainer.Epoch(epoch, sum / updatesPerEpoch, validated, false));
                sum = 0;
                inEpoch = 0;
            }
            boolean interrupted = listener.isInterrupted();
            boolean done = history.size() == epochs;
            if (checkpoint != null
                    && (interrupted
                            || done
                            || System.nanoTime() - written
                                    >= checkpoints.interval().toNanos())) {
                checkpoint.write(new Checkpoint.Position(bestEpoch, inEpoch, sum));
                written = System.nanoTime();
            }
            if (interrupted && !done) {
                throw new CancellationException("Training was interrupted in update " + (update + 1));
            }
            listener.updated(history, (double) (update + 1) / (epochs * updatesPerEpoch));
        }
        double bestLoss =
                bestEpoch == 0 ? Double.NaN : history.get(bestEpoch - 1).validationLoss();
        return new Result(validation != null ? best : average, history, bestEpoch, bestLoss);
    }

    /** Fits the trace alone. */
    private void fitTrace(CoupledLoss loss, Trainer.Listener listener) {
        Adam adam = new Adam(kernel, p.trace.set(), Adam.Options.DEFAULT);
        Arrays.fill(tape.du, 0);
        Arrays.fill(tape.dv, 0);
        Arrays.fill(tape.dg, 0);
        for (int update = 0; update < options.preFit(); update++) {
            nextChunk();
            tape.setState(state);
            LeakyTrace.forward(config, p.trace, neighbours, tape);
            loss.traceGradient(tape);
            gradient.set().setZero();
            LeakyTrace.backward(config, p.trace, neighbours, tape, gradient.trace);
            norm = Clipping.byNorm(kernel, gradient.trace.set(), CLIP_NORM);
            if (!Double.isFinite(norm)) {
                throw diverged("in update " + (update + 1) + " of the trace alone", null);
            }
            adam.update(gradient.trace.set(), PRE_FIT.rate(update, options.preFit(), 1));
            advance();
            if (listener.isInterrupted()) { // a resumed run fits it anew
                throw new CancellationException("Training was interrupted while the trace was fitted");
            }
        }
        chunks = 0;
    }

    /** The loss of the loaded chunk, and its gradient; the state advances. */
    private double gradient(CoupledLoss loss) {
        tape.pack(p);
        Coupled.forward(kernel, p, neighbours, state, tape);
        loss.gradient(tape, target);
        gradient.set().setZero();
        Coupled.backward(kernel, p, neighbours, tape, gradient);
        norm = Clipping.byNorm(kernel, gradient.set(), CLIP_NORM);
        advance();
        return loss.forecast(tape, target);
    }

    private ArithmeticException diverged(String where, Checkpoint checkpoint) {
        String entry = Divergence.entry(config.hidden() == 0 ? null : config.lstm(), gradient.set());
        boolean kept = checkpoint != null && checkpoint.exists();
        return new ArithmeticException("Training coupled: the norm of the gradient became " + norm + " " + where
                + (entry == null ? "" : ": the gradient of " + entry) + "; use --form shared"
                + (kept ? "; the last checkpoint is " + checkpoint.file() : ""));
    }

    /** Loads the next bins of every segment and their targets; at the segments' ends, begins anew. */
    private void nextChunk() {
        if (chunks == 0) {
            beginPass();
        }
        chunks--;
        tape.load(series, neighbours, start);
        int n = series.neurons();
        for (int t = 0; t < tape.steps; t++) {
            for (int r = 0; r < start.length; r++) {
                int row = (start[r] + t + 1) * n;
                for (int a = 0; a < n; a++) {
                    target[t * tape.batch + a * start.length + r] = series.values().data[row + a];
                }
            }
        }
    }

    /** Skips some chunks: only the offsets are drawn. */
    private void skip(int updates) {
        for (int update = 0; update < updates; update++) {
            if (chunks == 0) {
                drawOffset();
                Arrays.setAll(start, r -> start[r] + burnInChunks() * tape.steps);
            }
            chunks--;
            Arrays.setAll(start, r -> start[r] + tape.steps);
        }
    }

    private int burnInChunks() {
        return (options.burnIn() + tape.steps - 1) / tape.steps;
    }

    /** Draws the offset of a pass. */
    private void drawOffset() {
        int steps = tape.steps;
        int length = (trainEnd - 1 - options.burnIn()) / start.length;
        int offset = offsets.nextInt(Math.min(steps, length - steps + 1));
        chunks = (length - offset) / steps;
        for (int r = 0; r < start.length; r++) {
            start[r] = r * length + offset;
        }
    }

    private void beginPass() {
        drawOffset();
        state.reset();
        tape.pack(p);
        for (int chunk = 0; chunk < burnInChunks(); chunk++) {
            tape.load(series, neighbours, start);
            Coupled.observe(kernel, p, neighbours, state, tape);
            advance();
        }
    }

    private void advance() {
        tape.copyFinalState(state);
        for (int r = 0; r < start.length; r++) {
            start[r] += tape.steps;
        }
    }

    /** Adds all that is read: the series as far as it is used for training or validation, and the connectivity. */
    private void addData(Fingerprint fingerprint) {
        int end = validation == null ? trainEnd : validation.validationEnd();
        fingerprint.add(
                trainEnd, validation == null ? -1 : validation.validationStart(), end, series.neurons(), epochs);
        fingerprint.add(Arrays.copyOf(series.values().data, end * series.neurons()));
        if (series.external() != null) {
            fingerprint.add(Arrays.copyOf(series.external().data, end * series.neurons()));
        }
        Connections edges = series.connections();
        fingerprint.add(Arrays.stream(edges.target()).asLongStream().toArray());
        fingerprint.add(Arrays.stream(edges.source()).asLongStream().toArray());
        fingerprint.add(edges.weight());
    }

    /** Adds the network's sizes and all options. */
    private void addOptions(Fingerprint fingerprint) {
        fingerprint.add(config.hidden(), config.width(), config.channels(), config.messages());
        fingerprint.add(config.trace() ? 1L : 0, config.fine() ? 1L : 0);
        fingerprint.add(config.cap(), config.binMs(), config.meanExternal());
        options.addTo(fingerprint);
    }

    private double validationLoss(CoupledParameters weights, double meanRate) {
        DMatrixRMaj z = new CoupledPass(kernel, weights, neighbours)
                .logits(
                        series,
                        validation.validationStart() - options.burnIn(),
                        validation.validationStart(),
                        validation.validationEnd());
        double sum = 0;
        int from = validation.validationStart() * series.neurons();
        for (int j = 0; j < z.getNumElements(); j++) {
            sum += BernoulliLoss.negativeLogLikelihood(z.data[j], Math.min(1, series.values().data[from + j]));
        }
        return sum / (4 * meanRate * z.getNumElements());
    }
}
