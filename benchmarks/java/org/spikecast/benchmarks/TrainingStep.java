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
import org.spikecast.lstm.Loss;
import org.spikecast.lstm.Lstm;
import org.spikecast.lstm.LstmParameters;
import org.spikecast.lstm.LstmTape;
import org.spikecast.train.Adam;

/** Forward, backpropagation through time and Adam, on the mean squared error of the last step. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class TrainingStep {
    /** A name, or sizes such as {@code I120-H64-O60-T10-B32-L1}. */
    @Param({"A60s", "A60m", "A600", "SH", "CA", "CA3"})
    public String workload;

    /** {@code scalar} or {@code simd}. */
    @Param("simd")
    public String provider;

    private Kernel kernel;
    private LstmParameters parameters;
    private LstmParameters gradient;
    private LstmTape tape;
    private DMatrixRMaj x;
    private DMatrixRMaj target;
    private DMatrixRMaj dOutput;
    private Adam adam;

    /** Random weights, inputs and targets. */
    @Setup
    public void prepare() {
        Workload w = Workload.of(workload);
        prepare(
                Workload.kernel(provider),
                w.parameters(),
                Workload.random(w.steps() * w.inputs(), w.batch()),
                Workload.random(w.outputs(), w.batch()));
    }

    /** Training of these parameters, which change. */
    void prepare(Kernel kernel, LstmParameters parameters, DMatrixRMaj x, DMatrixRMaj target) {
        this.kernel = kernel;
        this.parameters = parameters;
        this.x = x;
        this.target = target;
        gradient = new LstmParameters(parameters.config());
        tape = new LstmTape(parameters.config(), x.numRows / parameters.config().inputs(), x.numCols, 1);
        dOutput = target.createLike();
        adam = new Adam(kernel, parameters.set(), Adam.Options.DEFAULT);
    }

    /** One update; returns the loss before it. */
    @Benchmark
    public double step() {
        Lstm.forward(kernel, parameters, x, null, tape);
        double loss = Loss.MEAN_SQUARED_ERROR.evaluate(kernel, tape.output(), target, dOutput);
        gradient.set().setZero();
        Lstm.backward(kernel, parameters, x, tape, dOutput, gradient, null, null);
        adam.update(gradient.set(), 1e-3);
        return loss;
    }

    /** The activations and gate gradients of the last step. */
    LstmTape tape() {
        return tape;
    }
}
