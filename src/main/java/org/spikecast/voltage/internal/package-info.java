/**
 * The forms of forecasters of a voltage, their training and scores, the experiment and its report.
 *
 * <p>Not for users of the library: it changes without notice.
 */
package org.spikecast.voltage.internal;
