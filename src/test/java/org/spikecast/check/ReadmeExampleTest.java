package org.spikecast.check;

import org.junit.jupiter.api.Test;
import org.spikecast.params.ParameterSet;

class ReadmeExampleTest {
    /** The README shows this as it stands. */
    @Test
    void checksAFunctionOfItsOwn() {
        ParameterSet.Builder declare = new ParameterSet.Builder();
        double[] w = declare.vector("w", 3).data;
        ParameterSet parameters = declare.build();
        w[0] = 0.5;
        GradientCheck.check(Objective.of(
                        parameters,
                        () -> w[0] * w[0] * w[1] + 3 * w[2],
                        gradient -> gradient.blocks().get(0).matrix().setData(new double[] {
                            2 * w[0] * w[1], w[0] * w[0], 3
                        })))
                .assertPassed();
    }
}
