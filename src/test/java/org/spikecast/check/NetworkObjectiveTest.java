package org.spikecast.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spikecast.Tolerances;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.lstm.Network;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkState;
import org.spikecast.params.ParameterSet;
import org.spikecast.train.Losses;

class NetworkObjectiveTest {
    /** Two inputs, three units in two layers, two outputs, seven steps of three sequences. */
    private final NetworkObjective objective = PlantedFaultsTest.objective(Network::backward, 1.5, 7);

    private String describe(String name, int row, int column) {
        return describe(objective, name, row, column);
    }

    private static String describe(NetworkObjective objective, String name, int row, int column) {
        return objective.parameters().blocks().stream()
                .filter(b -> b.name().equals(name))
                .map(b -> objective.describe(b, row, column))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void entriesAreNamedByWhatTheyMean() {
        assertEquals("layer 1, gate f, unit 2, column 1", describe("lstm.weight_hh_l1", 5, 1));
        assertEquals("layer 0, gate o, unit 0", describe("lstm.bias_ih_l0", 9, 0));
        assertEquals("output 1, unit 2", describe("fc.weight", 1, 2));
        assertEquals("output 1", describe("fc.bias", 1, 0));
        assertEquals("step 2, feature 1, sequence 2", describe("input", 5, 2));
        assertEquals("layer 1, unit 1, sequence 2", describe("h0", 4, 2));
        assertEquals("layer 0, unit 2, sequence 0", describe("c0", 2, 0));
    }

    /** Of seven steps the last three are read, three units each. */
    @Test
    void aWeightOfAnOutputLayerOfSeveralStatesIsNamedByStepAndUnit() {
        NetworkObjective several = PlantedFaultsTest.objective(Network::backward, 1.5, 1, 3);
        assertEquals("output 1, step 4, unit 0", describe(several, "fc.weight", 1, 0));
        assertEquals("output 0, step 5, unit 2", describe(several, "fc.weight", 0, 5));
        assertEquals("output 1, step 6, unit 1", describe(several, "fc.weight", 1, 7));
        assertEquals("output 1", describe(several, "fc.bias", 1, 0));
    }

    /** What a wrong order of gates is told from. */
    @Test
    void theRowsOfALayersParametersComeInGates() {
        for (ParameterSet.Block block : objective.parameters().blocks()) {
            List<String> gates = block.name().startsWith("lstm.") ? List.of("i", "f", "g", "o") : List.of();
            assertEquals(gates, objective.rowGroups(block), block.name());
        }
    }

    @Test
    void aRightGradientIsRightWhereverOneLooks() {
        assertEquals(
                "dL/dz is right in every layer, step and gate: the fault is in what is made of it", objective.locate());
    }

    /** 51200 elements of z, each a forward pass: too many to wait for. */
    @Test
    void aFaultInALargeNetworkIsNotLookedFor() {
        NetworkParameters p = new NetworkParameters(new NetworkConfig(1, 32, 2, 1));
        NetworkObjective large = new NetworkObjective(
                new ScalarKernel(),
                Network::backward,
                Losses.MEAN_SQUARED_ERROR,
                p,
                new DMatrixRMaj(50, 4),
                NetworkState.zeros(p.config(), 4),
                new DMatrixRMaj(1, 4));
        assertEquals("not looked for: the network is large; check a smaller one with the same fault", large.locate());
    }

    /** A fault in one unit of one gate must not be attributed to the gate before it. */
    @Test
    void theFaultyGateAloneIsNamed() {
        NetworkObjective wrong = PlantedFaultsTest.objective(
                (kernel, p, x, tape, dOutput, gradient, dx, dInitial) -> {
                    Network.backward(kernel, p, x, tape, dOutput, gradient, dx, dInitial);
                    DMatrixRMaj dz = tape.dGates(1);
                    dz.set(4 * 3 * 4 + 2 * 3, 0, 7); // step 4, gate g, unit 0, sequence 0
                },
                1.5,
                7);
        assertEquals("walking back, dL/dz first goes wrong in layer 1, step 4, gate g", wrong.locate());
    }

    /**
     * A layer of many weights computes the products with W_ih and W_hh separately; dual numbers are right there, too.
     */
    @Test
    void dualNumbersFollowAWideLayer() {
        RandomStream stream = RandomStream.of(8, "wide layer");
        NetworkConfig config = new NetworkConfig(1050, 64, 1, 1);
        NetworkParameters p = NetworkParameters.random(config, 1, stream);
        DMatrixRMaj x = new DMatrixRMaj(3 * 1050, 2);
        for (int j = 0; j < x.getNumElements(); j++) {
            x.data[j] = 2 * stream.nextDouble() - 1;
        }
        NetworkObjective wide = new NetworkObjective(
                new ScalarKernel(),
                Network::backward,
                Losses.MEAN_SQUARED_ERROR,
                p,
                x,
                NetworkState.zeros(config, 2),
                new DMatrixRMaj(1, 2));
        ParameterSet gradient = wide.parameters().zerosLike();
        wide.gradient(gradient);
        ParameterSet direction = wide.parameters().zerosLike();
        double expected = 0;
        double size = 0;
        for (int j = 0; j < direction.size(); j++) {
            direction.set(j, 2 * stream.nextDouble() - 1);
            expected += gradient.get(j) * direction.get(j);
            size += Math.abs(gradient.get(j) * direction.get(j));
        }
        assertTrue(size > 0.1, "no gradient to speak of");
        assertEquals(expected, wide.derivative(direction), Tolerances.OTHER_ORDER * size);
    }

    /** exp(1000) is no number, the derivative of a gate that far in saturation is zero. */
    @Test
    void dualNumbersStandSaturation() {
        NetworkParameters p = new NetworkParameters(new NetworkConfig(1, 1, 1, 1));
        for (ParameterSet.Block block : p.set().blocks()) {
            block.matrix().fill(block.name().startsWith("lstm.bias") ? 500 : 1);
        }
        NetworkObjective saturated = new NetworkObjective(
                new ScalarKernel(),
                Network::backward,
                Losses.MEAN_SQUARED_ERROR,
                p,
                new DMatrixRMaj(2, 1),
                NetworkState.zeros(p.config(), 1),
                new DMatrixRMaj(1, 1));
        ParameterSet direction = saturated.parameters().zerosLike();
        direction.set(0, 1);
        assertEquals(0, saturated.derivative(direction));
    }

    /** Against differences of the gradient, along a random direction and along some parameters. */
    @ParameterizedTest
    @ValueSource(ints = {1, 7})
    void theHessianProductIsTheDerivativeOfTheGradient(int outputSteps) {
        NetworkObjective o = PlantedFaultsTest.objective(Network::backward, 1.5, outputSteps);
        GradientReport report = GradientCheck.check(VectorObjective.ofGradient(o), 5, 3);
        report.assertPassed();
        assertEquals(6 * o.parameters().blocks().size(), report.blocks().size());
    }

    @Test
    void theHessianOfAnOutputLayerOfSeveralStatesIsRightToo() {
        NetworkObjective o = PlantedFaultsTest.objective(Network::backward, 1.5, 1, 3);
        GradientCheck.check(VectorObjective.ofGradient(o), 3, 3).assertPassed();
    }

    /** u'Hv = v'Hu, to rounding: two runs that have nothing but the Hessian in common. */
    @Test
    void theHessianIsSymmetric() {
        RandomStream random = RandomStream.of(8, "directions");
        ParameterSet u = objective.parameters().zerosLike();
        ParameterSet v = u.zerosLike();
        for (int j = 0; j < u.size(); j++) {
            u.set(j, random.nextGaussian());
            v.set(j, random.nextGaussian());
        }
        ParameterSet hu = u.zerosLike();
        ParameterSet hv = u.zerosLike();
        assertTrue(objective.hessianProduct(u, hu) && objective.hessianProduct(v, hv));
        double left = 0;
        double right = 0;
        double size = 0;
        for (int j = 0; j < u.size(); j++) {
            left += v.get(j) * hu.get(j);
            right += u.get(j) * hv.get(j);
            size += Math.abs(v.get(j) * hu.get(j));
        }
        assertEquals(left, right, 1e-14 * size);
        assertTrue(Math.abs(left) > 1e-3 * size);
    }

    @Test
    void taylorRemaindersHaveTheirOrders() {
        GradientReport.TaylorOrders orders = GradientCheck.check(objective).taylor();
        assertEquals(1, orders.zeroth(), 0.1);
        assertEquals(2, orders.first(), 0.1);
        assertEquals(3, orders.second(), 0.2);
        NetworkObjective wrong = PlantedFaultsTest.objective(new FaultyBackward(Fault.HIDDEN_CARRY_DOUBLED), 1.5, 7);
        GradientReport.TaylorOrders ofWrong = GradientCheck.check(wrong).taylor();
        assertEquals(1, ofWrong.first(), 0.1);
        assertEquals(1, ofWrong.second(), 0.1);
    }

    @Test
    void dualNumbersDoNotTrain() {
        DualKernel dual = new DualKernel(1, objective.parameters(), objective.parameters());
        double[] a = new double[1];
        List<Runnable> training =
                List.of(() -> dual.sumOfSquares(1, a), () -> dual.adamUpdate(1, a, a, a, a, 0.9, 0.999, 1, 1, 1, 0, 1));
        for (Runnable call : training) {
            assertThrows(IllegalStateException.class, call::run);
        }
    }
}
