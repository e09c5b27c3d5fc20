package org.spikecast.train;

import java.util.ArrayList;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.data.Scaling;
import org.spikecast.data.Sequences;
import org.spikecast.data.Split;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.lstm.Loss;
import org.spikecast.lstm.LstmConfig;
import org.spikecast.lstm.LstmParameters;
import org.spikecast.model.Forecaster;

/**
 * Trains an LSTM on windows of sequences by Adam. An epoch passes once over the training targets: windows of K targets
 * each are laid end to end, from a random phase on, and shuffled. After each epoch the mean squared error of the
 * validation part is taken from windows that end before their target, as forecasts are made; the parameters of the best
 * epoch are the result.
 */
public final class Trainer {
    /**
     * One epoch in retrospect. Losses are on the network's scale, where the variance of the targets is 1.
     *
     * @param number from 1 on
     * @param trainingLoss mean over the epoch's updates
     * @param validationLoss after the epoch
     */
    public record Epoch(int number, double trainingLoss, double validationLoss) {}

    /**
     * What came out.
     *
     * @param network the parameters of the best epoch
     * @param best the number of that epoch
     */
    public record Result(LstmParameters network, Scaling inputs, Scaling outputs, List<Epoch> history, int best) {}

    /** Is told how training goes on. */
    @FunctionalInterface
    public interface Listener {
        /**
         * Called after each update.
         *
         * @param history the epochs that are over
         * @param fraction of all updates that are done; training may end earlier
         */
        void updated(List<Epoch> history, double fraction);
    }

    private final Kernel kernel;
    private final TrainingOptions options;
    private final Sequences sequences;
    private final Scaling inputs;
    private final Scaling outputs;
    private final Split split;

    private final LstmParameters network;
    private final LstmParameters gradient;
    private final Adam adam;
    private final BatchGradient batchGradient;
    private final BatchGradient.Source source = this::copy;

    /** The windows of the epoch, and the number of the first one of the batch at hand. */
    private int[] windows;

    private int first;

    private Trainer(Kernel kernel, Sequences raw, Split split, TrainingOptions options) {
        split.requireWindow(options.window());
        this.kernel = kernel;
        this.options = options;
        this.split = split;
        inputs = Scaling.standard(raw.features(), split.trainEnd());
        outputs = Scaling.centred(raw.targets(), split.trainEnd());
        sequences = raw.scaled(inputs, outputs);
        LstmConfig config = new LstmConfig(raw.inputs(), options.hidden(), options.layers(), raw.outputs());
        network = LstmParameters.random(config, options.forgetBias(), RandomStream.of(options.seed(), "weights"));
        gradient = new LstmParameters(config);
        adam = new Adam(kernel, network.set(), Adam.Options.DEFAULT);
        batchGradient = new BatchGradient(
                kernel,
                Loss.MEAN_SQUARED_ERROR,
                config,
                options.window(),
                options.lossSteps(),
                options.batch(),
                options.threads());
    }

    /**
     * Trains a network.
     *
     * @param raw what to learn, in the data's units
     * @throws ArithmeticException if loss or gradient stop being finite numbers
     */
    public static Result train(Kernel kernel, Sequences raw, Split split, TrainingOptions options, Listener listener) {
        Trainer trainer = new Trainer(kernel, raw, split, options);
        try {
            return trainer.run(listener);
        } finally {
            trainer.batchGradient.close();
        }
    }

    private Result run(Listener listener) {
        RandomStream shuffling = RandomStream.of(options.seed(), "shuffling");
        List<Epoch> history = new ArrayList<>();
        LstmParameters best = new LstmParameters(network.config());
        int bestEpoch = 0;
        int updates = updatesPerEpoch();
        long all = (long) updates * options.epochs();
        long update = 0;
        for (int epoch = 1; epoch <= options.epochs() && epoch - bestEpoch <= options.patience(); epoch++) {
            windows = windows(shuffling.nextInt(options.lossSteps()));
            shuffling.shuffle(windows);
            double sum = 0;
            for (int u = 0; u < updates; u++) {
                double loss = update(u * options.batch(), learningRate(update, all));
                if (!Double.isFinite(loss)) {
                    throw diverged(loss, "update " + (u + 1), epoch);
                }
                sum += loss;
                update++;
                listener.updated(history, (double) update / all);
            }
            Epoch done = new Epoch(epoch, sum / updates, validationLoss());
            if (!Double.isFinite(done.validationLoss)) {
                throw diverged(done.validationLoss, "validation", epoch);
            }
            history.add(done);
            if (bestEpoch == 0 || done.validationLoss < history.get(bestEpoch - 1).validationLoss) {
                bestEpoch = epoch;
                best.set().copyFrom(network.set());
            }
        }
        return new Result(best, inputs, outputs, List.copyOf(history), bestEpoch);
    }

    private ArithmeticException diverged(double loss, String where, int epoch) {
        return new ArithmeticException("Training: loss or gradient became " + loss + " in " + where + " of epoch "
                + epoch + "; lower the learning rate (" + options.learningRate() + ")");
    }

    /** Windows of one epoch, by sequence and last target: as many as fit whatever the phase. */
    private int windowsPerSequence() {
        return Math.max(1, (split.trainEnd() - options.window()) / options.lossSteps());
    }

    private int updatesPerEpoch() {
        return Math.max(1, windowsPerSequence() * sequences.count() / options.batch());
    }

    /** The windows of an epoch, each as sequence * trainEnd + the bin of its last target. */
    private int[] windows(int phase) {
        int perSequence = windowsPerSequence();
        int[] windows = new int[Math.multiplyExact(sequences.count(), perSequence)];
        for (int w = 0; w < windows.length; w++) {
            int back = phase + w % perSequence * options.lossSteps();
            int bin = Math.max(options.window(), split.trainEnd() - 1 - back);
            windows[w] = w / perSequence * split.trainEnd() + bin;
        }
        return windows;
    }

    /** One step of Adam on the windows from {@code first} on; returns their loss. Allocates nothing. */
    private double update(int first, double learningRate) {
        this.first = first;
        double loss = batchGradient.evaluate(network, source, gradient);
        double norm = Clipping.byNorm(kernel, gradient.set(), options.clipNorm());
        adam.update(gradient.set(), learningRate);
        return Double.isFinite(norm) ? loss : norm;
    }

    private void copy(int sequenceOfBatch, DMatrixRMaj x, DMatrixRMaj y, int column) {
        int w = windows[(first + sequenceOfBatch) % windows.length];
        int sequence = w / split.trainEnd();
        int bin = w % split.trainEnd();
        sequences.copyWindow(sequence, bin, options.window(), x, column);
        sequences.copyTargets(sequence, bin - options.lossSteps() + 1, options.lossSteps(), y, column);
    }

    /** A linear rise, then a cosine. */
    private double learningRate(long update, long updates) {
        double highest = options.learningRate();
        if (update < options.warmUp()) {
            return highest * (update + 1) / options.warmUp();
        }
        double fraction = (double) (update - options.warmUp()) / Math.max(1, updates - options.warmUp());
        // StrictMath gives the same bits everywhere, and this is not a hot path.
        double cosine = (1 + StrictMath.cos(Math.PI * fraction)) / 2;
        return highest * (TrainingOptions.FINAL_RATE + (1 - TrainingOptions.FINAL_RATE) * cosine);
    }

    private double validationLoss() {
        DMatrixRMaj target = sequences.targets(split.validationStart(), split.validationEnd());
        DMatrixRMaj forecast = Forecaster.forecastScaled(
                kernel, network, sequences, options.window(), split.validationStart(), split.validationEnd());
        return Loss.MEAN_SQUARED_ERROR.evaluate(kernel, forecast, target, target.createLike());
    }
}
