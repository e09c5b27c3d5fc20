package org.spikecast.voltage.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.neuron.Ca1Parameters;
import org.spikecast.neuron.Ca1Simulation;

class Ca1SourceTest {
    private final Kernel kernel = new ScalarKernel();

    private static Ca1Source setup(int training, double low, double high, double durationMs, double dt) {
        return new Ca1Source(Ca1Parameters.normal(), low, high, 5, training, 0, 2, 3, 1, durationMs, 30, 0.1, dt);
    }

    @Test
    void partsAreApartAndDoNotDependOnEachOthersSize() {
        TraceData a = setup(4, 0.3, 0.8, 20, 0.02).data(kernel);
        TraceData b = setup(2, 0.3, 0.8, 20, 0.02).data(kernel);
        assertEquals(4, a.training().cells());
        assertEquals(2, a.validation().cells());
        assertEquals(3, a.test().cells());
        assertEquals(201, a.test().samples());
        assertEquals(301, a.freeRun().samples());
        assertArrayEquals(a.test().voltage().data, b.test().voltage().data);
        assertEquals(a.training().voltage().get(1, 100), b.training().voltage().get(1, 100));
        for (double i : a.training().current()) {
            double scaled = a.scaling().apply(1, i);
            assertTrue(i >= 0.3 && i <= 0.8 && scaled >= -1 && scaled <= 1);
            for (double other : a.test().current()) {
                assertTrue(i != other);
            }
        }
        assertEquals(0, a.scaling().apply(0, -60));
        assertEquals(3, a.scaling().apply(0, 0));
    }

    /** A cell's row is its own simulation. */
    @Test
    void tracesAreTheSimulations() {
        TraceData data = setup(2, 0.3, 0.8, 20, 0.02).data(kernel);
        double[] alone = Ca1Simulation.random(Ca1Parameters.normal(), 0.3, 0.8, 5, 1, 1, 20, 0.1)
                .runFixed(0.02, kernel)
                .voltageOf(0);
        double[] row = new double[alone.length];
        System.arraycopy(data.training().voltage().data, row.length, row, 0, row.length);
        assertArrayEquals(alone, row);
    }

    /** Hidden variables are those of the trajectories for free runs. */
    @Test
    void hiddenVariablesAreThoseOfTheTraces() {
        Ca1Source source = setup(2, 0.3, 0.8, 20, 0.02);
        TraceData data = source.data(kernel);
        DMatrixRMaj[] hidden = source.hidden(4, 7, kernel); // of 4 cells there is 1
        assertEquals(data.freeRun().cells(), hidden.length);
        assertEquals(source.hiddenNames().size(), hidden[0].numCols);
        assertEquals((data.freeRun().samples() + 6) / 7, hidden[0].numRows);
        for (int row = 0; row < hidden[0].numRows; row++) {
            assertEquals(data.freeRun().voltage().get(0, 7 * row), hidden[0].get(row, 0));
        }
    }

    /** The specification: 1e-3 mV grow to 10 mV after 108 ms and 1 mV after 12 ms at the median of irregular bursting. */
    @Test
    void irregularTracesDivergeAtTheRateOfTheSpecification() {
        Ca1Source irregular = setup(1, 0.95, 1.15, 20, 0.02);
        double[] small = irregular.divergence(40, 1e-3, 200, 120, kernel);
        double[] large = irregular.divergence(40, 1, 200, 40, kernel);
        assertEquals(120, small.length);
        assertTrue(small[0] < 0.1 && small[9] < 1, small[0] + ", " + small[9]);
        assertTrue(small[100] > 1 && small[100] > 10 * small[9], "after 100 ms " + small[100]);
        assertTrue(large[20] > 5, "after 20 ms " + large[20]);
        // In regular bursting they stay together.
        double[] regular = setup(1, 0.3, 0.8, 20, 0.02).divergence(40, 1e-3, 200, 120, kernel);
        assertTrue(regular[100] < small[100] / 10, "regular " + regular[100]);
    }

    @Test
    void setupsThatMakeNoSenseAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> setup(0, 0.3, 0.8, 20, 0.02));
        assertThrows(IllegalArgumentException.class, () -> setup(1, 0.9, 0.8, 20, 0.02));
        assertThrows(IllegalArgumentException.class, () -> setup(1, 0.3, Double.NaN, 20, 0.02));
        assertThrows(IllegalArgumentException.class, () -> setup(1, 0.3, 0.8, 0, 0.02));
        assertThrows(IllegalArgumentException.class, () -> setup(1, 0.3, 0.8, 20, 0));
    }
}
