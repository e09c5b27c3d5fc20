package org.spikecast.lstm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.spikecast.Tolerances;
import org.spikecast.kernel.RandomStream;
import org.spikecast.params.ParameterSet;

class LstmTest extends NetworkContract {
    @Override
    Cell cell() {
        return Cell.LSTM;
    }

    /**
     * Gates of given biases beside closed forms: an exponential, a logarithm and sigma of numbers up to 1. Measured: below
     * 2.3e-16.
     */
    private static final double GATE = 1e-15;

    @Test
    void forwardIsTheEquationsWrittenOutForOneUnit() {
        NetworkConfig config = new NetworkConfig(1, 1, 1, 1);
        NetworkParameters p = new NetworkParameters(config);
        double[] w = {0.3, -0.2, 0.7, 0.4};
        double[] u = {-0.5, 0.6, 0.1, -0.9};
        double[] b = {0.05, 0.15, -0.25, 0.35};
        System.arraycopy(w, 0, p.layers[0].weightIh, 0, 4);
        System.arraycopy(u, 0, p.layers[0].weightHh, 0, 4);
        System.arraycopy(b, 0, p.layers[0].biasIh, 0, 4);
        Arrays.fill(p.layers[0].biasHh, 0.01);
        p.headWeight.data[0] = 2;
        p.headBias.data[0] = -1;
        DMatrixRMaj x = new DMatrixRMaj(new double[][] {{0.8}, {-1.1}, {0.4}});
        NetworkTape tape = new NetworkTape(config, 3, 1, 3);
        Network.forward(kernel, p, x, null, tape);
        double h = 0;
        double c = 0;
        for (int t = 0; t < 3; t++) {
            double[] z = new double[4];
            for (int gate = 0; gate < 4; gate++) {
                z[gate] = w[gate] * x.data[t] + b[gate] + u[gate] * h + 0.01;
            }
            c = c / (1 + StrictMath.exp(-z[1])) + StrictMath.tanh(z[2]) / (1 + StrictMath.exp(-z[0]));
            h = StrictMath.tanh(c) / (1 + StrictMath.exp(-z[3]));
            assertEquals(2 * h - 1, tape.output().data[t], Tolerances.OTHER_ORDER);
        }
    }

    @Test
    void anOutputLayerOfSeveralStatesNeedsThemAndHasOneOutput() {
        NetworkConfig config = new NetworkConfig(3, 4, 1, 2, 3);
        new NetworkTape(config, 3, 1, 1);
        for (int[] n : new int[][] {{2, 1}, {3, 2}, {1, 1}}) {
            String message = assertThrows(IllegalArgumentException.class, () -> new NetworkTape(config, n[0], 1, n[1]))
                    .getMessage();
            assertEquals(
                    "An output layer that reads the last 3 states needs a run of at least that many steps, with one output; got "
                            + n[0] + " steps, " + n[1] + " with an output",
                    message);
        }
        NetworkParameters p = new NetworkParameters(config);
        NetworkTape other = new NetworkTape(new NetworkConfig(3, 4, 1, 2), 3, 1, 1);
        DMatrixRMaj x = new DMatrixRMaj(9, 1);
        assertThrows(IllegalArgumentException.class, () -> Network.forward(kernel, p, x, null, other));
    }

    /** A stream has the current state only. */
    @Test
    void aStreamRefusesAnOutputLayerOfSeveralStates() {
        NetworkParameters p = new NetworkParameters(new NetworkConfig(3, 4, 1, 2, 3));
        String message = assertThrows(IllegalArgumentException.class, () -> new NetworkStream(kernel, p))
                .getMessage();
        assertEquals(
                "A stream runs step by step, with one state at a time: the output layer of this network reads the last"
                        + " 3 at once; run it on whole windows",
                message);
        new NetworkStream(kernel, new NetworkParameters(new NetworkConfig(3, 4, 1, 2, 1)));
    }

    @Test
    void backwardRefusesShapesThatDoNotFit() {
        Case c = new Case(3, 4, 1, 2, 5, 2, 1);
        c.loss();
        NetworkParameters gradient = new NetworkParameters(c.config);
        DMatrixRMaj larger = new DMatrixRMaj(c.dOutput.numRows + 1, 2);
        DMatrixRMaj dx = new DMatrixRMaj(c.x.numRows, 3);
        NetworkState state = NetworkState.zeros(c.config, 3);
        assertThrows(
                IllegalArgumentException.class,
                () -> Network.backward(kernel, c.p, c.x, c.tape, larger, gradient, null, null));
        assertThrows(
                IllegalArgumentException.class,
                () -> Network.backward(kernel, c.p, c.x, c.tape, c.dOutput, gradient, dx, null));
        assertThrows(
                IllegalArgumentException.class,
                () -> Network.backward(kernel, c.p, c.x, c.tape, c.dOutput, gradient, c.x, null));
        assertThrows(
                IllegalArgumentException.class,
                () -> Network.backward(kernel, c.p, c.x, c.tape, c.dOutput, gradient, null, state));
        assertThrows(IllegalArgumentException.class, () -> c.tape.copyFinalState(state));
        NetworkParameters other = new NetworkParameters(new NetworkConfig(3, 4, 1, 3));
        assertThrows(
                IllegalArgumentException.class,
                () -> Network.backward(kernel, c.p, c.x, c.tape, c.dOutput, other, null, null));
    }

    @Test
    void configurationsAreEqualIfAllSizesAre() {
        NetworkConfig config = new NetworkConfig(2, 3, 4, 5);
        assertEquals(new NetworkConfig(2, 3, 4, 5), config);
        assertEquals(new NetworkConfig(2, 3, 4, 5).hashCode(), config.hashCode());
        for (int[] n : new int[][] {{1, 3, 4, 5}, {2, 1, 4, 5}, {2, 3, 1, 5}, {2, 3, 4, 1}, {3, 2, 4, 5}}) {
            assertNotEquals(new NetworkConfig(n[0], n[1], n[2], n[3]), config);
        }
        assertEquals(new NetworkConfig(2, 3, 4, 5, 1), config);
        NetworkConfig several = new NetworkConfig(2, 3, 4, 5, 6);
        assertNotEquals(several, config);
        assertNotEquals(several.hashCode(), config.hashCode());
        assertEquals(new NetworkConfig(2, 3, 4, 5, 6), several);
        assertEquals(18, several.headInputs());
    }

    @Test
    void namesAndShapesArePytorchs() {
        NetworkParameters p = new NetworkParameters(new NetworkConfig(3, 5, 2, 4));
        StringBuilder text = new StringBuilder();
        for (ParameterSet.Block block : p.set().blocks()) {
            text.append(block.name()).append(Arrays.toString(block.shape())).append(' ');
        }
        assertEquals(
                "lstm.weight_ih_l0[20, 3] lstm.weight_hh_l0[20, 5] lstm.bias_ih_l0[20] lstm.bias_hh_l0[20]"
                        + " lstm.weight_ih_l1[20, 5] lstm.weight_hh_l1[20, 5] lstm.bias_ih_l1[20] lstm.bias_hh_l1[20]"
                        + " fc.weight[4, 5] fc.bias[4] ",
                text.toString());
    }

    @Test
    void anOutputLayerOfSeveralStatesHasAColumnForEachOfTheirUnits() {
        NetworkParameters p = new NetworkParameters(new NetworkConfig(3, 5, 2, 4, 6));
        assertArrayEquals(new int[] {4, 30}, p.set().blocks().get(8).shape());
        assertEquals("fc.weight", p.set().blocks().get(8).name());
    }

    @Test
    void randomParametersAreUniformAndTheForgetBiasIsAdded() {
        NetworkConfig config = new NetworkConfig(30, 16, 1, 2);
        NetworkParameters p = NetworkParameters.random(config, 0, RandomStream.of(1, "weights"));
        NetworkParameters q = NetworkParameters.random(config, 2, RandomStream.of(1, "weights"));
        double sum = 0;
        double squares = 0;
        for (int j = 0; j < p.set().size(); j++) {
            double v = p.set().get(j);
            assertTrue(Math.abs(v) <= 0.25);
            sum += v;
            squares += v * v;
        }
        int n = p.set().size();
        assertEquals(0, sum / n, 4 * 0.25 / Math.sqrt(3.0 * n));
        assertEquals(0.25 * 0.25 / 3, squares / n, 0.001);
        for (int j = 0; j < 64; j++) {
            double offset = j >= 16 && j < 32 ? 2 : 0;
            assertEquals(p.layers[0].biasIh[j] + offset, q.layers[0].biasIh[j]);
            assertEquals(p.layers[0].biasHh[j], q.layers[0].biasHh[j]);
        }
    }

    /** PyTorch's Linear: 1 / sqrt of the number of inputs, here 4 states of 4 units. */
    @Test
    void randomParametersOfAnOutputLayerOfSeveralStatesAreSmaller() {
        NetworkParameters one =
                NetworkParameters.random(new NetworkConfig(2, 4, 1, 30), 0, RandomStream.of(1, "weights"));
        NetworkParameters four =
                NetworkParameters.random(new NetworkConfig(2, 4, 1, 30, 4), 0, RandomStream.of(1, "weights"));
        for (int block = 0; block < 4; block++) {
            assertArrayEquals(
                    one.set().blocks().get(block).data(),
                    four.set().blocks().get(block).data());
        }
        for (int block = 4; block < 6; block++) {
            double oneLargest = largest(one.set().blocks().get(block).data());
            double fourLargest = largest(four.set().blocks().get(block).data());
            assertTrue(oneLargest > 0.4 && oneLargest <= 0.5, "" + oneLargest);
            assertTrue(fourLargest > 0.2 && fourLargest <= 0.25, "" + fourLargest);
        }
    }

    /** One sequence of the batch, in all layers; the others keep their bits. */
    @Test
    void theStateOfOneSequenceIsSetToZero() {
        Case c = new Case(3, 4, 2, 2, 6, 5, 6);
        NetworkState state =
                new NetworkState(c.initial.hidden().copy(), c.initial.part(1).copy());
        state.setZero(3);
        state.setZero(0);
        for (int row = 0; row < 8; row++) {
            for (int b = 0; b < 5; b++) {
                boolean zero = b == 0 || b == 3;
                assertEquals(
                        zero ? 0 : c.initial.hidden().get(row, b),
                        state.hidden().get(row, b));
                assertEquals(
                        zero ? 0 : c.initial.part(1).get(row, b), state.part(1).get(row, b));
            }
        }
        assertThrows(IndexOutOfBoundsException.class, () -> state.setZero(5));
        assertThrows(IndexOutOfBoundsException.class, () -> state.setZero(-1));
    }

    /**
     * The units of a layer forget as (1 - 1 / tau)^t, with tau from 2 to the longest at equal ratios, and let in 1 / tau of
     * what comes; whatever the biases were before. Weights are zero here, so that the gates are their biases.
     */
    @Test
    void memorySpreadsFromTwoStepsToTheLongest() {
        NetworkConfig config = new NetworkConfig(1, 5, 2, 1);
        NetworkParameters p = new NetworkParameters(config);
        for (int l = 0; l < 2; l++) {
            for (double[] bias : List.of(p.layers[l].biasIh, p.layers[l].biasHh)) {
                for (int j = 0; j < 20; j++) {
                    bias[j] = random.nextGaussian();
                }
            }
        }
        NetworkParameters before = new NetworkParameters(config);
        before.set().copyFrom(p.set());
        p.spreadMemory(2000);
        NetworkTape tape = new NetworkTape(config, 1, 1, 1);
        NetworkState state = NetworkState.zeros(config, 1);
        state.part(1).fill(1);
        Network.forward(kernel, p, new DMatrixRMaj(1, 1), state, tape);
        for (int l = 0; l < 2; l++) {
            for (int j = 0; j < 5; j++) {
                // 2 to 2000 is a factor of 10^3: a unit stands in the middle of each of its five parts.
                double tau = 2 * StrictMath.pow(10, 3 * (2 * j + 1) / 10.0);
                assertEquals(1 - 1 / tau, tape.gates(l).get(5 + j, 0), GATE);
                assertEquals(1 / tau, tape.gates(l).get(j, 0), GATE);
                // The other gates' biases stay.
                for (int gate = 10 + j; gate < 20; gate += 5) {
                    assertEquals(before.layers[l].biasIh[gate], p.layers[l].biasIh[gate]);
                    assertEquals(before.layers[l].biasHh[gate], p.layers[l].biasHh[gate]);
                }
            }
        }
    }

    @Test
    void spreadingMemoryLeavesTheWeightsAndNeedsMoreThanTwoSteps() {
        NetworkConfig config = new NetworkConfig(3, 4, 2, 2);
        NetworkParameters p = NetworkParameters.random(config, 0, RandomStream.of(1, "weights"));
        NetworkParameters q = NetworkParameters.random(config, 0, RandomStream.of(1, "weights"));
        q.spreadMemory(2.5);
        for (int b = 0; b < p.set().blocks().size(); b++) {
            ParameterSet.Block block = p.set().blocks().get(b);
            if (!block.name().contains("bias_ih") && !block.name().contains("bias_hh")) {
                assertArrayEquals(block.data(), q.set().blocks().get(b).data(), block.name());
            }
        }
        for (double steps : new double[] {2, 1, 0, -10, Double.NaN, Double.POSITIVE_INFINITY}) {
            String message = assertThrows(IllegalArgumentException.class, () -> p.spreadMemory(steps))
                    .getMessage();
            assertEquals("T_max of chrono initialisation: expected more than 2 steps, got " + steps, message);
        }
    }

    @Test
    void refusesShapesThatDoNotFit() {
        Case c = new Case(3, 4, 1, 2, 5, 2, 1);
        DMatrixRMaj wrong = new DMatrixRMaj(14, 2);
        String message = assertThrows(
                        IllegalArgumentException.class, () -> Network.forward(kernel, c.p, wrong, null, c.tape))
                .getMessage();
        assertEquals("Shape of input: expected 15 x 2, got 14 x 2", message);
        NetworkState state = NetworkState.zeros(c.config, 3);
        assertThrows(IllegalArgumentException.class, () -> Network.forward(kernel, c.p, c.x, state, c.tape));
        NetworkParameters other = new NetworkParameters(new NetworkConfig(3, 5, 1, 2));
        assertThrows(IllegalArgumentException.class, () -> Network.forward(kernel, other, c.x, null, c.tape));
        assertThrows(IllegalArgumentException.class, () -> new NetworkTape(c.config, 5, 2, 6));
        assertThrows(IllegalArgumentException.class, () -> new NetworkTape(c.config, 0, 2, 1));
        message = assertThrows(IllegalArgumentException.class, () -> new NetworkTape(c.config, 100_000, 100_000, 1))
                .getMessage();
        assertTrue(message.contains("an array of 160000000000 numbers"), message);
        for (int[] n : new int[][] {{0, 1, 1, 1}, {1, 0, 1, 1}, {1, 1, 0, 1}, {1, 1, 1, 0}}) {
            assertThrows(IllegalArgumentException.class, () -> new NetworkConfig(n[0], n[1], n[2], n[3]));
        }
        // A matrix of 4 H x max(I, H) or O x H must fit one array.
        new NetworkConfig(1, 23_000, 1, 90_000);
        for (int[] n : new int[][] {{1, 24_000}, {600_000, 1_000}, {1, 100}}) {
            int outputs = n[1] == 100 ? 30_000_000 : 1;
            assertThrows(IllegalArgumentException.class, () -> new NetworkConfig(n[0], n[1], 1, outputs));
        }
        assertThrows(IllegalArgumentException.class, () -> new NetworkConfig(1, 1, 1, 1, 0));
        new NetworkConfig(1, 100, 1, 2_000, 10_000);
        assertThrows(IllegalArgumentException.class, () -> new NetworkConfig(1, 100, 1, 3_000, 10_000));
        NetworkState narrow = new NetworkState(NetworkState.zeros(c.config, 2).hidden(), new DMatrixRMaj(3, 2));
        assertThrows(IllegalArgumentException.class, () -> Network.forward(kernel, c.p, c.x, narrow, c.tape));
        NetworkState low = new NetworkState(
                new DMatrixRMaj(3, 2), NetworkState.zeros(c.config, 2).part(1));
        assertThrows(IllegalArgumentException.class, () -> Network.forward(kernel, c.p, c.x, low, c.tape));
    }
}
