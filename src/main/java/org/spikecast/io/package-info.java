/**
 * File formats: NPY, NPZ, safetensors, CSV and JSON, and atomic writing of files.
 *
 * <p>This package handles arrays, names and bytes, not neurons or models. Every reader is strict: content that breaks
 * its format, or holds what this library cannot represent, gives a {@link org.spikecast.io.MalformedFileException}
 * that names the file and the reason; nothing is guessed, and nothing is allocated on the word of a header alone.
 * Every writer gives the same bytes for the same values, on every machine and JDK.
 */
package org.spikecast.io;
