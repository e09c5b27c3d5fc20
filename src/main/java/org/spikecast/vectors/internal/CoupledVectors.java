package org.spikecast.vectors.internal;

import java.nio.file.Path;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.counts.Series;
import org.spikecast.counts.internal.Connections;
import org.spikecast.counts.internal.CoupledConfig;
import org.spikecast.counts.internal.CoupledObjective;
import org.spikecast.counts.internal.CoupledState;
import org.spikecast.io.NdArray;
import org.spikecast.kernel.Kernel;
import org.spikecast.params.ParameterSet;
import org.spikecast.vectors.internal.Vectors.Tally;

/** Stored networks of neurons that exchange messages: probabilities, final states, losses and gradients. */
final class CoupledVectors {
    private CoupledVectors() {}

    static void replay(VectorCase c, Path folder, Tally tally) {
        String id = c.text("id");
        int n = c.integer("neurons");
        double bin = c.number("bin_ms");
        CoupledConfig config = new CoupledConfig(
                c.integer("hidden"),
                c.flag("trace"),
                c.number("cap"),
                c.flag("fine"),
                c.integer("width"),
                c.integer("channels"),
                c.integer("messages"),
                bin,
                c.number("mean_external"));
        Series series = new Series(bin, bin, matrix(c, "counts", n), matrix(c, "external", n), connections(c, n));
        CoupledObjective objective = new CoupledObjective(
                Kernel.best(), config, series, c.number("scale"), c.number("stage_loss"), c.number("trace_loss"));
        copy(c.array("v0"), objective.initialState().v());
        copy(c.array("g0"), objective.initialState().g());
        copy(c.array("a0"), objective.initialState().a());
        Map<String, NdArray> parameters = c.object("parameters").arrays();
        for (ParameterSet.Block block : objective.parameters().blocks()) {
            copy(parameters.get(block.name()).doubles(), block.data());
        }

        tally.compare(Bound.COUPLED, id, objective.probabilities(), c.array("probabilities"));
        tally.compare(Bound.COUPLED, id, new double[] {objective.loss()}, new double[] {c.number("loss")});
        CoupledState state = objective.finalState();
        tally.compare(Bound.COUPLED, id, state.a(), c.array("an"));
        if (config.trace()) {
            tally.compare(Bound.COUPLED, id, state.v(), c.array("vn"));
            tally.compare(Bound.COUPLED, id, state.g(), c.array("gn"));
        }
        ParameterSet gradient = objective.parameters().zerosLike();
        objective.gradient(gradient);
        Map<String, NdArray> expected = c.object("gradients").arrays();
        for (ParameterSet.Block block : gradient.blocks()) {
            double[] numbers = expected.get(block.name()).doubles();
            tally.compare(Bound.COUPLED_GRADIENTS, id, block.data(), numbers);
        }
    }

    private static void copy(double[] from, double[] to) {
        System.arraycopy(from, 0, to, 0, to.length);
    }

    private static DMatrixRMaj matrix(VectorCase c, String key, int columns) {
        double[] values = c.array(key);
        return DMatrixRMaj.wrap(values.length / columns, columns, values);
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
}
