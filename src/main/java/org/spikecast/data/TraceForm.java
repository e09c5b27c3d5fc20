package org.spikecast.data;

import org.spikecast.lstm.LstmConfig;

/** How a network forecasts a voltage trace. */
public sealed interface TraceForm permits BlockForm, StepForm {
    /** Features of a step: voltage and current. */
    int FEATURES = 2;

    /** The sizes of a network of this form. */
    LstmConfig config(int hidden, int layers);
}
