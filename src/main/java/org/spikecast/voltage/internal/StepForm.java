package org.spikecast.voltage.internal;

import java.util.Map;
import org.spikecast.inspect.internal.InsideSection;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.Elementary;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.model.internal.Metadata;
import org.spikecast.train.Scaling;
import org.spikecast.train.TrainingData;
import org.spikecast.voltage.TraceSource;

/**
 * The layout of a stateful, autoregressive forecaster: each step reads one voltage and the current and predicts the
 * change of the voltage until the next sample. After the observed samples it runs free: it reads the voltage that it
 * has predicted. The neuron's gating variables are filters of the voltage with a time constant each, which the cells
 * of an LSTM can represent.
 *
 * <p>At rest the voltage changes by thousandths of a mV from sample to sample, in a spike by 10 mV. So that both count, the
 * output is y = {@value #GAIN} asinh(change / {@value #FINE_MV} mV).
 *
 * @param bpttSteps T, steps of a segment of truncated backpropagation through time
 * @param forcingRest alpha of generalised teacher forcing at the end of training, at rest: the fraction of the
 *     voltage's error that is removed at each sample
 * @param forcingSpikes the same in spikes
 */
public record StepForm(int bpttSteps, double forcingRest, double forcingSpikes) implements TraceForm {
    private static final String LABEL = "step";

    private static final double FINE_MV = 0.05;
    private static final double GAIN = 0.3;

    /** The largest change of voltage within a sample interval, in mV; no neuron's changes by more. */
    private static final double LARGEST_MV = 1000;

    public StepForm {
        if (bpttSteps < 1) {
            throw new IllegalArgumentException("Steps of a segment: expected at least 1, got " + bpttSteps);
        }
        for (double forcing : new double[] {forcingRest, forcingSpikes}) {
            if (!(forcing > 0 && forcing <= 1)) {
                throw new IllegalArgumentException("Forcing: expected more than 0 and at most 1, got " + forcing);
            }
        }
    }

    @Override
    public int learnedSteps() {
        return bpttSteps;
    }

    @Override
    public NetworkConfig config(int hidden, int layers) {
        return new NetworkConfig(FEATURES, hidden, layers, 1);
    }

    /** Reads a form from a model file's metadata; null if the metadata have another one. */
    static StepForm read(Metadata metadata) {
        return !LABEL.equals(metadata.form())
                ? null
                : new StepForm(
                        metadata.count("piece_steps"),
                        metadata.number("rest_forcing").doubleValue(),
                        metadata.number("spike_forcing").doubleValue());
    }

    @Override
    public String label() {
        return LABEL;
    }

    @Override
    public void describe(Map<String, Object> entries) {
        entries.put("piece_steps", bpttSteps);
        entries.put("rest_forcing", forcingRest);
        entries.put("spike_forcing", forcingSpikes);
    }

    @Override
    public void requireFit(TraceSource source, double settleMs, double observedMs) {
        int samples = Traces.samples(source.freeRunMs(), source.sampleMs());
        StepWindows.requireFit(this, samples, samples, settleMs, source.sampleMs());
    }

    @Override
    public Traces learned(TraceData data) {
        return data.longTraining();
    }

    @Override
    public TrainingData trainingData(TraceData data, TraceTraining training, double settleMs, long seed) {
        return new StepWindows(
                this,
                data.longTraining(),
                data.longValidation(),
                settleMs,
                data.scaling(),
                training.updatesPerEpoch(),
                training.options().batch(),
                training.options().epochs());
    }

    @Override
    public TraceForecaster forecaster(Kernel kernel, NetworkParameters network, Scaling scaling) {
        return new StepForecaster(kernel, network, this, scaling);
    }

    /** An output is not linear in the change of voltage: it is decoded instead. */
    @Override
    public Scaling outputScaling(Scaling inputs, int outputs) {
        return Scaling.identity(outputs);
    }

    @Override
    public BlockForm scoredBlocks(BlockForm others) {
        return others;
    }

    @Override
    public InsideSection.Sequences inside(TraceData data, int count, RandomStream stream) {
        Traces traces = data.test();
        int steps = Math.min(InsideSection.STEPS, traces.samples() - 1);
        double[] x = new double[count * steps * FEATURES];
        double[] y = new double[count * steps];
        for (int k = 0; k < count; k++) {
            int cell = stream.nextInt(traces.cells());
            int first = traces.place(cell, stream.nextInt(traces.samples() - steps));
            for (int t = 0; t < steps; t++) {
                double voltage = traces.voltage().data[first + t];
                x[(k * steps + t) * FEATURES] = voltage;
                x[(k * steps + t) * FEATURES + 1] = traces.current()[cell];
                y[k * steps + t] = encode(traces.voltage().data[first + t + 1] - voltage);
            }
        }
        return new InsideSection.Sequences(x, y, count, steps, true);
    }

    @Override
    public String insideCaption() {
        return "It reads part of an observed trace, sample by sample, from a zero state.";
    }

    @Override
    public String inputCaption() {
        return "all samples so far";
    }

    @Override
    public String lossAxis() {
        return "loss";
    }

    @Override
    public String lossCaption() {
        return "The training loss is that of runs with generalised teacher forcing (ForcedRun has the equation). The forcing"
                + " weakens as training proceeds, so that this loss may rise while the network improves. The validation loss is"
                + " that of free runs: the mean of log(1 + (e / 0.1 mV)^2) over the errors e of the voltage.";
    }

    /** The network's output for a change of voltage in mV. */
    public static double encode(double change) {
        double x = Math.abs(change / FINE_MV);
        // asinh(x) = log(1 + t). A small t loses digits in u = 1 + t; log(u) / (u - 1) hardly changes with them.
        double t = x + x * x / (1 + Math.sqrt(x * x + 1));
        double u = 1 + t;
        double y = u == 1 ? t : Elementary.log(u) * t / (u - 1);
        return Math.copySign(GAIN * y, change);
    }

    /** The derivative of {@link #encode}. */
    public static double encodeSlope(double change) {
        return GAIN / Math.sqrt(change * change + FINE_MV * FINE_MV);
    }

    /**
     * The change of voltage in mV from the network's output: the inverse of {@link #encode}, clipped at +-{@value
     * #LARGEST_MV}.
     */
    public static double decode(double output) {
        double y = output / GAIN;
        double e = Elementary.exp(Math.abs(y));
        // sinh = tanh cosh: the difference e - 1 / e would lose the digits of a small y.
        double change = FINE_MV * Elementary.tanh(y) * ((e + 1 / e) / 2);
        return Math.max(-LARGEST_MV, Math.min(LARGEST_MV, change));
    }

    /** The derivative of {@link #decode} where it has this value. */
    public static double decodeSlope(double change) {
        return Math.abs(change) < LARGEST_MV ? 1 / encodeSlope(change) : 0;
    }
}
