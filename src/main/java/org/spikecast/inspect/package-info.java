/**
 * The glass box: every step of an LSTM or a GRU.
 *
 * <p>{@link org.spikecast.inspect.Recording} runs a model and records every pre-activation, gate, state and gradient,
 * as arrays and as a page that shows them; {@code src/docs/inspect.md} introduces it. The page's scripts stand in the
 * resources, {@code network.js} with the equations.
 */
package org.spikecast.inspect;
