package org.spikecast.train.internal;

import java.util.Locale;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.Kernel;
import org.spikecast.lstm.Cell;
import org.spikecast.lstm.Network;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkTape;
import org.spikecast.lstm.PackedWeights;
import org.spikecast.params.ParameterSet;
import org.spikecast.train.TrainingData;

/** Finds the first value of an update that is not finite: parameter, or sequence, step, layer and gate. */
public final class Divergence {
    private Divergence() {}

    /**
     * The first place, in the order of computation, as part of a sentence.
     *
     * @param network before the update
     * @param gradient of the batch
     * @param first number of the batch's first sequence in the epoch
     */
    public static String place(
            Kernel kernel,
            TrainingData data,
            NetworkParameters network,
            NetworkParameters gradient,
            int first,
            int batch) {
        NetworkConfig config = network.config();
        String parameter = entry(config, network.set());
        if (parameter != null) {
            return "parameter " + parameter;
        }
        PackedWeights packed = new PackedWeights(config);
        packed.pack(network);
        Pass pass = data.passes(kernel, config).of(1, packed);
        NetworkTape tape = new NetworkTape(config, data.steps(), 1, data.outputSteps());
        double largest = 0;
        String where = "";
        for (int s = 0; s < batch; s++) {
            data.copy(first + s, pass.x(), pass.y(), 0);
            Network.forward(kernel, network, pass.x(), null, tape);
            for (int step = 0; step < data.steps(); step++) {
                for (int layer = 0; layer < config.layers(); layer++) {
                    String unit = unit(tape, layer, step);
                    if (unit != null) {
                        return unit + " in layer " + layer + ", step " + step + " of sequence " + s;
                    }
                }
            }
            DMatrixRMaj output = tape.output();
            for (int j = 0; j < output.getNumElements(); j++) {
                if (!(Math.abs(output.data[j]) <= largest)) {
                    largest = Math.abs(output.data[j]);
                    int step = data.steps() - data.outputSteps() + j / config.outputs();
                    where = String.format(
                            Locale.ROOT,
                            "output %d is %.3g in step %d of sequence %d",
                            j % config.outputs(),
                            output.data[j],
                            step,
                            s);
                }
            }
        }
        String slope = entry(config, gradient.set());
        return where + (slope == null ? "" : ", and the gradient of " + slope);
    }

    /** A gate or state of a step that is not finite; null if all are. */
    private static String unit(NetworkTape tape, int layer, int step) {
        Cell cell = tape.config().cell();
        int hidden = tape.config().hidden();
        double[] gates = tape.gates(layer).data;
        for (int gate = 0; gate < cell.gates().size(); gate++) {
            int from = (step * cell.gates().size() + gate) * hidden;
            int unit = notFinite(gates, from, hidden);
            if (unit >= 0) {
                return "gate " + cell.gates().get(gate) + " of unit " + unit + " is " + gates[from + unit];
            }
        }
        for (int k = 0; k < cell.states().size(); k++) {
            int from = (step + 1) * hidden;
            int unit = notFinite(tape.state(k, layer).data, from, hidden);
            if (unit >= 0) {
                return "state " + cell.states().get(k) + " of unit " + unit + " is "
                        + tape.state(k, layer).data[from + unit];
            }
        }
        return null;
    }

    /** The index, from {@code from} on, of the first of {@code count} numbers that is not finite; -1 if all are. */
    private static int notFinite(double[] numbers, int from, int count) {
        for (int j = 0; j < count; j++) {
            if (!Double.isFinite(numbers[from + j])) {
                return j;
            }
        }
        return -1;
    }

    /**
     * The first entry of a set that is not finite, with the gate it belongs to; null if all are.
     *
     * @param config of the network whose parameters are in the set; null if there is none
     */
    public static String entry(NetworkConfig config, ParameterSet set) {
        for (ParameterSet.Block block : set.blocks()) {
            int j = notFinite(block.data(), 0, block.data().length);
            if (j >= 0) {
                int row = j / block.matrix().numCols;
                boolean gated =
                        config != null && block.name().startsWith(config.cell().name() + ".");
                return block.name() + " is " + block.data()[j] + " in row " + row
                        + (gated ? " (gate " + config.cell().gates().get(row / config.hidden()) + ")" : "");
            }
        }
        return null;
    }
}
