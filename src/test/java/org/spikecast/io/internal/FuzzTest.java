package org.spikecast.io.internal;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.spikecast.io.MalformedFileException;
import org.spikecast.io.NdArray;
import org.spikecast.io.Npy;
import org.spikecast.io.Npz;
import org.spikecast.io.Safetensors;

/**
 * Whatever the bytes, a reader returns or throws a MalformedFileException, and allocates no more than a multiple of the
 * file's size. A million files per format in a heap of 64 MB: {@code java -Xmx64m -cp ... org.spikecast.io.internal.FuzzTest 1000000}.
 */
class FuzzTest {
    private static final int ROUNDS = 300;
    private static final long SEED = 1;
    private static final List<String> FORMATS = List.of("npy", "npz", "npz deflated", "safetensors", "csv", "json");

    /** What a reader may allocate whatever the file: buffers, tables, an exception and its message. */
    private static final long FIXED_BYTES = 1 << 18;

    /** And per byte of the file: of a member of an NPZ file, 1032 bytes, each of which may be an element of 8 bytes. */
    private static final int PER_BYTE = 64;

    private static final int PER_ZIPPED_BYTE = 1032 * 8;

    @TempDir
    Path folder;

    static List<String> formats() {
        return FORMATS;
    }

    @ParameterizedTest
    @MethodSource("formats")
    void onlyMalformedFileExceptionsComeOut(String format) throws IOException {
        int refused = fuzz(format, folder.resolve("file"), ROUNDS, SEED);
        assertTrue(refused > ROUNDS / 10, "refused only " + refused);
    }

    /** Looks further: rounds, the seed if it is not 1, and the formats if not all; prints what was refused, and the time. */
    public static void main(String[] arguments) throws IOException {
        int rounds = Integer.parseInt(arguments[0]);
        long seed = arguments.length > 1 ? Long.parseLong(arguments[1]) : SEED;
        List<String> formats = arguments.length > 2 ? List.of(arguments).subList(2, arguments.length) : FORMATS;
        Path file = Files.createTempFile("fuzz", "");
        for (String format : formats) {
            long began = System.nanoTime();
            int refused = fuzz(format, file, rounds, seed);
            System.out.printf(
                    "%-12s %d files, %d refused, %.0f s, heap %d MB%n",
                    format,
                    rounds,
                    refused,
                    (System.nanoTime() - began) / 1e9,
                    Runtime.getRuntime().maxMemory() >> 20);
        }
        Files.delete(file);
    }

    /** How many of the mutated files were refused; throws an AssertionError that names format, round and seed. */
    private static int fuzz(String format, Path file, int rounds, long seed) throws IOException {
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        writeValid(format, file);
        byte[] valid = Files.readAllBytes(file);
        read(format, file);
        SplittableRandom random = new SplittableRandom(seed);
        int refused = 0;
        for (int round = 0; round < rounds; round++) {
            byte[] bytes = mutated(valid, random);
            Files.write(file, bytes);
            long before = thread.getThreadAllocatedBytes(Thread.currentThread().getId());
            try {
                read(format, file);
            } catch (MalformedFileException e) {
                refused++;
            } catch (RuntimeException | IOException | Error e) {
                throw new AssertionError(format + ", round " + round + " of seed " + seed, e);
            }
            long allocated =
                    thread.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
            long most = FIXED_BYTES + bytes.length * (format.startsWith("npz") ? PER_ZIPPED_BYTE : PER_BYTE);
            if (allocated > most) {
                throw new AssertionError(format + ", round " + round + " of seed " + seed + ": " + allocated
                        + " bytes allocated for a file of " + bytes.length);
            }
        }
        return refused;
    }

    private static byte[] mutated(byte[] valid, SplittableRandom random) {
        byte[] bytes = valid.clone();
        for (int change = random.nextInt(3); change >= 0 && bytes.length > 0; change--) {
            int at = random.nextInt(bytes.length);
            int to = at + random.nextInt(Math.min(20, bytes.length - at));
            switch (random.nextInt(5)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt(256);
                case 2 ->
                    bytes[at] = List.of((byte) 0, (byte) 0xff, (byte) '"', (byte) '9', (byte) '\n')
                            .get(random.nextInt(5));
                case 3 -> bytes = spliced(bytes, at, to, to); // a piece twice
                default -> bytes = spliced(bytes, at, at, to); // a piece left out
            }
        }
        return bytes;
    }

    /** The bytes before {@code middle}, those from {@code from} to {@code middle}, and those from {@code rest} on. */
    private static byte[] spliced(byte[] bytes, int from, int middle, int rest) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, 0, middle);
        out.write(bytes, from, middle - from);
        out.write(bytes, rest, bytes.length - rest);
        return out.toByteArray();
    }

    private static void writeValid(String format, Path file) throws IOException {
        Map<String, NdArray> arrays = new LinkedHashMap<>();
        arrays.put("weight", NdArray.of(new double[] {0.25, -1, 3e-9, 4, 5, 6}, 2, 3));
        arrays.put("count", NdArray.of(new int[] {1, 2, 3}, 3));
        switch (format) {
            case "npy" -> Npy.write(file, arrays.get("weight"));
            case "npz" -> Npz.write(file, arrays);
            case "npz deflated" -> {
                try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
                    for (Map.Entry<String, NdArray> array : arrays.entrySet()) {
                        zip.putNextEntry(new ZipEntry(array.getKey() + ".npy"));
                        Npy.write(zip, array.getValue());
                    }
                }
            }
            case "safetensors" -> Safetensors.write(file, arrays, Map.of("spikecast", "{\"a\": 1}"));
            case "csv" ->
                Csv.write(
                        file, List.of("t", "n, 1", "n2"), new double[] {1, 2}, new double[] {0.5, 3e-9}, new double[2]);
            default ->
                AtomicFiles.write(
                        file, "{\"a\": [1, -2.5e3, true, null], \"\u00e9\\u00e9\": {\"x\": \"y\"}, \"b\": [[], {}]}");
        }
    }

    private static void read(String format, Path file) throws IOException {
        switch (format) {
            case "npy" -> Npy.read(file);
            case "npz", "npz deflated" -> Npz.read(file);
            case "safetensors" -> Safetensors.read(file);
            case "csv" -> Csv.read(file);
            default -> Json.read(file);
        }
    }
}
