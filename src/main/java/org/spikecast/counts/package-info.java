/**
 * Forecasting spike counts, from the series to the report.
 *
 * <p>{@link org.spikecast.counts.RingStudy} repeats {@code run ring-60} and {@code run ring-600} from a Java program,
 * with parts of one's own; {@link org.spikecast.counts.internal.ForecastExperiment} runs it. {@link
 * org.spikecast.counts.Series} holds the data. {@link org.spikecast.counts.CountStream} is any stateful forecaster
 * that reads bin by bin. The forecasters: {@link org.spikecast.counts.CoupledForecaster}, {@link
 * org.spikecast.counts.internal.CoupledGlm}, and the windowed ones of {@link org.spikecast.counts.Form}.
 */
package org.spikecast.counts;
