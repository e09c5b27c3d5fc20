package org.spikecast.train;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.Team;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.params.ParameterSet;
import org.spikecast.train.internal.BatchGradient;
import org.spikecast.train.internal.Checkpoint;
import org.spikecast.train.internal.Checkpoints;
import org.spikecast.train.internal.Clipping;
import org.spikecast.train.internal.Divergence;

/**
 * Trains a network batch by batch. After each epoch the validation loss is computed; the parameters of the
 * epoch with the smallest one are the result. An epoch that diverges is rolled back: the next one, on other batches, continues
 * from where it began.
 */
public final class Trainer {
    /**
     * In an epoch whose training loss, above the least possible, is this many times that of the last one kept, training has
     * diverged.
     */
    private static final double LOST = 100;

    /** A gradient whose norm is this many times that of all earlier ones is reported, after the first few. */
    private static final double EXPLODING = 1000;

    private static final int NORMS_TO_COMPARE = 20;

    /** The output layer's bias, of whatever cell. */
    private static final String OUTPUT_BIAS = "fc.bias";

    /**
     * One finished epoch. Losses are those of the {@link TrainingData}.
     *
     * @param number from 1 on
     * @param trainingLoss mean over the epoch's updates
     * @param validationLoss after the epoch
     * @param lost whether it diverged and was rolled back
     */
    public record Epoch(int number, double trainingLoss, double validationLoss, boolean lost) {}

    /**
     * The result of a training.
     *
     * @param network the parameters of the best epoch
     * @param best the number of that epoch
     */
    public record Result(NetworkParameters network, List<Epoch> history, int best) {}

    /** Receives progress reports. */
    @FunctionalInterface
    public interface Listener {
        /**
         * Called after each update.
         *
         * @param history the epochs that are over
         * @param fraction of all updates that are done; training may end earlier
         */
        void updated(List<Epoch> history, double fraction);

        /** Whether training is to write a checkpoint and end; asked after each update. */
        default boolean isInterrupted() {
            return false;
        }

        /** Receives a warning; training continues. */
        default void warn(String message) {}
    }

    private final Kernel kernel;
    private final TrainingData data;
    private final TrainingOptions options;

    private final NetworkParameters network;
    private final NetworkParameters gradient;

    /** Of the network over the last updates; the network itself if there is nothing to average. */
    private final NetworkParameters average;

    private final NetworkParameters best;
    private final Optimiser optimiser;
    private final BatchGradient batchGradient;
    private final BatchGradient.Source source = new BatchGradient.Source() {
        @Override
        public void copy(int sequence, DMatrixRMaj x, DMatrixRMaj y, int column) {
            data.copy(first + sequence, x, y, column);
        }

        @Override
        public boolean beginsAnew(int sequence) {
            return data.beginsAnew(first + sequence);
        }
    };

    /** All values that an update changes, by name, and their values at the beginning of the current epoch. */
    private final Map<String, ParameterSet> changing = new LinkedHashMap<>();

    private final Map<String, ParameterSet> before = new LinkedHashMap<>();

    private final List<Epoch> history = new ArrayList<>();
    private int bestEpoch;

    /** Of the current epoch: the number of updates done, and the sum of their losses. */
    private int updatesDone;

    private double lossSum;

    /** Of the gradients so far, in this process. */
    private double largestNorm;

    private int normsSeen;

    /** The file that is written to; null for none. */
    private Checkpoint checkpoint;

    private long written = System.nanoTime();

    /** The number of the first sequence of the current batch. */
    private int first;

    private Trainer(Kernel kernel, Team team, TrainingData data, TrainingOptions options) {
        this.kernel = kernel;
        this.data = data;
        this.options = options;
        NetworkConfig config = data.config(options.hidden(), options.layers()).with(options.cell());
        network = NetworkParameters.random(config, options.forgetBias(), RandomStream.of(options.seed(), "weights"));
        if (options.chronoTMax() > 0) {
            network.spreadMemory(options.chronoTMax());
        }
        addToOutputBias(data.initialBias());
        gradient = new NetworkParameters(config);
        average = options.emaUpdates() == 1 ? network : new NetworkParameters(config);
        best = new NetworkParameters(config);
        optimiser = options.optimiser(kernel, network.set());
        changing.put("network", network.set());
        if (average != network) {
            changing.put("average", average.set());
        }
        changing.putAll(optimiser.memory());
        changing.forEach((name, set) -> before.put(name, set.zerosLike()));
        batchGradient =
                new BatchGradient(data.passes(kernel, config), config, options.batch(), team, data.carriesState());
    }

    private void addToOutputBias(double[] bias) {
        for (ParameterSet.Block block : network.set().blocks()) {
            for (int o = 0; block.name().equals(OUTPUT_BIAS) && o < bias.length; o++) {
                block.data()[o] += bias[o];
            }
        }
    }

    /**
     * Trains a network.
     *
     * @param checkpoints null for none
     * @throws ArithmeticException if loss or gradient stop being finite numbers
     * @throws CancellationException if the listener interrupts the training
     * @throws org.spikecast.io.MalformedFileException if the file is not a checkpoint, is damaged, or belongs to another training
     */
    public static Result train(
            Kernel kernel, TrainingData data, TrainingOptions options, Listener listener, Checkpoints checkpoints)
            throws IOException {
        // More threads than cores would only take these from each other.
        int threads = Math.min(options.threads(), Runtime.getRuntime().availableProcessors());
        try (Team team = new Team(threads)) {
            return new Trainer(kernel.onTeam(team), team, data, options).run(listener, checkpoints);
        }
    }

    private Result run(Listener listener, Checkpoints checkpoints) throws IOException {
        RandomStream shuffling = RandomStream.of(options.seed(), "shuffling");
        if (checkpoints != null) {
            Map<String, ParameterSet> lasting = new LinkedHashMap<>(changing);
            lasting.put("best", best.set());
            checkpoint = new Checkpoint(
                    checkpoints,
                    data::addTo,
                    options::addTo,
                    lasting,
                    before,
                    batchGradient.carriedStates(),
                    List.of(optimiser),
                    history);
            if (checkpoint.exists()) {
                resume(shuffling);
            }
        }
        long interval = checkpoints == null ? 0 : checkpoints.interval().toNanos();
        while (history.size() < options.epochs() && history.size() - bestEpoch < options.patience()) {
            epoch(shuffling, listener, interval);
            if (checkpoint != null) {
                writeCheckpoint();
            }
            if (listener.isInterrupted()) {
                throw interrupted(history.size());
            }
        }
        return new Result(best, List.copyOf(history), bestEpoch);
    }

    private void resume(RandomStream shuffling) throws IOException {
        Checkpoint.Position position = checkpoint.read(data.updatesPerEpoch(options.batch()));
        bestEpoch = position.bestEpoch();
        updatesDone = position.updates();
        lossSum = position.lossSum();
        for (int epoch = 0; epoch < history.size(); epoch++) {
            data.startEpoch(shuffling); // brings the stream to where it was
        }
    }

    private void writeCheckpoint() throws IOException {
        checkpoint.write(new Checkpoint.Position(bestEpoch, updatesDone, lossSum));
        written = System.nanoTime();
    }

    /**
     * An epoch, or what is left of it.
     *
     * @param interval between checkpoints, ns
     */
    private void epoch(RandomStream shuffling, Listener listener, long interval) throws IOException {
        int epoch = history.size() + 1;
        int updates = data.updatesPerEpoch(options.batch());
        long all = (long) updates * options.epochs();
        long update = (long) updates * history.size() + updatesDone;
        data.startEpoch(shuffling);
        if (updatesDone == 0) {
            copy(changing, before);
        }
        long updatesBefore = optimiser.updates() - updatesDone;
        while (updatesDone < updates) {
            double rate = options.schedule().rate(update, updates, options.epochs());
            double loss = update(updatesDone * options.batch(), rate, listener);
            lossSum += loss;
            update++;
            updatesDone++;
            if (updatesDone < updates && listener.isInterrupted()) {
                if (checkpoint != null) {
                    writeCheckpoint();
                }
                throw interrupted(epoch);
            }
            listener.updated(history, (double) update / all);
            if (checkpoint != null && updatesDone < updates && System.nanoTime() - written >= interval) {
                writeCheckpoint();
            }
        }
        double mean = lossSum / updates;
        boolean lost = isLost(mean);
        if (lost) {
            copy(before, changing);
            optimiser.resume(updatesBefore);
        }
        Epoch done = new Epoch(epoch, mean, validate(epoch, lost), lost);
        updatesDone = 0;
        lossSum = 0;
        if (!Double.isFinite(done.validationLoss)) {
            throw diverged(done.validationLoss, "validation", "");
        }
        history.add(done);
        if (bestEpoch == 0 || done.validationLoss < history.get(bestEpoch - 1).validationLoss) {
            bestEpoch = epoch;
            best.set().copyFrom(average.set());
        }
    }

    /** The validation loss. If validation is interrupted, the checkpoint is of the end of the updates before it. */
    private double validate(int epoch, boolean lost) throws IOException {
        try {
            return data.validationLoss(kernel, average);
        } catch (CancellationException e) {
            if (checkpoint != null && !lost) { // an epoch that was rolled back is trained again
                writeCheckpoint();
            }
            throw interrupted(epoch);
        }
    }

    /** The numbers of the epochs that were rolled back. */
    public static int[] lost(List<Epoch> history) {
        return history.stream().filter(Epoch::lost).mapToInt(Epoch::number).toArray();
    }

    private boolean isLost(double trainingLoss) {
        for (int e = history.size() - 1; e >= 0; e--) {
            if (!history.get(e).lost) {
                double least = data.leastLoss();
                return trainingLoss - least > LOST * (history.get(e).trainingLoss - least);
            }
        }
        return false;
    }

    private static CancellationException interrupted(int epoch) {
        return new CancellationException("Training was interrupted in epoch " + epoch);
    }

    private static void copy(Map<String, ParameterSet> from, Map<String, ParameterSet> to) {
        from.forEach((name, set) -> to.get(name).copyFrom(set));
    }

    private ArithmeticException diverged(double loss, String where, String place) {
        int epoch = history.size() + 1;
        boolean kept = checkpoint != null && checkpoint.exists();
        return new ArithmeticException("Training: loss or gradient became " + loss + " in " + where + " of epoch "
                + epoch
                + place + "; lower the learning rate (" + options.schedule().peak() + ")"
                + (kept ? "; the last checkpoint is " + checkpoint.file() : ""));
    }

    /**
     * One step of the optimiser on the batch that begins with a sequence; returns its loss. Allocates nothing.
     *
     * @throws ArithmeticException if loss or gradient are not finite; then no parameter has changed
     */
    private double update(int first, double learningRate, Listener listener) {
        this.first = first;
        double loss = batchGradient.evaluate(network, source, gradient);
        double norm = Clipping.byNorm(kernel, gradient.set(), options.clipNorm());
        if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
            String place = ": " + Divergence.place(kernel, data, network, gradient, first, options.batch());
            throw diverged(Double.isFinite(norm) ? loss : norm, "update " + (updatesDone + 1), place);
        }
        if (norm > EXPLODING * largestNorm && normsSeen >= NORMS_TO_COMPARE) {
            listener.warn("the gradient's norm is " + norm + " in update " + (updatesDone + 1) + " of epoch "
                    + (history.size() + 1) + ", " + (long) (norm / largestNorm)
                    + " times the largest before; a learning rate"
                    + " below " + options.schedule().peak() + " may be needed");
        }
        largestNorm = Math.max(largestNorm, norm);
        normsSeen++;
        optimiser.update(gradient.set(), learningRate);
        if (average != network) {
            average.set().approach(network.set(), 1.0 / Math.min(optimiser.updates(), options.emaUpdates()));
        }
        return loss;
    }
}
