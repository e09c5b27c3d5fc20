package org.spikecast.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spikecast.Tolerances;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.ScalarKernel;
import org.spikecast.lstm.Loss;
import org.spikecast.lstm.Lstm;
import org.spikecast.lstm.LstmConfig;
import org.spikecast.lstm.LstmParameters;
import org.spikecast.lstm.LstmTape;
import org.spikecast.params.ParameterSet;

/** The gradient of a batch in slices beside the gradient of the batch as a whole, on any number of threads. */
class BatchGradientTest {
    private static final LstmConfig CONFIG = new LstmConfig(3, 5, 2, 2);
    private static final int STEPS = 6;
    private static final int OUTPUT_STEPS = 4;

    private final Kernel kernel = new ScalarKernel();
    private final LstmParameters network = LstmParameters.random(CONFIG, 0, RandomStream.of(1, "weights"));

    /** One slice, slices without and with a rest, a rest alone. */
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 16, 17, 32, 45, 100})
    void slicesAddUpToTheBatch(int batch) {
        DMatrixRMaj x = random(STEPS * 3, batch);
        DMatrixRMaj y = random(OUTPUT_STEPS * 2, batch);
        LstmTape tape = new LstmTape(CONFIG, STEPS, batch, OUTPUT_STEPS);
        DMatrixRMaj dOutput = y.createLike();
        LstmParameters expected = new LstmParameters(CONFIG);
        Lstm.forward(kernel, network, x, null, tape);
        double loss = Loss.MEAN_SQUARED_ERROR.evaluate(kernel, tape.output(), y, dOutput);
        Lstm.backward(kernel, network, x, tape, dOutput, expected, null, null);

        LstmParameters first = null;
        for (int threads = 1; threads <= 4; threads++) {
            LstmParameters gradient = new LstmParameters(CONFIG);
            gradient.set().set(0, 17); // what was there before does not count
            try (BatchGradient slices = gradient(batch, threads)) {
                for (int repeat = 0; repeat < 3; repeat++) {
                    double sum = slices.evaluate(network, source(x, y), gradient);
                    assertEquals(loss, sum, Tolerances.OTHER_ORDER * loss);
                }
            }
            for (int b = 0; b < gradient.set().blocks().size(); b++) {
                ParameterSet.Block block = gradient.set().blocks().get(b);
                double[] whole = expected.set().blocks().get(b).data();
                assertArrayEquals(whole, block.data(), Tolerances.OTHER_ORDER * largest(whole));
                if (first != null) {
                    assertArrayEquals(first.set().blocks().get(b).data(), block.data());
                }
            }
            first = first == null ? gradient : first;
        }
    }

    @Test
    void whatFailsInAThreadFailsInTheCaller() {
        DMatrixRMaj x = random(STEPS * 3, 64);
        DMatrixRMaj y = random(OUTPUT_STEPS * 2, 64);
        try (BatchGradient slices = gradient(64, 4)) {
            for (int bad : new int[] {0, 20, 63}) {
                BatchGradient.Source failing = (sequence, to, target, column) -> {
                    if (sequence == bad) {
                        throw new IllegalStateException("sequence " + bad);
                    }
                    source(x, y).copy(sequence, to, target, column);
                };
                LstmParameters gradient = new LstmParameters(CONFIG);
                Exception e =
                        assertThrows(IllegalStateException.class, () -> slices.evaluate(network, failing, gradient));
                assertEquals("sequence " + bad, e.getMessage());
                assertTrue(Double.isFinite(slices.evaluate(network, source(x, y), gradient)), "goes on");
            }
        }
        assertThrows(IllegalArgumentException.class, () -> gradient(64, 0));
    }

    /** The scalar kernels: how soon HotSpot gets the SIMD ones to allocate nothing is not for a test to wait for. */
    @Test
    void anUpdateAllocatesNothing() {
        DMatrixRMaj x = random(STEPS * 3, 45);
        DMatrixRMaj y = random(OUTPUT_STEPS * 2, 45);
        LstmParameters gradient = new LstmParameters(CONFIG);
        Adam adam = new Adam(kernel, network.set(), Adam.Options.DEFAULT);
        BatchGradient.Source source = source(x, y);
        ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        long least = Long.MAX_VALUE;
        try (BatchGradient slices = gradient(45, 2)) {
            for (int u = 0; u < 2000 && least > 0; u++) {
                long before = memory.getThreadAllocatedBytes(thread);
                slices.evaluate(network, source, gradient);
                Clipping.byNorm(kernel, gradient.set(), 1);
                adam.update(gradient.set(), 1e-3);
                least = Math.min(least, memory.getThreadAllocatedBytes(thread) - before);
            }
        }
        assertEquals(0, least);
    }

    private BatchGradient gradient(int batch, int threads) {
        return new BatchGradient(kernel, Loss.MEAN_SQUARED_ERROR, CONFIG, STEPS, OUTPUT_STEPS, batch, threads);
    }

    private static BatchGradient.Source source(DMatrixRMaj x, DMatrixRMaj y) {
        return (sequence, toX, toY, column) -> {
            for (int row = 0; row < x.numRows; row++) {
                toX.set(row, column, x.get(row, sequence));
            }
            for (int row = 0; row < y.numRows; row++) {
                toY.set(row, column, y.get(row, sequence));
            }
        };
    }

    private static double largest(double[] x) {
        double largest = 0;
        for (double v : x) {
            largest = Math.max(largest, Math.abs(v));
        }
        return largest;
    }

    private static DMatrixRMaj random(int rows, int columns) {
        RandomStream stream = RandomStream.of(3, "batch gradient test", rows);
        DMatrixRMaj m = new DMatrixRMaj(rows, columns);
        for (int j = 0; j < m.getNumElements(); j++) {
            m.data[j] = stream.nextGaussian();
        }
        return m;
    }
}
