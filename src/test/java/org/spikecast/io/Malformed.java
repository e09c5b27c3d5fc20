package org.spikecast.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/** What the tests of the readers share. */
final class Malformed {
    private Malformed() {}

    /** A reader under test. */
    @FunctionalInterface
    interface Reader {
        Object read(Path file) throws IOException;
    }

    /** Checks that the content is refused as malformed, with exactly this reason behind the file's name. */
    static void assertRefused(Reader reader, Path file, byte[] content, String reason) throws IOException {
        Files.write(file, content);
        MalformedFileException e = assertThrows(MalformedFileException.class, () -> reader.read(file));
        assertEquals(file + ": " + reason, e.getMessage());
    }

    static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replaceAll("\\s", ""));
    }

    static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
