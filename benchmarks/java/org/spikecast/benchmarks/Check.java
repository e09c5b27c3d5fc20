package org.spikecast.benchmarks;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.spikecast.io.NdArray;
import org.spikecast.io.Npy;
import org.spikecast.io.internal.Json;
import org.spikecast.kernel.Kernel;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkTape;
import org.spikecast.model.Forecaster;
import org.spikecast.model.ModelFile;
import org.spikecast.model.internal.Layout;

/**
 * Does the benchmarks' work on given weights and data, so that the peers can be held against it: benchmarks/peers says
 * how. {@code Check training|streaming FOLDER STEPS PROVIDER} reads {@code model.safetensors}, {@code x.npy} (B, T, I) and
 * {@code y.npy} (B, O) of the folder.
 */
public final class Check {
    private Check() {}

    /** Training leaves {@code trained.safetensors} and prints losses, streaming leaves {@code streamed.npy}. */
    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[1]);
        NetworkParameters network =
                ModelFile.read(folder.resolve("model.safetensors")).network();
        NdArray x = Npy.read(folder.resolve("x.npy"));
        int steps = Integer.parseInt(arguments[2]);
        Kernel kernel = Workload.kernel(arguments[3]);
        switch (arguments[0]) {
            case "training" -> train(folder, network, x, steps, kernel);
            case "streaming" -> stream(folder, network, x, steps, kernel);
            default -> throw new IllegalArgumentException("Expected training or streaming, got " + arguments[0]);
        }
    }

    /** As many updates as {@code steps}; after them, what the gate gradients of the last one look like. */
    private static void train(Path folder, NetworkParameters network, NdArray x, int steps, Kernel kernel)
            throws IOException {
        int batch = x.shape()[0];
        NdArray y = Npy.read(folder.resolve("y.npy"));
        TrainingStep training = new TrainingStep();
        training.prepare(
                kernel,
                1,
                network,
                Layout.toColumns(x.doubles(), 1, batch, x.size() / batch),
                Layout.toColumns(y.doubles(), 1, batch, y.size() / batch));
        double[] losses = new double[steps];
        for (int k = 0; k < steps; k++) {
            losses[k] = training.step();
        }
        ModelFile.write(folder.resolve("trained.safetensors"), Forecaster.bare(network));
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("losses", losses);
        result.put("gate_gradients", describe(training.tape()));
        result.put("allocated_bytes", allocatedByStep(training));
        training.close();
        System.out.println(Json.writeCompact(result));
    }

    /** Bytes that an update allocates: the least of some seconds, in which the JVM compiles what is slow at first. */
    private static double allocatedByStep(TrainingStep training) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        long least = Long.MAX_VALUE;
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < 3_000_000_000L) {
            long before = threads.getThreadAllocatedBytes(thread);
            for (int k = 0; k < 4; k++) {
                training.step();
            }
            least = Math.min(least, threads.getThreadAllocatedBytes(thread) - before);
        }
        return least / 4.0;
    }

    private static Map<String, Object> describe(NetworkTape tape) {
        long count = 0;
        long zero = 0;
        long subnormal = 0;
        double smallest = Double.POSITIVE_INFINITY;
        for (int l = 0; l < tape.config().layers(); l++) {
            for (double d : tape.dGates(l).data) {
                double size = Math.abs(d);
                count++;
                zero += size == 0 ? 1 : 0;
                subnormal += size > 0 && size < Double.MIN_NORMAL ? 1 : 0;
                smallest = size > 0 ? Math.min(smallest, size) : smallest;
            }
        }
        return new TreeMap<>(Map.of("count", count, "zero", zero, "subnormal", subnormal, "smallest", smallest));
    }

    /** The outputs of the first sequence's steps, from the first again after the last. */
    private static void stream(Path folder, NetworkParameters network, NdArray x, int steps, Kernel kernel)
            throws IOException {
        NetworkConfig config = network.config();
        StreamingStep streaming = new StreamingStep();
        streaming.prepare(kernel, network);
        double[] outputs = new double[steps * config.outputs()];
        for (int t = 0; t < steps; t++) {
            int from = t % x.shape()[1] * config.inputs();
            System.arraycopy(x.doubles(), from, streaming.input(), 0, config.inputs());
            System.arraycopy(streaming.step(), 0, outputs, t * config.outputs(), config.outputs());
        }
        Npy.write(folder.resolve("streamed.npy"), NdArray.of(outputs, steps, config.outputs()));
    }
}
