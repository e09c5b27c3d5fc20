package org.spikecast.counts.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.neuron.RingParameters;
import org.spikecast.run.Progress;

/** Whatever takes long after training polls the progress, and ends when it is interrupted. */
class InterruptionTest {
    private static final RingData RING =
            RingData.simulate(new RingSetup(RingParameters.irregular().scaledTo(20, 2), null, 3, 200, 600, 1, 1));
    private static final Split SPLIT = Split.byTime(RING.series().bins(), 0, 0.2, 0.125);

    /** Counts polls, remembers who polled, and interrupts the work at one of the polls. */
    private static final class Poll implements Progress {
        private static final StackWalker WALKER = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

        private final int last;
        private final Set<String> classes = new TreeSet<>();
        private int polls;

        Poll(int last) {
            this.last = last;
        }

        @Override
        public boolean isInterrupted() {
            WALKER.forEach(frame -> classes.add(frame.getDeclaringClass().getSimpleName()));
            return ++polls == last;
        }

        @Override
        public void update(String what, double fraction, Supplier<String> detail) {}

        @Override
        public void done(String what) {}
    }

    private static Baselines.Fitted work(Progress progress) {
        Baselines.Fitted baselines =
                ForecastExperiment.baselines(new ScalarKernel(), RING.series(), RING, SPLIT, 20, 2, 0, progress);
        FreeRun.of(RING, SPLIT, baselines.streams(), new FreeRun.Size(2, 300, 3, 2, 5), progress);
        return baselines;
    }

    @Test
    void everyBaselineTheOracleAndFreeRunsPoll() {
        Poll whole = new Poll(0);
        Map<String, Score> scores = work(whole).scores();
        for (String stage :
                new String[] {"LinearForecaster", "GlmFit", "Streams", "Oracle", "SameBin", "FreeRun", "OnGrid"}) {
            assertEquals(true, whole.classes.contains(stage), stage + " polls: " + whole.classes);
        }
        assertEquals(
                work(Progress.NONE).scores().get("glm").mse(), scores.get("glm").mse());
        for (int k = 1; k <= 8; k++) {
            Poll poll = new Poll(Math.max(1, (int) ((long) whole.polls * k / 8)));
            assertThrows(CancellationException.class, () -> work(poll));
            assertEquals(poll.last, poll.polls, "nothing is done after it");
        }
    }
}
