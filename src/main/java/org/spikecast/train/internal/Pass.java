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

/** Forward, loss and backward of some sequences side by side, and its workspace. */
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

    /** Where the features stand that are read, a sequence per column. */
    DMatrixRMaj x();

    /** Where the targets stand, a sequence per column. */
    DMatrixRMaj y();

    /** Whether the gradient with respect to what is read is needed on the way. */
    boolean goesDownToInput();

    /**
     * Evaluates loss and gradient.
     *
     * @param state from which the sequences go on, and receives the one that they come to; null for zeros, and to keep none
     * @param part by which loss and gradient are multiplied
     * @param gradient to it the gradient is added
     * @return the loss
     */
    double evaluate(NetworkParameters p, NetworkState state, double part, NetworkParameters gradient);

    /** Passes over sequences that are known beforehand. */
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
                    Network.backward(kernel, p, x, tape, dOutput, gradient, null, null);
                    return part * value;
                }
            };
        };
    }
}
