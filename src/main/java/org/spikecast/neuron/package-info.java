/**
 * Leaky integrate-and-fire (LIF) neurons, a ring network of them, and the spike trains they produce.
 *
 * <p>Read {@link org.spikecast.neuron.LifPopulation} first (the neuron's equations), then {@link
 * org.spikecast.neuron.internal.RingNetwork} (the network's). Time is in ms, rates of input in 1/ms, rates of spikes
 * in Hz; voltage is dimensionless, from the reset at 0 to the threshold at 1. All times lie on a grid of steps of dt:
 * they are counted in whole steps and turned into ms only at the edge. Exceptions, without a grid and exact in time,
 * are {@link org.spikecast.neuron.internal.ConstantCurrent}, {@link org.spikecast.neuron.internal.Synapse}, {@link
 * org.spikecast.neuron.internal.DelayedNetwork} and {@link org.spikecast.neuron.internal.EventDrivenRing}.
 */
package org.spikecast.neuron;
