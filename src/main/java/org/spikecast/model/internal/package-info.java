/**
 * The layout of arrays at the edge, and the version.
 *
 * <p>Not for users of the library: it changes without notice.
 */
package org.spikecast.model.internal;
