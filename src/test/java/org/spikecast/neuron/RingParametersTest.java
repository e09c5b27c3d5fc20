package org.spikecast.neuron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.spikecast.neuron.LifPopulationTest.assertRefused;

import org.junit.jupiter.api.Test;
import org.spikecast.neuron.LifPopulation.Scheme;

class RingParametersTest {
    private static final LifParameters LIF = new LifParameters(20, 1);
    private static final RingParameters IRREGULAR = RingParameters.irregular();

    @Test
    void presetsAreThoseOfTheSpecification() {
        assertEquals(
                new RingParameters(600, LIF, 0.65, 0.07, 0.06, 0.016, 0.013, 0.018, 0.010, 15, 0, 0.05, Scheme.EULER),
                IRREGULAR);
        assertEquals(
                new RingParameters(600, LIF, 0.55, 0.07, 0.07, 0.003, 0.003, 0.003, 0.003, 15, 0.2, 0.05, Scheme.EULER),
                RingParameters.sharedInput(0.2));
        assertEquals(
                new RingParameters(600, LIF, 0.55, 0.07, 0.07, 0.05, 0.045, 0.045, 0.05, 15, 0, 0.05, Scheme.EULER),
                RingParameters.bursts());
    }

    @Test
    void scalingKeepsTheSummedWeights() {
        RingParameters small = IRREGULAR.scaledTo(60, 3);
        assertEquals(60, small.neurons());
        assertEquals(3, small.reach());
        assertEquals(0.016 * 31 / 7, small.sEE(), 1e-16);
        assertEquals(0.013 * 31 / 7, small.sEI(), 1e-16);
        assertEquals(0.018 * 31 / 7, small.sIE(), 1e-16);
        assertEquals(0.010 * 31 / 7, small.sII(), 1e-16);
        assertEquals(IRREGULAR, IRREGULAR.scaledTo(600, 15));
    }

    @Test
    void withersChangeTheirFieldsOnly() {
        RingParameters all = IRREGULAR
                .withExternalRate(0.1)
                .withKicks(0.2, 0.3)
                .withWeights(0.4, 0.5, 0.6, 0.7)
                .withSharedFraction(0.8)
                .withGrid(0.1, Scheme.EXACT);
        assertEquals(new RingParameters(600, LIF, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 15, 0.8, 0.1, Scheme.EXACT), all);
    }

    @Test
    void wrongValuesAreRefused() {
        String even = "neurons must be even and at least 2, got ";
        assertRefused(even + "61: give as many I as E neurons", () -> IRREGULAR.scaledTo(61, 3));
        assertRefused(even + "0: give as many I as E neurons", () -> IRREGULAR.scaledTo(0, 3));
        assertRefused(
                "reach must be in 0 .. 14 for 60 neurons (2 reach + 1 <= N_E), got 15: "
                        + "shorten the reach or take more neurons",
                () -> IRREGULAR.scaledTo(60, 15));
        assertRefused("reach must be at least 0, got -1: give a larger number", () -> IRREGULAR.scaledTo(60, -1));
        assertRefused(
                "sharedFraction must be in 0 .. 1, got 1.1: give a fraction", () -> IRREGULAR.withSharedFraction(1.1));
        assertRefused(
                "sharedFraction must be in 0 .. 1, got NaN: give a fraction",
                () -> IRREGULAR.withSharedFraction(Double.NaN));
        assertRefused(
                "sEI must be finite and at least 0, got -0.013: give 0 or more",
                () -> IRREGULAR.withWeights(0.016, -0.013, 0.018, 0.01));
        assertRefused(
                "externalRate must be finite and at least 0, got Infinity: give 0 or more",
                () -> IRREGULAR.withExternalRate(Double.POSITIVE_INFINITY));
        assertRefused("kickI must be finite, got NaN: give a number", () -> IRREGULAR.withKicks(1, Double.NaN));
        assertRefused(
                "dt 0.03 ms does not divide the tauRef of 1 ms: choose dt = tauRef / n",
                () -> IRREGULAR.withGrid(0.03, Scheme.EULER));
        assertEquals(14, IRREGULAR.scaledTo(58, 14).reach());
    }
}
