/**
 * How files are read, checked and replaced whole: bytes and members, JSON, CSV, numbers as text, hashes.
 *
 * <p>Not for users of the library: it changes without notice.
 */
package org.spikecast.io.internal;
