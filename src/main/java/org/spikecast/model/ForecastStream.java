package org.spikecast.model;

import org.spikecast.lstm.NetworkState;
import org.spikecast.lstm.NetworkStream;

/**
 * Forecasts as data come in: each step takes the features of one time step and gives the forecast that follows from all
 * steps so far, in the data's units. A step allocates nothing. A stream is not for use by several threads at once.
 */
public final class ForecastStream {
    private final NetworkStream stream;
    private final Forecaster model;
    private final double[] x;
    private final double[] y;

    ForecastStream(NetworkStream stream, Forecaster model) {
        this.stream = stream;
        this.model = model;
        x = new double[model.inputs().channels()];
        y = new double[model.outputs().channels()];
    }

    /**
     * One step.
     *
     * @param features I numbers
     * @return O numbers; the next step writes to the same array
     * @throws IllegalArgumentException if there are more or fewer features, or one is not finite
     */
    public double[] step(double... features) {
        if (features.length != x.length) {
            throw new IllegalArgumentException("A step: expected " + x.length + " features, got " + features.length);
        }
        for (int j = 0; j < x.length; j++) {
            if (!Double.isFinite(features[j])) {
                throw new IllegalArgumentException(
                        "A step: expected finite numbers, got " + features[j] + " as feature " + j);
            }
            x[j] = model.inputs().apply(j, features[j]);
        }
        stream.step(x, y);
        for (int j = 0; j < y.length; j++) {
            y[j] = model.forecast(j, y[j]);
        }
        return y;
    }

    /** The state after the last step; what is written to it is what the next step begins with. */
    public NetworkState state() {
        return stream.state();
    }
}
