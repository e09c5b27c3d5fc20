package org.spikecast.counts;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.ejml.data.DMatrixRMaj;
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
        return this == FULL ? full(series) : shared(series);
    }

    private static Sequences full(Series series) {
        DMatrixRMaj values = series.values();
        if (series.external() == null) {
            return new Sequences(new DMatrixRMaj[] {values}, new DMatrixRMaj[] {values});
        }
        int n = series.neurons();
        DMatrixRMaj features = new DMatrixRMaj(series.bins(), 2 * n);
        for (int bin = 0; bin < series.bins(); bin++) {
            System.arraycopy(values.data, bin * n, features.data, 2 * bin * n, n);
            System.arraycopy(series.external().data, bin * n, features.data, (2 * bin + 1) * n, n);
        }
        return new Sequences(new DMatrixRMaj[] {features}, new DMatrixRMaj[] {values});
    }

    private static Sequences shared(Series series) {
        int n = series.neurons();
        List<DMatrixRMaj> channels = new ArrayList<>(List.of(series.values()));
        if (series.external() != null) {
            channels.add(series.external());
        }
        if (series.connections() != null) {
            channels.add(series.connections().neighbourSums(series.values(), true));
            channels.add(series.connections().neighbourSums(series.values(), false));
            channels.add(types(series));
        }
        DMatrixRMaj[] features = new DMatrixRMaj[n];
        DMatrixRMaj[] targets = new DMatrixRMaj[n];
        for (int a = 0; a < n; a++) {
            features[a] = new DMatrixRMaj(series.bins(), channels.size());
            targets[a] = new DMatrixRMaj(series.bins(), 1);
            for (int bin = 0; bin < series.bins(); bin++) {
                for (int c = 0; c < channels.size(); c++) {
                    features[a].set(bin, c, channels.get(c).get(bin, a));
                }
                targets[a].set(bin, 0, series.values().get(bin, a));
            }
        }
        return new Sequences(features, targets);
    }

    private static DMatrixRMaj types(Series series) {
        boolean[] excitatory = series.connections().excitatory();
        DMatrixRMaj types = new DMatrixRMaj(series.bins(), series.neurons());
        for (int j = 0; j < types.getNumElements(); j++) {
            types.data[j] = excitatory[j % excitatory.length] ? 1 : 0;
        }
        return types;
    }
}
