package org.spikecast.lstm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.spikecast.Tolerances;
import org.spikecast.check.GradientCheck;
import org.spikecast.check.NetworkObjective;
import org.spikecast.train.Losses;

class RnnTest extends NetworkContract {
    @Override
    Cell cell() {
        return Cell.RNN;
    }

    @Test
    void forwardIsTheEquationsWrittenOutForOneUnit() {
        NetworkConfig config = new NetworkConfig(1, 1, 1, 1).with(Cell.RNN);
        NetworkParameters p = new NetworkParameters(config);
        p.layers[0].weightIh[0] = 0.7;
        p.layers[0].weightHh[0] = -1.3;
        p.layers[0].biasIh[0] = 0.2;
        p.layers[0].biasHh[0] = -0.05;
        p.headWeight.data[0] = 2;
        p.headBias.data[0] = -1;
        DMatrixRMaj x = new DMatrixRMaj(new double[][] {{0.8}, {-1.1}, {0.4}});
        NetworkTape tape = new NetworkTape(config, 3, 1, 3);
        Network.forward(kernel, p, x, null, tape);
        double h = 0;
        for (int t = 0; t < 3; t++) {
            h = StrictMath.tanh(0.7 * x.data[t] + 0.15 - 1.3 * h);
            assertEquals(2 * h - 1, tape.output().data[t], Tolerances.OTHER_ORDER);
        }
    }

    /** Against dual numbers, and with Hessian-vector products, as an LSTM. */
    @Test
    void theGradientCheckPasses() {
        NetworkConfig config = new NetworkConfig(3, 4, 2, 2).with(Cell.RNN);
        NetworkParameters p = NetworkParameters.random(config, 0, random);
        NetworkState initial = state(config, 3);
        NetworkObjective objective = new NetworkObjective(
                kernel, Network::backward, Losses.MEAN_SQUARED_ERROR, p, numbers(15, 3), initial, numbers(10, 3));
        GradientCheck.check(objective).assertPassed();
    }
}
