package org.spikecast.inspect;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.internal.MatrixView;
import org.spikecast.kernel.internal.PackedMatrix;

/**
 * A kernel that copies the values that a network's arrays hold only temporarily: pre-activations, which the gates
 * overwrite, and gradients with respect to states and pre-activations. The very same {@code Network.forward} and
 * {@code Network.backward} run on it; its results are those of the kernel that it wraps.
 *
 * <p>A record is one stack per layer, (T H) x B, under the name of its quantity. The names are those of the equations of
 * {@code Lstm} and {@code Gru}; {@code d_} before a name is the gradient of the loss with respect to it.
 */
final class RecordingKernel implements Kernel {
    /** The gradient that c_(t+1) passes back to c_t: dc_(t+1) f_(t+1), a term of (9). */
    static final String CARRIED = "carried";

    private static final List<String> LSTM = List.of("i", "f", "g", "o");
    private static final List<String> GRU = List.of("r", "z", "n");

    private final Kernel kernel;
    private final int layers;
    private final int steps;
    private final Map<String, double[][]> records = new LinkedHashMap<>();
    private int forwardSteps;
    private int backwardSteps;

    /** A recorder of one forward and one backward pass, over the steps of all layers. */
    RecordingKernel(Kernel kernel, int layers, int steps) {
        this.kernel = kernel;
        this.layers = layers;
        this.steps = steps;
    }

    /** The records by name: of each layer, (T H) x B. */
    Map<String, double[][]> records() {
        return records;
    }

    @Override
    public String description() {
        return kernel.description() + ", recording";
    }

    @Override
    public void affine(PackedMatrix w, double[] a, double[] b, MatrixView x, MatrixView h, MatrixView y) {
        kernel.affine(w, a, b, x, h, y);
    }

    @Override
    public void multiply(PackedMatrix a, MatrixView x, MatrixView y) {
        kernel.multiply(a, x, y);
    }

    @Override
    public void outerProducts(
            boolean add,
            int blocks,
            MatrixView y,
            MatrixView x,
            double[] a,
            MatrixView h,
            double[] b,
            double[] r,
            double[] q) {
        kernel.outerProducts(add, blocks, y, x, a, h, b, r, q);
    }

    @Override
    public void lstmStep(MatrixView gates, MatrixView cLast, MatrixView c, MatrixView slopes, MatrixView h) {
        keep("z_", LSTM, gates, forwardSteps++);
        kernel.lstmStep(gates, cLast, c, slopes, h);
    }

    @Override
    public void lstmStepBackward(
            MatrixView gates,
            MatrixView cLast,
            MatrixView slopes,
            MatrixView h,
            MatrixView dh,
            MatrixView dc,
            MatrixView dz) {
        int step = layers * steps - 1 - backwardSteps++;
        keep("d_", List.of("h"), dh, step);
        keep("", List.of(CARRIED), dc, step);
        kernel.lstmStepBackward(gates, cLast, slopes, h, dh, dc, dz);
        keep("d_z_", LSTM, dz, step);
    }

    @Override
    public void gruStep(MatrixView gates, MatrixView q, MatrixView hLast, MatrixView h) {
        keep("a_", GRU, gates, forwardSteps);
        keep("q_", GRU, q, forwardSteps++);
        kernel.gruStep(gates, q, hLast, h);
    }

    @Override
    public void gruStepBackward(
            MatrixView gates,
            MatrixView q,
            MatrixView hLast,
            MatrixView dh,
            MatrixView dhLast,
            MatrixView da,
            MatrixView dq) {
        int step = layers * steps - 1 - backwardSteps++;
        keep("d_", List.of("h"), dh, step);
        kernel.gruStepBackward(gates, q, hLast, dh, dhLast, da, dq);
        keep("d_a_", GRU, da, step);
        keep("d_q_", GRU, dq, step);
    }

    @Override
    public void rnnStep(MatrixView z, MatrixView h) {
        keep("", List.of("z"), z, forwardSteps++);
        kernel.rnnStep(z, h);
    }

    @Override
    public void rnnStepBackward(MatrixView h, MatrixView dh, MatrixView dz) {
        int step = layers * steps - 1 - backwardSteps++;
        keep("d_", List.of("h"), dh, step);
        kernel.rnnStepBackward(h, dh, dz);
        keep("d_", List.of("z"), dz, step);
    }

    /**
     * Copies quantities that are stacked by rows.
     *
     * @param step counted over the layers, from the lowest one's first
     */
    private void keep(String prefix, List<String> names, MatrixView stack, int step) {
        int n = stack.size() / names.size();
        for (int k = 0; k < names.size(); k++) {
            double[][] record = records.computeIfAbsent(prefix + names.get(k), key -> new double[layers][steps * n]);
            System.arraycopy(stack.data(), stack.offset() + k * n, record[step / steps], step % steps * n, n);
        }
    }
}
