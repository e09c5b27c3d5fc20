package org.spikecast.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.spikecast.Tolerances;

class ScheduleTest {
    private static Schedule of(Schedule.Shape shape, int warmUp) {
        return new Schedule(shape, 0.5, warmUp, 2, 0.25);
    }

    @ParameterizedTest
    @EnumSource
    void theWarmUpIsAStraightLineThatEndsAtThePeakRate(Schedule.Shape shape) {
        Schedule schedule = of(shape, 4);
        double[] rates = {0.125, 0.25, 0.375, 0.5};
        for (int update = 0; update < 4; update++) {
            assertEquals(rates[update], schedule.rate(update, 3, 10));
        }
        assertEquals(0.5, schedule.rate(4, 3, 10)); // every shape begins there
        assertEquals(0.5, of(shape, 0).rate(0, 3, 10));
    }

    /** Updates 4 to 19 of 20: a sixteenth of half a circle each. */
    @Test
    void aCosineFallsFromThePeakRateTowardsAHundredthOfIt() {
        Schedule schedule = of(Schedule.Shape.COSINE, 4);
        double root = Math.sqrt(0.5);
        double[] parts = {1, (1 + root) / 2, 0.5, (1 - root) / 2}; // (1 + cos) / 2, every quarter of the way
        for (int quarter = 0; quarter < 4; quarter++) {
            double rate = schedule.rate(4 + 4 * quarter, 5, 4);
            assertEquals(0.5 * (0.01 + 0.99 * parts[quarter]), rate, Tolerances.OTHER_ORDER);
        }
        double last = schedule.rate(19, 5, 4);
        assertEquals(0.5 * (0.01 + 0.99 * (1 - StrictMath.cos(Math.PI / 16)) / 2), last, Tolerances.OTHER_ORDER);
        for (int update = 4; update < 19; update++) {
            assertEquals(1, Double.compare(schedule.rate(update, 5, 4), schedule.rate(update + 1, 5, 4)));
        }
        assertEquals(0.005, schedule.rate(20, 5, 4)); // the end, which no update reaches
    }

    @Test
    void aCosineOfOneUpdateAfterTheWarmUpHasThePeakRate() {
        assertEquals(0.5, of(Schedule.Shape.COSINE, 4).rate(4, 5, 1));
        assertEquals(0.5, of(Schedule.Shape.COSINE, 0).rate(0, 1, 1));
        assertEquals(0.4, of(Schedule.Shape.COSINE, 5).rate(3, 5, 1)); // all is rise
    }

    @Test
    void cosineIsTheUsualChoice() {
        Schedule usual = Schedule.cosine(0.5, 4);
        assertEquals(Schedule.Shape.COSINE, usual.shape());
        for (int update = 0; update < 20; update++) {
            assertEquals(of(Schedule.Shape.COSINE, 4).rate(update, 5, 4), usual.rate(update, 5, 4));
        }
    }

    /** Epochs of three updates, a factor of 1/4 every two of them; epochs count from the first update, rise or not. */
    @Test
    void stepsComeAfterWholeEpochs() {
        for (int warmUp : new int[] {0, 2, 7}) {
            Schedule schedule = of(Schedule.Shape.STEP, warmUp);
            for (int update = warmUp; update < 30; update++) {
                double expected =
                        update < 6 ? 0.5 : update < 12 ? 0.125 : update < 18 ? 0.03125 : update < 24 ? 0x1p-7 : 0x1p-9;
                assertEquals(expected, schedule.rate(update, 3, 10), "update " + update);
            }
        }
    }

    @Test
    void aConstantRateStays() {
        for (long update : new long[] {2, 3, 1000, 1L << 40}) {
            assertEquals(0.5, of(Schedule.Shape.CONSTANT, 2).rate(update, 3, 10));
        }
    }

    /** More updates than an int counts. */
    @Test
    void longTrainingsDoNotOverflow() {
        int updatesPerEpoch = 1 << 30;
        assertEquals(
                0.5 * (0.01 + 0.99 / 2),
                of(Schedule.Shape.COSINE, 0).rate(1L << 33, updatesPerEpoch, 16),
                Tolerances.OTHER_ORDER);
        assertEquals(0.5 * 0.0625, of(Schedule.Shape.STEP, 0).rate(1L << 32, updatesPerEpoch, 16));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 1, 1, learning rate: expected a positive number got 0.0",
        "-1, 0, 1, 1, learning rate: expected a positive number got -1.0",
        "NaN, 0, 1, 1, learning rate: expected a positive number got NaN",
        "Infinity, 0, 1, 1, learning rate: expected a positive number got Infinity",
        "0.1, -1, 1, 1, warm-up updates: expected at least 0 got -1",
        "0.1, 0, 0, 1, epochs from one step of the learning rate to the next: expected at least 1 got 0",
        "0.1, 0, 1, 0, factor of a step of the learning rate: expected a positive number got 0.0",
        "0.1, 0, 1, NaN, factor of a step of the learning rate: expected a positive number got NaN"
    })
    void whatIsOutOfRangeIsNamed(double highest, int warmUp, int stepEpochs, double stepFactor, String expected) {
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> new Schedule(Schedule.Shape.STEP, highest, warmUp, stepEpochs, stepFactor))
                .getMessage();
        assertEquals(expected, message.replace(",", ""));
    }
}
