/**
 * Named blocks of parameters in one order. {@link org.spikecast.params.ParameterSet} is the only view that optimisers,
 * clipping, the gradient checker and model files have of a network, or of a function of one's own.
 */
package org.spikecast.params;
