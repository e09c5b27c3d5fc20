package org.spikecast.voltage.internal;

import java.util.LinkedHashMap;
import java.util.Map;
import org.spikecast.io.internal.Label;
import org.spikecast.train.Schedule;
import org.spikecast.train.TrainingOptions;

/**
 * The training of a network on voltage traces.
 *
 * @param name of its files, and in tables
 * @param group its purpose: networks of one group are compared in a table
 * @param updatesPerEpoch updates between two validations
 */
public record TraceTraining(String name, Group group, TraceForm form, int updatesPerEpoch, TrainingOptions options) {
    /** The purpose of a network. */
    public enum Group {
        /** To forecast as well as it can, trained longest. */
        LONGEST,
        /** To compare horizons, at equal numbers of updates. */
        HORIZONS,
        /** Stateful networks, for long free runs. */
        STEPS,
        /** To compare orders and heads, at equal numbers of updates. */
        ORDERS
    }

    public TraceTraining {
        if (updatesPerEpoch < 1) {
            throw new IllegalArgumentException("updates of an epoch: expected at least 1, got " + updatesPerEpoch);
        }
    }

    /** The entry for the files of a run. */
    Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", name);
        json.put("group", Label.of(group));
        form.describe(json);
        json.put("hidden", options.hidden());
        json.put("layers", options.layers());
        json.put("updates", updatesPerEpoch * options.epochs());
        json.put("batch", options.batch());
        json.put("optimiser", Label.of(options.method()));
        Schedule schedule = options.schedule();
        json.put("schedule", Label.of(schedule.shape()));
        json.put("learning_rate", schedule.peak());
        json.put("warm_up", schedule.warmUp());
        if (schedule.shape() == Schedule.Shape.STEP) {
            json.put("step_epochs", schedule.stepEpochs());
            json.put("step_factor", schedule.stepFactor());
        }
        json.put("weight_decay", options.weightDecay());
        json.put("averaging", options.emaUpdates());
        json.put("clip", options.clipNorm());
        json.put("patience", options.patience());
        json.put("forget_bias", options.forgetBias());
        json.put("longest_memory", options.chronoTMax());
        json.put("seed", options.seed());
        return json;
    }
}
