package org.spikecast.voltage;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.Kernel;
import org.spikecast.lstm.LstmParameters;
import org.spikecast.train.Scaling;

/** Forecasts voltage traces. Not for use by several threads at once. */
public interface TraceForecaster {
    /**
     * Forecasts from each place on, as far as wanted, without any observation from there on but the current.
     *
     * @param starts the places of the first samples that are not observed
     * @param samples how many to forecast
     * @return mV, samples x starts
     */
    DMatrixRMaj forecast(Traces traces, int[] starts, int samples);

    /**
     * The forecaster of a form.
     *
     * @param network which must not change while the forecaster is used
     * @param scaling of voltage and current
     */
    static TraceForecaster of(Kernel kernel, LstmParameters network, TraceForm form, Scaling scaling) {
        if (form instanceof BlockForm block) {
            return new BlockForecaster(kernel, network, block, scaling);
        }
        return new StepForecaster(kernel, network, (StepForm) form, scaling);
    }
}
