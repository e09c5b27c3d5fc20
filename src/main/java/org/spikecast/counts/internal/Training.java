package org.spikecast.counts.internal;

import org.spikecast.counts.Form;
import org.spikecast.counts.Series;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.train.LossFunction;
import org.spikecast.train.TrainingOptions;
import org.spikecast.train.internal.Effort;

/**
 * The training of a windowed forecaster.
 *
 * @param form the input and output layout
 * @param window T, bins that a forecast reads
 * @param lossSteps K, last steps of a window whose output counts in the loss
 * @param loss the loss function
 */
public record Training(Form form, int window, int lossSteps, LossFunction loss, TrainingOptions options) {
    public Training {
        SequenceWindows.requireLossSteps(lossSteps, window);
    }

    /** The number of windows of an epoch on a series; a batch of more repeats some of them. */
    public int windows(Series series, Split split) {
        int sequences = form.count(series);
        return Math.multiplyExact(sequences, SequenceWindows.windowsPerSequence(split, window, lossSteps));
    }

    /** Throws if a training on a series would not fit in memory, or would not end. */
    void requireEffort(Series series, Split split) {
        NetworkConfig config =
                new NetworkConfig(form.inputs(series), options.hidden(), options.layers(), form.outputs(series));
        new Effort(config, window, Math.max(1, windows(series, split) / options.batch()), options).require();
    }
}
