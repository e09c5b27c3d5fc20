package org.spikecast.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.spikecast.io.internal.ArraySource;
import org.spikecast.io.internal.AtomicFiles;
import org.spikecast.io.internal.Content;
import org.spikecast.io.internal.Dtype;
import org.spikecast.io.internal.NpyHeader;

/**
 * NPY files: one NumPy array each.
 *
 * <p>Source: <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">numpy.lib.format</a>.
 */
public final class Npy {
    private static final byte[] MAGIC = "\u0093NUMPY".getBytes(StandardCharsets.ISO_8859_1);
    private static final int MAX_HEADER_BYTES = 65_535;
    private static final int ALIGNMENT = 64;

    private Npy() {}

    /**
     * Reads an array; format versions 1.0, 2.0 and 3.0, either byte order, C or Fortran order.
     *
     * @return the array in row-major order; f8 and f4 as float64, the integer types and b1 as int32
     * @throws MalformedFileException if the content is not such a file, or an integer does not fit 32 bits
     */
    public static NdArray read(Path file) throws IOException {
        try (InputStream in = Content.open(file)) {
            return read(in, Content.size(file));
        } catch (IllegalArgumentException | IOException e) {
            throw Content.failure(file, e);
        }
    }

    /** Writes an array as float64 or int32, little-endian, row-major, format version 1.0, as NumPy does. */
    public static void write(Path file, NdArray array) throws IOException {
        // A class, not a lambda: the JVM would make that at run time, which a forecast's start would wait for.
        AtomicFiles.write(file, new AtomicFiles.IOConsumer<OutputStream>() {
            @Override
            public void accept(OutputStream out) throws IOException {
                write(out, array);
            }
        });
    }

    /** Reads the array that fills the next {@code length} bytes of a stream; errors as Content.failure takes them. */
    static NdArray read(InputStream in, long length) throws IOException {
        byte[] magic = in.readNBytes(MAGIC.length);
        if (!Arrays.equals(magic, MAGIC)) {
            String kind = Content.otherKind(magic);
            throw new IllegalArgumentException(
                    "not an NPY file: it does not start with \\x93NUMPY" + (kind == null ? "" : "; this is " + kind));
        }
        byte[] version = Content.readExactly(in, 2, "the format version");
        if (version[0] < 1 || version[0] > 3 || version[1] != 0) {
            throw new IllegalArgumentException("expected NPY format version 1.0, 2.0 or 3.0, got "
                    + Byte.toUnsignedInt(version[0]) + "." + Byte.toUnsignedInt(version[1]));
        }
        int lengthBytes = version[0] == 1 ? Short.BYTES : Integer.BYTES;
        ByteBuffer number = ByteBuffer.wrap(Content.readExactly(in, lengthBytes, "the header's length"))
                .order(ByteOrder.LITTLE_ENDIAN);
        long headerBytes =
                version[0] == 1 ? Short.toUnsignedInt(number.getShort()) : Integer.toUnsignedLong(number.getInt());
        if (headerBytes > MAX_HEADER_BYTES) {
            throw new IllegalArgumentException(
                    "expected a header of at most " + MAX_HEADER_BYTES + " bytes, got " + headerBytes);
        }
        byte[] headerText = Content.readExactly(in, (int) headerBytes, "the header");
        NpyHeader header = NpyHeader.parse(new String(headerText, StandardCharsets.ISO_8859_1));
        long expected = header.type().bytesFor(header.shape());
        long present = length - MAGIC.length - version.length - lengthBytes - headerBytes;
        if (present != expected) {
            throw new IllegalArgumentException((present < expected ? "truncated: " : "too long: ") + "shape "
                    + Arrays.toString(header.shape()) + " of " + header.type() + " takes " + expected
                    + " bytes of data, got " + present);
        }
        NdArray array = header.type().read(in, header.order(), header.shape());
        return header.fortranOrder() ? array.fromColumnMajor() : array;
    }

    public static void write(OutputStream out, NdArray array) throws IOException {
        write(out, ArraySource.of(array));
    }

    static void write(OutputStream out, ArraySource array) throws IOException {
        out.write(header(array));
        array.write(out);
    }

    /** The number of bytes {@link #write(OutputStream, ArraySource)} writes. */
    static long length(ArraySource array) {
        return header(array).length + type(array).bytesFor(array.shape());
    }

    private static Dtype type(ArraySource array) {
        return array.isInteger() ? Dtype.I32 : Dtype.F64;
    }

    private static byte[] header(ArraySource array) {
        StringBuilder shape = new StringBuilder();
        for (int extent : array.shape()) {
            shape.append(shape.isEmpty() ? "" : " ").append(extent).append(',');
        }
        if (array.shape().length > 1) {
            shape.setLength(shape.length() - 1); // as Python writes tuples: (3,) but (3, 4)
        }
        String dictionary =
                "{'descr': '<" + type(array).numpy + "', 'fortran_order': False, 'shape': (" + shape + "), }";
        int prefix = MAGIC.length + 2 + Short.BYTES;
        int total = (prefix + dictionary.length() + ALIGNMENT) / ALIGNMENT * ALIGNMENT;
        byte[] header = new byte[total];
        Arrays.fill(header, (byte) ' ');
        ByteBuffer.wrap(header)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(MAGIC)
                .put((byte) 1)
                .put((byte) 0)
                .putShort((short) (total - prefix))
                .put(dictionary.getBytes(StandardCharsets.ISO_8859_1));
        header[total - 1] = '\n';
        return header;
    }
}
