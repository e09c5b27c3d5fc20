package org.spikecast.model;

import org.spikecast.data.Form;

/**
 * What a forecaster was trained for.
 *
 * @param form what it sees and says at once
 * @param window how many bins it reads
 * @param widthMs width of a bin
 * @param slideMs from one bin's start to the next one's
 * @param testFraction part of the bins, the last ones, that training never saw
 * @param seed of the training
 */
public record Task(Form form, int window, double widthMs, double slideMs, double testFraction, long seed) {}
