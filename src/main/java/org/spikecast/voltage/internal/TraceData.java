package org.spikecast.voltage.internal;

import org.spikecast.train.Scaling;

/**
 * Voltage traces, split by trajectory.
 *
 * @param training to train on
 * @param longTraining as long as those of free runs, to train stateful networks on; null if there are none
 * @param validation to choose an epoch on
 * @param longValidation to choose an epoch on by free runs; null without {@code longTraining}
 * @param test to score blocks on
 * @param freeRun longer traces, to score free-running forecasts on
 * @param scaling of voltage and current
 */
public record TraceData(
        Traces training,
        Traces longTraining,
        Traces validation,
        Traces longValidation,
        Traces test,
        Traces freeRun,
        Scaling scaling) {}
