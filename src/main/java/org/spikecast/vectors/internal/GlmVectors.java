package org.spikecast.vectors.internal;

import java.nio.file.Path;
import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.counts.Series;
import org.spikecast.counts.internal.Connections;
import org.spikecast.counts.internal.CoupledGlm;
import org.spikecast.counts.internal.Split;
import org.spikecast.kernel.Kernel;
import org.spikecast.run.Progress;
import org.spikecast.vectors.internal.Vectors.Tally;

/** Stored fits of coupled generalised linear models: the penalty chosen, constants, filters and forecasts. */
final class GlmVectors {
    private GlmVectors() {}

    static void replay(VectorCase c, Path folder, Tally tally) {
        String id = c.text("id");
        int n = c.integer("neurons");
        double width = c.number("width_ms");
        Connections connections = c.has("edges") ? connections(c, n) : null;
        DMatrixRMaj counts = matrix(c, "counts", n);
        Series series =
                new Series(width, width, counts, c.has("external") ? matrix(c, "external", n) : null, connections);
        int trainEnd = c.integer("train_end");
        int end = c.integer("validation_end");
        Split split = new Split(trainEnd, trainEnd, end, end, counts.numRows);
        Kernel kernel = Kernel.best();
        CoupledGlm glm = CoupledGlm.fit(kernel, series, split, Progress.NONE);

        tally.compare(Bound.GLM, id, new double[] {glm.penalty()}, new double[] {c.number("penalty")});
        double[] filters = c.array("filters");
        double[] constants = c.array("constants");
        int channels = filters.length / constants.length / glm.lags();
        for (int g = 0; g < constants.length; g++) {
            int neuron = connections == null ? g : first(connections.excitatory(), g == 0);
            tally.compare(Bound.GLM, id, new double[] {glm.constant(neuron)}, new double[] {constants[g]});
            for (int channel = 0; channel < channels; channel++) {
                int from = (g * channels + channel) * glm.lags();
                double[] expected = Arrays.copyOfRange(filters, from, from + glm.lags());
                tally.compare(Bound.GLM, id, glm.filter(neuron, channel), expected);
            }
        }
        forecast(glm, series, split, tally, id, c.array("forecast"));
        CoupledGlm messages = glm.withMessages(kernel, series, split, Progress.NONE);
        if (c.has("forecast_messages")) {
            forecast(messages, series, split, tally, id, c.array("forecast_messages"));
        } else if (messages != null) {
            tally.failure(Bound.GLM, id, "messages without connections");
        }
    }

    private static void forecast(
            CoupledGlm glm, Series series, Split split, Tally tally, String id, double[] expected) {
        tally.compare(
                Bound.GLM, id, glm.forecast(series, split.testStart(), split.bins(), Progress.NONE).data, expected);
    }

    private static Connections connections(VectorCase c, int n) {
        int[] edges = c.indices("edges");
        boolean[] excitatory = c.flags("excitatory");
        int[] target = new int[edges.length / 2];
        int[] source = new int[target.length];
        double[] weight = new double[target.length];
        for (int e = 0; e < target.length; e++) {
            target[e] = edges[2 * e];
            source[e] = edges[2 * e + 1];
            weight[e] = excitatory[source[e]] ? 1 : -1;
        }
        return new Connections(n, target, source, weight);
    }

    private static int first(boolean[] excitatory, boolean type) {
        int a = 0;
        while (excitatory[a] != type) {
            a++;
        }
        return a;
    }

    private static DMatrixRMaj matrix(VectorCase c, String key, int columns) {
        int[] values = c.indices(key);
        DMatrixRMaj matrix = new DMatrixRMaj(values.length / columns, columns);
        Arrays.setAll(matrix.data, j -> values[j]);
        return matrix;
    }
}
