package org.spikecast.train.internal;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.Kernel;
import org.spikecast.lstm.Loss;
import org.spikecast.lstm.Network;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkState;
import org.spikecast.lstm.NetworkTape;
import org.spikecast.lstm.PackedWeights;

/** The forward pass, loss and backward pass of sequences side by side, with their workspace. */
public interface Pass {
    /** Makes passes of a width. */
    @FunctionalInterface
    interface Factory {
        /**
         * A pass.
         *
         * @param width sequences
         * @param packed weights, packed by the caller before each evaluation
         */
        Pass of(int width, PackedWeights packed);
    }

    /** The features, to be set by the caller: (T I) x width, steps stacked by rows. */
    DMatrixRMaj x();

    /** The targets, to be set by the caller, a sequence per column. */
    DMatrixRMaj y();

    /** Whether the backward pass needs the gradient with respect to the features. */
    boolean goesDownToInput();

    /**
     * Evaluates loss and gradient.
     *
     * @param state the initial state, which is replaced by the final one; null for zeros and no final state
     * @param part the factor of loss and gradient
     * @param gradient receives the gradient
     * @return the loss times {@code part}
     */
    double evaluate(NetworkParameters p, NetworkState state, double part, NetworkParameters gradient);

    /** Passes over sequences that do not depend on the network's outputs. */
    static Factory over(Kernel kernel, Loss loss, NetworkConfig config, int steps, int outputSteps) {
        return (width, packed) -> {
            NetworkTape tape = new NetworkTape(config, steps, width, outputSteps, packed);
            DMatrixRMaj x = new DMatrixRMaj(steps * config.inputs(), width);
            DMatrixRMaj y = new DMatrixRMaj(outputSteps * config.outputs(), width);
            DMatrixRMaj dOutput = y.createLike();
            return new Pass() {
                @Override
                public DMatrixRMaj x() {
                    return x;
                }

                @Override
                public DMatrixRMaj y() {
                    return y;
                }

                @Override
                public boolean goesDownToInput() {
                    return false;
                }

                @Override
                public double evaluate(
                        NetworkParameters p, NetworkState state, double part, NetworkParameters gradient) {
                    Network.forward(kernel, p, x, state, tape);
                    if (state != null) {
                        tape.copyFinalState(state);
                    }
                    double value = loss.evaluate(kernel, tape.output(), y, dOutput);
                    for (int j = 0; j < dOutput.getNumElements(); j++) {
                        dOutput.data[j] *= part;
                    }
                    Network.backward(kernel, p, x, tape, dOutput, false, gradient, null, null);
                    return part * value;
                }
            };
        };
    }
}
