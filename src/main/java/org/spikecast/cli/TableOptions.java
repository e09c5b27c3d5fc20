package org.spikecast.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.spikecast.io.internal.Csv;

/** The options of reading a CSV file of one row per step of time. */
final class TableOptions {
    private final Option<String> header;
    private final Option<String> timeColumn;

    TableOptions(Command command) {
        header = command.option(
                        "--header",
                        String.class,
                        "HOW",
                        null,
                        "Whether a CSV file's first line names its columns: yes or no.")
                .choices("yes", "no")
                .byDefault("yes if it does not look like numbers");
        timeColumn = command.option(
                "--time-column",
                String.class,
                "COLUMN",
                null,
                "A CSV file's column of times, by name or number, which is left out; none if there is none. Without this"
                        + " option a file that seems to have such a column is refused.");
    }

    /** Throws if one of them is given, since no table is read. */
    void refuse(String reason) {
        Command.refuse(reason, header, timeColumn);
    }

    /** Reads a table and logs what was read. */
    Csv read(Path file, Console console) throws IOException {
        Csv.Header first = header.get() == null
                ? Csv.Header.AUTO
                : new Csv.Header[] {Csv.Header.YES, Csv.Header.NO}[header.choice()];
        Csv table = Csv.readSeries(file, first, timeColumn.get());
        console.remark("Read " + file + ": " + table.summary());
        return table;
    }
}
