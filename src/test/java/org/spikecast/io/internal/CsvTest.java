package org.spikecast.io.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsvTest {
    @TempDir
    Path folder;

    static List<Arguments> tables() {
        double[][] rows = {{1, -2.5}, {0.03, 4e5}};
        return List.of(
                Arguments.of("a,b\n1,-2.5\n3e-2,4E+5\n", List.of("a", "b"), rows),
                Arguments.of("a,b\r\n1,-2.5\r\n.03,400000.\r\n", List.of("a", "b"), rows),
                Arguments.of("\uFEFFa,b\n1,-2.5\n3e-2,4e5", List.of("a", "b"), rows),
                Arguments.of("\uFEFF1,-2.5\n3e-2,4e5", List.of("c1", "c2"), rows),
                Arguments.of(" a , b\n 1 ,\t-2.5\n+3e-2, 4e5\n\n \n", List.of("a", "b"), rows),
                Arguments.of("\"x, \"\"y\"\"\" ,b\n1,-2.5\n3e-2,4e5\n", List.of("x, \"y\"", "b"), rows),
                Arguments.of("\"1\",\"2\"\n1,-2.5\n3e-2,4e5\n", List.of("1", "2"), rows),
                Arguments.of("a\n", List.of("a"), new double[0][]),
                Arguments.of("7", List.of("c1"), new double[][] {{7}}));
    }

    @ParameterizedTest
    @MethodSource("tables")
    void readsTables(String text, List<String> columns, double[][] rows) throws IOException {
        Csv table = Csv.read(Files.writeString(folder.resolve("a.csv"), text));
        assertEquals(columns, table.columns());
        assertArrayEquals(rows, table.rows());
    }

    static List<Arguments> malformed() {
        return List.of(
                Arguments.of("", "expected a table of numbers, got an empty file"),
                Arguments.of("\n1\n", "line 1, column 1 (c1): expected a number, got an empty cell"),
                Arguments.of("a,b,n12\n1,2,3\n1,2,abc\n", "line 3, column 3 (n12): expected a number, got 'abc'"),
                Arguments.of("1,2\n1,\n", "line 2, column 2 (c2): expected a number, got an empty cell"),
                Arguments.of("1,NaN\n1,2\n", "line 1, column 2 (c2): expected a number, got 'NaN'"),
                Arguments.of("1,\n1,2\n", "line 1, column 2 (c2): expected a number, got an empty cell"),
                Arguments.of("a\n-inf\n", "line 2, column 1 (a): expected a number, got '-inf'"),
                Arguments.of("1\n1e999\n", "line 2, column 1 (c1): expected a number, got '1e999'"),
                Arguments.of("1\n0x1p3\n", "line 2, column 1 (c1): expected a number, got '0x1p3'"),
                Arguments.of("1\n1d\n", "line 2, column 1 (c1): expected a number, got '1d'"),
                Arguments.of("1\n\u0661\n", "line 2, column 1 (c1): expected a number, got '\u0661'"),
                Arguments.of(
                        "1\n" + "x".repeat(50) + "\u0007",
                        "line 2, column 1 (c1): expected a number, got '" + "x".repeat(40) + "...'"),
                Arguments.of("1\na\u0007\n", "line 2, column 1 (c1): expected a number, got 'a?'"),
                Arguments.of("a,b\n1,2\n1,2,3\n", "line 3: expected 2 cells, got 3"),
                Arguments.of("1,2\n1\n", "line 2: expected 2 cells, got 1"),
                Arguments.of("1,2\n\n\n1,2\n", "line 2: expected numbers, got a blank line"),
                Arguments.of(
                        ",a\n0,1\n",
                        "line 1, column 1: expected a name, got an empty cell (leave out a data frame's index when"
                                + " saving it)"),
                Arguments.of("a,\n0,1\n", "line 1, column 2: expected a name, got an empty cell"),
                Arguments.of(
                        "1,0.5,x2\n1,2,3\n",
                        "line 1 holds numbers, such as 0.5, and 'x2': mend it, or say --header yes if it names the columns"),
                Arguments.of("1.2.3\n1\n", "line 1, column 1 (c1): expected a number, got '1.2.3'"),
                Arguments.of("12O,1\n1,2\n", "line 1, column 1 (c1): expected a number, got '12O'"),
                Arguments.of(
                        "0,1,2\n5,3,1\n", "line 1 numbers the columns, '0,1,2', or it is data: say --header yes or no"),
                Arguments.of(
                        "1,2,3\n5,3,1\n", "line 1 numbers the columns, '1,2,3', or it is data: say --header yes or no"),
                Arguments.of(
                        "0,5;0,7\n1,5;2,5\n",
                        "line 1: expected cells separated by commas, with decimal points, got semicolons: '0,5;0,7'"),
                Arguments.of("a,b,a\n1,2,3\n", "line 1, column 3: expected a new name, got 'a' again"),
                Arguments.of("a,\"b\n", "line 1, column 2: expected a name, or one in double quotes, got '\"b'"),
                Arguments.of("a,\"\n", "line 1, column 2: expected a name, or one in double quotes, got '\"'"),
                Arguments.of("a,b\"\"\n", "line 1, column 2: expected a name, or one in double quotes, got 'b\"\"'"),
                Arguments.of(
                        "\"a\"b\"\n", "line 1, column 1: expected a name, or one in double quotes, got '\"a\"b\"'"));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void malformedTablesAreRefused(String text, String reason) throws IOException {
        Malformed.assertRefused(Csv::read, folder.resolve("a.csv"), text.getBytes(StandardCharsets.UTF_8), reason);
    }

    /** An ambiguous first line, which is refused, is read if an option decides. */
    @Test
    void aHeaderMayBeGivenOrDenied() throws IOException {
        Path file = Files.writeString(folder.resolve("a.csv"), "0,1,2\n5,3,1\n");
        Csv named = Csv.read(file, Csv.Header.YES);
        assertEquals(List.of("0", "1", "2"), named.columns());
        assertArrayEquals(new double[][] {{5, 3, 1}}, named.rows());
        assertEquals("1 rows, 3 columns, named in line 1: '0, 1, 2'", named.summary());
        Csv data = Csv.read(file, Csv.Header.NO);
        assertArrayEquals(new double[][] {{0, 1, 2}, {5, 3, 1}}, data.rows());
        assertEquals("2 rows, 3 columns, without a header", data.summary());
        Files.writeString(file, "1,b\n1,-2.5\n");
        assertEquals(List.of("1", "b"), Csv.read(file, Csv.Header.YES).columns());
        assertEquals(
                List.of("c1", "c2"),
                Csv.read(Files.writeString(file, "0,1\n2,1\n")).columns());
    }

    private static final String TIMES = "t,a,b\n0,3,1\n0.1,2,1\n0.2,1,0\n0.3,0,0\n0.4,1,1\n0.5,1,0\n";
    private static final String AS_IS = "; --time-column none reads the table as it is";

    static List<Arguments> timesAndSpikes() {
        String first = "looks like times, not like a neuron: --time-column 1 leaves it out";
        return List.of(
                Arguments.of(TIMES, "column 1 (t) " + first),
                Arguments.of(TIMES.replace("t,a,b\n", ""), "column 1 (c1) " + first),
                Arguments.of(TIMES.replace("t,a,b", "x,a,b"), "column 1 (x) " + first),
                Arguments.of("Time (ms),a\n7,1\n", "column 1 (Time (ms)) " + first),
                Arguments.of("index,a\n0,1\n", "column 1 (index) " + first),
                Arguments.of(
                        "a,time_ms\n1,7\n",
                        "column 2 (time_ms) looks like times, not like a neuron: --time-column 2 leaves it out"),
                Arguments.of(
                        "3,0.12\n0,0.4\n3,0.4\n7,1.9\n0,2.2\n1,2.25\n",
                        "its rows look like spikes, each a neuron and a time: expected a row per bin and a column per"
                                + " neuron, so count the spikes in bins first"));
    }

    @ParameterizedTest
    @MethodSource("timesAndSpikes")
    void whatLooksLikeTimesOrSpikesIsNoSeries(String text, String reason) throws IOException {
        Path file = folder.resolve("a.csv");
        Malformed.assertRefused(
                f -> Csv.readSeries(f, Csv.Header.AUTO, null),
                file,
                text.getBytes(StandardCharsets.UTF_8),
                reason + AS_IS);
        assertArrayEquals(
                Csv.read(file).rows(),
                Csv.readSeries(file, Csv.Header.AUTO, "none").rows());
    }

    @Test
    void aColumnOfTimesIsLeftOut() throws IOException {
        Path file = Files.writeString(folder.resolve("a.csv"), TIMES);
        for (String column : List.of("t", "1")) {
            Csv series = Csv.readSeries(file, Csv.Header.AUTO, column);
            assertEquals(List.of("a", "b"), series.columns());
            assertArrayEquals(new double[] {3, 1}, series.rows()[0]);
            assertArrayEquals(new double[] {1, 0}, series.rows()[5]);
        }
        for (String column : List.of("x", "4", "0")) {
            Malformed.assertRefused(
                    f -> Csv.readSeries(f, Csv.Header.AUTO, column),
                    file,
                    TIMES.getBytes(StandardCharsets.UTF_8),
                    "there is no column '" + column + "' of times beside others; its columns are [t, a, b]");
        }
        Malformed.assertRefused(
                f -> Csv.readSeries(f, Csv.Header.AUTO, "t"),
                file,
                TIMES.replace("0.3,0,0\n", "").getBytes(StandardCharsets.UTF_8),
                "column 1 (t): expected times that increase evenly, got 0.2 and then 0.4 in line 5");
    }

    /** Counts, a ramp of one column, and columns that only sometimes increase are what they seem. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a,b\n0,0\n0,1\n1,0\n0,0\n2,1\n0,0\n",
                "0\n1\n2\n3\n4\n5\n",
                "0,1\n0,0\n0,0\n1,0\n1,3\n1,2\n",
                "tau,a\n3,1\n2,1\n"
            })
    void seriesAreRead(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("a.csv"), text);
        assertArrayEquals(
                Csv.read(file).rows(),
                Csv.readSeries(file, Csv.Header.AUTO, null).rows());
    }

    @Test
    void otherEncodingsAreRefused() throws IOException {
        Malformed.assertRefused(
                Csv::read, folder.resolve("a.csv"), Malformed.latin1("\u00e9\n1\n"), "not valid UTF-8 text");
        assertThrows(NoSuchFileException.class, () -> Csv.read(folder.resolve("missing.csv")));
    }

    @Test
    void writesTables() throws IOException {
        List<String> columns = List.of("t", "rate, \"Hz\"");
        double[] time = {0, 0.5, 1};
        double[] rate = {1e-7};
        String expected = "t,\"rate, \"\"Hz\"\"\"\n0,1e-7\n0.5,\n1,\n";
        assertEquals(expected, Csv.text(columns, time, rate));
        Path file = folder.resolve("a.csv");
        Csv.write(file, columns, time, rate);
        assertEquals(expected, Files.readString(file));
        assertEquals("a\nNaN\n", Csv.text(List.of("a"), new double[] {Double.NaN}));
        assertEquals("a\n", Csv.text(List.of("a"), new double[0]));
    }

    @Test
    void whatItWritesItReads() throws IOException {
        List<String> columns = List.of("0", "1e5", "NaN", " a", "x,y", "\"", "b");
        double[][] data = new double[columns.size()][];
        for (int i = 0; i < data.length; i++) {
            data[i] = new double[] {Math.sqrt(i), -i / 3.0};
        }
        Path file = folder.resolve("a.csv");
        Csv.write(file, columns, data);
        Csv table = Csv.read(file);
        assertEquals(columns, table.columns());
        for (int i = 0; i < data.length; i++) {
            assertEquals(data[i][0], table.rows()[0][i]);
            assertEquals(data[i][1], table.rows()[1][i]);
        }
    }

    @Test
    void badArgumentsOfTheWriter() {
        assertThrows(IllegalArgumentException.class, () -> Csv.text(List.of("a", "b"), new double[1]));
        assertThrows(IllegalArgumentException.class, () -> Csv.text(List.of("a\nb"), new double[1]));
        assertThrows(IllegalArgumentException.class, () -> Csv.text(List.of(""), new double[1]));
    }
}
