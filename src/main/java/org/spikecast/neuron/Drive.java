package org.spikecast.neuron;

import org.spikecast.kernel.RandomStream;
import org.spikecast.neuron.internal.Require;

/** Input from outside to a population of neurons: constant, random, given, or any function of the step. */
@FunctionalInterface
public interface Drive {
    /**
     * Adds this drive's part of K_k in equation (2) of {@link LifPopulation} to every neuron's kick.
     *
     * @param kick the sum so far, per neuron
     * @param step the step k, counted from the start of the run
     */
    void addTo(double[] kick, int step);

    /**
     * The same constant current into every neuron: equation (4) of {@link LifPopulation}. A neuron at rest fires if
     * current tau_L exceeds 1.
     *
     * @param current I in 1/ms, finite
     * @param population the neurons that it drives; their scheme and step say what a current adds
     */
    static Drive constant(double current, LifPopulation population) {
        Require.finite("current", current);
        double k = population.kickPerCurrent() * current;
        return (kick, step) -> {
            for (int a = 0; a < kick.length; a++) {
                kick[a] += k;
            }
        };
    }

    /**
     * An independent Poisson train of kicks into every neuron.
     *
     * @param rate kicks per ms and neuron, 0 or more
     * @param size the voltage that one kick adds, finite
     * @param stream of the random numbers; within a step, neurons draw in ascending order
     * @param population the neurons that it drives
     */
    static Drive poisson(double rate, double size, RandomStream stream, LifPopulation population) {
        Require.notNegative("rate", rate);
        Require.finite("size", size);
        double mean = rate * population.dt();
        return (kick, step) -> {
            for (int a = 0; a < kick.length; a++) {
                kick[a] += size * stream.nextPoisson(mean);
            }
        };
    }

    /**
     * Kicks from a table.
     *
     * @param kicks steps x columns, row-major, finite; not copied
     * @param columns the number of neurons, or 1 for the same kicks to all
     * @return a drive that throws an IllegalArgumentException where the table ends or does not fit the neurons
     */
    static Drive given(double[] kicks, int columns) {
        Require.atLeast(1, "columns", columns);
        Require.that(kicks.length % columns == 0, "kicks must hold whole rows", kicks.length, "check columns");
        for (double k : kicks) {
            Require.finite("every kick", k);
        }
        int steps = kicks.length / columns;
        return (kick, step) -> {
            if (columns != 1 && columns != kick.length) {
                throw Require.failure("columns must be 1 or " + kick.length, columns, "give one per neuron");
            }
            if (step >= steps) {
                throw Require.failure("step must be below the table's " + steps, step, "shorten the run");
            }
            for (int a = 0; a < kick.length; a++) {
                kick[a] += kicks[step * columns + (columns == 1 ? 0 : a)];
            }
        };
    }
}
