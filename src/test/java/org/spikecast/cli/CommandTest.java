package org.spikecast.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.spikecast.io.internal.Json;

/** Calls commands as a user does, and keeps what they printed. */
abstract class CommandTest {
    /** A folder of each test. */
    @TempDir
    protected Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    /** Calls a command and returns its exit code. */
    final int run(Object... arguments) {
        out.reset();
        err.reset();
        return Main.run(console(), words(arguments));
    }

    /** A console whose output this test keeps. */
    final Console console() {
        return new Console(stream(out), stream(err), false);
    }

    /** Calls a command that must succeed, before any test. */
    static void done(Object... arguments) {
        ByteArrayOutputStream nowhere = new ByteArrayOutputStream();
        Console console = new Console(stream(nowhere), stream(nowhere), false);
        assertEquals(Main.DONE, Main.run(console, words(arguments)), nowhere.toString());
    }

    private static String[] words(Object... arguments) {
        return Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new);
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    /** What the last command printed as its result. */
    final String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    /** What the last command printed as its log. */
    final String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    /** One line, after remarks on the data and the form, if any; no stack trace, exit code 2. */
    final void refused(String reason, Object... arguments) {
        assertEquals(Main.WRONG_INPUT, run(arguments), err());
        String[] lines = err().lines()
                .filter(line -> !line.startsWith("Read ") && !line.startsWith("No oracle") && !line.startsWith("Form "))
                .toArray(String[]::new);
        assertEquals(1, lines.length, err());
        assertTrue(lines[0].startsWith("spikecast: ") && lines[0].contains(reason), err());
        assertEquals("", out());
    }

    static Map<?, ?> json(Path file) throws IOException {
        return (Map<?, ?>) Json.read(file);
    }
}
