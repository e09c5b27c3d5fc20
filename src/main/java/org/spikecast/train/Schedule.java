package org.spikecast.train;

import org.spikecast.train.internal.Require;

/**
 * The learning rate of each update: linear warm-up in the first updates, then its shape.
 *
 * @param shape after the warm-up
 * @param peak learning rate, after the warm-up
 * @param warmUp updates of the warm-up
 * @param stepEpochs of {@link Shape#STEP}: the number of epochs after which the rate is multiplied
 * @param stepFactor by this
 */
public record Schedule(Shape shape, double peak, int warmUp, int stepEpochs, double stepFactor) {
    /** The end of a cosine, as a fraction of the peak rate. */
    public static final double FINAL_RATE = 0.01;

    /** The learning rate after the warm-up. */
    public enum Shape {
        /** Down to {@link #FINAL_RATE} of the peak rate along half a cosine. */
        COSINE,
        /** Multiplied by a factor every few epochs. */
        STEP,
        /** The peak rate to the end. */
        CONSTANT
    }

    public Schedule {
        Require.positive(peak, "learning rate");
        Require.atLeast(0, warmUp, "warm-up updates");
        Require.atLeast(1, stepEpochs, "epochs from one step of the learning rate to the next");
        Require.positive(stepFactor, "factor of a step of the learning rate");
    }

    /** Linear warm-up and half a cosine. */
    public static Schedule cosine(double peak, int warmUp) {
        return new Schedule(Shape.COSINE, peak, warmUp, 1, 1);
    }

    /**
     * The learning rate of one update.
     *
     * @param update from 0 on
     * @param updatesPerEpoch of the training
     * @param epochs of the training, at most
     */
    public double rate(long update, int updatesPerEpoch, int epochs) {
        if (update < warmUp) {
            return peak * (update + 1) / warmUp;
        }
        return switch (shape) {
            case CONSTANT -> peak;
            case STEP -> {
                double rate = peak;
                for (long step = update / updatesPerEpoch / stepEpochs; step > 0; step--) {
                    rate *= stepFactor;
                }
                yield rate;
            }
            case COSINE -> {
                long updates = (long) updatesPerEpoch * epochs;
                double fraction = (double) (update - warmUp) / Math.max(1, updates - warmUp);
                // StrictMath gives the same bits everywhere, and this is not a hot path.
                double cosine = (1 + StrictMath.cos(Math.PI * fraction)) / 2;
                yield peak * (FINAL_RATE + (1 - FINAL_RATE) * cosine);
            }
        };
    }
}
