package org.spikecast.counts.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.lstm.NetworkState;
import org.spikecast.params.ParameterSet;

/**
 * The state of a network of the form {@code coupled}, for each of B columns.
 *
 * @param v the trace (B)
 * @param g the part of the next bin's input that the trace takes (B)
 * @param a recent activity (B)
 * @param lstm the LSTM's state; null without
 */
public record CoupledState(double[] v, double[] g, double[] a, NetworkState lstm) {
    /** The state before a series: v = 0.5, g = 1, a = 0. */
    static CoupledState initial(CoupledConfig config, int batch) {
        CoupledState state = new CoupledState(
                new double[batch],
                new double[batch],
                new double[batch],
                config.hidden() == 0 ? null : NetworkState.zeros(config.lstm(), batch));
        state.reset();
        return state;
    }

    /** Returns to the state before a series. */
    void reset() {
        Arrays.fill(v, 0.5);
        Arrays.fill(g, 1);
        Arrays.fill(a, 0);
        if (lstm != null) {
            lstm.setZero();
        }
    }

    /** The same values as named blocks, for a checkpoint. */
    ParameterSet set() {
        List<ParameterSet.Block> blocks = new ArrayList<>();
        blocks.add(block("v", DMatrixRMaj.wrap(v.length, 1, v)));
        blocks.add(block("g", DMatrixRMaj.wrap(g.length, 1, g)));
        blocks.add(block("a", DMatrixRMaj.wrap(a.length, 1, a)));
        for (int k = 0; lstm != null && k < lstm.parts(); k++) {
            blocks.add(block("lstm" + k, lstm.part(k)));
        }
        return ParameterSet.of(blocks);
    }

    private static ParameterSet.Block block(String name, DMatrixRMaj matrix) {
        return new ParameterSet.Block(name, matrix, matrix.numRows, matrix.numCols);
    }

    /** Copies the values of another state of the same size. */
    void copyFrom(CoupledState other) {
        System.arraycopy(other.v, 0, v, 0, v.length);
        System.arraycopy(other.g, 0, g, 0, g.length);
        System.arraycopy(other.a, 0, a, 0, a.length);
        if (lstm != null) {
            lstm.copyFrom(other.lstm);
        }
    }
}
