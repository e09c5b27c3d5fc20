/**
 * Forecasting a membrane potential, from the traces to the report.
 *
 * <p>{@link org.spikecast.voltage.Ca1Study} repeats {@code run ca1-...} from a Java program, with parts of one's own;
 * {@link org.spikecast.voltage.internal.TraceExperiment} runs it. Traces come from a {@link
 * org.spikecast.voltage.TraceSource}. The layout of a network is a {@link org.spikecast.voltage.internal.TraceForm}:
 * sequence to sequence ({@link org.spikecast.voltage.internal.BlockForm}) or autoregressive ({@link
 * org.spikecast.voltage.internal.StepForm}).
 */
package org.spikecast.voltage;
