package org.spikecast.train;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.data.Scaling;
import org.spikecast.data.StepForm;
import org.spikecast.data.TraceForm;
import org.spikecast.data.Traces;
import org.spikecast.kernel.Elementary;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.lstm.Lstm;
import org.spikecast.lstm.LstmConfig;
import org.spikecast.lstm.LstmParameters;
import org.spikecast.lstm.LstmState;
import org.spikecast.lstm.LstmTape;
import org.spikecast.lstm.PackedWeights;
import org.spikecast.model.TraceForecaster;

/**
 * Traces learned piece by piece by a {@link StepForm}, in runs that are drawn back to the truth less and less as training
 * goes on: see {@link ForcedRun}. Each sequence of a batch walks along one trajectory after another, from piece to piece,
 * with its state carried. The first pieces of a walk are read without being learned, since the state does not know the past
 * yet. A form that is taught sees the beginning of trajectories, where the neuron is far from what it settles on; one that
 * runs sees the rest: at the beginning slow variables still are what they began as, of which the voltage tells hardly
 * anything.
 */
public final class StepWindows implements TrainingData {
    /** Time that is read before something is learned, ms. */
    private static final double READ_FIRST_MS = 100;

    /** Where free runs begin in a trajectory for validation, as a fraction of it. */
    private static final double[] FREE_STARTS = {0.6, 0.7, 0.8};

    /** The forcing with which training begins, unless the form's is stronger. */
    private static final double FIRST_FORCING = 0.2;

    /** Random numbers of the noise, drawn once; each piece reads from another place. */
    private static final int NOISE = 1 << 18;

    /** The speed of the voltage counts as the largest within so long before and after, ms. */
    private static final double SPEED_MS = 1;

    /** Added to it: the voltage at rest hardly moves, mV/ms. */
    private static final double SLOWEST = 0.15;

    /** From this speed on the neuron spikes, mV/ms. */
    private static final double SPIKING = 2;

    private final StepForm form;
    private final Traces training;
    private final Traces validation;
    private final double[] current;
    private final Scaling scaling;
    private final int updates;
    private final int batch;
    private final int epochs;
    private final int readFirst;
    private final int firstPiece;
    private final int endPiece;
    private final int around;

    /** Of each sequence of the epoch: the place in the traces where it begins, and how many pieces ago its walk began. */
    private final int[] place;

    private final int[] age;
    private final int[] noisePlace;

    /** Null if there is none. */
    private final double[] noise;

    /** The epoch at hand, from 0 on; what of an error is taken away in a sample. */
    private int epoch = -1;

    private double restForcing;
    private double spikeForcing;
    /**
     * Pieces for training.
     *
     * @param settleMs the beginning of each trajectory: what teaches, unless it is 0, and what is left out of runs
     * @param scaling of voltage and current
     * @param updates of an epoch
     * @param batch B
     * @param epochs in which the forcing falls to the form's
     * @param seed of the noise
     */
    public StepWindows(
            StepForm form,
            Traces training,
            Traces validation,
            double settleMs,
            Scaling scaling,
            int updates,
            int batch,
            int epochs,
            long seed) {
        Require.atLeast(1, updates, "updates of an epoch");
        Require.atLeast(1, batch, "batch size");
        Require.atLeast(1, epochs, "epochs");
        requireFit(form, training.samples(), validation.samples(), settleMs, training.sampleMs());
        this.form = form;
        this.training = training;
        this.validation = validation;
        this.scaling = scaling;
        this.updates = updates;
        this.batch = batch;
        this.epochs = epochs;
        current = scaling.apply(1, training.current());
        readFirst = pieces(READ_FIRST_MS, form, training.sampleMs());
        int settled = pieces(settleMs, form, training.sampleMs());
        firstPiece = form.isTaught() ? 0 : settled;
        endPiece = form.isTaught() && settled > 0 ? settled : (training.samples() - 1) / form.pieceSteps();
        around = (int) Math.rint(SPEED_MS / training.sampleMs());
        int sequences = Math.multiplyExact(updates, batch);
        place = new int[sequences];
        age = new int[sequences];
        noisePlace = new int[sequences];
        noise = form.noiseMv() > 0 ? new double[NOISE] : null;
        RandomStream stream = RandomStream.of(seed, "noise");
        for (int j = 0; noise != null && j < NOISE; j++) {
            noise[j] = form.noiseMv() * stream.nextGaussian();
        }
    }

    /**
     * Throws unless trajectories are long enough to be learned from and validated on.
     *
     * @param training samples of a trajectory to learn from
     * @param validation samples of one to validate on
     */
    public static void requireFit(StepForm form, int training, int validation, double settleMs, double sampleMs) {
        long least =
                (pieces(settleMs, form, sampleMs) + pieces(READ_FIRST_MS, form, sampleMs) + 1L) * form.pieceSteps() + 1;
        if (training < least) {
            throw new IllegalArgumentException("Pieces of " + form.pieceSteps()
                    + " samples, of which nothing is learned in"
                    + " the first " + READ_FIRST_MS + " ms after " + settleMs + " ms left out, need trajectories of "
                    + least + " samples, got " + training);
        }
        if (validation < 2) {
            throw new IllegalArgumentException(
                    "Trajectories for validation: expected at least 2 samples, got " + validation);
        }
    }

    /** So many pieces cover a time. */
    private static int pieces(double ms, StepForm form, double sampleMs) {
        return (int) Math.ceil(ms / sampleMs / form.pieceSteps());
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
    public Pass.Factory passes(Kernel kernel, LstmConfig config) {
        return Pass.overForcedRuns(kernel, config, form.pieceSteps(), scaling.scale()[0]);
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
        epoch++;
        restForcing = forcing(form.restForcing());
        spikeForcing = forcing(form.spikeForcing());
        int steps = form.pieceSteps();
        for (int s = 0; s < place.length; s++) {
            int before = s - batch; // the same sequence of the batch before
            int piece = before < 0 ? 0 : place[before] % training.samples() / steps + 1;
            boolean goesOn = before >= 0 && piece < endPiece;
            int cell = goesOn ? place[before] / training.samples() : stream.nextInt(training.cells());
            int begin = goesOn ? piece : firstPiece + stream.nextInt(endPiece - firstPiece);
            place[s] = training.place(cell, begin * steps);
            age[s] = goesOn ? age[before] + 1 : 0;
            noisePlace[s] = stream.nextInt(NOISE);
        }
    }

    /** That of the epoch at hand, on its way from {@link #FIRST_FORCING} to the last one on a logarithmic scale. */
    private double forcing(double last) {
        if (last >= FIRST_FORCING) {
            return last;
        }
        return FIRST_FORCING * Elementary.exp(Elementary.log(last / FIRST_FORCING) * (epoch + 1) / epochs);
    }

    @Override
    public void copy(int sequence, DMatrixRMaj x, DMatrixRMaj y, int column) {
        double[] voltage = training.voltage().data;
        int from = place[sequence];
        double scaledCurrent = current[from / training.samples()];
        boolean learned = age[sequence] >= readFirst;
        for (int t = 0; t < form.pieceSteps(); t++) {
            int at = from + t;
            double read = voltage[at] + (noise == null ? 0 : noise[(noisePlace[sequence] + t) % NOISE]);
            x.data[TraceForm.FEATURES * t * x.numCols + column] = scaling.apply(0, read);
            x.data[(TraceForm.FEATURES * t + 1) * x.numCols + column] = scaledCurrent;
            double speed = speed(at);
            int target = ForcedRun.TARGETS * t * y.numCols + column;
            y.data[target] = voltage[at + 1] - read;
            // Where the truth is read an error of time says nothing that the output's does not: let it be 0.
            double scale = form.isTaught() ? Double.POSITIVE_INFINITY : SLOWEST + speed;
            y.data[target + y.numCols] = learned ? scale : Double.NaN;
            y.data[target + 2 * y.numCols] = !learned ? 1 : speed > SPIKING ? spikeForcing : restForcing;
        }
    }

    /** The largest speed of the voltage around a place, mV/ms. */
    private double speed(int at) {
        double[] voltage = training.voltage().data;
        int cell = at / training.samples();
        int from = Math.max(cell * training.samples(), at - around);
        int end = Math.min((cell + 1) * training.samples() - 1, at + around + 1);
        double largest = 0;
        for (int j = from; j < end; j++) {
            largest = Math.max(largest, Math.abs(voltage[j + 1] - voltage[j]));
        }
        return largest / training.sampleMs();
    }

    /**
     * Of a network that runs, the mean squared error on its scale of free runs, which it is for: they begin at
     * {@link #FREE_STARTS} of each trajectory and last as long as the last one can. Of one that is taught, the mean squared
     * error of its output over the trajectories: its free runs scatter too much from epoch to epoch to choose by.
     */
    @Override
    public double validationLoss(Kernel kernel, LstmParameters network) {
        if (form.isTaught()) {
            return taughtLoss(kernel, network);
        }
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

    private double taughtLoss(Kernel kernel, LstmParameters network) {
        int cells = validation.cells();
        int samples = validation.samples();
        PackedWeights packed = new PackedWeights(network.config());
        packed.pack(network);
        LstmTape tape = new LstmTape(network.config(), 1, cells, 1, packed);
        LstmState state = LstmState.zeros(network.config(), cells);
        DMatrixRMaj x = new DMatrixRMaj(TraceForm.FEATURES, cells);
        double[] voltage = validation.voltage().data;
        int learned = Math.min(samples - 1, (int) Math.rint(READ_FIRST_MS / validation.sampleMs()));
        double sum = 0;
        for (int t = 0; t < samples - 1; t++) {
            for (int cell = 0; cell < cells; cell++) {
                x.data[cell] = scaling.apply(0, voltage[validation.place(cell, t)]);
                x.data[cells + cell] = scaling.apply(1, validation.current()[cell]);
            }
            Lstm.forward(kernel, network, x, state, tape);
            tape.copyFinalState(state);
            for (int cell = 0; t >= learned && cell < cells; cell++) {
                int at = validation.place(cell, t);
                double miss = tape.output().data[cell] - StepForm.encode(voltage[at + 1] - voltage[at]);
                sum += miss * miss;
            }
        }
        return sum / ((double) cells * Math.max(1, samples - 1 - learned));
    }

    private static int freeStart(int samples, int which) {
        return Math.max(1, (int) (FREE_STARTS[which] * samples));
    }
}
