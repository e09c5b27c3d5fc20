package org.spikecast.lstm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.spikecast.Tolerances;
import org.spikecast.kernel.RandomStream;
import org.spikecast.params.ParameterSet;

class GruTest extends NetworkContract {
    @Override
    Cell cell() {
        return Cell.GRU;
    }

    @Test
    void forwardIsTheEquationsWrittenOutForOneUnit() {
        NetworkConfig config = new NetworkConfig(1, 1, 1, 1).with(Cell.GRU);
        NetworkParameters p = new NetworkParameters(config);
        double[] w = {0.3, -0.2, 0.7};
        double[] u = {-0.5, 0.6, 0.1};
        double[] b = {0.05, 0.15, -0.25};
        double[] v = {0.01, -0.3, 0.4};
        System.arraycopy(w, 0, p.layers[0].weightIh, 0, 3);
        System.arraycopy(u, 0, p.layers[0].weightHh, 0, 3);
        System.arraycopy(b, 0, p.layers[0].biasIh, 0, 3);
        System.arraycopy(v, 0, p.layers[0].biasHh, 0, 3);
        p.headWeight.data[0] = 2;
        p.headBias.data[0] = -1;
        DMatrixRMaj x = new DMatrixRMaj(new double[][] {{0.8}, {-1.1}, {0.4}});
        NetworkTape tape = new NetworkTape(config, 3, 1, 3);
        Network.forward(kernel, p, x, null, tape);
        double h = 0;
        for (int t = 0; t < 3; t++) {
            double r = 1 / (1 + StrictMath.exp(-(w[0] * x.data[t] + b[0] + u[0] * h + v[0])));
            double z = 1 / (1 + StrictMath.exp(-(w[1] * x.data[t] + b[1] + u[1] * h + v[1])));
            double n = StrictMath.tanh(w[2] * x.data[t] + b[2] + r * (u[2] * h + v[2]));
            h = (1 - z) * n + z * h;
            assertEquals(2 * h - 1, tape.output().data[t], Tolerances.OTHER_ORDER);
        }
    }

    @Test
    void namesAndShapesArePytorchs() {
        NetworkParameters p = new NetworkParameters(new NetworkConfig(3, 4, 2, 5).with(Cell.GRU));
        List<String> names =
                p.set().blocks().stream().map(ParameterSet.Block::name).toList();
        assertEquals(
                List.of(
                        "gru.weight_ih_l0",
                        "gru.weight_hh_l0",
                        "gru.bias_ih_l0",
                        "gru.bias_hh_l0",
                        "gru.weight_ih_l1",
                        "gru.weight_hh_l1",
                        "gru.bias_ih_l1",
                        "gru.bias_hh_l1",
                        "fc.weight",
                        "fc.bias"),
                names);
        assertArrayEquals(new int[] {12, 3}, p.set().blocks().get(0).shape());
        assertArrayEquals(new int[] {12, 4}, p.set().blocks().get(4).shape());
    }

    /** An open z keeps the state: a forget bias and a spread of memory apply to z. */
    @Test
    void theGateThatKeepsGetsTheForgetBias() {
        NetworkConfig config = new NetworkConfig(1, 5, 2, 1).with(Cell.GRU);
        NetworkParameters plain = NetworkParameters.random(config, 0, RandomStream.of(1, "gru test"));
        NetworkParameters biased = NetworkParameters.random(config, 2, RandomStream.of(1, "gru test"));
        for (int j = 0; j < 15; j++) {
            double offset = j >= 5 && j < 10 ? 2 : 0;
            assertEquals(plain.layers[1].biasIh[j] + offset, biased.layers[1].biasIh[j]);
        }
        biased.spreadMemory(2000);
        for (int j = 0; j < 5; j++) {
            double tau = 2 * StrictMath.pow(10, 3 * (2 * j + 1) / 10.0);
            assertEquals(StrictMath.log(tau - 1), biased.layers[0].biasIh[5 + j], Tolerances.OTHER_ORDER * 10);
            assertEquals(0, biased.layers[0].biasHh[5 + j]);
            assertEquals(plain.layers[0].biasIh[j], biased.layers[0].biasIh[j]);
            assertEquals(plain.layers[0].biasIh[10 + j], biased.layers[0].biasIh[10 + j]);
        }
    }

    @Test
    void theStateOfAnLstmIsRefused() {
        NetworkConfig config = new NetworkConfig(2, 3, 1, 1).with(Cell.GRU);
        NetworkState state = NetworkState.zeros(config.with(Cell.LSTM), 1);
        NetworkTape tape = new NetworkTape(config, 2, 1, 1);
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> Network.forward(
                                kernel, new NetworkParameters(config), new DMatrixRMaj(4, 1), state, tape))
                .getMessage();
        assertEquals("State: expected [h], got 2 matrices", message);
    }

    /** A stream steps as a whole run does, and a tape that reuses its memory gives the gradient of one that does not. */
    @Test
    void streamsAndSharedTapesGiveTheSameBits() {
        Case c = new Case(3, 4, 2, 2, 6, 1, 6);
        Network.forward(kernel, c.p, c.x, null, c.tape);
        NetworkStream stream = new NetworkStream(kernel, c.p);
        double[] y = new double[2];
        double[] features = new double[3];
        for (int t = 0; t < 6; t++) {
            System.arraycopy(c.x.data, 3 * t, features, 0, 3);
            stream.step(features, y);
            assertEquals(c.tape.output().data[2 * t], y[0]);
            assertEquals(c.tape.output().data[2 * t + 1], y[1]);
        }
        c.loss();
        NetworkParameters expected = new NetworkParameters(c.config);
        Network.backward(kernel, c.p, c.x, c.tape, c.dOutput, expected, null, null);
        PackedWeights packed = new PackedWeights(c.config);
        packed.pack(c.p);
        packed.packTransposed(c.p, false);
        NetworkTape shared = new NetworkTape(c.config, 6, 1, 6, packed);
        NetworkParameters gradient = new NetworkParameters(c.config);
        Network.forward(kernel, c.p, c.x, c.initial, shared);
        Network.backward(kernel, c.p, c.x, shared, c.dOutput, gradient, null, null);
        for (int j = 0; j < expected.set().size(); j++) {
            assertEquals(expected.set().get(j), gradient.set().get(j));
        }
    }
}
