package org.spikecast.inspect;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.spikecast.Tolerances;
import org.spikecast.io.NdArray;
import org.spikecast.io.Npz;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.lstm.Cell;
import org.spikecast.lstm.Network;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkState;
import org.spikecast.lstm.NetworkTape;
import org.spikecast.model.Forecaster;
import org.spikecast.model.internal.Layout;
import org.spikecast.params.ParameterSet;
import org.spikecast.train.Losses;
import org.spikecast.train.Scaling;

class RecordingTest {
    private static final int BATCH = 2;
    private static final int STEPS = 5;

    private final Kernel kernel = Kernel.best();

    /** A model with a scaling, sequences, targets and a state, all random. */
    private static final class Case {
        final NetworkConfig config;
        final Forecaster model;
        final double[] x;
        final double[] target;
        final NetworkState state;
        final boolean everyStep;

        Case(Cell cell, int layers, boolean everyStep, int headStates) {
            RandomStream stream = RandomStream.of(7, "recording test");
            config = new NetworkConfig(cell, 3, 4, layers, 2, headStates);
            NetworkParameters network = NetworkParameters.random(config, 0, stream);
            model = new Forecaster(
                    network,
                    new Scaling(new double[] {0.5, 0, -1}, new double[] {2, 1, 0.5}),
                    new Scaling(new double[] {1, -1}, new double[] {3, 0.25}),
                    Losses.MEAN_SQUARED_ERROR,
                    null);
            this.everyStep = everyStep;
            x = random(BATCH * STEPS * 3, stream);
            target = random(BATCH * outputSteps() * 2, stream);
            state = NetworkState.zeros(config, BATCH);
            for (int k = 0; k < state.parts(); k++) {
                state.part(k).data = random(state.part(k).data.length, stream);
            }
        }

        int outputSteps() {
            return everyStep ? STEPS : 1;
        }

        Map<String, NdArray> record(Kernel kernel) {
            return Recording.of(kernel, model, x, BATCH, STEPS, everyStep, state, target)
                    .arrays();
        }

        /** The network's input: (T I) x B. */
        DMatrixRMaj input(double[] values) {
            DMatrixRMaj input = Layout.toColumns(values, 1, BATCH, STEPS * 3);
            for (int j = 0; j < input.getNumElements(); j++) {
                input.data[j] = model.inputs().apply(j / BATCH % 3, input.data[j]);
            }
            return input;
        }

        private static double[] random(int n, RandomStream stream) {
            double[] values = new double[n];
            for (int j = 0; j < n; j++) {
                values[j] = stream.nextGaussian();
            }
            return values;
        }
    }

    @ParameterizedTest
    @CsvSource({"lstm, 1, true, 1", "lstm, 3, true, 1", "lstm, 2, false, 3", "gru, 2, true, 1", "gru, 1, false, 1"})
    void theNumbersAreThoseOfForwardAndBackwardToTheBit(String name, int layers, boolean everyStep, int headStates) {
        Case c = new Case(cell(name), layers, everyStep, headStates);
        Map<String, NdArray> record = c.record(kernel);
        DMatrixRMaj x = c.input(c.x);
        NetworkTape tape = new NetworkTape(c.config, STEPS, BATCH, c.outputSteps());
        Network.forward(kernel, c.model.network(), x, c.state, tape);
        assertArrayEquals(Layout.toRows(x, 1), record.get("input").doubles());
        assertArrayEquals(c.x, record.get("input_data").doubles());
        assertArrayEquals(Layout.toRows(tape.output(), 1), record.get("output").doubles());
        NetworkState carried = NetworkState.zeros(c.config, BATCH);
        carried.copyFrom(c.state);
        double[] forecast = c.model.predict(kernel, c.x, BATCH, STEPS, everyStep, carried);
        assertArrayEquals(forecast, record.get("forecast").doubles());
        int gates = c.config.cell().gates().size();
        for (int l = 0; l < layers; l++) {
            for (int k = 0; k < gates; k++) {
                String gate = c.config.cell().gates().get(k);
                assertArrayEquals(part(tape.gates(l), k, gates), layer(record, gate, l), gate);
            }
            for (int k = 0; k < c.state.parts(); k++) {
                String state = c.config.cell().states().get(k);
                double[] all = tape.state(k, l).data;
                double[] afterFirst = Arrays.copyOfRange(all, 4 * BATCH, all.length);
                assertArrayEquals(
                        part(new DMatrixRMaj(STEPS * 4, BATCH, true, afterFirst), 0, 1), layer(record, state, l));
            }
        }

        DMatrixRMaj wanted = Layout.toColumns(c.target, 1, BATCH, c.outputSteps() * 2);
        for (int j = 0; j < wanted.getNumElements(); j++) {
            wanted.data[j] = c.model.outputs().apply(j / BATCH % 2, wanted.data[j]);
        }
        DMatrixRMaj dOutput = wanted.createLike();
        double loss = c.model.loss().evaluate(kernel, tape.output(), wanted, dOutput);
        NetworkParameters gradient = new NetworkParameters(c.config);
        DMatrixRMaj dx = x.createLike();
        NetworkState dState = NetworkState.zeros(c.config, BATCH);
        Network.backward(kernel, c.model.network(), x, tape, dOutput, gradient, dx, dState);
        assertEquals(loss, record.get("loss").doubles()[0]);
        assertArrayEquals(Layout.toRows(dOutput, 1), record.get("d_output").doubles());
        assertArrayEquals(Layout.toRows(dx, 1), record.get("d_input").doubles());
        for (int k = 0; k < dState.parts(); k++) {
            String state = "d_" + c.config.cell().states().get(k) + "0";
            assertArrayEquals(
                    Layout.toRows(dState.part(k), layers), record.get(state).doubles(), state);
        }
        for (ParameterSet.Block block : gradient.set().blocks()) {
            assertArrayEquals(block.data(), record.get("d_" + block.name()).doubles(), block.name());
        }
        String z = c.config.cell() == Cell.LSTM ? "d_z_" : "d_a_";
        for (int l = 0; l < layers; l++) {
            for (int k = 0; k < gates; k++) {
                String name2 = z + c.config.cell().gates().get(k);
                assertArrayEquals(part(tape.dGates(l), k, gates), layer(record, name2, l), name2);
            }
        }
    }

    /**
     * A run that begins at a step, in the state that the record has there, is a run of its own: the gradient with
     * respect to its initial state is that which reaches the state from later steps. The step's own output adds W_fc'
     * dy to h.
     */
    @ParameterizedTest
    @CsvSource({"lstm", "gru"})
    void gradientsOfStatesAreThoseOfTheRunsThatBeginThere(String name) {
        Case c = new Case(cell(name), 1, true, 1);
        Map<String, NdArray> record = c.record(kernel);
        int t = 2;
        int rest = STEPS - 1 - t;
        NetworkState state = NetworkState.zeros(c.config, BATCH);
        for (int k = 0; k < state.parts(); k++) {
            double[] values = record.get(c.config.cell().states().get(k)).doubles();
            for (int b = 0; b < BATCH; b++) {
                for (int j = 0; j < 4; j++) {
                    state.part(k).set(j, b, values[(b * STEPS + t) * 4 + j]);
                }
            }
        }
        DMatrixRMaj x = c.input(c.x);
        DMatrixRMaj later = new DMatrixRMaj(rest * 3, BATCH);
        System.arraycopy(x.data, (t + 1) * 3 * BATCH, later.data, 0, later.data.length);
        NetworkTape tape = new NetworkTape(c.config, rest, BATCH, rest);
        Network.forward(kernel, c.model.network(), later, state, tape);
        DMatrixRMaj dOutput = new DMatrixRMaj(rest * 2, BATCH);
        double[] dy = record.get("d_output").doubles();
        for (int b = 0; b < BATCH; b++) {
            for (int j = 0; j < rest * 2; j++) {
                dOutput.set(j, b, dy[(b * STEPS + t + 1) * 2 + j]);
            }
        }
        NetworkState dState = NetworkState.zeros(c.config, BATCH);
        NetworkParameters gradient = new NetworkParameters(c.config);
        Network.backward(kernel, c.model.network(), later, tape, dOutput, gradient, null, dState);
        double[] w = c.model.network().set().blocks().get(4).data();
        double[] dh = record.get("d_h").doubles();
        for (int b = 0; b < BATCH; b++) {
            for (int j = 0; j < 4; j++) {
                int at = (b * STEPS + t) * 4 + j;
                double own = 0;
                for (int o = 0; o < 2; o++) {
                    own += w[o * 4 + j] * dy[(b * STEPS + t) * 2 + o];
                }
                assertEquals(dState.hidden().get(j, b) + own, dh[at], Tolerances.OTHER_ORDER);
                if (c.config.cell() == Cell.LSTM) {
                    double o = record.get("o").doubles()[at];
                    double tanh = record.get("tanh_c").doubles()[at];
                    double through = dh[at] * o * (1 - tanh * tanh);
                    assertEquals(
                            dState.part(1).get(j, b) + through,
                            record.get("d_c").doubles()[at],
                            Tolerances.OTHER_ORDER);
                }
            }
        }
    }

    /** The gradient with respect to a pre-activation is that with respect to its gate times the gate's slope. */
    @Test
    void gatesAndPreActivationsBelongTogether() {
        Map<String, NdArray> lstm = new Case(Cell.LSTM, 2, true, 1).record(kernel);
        for (String gate : List.of("i", "f", "g", "o")) {
            chain(lstm, gate, "z_" + gate, gate.equals("g"));
        }
        Map<String, NdArray> gru = new Case(Cell.GRU, 2, true, 1).record(kernel);
        for (String gate : List.of("r", "z", "n")) {
            chain(gru, gate, "a_" + gate, gate.equals("n"));
        }
    }

    private static void chain(Map<String, NdArray> record, String gate, String z, boolean tanh) {
        double[] value = record.get(gate).doubles();
        double[] dGate = record.get("d_" + gate).doubles();
        double[] dz = record.get("d_" + z).doubles();
        assertEquals(2 * BATCH * STEPS * 4, dz.length);
        for (int j = 0; j < value.length; j++) {
            double slope = tanh ? 1 - value[j] * value[j] : value[j] * (1 - value[j]);
            assertEquals(dGate[j] * slope, dz[j], Tolerances.OTHER_ORDER, gate);
        }
    }

    @Test
    void theRecordIsAnNpzFileAndTellsUnitsApart(@TempDir Path folder) throws Exception {
        Case c = new Case(Cell.LSTM, 2, true, 1);
        Recording recording = Recording.of(kernel, c.model, c.x, BATCH, STEPS, true, c.state, null);
        recording.writeArrays(folder.resolve("inspect.npz"));
        Map<String, NdArray> read = Npz.read(folder.resolve("inspect.npz"));
        assertEquals(recording.arrays(), read);
        assertTrue(read.keySet().stream().noneMatch(name -> name.startsWith("d_")));
        assertArrayEquals(new int[] {2, BATCH, STEPS, 4}, read.get("tanh_c").shape());
        double mean = 0;
        for (int k = 0; k < BATCH * STEPS; k++) {
            mean += read.get("f").doubles()[(BATCH * STEPS + k) * 4 + 3] / (BATCH * STEPS);
        }
        double memory = read.get("memory").doubles()[4 + 3];
        assertEquals(-1 / StrictMath.log(mean), memory, Tolerances.ROUND_TRIP * memory);
    }

    @Test
    void whatDoesNotFitIsRefused() {
        Case c = new Case(Cell.LSTM, 1, true, 1);
        c.x[7] = Double.NaN;
        String message = assertThrows(IllegalArgumentException.class, () -> c.record(kernel))
                .getMessage();
        assertEquals("Input: expected finite numbers, got NaN in sequence 0, step 2, channel 1", message);
        c.x[7] = 0;
        assertThrows(
                IllegalArgumentException.class,
                () -> Recording.of(kernel, c.model, c.x, BATCH, STEPS, false, null, c.target));
    }

    private static Cell cell(String name) {
        return name.equals("gru") ? Cell.GRU : Cell.LSTM;
    }

    /** Of a stack (T parts H) x B, one part as B x T x H. */
    private static double[] part(DMatrixRMaj stack, int part, int parts) {
        double[] values = new double[BATCH * STEPS * 4];
        for (int b = 0; b < BATCH; b++) {
            for (int t = 0; t < STEPS; t++) {
                for (int j = 0; j < 4; j++) {
                    values[(b * STEPS + t) * 4 + j] = stack.get((t * parts + part) * 4 + j, b);
                }
            }
        }
        return values;
    }

    private static double[] layer(Map<String, NdArray> record, String name, int l) {
        double[] all = record.get(name).doubles();
        int n = BATCH * STEPS * 4;
        return Arrays.copyOfRange(all, l * n, (l + 1) * n);
    }
}
