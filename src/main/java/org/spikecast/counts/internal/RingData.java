package org.spikecast.counts.internal;

import java.util.LinkedHashMap;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.counts.Series;
import org.spikecast.io.NdArray;
import org.spikecast.neuron.RingRecording;
import org.spikecast.neuron.SpikeTrains;
import org.spikecast.neuron.internal.RingCoupling;
import org.spikecast.run.internal.Facts;

/**
 * A simulated ring: what was recorded, and the series that a forecaster learns.
 *
 * @param setup how it was simulated
 * @param spikes the spike trains; time 0 is the start of recording
 * @param series counts and external input per bin, and connections
 */
public record RingData(RingSetup setup, SpikeTrains spikes, Series series) {
    /** Simulates; the same setup gives the same data. */
    public static RingData simulate(RingSetup setup) {
        RingRecording recording = setup.delayMs() == null
                ? RingRecording.simulate(
                        setup.network(), setup.seed(), setup.burnInMs(), setup.durationMs(), setup.slideMs())
                : RingRecording.simulateEvents(
                        setup.network(),
                        setup.delayMs(),
                        setup.seed(),
                        setup.burnInMs(),
                        setup.durationMs(),
                        setup.slideMs());
        int slide = recording.binSteps();
        int n = setup.network().neurons();
        int[] counts = recording.spikes().counts(slide * setup.slidesPerBin(), slide);
        if (counts.length == 0) {
            throw new IllegalArgumentException("The duration of " + setup.durationMs() + " ms is shorter than a bin of "
                    + setup.binMs() + " ms: simulate longer");
        }
        DMatrixRMaj external = new DMatrixRMaj(counts.length / n, n);
        for (int j = 0; j < counts.length; j++) {
            for (int slice = 0; slice < setup.slidesPerBin(); slice++) {
                external.data[j] += recording.external()[j + slice * n];
            }
        }
        Series series = new Series(setup.binMs(), setup.slideMs(), matrix(counts, n), external, connections(setup));
        return new RingData(setup, recording.spikes(), series);
    }

    private static DMatrixRMaj matrix(int[] values, int columns) {
        DMatrixRMaj matrix = new DMatrixRMaj(values.length / columns, columns);
        for (int j = 0; j < values.length; j++) {
            matrix.data[j] = values[j];
        }
        return matrix;
    }

    private static Connections connections(RingSetup setup) {
        RingCoupling coupling = new RingCoupling(setup.network());
        return SeriesFile.connections(setup.network().neurons(), coupling.edges(), coupling.weights());
    }

    /** The arrays of {@code series.npz}. */
    public Map<String, NdArray> arrays() {
        Map<String, NdArray> arrays = new LinkedHashMap<>();
        arrays.put("spike_time", NdArray.of(spikes.spikeTimes(), spikes.size()));
        arrays.put("spike_neuron", NdArray.of(spikes.spikeNeurons(), spikes.size()));
        arrays.putAll(SeriesFile.arrays(series));
        return arrays;
    }

    /** What the simulation looks like, for {@code metrics.json} and tables: rates in Hz, CV and Fano factor. */
    public Map<String, Object> statistics() {
        int n = spikes.neurons();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("rate_e_hz", spikes.rateHz(0, n / 2));
        json.put("rate_i_hz", spikes.rateHz(n / 2, n));
        json.put("cv_isi", Facts.orNull(spikes.meanCv()));
        json.put("fano_1ms", fano());
        return json;
    }

    private Double fano() {
        double perMs = 1 / spikes.dt();
        boolean divides = Math.abs(perMs - Math.rint(perMs)) < 1e-9 * perMs;
        return divides && spikes.steps() >= perMs ? Facts.orNull(spikes.fano(1)) : null;
    }
}
