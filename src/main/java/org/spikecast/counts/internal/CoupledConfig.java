package org.spikecast.counts.internal;

import org.spikecast.lstm.NetworkConfig;

/**
 * The sizes and constants of a network of the form {@code coupled}.
 *
 * @param hidden H, units of the LSTM; 0 for none
 * @param trace whether the network has a leaky trace
 * @param cap the largest value of the trace
 * @param fine whether the trace is read in fine steps too, by {@value #BASIS} more features and by hats
 * @param width W, units of the hidden layer of each stage
 * @param channels M, learned elements of a message, beside the two that follow from the probability
 * @param messages K, message steps
 * @param binMs width of a bin, ms
 * @param meanExternal mean number of external events in a bin, which is subtracted
 */
public record CoupledConfig(
        int hidden,
        boolean trace,
        double cap,
        boolean fine,
        int width,
        int channels,
        int messages,
        double binMs,
        double meanExternal) {
    /** Features without trace and LSTM: c, X, E, I, t, a. */
    static final int PLAIN = 6;

    /** Features of the trace. */
    static final int TRACE = 4;

    /** Features that read the trace in fine steps. */
    static final int BASIS = 8;

    /** Hats over the trace's values. */
    static final int HATS = 16;

    /** Monomials that a hat of a message step is multiplied by. */
    static final int MONOMIALS = 9;

    public CoupledConfig {
        require(hidden >= 0, "hidden units: expected 0 or more, got " + hidden);
        require(width >= 1, "units of a stage: expected 1 or more, got " + width);
        require(channels >= 1, "numbers that a neuron sends: expected 1 or more, got " + channels);
        require(messages >= 0, "message steps: expected 0 or more, got " + messages);
        require(cap >= 1 && cap < 2, "cap of the trace: expected 1 up to 2, got " + cap);
        require(binMs > 0 && binMs < Double.POSITIVE_INFINITY, "bin: expected a width above 0 ms, got " + binMs);
        require(Double.isFinite(meanExternal), "mean external events: expected a finite number, got " + meanExternal);
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException("Form coupled: " + message);
        }
    }

    /** S', the features that the LSTM reads. */
    int observed() {
        return PLAIN + (trace ? TRACE : 0) + (fine() ? BASIS : 0);
    }

    /** S, all features. */
    int features() {
        return observed() + hidden;
    }

    @Override
    public boolean fine() {
        return trace && fine;
    }

    /** 2 + M, rows of a message. */
    int message() {
        return 2 + channels;
    }

    /** Rows that a message step reads beside the features. */
    int received() {
        return 4 * message() + width + 1;
    }

    /** Stages: the readout of the features, and the message steps. */
    int stages() {
        return 1 + messages;
    }

    /** Parameters per hat: one in stage 0, one per monomial in a message step. */
    int hatValues(int stage) {
        return stage == 0 ? 1 : MONOMIALS;
    }

    /** The LSTM, whose H outputs are linear in its H units. */
    NetworkConfig lstm() {
        return new NetworkConfig(observed(), hidden, 1, hidden, 1);
    }
}
