/**
 * Reading, checking and atomic writing of files: bytes and members, JSON, CSV, numbers as text, hashes.
 *
 * <p>Not for users of the library: it changes without notice.
 */
package org.spikecast.io.internal;
