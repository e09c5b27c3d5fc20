package org.spikecast.counts.internal;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.counts.Series;
import org.spikecast.io.NdArray;
import org.spikecast.kernel.internal.Elementary;
import org.spikecast.neuron.RingRecording;
import org.spikecast.neuron.SpikeTrains;
import org.spikecast.neuron.internal.RingCoupling;
import org.spikecast.neuron.internal.RingNetwork;
import org.spikecast.run.internal.Facts;

/**
 * A simulated ring: its spikes, and the series that forecasters are trained on.
 *
 * @param setup the parameters of the simulation
 * @param spikes the spike trains; time 0 is the start of recording
 * @param series counts and external input per bin, and connections
 */
public record RingData(RingSetup setup, SpikeTrains spikes, Series series) {
    /** Simulates; the same setup gives the same data. */
    public static RingData simulate(RingSetup setup) {
        setup.requireSimulation();
        int n = setup.network().neurons();
        int steps = (int) Math.rint(setup.durationMs() / setup.network().dt());
        int bins = (steps - setup.binSteps()) / setup.slideSteps() + 1;
        DMatrixRMaj values = new DMatrixRMaj(bins, n);
        DMatrixRMaj external = new DMatrixRMaj(bins, n);
        SpikeTrains spikes;
        if (setup.delayMs() == null) {
            int[] slide = {0};
            spikes = RingRecording.simulate(
                    setup.network(),
                    setup.seed(),
                    setup.burnInMs(),
                    setup.durationMs(),
                    setup.slideMs(),
                    row -> addSlide(setup, external, slide[0]++, row, 0));
        } else {
            RingRecording recording = setup.simulateEvents();
            spikes = recording.spikes();
            for (int at = 0; at < recording.external().length; at += n) {
                addSlide(setup, external, at / n, recording.external(), at);
            }
        }
        int[] row = new int[n];
        for (int bin = 0; bin < bins; bin++) {
            spikes.counts(bin, setup.binSteps(), setup.slideSteps(), row);
            for (int a = 0; a < n; a++) {
                values.data[bin * n + a] = row[a];
            }
        }
        Series series = new Series(setup.binMs(), setup.slideMs(), values, external, connections(setup));
        return new RingData(setup, spikes, series);
    }

    /** Adds the external events of a slide, N numbers, to all bins that it is a part of. */
    private static void addSlide(RingSetup setup, DMatrixRMaj external, int slide, int[] events, int at) {
        int n = external.numCols;
        int last = Math.min(slide, external.numRows - 1);
        for (int bin = Math.max(0, slide - setup.slidesPerBin() + 1); bin <= last; bin++) {
            for (int a = 0; a < n; a++) {
                external.data[bin * n + a] += events[at + a];
            }
        }
    }

    /** The same with the arrays of an equal series, so that memory holds each but once. */
    public RingData sharing(Series equal) {
        DMatrixRMaj external = series.external();
        boolean same = equal.external() != null && Arrays.equals(equal.external().data, external.data);
        return new RingData(
                setup,
                spikes,
                new Series(
                        series.widthMs(),
                        series.slideMs(),
                        equal.values(),
                        same ? equal.external() : external,
                        series.connections()));
    }

    /** The variables of {@link #hidden}. */
    static final List<String> HIDDEN =
            List.of("membrane potential V", "time since the last spike", "drive by neighbours");

    /** Times since the last spike are cut off here, ms. */
    private static final double LONGEST_AGO_MS = 50;

    /**
     * Variables that the series does not contain, from a second simulation step by step: per neuron bins x 3, at the
     * end of each bin. They are V; the time since the last spike, ms, up to {@value #LONGEST_AGO_MS}; and the summed
     * weights of its neighbours' spikes, which decay with the time constant of the membrane. Only V is stored, the
     * others are computed on access.
     */
    List<DMatrixRMaj> hidden() {
        int n = series.neurons();
        double[][] voltage = voltages();
        Connections edges = series.connections();
        int[][] incoming = new int[n][];
        int[] size = new int[n];
        for (int target : edges.target()) {
            size[target]++;
        }
        Arrays.setAll(incoming, a -> new int[size[a]]);
        Arrays.fill(size, 0);
        for (int e = 0; e < edges.target().length; e++) {
            int target = edges.target()[e];
            incoming[target][size[target]++] = e;
        }
        double decay = Elementary.exp(-setup.slideMs() / setup.network().lif().tauL());
        return new AbstractList<>() {
            @Override
            public DMatrixRMaj get(int a) {
                DMatrixRMaj hidden = new DMatrixRMaj(series.bins(), HIDDEN.size());
                double ago = LONGEST_AGO_MS;
                double drive = 0;
                for (int bin = 0; bin < series.bins(); bin++) {
                    ago = series.values().get(bin, a) > 0 ? 0 : Math.min(LONGEST_AGO_MS, ago + setup.slideMs());
                    drive *= decay;
                    for (int e : incoming[a]) {
                        drive += edges.weight()[e] * series.values().get(bin, edges.source()[e]);
                    }
                    hidden.set(bin, 0, voltage[a][bin]);
                    hidden.set(bin, 1, ago);
                    hidden.set(bin, 2, drive);
                }
                return hidden;
            }

            @Override
            public int size() {
                return n;
            }
        };
    }

    /** V of each neuron at the end of each bin. */
    private double[][] voltages() {
        RingNetwork network = new RingNetwork(setup.network(), setup.seed());
        double dt = setup.network().dt();
        int burnIn = (int) Math.rint(setup.burnInMs() / dt);
        int slide = setup.slideSteps();
        double[][] voltage = new double[series.neurons()][series.bins()];
        for (int bin = 0; bin < series.bins(); bin++) {
            while (network.nextStep() < burnIn + (bin + 1) * slide) {
                network.step();
            }
            for (int a = 0; a < voltage.length; a++) {
                voltage[a][bin] = network.voltage(a);
            }
        }
        return voltage;
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

    /** Statistics of the simulation, for {@code metrics.json} and tables: rates in Hz, CV and Fano factor. */
    public Map<String, Object> statistics() {
        return statistics(spikes);
    }

    static Map<String, Object> statistics(SpikeTrains spikes) {
        int n = spikes.neurons();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("rate_e_hz", spikes.rateHz(0, n / 2));
        json.put("rate_i_hz", spikes.rateHz(n / 2, n));
        json.put("cv_isi", Facts.orNull(spikes.meanCv()));
        json.put("fano_1ms", fano(spikes));
        return json;
    }

    private static Double fano(SpikeTrains spikes) {
        double perMs = 1 / spikes.dt();
        boolean divides = Math.abs(perMs - Math.rint(perMs)) < 1e-9 * perMs;
        return divides && spikes.steps() >= perMs ? Facts.orNull(spikes.fano(1)) : null;
    }
}
