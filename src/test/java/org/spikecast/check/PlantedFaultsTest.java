package org.spikecast.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.spikecast.check.GradientReport.Verdict;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.lstm.Loss;
import org.spikecast.lstm.Network;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkState;
import org.spikecast.train.Losses;

/** The checker must catch every planted fault, name its place, and find nothing where there is none. */
class PlantedFaultsTest {
    /** Two layers, seven steps, three sequences, a given state, unequal weights. */
    static NetworkObjective objective(NetworkObjective.Backward backward, double size, int outputSteps) {
        return objective(backward, size, outputSteps, 1);
    }

    /** The same, with an output layer that reads a given number of states. */
    static NetworkObjective objective(
            NetworkObjective.Backward backward, double size, int outputSteps, int headStates) {
        return objective(
                backward,
                Losses.MEAN_SQUARED_ERROR,
                Losses.MEAN_SQUARED_ERROR::randomTarget,
                size,
                outputSteps,
                headStates);
    }

    /** The same, with another loss and targets that it accepts. */
    static NetworkObjective objective(
            NetworkObjective.Backward backward,
            Loss loss,
            ToDoubleFunction<RandomStream> targets,
            double size,
            int outputSteps,
            int headStates) {
        NetworkConfig config = new NetworkConfig(2, 3, 2, 2, headStates);
        RandomStream random = RandomStream.of(21, "planted faults");
        NetworkParameters p = NetworkParameters.random(config, 0, random);
        for (int j = 0; j < p.set().size(); j++) {
            p.set().set(j, size * p.set().get(j));
        }
        return new NetworkObjective(
                new ScalarKernel(),
                backward,
                loss,
                p,
                numbers(14, 3, RandomStream::nextGaussian, random),
                new NetworkState(
                        numbers(6, 3, RandomStream::nextGaussian, random),
                        numbers(6, 3, RandomStream::nextGaussian, random)),
                numbers(2 * outputSteps, 3, targets, random));
    }

    private static DMatrixRMaj numbers(
            int rows, int columns, ToDoubleFunction<RandomStream> kind, RandomStream random) {
        DMatrixRMaj m = new DMatrixRMaj(rows, columns);
        for (int j = 0; j < m.getNumElements(); j++) {
            m.data[j] = kind.applyAsDouble(random);
        }
        return m;
    }

    /** An output of every step, and one output of all steps: in both cases the gradient enters at every step. */
    static Stream<Arguments> faultsAndHeads() {
        return Stream.of(Fault.values())
                .filter(fault -> fault != Fault.NONE)
                .flatMap(fault -> Stream.of(1, 7)
                        .filter(states -> states > 1 || !fault.ofSeveralStates)
                        .map(states -> Arguments.of(fault, states)));
    }

    @ParameterizedTest
    @MethodSource("faultsAndHeads")
    void everyFaultIsCaughtAndLocated(Fault fault, int headStates) {
        GradientReport report =
                GradientCheck.check(objective(new FaultyBackward(fault), 1.5, headStates == 1 ? 7 : 1, headStates));
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
    void theWorstEntryIsNamed() {
        GradientReport report =
                GradientCheck.check(objective(new FaultyBackward(Fault.ONE_WEIGHT_OFF_BY_ONE_MILLIONTH), 1.5, 7));
        GradientReport.BlockResult wrong = report.blocks().stream()
                .filter(b -> b.verdict() == Verdict.FAIL)
                .findFirst()
                .orElseThrow();
        assertEquals("[2,1] layer 1, gate i, unit 2, column 1", wrong.where());
        assertEquals(1e-6, wrong.claimed() / wrong.reference() - 1, 1e-12);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.INCLUDE, names = "NONE")
    void aSecondImplementationWithoutFaultPasses(Fault none) {
        for (int outputSteps : new int[] {1, 4, 7}) {
            GradientCheck.check(objective(new FaultyBackward(none), 1.5, outputSteps))
                    .assertPassed();
        }
        for (int headStates : new int[] {2, 7}) {
            GradientCheck.check(objective(new FaultyBackward(none), 1.5, 1, headStates))
                    .assertPassed();
        }
    }

    static Stream<Double> sizes() {
        return Stream.of(1e-4, 1e-3, 1e-2, 0.1, 1.0, 4.0, 20.0);
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void theRightGradientIsNeverBlamed(double size) {
        for (int outputSteps : new int[] {1, 7}) {
            GradientCheck.check(objective(Network::backward, size, outputSteps)).assertPassed();
        }
        for (int headStates : new int[] {2, 6, 7}) {
            GradientCheck.check(objective(Network::backward, size, 1, headStates))
                    .assertPassed();
        }
    }
}
