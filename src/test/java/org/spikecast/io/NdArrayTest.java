package org.spikecast.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class NdArrayTest {

    @Test
    void floatingPoint() {
        double[] data = {1, 2, 3, 4, 5, 6};
        NdArray array = NdArray.of(data, 2, 3);
        assertFalse(array.isInteger());
        assertEquals(2, array.rank());
        assertEquals(6, array.size());
        assertSame(data, array.doubles());
        array.shape()[0] = 7;
        assertArrayEquals(new int[] {2, 3}, array.shape());
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, array::ints);
        assertEquals(
                "expected an array of integers, got float64[2, 3]; save it with an integer type,"
                        + " e.g. x.astype('int32')",
                e.getMessage());
    }

    @Test
    void integers() {
        NdArray array = NdArray.of(new int[] {3, -4}, 2, 1);
        assertTrue(array.isInteger());
        assertArrayEquals(new int[] {3, -4}, array.ints());
        assertArrayEquals(new double[] {3, -4}, array.doubles());
        assertEquals("int32[2, 1]", array.toString());
    }

    @Test
    void scalarsAndEmptyArrays() {
        assertEquals(0, NdArray.of(new double[1]).rank());
        assertEquals(0, NdArray.of(new int[0], 3, 0).size());
    }

    @Test
    void shapeMustFitTheData() {
        assertRefused("shape [2, 2] needs 4 elements, the data has 3", 2, 2);
        assertRefused("shape [] needs 1 elements, the data has 3");
        assertRefused("negative extent in shape [-1, -3]", -1, -3);
        assertRefused("expected at most 2147483639 elements, got shape [65536, 65536]", 65536, 65536);
        assertRefused("expected at most 64 dimensions, got 65", new int[65]);
    }

    private static void assertRefused(String message, int... shape) {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> NdArray.of(new double[3], shape));
        assertEquals(message, e.getMessage());
    }

    @Test
    void equality() {
        NdArray array = NdArray.of(new double[] {0.0, Double.NaN}, 2);
        assertEquals(array, NdArray.of(new double[] {0.0, Double.NaN}, 2));
        assertEquals(
                array.hashCode(), NdArray.of(new double[] {0.0, Double.NaN}, 2).hashCode());
        assertNotEquals(array, NdArray.of(new double[] {-0.0, Double.NaN}, 2));
        assertNotEquals(array, NdArray.of(new double[] {0.0, Double.NaN}, 1, 2));
        assertNotEquals(NdArray.of(new int[0], 0), NdArray.of(new double[0], 0));
    }
}
