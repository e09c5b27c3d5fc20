/**
 * Recurrent networks, hand-written: {@link org.spikecast.lstm.Network} runs one forward and backward, {@link
 * org.spikecast.lstm.NetworkStream} step by step. {@link org.spikecast.lstm.NetworkConfig} has the sizes and the
 * {@link org.spikecast.lstm.Cell}, an LSTM unless another is named; {@link org.spikecast.lstm.NetworkParameters} the
 * weights, or a gradient with respect to them; {@link org.spikecast.lstm.NetworkState} what is carried from step to
 * step; {@link org.spikecast.lstm.NetworkTape} the activations of one run. {@link org.spikecast.lstm.PackedWeights}
 * serves several tapes with the same weights, {@link org.spikecast.lstm.Loss} training. The equations stand in {@code
 * Lstm} and {@code Gru}.
 */
package org.spikecast.lstm;
