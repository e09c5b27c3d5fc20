package org.spikecast.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.spikecast.io.internal.Malformed;

class SafetensorsTest {
    /** The message on a file of another kind names the kind and how to get the right one. */
    @ParameterizedTest
    @CsvSource({
        "504b030414000008, 'a zip file, such as PyTorch''s .pt or NumPy''s .npz'",
        "80028a0a6cfc9c46, 'a pickled Python object, such as an old PyTorch''s .pt'",
        "894844460d0a1a0a, 'an HDF5 file, such as Keras'' .h5'",
        "934e554d50590100, a NumPy array (.npy)",
        "4747554603000000, a GGUF file",
        "080812077079746f, an ONNX model"
    })
    void filesOfOtherKindsAreNamed(String first, String kind) throws IOException {
        Malformed.assertRefused(
                Safetensors::read,
                folder.resolve("a"),
                Malformed.hex(first + "00".repeat(100)),
                "this is " + kind + ": expected a safetensors file, as PyTorch writes by"
                        + " safetensors.torch.save_file(model.double().state_dict(), FILE)");
    }

    @TempDir
    Path folder;

    /** safetensors.numpy.save of safetensors 0.8.0. */
    @Test
    void writesTheBytesOfSafetensorsAndReadsThem() throws IOException {
        byte[] expected = file(
                "{\"__metadata__\":{\"k\":\"v\"},\"w\":{\"dtype\":\"F64\",\"shape\":[1,2],\"data_offsets\":[0,16]},"
                        + "\"n\":{\"dtype\":\"I32\",\"shape\":[2],\"data_offsets\":[16,24]}}       ",
                Malformed.hex("000000000000f83f00000000000000c007000000f8ffffff"));
        Map<String, NdArray> tensors = new LinkedHashMap<>();
        tensors.put("w", NdArray.of(new double[] {1.5, -2}, 1, 2));
        tensors.put("n", NdArray.of(new int[] {7, -8}, 2));
        Safetensors.write(path(), tensors, Map.of("k", "v"));
        assertArrayEquals(expected, Files.readAllBytes(path()));
        assertEquals(0x90, expected[0] & 0xff);
        assertEquals(new Safetensors(tensors, Map.of("k", "v")), Safetensors.read(path()));
    }

    /** safetensors.torch.save of a float32 tensor w, an int64 scalar n and an empty float64 tensor e. */
    @Test
    void readsWhatPyTorchSaves() throws IOException {
        Files.write(
                path(),
                file(
                        "{\"n\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},\"e\":{\"dtype\":\"F64\","
                                + "\"shape\":[0,2],\"data_offsets\":[8,8]},\"w\":{\"dtype\":\"F32\",\"shape\":[1,2],"
                                + "\"data_offsets\":[8,16]}}   ",
                        Malformed.hex("03000000000000000000c03f000000c0")));
        Safetensors read = Safetensors.read(path());
        assertEquals(List.of("n", "e", "w"), new ArrayList<>(read.tensors().keySet()));
        assertEquals(NdArray.of(new int[] {3}), read.tensors().get("n"));
        assertEquals(NdArray.of(new double[0], 0, 2), read.tensors().get("e"));
        assertEquals(NdArray.of(new double[] {1.5, -2}, 1, 2), read.tensors().get("w"));
        assertEquals(Map.of(), read.metadata());
    }

    @Test
    void tensorsComeInTheOrderOfTheirData() throws IOException {
        Files.write(
                path(),
                file(
                        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]},"
                                + "\"b\":{\"data_offsets\":[0,1],\"shape\":[1],\"dtype\":\"U8\"}}",
                        new byte[] {5, 6}));
        Safetensors read = Safetensors.read(path());
        assertEquals(List.of("b", "a"), new ArrayList<>(read.tensors().keySet()));
        assertEquals(NdArray.of(new int[] {6}, 1), read.tensors().get("a"));
    }

    @Test
    void roundTrip() throws IOException {
        Map<String, NdArray> tensors = new LinkedHashMap<>();
        tensors.put("odd \u00e9\"", NdArray.of(new int[] {1, 2, 3}, 3));
        tensors.put("scalar", NdArray.of(new double[] {0.1}));
        tensors.put("nothing", NdArray.of(new int[0], 3, 0));
        tensors.put("large", NdArray.of(new double[10_000], 100, 100));
        Safetensors.write(path(), tensors, Map.of("b", "{\"x\": 1}", "a", ""));
        Safetensors read = Safetensors.read(path());
        assertEquals(tensors, read.tensors());
        assertEquals(
                new ArrayList<>(tensors.keySet()),
                new ArrayList<>(read.tensors().keySet()));
        assertEquals(List.of("a", "b"), new ArrayList<>(read.metadata().keySet()));
        assertEquals("{\"x\": 1}", read.metadata().get("b"));
        assertEquals(0, Files.readAllBytes(path())[0] % 8);
        Safetensors.write(path(), Map.of(), Map.of());
        assertArrayEquals(file("{}      ", new byte[0]), Files.readAllBytes(path()));
        assertEquals(new Safetensors(Map.of(), Map.of()), Safetensors.read(path()));
    }

    @Test
    void metadataIsNoTensorName() {
        Map<String, NdArray> tensors = Map.of("__metadata__", NdArray.of(new int[0], 0));
        assertThrows(IllegalArgumentException.class, () -> Safetensors.write(path(), tensors, Map.of()));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void malformedFilesAreRefused(byte[] content, String reason) throws IOException {
        Malformed.assertRefused(Safetensors::read, path(), content, reason);
    }

    static List<Arguments> malformed() {
        byte[] valid = file("{" + tensor("a", "F64", "[2]", 0, 16) + "}", new byte[16]);
        String fields = "tensor 'a': expected exactly a dtype (a string), a shape (a list) and data_offsets"
                + " (two integers), got ";
        return List.of(
                Arguments.of(new byte[3], "ends inside the header's length: expected 8 bytes, got 3"),
                Arguments.of(
                        Malformed.hex("ffffffffffffffff"),
                        "not a safetensors file: expected a header of at most 100000000 bytes, got"
                                + " 18446744073709551615"),
                Arguments.of(
                        Malformed.hex("01e1f50500000000"),
                        "not a safetensors file: expected a header of at most 100000000 bytes, got 100000001"),
                Arguments.of(
                        Arrays.copyOf(valid, 20), "truncated: expected a header of " + valid[0] + " bytes, got 12"),
                Arguments.of(Arrays.copyOf(valid, valid.length - 4), "truncated: expected 16 bytes of data, got 12"),
                Arguments.of(Arrays.copyOf(valid, valid.length + 1), "too long: expected 16 bytes of data, got 17"),
                Arguments.of(file("", new byte[0]), "header: expected a JSON object, which starts with '{'"),
                Arguments.of(file(" {}", new byte[0]), "header: expected a JSON object, which starts with '{'"),
                Arguments.of(file("[]", new byte[0]), "header: expected a JSON object, which starts with '{'"),
                Arguments.of(
                        file("{} x", new byte[0]), "header, line 1, column 4: expected the end of the text, got 'x'"),
                Arguments.of(file("{\"\u00e9\":1}", new byte[0]), "not valid UTF-8 text"),
                Arguments.of(
                        file("{\"a\":1,\"a\":2}", new byte[0]),
                        "header, line 1, column 8: expected a key that is new in its object, got 'a' again"),
                Arguments.of(
                        file("{\"__metadata__\":1}", new byte[0]),
                        "header: expected __metadata__ to be an object, got '1'"),
                Arguments.of(
                        file("{\"__metadata__\":{\"k\":1}}", new byte[0]),
                        "header: expected __metadata__.k to be a string, got '1'"),
                Arguments.of(file("{\"a\":1}", new byte[0]), fields + "'1'"),
                Arguments.of(
                        file("{\"a\":{\"dtype\":\"F64\",\"shape\":[]}}", new byte[0]),
                        fields + "'{dtype=F64, shape=[]}'"),
                Arguments.of(
                        file("{" + tensor("a", "F64", "[],\"x\":1", 0, 8) + "}", new byte[8]),
                        fields + "'{dtype=F64, shape=[], x=1, data_offsets=...'"),
                Arguments.of(
                        file("{" + tensor("a", "F64", "[1.0]", 0, 8) + "}", new byte[8]),
                        "tensor 'a': extent 1 of the shape: expected an integer from 0 to 2147483647, got 1.0"),
                Arguments.of(
                        file("{" + tensor("a", "F64", "[-1]", 0, 8) + "}", new byte[8]),
                        "tensor 'a': extent 1 of the shape: expected an integer from 0 to 2147483647, got -1"),
                Arguments.of(
                        file("{" + tensor("a", "F64", "[65536,65536,65536,65536]", 0, 0) + "}", new byte[0]),
                        "tensor 'a': expected at most 2147483639 elements, got shape [65536, 65536, 65536, 65536]"),
                Arguments.of(
                        file("{" + tensor("a", "F64", "[2]", 0, 8) + "}", new byte[8]),
                        "tensor 'a': shape [2] of F64 takes 16 bytes, but data_offsets [0, 8] give 8"),
                Arguments.of(
                        file("{" + tensor("a", "F64", "[1]", 8, 0) + "}", new byte[8]),
                        "tensor 'a': expected data_offsets 0 <= begin <= end, got [8, 0]"),
                Arguments.of(
                        file("{" + tensor("a", "BF16", "[1]", 0, 2) + "}", new byte[2]),
                        "tensor 'a': dtype 'BF16' is not supported: expected F64, F32 or an integer type; convert"
                                + " before saving, in PyTorch by tensor.double()"),
                Arguments.of(
                        file("{" + tensor("a", "F64", "[1]", 8, 16) + "}", new byte[16]),
                        "tensor 'a': expected its data to begin at 0, where the data before it ends, got 8"),
                Arguments.of(
                        file(
                                "{" + tensor("a", "F64", "[1]", 0, 8) + "," + tensor("b", "F64", "[1]", 4, 12) + "}",
                                new byte[12]),
                        "tensor 'b': expected its data to begin at 8, where the data before it ends, got 4"),
                Arguments.of(
                        file("{" + tensor("a", "I64", "[1]", 0, 8) + "}", Malformed.hex("0000000001000000")),
                        "tensor 'a': element 0: 4294967296 does not fit a 32-bit integer"));
    }

    @Test
    void missingFile() {
        assertThrows(NoSuchFileException.class, () -> Safetensors.read(folder.resolve("missing")));
    }

    private Path path() {
        return folder.resolve("a.safetensors");
    }

    private static String tensor(String name, String dtype, String shape, long begin, long end) {
        return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                .formatted(name, dtype, shape, begin, end);
    }

    private static byte[] file(String header, byte[] data) {
        byte[] text = header.getBytes(StandardCharsets.ISO_8859_1);
        return ByteBuffer.allocate(8 + text.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.length)
                .put(text)
                .put(data)
                .array();
    }
}
