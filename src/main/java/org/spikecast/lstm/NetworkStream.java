package org.spikecast.lstm;

import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.Kernel;

/**
 * Runs a network one step at a time, as its input comes in (stateful). Weights are laid out once,
 * when the stream is made; a step allocates nothing. A stream is not for use by several threads at once.
 */
public final class NetworkStream {
    private final Kernel kernel;
    private final NetworkParameters parameters;
    private final NetworkTape tape;
    private final NetworkState state;
    private final DMatrixRMaj x;

    /**
     * A stream that begins with a state of zero.
     *
     * @param parameters which must not change while the stream is used; their output layer reads one state
     */
    public NetworkStream(Kernel kernel, NetworkParameters parameters) {
        if (parameters.config().headStates() > 1) {
            throw new IllegalArgumentException("A stream runs step by step, with one state at a time: the output layer"
                    + " of this network reads the last " + parameters.config().headStates()
                    + " at once; run it on whole windows");
        }
        this.kernel = kernel;
        this.parameters = parameters;
        PackedWeights packed = new PackedWeights(parameters.config());
        packed.pack(parameters);
        tape = NetworkTape.forwardOnly(parameters.config(), packed);
        state = NetworkState.zeros(parameters.config(), 1);
        x = new DMatrixRMaj(parameters.config().inputs(), 1);
    }

    /**
     * One step.
     *
     * @param input the I features of the step
     * @param output receives the O outputs
     */
    public void step(double[] input, double[] output) {
        NetworkConfig config = parameters.config();
        if (input.length != config.inputs() || output.length != config.outputs()) {
            throw new IllegalArgumentException("A step: expected " + config.inputs() + "  features and an array for  "
                    + config.outputs() + " outputs, got " + input.length + " and " + output.length);
        }
        System.arraycopy(input, 0, x.data, 0, input.length);
        Network.forward(kernel, parameters, x, state, tape);
        tape.copyFinalState(state);
        System.arraycopy(tape.output().data, 0, output, 0, output.length);
    }

    /** The state after the last step, (L H) x 1 each: to keep, or to begin with another one by writing to it. */
    public NetworkState state() {
        return state;
    }

    /** The sizes of the network. */
    public NetworkConfig config() {
        return parameters.config();
    }
}
