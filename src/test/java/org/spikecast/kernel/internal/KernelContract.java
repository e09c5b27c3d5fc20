package org.spikecast.kernel.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.spikecast.Tolerances;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;

/** What every provider must do, bit by bit: subclasses name the provider. */
abstract class KernelContract {
    private final Kernel kernel = kernel();
    private final RandomStream random = RandomStream.of(7, "kernel test");

    abstract Kernel kernel();

    /** The contract in plain code. */
    public static final Kernel PLAIN = () -> "plain";

    /** Blocks, rows, inner, batch: ones, remainders of every blocking, tall, flat. */
    static Stream<Arguments> shapes() {
        int[][] shapes = {
            {1, 1, 1, 1},
            {1, 2, 3, 1},
            {3, 4, 5, 2},
            {2, 5, 4, 3},
            {1, 8, 8, 7},
            {2, 7, 9, 8},
            {1, 3, 1, 9},
            {2, 12, 13, 17},
            {1, 64, 5, 33},
            {4, 16, 16, 16},
            {1, 1, 40, 31},
            {1, 40, 1, 31},
            {2, 1, 9, 40},
            {3, 2, 33, 37},
            {1, 3, 11, 6200},
            {1, 6, 1, 40},
            {2, 33, 2, 1},
            {1, 65, 31, 4},
            {1, 20, 120, 32},
            // more rows, and a longer inner index, than are computed at once; blocks that share the inner index
            {1, 139, 300, 5},
            {3, 131, 17, 100},
            {3, 131, 2, 70},
            {2, 9, 3, 270},
            {1, 19, 9, 130},
            {1, 35, 16, 517},
            {300, 9, 5, 5},
            {20, 9, 40, 5},
            {20, 40, 12, 5},
            {200, 140, 33, 1},
            {2, 9, 40, 193},
            {1, 9, 200, 32},
            {1, 9, 200, 150}
        };
        return Stream.of(shapes).map(s -> Arguments.of(s[0], s[1], s[2], s[3]));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void multiplyAccumulatesInAscendingOrder(int blocks, int rows, int inner, int batch) {
        double[] a = numbers(rows * inner);
        double[] x = numbers(2 + blocks * inner * batch);
        double[] y = numbers(3 + blocks * rows * batch);
        double[] expected = y.clone();
        MatrixView xs = new MatrixView(x, 2, blocks * inner, batch);
        PLAIN.multiply(packed(rows, inner, a), xs, new MatrixView(expected, 3, blocks * rows, batch));
        kernel.multiply(packed(rows, inner, a), xs, new MatrixView(y, 3, blocks * rows, batch));
        assertArrayEquals(expected, y);
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void affineStartsFromTheBias(int blocks, int rows, int inner, int batch) {
        double[] w = numbers(rows * inner);
        double[] u = numbers(rows * blocks);
        double[] x = numbers(2 + inner * batch);
        double[] h = numbers(3 + blocks * batch);
        double[] a = numbers(rows);
        double[] b = numbers(rows);
        PackedMatrix packed = new PackedMatrix(rows, inner + blocks);
        packed.pack(inner, w, u);
        for (boolean full : new boolean[] {true, false}) {
            double[] expected = numbers(1 + rows * batch);
            double[] y = expected.clone();
            MatrixView below = full ? new MatrixView(h, 3, blocks, batch) : null;
            MatrixView xs = new MatrixView(x, 2, inner, batch);
            PLAIN.affine(packed, a, full ? b : null, xs, below, new MatrixView(expected, 1, rows, batch));
            kernel.affine(packed, a, full ? b : null, xs, below, new MatrixView(y, 1, rows, batch));
            assertArrayEquals(expected, y);
        }
    }

    /** One right factor, a stack of them or not, after one bias or two. */
    @ParameterizedTest
    @MethodSource("shapes")
    void affineOfStacks(int blocks, int rows, int inner, int batch) {
        PackedMatrix packed = new PackedMatrix(rows, inner + 1);
        packed.pack(inner, numbers(rows * inner), numbers(rows));
        double[] a = numbers(rows);
        double[] b = numbers(rows);
        MatrixView xs = new MatrixView(numbers(2 + blocks * inner * batch), 2, blocks * inner, batch);
        for (double[] second : new double[][] {null, b}) {
            double[] expected = numbers(1 + blocks * rows * batch);
            double[] y = expected.clone();
            PLAIN.affine(packed, a, second, xs, null, new MatrixView(expected, 1, blocks * rows, batch));
            kernel.affine(packed, a, second, xs, null, new MatrixView(y, 1, blocks * rows, batch));
            assertArrayEquals(expected, y);
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void aTransposeIsPackedAsTheMatrixItself(int blocks, int rows, int inner, int batch) {
        double[] a = numbers(rows * inner);
        double[] transposed = new double[rows * inner];
        for (int i = 0; i < rows; i++) {
            for (int p = 0; p < inner; p++) {
                transposed[p * rows + i] = a[i * inner + p];
            }
        }
        PackedMatrix packed = new PackedMatrix(rows, inner);
        packed.packTransposed(transposed);
        assertArrayEquals(packed(rows, inner, a).data(), packed.data());
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void outerProductsAccumulateBlocksThenColumns(int blocks, int rows, int inner, int batch) {
        double[] y = numbers(2 + blocks * rows * batch);
        double[] x = numbers(3 + blocks * inner * batch);
        double[] a = numbers(rows * inner);
        double[] expected = outerProductsAdded(blocks, rows, inner, batch, y, x, a);
        double[] first = a.clone();
        MatrixView ys = new MatrixView(y, 2, blocks * rows, batch);
        MatrixView xs = new MatrixView(x, 3, blocks * inner, batch);
        kernel.outerProducts(true, blocks, ys, xs, first, null);
        assertArrayEquals(expected, first);
        // The same with a second right factor, of another size: here y itself.
        double[] second = numbers(rows * rows);
        double[] alone = second.clone();
        kernel.outerProducts(true, blocks, ys, ys, alone, null);
        kernel.outerProducts(true, blocks, ys, xs, a, ys, second, null, null);
        assertArrayEquals(expected, a);
        assertArrayEquals(alone, second);
    }

    /** Without adding, the numbers that are there make no difference, be they none. */
    @ParameterizedTest
    @MethodSource({"shapes", "fewColumns"})
    void outerProductsReplaceWhatTheyAreNotAddedTo(int blocks, int rows, int inner, int batch) {
        MatrixView ys = new MatrixView(numbers(blocks * rows * batch), blocks * rows, batch);
        MatrixView xs = new MatrixView(numbers(blocks * inner * batch), blocks * inner, batch);
        for (MatrixView second : new MatrixView[] {null, ys}) {
            double[][] added = new double[4][];
            double[][] replaced = new double[4][];
            int[] sizes = {rows * inner, rows * rows, rows, rows};
            for (int k = 0; k < 4; k++) {
                added[k] = new double[sizes[k]];
                replaced[k] = new double[sizes[k]];
                Arrays.fill(replaced[k], k == 1 && second == null ? 0 : Double.NaN);
            }
            kernel.outerProducts(true, blocks, ys, xs, added[0], second, added[1], added[2], added[3]);
            kernel.outerProducts(false, blocks, ys, xs, replaced[0], second, replaced[1], replaced[2], replaced[3]);
            for (int k = 0; k < 4; k++) {
                assertArrayEquals(added[k], replaced[k]);
            }
        }
    }

    static Stream<Arguments> fewColumns() {
        return Stream.of(Arguments.of(3, 21, 2, 37), Arguments.of(200, 9, 2, 1), Arguments.of(2, 13, 7, 2400));
    }

    /**
     * Every number of columns around a vector's, with rows and batches of any size, also more than are computed at
     * once.
     */
    @ParameterizedTest
    @CsvSource({
        "3, 21, 1, 37",
        "3, 21, 2, 37",
        "3, 21, 3, 37",
        "3, 21, 4, 37",
        "3, 21, 5, 37",
        "3, 21, 6, 37",
        "3, 21, 7, 37",
        "3, 21, 8, 37",
        "3, 21, 9, 37",
        "200, 9, 2, 1",
        "2, 12300, 2, 3",
        "2, 13, 2, 9300",
        "2, 13, 7, 2400"
    })
    void outerProductsOfFewColumns(int blocks, int rows, int inner, int batch) {
        double[] y = numbers(2 + blocks * rows * batch);
        double[] x = numbers(3 + blocks * inner * batch);
        double[] a = numbers(rows * inner);
        double[] expected = outerProductsAdded(blocks, rows, inner, batch, y, x, a);
        double[] r = numbers(rows);
        double[] q = r.clone();
        double[] sums = rowSumsAdded(blocks, rows, batch, y, 2, r);
        MatrixView ys = new MatrixView(y, 2, blocks * rows, batch);
        MatrixView xs = new MatrixView(x, 3, blocks * inner, batch);
        kernel.outerProducts(true, blocks, ys, xs, a, null, null, r, q);
        assertArrayEquals(expected, a);
        assertArrayEquals(sums, r);
        assertArrayEquals(sums, q);
    }

    private static double[] outerProductsAdded(
            int blocks, int rows, int inner, int batch, double[] y, double[] x, double[] a) {
        double[] sum = a.clone();
        MatrixView ys = new MatrixView(y, 2, blocks * rows, batch);
        PLAIN.outerProducts(true, blocks, ys, new MatrixView(x, 3, blocks * inner, batch), sum, null);
        return sum;
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void productsAgreeWithEjml(int blocks, int rows, int inner, int batch) {
        double[] a = numbers(rows * inner);
        double[] x = numbers(inner * batch);
        double[] y = new double[rows * batch];
        kernel.multiply(packed(rows, inner, a), new MatrixView(x, inner, batch), new MatrixView(y, rows, batch));
        DMatrixRMaj product = new DMatrixRMaj(rows, batch);
        CommonOps_DDRM.mult(new DMatrixRMaj(rows, inner, true, a), new DMatrixRMaj(inner, batch, true, x), product);
        assertArrayEquals(product.data, y, Tolerances.OTHER_ORDER * inner);
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void sumsRunInEightLanes(int blocks, int rows, int inner, int batch) {
        double[] y = numbers(1 + blocks * rows * batch);
        double[] r = numbers(rows);
        r[0] = -0.0; // to which a sum of -0 adds +0
        Arrays.fill(y, 1, 1 + batch, -0.0);
        double[] expected = rowSumsAdded(blocks, rows, batch, y, 1, r);
        double[] q = r.clone();
        double[] x = numbers(blocks * inner * batch);
        double[] a = new double[rows * inner];
        MatrixView ys = new MatrixView(y, 1, blocks * rows, batch);
        MatrixView xs = new MatrixView(x, blocks * inner, batch);
        kernel.outerProducts(true, blocks, ys, xs, a, r);
        assertArrayEquals(expected, r);
        r = q.clone();
        kernel.outerProducts(true, blocks, ys, xs, a, ys, new double[rows * rows], r, q);
        assertArrayEquals(expected, r);
        assertArrayEquals(expected, q);

        double[] lanes = new double[8];
        for (int j = 0; j < y.length; j++) {
            lanes[j % 8] = Math.fma(y[j], y[j], lanes[j % 8]);
        }
        assertEquals(halved(lanes), kernel.sumOfSquares(y.length, y));
    }

    private static double[] rowSumsAdded(int blocks, int rows, int batch, double[] y, int yOffset, double[] r) {
        double[] sums = r.clone();
        for (int s = 0; s < blocks; s++) {
            for (int i = 0; i < rows; i++) {
                double[] lanes = new double[8];
                for (int j = 0; j < batch; j++) {
                    lanes[j % 8] += y[yOffset + (s * rows + i) * batch + j];
                }
                sums[i] += halved(lanes);
            }
        }
        return sums;
    }

    private static double halved(double[] lanes) {
        for (int half = 4; half > 0; half /= 2) {
            for (int j = 0; j < half; j++) {
                lanes[j] += lanes[j + half];
            }
        }
        return lanes[0];
    }

    @Test
    void oneStepIsTheEquations() {
        int n = 21;
        double[] gates = numbers(2 + 4 * n);
        double[] cell = numbers(1 + 2 * n);
        double[] slopes = new double[2 * n + 3];
        double[] hidden = new double[n + 4];
        double[] z = gates.clone();
        MatrixView last = new MatrixView(cell, 1, n, 1);
        MatrixView now = new MatrixView(cell, 1 + n, n, 1);
        MatrixView kept = new MatrixView(slopes, 3, 2 * n, 1);
        kernel.lstmStep(new MatrixView(gates, 2, 4 * n, 1), last, now, kept, new MatrixView(hidden, 4, n, 1));
        double[] slope = new double[1];
        for (int j = 0; j < n; j++) {
            double i = Elementary.sigma(z[2 + j]);
            double f = Elementary.sigma(z[2 + n + j]);
            double g = Elementary.tanh(z[2 + 2 * n + j]);
            double o = Elementary.sigma(z[2 + 3 * n + j]);
            double c = Math.fma(f, cell[1 + j], i * g);
            assertEquals(i, Tail.sigma(gates[2 + j]));
            assertEquals(f, Tail.sigma(gates[2 + n + j]));
            assertEquals(g, gates[2 + 2 * n + j]);
            assertEquals(o, Tail.sigma(gates[2 + 3 * n + j]));
            assertEquals(c, cell[1 + n + j]);
            assertEquals(o * Elementary.tanh(c), hidden[4 + j]);
            Elementary.tanh(z[2 + 2 * n + j], slope, 0);
            assertEquals(slope[0], slopes[3 + j]);
            Elementary.tanh(c, slope, 0);
            assertEquals(slope[0], slopes[3 + n + j]);
        }
    }

    @Test
    void oneStepOfAGruIsTheEquations() {
        int size = 21;
        double[] gates = numbers(2 + 3 * size);
        double[] q = numbers(1 + 3 * size);
        double[] hidden = numbers(3 + 2 * size);
        double[] a = gates.clone();
        double[] product = q.clone();
        double[] slope = new double[1];
        MatrixView last = new MatrixView(hidden, 3, size, 1);
        MatrixView now = new MatrixView(hidden, 3 + size, size, 1);
        kernel.gruStep(new MatrixView(gates, 2, 3 * size, 1), new MatrixView(q, 1, 3 * size, 1), last, now);
        for (int j = 0; j < size; j++) {
            double r = Elementary.sigma(a[2 + j] + product[1 + j]);
            double z = Elementary.sigma(a[2 + size + j] + q[1 + size + j]);
            double n = Elementary.tanh(Math.fma(r, q[1 + 2 * size + j], a[2 + 2 * size + j]), slope, 0);
            assertEquals(r, Tail.sigma(gates[2 + j]));
            assertEquals(z, Tail.sigma(gates[2 + size + j]));
            assertEquals(slope[0], q[1 + j]);
            assertEquals(n, gates[2 + 2 * size + j]);
            assertEquals(Math.fma(z, hidden[3 + j] - n, n), hidden[3 + size + j]);
        }
    }

    @Test
    void adamMovesAgainstTheGradientByItsFormula() {
        int n = 19;
        double[] theta = numbers(n);
        double[] g = numbers(n);
        double[] m = numbers(n);
        double[] v = new double[n];
        for (int j = 0; j < n; j++) {
            v[j] = Math.abs(g[j]) + 0.1;
        }
        double[] m0 = m.clone();
        double[] v0 = v.clone();
        double[] theta0 = theta.clone();
        kernel.adamUpdate(n, theta, g, m, v, 0.9, 0.999, 0.01, 0.5, 1e-8, 0.02, 0.97);
        for (int j = 0; j < n; j++) {
            double gj = g[j] + 0.02 * theta0[j];
            double mj = 0.9 * m0[j] + 0.1 * gj;
            double vj = 0.999 * v0[j] + 0.001 * gj * gj;
            assertEquals(mj, m[j], Tolerances.OTHER_ORDER);
            assertEquals(vj, v[j], Tolerances.OTHER_ORDER);
            double step = 0.01 * mj / (Math.sqrt(vj) / 0.5 + 1e-8);
            assertEquals(0.97 * theta0[j] - step, theta[j], Tolerances.OTHER_ORDER);
        }
    }

    private static final double[] SPECIAL_ARGUMENTS = {
        0, -0.0, 1e-300, 37.5, -37.5, 708.7, -708.8, 709, -709, 710, -1e300, 1e300
    };

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 8, 11, 16, 19})
    void sigmoidsOfOneVariableAreTheLogisticFunctionAtSpecialArguments(int rows) {
        double[] slope = numbers(rows);
        double[] y = new double[rows];
        double[] expected = new double[rows];
        for (double x : SPECIAL_ARGUMENTS) {
            slope[0] = 1;
            slope[rows - 1] = -1;
            for (int i = 0; i < rows; i++) {
                expected[i] = Elementary.sigma(Math.fma(slope[i], x, 0));
            }
            kernel.sigmoids(rows, 1, slope, new double[rows], new double[] {x}, 0, y);
            assertArrayEquals(expected, y);
        }
    }

    /** Rows and columns: one column, less than a vector, remainders, more than a block. */
    @ParameterizedTest
    @CsvSource({"1, 1", "3, 1", "11, 1", "17, 1", "2, 3", "11, 4", "3, 5", "11, 7", "1, 8", "11, 100", "5, 1601", "9, 1"
    })
    void sigmoidsAreTheLogisticFunction(int rows, int n) {
        double[] special = SPECIAL_ARGUMENTS;
        double[] slope = numbers(rows);
        double[] offset = numbers(rows);
        double[] x = numbers(3 + n);
        for (int j = 0; j < n; j++) {
            x[3 + j] *= j % 5 == 4 ? 900 : 30;
        }
        slope[rows - 1] = 1; // special arguments, to the bit
        offset[rows - 1] = 0;
        for (int j = 0; j < Math.min(n, special.length); j++) {
            x[3 + n - 1 - j] = special[j];
        }
        double[] y = numbers(rows * n + 2);
        double[] expected = y.clone();
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < n; j++) {
                expected[i * n + j] = Elementary.sigma(Math.fma(slope[i], x[3 + j], offset[i]));
            }
        }
        kernel.sigmoids(rows, n, slope, offset, x, 3, y);
        assertArrayEquals(expected, y);
        x[3] = Double.NaN;
        kernel.sigmoids(rows, n, slope, offset, x, 3, y);
        assertTrue(Double.isNaN(y[0]) && Double.isNaN(y[(rows - 1) * n]));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 8, 17, 255, 256, 257, 600})
    void sigmaAndTanhInPlaceAreThoseOfElementary(int n) {
        double[] x = numbers(n + 5);
        for (int j = 0; j < x.length; j++) {
            x[j] *= j % 3 == 0 ? 900 : 20;
        }
        x[2] = SPECIAL_ARGUMENTS[n % SPECIAL_ARGUMENTS.length];
        double[] sigma = x.clone();
        double[] tanh = x.clone();
        for (int j = 2; j < n + 2; j++) {
            sigma[j] = Elementary.sigma(x[j]);
            tanh[j] = Elementary.tanh(x[j]);
        }
        double[] actual = x.clone();
        kernel.sigma(new MatrixView(actual, 2, 1, n));
        assertArrayEquals(sigma, actual);
        actual = x.clone();
        kernel.tanh(new MatrixView(actual, 2, n, 1));
        assertArrayEquals(tanh, actual);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 7, 8, 11, 16, 33, 100})
    void theNeuronsDerivativeHasTheBitsOfPlainCode(int n) throws IllegalAccessException {
        Ca1Constants p = new Ca1Constants();
        for (Field constant : Ca1Constants.class.getFields()) {
            constant.setDouble(p, numbers(1)[0]);
        }
        double[] current = numbers(n);
        double[] s = numbers(11 * n);
        double[] y = numbers(9 * n);
        double[] expected = new double[9 * n];
        double[] actual = new double[9 * n];
        PLAIN.ca1Derivative(n, p, current, s, y, expected);
        kernel.ca1Derivative(n, p, current, s, y, actual);
        assertArrayEquals(expected, actual);
        assertTrue(Arrays.stream(actual).allMatch(d -> d != 0));
    }

    private static PackedMatrix packed(int rows, int inner, double[] a) {
        PackedMatrix packed = new PackedMatrix(rows, inner);
        packed.pack(a);
        return packed;
    }

    private double[] numbers(int n) {
        double[] x = new double[n];
        for (int j = 0; j < n; j++) {
            x[j] = 2 * random.nextDouble() - 1;
        }
        return x;
    }
}
