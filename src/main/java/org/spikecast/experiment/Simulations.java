package org.spikecast.experiment;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.spikecast.io.AtomicFiles;
import org.spikecast.io.NdArray;
import org.spikecast.io.Npz;
import org.spikecast.kernel.Kernel;
import org.spikecast.neuron.Ca1Recording;
import org.spikecast.neuron.LifSimulation;
import org.spikecast.neuron.SpikeTrains;
import org.spikecast.report.Chart;
import org.spikecast.report.Page;

/** Writes the folder of a simulation that nothing is trained on. */
public final class Simulations {
    /** The time that a figure of voltages shows. */
    private static final int SHOWN_MS = 500;

    private Simulations() {}

    /**
     * Writes a ring's folder, from which a forecaster can be trained.
     *
     * @param out where; null for a folder of its own under runs
     * @param arguments the command line, to repeat the run
     */
    public static RunFolder write(RingData data, Path out, List<String> arguments) throws IOException {
        RunFolder folder = RunFolder.create(out, "simulate-ring");
        Npz.write(folder.file("series.npz"), data.arrays());
        folder.writeFigure("raster", RunReport.raster(data.spikes()));
        RingSetup setup = data.setup();
        finish(folder, "simulate ring", setup.seed(), data.statistics(), arguments, setup.toJson(), Kernel.best());
        return folder;
    }

    /**
     * Writes the folder of unconnected neurons.
     *
     * @param statistics what {@code metrics.json} is to say
     * @param seed of the drive
     * @param out where; null for a folder of its own under runs
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
        Chart chart = Chart.of("Voltage of neuron 0", "time (ms)", "voltage (1 = threshold)")
                .line("V", time, first);
        folder.writeFigure("voltage", chart);
        finish(folder, "simulate lif", seed, statistics, arguments, null, Kernel.best());
        return folder;
    }

    /**
     * Writes the folder of CA1 neurons, with a page that shows the first one.
     *
     * @param kernel what it was simulated with
     * @param out where; null for a folder of its own under runs
     * @param arguments the command line, to repeat the run
     */
    public static RunFolder write(
            Ca1Setup setup, Ca1Recording recording, Kernel kernel, Path out, List<String> arguments)
            throws IOException {
        RunFolder folder = RunFolder.create(out, "simulate-ca1");
        int cells = recording.cells();
        int[] spikeCell = IntStream.range(0, cells)
                .flatMap(cell -> IntStream.generate(() -> cell).limit(recording.spikeTimes()[cell].length))
                .toArray();
        double[] spikeTime = Arrays.stream(recording.spikeTimes())
                .flatMapToDouble(Arrays::stream)
                .toArray();
        int[] order = IntStream.range(0, spikeTime.length)
                .boxed()
                .sorted(Comparator.comparingDouble(s -> spikeTime[s])) // stable: by cell where times are equal
                .mapToInt(Integer::intValue)
                .toArray();
        double[] sortedTime =
                Arrays.stream(order).mapToDouble(s -> spikeTime[s]).toArray();
        int[] sortedCell = Arrays.stream(order).map(s -> spikeCell[s]).toArray();
        Map<String, NdArray> arrays = SeriesFile.arrays(Ca1Data.traces(recording));
        arrays.put("spike_time", NdArray.of(sortedTime, sortedTime.length));
        arrays.put("spike_neuron", NdArray.of(sortedCell, sortedCell.length));
        Npz.write(folder.file("series.npz"), arrays);

        Map<String, Object> statistics = Ca1Setup.statistics(recording);
        Page page = new Page("Spikecast: simulate ca1");
        page.table(List.of("statistic", "value"), RunReport.rows(statistics));
        int shown = (int) Math.min(recording.samples(), SHOWN_MS / recording.sampleMs() + 1);
        Chart voltage = Chart.of("Voltage of cell 0", "time (ms)", "voltage (mV)")
                .line(
                        "V",
                        Arrays.copyOf(arrays.get("time").doubles(), shown),
                        Arrays.copyOf(recording.voltageOf(0), shown));
        folder.writeFigure("voltage", voltage);
        page.figure(
                voltage,
                "The first " + SHOWN_MS + " ms at most, under a current of "
                        + RunReport.text(recording.current()[0]) + " uA/cm2.");
        if (cells > 1) {
            double[] neuron = Arrays.stream(sortedCell).asDoubleStream().toArray();
            Chart raster = Chart.of("Spikes", "time (ms)", "cell").ticks("spikes", sortedTime, neuron);
            folder.writeFigure("raster", raster);
            page.figure(raster, "Every upward crossing of 0 mV.");
        }
        page.heading("How it was made");
        page.table(List.of("parameter", "value"), RunReport.rows(setup.toJson()));
        page.code(RunFolder.again(arguments));
        AtomicFiles.write(folder.file("report.html"), page.html());
        finish(folder, "simulate ca1", setup.seed(), statistics, arguments, setup.toJson(), kernel);
        return folder;
    }

    private static void finish(
            RunFolder folder,
            String experiment,
            long seed,
            Map<String, Object> statistics,
            List<String> arguments,
            Map<String, Object> setup,
            Kernel kernel)
            throws IOException {
        Map<String, Object> metrics = new LinkedHashMap<>();
        metrics.put("experiment", experiment);
        metrics.put("seed", seed);
        metrics.put("simulation", statistics);
        folder.writeJson("metrics.json", metrics);
        folder.writeManifest(arguments, seed, kernel, 1, setup);
    }
}
