package org.spikecast.params;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;

class ParameterSetTest {
    private final ParameterSet.Builder declare = new ParameterSet.Builder();
    private final DMatrixRMaj a = declare.matrix("a", 2, 3);
    private final DMatrixRMaj b = declare.vector("b", 4);
    private final ParameterSet set = declare.build();

    @Test
    void isOneFlatVectorInOrderOfDeclaration() {
        assertEquals(10, set.size());
        for (int j = 0; j < set.size(); j++) {
            set.set(j, j);
        }
        assertEquals(5, a.get(1, 2));
        assertEquals(6, b.get(0, 0));
        assertEquals(9, b.get(3, 0));
        for (int j = 0; j < set.size(); j++) {
            assertEquals(j, set.get(j));
            assertEquals(j < 6 ? 0 : 1, set.blockOf(j));
        }
        assertEquals(6, set.start(1));
        String message =
                assertThrows(IndexOutOfBoundsException.class, () -> set.get(10)).getMessage();
        assertEquals("parameter 10 of 10", message);
        assertThrows(IndexOutOfBoundsException.class, () -> set.get(-1));
    }

    @Test
    void anEmptyBlockHoldsNoIndex() {
        ParameterSet.Builder other = new ParameterSet.Builder();
        other.vector("one", 1);
        other.vector("none", 0);
        other.vector("none either", 0);
        other.vector("two", 1);
        ParameterSet withEmpty = other.build();
        assertEquals(0, withEmpty.blockOf(0));
        assertEquals(3, withEmpty.blockOf(1));
    }

    @Test
    void copiesAndZeroes() {
        a.set(0, 1, 5);
        ParameterSet copy = set.zerosLike();
        assertEquals(0, copy.get(1));
        copy.copyFrom(set);
        assertEquals(5, copy.get(1));
        set.setZero();
        assertEquals(0, set.get(1));
        assertEquals(5, copy.get(1));
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertThrows(IllegalArgumentException.class, () -> declare.vector("a", 1));
        ParameterSet.Builder other = new ParameterSet.Builder();
        other.matrix("a", 3, 2);
        other.vector("b", 4);
        String message = assertThrows(IllegalArgumentException.class, () -> set.copyFrom(other.build()))
                .getMessage();
        assertEquals("Parameter sets differ: a[2, 3], b[4] expected, got a[3, 2], b[4]", message);
    }
}
