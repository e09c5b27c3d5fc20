package org.spikecast.train.internal;

import java.nio.file.Path;
import java.time.Duration;

/**
 * The file of a training's checkpoint, and when it is written: after each epoch, and after the first update that ends
 * an interval or more after the last time.
 *
 * @param file the checkpoint; if it exists, training resumes from it, to the same result as without an interruption
 * @param description describes the training; a checkpoint with another description is refused
 * @param interval between checkpoints within an epoch
 */
public record Checkpoints(Path file, String description, Duration interval) {
    /** The default interval. */
    public static final Duration USUAL_INTERVAL = Duration.ofMinutes(5);

    public Checkpoints {
        if (interval.isNegative()) {
            throw new IllegalArgumentException("Interval between checkpoints: expected 0 or more, got " + interval);
        }
    }

    /** Checkpoints at the usual interval. */
    public Checkpoints(Path file, String description) {
        this(file, description, USUAL_INTERVAL);
    }
}
