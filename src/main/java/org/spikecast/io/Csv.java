package org.spikecast.io;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A table of numbers as a CSV file holds it.
 *
 * @param columns the columns' names
 * @param rows the numbers, all finite: one array per line, as long as {@code columns}
 */
public record Csv(List<String> columns, double[][] rows) {
    private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?");
    private static final Pattern NOT_FINITE = Pattern.compile("[+-]?(nan|inf|infinity)", Pattern.CASE_INSENSITIVE);

    /** Keeps a copy of the names; the rows are not copied. */
    public Csv {
        columns = List.copyOf(columns);
    }

    /**
     * Reads a table: UTF-8, with or without byte order mark; cells separated by commas, lines ended by LF or CRLF;
     * spaces around cells and blank lines at the end are ignored.
     *
     * <p>The first line names the columns if it has a cell that is in double quotes or is no number; else the columns
     * are c1, c2 and so on. (Names that are all numbers must therefore stand in quotes. Empty, NaN and infinite cells
     * beside numbers make no header: they are taken for faulty data.)
     *
     * @throws MalformedFileException if a name is empty or stands twice, a line has more or fewer cells than the first,
     *     or a cell is not a finite number; the message gives line and column, counted from 1
     */
    public static Csv read(Path file) throws IOException {
        return Content.read(file, () -> {
            try (BufferedReader in = Files.newBufferedReader(file)) {
                return read(in);
            }
        });
    }

    private static Csv read(BufferedReader in) throws IOException {
        String first = in.readLine();
        if (first == null) {
            throw new IllegalArgumentException("expected a table of numbers, got an empty file");
        }
        first = first.startsWith("\uFEFF") ? first.substring(1) : first;
        List<String> columns = new ArrayList<>();
        List<double[]> rows = new ArrayList<>();
        if (isHeader(first)) {
            columns.addAll(names(first));
        } else {
            IntStream.rangeClosed(1, first.split(",", -1).length).forEach(i -> columns.add("c" + i));
            rows.add(row(first, 1, columns));
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
        return new Csv(columns, rows.toArray(double[][]::new));
    }

    private static boolean isHeader(String line) {
        for (String cell : line.split(",", -1)) {
            String text = cell.strip();
            if (!text.isEmpty()
                    && !NUMBER.matcher(text).matches()
                    && !NOT_FINITE.matcher(text).matches()) {
                return true;
            }
        }
        return false;
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
            int end = endOfCell(line, at);
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
                throw new IllegalArgumentException("line 1, column " + column + ": expected a name, got an empty cell");
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

    /** The position of the first comma from {@code start} on that is not in quotes, or the line's length. */
    private static int endOfCell(String line, int start) {
        boolean quoted = false;
        for (int i = start; i < line.length(); i++) {
            quoted ^= line.charAt(i) == '"';
            if (line.charAt(i) == ',' && !quoted) {
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
        boolean quotes =
                !isHeader(name) || name.indexOf(',') >= 0 || name.indexOf('"') >= 0 || !name.equals(name.strip());
        return quotes ? '"' + name.replace("\"", "\"\"") + '"' : name;
    }
}
