package org.spikecast.lstm;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.Kernel;

/** A loss function: one number from an output and its target, and the gradient that begins the backward pass. */
public interface Loss {
    /**
     * Evaluates the loss.
     *
     * @param output of the network
     * @param target of the same shape
     * @param dOutput receives the gradient with respect to the output, of the same shape
     */
    double evaluate(Kernel kernel, DMatrixRMaj output, DMatrixRMaj target, DMatrixRMaj dOutput);

    /**
     * The derivative of the loss along a change of the output, in dual numbers: to machine precision and not by way of
     * the gradient. NaN if the loss has none, in which case a gradient check uses finite differences only.
     *
     * @param output rows x 2 B dual numbers: the B columns of values, then the B columns of their derivatives
     * @param target rows x B
     */
    default double derivative(DMatrixRMaj output, DMatrixRMaj target) {
        return Double.NaN;
    }

    /**
     * The gradient with respect to the output in dual numbers, whose derivatives are the loss's second ones: for
     * Hessian-vector products.
     *
     * @param output rows x 2 B dual numbers, as above
     * @param target rows x B
     * @param dOutput receives rows x 2 B dual numbers
     * @return false if the loss has no such gradient
     */
    default boolean dualGradient(DMatrixRMaj output, DMatrixRMaj target, DMatrixRMaj dOutput) {
        return false;
    }
}
