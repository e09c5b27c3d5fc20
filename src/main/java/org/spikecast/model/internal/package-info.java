/**
 * The layout of arrays in files, the metadata of model files, and the version.
 *
 * <p>Not for users of the library: it changes without notice.
 */
package org.spikecast.model.internal;
