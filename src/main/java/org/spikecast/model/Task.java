package org.spikecast.model;

import org.spikecast.data.BlockForm;
import org.spikecast.data.Form;
import org.spikecast.data.StepForm;
import org.spikecast.data.TraceForm;

/** What a forecaster was trained for. */
public sealed interface Task {
    /** The seed of the training. */
    long seed();

    /**
     * The next bin of a series.
     *
     * @param form what it sees and says at once
     * @param window how many bins it reads
     * @param widthMs width of a bin
     * @param slideMs from one bin's start to the next one's
     * @param testFraction part of the bins, the last ones, that training never saw
     */
    record Bins(Form form, int window, double widthMs, double slideMs, double testFraction, long seed)
            implements Task {}

    /** A voltage trace. */
    sealed interface Trace extends Task {
        /** How it is read and forecast. */
        TraceForm form();

        /** The interval between samples. */
        double sampleMs();
    }

    /**
     * The next block of a voltage trace.
     *
     * @param form of window and block
     * @param sampleMs the interval between samples
     */
    record Blocks(BlockForm form, double sampleMs, long seed) implements Trace {}

    /**
     * A voltage trace, sample by sample. The network's output is a change of voltage, {@linkplain StepForm#encode encoded}:
     * nothing is scaled.
     *
     * @param form how it was trained
     * @param sampleMs the interval between samples
     */
    record Steps(StepForm form, double sampleMs, long seed) implements Trace {}
}
