/**
 * The forecasters of spike counts and their baselines, oracle and ceiling, the scores, the experiment and its report.
 *
 * <p>Not for users of the library: it changes without notice.
 */
package org.spikecast.counts.internal;
