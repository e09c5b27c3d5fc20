package org.spikecast.experiment;

import org.spikecast.data.Form;
import org.spikecast.train.TrainingOptions;

/** A forecaster to be trained: its form, and how. */
public record Training(Form form, TrainingOptions options) {}
