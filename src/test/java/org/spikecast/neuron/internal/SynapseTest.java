package org.spikecast.neuron.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.spikecast.neuron.LifParameters;
import org.spikecast.neuron.LifPopulationTest;

/** Properties beyond the stored vectors of {@code lif}, which {@code VectorsTest} replays. */
class SynapseTest {
    private static final double TAU_L = 20;

    @Test
    void nothingHappensBeforeTheSpike() {
        for (Synapse synapse : List.of(new Synapse.Delta(), new Synapse.Exponential(5), new Synapse.Alpha(5))) {
            assertEquals(0, synapse.potential(-1e-300, 0.3, TAU_L));
            assertEquals(0, synapse.potential(-1e300, 0.3, TAU_L));
        }
        assertEquals(0.3, new Synapse.Delta().potential(0, 0.3, TAU_L));
        assertEquals(0, new Synapse.Exponential(5).potential(0, 0.3, TAU_L));
        assertEquals(0, new Synapse.Alpha(5).potential(0, 0.3, TAU_L));
    }

    @Test
    void deltaIsTheDecayOfTheClosedForm() {
        ConstantCurrent rest = new ConstantCurrent(new LifParameters(TAU_L, 0), 0);
        for (double t : new double[] {0, 0.1, 7, 150, 3000}) {
            double expected = rest.voltage(0.3, t);
            assertEquals(expected, new Synapse.Delta().potential(t, 0.3, TAU_L));
        }
    }

    /** The spike passes two filters, synapse and membrane, whose order does not matter. Measured: 5e-16. */
    @Test
    void exponentialIsSymmetricInTheTimeConstants() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 10_000; i++) {
            double other = TAU_L * StrictMath.exp(random.nextDouble(-3, 3));
            double t = random.nextDouble(0, 200);
            double one = TAU_L * new Synapse.Exponential(TAU_L).potential(t, 1, other);
            double two = other * new Synapse.Exponential(other).potential(t, 1, TAU_L);
            assertEquals(one, two, 1e-14 * one);
        }
    }

    /** No jump where tau_s passes tau_L and the formula changes. Measured: 6e-16 up to t = 100, 1.2e-14 at 2000. */
    @Test
    void potentialIsContinuousWhereTheTimeConstantsMeet() {
        for (double t : new double[] {0.01, 1, 20, 100, 2000}) {
            double equalExponential = new Synapse.Exponential(TAU_L).potential(t, 1, TAU_L);
            double equalAlpha = new Synapse.Alpha(TAU_L).potential(t, 1, TAU_L);
            for (double tauS : new double[] {Math.nextDown(TAU_L), Math.nextUp(TAU_L)}) {
                double tolerance = 1e-15 + 3e-16 * t / TAU_L; // the second is what the response itself changes by
                double exponential = new Synapse.Exponential(tauS).potential(t, 1, TAU_L);
                double alpha = new Synapse.Alpha(tauS).potential(t, 1, TAU_L);
                assertEquals(equalExponential, exponential, tolerance * equalExponential);
                assertEquals(equalAlpha, alpha, tolerance * equalAlpha);
            }
        }
    }

    /** V' + V/tau_L = I, by central differences of fourth order. Measured: 1.1e-12 of w/tau_L. */
    @Test
    void potentialSolvesTheEquation() {
        double h = 1e-3;
        for (double tauS : new double[] {3, 19.999, 20, 20.001, 50}) {
            for (double t : new double[] {0.5, 3, 20, 90}) {
                double current = StrictMath.exp(-t / tauS) / tauS;
                Synapse exponential = new Synapse.Exponential(tauS);
                Synapse alpha = new Synapse.Alpha(tauS);
                double leftExponential = slope(exponential, t, h) + exponential.potential(t, 1, TAU_L) / TAU_L;
                double leftAlpha = slope(alpha, t, h) + alpha.potential(t, 1, TAU_L) / TAU_L;
                assertEquals(current, leftExponential, 1e-11 / TAU_L);
                assertEquals(current * t / tauS, leftAlpha, 1e-11 / TAU_L);
            }
        }
    }

    private static double slope(Synapse synapse, double t, double h) {
        double near = synapse.potential(t + h, 1, TAU_L) - synapse.potential(t - h, 1, TAU_L);
        double far = synapse.potential(t + 2 * h, 1, TAU_L) - synapse.potential(t - 2 * h, 1, TAU_L);
        return (8 * near - far) / (12 * h);
    }

    /** A short current is a kick. Measured: 2e-16. */
    @Test
    void fastSynapsesTendToDelta() {
        double delta = new Synapse.Delta().potential(7, 0.3, TAU_L);
        assertEquals(delta, new Synapse.Exponential(1e-100).potential(7, 0.3, TAU_L), 1e-15 * delta);
        assertEquals(delta, new Synapse.Alpha(1e-100).potential(7, 0.3, TAU_L), 1e-15 * delta);
    }

    @Test
    void whatIsTooSmallIsZero() {
        for (Synapse synapse : List.of(new Synapse.Delta(), new Synapse.Exponential(5), new Synapse.Alpha(20))) {
            assertEquals(0, synapse.potential(20_000, 1, TAU_L));
            assertEquals(0, synapse.potential(1e150, 1, TAU_L));
        }
        assertTrue(new Synapse.Alpha(1e5).potential(20_000, 1, TAU_L) > 0);
    }

    @Test
    void wrongArgumentsAreRefused() {
        LifPopulationTest.assertRefused(
                "tauS must be finite and above 0, got 0: give a positive number", () -> new Synapse.Exponential(0));
        LifPopulationTest.assertRefused(
                "tauS must be finite and above 0, got NaN: give a positive number",
                () -> new Synapse.Alpha(Double.NaN));
        Synapse synapse = new Synapse.Alpha(5);
        LifPopulationTest.assertRefused(
                "tauL must be finite and above 0, got -20: give a positive number", () -> synapse.potential(1, 1, -20));
        LifPopulationTest.assertRefused(
                "t must be finite, got NaN: give a number", () -> synapse.potential(Double.NaN, 1, TAU_L));
        LifPopulationTest.assertRefused(
                "weight must be finite, got Infinity: give a number",
                () -> synapse.potential(1, Double.POSITIVE_INFINITY, TAU_L));
        LifPopulationTest.assertRefused(
                "t must be at most 1e150 tauS, got 2.0E150 tauS: take an earlier time",
                () -> synapse.potential(1e151, 1, TAU_L));
    }
}
