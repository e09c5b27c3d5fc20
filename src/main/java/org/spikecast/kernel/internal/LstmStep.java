package org.spikecast.kernel.internal;

import static java.lang.Math.fma;

/**
 * One step of an LSTM layer in plain code, forward and backward; the equations are numbered as in {@code Lstm}. All
 * arguments are H x B, z and its gradient four of them, one below the other.
 */
public final class LstmStep {
    private LstmStep() {}

    /**
     * Equations (2) to (5).
     *
     * @param gates z on entry; i, f, g, o on return
     * @param cLast c_(t-1)
     * @param c receives c_t
     * @param tanhC receives tanh(c_t)
     * @param h receives h_t
     */
    public static void forward(MatrixView gates, MatrixView cLast, MatrixView c, MatrixView tanhC, MatrixView h) {
        double[] z = gates.data(), cl = cLast.data(), ct = c.data(), th = tanhC.data(), ht = h.data();
        int n = h.size();
        int zi = gates.offset(), zf = zi + n, zg = zf + n, zo = zg + n;
        int cl0 = cLast.offset(), c0 = c.offset(), th0 = tanhC.offset(), h0 = h.offset();
        for (int j = 0; j < n; j++) {
            double i = Elementary.sigma(z[zi + j]); // (2)
            double f = Elementary.sigma(z[zf + j]); // (2)
            double g = Elementary.tanh(z[zg + j]); // (3)
            double o = Elementary.sigma(z[zo + j]); // (2)
            double cj = fma(f, cl[cl0 + j], i * g); // (4)
            double tanh = Elementary.tanh(cj); // (5)
            z[zi + j] = i;
            z[zf + j] = f;
            z[zg + j] = g;
            z[zo + j] = o;
            ct[c0 + j] = cj;
            th[th0 + j] = tanh;
            ht[h0 + j] = o * tanh; // (5)
        }
    }

    /**
     * Equations (9) to (13), for the elements from {@code first} on.
     *
     * @param gates i, f, g, o
     * @param cLast c_(t-1)
     * @param tanhC tanh(c_t)
     * @param dH dh_t
     * @param dC what arrives at c_t from step t + 1, dc_(t+1) f_(t+1); receives what arrives at c_(t-1), dc_t f_t
     * @param dZ receives dz_t; may be the gates
     */
    public static void backward(
            int first,
            MatrixView gates,
            MatrixView cLast,
            MatrixView tanhC,
            MatrixView dH,
            MatrixView dC,
            MatrixView dZ) {
        double[] z = gates.data(), cl = cLast.data(), th = tanhC.data();
        double[] dh = dH.data(), dc = dC.data(), dz = dZ.data();
        int n = dH.size();
        int zi = gates.offset(), zf = zi + n, zg = zf + n, zo = zg + n;
        int di = dZ.offset(), df = di + n, dg = df + n, dO = dg + n;
        int cl0 = cLast.offset(), th0 = tanhC.offset(), dh0 = dH.offset(), dc0 = dC.offset();
        for (int j = first; j < n; j++) {
            double i = z[zi + j];
            double f = z[zf + j];
            double g = z[zg + j];
            double o = z[zo + j];
            double tanh = th[th0 + j];
            double dhj = dh[dh0 + j];
            double dcj = fma(dhj * o, fma(-tanh, tanh, 1), dc[dc0 + j]); // (9)
            dz[dO + j] = dhj * tanh * (o * (1 - o)); // (10)
            dz[di + j] = dcj * g * (i * (1 - i)); // (11)
            dz[df + j] = dcj * cl[cl0 + j] * (f * (1 - f)); // (12)
            dz[dg + j] = dcj * i * fma(-g, g, 1); // (13)
            dc[dc0 + j] = dcj * f; // (9), for the step before
        }
    }
}
