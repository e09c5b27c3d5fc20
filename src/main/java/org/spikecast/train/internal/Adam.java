package org.spikecast.train.internal;

import java.util.LinkedHashMap;
import java.util.Map;
import org.spikecast.kernel.Kernel;
import org.spikecast.params.ParameterSet;
import org.spikecast.train.Optimiser;

/**
 * Adam (Kingma and Ba, ICLR 2015), with the rounding-relevant details of PyTorch's:
 *
 * <pre>{@code
 *   m <- m + (1 - beta1) (g - m)          v <- beta2 v + (1 - beta2) g^2
 *   theta <- theta - lr / (1 - beta1^t)  m / (sqrt(v) / sqrt(1 - beta2^t) + eps)
 * }</pre>
 *
 * <p>Weight decay comes in two kinds: as a penalty, {@code g <- g + decay theta} before all else; or decoupled,
 * {@code theta <- (1 - lr decay) theta} before the step, which makes it AdamW (Loshchilov and Hutter, ICLR 2019).
 */
public final class Adam implements Optimiser {
    /**
     * The constants of the method.
     *
     * @param beta1 decay of the first moment
     * @param beta2 decay of the second moment
     * @param epsilon keeps the denominator from zero
     * @param weightDecay the coefficient of weight decay
     * @param decoupled whether weight decay is AdamW's
     */
    public record Options(double beta1, double beta2, double epsilon, double weightDecay, boolean decoupled) {
        /** Those of the original paper: 0.9, 0.999, 1e-8, no weight decay. */
        public static final Options DEFAULT = new Options(0.9, 0.999, 1e-8, 0, false);

        public Options {
            if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1)) {
                throw new IllegalArgumentException("Adam's betas: expected 0 to 1, got " + beta1 + " and " + beta2);
            }
            if (!(epsilon >= 0) || !(weightDecay >= 0) || epsilon + weightDecay == Double.POSITIVE_INFINITY) {
                throw new IllegalArgumentException(
                        "Adam's epsilon and weight decay: expected numbers of 0 or more, got " + epsilon + " and "
                                + weightDecay);
            }
        }
    }

    private final Kernel kernel;
    private final ParameterSet parameters;
    private final Options options;
    private final ParameterSet m;
    private final ParameterSet v;
    private final Powers powers1;
    private final Powers powers2;
    private long updates;

    /** An optimiser of these parameters, with moments of zero. */
    public Adam(Kernel kernel, ParameterSet parameters, Options options) {
        this.kernel = kernel;
        this.parameters = parameters;
        this.options = options;
        this.m = parameters.zerosLike();
        this.v = parameters.zerosLike();
        powers1 = new Powers(options.beta1);
        powers2 = new Powers(options.beta2);
    }

    @Override
    public void update(ParameterSet gradient, double learningRate) {
        parameters.requireSameShapes(gradient);
        updates++;
        double stepSize = learningRate / (1 - powers1.next());
        double rootCorrection = Math.sqrt(1 - powers2.next());
        double decay = options.weightDecay;
        for (int b = 0; b < parameters.blocks().size(); b++) {
            double[] theta = parameters.blocks().get(b).data();
            kernel.adamUpdate(
                    theta.length,
                    theta,
                    gradient.blocks().get(b).data(),
                    m.blocks().get(b).data(),
                    v.blocks().get(b).data(),
                    options.beta1,
                    options.beta2,
                    stepSize,
                    rootCorrection,
                    options.epsilon,
                    options.decoupled ? 0 : decay,
                    options.decoupled ? 1 - learningRate * decay : 1);
        }
    }

    /** m, of the parameters' names and shapes. */
    ParameterSet firstMoment() {
        return m;
    }

    @Override
    public long updates() {
        return updates;
    }

    @Override
    public Map<String, ParameterSet> memory() {
        Map<String, ParameterSet> memory = new LinkedHashMap<>();
        memory.put("adam.m", m);
        memory.put("adam.v", v);
        return memory;
    }

    @Override
    public void resume(long count) {
        powers1.begin();
        powers2.begin();
        for (updates = 0; updates < count; updates++) {
            powers1.next();
            powers2.next();
        }
    }

    /** The powers x, x^2, ... one after the other, each as a sum of two doubles: StrictMath.pow allocates on some JDKs. */
    private static final class Powers {
        private final double x;
        private double power;
        private double rest;

        Powers(double x) {
            this.x = x;
            begin();
        }

        void begin() {
            power = 1;
            rest = 0;
        }

        /** The next power, rounded once, as pow gives it to PyTorch. */
        double next() {
            double next = power * x;
            rest = Math.fma(rest, x, Math.fma(power, x, -next));
            power = next;
            return power + rest;
        }
    }
}
