/**
 * Facts and matrices as run folders write them.
 *
 * <p>Not for users of the library: it changes without notice.
 */
package org.spikecast.run.internal;
