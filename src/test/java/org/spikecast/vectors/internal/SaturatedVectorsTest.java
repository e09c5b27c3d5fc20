package org.spikecast.vectors.internal;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.spikecast.check.NetworkObjective;
import org.spikecast.io.internal.Json;
import org.spikecast.kernel.internal.MatrixView;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.kernel.internal.Tail;
import org.spikecast.lstm.Cell;
import org.spikecast.lstm.Network;
import org.spikecast.params.ParameterSet;

/** The vectors of saturated gates show every slope that a backward pass loses, of every gate. */
class SaturatedVectorsTest {
    /** The slope that a backward pass loses to rounding: 1 - sigma of a gate, or 1 - tanh^2. */
    private enum Lost {
        I(Cell.LSTM, 0),
        F(Cell.LSTM, 1),
        G(Cell.LSTM, 2),
        O(Cell.LSTM, 3),
        R(Cell.GRU, 0),
        Z(Cell.GRU, 1),
        N(Cell.GRU, 2);

        final Cell cell;
        final int gate;

        Lost(Cell cell, int gate) {
            this.cell = cell;
            this.gate = gate;
        }
    }

    /** Kernels that lose this before each step back; null for none. */
    private static final class LosingKernel extends ScalarKernel {
        private final Lost lost;

        LosingKernel(Lost lost) {
            this.lost = lost;
        }

        /** Of tails: what follows from sigma. Of slopes: what follows from tanh. */
        private void lose(MatrixView gates, MatrixView slopes, int n) {
            int first = gates.offset() + (lost == null ? 0 : lost.gate * n);
            for (int j = 0; lost != null && j < n; j++) {
                double x = gates.data()[first + j];
                if (lost.gate == 2) {
                    slopes.data()[slopes.offset() + j] = 1 - x * x;
                } else if (x > 0) {
                    gates.data()[first + j] = 1 - Tail.sigma(x);
                }
            }
        }

        @Override
        public void lstmStepBackward(
                MatrixView gates,
                MatrixView cLast,
                MatrixView slopes,
                MatrixView h,
                MatrixView dh,
                MatrixView dc,
                MatrixView dz) {
            lose(gates, slopes, dh.size());
            super.lstmStepBackward(gates, cLast, slopes, h, dh, dc, dz);
        }

        @Override
        public void gruStepBackward(
                MatrixView gates,
                MatrixView q,
                MatrixView hLast,
                MatrixView dh,
                MatrixView dhLast,
                MatrixView da,
                MatrixView dq) {
            lose(gates, q, dh.size());
            super.gruStepBackward(gates, q, hLast, dh, dhLast, da, dq);
        }
    }

    /** The largest error of an entry above 1e-200, relative to itself. */
    private static double worst(Cell cell, Lost lost) throws IOException {
        double worst = 0;
        Path file = Path.of("test-vectors", "saturated", cell.name() + ".json");
        for (VectorCase c : VectorCase.of(Json.read(file)).list("cases")) {
            NetworkObjective objective = NetworkVectors.objective(
                    c,
                    NetworkVectors.parameters(cell, c, "parameters"),
                    (kernel, p, x, tape, dOutput, gradient, dx, dInitial) ->
                            Network.backward(new LosingKernel(lost), p, x, tape, dOutput, gradient, dx, dInitial));
            ParameterSet gradient = objective.parameters().zerosLike();
            objective.gradient(gradient);
            Map<String, double[]> claimed = NetworkVectors.inFileLayout(gradient, c.integer("layers"));
            for (var array : c.object("gradients").arrays().entrySet()) {
                double[] expected = array.getValue().doubles();
                for (int j = 0; j < expected.length; j++) {
                    if (Math.abs(expected[j]) > 1e-200) {
                        double error = Math.abs(claimed.get(array.getKey())[j] - expected[j]);
                        worst = Math.max(worst, error / Math.abs(expected[j]));
                    }
                }
            }
        }
        return worst;
    }

    @Test
    void theRightBackwardPassMeetsEveryEntry() throws IOException {
        assertTrue(worst(Cell.LSTM, null) <= Bound.LSTM_TAILS.tolerance());
        assertTrue(worst(Cell.GRU, null) <= Bound.GRU_TAILS.tolerance());
    }

    /** Entries are off by all of themselves. */
    @ParameterizedTest
    @EnumSource
    void everyLostSlopeShows(Lost lost) throws IOException {
        assertTrue(worst(lost.cell, lost) > 0.9);
    }
}
