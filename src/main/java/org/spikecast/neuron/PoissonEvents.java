package org.spikecast.neuron;

import org.spikecast.kernel.RandomStream;

/** See {@link ExternalEvents#poisson}. */
final class PoissonEvents implements ExternalEvents {
    private final RandomStream stream;
    private final int neurons;
    private final double common;
    private final double meanWaitingTime;
    private double last;

    PoissonEvents(RingParameters parameters, RandomStream stream) {
        this.stream = stream;
        this.neurons = parameters.neurons();
        double c = parameters.sharedFraction();
        double trains = c + neurons * (1 - c);
        this.common = c / trains;
        this.meanWaitingTime = 1 / (parameters.externalRate() * trains);
    }

    @Override
    public void startAt(double ms) {
        last = ms;
    }

    @Override
    public int next(double[] time, int[] neuron, int from, int to) {
        if (meanWaitingTime == Double.POSITIVE_INFINITY) {
            return 0;
        }
        stream.nextInts(neurons, neuron, from, to);
        stream.nextExponentials(time, from, to);
        double t = last;
        for (int i = from; i < to; i++) {
            t += time[i] * meanWaitingTime;
            time[i] = t;
        }
        last = t;
        if (common > 0) {
            for (int i = from; i < to; i++) {
                neuron[i] = stream.nextDouble() < common ? ALL : neuron[i];
            }
        }
        return to - from;
    }
}
