package org.spikecast.vectors.internal;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.io.NdArray;
import org.spikecast.kernel.Kernel;
import org.spikecast.lstm.Cell;
import org.spikecast.lstm.Network;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkTape;
import org.spikecast.params.ParameterSet;
import org.spikecast.train.Losses;
import org.spikecast.train.Optimiser;
import org.spikecast.train.internal.Adam;
import org.spikecast.train.internal.Clipping;
import org.spikecast.train.internal.Soap;
import org.spikecast.vectors.internal.Vectors.Tally;

/** Stored trajectories of optimisers, and whole training runs. */
final class OptimiserVectors {
    private OptimiserVectors() {}

    static void replay(VectorCase c, Path folder, Tally tally) {
        Kernel kernel = Kernel.best();
        ParameterSet parameters = declared(c.object("parameters0").arrays());
        ParameterSet gradient = parameters.zerosLike();
        Optimiser optimiser = optimiser(c, kernel, parameters);
        List<VectorCase> gradients = c.list("gradients");
        List<VectorCase> trajectory = c.list("trajectory");
        for (int t = 0; t < gradients.size(); t++) {
            NetworkVectors.set(gradient, gradients.get(t).arrays());
            clip(c, kernel, gradient);
            optimiser.update(gradient, c.number("lr"));
            compare(Bound.OPTIMISER, c.text("id"), parameters, trajectory.get(t).arrays(), tally);
        }
    }

    private static ParameterSet declared(Map<String, NdArray> arrays) {
        ParameterSet.Builder declare = new ParameterSet.Builder();
        arrays.forEach((name, array) -> {
            int[] shape = array.shape();
            if (shape.length == 2) {
                declare.matrix(name, shape[0], shape[1]);
            } else {
                declare.vector(name, array.size());
            }
        });
        ParameterSet set = declare.build();
        NetworkVectors.set(set, arrays);
        return set;
    }

    private static Optimiser optimiser(VectorCase c, Kernel kernel, ParameterSet parameters) {
        String algorithm = c.text("algorithm");
        boolean soap = algorithm.equals("soap");
        if (!soap && !algorithm.equals("adam") && !algorithm.equals("adamw") || c.flag("amsgrad")) {
            throw new IllegalArgumentException("'algorithm': expected adam, adamw or soap, without amsgrad");
        }
        Adam.Options adam = new Adam.Options(
                c.number("beta1"),
                c.number("beta2"),
                c.number("eps"),
                c.number("weight_decay"),
                !algorithm.equals("adam"));
        if (!soap) {
            return new Adam(kernel, parameters, adam);
        }
        VectorCase preconditioner = c.object("preconditioner");
        return new Soap(
                kernel,
                parameters,
                new Soap.Options(adam, preconditioner.number("beta"), preconditioner.integer("interval")));
    }

    /** Clips as the case prescribes; returns the norm before, or after clipping by value. */
    private static double clip(VectorCase c, Kernel kernel, ParameterSet gradient) {
        if (c.has("clip") && c.object("clip").has("norm")) {
            return Clipping.byNorm(kernel, gradient, c.object("clip").number("norm"));
        }
        if (c.has("clip")) {
            Clipping.byValue(gradient, c.object("clip").number("value"));
        }
        return Clipping.norm(kernel, gradient);
    }

    private static void compare(
            Bound bound, String id, ParameterSet parameters, Map<String, NdArray> expected, Tally tally) {
        for (ParameterSet.Block block : parameters.blocks()) {
            tally.compare(bound, id, block.data(), expected.get(block.name()).doubles());
        }
    }

    static void replayTraining(VectorCase c, Path folder, Tally tally) {
        String id = c.text("id");
        Kernel kernel = Kernel.best();
        NetworkParameters network = NetworkVectors.parameters(Cell.LSTM, c, "parameters0");
        NetworkParameters gradient = new NetworkParameters(network.config());
        Optimiser optimiser = optimiser(c, kernel, network.set());
        int batch = c.integer("batch");
        int steps = c.integer("steps");
        NetworkTape tape = new NetworkTape(network.config(), steps, batch, c.flag("all_steps") ? steps : 1);
        List<VectorCase> batches = c.list("batches");
        double[] losses = new double[batches.size()];
        double[] norms = new double[batches.size()];
        for (int u = 0; u < losses.length; u++) {
            DMatrixRMaj x = NetworkVectors.columns(batches.get(u).array("input"), batch);
            DMatrixRMaj y = NetworkVectors.columns(batches.get(u).array("target"), batch);
            DMatrixRMaj dOutput = y.createLike();
            Network.forward(kernel, network, x, null, tape);
            losses[u] = Losses.MEAN_SQUARED_ERROR.evaluate(kernel, tape.output(), y, dOutput);
            gradient.set().setZero();
            Network.backward(kernel, network, x, tape, dOutput, gradient, null, null);
            norms[u] = clip(c, kernel, gradient.set());
            optimiser.update(gradient.set(), c.number("lr"));
        }
        compareEach(Bound.TRAINING_LOSSES, id, losses, c.array("losses"), tally);
        compareEach(Bound.TRAINING_NORMS, id, norms, c.array("norms"), tally);
        compare(
                Bound.TRAINING_PARAMETERS,
                id,
                network.set(),
                c.object("parameters").arrays(),
                tally);
    }

    private static void compareEach(Bound bound, String id, double[] actual, double[] expected, Tally tally) {
        for (int u = 0; u < expected.length; u++) {
            tally.compare(bound, id, new double[] {actual[u]}, new double[] {expected[u]});
        }
    }
}
