package org.spikecast.counts.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.spikecast.io.NdArray;
import org.spikecast.io.Npz;
import org.spikecast.io.internal.ArraySource;
import org.spikecast.io.internal.AtomicFiles;
import org.spikecast.io.internal.Dtype;
import org.spikecast.neuron.RingRecording;
import org.spikecast.neuron.SpikeTrains;
import org.spikecast.neuron.internal.RingCoupling;

/**
 * Writes the {@code series.npz} of a simulated ring, to the bytes of {@link RingData#arrays}, without bins x neurons in memory.
 *
 * @param setup the parameters of the simulation
 * @param spikes the recorded spikes
 * @param bins of the series
 * @param external holds the external events of each slide, N numbers each
 */
record RingWriter(RingSetup setup, SpikeTrains spikes, int bins, AtomicFiles.Spool external) {
    /** Simulates; external events go to the spool. */
    static RingWriter simulate(RingSetup setup, AtomicFiles.Spool spool) throws IOException {
        SpikeTrains spikes;
        try (OutputStream out = spool.write()) {
            if (setup.delayMs() == null) {
                spikes = RingRecording.simulate(
                        setup.network(),
                        setup.seed(),
                        setup.burnInMs(),
                        setup.durationMs(),
                        setup.slideMs(),
                        row -> put(out, row));
            } else { // events do not come in order of time, so memory holds them
                RingRecording recording = setup.simulateEvents();
                put(out, recording.external());
                spikes = recording.spikes();
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return new RingWriter(setup, spikes, spikes.bins(setup.binSteps(), setup.slideSteps()), spool);
    }

    private static void put(OutputStream out, int[] row) {
        try {
            Dtype.write(out, NdArray.of(row, row.length));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The spike counts of a bin, N of them. */
    void counts(int bin, int[] row) {
        spikes.counts(bin, setup.binSteps(), setup.slideSteps(), row);
    }

    /** Writes the file. */
    void write(Path file) throws IOException {
        RingCoupling coupling = new RingCoupling(setup.network());
        int[] edges = coupling.edges();
        Map<String, ArraySource> arrays = new LinkedHashMap<>();
        arrays.put("spike_time", ArraySource.of(NdArray.of(spikes.spikeTimes(), spikes.size())));
        arrays.put("spike_neuron", ArraySource.of(NdArray.of(spikes.spikeNeurons(), spikes.size())));
        arrays.put("counts", rows(this::writeCounts));
        arrays.put("external", rows(this::writeExternal));
        arrays.put("edges", ArraySource.of(NdArray.of(edges, edges.length / 2, 2)));
        arrays.put("weights", ArraySource.of(NdArray.of(coupling.weights(), edges.length / 2)));
        arrays.put("bin_ms", ArraySource.of(NdArray.of(new double[] {setup.binMs(), setup.slideMs()}, 2)));
        Npz.writeSources(file, arrays);
    }

    private ArraySource rows(AtomicFiles.IOConsumer<OutputStream> body) {
        int[] shape = {bins, spikes.neurons()};
        return new ArraySource() {
            @Override
            public boolean isInteger() {
                return true;
            }

            @Override
            public int[] shape() {
                return shape.clone();
            }

            @Override
            public void write(OutputStream out) throws IOException {
                body.accept(out);
            }
        };
    }

    private void writeCounts(OutputStream out) throws IOException {
        int[] row = new int[spikes.neurons()];
        for (int bin = 0; bin < bins; bin++) {
            counts(bin, row);
            Dtype.write(out, NdArray.of(row, row.length));
        }
    }

    /** A bin's events are those of its slides. */
    private void writeExternal(OutputStream out) throws IOException {
        int n = spikes.neurons();
        int[][] slides = new int[setup.slidesPerBin()][];
        int[] row = new int[n];
        try (InputStream in = external.read()) {
            for (int slide = 0; slide < bins + slides.length - 1; slide++) {
                int at = slide % slides.length;
                slides[at] = Dtype.I32.read(in, ByteOrder.LITTLE_ENDIAN, n).ints();
                if (slide >= slides.length - 1) {
                    Arrays.fill(row, 0);
                    for (int[] part : slides) {
                        for (int a = 0; a < n; a++) {
                            row[a] += part[a];
                        }
                    }
                    Dtype.write(out, NdArray.of(row, n));
                }
            }
        }
    }
}
