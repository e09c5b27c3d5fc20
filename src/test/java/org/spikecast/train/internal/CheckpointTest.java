package org.spikecast.train.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.spikecast.counts.internal.SequenceWindows;
import org.spikecast.counts.internal.Sequences;
import org.spikecast.counts.internal.Split;
import org.spikecast.io.MalformedFileException;
import org.spikecast.io.NdArray;
import org.spikecast.io.Safetensors;
import org.spikecast.io.internal.Json;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.model.Forecaster;
import org.spikecast.model.ModelFile;
import org.spikecast.params.ParameterSet;
import org.spikecast.run.Progress;
import org.spikecast.train.Losses;
import org.spikecast.train.Optimiser;
import org.spikecast.train.Schedule;
import org.spikecast.train.Trainer;
import org.spikecast.train.TrainingOptions;

/** A training that is interrupted and resumed. */
class CheckpointTest {
    private static final int EPOCHS = 6;
    private static final String DESCRIPTION = "noise, \"six\" epochs";
    private static final String KEY = "spikecast-checkpoint";

    /** An exception of the listener, which interrupts a training here. */
    private static final class Break extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    @TempDir
    private Path folder;

    private final Kernel kernel = new ScalarKernel();
    private Path file;
    private int updates;

    private static DMatrixRMaj series() {
        RandomStream random = RandomStream.of(2, "checkpoint test");
        DMatrixRMaj x = new DMatrixRMaj(90, 2);
        for (int j = 0; j < x.getNumElements(); j++) {
            x.data[j] = random.nextGaussian();
        }
        return x;
    }

    private static SequenceWindows windows() {
        return windows(series());
    }

    private static SequenceWindows windows(DMatrixRMaj x) {
        Split split = Split.byTime(90, 0, 0.2, 0.25);
        return new SequenceWindows(
                new Sequences(new DMatrixRMaj[] {x}, new DMatrixRMaj[] {x}), split, 5, 3, Losses.MEAN_SQUARED_ERROR);
    }

    /** A rate that changes with every update, moments that count, windows drawn anew in each epoch. */
    private static TrainingOptions options(int hidden, int layers, int batch, int patience) {
        Schedule schedule = Schedule.cosine(0.05, 7);
        return new TrainingOptions(
                hidden, layers, EPOCHS, batch, schedule, Optimiser.Method.SOAP, 0.1, 10, 1, patience, 0, 0, 3, 1);
    }

    private Trainer.Result train(
            TrainingOptions options, Path checkpoint, String description, Trainer.Listener listener)
            throws IOException {
        return Trainer.train(
                kernel,
                windows(),
                options,
                listener,
                checkpoint == null ? null : new Checkpoints(checkpoint, description));
    }

    private Trainer.Result train(int patience, Path checkpoint, Trainer.Listener listener) throws IOException {
        return train(options(4, 2, 3, patience), checkpoint, DESCRIPTION, listener);
    }

    private Path checkpoint() {
        file = folder.resolve("checkpoint.safetensors");
        return file;
    }

    /** Interrupts a training in the update after a number of epochs. */
    private void breakOff(int patience, int epochs) {
        assertThrows(
                Break.class,
                () -> train(patience, checkpoint(), (history, fraction) -> {
                    if (history.size() == epochs) {
                        throw new Break();
                    }
                }));
    }

    private static void assertSame(Trainer.Result expected, Trainer.Result actual) {
        assertEquals(expected.history(), actual.history());
        assertEquals(expected.best(), actual.best());
        for (int b = 0; b < expected.network().set().blocks().size(); b++) {
            assertArrayEquals(
                    expected.network().set().blocks().get(b).data(),
                    actual.network().set().blocks().get(b).data());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void aTrainingBrokenOffAfterAnEpochEndsWithTheSameBits(int epochs) throws IOException {
        Trainer.Result whole = train(100, null, (history, fraction) -> {});
        assertEquals(EPOCHS, whole.history().size());
        breakOff(100, epochs);
        List<Integer> seen = new ArrayList<>();
        List<Double> fractions = new ArrayList<>();
        Trainer.Result resumed = train(100, file, (history, fraction) -> {
            seen.add(history.size());
            fractions.add(fraction);
        });
        assertSame(whole, resumed);
        assertEquals(epochs, seen.get(0));
        assertEquals((EPOCHS - epochs) * windows().updatesPerEpoch(3), seen.size());
        assertEquals(1, fractions.get(fractions.size() - 1));
    }

    @Test
    void soDoesOneThatIsBrokenOffAfterEachEpoch() throws IOException {
        Trainer.Result whole = train(100, null, (history, fraction) -> {});
        for (int epochs = 1; epochs < EPOCHS; epochs++) {
            breakOff(100, epochs);
        }
        assertSame(whole, train(100, file, (history, fraction) -> {}));
    }

    /** In the middle of an epoch: it is begun again. In the first one: there is no file yet. */
    @Test
    void anEpochThatIsBrokenOffIsBegunAgain() throws IOException {
        Trainer.Result whole = train(100, null, (history, fraction) -> {});
        int perEpoch = windows().updatesPerEpoch(3);
        assertTrue(perEpoch > 2);
        for (int at : new int[] {2, 1, perEpoch + 2}) {
            updates = 0;
            assertThrows(
                    Break.class,
                    () -> train(100, checkpoint(), (history, fraction) -> {
                        if (++updates == at) {
                            throw new Break();
                        }
                    }));
            assertEquals(at > perEpoch, Files.exists(file));
        }
        assertSame(whole, train(100, file, (history, fraction) -> {}));
    }

    /** Validation that is interrupted: the updates of its epoch are kept. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void anInterruptedValidationIsBegunAgain(int epoch) throws IOException {
        TrainingOptions options = options(4, 2, 3, 100);
        Trainer.Result whole = train(100, null, (history, fraction) -> {});
        int[] validations = {0};
        Progress progress = new Progress() {
            @Override
            public void update(String what, double fraction, Supplier<String> detail) {}

            @Override
            public void done(String what) {}

            @Override
            public boolean isInterrupted() {
                return ++validations[0] == epoch; // polled once, before the only batch of windows
            }
        };
        DMatrixRMaj[] x = {series()};
        SequenceWindows windows = new SequenceWindows(
                new Sequences(x, x), Split.byTime(90, 0, 0.2, 0.25), 5, 3, Losses.MEAN_SQUARED_ERROR, progress);
        Checkpoints checkpoints = new Checkpoints(checkpoint(), DESCRIPTION);
        assertThrows(
                CancellationException.class,
                () -> Trainer.train(kernel, windows, options, (history, fraction) -> {}, checkpoints));
        updates = 0;
        assertSame(whole, train(100, file, (history, fraction) -> updates++));
        assertEquals((EPOCHS - epoch) * windows.updatesPerEpoch(3), updates);
    }

    /** The best epoch and its network come from the file when the epochs after the break are worse. */
    @Test
    void patienceAndTheBestEpochOutlastABreak() throws IOException {
        Trainer.Result whole = train(1, null, (history, fraction) -> {});
        int epochs = whole.history().size();
        assertEquals(epochs - 1, whole.best());
        assertTrue(epochs < EPOCHS);
        breakOff(1, whole.best());
        assertSame(whole, train(1, file, (history, fraction) -> {}));
    }

    @Test
    void aTrainingThatIsOverIsNotResumed() throws IOException {
        Trainer.Result whole = train(100, checkpoint(), (history, fraction) -> {});
        byte[] content = Files.readAllBytes(file);
        assertSame(whole, train(100, file, (history, fraction) -> {
            throw new Break();
        }));
        assertArrayEquals(content, Files.readAllBytes(file));
        try (var files = Files.list(folder)) {
            assertEquals(1, files.count()); // no temporary file is left
        }
    }

    /** Training with a checkpoint gives the bits of training without one. */
    @Test
    void writingDoesNotChangeTheTraining() throws IOException {
        assertSame(train(100, null, (history, fraction) -> {}), train(100, checkpoint(), (history, fraction) -> {}));
    }

    /** Tries to resume from the file; returns the message after its name. */
    private String refused(TrainingOptions options, String description) throws IOException {
        byte[] content = Files.readAllBytes(file);
        String message = assertThrows(
                        MalformedFileException.class,
                        () -> train(options, file, description, (history, fraction) -> {
                            throw new Break();
                        }))
                .getMessage();
        assertArrayEquals(content, Files.readAllBytes(file));
        assertTrue(message.startsWith(file + ": "), message);
        return message.substring((file + ": ").length());
    }

    private String refused() throws IOException {
        return refused(options(4, 2, 3, 100), DESCRIPTION);
    }

    @Test
    void aCheckpointOfAnotherTrainingIsRefused() throws IOException {
        breakOff(100, 2);
        assertEquals(
                "the checkpoint is of another training, noise, \"six\" epochs: expected something else",
                refused(options(4, 2, 3, 100), "something else"));
        // Whatever the description says.
        for (TrainingOptions other : List.of(options(5, 2, 3, 100), options(4, 1, 3, 100), options(4, 2, 2, 100))) {
            assertEquals(
                    "the checkpoint is of a training with other options: give those that it was begun with, or begin"
                            + " another run",
                    refused(other, DESCRIPTION));
        }
    }

    /** One value, wherever it stands, another order of the rows or of the columns: another training. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void aCheckpointOfOtherDataIsRefused(int change) throws IOException {
        breakOff(100, 2);
        DMatrixRMaj other = series();
        double[] x = other.data;
        switch (change) {
            case 0 -> x[0] = Math.nextUp(x[0]); // the first training value
            case 1 -> x[x.length - 1] += 1; // the last test value, which no training reads but all scores do
            case 2 -> { // rows reversed
                for (int row = 0; row < 45; row++) {
                    swap(x, 2 * row, 2 * (89 - row));
                    swap(x, 2 * row + 1, 2 * (89 - row) + 1);
                }
            }
            case 3 -> { // columns swapped
                for (int row = 0; row < 90; row++) {
                    swap(x, 2 * row, 2 * row + 1);
                }
            }
            default -> x[150] = 7; // validation
        }
        byte[] content = Files.readAllBytes(file);
        String message = assertThrows(
                        MalformedFileException.class,
                        () -> Trainer.train(
                                kernel,
                                windows(other),
                                options(4, 2, 3, 100),
                                (history, fraction) -> {},
                                new Checkpoints(file, DESCRIPTION)))
                .getMessage();
        assertTrue(
                message.contains(": the checkpoint is of a training on other data: what it reads has the SHA-256 "),
                message);
        assertTrue(message.endsWith("; give the data that it was begun with, or begin another run"), message);
        assertArrayEquals(content, Files.readAllBytes(file));
    }

    private static void swap(double[] x, int a, int b) {
        double kept = x[a];
        x[a] = x[b];
        x[b] = kept;
    }

    /** The number of threads changes no bit, so it may differ after an interruption. */
    @Test
    void otherThreadsGoOn() throws IOException {
        Trainer.Result whole = train(100, null, (history, fraction) -> {});
        breakOff(100, 2);
        assertSame(whole, train(options(4, 2, 3, 100).onThreads(3), file, DESCRIPTION, (history, fraction) -> {}));
    }

    /** Between two updates of an epoch, whichever: sums, moments, what a rollback needs. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 8, 13, 21, 28})
    void aTrainingBrokenOffWithinAnEpochEndsWithTheSameBits(int at) throws IOException {
        Trainer.Result whole = train(100, null, (history, fraction) -> {});
        updates = 0;
        Checkpoints often = new Checkpoints(checkpoint(), DESCRIPTION, Duration.ZERO);
        assertThrows(
                Break.class,
                () -> Trainer.train(
                        kernel,
                        windows(),
                        options(4, 2, 3, 100),
                        (history, fraction) -> {
                            if (++updates > at) {
                                throw new Break(); // after the update, before it is written down: this one is lost
                            }
                        },
                        often));
        List<Double> fractions = new ArrayList<>();
        Trainer.Result resumed = Trainer.train(
                kernel, windows(), options(4, 2, 3, 100), (history, fraction) -> fractions.add(fraction), often);
        assertSame(whole, resumed);
        assertEquals((at + 1.0) / (EPOCHS * windows().updatesPerEpoch(3)), fractions.get(0));
    }

    /** An interrupted training has written its last update, and reports that it was interrupted. */
    @Test
    void anInterruptedTrainingLosesNoUpdate() throws IOException {
        Trainer.Result whole = train(100, null, (history, fraction) -> {});
        int all = EPOCHS * windows().updatesPerEpoch(3);
        checkpoint();
        List<Double> fractions = new ArrayList<>();
        for (int round = 0; round < all; round++) {
            updates = 0;
            Trainer.Listener once = new Trainer.Listener() {
                @Override
                public void updated(List<Trainer.Epoch> history, double fraction) {
                    fractions.add(fraction);
                }

                @Override
                public boolean isInterrupted() {
                    return ++updates > 0;
                }
            };
            assertThrows(CancellationException.class, () -> train(100, file, once));
        }
        assertSame(whole, train(100, file, (history, fraction) -> {
            throw new Break();
        }));
    }

    @Test
    void anyFlippedBitIsNoticed() throws IOException {
        breakOff(100, 2);
        byte[] good = Files.readAllBytes(file);
        RandomStream random = RandomStream.of(4, "bits");
        for (int round = 0; round < 200; round++) {
            byte[] bad = good.clone();
            bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, bad);
            String message = refused();
            assertTrue(
                    message.contains("delete it to begin this training anew") || message.contains("version"), message);
        }
        Files.write(file, good);
        train(100, file, (history, fraction) -> {});
    }

    @Test
    void aCheckpointOfAnotherVersionSaysWhatToDo() throws IOException {
        breakOff(100, 2);
        Safetensors good = Safetensors.read(file);
        Safetensors.write(file, good.tensors(), Map.of(KEY, "{\"description\":\"of 0.1.0\"}"));
        String todo = ": finish the run with the version that began it, or begin it anew";
        assertEquals(
                "the checkpoint is of another version of spikecast, format 1 (0.1.0), expected 2" + todo, refused());
        write(good, good.metadata().get(KEY).replace("\"format\":2", "\"format\":3"));
        assertEquals("the checkpoint is of another version of spikecast, format 3, expected 2" + todo, refused());
    }

    /** Writes a checkpoint with another text and the checksum that belongs to it. */
    private void write(Safetensors good, String text) throws IOException {
        write(good.tensors(), text);
    }

    private void write(Map<String, NdArray> tensors, String text) throws IOException {
        Safetensors.write(file, tensors, Map.of(KEY, text, Checkpoint.CHECKSUM, Checkpoint.checksum(text, tensors)));
    }

    @Test
    void aTruncatedFileIsRefused() throws IOException {
        breakOff(100, 2);
        byte[] content = Files.readAllBytes(file);
        for (int length : new int[] {0, 7, 100, content.length / 2, content.length - 1}) {
            Files.write(file, Arrays.copyOf(content, length));
            refused();
        }
        Files.write(file, Arrays.copyOf(content, content.length - 1));
        assertTrue(refused().startsWith("the checkpoint is damaged: truncated: expected "), refused());
        Files.write(file, Arrays.copyOf(content, content.length + 1));
        assertTrue(refused().startsWith("the checkpoint is damaged: too long: expected "), refused());
        assertTrue(refused().endsWith("; delete it to begin this training anew"), refused());
        Files.write(file, content);
        train(100, file, (history, fraction) -> {});
    }

    @Test
    void aModelIsNoCheckpoint() throws IOException {
        NetworkParameters network = new NetworkParameters(windows().config(4, 2));
        ModelFile.write(checkpoint(), Forecaster.bare(network));
        assertEquals("it is no checkpoint of a training; delete it to begin this training anew", refused());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[1] | it is no checkpoint of a training",
                "{ | line 1, column 2: expected a key in double quotes",
                "description=3 | the checkpoint is of another training, 3: expected noise, \"six\" epochs",
                "training_loss=3 | 'training_loss': expected a list of numbers, got 3",
                "training_loss=[1, \"x\"] | 'training_loss': expected a number, got x",
                "validation_loss=null | 'validation_loss': expected a list of numbers, got null",
                "validation_loss=[1] | its epochs do not fit together: 2 training losses, 1 validation losses, the",
                "best_epoch=0 | its epochs do not fit together: 2 training losses, 2 validation losses, the best in epoch 0",
                "best_epoch=3 | the best in epoch 3",
                "best_epoch=1.5 | the best in epoch 1.5",
                "best_epoch=\"1\" | 'best_epoch': expected a number, got 1",
                "lost_epochs=null | 'lost_epochs': expected a list of numbers, got null",
                "lost_epochs=[1, 2] | is among those rolled back",
                "lost_epochs=[7] | updates in each of its 1 epochs",
                "updates=null | 'updates': expected a number, got null",
                "updates=-1 | updates in each of its 2 epochs and 0 of the next one, got -1 in all",
                "updates=1e300 | updates in each of its 2 epochs and 0 of the next one, got 1.0E300 in all",
                "epoch_updates=1 | epochs and 1 of the next one, got",
                "epoch_updates=0.5 | epochs and 0.5 of the next one, got",
                "epoch_updates=-1 | epochs and -1 of the next one, got",
                "epoch_loss_sum=null | 'epoch_loss_sum': expected a number, got null"
            })
    void metadataThatDoNotFitAreRefused(String change, String fault) throws IOException {
        breakOff(100, 2);
        Safetensors good = Safetensors.read(file);
        String text = change;
        if (change.contains("=")) {
            Map<String, Object> map = new TreeMap<>();
            ((Map<?, ?>) Json.parse(good.metadata().get(KEY))).forEach((key, value) -> map.put((String) key, value));
            String[] keyAndValue = change.split("=");
            map.put(keyAndValue[0], Json.parse(keyAndValue[1]));
            text = Json.writeCompact(map);
        }
        write(good, text);
        String message = refused();
        assertTrue(message.contains(fault), message);
    }

    /** The last tensor is missing or of another shape: those before it are not taken over either. */
    @Test
    void whatIsRefusedChangesNothing() throws IOException {
        breakOff(100, 2);
        Safetensors good = Safetensors.read(file);
        String last = "soap.bases.fc.weight.columns";
        List<Consumer<Map<String, NdArray>>> faults = List.of(
                tensors -> tensors.remove(last),
                tensors -> tensors.put(last, NdArray.of(new double[24], 6, 4)),
                tensors -> tensors.put(last, NdArray.of(new double[25], 25)),
                tensors -> tensors.put("more", NdArray.of(new double[2], 2)));
        for (Consumer<Map<String, NdArray>> fault : faults) {
            Map<String, NdArray> tensors = new LinkedHashMap<>(good.tensors());
            fault.accept(tensors);
            write(tensors, good.metadata().get(KEY));
            NetworkConfig config = windows().config(4, 2);
            NetworkParameters network = new NetworkParameters(config);
            NetworkParameters average = new NetworkParameters(config);
            NetworkParameters best = new NetworkParameters(config);
            Optimiser optimiser = options(4, 2, 3, 100).optimiser(kernel, network.set());
            List<Trainer.Epoch> history = new ArrayList<>();
            Map<String, ParameterSet> all = new LinkedHashMap<>();
            all.put("network", network.set());
            all.put("average", average.set());
            all.putAll(optimiser.memory());
            all.put("best", best.set());
            Checkpoint checkpoint = new Checkpoint(
                    new Checkpoints(file, DESCRIPTION),
                    windows()::addTo,
                    options(4, 2, 3, 100)::addTo,
                    all,
                    Map.of(),
                    List.of(),
                    List.of(optimiser),
                    history);
            assertTrue(checkpoint.exists());
            assertThrows(
                    MalformedFileException.class,
                    () -> checkpoint.read(windows().updatesPerEpoch(3)));
            assertEquals(0, optimiser.updates());
            assertEquals(List.of(), history);
            List<ParameterSet> sets = new ArrayList<>(List.of(network.set(), average.set(), best.set()));
            sets.addAll(optimiser.memory().values());
            Optimiser fresh = options(4, 2, 3, 100).optimiser(kernel, new NetworkParameters(config).set());
            List<ParameterSet> expected = new ArrayList<>(List.of(
                    network.set().zerosLike(),
                    average.set().zerosLike(),
                    best.set().zerosLike()));
            expected.addAll(fresh.memory().values());
            for (int k = 0; k < sets.size(); k++) {
                assertEqual(expected.get(k), sets.get(k));
            }
        }
    }

    private static void assertEqual(ParameterSet expected, ParameterSet actual) {
        for (int b = 0; b < expected.blocks().size(); b++) {
            assertArrayEquals(
                    expected.blocks().get(b).data(), actual.blocks().get(b).data());
        }
    }

    /** An optimiser with another one's memory and count continues as that one does. */
    @ParameterizedTest
    @CsvSource({"ADAM, 0", "ADAM, 1", "ADAM, 50", "ADAM, 2000", "SOAP, 0", "SOAP, 4", "SOAP, 5", "SOAP, 103"})
    void anOptimiserContinuesFromItsState(Optimiser.Method method, int count) {
        ParameterSet theta = parameters();
        Optimiser optimiser = optimiser(method, theta);
        RandomStream random = RandomStream.of(8, "gradients");
        for (int u = 0; u < count; u++) {
            optimiser.update(gradient(random), 0.01);
        }
        ParameterSet copy = parameters();
        copy.copyFrom(theta);
        Optimiser other = optimiser(method, copy);
        optimiser.memory().forEach((name, set) -> other.memory().get(name).copyFrom(set));
        other.resume(count);
        assertEquals(count, other.updates());
        for (int u = 0; u < 12; u++) {
            ParameterSet gradient = gradient(random);
            optimiser.update(gradient, 0.01);
            other.update(gradient, 0.01);
            assertEqual(theta, copy);
        }
        assertEquals(count + 12, other.updates());
    }

    private Optimiser optimiser(Optimiser.Method method, ParameterSet theta) {
        return new TrainingOptions(1, 1, 1, 1, Schedule.cosine(1, 0), method, 0.01, 1, 1, 1, 0, 0, 1, 1)
                .optimiser(kernel, theta);
    }

    private static ParameterSet parameters() {
        ParameterSet.Builder declare = new ParameterSet.Builder();
        Arrays.fill(declare.matrix("weight", 3, 4).data, 1);
        Arrays.fill(declare.vector("bias", 3).data, 1);
        return declare.build();
    }

    private static ParameterSet gradient(RandomStream random) {
        ParameterSet gradient = parameters();
        for (int j = 0; j < gradient.size(); j++) {
            gradient.set(j, random.nextGaussian());
        }
        return gradient;
    }
}
