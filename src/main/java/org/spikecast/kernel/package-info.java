/**
 * The few operations that decide the speed of a network, elementary functions and random numbers.
 *
 * <p>{@link org.spikecast.kernel.Kernel} is the contract, in plain code; {@link org.spikecast.kernel.Kernel#best}
 * gives the fastest provider that the JVM can run, with the same bits as any other. {@link
 * org.spikecast.kernel.RandomStream} draws random numbers, one stream per purpose. {@link
 * org.spikecast.kernel.internal.Elementary} has exp, log, sigma and tanh with the same bits on every JVM. The other
 * types serve to write a kernel or a cell.
 */
package org.spikecast.kernel;
