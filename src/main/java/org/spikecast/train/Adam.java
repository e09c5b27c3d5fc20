package org.spikecast.train;

import org.spikecast.kernel.Kernel;
import org.spikecast.params.ParameterSet;

/**
 * Adam (Kingma and Ba, ICLR 2015), with the rounding-relevant details of PyTorch's:
 *
 * <pre>
 *   m <- m + (1 - beta1) (g - m)          v <- beta2 v + (1 - beta2) g^2
 *   theta <- theta - lr / (1 - beta1^t)  m / (sqrt(v) / sqrt(1 - beta2^t) + eps)
 * </pre>
 *
 * The optimiser owns its moments; it knows nothing of what the parameters mean.
 */
public final class Adam {
    /** Decay of the first moment. */
    public static final double BETA1 = 0.9;

    /** Decay of the second moment. */
    public static final double BETA2 = 0.999;

    /** Keeps the denominator from zero. */
    public static final double EPSILON = 1e-8;

    private final Kernel kernel;
    private final ParameterSet parameters;
    private final ParameterSet m;
    private final ParameterSet v;
    private int updates;

    /** An optimiser of these parameters, with moments of zero. */
    public Adam(Kernel kernel, ParameterSet parameters) {
        this.kernel = kernel;
        this.parameters = parameters;
        this.m = parameters.zerosLike();
        this.v = parameters.zerosLike();
    }

    /** Changes the parameters by one step against the gradient. */
    public void update(ParameterSet gradient, double learningRate) {
        updates++;
        // StrictMath gives the same bits everywhere, and this is not a hot path.
        double stepSize = learningRate / (1 - StrictMath.pow(BETA1, updates));
        double rootCorrection = Math.sqrt(1 - StrictMath.pow(BETA2, updates));
        for (int b = 0; b < parameters.blocks().size(); b++) {
            double[] theta = parameters.blocks().get(b).data();
            kernel.adamUpdate(
                    theta.length,
                    theta,
                    gradient.blocks().get(b).data(),
                    m.blocks().get(b).data(),
                    v.blocks().get(b).data(),
                    BETA1,
                    BETA2,
                    stepSize,
                    rootCorrection,
                    EPSILON);
        }
    }
}
