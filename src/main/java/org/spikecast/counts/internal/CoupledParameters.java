package org.spikecast.counts.internal;

import java.util.ArrayList;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.Elementary;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.params.ParameterSet;

/** The parameters of a {@link Coupled} network, or their gradient. */
public final class CoupledParameters {
    /** The parameters of stage k; letters as in {@link Coupled}. */
    static final class Stage {
        final DMatrixRMaj c; // C (M x W), of k > 0
        final DMatrixRMaj e; // (M), of k > 0
        final DMatrixRMaj w; // W (W x S)
        final DMatrixRMaj v; // V (W x received), of k > 0
        final DMatrixRMaj d; // (W)
        final DMatrixRMaj o; // (1 x W)
        final DMatrixRMaj hats; // A ((2 hats) x values): excitatory neurons, then inhibitory ones; null without

        private Stage(ParameterSet.Builder set, int k, CoupledConfig config) {
            String name = "message." + k + ".";
            boolean receives = k > 0;
            c = receives ? set.matrix(name + "send.weight", config.channels(), config.width()) : null;
            e = receives ? set.vector(name + "send.bias", config.channels()) : null;
            w = set.matrix(name + "hidden.features", config.width(), config.features());
            v = receives ? set.matrix(name + "hidden.received", config.width(), config.received()) : null;
            d = set.vector(name + "hidden.bias", config.width());
            o = set.matrix(name + "readout.weight", 1, config.width());
            hats = config.fine() ? set.matrix(name + "hats", 2 * CoupledConfig.HATS, config.hatValues(k)) : null;
        }
    }

    final LeakyTrace.Parameters trace; // null without
    final NetworkParameters lstm; // null without
    final DMatrixRMaj bias; // beta (1)
    final Stage[] stages;
    private final CoupledConfig config;
    private final ParameterSet set;
    private final ParameterSet others;

    /** Zeros. */
    public CoupledParameters(CoupledConfig config) {
        this.config = config;
        trace = config.trace() ? new LeakyTrace.Parameters() : null;
        lstm = config.hidden() > 0 ? new NetworkParameters(config.lstm()) : null;
        ParameterSet.Builder builder = new ParameterSet.Builder();
        bias = builder.vector("message.0.readout.bias", 1);
        stages = new Stage[config.stages()];
        for (int k = 0; k < stages.length; k++) {
            stages[k] = new Stage(builder, k, config);
        }
        List<ParameterSet.Block> blocks = new ArrayList<>(builder.build().blocks());
        if (lstm != null) {
            blocks.addAll(0, lstm.set().blocks());
        }
        others = ParameterSet.of(blocks);
        if (trace != null) {
            blocks.addAll(0, trace.set().blocks());
        }
        set = ParameterSet.of(blocks);
    }

    public CoupledConfig config() {
        return config;
    }

    /** All parameters. */
    public ParameterSet set() {
        return set;
    }

    /** All parameters but those of the trace. */
    ParameterSet others() {
        return others;
    }

    /**
     * Sets the values that training begins with: readout weights and hats are 0, so that the forecast is the mean
     * rate; other weights are uniform in +- 1 / sqrt(their number per unit).
     *
     * @param meanRate mean number of spikes in a bin, between 0 and 1
     */
    void initialise(double meanRate, RandomStream random) {
        set.setZero();
        if (trace != null) {
            trace.initialise();
        }
        if (lstm != null) {
            lstm.set()
                    .copyFrom(NetworkParameters.random(config.lstm(), 1, random).set());
        }
        bias.data[0] = Elementary.log(meanRate / (1 - meanRate));
        for (int k = 0; k < stages.length; k++) {
            int inputs = config.features() + (k == 0 ? 0 : config.received());
            uniform(stages[k].w, inputs, random);
            uniform(stages[k].d, inputs, random);
            if (k > 0) {
                uniform(stages[k].v, inputs, random);
                uniform(stages[k].c, config.width(), random);
                uniform(stages[k].e, config.width(), random);
            }
        }
    }

    private static void uniform(DMatrixRMaj w, int inputs, RandomStream random) {
        double bound = 1 / Math.sqrt(inputs);
        for (int j = 0; j < w.getNumElements(); j++) {
            w.data[j] = bound * (2 * random.nextDouble() - 1);
        }
    }
}
