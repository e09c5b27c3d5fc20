package org.spikecast.benchmarks;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;

/** The sizes of a workload, with random weights and data for it. */
record Workload(int inputs, int hidden, int outputs, int steps, int batch, int layers) {
    private static final Pattern SIZES = Pattern.compile("I(\\d+)-H(\\d+)-O(\\d+)-T(\\d+)-B(\\d+)-L(\\d+)");

    /** The workload of a name, or of sizes such as {@code I120-H64-O60-T10-B32-L1}. */
    static Workload of(String text) {
        String sizes = switch (text) {
            case "A60s" -> "I120-H64-O60-T10-B32-L1";
            case "A60m" -> "I120-H128-O60-T10-B32-L1";
            case "A600" -> "I1200-H512-O600-T10-B64-L1";
            case "SH" -> "I5-H16-O1-T40-B1024-L1";
            case "CA" -> "I2-H64-O50-T50-B64-L1";
            case "CA3" -> "I2-H64-O200-T200-B32-L3";
            default -> text;
        };
        Matcher m = SIZES.matcher(sizes);
        if (!m.matches()) {
            throw new IllegalArgumentException(
                    "Workload: expected a name such as A60s or sizes such as I120-H64-O60-T10-B32-L1, got " + text);
        }
        int[] n = new int[6];
        for (int j = 0; j < n.length; j++) {
            n[j] = Integer.parseInt(m.group(j + 1));
        }
        return new Workload(n[0], n[1], n[2], n[3], n[4], n[5]);
    }

    /** The kernels of a provider: {@code scalar}, or {@code simd} if the JVM has the module. */
    static Kernel kernel(String provider) {
        return switch (provider) {
            case "scalar" -> new ScalarKernel();
            case "simd" -> {
                if (!Kernel.simdModulePresent()) {
                    throw new IllegalStateException("simd needs --add-modules jdk.incubator.vector");
                }
                yield Kernel.best();
            }
            default -> throw new IllegalArgumentException("Provider: expected scalar or simd, got " + provider);
        };
    }

    NetworkConfig config() {
        return new NetworkConfig(inputs, hidden, layers, outputs);
    }

    NetworkParameters parameters() {
        return NetworkParameters.random(config(), 0, RandomStream.of(1, "weights"));
    }

    /** Normally distributed numbers. */
    static DMatrixRMaj random(int rows, int columns) {
        RandomStream stream = RandomStream.of(1, "benchmark data", rows);
        DMatrixRMaj m = new DMatrixRMaj(rows, columns);
        for (int j = 0; j < m.getNumElements(); j++) {
            m.data[j] = stream.nextGaussian();
        }
        return m;
    }
}
