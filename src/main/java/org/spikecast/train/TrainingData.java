package org.spikecast.train;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.io.internal.Fingerprint;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.train.internal.Pass;

/**
 * The data of a training: sequences of T steps with targets for the last K of them, drawn epoch by epoch in random
 * order, and a validation part. All numbers are on the network's scale.
 */
public interface TrainingData {
    /** The sizes of a network that fits. */
    NetworkConfig config(int hidden, int layers);

    /** T. */
    int steps();

    /** K, the last steps, whose outputs have targets. */
    int outputSteps();

    /** The pass over a batch: {@link Pass#over} evaluates a loss function of outputs and targets. */
    Pass.Factory passes(Kernel kernel, NetworkConfig config);

    /** What is added to the initial biases of the output layer: O numbers, or none. */
    default double[] initialBias() {
        return new double[0];
    }

    /** The lower bound of the training loss of an epoch; see {@link LossFunction#least}. */
    default double leastLoss() {
        return 0;
    }

    /**
     * Whether sequence s of a batch continues sequence s of the batch before, with the state that the network had there:
     * truncated backpropagation through time.
     */
    default boolean carriesState() {
        return false;
    }

    /** Whether a sequence, by its number in the epoch, nevertheless begins with a state of zero. */
    default boolean beginsAnew(int sequence) {
        return true;
    }

    /**
     * Adds everything that training and validation read: a training is resumed only where it is the same.
     *
     * @param fingerprint receives the values and how they are put together
     */
    void addTo(Fingerprint fingerprint);

    /** The number of batches of an epoch. */
    int updatesPerEpoch(int batch);

    /** Draws the sequences of an epoch. Called before each epoch with the same stream, and in order. */
    void startEpoch(RandomStream stream);

    /**
     * Copies one sequence; batch u of size B consists of the sequences u B to (u + 1) B - 1 of the epoch. Called by several
     * threads at once if there are several.
     *
     * @param sequence its number in the epoch
     * @param x receives its features in one column: (T I) x width, steps stacked by rows
     * @param y receives its targets in one column: (K O) x width
     * @param column the column
     */
    void copy(int sequence, DMatrixRMaj x, DMatrixRMaj y, int column);

    /**
     * The validation loss, by which the best epoch is chosen: the smaller, the better. It may be another quantity than the
     * training loss.
     *
     * @throws java.util.concurrent.CancellationException if the user has interrupted the work, where that is polled: a checkpoint
     *     is written, and training ends
     */
    double validationLoss(Kernel kernel, NetworkParameters network);
}
