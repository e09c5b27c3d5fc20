package org.spikecast.train;

import org.spikecast.io.internal.Fingerprint;
import org.spikecast.kernel.Kernel;
import org.spikecast.lstm.Cell;
import org.spikecast.params.ParameterSet;
import org.spikecast.train.internal.Adam;
import org.spikecast.train.internal.Require;
import org.spikecast.train.internal.Soap;

/**
 * How a network is built and trained.
 *
 * @param cell of the network
 * @param hidden H, units of a layer
 * @param layers L
 * @param epochs passes over the training data, at most
 * @param batch B, sequences of one update
 * @param schedule of the learning rate
 * @param method of changing the parameters
 * @param weightDecay decoupled, as AdamW's: the fraction by which an update at a learning rate of 1 would shrink every parameter
 * @param emaUpdates N: an average of the parameters is what is validated and kept, the mean over the first N updates, from then
 *     on an exponential moving average of weight 1 / N; 1 for the parameters themselves
 * @param clipNorm largest norm of a gradient; a longer one is scaled down
 * @param patience epochs without a better validation loss after which training ends
 * @param forgetBias added to the initial bias of the forget gate, z of a GRU
 * @param chronoTMax steps that the units remember at first, at most; see {@link
 *     org.spikecast.lstm.NetworkParameters#spreadMemory}. 0 leaves the gates' biases as drawn, with the forget bias
 * @param seed of weights and shuffling
 * @param threads that work on a batch, at most, and at most one for each core; their number changes no bit
 */
public record TrainingOptions(
        Cell cell,
        int hidden,
        int layers,
        int epochs,
        int batch,
        Schedule schedule,
        Optimiser.Method method,
        double weightDecay,
        int emaUpdates,
        double clipNorm,
        int patience,
        double forgetBias,
        double chronoTMax,
        long seed,
        int threads) {
    /** Options of an LSTM. */
    public TrainingOptions(
            int hidden,
            int layers,
            int epochs,
            int batch,
            Schedule schedule,
            Optimiser.Method method,
            double weightDecay,
            int emaUpdates,
            double clipNorm,
            int patience,
            double forgetBias,
            double chronoTMax,
            long seed,
            int threads) {
        this(
                Cell.LSTM,
                hidden,
                layers,
                epochs,
                batch,
                schedule,
                method,
                weightDecay,
                emaUpdates,
                clipNorm,
                patience,
                forgetBias,
                chronoTMax,
                seed,
                threads);
    }

    public TrainingOptions {
        Require.atLeast(1, hidden, "hidden units");
        Require.atLeast(1, layers, "layers");
        Require.atLeast(1, epochs, "epochs");
        Require.atLeast(1, batch, "batch size");
        Require.atLeast(1, emaUpdates, "updates of the moving average (EMA)");
        Require.atLeast(1, patience, "patience (epochs)");
        Require.atLeast(1, threads, "threads");
        Require.positive(clipNorm, "gradient clipping norm");
        if (!(weightDecay >= 0 && weightDecay < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("weight decay: expected a number of 0 or more, got " + weightDecay);
        }
        if (chronoTMax != 0 && !(chronoTMax > 2 && chronoTMax < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "T_max of chrono initialisation: expected 0 or more than 2 steps, got " + chronoTMax);
        }
        if (chronoTMax != 0 && forgetBias != 0) {
            throw new IllegalArgumentException(
                    "forget bias and chrono initialisation: give one of them, both set the forget gate");
        }
        if (!Double.isFinite(forgetBias)) {
            throw new IllegalArgumentException("forget bias: expected a finite number, got " + forgetBias);
        }
    }

    /** The same for a network of another cell. */
    public TrainingOptions with(Cell other) {
        return changed(other, epochs, patience, chronoTMax, seed, threads);
    }

    /** The same, for another number of epochs, with a patience as long, another T_max and seed. */
    public TrainingOptions lasting(int newEpochs, double newChronoTMax, long newSeed) {
        return changed(cell, newEpochs, newEpochs, newChronoTMax, newSeed, threads);
    }

    /** The same, on up to this many threads. */
    public TrainingOptions onThreads(int count) {
        return changed(cell, epochs, patience, chronoTMax, seed, count);
    }

    private TrainingOptions changed(
            Cell newCell, int newEpochs, int newPatience, double newChronoTMax, long newSeed, int newThreads) {
        return new TrainingOptions(
                newCell,
                hidden,
                layers,
                newEpochs,
                batch,
                schedule,
                method,
                weightDecay,
                emaUpdates,
                clipNorm,
                newPatience,
                forgetBias,
                newChronoTMax,
                newSeed,
                newThreads);
    }

    /** Adds all options but the threads, whose number changes no result, to a fingerprint. */
    public void addTo(Fingerprint fingerprint) {
        fingerprint
                .add(cell.name())
                .add(hidden, layers, epochs, batch, emaUpdates, patience, seed)
                .add(method.name())
                .add(weightDecay, clipNorm, forgetBias, chronoTMax)
                .add(schedule.shape().name())
                .add(schedule.warmUp(), schedule.stepEpochs())
                .add(schedule.peak(), schedule.stepFactor());
    }

    /** An optimiser of a network that is trained so. */
    public Optimiser optimiser(Kernel kernel, ParameterSet network) {
        return switch (method) {
            case ADAM -> {
                Adam.Options usual = Adam.Options.DEFAULT;
                yield new Adam(
                        kernel,
                        network,
                        new Adam.Options(usual.beta1(), usual.beta2(), usual.epsilon(), weightDecay, true));
            }
            case SOAP -> new Soap(kernel, network, Soap.Options.usual(weightDecay));
        };
    }
}
