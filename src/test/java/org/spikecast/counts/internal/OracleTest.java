package org.spikecast.counts.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.spikecast.counts.Series;
import org.spikecast.neuron.RingParameters;
import org.spikecast.neuron.RingRecording;

class OracleTest {
    private static Score oracle(RingParameters network, int slices, int branches) {
        return oracle(network, null, slices, branches);
    }

    private static Score oracle(RingParameters network, Double delay, int slices, int branches) {
        return oracles(network, delay, slices, branches).corrected();
    }

    private static Oracle.Scores oracles(RingParameters network, Double delay, int slices, int branches) {
        RingRecording recording = delay == null
                ? RingRecording.simulate(network, 4, 200, 800, 1)
                : RingRecording.simulateEvents(network, delay, 4, 200, 800, 1);
        int slide = recording.binSteps();
        int[] counts = recording.spikes().counts(slices * slide, slide);
        DMatrixRMaj values = new DMatrixRMaj(counts.length / network.neurons(), network.neurons());
        for (int j = 0; j < counts.length; j++) {
            values.data[j] = counts[j];
        }
        Series series = new Series(slices, 1, values, null, null);
        Split split = Split.byTime(series.bins(), series.overlap(), 0.5, 0.125);
        return Oracle.score(network, delay, 4, 200, recording.spikes(), series, split, branches, done -> {});
    }

    @Test
    void isNotANumberWhereNothingHappens() {
        RingParameters silent = RingParameters.irregular().scaledTo(12, 1).withExternalRate(0);
        assertTrue(Double.isNaN(oracle(silent, 1, 2).explainedVariance()));
    }

    @Test
    void doesNotDependOnTheNumberOfBranches() {
        RingParameters network = RingParameters.irregular().scaledTo(60, 3);
        Score few = oracle(network, 1, 10);
        Score many = oracle(network, 1, 200);
        // Without the correction ten branches would score lower by the unpredictable variance / 10, some 0.08.
        assertEquals(many.explainedVariance(), few.explainedVariance(), 0.02);
        assertTrue(many.explainedVariance() > 0.12 && many.explainedVariance() < 0.35);
    }

    @Test
    void bothWaysOfDoingWithoutTheBranchesErrorAgree() {
        Oracle.Scores scores = oracles(RingParameters.irregular().scaledTo(60, 3), null, 1, 50);
        // Expectations are equal; the two differ by the branches' noise, measured at 5e-4.
        assertEquals(scores.corrected().explainedVariance(), scores.crossed().explainedVariance(), 0.005);
        assertEquals(
                scores.corrected().spikes().ofPopulation().value(),
                scores.crossed().spikes().ofPopulation().value(),
                0.02);
    }

    @Test
    void isThatOfEitherSimulator() {
        RingParameters network = RingParameters.irregular().scaledTo(60, 3);
        double grid = oracle(network, 1, 50).explainedVariance();
        double events = oracle(network, 0.05, 1, 50).explainedVariance();
        assertTrue(events > 0.12 && events < 0.35, "" + events);
        assertEquals(grid, events, 0.1); // chance: the standard error of either is some 0.03
        double slid = oracle(network, 0.05, 5, 50).explainedVariance();
        assertTrue(slid > 0.78 && slid < 0.9, "" + slid);
    }

    @Test
    void ofOverlappingBinsAllButTheLastSliceIsKnown() {
        // Four fifths of the variance are known counts, of the rest it knows what it knows of disjoint bins.
        Score slid = oracle(RingParameters.irregular().scaledTo(20, 1), 5, 50);
        assertTrue(slid.explainedVariance() > 0.78 && slid.explainedVariance() < 0.9, "" + slid.explainedVariance());
    }
}
