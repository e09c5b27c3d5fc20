package org.spikecast.train.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.params.ParameterSet;
import org.spikecast.train.Optimiser;

/** Properties that {@code test-vectors/optimiser/soap.json} does not show. */
class SoapTest {
    private static final Adam.Options ADAM = new Adam.Options(0.9, 0.98, 1e-12, 0.1, true);

    private final Kernel kernel = new ScalarKernel();

    private static ParameterSet parameters(int... shape) {
        ParameterSet.Builder declare = new ParameterSet.Builder();
        declare.matrix("weight", shape[0], shape[1]);
        declare.vector("bias", shape[0]);
        return declare.build();
    }

    private static void fill(ParameterSet set, RandomStream random) {
        for (int j = 0; j < set.size(); j++) {
            set.set(j, random.nextGaussian());
        }
    }

    /** Sides that are too long or have one entry keep their basis; and no basis changes before the first interval is over. */
    @ParameterizedTest
    @CsvSource({
        "513, 512, 3, true",
        "1, 512, 3, true",
        "1, 511, 3, false",
        "512, 512, 3, false",
        "7, 4, 8, true",
        "7, 4, 7, false"
    })
    void isAdamAsLongAsNoBasisChanges(int rows, int columns, int interval, boolean same) {
        ParameterSet theta = parameters(rows, columns);
        fill(theta, RandomStream.of(1, "theta"));
        ParameterSet other = theta.zerosLike();
        other.copyFrom(theta);
        Soap soap = new Soap(kernel, theta, new Soap.Options(ADAM, 0.9, interval));
        Adam adam = new Adam(kernel, other, ADAM);
        ParameterSet gradient = theta.zerosLike();
        RandomStream random = RandomStream.of(1, "gradients");
        for (int u = 0; u < 7; u++) {
            fill(gradient, random);
            soap.update(gradient, 0.01);
            adam.update(gradient, 0.01);
        }
        double largest = 0;
        for (int j = 0; j < theta.size(); j++) {
            largest = Math.max(largest, Math.abs(other.get(j) - theta.get(j)));
        }
        // Not the same bits: Adam lets the parameters decay first.
        assertEquals(same, largest < 1e-15, "differs by " + largest);
        assertTrue(largest < 1, "differs by " + largest);
    }

    /**
     * A linear map of inputs that depend on each other, some combinations of which hardly vary, learned from batches. SOAP finds
     * the combinations; Adam, with the best of some rates, stays far behind.
     */
    @Test
    void learnsFromInputsThatDependOnEachOther() {
        double adam = Double.POSITIVE_INFINITY;
        for (double rate : new double[] {0.3, 0.1, 0.03, 0.01}) {
            adam = Math.min(adam, error(Optimiser.Method.ADAM, rate));
        }
        double soap = error(Optimiser.Method.SOAP, 0.1);
        // Measured: 8e-6 and 7e-4.
        assertTrue(soap < adam / 30, soap + " and " + adam);
    }

    /** The mean square of the outputs' errors after 600 updates. */
    private double error(Optimiser.Method method, double rate) {
        int inputs = 6;
        int outputs = 3;
        int batch = 16;
        RandomStream random = RandomStream.of(2, "linear map");
        DMatrixRMaj mixing = random(inputs, inputs, random);
        DMatrixRMaj truth = random(outputs, inputs, random);
        ParameterSet.Builder declare = new ParameterSet.Builder();
        DMatrixRMaj weight = declare.matrix("weight", outputs, inputs);
        ParameterSet set = declare.build();
        ParameterSet gradient = set.zerosLike();
        Optimiser optimiser = method == Optimiser.Method.ADAM
                ? new Adam(kernel, set, Adam.Options.DEFAULT)
                : new Soap(kernel, set, Soap.Options.usual(0));
        DMatrixRMaj x = new DMatrixRMaj(inputs, batch);
        DMatrixRMaj y = new DMatrixRMaj(outputs, batch);
        int updates = 600;
        double sum = 0;
        for (int u = 0; u < updates; u++) {
            DMatrixRMaj independent = random(inputs, batch, random);
            for (int i = 0; i < inputs; i++) {
                for (int b = 0; b < batch; b++) {
                    independent.data[i * batch + b] *= Math.pow(10, -0.6 * i);
                }
            }
            CommonOps_DDRM.mult(mixing, independent, x);
            CommonOps_DDRM.mult(weight, x, y);
            CommonOps_DDRM.multAdd(-1, truth, x, y);
            CommonOps_DDRM.multTransB(
                    1.0 / batch, y, x, gradient.blocks().get(0).matrix());
            optimiser.update(gradient, rate * (1 - (double) u / updates));
            sum += u < updates - 50 ? 0 : kernel.sumOfSquares(y.data.length, y.data) / (50 * y.data.length);
        }
        return sum;
    }

    private static DMatrixRMaj random(int rows, int columns, RandomStream random) {
        DMatrixRMaj m = new DMatrixRMaj(rows, columns);
        for (int j = 0; j < m.data.length; j++) {
            m.data[j] = random.nextGaussian();
        }
        return m;
    }

    /** A gradient that leaves most directions open: bases stay orthonormal, and steps are finite. */
    @Test
    void basesAreOrthonormalWhateverTheGradient() {
        ParameterSet theta = parameters(5, 4);
        Soap soap = new Soap(kernel, theta, new Soap.Options(ADAM, 0.9, 1));
        ParameterSet gradient = theta.zerosLike();
        for (int j = 0; j < 20; j++) {
            gradient.set(j, (j / 4 + 1) * (j % 4 - 1.5));
        }
        for (int u = 0; u < 30; u++) {
            soap.update(gradient, 0.01);
            for (ParameterSet.Block block : soap.memory().get("soap.bases").blocks()) {
                DMatrixRMaj product = block.matrix().createLike();
                CommonOps_DDRM.multTransA(block.matrix(), block.matrix(), product);
                for (int j = 0; j < product.numRows; j++) {
                    product.add(j, j, -1);
                }
                assertEquals(0, CommonOps_DDRM.elementMaxAbs(product), 1e-14, block.name());
            }
        }
        // Along a single direction each update is as long as the learning rate, and nothing decays by more than a tenth
        // of it.
        double length = Math.sqrt(kernel.sumOfSquares(20, theta.blocks().get(0).data()));
        assertEquals(0.3, length, 0.01);
        for (int j = 20; j < theta.size(); j++) {
            assertEquals(0, theta.get(j), 1e-9);
        }
    }

    /** No basis changes without a gradient, nor by one that is no number, and nothing throws. */
    @Test
    void gradientsOfNothingAndOfNoNumber() {
        ParameterSet theta = parameters(3, 4);
        Soap soap = new Soap(kernel, theta, new Soap.Options(ADAM, 0.9, 2));
        ParameterSet gradient = theta.zerosLike();
        for (int u = 0; u < 5; u++) {
            soap.update(gradient, 0.1);
        }
        for (int j = 0; j < theta.size(); j++) {
            assertEquals(0, theta.get(j));
        }
        gradient.set(5, Double.NaN);
        soap.update(gradient, 0.1);
        assertTrue(Double.isNaN(theta.get(5)));
    }

    @Test
    void anUpdateAllocatesNothing() {
        ParameterSet theta = parameters(12, 7);
        Soap soap = new Soap(kernel, theta, Soap.Options.usual(0));
        ParameterSet gradient = theta.zerosLike();
        fill(gradient, RandomStream.of(1, "gradients"));
        ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        long least = Long.MAX_VALUE;
        for (int u = 0; u < 2000 && least > 0; u++) {
            long before = memory.getThreadAllocatedBytes(thread);
            for (int interval = 0; interval < 5; interval++) {
                soap.update(gradient, 1e-3);
            }
            least = Math.min(least, memory.getThreadAllocatedBytes(thread) - before);
        }
        assertEquals(0, least);
    }

    @ParameterizedTest
    @CsvSource({
        "0.5, 0, true, updates from one change of the basis to the next: expected at least 1 got 0",
        "1, 1, true, SOAP's beta: expected 0 to 1 got 1.0",
        "NaN, 1, true, SOAP's beta: expected 0 to 1 got NaN",
        "0.5, 1, false, SOAP has no L2 penalty only decoupled weight decay"
    })
    void optionsOutOfRangeAreNamed(double beta, int interval, boolean decoupled, String expected) {
        Adam.Options adam = new Adam.Options(0.9, 0.98, 1e-12, 0.1, decoupled);
        String message = assertThrows(IllegalArgumentException.class, () -> new Soap.Options(adam, beta, interval))
                .getMessage();
        assertEquals(expected.replace(",", ""), message.replace(",", ""));
    }
}
