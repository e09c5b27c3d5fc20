package org.spikecast.check;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.spikecast.check.GradientReport.Verdict;
import org.spikecast.lstm.Network;

/**
 * Where gates saturate, the backward pass keeps their slopes and passes. One that forms them from the gates, x (1 - x)
 * and 1 - x^2, is right elsewhere and wrong here: it is caught.
 */
class SaturatedGatesTest {
    private static NetworkObjective lstm(NetworkObjective.Backward backward, double size, double bias) {
        return saturated(PlantedFaultsTest.objective(backward, size, 7), bias);
    }

    private static NetworkObjective gru(NetworkObjective.Backward backward, double size, double bias) {
        return saturated(GruFaultsTest.objective(backward, size), bias);
    }

    /** The objective with a bias added to all gates of the lowest layer. */
    private static NetworkObjective saturated(NetworkObjective objective, double bias) {
        objective.parameters().blocks().stream()
                .filter(block -> block.name().endsWith("bias_ih_l0"))
                .forEach(block -> Arrays.setAll(block.data(), j -> block.data()[j] + bias));
        return objective;
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "1, 4", "1, 8", "1, 12", "1, 20", "1, 30", "1, 40", "10, 0", "30, 0"})
    void theBackwardPassIsRight(double size, double bias) {
        GradientCheck.check(lstm(Network::backward, size, bias)).assertPassed();
        GradientCheck.check(gru(Network::backward, size, bias)).assertPassed();
    }

    @ParameterizedTest
    @ValueSource(doubles = {20, 30, 40})
    void slopesFromTheGatesThemselvesAreCaught(double bias) {
        assertEquals(
                Verdict.FAIL,
                GradientCheck.check(lstm(new FaultyBackward(Fault.NONE), 1, bias))
                        .verdict());
        assertEquals(
                Verdict.FAIL,
                GradientCheck.check(gru(new FaultyGruBackward(GruFault.NONE), 1, bias))
                        .verdict());
    }
}
