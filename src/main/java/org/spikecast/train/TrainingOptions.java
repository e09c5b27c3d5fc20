package org.spikecast.train;

/**
 * How a network is built and trained.
 *
 * @param window T, bins that a forecast reads
 * @param lossSteps K, last steps of a window whose output counts in the loss; 1 for the last one only
 * @param hidden H, units of a layer
 * @param layers L
 * @param epochs passes over the training targets, at most
 * @param batch B, windows of one update
 * @param learningRate the highest one
 * @param warmUp updates in which the learning rate rises to it; after them it falls to {@value #FINAL_RATE} of it along
 *     a cosine
 * @param clipNorm longest norm of a gradient
 * @param patience epochs without a better validation loss after which training ends
 * @param forgetBias added to the initial bias of the forget gate
 * @param seed of weights and shuffling
 * @param threads that work on a batch, at most; their number changes no bit
 */
public record TrainingOptions(
        int window,
        int lossSteps,
        int hidden,
        int layers,
        int epochs,
        int batch,
        double learningRate,
        int warmUp,
        double clipNorm,
        int patience,
        double forgetBias,
        long seed,
        int threads) {
    /** Where the learning rate ends, as a fraction of the highest. */
    public static final double FINAL_RATE = 0.01;

    public TrainingOptions {
        requireAtLeast(1, window, "window (bins)");
        requireAtLeast(1, lossSteps, "steps in the loss");
        if (lossSteps > window) {
            throw new IllegalArgumentException(
                    "steps in the loss: expected at most the window of " + window + " bins, got " + lossSteps);
        }
        requireAtLeast(1, hidden, "hidden units");
        requireAtLeast(1, layers, "layers");
        requireAtLeast(1, epochs, "epochs");
        requireAtLeast(1, batch, "batch size");
        requireAtLeast(0, warmUp, "warm-up updates");
        requireAtLeast(1, patience, "patience (epochs)");
        requireAtLeast(1, threads, "threads");
        requirePositive(learningRate, "learning rate");
        requirePositive(clipNorm, "longest norm of a gradient");
        if (!Double.isFinite(forgetBias)) {
            throw new IllegalArgumentException("forget bias: expected a finite number, got " + forgetBias);
        }
    }

    private static void requireAtLeast(int least, int value, String name) {
        if (value < least) {
            throw new IllegalArgumentException(name + ": expected at least " + least + ", got " + value);
        }
    }

    private static void requirePositive(double value, String name) {
        if (!(value > 0) || value == Double.POSITIVE_INFINITY) {
            throw new IllegalArgumentException(name + ": expected a positive number, got " + value);
        }
    }
}
