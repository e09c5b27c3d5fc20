package org.spikecast.io.internal;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.spikecast.io.MalformedFileException;

/**
 * A table of numbers, as in a CSV file.
 *
 * @param columns the columns' names
 * @param rows the numbers, all finite: one array per line, as long as {@code columns}
 * @param header whether the first line gave the columns' names; if not, they are c1, c2 and so on
 */
public record Csv(List<String> columns, double[][] rows, boolean header) {
    private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?");
    private static final Pattern NOT_FINITE = Pattern.compile("[+-]?(nan|inf|infinity)", Pattern.CASE_INSENSITIVE);

    /** Text that begins like a number but is none, such as 1.2.3 or 12O: an error rather than a name. */
    private static final Pattern NEARLY_NUMBER = Pattern.compile("[+-]?\\.?\\d\\S*");

    private static final Pattern NAME_OF_TIMES = Pattern.compile(
            "(time|times|timestamp|t|index)([ _(\\[]+(ms|us|s|sec|bins?|steps?)[)\\]]?)?", Pattern.CASE_INSENSITIVE);

    /** Fewer column numbers than this may as well be data: 0, 1 is two neurons, of which one spiked. */
    private static final int COLUMN_NUMBERS = 3;

    /** Fewer rows than this may increase by chance. */
    private static final int ROWS_OF_TIMES = 5;

    /** The relative difference of intervals between times that may come from their rounding in the file. */
    private static final double UNEVEN = 0.01;

    /** Whether the first line gives the columns' names. */
    public enum Header {
        /** Decided by its cells. */
        AUTO,
        YES,
        NO
    }

    /** Keeps a copy of the names; the rows are not copied. */
    public Csv {
        columns = List.copyOf(columns);
    }

    /** Reads a table; its cells decide whether the first line names the columns: see the method with a header. */
    public static Csv read(Path file) throws IOException {
        return read(file, Header.AUTO);
    }

    /**
     * Reads a table: UTF-8, with or without byte order mark; cells separated by commas, lines ended by LF or CRLF;
     * spaces around cells and blank lines at the end are ignored.
     *
     * <p>With {@link Header#AUTO} the first line names the columns if it has a cell in double quotes, or if none of
     * its cells is a number and one is a name. A line of names and numbers, or of the columns' numbers (0, 1, 2 or 1,
     * 2, 3 and so on), is refused: it could be meant either way. Empty, NaN and infinite cells, and text that begins
     * like a number, make no header: they are faulty data.
     *
     * @throws MalformedFileException if a name is empty or occurs twice, a line has more or fewer cells than the
     *     first, a cell is not a finite number, or it is not clear what the first line is; the message gives line and
     *     column, counted from 1
     */
    public static Csv read(Path file, Header header) throws IOException {
        try {
            return table(file, header);
        } catch (IllegalArgumentException | IOException e) {
            throw Content.failure(file, e);
        }
    }

    /**
     * Reads a table of one row per step of time and one column per channel.
     *
     * @param timeColumn a column that holds the steps' times, by its name or its number from 1 on, and is left out; "none"
     *     for a table without; null if a table that seems to have one, or to list spikes, is to be refused
     * @throws MalformedFileException as {@link #read(Path, Header)}; and if there are no rows, there is no such column, or
     *     its times do not increase evenly
     */
    public static Csv readSeries(Path file, Header header, String timeColumn) throws IOException {
        Csv table = read(file, header);
        try {
            if (table.rows.length == 0) {
                throw new IllegalArgumentException("it has no rows of numbers");
            }
            if (timeColumn == null) {
                table.requireNoTimes();
                return table;
            }
            return timeColumn.equals("none") ? table : table.without(table.times(timeColumn));
        } catch (IllegalArgumentException e) {
            throw Content.failure(file, e);
        }
    }

    private static Csv table(Path file, Header header) throws IOException {
        Content.requireFile(file);
        try (BufferedReader in = Files.newBufferedReader(file)) {
            return read(in, header);
        }
    }

    private static Csv read(BufferedReader in, Header header) throws IOException {
        String first = in.readLine();
        if (first == null) {
            throw new IllegalArgumentException("expected a table of numbers, got an empty file");
        }
        first = first.startsWith("\uFEFF") ? first.substring(1) : first;
        if (endOfCell(first, 0, ';') < first.length()) {
            throw new IllegalArgumentException("line 1: expected cells separated by commas, with decimal points, got"
                    + " semicolons: " + Content.show(first));
        }
        List<String> columns = new ArrayList<>();
        List<double[]> rows = new ArrayList<>();
        boolean named = header == Header.AUTO ? isHeader(first) : header == Header.YES;
        if (named) {
            columns.addAll(names(first));
        } else {
            IntStream.rangeClosed(1, first.split(",", -1).length).forEach(i -> columns.add("c" + i));
            rows.add(row(first, 1, columns));
            if (header == Header.AUTO && isCount(rows.get(0))) {
                throw new IllegalArgumentException("line 1 numbers the columns, " + Content.show(first)
                        + ", or it is data: say --header yes or no");
            }
        }
        int blank = 0;
        int number = 1;
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            number++;
            if (line.isBlank()) {
                blank = blank == 0 ? number : blank;
            } else if (blank > 0) {
                throw new IllegalArgumentException("line " + blank + ": expected numbers, got a blank line");
            } else {
                rows.add(row(line, number, columns));
            }
        }
        return new Csv(columns, rows.toArray(double[][]::new), named);
    }

    /** Whether a first line names the columns; an IllegalArgumentException if it has numbers beside names. */
    private static boolean isHeader(String line) {
        if (line.indexOf('"') >= 0) {
            return true;
        }
        String name = null;
        String number = null;
        for (String cell : line.split(",", -1)) {
            String text = cell.strip();
            if (NUMBER.matcher(text).matches()) {
                number = text;
            } else if (isName(text)) {
                name = text;
            }
        }
        if (name != null && number != null) {
            throw new IllegalArgumentException("line 1 holds numbers, such as " + number + ", and " + Content.show(name)
                    + ": mend it, or say --header yes if it names the columns");
        }
        return name != null;
    }

    /** Whether a cell, without spaces around it, looks like a name rather than a number or a faulty one. */
    private static boolean isName(String cell) {
        return !cell.isEmpty()
                && !NEARLY_NUMBER.matcher(cell).matches()
                && !NOT_FINITE.matcher(cell).matches();
    }

    /** Whether a row is 0, 1, 2 or 1, 2, 3 and so on, as a data frame without names writes its columns. */
    private static boolean isCount(double[] row) {
        boolean counts = row.length >= COLUMN_NUMBERS && (row[0] == 0 || row[0] == 1);
        for (int i = 1; i < row.length && counts; i++) {
            counts = row[i] == row[0] + i;
        }
        return counts;
    }

    /** Throws if a column seems to hold times, or the rows seem to be spikes. */
    private void requireNoTimes() {
        int n = columns.size();
        String asIs = "; --time-column none reads the table as it is";
        if (n == 2 && (areSpikes(0, 1) || areSpikes(1, 0))) {
            throw new IllegalArgumentException(
                    "its rows look like spikes, each a neuron and a time: expected a row per bin"
                            + " and a column per neuron, so count the spikes in bins first" + asIs);
        }
        for (int i = 0; i < n; i++) {
            boolean named = header && NAME_OF_TIMES.matcher(columns.get(i)).matches();
            if (named || i == 0 && n > 1 && rows.length >= ROWS_OF_TIMES && increases(0) == rows.length - 1) {
                throw new IllegalArgumentException("column " + (i + 1) + " (" + columns.get(i)
                        + ") looks like times, not like a neuron: --time-column " + (i + 1) + " leaves it out" + asIs);
            }
        }
    }

    /** Whether one column holds whole numbers and the other one never decreases, and mostly increases. */
    private boolean areSpikes(int neuron, int time) {
        boolean whole = true;
        for (double[] row : rows) {
            whole &= row[neuron] >= 0 && row[neuron] == Math.rint(row[neuron]);
        }
        int increases = increases(time);
        boolean even = increases == rows.length - 1 && unevenRow(time) < 0;
        return whole && rows.length >= ROWS_OF_TIMES && 2 * increases >= rows.length && !even;
    }

    /** The number of rows in which a column is larger than in the row before; -1 if it ever decreases. */
    private int increases(int column) {
        int increases = 0;
        for (int r = 1; r < rows.length; r++) {
            double change = rows[r][column] - rows[r - 1][column];
            if (change < 0) {
                return -1;
            }
            increases += change > 0 ? 1 : 0;
        }
        return increases;
    }

    /** The first row whose distance from the row before is not the usual one, the median; -1 if there is none. */
    private int unevenRow(int column) {
        double[] steps = new double[Math.max(0, rows.length - 1)];
        for (int r = 0; r < steps.length; r++) {
            steps[r] = rows[r + 1][column] - rows[r][column];
        }
        double[] sorted = steps.clone();
        Arrays.sort(sorted);
        for (int r = 0; r < steps.length; r++) {
            double usual = sorted[steps.length / 2];
            if (!(usual > 0) || Math.abs(steps[r] - usual) > UNEVEN * usual) {
                return r + 1;
            }
        }
        return -1;
    }

    /** The column of times of this name or number. */
    private int times(String nameOrNumber) {
        int column = columns.indexOf(nameOrNumber);
        for (int i = 0; i < columns.size() && column < 0; i++) {
            column = nameOrNumber.equals(Integer.toString(i + 1)) ? i : -1;
        }
        if (column < 0 || columns.size() == 1) {
            throw new IllegalArgumentException("there is no column " + Content.show(nameOrNumber)
                    + " of times beside others; its columns are " + columns);
        }
        int uneven = unevenRow(column);
        if (uneven >= 0) {
            throw new IllegalArgumentException("column " + (column + 1) + " (" + columns.get(column)
                    + "): expected times that increase evenly, got " + Decimal.shortest(rows[uneven - 1][column])
                    + " and then " + Decimal.shortest(rows[uneven][column]) + " in line "
                    + (uneven + (header ? 2 : 1)));
        }
        return column;
    }

    private Csv without(int column) {
        List<String> names = new ArrayList<>(columns);
        names.remove(column);
        double[][] others = new double[rows.length][columns.size() - 1];
        for (int r = 0; r < rows.length; r++) {
            System.arraycopy(rows[r], 0, others[r], 0, column);
            System.arraycopy(rows[r], column + 1, others[r], column, others[r].length - column);
        }
        return new Csv(names, others, header);
    }

    /** A summary for the log: rows, columns, and how the first line was read. */
    public String summary() {
        return rows.length + " rows, " + columns.size() + " columns, "
                + (header ? "named in line 1: " + Content.show(String.join(", ", columns)) : "without a header");
    }

    /** The finite number in a cell, or NaN if there is none. */
    private static double number(String cell) {
        double number = NUMBER.matcher(cell).matches() ? Double.parseDouble(cell) : Double.NaN;
        return Double.isFinite(number) ? number : Double.NaN;
    }

    /** The names in the header line; in a name in double quotes, a comma is plain and a quote stands doubled. */
    private static List<String> names(String line) {
        List<String> names = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        int at = 0;
        while (at <= line.length()) {
            int column = names.size() + 1;
            int end = endOfCell(line, at, ',');
            String name = line.substring(at, end).strip();
            if (name.contains("\"")) {
                String inner = name.substring(1, Math.max(1, name.length() - 1));
                if (!name.equals('"' + inner + '"') || inner.replace("\"\"", "").contains("\"")) {
                    throw new IllegalArgumentException("line 1, column " + column
                            + ": expected a name, or one in double quotes, got " + Content.show(name));
                }
                name = inner.replace("\"\"", "\"");
            }
            if (name.isEmpty()) {
                throw new IllegalArgumentException("line 1, column " + column + ": expected a name, got an empty cell"
                        + (column == 1 ? " (leave out a data frame's index when saving it)" : ""));
            }
            if (!seen.add(name)) {
                throw new IllegalArgumentException(
                        "line 1, column " + column + ": expected a new name, got " + Content.show(name) + " again");
            }
            names.add(name);
            at = end + 1;
        }
        return names;
    }

    /** The position of the first separator from {@code start} on that is not in quotes, or the line's length. */
    private static int endOfCell(String line, int start, char separator) {
        boolean quoted = false;
        for (int i = start; i < line.length(); i++) {
            quoted ^= line.charAt(i) == '"';
            if (line.charAt(i) == separator && !quoted) {
                return i;
            }
        }
        return line.length();
    }

    private static double[] row(String line, int number, List<String> columns) {
        String[] cells = line.split(",", -1);
        if (cells.length != columns.size()) {
            throw new IllegalArgumentException(
                    "line " + number + ": expected " + columns.size() + " cells, got " + cells.length);
        }
        double[] row = new double[cells.length];
        for (int i = 0; i < row.length; i++) {
            String cell = cells[i].strip();
            row[i] = number(cell);
            if (Double.isNaN(row[i])) {
                throw new IllegalArgumentException("line " + number + ", column " + (i + 1) + " (" + columns.get(i)
                        + "): expected a number, got " + (cell.isEmpty() ? "an empty cell" : Content.show(cell)));
            }
        }
        return row;
    }

    /** Writes a table; the content is {@link #text}, in UTF-8. */
    public static void write(Path file, List<String> columns, double[]... columnData) throws IOException {
        AtomicFiles.write(file, text(columns, columnData));
    }

    /**
     * A table as CSV text: a header line, then numbers that read back to the same doubles ({@link Decimal#shortest}),
     * and LF at the end of each line. Names are put in quotes where {@link #read} needs it.
     *
     * @param columns the columns' names, not empty and without line breaks
     * @param columnData one array per name; where one is shorter than the longest, cells stay empty
     * @throws IllegalArgumentException if there is not one array per name, or a name is empty or holds a line break
     */
    public static String text(List<String> columns, double[]... columnData) {
        if (columns.size() != columnData.length) {
            throw new IllegalArgumentException(
                    "expected one array per column name (" + columns.size() + "), got " + columnData.length);
        }
        StringBuilder out = new StringBuilder();
        out.append(columns.stream().map(Csv::headerCell).collect(Collectors.joining(",")))
                .append('\n');
        int rows = 0;
        for (double[] column : columnData) {
            rows = Math.max(rows, column.length);
        }
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < columnData.length; i++) {
                out.append(i == 0 ? "" : ",");
                out.append(row < columnData[i].length ? Decimal.shortest(columnData[i][row]) : "");
            }
            out.append('\n');
        }
        return out.toString();
    }

    private static String headerCell(String name) {
        if (name.isEmpty() || name.indexOf('\n') >= 0 || name.indexOf('\r') >= 0) {
            throw new IllegalArgumentException(
                    "expected a column name, not empty and without line breaks, got " + Content.show(name));
        }
        boolean quotes = !isName(name)
                || name.indexOf(',') >= 0
                || name.indexOf(';') >= 0
                || name.indexOf('"') >= 0
                || !name.equals(name.strip());
        return quotes ? '"' + name.replace("\"", "\"\"") + '"' : name;
    }
}
