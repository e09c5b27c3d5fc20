package org.spikecast.io.internal;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipException;
import org.spikecast.io.MalformedFileException;

/** What the readers share: one place that says which failures mean "this content is malformed". */
public final class Content {
    private static final int SHOWN = 40;

    private Content() {}

    /** A reader of one file's content. */
    @FunctionalInterface
    public interface Reader<T> {
        T read() throws IOException;
    }

    /**
     * Runs a reader that reports malformed content by IllegalArgumentException (with the reason as message), or through
     * the JDK's exceptions for early ends, zip files and text encoding; all of them become MalformedFileException.
     */
    public static <T> T read(Path file, Reader<T> reader) throws IOException {
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

    /**
     * A file's size, which readers of arrays compare with what the header announces.
     *
     * @throws IllegalArgumentException if it has none, as a pipe
     */
    public static long size(Path file) throws IOException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new IllegalArgumentException(
                    "expected a regular file, got a pipe or a device: write it to a file first");
        }
        return Files.size(file);
    }

    /** Reads exactly {@code count} bytes; an earlier end is an IllegalArgumentException that names {@code what}. */
    public static byte[] readExactly(InputStream in, int count, String what) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new IllegalArgumentException(
                    "ends inside " + what + ": expected " + count + " bytes, got " + bytes.length);
        }
        return bytes;
    }

    /** What a file is by its first bytes, if it is of a known kind other than those read here; otherwise null. */
    public static String otherKind(byte[] first) {
        String start = new String(first, StandardCharsets.ISO_8859_1);
        if (start.startsWith("PK\3\4")) {
            return "a zip file, such as PyTorch's .pt or NumPy's .npz";
        } else if (start.startsWith("\u0080\2") || start.startsWith("\u0080\4") || start.startsWith("\u0080\5")) {
            return "a pickled Python object, such as an old PyTorch's .pt";
        } else if (start.startsWith("\u0089HDF")) {
            return "an HDF5 file, such as Keras' .h5";
        } else if (start.startsWith("\u0093NUMPY")) {
            return "a NumPy array (.npy)";
        } else if (start.startsWith("GGUF")) {
            return "a GGUF file";
        } else if (start.matches("(?s)\\x08[\\x01-\\x20][\\x12\\x3a\\x42].*")) {
            return "an ONNX model"; // its version, then the producer, the graph or the operators' versions
        }
        return null;
    }

    /** A text from a file as an error message may show it: in quotes, shortened, without control characters. */
    public static String show(String text) {
        String shortened = text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
        return "'" + shortened.replaceAll("\\p{Cntrl}", "?") + "'";
    }
}
