package org.spikecast.train.internal;

import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.internal.Team;
import org.spikecast.lstm.Loss;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkState;
import org.spikecast.lstm.PackedWeights;
import org.spikecast.params.ParameterSet;

/**
 * Loss and gradient of a batch of sequences, which is split into micro-batches: forward, loss and backward of one
 * after the other, gradients added up. Threads compute different micro-batches at the same time; where only one is
 * left, they share the operations within it, as the kernel divides them.
 *
 * <p>The split of a batch depends only on its size and the network's, and the losses and gradients of the
 * micro-batches are added in ascending order: the number of threads changes no bit. After the first batch nothing is
 * allocated.
 */
public final class BatchGradient {
    /** Copies sequences into the workspace of a micro-batch. */
    @FunctionalInterface
    public interface Source {
        /**
         * Copies one sequence of the batch. Called by several threads at once if there are several.
         *
         * @param sequence its number in the batch
         * @param x receives its features in one column: (T I) x width, steps stacked by rows
         * @param y receives its targets in one column: (K O) x width
         * @param column the column
         */
        void copy(int sequence, DMatrixRMaj x, DMatrixRMaj y, int column);

        /** Whether a sequence of the batch starts from a zero state, in stateful training. */
        default boolean beginsAnew(int sequence) {
            return true;
        }
    }

    /** The cost of packing a parameter, in multiply-adds of a product. */
    private static final long PACKING = 20;

    private final int batch;
    private final int width;
    private final PackedWeights packed;
    private final Team team;
    private final MicroBatch[] microBatches;
    private final Team.Task packing = this::pack;
    private final Team.Task evaluating = this::work;

    /** In stateful training the states of each micro-batch's sequences; otherwise null. */
    private final NetworkState[] states;

    private NetworkParameters parameters;
    private NetworkParameters gradient;
    private Source source;
    private int first;
    private int packingParts;

    /** The rest of a batch after the last whole micro-batch; null if there is none. */
    private final MicroBatch rest;

    /**
     * Buffers for batches of one size, of sequences that do not depend on the network's outputs.
     *
     * @param loss of a micro-batch, a mean over its outputs
     * @param steps T
     * @param outputSteps K, the last steps, whose outputs enter the loss
     * @param batch B
     * @param team of threads that work on a batch
     */
    public BatchGradient(
            Kernel kernel, Loss loss, NetworkConfig config, int steps, int outputSteps, int batch, Team team) {
        this(Pass.over(kernel.onTeam(team), loss, config, steps, outputSteps), config, batch, team, false);
    }

    /**
     * Buffers for batches of one size.
     *
     * @param passes through micro-batches, by a kernel on the team
     * @param batch B
     * @param team of threads that work on a batch
     * @param carriesState whether training is stateful: a sequence of one batch continues that of the batch before
     */
    public BatchGradient(Pass.Factory passes, NetworkConfig config, int batch, Team team, boolean carriesState) {
        this.team = team;
        this.batch = batch;
        packed = new PackedWeights(config);
        width = MicroBatch.width(batch, new NetworkParameters(config).set().size());
        int whole = batch / width;
        microBatches = new MicroBatch[Math.min(team.size(), whole)];
        for (int s = 0; s < microBatches.length; s++) {
            microBatches[s] = new MicroBatch(passes.of(width, packed));
        }
        rest = batch % width == 0 ? null : new MicroBatch(passes.of(batch % width, packed));
        if (width < batch) {
            for (MicroBatch microBatch : microBatches) {
                microBatch.gradient = new NetworkParameters(config);
            }
            if (rest != null) {
                rest.gradient = microBatches[0].gradient;
            }
        }
        states = carriesState ? new NetworkState[(batch + width - 1) / width] : null;
        for (int part = 0; carriesState && part < states.length; part++) {
            states[part] = NetworkState.zeros(config, Math.min(width, batch - part * width));
        }
    }

    /**
     * Evaluates loss and gradient.
     *
     * @param source of the batch
     * @param gradient receives the gradient with respect to the parameters
     * @return the mean over the batch
     */
    public double evaluate(NetworkParameters parameters, Source source, NetworkParameters gradient) {
        this.parameters = parameters;
        this.gradient = gradient;
        this.source = source;
        packingParts = team.pays(PACKING * gradient.set().size()) ? team.size() : 1;
        team.run(packingParts, packing);
        double sum = 0;
        int whole = batch / width * width;
        for (first = 0; first < whole; first += microBatches.length * width) {
            team.run(Math.min(microBatches.length, (whole - first) / width), evaluating);
            for (int s = 0; s < microBatches.length && first + s * width < whole; s++) {
                sum += microBatches[s].loss;
                if (first + s > 0) {
                    add(microBatches[s].gradient);
                }
            }
        }
        if (rest != null) {
            evaluate(rest, whole, rest.gradient);
            sum += rest.loss;
            add(rest.gradient);
        }
        return sum;
    }

    private void pack(int part) {
        packed.pack(parameters, part, packingParts);
        packed.packTransposed(parameters, microBatches[0].goesDownToInput(), part, packingParts);
    }

    private void work(int part) {
        int start = first + part * width;
        if (start == 0) {
            evaluate(microBatches[0], 0, gradient); // the sum begins with the first one's
        } else {
            evaluate(microBatches[part], start, microBatches[part].gradient);
        }
    }

    private void evaluate(MicroBatch microBatch, int start, NetworkParameters to) {
        microBatch.evaluate(source, start, batch, states == null ? null : states[start / width], parameters, to);
    }

    private void add(NetworkParameters part) {
        for (int b = 0; b < gradient.set().blocks().size(); b++) {
            ParameterSet.Block sum = gradient.set().blocks().get(b);
            double[] to = sum.data();
            double[] from = part.set().blocks().get(b).data();
            for (int j = 0; j < to.length; j++) {
                to[j] += from[j];
            }
        }
    }

    /** The states that are carried from batch to batch, by micro-batch; none if training is not stateful. */
    public List<NetworkState> carriedStates() {
        return states == null ? List.of() : List.of(states);
    }
}
