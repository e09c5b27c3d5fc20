package org.spikecast.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.ScalarKernel;
import org.spikecast.lstm.Lstm;
import org.spikecast.lstm.LstmConfig;
import org.spikecast.lstm.LstmParameters;
import org.spikecast.lstm.LstmState;
import org.spikecast.lstm.LstmTape;
import org.spikecast.lstm.PackedWeights;

class ForcedRunTest {
    private static final int STEPS = 9;
    private static final int WIDTH = 3;
    private static final double MV_PER_UNIT = 15;

    /** Relative to the largest entry: fourth order at 1e-3. Measured: below 1e-10. */
    private static final double CENTRAL_DIFFERENCE = 1e-8;

    /** Other roundings of sinh and log, over nine steps. Measured: below 1e-15. */
    private static final double SAME = 1e-13;

    private final Kernel kernel = new ScalarKernel();

    /** A network, and runs with errors of some tenths of a ms. */
    private final class Case {
        final LstmConfig config;
        final LstmParameters p;
        final PackedWeights packed;
        final ForcedRun run;
        final LstmState initial;

        Case(int layers, double forcing) {
            RandomStream random = RandomStream.of(7, "forced run test");
            config = new LstmConfig(2, 5, layers, 1);
            p = LstmParameters.random(config, 0, random);
            packed = new PackedWeights(config);
            run = new ForcedRun(kernel, config, STEPS, WIDTH, MV_PER_UNIT, packed);
            initial = LstmState.zeros(config, WIDTH);
            for (int j = 0; j < initial.hidden().getNumElements(); j++) {
                initial.hidden().data[j] = random.nextDouble() - 0.5;
                initial.cell().data[j] = random.nextDouble() - 0.5;
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

        double loss(LstmParameters gradient, double part) {
            packed.pack(p);
            packed.packTransposed(p, run.goesDownToInput());
            Carried carried = Carried.zeros(config, WIDTH);
            carried.state().copyFrom(initial);
            carried.error()[1] = 0.1;
            gradient.set().setZero();
            return run.evaluate(p, carried, part, gradient);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "1, 0.3", "1, 1", "2, 0.1"})
    void theGradientAgreesWithCentralDifferences(int layers, double forcing) {
        Case c = new Case(layers, forcing);
        LstmParameters gradient = new LstmParameters(c.config);
        LstmParameters unused = new LstmParameters(c.config);
        c.loss(gradient, 0.25);
        double largest = 0;
        for (int j = 0; j < gradient.set().size(); j++) {
            largest = Math.max(largest, Math.abs(gradient.set().get(j)));
        }
        assertTrue(largest > 1e-3, "gradient " + largest);
        double h = 1e-4;
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

    /** The voltages that are read, the state and the loss, computed step by step from the equations. */
    @ParameterizedTest
    @CsvSource({"1, 0", "1, 0.5", "2, 0.2"})
    void theRunReadsItsOwnVoltagesDrawnBackToTheTruth(int layers, double forcing) {
        Case c = new Case(layers, forcing);
        DMatrixRMaj x = c.run.x();
        DMatrixRMaj y = c.run.y();
        y.set(ForcedRun.TARGETS * 4, 2, 30); // the third run is lost in step 4
        double sum = 0;
        Carried carried = Carried.zeros(c.config, WIDTH);
        for (int b = 0; b < WIDTH; b++) {
            LstmTape tape = new LstmTape(c.config, 1, 1, 1);
            LstmState state = LstmState.zeros(c.config, 1);
            for (int j = 0; j < state.hidden().numRows; j++) {
                state.hidden().data[j] = c.initial.hidden().get(j, b);
                state.cell().data[j] = c.initial.cell().get(j, b);
            }
            double error = b == 1 ? 0.1 : 0;
            for (int t = 0; t < STEPS; t++) {
                double[] read = {x.get(2 * t, b) + error / MV_PER_UNIT, x.get(2 * t + 1, b)};
                Lstm.forward(kernel, c.p, new DMatrixRMaj(2, 1, true, read), state, tape);
                tape.copyFinalState(state);
                double output = tape.output().data[0];
                double change = y.get(ForcedRun.TARGETS * t, b);
                double wrong = error + 0.05 * StrictMath.sinh(output / 0.3) - change;
                double speed = y.get(ForcedRun.TARGETS * t + 1, b);
                double wanted = (change - error) / 0.05;
                double missed = output - 0.3 * StrictMath.log(wanted + Math.sqrt(wanted * wanted + 1));
                if (!Double.isNaN(speed)) {
                    double late = wrong / speed / 0.3;
                    sum += 0.09 * StrictMath.log(1 + late * late) + missed * missed;
                }
                boolean lost = Math.abs(wrong / speed) > 1.5;
                assertTrue(lost || b != 2 || t != 4);
                error = lost ? 0 : (1 - y.get(ForcedRun.TARGETS * t + 2, b)) * wrong;
            }
            carried.error()[b] = error;
            for (int j = 0; j < state.hidden().numRows; j++) {
                carried.state().hidden().set(j, b, state.hidden().data[j]);
                carried.state().cell().set(j, b, state.cell().data[j]);
            }
        }
        Carried actual = Carried.zeros(c.config, WIDTH);
        actual.state().copyFrom(c.initial);
        actual.error()[1] = 0.1;
        LstmParameters gradient = new LstmParameters(c.config);
        c.loss(gradient, 1); // packs
        double loss = c.run.evaluate(c.p, actual, 0.25, gradient);
        assertEquals(0.25 * sum / (STEPS * WIDTH), loss, SAME * sum);
        assertArrayEquals(carried.error(), actual.error(), SAME);
        assertArrayEquals(carried.state().hidden().data, actual.state().hidden().data, SAME);
        assertArrayEquals(carried.state().cell().data, actual.state().cell().data, SAME);
    }

    @Test
    void theGradientIsMultipliedByThePartAndAddedToWhatIsThere() {
        Case c = new Case(1, 0.2);
        LstmParameters whole = new LstmParameters(c.config);
        LstmParameters twice = new LstmParameters(c.config);
        double loss = c.loss(whole, 1);
        assertEquals(loss / 4, c.loss(twice, 0.25), SAME * loss);
        Carried carried = Carried.zeros(c.config, WIDTH);
        carried.state().copyFrom(c.initial);
        carried.error()[1] = 0.1;
        c.run.evaluate(c.p, carried, 0.25, twice);
        for (int j = 0; j < whole.set().size(); j++) {
            assertEquals(whole.set().get(j) / 2, twice.set().get(j), SAME);
        }
    }

    /** The scalar kernels: how soon HotSpot gets the SIMD ones to allocate nothing is not for a test to wait for. */
    @Test
    void aRunAllocatesNothing() {
        Case c = new Case(2, 0.2);
        LstmParameters gradient = new LstmParameters(c.config);
        c.loss(gradient, 1);
        Carried carried = Carried.zeros(c.config, WIDTH);
        ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        long least = Long.MAX_VALUE;
        for (int u = 0; u < 5000 && least > 0; u++) {
            long before = memory.getThreadAllocatedBytes(thread);
            c.run.evaluate(c.p, carried, 1, gradient);
            least = Math.min(least, memory.getThreadAllocatedBytes(thread) - before);
        }
        assertEquals(0, least);
    }
}
