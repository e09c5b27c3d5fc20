package org.spikecast.train;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.Kernel;
import org.spikecast.lstm.Loss;
import org.spikecast.lstm.LstmConfig;
import org.spikecast.lstm.LstmParameters;
import org.spikecast.lstm.LstmState;
import org.spikecast.lstm.PackedWeights;
import org.spikecast.params.ParameterSet;

/**
 * Loss and gradient of a batch of sequences, which is worked off in slices: forward, loss and backward of one slice after
 * the other, gradients added up. A slice's activations stay in the processor's caches, where those of a large batch would
 * go through memory; and threads work on different slices at the same time.
 *
 * <p>How a batch is cut depends on its size and the network's only, and the slices' losses and gradients are added in
 * ascending order: the number of threads changes no bit. After the first batch nothing is allocated.
 */
public final class BatchGradient implements AutoCloseable {
    /** Copies sequences from where they are to where they are worked on. */
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

        /** Where states are carried: whether a sequence of the batch begins anew, with a state of zero. */
        default boolean beginsAnew(int sequence) {
            return true;
        }
    }

    /** Sequences of a slice: half the batch, so that there is something for a second thread, within these bounds. */
    private static final int NARROW = 16;

    private static final int WIDE = 64;

    /** Sequences that are written side by side: a line of the cache. */
    private static final int TOGETHER = 8;

    /** From so many on, reading the weights once more for each slice costs more than is won: slices are wide. */
    private static final int MANY_PARAMETERS = 200_000;

    private final int batch;
    private final int width;
    private final PackedWeights packed;
    private final Workers workers;
    private final Slice[] slices;
    private final Workers.Task task = this::work;

    /** Where states are carried: those of the first slice's sequences, of the second's, and so on; otherwise null. */
    private final LstmState[] states;

    private LstmParameters parameters;
    private LstmParameters gradient;
    private Source source;
    private int first;

    /** What one thread works with. */
    private static final class Slice {
        final Pass pass;

        /** Sequences on their way to the pass, one column each: a column of many is slow to write, a line of the cache each. */
        final DMatrixRMaj[] x = new DMatrixRMaj[TOGETHER];

        final DMatrixRMaj[] y = new DMatrixRMaj[TOGETHER];
        double loss;

        /** The gradient of a slice that is not the first; null where the slice is the whole batch. */
        LstmParameters gradient;

        Slice(Pass pass) {
            this.pass = pass;
            for (int k = 0; k < TOGETHER; k++) {
                x[k] = new DMatrixRMaj(pass.x().numRows, 1);
                y[k] = new DMatrixRMaj(pass.y().numRows, 1);
            }
        }
    }

    /** What is left of a batch behind the last whole slice; null if nothing is. */
    private final Slice rest;

    /**
     * Room for batches of one size, of sequences that are known beforehand.
     *
     * @param loss of a slice, a mean over its outputs
     * @param steps T
     * @param outputSteps K, the last steps, whose outputs count
     * @param batch B
     * @param threads at most; as many as there are slices are used
     */
    public BatchGradient(
            Kernel kernel, Loss loss, LstmConfig config, int steps, int outputSteps, int batch, int threads) {
        this(Pass.over(kernel, loss, config, steps, outputSteps), config, batch, threads, false);
    }

    /**
     * Room for batches of one size.
     *
     * @param passes through slices
     * @param batch B
     * @param threads at most; as many as there are slices are used
     * @param carriesState whether a sequence of one batch goes on where that of the batch before ended
     */
    public BatchGradient(Pass.Factory passes, LstmConfig config, int batch, int threads, boolean carriesState) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads: expected at least 1, got " + threads);
        }
        this.batch = batch;
        packed = new PackedWeights(config);
        boolean many = new LstmParameters(config).set().size() >= MANY_PARAMETERS;
        width = Math.min(batch, many ? WIDE : Math.max(NARROW, Math.min(WIDE, batch / 2)));
        int whole = batch / width;
        slices = new Slice[Math.min(threads, whole)];
        for (int s = 0; s < slices.length; s++) {
            slices[s] = new Slice(passes.of(width, packed));
        }
        rest = batch % width == 0 ? null : new Slice(passes.of(batch % width, packed));
        if (width < batch) {
            for (Slice slice : slices) {
                slice.gradient = new LstmParameters(config);
            }
            if (rest != null) {
                rest.gradient = slices[0].gradient;
            }
        }
        workers = new Workers(slices.length);
        states = carriesState ? new LstmState[(batch + width - 1) / width] : null;
        for (int part = 0; carriesState && part < states.length; part++) {
            states[part] = LstmState.zeros(config, Math.min(width, batch - part * width));
        }
    }

    /**
     * Evaluates loss and gradient.
     *
     * @param source of the batch
     * @param gradient receives the gradient with respect to the parameters
     * @return the mean over the batch
     */
    public double evaluate(LstmParameters parameters, Source source, LstmParameters gradient) {
        this.parameters = parameters;
        this.gradient = gradient;
        this.source = source;
        packed.pack(parameters);
        packed.packTransposed(parameters, slices[0].pass.goesDownToInput());
        gradient.set().setZero();
        double sum = 0;
        int whole = batch / width * width;
        for (first = 0; first < whole; first += slices.length * width) {
            workers.run(task);
            for (int s = 0; s < slices.length && first + s * width < whole; s++) {
                sum += slices[s].loss;
                if (first + s > 0) {
                    add(slices[s].gradient);
                }
            }
        }
        if (rest != null) {
            rest.gradient.set().setZero();
            evaluate(rest, whole, rest.gradient);
            sum += rest.loss;
            add(rest.gradient);
        }
        return sum;
    }

    private void work(int worker) {
        int start = first + worker * width;
        if (start == 0) {
            evaluate(slices[0], 0, gradient); // the sum begins with the first slice's
        } else if (start + width <= batch) {
            slices[worker].gradient.set().setZero();
            evaluate(slices[worker], start, slices[worker].gradient);
        }
    }

    /** Loss and gradient of the slice that begins at a sequence, each times the slice's part of the batch. */
    private void evaluate(Slice slice, int start, LstmParameters to) {
        Pass pass = slice.pass;
        int columns = pass.x().numCols;
        LstmState state = states == null ? null : states[start / width];
        for (int column = 0; column < columns; column += TOGETHER) {
            int together = Math.min(TOGETHER, columns - column);
            for (int k = 0; k < together; k++) {
                source.copy(start + column + k, slice.x[k], slice.y[k], 0);
                if (state != null && source.beginsAnew(start + column + k)) {
                    state.setZero(column + k);
                }
            }
            putSideBySide(slice.x, together, pass.x(), column);
            putSideBySide(slice.y, together, pass.y(), column);
        }
        slice.loss = pass.evaluate(parameters, state, (double) columns / batch, to);
    }

    /** Columns of one matrix as columns of another. */
    private static void putSideBySide(DMatrixRMaj[] from, int count, DMatrixRMaj to, int column) {
        int rows = to.numRows;
        if (count < TOGETHER) {
            for (int k = 0; k < count; k++) {
                for (int j = 0; j < rows; j++) {
                    to.data[j * to.numCols + column + k] = from[k].data[j];
                }
            }
            return;
        }
        double[] x0 = from[0].data;
        double[] x1 = from[1].data;
        double[] x2 = from[2].data;
        double[] x3 = from[3].data;
        double[] x4 = from[4].data;
        double[] x5 = from[5].data;
        double[] x6 = from[6].data;
        double[] x7 = from[7].data;
        int at = column;
        for (int j = 0; j < rows; j++, at += to.numCols) {
            to.data[at] = x0[j];
            to.data[at + 1] = x1[j];
            to.data[at + 2] = x2[j];
            to.data[at + 3] = x3[j];
            to.data[at + 4] = x4[j];
            to.data[at + 5] = x5[j];
            to.data[at + 6] = x6[j];
            to.data[at + 7] = x7[j];
        }
    }

    private void add(LstmParameters part) {
        for (int b = 0; b < gradient.set().blocks().size(); b++) {
            ParameterSet.Block sum = gradient.set().blocks().get(b);
            double[] to = sum.data();
            double[] from = part.set().blocks().get(b).data();
            for (int j = 0; j < to.length; j++) {
                to[j] += from[j];
            }
        }
    }

    /** Ends the threads. */
    @Override
    public void close() {
        workers.close();
    }
}
