package org.spikecast.counts.internal;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.io.internal.Fingerprint;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.run.Progress;
import org.spikecast.train.LossFunction;
import org.spikecast.train.Scaling;
import org.spikecast.train.TrainingData;
import org.spikecast.train.internal.Pass;

/**
 * Windows of sequences that are split by time. An epoch passes once over the training targets: windows of K targets each
 * are laid end to end, from a random phase on, and shuffled. The validation part is forecast bin by bin, from windows that
 * end before their target.
 */
public final class SequenceWindows implements TrainingData {
    private final LossFunction loss;
    private final Sequences sequences;
    private final Scaling inputs;
    private final Scaling outputs;
    private final Split split;
    private final int window;
    private final int lossSteps;
    private final double[] initialBias;
    private final double leastLoss;
    private final Progress progress;

    /** The windows of the epoch, each as sequence * trainEnd + the bin of its last target. */
    private int[] windows;

    /**
     * Windows for training.
     *
     * @param raw the sequences, in the data's units; features are scaled to a variance of 1, targets as the loss
     *     requires
     * @param window T, bins that a forecast reads
     * @param lossSteps K, last steps of a window whose output counts in the loss; 1 for the last one only
     * @throws IllegalArgumentException if the loss does not accept all targets
     */
    public SequenceWindows(Sequences raw, Split split, int window, int lossSteps, LossFunction loss) {
        this(raw, split, window, lossSteps, loss, Progress.NONE);
    }

    /**
     * The same, whose validation can be interrupted.
     *
     * @param progress polled during validation
     */
    public SequenceWindows(
            Sequences raw, Split split, int window, int lossSteps, LossFunction loss, Progress progress) {
        this.progress = progress;
        split.requireWindow(window);
        requireLossSteps(lossSteps, window);
        this.split = split;
        this.window = window;
        this.lossSteps = lossSteps;
        this.loss = loss;
        for (int s = 0; s < raw.count(); s++) {
            loss.requireTargets(raw.targets(s), "sequence " + (s + 1));
        }
        inputs = raw.standard(split.trainEnd());
        DMatrixRMaj[] targets = raw.firstTargets(split.trainEnd());
        outputs = loss.scaling(targets, split.trainEnd());
        sequences = raw.scaled(inputs, outputs);
        initialBias = loss.initialBias(targets, split.trainEnd(), outputs);
        leastLoss = leastLoss(sequences, split.trainEnd());
    }

    /** The mean of {@link LossFunction#least} over the targets of the first bins. */
    private double leastLoss(Sequences scaled, int bins) {
        double sum = 0;
        for (int s = 0; s < scaled.count(); s++) {
            for (double target : scaled.targets(s, 0, bins).data) {
                sum += loss.least(target);
            }
        }
        return sum / ((double) scaled.count() * bins * scaled.outputs());
    }

    /** Throws unless a window has this many steps for the loss. */
    public static void requireLossSteps(int lossSteps, int window) {
        if (lossSteps < 1 || lossSteps > window) {
            throw new IllegalArgumentException(
                    "steps in the loss: expected 1 to the window of " + window + " bins, got " + lossSteps);
        }
    }

    /** The scaling of the features. */
    public Scaling inputs() {
        return inputs;
    }

    /** The scaling of the targets. */
    public Scaling outputs() {
        return outputs;
    }

    @Override
    public NetworkConfig config(int hidden, int layers) {
        return new NetworkConfig(sequences.inputs(), hidden, layers, sequences.outputs());
    }

    @Override
    public int steps() {
        return window;
    }

    @Override
    public int outputSteps() {
        return lossSteps;
    }

    @Override
    public Pass.Factory passes(Kernel kernel, NetworkConfig config) {
        return Pass.over(kernel, loss, config, window, lossSteps);
    }

    @Override
    public double[] initialBias() {
        return initialBias;
    }

    @Override
    public double leastLoss() {
        return leastLoss;
    }

    private int windowsPerSequence() {
        return windowsPerSequence(split, window, lossSteps);
    }

    /** The windows of one sequence in an epoch: as many as fit for every phase. */
    static int windowsPerSequence(Split split, int window, int lossSteps) {
        return Math.max(1, (split.trainEnd() - window) / lossSteps);
    }

    @Override
    public void addTo(Fingerprint fingerprint) {
        fingerprint.add(loss.label()).add(window, lossSteps);
        fingerprint.add(
                split.trainEnd(), split.validationStart(), split.validationEnd(), split.testStart(), split.bins());
        inputs.addTo(fingerprint);
        outputs.addTo(fingerprint);
        for (int s = 0; s < sequences.count(); s++) {
            fingerprint.add(sequences.features(s).data).add(sequences.targets(s).data);
        }
    }

    @Override
    public int updatesPerEpoch(int batch) {
        return Math.max(1, windowsPerSequence() * sequences.count() / batch);
    }

    @Override
    public void startEpoch(RandomStream stream) {
        int phase = stream.nextInt(lossSteps);
        int perSequence = windowsPerSequence();
        windows = new int[Math.multiplyExact(sequences.count(), perSequence)];
        for (int w = 0; w < windows.length; w++) {
            int back = phase + w % perSequence * lossSteps;
            int bin = Math.max(window, split.trainEnd() - 1 - back);
            windows[w] = w / perSequence * split.trainEnd() + bin;
        }
        stream.shuffle(windows);
    }

    @Override
    public void copy(int number, DMatrixRMaj x, DMatrixRMaj y, int column) {
        int w = windows[number % windows.length];
        int sequence = w / split.trainEnd();
        int bin = w % split.trainEnd();
        sequences.copyWindow(sequence, bin, window, x, column);
        sequences.copyTargets(sequence, bin - lossSteps + 1, lossSteps, y, column);
    }

    @Override
    public double validationLoss(Kernel kernel, NetworkParameters network) {
        DMatrixRMaj target = sequences.targets(split.validationStart(), split.validationEnd());
        DMatrixRMaj output = CountTask.outputs(
                kernel, network, sequences, window, split.validationStart(), split.validationEnd(), progress);
        return loss.evaluate(kernel, output, target, target.createLike());
    }
}
