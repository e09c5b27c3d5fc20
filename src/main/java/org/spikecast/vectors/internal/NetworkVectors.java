package org.spikecast.vectors.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.check.GradientCheck;
import org.spikecast.check.NetworkObjective;
import org.spikecast.check.internal.Differences;
import org.spikecast.io.NdArray;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.lstm.Cell;
import org.spikecast.lstm.Network;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkState;
import org.spikecast.model.Forecaster;
import org.spikecast.model.ModelFile;
import org.spikecast.model.internal.Layout;
import org.spikecast.params.ParameterSet;
import org.spikecast.vectors.internal.Vectors.Tally;

/** Stored forward passes and gradients of networks of one cell. */
final class NetworkVectors {
    /** The largest number of entries that get a machine-precision reference; more would take long. */
    private static final int DUAL_ENTRIES = 1500;

    /** Smaller entries come from products that are subnormal. */
    private static final double LEAST_ENTRY = 1e-200;

    private final Cell cell;
    private final Bound forward;
    private final Bound gradients;
    private final Bound dual;
    private final Bound dualEntry;
    private final Bound tails;

    /**
     * Vectors of a cell, and the bounds that hold: of forward passes, of gradients, of these against dual numbers, and
     * entry by entry where gates saturate.
     */
    NetworkVectors(Cell cell, Bound forward, Bound gradients, Bound dual, Bound dualEntry, Bound tails) {
        this.cell = cell;
        this.forward = forward;
        this.gradients = gradients;
        this.dual = dual;
        this.dualEntry = dualEntry;
        this.tails = tails;
    }

    static NetworkConfig config(Cell cell, VectorCase c) {
        return new NetworkConfig(
                cell,
                c.integer("inputs"),
                c.integer("hidden"),
                c.integer("layers"),
                c.integer("outputs"),
                c.has("head_states") ? c.integer("head_states") : 1);
    }

    static NetworkParameters parameters(Cell cell, VectorCase c, String key) {
        NetworkParameters p = new NetworkParameters(config(cell, c));
        set(p.set(), c.object(key).arrays());
        return p;
    }

    static void set(ParameterSet set, Map<String, NdArray> arrays) {
        for (ParameterSet.Block block : set.blocks()) {
            NdArray array = arrays.get(block.name());
            if (array == null || array.size() != block.data().length) {
                throw new IllegalArgumentException(
                        "'" + block.name() + "': expected " + block.data().length + " numbers, got " + array);
            }
            System.arraycopy(array.doubles(), 0, block.data(), 0, array.size());
        }
    }

    /** Sequences (B, T, I) or (B, K, O) as columns. */
    static DMatrixRMaj columns(double[] array, int batch) {
        return Layout.toColumns(array, 1, batch, array.length / batch);
    }

    /** The initial state of a case, each part (L B, H) as columns, or zeros. */
    static NetworkState state(VectorCase c, NetworkConfig config) {
        int batch = c.integer("batch");
        NetworkState state = NetworkState.zeros(config, batch);
        for (int k = 0; k < state.parts(); k++) {
            String key = config.cell().states().get(k) + "0";
            if (c.has(key)) {
                state.part(k).setTo(Layout.toColumns(c.array(key), config.layers(), batch, config.hidden()));
            }
        }
        return state;
    }

    static NetworkObjective objective(VectorCase c, NetworkParameters p) {
        return objective(c, p, Network::backward);
    }

    static NetworkObjective objective(VectorCase c, NetworkParameters p, NetworkObjective.Backward backward) {
        NetworkConfig config = p.config();
        NetworkState initial = state(c, config);
        int batch = c.integer("batch");
        return new NetworkObjective(
                Kernel.best(),
                backward,
                LossVectors.loss(c),
                p,
                columns(c.array("input"), batch),
                initial,
                columns(c.array("target"), batch));
    }

    void replay(VectorCase c, Path folder, Tally tally) {
        replay(c, parameters(cell, c, "parameters"), tally);
    }

    /** A case whose parameters are in a file that PyTorch saved. */
    void replayModule(VectorCase c, Path folder, Tally tally) throws IOException {
        NetworkParameters p = ModelFile.read(folder.resolve(c.text("file"))).network();
        replay(c, p, tally);
        int batch = c.integer("batch");
        NetworkState state = NetworkState.zeros(p.config(), batch);
        double[] all =
                Forecaster.bare(p).predict(Kernel.best(), c.array("input"), batch, c.integer("steps"), true, state);
        tally.compare(forward, c.text("id"), all, c.array("output_all"));
    }

    private void replay(VectorCase c, NetworkParameters p, Tally tally) {
        String id = c.text("id");
        NetworkObjective objective = objective(c, p);
        int layers = p.config().layers();
        double loss = objective.loss();
        tally.compare(forward, id, new double[] {loss}, new double[] {c.number("loss")});
        tally.compare(forward, id, Layout.toRows(objective.tape().output(), 1), c.array("output"));
        NetworkState end = NetworkState.zeros(p.config(), c.integer("batch"));
        objective.tape().copyFinalState(end);
        for (int k = 0; k < end.parts(); k++) {
            String key = cell.states().get(k) + "n";
            tally.compare(forward, id, Layout.toRows(end.part(k), layers), c.array(key));
        }

        ParameterSet gradient = objective.parameters().zerosLike();
        objective.gradient(gradient);
        Map<String, double[]> claimed = inFileLayout(gradient, layers);
        c.object("gradients").arrays().forEach((name, expected) -> {
            tally.compare(gradients, id, claimed.get(name), expected.doubles());
            if (c.hasFlag("Tails")) {
                compareEntries(claimed.get(name), expected.doubles(), id, tally);
            }
        });
        compareWithDual(objective, gradient, id, tally);
    }

    /** Entry by entry, however small. */
    private void compareEntries(double[] claimed, double[] expected, String id, Tally tally) {
        for (int j = 0; j < expected.length; j++) {
            if (Math.abs(expected[j]) > LEAST_ENTRY) {
                tally.error(tails, id, Math.abs(claimed[j] - expected[j]) / Math.abs(expected[j]));
            }
        }
    }

    /** Blocks by name, as arrays in files are laid out. */
    static Map<String, double[]> inFileLayout(ParameterSet gradient, int layers) {
        Map<String, double[]> arrays = new LinkedHashMap<>();
        for (ParameterSet.Block block : gradient.blocks()) {
            arrays.put(
                    block.name(),
                    switch (block.name()) {
                        case "input" -> Layout.toRows(block.matrix(), 1);
                        case "h0", "c0" -> Layout.toRows(block.matrix(), layers);
                        default -> block.data();
                    });
        }
        return arrays;
    }

    private void compareWithDual(NetworkObjective objective, ParameterSet gradient, String id, Tally tally) {
        GradientCheck.Sample sample =
                new GradientCheck.Sample(gradient, DUAL_ENTRIES, RandomStream.of(1, "gradient check"));
        ParameterSet unit = gradient.zerosLike();
        for (int b = 0; b < gradient.blocks().size(); b++) {
            double[] claimed = gradient.blocks().get(b).data();
            int[] entries = sample.entries(b);
            double[] exact = new double[entries.length];
            double largest = 0;
            for (int k = 0; k < entries.length; k++) {
                unit.set(gradient.start(b) + entries[k], 1);
                exact[k] = objective.derivative(unit);
                unit.set(gradient.start(b) + entries[k], 0);
            }
            for (int k = 0; k < entries.length; k++) {
                largest = Math.max(largest, Math.max(Math.abs(claimed[entries[k]]), Math.abs(exact[k])));
            }
            for (int k = 0; k < entries.length; k++) {
                double error = Math.abs(claimed[entries[k]] - exact[k]);
                tally.error(dual, id, largest == 0 ? error : error / largest);
                if (Math.abs(exact[k]) > GradientCheck.LARGE_ENTRY * largest) {
                    tally.error(dualEntry, id, error / Math.abs(exact[k]));
                }
            }
        }
    }

    /**
     * Finite differences of Spikecast's own forward pass, which are no independent reference. They must have the same
     * bits, and agree with the gradient up to the rounding of the loss.
     */
    static void replayDifferences(VectorCase c, Path folder, Tally tally) {
        String id = c.text("id");
        NetworkObjective objective = objective(c, parameters(Cell.LSTM, c, "parameters"));
        ParameterSet gradient = objective.parameters().zerosLike();
        objective.gradient(gradient);
        Differences differences = new Differences(objective);
        double rounding = Differences.roundingFloor(4 * Math.ulp(objective.loss()), c.number("best_step"));
        for (int b = 0; b < gradient.blocks().size(); b++) {
            ParameterSet.Block block = gradient.blocks().get(b);
            double[] best = null;
            for (VectorCase d : c.list("differences")) {
                double h = d.number("step");
                boolean fourth = d.integer("order") == 4;
                double[] stored = d.object("values").arrays().get(block.name()).doubles();
                double[] computed = new double[stored.length];
                for (int j = 0; j < stored.length; j++) {
                    int index = gradient.start(b) + j;
                    computed[j] = fourth ? differences.fourthOrder(index, h) : differences.central(index, h);
                }
                double wrong = 0;
                for (int j = 0; j < stored.length; j++) {
                    wrong += stored[j] == computed[j] ? 0 : 1;
                }
                tally.error(Bound.LSTM_DIFFERENCES, id, wrong);
                best = fourth && h == c.number("best_step") ? stored : best;
            }
            double largest = 0;
            double error = 0;
            for (int j = 0; j < best.length; j++) {
                largest = Math.max(largest, Math.abs(best[j]));
                error = Math.max(error, Math.abs(best[j] - block.data()[j]) - rounding);
            }
            tally.error(Bound.LSTM_DIFFERENCE_GRADIENTS, id, largest == 0 ? error : error / largest);
        }
    }
}
