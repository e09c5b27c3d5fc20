package org.spikecast.lstm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.ScalarKernel;

/** Tapes that share packed weights: the numbers of a tape of its own, and what is refused. */
class PackedWeightsTest {
    private static final NetworkConfig CONFIG = new NetworkConfig(3, 5, 2, 2);
    private static final int STEPS = 4;
    private static final int BATCH = 6;

    private final Kernel kernel = new ScalarKernel();
    private final NetworkParameters parameters = parameters(1);
    private final PackedWeights packed = new PackedWeights(CONFIG);
    private final NetworkTape shared = new NetworkTape(CONFIG, STEPS, BATCH, 1, packed);
    private final DMatrixRMaj x = random(STEPS * 3);
    private final DMatrixRMaj dOutput = random(2);

    private static NetworkParameters parameters(long seed) {
        return NetworkParameters.random(CONFIG, 0, RandomStream.of(seed, "weights"));
    }

    private static DMatrixRMaj random(int rows) {
        RandomStream stream = RandomStream.of(2, "packed weights test", rows);
        DMatrixRMaj m = new DMatrixRMaj(rows, BATCH);
        for (int j = 0; j < m.getNumElements(); j++) {
            m.data[j] = stream.nextGaussian();
        }
        return m;
    }

    private NetworkParameters backward(NetworkTape tape, DMatrixRMaj dx) {
        NetworkParameters gradient = new NetworkParameters(CONFIG);
        Network.backward(kernel, parameters, x, tape, dOutput, gradient, dx, null);
        return gradient;
    }

    @Test
    void aSharingTapeGivesTheNumbersOfOneOfItsOwnAndKeepsTheGradientInThePlaceOfTheGates() {
        NetworkTape own = new NetworkTape(CONFIG, STEPS, BATCH, 1);
        packed.pack(parameters);
        packed.packTransposed(parameters, true);
        Network.forward(kernel, parameters, x, null, own);
        Network.forward(kernel, parameters, x, null, shared);
        assertArrayEquals(own.output().data, shared.output().data);
        DMatrixRMaj dx = x.createLike();
        DMatrixRMaj dxShared = x.createLike();
        NetworkParameters gradient = backward(own, dx);
        NetworkParameters gradientShared = backward(shared, dxShared);
        assertArrayEquals(dx.data, dxShared.data);
        for (int layer = 0; layer < CONFIG.layers(); layer++) {
            assertArrayEquals(own.dGates(layer).data, shared.dGates(layer).data);
            assertSame(shared.keptGates(layer), shared.dGates(layer));
            assertNotSame(own.keptGates(layer), own.dGates(layer));
        }
        for (int j = 0; j < gradient.set().size(); j++) {
            assertEquals(gradient.set().get(j), gradientShared.set().get(j));
        }
    }

    @Test
    void weightsThatAreNotPackedAreRefused() {
        refusesForward(parameters);
        packed.pack(parameters);
        Network.forward(kernel, parameters, x, null, shared);
        refusesForward(parameters(3));
        refusesBackward(null);
        packed.packTransposed(parameters, false);
        backward(shared, null);
        refusesBackward(x.createLike());
        packed.packTransposed(parameters(3), true);
        refusesBackward(null);
    }

    @Test
    void weightsOfOtherSizesAreRefused() {
        PackedWeights other = new PackedWeights(new NetworkConfig(3, 6, 2, 2));
        assertThrows(IllegalArgumentException.class, () -> new NetworkTape(CONFIG, STEPS, BATCH, 1, other));
    }

    private void refusesForward(NetworkParameters p) {
        Exception e = assertThrows(IllegalArgumentException.class, () -> Network.forward(kernel, p, x, null, shared));
        assertEquals(
                "The tape's packed weights are not those of these parameters: call pack with them first",
                e.getMessage());
    }

    private void refusesBackward(DMatrixRMaj dx) {
        Exception e = assertThrows(IllegalArgumentException.class, () -> backward(shared, dx));
        assertEquals(
                "The tape's packed weights are not those of these parameters: call packTransposed with them first",
                e.getMessage());
    }
}
