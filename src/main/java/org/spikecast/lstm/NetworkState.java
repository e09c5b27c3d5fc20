package org.spikecast.lstm;

import java.util.Objects;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.MatrixView;

/**
 * What an LSTM carries from step to step, for a batch of sequences; or a gradient with respect to it.
 *
 * @param hidden h of all layers, stacked by rows: (L H) x B
 * @param cell c of all layers, stacked by rows: (L H) x B
 */
public record NetworkState(DMatrixRMaj hidden, DMatrixRMaj cell) {
    /** The state in which a sequence begins if no other is given: all zero. */
    public static NetworkState zeros(NetworkConfig config, int batch) {
        int rows = config.layers() * config.hidden();
        return new NetworkState(new DMatrixRMaj(rows, batch), new DMatrixRMaj(rows, batch));
    }

    /** Sets the state of one sequence to zero. */
    public void setZero(int column) {
        int batch = hidden.numCols;
        for (int j = Objects.checkIndex(column, batch); j < hidden.numRows * batch; j += batch) {
            hidden.data[j] = 0;
            cell.data[j] = 0;
        }
    }

    /** Takes on the numbers of another state of the same size. */
    public void copyFrom(NetworkState other) {
        hidden.setTo(other.hidden);
        cell.setTo(other.cell);
    }

    void requireFor(NetworkConfig config, int batch) {
        NetworkTape.requireShape("hidden state", hidden, config.layers() * config.hidden(), batch);
        NetworkTape.requireShape("cell state", cell, config.layers() * config.hidden(), batch);
    }

    /** Takes a layer's part of a state, or zeros if there is no state. */
    static void start(MatrixView target, DMatrixRMaj state, int layer) {
        if (state == null) {
            target.setZero();
        } else {
            System.arraycopy(state.data, layer * target.size(), target.data(), target.offset(), target.size());
        }
    }

    /** Makes it a layer's part of a state. */
    static void keep(MatrixView source, DMatrixRMaj state, int layer) {
        System.arraycopy(source.data(), source.offset(), state.data, layer * source.size(), source.size());
    }
}
