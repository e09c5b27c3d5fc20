package org.spikecast.kernel.internal;

import static java.lang.Math.fma;

import org.spikecast.kernel.Kernel;

/**
 * One update of Adam (Kingma and Ba, ICLR 2015), of the elements from {@code first} to {@code end - 1}, in plain code,
 * which HotSpot vectorises: {@link Kernel#adamUpdate}.
 */
public final class AdamUpdate {
    private AdamUpdate() {}

    public static void update(
            int first,
            int end,
            double[] theta,
            double[] gradient,
            double[] m,
            double[] v,
            double beta1,
            double beta2,
            double stepSize,
            double rootCorrection,
            double epsilon,
            double l2,
            double shrink) {
        for (int j = first; j < end; j++) {
            double g = fma(l2, theta[j], gradient[j]);
            m[j] = fma(1 - beta1, g - m[j], m[j]);
            v[j] = fma((1 - beta2) * g, g, beta2 * v[j]);
            theta[j] = shrink * theta[j] - stepSize * m[j] / (Math.sqrt(v[j]) / rootCorrection + epsilon);
        }
    }
}
