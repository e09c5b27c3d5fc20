package org.spikecast.voltage.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.lstm.Network;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkTape;
import org.spikecast.train.Scaling;
import org.spikecast.voltage.internal.BlockForm.Head;
import org.spikecast.voltage.internal.BlockForm.Order;

/** Blocks beside runs of the network on single windows: a sequence does not depend on its batch, so the bits are equal. */
class BlockForecasterTest {
    private static final Scaling SCALING = new Scaling(new double[] {-55, 2}, new double[] {15, 0.5});

    private final Kernel kernel = new ScalarKernel();
    private final Traces traces = traces();

    private static Traces traces() {
        RandomStream random = RandomStream.of(3, "block forecaster test");
        DMatrixRMaj voltage = new DMatrixRMaj(3, 120);
        for (int j = 0; j < voltage.getNumElements(); j++) {
            voltage.data[j] = -55 + 15 * random.nextGaussian();
        }
        return new Traces(0.1, new double[] {1.5, 2, 3.25}, voltage);
    }

    private static NetworkParameters network(BlockForm form) {
        NetworkParameters network = NetworkParameters.random(form.config(4, 2), 1, RandomStream.of(3, "weights"));
        for (int j = 0; j < network.set().size(); j++) {
            network.set().set(j, 3 * network.set().get(j)); // so that each sample of the window matters
        }
        return network;
    }

    /** The block that follows voltages on the network's scale, on the same scale. */
    private double[] block(BlockForm form, NetworkParameters network, List<Double> past, double current) {
        DMatrixRMaj x = new DMatrixRMaj(2 * form.window(), 1);
        for (int t = 0; t < form.window(); t++) {
            int back = form.order() == Order.REVERSED ? t : form.window() - 1 - t;
            x.set(2 * t, 0, past.get(past.size() - 1 - back));
            x.set(2 * t + 1, 0, (current - 2) / 0.5);
        }
        int outputSteps = form.head() == Head.EVERY ? form.window() : 1;
        NetworkTape tape = new NetworkTape(network.config(), form.window(), 1, outputSteps);
        Network.forward(kernel, network, x, null, tape);
        return tape.output().data;
    }

    @ParameterizedTest
    @CsvSource({
        "7, 3, REVERSED, LAST, 3", // one block
        "7, 3, FORWARD, ALL, 3",
        "5, 5, REVERSED, EVERY, 5",
        "7, 3, REVERSED, LAST, 17", // a horizon below the window, and a part of a block at the end
        "7, 3, FORWARD, LAST, 18",
        "7, 3, REVERSED, ALL, 1",
        "5, 5, REVERSED, EVERY, 12", // as long as the window
        "5, 5, FORWARD, EVERY, 10",
        "4, 9, REVERSED, LAST, 20", // above the window: what is read next is all forecast
        "4, 9, FORWARD, ALL, 9",
        "1, 1, REVERSED, EVERY, 4",
        "3, 2, REVERSED, LAST, 200" // further than the trace
    })
    void aForecastIsBlockAfterBlock(int window, int horizon, Order order, Head head, int samples) {
        BlockForm form = new BlockForm(window, horizon, order, head);
        NetworkParameters network = network(form);
        // From all cells, from the first place that has a window and the place after the last sample but one.
        int[] starts = {window, 119, traces.place(1, 50), traces.place(2, window), traces.place(2, 60)};
        BlockForecaster forecaster = new BlockForecaster(kernel, network, form, SCALING);
        DMatrixRMaj forecast = forecaster.forecast(traces, starts, samples);
        assertEquals(samples, forecast.numRows);
        assertEquals(starts.length, forecast.numCols);
        for (int s = 0; s < starts.length; s++) {
            int cell = starts[s] / 120;
            List<Double> past = new ArrayList<>();
            for (int sample = 0; sample < starts[s] % 120; sample++) {
                past.add((traces.voltage().get(cell, sample) + 55) / 15);
            }
            int observed = past.size();
            while (past.size() < observed + samples) {
                for (double y : block(form, network, past, traces.current()[cell])) {
                    past.add(y);
                }
            }
            for (int k = 0; k < samples; k++) {
                assertEquals(-55 + 15 * past.get(observed + k), forecast.get(k, s), "place " + starts[s] + " + " + k);
            }
        }
        assertArrayEquals(forecaster.forecast(traces, starts, horizon).data, forecaster.forecast(traces, starts).data);
    }

    /** 256 windows are computed at once. */
    @ParameterizedTest
    @CsvSource({"1", "256", "257", "600"})
    void anyNumberOfPlacesIsForecast(int count) {
        BlockForm form = new BlockForm(7, 3, Order.REVERSED, Head.ALL);
        int[] starts = new int[count];
        RandomStream random = RandomStream.of(5, "places");
        for (int s = 0; s < count; s++) {
            starts[s] = traces.place(random.nextInt(3), 7 + random.nextInt(110));
        }
        BlockForecaster forecaster = new BlockForecaster(kernel, network(form), form, SCALING);
        DMatrixRMaj forecast = forecaster.forecast(traces, starts, 5);
        assertEquals(count, forecast.numCols);
        for (int s = 0; s < count; s++) {
            DMatrixRMaj alone = forecaster.forecast(traces, new int[] {starts[s]}, 5);
            for (int k = 0; k < 5; k++) {
                assertEquals(alone.get(k, 0), forecast.get(k, s));
            }
        }
    }

    @Test
    void channelsAreScaledApart() {
        assertArrayEquals(new double[] {0, 2}, SCALING.apply(0, new double[] {-55, -25}));
        assertArrayEquals(new double[] {0, 2}, SCALING.apply(1, new double[] {2, 3}));
    }

    @Test
    void refusesANetworkOfAnotherForm() {
        BlockForm last = new BlockForm(4, 3, Order.REVERSED, Head.LAST);
        BlockForm all = new BlockForm(4, 3, Order.REVERSED, Head.ALL);
        NetworkParameters ofAll = network(all);
        String message = assertThrows(
                        IllegalArgumentException.class, () -> new BlockForecaster(kernel, ofAll, last, SCALING))
                .getMessage();
        assertEquals("A network for " + last + " expected, got " + ofAll.config(), message);
        for (NetworkConfig other : List.of(new NetworkConfig(1, 4, 1, 3), new NetworkConfig(2, 4, 1, 4))) {
            NetworkParameters network = new NetworkParameters(other);
            assertThrows(IllegalArgumentException.class, () -> new BlockForecaster(kernel, network, last, SCALING));
        }
        new BlockForecaster(kernel, new NetworkParameters(new NetworkConfig(2, 9, 3, 3)), last, SCALING);
    }

    /** The samples before it are the other cell's. */
    @Test
    void refusesAPlaceWithoutAWindowBeforeIt() {
        BlockForm form = new BlockForm(4, 3, Order.REVERSED, Head.LAST);
        BlockForecaster forecaster = new BlockForecaster(kernel, network(form), form, SCALING);
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> forecaster.forecast(traces, new int[] {10, traces.place(1, 3)}))
                .getMessage();
        assertEquals(
                "Place 123, sample 3 of cell 1: expected 4 samples before it and 0 from it on, got 3 cells of 120"
                        + " samples",
                message);
    }
}
