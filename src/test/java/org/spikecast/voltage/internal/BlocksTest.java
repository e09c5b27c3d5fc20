package org.spikecast.voltage.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.spikecast.Tolerances;
import org.spikecast.io.internal.Label;
import org.spikecast.kernel.RandomStream;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.voltage.internal.BlockForm.Head;
import org.spikecast.voltage.internal.BlockForm.Order;

/** Traces, the blocks in them, their places and scores. */
class BlocksTest {
    /** Voltages 0, 1, 2 ... along the first trace, then along the second. */
    private static Traces counting(int cells, int samples) {
        DMatrixRMaj voltage = new DMatrixRMaj(cells, samples);
        Arrays.setAll(voltage.data, j -> j);
        return new Traces(0.1, new double[cells], voltage);
    }

    @Test
    void aWindowReadsTheSamplesBeforeItsEnd() {
        double[] voltage = {10, 11, 12, 13, 14, 15, 16};
        DMatrixRMaj x = new DMatrixRMaj(6, 2);
        x.fill(-1);
        new BlockForm(3, 2, Order.REVERSED, Head.LAST).copyWindow(voltage, 5, 7, x, 1);
        assertArrayEquals(new double[] {-1, 14, -1, 7, -1, 13, -1, 7, -1, 12, -1, 7}, x.data);
        new BlockForm(3, 2, Order.FORWARD, Head.LAST).copyWindow(voltage, 5, 8, x, 0);
        assertArrayEquals(new double[] {12, 14, 8, 7, 13, 13, 8, 7, 14, 12, 8, 7}, x.data);
    }

    @ParameterizedTest
    @CsvSource({"REVERSED", "FORWARD"})
    void aBlockIsTheSamplesFromItsStartInTheOrderOfTime(Order order) {
        double[] voltage = {10, 11, 12, 13, 14, 15, 16};
        DMatrixRMaj y = new DMatrixRMaj(2, 3);
        new BlockForm(3, 2, order, Head.LAST).copyBlock(voltage, 5, y, 1);
        assertArrayEquals(new double[] {0, 15, 0, 0, 16, 0}, y.data);
    }

    @Test
    void theHeadSaysWhichNetworkFits() {
        BlockForm last = new BlockForm(5, 3, Order.REVERSED, Head.LAST);
        assertEquals(new NetworkConfig(2, 8, 2, 3, 1), last.config(8, 2));
        assertEquals(1, last.outputSteps());
        BlockForm all = new BlockForm(5, 3, Order.REVERSED, Head.ALL);
        assertEquals(new NetworkConfig(2, 8, 2, 3, 5), all.config(8, 2));
        assertEquals(1, all.outputSteps());
        BlockForm every = new BlockForm(5, 5, Order.REVERSED, Head.EVERY);
        assertEquals(new NetworkConfig(2, 8, 2, 1, 1), every.config(8, 2));
        assertEquals(5, every.outputSteps());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 | 1 | LAST | Window and horizon: expected at least 1 sample each, got 0 and 1",
                "1 | 0 | ALL | Window and horizon: expected at least 1 sample each, got 1 and 0",
                "3 | 2 | EVERY | A head on every step gives as many samples as are read: window and horizon must be equal,"
                        + " got 3 and 2"
            })
    void formsThatCannotBeAreNamed(int window, int horizon, Head head, String expected) {
        String message = assertThrows(
                        IllegalArgumentException.class, () -> new BlockForm(window, horizon, Order.FORWARD, head))
                .getMessage();
        assertEquals(expected, message);
    }

    @Test
    void namesInFilesAreSmall() {
        assertEquals("reversed", Label.of(Order.REVERSED));
        assertEquals("every", Label.of(Head.EVERY));
    }

    /**
     * Two cells of eight samples, a window of two and blocks of three: blocks can begin at samples 2 to 5. The first cell
     * leaps by 31 mV into sample 4 and back, the second by exactly 30 into sample 6; the leap at its sample 1 is in no block.
     */
    private static Traces leaps() {
        return new Traces(0.1, new double[] {1, 2}, new DMatrixRMaj(new double[][] {
            {-60, -60, -60, -60, -29, -60, -60, -60},
            {-60, -10, -60, -60, -60, -60, -30, -30}
        }));
    }

    @Test
    void aBlockIsActiveIfItsVoltagesSpanMoreThanThirtyMillivolts() {
        BlockStarts starts = new BlockStarts(leaps(), 2, 3);
        boolean[] active = new boolean[16];
        active[2] = active[3] = active[4] = true;
        for (int place = 0; place < 16; place++) {
            assertEquals(active[place], starts.isActive(place), "place " + place);
        }
        // A block may fall as well as rise.
        DMatrixRMaj falling = new DMatrixRMaj(new double[][] {{0, 31, 0, 0}});
        BlockStarts fall = new BlockStarts(new Traces(1, new double[1], falling), 1, 2);
        assertTrue(fall.isActive(1));
        assertFalse(fall.isActive(2));
    }

    /** 8000 draws from 8 places: 1000 each, give or take 5 standard deviations of 30. From 3: 2667, of 42. */
    @Test
    void everyPlaceIsDrawnWithTheSameProbability() {
        BlockStarts starts = new BlockStarts(leaps(), 2, 3);
        RandomStream stream = RandomStream.of(1, "places");
        int[] drawn = new int[16];
        int[] drawnActive = new int[16];
        for (int n = 0; n < 8000; n++) {
            drawn[starts.draw(stream)]++;
            drawnActive[starts.drawActive(stream)]++;
        }
        for (int place = 0; place < 16; place++) {
            boolean possible = place % 8 >= 2 && place % 8 <= 5;
            assertEquals(possible ? 1000 : 0, drawn[place], possible ? 150 : 0, "place " + place);
            boolean active = place >= 2 && place <= 4;
            assertEquals(active ? 2667 : 0, drawnActive[place], active ? 210 : 0, "place " + place);
        }
    }

    @Test
    void whereNoBlockIsActiveAnyIsDrawn() {
        BlockStarts starts = new BlockStarts(counting(2, 8), 2, 3);
        RandomStream stream = RandomStream.of(1, "places");
        RandomStream same = RandomStream.of(1, "places");
        for (int n = 0; n < 100; n++) {
            assertEquals(starts.draw(same), starts.drawActive(stream));
        }
    }

    @Test
    void manyPlacesAreDrawnOneAfterTheOther() {
        BlockStarts starts = new BlockStarts(leaps(), 2, 3);
        RandomStream stream = RandomStream.of(1, "places");
        for (int place : starts.draw(20, RandomStream.of(1, "places"))) {
            assertEquals(starts.draw(stream), place);
        }
    }

    @Test
    void aWindowAndABlockMustFit() {
        int only = new BlockStarts(counting(1, 5), 2, 3).draw(RandomStream.of(1, "places"));
        assertEquals(2, only);
        String message = assertThrows(IllegalArgumentException.class, () -> new BlockStarts(counting(1, 4), 2, 3))
                .getMessage();
        assertEquals("A window of 2 and a horizon of 3 samples do not fit into traces of 4", message);
    }

    @Test
    void errorsArePooledOverBlocksThenRooted() {
        Traces truth = leaps();
        BlockStarts places = new BlockStarts(truth, 2, 3);
        int[] starts = {2, 5, 13, 4, 2};
        RandomStream random = RandomStream.of(6, "score test");
        DMatrixRMaj forecast = new DMatrixRMaj(3, 5);
        double[][] errors = new double[3][5];
        for (int k = 0; k < 3; k++) {
            for (int s = 0; s < 5; s++) {
                errors[k][s] = random.nextGaussian();
                int cell = starts[s] / 8;
                forecast.set(k, s, truth.voltage().get(cell, starts[s] % 8 + k) + errors[k][s]);
            }
        }
        BlockScore score = BlockScore.of(truth, places, starts, forecast);
        double all = 0;
        double active = 0;
        for (int k = 0; k < 3; k++) {
            double step = 0;
            for (int s = 0; s < 5; s++) {
                step += Math.pow(errors[k][s], 2) / 5;
                active += s == 1 || s == 2 ? 0 : Math.pow(errors[k][s], 2) / 9;
            }
            all += step / 3;
            // An error beside some 60 mV is rounded to a few 1e-15.
            assertEquals(Math.sqrt(step), score.byStep()[k], 60 * Tolerances.OTHER_ORDER);
        }
        assertEquals(Math.sqrt(all), score.rmse(), 60 * Tolerances.OTHER_ORDER);
        assertEquals(Math.sqrt(active), score.activeRmse(), 60 * Tolerances.OTHER_ORDER);
        assertEquals(5, score.blocks());
        assertEquals(3, score.activeBlocks());
    }

    @Test
    void aPerfectForecastOfRestHasNoActiveError() {
        Traces truth = leaps();
        int[] starts = {13, 12};
        BlockScore score = BlockScore.of(truth, new BlockStarts(truth, 2, 3), starts, truth.after(starts, 3));
        assertEquals(0, score.rmse());
        assertArrayEquals(new double[3], score.byStep());
        assertEquals(0, score.activeBlocks());
        assertTrue(Double.isNaN(score.activeRmse()));
    }

    @Test
    void aScoreNeedsAColumnPerBlockWithinItsTrace() {
        Traces truth = leaps();
        BlockStarts places = new BlockStarts(truth, 2, 3);
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> BlockScore.of(truth, places, new int[] {2, 3}, new DMatrixRMaj(3, 3)))
                .getMessage();
        assertEquals("A column per block expected, got 3 for 2 blocks", message);
        assertThrows(
                IllegalArgumentException.class,
                () -> BlockScore.of(truth, places, new int[] {6}, new DMatrixRMaj(3, 1)));
    }

    @Test
    void tracesLieOneAfterTheOther() {
        Traces traces = counting(3, 5);
        assertEquals(3, traces.cells());
        assertEquals(5, traces.samples());
        assertEquals(13, traces.voltage().data[traces.place(2, 3)]);
        DMatrixRMaj after = traces.after(new int[] {2, 13, 5}, 2);
        assertEquals(2, after.numRows);
        assertArrayEquals(new double[] {2, 13, 5, 3, 14, 6}, after.data);
    }

    @Test
    void meanAndDeviationAreOfAllVoltages() {
        DMatrixRMaj voltage = new DMatrixRMaj(new double[][] {{-70, -60}, {-50, -40}});
        double[] moments = new Traces(1, new double[2], voltage).meanAndDeviation();
        assertArrayEquals(new double[] {-55, Math.sqrt(125)}, moments);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "4 | 0 | 2 | Place 4, sample 4 of cell 0: expected 0 samples before it and 2 from it on, got 3 cells of 5"
                        + " samples",
                "6 | 2 | 0 | Place 6, sample 1 of cell 1: expected 2 samples before it and 0 from it on, got 3 cells of 5"
                        + " samples",
                "15 | 0 | 0 | Place 15, sample 0 of cell 3: expected 0 samples before it and 0 from it on, got 3 cells of 5"
                        + " samples",
                "-1 | 0 | 0 | Place -1, sample 4 of cell -1: expected 0 samples before it and 0 from it on, got 3 cells of 5"
                        + " samples",
                "4 | 0 | 2147483647 | Place 4, sample 4 of cell 0: expected 0 samples before it and 2147483647 from it on,"
                        + " got 3 cells of 5 samples"
            })
    void aBlockBeyondItsTraceIsNamed(int place, int before, int from, String expected) {
        Traces traces = counting(3, 5);
        String message = assertThrows(IllegalArgumentException.class, () -> traces.requireRoom(place, before, from))
                .getMessage();
        assertEquals(expected, message);
        traces.requireRoom(4, 4, 1);
        traces.requireRoom(0, 0, 5);
        traces.requireRoom(5, 0, 5);
        assertThrows(IllegalArgumentException.class, () -> traces.after(new int[] {0, 4}, 2));
    }

    @Test
    void refusesFaultyTraces() {
        DMatrixRMaj two = new DMatrixRMaj(2, 3);
        for (double interval : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertRefused(
                    "Sample interval: expected a number above 0 ms, got " + interval, interval, new double[2], two);
        }
        assertRefused("A current per cell expected, got 1 of 2 cells", 1, new double[1], two);
        assertRefused(
                "Currents must be finite, got Infinity in cell 1", 1, new double[] {0, Double.POSITIVE_INFINITY}, two);
        DMatrixRMaj gap = two.copy();
        gap.set(1, 2, Double.NaN);
        assertRefused("Voltages must be finite, got NaN in cell 1, sample 2", 1, new double[2], gap);
        assertRefused(
                "Traces of at least one cell and one sample expected, got 2 cells of 0 samples",
                1,
                new double[2],
                new DMatrixRMaj(2, 0));
    }

    private static void assertRefused(String message, double interval, double[] current, DMatrixRMaj voltage) {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> new Traces(interval, current, voltage));
        assertEquals(message, e.getMessage());
    }
}
