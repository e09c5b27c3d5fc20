package org.spikecast.voltage.internal;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.io.internal.Fingerprint;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.train.Losses;
import org.spikecast.train.Scaling;
import org.spikecast.train.TrainingData;
import org.spikecast.train.internal.Pass;
import org.spikecast.train.internal.Require;

/**
 * Windows and the blocks after them, of traces that are split by trajectory. An epoch is a fixed number of updates on
 * windows drawn at random, three of four from those whose block is active.
 */
final class BlockWindows implements TrainingData {
    /** One window of every {@value} is drawn from all, the others from the active ones, which are rare and hard. */
    private static final int PLAIN = 4;

    private static final int VALIDATION_BLOCKS = 2000;

    private final BlockForm form;
    private final Traces training;
    private final double[] voltage;
    private final double[] current;
    private final BlockStarts starts;
    private final int updates;
    private final int[] drawn;

    private final Traces validation;
    private final int[] validationStarts;
    private final Scaling scaling;

    /**
     * Windows for training.
     *
     * @param scaling of voltage and current
     * @param updates of an epoch
     * @param batch B
     * @param seed of the windows of the validation part
     */
    public BlockWindows(
            BlockForm form, Traces training, Traces validation, Scaling scaling, int updates, int batch, long seed) {
        Require.atLeast(1, updates, "updates of an epoch");
        Require.atLeast(1, batch, "batch size");
        this.form = form;
        this.training = training;
        this.validation = validation;
        this.scaling = scaling;
        this.updates = updates;
        voltage = scaling.apply(0, training.voltage().data);
        current = scaling.apply(1, training.current());
        starts = new BlockStarts(training, form.window(), form.horizon());
        drawn = new int[Math.multiplyExact(updates, batch)];
        validationStarts = new BlockStarts(validation, form.window(), form.horizon())
                .draw(VALIDATION_BLOCKS, RandomStream.of(seed, "validation windows"));
    }

    @Override
    public NetworkConfig config(int hidden, int layers) {
        return form.config(hidden, layers);
    }

    @Override
    public int steps() {
        return form.window();
    }

    @Override
    public int outputSteps() {
        return form.outputSteps();
    }

    @Override
    public Pass.Factory passes(Kernel kernel, NetworkConfig config) {
        return Pass.over(kernel, Losses.MEAN_SQUARED_ERROR, config, steps(), outputSteps());
    }

    @Override
    public void addTo(Fingerprint fingerprint) {
        fingerprint.add(form.toString()).add(updates, drawn.length);
        scaling.addTo(fingerprint);
        training.addTo(fingerprint);
        validation.addTo(fingerprint);
        fingerprint.add(Arrays.stream(validationStarts).asLongStream().toArray());
    }

    @Override
    public int updatesPerEpoch(int batch) {
        if ((long) updates * batch != drawn.length) {
            throw new IllegalArgumentException("batch size: expected " + drawn.length / updates
                    + ", for which the windows were made, got " + batch);
        }
        return updates;
    }

    @Override
    public void startEpoch(RandomStream stream) {
        for (int s = 0; s < drawn.length; s++) {
            drawn[s] = s % PLAIN == 0 ? starts.draw(stream) : starts.drawActive(stream);
        }
    }

    @Override
    public void copy(int sequence, DMatrixRMaj x, DMatrixRMaj y, int column) {
        int start = drawn[sequence];
        form.copyWindow(voltage, start, current[start / training.samples()], x, column);
        form.copyBlock(voltage, start, y, column);
    }

    /** The mean squared error of forecast voltages, on the network's scale. */
    @Override
    public double validationLoss(Kernel kernel, NetworkParameters network) {
        DMatrixRMaj forecast =
                new BlockForecaster(kernel, network, form, scaling).forecast(validation, validationStarts);
        DMatrixRMaj target = validation.after(validationStarts, form.horizon());
        double scale = scaling.scale()[0];
        return Losses.MEAN_SQUARED_ERROR.evaluate(kernel, forecast, target, target.createLike()) / (scale * scale);
    }
}
