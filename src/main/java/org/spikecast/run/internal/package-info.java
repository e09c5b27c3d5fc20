/**
 * Facts and matrices as run folders write them, and the lock of a folder.
 *
 * <p>Not for users of the library: it changes without notice.
 */
package org.spikecast.run.internal;
