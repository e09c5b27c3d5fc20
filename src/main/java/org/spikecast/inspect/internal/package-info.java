/**
 * The part of a run's report that shows a network from inside: the section "Inside the LSTM", and linear probes of its units.
 *
 * <p>Not for users of the library: it changes without notice.
 */
package org.spikecast.inspect.internal;
