package org.spikecast.counts;

import java.util.Locale;
import org.spikecast.counts.internal.Sequences;
import org.spikecast.io.internal.Label;

/** Input and output layout of a forecaster: one network per population, or one shared by all neurons. */
public enum Form {
    /**
     * One network for every neuron: S = N sequences of one target. Features: the neuron's own value; its external input,
     * if known; the summed values of its excitatory and of its inhibitory neighbours and its type (1 excitatory, 0
     * inhibitory), if connections are known.
     */
    SHARED,

    /** All neurons in, all neurons out: one sequence. Features: all values, then all external input, if known. */
    FULL;

    /** The form of this name, in lower or upper case. */
    public static Form of(String name) {
        for (Form form : values()) {
            if (form.label().equals(name.toLowerCase(Locale.ROOT))) {
                return form;
            }
        }
        throw new IllegalArgumentException("Form of forecaster: expected shared or full, got '" + name + "'");
    }

    /** The name in files and commands. */
    public String label() {
        return Label.of(this);
    }

    /** Arranges a series as this form's features and targets. */
    public Sequences sequences(Series series) {
        return Sequences.of(this, series);
    }

    /** S, the sequences that a series becomes. */
    public int count(Series series) {
        return this == FULL ? 1 : series.neurons();
    }

    /** I, the features of a bin. */
    public int inputs(Series series) {
        int own = series.external() == null ? 1 : 2;
        return this == FULL ? own * series.neurons() : series.connections() == null ? own : own + 3;
    }

    /** O, the targets of a bin. */
    public int outputs(Series series) {
        return this == FULL ? series.neurons() : 1;
    }
}
