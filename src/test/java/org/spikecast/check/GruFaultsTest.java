package org.spikecast.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.spikecast.check.GradientReport.Verdict;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.lstm.Cell;
import org.spikecast.lstm.Network;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkState;
import org.spikecast.train.Losses;

/** The checker on a GRU: every planted fault is caught and located, the right gradient never gets FAIL. */
class GruFaultsTest {
    /** Two layers, seven steps, three sequences, a given state, unequal weights, an output of every step. */
    static NetworkObjective objective(NetworkObjective.Backward backward, double size) {
        NetworkConfig config = new NetworkConfig(2, 3, 2, 2).with(Cell.GRU);
        RandomStream random = RandomStream.of(21, "planted faults");
        NetworkParameters p = NetworkParameters.random(config, 0, random);
        for (int j = 0; j < p.set().size(); j++) {
            p.set().set(j, size * p.set().get(j));
        }
        NetworkState initial = new NetworkState(numbers(6, random));
        DMatrixRMaj input = numbers(14, random);
        return new NetworkObjective(
                new ScalarKernel(), backward, Losses.MEAN_SQUARED_ERROR, p, input, initial, numbers(14, random));
    }

    private static DMatrixRMaj numbers(int rows, RandomStream random) {
        DMatrixRMaj m = new DMatrixRMaj(rows, 3);
        for (int j = 0; j < m.getNumElements(); j++) {
            m.data[j] = random.nextGaussian();
        }
        return m;
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void everyFaultIsCaughtAndLocated(GruFault fault) {
        GradientReport report = GradientCheck.check(objective(new FaultyGruBackward(fault), 1.5));
        assertEquals(Verdict.FAIL, report.verdict(), report.text());
        if (fault.location.startsWith("[")) {
            assertTrue(report.location().contains("dL/dz is right"), report.text());
            String wrong = report.blocks().stream()
                    .filter(b -> b.verdict() == Verdict.FAIL)
                    .map(GradientReport.BlockResult::name)
                    .toList()
                    .toString();
            assertEquals(fault.location, wrong, report.text());
        } else {
            assertEquals("walking back, dL/dz first goes wrong in " + fault.location, report.location(), report.text());
        }
    }

    @Test
    void aSecondImplementationWithoutFaultPasses() {
        GradientCheck.check(objective(new FaultyGruBackward(GruFault.NONE), 1.5))
                .assertPassed();
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e-4, 1e-2, 0.1, 1, 4, 20})
    void theRightGradientIsNeverBlamed(double size) {
        GradientCheck.check(objective(Network::backward, size)).assertPassed();
    }

    /** The backward pass in dual numbers: the product of the Hessian with a direction, against differences of the gradient. */
    @Test
    void hessianProductsAreTheGradientsDerivative() {
        NetworkObjective objective = objective(Network::backward, 1.5);
        GradientCheck.check(VectorObjective.ofGradient(objective), 3, 3).assertPassed();
    }
}
