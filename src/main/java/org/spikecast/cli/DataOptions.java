package org.spikecast.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.spikecast.counts.Series;
import org.spikecast.counts.internal.RingData;
import org.spikecast.counts.internal.RingSetup;
import org.spikecast.counts.internal.SeriesFile;
import org.spikecast.voltage.internal.TraceFile;
import org.spikecast.voltage.internal.Traces;

/** The options that name a series to train or score on. */
final class DataOptions {
    private static final double USUAL_BIN_MS = 1;

    private final Option<Path> data;
    private final Option<Double> bin;
    private final TableOptions table;

    DataOptions(Command command) {
        data = command.required(
                "--data",
                Path.class,
                "DIR|FILE.csv",
                "Folder that run or simulate ring wrote, or a table of one column per neuron and one row per bin.");
        bin = command.option("--bin", Double.class, "X", null, "Width of the bins of a CSV file, ms.")
                .byDefault(USUAL_BIN_MS);
        table = new TableOptions(command);
    }

    /** The voltage traces of a folder. */
    Traces traces() throws IOException {
        if (bin.get() != null || !Files.isDirectory(data.get())) {
            throw new IllegalArgumentException(
                    "--data: the model forecasts voltage traces; give a folder that run ca1-..."
                            + " or simulate ca1 wrote, without --bin");
        }
        table.refuse("the model forecasts voltage traces, which no table holds");
        return TraceFile.read(data.get());
    }

    /** The series; the log reports what was read of a table. */
    Series series(Console console) throws IOException {
        if (Files.isDirectory(data.get())) {
            String reason = "folder " + data.get() + " holds the width of its bins";
            Command.refuse(reason, bin);
            table.refuse(reason);
            return SeriesFile.read(data.get(), 1);
        }
        return SeriesFile.of(table.read(data.get(), console), bin.or(USUAL_BIN_MS));
    }

    /**
     * The simulation that the series comes from; null if it is not known.
     *
     * @throws IllegalArgumentException if simulating again, as the folder describes it, gives other data
     */
    RingData ring(Series series, Console console) throws IOException {
        RingSetup setup = Files.isDirectory(data.get()) ? SeriesFile.readSetup(data.get()) : null;
        if (setup == null) {
            console.remark("No oracle: " + data.get() + " does not come with its simulation");
            return null;
        }
        console.update("simulation", 0, () -> "");
        RingData ring = RingData.simulate(setup);
        if (!Arrays.equals(ring.series().values().data, series.values().data)) {
            throw new IllegalArgumentException("Folder " + data.get()
                    + ": series.npz does not hold what its manifest's simulation gives: simulate it again");
        }
        return ring.sharing(series);
    }
}
