package org.spikecast.inspect.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.spikecast.Tolerances;
import org.spikecast.inspect.Recording;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.model.Forecaster;
import org.spikecast.run.Progress;

class ProbesTest {
    /** A variable in the input is read from the input, one in a unit from that unit, and noise from neither. */
    @Test
    void whatIsKnownIsReadAndWhatIsNotIsNot() {
        Kernel kernel = Kernel.best();
        RandomStream stream = RandomStream.of(3, "probes test");
        Forecaster model = Forecaster.bare(NetworkParameters.random(new NetworkConfig(2, 5, 1, 1), 0, stream));
        int steps = 120;
        DMatrixRMaj[] x = new DMatrixRMaj[4];
        DMatrixRMaj[] hidden = new DMatrixRMaj[4];
        for (int s = 0; s < x.length; s++) {
            x[s] = new DMatrixRMaj(steps, 2);
            for (int j = 0; j < 2 * steps; j++) {
                x[s].data[j] = stream.nextGaussian();
            }
            double[] h = Recording.of(kernel, model, x[s].data, 1, steps, true, null, null)
                    .arrays()
                    .get("h")
                    .doubles();
            hidden[s] = new DMatrixRMaj(steps, 3);
            for (int t = 0; t < steps; t++) {
                hidden[s].set(t, 0, 3 * x[s].get(t, 1) - 2);
                hidden[s].set(t, 1, 1 - 7 * h[t * 5 + 2]);
                hidden[s].set(t, 2, stream.nextGaussian());
            }
        }
        Probes.Part fit = new Probes.Part(new int[] {0, 3}, new int[] {0, steps});
        Probes.Part score = new Probes.Part(new int[] {3, 4}, new int[] {10, steps});
        NetworkParameters untrained = NetworkParameters.random(model.network().config(), 0, stream);
        Probes probes = Probes.of(
                kernel,
                model,
                List.of(x),
                List.of(hidden),
                List.of("input", "unit", "noise"),
                fit,
                score,
                untrained,
                Progress.NONE);
        double[] trained = probes.r2().get(Probes.TRAINED);
        double[] inputs = probes.r2().get(Probes.INPUTS);
        assertEquals(1, inputs[0], 1e-4); // but for the penalty
        assertEquals(1, trained[1], 1e-3);
        assertEquals(1, probes.r2().get(Probes.BEST_UNIT)[1], 1e-4);
        assertTrue(inputs[1] < 0.95 && trained[1] > probes.r2().get(Probes.UNTRAINED)[1]);
        for (double[] r2 : probes.r2().values()) {
            assertTrue(r2[2] < 0.1, "noise: " + r2[2]);
        }
        assertTrue(probes.sentence().startsWith("Training has put into the units: unit."), probes.sentence());
        assertEquals(3, probes.rows().size());
        assertEquals(probes.head().size(), probes.rows().get(0).size());
    }

    /** Variables of every third step are probed at these steps, and units' time constants are those of all steps. */
    @Test
    void variablesOfEveryThirdStep() {
        Kernel kernel = Kernel.best();
        RandomStream stream = RandomStream.of(4, "probes test");
        Forecaster model = Forecaster.bare(NetworkParameters.random(new NetworkConfig(1, 3, 2, 1), 0, stream));
        int steps = 100;
        double[] all = new double[3 * steps];
        for (int j = 0; j < all.length; j++) {
            all[j] = stream.nextGaussian();
        }
        Recording recording = Recording.of(kernel, model, all, 3, steps, true, null, null);
        double[] h = recording.arrays().get("h").doubles();
        DMatrixRMaj[] x = new DMatrixRMaj[3];
        DMatrixRMaj[] hidden = new DMatrixRMaj[3];
        for (int s = 0; s < 3; s++) {
            x[s] = new DMatrixRMaj(steps, 1);
            System.arraycopy(all, s * steps, x[s].data, 0, steps);
            hidden[s] = new DMatrixRMaj(34, 2);
            for (int row = 0; row < 34; row++) {
                hidden[s].set(row, 0, 5 - x[s].get(3 * row, 0));
                hidden[s].set(row, 1, h[((3 + s) * steps + 3 * row) * 3 + 1]); // of the topmost layer
            }
        }
        Probes.Part fit = new Probes.Part(new int[] {0, 2}, new int[] {0, 34});
        Probes.Part score = new Probes.Part(new int[] {2, 3}, new int[] {0, 34});
        Probes probes = Probes.of(
                kernel,
                model,
                List.of(x),
                List.of(hidden),
                List.of("input", "unit"),
                fit,
                score,
                model.network(),
                Progress.NONE);
        assertEquals(1, probes.r2().get(Probes.INPUTS)[0], 1e-4);
        assertEquals(1, probes.r2().get(Probes.BEST_UNIT)[1], 1e-4);
        double[] memory = recording.arrays().get("memory").doubles();
        for (int unit = 0; unit < 3; unit++) {
            assertEquals(memory[3 + unit], probes.memory()[unit], Tolerances.OTHER_ORDER * memory[3 + unit]);
            assertEquals(probes.memory()[unit], probes.memoryBefore()[unit]);
        }
    }
}
