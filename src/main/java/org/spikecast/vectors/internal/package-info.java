/**
 * The replay of stored vectors: {@link org.spikecast.vectors.internal.Vectors} computes every case of {@code test-vectors} again and compares.
 */
package org.spikecast.vectors.internal;
