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
 * A training between two epochs, as a safetensors file: parameters now and of the best epoch, Adam's moments, and as JSON
 * in the metadata the losses so far. Random streams need not be kept: they are drawn from again.
 */
final class Checkpoint {
    private static final String KEY = "spikecast-checkpoint";

    private final Path file;
    private final String description;
    private final Map<String, ParameterSet> sets = new LinkedHashMap<>();
    private final Adam adam;
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
            LstmParameters best,
            Adam adam,
            List<Trainer.Epoch> history) {
        this.file = file;
        this.description = description;
        this.adam = adam;
        this.history = history;
        sets.put("network", network.set());
        sets.put("best", best.set());
        sets.put("adam.m", adam.firstMoment());
        sets.put("adam.v", adam.secondMoment());
    }

    /** Writes the file, whole or not at all. */
    void write(int bestEpoch) throws IOException {
        Map<String, NdArray> tensors = new LinkedHashMap<>();
        sets.forEach((name, set) ->
                set.blocks().forEach(b -> tensors.put(name + "." + b.name(), NdArray.of(b.data(), b.shape()))));
        Map<String, Object> text = new LinkedHashMap<>();
        text.put("description", description);
        text.put("best_epoch", bestEpoch);
        text.put("updates", adam.updates());
        text.put("training_loss", losses(true));
        text.put("validation_loss", losses(false));
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

    /** Reads the file; returns the best epoch. */
    int read() throws IOException {
        Safetensors content = Safetensors.read(file);
        String text = content.metadata().get(KEY);
        if (text == null || !(Json.parse(text) instanceof Map<?, ?> map)) {
            throw new MalformedFileException(file, "it is no checkpoint of a training");
        }
        if (!description.equals(map.get("description"))) {
            throw new MalformedFileException(
                    file,
                    "the checkpoint is of another training, " + map.get("description") + ": expected " + description);
        }
        List<Double> training = numbers(map, "training_loss");
        List<Double> validation = numbers(map, "validation_loss");
        List<Double> counts = List.of(number(map.get("best_epoch")), number(map.get("updates")));
        if (training.size() != validation.size() || !(counts.get(0) >= 1 && counts.get(0) <= training.size())) {
            throw new MalformedFileException(file, "its epochs do not fit together");
        }
        for (Map.Entry<String, ParameterSet> set : sets.entrySet()) {
            for (ParameterSet.Block block : set.getValue().blocks()) {
                NdArray tensor = content.tensors().get(set.getKey() + "." + block.name());
                if (tensor == null || !Arrays.equals(tensor.shape(), block.shape())) {
                    throw new MalformedFileException(
                            file, "tensor '" + set.getKey() + "." + block.name() + "' is missing or of another shape");
                }
                double[] numbers = tensor.doubles();
                System.arraycopy(numbers, 0, block.data(), 0, numbers.length);
            }
        }
        for (int e = 0; e < training.size(); e++) {
            history.add(new Trainer.Epoch(e + 1, training.get(e), validation.get(e)));
        }
        adam.skipTo(counts.get(1).longValue());
        return counts.get(0).intValue();
    }

    private List<Double> numbers(Map<?, ?> map, String key) throws IOException {
        if (!(map.get(key) instanceof List<?> list)) {
            throw new MalformedFileException(file, "'" + key + "': expected a list of numbers, got " + map.get(key));
        }
        List<Double> numbers = new ArrayList<>();
        for (Object value : list) {
            numbers.add(number(value));
        }
        return numbers;
    }

    private double number(Object value) throws IOException {
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        throw new MalformedFileException(file, "expected a number, got " + value);
    }
}
