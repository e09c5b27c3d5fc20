package org.spikecast.run;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.spikecast.train.Trainer;
import org.spikecast.train.TrainingOptions;

/** Receives progress reports of long computations. */
public interface Progress {
    /** Ignores every report. */
    Progress NONE = new Progress() {
        @Override
        public void update(String what, double fraction, Supplier<String> detail) {}

        @Override
        public void done(String what) {}
    };

    /**
     * Reports the progress of a task.
     *
     * @param what the task; another name begins another task
     * @param fraction 0 to 1
     * @param detail further text; computed only when it is shown
     */
    void update(String what, double fraction, Supplier<String> detail);

    /** Reports that a task is done. */
    void done(String what);

    /** Whether the user has interrupted the work, which then writes a checkpoint and ends. */
    default boolean isInterrupted() {
        return false;
    }

    /**
     * Throws if the user has interrupted the work; for work that writes no checkpoint.
     *
     * @throws CancellationException if the work is to end
     */
    default void stopIfInterrupted() {
        if (isInterrupted()) {
            throw new CancellationException("interrupted");
        }
    }

    /** Receives a warning. */
    default void warn(String message) {}

    /** Reports the progress of a training. */
    default Trainer.Listener training(String what, TrainingOptions options) {
        return new Trainer.Listener() {
            @Override
            public void updated(List<Trainer.Epoch> history, double fraction) {
                update(what, fraction, () -> describe(history, options));
            }

            @Override
            public boolean isInterrupted() {
                return Progress.this.isInterrupted();
            }

            @Override
            public void warn(String message) {
                Progress.this.warn(what + ": " + message);
            }
        };
    }

    /** Reports that a training is done, and which epochs were rolled back. */
    default void trained(String what, List<Trainer.Epoch> history) {
        int[] lost = Trainer.lost(history);
        done(lost.length == 0 ? what : what + ", diverged epochs rolled back: " + Arrays.toString(lost));
    }

    private static String describe(List<Trainer.Epoch> history, TrainingOptions options) {
        String epoch = "epoch " + (history.size() + 1) + " of " + options.epochs();
        if (history.isEmpty()) {
            return epoch;
        }
        double loss = history.get(history.size() - 1).validationLoss();
        return epoch + String.format(Locale.ROOT, ", validation loss %.4f", loss);
    }
}
