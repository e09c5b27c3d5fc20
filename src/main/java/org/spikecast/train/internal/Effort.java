package org.spikecast.train.internal;

import java.util.Locale;
import java.util.function.IntToDoubleFunction;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.train.Optimiser;
import org.spikecast.train.TrainingOptions;

/**
 * The time and memory of a training, estimated before it starts. The estimates are low rather than high: what they
 * refuse would fail after minutes, or take years.
 *
 * @param config the network's sizes
 * @param steps T
 * @param updatesPerEpoch in an epoch
 */
public record Effort(NetworkConfig config, int steps, int updatesPerEpoch, TrainingOptions options) {
    /** The highest rate of one core, multiply-adds per second. */
    private static final double RATE = 2e10;

    private static final double SECONDS_OF_A_YEAR = 3.2e7;

    /** Arrays as large as the parameters: these, gradient, best and average ones, a copy for a rollback, packed ones. */
    private static final int COPIES = 6;

    /** Moments of Adam, and their copies. */
    private static final int COPIES_OF_ADAM = 4;

    /** Moments, covariances and bases of SOAP, and their copies: about, for matrices that are four times as high as wide. */
    private static final int COPIES_OF_SOAP = 20;

    /** Sequences that are computed at once. */
    private static final int WIDTH = 16;

    /** The largest share of Java's memory that a training may take: the data need some, too. */
    public static final double SHARE = 0.95;

    /**
     * Throws if a training cannot fit in memory or in a year.
     *
     * @throws IllegalArgumentException with the estimate, and a smaller value that fits
     */
    public void require() {
        require(Runtime.getRuntime().maxMemory());
    }

    void require(long memory) {
        double most = SHARE * memory;
        double need = bytes(options.layers(), options.hidden(), options.batch());
        if (need > most) {
            int layers = largest(options.layers(), v -> bytes(v, options.hidden(), options.batch()), most);
            int hidden = largest(options.hidden(), v -> bytes(options.layers(), v, options.batch()), most);
            int batch = largest(options.batch(), v -> bytes(options.layers(), options.hidden(), v), most);
            double[] kept = {
                (double) layers / options.layers(), (double) hidden / options.hidden(), (double) batch / options.batch()
            };
            // The value that has to be reduced least.
            String remedy = kept[2] > 0 && kept[2] >= Math.max(kept[0], kept[1])
                    ? "a batch of at most " + batch
                    : kept[0] > 0 && kept[0] >= kept[1]
                            ? "at most " + layers + " layers"
                            : "at most " + Math.max(1, hidden) + " hidden units";
            throw tooMuchMemory(need, memory, remedy);
        }
        double years = seconds(options.epochs()) / SECONDS_OF_A_YEAR;
        if (years > 1) {
            int epochs = largest(options.epochs(), v -> seconds(v), SECONDS_OF_A_YEAR);
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "Training takes at least %.3g years: take %s",
                    years,
                    epochs > 0
                            ? "at most " + epochs + " epochs, which take one"
                            : "a smaller network or batch: one epoch takes more than one"));
        }
    }

    /**
     * The refusal of a training that does not fit in memory.
     *
     * @param need the least that it takes, bytes
     * @param memory the most that Java may take, bytes
     * @param remedy a choice that fits
     */
    public static IllegalArgumentException tooMuchMemory(double need, long memory, String remedy) {
        return new IllegalArgumentException(String.format(
                Locale.ROOT,
                "Training needs at least %.3g GB of memory, and Java may take %.3g GB: take %s, or give Java more with"
                        + " -Xmx",
                need / 1e9,
                memory / 1e9,
                remedy));
    }

    /** The largest value from 1 to {@code given} - 1 whose need is at most {@code most}; 0 if there is none. */
    private static int largest(int given, IntToDoubleFunction need, double most) {
        int low = 0;
        int high = given;
        while (high - low > 1) {
            int middle = low + (high - low) / 2;
            if (need.applyAsDouble(middle) <= most) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private double parameters(double layers, double hidden) {
        return 4 * hidden * (config.inputs() + hidden + 2)
                + (layers - 1) * 4 * hidden * (2 * hidden + 2)
                + config.outputs() * (hidden * config.headStates() + 1);
    }

    private double bytes(double layers, double hidden, double batch) {
        double weights = parameters(layers, hidden)
                * (COPIES + (options.method() == Optimiser.Method.SOAP ? COPIES_OF_SOAP : COPIES_OF_ADAM));
        double activations = Math.min(batch, WIDTH) * steps * 7 * hidden * layers;
        return 8 * (weights + activations) + 4 * batch * updatesPerEpoch;
    }

    /** Forward and backward take a multiply-add per parameter, step and sequence, three times. */
    private double seconds(double epochs) {
        double once = 3 * parameters(options.layers(), options.hidden()) * steps * options.batch();
        return once * updatesPerEpoch * epochs / (RATE * options.threads());
    }
}
