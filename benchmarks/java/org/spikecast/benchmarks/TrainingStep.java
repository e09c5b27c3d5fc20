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
import org.spikecast.kernel.RandomStream;
import org.spikecast.lstm.Loss;
import org.spikecast.lstm.Lstm;
import org.spikecast.lstm.LstmConfig;
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
    /** The name of a workload. */
    @Param({"A60s", "A60m", "A600", "SH", "CA", "CA3"})
    public String workload;

    private final Kernel kernel = Kernel.best();
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
        // inputs, hidden, outputs, steps, batch, layers
        int[] n = switch (workload) {
            case "A60s" -> new int[] {120, 64, 60, 10, 32, 1};
            case "A60m" -> new int[] {120, 128, 60, 10, 32, 1};
            case "A600" -> new int[] {1200, 512, 600, 10, 64, 1};
            case "SH" -> new int[] {5, 16, 1, 40, 1024, 1};
            case "CA" -> new int[] {2, 64, 50, 50, 64, 1};
            case "CA3" -> new int[] {2, 64, 200, 200, 32, 3};
            default -> throw new IllegalArgumentException("There is no workload " + workload);
        };
        LstmConfig config = new LstmConfig(n[0], n[1], n[5], n[2]);
        parameters = LstmParameters.random(config, 0, RandomStream.of(1, "weights"));
        gradient = new LstmParameters(config);
        tape = new LstmTape(config, n[3], n[4], 1);
        x = random(n[3] * n[0], n[4]);
        target = random(n[2], n[4]);
        dOutput = target.createLike();
        adam = new Adam(kernel, parameters.set(), Adam.Options.DEFAULT);
    }

    private static DMatrixRMaj random(int rows, int columns) {
        RandomStream stream = RandomStream.of(1, "benchmark data", rows);
        DMatrixRMaj m = new DMatrixRMaj(rows, columns);
        for (int j = 0; j < m.getNumElements(); j++) {
            m.data[j] = stream.nextGaussian();
        }
        return m;
    }

    /** One update; returns the loss. */
    @Benchmark
    public double step() {
        Lstm.forward(kernel, parameters, x, null, tape);
        double loss = Loss.MEAN_SQUARED_ERROR.evaluate(kernel, tape.output(), target, dOutput);
        gradient.set().setZero();
        Lstm.backward(kernel, parameters, x, tape, dOutput, gradient, null, null);
        adam.update(gradient.set(), 1e-3);
        return loss;
    }
}
