package org.spikecast.ode;

/** A system of ordinary differential equations y' = f(t, y). */
public interface Equation {
    /** The number of components of y. */
    int dimension();

    /**
     * Computes f; allocates nothing.
     *
     * @param y the state, not to be changed
     * @param dydt receives f(t, y)
     */
    void derivative(double t, double[] y, double[] dydt);

    /** The name of a component in messages. */
    default String component(int i) {
        return "component " + i;
    }
}
