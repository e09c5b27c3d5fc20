package org.spikecast.io.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.spikecast.io.MalformedFileException;

/**
 * A strict reader and writer of JSON (<a href="https://www.rfc-editor.org/rfc/rfc8259">RFC 8259</a>).
 *
 * <p>A value is a {@code Map<String, Object>} (in the text's order), a {@code List<Object>}, a String, a Long (for a
 * number without fraction and exponent that fits), a Double (for every other number, and for {@code -0}), a Boolean,
 * or null. Since {@code 3.0} is written as {@code 3}, callers that expect a real number should accept every Number.
 * What RFC 8259 leaves open is refused: duplicate keys, numbers beyond the range of double, lone surrogates, nesting
 * deeper than 64.
 */
public final class Json {
    private static final int MAX_DEPTH = 64;

    private Json() {}

    /**
     * Parses a JSON text.
     *
     * @throws IllegalArgumentException if it is not valid; the message gives line, column, what was expected and found
     */
    public static Object parse(String text) {
        return new Parser(text).document();
    }

    /**
     * Parses a file, which must be UTF-8 without byte order mark.
     *
     * @throws MalformedFileException if the content is not valid; the reason is as in {@link #parse}
     */
    public static Object read(Path file) throws IOException {
        try {
            Content.requireFile(file);
            return parse(Files.readString(file));
        } catch (IllegalArgumentException | IOException e) {
            throw Content.failure(file, e);
        }
    }

    /**
     * JSON text for people: keys sorted, indented by two spaces, a list of numbers on one line, a newline at the end.
     * The same value gives the same text on every JDK.
     *
     * @param value a value as {@link #parse} returns it; Integer, int[] and double[] are allowed, too
     * @throws IllegalArgumentException if a number is not finite, a key is not a String, a text is not valid Unicode,
     *     or a value is of another type or nested too deeply; the message names the keys that lead to it
     */
    public static String write(Object value) {
        StringBuilder out = new StringBuilder();
        new Writer(out, true).value(value, "", 0);
        return out.append('\n').toString();
    }

    /** JSON text for machines: keys in the map's own order, no white space; otherwise as {@link #write}. */
    public static String writeCompact(Object value) {
        StringBuilder out = new StringBuilder();
        new Writer(out, false).value(value, "", 0);
        return out.toString();
    }

    private static boolean isUnicode(String text) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    private static final class Parser {
        private final String text;
        private int at;

        Parser(String text) {
            this.text = text;
        }

        Object document() {
            Object value = value(0);
            if (peekToken() >= 0) {
                throw expected("the end of the text");
            }
            return value;
        }

        private Object value(int depth) {
            return switch (peekToken()) {
                case '{' -> object(depth + 1);
                case '[' -> array(depth + 1);
                case '"' -> string();
                case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
                case 't' -> literal("true", true);
                case 'f' -> literal("false", false);
                case 'n' -> literal("null", null);
                default -> throw expected("a value");
            };
        }

        private Map<String, Object> object(int depth) {
            open(depth);
            Map<String, Object> map = new LinkedHashMap<>();
            if (take('}')) {
                return map;
            }
            do {
                if (peekToken() != '"') {
                    throw expected("a key in double quotes");
                }
                int start = at;
                String key = string();
                if (map.containsKey(key)) {
                    throw error(start, "expected a key that is new in its object, got " + Content.show(key) + " again");
                }
                if (!take(':')) {
                    throw expected("':'");
                }
                map.put(key, value(depth));
            } while (take(','));
            if (!take('}')) {
                throw expected("',' or '}'");
            }
            return map;
        }

        private List<Object> array(int depth) {
            open(depth);
            List<Object> list = new ArrayList<>();
            if (take(']')) {
                return list;
            }
            do {
                list.add(value(depth));
            } while (take(','));
            if (!take(']')) {
                throw expected("',' or ']'");
            }
            return list;
        }

        private void open(int depth) {
            if (depth > MAX_DEPTH) {
                throw error(at, "expected nesting of at most " + MAX_DEPTH + " levels, got more");
            }
            at++;
        }

        private String string() {
            int start = at++;
            StringBuilder string = new StringBuilder();
            while (peek() != '"') {
                if (peek() < ' ') {
                    throw expected("a character of a string or its closing quote");
                }
                char c = text.charAt(at++);
                string.append(c == '\\' ? escape() : c);
            }
            at++;
            if (!isUnicode(string.toString())) {
                throw error(start, "expected surrogates in pairs, got a lone one in this string");
            }
            return string.toString();
        }

        private char escape() {
            char result = switch (peek()) {
                case '"', '\\', '/' -> text.charAt(at);
                case 'b' -> '\b';
                case 'f' -> '\f';
                case 'n' -> '\n';
                case 'r' -> '\r';
                case 't' -> '\t';
                case 'u' -> unicode();
                default -> throw expected("one of \"\\/bfnrtu after a backslash");
            };
            at++;
            return result;
        }

        /** Leaves the position on the last of the four digits. */
        private char unicode() {
            int code = 0;
            for (int i = 0; i < 4; i++) {
                at++;
                if (!HexFormat.isHexDigit(peek())) {
                    throw expected("a hexadecimal digit");
                }
                code = code << 4 | HexFormat.fromHexDigit(peek());
            }
            return (char) code;
        }

        private Object number() {
            int start = at;
            skip('-');
            if (skip('0')) {
                if (isDigit(peek())) {
                    throw expected("no digit after a leading zero");
                }
            } else {
                digits();
            }
            boolean whole = true;
            if (skip('.')) {
                whole = false;
                digits();
            }
            if (skip('e') || skip('E')) {
                whole = false;
                if (!skip('+')) {
                    skip('-');
                }
                digits();
            }
            String number = text.substring(start, at);
            if (whole && !number.equals("-0")) {
                try {
                    return Long.valueOf(number);
                } catch (NumberFormatException e) {
                    whole = false; // too long for a Long: a Double may still hold it
                }
            }
            double value = Double.parseDouble(number);
            if (Double.isInfinite(value)) {
                throw error(start, "expected a number in the range of double, got " + Content.show(number));
            }
            return value;
        }

        private void digits() {
            if (!isDigit(peek())) {
                throw expected("a digit");
            }
            while (isDigit(peek())) {
                at++;
            }
        }

        private static boolean isDigit(int c) {
            return c >= '0' && c <= '9';
        }

        private Object literal(String name, Object value) {
            if (!text.startsWith(name, at)) {
                throw expected(name);
            }
            at += name.length();
            return value;
        }

        private boolean skip(char c) {
            boolean found = peek() == c;
            at += found ? 1 : 0;
            return found;
        }

        private boolean take(char c) {
            return peekToken() == c && skip(c);
        }

        private int peekToken() {
            while (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t') {
                at++;
            }
            return peek();
        }

        /** The character at the position, or -1 at the end. */
        private int peek() {
            return at < text.length() ? text.charAt(at) : -1;
        }

        private IllegalArgumentException expected(String what) {
            int c = peek();
            String got = c < 0 ? "the end" : c > ' ' && c < 0x7f ? "'" + (char) c + "'" : "U+%04X".formatted(c);
            return error(at, "expected " + what + ", got " + got);
        }

        private IllegalArgumentException error(int position, String reason) {
            String before = text.substring(0, position);
            long line = before.chars().filter(c -> c == '\n').count() + 1;
            int column = position - before.lastIndexOf('\n');
            return new IllegalArgumentException("line " + line + ", column " + column + ": " + reason);
        }
    }

    /** Writes values; {@code where} holds the keys that lead to a value, {@code depth} the containers around it. */
    private record Writer(StringBuilder out, boolean pretty) {

        void value(Object value, String where, int depth) {
            if (value == null || value instanceof Boolean || value instanceof Long || value instanceof Integer) {
                out.append(value);
            } else if (value instanceof Double number) {
                if (!Double.isFinite(number)) {
                    throw error(where, "a finite number", number.toString());
                }
                out.append(Decimal.shortest(number));
            } else if (value instanceof String text) {
                string(text, where);
            } else if (value instanceof Map<?, ?> map) {
                object(map, where, depth + 1);
            } else if (value instanceof List<?> list) {
                array(list, where, depth + 1);
            } else if (value instanceof double[] numbers) {
                array(Arrays.stream(numbers).boxed().toList(), where, depth + 1);
            } else if (value instanceof int[] numbers) {
                array(Arrays.stream(numbers).boxed().toList(), where, depth + 1);
            } else {
                throw error(where, "a JSON value", value.getClass().getName());
            }
        }

        private void object(Map<?, ?> map, String where, int depth) {
            List<String> keys = new ArrayList<>();
            for (Object key : map.keySet()) {
                if (!(key instanceof String name)) {
                    throw error(where, "keys that are strings", String.valueOf(key));
                }
                keys.add(name);
            }
            if (pretty) {
                Collections.sort(keys);
            }
            open('{', where, depth);
            for (int i = 0; i < keys.size(); i++) {
                separate(i, pretty, depth);
                String key = keys.get(i);
                String path = where.isEmpty() ? key : where + "." + key;
                string(key, path);
                out.append(pretty ? ": " : ":");
                value(map.get(key), path, depth);
            }
            close('}', pretty && !keys.isEmpty(), depth);
        }

        private void array(List<?> list, String where, int depth) {
            boolean lines = pretty && !list.stream().allMatch(Number.class::isInstance);
            open('[', where, depth);
            for (int i = 0; i < list.size(); i++) {
                separate(i, lines, depth);
                value(list.get(i), where, depth);
            }
            close(']', lines, depth);
        }

        private void open(char bracket, String where, int depth) {
            if (depth > MAX_DEPTH) {
                throw error(where, "nesting of at most " + MAX_DEPTH + " levels", "more");
            }
            out.append(bracket);
        }

        private void separate(int index, boolean lines, int depth) {
            if (index > 0) {
                out.append(pretty && !lines ? ", " : ",");
            }
            if (lines) {
                out.append('\n').append("  ".repeat(depth));
            }
        }

        private void close(char bracket, boolean lines, int depth) {
            if (lines) {
                out.append('\n').append("  ".repeat(depth - 1));
            }
            out.append(bracket);
        }

        private void string(String text, String where) {
            if (!isUnicode(text)) {
                throw error(where, "surrogates in pairs", "a lone one");
            }
            out.append('"');
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                switch (c) {
                    case '"' -> out.append("\\\"");
                    case '\\' -> out.append("\\\\");
                    case '\n' -> out.append("\\n");
                    case '\r' -> out.append("\\r");
                    case '\t' -> out.append("\\t");
                    default -> out.append(c < ' ' ? "\\u%04x".formatted((int) c) : String.valueOf(c));
                }
            }
            out.append('"');
        }

        private static IllegalArgumentException error(String where, String expected, String got) {
            return new IllegalArgumentException(
                    "JSON" + (where.isEmpty() ? "" : " at " + where) + ": expected " + expected + ", got " + got);
        }
    }
}
