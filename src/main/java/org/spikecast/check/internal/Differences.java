package org.spikecast.check.internal;

import java.util.function.DoubleSupplier;
import org.spikecast.check.Objective;
import org.spikecast.kernel.RandomStream;
import org.spikecast.params.ParameterSet;

/**
 * Finite differences of a loss with respect to one parameter at a given step h, and the loss along lines.
 *
 * <pre>
 *  (1)  D2(h) = (L(h) - L(-h)) / 2h                              error: c h^2 + noise / h
 *  (2)  D4(h) = (8 (L(h) - L(-h)) - (L(2h) - L(-2h))) / 12h      error: c h^4 + 1.5 noise / h
 * </pre>
 *
 * <p>Large steps err by truncation, small ones by rounding: over h the error is a V. {@link Slope} chooses the step.
 */
public final class Differences {
    /** Moved parameters differ from the exact ones by less than an eighth of a step of this many ulps. */
    private static final double ULPS = 4;

    private static final double DOUBLE_STEP = 0x1p-51;
    private static final double FLOAT_STEP = 0x1p-22;

    private final ParameterSet parameters;
    private final Objective objective;
    private final double[] kept;

    /** Differences of an objective's loss around its present parameters. */
    public Differences(Objective objective) {
        this.objective = objective;
        parameters = objective.parameters();
        kept = new double[parameters.size()];
    }

    /** (1) for one parameter. */
    public double central(int index, double h) {
        return (lossAt(index, h) - lossAt(index, -h)) / (2 * h);
    }

    /** (2) for one parameter. */
    public double fourthOrder(int index, double h) {
        double near = lossAt(index, h) - lossAt(index, -h);
        double far = lossAt(index, 2 * h) - lossAt(index, -2 * h);
        return (8 * near - far) / (12 * h);
    }

    /** The error of (2) from the noise of the loss. */
    public static double roundingFloor(double noise, double h) {
        return 1.5 * noise / h;
    }

    /** The loss with one parameter moved, which is restored to the same bits. */
    public double lossAt(int index, double offset) {
        double value = parameters.get(index);
        try {
            parameters.set(index, value + offset);
            return objective.loss();
        } finally {
            parameters.set(index, value);
        }
    }

    /** The loss at theta + h d; the parameters are restored to the same bits. */
    double lossAlong(ParameterSet direction, double h) {
        return at(direction, h, objective::loss);
    }

    /** The result of a computation at theta + h d; the parameters are restored to the same bits. */
    private double at(ParameterSet direction, double h, DoubleSupplier compute) {
        int at = 0;
        for (int b = 0; b < parameters.blocks().size(); b++) {
            double[] theta = parameters.blocks().get(b).data();
            double[] d = direction.blocks().get(b).data();
            System.arraycopy(theta, 0, kept, at, theta.length);
            at += theta.length;
            for (int j = 0; j < theta.length; j++) {
                theta[j] += h * d[j];
            }
        }
        try {
            return compute.getAsDouble();
        } finally {
            at = 0;
            for (ParameterSet.Block block : parameters.blocks()) {
                System.arraycopy(kept, at, block.data(), 0, block.data().length);
                at += block.data().length;
            }
        }
    }

    /**
     * The gradient with every parameter moved at random by the least relative step that changes the loss: a few ulps,
     * more if it is computed in float32.
     */
    public void gradientNearby(RandomStream random, double loss, ParameterSet gradient) {
        ParameterSet step = parameters.zerosLike();
        for (int b = 0; b < parameters.blocks().size(); b++) {
            double[] theta = parameters.blocks().get(b).data();
            double[] d = step.blocks().get(b).data();
            for (int j = 0; j < theta.length; j++) {
                d[j] = (2 * random.nextDouble() - 1) * theta[j];
            }
        }
        double size = DOUBLE_STEP;
        while (size < FLOAT_STEP && lossAlong(step, size) == loss) {
            size *= 2;
        }
        at(step, size, () -> {
            objective.gradient(gradient);
            return 0;
        });
    }

    /** The derivative with respect to one parameter, at steps of its own. */
    public Slope slope(int index, double loss) {
        int block = parameters.blockOf(index);
        double value = Math.abs(parameters.get(index));
        double scale = Math.max(Math.max(1, value), scale(block)) / 4;
        return new Slope(h -> lossAt(index, h), loss, scale, value == 0 ? 0 : ULPS * Math.ulp(value));
    }

    /** The derivative along a direction whose entries are of the parameters' sizes. */
    public Slope slope(ParameterSet direction, double loss) {
        double shortest = 0;
        double largest = 0;
        for (int b = 0; b < parameters.blocks().size(); b++) {
            double[] theta = parameters.blocks().get(b).data();
            double[] d = direction.blocks().get(b).data();
            for (int j = 0; j < theta.length; j++) {
                largest = Math.max(largest, Math.abs(d[j]));
                if (theta[j] != 0 && d[j] != 0) {
                    shortest = Math.max(shortest, ULPS * Math.ulp(theta[j]) / Math.abs(d[j]));
                }
            }
        }
        return new Slope(h -> lossAlong(direction, h), loss, Math.max(1, 1 / largest) / 4, shortest);
    }

    /** The typical size of a block's parameters, a power of two; 1 if they are zero. */
    public double scale(int block) {
        double sum = 0;
        double[] theta = parameters.blocks().get(block).data();
        for (double t : theta) {
            sum += Math.abs(t) / theta.length;
        }
        return sum > 0 ? Math.scalb(1.0, Math.getExponent(sum)) : 1;
    }
}
