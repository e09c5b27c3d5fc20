package org.spikecast.counts.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.spikecast.Tolerances;
import org.spikecast.counts.Form;
import org.spikecast.io.internal.Fingerprint;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.Elementary;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.model.Forecaster;
import org.spikecast.run.Progress;
import org.spikecast.train.LossFunction;
import org.spikecast.train.Losses;
import org.spikecast.train.Optimiser;
import org.spikecast.train.Scaling;
import org.spikecast.train.Schedule;
import org.spikecast.train.Trainer;
import org.spikecast.train.TrainingOptions;

/** Training and forecasting with the losses of counts. */
class CountLossTest {
    private static final int BINS = 1500;
    private static final int WINDOW = 5;
    private static final Split SPLIT = Split.byTime(BINS, 0, 0.2, 0.2);

    private final Kernel kernel = new ScalarKernel();

    /** Two neurons: counts whose mean jumps from low to high two bins after a cue. */
    private static Sequences cued(double low, double high, int most) {
        RandomStream random = RandomStream.of(4, "cued counts");
        DMatrixRMaj[] x = {new DMatrixRMaj(BINS, 1), new DMatrixRMaj(BINS, 1)};
        DMatrixRMaj[] y = {new DMatrixRMaj(BINS, 1), new DMatrixRMaj(BINS, 1)};
        for (int s = 0; s < 2; s++) {
            for (int bin = 0; bin < BINS; bin++) {
                x[s].set(bin, 0, random.nextInt(2));
                double mean = bin >= 2 && x[s].get(bin - 2, 0) == 1 ? high : low;
                int count = 0;
                for (int k = 0; k < most; k++) {
                    count += random.nextDouble() < mean / most ? 1 : 0;
                }
                y[s].set(bin, 0, count);
            }
        }
        return new Sequences(x, y);
    }

    private SequenceWindows windows(Sequences data, LossFunction loss) {
        return new SequenceWindows(data, SPLIT, WINDOW, 2, loss);
    }

    private Trainer.Result train(SequenceWindows windows, int epochs) throws IOException {
        TrainingOptions options = new TrainingOptions(
                8, 1, epochs, 32, Schedule.cosine(0.02, 10), Optimiser.Method.ADAM, 0, 1, 1, epochs, 0, 0, 3, 1);
        return Trainer.train(kernel, windows, options, (history, fraction) -> {}, null);
    }

    @ParameterizedTest
    @CsvSource({"poisson, 0.3, 2, 40", "bernoulli, 0.1, 0.8, 1", "mse, 0.3, 2, 40"})
    void forecastsAreTheMeansOfTheCounts(String label, double low, double high, int most) throws IOException {
        Sequences data = cued(low, high, most);
        SequenceWindows windows = windows(data, Losses.of(label));
        Trainer.Result result = train(windows, 10);
        assertEquals(0, Trainer.lost(result.history()).length);
        CountTask task = new CountTask(Form.SHARED, WINDOW, 1, 1, 0.2, 3);
        Forecaster model =
                new Forecaster(result.network(), windows.inputs(), windows.outputs(), Losses.of(label), task);
        DMatrixRMaj forecast = task.forecast(kernel, model, data, SPLIT.testStart(), SPLIT.bins(), Progress.NONE);
        for (int bin = 0; bin < forecast.numRows; bin++) {
            for (int s = 0; s < 2; s++) {
                double cue = data.features(s).get(SPLIT.testStart() + bin - 2, 0);
                double mean = cue == 1 ? high : low;
                // The mean of some 1000 counts is known to about 3 percent of its root.
                assertEquals(mean, forecast.get(bin, s), 0.25 * Math.sqrt(mean));
                assertTrue(label.equals("mse") || forecast.get(bin, s) > 0);
                assertFalse(label.equals("bernoulli") && forecast.get(bin, s) >= 1);
            }
        }
        // The validation loss is the loss of forecasts of the validation part.
        DMatrixRMaj validation =
                task.forecast(kernel, model, data, SPLIT.validationStart(), SPLIT.validationEnd(), Progress.NONE);
        DMatrixRMaj target = data.targets(SPLIT.validationStart(), SPLIT.validationEnd());
        double sum = 0;
        for (int j = 0; j < target.getNumElements(); j++) {
            double p = validation.data[j];
            double t = target.data[j];
            sum += switch (label) {
                case "poisson" -> p - t * StrictMath.log(p);
                case "bernoulli" -> -(t == 1 ? StrictMath.log(p) : StrictMath.log(1 - p));
                default ->
                    (p - t)
                            * (p - t)
                            / (windows.outputs().scale()[0] * windows.outputs().scale()[0]);
            };
        }
        double loss = result.history().get(result.best() - 1).validationLoss();
        assertEquals(sum / target.getNumElements(), loss, 100 * Tolerances.OTHER_ORDER);
    }

    /** With counts of 8 and more the log-likelihood is below zero: an epoch is not taken for diverged because of that. */
    @Test
    void aLossBelowZeroIsNotTakenForDivergence() throws IOException {
        Trainer.Result result = train(windows(cued(8, 12, 100), Losses.POISSON), 4);
        for (Trainer.Epoch epoch : result.history()) {
            assertTrue(epoch.trainingLoss() < -5, epoch.toString());
            assertFalse(epoch.lost(), epoch.toString());
        }
    }

    @ParameterizedTest
    @CsvSource({"mse", "poisson", "bernoulli"})
    void theOutputBiasBeginsAtTheMean(String label) throws IOException {
        Sequences data = cued(0.1, 0.8, 1);
        LossFunction loss = Losses.of(label);
        SequenceWindows windows = windows(data, loss);
        double mean = Scaling.centred(data.firstTargets(SPLIT.trainEnd()), SPLIT.trainEnd())
                .offset()[0];
        double expected = label.equals("poisson")
                ? Elementary.log(mean)
                : label.equals("bernoulli") ? Elementary.log(mean / (1 - mean)) : 0;
        assertArrayEquals(new double[] {expected}, windows.initialBias());
        // Untrained, at a learning rate that changes nothing: the bias is the drawn one plus this.
        TrainingOptions options = new TrainingOptions(
                3, 1, 1, 2000, Schedule.cosine(1e-300, 10), Optimiser.Method.ADAM, 0, 1, 1, 1, 0, 0, 3, 1);
        NetworkParameters network =
                Trainer.train(kernel, windows, options, (h, f) -> {}, null).network();
        NetworkParameters drawn = NetworkParameters.random(network.config(), 0, RandomStream.of(3, "weights"));
        int last = drawn.set().size() - 1;
        assertEquals(drawn.set().get(last) + expected, network.set().get(last));
        assertEquals(drawn.set().get(last - 1), network.set().get(last - 1));
    }

    /** Poisson and Bernoulli scale their targets alike: only the loss distinguishes their checkpoints. */
    @Test
    void aCheckpointOfAnotherLossIsToldApart() {
        Set<String> fingerprints = new HashSet<>();
        for (LossFunction loss : Losses.all()) {
            Fingerprint fingerprint = new Fingerprint();
            windows(cued(0.1, 0.8, 1), loss).addTo(fingerprint);
            fingerprints.add(fingerprint.hex());
        }
        assertEquals(Losses.all().size(), fingerprints.size());
    }

    @Test
    void seriesThatTheLossDoesNotTakeAreRefused() {
        Sequences cued = cued(0.5, 0.5, 1);
        DMatrixRMaj[] targets = cued.firstTargets(BINS);
        targets[1].set(BINS - 1, 0, 2);
        Sequences data = new Sequences(new DMatrixRMaj[] {cued.features(0), cued.features(1)}, targets);
        String message = assertThrows(IllegalArgumentException.class, () -> windows(data, Losses.BERNOULLI))
                .getMessage();
        assertTrue(message.contains("got 2 in sequence 2, row 1500, column 1"), message);
        windows(data, Losses.POISSON);
    }
}
