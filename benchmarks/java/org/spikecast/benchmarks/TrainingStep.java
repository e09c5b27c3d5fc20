package org.spikecast.benchmarks;

import java.util.concurrent.TimeUnit;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.internal.Team;
import org.spikecast.lstm.Network;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkTape;
import org.spikecast.train.Losses;
import org.spikecast.train.internal.Adam;
import org.spikecast.train.internal.BatchGradient;

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

    /** Threads, at most. */
    @Param("1")
    public int threads;

    private Kernel kernel;
    private NetworkParameters parameters;
    private NetworkParameters gradient;
    private Team team;
    private BatchGradient batchGradient;
    private BatchGradient.Source source;
    private DMatrixRMaj x;
    private DMatrixRMaj target;

    /** The same, a sequence after the other, as a user's data are. */
    private DMatrixRMaj sequences;

    private DMatrixRMaj targets;
    private Adam adam;

    /** Random weights, inputs and targets. */
    @Setup
    public void prepare() {
        Workload w = Workload.of(workload);
        prepare(
                Workload.kernel(provider),
                threads,
                w.parameters(),
                Workload.random(w.steps() * w.inputs(), w.batch()),
                Workload.random(w.outputs(), w.batch()));
    }

    /** Training of these parameters, which change. */
    void prepare(Kernel kernel, int threads, NetworkParameters parameters, DMatrixRMaj x, DMatrixRMaj target) {
        team = new Team(threads);
        this.kernel = kernel.onTeam(team);
        this.parameters = parameters;
        this.x = x;
        this.target = target;
        sequences = CommonOps_DDRM.transpose(x, null);
        targets = CommonOps_DDRM.transpose(target, null);
        gradient = new NetworkParameters(parameters.config());
        int steps = x.numRows / parameters.config().inputs();
        batchGradient = new BatchGradient(
                this.kernel, Losses.MEAN_SQUARED_ERROR, parameters.config(), steps, 1, x.numCols, team);
        source = this::copy;
        adam = new Adam(this.kernel, parameters.set(), Adam.Options.DEFAULT);
    }

    private void copy(int sequence, DMatrixRMaj toX, DMatrixRMaj toY, int column) {
        copyToColumn(sequences, sequence, toX, column);
        copyToColumn(targets, sequence, toY, column);
    }

    private static void copyToColumn(DMatrixRMaj from, int row, DMatrixRMaj to, int column) {
        for (int j = 0; j < from.numCols; j++) {
            to.data[j * to.numCols + column] = from.data[row * from.numCols + j];
        }
    }

    /** One update; returns the loss before it. */
    @Benchmark
    public double step() {
        double loss = batchGradient.evaluate(parameters, source, gradient);
        adam.update(gradient.set(), 1e-3);
        return loss;
    }

    /** Ends the threads. */
    @TearDown
    public void close() {
        team.close();
    }

    /** The activations and gate gradients of the whole batch, with the parameters as they are. */
    NetworkTape tape() {
        NetworkTape tape = new NetworkTape(
                parameters.config(), x.numRows / parameters.config().inputs(), x.numCols, 1);
        DMatrixRMaj dOutput = target.createLike();
        Network.forward(kernel, parameters, x, null, tape);
        Losses.MEAN_SQUARED_ERROR.evaluate(kernel, tape.output(), target, dOutput);
        Network.backward(kernel, parameters, x, tape, dOutput, new NetworkParameters(parameters.config()), null, null);
        return tape;
    }
}
