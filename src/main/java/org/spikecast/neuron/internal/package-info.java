/**
 * The state of the ring network and of the CA1 neuron, step by step or from event to event, and their parts.
 *
 * <p>Not for users of the library: it changes without notice.
 */
package org.spikecast.neuron.internal;
