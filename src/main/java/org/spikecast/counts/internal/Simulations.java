package org.spikecast.counts.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.spikecast.io.NdArray;
import org.spikecast.io.Npz;
import org.spikecast.kernel.Kernel;
import org.spikecast.neuron.LifSimulation;
import org.spikecast.neuron.SpikeTrains;
import org.spikecast.report.internal.Chart;
import org.spikecast.run.RunFolder;

/** Writes the folder of a simulation of spikes that nothing is trained on. */
public final class Simulations {
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
        folder.finishSimulation(
                "simulate ring", setup.seed(), data.statistics(), arguments, setup.toJson(), Kernel.best());
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
        folder.finishSimulation("simulate lif", seed, statistics, arguments, null, Kernel.best());
        return folder;
    }
}
