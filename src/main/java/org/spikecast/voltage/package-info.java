/**
 * Forecasting a membrane potential, from the traces to the report.
 *
 * <p>{@link org.spikecast.voltage.Ca1Study} repeats {@code run ca1-...} from a Java program, with parts of one's own where wanted; {@link
 * org.spikecast.voltage.internal.TraceExperiment} runs it. Traces come from a {@link org.spikecast.voltage.TraceSource}. How a network
 * forecasts them is a {@link org.spikecast.voltage.internal.TraceForm}: in blocks ({@link org.spikecast.voltage.internal.BlockForm}) or sample by sample
 * ({@link org.spikecast.voltage.internal.StepForm}).
 */
package org.spikecast.voltage;
