/**
 * Trained networks, their files and their use.
 *
 * <p>{@link org.spikecast.model.ModelFile} reads and writes models, {@link org.spikecast.model.Forecaster} runs one
 * over sequences, {@link org.spikecast.model.ForecastStream} over data that arrive step by step. The purpose of a
 * model is a {@link org.spikecast.model.Task}, which writes and reads its own entries of the file's metadata.
 */
package org.spikecast.model;
