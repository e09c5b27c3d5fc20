package org.spikecast.neuron;

import java.util.Arrays;
import org.spikecast.neuron.internal.Require;

/**
 * The recording of a population of unconnected LIF neurons under a {@link Drive}.
 *
 * @param voltage (steps + 1) x n, row-major: row 0 is the initial state, row k + 1 the state after step k
 * @param spikes the spike trains
 */
public record LifSimulation(double[] voltage, SpikeTrains spikes) {
    /**
     * Runs a population from its present state on.
     *
     * @param population its state is taken on
     * @param drive input; its step 0 is the first step of this run
     * @param durationMs a whole number of steps, in ms
     * @throws IllegalArgumentException if the duration is not
     * @throws ArithmeticException if a voltage becomes NaN
     */
    public static LifSimulation run(LifPopulation population, Drive drive, double durationMs) {
        int n = population.neurons();
        int steps = Require.steps("duration", durationMs, population.dt());
        double[] voltage = new double[Require.area("the voltage trace", steps + 1L, n)];
        double[] kick = new double[n];
        int[] spiking = new int[n];
        SpikeTrains.Recorder recorder = new SpikeTrains.Recorder(n, population.dt());
        population.copyVoltagesTo(voltage, 0);
        for (int k = 0; k < steps; k++) {
            Arrays.fill(kick, 0);
            drive.addTo(kick, k);
            recorder.add(spiking, population.step(kick, spiking));
            population.copyVoltagesTo(voltage, (k + 1) * n);
        }
        return new LifSimulation(voltage, recorder.finish());
    }
}
