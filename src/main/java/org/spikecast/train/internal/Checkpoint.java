package org.spikecast.train.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.io.MalformedFileException;
import org.spikecast.io.NdArray;
import org.spikecast.io.Safetensors;
import org.spikecast.io.internal.Fingerprint;
import org.spikecast.io.internal.Json;
import org.spikecast.lstm.NetworkState;
import org.spikecast.params.ParameterSet;
import org.spikecast.train.Optimiser;
import org.spikecast.train.Trainer;

/**
 * A training between two updates, as a safetensors file: the current parameters, their average and those of the best
 * epoch, the optimiser's state, and as JSON in the metadata the losses so far. Within an epoch it also has the values
 * at the epoch's beginning, for a rollback, and the states of stateful training. Random streams are not stored: their
 * numbers are drawn again. A validation loss that was not measured is null. A checksum covers all of it.
 */
public final class Checkpoint {
    static final String KEY = "spikecast-checkpoint";
    static final String CHECKSUM = "sha256";

    /** The layout of the file. Format 1, of spikecast 0.1.0, had neither a checksum nor fingerprints. */
    private static final int FORMAT = 2;

    private static final String ANEW = "; delete it to begin this training anew";

    private final Checkpoints where;
    private final String dataFingerprint;
    private final String optionsFingerprint;
    private final Map<String, ParameterSet> sets;
    private final Map<String, ParameterSet> withinEpoch = new LinkedHashMap<>();
    private final List<Optimiser> optimisers;
    private final List<Trainer.Epoch> history;

    /**
     * The position of a training.
     *
     * @param bestEpoch 0 before the end of the first epoch
     * @param updates done in the current epoch
     * @param lossSum of these updates
     */
    public record Position(int bestEpoch, int updates, double lossSum) {}

    /**
     * The checkpoint of a training, written from and read into the given objects.
     *
     * @param data adds all data of the training
     * @param options adds all options of the training
     * @param sets the values that are stored between epochs, too, by name
     * @param before the values at the beginning of the current epoch, by name
     * @param states that are carried from batch to batch
     * @param optimisers with the same number of updates
     * @param history to which the epochs so far are added on reading
     */
    public Checkpoint(
            Checkpoints where,
            Consumer<Fingerprint> data,
            Consumer<Fingerprint> options,
            Map<String, ParameterSet> sets,
            Map<String, ParameterSet> before,
            List<NetworkState> states,
            List<Optimiser> optimisers,
            List<Trainer.Epoch> history) {
        this.where = where;
        this.sets = sets;
        this.optimisers = optimisers;
        this.history = history;
        Fingerprint read = new Fingerprint();
        data.accept(read);
        dataFingerprint = read.hex();
        Fingerprint chosen = new Fingerprint();
        options.accept(chosen);
        optionsFingerprint = chosen.hex();
        before.forEach((name, set) -> withinEpoch.put("before." + name, set));
        for (int s = 0; s < states.size(); s++) {
            List<ParameterSet.Block> parts = new ArrayList<>();
            for (int k = 0; k < states.get(s).parts(); k++) {
                DMatrixRMaj part = states.get(s).part(k);
                parts.add(new ParameterSet.Block("part" + k, part, part.numRows, part.numCols));
            }
            withinEpoch.put("state." + s, ParameterSet.of(parts));
        }
    }

    public Path file() {
        return where.file();
    }

    /** Writes the file atomically. */
    public void write(Position position) throws IOException {
        Map<String, NdArray> tensors = new LinkedHashMap<>();
        blocks(position.updates > 0).forEach((name, b) -> tensors.put(name, NdArray.of(b.data(), b.shape())));
        Map<String, Object> text = new LinkedHashMap<>();
        text.put("format", FORMAT);
        text.put("description", where.description());
        text.put("data", dataFingerprint);
        text.put("options", optionsFingerprint);
        text.put("best_epoch", position.bestEpoch);
        text.put("updates", optimisers.get(0).updates());
        text.put("epoch_updates", position.updates);
        text.put("epoch_loss_sum", position.lossSum);
        text.put("training_loss", losses(true));
        text.put("validation_loss", losses(false));
        text.put("lost_epochs", Trainer.lost(history));
        String json = Json.writeCompact(text);
        Safetensors.write(where.file(), tensors, Map.of(KEY, json, CHECKSUM, checksum(json, tensors)));
    }

    /** The SHA-256 of a checkpoint's text and tensors, in hexadecimal digits. */
    static String checksum(String json, Map<String, NdArray> tensors) {
        Fingerprint sum = new Fingerprint().add(json);
        tensors.forEach((name, tensor) -> sum.add(name)
                .add(Arrays.stream(tensor.shape()).asLongStream().toArray())
                .add(tensor.doubles()));
        return sum.hex();
    }

    private Map<String, ParameterSet.Block> blocks(boolean inEpoch) {
        Map<String, ParameterSet.Block> blocks = new LinkedHashMap<>();
        sets.forEach((name, set) -> set.blocks().forEach(b -> blocks.put(name + "." + b.name(), b)));
        if (inEpoch) {
            withinEpoch.forEach((name, set) -> set.blocks().forEach(b -> blocks.put(name + "." + b.name(), b)));
        }
        return blocks;
    }

    private List<Double> losses(boolean training) {
        List<Double> losses = new ArrayList<>();
        for (Trainer.Epoch e : history) {
            double loss = training ? e.trainingLoss() : e.validationLoss();
            losses.add(Double.isNaN(loss) ? null : loss);
        }
        return losses;
    }

    public boolean exists() {
        return Files.exists(where.file());
    }

    /**
     * Reads the file. If any part does not fit, nothing is changed.
     *
     * @param updatesPerEpoch of the training
     * @throws MalformedFileException if it is no checkpoint, damaged, or one of another training
     */
    public Position read(int updatesPerEpoch) throws IOException {
        Safetensors content;
        try {
            content = Safetensors.read(where.file());
        } catch (MalformedFileException e) {
            throw new MalformedFileException(where.file(), "the checkpoint is damaged: " + e.reason() + ANEW);
        }
        try {
            return restore(content, updatesPerEpoch);
        } catch (IllegalArgumentException e) {
            throw new MalformedFileException(where.file(), e.getMessage());
        }
    }

    private Position restore(Safetensors content, int updatesPerEpoch) {
        String json = content.metadata().get(KEY);
        if (json == null) {
            throw new IllegalArgumentException("it is no checkpoint of a training" + ANEW);
        }
        String checksum = content.metadata().get(CHECKSUM);
        if (checksum != null && !checksum.equals(checksum(json, content.tensors()))) {
            throw new IllegalArgumentException(
                    "the checkpoint is damaged: its content does not give the checksum in it" + ANEW);
        }
        if (!(Json.parse(json) instanceof Map<?, ?> text)) {
            throw new IllegalArgumentException("it is no checkpoint of a training" + ANEW);
        }
        if (checksum == null || !Long.valueOf(FORMAT).equals(text.get("format"))) {
            throw new IllegalArgumentException("the checkpoint is of another version of spikecast, format "
                    + (text.get("format") == null ? "1 (0.1.0)" : text.get("format")) + ", expected " + FORMAT
                    + ": finish the run with the version that began it, or begin it anew");
        }
        requireSameTraining(text);
        List<Double> training = numbers(text, "training_loss");
        List<Double> validation = numbers(text, "validation_loss");
        int epochs = training.size();
        double best = number(text.get("best_epoch"), "best_epoch");
        double updates = number(text.get("updates"), "updates");
        double inEpoch = number(text.get("epoch_updates"), "epoch_updates");
        double lossSum = number(text.get("epoch_loss_sum"), "epoch_loss_sum");
        boolean validated = validation.stream().anyMatch(loss -> !loss.isNaN());
        if (validation.size() != epochs
                || !(best >= (validated ? 1 : 0) && best <= epochs && best == Math.rint(best))) {
            throw new IllegalArgumentException("its epochs do not fit together: " + epochs + " training losses, "
                    + validation.size() + " validation losses, the best in epoch " + text.get("best_epoch"));
        }
        List<Double> lost = numbers(text, "lost_epochs");
        if (lost.contains(best)) {
            throw new IllegalArgumentException(
                    "its best epoch " + text.get("best_epoch") + " is among those rolled back");
        }
        int kept = epochs - lost.size();
        boolean fits = inEpoch >= 0 && inEpoch <= updatesPerEpoch && inEpoch == Math.rint(inEpoch);
        if (!fits || updates != (double) kept * updatesPerEpoch + inEpoch) {
            throw new IllegalArgumentException("expected " + updatesPerEpoch + " updates in each of its " + kept
                    + " epochs and " + text.get("epoch_updates") + " of the next one, got " + text.get("updates")
                    + " in all");
        }
        Map<String, ParameterSet.Block> blocks = blocks(inEpoch > 0);
        List<double[]> data = tensors(content, blocks);

        int next = 0;
        for (ParameterSet.Block block : blocks.values()) {
            System.arraycopy(data.get(next++), 0, block.data(), 0, block.data().length);
        }
        for (int e = 0; e < epochs; e++) {
            history.add(new Trainer.Epoch(e + 1, training.get(e), validation.get(e), lost.contains(e + 1.0)));
        }
        optimisers.forEach(optimiser -> optimiser.resume((long) updates));
        return new Position((int) best, (int) inEpoch, lossSum);
    }

    /** Throws unless the file is of this training; the message names the difference. */
    private void requireSameTraining(Map<?, ?> text) {
        if (!where.description().equals(text.get("description"))) {
            throw new IllegalArgumentException("the checkpoint is of another training, " + text.get("description")
                    + ": expected " + where.description());
        }
        if (!optionsFingerprint.equals(text.get("options"))) {
            throw new IllegalArgumentException("the checkpoint is of a training with other options: give those that it"
                    + " was begun with, or begin another run");
        }
        if (!dataFingerprint.equals(text.get("data"))) {
            throw new IllegalArgumentException("the checkpoint is of a training on other data: what it reads has the"
                    + " SHA-256 " + text.get("data") + ", the data now " + dataFingerprint
                    + "; give the data that it was begun with, or begin another run");
        }
    }

    /** The values of all blocks, in their order. */
    private static List<double[]> tensors(Safetensors content, Map<String, ParameterSet.Block> blocks) {
        List<double[]> data = new ArrayList<>();
        blocks.forEach((name, block) -> {
            NdArray tensor = content.tensors().get(name);
            if (tensor == null || !Arrays.equals(tensor.shape(), block.shape())) {
                throw new IllegalArgumentException(
                        "tensor '" + name + "': expected the shape " + Arrays.toString(block.shape()) + ", got "
                                + (tensor == null ? "none" : Arrays.toString(tensor.shape())));
            }
            data.add(tensor.doubles());
        });
        if (data.size() != content.tensors().size()) {
            throw new IllegalArgumentException("expected " + data.size() + " tensors, got "
                    + content.tensors().size());
        }
        return data;
    }

    private static List<Double> numbers(Map<?, ?> text, String key) {
        if (!(text.get(key) instanceof List<?> list)) {
            throw new IllegalArgumentException("'" + key + "': expected a list of numbers, got " + text.get(key));
        }
        List<Double> numbers = new ArrayList<>();
        for (Object value : list) {
            numbers.add(value == null ? Double.valueOf(Double.NaN) : Double.valueOf(number(value, key)));
        }
        return numbers;
    }

    private static double number(Object value, String key) {
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        throw new IllegalArgumentException("'" + key + "': expected a number, got " + value);
    }
}
