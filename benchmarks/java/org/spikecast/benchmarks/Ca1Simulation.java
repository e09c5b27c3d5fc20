package org.spikecast.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.spikecast.kernel.Kernel;
import org.spikecast.neuron.Ca1Parameters;
import org.spikecast.neuron.internal.Ca1Neuron;
import org.spikecast.ode.RungeKutta;
import org.spikecast.ode.Solver;
import org.spikecast.ode.Tableau;

/** 1000 ms of CA1 neurons by the classical Runge-Kutta method at steps of 0.01 ms; the peer is peers/ca1.c. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(1)
public class Ca1Simulation {
    /** Cells, simulated at once. */
    @Param({"1", "100"})
    public int cells;

    /** A whole run, as the peer does it: cell j gets the current 0.5 + 0.3 j / cells. Returns V of the last cell. */
    @Benchmark
    public double run() {
        double[] current = new double[cells];
        for (int j = 0; j < cells; j++) {
            current[j] = 0.5 + 0.3 * j / cells;
        }
        Ca1Neuron neurons = new Ca1Neuron(Ca1Parameters.normal(), current, Kernel.best());
        RungeKutta method = new RungeKutta(Tableau.CLASSICAL, neurons);
        method.start(0, Ca1Neuron.initialState(cells));
        Solver.fixed(method, 0.01, 100_000, m -> {});
        return method.state()[cells - 1];
    }
}
