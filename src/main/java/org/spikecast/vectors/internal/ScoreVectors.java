package org.spikecast.vectors.internal;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.counts.internal.Evaluation;
import org.spikecast.counts.internal.Score;
import org.spikecast.vectors.internal.Vectors.Tally;

/** Stored scores of forecasts of spike counts, by the names that they have in {@code metrics.json}. */
final class ScoreVectors {
    private ScoreVectors() {}

    static void replay(VectorCase c, Path folder, Tally tally) {
        double[] rate = c.array("mean_rate");
        DMatrixRMaj target = matrix(c.array("target"), rate.length);
        Score score = Score.of(target, matrix(c.array("forecast"), rate.length), rate);
        Map<String, Object> actual = Evaluation.json(score);
        Map<?, ?> expected = c.object("scores").json();
        for (Map.Entry<?, ?> entry : expected.entrySet()) {
            String key = (String) entry.getKey();
            if (!(actual.get(key) instanceof Double value) || !(entry.getValue() instanceof Number number)) {
                tally.failure(Bound.SCORES, c.text("id"), key + " is " + actual.get(key));
            } else {
                Bound bound = key.endsWith("standard_error") ? Bound.SCORE_ERRORS : Bound.SCORES;
                tally.compare(bound, c.text("id"), new double[] {value}, new double[] {number.doubleValue()});
            }
        }
        double[] bits = ((List<?>) actual.get("bits_per_spike_per_neuron"))
                .stream().mapToDouble(b -> (Double) b).toArray();
        tally.compare(Bound.SCORES, c.text("id"), bits, c.array("bits_per_spike_per_neuron"));
    }

    private static DMatrixRMaj matrix(double[] values, int columns) {
        DMatrixRMaj matrix = new DMatrixRMaj(values.length / columns, columns);
        Arrays.setAll(matrix.data, j -> values[j]);
        return matrix;
    }
}
