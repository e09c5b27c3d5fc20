package org.spikecast.counts.internal;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.counts.Series;
import org.spikecast.kernel.internal.MatrixView;
import org.spikecast.kernel.internal.PackedMatrix;
import org.spikecast.lstm.NetworkTape;
import org.spikecast.lstm.PackedWeights;

/**
 * The activations of one run of a {@link Coupled} network over T bins of B = N R columns (neuron a of segment r is column a
 * R + r), the weights as products read them, and the workspace of the backward pass: allocated once, used for any number
 * of runs of the same size. Bins are stacked by rows: bin t of a quantity of Q rows is rows t Q to (t + 1) Q - 1.
 */
final class CoupledTape {
    final int steps; // T
    final int segments; // R
    final int batch; // B

    // What is observed in each bin, set by load before a run
    final double[] count; // (T x B) spikes
    final double[] external; // (T x B) X
    final double[] excitatory; // (T x B) E
    final double[] inhibitory; // (T x B) I

    // The trace; row 0 of those of T + 1 rows is the state before the first bin
    final double[] u; // (T x B)
    final double[] v; // ((T + 1) x B)
    final double[] g; // ((T + 1) x B)
    final double[] a; // ((T + 1) x B)
    final double[] l; // (T x B)
    final LeakyTrace.Values trace = new LeakyTrace.Values();

    final double[] features; // (T S x B)
    final MatrixView[] s; // per bin (S x B)
    final MatrixView[] basis; // per bin, the rows of them that read the trace in fine steps; null without
    final Stage[] stages;
    final Lstm lstm; // null without

    // Gradients
    final double[] du; // (T x B)
    final double[] dv; // (T x B)
    final double[] dg; // (T x B)
    final double[] dl; // (T x B)
    final double[] dFeatures; // (T S x B)
    final MatrixView[] ds; // per bin (S x B)
    final MatrixView db; // (W x B) of the stage at hand, then df
    final MatrixView dbBelow; // (W x B) of the stage below
    final MatrixView dr; // (received x B)
    final double[] dMessages; // ((2 + M) x B)
    final MatrixView dn; // (M x B), the rows of them that come from a tanh
    final double[] dHats = new double[5];

    /** The activations of a stage and its weights. */
    static final class Stage {
        final double[] messages; // (T (2 + M) x B), of k > 0
        final MatrixView[] n; // per bin (M x B), the rows of them that come from a tanh
        final double[] received; // (T received x B), of k > 0
        final MatrixView[] r; // per bin
        final double[] hidden; // (T W x B)
        final MatrixView[] b; // per bin
        final double[] logits; // (T x B)
        final MatrixView[] z; // per bin
        final double[] probabilities; // (T x B) sigma(z)
        final MatrixView[] p; // per bin
        final double[] dLogits; // (T x B)
        final MatrixView[] dz; // per bin

        final PackedMatrix wv; // (W V)
        final PackedMatrix wTransposed;
        final PackedMatrix vTransposed;
        final PackedMatrix c;
        final PackedMatrix cTransposed;
        final PackedMatrix o;
        final PackedMatrix oTransposed;

        private Stage(CoupledConfig config, int k, int steps, int batch) {
            boolean receives = k > 0;
            int width = config.width();
            int rows = receives ? config.received() : 0;
            int size = steps * batch;
            messages = receives ? new double[size * config.message()] : null;
            n = receives ? views(messages, steps, config.message(), 2, config.message(), batch) : null;
            received = receives ? new double[size * rows] : null;
            r = receives ? views(received, steps, rows, 0, rows, batch) : new MatrixView[steps];
            hidden = new double[size * width];
            b = views(hidden, steps, width, 0, width, batch);
            logits = new double[size];
            z = views(logits, steps, 1, 0, 1, batch);
            probabilities = new double[size];
            p = views(probabilities, steps, 1, 0, 1, batch);
            dLogits = new double[size];
            dz = views(dLogits, steps, 1, 0, 1, batch);
            wv = new PackedMatrix(width, config.features() + rows);
            wTransposed = new PackedMatrix(config.features(), width);
            vTransposed = receives ? new PackedMatrix(rows, width) : null;
            c = receives ? new PackedMatrix(config.channels(), width) : null;
            cTransposed = receives ? new PackedMatrix(width, config.channels()) : null;
            o = new PackedMatrix(1, width);
            oTransposed = new PackedMatrix(width, 1);
        }

        private void pack(CoupledParameters.Stage p, CoupledConfig config) {
            wTransposed.packTransposed(p.w.data);
            o.pack(p.o.data);
            oTransposed.packTransposed(p.o.data);
            if (p.v == null) {
                wv.pack(p.w.data);
            } else {
                wv.pack(config.features(), p.w.data, p.v.data);
                vTransposed.packTransposed(p.v.data);
                c.pack(p.c.data);
                cTransposed.packTransposed(p.c.data);
            }
        }
    }

    /** The LSTM's weights, tape, input and gradients. */
    static final class Lstm {
        final PackedWeights weights;
        final NetworkTape tape;
        final DMatrixRMaj x; // (T S') x B
        final DMatrixRMaj dx; // (T S') x B
        final DMatrixRMaj dy; // (T H) x B

        private Lstm(CoupledConfig config, int steps, int batch) {
            weights = new PackedWeights(config.lstm());
            tape = new NetworkTape(config.lstm(), steps, batch, steps, weights);
            x = new DMatrixRMaj(steps * config.observed(), batch);
            dx = new DMatrixRMaj(steps * config.observed(), batch);
            dy = new DMatrixRMaj(steps * config.hidden(), batch);
        }
    }

    /** About the number of doubles of a tape per bin and column, without those of a single bin. */
    static int doubles(CoupledConfig config) {
        int lstm = config.hidden() == 0 ? 0 : 2 * config.observed() + 9 * config.hidden();
        int stage = config.width() + 3;
        int message = config.message() + config.received();
        return 13 + 2 * config.features() + config.stages() * stage + config.messages() * message + lstm;
    }

    CoupledTape(CoupledConfig config, int steps, int neurons, int segments) {
        this.steps = steps;
        this.segments = segments;
        batch = Math.multiplyExact(neurons, segments);
        int n = Math.multiplyExact(steps, batch);
        count = new double[n];
        external = new double[n];
        excitatory = new double[n];
        inhibitory = new double[n];
        u = new double[n];
        v = new double[n + batch];
        g = new double[n + batch];
        a = new double[n + batch];
        l = new double[n];
        int rows = config.features();
        features = new double[Math.multiplyExact(n, rows)];
        s = views(features, steps, rows, 0, rows, batch);
        int fine = config.observed() - CoupledConfig.BASIS;
        basis = config.fine() ? views(features, steps, rows, fine, config.observed(), batch) : null;
        stages = new Stage[config.stages()];
        for (int k = 0; k < stages.length; k++) {
            stages[k] = new Stage(config, k, steps, batch);
        }
        lstm = config.hidden() == 0 ? null : new Lstm(config, steps, batch);
        du = new double[n];
        dv = new double[n];
        dg = new double[n];
        dl = new double[n];
        dFeatures = new double[features.length];
        ds = views(dFeatures, steps, rows, 0, rows, batch);
        db = new MatrixView(new double[config.width() * batch], config.width(), batch);
        dbBelow = new MatrixView(new double[config.width() * batch], config.width(), batch);
        dr = new MatrixView(new double[config.received() * batch], config.received(), batch);
        dMessages = new double[config.message() * batch];
        dn = new MatrixView(dMessages, 2 * batch, config.channels(), batch);
    }

    /** Rows {@code from} to {@code end} - 1 of a quantity in each bin. */
    private static MatrixView[] views(double[] data, int steps, int rows, int from, int end, int batch) {
        MatrixView[] views = new MatrixView[steps];
        for (int t = 0; t < steps; t++) {
            views[t] = new MatrixView(data, (t * rows + from) * batch, end - from, batch);
        }
        return views;
    }

    /**
     * Copies T bins of a series into each segment.
     *
     * @param first the first bin of each segment
     */
    void load(Series series, Neighbours neighbours, int... first) {
        int n = series.neurons();
        for (int t = 0; t < steps; t++) {
            int at = t * batch;
            for (int r = 0; r < segments; r++) {
                int row = (first[r] + t) * n;
                for (int neuron = 0; neuron < n; neuron++) {
                    count[at + neuron * segments + r] = series.values().data[row + neuron];
                    external[at + neuron * segments + r] =
                            series.external() == null ? 0 : series.external().data[row + neuron];
                }
            }
        }
        sumNeighbours(neighbours);
    }

    /** Sets E and I from the counts. */
    void sumNeighbours(Neighbours neighbours) {
        for (int at = 0; at < count.length; at += batch) {
            neighbours.excitatory(segments, count, at, excitatory, at);
            neighbours.inhibitory(segments, count, at, inhibitory, at);
        }
    }

    /** Copies the weights; to be called after parameters have changed, before the next run. */
    void pack(CoupledParameters p) {
        for (int k = 0; k < stages.length; k++) {
            stages[k].pack(p.stages[k], p.config());
        }
        if (lstm != null) {
            lstm.weights.pack(p.lstm);
            lstm.weights.packTransposed(p.lstm, true);
        }
    }

    /** The stage whose probabilities are the forecast. */
    Stage last() {
        return stages[stages.length - 1];
    }

    /** Sets the state before the first bin, except the LSTM's. */
    void setState(CoupledState state) {
        System.arraycopy(state.v(), 0, v, 0, batch);
        System.arraycopy(state.g(), 0, g, 0, batch);
        System.arraycopy(state.a(), 0, a, 0, batch);
    }

    /** Copies the state after the last bin. */
    void copyFinalState(CoupledState state) {
        int from = steps * batch;
        System.arraycopy(v, from, state.v(), 0, batch);
        System.arraycopy(g, from, state.g(), 0, batch);
        System.arraycopy(a, from, state.a(), 0, batch);
        if (lstm != null) {
            lstm.tape.copyFinalState(state.lstm());
        }
    }
}
