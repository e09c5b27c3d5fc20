package org.spikecast.ode;

import org.spikecast.kernel.internal.Elementary;

/**
 * Step-size control. With err_n the error of step n in units of what is allowed (1 is just enough) and q the order
 * of the method's embedded one,
 *
 * <pre>
 *   accepted if err_n &lt;= 1    then h' = h 0.9 err_n^-(1/(q+1) - 0.03) err_(n-1)^0.04, from h/5 to 10 h    (1)
 *   otherwise                      h' = h 0.9 err_n^-(1/(q+1) - 0.03), at least h/5                       (2)
 *   not finite                     h' = h / 2                                                              (3)
 * </pre>
 *
 * (1) is the proportional-integral control of K. Gustafsson, ACM Trans. Math. Softw. 17:533 (1991), with the numbers of
 * HNW's program DOPRI5, where after a rejection the step does not grow at once. The error's norm is the largest over the
 * components, so that many cells solved at once are solved as well as each alone.
 *
 * @param rtol allowed error relative to the component, from 1e-14 on
 * @param atol allowed error beside that, above 0, in the components' units
 */
public record StepControl(double rtol, double atol) {
    private static final double LEAST_RTOL = 1e-14;
    private static final double SAFETY = 0.9;
    private static final double INTEGRAL = 0.04;
    private static final double SHRINK = 0.2;
    private static final double GROW = 10;

    /** An error below this counts as this: else a lucky step would call for huge ones. */
    private static final double LEAST_ERROR = 1e-4;

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public StepControl {
        if (!(rtol >= LEAST_RTOL && rtol < 1)) {
            throw new IllegalArgumentException(
                    "rtol must be from 1e-14 to below 1, got " + rtol + ": choose 1e-6 or so");
        }
        if (!(atol > 0 && atol < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "atol must be finite and above 0, got " + atol + ": choose 0.01 rtol or so");
        }
    }

    /** The factor of (1). */
    double afterAcceptance(double error, double lastError, boolean rejectedBefore, int embeddedOrder) {
        double factor =
                SAFETY * power(atLeast(error), -proportional(embeddedOrder)) * power(atLeast(lastError), INTEGRAL);
        return clamp(factor, rejectedBefore ? 1 : GROW);
    }

    /** The factor of (2) and (3). */
    double afterRejection(double error, int embeddedOrder) {
        return Double.isFinite(error) ? clamp(SAFETY * power(error, -proportional(embeddedOrder)), 1) : 0.5;
    }

    private static double proportional(int embeddedOrder) {
        return 1.0 / (embeddedOrder + 1) - 0.75 * INTEGRAL;
    }

    private static double atLeast(double error) {
        return Math.max(error, LEAST_ERROR);
    }

    private static double clamp(double factor, double most) {
        return Math.max(SHRINK, Math.min(most, factor));
    }

    private static double power(double x, double p) {
        return Elementary.exp(p * Elementary.log(x));
    }
}
