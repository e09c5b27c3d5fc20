/**
 * The self-test of the gradient checker, finite differences and the choice of their step.
 *
 * <p>Not for users of the library: it changes without notice.
 */
package org.spikecast.check.internal;
