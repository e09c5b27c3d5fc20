package org.spikecast.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.spikecast.io.internal.ArraySource;
import org.spikecast.io.internal.Malformed;

class NpyTest {
    @TempDir
    Path folder;

    /** Files that NumPy 2.4.6 wrote; the spaces that pad the header stand for 's' and a number here. */
    static List<Arguments> fromNumpy() {
        return List.of(
                Arguments.of(
                        NdArray.of(new double[] {1.5, -0.0, Double.NaN, 1e300, 0.1, -2}, 2, 3),
                        numpy("<f8", "(2, 3)", 58),
                        "000000000000f83f 0000000000000080 000000000000f87f 9c7500883ce4377e 9a9999999999b93f"
                                + "00000000000000c0"),
                Arguments.of(
                        NdArray.of(new int[] {1, -2, Integer.MAX_VALUE}, 3),
                        numpy("<i4", "(3,)", 60),
                        "01000000 feffffff ffffff7f"),
                Arguments.of(NdArray.of(new double[] {0.1}), numpy("<f8", "()", 62), "9a9999999999b93f"),
                Arguments.of(NdArray.of(new double[0], 0, 3), numpy("<f8", "(0, 3)", 58), ""));
    }

    private static String numpy(String descr, String shape, int spaces) {
        return "\u0093NUMPY\1\0\u0076\0{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }"
                + " ".repeat(spaces) + "\n";
    }

    @ParameterizedTest
    @MethodSource("fromNumpy")
    void writesTheBytesOfNumpyAndReadsThem(NdArray array, String header, String data) throws IOException {
        byte[] expected = join(Malformed.latin1(header), Malformed.hex(data));
        Path file = folder.resolve("a.npy");
        Npy.write(file, array);
        assertArrayEquals(expected, Files.readAllBytes(file));
        assertEquals(expected.length, Npy.length(ArraySource.of(array)));
        assertEquals(array, Npy.read(file));
    }

    @Test
    void readsVersions2And3AndFortranOrderAsNumpyWritesThem() throws IOException {
        byte[] version2 = Malformed.hex("934e554d50590200740000007b276465736372273a20273e6932272c2027666f727472616e5f6f"
                + "72646572273a20547275652c20277368617065273a2028322c2033292c207d" + "20".repeat(57) + "0a"
                + "000000030001000400020005");
        assertEquals(NdArray.of(new int[] {0, 1, 2, 3, 4, 5}, 2, 3), read(version2));
        byte[] version3 = Malformed.hex("934e554d50590300740000007b276465736372273a20273c6634272c2027666f727472616e5f6f"
                + "72646572273a2046616c73652c20277368617065273a2028322c292c207d" + "20".repeat(58) + "0a"
                + "0000c03f00002040");
        assertEquals(NdArray.of(new double[] {1.5, 2.5}, 2), read(version3));
    }

    @Test
    void transposesFortranOrder() throws IOException {
        int[] shape = {2, 3, 4};
        double[] expected = new double[24];
        byte[] data = new byte[24];
        for (int i = 0; i < 2; i++) {
            for (int j = 0; j < 3; j++) {
                for (int k = 0; k < 4; k++) {
                    data[i + 2 * (j + 3 * k)] = (byte) (100 * i + 10 * j + k);
                    expected[(i * 3 + j) * 4 + k] = 100 * i + 10 * j + k;
                }
            }
        }
        NdArray array = read(npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 4)}", data));
        assertArrayEquals(shape, array.shape());
        assertArrayEquals(expected, array.doubles());
    }

    @ParameterizedTest
    @MethodSource("types")
    void readsEveryType(String descr, String data, NdArray expected) throws IOException {
        assertEquals(expected, read(npy(header(descr, "(2,)"), Malformed.hex(data))));
    }

    static List<Arguments> types() {
        return List.of(
                Arguments.of("<f8", "000000000000f83f 00000000000000c0", NdArray.of(new double[] {1.5, -2}, 2)),
                Arguments.of(">f8", "3ff8000000000000 c000000000000000", NdArray.of(new double[] {1.5, -2}, 2)),
                Arguments.of("<f4", "0000c03f cdcccc3d", NdArray.of(new double[] {1.5, 0.1f}, 2)),
                Arguments.of(">f4", "3fc00000 3dcccccd", NdArray.of(new double[] {1.5, 0.1f}, 2)),
                Arguments.of("|i1", "7f 80", NdArray.of(new int[] {127, -128}, 2)),
                Arguments.of("|u1", "7f 80", NdArray.of(new int[] {127, 128}, 2)),
                Arguments.of("|b1", "00 01", NdArray.of(new int[] {0, 1}, 2)),
                Arguments.of("<i2", "0100 feff", NdArray.of(new int[] {1, -2}, 2)),
                Arguments.of(">u2", "0001 fffe", NdArray.of(new int[] {1, 65534}, 2)),
                Arguments.of("<i4", "00000080 ffffff7f", NdArray.of(new int[] {1 << 31, Integer.MAX_VALUE}, 2)),
                Arguments.of("<u4", "01000000 ffffff7f", NdArray.of(new int[] {1, Integer.MAX_VALUE}, 2)),
                Arguments.of(
                        ">i8",
                        "ffffffff80000000 000000007fffffff",
                        NdArray.of(new int[] {1 << 31, Integer.MAX_VALUE}, 2)),
                Arguments.of(
                        "<u8", "0100000000000000 ffffff7f00000000", NdArray.of(new int[] {1, Integer.MAX_VALUE}, 2)));
    }

    @Test
    void keysInAnyOrderWithEitherQuotes() throws IOException {
        String header = " { \"shape\":(  2 ,1, ),'fortran_order' : False,\n'descr':'|u1'} \n ";
        assertEquals(NdArray.of(new int[] {5, 6}, 2, 1), read(npy(header, new byte[] {5, 6})));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void malformedFilesAreRefused(byte[] content, String reason) throws IOException {
        Malformed.assertRefused(Npy::read, folder.resolve("a.npy"), content, reason);
    }

    static List<Arguments> malformed() {
        String notEntries = "header: expected a dictionary of 'descr' (a string), 'fortran_order' (True or False) and"
                + " 'shape' (a tuple), got ";
        String convert = " is not supported: expected float64, float32, an integer type or bool; convert before saving,"
                + " e.g. x.astype('float64')";
        byte[] valid = npy(header("<f8", "(2,)"), new byte[16]);
        byte[] version4 = valid.clone();
        version4[6] = 4;
        byte[] hugeHeader = Malformed.latin1("\u0093NUMPY\2\0\0\0\1\0");
        byte[] longHeader = Malformed.latin1("\u0093NUMPY\1\0\u00ff\0{}");
        return List.of(
                Arguments.of(new byte[0], "not an NPY file: it does not start with \\x93NUMPY"),
                Arguments.of(
                        Malformed.latin1("PK\3\4hello"),
                        "not an NPY file: it does not start with \\x93NUMPY; this is a zip file, such as PyTorch's .pt or"
                                + " NumPy's .npz"),
                Arguments.of(Arrays.copyOf(valid, 7), "ends inside the format version: expected 2 bytes, got 1"),
                Arguments.of(version4, "expected NPY format version 1.0, 2.0 or 3.0, got 4.0"),
                Arguments.of(Arrays.copyOf(valid, 9), "ends inside the header's length: expected 2 bytes, got 1"),
                Arguments.of(longHeader, "ends inside the header: expected 255 bytes, got 2"),
                Arguments.of(hugeHeader, "expected a header of at most 65535 bytes, got 65536"),
                Arguments.of(
                        Arrays.copyOf(valid, valid.length - 1),
                        "truncated: shape [2] of F64 takes 16 bytes of data, got 15"),
                Arguments.of(
                        Arrays.copyOf(valid, valid.length + 1),
                        "too long: shape [2] of F64 takes 16 bytes of data, got 17"),
                Arguments.of(npy("", new byte[0]), notEntries + "''"),
                Arguments.of(npy("{}", new byte[0]), notEntries + "'{}'"),
                Arguments.of(
                        npy("{'descr': '<f8', 'shape': (2,)}", new byte[0]),
                        notEntries + "'{'descr': '<f8', 'shape': (2,)}'"),
                Arguments.of(
                        npy("{'descr': True, 'fortran_order': False, 'shape': (2,)}", new byte[0]),
                        notEntries + "'{'descr': True, 'fortran_order': False, ...'"),
                Arguments.of(
                        npy(header("<f8", "(2,)") + "x", new byte[0]),
                        notEntries + "'{'descr': '<f8', 'fortran_order': False,...'"),
                Arguments.of(
                        npy("{'a': '', " + header("<f8", "(2,)").substring(1), new byte[0]),
                        notEntries + "'{'a': '', 'descr': '<f8', 'fortran_order...'"),
                Arguments.of(
                        npy("{'descr': '<f8', " + header("<f8", "(2,)").substring(1), new byte[0]),
                        "header: key 'descr' stands twice"),
                Arguments.of(
                        npy("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,)}", new byte[0]),
                        notEntries + "'{'descr': [('a', '<f8')], 'fortran_order...'"),
                Arguments.of(npy(header("|O", "(2,)"), new byte[16]), "dtype '|O'" + convert),
                Arguments.of(npy(header("<f2", "(2,)"), new byte[4]), "dtype '<f2'" + convert),
                Arguments.of(npy(header("|f8", "(2,)"), new byte[16]), "dtype '|f8'" + convert),
                Arguments.of(
                        npy(header("<f8", "(2)"), new byte[16]),
                        "header: expected a shape such as (), (3,) or (3, 4), got '(2)'"),
                Arguments.of(
                        npy(header("<f8", "(2,,)"), new byte[16]),
                        "header: expected a shape such as (), (3,) or (3, 4), got '(2,,)'"),
                Arguments.of(
                        npy(header("<f8", "(,)"), new byte[8]),
                        "header: expected a shape such as (), (3,) or (3, 4), got '(,)'"),
                Arguments.of(
                        npy(header("<f8", "(2, -1)"), new byte[16]),
                        "extent 2 of the shape: expected an integer from 0 to 2147483647, got -1"),
                Arguments.of(
                        npy(header("<f8", "(4294967296,)"), new byte[16]),
                        "extent 1 of the shape: expected an integer from 0 to 2147483647, got 4294967296"),
                Arguments.of(
                        npy(header("<f8", "(2147483647, 2147483647, 2147483647, 8)"), new byte[16]),
                        "expected at most 2147483639 elements, got shape [2147483647, 2147483647, 2147483647, 8]"),
                Arguments.of(
                        npy(header("<f8", "(2147483639,)"), new byte[16]),
                        "truncated: shape [2147483639] of F64 takes 17179869112 bytes of data, got 16"),
                Arguments.of(
                        npy(header("<i8", "(2,)"), Malformed.hex("0000000000000000 0000008000000000")),
                        "element 1: 2147483648 does not fit a 32-bit integer"),
                Arguments.of(
                        npy(header("<u8", "(1,)"), Malformed.hex("ffffffffffffffff")),
                        "element 0: 18446744073709551615 does not fit a 32-bit integer"),
                Arguments.of(
                        npy(header("|b1", "(1,)"), Malformed.hex("02")),
                        "element 0: expected a boolean (0 or 1), got 2"));
    }

    @Test
    void roundTripBeyondOneChunk() throws IOException {
        double[] data = new double[20_001];
        int[] ints = new int[20_001];
        for (int i = 0; i < data.length; i++) {
            data[i] = Math.sqrt(i);
            ints[i] = -i * 1000;
        }
        Path file = folder.resolve("a.npy");
        for (NdArray array : List.of(NdArray.of(data, 3, 6667), NdArray.of(ints, data.length))) {
            Npy.write(file, array);
            assertEquals(array, Npy.read(file));
        }
    }

    @Test
    void missingFile() {
        assertThrows(NoSuchFileException.class, () -> Npy.read(folder.resolve("missing.npy")));
    }

    private NdArray read(byte[] content) throws IOException {
        return Npy.read(Files.write(folder.resolve("a.npy"), content));
    }

    private static String header(String descr, String shape) {
        return "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }";
    }

    private static byte[] npy(String header, byte[] data) {
        byte[] start =
                Malformed.latin1("\u0093NUMPY\1\0" + (char) (header.length() % 256) + (char) (header.length() / 256));
        return join(start, Malformed.latin1(header), data);
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
