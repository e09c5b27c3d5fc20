package org.spikecast.voltage;

import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.Kernel;
import org.spikecast.voltage.internal.TraceData;

/** The source of the voltage traces of an experiment: a simulated neuron, or a recording. */
public interface TraceSource {
    /** The seed of all that is random in the traces; experiments draw from it too. */
    long seed();

    /** The interval between samples, ms. */
    double sampleMs();

    /** The length of a trajectory for blocks, ms. */
    double durationMs();

    /** The length of a trajectory for free runs, ms: what is observed first, and what is forecast. */
    double freeRunMs();

    /** Simulates or reads the traces: the same source gives the same traces with any kernel. */
    TraceData data(Kernel kernel);

    /**
     * The divergence of two true traces whose voltages differ by a perturbation: it is the error of an
     * exact model whose voltage is off by that much.
     *
     * @param observedMs the length of the observed stretch, at the end of which the perturbation is added
     * @return by perturbation in mV, as text: the root mean square of the difference, in mV, for every ms from there on; none
     *     where the traces cannot be made again
     */
    default Map<String, Object> divergence(double observedMs, Kernel kernel) {
        return Map.of();
    }

    /** The variables of {@link #hidden}; none if they are not known. */
    default List<String> hiddenNames() {
        return List.of();
    }

    /**
     * All variables of the first trajectories for free runs at every n-th sample from the first on, which no forecaster sees:
     * per cell, samples x V. The first variable is the voltage.
     */
    default DMatrixRMaj[] hidden(int cells, int every, Kernel kernel) {
        return new DMatrixRMaj[0];
    }

    /** Time constants of the neuron, ms, by name. */
    default Map<String, Double> timeConstants() {
        return Map.of();
    }

    /** A sentence on the recording, for the beginning of a report. */
    String caption();

    /** The source's entry for a manifest. */
    Map<String, Object> toJson();
}
