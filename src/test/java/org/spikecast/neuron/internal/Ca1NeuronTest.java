package org.spikecast.neuron.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.spikecast.neuron.LifPopulationTest.assertRefused;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.neuron.Ca1Parameters;

class Ca1NeuronTest {
    private static double[] derivative(Ca1Parameters parameters, double current, double[] y) {
        double[] dydt = new double[9];
        new Ca1Neuron(parameters, new double[] {current}, new ScalarKernel()).derivative(0, y, dydt);
        return dydt;
    }

    private static double s(double x, double theta, double sigma) {
        return 1 / (1 + StrictMath.exp(-(x - theta) / sigma));
    }

    /** The specification's equations, typed again with its numbers; cube and fourth power by StrictMath. */
    private static double[] specified(double current, double[] y) {
        double v = y[0], h = y[1], n = y[2], b = y[3], z = y[4], r = y[5], c = y[6], q = y[7], ca = y[8];
        double m = s(v, -30, 9.5), p = s(v, -47, 3), a = s(v, -50, 20), k = ca / (ca + 6);
        double iCa = 0.08 * r * r * (v - 120);
        double dv = current
                - 0.05 * (v + 70)
                - 35 * StrictMath.pow(m, 3) * h * (v - 55)
                - 0.4 * p * (v - 55)
                - 6 * StrictMath.pow(n, 4) * (v + 90)
                - 1.4 * StrictMath.pow(a, 3) * b * (v + 90)
                - 0.5 * z * (v + 90)
                - iCa
                - 10 * k * c * (v + 90)
                - 5 * q * (v + 90);
        double ca4 = StrictMath.pow(ca, 4);
        return new double[] {
            dv,
            10 * (s(v, -45, -7) - h) / (1 + 7.5 * s(v, -40.5, -6)),
            10 * (s(v, -35, 10) - n) / (1 + 5 * s(v, -27, -15)),
            (s(v, -80, -6) - b) / 15,
            (s(v, -39, 5) - z) / 75,
            s(v, -20, 10) - r,
            (s(v, -30, 7) - c) / 2,
            (ca4 / (ca4 + 16) - q) / 450,
            -0.13 * iCa - ca / 13
        };
    }

    /** Relative to the largest term of a sum, some ulp: the terms of V' reach 4000. Measured: 3e-13 absolute for V'. */
    @Test
    void derivativeIsTheSpecifications() {
        RandomStream random = RandomStream.of(1, "neuron test");
        for (int trial = 0; trial < 1000; trial++) {
            double[] y = new double[9];
            y[0] = -90 + 140 * random.nextDouble();
            for (int i = 1; i < 9; i++) {
                y[i] = random.nextDouble();
            }
            double[] expected = specified(1.3, y);
            double[] actual = derivative(Ca1Parameters.normal(), 1.3, y);
            for (int i = 0; i < 9; i++) {
                assertEquals(expected[i], actual[i], i == 0 ? 2e-12 : 1e-14, "component " + i);
            }
        }
    }

    /** Each parameter, changed, changes the derivative: none is forgotten. */
    @ParameterizedTest
    @EnumSource
    void everyParameterMatters(Ca1Parameter parameter) {
        double[] y = {-40, 0.4, 0.3, 0.2, 0.1, 0.3, 0.2, 0.1, 0.9};
        Ca1Parameters other = Ca1Parameters.normal().with(parameter, 0.9 * parameter.normal());
        double change = 0;
        double[] usual = derivative(Ca1Parameters.normal(), 1, y);
        double[] changed = derivative(other, 1, y);
        for (int i = 0; i < 9; i++) {
            change += Math.abs(usual[i] - changed[i]);
        }
        assertNotEquals(0, change);
    }

    @Test
    void withoutCalciumCurrentsTheVoltageIgnoresCalcium() {
        double[] y = {-40, 0.4, 0.3, 0.2, 0.1, 0.3, 0.2, 0.1, 0.9};
        double[] other = {-40, 0.4, 0.3, 0.2, 0.1, 0.9, 0.8, 0.7, 0.1};
        double[] first = derivative(Ca1Parameters.zeroCalcium(), 1, y);
        double[] second = derivative(Ca1Parameters.zeroCalcium(), 1, other);
        for (int i = 0; i < 5; i++) {
            assertEquals(first[i], second[i]);
        }
        assertEquals(-0.9 / 13, first[8], 1e-16);
        assertNotEquals(first[0], derivative(Ca1Parameters.normal(), 1, y)[0]);
    }

    @Test
    void aCellsDerivativeDoesNotDependOnItsNeighbours() {
        double[] y = Ca1Neuron.initialState(3);
        y[1] = -30; // V of cell 1
        double[] dydt = new double[27];
        Ca1Neuron neurons = new Ca1Neuron(Ca1Parameters.normal(), new double[] {0, 2, 0}, new ScalarKernel());
        neurons.derivative(0, y, dydt);
        double[] one = Ca1Neuron.initialState(1);
        one[0] = -30;
        double[] alone = derivative(Ca1Parameters.normal(), 2, one);
        for (int i = 0; i < 9; i++) {
            assertEquals(alone[i], dydt[3 * i + 1]);
            assertEquals(dydt[3 * i], dydt[3 * i + 2]);
        }
        assertEquals("h of cell 1", neurons.component(4));
        neurons.setCurrent(1, 3);
        neurons.derivative(0, y, dydt);
        assertEquals(alone[0] + 1, dydt[1], 1e-12);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CAPACITANCE | -1 | capacitance must be finite and above 0, got -1: give a positive number",
                "CAPACITANCE | 0 | capacitance must be finite and above 0, got 0: give a positive number",
                "TAU_B | 0 | tau_b must be finite and above 0, got 0: give a positive number",
                "G_NAP | -0.1 | g_nap must be finite and at least 0, got -0.1: give 0 or more",
                "V_K | NaN | v_k must be finite, got NaN: give a number",
                "SIGMA_M | 0 | sigma_m must be finite and not 0, got 0: give a width in mV"
            })
    void refusesParametersOutOfRange(Ca1Parameter parameter, double value, String message) {
        assertRefused(message, () -> Ca1Parameters.normal().with(parameter, value));
    }

    @Test
    void refusesCurrentsThatAreNotFinite() {
        Ca1Parameters normal = Ca1Parameters.normal();
        assertRefused(
                "current must be finite, got NaN: give a number",
                () -> new Ca1Neuron(normal, new double[] {0, Double.NaN}, new ScalarKernel()));
        assertRefused(
                "the number of cells must be at least 1, got 0: give a larger number",
                () -> new Ca1Neuron(normal, new double[0], new ScalarKernel()));
    }

    @Test
    void parametersAreValues() {
        Ca1Parameters other = Ca1Parameters.normal().with(Ca1Parameter.G_NAP, 0.2);
        assertEquals(0.2, other.get(Ca1Parameter.G_NAP));
        assertEquals(0.4, Ca1Parameters.normal().get(Ca1Parameter.G_NAP));
        assertNotEquals(Ca1Parameters.normal(), other);
        assertEquals(Ca1Parameters.normal(), other.with(Ca1Parameter.G_NAP, 0.4));
        assertEquals("normal calcium but for {G_NAP=0.2}", other.toString());
        assertEquals(48, other.values().size());
    }
}
