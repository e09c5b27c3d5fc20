package org.spikecast.check;

import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.spikecast.params.ParameterSet;

/**
 * A function F of parameters with several outputs, and its claimed product v'J of a cotangent v with the Jacobian (a
 * vector-Jacobian product, the backward pass of one layer). Along each v it is an ordinary objective: the loss v'F with the
 * gradient v'J.
 */
public final class VectorObjective {
    private final ParameterSet parameters;
    private final int outputs;
    private final Consumer<double[]> function;
    private final BiConsumer<double[], ParameterSet> vectorJacobian;
    private final BiConsumer<ParameterSet, double[]> jacobianVector;

    /**
     * A function without an exact reference.
     *
     * @param outputs their number m
     * @param function writes the m outputs at the parameters' present values
     * @param vectorJacobian takes v of length m, and writes v'J into a set of the parameters' names and shapes that is zero
     */
    public VectorObjective(
            ParameterSet parameters,
            int outputs,
            Consumer<double[]> function,
            BiConsumer<double[], ParameterSet> vectorJacobian) {
        this(parameters, outputs, function, vectorJacobian, null);
    }

    /**
     * A function with an exact reference.
     *
     * @param outputs their number m
     * @param function writes the m outputs at the parameters' present values
     * @param vectorJacobian takes v of length m, and writes v'J into a set of the parameters' names and shapes that is zero
     * @param jacobianVector takes a direction u of the parameters, and writes J u, of length m, to machine precision and not by way
     *     of {@code vectorJacobian}; null if there is none
     */
    public VectorObjective(
            ParameterSet parameters,
            int outputs,
            Consumer<double[]> function,
            BiConsumer<double[], ParameterSet> vectorJacobian,
            BiConsumer<ParameterSet, double[]> jacobianVector) {
        if (outputs < 1) {
            throw new IllegalArgumentException("Outputs: expected at least 1, got " + outputs);
        }
        this.parameters = parameters;
        this.outputs = outputs;
        this.function = function;
        this.vectorJacobian = vectorJacobian;
        this.jacobianVector = jacobianVector;
    }

    /**
     * The gradient of an objective as a function, with the Hessian, which is symmetric, for its Jacobian: so a Hessian-vector
     * product is checked like a gradient.
     */
    public static VectorObjective ofGradient(Objective objective) {
        ParameterSet parameters = objective.parameters();
        ParameterSet gradient = parameters.zerosLike();
        ParameterSet direction = parameters.zerosLike();
        return new VectorObjective(
                parameters,
                parameters.size(),
                y -> {
                    gradient.setZero();
                    objective.gradient(gradient);
                    for (int j = 0; j < y.length; j++) {
                        y[j] = gradient.get(j);
                    }
                },
                (v, product) -> {
                    for (int j = 0; j < v.length; j++) {
                        direction.set(j, v[j]);
                    }
                    if (!objective.hessianProduct(direction, product)) {
                        throw new IllegalArgumentException("The objective has no Hessian-vector product to check");
                    }
                });
    }

    /** The number of outputs m. */
    public int outputs() {
        return outputs;
    }

    /** The loss v'F with the gradient v'J. */
    public Objective along(double[] cotangent) {
        if (cotangent.length != outputs) {
            throw new IllegalArgumentException(
                    "Cotangent: expected one entry per output, " + outputs + ", got " + cotangent.length);
        }
        double[] v = cotangent.clone();
        double[] y = new double[outputs];
        return Objective.of(
                parameters,
                () -> {
                    function.accept(y);
                    return dot(v, y);
                },
                gradient -> vectorJacobian.accept(v.clone(), gradient),
                direction -> {
                    if (jacobianVector == null) {
                        return Double.NaN;
                    }
                    jacobianVector.accept(direction, y);
                    return dot(v, y);
                });
    }

    /** An output that v leaves out adds nothing, even if it is no number. */
    private static double dot(double[] v, double[] y) {
        double sum = 0;
        for (int j = 0; j < v.length; j++) {
            sum = v[j] == 0 ? sum : Math.fma(v[j], y[j], sum);
        }
        return sum;
    }
}
