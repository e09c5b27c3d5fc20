package org.spikecast.ode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.spikecast.ode.internal.RootedTree;

public class TableauTest {
    private static final double[] NONE = {};

    static Tableau bogackiShampine() {
        return new Tableau(
                "Bogacki-Shampine 3(2)",
                3,
                new double[][] {{}, {1.0 / 2}, {0, 3.0 / 4}, {2.0 / 9, 1.0 / 3, 4.0 / 9}},
                new double[] {2.0 / 9, 1.0 / 3, 4.0 / 9, 0},
                2,
                new double[] {-5.0 / 72, 1.0 / 12, 1.0 / 9, -1.0 / 8},
                NONE);
    }

    public static Tableau heun() {
        return new Tableau("Heun", 2, new double[][] {{}, {1}}, new double[] {0.5, 0.5}, 0, NONE, NONE);
    }

    /** 1, 1, 2, 4, 9, 20 trees of each order (OEIS A000081). */
    @ParameterizedTest
    @CsvSource({"1, 1", "2, 2", "3, 4", "4, 8", "5, 17", "6, 37", "7, 85"})
    void everyTreeComesUpOnce(int order, int count) {
        List<RootedTree> trees = RootedTree.upTo(order, new double[3][3]);
        assertEquals(count, trees.size());
        assertEquals(count, trees.stream().map(RootedTree::name).distinct().count());
        assertTrue(trees.stream().allMatch(t -> t.name().length() == 2 * t.order()));
    }

    /** HNW, table II.2.2: gamma of the trees of order 4 are 4, 8, 12, 24. */
    @Test
    void densitiesAreThoseOfTheTextbook() {
        double[] densities = RootedTree.upTo(4, new double[1][1]).stream()
                .filter(t -> t.order() == 4)
                .mapToDouble(RootedTree::density)
                .sorted()
                .toArray();
        assertEquals(
                List.of(4.0, 8.0, 12.0, 24.0),
                java.util.Arrays.stream(densities).boxed().toList());
    }

    @Test
    void theStoredMethodsKnowTheirProperties() {
        assertEquals(4, Tableau.CLASSICAL.order());
        assertFalse(Tableau.CLASSICAL.lastIsFirst() || Tableau.CLASSICAL.hasEstimate());
        assertEquals(3, Tableau.CLASSICAL.denseOrder());
        assertEquals(5, Tableau.DORMAND_PRINCE.order());
        assertEquals(4, Tableau.DORMAND_PRINCE.embeddedOrder());
        assertEquals(4, Tableau.DORMAND_PRINCE.denseOrder());
        assertTrue(Tableau.DORMAND_PRINCE.lastIsFirst());
        assertTrue(bogackiShampine().lastIsFirst());
        assertEquals(2, heun().denseOrder());
    }

    /** None has a higher order than it claims. */
    @Test
    void aHigherOrderCannotBeClaimed() {
        double[][] a = {{}, {1.0 / 2}, {0, 1.0 / 2}, {0, 0, 1}};
        double[] b = {1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6};
        String message = assertThrows(IllegalArgumentException.class, () -> new Tableau("RK4", 5, a, b, 0, NONE, NONE))
                .getMessage();
        assertTrue(message.startsWith("RK4: the weights b miss the condition of order 5 of the tree ["), message);
    }

    /** Any coefficient of Dormand and Prince, wrong by 1e-6, is noticed: of a, b, the estimate and dense output. */
    @ParameterizedTest
    @ValueSource(strings = {"a", "b", "e", "d"})
    void aWrongCoefficientIsNoticed(String array) {
        Tableau good = Tableau.DORMAND_PRINCE;
        int faults = 0;
        for (int i = 0; i < 7; i++) {
            for (int j = 0; j < (array.equals("a") ? i : 1); j++) {
                double[][] a = new double[7][];
                for (int row = 0; row < 7; row++) {
                    a[row] = java.util.Arrays.copyOf(good.a(row), row);
                }
                double[] b = good.b().clone();
                double[] e = good.e().clone();
                double[] d = good.d().clone();
                double[] wrong = switch (array) {
                    case "a" -> a[i];
                    case "b" -> b;
                    case "e" -> e;
                    default -> d;
                };
                int at = array.equals("a") ? j : i;
                wrong[at] += 1e-6;
                faults++;
                String what = array + " " + i + " " + j;
                assertThrows(IllegalArgumentException.class, () -> new Tableau("wrong", 5, a, b, 4, e, d), what);
            }
        }
        assertEquals(array.equals("a") ? 21 : 7, faults);
    }

    @Test
    void shapesAreChecked() {
        double[][] a = {{}, {1}};
        double[] b = {0.5, 0.5};
        for (Runnable wrong : List.<Runnable>of(
                () -> new Tableau("x", 2, a, new double[] {1}, 0, NONE, NONE),
                () -> new Tableau("x", 2, new double[][] {{}, {1, 0}}, b, 0, NONE, NONE),
                () -> new Tableau("x", 2, a, b, 1, NONE, NONE),
                () -> new Tableau("x", 2, a, b, 0, new double[] {1, -1}, NONE),
                () -> new Tableau("x", 2, a, b, 0, NONE, new double[2]),
                () -> new Tableau("x", 1, new double[0][], NONE, 0, NONE, NONE))) {
            assertThrows(IllegalArgumentException.class, wrong::run);
        }
    }
}
