package org.spikecast.voltage.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkStream;
import org.spikecast.train.Scaling;

/** Forecasts beside streams on single traces: a sequence does not depend on its batch, so the bits are equal. */
class StepForecasterTest {
    private static final Scaling SCALING = new Scaling(new double[] {-55, 2}, new double[] {15, 0.5});
    private static final StepForm FORM = new StepForm(20, 0.1, 0.1);
    private static final double[] CURRENT = {1.5, 2, 3.25};
    private static final int SAMPLES = 60;

    private final Kernel kernel = new ScalarKernel();
    private final Traces traces = traces();
    private final NetworkParameters network = network();

    private static Traces traces() {
        RandomStream random = RandomStream.of(3, "step forecaster test");
        DMatrixRMaj voltage = new DMatrixRMaj(3, SAMPLES);
        for (int j = 0; j < voltage.getNumElements(); j++) {
            voltage.data[j] = -55 + 15 * random.nextGaussian();
        }
        return new Traces(0.1, CURRENT, voltage);
    }

    private static NetworkParameters network() {
        NetworkParameters network = NetworkParameters.random(FORM.config(4, 2), 1, RandomStream.of(3, "weights"));
        for (int j = 0; j < network.set().size(); j++) {
            network.set().set(j, 3 * network.set().get(j)); // so that each sample matters
        }
        return network;
    }

    private TraceForecaster forecaster() {
        return FORM.forecaster(kernel, network, SCALING);
    }

    /** Reads a cell's trace up to a sample, then its own forecasts. */
    private double[] streamed(int cell, int begin, int samples) {
        NetworkStream stream = new NetworkStream(kernel, network);
        double[] output = new double[1];
        double[] forecast = new double[samples];
        double v = Double.NaN;
        for (int k = 0; k < begin + samples - 1; k++) {
            v = k < begin ? traces.voltage().get(cell, k) : v;
            stream.step(new double[] {(v + 55) / 15, (CURRENT[cell] - 2) / 0.5}, output);
            v += StepForm.decode(output[0]);
            if (k + 1 >= begin) {
                forecast[k + 1 - begin] = v;
            }
        }
        return forecast;
    }

    /** From all cells, from the second sample and the last one, in the order of neither; and further than the traces. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 25, 100})
    void aForecastReadsWhatIsObservedAndThenItself(int samples) {
        int[] cells = {2, 0, 1, 0, 2, 1};
        int[] begins = {7, 1, 59, 30, 1, 7};
        int[] starts = new int[6];
        for (int s = 0; s < 6; s++) {
            starts[s] = traces.place(cells[s], begins[s]);
        }
        DMatrixRMaj forecast = forecaster().forecast(traces, starts, samples);
        assertEquals(samples, forecast.numRows);
        assertEquals(6, forecast.numCols);
        for (int s = 0; s < 6; s++) {
            double[] expected = streamed(cells[s], begins[s], samples);
            double least = Double.POSITIVE_INFINITY;
            double most = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < samples; k++) {
                assertEquals(expected[k], forecast.get(k, s), "place " + starts[s] + " + " + k);
                least = Math.min(least, expected[k]);
                most = Math.max(most, expected[k]);
            }
            assertTrue(least > -200 && most < 200, "held nowhere");
        }
    }

    /** Voltages from the start on have no effect; those before it have. */
    @Test
    void onlyThePastCounts() {
        int start = traces.place(1, 30);
        double[] forecast = forecaster().forecast(traces, new int[] {start}, 20).data;
        Traces future = new Traces(0.1, CURRENT, traces.voltage().copy());
        for (int k = 0; k < 30; k++) {
            future.voltage().data[start + k] += 10;
        }
        assertEquals(List.of(), differing(forecast, future, start));
        Traces past = new Traces(0.1, CURRENT, traces.voltage().copy());
        past.voltage().data[traces.place(1, 0)] += 10;
        assertEquals(20, differing(forecast, past, start).size());
    }

    private List<Integer> differing(double[] forecast, Traces others, int start) {
        double[] other = forecaster().forecast(others, new int[] {start}, forecast.length).data;
        return java.util.stream.IntStream.range(0, forecast.length)
                .filter(k -> forecast[k] != other[k])
                .boxed()
                .toList();
    }

    /** 256 traces are computed at once. */
    @ParameterizedTest
    @ValueSource(ints = {1, 256, 257, 600})
    void anyNumberOfPlacesIsForecast(int count) {
        int[] starts = new int[count];
        RandomStream random = RandomStream.of(5, "places");
        for (int s = 0; s < count; s++) {
            starts[s] = traces.place(random.nextInt(3), 1 + random.nextInt(SAMPLES - 1));
        }
        TraceForecaster forecaster = forecaster();
        DMatrixRMaj forecast = forecaster.forecast(traces, starts, 5);
        assertEquals(count, forecast.numCols);
        for (int s = 0; s < count; s++) {
            DMatrixRMaj alone = forecaster.forecast(traces, new int[] {starts[s]}, 5);
            for (int k = 0; k < 5; k++) {
                assertEquals(alone.get(k, 0), forecast.get(k, s));
            }
        }
    }

    /** Outputs of 30 and of 3000 decode to more mV than any neuron has, the second to infinity. */
    @ParameterizedTest
    @ValueSource(doubles = {30, -30, 3000, -3000})
    void aNetworkThatRunsAwayIsHeld(double output) {
        NetworkParameters away = new NetworkParameters(FORM.config(2, 1)); // all gates half open, h = 0
        away.set().set(away.set().size() - 1, output); // the output layer's bias
        int[] starts = {traces.place(0, 3), traces.place(2, 40)};
        DMatrixRMaj forecast = FORM.forecaster(kernel, away, SCALING).forecast(traces, starts, 10);
        for (int j = 0; j < forecast.getNumElements(); j++) {
            assertEquals(output > 0 ? 200 : -200, forecast.data[j]);
        }
    }

    @Test
    void aFormHasItsForecaster() {
        assertInstanceOf(StepForecaster.class, forecaster());
        BlockForm block = new BlockForm(4, 1, BlockForm.Order.REVERSED, BlockForm.Head.LAST);
        assertInstanceOf(BlockForecaster.class, block.forecaster(kernel, network, SCALING));
    }

    @Test
    void refusesANetworkOfAnotherForm() {
        for (NetworkConfig other : List.of(new NetworkConfig(1, 4, 1, 1), new NetworkConfig(2, 4, 1, 2))) {
            NetworkParameters wrong = new NetworkParameters(other);
            String message = assertThrows(IllegalArgumentException.class, () -> FORM.forecaster(kernel, wrong, SCALING))
                    .getMessage();
            assertEquals("A network for " + FORM + " expected, got " + other, message);
        }
    }

    /** A forecast needs one voltage to begin with, and that before a cell's first sample is the other cell's. */
    @Test
    void refusesAPlaceWithoutASampleBeforeIt() {
        for (int place : new int[] {traces.place(1, 0), -1, 3 * SAMPLES}) {
            String message = assertThrows(
                            IllegalArgumentException.class,
                            () -> forecaster().forecast(traces, new int[] {10, place}, 5))
                    .getMessage();
            assertTrue(message.startsWith("Place " + place + ", sample "), message);
            assertTrue(message.contains("expected 1 samples before it"), message);
        }
    }
}
