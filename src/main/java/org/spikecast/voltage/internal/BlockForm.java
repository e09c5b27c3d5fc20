package org.spikecast.voltage.internal;

import java.util.Arrays;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.inspect.internal.InsideSection;
import org.spikecast.io.internal.Label;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.model.internal.Layout;
import org.spikecast.model.internal.Metadata;
import org.spikecast.train.Scaling;
import org.spikecast.train.TrainingData;
import org.spikecast.voltage.TraceSource;

/**
 * A sequence-to-sequence layout: the network forecasts a block of a trace from the window of samples before it. A step
 * of the network reads the voltage of one sample and the current. With every head, the network's output is the block
 * in the order of time: horizon x B.
 *
 * @param window N, samples that are read
 * @param horizon N_p, samples that are forecast
 * @param order in which the window is read
 * @param head the input of the fully connected layer
 */
public record BlockForm(int window, int horizon, Order order, Head head) implements TraceForm {
    private static final String LABEL = "block";

    /** The order in which a window is read. */
    public enum Order {
        /** The newest sample first, next to the first one that is forecast. */
        REVERSED,
        /** The oldest sample first. */
        FORWARD
    }

    /** The input of the fully connected output layer. */
    public enum Head {
        /** The state after the last step; it gives the whole block. */
        LAST,
        /** The state after each step; it gives one sample each, so that window and horizon are equal. */
        EVERY,
        /** The states after all steps at once; it gives the whole block. */
        ALL
    }

    public BlockForm {
        if (window < 1 || horizon < 1) {
            throw new IllegalArgumentException(
                    "Window and horizon: expected at least 1 sample each, got " + window + " and " + horizon);
        }
        if (head == Head.EVERY && window != horizon) {
            throw new IllegalArgumentException("A head on every step gives as many samples as are read: window and"
                    + " horizon must be equal, got " + window + " and " + horizon);
        }
    }

    @Override
    public int learnedSteps() {
        return window;
    }

    @Override
    public NetworkConfig config(int hidden, int layers) {
        return new NetworkConfig(
                FEATURES, hidden, layers, head == Head.EVERY ? 1 : horizon, head == Head.ALL ? window : 1);
    }

    /** Reads a form from a model file's metadata; null if it is another one. */
    static BlockForm read(Metadata metadata) {
        return !LABEL.equals(metadata.form())
                ? null
                : new BlockForm(
                        metadata.count("window"),
                        metadata.count("horizon"),
                        metadata.constant("order", Order.values()),
                        metadata.constant("head", Head.values()));
    }

    @Override
    public String label() {
        return LABEL;
    }

    @Override
    public void describe(Map<String, Object> entries) {
        entries.put("window", window);
        entries.put("horizon", horizon);
        entries.put("order", Label.of(order));
        entries.put("head", Label.of(head));
    }

    @Override
    public void requireSteps(int steps) {
        if (steps != window) {
            throw new IllegalArgumentException(
                    "The model was trained for windows of " + window + " samples, the input has " + steps + " steps");
        }
    }

    @Override
    public void requireFit(TraceSource source, double settleMs, double observedMs) {
        requireFit(Traces.samples(source.durationMs(), source.sampleMs()));
        if (window * source.sampleMs() > observedMs) {
            throw new IllegalArgumentException("The window of " + window + " samples is longer than the " + observedMs
                    + " ms observed before a free run");
        }
    }

    /** Throws unless window and horizon fit into trajectories of n samples. */
    void requireFit(int samples) {
        if (window + horizon > samples) {
            throw new IllegalArgumentException("Window and horizon of " + window + " and " + horizon
                    + " samples do not fit into trajectories of " + samples);
        }
    }

    @Override
    public Traces learned(TraceData data) {
        return data.training();
    }

    @Override
    public TrainingData trainingData(TraceData data, TraceTraining training, double settleMs, long seed) {
        return new BlockWindows(
                this,
                data.training(),
                data.validation(),
                data.scaling(),
                training.updatesPerEpoch(),
                training.options().batch(),
                seed);
    }

    @Override
    public BlockForecaster forecaster(Kernel kernel, NetworkParameters network, Scaling scaling) {
        return new BlockForecaster(kernel, network, this, scaling);
    }

    /** Outputs have the scale of the voltages that are read. */
    @Override
    public Scaling outputScaling(Scaling inputs, int outputs) {
        double[] offset = new double[outputs];
        double[] scale = new double[outputs];
        Arrays.fill(offset, inputs.offset()[0]);
        Arrays.fill(scale, inputs.scale()[0]);
        return new Scaling(offset, scale);
    }

    @Override
    public BlockForm scoredBlocks(BlockForm others) {
        return this;
    }

    @Override
    public InsideSection.Sequences inside(TraceData data, int count, RandomStream stream) {
        Traces traces = data.test();
        BlockStarts places = new BlockStarts(traces, window, horizon);
        DMatrixRMaj x = new DMatrixRMaj(2 * window, count);
        DMatrixRMaj y = new DMatrixRMaj(horizon, count);
        for (int column = 0; column < count; column++) {
            int start = places.drawActive(stream);
            copyWindow(traces.voltage().data, start, traces.current()[start / traces.samples()], x, column);
            copyBlock(traces.voltage().data, start, y, column);
        }
        return new InsideSection.Sequences(Layout.toRows(x, 1), Layout.toRows(y, 1), count, window, head == Head.EVERY);
    }

    @Override
    public String insideCaption() {
        return "It reads windows of " + window + " samples, "
                + (order == Order.REVERSED ? "the newest first" : "in the order of time") + ", and forecasts the "
                + horizon + " that follow. The window shown here ends before a spike of the test part.";
    }

    @Override
    public String insideAxis() {
        return order == Order.REVERSED ? "step (the newest sample first)" : InsideSection.TIME;
    }

    @Override
    public boolean hasReach() {
        return head == Head.LAST;
    }

    @Override
    public String inputCaption() {
        return "the last " + window + " samples";
    }

    @Override
    public String lossAxis() {
        return "MSE, on the network's scale";
    }

    @Override
    public String lossCaption() {
        return "Mean squared error, in units of (20 mV)^2. Three of four training windows are active ones, which are"
                + " harder; validation windows are drawn from all windows.";
    }

    /** K, the steps that have an output. */
    public int outputSteps() {
        return head == Head.EVERY ? horizon : 1;
    }

    /**
     * Copies a window into one column of a batch.
     *
     * @param voltage samples, scaled
     * @param end the place of the first sample after the window
     * @param current scaled
     * @param x (N 2) x B, steps stacked by rows
     */
    public void copyWindow(double[] voltage, int end, double current, DMatrixRMaj x, int column) {
        int place = order == Order.REVERSED ? end - 1 : end - window;
        int step = order == Order.REVERSED ? -1 : 1;
        int batch = x.numCols;
        for (int t = 0; t < window; t++) {
            x.data[2 * t * batch + column] = voltage[place + t * step];
            x.data[(2 * t + 1) * batch + column] = current;
        }
    }

    /** Copies the block that begins at a place into one column of horizon x B. */
    public void copyBlock(double[] voltage, int start, DMatrixRMaj y, int column) {
        for (int k = 0; k < horizon; k++) {
            y.data[k * y.numCols + column] = voltage[start + k];
        }
    }
}
