package org.spikecast.train;

import java.util.Map;
import org.spikecast.params.ParameterSet;
import org.spikecast.train.internal.Adam;
import org.spikecast.train.internal.Soap;

/** Changes parameters step by step against gradients. It owns what it remembers, and knows nothing of what they mean. */
public interface Optimiser {
    /** Which one. */
    enum Method {
        /** {@link Adam}; with weight decay, AdamW. */
        ADAM,
        /** {@link Soap}. */
        SOAP
    }

    /** Changes the parameters by one step against the gradient. */
    void update(ParameterSet gradient, double learningRate);

    /** How many updates there have been. */
    long updates();

    /** All else that it remembers, by name. */
    Map<String, ParameterSet> memory();

    /** Goes on as after so many updates, with a {@link #memory} that is given by writing to it. */
    void resume(long updates);
}
