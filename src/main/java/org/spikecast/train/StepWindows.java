package org.spikecast.train;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.data.Scaling;
import org.spikecast.data.StepForm;
import org.spikecast.data.TraceForm;
import org.spikecast.data.Traces;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.lstm.Loss;
import org.spikecast.lstm.LstmConfig;
import org.spikecast.lstm.LstmParameters;
import org.spikecast.model.TraceForecaster;

/**
 * Traces learned piece by piece by a {@link StepForm}. Each sequence of a batch walks along one trajectory after another,
 * from piece to piece, with its state carried; at the start of an epoch it begins somewhere within one. The first pieces
 * after a beginning are read without being learned, since the state does not know the past yet.
 */
public final class StepWindows implements TrainingData {
    /** Time that is read before something is learned, ms. */
    private static final double READ_FIRST_MS = 40;

    /** Where free runs begin in a trajectory for validation, as a fraction of it. */
    private static final double[] FREE_STARTS = {0.4, 0.5, 0.6};

    /** Random numbers of the noise, drawn once; each piece reads from another place. */
    private static final int NOISE = 1 << 18;

    private final StepForm form;
    private final Traces training;
    private final Traces validation;
    private final double[] current;
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
        if (validation < 2) {
            throw new IllegalArgumentException(
                    "Trajectories for validation: expected at least 2 samples, got " + validation);
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
            int at = from + t;
            double read = voltage[at] + noise[(noisePlace[sequence] + t) % NOISE];
            x.data[TraceForm.FEATURES * t * x.numCols + column] = scaling.apply(0, read);
            x.data[(TraceForm.FEATURES * t + 1) * x.numCols + column] = scaledCurrent;
            y.data[t * y.numCols + column] =
                    age[sequence] < readFirst ? Double.NaN : StepForm.encode(voltage[at + 1] - read);
        }
    }

    /**
     * Of free runs, which the network is for: how well it says the next sample tells little of how far it gets on its own. The
     * mean squared error, on the network's scale, of runs that begin at {@link #FREE_STARTS} of each trajectory and last as
     * long as the last one can.
     */
    @Override
    public double validationLoss(Kernel kernel, LstmParameters network) {
        int samples = validation.samples();
        int[] starts = new int[validation.cells() * FREE_STARTS.length];
        for (int j = 0; j < starts.length; j++) {
            starts[j] = validation.place(j / FREE_STARTS.length, freeStart(samples, j % FREE_STARTS.length));
        }
        int horizon = samples - freeStart(samples, FREE_STARTS.length - 1);
        DMatrixRMaj forecast =
                TraceForecaster.of(kernel, network, form, scaling).forecast(validation, starts, horizon);
        return BlockWindows.loss(kernel, forecast, validation.after(starts, horizon), scaling);
    }

    private static int freeStart(int samples, int which) {
        return Math.max(1, (int) (FREE_STARTS[which] * samples));
    }
}
