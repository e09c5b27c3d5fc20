package org.spikecast.voltage.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkStream;
import org.spikecast.train.Optimiser;
import org.spikecast.train.Scaling;
import org.spikecast.train.Schedule;
import org.spikecast.train.Trainer;
import org.spikecast.train.TrainingOptions;
import org.spikecast.train.internal.Checkpoints;

class StepWindowsTest {
    private static final Scaling SCALING = new Scaling(new double[] {-55, 2}, new double[] {15, 0.5});

    /** Long, so that few samples are 100 ms: the burn-in has 8 of them. */
    private static final double SAMPLE_MS = 12.5;

    private static final int CELLS = 3;

    /** T; so the burn-in of a run has two segments. */
    private static final int STEPS = 4;

    /** Relative: sums of 10^2 squares in two orders. Measured: below 6e-16. */
    private static final double SUMS_OF_SQUARES = 1e-13;

    private static final StepForm FORM = new StepForm(STEPS, 0.01, 0.05);
    private static final int EPOCHS = 10;

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

    private static StepWindows windows(int samples, double settleMs, int updates, int batch) {
        return new StepWindows(FORM, traces(samples, 1), traces(40, 2), settleMs, SCALING, updates, batch, EPOCHS);
    }

    /** Voltages and currents of one sequence, changes, speeds and forcing. */
    private record Segment(double[] voltage, double[] current, double[] change, double[] speed, double[] forcing) {
        static Segment of(StepWindows windows, int sequence) {
            int column = 1; // of three
            DMatrixRMaj x = new DMatrixRMaj(2 * STEPS, 3);
            DMatrixRMaj y = new DMatrixRMaj(3 * STEPS, 3);
            windows.copy(sequence, x, y, column);
            Segment segment = new Segment(
                    new double[STEPS], new double[STEPS], new double[STEPS], new double[STEPS], new double[STEPS]);
            for (int t = 0; t < STEPS; t++) {
                segment.voltage[t] = x.get(2 * t, column);
                segment.current[t] = x.get(2 * t + 1, column);
                segment.change[t] = y.get(3 * t, column);
                segment.speed[t] = y.get(3 * t + 1, column);
                segment.forcing[t] = y.get(3 * t + 2, column);
            }
            for (int j = 0; j < 2 * STEPS; j++) {
                assertEquals(0, x.get(j, 0) + x.get(j, 2)); // the neighbours' columns stay
            }
            return segment;
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

    /** 21 samples are five segments and the sample that the last one's last target needs; 24 leave a rest. */
    @ParameterizedTest
    @CsvSource({"13, 0, 0", "21, 0, 0", "24, 0, 0", "25, 0, 0", "25, 50, 1", "25, 51, 2"})
    void segmentsFollowEachOtherToATrajectorysEndAndThenBeginAnew(int samples, double settleMs, int leftOut) {
        int batch = 6;
        int updates = 20;
        Traces training = traces(samples, 1);
        double[] voltage = training.voltage().data;
        StepWindows windows = windows(samples, settleMs, updates, batch);
        assertEquals(FORM.config(7, 2), windows.config(7, 2));
        assertEquals(STEPS, windows.steps());
        assertEquals(STEPS, windows.outputSteps());
        assertEquals(updates, windows.updatesPerEpoch(batch));
        assertTrue(windows.carriesState());
        windows.startEpoch(RandomStream.of(1, "shuffling"));
        int last = ((samples - 1) / STEPS - 1) * STEPS;
        int[] before = new int[batch];
        int[] age = new int[batch];
        int ends = 0;
        for (int sequence = 0; sequence < updates * batch; sequence++) {
            Segment segment = Segment.of(windows, sequence);
            int walk = sequence % batch;
            int place = placeOf(training, segment.voltage[0]);
            assertEquals(0, place % samples % STEPS);
            if (sequence < batch || before[walk] % samples == last) {
                assertTrue(windows.beginsAnew(sequence));
                assertTrue(place % samples / STEPS >= leftOut);
                ends += sequence < batch ? 0 : 1;
            } else {
                assertFalse(windows.beginsAnew(sequence));
                assertEquals(before[walk] + STEPS, place);
            }
            age[walk] = windows.beginsAnew(sequence) ? 0 : age[walk] + 1;
            before[walk] = place;
            for (int t = 0; t < STEPS; t++) {
                assertEquals((voltage[place + t] + 55) / 15, segment.voltage[t]);
                assertEquals((1.5 + place / samples - 2) / 0.5, segment.current[t]);
                assertEquals(voltage[place + t + 1] - voltage[place + t], segment.change[t]);
                assertEquals(age[walk] < 2, Double.isNaN(segment.speed[t]));
                assertEquals(1, segment.forcing[t]);
            }
        }
        assertTrue(ends > batch, "walks that came to an end: " + ends);
    }

    /** Runs begin at any segment, except those left out, of any trajectory. */
    @ParameterizedTest
    @CsvSource({"0, 0", "100, 2"})
    void eachPlaceToBeginAtIsAsProbable(double settleMs, int leftOut) {
        int batch = 3000;
        Traces training = traces(21, 1);
        StepWindows windows = windows(21, settleMs, 6, batch);
        windows.startEpoch(RandomStream.of(1, "shuffling"));
        int[] first = new int[CELLS * 21];
        int[] later = new int[CELLS * 21];
        int laterWalks = 0;
        for (int sequence = 0; sequence < 6 * batch; sequence++) {
            if (windows.beginsAnew(sequence)) {
                int place = placeOf(training, Segment.of(windows, sequence).voltage[0]);
                (sequence < batch ? first : later)[place]++;
                laterWalks += sequence < batch ? 0 : 1;
            }
        }
        // Five standard deviations of a count.
        for (int place = 0; place < first.length; place++) {
            boolean possible = place % 21 % STEPS == 0 && place % 21 < 20 && place % 21 / STEPS >= leftOut;
            double part = possible ? 1.0 / (CELLS * (5 - leftOut)) : 0;
            assertEquals(part * batch, first[place], 5 * Math.sqrt(part * batch));
            assertEquals(part * laterWalks, later[place], 5 * Math.sqrt(part * laterWalks));
        }
    }

    /** Samples of a ms: the speed is the largest of the three changes around a place, those of its own trajectory. */
    @Test
    void theSpeedIsTheLargestAroundAPlaceAndTellsSpikesFromRest() {
        int samples = 120 * STEPS + 1;
        DMatrixRMaj voltage = new DMatrixRMaj(2, samples);
        for (int k = 0; k < samples; k++) {
            voltage.set(0, k, -60 + 0.001 * k + 10 * Math.exp(-(k - 300) * (k - 300) / 8.0));
            voltage.set(1, k, 1000 + 0.01 * k); // far off: a jump at the border, which is none of either
        }
        Traces traces = new Traces(1, new double[] {1, 2}, voltage);
        StepWindows windows = new StepWindows(FORM, traces, traces, 0, SCALING, 200, 20, EPOCHS);
        RandomStream stream = RandomStream.of(1, "shuffling");
        for (int epoch = 0; epoch < EPOCHS; epoch++) {
            windows.startEpoch(stream);
        }
        // In the last epoch.
        double rest = 0.01;
        double spike = 0.05;
        int spikes = 0;
        for (int sequence = 0; sequence < 4000; sequence++) {
            Segment segment = Segment.of(windows, sequence);
            int cell = segment.current[0] == (1 - 2) / 0.5 ? 0 : 1;
            for (int t = 0; t < STEPS && !Double.isNaN(segment.speed[t]); t++) {
                int at = -1;
                for (int k = 0; k < samples && at < 0; k++) {
                    at = (voltage.get(cell, k) + 55) / 15 == segment.voltage[t] ? k : -1;
                }
                double largest = 0;
                for (int k = Math.max(0, at - 1); k <= Math.min(samples - 2, at + 1); k++) {
                    largest = Math.max(largest, Math.abs(voltage.get(cell, k + 1) - voltage.get(cell, k)));
                }
                assertEquals(0.15 + largest, segment.speed[t]);
                boolean spiking = segment.speed[t] > 2.15;
                spikes += spiking ? 1 : 0;
                assertEquals(spiking ? spike : rest, segment.forcing[t], 1e-14);
            }
        }
        assertTrue(spikes > 10, "samples in spikes: " + spikes);
    }

    /** Full teacher forcing in the first part of the epochs, then less and less. */
    @Test
    void theForcingFallsToTheForms() {
        StepWindows windows = new StepWindows(FORM, swings(81), swings(61), 0, SCALING, 40, 8, 1000);
        RandomStream stream = RandomStream.of(1, "shuffling");
        double before = 1;
        for (int epoch = 0; epoch < 1000; epoch++) {
            windows.startEpoch(stream);
            double least = 1;
            for (int sequence = 300; sequence < 320; sequence++) {
                least = Math.min(least, Segment.of(windows, sequence).forcing[0]);
            }
            if (epoch < 600) {
                assertEquals(1, least);
            } else {
                assertTrue(least < before && least > 0.0099, "epoch " + epoch + ": " + least);
                before = least;
            }
        }
        assertEquals(0.01, before, 1e-15);
    }

    @Test
    void epochsDifferAndAreRepeatable() {
        StepWindows windows = windows(25, 0, 4, 8);
        RandomStream stream = RandomStream.of(1, "shuffling");
        double[] first = epoch(windows, stream);
        double[] second = epoch(windows, stream);
        StepWindows others = windows(25, 0, 4, 8);
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
            System.arraycopy(Segment.of(windows, sequence).voltage, 0, read, STEPS * sequence, STEPS);
        }
        return read;
    }

    /** Free runs from five to nine tenths of each trajectory of the validation part, for 150 ms or to the end of the last. */
    @ParameterizedTest
    @CsvSource({
        "40, 20 24 28 32 36, 4",
        "37, 18 22 25 29 33, 4",
        "5, 2 3 3 4 4, 1",
        "2, 1 1 1 1 1, 1",
        "144, 72 86 100 115 129, 12"
    })
    void validationLossIsOfTheErrorsOfFreeRuns(int samples, String starts, int horizon) {
        Traces validation = traces(samples, 2);
        StepWindows windows = new StepWindows(FORM, traces(21, 1), validation, 0, SCALING, 2, 8, EPOCHS);
        NetworkParameters network = NetworkParameters.random(FORM.config(4, 2), 0, RandomStream.of(3, "weights"));
        double loss = windows.validationLoss(kernel, network);

        double sum = 0;
        for (int cell = 0; cell < CELLS; cell++) {
            for (String number : starts.split(" ")) {
                int start = Integer.parseInt(number);
                NetworkStream stream = new NetworkStream(kernel, network);
                double[] change = new double[1];
                double v = 0;
                for (int k = 0; k < start + horizon - 1; k++) {
                    v = k < start ? validation.voltage().get(cell, k) : v;
                    stream.step(new double[] {(v + 55) / 15, (1.5 + cell - 2) / 0.5}, change);
                    v += StepForm.decode(change[0]);
                    if (k + 1 >= start) {
                        double error = (v - validation.voltage().get(cell, k + 1)) / 0.1;
                        sum += Math.log(1 + error * error);
                    }
                }
            }
        }
        double expected = sum / (5 * CELLS * horizon);
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
        StepWindows windows = new StepWindows(FORM, swings(81), swings(61), 0, SCALING, 30, 40, 10);
        Schedule schedule = new Schedule(Schedule.Shape.STEP, 0.03, 3, 3, 0.5);
        TrainingOptions options =
                new TrainingOptions(6, 1, 10, 40, schedule, Optimiser.Method.SOAP, 0, 5, 1, 10, 0, 50, seed, threads);
        return Trainer.train(
                kernel,
                windows,
                options,
                listener,
                checkpoint == null ? null : new Checkpoints(checkpoint, "steps", Duration.ZERO));
    }

    private static void assertSame(Trainer.Result expected, Trainer.Result actual) {
        assertEquals(expected.history(), actual.history());
        assertEquals(expected.best(), actual.best());
        for (int j = 0; j < expected.network().set().size(); j++) {
            assertEquals(expected.network().set().get(j), actual.network().set().get(j));
        }
    }

    /**
     * Within an epoch the checkpoint holds the states that are carried; between epochs it need not, since each begins
     * anew. A training resumed after an interruption comes to the same bits.
     */
    @ParameterizedTest
    @ValueSource(ints = {31, 60, 61, 77, 299})
    void trainingLearnsAndOutlastsABreak(int brokenOffIn) throws IOException {
        Trainer.Result whole = train(1, 5, (history, fraction) -> {}, null);
        double first = whole.history().get(0).validationLoss();
        double best = whole.history().get(whole.best() - 1).validationLoss();
        // A voltage alone does not determine whether it rises or falls. Measured: from 8.5 to 2.9, 0.4 mV.
        assertTrue(best < first / 2, first + " to " + best);
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
        assertMessage("updates of an epoch: expected at least 1, got 0", () -> windows(21, 0, 0, 8));
        assertMessage("batch size: expected at least 1, got 0", () -> windows(21, 0, 2, 0));
        StepWindows windows = windows(21, 0, 2, 8);
        assertMessage(
                "batch size: expected 8, for which the segments were made, got 16", () -> windows.updatesPerEpoch(16));
        windows(13, 0, 2, 8);
        assertMessage(
                "Segments of 4 samples, of which nothing is learned in the first 100.0 ms after 0.0 ms left out, need"
                        + " trajectories of 13 samples, got 12",
                () -> windows(12, 0, 2, 8));
        assertMessage(
                "Segments of 4 samples, of which nothing is learned in the first 100.0 ms after 50.0 ms left out, need"
                        + " trajectories of 17 samples, got 13",
                () -> windows(13, 50, 2, 8));
        Traces training = traces(21, 1);
        Traces validation = traces(1, 1);
        assertMessage(
                "Trajectories for validation: expected at least 2 samples, got 1",
                () -> new StepWindows(FORM, training, validation, 0, SCALING, 2, 8, EPOCHS));
        assertMessage(
                "epochs: expected at least 1, got 0",
                () -> new StepWindows(FORM, training, training, 0, SCALING, 2, 8, 0));
        assertMessage(
                "Segments of 2147483647 samples, of which nothing is learned in the first 100.0 ms after 0.0 ms left out, need"
                        + " trajectories of 4294967295 samples, got 1000",
                () -> StepWindows.requireFit(new StepForm(Integer.MAX_VALUE, 1, 1), 1000, 1000, 0, 0.1));
    }

    private static void assertMessage(String expected, Runnable call) {
        assertEquals(
                expected,
                assertThrows(IllegalArgumentException.class, call::run).getMessage());
    }
}
