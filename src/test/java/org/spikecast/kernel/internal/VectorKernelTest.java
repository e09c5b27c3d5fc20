package org.spikecast.kernel.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;

/** The SIMD provider at every width: the contract, and bit by bit what the scalar provider gives. */
public class VectorKernelTest {
    /** The provider as it would be on a machine of another width: loaded anew, with the width set. */
    public static Kernel ofWidth(int bits) {
        System.setProperty("spikecast.simd.bits", Integer.toString(bits));
        try {
            return (Kernel) new Anew()
                    .loadClass("org.spikecast.kernel.internal.VectorKernel")
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        } finally {
            System.clearProperty("spikecast.simd.bits");
        }
    }

    /** The classes of the package that the test itself uses. */
    private static final Set<String> SHARED = Set.of(
            "org.spikecast.kernel.internal.Ca1Constants",
            "org.spikecast.kernel.Kernel",
            "org.spikecast.kernel.internal.MatrixView",
            "org.spikecast.kernel.internal.PackedMatrix",
            "org.spikecast.kernel.internal.Team",
            "org.spikecast.kernel.internal.Team$Task");

    /** Defines the provider, and what shares its package-private members, once more. */
    private static final class Anew extends ClassLoader {
        Anew() {
            super(VectorKernelTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith("org.spikecast.kernel.") || SHARED.contains(name)) {
                return super.loadClass(name, resolve);
            }
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : define(name);
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }

    @Nested
    class Bits128 extends KernelContract {
        @Override
        Kernel kernel() {
            return ofWidth(128);
        }
    }

    @Nested
    class Bits256 extends KernelContract {
        @Override
        Kernel kernel() {
            return ofWidth(256);
        }
    }

    @Nested
    class Bits512 extends KernelContract {
        @Override
        Kernel kernel() {
            return ofWidth(512);
        }
    }

    @Test
    void isWhatRunsWhereItsModuleIs() {
        assertTrue(Kernel.simdModulePresent());
        assertTrue(Kernel.best().description().startsWith("SIMD"));
        assertEquals("SIMD, 512 bits", ofWidth(512).description());
    }

    /** Every argument that matters, in every lane: special values, the ends of every branch, random ones. */
    @Test
    void stepsGiveTheBitsOfTheScalarProvider() {
        RandomStream random = RandomStream.of(3, "vector kernel test");
        double[] special = {
            0.0,
            -0.0,
            1,
            -1,
            Double.MIN_VALUE,
            -Double.MIN_VALUE,
            1e-300,
            -1e-17,
            1e-8,
            18.5,
            -18.5,
            19,
            22,
            -22,
            36.7,
            37.43,
            -37.5,
            700,
            -708.7,
            -708.8,
            709,
            -709.5,
            1e6,
            -1e300,
            Double.MAX_VALUE,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY,
            Double.NaN
        };
        for (int n : new int[] {1, 3, 8, 29, 64, 1000}) {
            double[] gates = new double[4 * n];
            double[] cell = new double[2 * n];
            double[] dHidden = new double[n];
            double[] dCell = new double[n];
            for (int j = 0; j < 4 * n; j++) {
                double scale = random.nextInt(3) == 0 ? 30 : 2;
                gates[j] = random.nextInt(4) == 0
                        ? special[random.nextInt(special.length)]
                        : scale * random.nextGaussian();
            }
            for (int j = 0; j < n; j++) {
                cell[j] = 2 * random.nextGaussian();
                dHidden[j] = random.nextGaussian();
                dCell[j] = random.nextGaussian();
            }
            double[][] expected = step(new ScalarKernel(), n, gates, cell, dHidden, dCell);
            double[][] gru = gruStep(new ScalarKernel(), n, gates, cell, dHidden, dCell);
            for (int bits : new int[] {128, 256, 512}) {
                double[][] actualGru = gruStep(ofWidth(bits), n, gates, cell, dHidden, dCell);
                for (int array = 0; array < gru.length; array++) {
                    assertArrayEquals(gru[array], actualGru[array], bits + " bits, n " + n + ", GRU, array " + array);
                }
                double[][] actual = step(ofWidth(bits), n, gates, cell, dHidden, dCell);
                for (int array = 0; array < expected.length; array++) {
                    assertArrayEquals(expected[array], actual[array], bits + " bits, n " + n + ", array " + array);
                }
            }
        }
    }

    /** The same of a GRU, gradients written beside the gates and in their place. */
    private static double[][] gruStep(
            Kernel kernel, int n, double[] gates, double[] cell, double[] dHidden, double[] dCell) {
        double[] a = Arrays.copyOf(gates, 3 * n);
        double[] q = Arrays.copyOfRange(gates, n, 4 * n);
        double[] h = cell.clone();
        double[] dLast = dCell.clone();
        double[] da = new double[3 * n];
        double[] dq = new double[3 * n];
        MatrixView gate = new MatrixView(a, 3 * n, 1);
        MatrixView product = new MatrixView(q, 3 * n, 1);
        MatrixView last = new MatrixView(h, n, 1);
        kernel.gruStep(gate, product, last, new MatrixView(h, n, n, 1));
        double[] activations = a.clone();
        MatrixView dh = new MatrixView(dHidden, n, 1);
        MatrixView dhLast = new MatrixView(dLast, n, 1);
        MatrixView to = new MatrixView(da, 3 * n, 1);
        kernel.gruStepBackward(gate, product, last, dh, dhLast, to, new MatrixView(dq, 3 * n, 1));
        kernel.gruStepBackward(gate, product, last, dh, dhLast, gate, product);
        assertArrayEquals(da, a);
        assertArrayEquals(dq, q);
        return new double[][] {activations, h, dLast, da, dq};
    }

    private static double[][] step(
            Kernel kernel, int n, double[] gates, double[] cell, double[] dHidden, double[] dCell) {
        double[] g = gates.clone();
        double[] c = cell.clone();
        double[] kept = new double[2 * n];
        double[] hidden = new double[n];
        double[] dc = dCell.clone();
        double[] dGates = new double[4 * n];
        MatrixView gate = new MatrixView(g, 4 * n, 1);
        MatrixView last = new MatrixView(c, n, 1);
        MatrixView slopes = new MatrixView(kept, 2 * n, 1);
        MatrixView h = new MatrixView(hidden, n, 1);
        kernel.lstmStep(gate, last, new MatrixView(c, n, n, 1), slopes, h);
        MatrixView dh = new MatrixView(dHidden, n, 1);
        kernel.lstmStepBackward(gate, last, slopes, h, dh, new MatrixView(dc, n, 1), new MatrixView(dGates, 4 * n, 1));
        return new double[][] {g, c, kept, hidden, dc, dGates};
    }
}
