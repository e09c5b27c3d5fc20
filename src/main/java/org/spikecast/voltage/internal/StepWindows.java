package org.spikecast.voltage.internal;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.io.internal.Fingerprint;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.Elementary;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.train.Scaling;
import org.spikecast.train.TrainingData;
import org.spikecast.train.internal.Pass;
import org.spikecast.train.internal.Require;

/**
 * Truncated backpropagation through time of a {@link StepForm} over segments of traces, in runs whose teacher forcing
 * weakens as training proceeds: see {@link ForcedRun}. Each sequence of a batch runs along one trajectory after
 * another, segment by segment, stateful. The first segments of a run are the burn-in of the state, without loss. The
 * beginning of a trajectory is left out: there the neuron's slow variables depend on their initial values, of which
 * the voltage is hardly informative.
 */
final class StepWindows implements TrainingData {
    /** Burn-in of the state, ms. */
    private static final double READ_FIRST_MS = 100;

    /** The starts of free runs in a trajectory for validation, as fractions of it. */
    private static final double[] FREE_STARTS = {0.5, 0.6, 0.7, 0.8, 0.9};

    /** Their duration, ms: later spikes of irregular regimes are a matter of chance. */
    private static final double FREE_MS = 150;

    /** The scale of errors in the validation loss. */
    private static final double SMALL_MV = 0.1;

    /** The fraction of the epochs with full teacher forcing; then the forcing falls from 1 to the form's. */
    private static final double TEACHER_FORCED = 0.6;

    /** The speed of the voltage is the largest within this time before and after, ms. */
    private static final double SPEED_MS = 1;

    /** Added to the speed, which is almost 0 at rest, mV/ms. */
    private static final double SLOWEST = 0.15;

    /** Above this speed the neuron spikes, mV/ms. */
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
    private final int firstSegment;
    private final int around;

    /** Per sequence of the epoch its first place in the traces, and the number of segments before it in its run. */
    private final int[] place;

    private final int[] age;

    /** The current epoch, from 0 on, and its teacher forcing. */
    private int epoch = -1;

    private double forcingRest;
    private double forcingSpikes;

    /**
     * Segments for training.
     *
     * @param settleMs the beginning of each trajectory that is left out
     * @param scaling of voltage and current
     * @param updates of an epoch
     * @param batch B
     * @param epochs of the training, at whose end the forcing is the form's
     */
    public StepWindows(
            StepForm form,
            Traces training,
            Traces validation,
            double settleMs,
            Scaling scaling,
            int updates,
            int batch,
            int epochs) {
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
        readFirst = segments(READ_FIRST_MS, form, training.sampleMs());
        firstSegment = segments(settleMs, form, training.sampleMs());
        around = (int) Math.rint(SPEED_MS / training.sampleMs());
        int sequences = Math.multiplyExact(updates, batch);
        place = new int[sequences];
        age = new int[sequences];
    }

    /**
     * Throws unless trajectories are long enough for training and validation.
     *
     * @param training samples of a trajectory to train on
     * @param validation samples of one to validate on
     */
    public static void requireFit(StepForm form, int training, int validation, double settleMs, double sampleMs) {
        long least =
                (segments(settleMs, form, sampleMs) + segments(READ_FIRST_MS, form, sampleMs) + 1L) * form.bpttSteps()
                        + 1;
        if (training < least) {
            throw new IllegalArgumentException("Segments of " + form.bpttSteps()
                    + " samples, of which nothing is learned in"
                    + " the first " + READ_FIRST_MS + " ms after " + settleMs + " ms left out, need trajectories of "
                    + least + " samples, got " + training);
        }
        if (validation < 2) {
            throw new IllegalArgumentException(
                    "Trajectories for validation: expected at least 2 samples, got " + validation);
        }
    }

    /** The number of segments that cover a time. */
    private static int segments(double ms, StepForm form, double sampleMs) {
        return (int) Math.ceil(ms / sampleMs / form.bpttSteps());
    }

    @Override
    public NetworkConfig config(int hidden, int layers) {
        return form.config(hidden, layers);
    }

    @Override
    public int steps() {
        return form.bpttSteps();
    }

    @Override
    public int outputSteps() {
        return form.bpttSteps();
    }

    @Override
    public Pass.Factory passes(Kernel kernel, NetworkConfig config) {
        return ForcedRun.passes(kernel, config, form.bpttSteps(), scaling.scale()[0]);
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
    public void addTo(Fingerprint fingerprint) {
        fingerprint.add(form.bpttSteps(), updates, batch, epochs, readFirst, firstSegment);
        fingerprint.add(form.forcingRest(), form.forcingSpikes());
        scaling.addTo(fingerprint);
        training.addTo(fingerprint);
        validation.addTo(fingerprint);
    }

    @Override
    public int updatesPerEpoch(int batchSize) {
        if (batchSize != batch) {
            throw new IllegalArgumentException(
                    "batch size: expected " + batch + ", for which the segments were made, got " + batchSize);
        }
        return updates;
    }

    @Override
    public void startEpoch(RandomStream stream) {
        epoch++;
        double fallen = ((epoch + 1.0) / epochs - TEACHER_FORCED) / (1 - TEACHER_FORCED);
        forcingRest = fallen < 0 ? 1 : geometric(fallen, form.forcingRest());
        forcingSpikes = fallen < 0 ? 1 : geometric(fallen, form.forcingSpikes());
        int steps = form.bpttSteps();
        int end = (training.samples() - 1) / steps;
        for (int s = 0; s < place.length; s++) {
            int before = s - batch; // the same sequence of the batch before
            int segment = before < 0 ? 0 : place[before] % training.samples() / steps + 1;
            boolean continues = before >= 0 && segment < end;
            int cell = continues ? place[before] / training.samples() : stream.nextInt(training.cells());
            int begin = continues ? segment : firstSegment + stream.nextInt(end - firstSegment);
            place[s] = training.place(cell, begin * steps);
            age[s] = continues ? age[before] + 1 : 0;
        }
    }

    /**
     * Falls from 1 to the last value on a logarithmic scale: gradients change so slowly that the optimiser can follow.
     */
    private static double geometric(double fraction, double last) {
        return Elementary.exp(fraction * Elementary.log(last));
    }

    @Override
    public void copy(int sequence, DMatrixRMaj x, DMatrixRMaj y, int column) {
        double[] voltage = training.voltage().data;
        int from = place[sequence];
        double scaledCurrent = current[from / training.samples()];
        boolean learned = age[sequence] >= readFirst;
        for (int t = 0; t < form.bpttSteps(); t++) {
            int at = from + t;
            x.data[TraceForm.FEATURES * t * x.numCols + column] = scaling.apply(0, voltage[at]);
            x.data[(TraceForm.FEATURES * t + 1) * x.numCols + column] = scaledCurrent;
            double speed = speed(at);
            int target = ForcedRun.TARGETS * t * y.numCols + column;
            y.data[target] = voltage[at + 1] - voltage[at];
            y.data[target + y.numCols] = learned ? SLOWEST + speed : Double.NaN;
            y.data[target + 2 * y.numCols] = !learned ? 1 : speed > SPIKING ? forcingSpikes : forcingRest;
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
     * The loss of free runs, the purpose of the network: the error of the next sample is hardly informative about
     * them. Runs begin at {@link #FREE_STARTS} of each trajectory and last {@value #FREE_MS} ms, or as long as the
     * last one can. An error e of the voltage counts as log(1 + (e / r)^2) with r = {@value #SMALL_MV} mV, since the
     * time at which a run diverges matters more than its error afterwards.
     */
    @Override
    public double validationLoss(Kernel kernel, NetworkParameters network) {
        int samples = validation.samples();
        int[] starts = new int[validation.cells() * FREE_STARTS.length];
        for (int j = 0; j < starts.length; j++) {
            starts[j] = validation.place(j / FREE_STARTS.length, freeStart(samples, j % FREE_STARTS.length));
        }
        int horizon = Math.min(
                (int) Math.rint(FREE_MS / validation.sampleMs()), samples - freeStart(samples, FREE_STARTS.length - 1));
        DMatrixRMaj forecast = form.forecaster(kernel, network, scaling).forecast(validation, starts, horizon);
        DMatrixRMaj truth = validation.after(starts, horizon);
        double sum = 0;
        for (int j = 0; j < truth.data.length; j++) {
            double error = (forecast.data[j] - truth.data[j]) / SMALL_MV;
            sum += Elementary.log(1 + error * error);
        }
        return sum / truth.data.length;
    }

    private static int freeStart(int samples, int which) {
        return Math.max(1, (int) (FREE_STARTS[which] * samples));
    }
}
