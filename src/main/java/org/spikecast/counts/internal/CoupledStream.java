package org.spikecast.counts.internal;

import org.spikecast.counts.CountStream;
import org.spikecast.kernel.Kernel;

/** A {@link Coupled} network that reads bin by bin. */
public final class CoupledStream implements CountStream {
    private final Kernel kernel;
    private final CoupledParameters parameters;
    private final Neighbours neighbours;
    private final CoupledTape tape;
    private final CoupledState state;

    public CoupledStream(Kernel kernel, CoupledParameters parameters, Neighbours neighbours) {
        this.kernel = kernel;
        this.parameters = parameters;
        this.neighbours = neighbours;
        tape = new CoupledTape(parameters.config(), 1, neighbours.neurons(), 1);
        tape.pack(parameters);
        state = CoupledState.initial(parameters.config(), neighbours.neurons());
    }

    @Override
    public int neurons() {
        return neighbours.neurons();
    }

    @Override
    public Likelihood likelihood() {
        return Likelihood.BERNOULLI;
    }

    @Override
    public void step(double[] counts, double[] external, double[] forecast) {
        int n = neurons();
        System.arraycopy(counts, 0, tape.count, 0, n);
        if (external != null) {
            System.arraycopy(external, 0, tape.external, 0, n);
        }
        tape.sumNeighbours(neighbours);
        Coupled.forward(kernel, parameters, neighbours, state, tape);
        tape.copyFinalState(state);
        System.arraycopy(tape.last().probabilities, 0, forecast, 0, n);
    }

    @Override
    public CountStream copy() {
        CoupledStream copy = new CoupledStream(kernel, parameters, neighbours);
        copy.state.copyFrom(state);
        return copy;
    }

    @Override
    public void copyStateFrom(CountStream other) {
        if (!(other instanceof CoupledStream stream) || stream.parameters != parameters) {
            throw new IllegalArgumentException(
                    "Stream: expected one of the same model, got another: make it by copy()");
        }
        state.copyFrom(stream.state);
    }
}
