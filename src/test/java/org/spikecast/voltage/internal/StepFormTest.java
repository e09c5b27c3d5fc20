package org.spikecast.voltage.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.spikecast.kernel.RandomStream;
import org.spikecast.lstm.NetworkConfig;

class StepFormTest {
    /** Of encode, relative: a logarithm and six operations, each of some 1e-16. Measured: 2e-16; jumps 9e-16. */
    private static final double ENCODED = 1e-15;

    /**
     * Of the change that comes back, relative: the output's rounding counts y coth(y) times, 8.3 times at 100 mV. Measured:
     * 2.7e-15.
     */
    private static final double DECODED = 5e-15;

    /** Exact outputs, computed with 40 digits: 0.3 asinh(change / 0.05), the constants as the doubles they are. */
    @ParameterizedTest
    @CsvSource({
        "1e-9, 5.9999999999999994186e-9",
        "3e-8, 1.7999999999998916726e-7",
        "1e-6, 5.9999999995999991734e-6",
        "4.999e-6, 0.000029993999950029990912",
        "5e-6, 0.000029999999949999999904",
        "5.001e-6, 0.000030005999949969991812",
        "1e-4, 0.00059999960000071997153",
        "2e-3, 0.011996802301808099947",
        "0.05, 0.26441207610586289778",
        "0.3, 0.74753395579347353609",
        "1, 1.1068511606966716347",
        "10, 1.797441239114816632",
        "100, 2.4882149107806064347"
    })
    void theOutputIsAnAreaSineAccurateFromTheSmallestChangesOn(double change, double output) {
        assertEquals(output, StepForm.encode(change), ENCODED * output);
        assertEquals(-output, StepForm.encode(-change), ENCODED * output);
        assertEquals(change, StepForm.decode(output), DECODED * change);
        assertEquals(-change, StepForm.decode(-output), DECODED * change);
    }

    @Test
    void encodingAndDecodingAreInverse() {
        RandomStream random = RandomStream.of(1, "step form test");
        double worst = 0;
        for (int j = 0; j < 200_000; j++) {
            double change = StrictMath.pow(10, -9 + 11 * random.nextDouble()); // 1e-9 to 100 mV
            double output = StepForm.encode(change);
            worst = Math.max(worst, Math.abs(StepForm.decode(output) / change - 1));
            worst = Math.max(worst, Math.abs(StepForm.encode(StepForm.decode(output)) / output - 1));
            assertEquals(-output, StepForm.encode(-change)); // odd to the last bit
            assertEquals(-StepForm.decode(output), StepForm.decode(-output));
        }
        assertTrue(worst < DECODED, "relative error " + worst);
    }

    @Test
    void zeroStaysZeroAndTheSmallestNumbersPassThrough() {
        assertEquals(0.0, StepForm.encode(0.0));
        assertEquals(-0.0, StepForm.encode(-0.0));
        assertEquals(0.0, StepForm.decode(0.0));
        assertEquals(-0.0, StepForm.decode(-0.0));
        double tiny = 1e-300;
        assertEquals(6 * tiny, StepForm.encode(tiny), ENCODED * 6 * tiny);
        assertEquals(tiny, StepForm.decode(StepForm.encode(tiny)), DECODED * tiny);
        // The output of a diverged network is clipped.
        assertEquals(1000, StepForm.decode(1e3));
        assertEquals(-1000, StepForm.decode(-1e3));
    }

    /**
     * From 1e-9 to 100 mV in steps of 1e-5 relative, across every place where an approximation could begin or end: neither
     * function falls, and none jumps: the ratio of neighbours is what the derivative says, to their rounding.
     */
    @Test
    void bothRiseWithoutAJump() {
        double factor = 1 + 1e-5;
        double worst = 0;
        for (double change = 1e-9; change < 100; change *= factor) {
            double rise = StepForm.encode(change * factor) - StepForm.encode(change);
            assertTrue(rise > 0, "encode falls at " + change);
            double middle = change * (1 + factor) / 2 / 0.05;
            double expected = 0.3 / Math.sqrt(1 + middle * middle) * change * 1e-5 / 0.05;
            worst = Math.max(worst, Math.abs(rise - expected) / StepForm.encode(change));
            double output = StepForm.encode(change);
            assertTrue(StepForm.decode(output * factor) > StepForm.decode(output), "decode falls at " + output);
        }
        assertTrue(worst < ENCODED * 2, "a jump of " + worst);
    }

    @Test
    void aStepReadsVoltageAndCurrentAndSaysOneChange() {
        assertEquals(new NetworkConfig(2, 7, 3, 1), new StepForm(200, 0.01, 0.1).config(7, 3));
    }

    /** Relative: differences of fourth order over a thousandth of the output. Measured: 5e-11. */
    @Test
    void theSlopeIsTheDerivativeOfDecoding() {
        for (double output = -3.1; output < 3.1; output += 0.01) {
            double h = 1e-3;
            double near = StepForm.decode(output + h) - StepForm.decode(output - h);
            double far = StepForm.decode(output + 2 * h) - StepForm.decode(output - 2 * h);
            double slope = (8 * near - far) / (12 * h);
            if (Math.abs(StepForm.decode(output)) < 990) {
                assertEquals(slope, StepForm.decodeSlope(StepForm.decode(output)), 1e-9 * slope);
            }
        }
        assertEquals(0, StepForm.decodeSlope(StepForm.decode(4)));
        assertEquals(0, StepForm.decodeSlope(StepForm.decode(-4)));
    }

    @Test
    void refusesWhatIsNoFormAndTakesTheLeastOne() {
        assertEquals(1, new StepForm(1, 1, 1).forcingRest());
        assertMessage("Steps of a segment: expected at least 1, got 0", 0, 1, 1);
        assertMessage("Forcing: expected more than 0 and at most 1, got -0.1", 1, -0.1, 1);
        assertMessage("Forcing: expected more than 0 and at most 1, got 0.0", 1, 0.5, 0);
        assertMessage("Forcing: expected more than 0 and at most 1, got 1.1", 1, 1.1, 1);
        assertMessage("Forcing: expected more than 0 and at most 1, got NaN", 1, 1, Double.NaN);
    }

    private static void assertMessage(String expected, int steps, double rest, double spike) {
        assertEquals(
                expected,
                assertThrows(IllegalArgumentException.class, () -> new StepForm(steps, rest, spike))
                        .getMessage());
    }
}
