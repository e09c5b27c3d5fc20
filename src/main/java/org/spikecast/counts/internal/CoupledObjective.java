package org.spikecast.counts.internal;

import java.util.Arrays;
import org.spikecast.check.Objective;
import org.spikecast.counts.Series;
import org.spikecast.kernel.Kernel;
import org.spikecast.params.ParameterSet;

/**
 * The loss of a network of the form {@code coupled} on a series, as a function of its parameters.
 */
public final class CoupledObjective implements Objective {
    private final Kernel kernel;
    private final CoupledParameters parameters;
    private final Neighbours neighbours;
    private final CoupledLoss loss;
    private final CoupledTape tape;
    private final CoupledState initial;
    private final double[] target;

    /**
     * An objective whose parameters are 0: every bin but the last is read, every bin but the first is a target.
     *
     * @param series counts, external input and connections; at least two bins
     * @param scale of the loss, the sum of all negative log-likelihoods
     * @param stages weight of the stages before the last one
     * @param trace weight of the trace's likelihood of the bin that it reads
     */
    public CoupledObjective(
            Kernel kernel, CoupledConfig config, Series series, double scale, double stages, double trace) {
        this(kernel, new CoupledParameters(config), series, new CoupledLoss(scale, stages, trace));
    }

    /** Every bin but the last is read, every bin but the first is a target. */
    public CoupledObjective(Kernel kernel, CoupledParameters parameters, Series series, CoupledLoss loss) {
        this(
                kernel,
                parameters,
                series,
                loss,
                series.bins() - 1,
                Arrays.copyOfRange(series.values().data, series.neurons(), series.bins() * series.neurons()));
    }

    /**
     * An objective that reads the first bins.
     *
     * @param bins the number of bins that are read
     * @param target counts of the bin after each of them, bins x N
     */
    public CoupledObjective(
            Kernel kernel, CoupledParameters parameters, Series series, CoupledLoss loss, int bins, double[] target) {
        this.kernel = kernel;
        this.parameters = parameters;
        this.loss = loss;
        this.target = target;
        if (series.connections() == null || bins < 1) {
            throw new IllegalArgumentException("Form coupled: expected bins to read and connections, got " + bins
                    + " bins" + (series.connections() == null ? " without connections" : ""));
        }
        neighbours = new Neighbours(series.connections());
        tape = new CoupledTape(parameters.config(), bins, series.neurons(), 1);
        tape.load(series, neighbours, 0);
        initial = CoupledState.initial(parameters.config(), series.neurons());
    }

    @Override
    public ParameterSet parameters() {
        return parameters.set();
    }

    /** The state before the first bin; may be changed between evaluations. */
    public CoupledState initialState() {
        return initial;
    }

    private void run() {
        tape.pack(parameters);
        Coupled.forward(kernel, parameters, neighbours, initial, tape);
    }

    @Override
    public double loss() {
        run();
        return loss.total(tape, target);
    }

    @Override
    public void gradient(ParameterSet result) {
        CoupledParameters gradient = new CoupledParameters(parameters.config());
        run();
        loss.gradient(tape, target);
        Coupled.backward(kernel, parameters, neighbours, tape, gradient);
        result.copyFrom(gradient.set());
    }

    /** The probabilities that each stage gives, bins x N, from stage 0 to the last one: (K + 1) x bins x N. */
    public double[] probabilities() {
        run();
        double[] all = new double[tape.stages.length * target.length];
        for (int k = 0; k < tape.stages.length; k++) {
            System.arraycopy(tape.stages[k].probabilities, 0, all, k * target.length, target.length);
        }
        return all;
    }

    /** The state after the last bin that is read. */
    public CoupledState finalState() {
        CoupledState state = CoupledState.initial(parameters.config(), tape.batch);
        run();
        tape.copyFinalState(state);
        return state;
    }
}
