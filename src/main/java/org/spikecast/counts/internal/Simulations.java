package org.spikecast.counts.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.spikecast.io.NdArray;
import org.spikecast.io.Npz;
import org.spikecast.io.internal.AtomicFiles;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.neuron.LifSimulation;
import org.spikecast.neuron.SpikeTrains;
import org.spikecast.report.internal.Chart;
import org.spikecast.report.internal.Page;
import org.spikecast.run.RunFolder;
import org.spikecast.run.internal.Facts;

/** Writes the folders of simulations of spikes, without training. */
public final class Simulations {
    /** The time that figures show. */
    private static final double SHOWN_MS = 1000;

    /** The window of a population's rate. */
    private static final double WINDOW_MS = 5;

    private Simulations() {}

    /** The folder of a simulated ring, and statistics of its activity. */
    public record Ring(RunFolder folder, Map<String, Object> statistics) {}

    /**
     * Simulates a ring and writes its folder, from which a forecaster can be trained. Memory holds spikes and
     * connections, but not counts, which follow from the spikes, nor, on a grid, external input, which is written
     * during the simulation.
     *
     * @param out the folder; null for a new one under runs
     * @param arguments the command line, to repeat the run
     */
    public static Ring ring(RingSetup setup, Path out, List<String> arguments) throws IOException {
        setup.requireSimulation(); // before there is a folder
        RunFolder folder = RunFolder.create(out, "simulate-ring");
        RingWriter series;
        try (AtomicFiles.Spool spool = AtomicFiles.spool(folder.path())) {
            series = RingWriter.simulate(setup, spool);
            series.write(folder.file("series.npz"));
        }
        SpikeTrains spikes = series.spikes();
        Map<String, Object> statistics = RingData.statistics(spikes);
        Page page = new Page("Spikecast: simulate ring");
        page.paragraph(
                "A ring of " + setup.network().neurons() + " leaky integrate-and-fire neurons, half of them excitatory,"
                        + " simulated for " + Facts.text(setup.durationMs()) + " ms.");
        page.table(List.of("statistic", "value"), Facts.rows(statistics));
        figure(folder, page, "raster", RunReport.raster(spikes), "Every spike of the last second.");
        figure(
                folder,
                page,
                "population",
                population(series),
                "Spike counts of all excitatory and all inhibitory neurons in the last second, as rates.");
        figure(folder, page, "rates", rates(spikes), "Mean rate of each neuron over the recording.");
        page.heading("How it was made");
        page.table(List.of("parameter", "value"), Facts.rows(setup.toJson()));
        page.code(RunFolder.again(arguments));
        AtomicFiles.write(folder.file(RunFolder.REPORT), page.html());
        folder.finishSimulation(
                "simulate ring", setup.seed(), statistics, arguments, setup.toJson(), new ScalarKernel());
        return new Ring(folder, statistics);
    }

    private static void figure(RunFolder folder, Page page, String name, Chart chart, String caption)
            throws IOException {
        folder.writeFigure(name, chart);
        page.figure(chart, caption);
    }

    /** Rates of the two halves in windows of some milliseconds, over the last second. */
    private static Chart population(RingWriter series) {
        RingSetup setup = series.setup();
        int n = setup.network().neurons();
        int together = Math.max(1, (int) Math.rint(WINDOW_MS / setup.slideMs()));
        int windows = Math.min(series.bins() / together, (int) (SHOWN_MS / (together * setup.slideMs())));
        int first = series.bins() - windows * together;
        double[] time = new double[windows];
        double[][] rate = new double[2][windows];
        int[] counts = new int[n];
        for (int w = 0; w < windows; w++) {
            time[w] = (first + (w + 0.5) * together) * setup.slideMs();
            for (int bin = first + w * together; bin < first + (w + 1) * together; bin++) {
                series.counts(bin, counts);
                for (int a = 0; a < n; a++) {
                    double perBin = (double) counts[a] / (n / 2) / setup.binMs();
                    rate[a < n / 2 ? 0 : 1][w] += 1000 * perBin / together;
                }
            }
        }
        return Chart.of("Population rates", "time (ms)", "rate (Hz)")
                .line("excitatory", time, rate[0])
                .line("inhibitory", time, rate[1]);
    }

    private static Chart rates(SpikeTrains spikes) {
        double[] rate = spikes.ratesHz();
        double[] neuron = new double[rate.length];
        Arrays.setAll(neuron, a -> a);
        return Chart.of("Rate of each neuron", "neuron", "rate (Hz)").line("", neuron, rate);
    }

    /**
     * Writes the folder of unconnected neurons.
     *
     * @param statistics the content of {@code metrics.json}
     * @param seed of the drive
     * @param out the folder; null for a new one under runs
     * @param arguments the command line, to repeat the run
     */
    public static RunFolder write(
            LifSimulation simulation, Map<String, Object> statistics, long seed, Path out, List<String> arguments)
            throws IOException {
        RunFolder folder = RunFolder.create(out, "simulate-lif");
        SpikeTrains spikes = simulation.spikes();
        int n = spikes.neurons();
        double[] time = new double[spikes.steps() + 1];
        double[] first = new double[time.length];
        for (int k = 0; k < time.length; k++) {
            time[k] = k * spikes.dt();
            first[k] = simulation.voltage()[k * n];
        }
        Map<String, NdArray> arrays = new LinkedHashMap<>();
        arrays.put("time", NdArray.of(time, time.length));
        arrays.put("voltage", NdArray.of(simulation.voltage(), time.length, n));
        arrays.put("spike_time", NdArray.of(spikes.spikeTimes(), spikes.size()));
        arrays.put("spike_neuron", NdArray.of(spikes.spikeNeurons(), spikes.size()));
        Npz.write(folder.file("trace.npz"), arrays);
        Page page = new Page("Spikecast: simulate lif");
        page.paragraph(
                n == 1 ? "One leaky integrate-and-fire neuron." : n + " unconnected leaky integrate-and-fire neurons.");
        page.table(List.of("statistic", "value"), Facts.rows(statistics));
        int shown = Math.min(time.length, (int) Math.rint(SHOWN_MS / spikes.dt()) + 1);
        figure(
                folder,
                page,
                "voltage",
                Chart.of("Voltage of neuron 0", "time (ms)", "voltage (1 = threshold)")
                        .line("V", Arrays.copyOf(time, shown), Arrays.copyOf(first, shown)),
                "Up to the first second. At the threshold, 1, the neuron spikes and is reset to 0.");
        if (n > 1) {
            double[] neurons =
                    Arrays.stream(spikes.spikeNeurons()).asDoubleStream().toArray();
            figure(
                    folder,
                    page,
                    "raster",
                    Chart.of("Spikes", "time (ms)", "neuron").ticks("spikes", spikes.spikeTimes(), neurons),
                    "Every spike of every neuron.");
            figure(folder, page, "rates", rates(spikes), "Mean rate of each neuron.");
        }
        page.heading("How it was made");
        page.code(RunFolder.again(arguments));
        AtomicFiles.write(folder.file(RunFolder.REPORT), page.html());
        folder.finishSimulation("simulate lif", seed, statistics, arguments, null, new ScalarKernel());
        return folder;
    }
}
