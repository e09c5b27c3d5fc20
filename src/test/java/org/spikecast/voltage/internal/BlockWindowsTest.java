package org.spikecast.voltage.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.lstm.Network;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkTape;
import org.spikecast.train.Optimiser;
import org.spikecast.train.Scaling;
import org.spikecast.train.Schedule;
import org.spikecast.train.Trainer;
import org.spikecast.train.TrainingOptions;
import org.spikecast.train.internal.Checkpoints;
import org.spikecast.voltage.internal.BlockForm.Head;
import org.spikecast.voltage.internal.BlockForm.Order;

class BlockWindowsTest {
    private static final Scaling SCALING = new Scaling(new double[] {-55, 2}, new double[] {15, 0.5});
    private static final int SAMPLES = 200;

    /** Relative: sums of 10^4 squares in two orders, and voltages to millivolts and back. Measured: below 8e-15. */
    private static final double SUMS_OF_SQUARES = 1e-13;

    @TempDir
    private Path folder;

    private final Kernel kernel = new ScalarKernel();
    private final Traces training = traces(3, 40, 1);
    private final Traces validation = traces(2, 40, 2);

    /** Noise of 2 mV about rest, and after every {@code period} samples a leap of 50 mV; no two voltages are equal. */
    private static Traces traces(int cells, int period, long seed) {
        RandomStream random = RandomStream.of(seed, "block windows test");
        DMatrixRMaj voltage = new DMatrixRMaj(cells, SAMPLES);
        for (int j = 0; j < voltage.getNumElements(); j++) {
            voltage.data[j] = -65 + 2 * random.nextGaussian() + (j % period == 7 ? 50 : 0);
        }
        double[] current = new double[cells];
        for (int cell = 0; cell < cells; cell++) {
            current[cell] = 1.5 + cell;
        }
        return new Traces(0.1, current, voltage);
    }

    private BlockWindows windows(BlockForm form, int updates, int batch) {
        return new BlockWindows(form, training, validation, SCALING, updates, batch, 5);
    }

    /** The place at which the voltage that stands at it is found. */
    private int placeOf(double scaled) {
        for (int place = 0; place < 3 * SAMPLES; place++) {
            if ((training.voltage().data[place] + 55) / 15 == scaled) {
                return place;
            }
        }
        throw new AssertionError("no voltage of the training part: " + scaled);
    }

    @ParameterizedTest
    @CsvSource({"6, 4, REVERSED, LAST", "6, 4, FORWARD, ALL", "5, 5, REVERSED, EVERY"})
    void windowsAndBlocksAreThoseOfDrawnPlacesThreeOfFourActive(int window, int horizon, Order order, Head head) {
        BlockForm form = new BlockForm(window, horizon, order, head);
        int batch = 10;
        BlockWindows windows = windows(form, 200, batch);
        assertEquals(form.config(7, 2), windows.config(7, 2));
        assertEquals(window, windows.steps());
        assertEquals(form.outputSteps(), windows.outputSteps());
        assertEquals(200, windows.updatesPerEpoch(batch));
        windows.startEpoch(RandomStream.of(1, "shuffling"));
        DMatrixRMaj x = new DMatrixRMaj(2 * window, 3);
        DMatrixRMaj y = new DMatrixRMaj(horizon, 3);
        int[] active = {0, 0};
        for (int sequence = 0; sequence < 200 * batch; sequence++) {
            windows.copy(sequence, x, y, 1);
            int start = placeOf(y.get(0, 1));
            assertTrue(start % SAMPLES >= window && start % SAMPLES <= SAMPLES - horizon);
            double least = Double.POSITIVE_INFINITY;
            double most = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < horizon; k++) {
                double v = training.voltage().data[start + k];
                assertEquals((v + 55) / 15, y.get(k, 1));
                least = Math.min(least, v);
                most = Math.max(most, v);
            }
            for (int t = 0; t < window; t++) {
                int place = order == Order.REVERSED ? start - 1 - t : start - window + t;
                assertEquals((training.voltage().data[place] + 55) / 15, x.get(2 * t, 1));
                assertEquals((1.5 + start / SAMPLES - 2) / 0.5, x.get(2 * t + 1, 1));
            }
            active[sequence % 4 == 0 ? 0 : 1] += most - least > 30 ? 1 : 0;
        }
        // Three of four are active; of the others as many as there are among all places: a block meets a leap if that
        // is one
        // of its samples, once in 40. Of 500, the standard deviation is at most sqrt(500 p).
        double expected = 500 * horizon / 40.0;
        assertEquals(1500, active[1]);
        assertEquals(expected, active[0], 5 * Math.sqrt(expected));
    }

    @Test
    void epochsDifferAndAreRepeatable() {
        BlockForm form = new BlockForm(6, 4, Order.REVERSED, Head.LAST);
        BlockWindows windows = windows(form, 2, 8);
        RandomStream stream = RandomStream.of(1, "shuffling");
        double[] first = epoch(windows, stream);
        double[] second = epoch(windows, stream);
        BlockWindows others = windows(form, 2, 8);
        RandomStream again = RandomStream.of(1, "shuffling");
        assertArrayEquals(first, epoch(others, again));
        assertArrayEquals(second, epoch(others, again));
        int same = 0;
        for (int j = 0; j < first.length; j++) {
            same += first[j] == second[j] ? 1 : 0;
        }
        assertTrue(same < first.length / 4, same + " of " + first.length);
    }

    private static double[] epoch(BlockWindows windows, RandomStream stream) {
        windows.startEpoch(stream);
        DMatrixRMaj x = new DMatrixRMaj(12, 16);
        DMatrixRMaj y = new DMatrixRMaj(4, 16);
        for (int sequence = 0; sequence < 16; sequence++) {
            windows.copy(sequence, x, y, sequence);
        }
        return y.data;
    }

    /** 2000 blocks of the validation part, the same after every epoch, each forecast alone. */
    @ParameterizedTest
    @CsvSource({"6, 4, REVERSED, LAST", "6, 4, FORWARD, ALL", "5, 5, REVERSED, EVERY"})
    void validationLossIsTheMeanSquaredErrorOnTheNetworksScale(int window, int horizon, Order order, Head head) {
        BlockForm form = new BlockForm(window, horizon, order, head);
        NetworkParameters network = NetworkParameters.random(form.config(4, 1), 0, RandomStream.of(3, "weights"));
        BlockWindows windows = windows(form, 2, 8);
        double loss = windows.validationLoss(kernel, network);

        RandomStream drawing = RandomStream.of(5, "validation windows");
        NetworkTape tape = new NetworkTape(network.config(), window, 1, head == Head.EVERY ? horizon : 1);
        DMatrixRMaj x = new DMatrixRMaj(2 * window, 1);
        double sum = 0;
        for (int n = 0; n < 2000; n++) {
            int cell = drawing.nextInt(2);
            int sample = window + drawing.nextInt(SAMPLES - window - horizon + 1);
            for (int t = 0; t < window; t++) {
                int read = order == Order.REVERSED ? sample - 1 - t : sample - window + t;
                x.set(2 * t, 0, (validation.voltage().get(cell, read) + 55) / 15);
                x.set(2 * t + 1, 0, (1.5 + cell - 2) / 0.5);
            }
            Network.forward(kernel, network, x, null, tape);
            for (int k = 0; k < horizon; k++) {
                double target = (validation.voltage().get(cell, sample + k) + 55) / 15;
                double error = tape.output().data[k] - target;
                sum += error * error;
            }
        }
        double expected = sum / (2000 * horizon);
        assertEquals(expected, loss, SUMS_OF_SQUARES * expected);
        windows.startEpoch(RandomStream.of(1, "shuffling"));
        assertEquals(loss, windows.validationLoss(kernel, network));
    }

    /**
     * Leaps every eight samples, which a window of them tells: what is left is the noise, some (2 / 15)^2. (A head on every
     * step of a reversed window would have to forecast the first samples from the newest few alone.)
     */
    @ParameterizedTest
    @CsvSource({"8, 4, REVERSED, LAST", "8, 4, REVERSED, ALL", "8, 8, FORWARD, EVERY"})
    void trainingLearnsAndOutlastsABreak(int window, int horizon, Order order, Head head) throws IOException {
        BlockForm form = new BlockForm(window, horizon, order, head);
        Schedule schedule = new Schedule(Schedule.Shape.STEP, 0.02, 3, 2, 0.5);
        TrainingOptions options =
                new TrainingOptions(8, 1, 4, 16, schedule, Optimiser.Method.ADAM, 0, 1, 1, 4, 0, 0, 5, 1);
        Trainer.Result whole = Trainer.train(kernel, regular(form), options, (h, f) -> {}, null);
        double loss = whole.history().get(whole.best() - 1).validationLoss();
        assertTrue(loss < 0.1, head + ": " + loss);
        Path file = folder.resolve("checkpoint.safetensors");
        Trainer.Listener afterTwoEpochs = (history, fraction) -> {
            if (history.size() == 2) {
                throw new IllegalStateException();
            }
        };
        assertThrows(
                IllegalStateException.class,
                () -> Trainer.train(kernel, regular(form), options, afterTwoEpochs, new Checkpoints(file, "blocks")));
        Trainer.Result resumed =
                Trainer.train(kernel, regular(form), options, (h, f) -> {}, new Checkpoints(file, "blocks"));
        assertEquals(whole.history(), resumed.history());
        for (int j = 0; j < whole.network().set().size(); j++) {
            assertEquals(whole.network().set().get(j), resumed.network().set().get(j));
        }
    }

    private static BlockWindows regular(BlockForm form) {
        return new BlockWindows(form, traces(3, 8, 1), traces(2, 8, 2), SCALING, 60, 16, 5);
    }

    @Test
    void refusesWhatDoesNotFit() {
        BlockForm form = new BlockForm(6, 4, Order.REVERSED, Head.LAST);
        assertMessage("updates of an epoch: expected at least 1, got 0", () -> windows(form, 0, 8));
        assertMessage("batch size: expected at least 1, got 0", () -> windows(form, 2, 0));
        BlockWindows windows = windows(form, 2, 8);
        assertMessage(
                "batch size: expected 8, for which the windows were made, got 16", () -> windows.updatesPerEpoch(16));
        assertMessage(
                "batch size: expected 8, for which the windows were made, got 4", () -> windows.updatesPerEpoch(4));
        assertMessage(
                "A window of 150 and a horizon of 60 samples do not fit into traces of 200",
                () -> windows(new BlockForm(150, 60, Order.REVERSED, Head.LAST), 2, 8));
    }

    private static void assertMessage(String expected, Runnable call) {
        assertEquals(
                expected,
                assertThrows(IllegalArgumentException.class, call::run).getMessage());
    }
}
