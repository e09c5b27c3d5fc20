package org.spikecast.counts;

import org.spikecast.train.LossFunction;
import org.spikecast.train.TrainingOptions;

/**
 * A forecaster to be trained, and how.
 *
 * @param form what it sees and says at once
 * @param window T, bins that a forecast reads
 * @param lossSteps K, last steps of a window whose output counts in the loss
 * @param loss the loss function
 */
public record Training(Form form, int window, int lossSteps, LossFunction loss, TrainingOptions options) {
    public Training {
        SequenceWindows.requireLossSteps(lossSteps, window);
    }
}
