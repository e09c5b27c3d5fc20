package org.spikecast.train;

import java.util.List;
import java.util.Map;
import org.spikecast.train.internal.BernoulliLoss;
import org.spikecast.train.internal.MeanSquaredError;
import org.spikecast.train.internal.PoissonLoss;

/** The loss functions that commands and model files know by name. */
public final class Losses {
    /** For real numbers; the default. */
    public static final LossFunction MEAN_SQUARED_ERROR = new MeanSquaredError();

    /** For counts. */
    public static final LossFunction POISSON = new PoissonLoss();

    /** For bins that hold one event at most. */
    public static final LossFunction BERNOULLI = new BernoulliLoss();

    private static final List<LossFunction> ALL = List.of(MEAN_SQUARED_ERROR, POISSON, BERNOULLI);

    /** The key of a loss in a file. */
    private static final String KEY = "loss";

    private Losses() {}

    /** Every loss, the default first. */
    public static List<LossFunction> all() {
        return ALL;
    }

    /** The loss of this name. */
    public static LossFunction of(String label) {
        for (LossFunction loss : ALL) {
            if (loss.label().equals(label)) {
                return loss;
            }
        }
        throw new IllegalArgumentException("Loss: expected one of " + ALL + ", got '" + label + "'");
    }

    /** Writes a loss to metadata, unless it is the default. */
    public static void describe(LossFunction loss, Map<String, Object> text) {
        if (loss != MEAN_SQUARED_ERROR) {
            text.put(KEY, loss.label());
        }
    }

    /** The loss that {@link #describe} has written. */
    public static LossFunction read(Map<?, ?> text) {
        Object label = text.get(KEY);
        return label == null ? MEAN_SQUARED_ERROR : of(String.valueOf(label));
    }
}
