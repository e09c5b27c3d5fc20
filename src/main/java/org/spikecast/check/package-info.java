/**
 * The gradient checker, for any function of parameters.
 *
 * <p>{@link org.spikecast.check.GradientCheck} checks an {@link org.spikecast.check.Objective}, a function with one output and its
 * claimed gradient, and gives a {@link org.spikecast.check.GradientReport}. {@link org.spikecast.check.VectorObjective} is for functions
 * of several outputs, {@link org.spikecast.check.NetworkObjective} for the loss of an LSTM or GRU, with a reference at machine
 * precision by dual numbers. {@link org.spikecast.check.internal.SelfTest} checks the checker.
 */
package org.spikecast.check;
