package org.spikecast.counts.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.spikecast.model.Forecaster;
import org.spikecast.model.ModelFile;
import org.spikecast.train.Losses;

/**
 * A recurrent network that reads windows.
 *
 * @param model the forecaster
 * @param task its task
 */
record WindowedModel(Forecaster model, CountTask task) implements CountModel {
    @Override
    public void write(Path file) throws IOException {
        ModelFile.write(file, model);
    }

    @Override
    public int parameters() {
        return model.network().set().size();
    }

    @Override
    public int window() {
        return task.window();
    }

    @Override
    public String summary(int channels) {
        String cell = model.network().config().cell().caption();
        return "The model, of the form " + task.form().label() + ", is " + cell + " with " + parameters()
                + " parameters. It reads the last " + task.window() + " bins of " + channels
                + " neurons and predicts the next one.";
    }

    @Override
    public void describe(Map<String, Object> json) {
        Losses.describe(model.loss(), json);
    }

    @Override
    public String lossAxis() {
        return model.loss().axis();
    }

    @Override
    public String lossCaption() {
        return model.loss().caption();
    }
}
