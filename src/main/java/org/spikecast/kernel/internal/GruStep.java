package org.spikecast.kernel.internal;

import static java.lang.Math.fma;

/**
 * One step of a GRU layer in plain code, forward and backward; the equations are numbered as in {@code Gru}. All
 * arguments are H x B, gates, q and their gradients three of them, one below the other.
 *
 * <p>Slopes keep their digits where gates saturate: r and z are kept by their {@link Tail}, and the slope of n, 1 - n^2,
 * takes the place of q_r, which nothing reads again.
 */
public final class GruStep {
    private GruStep() {}

    /**
     * Equations (2) to (5), for the elements from {@code first} to {@code end - 1}.
     *
     * @param gates a_t on entry; n and the tails of r and z on return
     * @param q q_t on entry; 1 - n^2 in the place of q_r on return
     * @param hLast h_(t-1)
     * @param h receives h_t
     */
    public static void forward(int first, int end, MatrixView gates, MatrixView q, MatrixView hLast, MatrixView h) {
        double[] a = gates.data(), qt = q.data(), hl = hLast.data(), ht = h.data();
        int size = h.size();
        int ar = gates.offset(), az = ar + size, an = az + size;
        int qr = q.offset(), qz = qr + size, qn = qz + size;
        int hl0 = hLast.offset(), h0 = h.offset();
        for (int j = first; j < end; j++) {
            double r = Tail.of(a[ar + j] + qt[qr + j]); // (2)
            double z = Tail.of(a[az + j] + qt[qz + j]); // (2)
            double n = Elementary.tanh(fma(Tail.sigma(r), qt[qn + j], a[an + j]), qt, qr + j); // (3)
            a[ar + j] = r;
            a[az + j] = z;
            a[an + j] = n;
            ht[h0 + j] = fma(Tail.sigma(z), hl[hl0 + j] - n, n); // (5)
        }
    }

    /**
     * Equations (10) to (13), for the elements from {@code first} to {@code end - 1}.
     *
     * @param gates n and the tails of r and z
     * @param q q_n and, in the place of q_r, 1 - n^2
     * @param hLast h_(t-1)
     * @param dH dh_t
     * @param dHLast dh_(t-1), to which dh_t z is added
     * @param dA receives da_t; may be the gates
     * @param dQ receives dq_t; may be q
     */
    public static void backward(
            int first,
            int end,
            MatrixView gates,
            MatrixView q,
            MatrixView hLast,
            MatrixView dH,
            MatrixView dHLast,
            MatrixView dA,
            MatrixView dQ) {
        double[] a = gates.data(), qt = q.data(), hl = hLast.data();
        double[] dh = dH.data(), dl = dHLast.data(), da = dA.data(), dq = dQ.data();
        int size = dH.size();
        int ar = gates.offset(), az = ar + size, an = az + size;
        int sn = q.offset(), qn = sn + 2 * size;
        int dar = dA.offset(), daz = dar + size, dan = daz + size;
        int dqr = dQ.offset(), dqz = dqr + size, dqn = dqz + size;
        int hl0 = hLast.offset(), dh0 = dH.offset(), dl0 = dHLast.offset();
        for (int j = first; j < end; j++) {
            double r = a[ar + j];
            double z = a[az + j];
            double n = a[an + j];
            double dhj = dh[dh0 + j];
            double dz = dhj * (hl[hl0 + j] - n) * Tail.slope(z); // (10)
            double dn = dhj * Tail.complement(z) * qt[sn + j]; // (11)
            double dr = dn * qt[qn + j] * Tail.slope(r); // (13)
            da[dar + j] = dr;
            da[daz + j] = dz;
            da[dan + j] = dn;
            dq[dqr + j] = dr;
            dq[dqz + j] = dz;
            dq[dqn + j] = dn * Tail.sigma(r); // (12)
            dl[dl0 + j] = fma(dhj, Tail.sigma(z), dl[dl0 + j]); // (8)
        }
    }
}
