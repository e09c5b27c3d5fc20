package org.spikecast.train.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.spikecast.io.internal.AtomicFiles;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.kernel.internal.Team;
import org.spikecast.kernel.internal.VectorKernelTest;
import org.spikecast.lstm.Cell;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.model.Forecaster;
import org.spikecast.model.ModelFile;
import org.spikecast.train.Losses;
import org.spikecast.train.Optimiser;
import org.spikecast.train.Schedule;
import org.spikecast.train.TrainingOptions;

/**
 * A model after 200 updates, to the last byte: with the scalar kernels and the SIMD ones at every width, on one thread and
 * more. The hash is stored, so that every JVM and CPU on which the tests run must meet it.
 */
class SameBitsTest {
    private static final String SHA256 = "50bcf15809f75a9ec351b19c7484db17299fc30293304b4ff27b3068ac17c480";
    private static final String SOAP_SHA256 = "318383278d664b7a970beed0f7b1b38b5122f7b51b2ba73cb81b7ac80158b500";

    private static final String GRU_SHA256 = "cd82c8bc9575fa7588af6ec60feb3def3202969c0da53433f999f527f5c4a293";

    private static final NetworkConfig CONFIG = new NetworkConfig(5, 13, 2, 3);
    private static final int STEPS = 5;
    private static final int BATCH = 41;

    @TempDir
    private Path folder;

    private DMatrixRMaj x;
    private DMatrixRMaj y;

    @BeforeEach
    void data() {
        x = random(STEPS * CONFIG.inputs());
        y = random(2 * CONFIG.outputs());
    }

    private static DMatrixRMaj random(int rows) {
        RandomStream stream = RandomStream.of(4, "same bits test", rows);
        DMatrixRMaj m = new DMatrixRMaj(BATCH, rows);
        for (int j = 0; j < m.getNumElements(); j++) {
            m.data[j] = stream.nextGaussian();
        }
        return m;
    }

    @Test
    void scalar() throws IOException {
        assertEquals(SHA256, train(new ScalarKernel(), 1));
    }

    @ParameterizedTest
    @CsvSource({"128, 1", "256, 1", "512, 1", "0, 2", "256, 2", "256, 3"})
    void otherwise(int bits, int threads) throws IOException {
        Kernel kernel = bits == 0 ? new ScalarKernel() : VectorKernelTest.ofWidth(bits);
        assertEquals(SHA256, train(kernel, threads));
    }

    /** The same by SOAP, whose basis changes forty times. */
    @ParameterizedTest
    @CsvSource({"0, 1", "128, 1", "256, 2", "512, 1"})
    void bySoap(int bits, int threads) throws IOException {
        Kernel kernel = bits == 0 ? new ScalarKernel() : VectorKernelTest.ofWidth(bits);
        assertEquals(SOAP_SHA256, train(kernel, threads, Optimiser.Method.SOAP));
    }

    /** A GRU of the same sizes. */
    @ParameterizedTest
    @CsvSource({"0, 1", "128, 1", "256, 2", "512, 1", "0, 3"})
    void ofAGru(int bits, int threads) throws IOException {
        Kernel kernel = bits == 0 ? new ScalarKernel() : VectorKernelTest.ofWidth(bits);
        assertEquals(GRU_SHA256, train(kernel, threads, Optimiser.Method.ADAM, CONFIG.with(Cell.GRU)));
    }

    /** Plain loops give the same bits as tiled products. */
    @Test
    void inPlainCode() throws IOException {
        assertEquals(SHA256, train(() -> "plain", 1));
    }

    private String train(Kernel kernel, int threads) throws IOException {
        return train(kernel, threads, Optimiser.Method.ADAM);
    }

    private String train(Kernel kernel, int threads, Optimiser.Method method) throws IOException {
        return train(kernel, threads, method, CONFIG);
    }

    private String train(Kernel kernel, int threads, Optimiser.Method method, NetworkConfig config) throws IOException {
        NetworkParameters network = NetworkParameters.random(config, 1, RandomStream.of(4, "weights"));
        NetworkParameters gradient = new NetworkParameters(config);
        try (Team team = Team.sharingAll(threads)) {
            Kernel shared = kernel.onTeam(team);
            BatchGradient batch = new BatchGradient(shared, Losses.MEAN_SQUARED_ERROR, config, STEPS, 2, BATCH, team);
            Optimiser optimiser = new TrainingOptions(
                            1, 1, 1, 1, Schedule.cosine(1, 0), method, 1e-4, 1, 1, 1, 0, 0, 1, 1)
                    .optimiser(shared, network.set());
            for (int update = 0; update < 200; update++) {
                batch.evaluate(network, this::copy, gradient);
                Clipping.byNorm(shared, gradient.set(), 0.5);
                optimiser.update(gradient.set(), 1e-2);
            }
        }
        Path file = folder.resolve("model.safetensors");
        ModelFile.write(file, Forecaster.bare(network));
        return AtomicFiles.sha256(file);
    }

    private void copy(int sequence, DMatrixRMaj toX, DMatrixRMaj toY, int column) {
        for (int row = 0; row < x.numCols; row++) {
            toX.set(row, column, x.get(sequence, row));
        }
        for (int row = 0; row < y.numCols; row++) {
            toY.set(row, column, y.get(sequence, row));
        }
    }
}
