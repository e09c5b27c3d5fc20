package org.spikecast.io.internal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The SHA-256 of numbers and texts in the order in which they are added: equal values, equal fingerprint. */
public final class Fingerprint {
    private static final int CHUNK_BYTES = 1 << 13;

    private final MessageDigest digest = newDigest();
    private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);

    static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /** Adds a text and its length. */
    public Fingerprint add(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        put(bytes.length);
        flush();
        digest.update(bytes);
        return this;
    }

    /** Adds whole numbers and their count. */
    public Fingerprint add(long... values) {
        put(values.length);
        for (long value : values) {
            put(value);
        }
        return this;
    }

    /** Adds numbers, by their bits, and their count. */
    public Fingerprint add(double... values) {
        put(values.length);
        for (double value : values) {
            put(Double.doubleToRawLongBits(value));
        }
        return this;
    }

    private void put(long value) {
        if (chunk.remaining() < Long.BYTES) {
            flush();
        }
        chunk.putLong(value);
    }

    private void flush() {
        digest.update(chunk.array(), 0, chunk.position());
        chunk.clear();
    }

    /** The fingerprint of all that was added, as 64 lower-case hexadecimal digits; nothing can be added afterwards. */
    public String hex() {
        flush();
        return HexFormat.of().formatHex(digest.digest());
    }
}
