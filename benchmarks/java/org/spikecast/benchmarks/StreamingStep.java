package org.spikecast.benchmarks;

import java.util.concurrent.TimeUnit;
import org.ejml.data.DMatrixRMaj;
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
import org.spikecast.lstm.Lstm;
import org.spikecast.lstm.LstmParameters;
import org.spikecast.lstm.LstmState;
import org.spikecast.lstm.LstmTape;

/** One step of one sequence, whose state is carried on to the next. */
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

    private Kernel kernel;
    private LstmParameters parameters;
    private LstmTape tape;
    private LstmState state;
    private DMatrixRMaj x;

    /** Random weights and input. */
    @Setup
    public void prepare() {
        Workload w = Workload.of(workload);
        prepare(Workload.kernel(provider), w.parameters());
        x.setTo(Workload.random(w.inputs(), 1));
    }

    /** A sequence that begins with a state of zeros. */
    void prepare(Kernel kernel, LstmParameters parameters) {
        this.kernel = kernel;
        this.parameters = parameters;
        tape = new LstmTape(parameters.config(), 1, 1, 1);
        state = LstmState.zeros(parameters.config(), 1);
        x = new DMatrixRMaj(parameters.config().inputs(), 1);
    }

    /** The features that the next step reads. */
    double[] input() {
        return x.data;
    }

    /** One step; returns the output. */
    @Benchmark
    public double[] step() {
        Lstm.forward(kernel, parameters, x, state, tape);
        tape.copyFinalState(state);
        return tape.output().data;
    }
}
