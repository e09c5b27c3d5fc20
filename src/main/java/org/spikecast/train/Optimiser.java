package org.spikecast.train;

import java.util.Map;
import org.spikecast.params.ParameterSet;
import org.spikecast.train.internal.Adam;
import org.spikecast.train.internal.Soap;

/**
 * An optimiser: changes parameters step by step against gradients. It owns its moments and does not know what the parameters
 * mean.
 */
public interface Optimiser {
    /** The optimisers. */
    enum Method {
        /** {@link Adam}; with weight decay, AdamW. */
        ADAM,
        /** {@link Soap}. */
        SOAP
    }

    /** Changes the parameters by one step against the gradient. */
    void update(ParameterSet gradient, double learningRate);

    /** The number of updates so far. */
    long updates();

    /** The rest of its state, by name: the moments. */
    Map<String, ParameterSet> memory();

    /** Continues as after this many updates, with a {@link #memory} that is given by writing to it. */
    void resume(long updates);
}
