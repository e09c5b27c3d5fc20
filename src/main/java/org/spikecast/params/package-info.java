/**
 * Named blocks of parameters in one order. {@link org.spikecast.params.ParameterSet} is all that optimisers, clipping, the gradient
 * checker and model files know of a network, or of a function of one's own.
 */
package org.spikecast.params;
