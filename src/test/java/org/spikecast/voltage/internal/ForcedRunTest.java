package org.spikecast.voltage.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.spikecast.Tolerances;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.Elementary;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.kernel.internal.Team;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkState;
import org.spikecast.lstm.NetworkStream;
import org.spikecast.lstm.PackedWeights;
import org.spikecast.train.internal.BatchGradient;

class ForcedRunTest {
    private static final int STEPS = 9;
    private static final int WIDTH = 3;
    private static final double MV_PER_UNIT = 15;

    /** Relative to the largest entry: fourth order at 3e-5. Measured: 6.4e-11. */
    private static final double CENTRAL_DIFFERENCE = 1e-9;

    private final Kernel kernel = new ScalarKernel();

    /** A network, and runs with errors of some tenths of a ms. */
    private final class Case {
        final NetworkConfig config;
        final NetworkParameters p;
        final PackedWeights packed;
        final ForcedRun run;
        final NetworkState initial;

        Case(int layers, double forcing) {
            RandomStream random = RandomStream.of(7, "forced run test");
            config = new NetworkConfig(2, 5, layers, 1);
            p = NetworkParameters.random(config, 0, random);
            packed = new PackedWeights(config);
            run = new ForcedRun(kernel, config, STEPS, WIDTH, MV_PER_UNIT, packed);
            initial = NetworkState.zeros(config, WIDTH);
            for (int j = 0; j < initial.hidden().getNumElements(); j++) {
                initial.hidden().data[j] = random.nextDouble() - 0.5;
                initial.part(1).data[j] = random.nextDouble() - 0.5;
            }
            for (int j = 0; j < run.x().getNumElements(); j++) {
                run.x().data[j] = random.nextGaussian();
            }
            for (int t = 0; t < STEPS; t++) {
                for (int b = 0; b < WIDTH; b++) {
                    int row = ForcedRun.TARGETS * t;
                    run.y().set(row, b, 0.2 * random.nextGaussian());
                    run.y().set(row + 1, b, t < 2 ? Double.NaN : 0.5 + random.nextDouble());
                    run.y().set(row + 2, b, t < 2 ? 1 : forcing * random.nextDouble());
                }
            }
        }

        double loss(NetworkParameters gradient, double part) {
            packed.pack(p);
            packed.packTransposed(p, run.goesDownToInput());
            NetworkState state = NetworkState.zeros(config, WIDTH);
            state.copyFrom(initial);
            gradient.set().setZero();
            return run.evaluate(p, state, part, gradient);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "1, 0.3", "1, 1", "2, 0.1"})
    void theGradientAgreesWithCentralDifferences(int layers, double forcing) {
        Case c = new Case(layers, forcing);
        NetworkParameters gradient = new NetworkParameters(c.config);
        NetworkParameters unused = new NetworkParameters(c.config);
        c.loss(gradient, 0.25);
        double largest = 0;
        for (int j = 0; j < gradient.set().size(); j++) {
            largest = Math.max(largest, Math.abs(gradient.set().get(j)));
        }
        assertTrue(largest > 1e-3, "gradient " + largest);
        double h = 3e-5;
        double[] at = {-2 * h, -h, h, 2 * h};
        double[] loss = new double[4];
        for (int j = 0; j < gradient.set().size(); j++) {
            double kept = c.p.set().get(j);
            for (int k = 0; k < 4; k++) {
                c.p.set().set(j, kept + at[k]);
                loss[k] = c.loss(unused, 0.25);
            }
            c.p.set().set(j, kept);
            double difference = (8 * (loss[2] - loss[1]) - (loss[3] - loss[0])) / (12 * h);
            assertEquals(difference, gradient.set().get(j), CENTRAL_DIFFERENCE * largest, "parameter " + j);
        }
    }

    /** (1) to (4) for one sequence of a case, step by step, by a stream: d_t, the sum of losses, the state after each step. */
    private final class ByStream {
        final double[] wrong = new double[STEPS];
        final NetworkState[] states = new NetworkState[STEPS];
        double loss;

        ByStream(Case c, int sequence) {
            NetworkStream stream = new NetworkStream(kernel, c.p);
            stream.state().copyFrom(column(c.initial, sequence));
            double error = 0;
            double[] y = new double[1];
            for (int t = 0; t < STEPS; t++) {
                double[] read = {c.run.x().get(2 * t, sequence), c.run.x().get(2 * t + 1, sequence)};
                double change = c.run.y().get(3 * t, sequence);
                double speed = c.run.y().get(3 * t + 1, sequence);
                read[0] += error / MV_PER_UNIT; // (1)
                stream.step(read, y);
                wrong[t] = error + StepForm.decode(y[0]) - change; // (2)
                if (!Double.isNaN(speed)) {
                    loss += rho(wrong[t] / speed, 0.05) + rho(y[0] - StepForm.encode(change - error), 0.03); // (4)
                }
                boolean lost = Math.abs(wrong[t] / speed) > 1.5;
                error = lost ? 0 : (1 - c.run.y().get(3 * t + 2, sequence)) * wrong[t]; // (3)
                states[t] = NetworkState.zeros(c.config, 1);
                states[t].copyFrom(stream.state());
            }
        }
    }

    private static double rho(double x, double r) {
        return r * r * Elementary.log(1 + x / r * (x / r));
    }

    private static NetworkState column(NetworkState state, int sequence) {
        NetworkState column =
                new NetworkState(new DMatrixRMaj(state.hidden().numRows, 1), new DMatrixRMaj(state.part(1).numRows, 1));
        for (int row = 0; row < state.hidden().numRows; row++) {
            column.hidden().data[row] = state.hidden().get(row, sequence);
            column.part(1).data[row] = state.part(1).get(row, sequence);
        }
        return column;
    }

    /** Runs over the first steps of a case, from its initial state. */
    private NetworkState first(Case c, int steps) {
        ForcedRun run = new ForcedRun(kernel, c.config, steps, WIDTH, MV_PER_UNIT, c.packed);
        System.arraycopy(c.run.x().data, 0, run.x().data, 0, run.x().data.length);
        System.arraycopy(c.run.y().data, 0, run.y().data, 0, run.y().data.length);
        c.packed.pack(c.p);
        c.packed.packTransposed(c.p, true);
        NetworkState state = NetworkState.zeros(c.config, WIDTH);
        state.copyFrom(c.initial);
        run.evaluate(c.p, state, 1, new NetworkParameters(c.config));
        return state;
    }

    /** Bit by bit: what was read in a step shows in the state after it. */
    @ParameterizedTest
    @CsvSource({"1, 0", "1, 0.5", "1, 1", "2, 0.3"})
    void aRunIsTheStreamThatReadsItsOwnErrors(int layers, double forcing) {
        Case c = new Case(layers, forcing);
        double sum = 0;
        for (int sequence = 0; sequence < WIDTH; sequence++) {
            ByStream stream = new ByStream(c, sequence);
            for (int t = 0; t < STEPS; t++) {
                NetworkState state = column(first(c, t + 1), sequence);
                assertArrayEquals(stream.states[t].hidden().data, state.hidden().data, "step " + t);
                assertArrayEquals(stream.states[t].part(1).data, state.part(1).data, "step " + t);
            }
            sum += stream.loss;
        }
        double mean = sum / (STEPS * WIDTH);
        assertEquals(mean, c.loss(new NetworkParameters(c.config), 1), Tolerances.OTHER_ORDER * mean);
    }

    /** Loss, gradient and final state of a case as one array. */
    private double[] results(Case c) {
        NetworkParameters gradient = new NetworkParameters(c.config);
        double loss = c.loss(gradient, 1);
        NetworkState state = first(c, STEPS);
        return DoubleStream.concat(
                        DoubleStream.concat(DoubleStream.of(loss), Arrays.stream(state.hidden().data)),
                        IntStream.range(0, gradient.set().size()).mapToDouble(gradient.set()::get))
                .toArray();
    }

    /** A step with an error above 1.5 ms enters the loss, and the next one reads the truth, as with teacher forcing. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aDivergedRunIsResetToTheTruth(int layers) {
        int step = 4;
        int sequence = 1;
        for (double time : new double[] {1.499, 1.501}) {
            Case c = new Case(layers, 0.1);
            double wrong = new ByStream(c, sequence).wrong[step];
            c.run.y().set(3 * step + 1, sequence, Math.abs(wrong) / time);
            double[] run = results(c);
            c.run.y().set(3 * step + 2, sequence, 1);
            double[] forced = results(c);
            assertEquals(time > 1.5, Arrays.equals(forced, run), "" + time);
        }
    }

    @Test
    void lossAndGradientAreMultipliedAndTheGradientIsReplaced() {
        Case c = new Case(2, 0.2);
        NetworkParameters whole = new NetworkParameters(c.config);
        NetworkParameters part = new NetworkParameters(c.config);
        assertEquals(0.25 * c.loss(whole, 1), c.loss(part, 0.25));
        NetworkParameters replaced = new NetworkParameters(c.config);
        for (int j = 0; j < replaced.set().size(); j++) {
            assertEquals(0.25 * whole.set().get(j), part.set().get(j));
            replaced.set().set(j, j % 7);
        }
        NetworkState state = NetworkState.zeros(c.config, WIDTH);
        state.copyFrom(c.initial);
        c.run.evaluate(c.p, state, 0.25, replaced);
        for (int j = 0; j < replaced.set().size(); j++) {
            assertEquals(part.set().get(j), replaced.set().get(j));
        }
    }

    /** Also after a run that left another state. */
    @Test
    void withoutAStateARunBeginsAtZero() {
        Case c = new Case(2, 0.2);
        NetworkParameters gradient = new NetworkParameters(c.config);
        NetworkParameters fromZero = new NetworkParameters(c.config);
        double other = c.loss(gradient, 1);
        double zero = c.run.evaluate(c.p, NetworkState.zeros(c.config, WIDTH), 1, fromZero);
        assertTrue(zero != other);
        gradient.set().setZero();
        assertEquals(zero, c.run.evaluate(c.p, null, 1, gradient));
        for (int j = 0; j < gradient.set().size(); j++) {
            assertEquals(fromZero.set().get(j), gradient.set().get(j));
        }
    }

    /** Two micro-batches and a rest against one pass; the second batch continues the first one. */
    @Test
    void microBatchesAddUp() {
        NetworkConfig config = new NetworkConfig(2, 5, 2, 1);
        NetworkParameters p = NetworkParameters.random(config, 0, RandomStream.of(8, "forced run test"));
        int batch = 45;
        PackedWeights packed = new PackedWeights(config);
        packed.pack(p);
        packed.packTransposed(p, true);
        ForcedRun whole = new ForcedRun(kernel, config, STEPS, batch, MV_PER_UNIT, packed);
        NetworkState state = NetworkState.zeros(config, batch);
        BatchGradient.Source source = new BatchGradient.Source() {
            @Override
            public void copy(int sequence, DMatrixRMaj x, DMatrixRMaj y, int column) {
                for (int row = 0; row < x.numRows; row++) {
                    x.set(row, column, whole.x().get(row, sequence));
                }
                for (int row = 0; row < y.numRows; row++) {
                    y.set(row, column, whole.y().get(row, sequence));
                }
            }

            @Override
            public boolean beginsAnew(int sequence) {
                return false;
            }
        };
        RandomStream random = RandomStream.of(9, "forced run test");
        try (Team team = Team.sharingAll(2)) {
            BatchGradient slices = new BatchGradient(
                    ForcedRun.passes(kernel.onTeam(team), config, STEPS, MV_PER_UNIT), config, batch, team, true);
            for (int n = 0; n < 2; n++) {
                for (int j = 0; j < whole.x().getNumElements(); j++) {
                    whole.x().data[j] = random.nextGaussian();
                }
                for (int j = 0; j < whole.y().getNumElements(); j++) {
                    int kind = j / batch % ForcedRun.TARGETS;
                    whole.y().data[j] = kind == 0 ? 0.2 * random.nextGaussian() : kind == 1 ? 1 : 0.1;
                }
                NetworkParameters expected = new NetworkParameters(config);
                NetworkParameters gradient = new NetworkParameters(config);
                double loss = whole.evaluate(p, state, 1, expected);
                assertEquals(loss, slices.evaluate(p, source, gradient), Tolerances.OTHER_ORDER * loss);
                for (int b = 0; b < expected.set().blocks().size(); b++) {
                    double[] block = expected.set().blocks().get(b).data();
                    double largest = Arrays.stream(block).map(Math::abs).max().orElseThrow();
                    assertArrayEquals(block, gradient.set().blocks().get(b).data(), Tolerances.OTHER_ORDER * largest);
                }
            }
        }
    }

    /** With the scalar kernel, as in BatchGradientTest. */
    @Test
    void anEvaluationAllocatesNothing() {
        Case c = new Case(2, 0.3);
        NetworkParameters gradient = new NetworkParameters(c.config);
        NetworkState state = NetworkState.zeros(c.config, WIDTH);
        c.packed.pack(c.p);
        c.packed.packTransposed(c.p, true);
        ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        long least = Long.MAX_VALUE;
        for (int n = 0; n < 2000 && least > 0; n++) {
            long before = memory.getThreadAllocatedBytes(thread);
            c.run.evaluate(c.p, state, 1, gradient);
            least = Math.min(least, memory.getThreadAllocatedBytes(thread) - before);
        }
        assertEquals(0, least);
    }
}
