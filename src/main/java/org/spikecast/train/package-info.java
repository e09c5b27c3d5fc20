/**
 * Training of networks for any task.
 *
 * <p>{@link org.spikecast.train.Trainer} trains a network on {@link org.spikecast.train.TrainingData} as {@link
 * org.spikecast.train.TrainingOptions} say: by an {@link org.spikecast.train.Optimiser}, at the rates of a {@link
 * org.spikecast.train.Schedule}, on one of the {@link org.spikecast.train.Losses}. {@link org.spikecast.train.Scaling} takes data to the
 * network's units and back. {@link org.spikecast.train.internal.Pass} is for data whose forward pass is more than that of a network.
 */
package org.spikecast.train;
