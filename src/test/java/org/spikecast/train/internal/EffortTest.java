package org.spikecast.train.internal;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.train.Optimiser;
import org.spikecast.train.Schedule;
import org.spikecast.train.TrainingOptions;

class EffortTest {
    private static final long GB = 1_000_000_000L;

    private static Effort effort(int layers, int hidden, int batch, int epochs, int updates) {
        TrainingOptions options = new TrainingOptions(
                hidden, layers, epochs, batch, Schedule.cosine(0.01, 0), Optimiser.Method.ADAM, 0, 1, 1, 1, 0, 0, 1, 1);
        return new Effort(new NetworkConfig(5, hidden, layers, 1), 40, updates, options);
    }

    @Test
    void whatFitsIsLetThrough() {
        effort(1, 16, 256, 10, 100).require(GB / 10);
        effort(4, 512, 64, 1000, 1000).require(2 * GB);
    }

    @ParameterizedTest
    @CsvSource({
        "100000, 16, 32, layers, 'Training needs at least 74.8 GB of memory, and Java may take 2.00 GB: take at most 2'",
        "2, 20000, 32, hidden units, 'Training needs at least 385 GB of memory, and Java may take 2.00 GB: take at most 1'",
        "1, 16, 100000000, batch, 'Training needs at least 4.00 GB of memory, and Java may take 2.00 GB: take a batch of at most 4'"
    })
    void whatCannotFitIsRefusedWithAValueThatDoes(int layers, int hidden, int batch, String which, String message) {
        String got = refused(effort(layers, hidden, batch, 1, 10));
        assertTrue(
                got.startsWith(message) && got.contains(which) && got.endsWith(", or give Java more with -Xmx"), got);
        int fits = Integer.parseInt(got.replaceAll(".*at most (\\d+).*", "$1"));
        Effort smaller = effort(
                which.equals("layers") ? fits : layers,
                which.equals("hidden units") ? fits : hidden,
                which.equals("batch") ? fits : batch,
                1,
                10);
        smaller.require(2 * GB);
    }

    @Test
    void whatDoesNotEndIsRefused() {
        String got = refused(effort(1, 1000, 1000, 1_000_000_000, 10));
        assertTrue(got.startsWith("Training takes at least 7.55e+03 years: take at most 13"), got);
        assertTrue(got.endsWith(" epochs, which take one"), got);
        Effort longEpoch = effort(1, 1000, 1000, 1, 2_000_000_000);
        String epoch = assertThrows(IllegalArgumentException.class, () -> longEpoch.require(Long.MAX_VALUE))
                .getMessage();
        assertTrue(epoch.endsWith(" years: take a smaller network or batch: one epoch takes more than one"), epoch);
    }

    private static String refused(Effort effort) {
        return assertThrows(IllegalArgumentException.class, () -> effort.require(2 * GB))
                .getMessage();
    }
}
