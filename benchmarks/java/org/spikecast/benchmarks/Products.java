package org.spikecast.benchmarks;

import java.util.List;
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
import org.openjdk.jmh.annotations.Warmup;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.internal.MatrixView;
import org.spikecast.kernel.internal.PackedMatrix;

/** The products of a training step, each by itself, by our kernels, weights packed beforehand, or by EJML. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class Products {
    /** A name, or sizes such as {@code I120-H64-O60-T10-B32-L1}; the products are those of the lowest and the output layer. */
    @Param({"A60s", "A60m", "A600", "SH", "CA", "CA3"})
    public String workload;

    /**
     * {@code step} (4H x (I + H) x B, with bias), {@code recurrent} (4H x H x B), {@code recurrent-back} (H x 4H x B),
     * {@code input} (4H x I x TB, with bias), {@code gradient-ih} (4H x TB x I) or {@code gradient-hh} (4H x TB x H); of the
     * output layer {@code head} (O x H x B, with bias) or {@code gradient-head} (O x B x H): rows x inner x columns. What begins
     * with the bias writes the result, as EJML does; ours of the others add to what is there. Gradients are taken step by step,
     * as training does; it has no product like {@code input}: it takes {@code step}.
     */
    @Param({"step", "recurrent", "recurrent-back", "input", "gradient-ih", "gradient-hh", "head", "gradient-head"})
    public String product;

    /** {@code scalar}, {@code simd} or {@code ejml}. */
    @Param({"scalar", "simd", "ejml"})
    public String provider;

    private Runnable work;

    /** Random matrices. */
    @Setup
    public void prepare() {
        Workload w = Workload.of(workload);
        int rows = product.endsWith("head") ? w.outputs() : 4 * w.hidden();
        int inner = switch (product) {
            case "step" -> w.inputs() + w.hidden();
            case "input", "gradient-ih" -> w.inputs();
            default -> w.hidden();
        };
        int steps = List.of("input", "gradient-ih", "gradient-hh").contains(product) ? w.steps() : 1;
        int batch = w.batch();
        // A (rows x inner), and stacks of X_s (inner x batch) and Y_s (rows x batch).
        DMatrixRMaj a = Workload.random(rows, inner);
        DMatrixRMaj x = Workload.random(steps * inner, batch);
        DMatrixRMaj y = Workload.random(steps * rows, batch);
        if (provider.equals("ejml")) {
            // EJML takes the same numbers as one product: all steps side by side.
            x.reshape(inner, steps * batch);
            y.reshape(rows, steps * batch);
            work = switch (product) {
                case "step", "recurrent", "input", "head" -> () -> CommonOps_DDRM.mult(a, x, y);
                case "recurrent-back" -> () -> CommonOps_DDRM.multTransA(a, y, x);
                default -> () -> CommonOps_DDRM.multTransB(y, x, a);
            };
            return;
        }
        Kernel kernel = Workload.kernel(provider);
        PackedMatrix packed = new PackedMatrix(rows, inner);
        packed.pack(a.data);
        PackedMatrix transposed = new PackedMatrix(inner, rows);
        transposed.packTransposed(a.data);
        double[] bias = new double[rows];
        MatrixView xs = new MatrixView(x.data, x.numRows, batch);
        MatrixView ys = new MatrixView(y.data, y.numRows, batch);
        MatrixView allX = new MatrixView(x.data, inner, steps * batch); // the same numbers: all steps side by side
        MatrixView allY = new MatrixView(y.data, rows, steps * batch);
        work = switch (product) {
            case "step", "head" -> () -> kernel.affine(packed, bias, bias, xs, null, ys);
            case "input" -> () -> kernel.affine(packed, bias, bias, allX, null, allY);
            case "recurrent" -> () -> kernel.multiply(packed, xs, ys);
            case "recurrent-back" -> () -> kernel.multiply(transposed, ys, xs);
            default -> () -> kernel.outerProducts(true, steps, ys, xs, a.data, null);
        };
    }

    /** One product. */
    @Benchmark
    public void multiply() {
        work.run();
    }
}
