package org.spikecast.neuron;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.spikecast.neuron.LifPopulationTest.assertRefused;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.spikecast.kernel.RandomStream;
import org.spikecast.neuron.LifPopulation.Scheme;

class DriveTest {
    private static final LifPopulation POPULATION = new LifPopulation(new LifParameters(20, 1), 3, 0.001, Scheme.EXACT);

    @Test
    void constantCurrentIsAccurateOnAFineGrid() {
        double[] kick = {0, 1, -1};
        Drive.constant(0.07, POPULATION).addTo(kick, 0);
        double expected = -20 * StrictMath.expm1(-0.001 / 20) * 0.07;
        assertEquals(expected, kick[0], 1e-15 * expected);
        assertEquals(1 + kick[0], kick[1]);
    }

    /** Mean and variance of the kicks per step within four standard errors, and independence of two neurons. */
    @ParameterizedTest
    @CsvSource({"0.5, 0.07", "40, 0.07", "2000, -0.2"})
    void poissonKicksHaveMeanAndVariance(double rate, double size) {
        int steps = 200_000;
        double m = rate * POPULATION.dt();
        Drive drive = Drive.poisson(rate, size, RandomStream.of(1, "drive"), POPULATION);
        double sum = 0;
        double squares = 0;
        double product = 0;
        for (int k = 0; k < steps; k++) {
            double[] kick = new double[2];
            drive.addTo(kick, k);
            double a = kick[0] / size - m;
            sum += a;
            squares += a * a;
            product += a * (kick[1] / size - m);
        }
        assertEquals(0, sum / steps, 4 * Math.sqrt(m / steps));
        assertEquals(m, squares / steps, 4 * Math.sqrt((m + 2 * m * m) / steps));
        assertEquals(0, product / steps, 4 * m / Math.sqrt(steps));
    }

    @Test
    void givenKicksGoToTheirNeuronOrToAll() {
        double[] table = {1, 2, 3, 4, 5, 6};
        double[] kick = {10, 10, 10};
        Drive.given(table, 3).addTo(kick, 1);
        assertArrayEquals(new double[] {14, 15, 16}, kick);
        Drive.given(table, 1).addTo(kick, 5);
        assertArrayEquals(new double[] {20, 21, 22}, kick);
    }

    @Test
    void wrongArgumentsAreRefused() {
        double[] table = {1, 2, 3, 4};
        double[] kick = new double[3];
        assertRefused("kicks must hold whole rows, got 4: check columns", () -> Drive.given(table, 3));
        assertRefused(
                "columns must be 1 or 3, got 2: give one per neuron",
                () -> Drive.given(table, 2).addTo(kick, 0));
        assertRefused(
                "step must be below the table's 4, got 4: shorten the run",
                () -> Drive.given(table, 1).addTo(kick, 4));
        double[] infinite = {Double.POSITIVE_INFINITY};
        assertRefused("every kick must be finite, got Infinity: give a number", () -> Drive.given(infinite, 1));
        assertRefused("current must be finite, got NaN: give a number", () -> Drive.constant(Double.NaN, POPULATION));
        assertRefused(
                "rate must be finite and at least 0, got -0.5: give 0 or more",
                () -> Drive.poisson(-0.5, 1, RandomStream.of(1, "drive"), POPULATION));
    }
}
