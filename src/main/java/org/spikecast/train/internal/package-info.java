/**
 * The optimisers, the loss functions, micro-batches, checkpoints, ridge regression.
 *
 * <p>Not for users of the library: it changes without notice.
 */
package org.spikecast.train.internal;
