package org.spikecast.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.spikecast.counts.internal.SequenceWindows;
import org.spikecast.counts.internal.Sequences;
import org.spikecast.counts.internal.Split;
import org.spikecast.io.internal.Fingerprint;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.lstm.Network;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkTape;
import org.spikecast.params.ParameterSet;
import org.spikecast.train.internal.Adam;
import org.spikecast.train.internal.Checkpoints;
import org.spikecast.train.internal.Divergence;
import org.spikecast.train.internal.Pass;

/** Whole runs against the description of {@link Trainer}, written out plainly a second time. */
class TrainerTest {
    /** Relative: rounding of Adam and clipping in another order, grown over the updates. Measured: below 1e-14. */
    private static final double GROWN_ROUNDING = 1e-12;

    private final Kernel kernel = new ScalarKernel();

    /** Two sequences of two features and one target. */
    private static Sequences sequences(int bins) {
        RandomStream random = RandomStream.of(4, "trainer test");
        DMatrixRMaj[] x = {new DMatrixRMaj(bins, 2), new DMatrixRMaj(bins, 2)};
        DMatrixRMaj[] y = {new DMatrixRMaj(bins, 1), new DMatrixRMaj(bins, 1)};
        for (int s = 0; s < 2; s++) {
            for (int j = 0; j < 2 * bins; j++) {
                x[s].data[j] = 5 + 3 * random.nextGaussian();
                y[s].data[j / 2] = random.nextGaussian() + x[s].data[j];
            }
        }
        return new Sequences(x, y);
    }

    private static DMatrixRMaj[] matrices(Sequences sequences, boolean features) {
        DMatrixRMaj[] matrices = new DMatrixRMaj[sequences.count()];
        Arrays.setAll(matrices, s -> features ? sequences.features(s) : sequences.targets(s));
        return matrices;
    }

    private static TrainingOptions options(
            int batch, Schedule schedule, double weightDecay, int emaUpdates, double clip) {
        return new TrainingOptions(
                3, 1, 3, batch, schedule, Optimiser.Method.ADAM, weightDecay, emaUpdates, clip, 2, 0.5, 0, 5, 1);
    }

    private static TrainingOptions options(double rate) {
        return options(4, Schedule.cosine(rate, 0), 0, 1, 1);
    }

    /** Trains on 60 bins, in windows of 6. */
    private Trainer.Result train(Sequences data, int lossSteps, TrainingOptions options) throws IOException {
        SequenceWindows windows =
                new SequenceWindows(data, Split.byTime(60, 0, 0.2, 0.25), 6, lossSteps, Losses.MEAN_SQUARED_ERROR);
        return Trainer.train(kernel, windows, options, (history, fraction) -> {}, null);
    }

    @ParameterizedTest
    @CsvSource({
        "60, 6, 3, 4, COSINE, 4, 1, 1, 0, 1, 0.25", // clips at times
        "60, 6, 1, 7, COSINE, 0, 1, 1, 0, 1, 0.01", // always clips, never warms up
        "60, 5, 5, 4, COSINE, 1000, 1, 1, 0, 1, 100", // never clips, ends in the middle of warming up
        "60, 5, 2, 50, COSINE, 3, 1, 1, 0, 1, 1", // a batch of more windows than there are
        "24, 13, 8, 2, COSINE, 3, 1, 1, 0, 1, 1", // windows that fit in some phases only; all updates warm up
        "60, 6, 3, 4, COSINE, 4, 1, 1, 0.1, 1, 0.25", // weights decay
        "60, 6, 3, 4, CONSTANT, 4, 1, 1, 0, 1, 0.25",
        "60, 6, 3, 4, CONSTANT, 4, 1, 1, 0, 7, 0.25", // of the last seven updates or so, the average
        "60, 6, 1, 7, CONSTANT, 0, 1, 1, 3, 1, 1",
        "60, 6, 3, 4, STEP, 4, 1, 0.3, 0, 1, 0.25", // a step after each epoch
        "60, 6, 3, 4, STEP, 8, 2, 0.1, 0.01, 1, 0.25", // after two; warming up takes more than an epoch
        "60, 6, 3, 4, STEP, 0, 3, 0.1, 0, 1, 0.25" // there would be one after the last epoch
    })
    void aRunIsItsDescriptionWrittenOut(
            int bins,
            int window,
            int lossSteps,
            int batch,
            Schedule.Shape shape,
            int warmUp,
            int stepEpochs,
            double stepFactor,
            double weightDecay,
            int emaUpdates,
            double clip)
            throws IOException {
        Schedule schedule = new Schedule(shape, 0.05, warmUp, stepEpochs, stepFactor);
        TrainingOptions options = options(batch, schedule, weightDecay, emaUpdates, clip);
        Sequences raw = sequences(bins);
        Split split = Split.byTime(bins, 0, 0.2, 0.25);
        List<Double> fractions = new ArrayList<>();
        List<Integer> epochsOver = new ArrayList<>();
        Trainer.Listener listener = (history, fraction) -> {
            fractions.add(fraction);
            epochsOver.add(history.size());
        };
        SequenceWindows windows = new SequenceWindows(raw, split, window, lossSteps, Losses.MEAN_SQUARED_ERROR);
        Trainer.Result result = Trainer.train(kernel, windows, options, listener, null);

        Plain plain = new Plain(raw, split, window, lossSteps, options);
        int best = 0;
        for (int epoch = 1; epoch <= result.history().size(); epoch++) {
            double training = plain.epoch();
            double validation = plain.validation();
            Trainer.Epoch actual = result.history().get(epoch - 1);
            assertEquals(epoch, actual.number());
            assertEquals(training, actual.trainingLoss(), GROWN_ROUNDING * training);
            assertEquals(validation, actual.validationLoss(), GROWN_ROUNDING * validation);
            if (epoch == result.best()) {
                for (int j = 0; j < plain.network.set().size(); j++) {
                    assertEquals(
                            plain.average.set().get(j), result.network().set().get(j), GROWN_ROUNDING);
                }
            }
            best = best == 0
                            || actual.validationLoss()
                                    < result.history().get(best - 1).validationLoss()
                    ? epoch
                    : best;
        }
        assertEquals(best, result.best());
        assertEquals(result.history().size() * plain.updates / options.epochs(), fractions.size());
        for (int u = 0; u < fractions.size(); u++) {
            assertEquals((u + 1.0) / plain.updates, fractions.get(u));
            assertEquals(u / (plain.updates / options.epochs()), epochsOver.get(u));
        }
    }

    /** A gradient that is longer than all before is reported before one is infinite. */
    @Test
    void aGradientThatExplodesIsReported() throws IOException {
        TrainingOptions options = new TrainingOptions(
                3, 1, 4, 1, Schedule.cosine(0.001, 0), Optimiser.Method.ADAM, 0, 1, 1, 4, 0, 0, 5, 1);
        List<String> warnings = new ArrayList<>();
        Trainer.Listener listener = new Trainer.Listener() {
            @Override
            public void updated(List<Trainer.Epoch> history, double fraction) {}

            @Override
            public void warn(String message) {
                warnings.add(message);
            }
        };
        train(new Misleading(4, 1e7), options, listener, null);
        assertTrue(warnings.get(0).startsWith("the gradient's norm is "), warnings.toString());
        assertTrue(
                warnings.get(0).contains(" of epoch 3, ") && warnings.get(0).contains(" times the largest before; a"));
        warnings.clear();
        train(new Misleading(0, 1), options, listener, null);
        assertEquals(List.of(), warnings);
    }

    @Test
    void whereNumbersEndIsNamed() {
        SequenceWindows windows =
                new SequenceWindows(sequences(60), Split.byTime(60, 0, 0.2, 0.25), 6, 3, Losses.MEAN_SQUARED_ERROR);
        windows.startEpoch(RandomStream.of(1, "shuffling"));
        NetworkConfig config = windows.config(3, 2);
        NetworkParameters network = NetworkParameters.random(config, 0, RandomStream.of(1, "weights"));
        NetworkParameters gradient = new NetworkParameters(config);
        ParameterSet.Block block = network.set().blocks().get(5);
        assertEquals("lstm.weight_hh_l1", block.name());
        double kept = block.data()[3 * 3 + 1];
        block.data()[3 * 3 + 1] = Double.NaN;
        assertEquals(
                "parameter lstm.weight_hh_l1 is NaN in row 3 (gate f)",
                Divergence.place(kernel, windows, network, gradient, 0, 2));
        block.data()[3 * 3 + 1] = kept;
        gradient.set().blocks().get(0).data()[0] = Double.POSITIVE_INFINITY;
        String place = Divergence.place(kernel, windows, network, gradient, 0, 2);
        assertTrue(
                place.matches("output \\d is .* in step [3-5] of sequence [01], and the gradient of"
                        + " lstm.weight_ih_l0 is Infinity in row 0 \\(gate i\\)"),
                place);
    }

    /**
     * In the epochs from the third to the last but two, targets are a thousand times as large: these epochs diverge and
     * are rolled back.
     */
    @ParameterizedTest
    @CsvSource({"ADAM, 1, 5", "ADAM, 3, 5", "SOAP, 1, 5", "SOAP, 3, 5", "ADAM, 1, 16"})
    void anEpochThatDivergesIsRolledBack(Optimiser.Method method, int emaUpdates, int epochs, @TempDir Path folder)
            throws IOException {
        TrainingOptions options = new TrainingOptions(
                3, 1, epochs, 4, Schedule.cosine(0.01, 0), method, 0, emaUpdates, 1000, epochs, 0.5, 0, 5, 1);
        Trainer.Result whole = train(new Misleading(epochs - 2), options, (history, fraction) -> {}, null);
        List<Trainer.Epoch> history = whole.history();
        assertArrayEquals(IntStream.rangeClosed(3, epochs - 2).toArray(), Trainer.lost(history));
        for (int epoch = 3; epoch <= epochs - 2; epoch++) {
            assertTrue(
                    history.get(epoch - 1).trainingLoss() > 1e4 * history.get(1).trainingLoss());
            assertEquals(history.get(1).validationLoss(), history.get(epoch - 1).validationLoss());
        }
        assertTrue(history.get(epochs - 2).trainingLoss() < history.get(1).trainingLoss());
        // The optimiser's state is rolled back, too: steps are no shorter than before.
        double first = history.get(epochs - 3).validationLoss()
                - history.get(epochs - 2).validationLoss();
        double second = history.get(epochs - 2).validationLoss()
                - history.get(epochs - 1).validationLoss();
        assertTrue(second > 0.1 * first, second + " of " + first);

        Path checkpoint = folder.resolve("training.checkpoint");
        // A break within an epoch that is rolled back, and one after it.
        int[] updates = {0};
        Trainer.Listener stopWithin = (past, fraction) -> {
            if (past.size() == 2 && ++updates[0] == 3) {
                throw new IllegalStateException("stopped");
            }
        };
        assertThrows(
                IllegalStateException.class, () -> train(new Misleading(epochs - 2), options, stopWithin, checkpoint));
        Trainer.Listener stop = (past, fraction) -> {
            if (past.size() == epochs - 2) {
                throw new IllegalStateException("stopped");
            }
        };
        assertThrows(IllegalStateException.class, () -> train(new Misleading(epochs - 2), options, stop, checkpoint));
        Trainer.Result resumed = train(new Misleading(epochs - 2), options, (past, fraction) -> {}, checkpoint);
        assertEquals(history, resumed.history());
    }

    private Trainer.Result train(TrainingData data, TrainingOptions options, Trainer.Listener listener, Path checkpoint)
            throws IOException {
        return Trainer.train(
                kernel,
                data,
                options,
                listener,
                checkpoint == null ? null : new Checkpoints(checkpoint, "test", Duration.ZERO));
    }

    private static final class Misleading implements TrainingData {
        private final TrainingData windows =
                new SequenceWindows(sequences(60), Split.byTime(60, 0, 0.2, 0.25), 6, 3, Losses.MEAN_SQUARED_ERROR);
        private final int last;
        private int epoch;

        private final double factor;

        Misleading(int last) {
            this(last, 1000);
        }

        Misleading(int last, double factor) {
            this.last = last;
            this.factor = factor;
        }

        @Override
        public NetworkConfig config(int hidden, int layers) {
            return windows.config(hidden, layers);
        }

        @Override
        public int steps() {
            return windows.steps();
        }

        @Override
        public int outputSteps() {
            return windows.outputSteps();
        }

        @Override
        public Pass.Factory passes(Kernel kernel, NetworkConfig config) {
            return windows.passes(kernel, config);
        }

        @Override
        public int updatesPerEpoch(int batch) {
            return windows.updatesPerEpoch(batch);
        }

        @Override
        public void addTo(Fingerprint fingerprint) {
            windows.addTo(fingerprint);
        }

        @Override
        public void startEpoch(RandomStream stream) {
            windows.startEpoch(stream);
            epoch++;
        }

        @Override
        public void copy(int sequence, DMatrixRMaj x, DMatrixRMaj y, int column) {
            windows.copy(sequence, x, y, column);
            for (int k = 0; epoch >= 3 && epoch <= last && k < y.numRows; k++) {
                y.set(k, column, factor * y.get(k, column));
            }
        }

        @Override
        public double validationLoss(Kernel kernel, NetworkParameters network) {
            return windows.validationLoss(kernel, network);
        }
    }

    private final class Plain {
        final TrainingOptions options;
        final Split split;
        final int steps;
        final int outputs;
        final Sequences data;
        final NetworkParameters network;
        final NetworkParameters average;
        final RandomStream shuffling;
        final double[] m;
        final double[] v;
        final int windowsPerSequence;
        final int updates;
        int update;

        Plain(Sequences raw, Split split, int steps, int outputs, TrainingOptions options) {
            this.options = options;
            this.split = split;
            this.steps = steps;
            this.outputs = outputs;
            data = raw.scaled(
                    Scaling.standard(matrices(raw, true), split.trainEnd()),
                    Scaling.centred(matrices(raw, false), split.trainEnd()));
            NetworkConfig config = new NetworkConfig(2, options.hidden(), options.layers(), 1);
            network =
                    NetworkParameters.random(config, options.forgetBias(), RandomStream.of(options.seed(), "weights"));
            average = new NetworkParameters(config);
            shuffling = RandomStream.of(options.seed(), "shuffling");
            m = new double[network.set().size()];
            v = new double[m.length];
            // The last phase must leave room for the first window.
            int windows = (split.trainEnd() - steps) / outputs;
            windowsPerSequence = windows == 0 ? 1 : windows;
            int perEpoch = 2 * windowsPerSequence / options.batch();
            updates = options.epochs() * (perEpoch == 0 ? 1 : perEpoch);
        }

        /** The mean loss of one pass. */
        double epoch() {
            int phase = shuffling.nextInt(outputs);
            int[] order = new int[2 * windowsPerSequence];
            for (int w = 0; w < order.length; w++) {
                order[w] = w;
            }
            shuffling.shuffle(order);
            int perEpoch = updates / options.epochs();
            double sum = 0;
            for (int u = 0; u < perEpoch; u++) {
                DMatrixRMaj x = new DMatrixRMaj(2 * steps, options.batch());
                DMatrixRMaj y = new DMatrixRMaj(outputs, options.batch());
                for (int column = 0; column < options.batch(); column++) {
                    int w = order[(u * options.batch() + column) % order.length];
                    int s = w / windowsPerSequence;
                    int last = split.trainEnd() - 1 - phase - w % windowsPerSequence * outputs;
                    last = last < steps ? steps : last;
                    for (int t = 0; t < steps; t++) {
                        x.set(2 * t, column, data.features(s).get(last - steps + t, 0));
                        x.set(2 * t + 1, column, data.features(s).get(last - steps + t, 1));
                    }
                    for (int k = 0; k < outputs; k++) {
                        y.set(k, column, data.targets(s).get(last - outputs + 1 + k, 0));
                    }
                }
                sum += step(x, y);
            }
            return sum / perEpoch;
        }

        private double step(DMatrixRMaj x, DMatrixRMaj y) {
            NetworkTape tape = new NetworkTape(network.config(), steps, options.batch(), outputs);
            Network.forward(kernel, network, x, null, tape);
            DMatrixRMaj dOutput = y.createLike();
            double loss = 0;
            for (int j = 0; j < y.getNumElements(); j++) {
                double error = tape.output().data[j] - y.data[j];
                loss += error * error / y.getNumElements();
                dOutput.data[j] = 2 * error / y.getNumElements();
            }
            NetworkParameters gradient = new NetworkParameters(network.config());
            Network.backward(kernel, network, x, tape, dOutput, gradient, null, null);
            double squares = 0;
            for (int j = 0; j < m.length; j++) {
                squares += gradient.set().get(j) * gradient.set().get(j);
            }
            double factor = Math.min(1, options.clipNorm() / (Math.sqrt(squares) + 1e-6));
            double rate = rate(update++);
            for (int j = 0; j < m.length; j++) {
                double g = factor * gradient.set().get(j);
                m[j] = 0.9 * m[j] + 0.1 * g;
                v[j] = 0.999 * v[j] + 0.001 * g * g;
                double mean = m[j] / (1 - StrictMath.pow(0.9, update));
                double square = v[j] / (1 - StrictMath.pow(0.999, update));
                double decayed = network.set().get(j)
                        - rate * options.weightDecay() * network.set().get(j);
                network.set().set(j, decayed - rate * mean / (Math.sqrt(square) + 1e-8));
                double share = Math.max(1.0 / update, 1.0 / options.emaUpdates());
                average.set()
                        .set(
                                j,
                                (1 - share) * average.set().get(j)
                                        + share * network.set().get(j));
            }
            return loss;
        }

        /** Linear warm-up, to the peak rate in its last update; then the decay, if any. */
        private double rate(int u) {
            Schedule schedule = options.schedule();
            int warmUp = schedule.warmUp();
            if (u < warmUp) {
                return 0.05 * (u + 1) / warmUp;
            }
            int epoch = u / (updates / options.epochs());
            return switch (schedule.shape()) {
                case COSINE -> {
                    double angle = Math.PI * (u - warmUp) / (updates - warmUp); // down to a hundredth
                    yield 0.05 * (0.01 + 0.99 * (1 + StrictMath.cos(angle)) / 2);
                }
                case STEP -> 0.05 * StrictMath.pow(schedule.stepFactor(), epoch / schedule.stepEpochs());
                case CONSTANT -> 0.05;
            };
        }

        /** Each bin of the validation part forecast alone, from the window that ends before it. */
        double validation() {
            NetworkTape tape = new NetworkTape(network.config(), steps, 1, 1);
            DMatrixRMaj x = new DMatrixRMaj(2 * steps, 1);
            double sum = 0;
            for (int s = 0; s < 2; s++) {
                for (int bin = split.validationStart(); bin < split.validationEnd(); bin++) {
                    int from = 2 * (bin - steps);
                    System.arraycopy(data.features(s).data, from, x.data, 0, x.data.length);
                    Network.forward(kernel, average, x, null, tape);
                    double error = tape.output().data[0] - data.targets(s).get(bin, 0);
                    sum += error * error;
                }
            }
            return sum / (2 * (split.validationEnd() - split.validationStart()));
        }
    }

    /** A learning rate that changes nothing: every epoch is as good as the first, which stays the best. */
    @Test
    void ofEpochsEquallyGoodTheFirstIsTheBest() throws IOException {
        Trainer.Result result = train(sequences(60), 1, options(1e-300));
        assertEquals(1, result.best());
        assertEquals(3, result.history().size());
    }

    @Test
    void learnsSeveralTargetsAtOnce() throws IOException {
        Sequences one = sequences(60);
        Trainer.Result result = train(new Sequences(matrices(one, true), matrices(one, true)), 3, options(0.1));
        assertEquals(2, result.network().config().outputs());
    }

    /** The first step is as long as the learning rate, in every parameter; the second finds no number any more. */
    @Test
    void saysInWhichUpdateTheLossStoppedBeingANumber() {
        String message = assertThrows(ArithmeticException.class, () -> train(sequences(60), 1, options(1e200)))
                .getMessage();
        assertTrue(message.contains("in update 2 of epoch 1"), message);
    }

    @Test
    void refusesAWindowThatDoesNotFit() {
        Split split = Split.byTime(60, 0, 0.2, 0.25);
        assertThrows(
                IllegalArgumentException.class,
                () -> new SequenceWindows(sequences(60), split, 36, 1, Losses.MEAN_SQUARED_ERROR));
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 1, 1, 0, 1, 1, 1, 0, 0, 1, ''",
        "0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 1, hidden units: expected at least 1 got 0",
        "1, 0, 1, 1, 0, 1, 1, 1, 0, 0, 1, layers: expected at least 1 got 0",
        "1, 1, 0, 1, 0, 1, 1, 1, 0, 0, 1, epochs: expected at least 1 got 0",
        "1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 1, batch size: expected at least 1 got 0",
        "1, 1, 1, 1, -0.5, 1, 1, 1, 0, 0, 1, weight decay: expected a number of 0 or more got -0.5",
        "1, 1, 1, 1, NaN, 1, 1, 1, 0, 0, 1, weight decay: expected a number of 0 or more got NaN",
        "1, 1, 1, 1, Infinity, 1, 1, 1, 0, 0, 1, weight decay: expected a number of 0 or more got Infinity",
        "1, 1, 1, 1, 0, 1, NaN, 1, 0, 0, 1, gradient clipping norm: expected a positive number got NaN",
        "1, 1, 1, 1, 0, 1, 1, 0, 0, 0, 1, patience (epochs): expected at least 1 got 0",
        "1, 1, 1, 1, 0, 1, 1, 1, NaN, 0, 1, forget bias: expected a finite number got NaN",
        "1, 1, 1, 1, 0, 0, 1, 1, 0, 0, 1, updates of the moving average (EMA): expected at least 1 got 0",
        "1, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, threads: expected at least 1 got 0",
        "1, 1, 1, 1, 0, 1, 1, 1, 0, 2.5, 1, ''",
        "1, 1, 1, 1, 0, 1, 1, 1, 0, 2, 1, T_max of chrono initialisation: expected 0 or more than 2 steps got 2.0",
        "1, 1, 1, 1, 0, 1, 1, 1, 0, -3, 1, T_max of chrono initialisation: expected 0 or more than 2 steps got -3.0",
        "1, 1, 1, 1, 0, 1, 1, 1, 0, NaN, 1, T_max of chrono initialisation: expected 0 or more than 2 steps got NaN",
        "1, 1, 1, 1, 0, 1, 1, 1, 0, Infinity, 1, T_max of chrono initialisation: expected 0 or more than 2 steps got Infinity",
        "1, 1, 1, 1, 0, 1, 1, 1, 1, 10, 1, forget bias and chrono initialisation: give one of them both set the forget gate"
    })
    void optionsOutOfRangeAreNamed(
            int hidden,
            int layers,
            int epochs,
            int batch,
            double weightDecay,
            int emaUpdates,
            double clip,
            int patience,
            double forgetBias,
            double chronoTMax,
            int threads,
            String expected) {
        String message = "";
        try {
            new TrainingOptions(
                    hidden,
                    layers,
                    epochs,
                    batch,
                    Schedule.cosine(0.1, 0),
                    Optimiser.Method.ADAM,
                    weightDecay,
                    emaUpdates,
                    clip,
                    patience,
                    forgetBias,
                    chronoTMax,
                    1,
                    threads);
        } catch (IllegalArgumentException e) {
            message = e.getMessage().replace(",", "");
        }
        assertEquals(expected, message);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 0, 0, true",
        "0.999, 0.999, 1, 1, true",
        "-0.1, 0.9, 1, 1, false",
        "1, 0.9, 1, 1, false",
        "0.9, -0.1, 1, 1, false",
        "0.9, 1, 1, 1, false",
        "0.9, 0.9, -1, 0, false",
        "0.9, 0.9, 0, -1, false",
        "0.9, 0.9, Infinity, 0, false",
        "NaN, 0.9, 0, 0, false"
    })
    void adamTakesSensibleConstantsOnly(double beta1, double beta2, double epsilon, double decay, boolean taken) {
        if (taken) {
            new Adam.Options(beta1, beta2, epsilon, decay, true);
        } else {
            assertThrows(IllegalArgumentException.class, () -> new Adam.Options(beta1, beta2, epsilon, decay, true));
        }
    }
}
