package org.spikecast.lstm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.spikecast.Tolerances;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.params.ParameterSet;
import org.spikecast.train.Losses;

/** What a network of any cell must do: subclasses name the cell. */
abstract class NetworkContract {
    abstract Cell cell();

    private static final double STEP = 1e-3;

    final Kernel kernel = new ScalarKernel();
    final RandomStream random = RandomStream.of(11, "lstm test");

    /** A random case: unequal weights, a given state, a batch. */
    final class Case {
        final NetworkConfig config;
        final NetworkParameters p;
        final NetworkTape tape;
        final DMatrixRMaj x;
        final NetworkState initial;
        final DMatrixRMaj target;
        final DMatrixRMaj dOutput;

        Case(int inputs, int hidden, int layers, int outputs, int steps, int batch, int outputSteps) {
            this(new NetworkConfig(inputs, hidden, layers, outputs), steps, batch, outputSteps);
        }

        Case(NetworkConfig sizes, int steps, int batch, int outputSteps) {
            config = sizes.with(cell());
            int inputs = config.inputs();
            int hidden = config.hidden();
            int layers = config.layers();
            int outputs = config.outputs();
            p = NetworkParameters.random(config, 0.5, random);
            for (int j = 0; j < p.set().size(); j++) {
                p.set().set(j, 1.5 * p.set().get(j)); // away from the linear range
            }
            tape = new NetworkTape(config, steps, batch, outputSteps);
            x = numbers(steps * inputs, batch);
            initial = state(config, batch);
            target = numbers(outputSteps * outputs, batch);
            dOutput = target.createLike();
        }

        double loss() {
            Network.forward(kernel, p, x, initial, tape);
            return Losses.MEAN_SQUARED_ERROR.evaluate(kernel, tape.output(), target, dOutput);
        }

        /** The loss after an element of an array that the case uses has been moved. */
        double lossAt(double[] array, int j, double offset) {
            double kept = array[j];
            array[j] = kept + offset;
            double loss = loss();
            array[j] = kept;
            return loss;
        }

        /** The central difference of fourth order of the loss with respect to an element of an array. */
        double difference(double[] array, int j) {
            double near = lossAt(array, j, STEP) - lossAt(array, j, -STEP);
            double far = lossAt(array, j, 2 * STEP) - lossAt(array, j, -2 * STEP);
            return (8 * near - far) / (12 * STEP);
        }
    }

    NetworkState state(NetworkConfig config, int batch) {
        DMatrixRMaj[] parts = new DMatrixRMaj[config.cell().states().size()];
        for (int k = 0; k < parts.length; k++) {
            parts[k] = numbers(config.layers() * config.hidden(), batch);
        }
        return new NetworkState(parts);
    }

    DMatrixRMaj numbers(int rows, int columns) {
        DMatrixRMaj m = new DMatrixRMaj(rows, columns);
        for (int j = 0; j < m.getNumElements(); j++) {
            m.data[j] = 2 * random.nextDouble() - 1;
        }
        return m;
    }

    @ParameterizedTest
    @CsvSource({
        "3, 4, 2, 2, 7, 3, 1, 1", // the specification's case: two layers, seven steps
        "3, 4, 2, 2, 7, 3, 7, 1",
        "3, 4, 2, 2, 7, 3, 4, 1",
        "2, 1, 3, 1, 5, 1, 1, 1",
        "1, 5, 1, 3, 3, 9, 2, 1",
        "3, 4, 2, 2, 7, 3, 1, 3", // an output layer that reads the last three states
        "3, 4, 2, 2, 7, 3, 1, 7",
        "2, 1, 3, 1, 5, 1, 1, 2",
        "1, 5, 1, 3, 3, 9, 1, 3"
    })
    void everyGradientAgreesWithCentralDifferences(
            int inputs, int hidden, int layers, int outputs, int steps, int batch, int outputSteps, int headStates) {
        Case c = new Case(new NetworkConfig(inputs, hidden, layers, outputs, headStates), steps, batch, outputSteps);
        NetworkParameters gradient = new NetworkParameters(c.config);
        DMatrixRMaj dx = c.x.createLike();
        NetworkState dInitial = NetworkState.zeros(c.config, batch);
        c.loss();
        Network.backward(kernel, c.p, c.x, c.tape, c.dOutput, gradient, dx, dInitial);
        for (int b = 0; b < c.p.set().blocks().size(); b++) {
            ParameterSet.Block block = c.p.set().blocks().get(b);
            agree(c, block.name(), block.data(), gradient.set().blocks().get(b).data());
        }
        agree(c, "x", c.x.data, dx.data);
        for (int k = 0; k < dInitial.parts(); k++) {
            agree(c, cell().states().get(k), c.initial.part(k).data, dInitial.part(k).data);
        }
    }

    private static void agree(Case c, String name, double[] array, double[] gradient) {
        double largest = largest(gradient);
        assertTrue(largest > 1e-6, name + " has no gradient to speak of");
        for (int j = 0; j < array.length; j++) {
            assertEquals(
                    c.difference(array, j), gradient[j], Tolerances.CENTRAL_DIFFERENCE * largest, name + "[" + j + "]");
        }
    }

    @Test
    void anOutputLayerOfSeveralStatesReadsTheLastOnesTheOldestFirst() {
        Case c = new Case(new NetworkConfig(3, 4, 2, 2, 3), 6, 5, 1);
        c.loss();
        DMatrixRMaj h = c.tape.hidden(1);
        for (int b = 0; b < 5; b++) {
            for (int o = 0; o < 2; o++) {
                double y = c.p.headBias.get(o, 0);
                for (int unit = 0; unit < 4; unit++) {
                    for (int step = 3; step < 6; step++) {
                        y += c.p.headWeight.get(o, (step - 3) * 4 + unit) * h.get((step + 1) * 4 + unit, b);
                    }
                }
                assertEquals(y, c.tape.output().get(o, b), Tolerances.OTHER_ORDER);
            }
        }
        // The states are those of the usual network.
        NetworkParameters usual = new NetworkParameters(new NetworkConfig(3, 4, 2, 2).with(cell()));
        for (int block = 0; block < 8; block++) {
            double[] from = c.p.set().blocks().get(block).data();
            System.arraycopy(from, 0, usual.set().blocks().get(block).data(), 0, from.length);
        }
        NetworkTape tape = new NetworkTape(usual.config(), 6, 5, 1);
        Network.forward(kernel, usual, c.x, c.initial, tape);
        assertArrayEquals(tape.hidden(1).data, h.data);
    }

    @ParameterizedTest
    @CsvSource({
        "3, 4, 2, 6, 3, 5",
        // wide: products with the input are computed for several steps at a time
        "520, 130, 2, 12, 1, 5",
        "520, 130, 1, 12, 6, 19"
    })
    void aRunInPartsIsTheRunInOne(int inputs, int hidden, int layers, int steps, int length, int batch) {
        Case c = new Case(inputs, hidden, layers, 2, steps, batch, steps);
        c.loss();
        NetworkTape tape = new NetworkTape(c.config, length, batch, length);
        NetworkState state = NetworkState.zeros(c.config, batch);
        state.copyFrom(c.initial);
        int parts = steps / length;
        for (int part = 0; part < parts; part++) {
            Network.forward(kernel, c.p, part(c.x, parts, part), state, tape);
            tape.copyFinalState(state);
            assertArrayEquals(part(c.tape.output(), parts, part).data, tape.output().data);
        }
    }

    /**
     * Backward passes of consecutive runs, from the last to the first with one dState, give the gradient of the whole
     * run: of the parameters, the features and the initial state. Both include the gradient of what follows the whole
     * run.
     */
    @ParameterizedTest
    @CsvSource({
        "2, 4, 1, 6, 1",
        "2, 4, 2, 6, 1",
        "2, 4, 3, 6, 1",
        "2, 4, 1, 6, 3",
        "2, 4, 2, 6, 3",
        // wide: the gradient of a layer's input is computed for several steps at a time
        "2, 260, 2, 12, 3",
        "520, 130, 1, 12, 4"
    })
    void backwardThroughSegmentsIsBackwardThroughTheWhole(int inputs, int hidden, int layers, int steps, int length) {
        int batch = 3;
        Case c = new Case(inputs, hidden, layers, 2, steps, batch, steps);
        c.loss();
        NetworkState follows = state(c.config, batch);
        NetworkState whole = NetworkState.zeros(c.config, batch);
        whole.copyFrom(follows);
        NetworkParameters expected = new NetworkParameters(c.config);
        DMatrixRMaj dx = c.x.createLike();
        Network.backward(kernel, c.p, c.x, c.tape, c.dOutput, expected, dx, whole);

        NetworkTape[] tapes = new NetworkTape[steps / length];
        NetworkState state = NetworkState.zeros(c.config, batch);
        state.copyFrom(c.initial);
        for (int part = 0; part < tapes.length; part++) {
            tapes[part] = new NetworkTape(c.config, length, batch, length);
            Network.forward(kernel, c.p, part(c.x, tapes.length, part), state, tapes[part]);
            tapes[part].copyFinalState(state);
        }
        NetworkState parts = follows;
        NetworkParameters gradient = new NetworkParameters(c.config);
        for (int part = tapes.length - 1; part >= 0; part--) {
            DMatrixRMaj x = part(c.x, tapes.length, part);
            DMatrixRMaj dxPart = x.createLike();
            DMatrixRMaj dOutput = part(c.dOutput, tapes.length, part);
            Network.backward(kernel, c.p, x, tapes[part], dOutput, gradient, dxPart, parts);
            near(part(dx, tapes.length, part).data, dxPart.data);
        }
        for (int k = 0; k < whole.parts(); k++) {
            near(whole.part(k).data, parts.part(k).data);
        }
        for (int b = 0; b < expected.set().blocks().size(); b++) {
            near(
                    expected.set().blocks().get(b).data(),
                    gradient.set().blocks().get(b).data());
        }
    }

    private static void near(double[] expected, double[] actual) {
        assertTrue(largest(expected) > 1e-6, "no gradient to speak of");
        assertArrayEquals(expected, actual, Tolerances.OTHER_ORDER * largest(expected));
    }

    /** One of equal parts of a matrix of stacked steps. */
    private static DMatrixRMaj part(DMatrixRMaj whole, int parts, int part) {
        DMatrixRMaj result = new DMatrixRMaj(whole.numRows / parts, whole.numCols);
        System.arraycopy(whole.data, part * result.data.length, result.data, 0, result.data.length);
        return result;
    }

    @Test
    void aSequenceDoesNotDependOnItsBatch() {
        Case c = new Case(3, 4, 2, 2, 6, 9, 6);
        c.loss();
        NetworkTape alone = new NetworkTape(c.config, 6, 1, 6);
        for (int b = 0; b < 9; b++) {
            NetworkState state = NetworkState.zeros(c.config, 1);
            for (int k = 0; k < state.parts(); k++) {
                state.part(k).setTo(column(c.initial.part(k), b));
            }
            Network.forward(kernel, c.p, column(c.x, b), state, alone);
            assertArrayEquals(column(c.tape.output(), b).data, alone.output().data);
        }
    }

    @Test
    void aRunWithoutAStateStartsFromZeroWhateverRanBefore() {
        Case c = new Case(3, 4, 2, 2, 6, 5, 6);
        c.loss();
        Network.forward(kernel, c.p, c.x, null, c.tape);
        NetworkTape fresh = new NetworkTape(c.config, 6, 5, 6);
        Network.forward(kernel, c.p, c.x, NetworkState.zeros(c.config, 5), fresh);
        assertArrayEquals(fresh.output().data, c.tape.output().data);
    }

    static DMatrixRMaj column(DMatrixRMaj m, int column) {
        DMatrixRMaj result = new DMatrixRMaj(m.numRows, 1);
        for (int row = 0; row < m.numRows; row++) {
            result.data[row] = m.get(row, column);
        }
        return result;
    }

    @Test
    void gradientsAreAddedAndRepeatable() {
        Case c = new Case(2, 3, 2, 1, 4, 2, 1);
        c.loss();
        NetworkParameters once = new NetworkParameters(c.config);
        Network.backward(kernel, c.p, c.x, c.tape, c.dOutput, once, null, null);
        NetworkParameters twice = new NetworkParameters(c.config);
        Network.backward(kernel, c.p, c.x, c.tape, c.dOutput, twice, null, null);
        for (int j = 0; j < once.set().size(); j++) {
            assertEquals(once.set().get(j), twice.set().get(j));
        }
        Network.backward(kernel, c.p, c.x, c.tape, c.dOutput, twice, null, null);
        for (int j = 0; j < once.set().size(); j++) {
            assertEquals(2 * once.set().get(j), twice.set().get(j), Tolerances.OTHER_ORDER);
        }
    }

    static double largest(double[] numbers) {
        return Arrays.stream(numbers).map(Math::abs).max().orElseThrow();
    }
}
