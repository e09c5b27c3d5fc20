package org.spikecast.neuron;

import org.spikecast.io.internal.Label;
import org.spikecast.neuron.internal.Ca1Neuron;

/**
 * The regimes of a {@link Ca1Neuron} with normal calcium under a constant current, in uA/cm2: a typical current of the
 * regime, and the interval within it from which data are drawn.
 */
public enum Ca1Regime {
    /** Bursts of four spikes, one every 133 ms at 0.5; the regime spans 0.24 to 0.90. */
    REGULAR_BURSTING(0.5, 0.3, 0.8),
    /** Bursts and single spikes without a period, chaotic; the regime spans 0.92 to 1.20. */
    IRREGULAR_BURSTING(1.0, 0.95, 1.15),
    /** A spike every 5.39 ms at 3.0; the regime begins at 2.35. */
    REGULAR_SPIKING(3.0, 2.5, 3.5);

    private final double current;
    private final double lowest;
    private final double highest;

    Ca1Regime(double current, double lowest, double highest) {
        this.current = current;
        this.lowest = lowest;
        this.highest = highest;
    }

    /** The current that represents the regime. */
    public double current() {
        return current;
    }

    /** The lowest current of data. */
    public double lowestCurrent() {
        return lowest;
    }

    /** The highest current of data. */
    public double highestCurrent() {
        return highest;
    }

    /** Its name in commands and files: regular-bursting. */
    public String label() {
        return Label.of(this);
    }
}
