package org.spikecast.neuron.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.spikecast.neuron.LifParameters;
import org.spikecast.neuron.LifPopulationTest;

/** Properties beyond the stored vectors of {@code lif}, which {@code VectorsTest} replays. */
class ConstantCurrentTest {
    private static final LifParameters LIF = new LifParameters(20, 1);

    /** Measured: 1.7e-15. */
    @Test
    void voltageAtTheTimeOfThresholdIsOne() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 10_000; i++) {
            ConstantCurrent flow = new ConstantCurrent(LIF, random.nextDouble(0.05, 2));
            double start = random.nextDouble(-3, 1);
            assertEquals(1, flow.voltage(start, flow.timeToThreshold(start)), 1e-14, flow + " from " + start);
        }
    }

    /** Measured: 6.7e-16, absolute. */
    @Test
    void voltageAfterTwoTimesIsThatAfterTheirSum() {
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < 10_000; i++) {
            ConstantCurrent flow = new ConstantCurrent(LIF, random.nextDouble(-0.1, 0.1));
            double start = random.nextDouble(-2, 1);
            double t = random.nextDouble(0, 50);
            double u = random.nextDouble(0, 50);
            assertEquals(flow.voltage(start, t + u), flow.voltage(flow.voltage(start, t), u), 1e-14);
        }
    }

    @Test
    void thresholdIsReachedAtOnceOrNever() {
        ConstantCurrent strong = new ConstantCurrent(LIF, 0.06);
        assertEquals(0, strong.timeToThreshold(1));
        assertEquals(0, strong.timeToThreshold(7));
        assertTrue(strong.timeToThreshold(Math.nextDown(1.0)) > 0);

        ConstantCurrent weak = new ConstantCurrent(LIF, 0.05); // 0.05 is 0.05 + 2.8e-18, so that I tau_L exceeds 1
        assertEquals(20 * 37.43, weak.timeToThreshold(0), 0.1);
        ConstantCurrent weaker = new ConstantCurrent(LIF, Math.nextDown(0.05));
        assertEquals(Double.POSITIVE_INFINITY, weaker.timeToThreshold(Math.nextDown(1.0)));
        assertEquals(0, weaker.rate());
        assertEquals(0, weaker.timeToThreshold(1));
    }

    @Test
    void limitsOfTheVoltageAreRight() {
        ConstantCurrent flow = new ConstantCurrent(LIF, 0.04);
        assertEquals(0.3, flow.voltage(0.3, 0));
        assertEquals(0.8, flow.voltage(0.3, 1e6));
    }

    @Test
    void wrongArgumentsAreRefused() {
        LifPopulationTest.assertRefused(
                "current must be finite, got NaN: give a number", () -> new ConstantCurrent(LIF, Double.NaN));
        LifPopulationTest.assertRefused(
                "current tauL must be finite, got Infinity: give a number", () -> new ConstantCurrent(LIF, 1e308));
        ConstantCurrent flow = new ConstantCurrent(LIF, 0.04);
        LifPopulationTest.assertRefused(
                "start must be finite, got NaN: give a number", () -> flow.timeToThreshold(Double.NaN));
        LifPopulationTest.assertRefused(
                "t must be finite and at least 0, got -1: give 0 or more", () -> flow.voltage(0, -1));
    }
}
