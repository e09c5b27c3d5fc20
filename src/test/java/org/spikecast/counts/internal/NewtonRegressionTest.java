package org.spikecast.counts.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.spikecast.kernel.internal.ScalarKernel;

class NewtonRegressionTest {
    /** Eight cases: y of the first three and of the others, x = 0 and 1. */
    private static NewtonRegression.Cases cases(double... y) {
        double[] x = {0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
        return batch -> batch.add(x, y, 8);
    }

    private static double[] fit(Likelihood likelihood, double penalty, double... y) {
        return new NewtonRegression(new ScalarKernel(), likelihood, 2).fit(cases(y), new double[2], penalty, 1e-12);
    }

    @Test
    void logOddsOfTwoGroups() {
        double[] w = fit(Likelihood.BERNOULLI, 0, 1, 0, 0, 1, 1, 1, 1, 0);
        double first = StrictMath.log(1 / 2.0);
        assertEquals(first, w[1], 1e-13); // measured: below 1e-15, likewise below
        assertEquals(StrictMath.log(4) - first, w[0], 1e-13);
    }

    @Test
    void logarithmOfTwoMeans() {
        double[] w = fit(Likelihood.POISSON, 0, 4, 0, 2, 1, 1, 3, 0, 0);
        assertEquals(StrictMath.log(2), w[1], 1e-13);
        assertEquals(StrictMath.log(0.5), w[0], 1e-13);
    }

    @Test
    void theGradientVanishesAtTheMaximumAndThePenaltyShrinks() {
        for (Likelihood likelihood : Likelihood.values()) {
            double[] y = {1, 0, 0, 1, 1, 1, 1, 0};
            double[] w = fit(likelihood, 0.7, y);
            NewtonRegression regression = new NewtonRegression(new ScalarKernel(), likelihood, 2);
            for (double g : regression.gradient(cases(y), w, 0.7)) {
                assertEquals(0, g, 1e-14); // measured: 5e-16
            }
            assertEquals(true, Math.abs(w[0]) < Math.abs(fit(likelihood, 0, y)[0]));
        }
    }

    @Test
    void overshootingStepsAreHalved() {
        // From a far start Newton's full step for the Poisson model would overflow.
        double[] w = new NewtonRegression(new ScalarKernel(), Likelihood.POISSON, 2)
                .fit(cases(400, 900, 200, 1, 1, 3, 0, 0), new double[] {0, -6}, 0, 1e-12);
        assertEquals(StrictMath.log(500), w[1], 1e-12);
    }

    @Test
    void refusesWhatIsNoNumber() {
        assertThrows(ArithmeticException.class, () -> fit(Likelihood.BERNOULLI, 0, Double.NaN, 0, 0, 1, 1, 1, 1, 0));
    }
}
