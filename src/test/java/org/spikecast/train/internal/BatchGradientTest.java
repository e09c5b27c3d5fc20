package org.spikecast.train.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spikecast.Tolerances;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.kernel.internal.Team;
import org.spikecast.kernel.internal.VectorKernelTest;
import org.spikecast.lstm.Cell;
import org.spikecast.lstm.Loss;
import org.spikecast.lstm.Network;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkState;
import org.spikecast.lstm.NetworkTape;
import org.spikecast.params.ParameterSet;
import org.spikecast.train.Losses;

/** The gradient of a batch in micro-batches against that of the batch as a whole, on any number of threads. */
class BatchGradientTest {
    private static final NetworkConfig CONFIG = new NetworkConfig(3, 5, 2, 2);
    private static final int STEPS = 6;
    private static final int OUTPUT_STEPS = 4;

    private final Kernel kernel = new ScalarKernel();
    private final NetworkParameters network = NetworkParameters.random(CONFIG, 0, RandomStream.of(1, "weights"));

    /** One micro-batch, micro-batches without and with a rest, a rest alone. */
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 16, 17, 32, 45, 100, 200})
    void microBatchesAddUpToTheBatch(int batch) {
        DMatrixRMaj x = random(STEPS * 3, batch);
        DMatrixRMaj y = random(OUTPUT_STEPS * 2, batch);
        NetworkTape tape = new NetworkTape(CONFIG, STEPS, batch, OUTPUT_STEPS);
        DMatrixRMaj dOutput = y.createLike();
        NetworkParameters expected = new NetworkParameters(CONFIG);
        Network.forward(kernel, network, x, null, tape);
        double loss = Losses.MEAN_SQUARED_ERROR.evaluate(kernel, tape.output(), y, dOutput);
        Network.backward(kernel, network, x, tape, dOutput, expected, null, null);

        NetworkParameters first = null;
        for (int threads = 1; threads <= 4; threads++) {
            NetworkParameters gradient = new NetworkParameters(CONFIG);
            gradient.set().set(0, 17); // what was there before does not count
            try (Team team = Team.sharingAll(threads)) {
                BatchGradient slices = gradient(batch, team);
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

    /**
     * Two updates of every cell in one micro-batch, of odd sizes, scalar and SIMD: on more threads than there are
     * panels, too.
     */
    @ParameterizedTest
    @ValueSource(ints = {0, 512})
    void aMicroBatchHasTheSameBitsOnEveryTeam(int bits) {
        Kernel other = bits == 0 ? kernel : VectorKernelTest.ofWidth(bits);
        for (Cell cell : List.of(Cell.LSTM, Cell.GRU, Cell.RNN)) {
            NetworkConfig config = new NetworkConfig(3, 21, 2, 11).with(cell);
            for (int batch : new int[] {1, 5, 9, 23}) {
                NetworkParameters expected = updated(kernel, config, batch, new Team(1));
                for (int threads : new int[] {2, 4}) {
                    NetworkParameters actual = updated(other, config, batch, Team.sharingAll(threads));
                    assertSame(expected, actual, cell + ", " + batch + " sequences, " + threads + " threads");
                }
            }
        }
    }

    /** The same at sizes that a team shares by itself. */
    @Test
    void wideLayersHaveTheSameBitsOnTwoThreads() {
        NetworkConfig config = new NetworkConfig(64, 160, 1, 5);
        NetworkParameters expected = updated(Kernel.best(), config, 31, new Team(1));
        assertSame(expected, updated(Kernel.best(), config, 31, new Team(2)), "two threads");
    }

    private static NetworkParameters updated(Kernel kernel, NetworkConfig config, int batch, Team team) {
        DMatrixRMaj x = random(STEPS * config.inputs(), batch);
        DMatrixRMaj y = random(OUTPUT_STEPS * config.outputs(), batch);
        NetworkParameters network = NetworkParameters.random(config, 0, RandomStream.of(1, "weights"));
        NetworkParameters gradient = new NetworkParameters(config);
        try (team) {
            Kernel shared = kernel.onTeam(team);
            BatchGradient slices =
                    new BatchGradient(shared, Losses.MEAN_SQUARED_ERROR, config, STEPS, OUTPUT_STEPS, batch, team);
            Adam adam = new Adam(shared, network.set(), Adam.Options.DEFAULT);
            for (int update = 0; update < 2; update++) {
                slices.evaluate(network, source(x, y), gradient);
                adam.update(gradient.set(), 1e-2);
            }
        }
        return network;
    }

    private static void assertSame(NetworkParameters expected, NetworkParameters actual, String what) {
        for (int b = 0; b < expected.set().blocks().size(); b++) {
            ParameterSet.Block block = expected.set().blocks().get(b);
            assertArrayEquals(block.data(), actual.set().blocks().get(b).data(), what + ", " + block.name());
        }
    }

    @Test
    void whatFailsInAThreadFailsInTheCaller() {
        DMatrixRMaj x = random(STEPS * 3, 64);
        DMatrixRMaj y = random(OUTPUT_STEPS * 2, 64);
        try (Team team = new Team(4)) {
            BatchGradient slices = gradient(64, team);
            for (int bad : new int[] {0, 20, 63}) {
                BatchGradient.Source failing = (sequence, to, target, column) -> {
                    if (sequence == bad) {
                        throw new IllegalStateException("sequence " + bad);
                    }
                    source(x, y).copy(sequence, to, target, column);
                };
                NetworkParameters gradient = new NetworkParameters(CONFIG);
                Exception e =
                        assertThrows(IllegalStateException.class, () -> slices.evaluate(network, failing, gradient));
                assertEquals("sequence " + bad, e.getMessage());
                assertTrue(Double.isFinite(slices.evaluate(network, source(x, y), gradient)), "goes on");
            }
        }
    }

    /** Which sequences begin anew in the third of three batches: some of each micro-batch. */
    private static boolean beginsAnew(int batch, int sequence) {
        return batch == 0 || batch == 2 && sequence % 3 == 1;
    }

    /** Steps of all sequences of batch number {@code number}: the next part of long sequences. */
    private static DMatrixRMaj part(DMatrixRMaj whole, int rowsPerPart, int number) {
        DMatrixRMaj part = new DMatrixRMaj(rowsPerPart, whole.numCols);
        System.arraycopy(whole.data, number * part.getNumElements(), part.data, 0, part.getNumElements());
        return part;
    }

    private static BatchGradient.Source carried(DMatrixRMaj x, DMatrixRMaj y, int batch) {
        BatchGradient.Source source = source(x, y);
        return new BatchGradient.Source() {
            @Override
            public void copy(int sequence, DMatrixRMaj toX, DMatrixRMaj toY, int column) {
                source.copy(sequence, toX, toY, column);
            }

            @Override
            public boolean beginsAnew(int sequence) {
                return BatchGradientTest.beginsAnew(batch, sequence);
            }
        };
    }

    /** The mean squared error, which records its outputs, micro-batch after micro-batch. */
    private static Loss listening(List<DMatrixRMaj> outputs) {
        return (kernel, output, target, dOutput) -> {
            outputs.add(output.copy());
            return Losses.MEAN_SQUARED_ERROR.evaluate(kernel, output, target, dOutput);
        };
    }

    /**
     * Long sequences in three batches of a few steps each: every output, bit by bit, is that of one run over all steps, and
     * after a new beginning that of a run which begins there.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 16, 17, 45, 100})
    void batchesThatCarryTheirStateAreOneRun(int batch) {
        DMatrixRMaj x = random(3 * STEPS * 3, batch);
        DMatrixRMaj y = random(3 * STEPS * 2, batch);
        NetworkTape whole = new NetworkTape(CONFIG, 3 * STEPS, batch, 3 * STEPS);
        Network.forward(kernel, network, x, null, whole);
        NetworkTape anew = new NetworkTape(CONFIG, STEPS, batch, STEPS);
        Network.forward(kernel, network, part(x, STEPS * 3, 2), null, anew);

        List<DMatrixRMaj> outputs = new ArrayList<>();
        NetworkParameters gradient = new NetworkParameters(CONFIG);
        try (Team team = new Team(1)) {
            BatchGradient slices = new BatchGradient(
                    Pass.over(kernel, listening(outputs), CONFIG, STEPS, STEPS), CONFIG, batch, team, true);
            for (int n = 0; n < 3; n++) {
                outputs.clear();
                slices.evaluate(network, carried(part(x, STEPS * 3, n), part(y, STEPS * 2, n), n), gradient);
                int sequence = 0;
                for (DMatrixRMaj output : outputs) {
                    for (int column = 0; column < output.numCols; column++, sequence++) {
                        boolean fromHere = n == 2 && beginsAnew(n, sequence);
                        for (int row = 0; row < STEPS * 2; row++) {
                            double expected = fromHere
                                    ? anew.output().get(row, sequence)
                                    : whole.output().get(n * STEPS * 2 + row, sequence);
                            assertEquals(expected, output.get(row, column), "batch " + n + ", sequence " + sequence);
                        }
                    }
                }
                assertEquals(batch, sequence);
            }
        }
    }

    /**
     * Truncated backpropagation through time: the backward pass ends where the batch begins; the state there is the
     * one that was carried. In micro-batches, with any number of threads.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 16, 17, 45, 100})
    void theGradientOfCarriedStatesEndsAtTheBatchsBeginning(int batch) {
        DMatrixRMaj x = random(3 * STEPS * 3, batch);
        DMatrixRMaj y = random(3 * OUTPUT_STEPS * 2, batch);
        NetworkTape tape = new NetworkTape(CONFIG, STEPS, batch, OUTPUT_STEPS);
        DMatrixRMaj dOutput = new DMatrixRMaj(OUTPUT_STEPS * 2, batch);
        NetworkState state = NetworkState.zeros(CONFIG, batch);
        List<NetworkParameters> expected = new ArrayList<>();
        List<Double> losses = new ArrayList<>();
        for (int n = 0; n < 3; n++) {
            for (int sequence = 0; sequence < batch; sequence++) {
                if (beginsAnew(n, sequence)) {
                    for (int row = 0; row < 10; row++) {
                        state.hidden().set(row, sequence, 0);
                        state.part(1).set(row, sequence, 0);
                    }
                }
            }
            DMatrixRMaj piece = part(x, STEPS * 3, n);
            expected.add(new NetworkParameters(CONFIG));
            Network.forward(kernel, network, piece, state, tape);
            DMatrixRMaj target = part(y, OUTPUT_STEPS * 2, n);
            losses.add(Losses.MEAN_SQUARED_ERROR.evaluate(kernel, tape.output(), target, dOutput));
            Network.backward(kernel, network, piece, tape, dOutput, expected.get(n), null, null);
            tape.copyFinalState(state);
        }

        List<NetworkParameters> first = new ArrayList<>();
        for (int threads = 1; threads <= 3; threads++) {
            try (Team team = Team.sharingAll(threads)) {
                BatchGradient slices = new BatchGradient(passes(kernel.onTeam(team)), CONFIG, batch, team, true);
                for (int n = 0; n < 3; n++) {
                    NetworkParameters gradient = new NetworkParameters(CONFIG);
                    DMatrixRMaj target = part(y, OUTPUT_STEPS * 2, n);
                    double loss = slices.evaluate(network, carried(part(x, STEPS * 3, n), target, n), gradient);
                    assertEquals(losses.get(n), loss, Tolerances.OTHER_ORDER * loss);
                    for (int b = 0; b < gradient.set().blocks().size(); b++) {
                        double[] block = gradient.set().blocks().get(b).data();
                        double[] of = expected.get(n).set().blocks().get(b).data();
                        assertArrayEquals(of, block, Tolerances.OTHER_ORDER * largest(of));
                        if (threads > 1) {
                            assertArrayEquals(first.get(n).set().blocks().get(b).data(), block);
                        }
                    }
                    if (threads == 1) {
                        first.add(gradient);
                    }
                }
            }
        }
    }

    /** The same sequences twice: without carried states the same loss, with them another one. */
    @Test
    void statesAreCarriedOnlyIfAsked() {
        DMatrixRMaj x = random(STEPS * 3, 45);
        DMatrixRMaj y = random(OUTPUT_STEPS * 2, 45);
        NetworkParameters gradient = new NetworkParameters(CONFIG);
        for (boolean carries : new boolean[] {false, true}) {
            try (Team team = new Team(1)) {
                BatchGradient slices = new BatchGradient(passes(kernel), CONFIG, 45, team, carries);
                double once = slices.evaluate(network, carried(x, y, 0), gradient);
                double twice = slices.evaluate(network, carried(x, y, 1), gradient);
                assertEquals(carries, once != twice);
                assertEquals(once, slices.evaluate(network, carried(x, y, 0), gradient));
            }
        }
    }

    /** The scalar kernels: how soon HotSpot gets the SIMD ones to allocate nothing is not for a test to wait for. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anUpdateAllocatesNothing(boolean carriesState) {
        DMatrixRMaj x = random(STEPS * 3, 45);
        DMatrixRMaj y = random(OUTPUT_STEPS * 2, 45);
        NetworkParameters gradient = new NetworkParameters(CONFIG);
        BatchGradient.Source source = carried(x, y, 2);
        ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        long least = Long.MAX_VALUE;
        try (Team team = Team.sharingAll(2)) {
            Kernel shared = kernel.onTeam(team);
            BatchGradient slices = new BatchGradient(passes(shared), CONFIG, 45, team, carriesState);
            Adam adam = new Adam(shared, network.set(), Adam.Options.DEFAULT);
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

    private static Pass.Factory passes(Kernel kernel) {
        return Pass.over(kernel, Losses.MEAN_SQUARED_ERROR, CONFIG, STEPS, OUTPUT_STEPS);
    }

    private BatchGradient gradient(int batch, Team team) {
        return new BatchGradient(kernel, Losses.MEAN_SQUARED_ERROR, CONFIG, STEPS, OUTPUT_STEPS, batch, team);
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
