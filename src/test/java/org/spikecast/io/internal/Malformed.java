package org.spikecast.io.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.spikecast.io.MalformedFileException;

/** Assertions that the tests of the readers share. */
public final class Malformed {
    private Malformed() {}

    /** A reader under test. */
    @FunctionalInterface
    public interface Reader {
        Object read(Path file) throws IOException;
    }

    /** Checks that the content is refused as malformed, with exactly this reason behind the file's name. */
    public static void assertRefused(Reader reader, Path file, byte[] content, String reason) throws IOException {
        Files.write(file, content);
        MalformedFileException e = assertThrows(MalformedFileException.class, () -> reader.read(file));
        assertEquals(file + ": " + reason, e.getMessage());
    }

    public static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replaceAll("\\s", ""));
    }

    public static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
