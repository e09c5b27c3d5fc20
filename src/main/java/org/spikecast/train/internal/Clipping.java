package org.spikecast.train.internal;

import org.spikecast.kernel.Kernel;
import org.spikecast.params.ParameterSet;

/** Gradient clipping, by norm or by value. */
public final class Clipping {
    private Clipping() {}

    /** The Euclidean norm over all parameters. */
    public static double norm(Kernel kernel, ParameterSet gradient) {
        double squares = 0;
        for (int b = 0; b < gradient.blocks().size(); b++) {
            double[] g = gradient.blocks().get(b).data();
            squares += kernel.sumOfSquares(g.length, g);
        }
        return Math.sqrt(squares);
    }

    /**
     * Scales a gradient to a norm of about {@code maxNorm} if its norm is larger: the factor is maxNorm / (norm +
     * 1e-6), at most 1, as in PyTorch's clip_grad_norm_.
     *
     * @return the norm before
     */
    public static double byNorm(Kernel kernel, ParameterSet gradient, double maxNorm) {
        double norm = norm(kernel, gradient);
        double factor = maxNorm / (norm + 1e-6);
        if (factor < 1) {
            for (int b = 0; b < gradient.blocks().size(); b++) {
                double[] g = gradient.blocks().get(b).data();
                for (int j = 0; j < g.length; j++) {
                    g[j] *= factor;
                }
            }
        }
        return norm;
    }

    /** Clips every entry of a gradient at +-{@code maxValue}, as PyTorch's clip_grad_value_. */
    public static void byValue(ParameterSet gradient, double maxValue) {
        for (ParameterSet.Block block : gradient.blocks()) {
            double[] g = block.data();
            for (int j = 0; j < g.length; j++) {
                g[j] = Math.max(-maxValue, Math.min(maxValue, g[j]));
            }
        }
    }
}
