package org.spikecast.neuron;

/**
 * How a LIF neuron's voltage gets from one point of the time grid to the next: equation (2) of {@link LifPopulation}.
 *
 * <p>Under both schemes a kick acts at the end of its step and the threshold is seen at grid points only, so a spike
 * time is right to one step at best.
 */
public enum Scheme {
    /**
     * Forward Euler, l = dt / tau_L: the scheme of the cited ring network. Its voltage is right to first order in dt.
     */
    EULER {
        @Override
        public double leak(double x) {
            return x;
        }
    },

    /**
     * The linear equation's own solution, l = 1 - exp(-dt / tau_L). At grid points its voltage is that of (1) with
     * constant current and kicks on the grid, but for rounding; and a neuron under constant current spikes in the very
     * step in which the continuous solution reaches the threshold.
     */
    EXACT {
        @Override
        public double leak(double x) {
            // The series x (1 - x/2 (1 - x/3 (...))): 1 - exp(-x) would lose the digits of a small x. With x < 1
            // nothing cancels, and what follows x^20/20! is below half a unit in the last place.
            double sum = 0;
            for (int n = 20; n >= 1; n--) {
                sum = x / n * (1 - sum);
            }
            return sum;
        }
    };

    /** The share l of the voltage that leaks away in one step, for x = dt / tau_L in (0, 1). */
    public abstract double leak(double x);
}
