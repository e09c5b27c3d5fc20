package org.spikecast.voltage.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.spikecast.io.NdArray;
import org.spikecast.io.Npz;
import org.spikecast.io.internal.AtomicFiles;
import org.spikecast.kernel.Kernel;
import org.spikecast.neuron.CellRecording;
import org.spikecast.report.internal.Chart;
import org.spikecast.report.internal.Page;
import org.spikecast.run.RunFolder;
import org.spikecast.run.internal.Facts;

/** Writes the folder of simulated CA1 neurons, without training. */
public final class Ca1Page {
    /** The time that a figure of voltages shows. */
    private static final int SHOWN_MS = 500;

    private Ca1Page() {}

    /**
     * Writes the folder of CA1 neurons, with a page that shows the first one.
     *
     * @param kernel the kernel of the simulation
     * @param out the folder; null for a new one under runs
     * @param arguments the command line, to repeat the run
     */
    public static RunFolder write(
            Ca1Setup setup, CellRecording recording, Kernel kernel, Path out, List<String> arguments)
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
        Map<String, NdArray> arrays = TraceFile.arrays(Traces.of(recording));
        arrays.put("spike_time", NdArray.of(sortedTime, sortedTime.length));
        arrays.put("spike_neuron", NdArray.of(sortedCell, sortedCell.length));
        Npz.write(folder.file("series.npz"), arrays);

        Map<String, Object> statistics = Ca1Setup.statistics(recording);
        Page page = new Page("Spikecast: simulate ca1");
        page.table(List.of("statistic", "value"), Facts.rows(statistics));
        int shown = (int) Math.min(recording.samples(), SHOWN_MS / recording.sampleMs() + 1);
        Chart voltage = Chart.of("Voltage of cell 0", "time (ms)", "voltage (mV)")
                .line(
                        "V",
                        Arrays.copyOf(arrays.get("time").doubles(), shown),
                        Arrays.copyOf(recording.voltageOf(0), shown));
        folder.writeFigure("voltage", voltage);
        page.figure(
                voltage,
                "Up to the first " + SHOWN_MS + " ms, under a current of "
                        + Facts.text(recording.current()[0]) + " uA/cm2.");
        if (cells > 1) {
            double[] neuron = Arrays.stream(sortedCell).asDoubleStream().toArray();
            Chart raster = Chart.of("Spikes", "time (ms)", "cell").ticks("spikes", sortedTime, neuron);
            folder.writeFigure("raster", raster);
            page.figure(raster, "Every upward crossing of 0 mV.");
        }
        page.heading("How it was made");
        page.table(List.of("parameter", "value"), Facts.rows(setup.toJson()));
        page.code(RunFolder.again(arguments));
        AtomicFiles.write(folder.file(RunFolder.REPORT), page.html());
        folder.finishSimulation("simulate ca1", setup.seed(), statistics, arguments, setup.toJson(), kernel);
        return folder;
    }
}
