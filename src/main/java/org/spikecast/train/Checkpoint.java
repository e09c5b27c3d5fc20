package org.spikecast.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.spikecast.io.Json;
import org.spikecast.io.MalformedFileException;
import org.spikecast.io.NdArray;
import org.spikecast.io.Safetensors;
import org.spikecast.lstm.LstmParameters;
import org.spikecast.params.ParameterSet;

/**
 * A training between two epochs, as a safetensors file: parameters now, averaged and of the best epoch, what the optimiser
 * remembers, and as JSON in the metadata the losses so far. Random streams need not be kept: they are drawn from again.
 */
final class Checkpoint {
    private static final String KEY = "spikecast-checkpoint";

    private final Path file;
    private final String description;
    private final Map<String, ParameterSet> sets = new LinkedHashMap<>();
    private final Optimiser optimiser;
    private final List<Trainer.Epoch> history;

    /**
     * A file of a training, whose parts are written from and read into what is given here.
     *
     * @param description what the training is; a file with another one is refused
     */
    Checkpoint(
            Path file,
            String description,
            LstmParameters network,
            LstmParameters average,
            LstmParameters best,
            Optimiser optimiser,
            List<Trainer.Epoch> history) {
        this.file = file;
        this.description = description;
        this.optimiser = optimiser;
        this.history = history;
        sets.put("network", network.set());
        if (average != network) {
            sets.put("average", average.set());
        }
        sets.put("best", best.set());
        sets.putAll(optimiser.memory());
    }

    /** Writes the file, whole or not at all. */
    void write(int bestEpoch) throws IOException {
        Map<String, NdArray> tensors = new LinkedHashMap<>();
        sets.forEach((name, set) ->
                set.blocks().forEach(b -> tensors.put(name + "." + b.name(), NdArray.of(b.data(), b.shape()))));
        Map<String, Object> text = new LinkedHashMap<>();
        text.put("description", description);
        text.put("best_epoch", bestEpoch);
        text.put("updates", optimiser.updates());
        text.put("training_loss", losses(true));
        text.put("validation_loss", losses(false));
        text.put("lost_epochs", Trainer.lost(history));
        Safetensors.write(file, tensors, Map.of(KEY, Json.writeCompact(text)));
    }

    private double[] losses(boolean training) {
        return history.stream()
                .mapToDouble(e -> training ? e.trainingLoss() : e.validationLoss())
                .toArray();
    }

    boolean exists() {
        return Files.exists(file);
    }

    /**
     * Reads the file; unless all of it fits, nothing is changed.
     *
     * @param updatesPerEpoch of the training
     * @return the best epoch
     * @throws MalformedFileException if it is no checkpoint, or one of another training
     */
    int read(int updatesPerEpoch) throws IOException {
        Safetensors content = Safetensors.read(file);
        try {
            return restore(content, updatesPerEpoch);
        } catch (IllegalArgumentException e) {
            throw new MalformedFileException(file, e.getMessage());
        }
    }

    private int restore(Safetensors content, int updatesPerEpoch) {
        String json = content.metadata().get(KEY);
        if (json == null || !(Json.parse(json) instanceof Map<?, ?> text)) {
            throw new IllegalArgumentException("it is no checkpoint of a training");
        }
        if (!description.equals(text.get("description"))) {
            throw new IllegalArgumentException(
                    "the checkpoint is of another training, " + text.get("description") + ": expected " + description);
        }
        List<Double> training = numbers(text, "training_loss");
        List<Double> validation = numbers(text, "validation_loss");
        int epochs = training.size();
        double best = number(text.get("best_epoch"), "best_epoch");
        double updates = number(text.get("updates"), "updates");
        if (validation.size() != epochs || !(best >= 1 && best <= epochs && best == Math.rint(best))) {
            throw new IllegalArgumentException("its epochs do not fit together: " + epochs + " training losses, "
                    + validation.size() + " validation losses, the best in epoch " + text.get("best_epoch"));
        }
        List<Double> lost = numbers(text, "lost_epochs");
        if (lost.contains(best)) {
            throw new IllegalArgumentException("its best epoch " + text.get("best_epoch") + " is among the lost ones");
        }
        int kept = epochs - lost.size();
        if (updates != (double) kept * updatesPerEpoch) {
            throw new IllegalArgumentException("expected " + updatesPerEpoch + " updates in each of its " + kept
                    + " epochs, got " + text.get("updates") + " in all");
        }
        List<double[]> data = tensors(content);

        int next = 0;
        for (ParameterSet set : sets.values()) {
            for (ParameterSet.Block block : set.blocks()) {
                System.arraycopy(data.get(next++), 0, block.data(), 0, block.data().length);
            }
        }
        for (int e = 0; e < epochs; e++) {
            history.add(new Trainer.Epoch(e + 1, training.get(e), validation.get(e), lost.contains(e + 1.0)));
        }
        optimiser.resume((long) updates);
        return (int) best;
    }

    /** The numbers of all blocks, in their order. */
    private List<double[]> tensors(Safetensors content) {
        List<double[]> data = new ArrayList<>();
        for (Map.Entry<String, ParameterSet> set : sets.entrySet()) {
            for (ParameterSet.Block block : set.getValue().blocks()) {
                String name = set.getKey() + "." + block.name();
                NdArray tensor = content.tensors().get(name);
                if (tensor == null || !Arrays.equals(tensor.shape(), block.shape())) {
                    throw new IllegalArgumentException(
                            "tensor '" + name + "': expected the shape " + Arrays.toString(block.shape()) + ", got "
                                    + (tensor == null ? "none" : Arrays.toString(tensor.shape())));
                }
                data.add(tensor.doubles());
            }
        }
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
            numbers.add(number(value, key));
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
