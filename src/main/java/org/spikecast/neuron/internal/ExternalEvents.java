package org.spikecast.neuron.internal;

import java.util.Arrays;
import org.spikecast.kernel.RandomStream;
import org.spikecast.neuron.RingParameters;

/** External kicks of an {@link EventDrivenRing}: times, in ms, and neurons. */
public interface ExternalEvents {
    /** In place of a neuron: a kick to each of them at the same instant. */
    int ALL = -1;

    /**
     * Adds the events of a stretch of time to a list, earlier ones first.
     *
     * @param from the beginning of the stretch, included
     * @param to its end, not included
     */
    void addTo(EventList list, double from, double to);

    /** Ascending times, and the neurons that are kicked. {@link #poisson} and {@link #given} fill it. */
    final class EventList {
        double[] time = new double[1024];
        int[] neuron = new int[1024];
        private int size;

        /** Adds an event, not earlier than the last one. */
        void add(double ms, int neuronOrAll) {
            if (size == time.length) {
                time = Arrays.copyOf(time, 2 * size);
                neuron = Arrays.copyOf(neuron, 2 * size);
            }
            time[size] = ms;
            neuron[size++] = neuronOrAll;
        }

        /** The number of events. */
        public int size() {
            return size;
        }

        /** The time of an event, in ms. */
        public double time(int event) {
            return time[event];
        }

        /** The neuron of an event, or {@link #ALL}. */
        public int neuron(int event) {
            return neuron[event];
        }

        void clear() {
            size = 0;
        }
    }

    /**
     * The Poisson trains of (6) of {@link RingNetwork}, in continuous time: of rate (1-c) lambda to each neuron, and
     * of rate c lambda to all at once. They are drawn as one train: the time to the next event is exponential with the
     * sum of all rates, and the event falls to each train with a probability in proportion to the train's rate. This
     * is the same distribution, because a Poisson train has no memory; for the same reason a new wait may begin where
     * a stretch begins.
     *
     * <p>Each event draws its wait, then (if c &gt; 0) a uniform number that decides whether it is common, then (if it
     * is not) its neuron. The last wait ends after the stretch.
     *
     * @param stream the source of random numbers; used, not copied
     */
    static ExternalEvents poisson(RingParameters parameters, RandomStream stream) {
        int n = parameters.neurons();
        double c = parameters.sharedFraction();
        double trains = c + n * (1 - c);
        double common = c / trains;
        double meanWait = 1 / (parameters.externalRate() * trains); // infinite without input
        return (list, from, to) -> {
            double t = from + stream.nextExponential() * meanWait;
            while (t < to) {
                list.add(t, common > 0 && stream.nextDouble() < common ? ALL : stream.nextInt(n));
                t += stream.nextExponential() * meanWait;
            }
        };
    }

    /**
     * Events from lists of equal length.
     *
     * @param time per event its time, finite, 0 or more, ascending; simultaneous ones are allowed
     * @param neuron per event its neuron, or {@link #ALL}
     * @throws IllegalArgumentException if a value is out of its range or order
     */
    static ExternalEvents given(RingParameters parameters, double[] time, int[] neuron) {
        int m = time.length;
        int n = parameters.neurons();
        Require.that(neuron.length == m, "neuron must hold " + m + " elements", neuron.length, "give one per event");
        for (int i = 0; i < m; i++) {
            Require.notNegative("every time", time[i]);
            if (i > 0 && time[i] < time[i - 1]) {
                throw Require.failure("times must ascend", time[i] + " after " + time[i - 1], "sort the events");
            }
            if (neuron[i] != ALL && (neuron[i] < 0 || neuron[i] >= n)) {
                throw Require.failure("neurons must be below " + n, neuron[i], "number them from 0");
            }
        }
        double[] givenTime = time.clone();
        int[] givenNeuron = neuron.clone();
        return (list, from, to) -> {
            int found = Arrays.binarySearch(givenTime, from);
            int i = found < 0 ? -found - 1 : found;
            while (i > 0 && givenTime[i - 1] == from) {
                i--;
            }
            for (; i < m && givenTime[i] < to; i++) {
                list.add(givenTime[i], givenNeuron[i]);
            }
        };
    }
}
