package org.spikecast.train;

import org.spikecast.lstm.LstmConfig;
import org.spikecast.lstm.LstmState;

/**
 * What sequences carry from one batch to the next.
 *
 * @param state of the network
 * @param error of the voltage that each reads, mV, where it reads its own; see {@link ForcedRun}
 */
public record Carried(LstmState state, double[] error) {
    /** Of so many sequences that begin. */
    public static Carried zeros(LstmConfig config, int sequences) {
        return new Carried(LstmState.zeros(config, sequences), new double[sequences]);
    }

    /** Lets a sequence begin anew. */
    void setZero(int sequence) {
        state.setZero(sequence);
        error[sequence] = 0;
    }
}
