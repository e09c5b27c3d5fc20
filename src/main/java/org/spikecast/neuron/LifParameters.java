package org.spikecast.neuron;

import org.spikecast.neuron.internal.Require;

/**
 * Parameters of a leaky integrate-and-fire neuron. Voltage is dimensionless: it rests and resets at {@link #RESET} and
 * spikes at {@link #THRESHOLD}.
 *
 * @param tauL leak (membrane) time constant in ms, above 0
 * @param tauRef refractory time after a spike in ms, 0 or more
 */
public record LifParameters(double tauL, double tauRef) {
    /** The voltage at which a neuron spikes. */
    public static final double THRESHOLD = 1;

    /** The voltage after a spike. */
    public static final double RESET = 0;

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public LifParameters {
        Require.positive("tauL", tauL);
        Require.notNegative("tauRef", tauRef);
    }
}
