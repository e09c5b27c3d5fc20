package org.spikecast.counts.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.counts.Series;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.train.Schedule;
import org.spikecast.train.Trainer;
import org.spikecast.train.internal.Adam;
import org.spikecast.train.internal.Clipping;

/**
 * Trains a {@link Coupled} network: first the trace alone on its own likelihood, then all of it. Segments of the training
 * part run side by side with their state carried on; each update goes back over the last T bins (truncated backpropagation
 * through time). When the segments have reached their ends they begin anew, at another random offset, with states that
 * bins before the first one have brought about. The exponential moving average of the weights is validated from time to
 * time, and the best one is the result.
 */
final class CoupledTrainer {
    /** Validations of a whole training, of which the first ones are left out. */
    private static final int EPOCHS = 20;

    private static final double FIRST_VALIDATION = 0.3;
    private static final double STAGES = 0.3;
    private static final double CLIP_NORM = 1;
    private static final Schedule PRE_FIT = Schedule.cosine(3e-2, 10);

    /**
     * What training gives.
     *
     * @param parameters the best ones
     * @param history a twentieth of the updates each; a validation loss that was not taken is NaN
     * @param best the number of the one that the parameters are from
     * @param validationLoss mean negative log-likelihood of a bin, over four mean rates
     */
    record Result(CoupledParameters parameters, List<Trainer.Epoch> history, int best, double validationLoss) {}

    private final Kernel kernel;
    private final Series series;
    private final Split split;
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

    private CoupledTrainer(Kernel kernel, Series series, Split split, CoupledConfig config, CoupledOptions options) {
        this.kernel = kernel;
        this.series = series;
        this.split = split;
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

    /** Trains a network. */
    static Result train(
            Kernel kernel,
            Series series,
            Split split,
            CoupledConfig config,
            CoupledOptions options,
            Trainer.Listener listener) {
        return new CoupledTrainer(kernel, series, split, config, options).run(listener);
    }

    private double meanRate() {
        double spikes = 0;
        int n = split.trainEnd() * series.neurons();
        for (int j = 0; j < n; j++) {
            spikes += Math.min(1, series.values().data[j]);
        }
        // half a spike more and less than there could be: the logit stays finite
        return Math.max(0.5, Math.min(spikes, n - 0.5)) / n;
    }

    private Result run(Trainer.Listener listener) {
        double meanRate = meanRate();
        p.initialise(meanRate, RandomStream.of(options.seed(), "weights"));
        CoupledLoss loss = new CoupledLoss(1 / (4 * meanRate * target.length), STAGES, options.traceLoss());
        if (p.trace != null) {
            fitTrace(new CoupledLoss(loss.scale(), 0, 1));
        }
        CoupledParameters average = new CoupledParameters(config);
        CoupledParameters best = new CoupledParameters(config);
        average.set().copyFrom(p.set());
        best.set().copyFrom(p.set());
        Adam adam = new Adam(kernel, p.others(), new Adam.Options(0.9, 0.999, 1e-8, options.weightDecay(), true));
        Adam traceAdam = p.trace == null ? null : new Adam(kernel, p.trace.set(), Adam.Options.DEFAULT);
        List<Trainer.Epoch> history = new ArrayList<>();
        double bestLoss = Double.POSITIVE_INFINITY;
        int bestEpoch = 0;
        double sum = 0;
        int summed = 0;
        for (int update = 0; update < options.updates(); update++) {
            nextChunk();
            sum += gradient(loss);
            summed++;
            double rate = options.schedule().rate(update, options.updates(), 1);
            adam.update(gradient.others(), rate);
            if (traceAdam != null) {
                traceAdam.update(gradient.trace.set(), rate * options.traceRate(update));
            }
            average.set().approach(p.set(), 1.0 / Math.min(update + 1, options.emaUpdates()));
            int done = update + 1;
            int epoch = history.size() + 1;
            if (done * EPOCHS >= epoch * options.updates()) {
                boolean validated = done >= FIRST_VALIDATION * options.updates();
                double validation = validated ? validationLoss(average, meanRate) : Double.NaN;
                history.add(new Trainer.Epoch(epoch, sum / summed, validation, false));
                sum = 0;
                summed = 0;
                if (validation < bestLoss) {
                    bestLoss = validation;
                    bestEpoch = epoch;
                    best.set().copyFrom(average.set());
                }
            }
            listener.updated(history, (double) done / options.updates());
        }
        return new Result(best, history, bestEpoch, bestLoss);
    }

    /** Fits the trace alone. */
    private void fitTrace(CoupledLoss loss) {
        Adam adam = new Adam(kernel, p.trace.set(), Adam.Options.DEFAULT);
        Arrays.fill(tape.du, 0);
        Arrays.fill(tape.dv, 0);
        Arrays.fill(tape.dg, 0);
        for (int update = 0; update < options.preFit(); update++) {
            nextChunk();
            tape.setState(state);
            LeakyTrace.forward(config, p.trace, neighbours, tape);
            requireFinite(loss.trace(tape));
            loss.traceGradient(tape);
            gradient.set().setZero();
            LeakyTrace.backward(config, p.trace, neighbours, tape, gradient.trace);
            Clipping.byNorm(kernel, gradient.trace.set(), CLIP_NORM);
            adam.update(gradient.trace.set(), PRE_FIT.rate(update, options.preFit(), 1));
            advance();
        }
        chunks = 0;
    }

    /** The loss of the chunk that is loaded, and its gradient; the state goes on. */
    private double gradient(CoupledLoss loss) {
        tape.pack(p);
        Coupled.forward(kernel, p, neighbours, state, tape);
        loss.gradient(tape, target);
        gradient.set().setZero();
        Coupled.backward(kernel, p, neighbours, tape, gradient);
        requireFinite(Clipping.byNorm(kernel, gradient.set(), CLIP_NORM));
        advance();
        return loss.forecast(tape, target);
    }

    private static void requireFinite(double number) {
        if (!Double.isFinite(number)) {
            throw new ArithmeticException("Training: loss or gradient became " + number + "; lower the learning rate");
        }
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

    private void beginPass() {
        int steps = tape.steps;
        int length = (split.trainEnd() - 1 - options.burnIn()) / start.length;
        int offset = offsets.nextInt(Math.min(steps, length - steps + 1));
        chunks = (length - offset) / steps;
        for (int r = 0; r < start.length; r++) {
            start[r] = r * length + offset;
        }
        state.reset();
        tape.pack(p);
        for (int bin = 0; bin < options.burnIn(); bin += steps) {
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

    private double validationLoss(CoupledParameters weights, double meanRate) {
        DMatrixRMaj z = new CoupledPass(kernel, weights, neighbours)
                .logits(
                        series,
                        split.validationStart() - options.burnIn(),
                        split.validationStart(),
                        split.validationEnd());
        double sum = 0;
        int from = split.validationStart() * series.neurons();
        for (int j = 0; j < z.getNumElements(); j++) {
            sum += CoupledLoss.nll(z.data[j], Math.min(1, series.values().data[from + j]));
        }
        return sum / (4 * meanRate * z.getNumElements());
    }
}
