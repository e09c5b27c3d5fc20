package org.spikecast.lstm;

import java.util.Objects;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.internal.MatrixView;

/**
 * The state of a network for a batch of sequences, or a gradient with respect to it: one matrix for
 * each of its cell's {@link Cell#states}, of all layers, stacked by rows: (L H) x B.
 */
public final class NetworkState {
    private final DMatrixRMaj[] parts;

    /**
     * A state.
     *
     * @param parts h, and c of an LSTM: used, not copied
     */
    public NetworkState(DMatrixRMaj... parts) {
        this.parts = parts.clone();
    }

    /** The state in which a sequence begins if no other is given: all zero. */
    public static NetworkState zeros(NetworkConfig config, int batch) {
        DMatrixRMaj[] parts = new DMatrixRMaj[config.cell().states().size()];
        for (int k = 0; k < parts.length; k++) {
            parts[k] = new DMatrixRMaj(config.layers() * config.hidden(), batch);
        }
        return new NetworkState(parts);
    }

    /** h of all layers, (L H) x B. */
    public DMatrixRMaj hidden() {
        return parts[0];
    }

    /** The k-th of the cell's states, of all layers, (L H) x B: 0 is h, 1 is c of an LSTM. */
    public DMatrixRMaj part(int k) {
        return parts[k];
    }

    /** The number of these. */
    public int parts() {
        return parts.length;
    }

    /** B. */
    public int batch() {
        return parts[0].numCols;
    }

    /** Sets the state of all sequences to zero. */
    public void setZero() {
        for (DMatrixRMaj part : parts) {
            part.zero();
        }
    }

    /** Sets the state of one sequence to zero. */
    public void setZero(int column) {
        int batch = batch();
        for (DMatrixRMaj part : parts) {
            for (int j = Objects.checkIndex(column, batch); j < part.numRows * batch; j += batch) {
                part.data[j] = 0;
            }
        }
    }

    /** Copies the values of another state of the same size. */
    public void copyFrom(NetworkState other) {
        for (int k = 0; k < parts.length; k++) {
            parts[k].setTo(other.parts[k]);
        }
    }

    void requireFor(NetworkConfig config, int batch) {
        if (parts.length != config.cell().states().size()) {
            throw new IllegalArgumentException("State: expected "
                    + config.cell().states() + ", got " + parts.length + (parts.length == 1 ? " matrix" : " matrices"));
        }
        for (DMatrixRMaj part : parts) {
            NetworkTape.requireShape("state", part, config.layers() * config.hidden(), batch);
        }
    }

    /** Copies part k of a layer of a state, or zeros if there is no state. */
    static void load(NetworkState state, int k, int layer, MatrixView target) {
        if (state == null) {
            target.setZero();
        } else {
            int n = target.size();
            System.arraycopy(state.parts[k].data, layer * n, target.data(), target.offset(), n);
        }
    }

    /** Copies to part k of a layer. */
    void store(int k, int layer, MatrixView source) {
        System.arraycopy(source.data(), source.offset(), parts[k].data, layer * source.size(), source.size());
    }
}
