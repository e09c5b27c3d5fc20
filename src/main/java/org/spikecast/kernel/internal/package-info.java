/**
 * The two providers of {@link org.spikecast.kernel.Kernel}, scalar here and SIMD beside it, the views and packed matrices that they
 * work on, threads that share their work, and the elementary functions exp, log, sigma and tanh with the same bits on every JVM.
 *
 * <p>Not for users of the library: it changes without notice.
 */
package org.spikecast.kernel.internal;
