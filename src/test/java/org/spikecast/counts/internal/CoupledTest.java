package org.spikecast.counts.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.spikecast.check.GradientCheck;
import org.spikecast.check.GradientReport;
import org.spikecast.check.Objective;
import org.spikecast.counts.CountStream;
import org.spikecast.counts.Series;
import org.spikecast.io.MalformedFileException;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.Elementary;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.neuron.RingParameters;
import org.spikecast.params.ParameterSet;
import org.spikecast.train.Schedule;
import org.spikecast.train.Trainer;
import org.spikecast.train.internal.Checkpoints;

class CoupledTest {
    private static final Series SERIES = RingData.simulate(
                    new RingSetup(RingParameters.irregular().scaledTo(20, 2), null, 3, 200, 400, 1, 1))
            .series();

    private static CoupledConfig config(int hidden, boolean trace, boolean fine, int messages) {
        return new CoupledConfig(hidden, trace, 1.1, fine, 5, 2, messages, 1, 0.65);
    }

    static Stream<CoupledConfig> configs() {
        return Stream.of(
                config(0, true, true, 2),
                config(0, true, false, 1),
                config(0, true, true, 0),
                config(3, true, true, 1),
                config(3, false, false, 2));
    }

    /** Parameters at which every part of the network has an effect. */
    private static CoupledParameters parameters(CoupledConfig config) {
        CoupledParameters p = new CoupledParameters(config);
        RandomStream random = RandomStream.of(5, "coupled test");
        p.initialise(0.02, random);
        for (int j = 0; j < p.set().size(); j++) {
            p.set().set(j, p.set().get(j) + 0.2 * random.nextGaussian());
        }
        return p;
    }

    /** The bins that {@link #objective} reads and forecasts. */
    static Series part() {
        return part(100, 112);
    }

    private static Series part(int from, int end) {
        return new Series(
                1, 1, rows(SERIES.values(), from, end), rows(SERIES.external(), from, end), SERIES.connections());
    }

    private static DMatrixRMaj rows(DMatrixRMaj m, int from, int end) {
        return DMatrixRMaj.wrap(end - from, m.numCols, Arrays.copyOfRange(m.data, from * m.numCols, end * m.numCols));
    }

    private static double[] row(DMatrixRMaj m, int row) {
        return Arrays.copyOfRange(m.data, row * m.numCols, (row + 1) * m.numCols);
    }

    static CoupledObjective objective(CoupledConfig config) {
        return new CoupledObjective(new ScalarKernel(), parameters(config), part(), new CoupledLoss(0.05, 0.3, 0.2));
    }

    @ParameterizedTest
    @MethodSource("configs")
    void theGradientIsThatOfTheLoss(CoupledConfig config) {
        GradientReport report = GradientCheck.check(objective(config), 400, 1);
        report.assertPassed();
    }

    /** One entry that is off by a thousandth, in each block in turn. */
    @Test
    void aWrongGradientIsFound() {
        CoupledObjective right = objective(config(0, true, true, 2));
        ParameterSet gradient = right.parameters().zerosLike();
        right.gradient(gradient);
        for (ParameterSet.Block block : gradient.blocks()) {
            if (Arrays.stream(block.data()).allMatch(g -> g == 0)) {
                continue;
            }
            int largest = 0;
            for (int j = 0; j < block.data().length; j++) {
                largest = Math.abs(block.data()[j]) > Math.abs(block.data()[largest]) ? j : largest;
            }
            int wrong = largest;
            Objective faulty = Objective.of(right.parameters(), right::loss, result -> {
                right.gradient(result);
                ParameterSet.Block at = result.blocks().get(gradient.blocks().indexOf(block));
                at.data()[wrong] *= 1.001;
            });
            // All entries are checked, so the wrong one is among them.
            GradientReport report =
                    GradientCheck.check(faulty, right.parameters().size(), 1);
            assertEquals(GradientReport.Verdict.FAIL, report.verdict(), block.name());
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void theStreamHasTheBitsOfThePass(CoupledConfig config) {
        CoupledParameters p = parameters(config);
        Neighbours neighbours = new Neighbours(SERIES.connections());
        for (Kernel kernel : new Kernel[] {new ScalarKernel(), Kernel.best()}) {
            DMatrixRMaj logits = new CoupledPass(kernel, p, neighbours).logits(SERIES, 0, 90, 300);
            CountStream stream = new CoupledStream(kernel, p, neighbours);
            double[] forecast = new double[20];
            for (int bin = 0; bin < 300; bin++) {
                for (int a = 0; bin >= 90 && a < 20; a++) {
                    assertEquals(Elementary.sigma(logits.get(bin - 90, a)), forecast[a]);
                }
                stream.step(row(SERIES.values(), bin), row(SERIES.external(), bin), forecast);
            }
        }
    }

    @Test
    void aCopiedStreamContinuesAlike() {
        CoupledParameters p = parameters(config(2, true, true, 1));
        CoupledStream stream = new CoupledStream(new ScalarKernel(), p, new Neighbours(SERIES.connections()));
        double[] counts = new double[20];
        double[] external = new double[20];
        double[] forecast = new double[20];
        double[] other = new double[20];
        counts[3] = 1;
        external[5] = 2;
        for (int bin = 0; bin < 30; bin++) {
            stream.step(counts, external, forecast);
        }
        CountStream copy = stream.copy();
        stream.step(counts, external, forecast);
        copy.step(counts, external, other);
        assertArrayEquals(forecast, other);
        stream.step(external, counts, forecast);
        assertFalse(Arrays.equals(forecast, other));
        copy.copyStateFrom(stream);
        stream.step(counts, external, forecast);
        copy.step(counts, external, other);
        assertArrayEquals(forecast, other);
        CountStream stranger = new CoupledStream(
                new ScalarKernel(), parameters(config(2, true, true, 1)), new Neighbours(SERIES.connections()));
        assertThrows(IllegalArgumentException.class, () -> copy.copyStateFrom(stranger));
    }

    @ParameterizedTest
    @MethodSource("configs")
    void aStreamingAndATrainingStepAllocateNothing(CoupledConfig config) {
        ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        Kernel kernel = new ScalarKernel();
        CoupledParameters p = parameters(config);
        CoupledParameters gradient = new CoupledParameters(config);
        Neighbours neighbours = new Neighbours(SERIES.connections());
        CoupledStream stream = new CoupledStream(kernel, p, neighbours);
        CoupledTape tape = new CoupledTape(config, 4, 20, 2);
        CoupledState state = CoupledState.initial(config, tape.batch);
        CoupledLoss loss = new CoupledLoss(1, 0.3, 0.1);
        int[] first = {10, 100};
        double[] counts = row(SERIES.values(), 50);
        double[] external = row(SERIES.external(), 50);
        double[] forecast = new double[20];
        double[] target = new double[tape.count.length];
        long streaming = Long.MAX_VALUE;
        long training = Long.MAX_VALUE;
        for (int u = 0; u < 200; u++) {
            long before = memory.getThreadAllocatedBytes(thread);
            stream.step(counts, external, forecast);
            streaming = Math.min(streaming, memory.getThreadAllocatedBytes(thread) - before);
            before = memory.getThreadAllocatedBytes(thread);
            tape.load(SERIES, neighbours, first);
            tape.pack(p);
            Coupled.forward(kernel, p, neighbours, state, tape);
            loss.gradient(tape, target);
            Coupled.backward(kernel, p, neighbours, tape, gradient);
            tape.copyFinalState(state);
            training = Math.min(training, memory.getThreadAllocatedBytes(thread) - before);
        }
        assertEquals(0, streaming);
        assertEquals(0, training);
    }

    /** Bin n and all that comes after it are changed: the forecast of bin n keeps its bits, that of bin n + 1 does not. */
    @ParameterizedTest
    @MethodSource("configs")
    void nothingOfTheForecastBinIsRead(CoupledConfig config) {
        int bin = 250;
        UnaryOperator<DMatrixRMaj> changed = m -> {
            DMatrixRMaj copy = m.copy();
            Arrays.fill(copy.data, bin * m.numCols, copy.getNumElements(), 1);
            return copy;
        };
        Series other = new Series(
                1, 1, changed.apply(SERIES.values()), changed.apply(SERIES.external()), SERIES.connections());
        CoupledPass pass =
                new CoupledPass(new ScalarKernel(), parameters(config), new Neighbours(SERIES.connections()));
        DMatrixRMaj before = pass.logits(SERIES, 0, 200, bin + 2);
        DMatrixRMaj after = pass.logits(other, 0, 200, bin + 2);
        int known = (bin + 1 - 200) * 20;
        assertArrayEquals(Arrays.copyOf(before.data, known), Arrays.copyOf(after.data, known));
        assertFalse(Arrays.equals(before.data, after.data));
    }

    @ParameterizedTest
    @MethodSource("configs")
    void segmentsSideBySideDoNotTouchEachOther(CoupledConfig config) {
        CoupledParameters p = parameters(config);
        Neighbours neighbours = new Neighbours(SERIES.connections());
        Kernel kernel = new ScalarKernel();
        int[] first = {10, 150, 31, 77, 200};
        CoupledTape all = new CoupledTape(config, 9, 20, first.length);
        all.pack(p);
        all.load(SERIES, neighbours, first);
        Coupled.forward(kernel, p, neighbours, CoupledState.initial(config, all.batch), all);
        CoupledTape one = new CoupledTape(config, 9, 20, 1);
        one.pack(p);
        for (int r = 0; r < first.length; r++) {
            one.load(SERIES, neighbours, first[r]);
            Coupled.forward(kernel, p, neighbours, CoupledState.initial(config, 20), one);
            for (int j = 0; j < one.last().logits.length; j++) {
                assertEquals(one.last().logits[j], all.last().logits[j * first.length + r]);
            }
        }
    }

    /** What does not fit in memory is refused before it starts; the estimate is what a tape allocates. */
    @Test
    void theEffortOfTrainingIsEstimated() {
        Series series = ring(4);
        Split split = Split.byTime(series.bins(), 0, 0.3, 0.125);
        CoupledStudy study = new CoupledStudy(false, 3, 1);
        assertEquals(3, study.sideBySide(series, split, 1L << 30));
        assertEquals(1, study.sideBySide(series, split, 20_000_000));
        String refused = assertThrows(IllegalArgumentException.class, () -> study.sideBySide(series, split, 10_000_000))
                .getMessage();
        assertEquals(
                "Training needs at least 0.0123 GB of memory, and Java may take 0.0100 GB: take at most 15 neurons, or"
                        + " give Java more with -Xmx",
                refused);

        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (CoupledConfig config : configs().toList()) {
            long id = Thread.currentThread().getId();
            long before = thread.getThreadAllocatedBytes(id);
            new CoupledTape(config, 50, 60, 8);
            double allocated = thread.getThreadAllocatedBytes(id) - before;
            double share = 8.0 * 50 * 60 * 8 * CoupledTape.doubles(config) / allocated;
            assertTrue(share > 0.9 && share < 1, config + ": " + share);
        }
    }

    @Test
    void trainingLearnsARingAndTellsTheSimulatorsParameters() throws IOException {
        Series series = RingData.simulate(
                        new RingSetup(RingParameters.irregular().scaledTo(20, 2), null, 4, 200, 4000, 1, 1))
                .series();
        Split split = Split.byTime(series.bins(), 0, 0.3, 0.125);
        CoupledOptions options = CoupledOptions.of(series, split, false, 1);
        CoupledConfig config = CoupledOptions.config(series, split);
        CoupledTrainer.Result result =
                CoupledTrainer.train(Kernel.best(), series, split, config, options, (history, fraction) -> {}, null);
        CoupledPass pass = new CoupledPass(Kernel.best(), result.parameters(), new Neighbours(series.connections()));
        DMatrixRMaj forecast = pass.logits(series, 0, split.testStart(), split.bins());
        for (int j = 0; j < forecast.getNumElements(); j++) {
            forecast.data[j] = Elementary.sigma(forecast.data[j]);
            assertTrue(forecast.data[j] > 0 && forecast.data[j] < 1);
        }
        Score score = Score.of(Baselines.test(series, split), forecast, Baselines.meanRate(series, split));
        // The oracle of such a ring is at 0.23.
        assertTrue(score.explainedVariance() > 0.17, "" + score.explainedVariance());
        LeakyTrace.Parameters trace = result.parameters().trace;
        for (int type = 0; type < 2; type++) {
            assertEquals(20, Elementary.exp(trace.logTau.data[type]), 1);
            assertEquals(type == 0 ? 0.07 : 0.06, Elementary.exp(trace.logF.data[type]), 0.003);
        }
    }

    /** An interrupted training resumes to the same bits, on the same data only. */
    @ParameterizedTest
    @ValueSource(ints = {0, 7})
    void anInterruptedTrainingResumes(int hidden, @TempDir Path folder) throws IOException {
        Series series = ring(4);
        Split split = Split.byTime(series.bins(), 0, 0.3, 0.125);
        CoupledOptions full = CoupledOptions.of(series, split, false, 1);
        CoupledOptions options =
                new CoupledOptions(40, 10, 2, full.schedule(), 0.3, 0.1, 0.1, 0.1, 5, full.emaUpdates(), 1);
        CoupledConfig config = new CoupledConfig(hidden, true, 1, false, 4, 2, 1, 1, 0.65);
        Checkpoints never = new Checkpoints(folder.resolve("never"), "test", Duration.ofDays(1));
        CoupledTrainer.Result whole = train(series, split, config, options, Integer.MAX_VALUE, never);
        for (int update : new int[] {1, 2, 15, 16, 38}) {
            Checkpoints file = new Checkpoints(folder.resolve("stopped-" + update), "test", Duration.ofDays(1));
            assertThrows(CancellationException.class, () -> train(series, split, config, options, update, file));
            CoupledTrainer.Result resumed = train(series, split, config, options, Integer.MAX_VALUE, file);
            assertEquals(whole.history(), resumed.history());
            assertEquals(whole.best(), resumed.best());
            for (int b = 0; b < whole.parameters().set().blocks().size(); b++) {
                assertArrayEquals(
                        whole.parameters().set().blocks().get(b).data(),
                        resumed.parameters().set().blocks().get(b).data());
            }
            Series other = ring(5);
            assertTrue(assertThrows(
                            MalformedFileException.class,
                            () -> train(other, split, config, options, Integer.MAX_VALUE, file))
                    .getMessage()
                    .contains("a training on other data"));
        }
    }

    /** The place where numbers stop being finite is named, with the gate and the last checkpoint. */
    @Test
    void whereNumbersEndIsNamed(@TempDir Path folder) throws IOException {
        Series series = ring(4);
        Split split = Split.byTime(series.bins(), 0, 0.3, 0.125);
        CoupledConfig config = new CoupledConfig(7, false, 1, false, 4, 2, 1, 1, 0.65);
        CoupledOptions options = new CoupledOptions(
                40, 10, 2, new Schedule(Schedule.Shape.CONSTANT, 1e305, 0, 5, 0.5), 0.3, 1e-305, 1e-305, 0.1, 5, 10, 1);
        Checkpoints file = new Checkpoints(folder.resolve("coupled.safetensors"), "test", Duration.ZERO);
        String message = assertThrows(
                        ArithmeticException.class, () -> train(series, split, config, options, Integer.MAX_VALUE, file))
                .getMessage();
        assertTrue(
                message.matches(
                        "Training coupled: the norm of the gradient became NaN in update \\d of epoch \\d: the gradient"
                                + " of lstm.weight_ih_l0 is NaN in row 0 \\(gate i\\); use --form shared; the last checkpoint is .*"),
                message);
        assertTrue(message.endsWith(file.file().toString()), message);
    }

    private static Series ring(long seed) {
        return RingData.simulate(new RingSetup(RingParameters.irregular().scaledTo(20, 2), null, seed, 200, 1000, 1, 1))
                .series();
    }

    /** A training that is interrupted after some updates of those that are counted here. */
    private static CoupledTrainer.Result train(
            Series series, Split split, CoupledConfig config, CoupledOptions options, int updates, Checkpoints file)
            throws IOException {
        int[] done = new int[1];
        Trainer.Listener listener = new Trainer.Listener() {
            @Override
            public void updated(List<Trainer.Epoch> history, double fraction) {
                done[0]++;
            }

            @Override
            public boolean isInterrupted() {
                return done[0] >= updates;
            }
        };
        return CoupledTrainer.train(Kernel.best(), series, split, config, options, listener, file);
    }
}
