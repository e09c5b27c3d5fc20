package org.spikecast.io;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
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
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the bytes, a reader returns or throws a MalformedFileException. */
class FuzzTest {
    /** Per format; {@code -Dspikecast.fuzz=100000} looks further, and {@code -Dspikecast.fuzz.seed} elsewhere. */
    private static final int ROUNDS = Integer.getInteger("spikecast.fuzz", 300);

    private static final long SEED = Long.getLong("spikecast.fuzz.seed", 1);

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"npy", "npz", "npz deflated", "safetensors", "csv", "json"})
    void onlyMalformedFileExceptionsComeOut(String format) throws IOException {
        Path file = folder.resolve("file");
        writeValid(format, file);
        byte[] valid = Files.readAllBytes(file);
        read(format, file);
        SplittableRandom random = new SplittableRandom(SEED);
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Files.write(file, mutated(valid, random));
            try {
                read(format, file);
            } catch (MalformedFileException e) {
                refused++;
            } catch (RuntimeException | IOException e) {
                throw new AssertionError(format + ", round " + round + " of seed " + SEED, e);
            }
        }
        assertTrue(refused > ROUNDS / 10, "refused only " + refused);
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
