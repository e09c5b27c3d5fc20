/**
 * The glass box: {@link org.spikecast.inspect.internal.Recording} runs a model and keeps every pre-activation, gate, state
 * and gradient, as arrays and as a page that shows them; {@code src/docs/inspect.md} introduces it. The page's scripts stand in
 * the resources, {@code network.js} with the equations.
 *
 * <p>Not for users of the library: what stands here changes without notice.
 */
package org.spikecast.inspect.internal;
