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

/** Common to all readers: the one place that decides which failures mean "this content is malformed". */
public final class Content {
    private static final int SHOWN = 40;

    private Content() {}

    /**
     * The exception of a reader that failed: a MalformedFileException where the failure means that the content is
     * malformed, else the failure itself.
     *
     * @param failure IllegalArgumentException with the reason as message, the JDK's exceptions for early ends, zip files
     *     and text encoding, or any other IOException
     */
    public static IOException failure(Path file, Exception failure) {
        if (failure instanceof IllegalArgumentException || failure instanceof EOFException) {
            return malformed(file, String.valueOf(failure.getMessage()), failure);
        } else if (failure instanceof CharacterCodingException) {
            return malformed(file, "not valid UTF-8 text", failure);
        } else if (failure instanceof ZipException) {
            return malformed(file, "not a readable zip file: " + failure.getMessage(), failure);
        }
        return (IOException) failure;
    }

    private static MalformedFileException malformed(Path file, String reason, Exception cause) {
        MalformedFileException exception = new MalformedFileException(file, reason);
        exception.initCause(cause);
        return exception;
    }

    /** Refuses a folder, for which the JDK would only report that reading failed. */
    public static void requireFile(Path file) {
        if (Files.isDirectory(file)) {
            throw new IllegalArgumentException("expected a file, got a folder");
        }
    }

    /**
     * A file's size, which readers of arrays compare with that announced in the header.
     *
     * @throws IllegalArgumentException if it has none, as a folder or a pipe
     */
    public static long size(Path file) throws IOException {
        requireFile(file);
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new IllegalArgumentException(
                    "expected a regular file, got a pipe or a device: write it to a file first");
        }
        return Files.size(file);
    }

    /** Opens a file of known size; errors as {@link #size}. */
    public static InputStream open(Path file) throws IOException {
        size(file);
        return Files.newInputStream(file);
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

    /** The kind of a file of another format, by its first bytes; null if it is not a known one. */
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
        } else if (start.length() > 2
                && start.charAt(0) == 8
                && start.charAt(1) >= 1
                && start.charAt(1) <= 0x20
                && "\u0012:B".indexOf(start.charAt(2)) >= 0) {
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
