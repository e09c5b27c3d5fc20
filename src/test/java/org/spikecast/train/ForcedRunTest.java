package org.spikecast.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.ScalarKernel;
import org.spikecast.lstm.LstmConfig;
import org.spikecast.lstm.LstmParameters;
import org.spikecast.lstm.LstmState;
import org.spikecast.lstm.PackedWeights;

class ForcedRunTest {
    private static final int STEPS = 9;
    private static final int WIDTH = 3;
    private static final double MV_PER_UNIT = 15;

    /** Relative to the largest entry: fourth order at 1e-3. Measured: below 1e-10. */
    private static final double CENTRAL_DIFFERENCE = 1e-8;

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
}
