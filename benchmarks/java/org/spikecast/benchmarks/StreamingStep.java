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
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.spikecast.kernel.Kernel;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkStream;

/** One step of one sequence by a stateful network. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class StreamingStep {
    /** A name, or sizes such as {@code I120-H64-O60-T1-B1-L1}; T and B are taken as 1. */
    @Param("A60s")
    public String workload;

    /** {@code scalar} or {@code simd}. */
    @Param("simd")
    public String provider;

    private NetworkStream stream;
    private double[] x;
    private double[] y;

    /** Random weights and input. */
    @Setup
    public void prepare() {
        Workload w = Workload.of(workload);
        prepare(Workload.kernel(provider), w.parameters());
        System.arraycopy(Workload.random(w.inputs(), 1).data, 0, x, 0, x.length);
    }

    /** A sequence that begins with a state of zeros. */
    void prepare(Kernel kernel, NetworkParameters parameters) {
        stream = new NetworkStream(kernel, parameters);
        x = new double[parameters.config().inputs()];
        y = new double[parameters.config().outputs()];
    }

    /** The features that the next step reads. */
    double[] input() {
        return x;
    }

    /** One step; returns the output. */
    @Benchmark
    public double[] step() {
        stream.step(x, y);
        return y;
    }
}
