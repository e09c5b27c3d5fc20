package org.spikecast.kernel.internal;

import static java.lang.Math.fma;

/**
 * One step of an LSTM layer in plain code, forward and backward; the equations are numbered as in {@code Lstm}. All
 * arguments are H x B, z and its gradient four of them, one below the other.
 *
 * <p>Slopes keep their digits where gates saturate: i, f and o are kept by their {@link Tail}, and the slopes 1 - g^2
 * and 1 - tanh(c_t)^2 are kept, too.
 */
public final class LstmStep {
    private LstmStep() {}

    /**
     * Equations (2) to (5), for the elements from {@code first} to {@code end - 1}.
     *
     * @param gates z on entry; g and the tails of i, f and o on return
     * @param cLast c_(t-1)
     * @param c receives c_t
     * @param slopes receives 1 - g^2 and, below it, 1 - tanh(c_t)^2; null where no gradient is wanted
     * @param h receives h_t
     */
    public static void forward(
            int first, int end, MatrixView gates, MatrixView cLast, MatrixView c, MatrixView slopes, MatrixView h) {
        double[] z = gates.data(), cl = cLast.data(), ct = c.data(), ht = h.data();
        double[] sl = slopes == null ? null : slopes.data();
        int n = h.size();
        int zi = gates.offset(), zf = zi + n, zg = zf + n, zo = zg + n;
        int cl0 = cLast.offset(),
                c0 = c.offset(),
                sg = slopes == null ? 0 : slopes.offset(),
                sc = sg + n,
                h0 = h.offset();
        for (int j = first; j < end; j++) {
            double i = Tail.of(z[zi + j]); // (2)
            double f = Tail.of(z[zf + j]); // (2)
            double g = Elementary.tanh(z[zg + j], sl, sg + j); // (3)
            double o = Tail.of(z[zo + j]); // (2)
            z[zi + j] = i;
            z[zf + j] = f;
            z[zg + j] = g;
            z[zo + j] = o;
        }
        for (int j = first; j < end; j++) {
            double cj = fma(Tail.sigma(z[zf + j]), cl[cl0 + j], Tail.sigma(z[zi + j]) * z[zg + j]); // (4)
            ct[c0 + j] = cj;
            ht[h0 + j] = Tail.sigma(z[zo + j]) * Elementary.tanh(cj, sl, sc + j); // (5)
        }
    }

    /**
     * Equations (9) to (13), for the elements from {@code first} to {@code end - 1}.
     *
     * @param gates g and the tails of i, f and o
     * @param cLast c_(t-1)
     * @param slopes 1 - g^2 and 1 - tanh(c_t)^2
     * @param h h_t
     * @param dH dh_t
     * @param dC the gradient that arrives at c_t from step t + 1, dc_(t+1) f_(t+1); receives that at c_(t-1), dc_t f_t
     * @param dZ receives dz_t; may be the gates
     */
    public static void backward(
            int first,
            int end,
            MatrixView gates,
            MatrixView cLast,
            MatrixView slopes,
            MatrixView h,
            MatrixView dH,
            MatrixView dC,
            MatrixView dZ) {
        double[] z = gates.data(), cl = cLast.data(), sl = slopes.data(), ht = h.data();
        double[] dh = dH.data(), dc = dC.data(), dz = dZ.data();
        int n = dH.size();
        int zi = gates.offset(), zf = zi + n, zg = zf + n, zo = zg + n;
        int di = dZ.offset(), df = di + n, dg = df + n, dO = dg + n;
        int cl0 = cLast.offset(), sg = slopes.offset(), sc = sg + n, h0 = h.offset();
        int dh0 = dH.offset(), dc0 = dC.offset();
        for (int j = first; j < end; j++) {
            double i = z[zi + j];
            double f = z[zf + j];
            double g = z[zg + j];
            double o = z[zo + j];
            double dhj = dh[dh0 + j];
            double dcj = fma(dhj * Tail.sigma(o), sl[sc + j], dc[dc0 + j]); // (9)
            dz[dO + j] = dhj * ht[h0 + j] * Tail.complement(o); // (10): tanh(c_t) o is h_t
            dz[di + j] = dcj * g * Tail.slope(i); // (11)
            dz[df + j] = dcj * cl[cl0 + j] * Tail.slope(f); // (12)
            dz[dg + j] = dcj * Tail.sigma(i) * sl[sg + j]; // (13)
            dc[dc0 + j] = dcj * Tail.sigma(f); // (9), for the step before
        }
    }
}
