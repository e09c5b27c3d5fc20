/**
 * The self-test of the gradient checker, and differences of arrays.
 *
 * <p>Not for users of the library: it changes without notice.
 */
package org.spikecast.check.internal;
