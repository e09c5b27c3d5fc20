package org.spikecast.io.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class JsonTest {
    @TempDir
    Path folder;

    @Test
    void parsesEveryKindOfValueInOrder() {
        Object value = Json.parse("""
                 {"z": [1, -2.5, 1e3, 9223372036854775807, 9223372036854775808, -0, 0],
                  "a": {"t": true, "f": false, "n": null}, "": "\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\uDE00\u00e9",
                  "e": [{}, []]}
                """);
        Map<String, Object> inner = new LinkedHashMap<>();
        inner.put("t", true);
        inner.put("f", false);
        inner.put("n", null);
        Map<String, Object> expected = new LinkedHashMap<>();
        expected.put("z", List.of(1L, -2.5, 1000.0, Long.MAX_VALUE, 0x1p63, -0.0, 0L));
        expected.put("a", inner);
        expected.put("", "\"\\/\b\f\n\r\t\u00e9\ud83d\ude00\u00e9");
        expected.put("e", List.of(Map.of(), List.of()));
        assertEquals(expected, value);
        assertEquals(List.of("z", "a", "", "e"), new ArrayList<>(((Map<?, ?>) value).keySet()));
    }

    @Test
    void nestingOf64LevelsIsTheMost() {
        String deepest = "[".repeat(64) + "]".repeat(64);
        assertEquals(deepest, Json.writeCompact(Json.parse(deepest)));
        assertParseError(
                "[".repeat(65) + "]".repeat(65), "line 1, column 65: expected nesting of at most 64 levels, got more");
        Object deeper = List.of(Json.parse(deepest));
        assertThrows(IllegalArgumentException.class, () -> Json.write(deeper));
    }

    static List<Arguments> malformed() {
        return List.of(
                Arguments.of("", "line 1, column 1: expected a value, got the end"),
                Arguments.of(" \n x", "line 2, column 2: expected a value, got 'x'"),
                Arguments.of("\uFEFF1", "line 1, column 1: expected a value, got U+FEFF"),
                Arguments.of("1 2", "line 1, column 3: expected the end of the text, got '2'"),
                Arguments.of(
                        "{\"a\":1,\n\"a\":2}",
                        "line 2, column 1: expected a key that is new in its object, got 'a' again"),
                Arguments.of("{\"a\":1,}", "line 1, column 8: expected a key in double quotes, got '}'"),
                Arguments.of("{a:1}", "line 1, column 2: expected a key in double quotes, got 'a'"),
                Arguments.of("{\"a\" 1}", "line 1, column 6: expected ':', got '1'"),
                Arguments.of("{\"a\":1 \"b\":2}", "line 1, column 8: expected ',' or '}', got '\"'"),
                Arguments.of("[1,]", "line 1, column 4: expected a value, got ']'"),
                Arguments.of("[1 2]", "line 1, column 4: expected ',' or ']', got '2'"),
                Arguments.of("[1", "line 1, column 3: expected ',' or ']', got the end"),
                Arguments.of("01", "line 1, column 2: expected no digit after a leading zero, got '1'"),
                Arguments.of("-", "line 1, column 2: expected a digit, got the end"),
                Arguments.of("+1", "line 1, column 1: expected a value, got '+'"),
                Arguments.of("1.", "line 1, column 3: expected a digit, got the end"),
                Arguments.of("1.e5", "line 1, column 3: expected a digit, got 'e'"),
                Arguments.of("1e", "line 1, column 3: expected a digit, got the end"),
                Arguments.of("[1e400]", "line 1, column 2: expected a number in the range of double, got '1e400'"),
                Arguments.of("NaN", "line 1, column 1: expected a value, got 'N'"),
                Arguments.of("nul", "line 1, column 1: expected null, got 'n'"),
                Arguments.of(
                        "\"a\nb\"",
                        "line 1, column 3: expected a character of a string or its closing quote, got U+000A"),
                Arguments.of(
                        "\"a", "line 1, column 3: expected a character of a string or its closing quote, got the end"),
                Arguments.of("\"\\x\"", "line 1, column 3: expected one of \"\\/bfnrtu after a backslash, got 'x'"),
                Arguments.of("\"\\u12\uff10\uff10\"", "line 1, column 6: expected a hexadecimal digit, got U+FF10"),
                Arguments.of(
                        "\"\\ud83d\"", "line 1, column 1: expected surrogates in pairs, got a lone one in this string"),
                Arguments.of(
                        "\"\\ude00\\ud83d\"",
                        "line 1, column 1: expected surrogates in pairs, got a lone one in this string"),
                Arguments.of("\u0661", "line 1, column 1: expected a value, got U+0661"));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void malformedTextIsRefused(String text, String message) {
        assertParseError(text, message);
    }

    private static void assertParseError(String text, String message) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> Json.parse(text));
        assertEquals(message, e.getMessage());
    }

    @Test
    void readsFiles() throws IOException {
        Path file = folder.resolve("a.json");
        assertThrows(NoSuchFileException.class, () -> Json.read(file));
        assertEquals(List.of("\u00e9"), Json.read(Files.writeString(file, "[\"\u00e9\"]\n")));
        Malformed.assertRefused(
                Json::read, file, Malformed.latin1("[1"), "line 1, column 3: expected ',' or ']', got the end");
        Malformed.assertRefused(Json::read, file, Malformed.latin1("[\"\u00e9\"]"), "not valid UTF-8 text");
    }

    @Test
    void writesForPeople() {
        Map<String, Object> value = new LinkedHashMap<>();
        value.put("score", null);
        value.put("numbers", new double[] {1, 0.1, -0.0, 1e-7});
        value.put("counts", new int[] {1, 2});
        value.put("mixed", Arrays.asList(1, null, "a\"\\\n\u0001\u00e9", List.of(), Map.of()));
        value.put("best", Map.of("b", 2L, "a", true));
        assertEquals("""
                {
                  "best": {
                    "a": true,
                    "b": 2
                  },
                  "counts": [1, 2],
                  "mixed": [
                    1,
                    null,
                    "a\\"\\\\\\n\\u0001\u00e9",
                    [],
                    {}
                  ],
                  "numbers": [1, 0.1, -0, 1e-7],
                  "score": null
                }
                """, Json.write(value));
        assertEquals(
                "{\"score\":null,\"numbers\":[1,0.1,-0,1e-7],\"counts\":[1,2],"
                        + "\"mixed\":[1,null,\"a\\\"\\\\\\n\\u0001\u00e9\",[],{}],\"best\":"
                        + Json.writeCompact(value.get("best")) + "}",
                Json.writeCompact(value));
        assertEquals(Json.write(value), Json.write(Json.parse(Json.write(value))));
    }

    static List<Arguments> unwritable() {
        return List.of(
                Arguments.of(Double.NaN, "JSON: expected a finite number, got NaN"),
                Arguments.of(
                        Map.of("test", Map.of("mse", List.of(1, Double.POSITIVE_INFINITY))),
                        "JSON at test.mse: expected a finite number, got Infinity"),
                Arguments.of(Map.of("a", Map.of(1, 2)), "JSON at a: expected keys that are strings, got 1"),
                Arguments.of(List.of(1.5f), "JSON: expected a JSON value, got java.lang.Float"),
                Arguments.of(Map.of("a", "\ud83d"), "JSON at a: expected surrogates in pairs, got a lone one"));
    }

    @ParameterizedTest
    @MethodSource("unwritable")
    void whatJsonCannotHoldIsRefused(Object value, String message) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> Json.write(value));
        assertEquals(message, e.getMessage());
    }
}
