package org.spikecast.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TimeZone;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.spikecast.io.internal.AtomicFiles;
import org.spikecast.io.internal.Malformed;

class NpzTest {
    private static final NdArray A = NdArray.of(new double[] {1.5, 2.5}, 2);
    private static final NdArray B = NdArray.of(new int[] {1, 2}, 1, 2);

    /** numpy.savez(f, a=[1.5, 2.5], b=int64 [[1, 2]]). */
    private static final String STORED = """
            504b03042d00000000000000210094de11c8ffffffffffffffff05001400612e6e70790100100090000000000000009000000000
            000000934e554d5059010076007b276465736372273a20273c6638272c2027666f727472616e5f6f72646572273a2046616c7365
            2c20277368617065273a2028322c292c207d20202020202020202020202020202020202020202020202020202020202020202020
            20202020202020202020202020202020202020202020202020200a000000000000f83f0000000000000440504b03042d00000000
            0000002100c9bc68d6ffffffffffffffff05001400622e6e70790100100090000000000000009000000000000000934e554d5059
            010076007b276465736372273a20273c6938272c2027666f727472616e5f6f72646572273a2046616c73652c2027736861706527
            3a2028312c2032292c207d2020202020202020202020202020202020202020202020202020202020202020202020202020202020
            20202020202020202020202020202020200a01000000000000000200000000000000504b01022d032d00000000000000210094de
            11c89000000090000000050000000000000000000000800100000000612e6e7079504b01022d032d000000000000002100c9bc68
            d690000000900000000500000000000000000000008001c7000000622e6e7079504b05060000000002000200660000008e010000
            0000
            """;

    /** The same by numpy.savez_compressed. */
    private static final String DEFLATED = """
            504b03042d00000008000000210094de11c8ffffffffffffffff05001400612e6e70790100100090000000000000004c00000000
            0000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9366a1aea3a09e965f54529498179f5f94920a12774bcc294e058a
            17672416a402f91a463a9a3a0ab50a14002e0630f8610fa1591c00504b03042d000000080000002100c9bc68d6ffffffffffffff
            ff05001400622e6e70790100100090000000000000004c000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e
            9369a1aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416a402f91a863a0a469a3a0ab50a64032e4606086082
            d200504b01022d032d00000008000000210094de11c84c00000090000000050000000000000000000000800100000000612e6e70
            79504b01022d032d000000080000002100c9bc68d64c00000090000000050000000000000000000000800183000000622e6e7079
            504b0506000000000200020066000000060100000000
            """;

    @TempDir
    Path folder;

    @Test
    void readsWhatNumpyWrites() throws IOException {
        for (String content : List.of(STORED, DEFLATED)) {
            Map<String, NdArray> arrays = Npz.read(Files.write(file(), Malformed.hex(content)));
            assertEquals(Map.of("a", A, "b", B), arrays);
        }
    }

    @Test
    void roundTripKeepsOrderAndNames() throws IOException {
        Map<String, NdArray> arrays = new LinkedHashMap<>();
        arrays.put("z", A);
        arrays.put("\u00e9/b", B);
        arrays.put("empty", NdArray.of(new double[0], 0, 4));
        Npz.write(file(), arrays);
        assertEquals(arrays, Npz.read(file()));
        assertEquals(
                List.of("z", "\u00e9/b", "empty"),
                new ArrayList<>(Npz.read(file()).keySet()));
        Npz.write(file(), Map.of());
        assertEquals(Map.of(), Npz.read(file()));
    }

    @Test
    void theSameArraysGiveTheSameBytesInEveryTimeZone() throws IOException {
        TimeZone before = TimeZone.getDefault();
        try {
            for (String zone : List.of("UTC", "Asia/Kolkata", "America/Los_Angeles")) {
                TimeZone.setDefault(TimeZone.getTimeZone(zone));
                Npz.write(file(), Map.of("a", A));
                assertEquals(
                        "7afbb06a61f5efea91c0ad285ce1eba245ad671354b687b21a99465e5ddb15ec", AtomicFiles.sha256(file()));
            }
        } finally {
            TimeZone.setDefault(before);
        }
    }

    @Test
    void malformedFilesAreRefused() throws IOException {
        byte[] stored = Malformed.hex(STORED);
        byte[] damaged = stored.clone();
        damaged[190] ^= 1; // within the data of a
        assertRefused(new byte[0], "not a readable zip file: zip file is empty");
        assertRefused(damaged, "member 'a.npy': damaged: its CRC-32 is not the one the zip file gives");
        assertRefused(zip("a.txt", npy()), "member 'a.txt': expected a name ending in .npy");
        assertRefused(zip("a.npy", new byte[3]), "member 'a.npy': not an NPY file: it does not start with \\x93NUMPY");
        assertRefused(
                zip("a.npy", Arrays.copyOf(npy(), 143)),
                "member 'a.npy': truncated: shape [2] of F64 takes 16 bytes of data, got 15");
        assertRefused(
                zip("a.npy", Arrays.copyOf(npy(), 1_000_000)),
                "member 'a.npy': too long: shape [2] of F64 takes 16 bytes of data, got 999872");
        String twice = new String(stored, StandardCharsets.ISO_8859_1).replace("b.npy", "a.npy");
        assertRefused(Malformed.latin1(twice), "member 'a.npy' stands twice");
    }

    @Test
    void noMoreIsInflatedThanAnnounced() throws IOException {
        // the member's size in the central directory says 144 bytes, its compressed data has a million
        byte[] bomb = zip("a.npy", Arrays.copyOf(npy(), 1_000_000));
        assertRefused(withSize(bomb, 144), "member 'a.npy': holds more than the 144 bytes announced");
        // and here it says a hundred million, which so few bytes cannot hold
        assertRefused(withSize(bomb, 100_000_000), "member 'a.npy': its compressed data cannot hold 100000000 bytes");
    }

    /** Two directory entries share one member's data: what is read must not exceed what the file can hold. */
    @Test
    void membersThatOverlapAreRefused() throws IOException {
        String one = new String(Malformed.hex(STORED), StandardCharsets.ISO_8859_1);
        int directory = one.indexOf("PK\1\2");
        int second = one.indexOf("PK\1\2", directory + 1);
        int end = one.indexOf("PK\5\6");
        // the entry of b now points to the data of a, and takes its sizes and CRC-32
        String entry = one.substring(directory, second).replace("a.npy", "b.npy");
        String overlapping = one.substring(0, one.indexOf("PK\3\4", 1)) + one.substring(directory, second) + entry;
        byte[] bytes = Malformed.latin1(overlapping + one.substring(end));
        int at = one.indexOf("PK\3\4", 1);
        bytes[bytes.length - 6] = (byte) at; // where the directory begins
        bytes[bytes.length - 5] = (byte) (at >> 8);
        assertRefused(bytes, "its members overlap: apart they take at least 482 bytes, the file has " + bytes.length);
    }

    /** An array that was not requested is not read; its name is listed all the same. */
    @Test
    void whatIsNotAskedForMayBeAnything() throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file()))) {
            zip.putNextEntry(new ZipEntry("names.npy"));
            zip.write(1); // such as an array of strings
            zip.putNextEntry(new ZipEntry("readme.txt"));
            zip.putNextEntry(new ZipEntry("a.npy"));
            zip.write(npy());
        }
        Map<String, NdArray> arrays = Npz.read(file(), Set.of("a", "missing"));
        assertEquals(List.of("names", "a"), List.copyOf(arrays.keySet()));
        assertEquals(A, arrays.get("a"));
        assertNull(arrays.get("names"));
        byte[] content = Files.readAllBytes(file());
        Malformed.assertRefused(
                f -> Npz.read(f, Set.of("names")),
                file(),
                content,
                "member 'names.npy': not an NPY file: it does not start with \\x93NUMPY");
    }

    @Test
    void missingFile() {
        assertThrows(NoSuchFileException.class, () -> Npz.read(folder.resolve("missing.npz")));
    }

    private void assertRefused(byte[] content, String reason) throws IOException {
        Malformed.assertRefused(Npz::read, file(), content, reason);
    }

    private Path file() {
        return folder.resolve("a.npz");
    }

    private byte[] npy() throws IOException {
        Path file = folder.resolve("a.npy");
        Npy.write(file, A);
        return Files.readAllBytes(file);
    }

    private byte[] zip(String name, byte[] content) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file()))) {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(content);
        }
        return Files.readAllBytes(file());
    }

    /** A zip file of one member with another uncompressed size in its central directory. */
    private static byte[] withSize(byte[] zip, int size) {
        byte[] changed = zip.clone();
        int directory = new String(zip, StandardCharsets.ISO_8859_1).indexOf("PK\1\2");
        for (int i = 0; i < 4; i++) {
            changed[directory + 24 + i] = (byte) (size >> 8 * i);
        }
        return changed;
    }
}
