package org.spikecast.vectors.internal;

import java.nio.file.Path;
import java.util.Map;
import org.spikecast.io.NdArray;
import org.spikecast.kernel.Kernel;
import org.spikecast.lstm.Cell;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkState;
import org.spikecast.lstm.PackedWeights;
import org.spikecast.model.internal.Layout;
import org.spikecast.params.ParameterSet;
import org.spikecast.train.internal.Pass;
import org.spikecast.vectors.internal.Vectors.Tally;
import org.spikecast.voltage.internal.ForcedRun;

/** Stored free runs of networks with generalised teacher forcing: losses, final states and gradients. */
final class ForcedRunVectors {
    private ForcedRunVectors() {}

    static void replay(VectorCase c, Path folder, Tally tally) {
        String id = c.text("id");
        int batch = c.integer("batch");
        NetworkParameters p = NetworkVectors.parameters(Cell.LSTM, c, "parameters");
        PackedWeights packed = new PackedWeights(p.config());
        Pass pass = ForcedRun.passes(Kernel.best(), p.config(), c.integer("steps"), c.number("mv_per_unit"))
                .of(batch, packed);
        packed.pack(p);
        packed.packTransposed(p, pass.goesDownToInput());
        pass.x().setTo(NetworkVectors.columns(c.array("input"), batch));
        pass.y().setTo(NetworkVectors.columns(targets(c), batch));
        NetworkState state = NetworkVectors.state(c, p.config());
        NetworkParameters gradient = new NetworkParameters(p.config());
        double loss = pass.evaluate(p, state, 1, gradient);

        int layers = p.config().layers();
        tally.compare(Bound.FORCED_RUN, id, new double[] {loss}, new double[] {c.number("loss")});
        tally.compare(Bound.FORCED_RUN, id, Layout.toRows(state.hidden(), layers), c.array("hn"));
        tally.compare(Bound.FORCED_RUN, id, Layout.toRows(state.part(1), layers), c.array("cn"));
        Map<String, NdArray> expected = c.object("gradients").arrays();
        for (ParameterSet.Block block : gradient.set().blocks()) {
            tally.compare(
                    Bound.FORCED_RUN_GRADIENTS,
                    id,
                    block.data(),
                    expected.get(block.name()).doubles());
        }
    }

    /** The three targets of each step: (B, T, 3). */
    private static double[] targets(VectorCase c) {
        double[] change = c.array("change");
        double[] speed = c.array("speed");
        double[] forcing = c.array("forcing");
        double[] learned = c.array("learned");
        double[] targets = new double[3 * change.length];
        for (int j = 0; j < change.length; j++) {
            targets[3 * j] = change[j];
            targets[3 * j + 1] = learned[j] == 1 ? speed[j] : Double.NaN;
            targets[3 * j + 2] = forcing[j];
        }
        return targets;
    }
}
