package org.spikecast.neuron;

/** See {@link ExternalEvents#given}. */
final class GivenEvents implements ExternalEvents {
    private final double[] givenTime;
    private final int[] givenNeuron;
    private int next;

    GivenEvents(int neurons, double[] time, int[] neuron) {
        int m = time.length;
        Require.that(neuron.length == m, "neuron must hold " + m + " elements", neuron.length, "give one per event");
        for (int i = 0; i < m; i++) {
            Require.notNegative("every time", time[i]);
            if (i > 0 && time[i] < time[i - 1]) {
                throw Require.failure("times must ascend", time[i] + " after " + time[i - 1], "sort the events");
            }
            if (neuron[i] != ALL && (neuron[i] < 0 || neuron[i] >= neurons)) {
                throw Require.failure("neurons must be below " + neurons, neuron[i], "number them from 0");
            }
        }
        this.givenTime = time.clone();
        this.givenNeuron = neuron.clone();
    }

    @Override
    public void startAt(double ms) {
        next = 0;
        while (next < givenTime.length && givenTime[next] < ms) {
            next++;
        }
    }

    @Override
    public int next(double[] time, int[] neuron, int from, int to) {
        int count = Math.min(to - from, givenTime.length - next);
        System.arraycopy(givenTime, next, time, from, count);
        System.arraycopy(givenNeuron, next, neuron, from, count);
        next += count;
        return count;
    }
}
