package org.spikecast.train;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.data.Scaling;
import org.spikecast.data.StepForm;
import org.spikecast.data.TraceForm;
import org.spikecast.data.Traces;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.lstm.Loss;
import org.spikecast.lstm.Lstm;
import org.spikecast.lstm.LstmConfig;
import org.spikecast.lstm.LstmParameters;
import org.spikecast.lstm.LstmState;
import org.spikecast.lstm.LstmTape;

/**
 * Traces learned piece by piece by a {@link StepForm}. Each sequence of a batch walks along one trajectory after another,
 * from piece to piece, with its state carried; at the start of an epoch it begins somewhere within one. The first pieces
 * after a beginning are read without being learned, since the state does not know the past yet.
 */
public final class StepWindows implements TrainingData {
    /** Time that is read before something is learned, ms. */
    private static final double READ_FIRST_MS = 40;

    /** Random numbers of the noise, drawn once; each piece reads from another place. */
    private static final int NOISE = 1 << 18;

    private final StepForm form;
    private final Traces training;
    private final Traces validation;
    private final double[] current;
    private final double[] validationCurrent;
    private final Scaling scaling;
    private final int updates;
    private final int batch;
    private final int readFirst;
    private final double[] noise = new double[NOISE];

    /** Of each sequence of the epoch: the place in the traces where it begins, and how many pieces ago its walk began. */
    private final int[] place;

    private final int[] age;
    private final int[] noisePlace;

    /**
     * Pieces for training.
     *
     * @param scaling of voltage and current
     * @param updates of an epoch
     * @param batch B
     * @param seed of the noise
     */
    public StepWindows(
            StepForm form, Traces training, Traces validation, Scaling scaling, int updates, int batch, long seed) {
        Require.atLeast(1, updates, "updates of an epoch");
        Require.atLeast(1, batch, "batch size");
        requireFit(form, training.samples(), validation.samples(), training.sampleMs());
        this.form = form;
        this.training = training;
        this.validation = validation;
        this.scaling = scaling;
        this.updates = updates;
        this.batch = batch;
        current = scaling.apply(1, training.current());
        validationCurrent = scaling.apply(1, validation.current());
        readFirst = readFirst(form, training.sampleMs());
        int sequences = Math.multiplyExact(updates, batch);
        place = new int[sequences];
        age = new int[sequences];
        noisePlace = new int[sequences];
        RandomStream stream = RandomStream.of(seed, "noise");
        for (int j = 0; j < NOISE; j++) {
            noise[j] = form.noiseMv() * stream.nextGaussian();
        }
    }

    /**
     * Throws unless trajectories are long enough to be learned from and validated on.
     *
     * @param training samples of a trajectory to learn from
     * @param validation samples of one to validate on
     */
    public static void requireFit(StepForm form, int training, int validation, double sampleMs) {
        long least = (readFirst(form, sampleMs) + 1L) * form.pieceSteps() + 1;
        if (training < least) {
            throw new IllegalArgumentException("Pieces of " + form.pieceSteps()
                    + " samples, of which nothing is learned in the first " + READ_FIRST_MS
                    + " ms, need trajectories of "
                    + least + " samples, got " + training);
        }
        if (validation <= form.pieceSteps()) {
            throw new IllegalArgumentException("Pieces of " + form.pieceSteps()
                    + " samples do not fit into trajectories for validation of " + validation);
        }
    }

    /** The first pieces of a walk, of which nothing is learned. */
    private static int readFirst(StepForm form, double sampleMs) {
        return (int) Math.ceil(READ_FIRST_MS / sampleMs / form.pieceSteps());
    }

    @Override
    public LstmConfig config(int hidden, int layers) {
        return form.config(hidden, layers);
    }

    @Override
    public int steps() {
        return form.pieceSteps();
    }

    @Override
    public int outputSteps() {
        return form.pieceSteps();
    }

    @Override
    public Loss loss() {
        return Loss.MEAN_SQUARED_ERROR_WHERE_KNOWN;
    }

    @Override
    public boolean carriesState() {
        return true;
    }

    @Override
    public boolean beginsAnew(int sequence) {
        return age[sequence] == 0;
    }

    @Override
    public int updatesPerEpoch(int batchSize) {
        if (batchSize != batch) {
            throw new IllegalArgumentException(
                    "batch size: expected " + batch + ", for which the pieces were made, got " + batchSize);
        }
        return updates;
    }

    @Override
    public void startEpoch(RandomStream stream) {
        int steps = form.pieceSteps();
        int pieces = (training.samples() - 1) / steps;
        for (int s = 0; s < place.length; s++) {
            int before = s - batch; // the same sequence of the batch before
            int piece = before < 0 ? stream.nextInt(pieces) : place[before] % training.samples() / steps + 1;
            boolean goesOn = before >= 0 && piece < pieces;
            int cell = goesOn ? place[before] / training.samples() : stream.nextInt(training.cells());
            place[s] = training.place(cell, (piece < pieces ? piece : 0) * steps);
            age[s] = goesOn ? age[before] + 1 : 0;
            noisePlace[s] = stream.nextInt(NOISE);
        }
    }

    @Override
    public void copy(int sequence, DMatrixRMaj x, DMatrixRMaj y, int column) {
        double[] voltage = training.voltage().data;
        int from = place[sequence];
        double scaledCurrent = current[from / training.samples()];
        for (int t = 0; t < form.pieceSteps(); t++) {
            double read = voltage[from + t] + noise[(noisePlace[sequence] + t) % NOISE];
            x.data[TraceForm.FEATURES * t * x.numCols + column] = scaling.apply(0, read);
            x.data[(TraceForm.FEATURES * t + 1) * x.numCols + column] = scaledCurrent;
            y.data[t * y.numCols + column] =
                    age[sequence] < readFirst ? Double.NaN : StepForm.encode(voltage[from + t + 1] - read);
        }
    }

    /** Without noise, along the whole trajectories. */
    @Override
    public double validationLoss(Kernel kernel, LstmParameters network) {
        int steps = form.pieceSteps();
        int cells = validation.cells();
        LstmTape tape = new LstmTape(network.config(), steps, cells, steps);
        LstmState state = LstmState.zeros(network.config(), cells);
        DMatrixRMaj x = new DMatrixRMaj(steps * TraceForm.FEATURES, cells);
        double sum = 0;
        int count = 0;
        int pieces = (validation.samples() - 1) / steps;
        for (int piece = 0; piece < pieces; piece++) {
            for (int j = 0; j < x.getNumElements(); j++) {
                int cell = j % cells;
                int row = j / cells;
                int at = validation.place(cell, piece * steps + row / TraceForm.FEATURES);
                x.data[j] = row % TraceForm.FEATURES == 0
                        ? scaling.apply(0, validation.voltage().data[at])
                        : validationCurrent[cell];
            }
            Lstm.forward(kernel, network, x, state, tape);
            tape.copyFinalState(state);
            for (int j = 0; j < steps * cells && (piece >= readFirst || pieces <= readFirst); j++) {
                int at = validation.place(j % cells, piece * steps + j / cells);
                double[] v = validation.voltage().data;
                double error = tape.output().data[j] - StepForm.encode(v[at + 1] - v[at]);
                sum += error * error;
                count++;
            }
        }
        return sum / count;
    }
}
