package org.spikecast.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.spikecast.data.Scaling;
import org.spikecast.data.StepForm;
import org.spikecast.data.Traces;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.ScalarKernel;
import org.spikecast.lstm.Loss;
import org.spikecast.lstm.LstmParameters;
import org.spikecast.lstm.LstmStream;

class StepWindowsTest {
    private static final Scaling SCALING = new Scaling(new double[] {-55, 2}, new double[] {15, 0.5});

    /** Long, so that few samples are 40 ms: nothing is learned in 8 of them. */
    private static final double SAMPLE_MS = 5;

    private static final int CELLS = 3;

    /** T; so nothing is learned in the first two pieces of a walk. */
    private static final int STEPS = 4;

    /** Relative: sums of 10^2 squares in two orders. Measured: below 6e-16. */
    private static final double SUMS_OF_SQUARES = 1e-13;

    @TempDir
    private Path folder;

    private final Kernel kernel = new ScalarKernel();

    /** No two voltages are equal. */
    private static Traces traces(int samples, long seed) {
        RandomStream random = RandomStream.of(seed, "step windows test");
        DMatrixRMaj voltage = new DMatrixRMaj(CELLS, samples);
        for (int j = 0; j < voltage.getNumElements(); j++) {
            voltage.data[j] = -65 + 20 * random.nextGaussian();
        }
        return new Traces(SAMPLE_MS, new double[] {1.5, 2.5, 3.5}, voltage);
    }

    private static StepWindows windows(double noiseMv, int samples, int updates, int batch, long seed) {
        StepForm form = new StepForm(STEPS, noiseMv);
        return new StepWindows(form, traces(samples, 1), traces(40, 2), SCALING, updates, batch, seed);
    }

    /** Voltages as they are read, currents and targets of one sequence. */
    private record Piece(double[] voltage, double[] current, double[] target) {
        static Piece of(StepWindows windows, int sequence) {
            int column = 1; // of three
            DMatrixRMaj x = new DMatrixRMaj(2 * STEPS, 3);
            DMatrixRMaj y = new DMatrixRMaj(STEPS, 3);
            windows.copy(sequence, x, y, column);
            Piece piece = new Piece(new double[STEPS], new double[STEPS], new double[STEPS]);
            for (int t = 0; t < STEPS; t++) {
                piece.voltage[t] = x.get(2 * t, column);
                piece.current[t] = x.get(2 * t + 1, column);
                piece.target[t] = y.get(t, column);
            }
            for (int j = 0; j < 2 * STEPS; j++) {
                assertEquals(0, x.get(j, 0) + x.get(j, 2)); // the neighbours' columns stay
            }
            return piece;
        }
    }

    private static int placeOf(Traces traces, double scaled) {
        for (int place = 0; place < traces.voltage().getNumElements(); place++) {
            if ((traces.voltage().data[place] + 55) / 15 == scaled) {
                return place;
            }
        }
        throw new AssertionError("no voltage of the training part: " + scaled);
    }

    /** 21 samples are five pieces and the sample that the last one's last target needs; 24 leave a rest. */
    @ParameterizedTest
    @ValueSource(ints = {13, 21, 24, 25})
    void piecesFollowEachOtherToATrajectorysEndAndThenBeginAnew(int samples) {
        int batch = 6;
        int updates = 20;
        Traces training = traces(samples, 1);
        StepWindows windows = windows(0, samples, updates, batch, 5);
        assertEquals(new StepForm(STEPS, 0).config(7, 2), windows.config(7, 2));
        assertEquals(STEPS, windows.steps());
        assertEquals(STEPS, windows.outputSteps());
        assertEquals(updates, windows.updatesPerEpoch(batch));
        assertTrue(windows.carriesState());
        assertEquals(Loss.MEAN_SQUARED_ERROR_WHERE_KNOWN, windows.loss());
        windows.startEpoch(RandomStream.of(1, "shuffling"));
        int last = ((samples - 1) / STEPS - 1) * STEPS;
        int[] before = new int[batch];
        int[] age = new int[batch];
        int ends = 0;
        for (int sequence = 0; sequence < updates * batch; sequence++) {
            Piece piece = Piece.of(windows, sequence);
            int walk = sequence % batch;
            int place = placeOf(training, piece.voltage[0]);
            assertEquals(0, place % samples % STEPS);
            if (sequence < batch) {
                assertTrue(windows.beginsAnew(sequence));
            } else if (before[walk] % samples == last) {
                assertTrue(windows.beginsAnew(sequence));
                assertEquals(0, place % samples, "after a trajectory's end");
                ends++;
            } else {
                assertFalse(windows.beginsAnew(sequence));
                assertEquals(before[walk] + STEPS, place);
            }
            age[walk] = windows.beginsAnew(sequence) ? 0 : age[walk] + 1;
            before[walk] = place;
            for (int t = 0; t < STEPS; t++) {
                double v = training.voltage().data[place + t];
                double next = training.voltage().data[place + t + 1];
                assertEquals((v + 55) / 15, piece.voltage[t]);
                assertEquals((1.5 + place / samples - 2) / 0.5, piece.current[t]);
                assertEquals(age[walk] < 2 ? Double.NaN : StepForm.encode(next - v), piece.target[t]);
            }
        }
        assertTrue(ends > batch, "walks that came to an end: " + ends);
    }

    /** An epoch begins at any piece of any trajectory, a later walk at the first piece of any. */
    @Test
    void eachPlaceToBeginAtIsAsProbable() {
        int batch = 3000;
        Traces training = traces(21, 1);
        StepWindows windows = windows(0, 21, 6, batch, 5);
        windows.startEpoch(RandomStream.of(1, "shuffling"));
        int[] first = new int[CELLS * 21];
        int[] later = new int[CELLS * 21];
        for (int sequence = 0; sequence < 6 * batch; sequence++) {
            if (windows.beginsAnew(sequence)) {
                int place = placeOf(training, Piece.of(windows, sequence).voltage[0]);
                (sequence < batch ? first : later)[place]++;
            }
        }
        // Five standard deviations of a count. In five further batches each walk begins anew once, for five pieces.
        for (int place = 0; place < first.length; place++) {
            double expected = place % 21 % STEPS == 0 && place % 21 < 20 ? batch / 15.0 : 0;
            assertEquals(expected, first[place], 5 * Math.sqrt(expected));
            expected = place % 21 == 0 ? batch / 3.0 : 0;
            assertEquals(expected, later[place], 5 * Math.sqrt(expected));
        }
    }

    /** What is read is off by the noise, and the target leads back to the true voltage. */
    @Test
    void noiseIsOfItsDeviationAndTheTargetTakesItBack() {
        double deviation = 0.5;
        int batch = 100;
        StepWindows noisy = windows(deviation, 21, 50, batch, 5);
        StepWindows same = windows(deviation, 21, 50, batch, 5);
        StepWindows other = windows(deviation, 21, 50, batch, 6);
        StepWindows clean = windows(0, 21, 50, batch, 5);
        for (StepWindows windows : new StepWindows[] {noisy, same, other, clean}) {
            windows.startEpoch(RandomStream.of(1, "shuffling"));
        }
        double sum = 0;
        double squares = 0;
        double products = 0;
        double ofOther = 0;
        for (int sequence = 0; sequence < 50 * batch; sequence++) {
            Piece piece = Piece.of(noisy, sequence);
            Piece again = Piece.of(same, sequence);
            assertArrayEquals(piece.voltage, again.voltage);
            assertArrayEquals(piece.target, again.target);
            Piece without = Piece.of(clean, sequence);
            Piece otherNoise = Piece.of(other, sequence);
            assertArrayEquals(without.current, piece.current);
            double before = 0;
            for (int t = 0; t < STEPS; t++) {
                double noise = 15 * (piece.voltage[t] - without.voltage[t]);
                if (Double.isNaN(without.target[t])) {
                    assertEquals(Double.NaN, piece.target[t]);
                } else {
                    // Voltages of up to 150 mV are rounded twice, on either scale.
                    double change = StepForm.decode(without.target[t]);
                    assertEquals(change - noise, StepForm.decode(piece.target[t]), 1e-12);
                }
                sum += noise;
                squares += noise * noise;
                products += noise * before;
                ofOther += noise * 15 * (otherNoise.voltage[t] - without.voltage[t]);
                before = noise;
            }
        }
        // Four standard deviations of a mean of n numbers; neighbours, and seeds, have nothing to do with each other.
        int n = 50 * batch * STEPS;
        double one = 4 / Math.sqrt(n);
        assertEquals(0, sum / n, one * deviation);
        assertEquals(deviation * deviation, squares / n, one * Math.sqrt(2) * deviation * deviation);
        assertEquals(0, products / n, one * deviation * deviation);
        assertEquals(0, ofOther / n, one * deviation * deviation);
    }

    @Test
    void epochsDifferAndAreRepeatable() {
        StepWindows windows = windows(0.1, 25, 4, 8, 5);
        RandomStream stream = RandomStream.of(1, "shuffling");
        double[] first = epoch(windows, stream);
        double[] second = epoch(windows, stream);
        StepWindows others = windows(0.1, 25, 4, 8, 5);
        RandomStream again = RandomStream.of(1, "shuffling");
        assertArrayEquals(first, epoch(others, again));
        assertArrayEquals(second, epoch(others, again));
        int same = 0;
        for (int j = 0; j < first.length; j++) {
            same += first[j] == second[j] ? 1 : 0;
        }
        assertTrue(same < first.length / 4, same + " of " + first.length);
    }

    private static double[] epoch(StepWindows windows, RandomStream stream) {
        windows.startEpoch(stream);
        double[] read = new double[32 * STEPS];
        for (int sequence = 0; sequence < 32; sequence++) {
            System.arraycopy(Piece.of(windows, sequence).voltage, 0, read, STEPS * sequence, STEPS);
        }
        return read;
    }

    /** Free runs from two, two and a half and three fifths of each trajectory of the validation part, to the end of the last. */
    @ParameterizedTest
    @CsvSource({"40, 16, 20, 24", "37, 14, 18, 22", "5, 2, 2, 3", "2, 1, 1, 1"})
    void validationLossIsTheMeanSquaredErrorOfFreeRuns(int samples, int first, int second, int third) {
        Traces validation = traces(samples, 2);
        StepForm form = new StepForm(STEPS, 0.3);
        StepWindows windows = new StepWindows(form, traces(21, 1), validation, SCALING, 2, 8, 5);
        LstmParameters network = LstmParameters.random(form.config(4, 2), 0, RandomStream.of(3, "weights"));
        double loss = windows.validationLoss(kernel, network);

        double sum = 0;
        int horizon = samples - third;
        for (int cell = 0; cell < CELLS; cell++) {
            for (int start : new int[] {first, second, third}) {
                LstmStream stream = new LstmStream(kernel, network);
                double[] change = new double[1];
                double v = 0;
                for (int k = 0; k < start + horizon - 1; k++) {
                    v = k < start ? validation.voltage().get(cell, k) : v;
                    stream.step(new double[] {(v + 55) / 15, (1.5 + cell - 2) / 0.5}, change);
                    v += StepForm.decode(change[0]);
                    if (k + 1 >= start) {
                        double error = (v - validation.voltage().get(cell, k + 1)) / 15;
                        sum += error * error;
                    }
                }
            }
        }
        double expected = sum / (3 * CELLS * horizon);
        assertEquals(expected, loss, SUMS_OF_SQUARES * expected);
        windows.startEpoch(RandomStream.of(1, "shuffling"));
        assertEquals(loss, windows.validationLoss(kernel, network));
    }

    /** A swing that each cell's current makes faster: the next change follows from the voltage and the one before. */
    private static Traces swings(int samples) {
        DMatrixRMaj voltage = new DMatrixRMaj(CELLS, samples);
        for (int cell = 0; cell < CELLS; cell++) {
            for (int k = 0; k < samples; k++) {
                voltage.set(cell, k, -55 + 15 * StrictMath.sin(k * (0.2 + 0.05 * cell) + cell));
            }
        }
        return new Traces(SAMPLE_MS, new double[] {1.5, 2, 2.5}, voltage);
    }

    private Trainer.Result train(int threads, int seed, Trainer.Listener listener, Path checkpoint) throws IOException {
        StepForm form = new StepForm(STEPS, 0.01);
        StepWindows windows = new StepWindows(form, swings(81), swings(61), SCALING, 30, 40, 5);
        Schedule schedule = new Schedule(Schedule.Shape.STEP, 0.02, 3, 2, 0.5);
        TrainingOptions options = new TrainingOptions(6, 1, 5, 40, schedule, 0, 1, 5, 0, 50, seed, threads);
        return Trainer.train(kernel, windows, options, listener, checkpoint, "steps");
    }

    private static void assertSame(Trainer.Result expected, Trainer.Result actual) {
        assertEquals(expected.history(), actual.history());
        assertEquals(expected.best(), actual.best());
        for (int j = 0; j < expected.network().set().size(); j++) {
            assertEquals(expected.network().set().get(j), actual.network().set().get(j));
        }
    }

    /**
     * The checkpoint holds no states: each epoch begins anew, so that after a break between epochs, or within one, which is
     * then begun again, training comes to the same bits.
     */
    @ParameterizedTest
    @ValueSource(ints = {31, 60, 61, 77, 149})
    void trainingLearnsAndOutlastsABreak(int brokenOffIn) throws IOException {
        Trainer.Result whole = train(1, 5, (history, fraction) -> {}, null);
        double first = whole.history().get(0).validationLoss();
        double best = whole.history().get(whole.best() - 1).validationLoss();
        // A voltage alone does not tell whether it rises or falls, and the targets' mean square is 1.7.
        assertTrue(best < 0.2, first + " to " + best);
        Path file = folder.resolve("checkpoint.safetensors");
        int[] updates = {0};
        assertThrows(
                IllegalStateException.class,
                () -> train(
                        1,
                        5,
                        (history, fraction) -> {
                            if (++updates[0] == brokenOffIn) {
                                throw new IllegalStateException();
                            }
                        },
                        file));
        assertTrue(Files.exists(file));
        assertSame(whole, train(1, 5, (history, fraction) -> {}, file));
    }

    @Test
    void theNumberOfThreadsChangesNoBitAndTheSeedDoes() throws IOException {
        Trainer.Result one = train(1, 5, (history, fraction) -> {}, null);
        assertSame(one, train(2, 5, (history, fraction) -> {}, null));
        assertSame(one, train(3, 5, (history, fraction) -> {}, null));
        assertNotEquals(
                one.history(), train(1, 6, (history, fraction) -> {}, null).history());
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertMessage("updates of an epoch: expected at least 1, got 0", () -> windows(0, 21, 0, 8, 5));
        assertMessage("batch size: expected at least 1, got 0", () -> windows(0, 21, 2, 0, 5));
        StepWindows windows = windows(0, 21, 2, 8, 5);
        assertMessage(
                "batch size: expected 8, for which the pieces were made, got 16", () -> windows.updatesPerEpoch(16));
        windows(0, 13, 2, 8, 5);
        assertMessage(
                "Pieces of 4 samples, of which nothing is learned in the first 40.0 ms, need trajectories of 13 samples,"
                        + " got 12",
                () -> windows(0, 12, 2, 8, 5));
        Traces training = traces(21, 1);
        Traces validation = traces(1, 1);
        assertMessage(
                "Trajectories for validation: expected at least 2 samples, got 1",
                () -> new StepWindows(new StepForm(STEPS, 0), training, validation, SCALING, 2, 8, 5));
        assertMessage(
                "Pieces of 2147483647 samples, of which nothing is learned in the first 40.0 ms, need trajectories of"
                        + " 4294967295 samples, got 1000",
                () -> StepWindows.requireFit(new StepForm(Integer.MAX_VALUE, 0), 1000, 1000, 0.1));
    }

    private static void assertMessage(String expected, Runnable call) {
        assertEquals(
                expected,
                assertThrows(IllegalArgumentException.class, call::run).getMessage());
    }
}
