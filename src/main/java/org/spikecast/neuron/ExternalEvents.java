package org.spikecast.neuron;

import org.spikecast.kernel.RandomStream;

/** External kicks of an {@link EventDrivenRing}, one after another: when, and to which neuron. Time is in ms. */
public interface ExternalEvents {
    /** In place of a neuron: a kick to each of them at the same instant. */
    int ALL = -1;

    /** Goes to a time: the next events are those from there on. */
    void startAt(double ms);

    /**
     * Takes the next events.
     *
     * @param time receives their times from element {@code from} on, ascending
     * @param neuron receives their neurons, or {@link #ALL}
     * @param from the first element to be written
     * @param to the end of the elements to be written
     * @return how many there were: fewer than {@code to - from} if there are no more
     */
    int next(double[] time, int[] neuron, int from, int to);

    /**
     * The Poisson trains of (6) of {@link RingNetwork}, in continuous time: of rate (1-c) lambda to each neuron, and of
     * rate c lambda to all at once. They are drawn as one train: the time to the next event is exponential with the sum
     * of all rates, and the event falls to each train with a probability in proportion to the train's rate. This is the
     * same distribution, because a Poisson train has no memory.
     *
     * <p>The events that are asked for together are drawn in this order: their waiting times; then, per event, a uniform
     * number that tells whether it is common (if c &gt; 0), and its neuron (if it is not).
     *
     * @param stream where the randomness comes from; used, not copied
     */
    static ExternalEvents poisson(RingParameters parameters, RandomStream stream) {
        return new PoissonEvents(parameters, stream);
    }

    /**
     * Events from lists of equal length.
     *
     * @param time per event its time, finite, 0 or more, ascending; simultaneous ones are allowed
     * @param neuron per event its neuron, or {@link #ALL}
     * @throws IllegalArgumentException if a value is out of its range or order
     */
    static ExternalEvents given(RingParameters parameters, double[] time, int[] neuron) {
        return new GivenEvents(parameters.neurons(), time, neuron);
    }
}
