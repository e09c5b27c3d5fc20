/**
 * The self-test of the gradient checker, and differences of arrays.
 *
 * <p>Not for users of the library: what stands here changes without notice.
 */
package org.spikecast.check.internal;
