package org.spikecast.check;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;
import org.spikecast.params.ParameterSet;

/** A loss of some parameters and the gradient that is claimed for it: what a {@link GradientCheck} checks. */
public interface Objective {
    /** The parameters; a check changes their values, and restores them. */
    ParameterSet parameters();

    /** The loss at the parameters' present values: the same values must give the same loss. */
    double loss();

    /**
     * The claimed gradient at the parameters' present values.
     *
     * @param gradient of the parameters' names and shapes, all zero on entry; receives the gradient
     */
    void gradient(ParameterSet gradient);

    /**
     * The derivative of the loss along a direction, to machine precision and not by way of {@link #gradient}; or NaN if
     * there is no such reference, in which case finite differences must do.
     *
     * @param direction of the parameters' names and shapes
     */
    default double derivative(ParameterSet direction) {
        return Double.NaN;
    }

    /**
     * The product of the loss's Hessian with a direction, which is the derivative of the gradient along it.
     *
     * @param direction of the parameters' names and shapes
     * @param product of the same, all zero on entry; receives the product
     * @return false if there is no such product, in which case {@code product} stays as it is
     */
    default boolean hessianProduct(ParameterSet direction, ParameterSet product) {
        return false;
    }

    /** The meaning of an entry of a block, for readers, beside its row and column. */
    default String describe(ParameterSet.Block block, int row, int column) {
        return "";
    }

    /**
     * Where the computation of the gradient first goes wrong, for readers; empty if unknown. Called only if the check
     * has failed.
     */
    default String locate() {
        return "";
    }

    /** The meaning of each row group of equal size in a block, such as gates; empty if there are none. */
    default List<String> rowGroups(ParameterSet.Block block) {
        return List.of();
    }

    /** An objective from two functions. */
    static Objective of(ParameterSet parameters, DoubleSupplier loss, Consumer<ParameterSet> gradient) {
        return of(parameters, loss, gradient, direction -> Double.NaN);
    }

    /**
     * An objective from three functions, the third one a reference that is not derived from the gradient.
     *
     * @param derivative the loss's derivative along a direction, to machine precision: by dual numbers, by a complex step, or in
     *     closed form
     */
    static Objective of(
            ParameterSet parameters,
            DoubleSupplier loss,
            Consumer<ParameterSet> gradient,
            ToDoubleFunction<ParameterSet> derivative) {
        return new Objective() {
            @Override
            public ParameterSet parameters() {
                return parameters;
            }

            @Override
            public double loss() {
                return loss.getAsDouble();
            }

            @Override
            public void gradient(ParameterSet result) {
                gradient.accept(result);
            }

            @Override
            public double derivative(ParameterSet direction) {
                return derivative.applyAsDouble(direction);
            }
        };
    }
}
