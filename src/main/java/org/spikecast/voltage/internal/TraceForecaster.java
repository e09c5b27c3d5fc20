package org.spikecast.voltage.internal;

import org.ejml.data.DMatrixRMaj;

/** Forecasts voltage traces. Not for use by several threads at once. */
public interface TraceForecaster {
    /**
     * Forecasts from each place on, with no observation from there on except the current.
     *
     * @param starts the places of the first samples that are not observed
     * @param samples the number of samples to forecast
     * @return mV, samples x starts
     */
    DMatrixRMaj forecast(Traces traces, int[] starts, int samples);
}
