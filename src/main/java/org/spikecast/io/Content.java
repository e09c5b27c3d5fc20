package org.spikecast.io;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipException;

/** What the readers share: one place that says which failures mean "this content is malformed". */
final class Content {
    private static final int SHOWN = 40;

    private Content() {}

    /** A reader of one file's content. */
    @FunctionalInterface
    interface Reader<T> {
        T read() throws IOException;
    }

    /**
     * Runs a reader that reports malformed content by IllegalArgumentException (with the reason as message), or through
     * the JDK's exceptions for early ends, zip files and text encoding; all of them become MalformedFileException.
     */
    static <T> T read(Path file, Reader<T> reader) throws IOException {
        if (Files.isDirectory(file)) {
            throw new MalformedFileException(file, "expected a file, got a folder");
        }
        try {
            return reader.read();
        } catch (IllegalArgumentException | EOFException e) {
            throw malformed(file, String.valueOf(e.getMessage()), e);
        } catch (CharacterCodingException e) {
            throw malformed(file, "not valid UTF-8 text", e);
        } catch (ZipException e) {
            throw malformed(file, "not a readable zip file: " + e.getMessage(), e);
        }
    }

    private static MalformedFileException malformed(Path file, String reason, Exception cause) {
        MalformedFileException exception = new MalformedFileException(file, reason);
        exception.initCause(cause);
        return exception;
    }

    /** Reads exactly {@code count} bytes; an earlier end is an IllegalArgumentException that names {@code what}. */
    static byte[] readExactly(InputStream in, int count, String what) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new IllegalArgumentException(
                    "ends inside " + what + ": expected " + count + " bytes, got " + bytes.length);
        }
        return bytes;
    }

    /** A text from a file as an error message may show it: in quotes, shortened, without control characters. */
    static String show(String text) {
        String shortened = text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
        return "'" + shortened.replaceAll("\\p{Cntrl}", "?") + "'";
    }
}
