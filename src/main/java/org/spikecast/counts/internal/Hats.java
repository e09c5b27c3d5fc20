package org.spikecast.counts.internal;

/**
 * Piecewise linear functions of the trace v: hats phi_j, of which two neighbouring ones differ from 0 at any v, times
 * the monomials mu of the neighbours' expected spikes. Excitatory and inhibitory neurons have coefficients A of their
 * own.
 *
 * <pre>
 *  (1)  phi_j(v) = max(1 - |clip(v, 0.551, 1.059) - 0.55 - 0.034 j| / 0.034, 0)      j = 0 ... 15
 *  (2)  mu = (1) in stage 0, else (1, x, x', y, y', x (y + y'), x' (y + y'), x'^2, (y + y')^2)
 *  (3)  z += phi(v)' A mu
 * </pre>
 *
 * <p>x is the probability that at least one excitatory neighbour spikes, x + x' the expected number of those that
 * spike; y and y' are the same for inhibitory neighbours.
 *
 * <p>Backward:
 *
 * <pre>
 *  (4)  dA += dz phi mu'    dv += dz phi'(v)' A mu    dx += dz phi' A dmu/dx, likewise dx', dy, dy'
 * </pre>
 */
final class Hats {
    private static final double FIRST = 0.55;
    private static final double STEP = 0.034;
    private static final double LOWEST = 0.551;
    private static final double HIGHEST = 1.059;

    private Hats() {}

    /**
     * The position of v among the hats: with j its integer part and r the rest, phi_j(v) = 1 - r and phi_(j+1)(v) = r.
     */
    private static double place(double v) {
        return (Math.max(LOWEST, Math.min(v, HIGHEST)) - FIRST) / STEP;
    }

    /** The summand of (3) in stage 0. */
    static double value(double[] a, int type, double v) {
        double place = place(v);
        int hat = (int) place;
        int at = type * CoupledConfig.HATS + hat;
        double part = place - hat;
        return (1 - part) * a[at] + part * a[at + 1]; // (3)
    }

    /** (4) of stage 0: adds to da. Returns dv. */
    static double backward(double[] a, int type, double v, double dz, double[] da) {
        double place = place(v);
        int hat = (int) place;
        int at = type * CoupledConfig.HATS + hat;
        double part = place - hat;
        da[at] += dz * (1 - part);
        da[at + 1] += dz * part;
        return slope(v, a[at + 1] - a[at]) * dz;
    }

    /** The slope of a function that rises by {@code rise} from one hat to the next. */
    private static double slope(double v, double rise) {
        return v > LOWEST && v < HIGHEST ? rise / STEP : 0;
    }

    /** The summand of (3) in a message step. */
    static double value(double[] a, int type, double v, double x, double x1, double y, double y1) {
        double place = place(v);
        int hat = (int) place;
        int at = (type * CoupledConfig.HATS + hat) * CoupledConfig.MONOMIALS;
        double part = place - hat;
        double low = product(a, at, x, x1, y, y1);
        double high = product(a, at + CoupledConfig.MONOMIALS, x, x1, y, y1);
        return (1 - part) * low + part * high; // (3)
    }

    /** a mu, with the elements of a that begin at an offset. */
    private static double product(double[] a, int at, double x, double x1, double y, double y1) {
        double sum = y + y1;
        return a[at]
                + x * (a[at + 1] + a[at + 5] * sum)
                + x1 * (a[at + 2] + a[at + 6] * sum + a[at + 7] * x1)
                + a[at + 3] * y
                + a[at + 4] * y1
                + a[at + 8] * sum * sum;
    }

    /**
     * (4) of a message step: adds to da.
     *
     * @param d receives dv, dx, dx', dy, dy'
     */
    static void backward(
            double[] a,
            int type,
            double v,
            double x,
            double x1,
            double y,
            double y1,
            double dz,
            double[] da,
            double[] d) {
        double place = place(v);
        int hat = (int) place;
        int low = (type * CoupledConfig.HATS + hat) * CoupledConfig.MONOMIALS;
        int high = low + CoupledConfig.MONOMIALS;
        double part = place - hat;
        addMonomials(da, low, dz * (1 - part), x, x1, y, y1);
        addMonomials(da, high, dz * part, x, x1, y, y1);
        d[0] = slope(v, product(a, high, x, x1, y, y1) - product(a, low, x, x1, y, y1)) * dz;
        d[1] = 0;
        d[2] = 0;
        d[3] = 0;
        d[4] = 0;
        addDerivatives(a, low, dz * (1 - part), x, x1, y + y1, d);
        addDerivatives(a, high, dz * part, x, x1, y + y1, d);
    }

    /** da += f mu. */
    private static void addMonomials(double[] da, int at, double f, double x, double x1, double y, double y1) {
        double sum = y + y1;
        da[at] += f;
        da[at + 1] += f * x;
        da[at + 2] += f * x1;
        da[at + 3] += f * y;
        da[at + 4] += f * y1;
        da[at + 5] += f * x * sum;
        da[at + 6] += f * x1 * sum;
        da[at + 7] += f * x1 * x1;
        da[at + 8] += f * sum * sum;
    }

    /** d += f times the derivatives of a mu with respect to x, x', y and y'. */
    private static void addDerivatives(double[] a, int at, double f, double x, double x1, double sum, double[] d) {
        double both = a[at + 5] * x + a[at + 6] * x1 + 2 * a[at + 8] * sum;
        d[1] += f * (a[at + 1] + a[at + 5] * sum);
        d[2] += f * (a[at + 2] + a[at + 6] * sum + 2 * a[at + 7] * x1);
        d[3] += f * (a[at + 3] + both);
        d[4] += f * (a[at + 4] + both);
    }
}
