package org.spikecast.io.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.spikecast.io.NdArray;

/**
 * The element types that are read, under their safetensors names. Floating-point types become float64, all others
 * int32; F64 and I32 are written.
 */
public enum Dtype {
    F64("f8"),
    F32("f4"),
    I8("i1"),
    I16("i2"),
    I32("i4"),
    I64("i8"),
    U8("u1"),
    U16("u2"),
    U32("u4"),
    U64("u8"),
    BOOL("b1");

    private static final int CHUNK_ELEMENTS = 1 << 13;

    /** NumPy's name: a letter for the kind, then the number of bytes. */
    public final String numpy;

    /** Bytes per element. */
    final int bytes;

    Dtype(String numpy) {
        this.numpy = numpy;
        this.bytes = numpy.charAt(1) - '0';
    }

    /** The type in which an array is written. */
    public static Dtype of(NdArray array) {
        return array.isInteger() ? I32 : F64;
    }

    /** The bytes an array of this type and shape takes. */
    public long bytesFor(int... shape) {
        return (long) NdArray.elements(shape) * bytes;
    }

    /**
     * Reads an array's elements from a stream that is known to be long enough.
     *
     * @throws IllegalArgumentException if an integer does not fit an int
     */
    public NdArray read(InputStream in, ByteOrder order, int... shape) throws IOException {
        int elements = NdArray.elements(shape);
        boolean floating = this == F64 || this == F32;
        double[] doubles = new double[floating ? elements : 0];
        int[] ints = new int[floating ? 0 : elements];
        int count;
        for (int start = 0; start < elements; start += count) { // adding the constant could overflow
            count = Math.min(elements - start, CHUNK_ELEMENTS);
            ByteBuffer chunk = ByteBuffer.wrap(Content.readExactly(in, count * bytes, "the data"))
                    .order(order);
            if (this == F64) {
                chunk.asDoubleBuffer().get(doubles, start, count);
            } else {
                for (int i = start; i < start + count; i++) {
                    if (floating) {
                        doubles[i] = chunk.getFloat();
                    } else {
                        ints[i] = nextInt(chunk, i);
                    }
                }
            }
        }
        return floating ? NdArray.of(doubles, shape) : NdArray.of(ints, shape);
    }

    private int nextInt(ByteBuffer buffer, int index) {
        long value = switch (this) {
            case I8 -> buffer.get();
            case I16 -> buffer.getShort();
            case I32 -> buffer.getInt();
            case I64, U64 -> buffer.getLong();
            case U8, BOOL -> Byte.toUnsignedInt(buffer.get());
            case U16 -> Short.toUnsignedInt(buffer.getShort());
            case U32 -> Integer.toUnsignedLong(buffer.getInt());
            case F64, F32 -> throw new AssertionError(this);
        };
        if (this == BOOL && value > 1) {
            throw new IllegalArgumentException("element " + index + ": expected a boolean (0 or 1), got " + value);
        }
        if (value != (int) value || this == U64 && value < 0) {
            String shown = this == U64 ? Long.toUnsignedString(value) : Long.toString(value);
            throw new IllegalArgumentException("element " + index + ": " + shown + " does not fit a 32-bit integer");
        }
        return (int) value;
    }

    /** Writes an array's elements as F64 or I32, little-endian. */
    public static void write(OutputStream out, NdArray array) throws IOException {
        int bytes = of(array).bytes;
        byte[] chunk = new byte[Math.min(array.size(), CHUNK_ELEMENTS) * bytes];
        ByteBuffer buffer = ByteBuffer.wrap(chunk).order(ByteOrder.LITTLE_ENDIAN);
        int count;
        for (int start = 0; start < array.size(); start += count) { // adding the constant could overflow
            count = Math.min(array.size() - start, CHUNK_ELEMENTS);
            if (array.isInteger()) {
                buffer.asIntBuffer().put(array.ints(), start, count);
            } else {
                buffer.asDoubleBuffer().put(array.doubles(), start, count);
            }
            out.write(chunk, 0, count * bytes);
        }
    }
}
