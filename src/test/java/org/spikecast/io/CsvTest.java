package org.spikecast.io;

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
                Arguments.of("1,b\n1,-2.5\n3e-2,4e5\n", List.of("1", "b"), rows),
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
                Arguments.of(",a\n0,1\n", "line 1, column 1: expected a name, got an empty cell"),
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
