package org.spikecast.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.lstm.Network;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkTape;
import org.spikecast.params.ParameterSet;
import org.spikecast.train.Losses;
import org.spikecast.train.internal.Adam;

/** The LSTM in one file: its numbers are the library's, and its own gradient check finds what people get wrong. */
class MicroLstmTest {
    private static final Path FILE = Path.of("src/docs/MicroLstm.java");

    /** Sums in another order, relative to a block's largest entry. Measured: 4.9e-14, of a bias whose terms cancel; else below 1e-14. */
    private static final double SAME = 1e-13;

    @TempDir
    private Path classes;

    /** MicroLstm by reflection, because it is in no package. */
    private static final class Micro {
        private final Object lstm;

        Micro(JavaProgram program, int inputs, int hidden, int outputs) throws ReflectiveOperationException {
            Constructor<?> constructor =
                    program.main().getDeclaredConstructor(int.class, int.class, int.class, long.class);
            constructor.setAccessible(true);
            lstm = constructor.newInstance(inputs, hidden, outputs, 7L);
        }

        Object call(String name, Object... arguments) throws ReflectiveOperationException {
            for (Method method : lstm.getClass().getDeclaredMethods()) {
                if (method.getName().equals(name)) {
                    method.setAccessible(true);
                    return method.invoke(lstm, arguments);
                }
            }
            throw new NoSuchMethodException(name);
        }

        double[] array(String name) throws ReflectiveOperationException {
            Field field = lstm.getClass().getDeclaredField(name);
            field.setAccessible(true);
            return (double[]) field.get(lstm);
        }
    }

    @Test
    void hasAtMost200Lines() throws IOException {
        assertTrue(Files.readAllLines(FILE).size() <= 200);
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1, 2", "2, 3, 2, 9", "3, 8, 1, 40"})
    void lossGradientAndUpdatesAreTheLibrarys(int inputs, int hidden, int outputs, int steps) throws Exception {
        Micro micro = new Micro(JavaProgram.compile(FILE, classes), inputs, hidden, outputs);
        NetworkConfig config = new NetworkConfig(inputs, hidden, 1, outputs);
        NetworkParameters p = new NetworkParameters(config);
        double[] theta = micro.array("theta");
        assertEquals(p.set().size(), theta.length);
        for (int k = 0; k < theta.length; k++) {
            p.set().set(k, theta[k]);
        }
        RandomStream random = RandomStream.of(1, "micro");
        double[][] x = new double[steps][inputs];
        double[][] target = new double[steps][outputs];
        DMatrixRMaj input = filled(x, random);
        DMatrixRMaj wanted = filled(target, random);
        NetworkTape tape = new NetworkTape(config, steps, 1, steps);
        NetworkParameters gradient = new NetworkParameters(config);
        DMatrixRMaj dOutput = wanted.createLike();
        Adam adam = new Adam(Kernel.best(), p.set(), Adam.Options.DEFAULT);
        for (int update = 0; update < 5; update++) {
            Network.forward(Kernel.best(), p, input, null, tape);
            double loss = Losses.MEAN_SQUARED_ERROR.evaluate(Kernel.best(), tape.output(), wanted, dOutput);
            assertEquals(loss, (double) micro.call("forward", x, target), SAME * loss);
            gradient.set().setZero();
            Network.backward(Kernel.best(), p, input, tape, dOutput, gradient, null, null);
            micro.call("backward");
            assertSame(gradient.set(), micro.array("grad"));
            adam.update(gradient.set(), 0.02);
            micro.call("update", 0.02);
            assertSame(p.set(), theta);
        }
    }

    private static DMatrixRMaj filled(double[][] rows, RandomStream random) {
        DMatrixRMaj column = new DMatrixRMaj(rows.length * rows[0].length, 1);
        for (int j = 0; j < column.numRows; j++) {
            column.data[j] = random.nextGaussian();
            rows[j / rows[0].length][j % rows[0].length] = column.data[j];
        }
        return column;
    }

    private static void assertSame(ParameterSet expected, double[] actual) {
        for (int b = 0; b < expected.blocks().size(); b++) {
            double[] block = expected.blocks().get(b).data();
            double largest = 0;
            for (double value : block) {
                largest = Math.max(largest, Math.abs(value));
            }
            for (int j = 0; j < block.length; j++) {
                assertEquals(block[j], actual[expected.start(b) + j], SAME * largest);
            }
        }
    }

    /** A right gradient passes, the task is learned, and the picture is as wide as the run is long. */
    @Test
    void learnsTheVoltageOfANeuron() throws Exception {
        List<String> lines = JavaProgram.compile(FILE, classes).run().lines().toList();
        assertEquals(6, lines.stream().filter(line -> line.contains(" right, ")).count());
        assertTrue(lines.contains("  after 1500 updates  0.004"), lines.toString());
        assertEquals(
                11,
                lines.stream()
                        .filter(line -> line.matches(" [01]\\.\\d .*|\\ [01]\\.\\d"))
                        .count());
    }

    /** Mistakes that stood in published derivations: one line of the file, what it becomes, and the blocks it spoils. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            grad[bHh + r] += dz[r];             |                                      | bias_hh
            grad[bIh + r] += dz[r];             | grad[bIh + r] = dz[r];               | bias_ih
            + dcNext[j] * fNext[j]              |                                      | weight_ih weight_hh bias_ih bias_hh
            dcNext[j] * fNext[j]                | dcNext[j] * f                        | weight_ih weight_hh bias_ih bias_hh
            dcNext[j] * fNext[j]                | dcNext[j]                            | weight_ih weight_hh bias_ih bias_hh
            (1 - tanhC * tanhC)                 | (1 - c[t + 1][j] * c[t + 1][j])      | weight_ih weight_hh bias_ih bias_hh
            (1 - tanhC * tanhC)                 | (1 - Math.pow(Math.tanh(tanhC), 2))  | weight_ih weight_hh bias_ih bias_hh
            i * (1 - g * g)                     | i * (1 - Math.pow(Math.tanh(g), 2))  | weight_ih weight_hh bias_ih bias_hh
            tanhC * o * (1 - o)                 | tanhC * o                            | weight_ih weight_hh bias_ih bias_hh
            c[t][j] * f * (1 - f)               | c[t][j] * f                          | weight_ih weight_hh bias_ih bias_hh
            theta[wHh + r * H + j] * dzNext[r]  | 0                                    | weight_ih weight_hh bias_ih bias_hh
            r < 4 * H; r++) dh[j]               | r < 3 * H; r++) dh[j]                | weight_ih weight_hh bias_ih bias_hh
            dz[r] * h[t][k]                     | dz[r] * h[t + 1][k]                  | weight_hh
            """)
    void itsGradientCheckFindsPublishedMistakes(String right, String wrong, String blocks) throws Exception {
        String source = Files.readString(FILE);
        String mutant = source.replace(right, wrong == null ? "" : wrong);
        assertFalse(mutant.equals(source), right);
        String printed = JavaProgram.compile("MicroLstm", mutant, classes).run();
        List<String> found = printed.lines()
                .filter(line -> line.contains("WRONG"))
                .map(line -> line.strip().split(" ")[0])
                .toList();
        assertEquals(List.of(blocks.split(" ")), found, printed);
        assertFalse(printed.contains("Training"), "it trains with a wrong gradient");
    }
}
