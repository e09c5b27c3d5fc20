package org.spikecast.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.counts.CoupledForecaster;
import org.spikecast.counts.Series;
import org.spikecast.counts.internal.CoupledObjective;
import org.spikecast.io.internal.Json;
import org.spikecast.kernel.Kernel;
import org.spikecast.lstm.Network;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkState;
import org.spikecast.lstm.NetworkTape;
import org.spikecast.model.Forecaster;
import org.spikecast.model.ModelFile;
import org.spikecast.model.internal.Layout;
import org.spikecast.params.ParameterSet;

/** {@code spikecast gradients}: loss and gradients of a network for given sequences and targets, in its own units. */
final class GradientsCommand extends Command {
    private final SequenceOptions sequences = new SequenceOptions(this);
    private final Option<Path> target =
            required("--target", Path.class, "Y.npy", "Targets: sequences x outputs, or sequences x steps x outputs.");
    private final OutputOptions outputs = new OutputOptions(this);
    private final Option<Path> output = outputs.add(
            required(
                    "--output",
                    Path.class,
                    "G.safetensors",
                    "File for the gradients of all parameters, under their names, and of input, h0 and c0."),
            "safetensors");

    GradientsCommand() {
        super(
                "gradients",
                "Writes the gradients of a model's loss in the network's own units; inspect shows them step by step.",
                "spikecast gradients --model model.safetensors --input x.npy --target y.npy --output g.safetensors",
                "spikecast gradients --model model.safetensors --input x.npy --target y.npy --all-steps --output g.safetensors");
    }

    @Override
    int run(Console console, List<String> arguments) throws Exception {
        outputs.check();
        CoupledForecaster coupled = sequences.coupled();
        if (coupled != null) {
            return coupled(console, coupled);
        }
        Forecaster model = sequences.model();
        NetworkParameters network = model.network();
        NetworkConfig config = network.config();
        SequenceOptions.Sequences x = sequences.input(config);
        NetworkState initial = sequences.state(config, x.batch());
        int outputSteps = sequences.allSteps.get() ? x.steps() : 1;
        DMatrixRMaj input = Layout.toColumns(x.x(), 1, x.batch(), x.steps() * config.inputs());
        DMatrixRMaj wanted = Layout.toColumns(
                sequences.target(target.get(), model, x), 1, x.batch(), outputSteps * config.outputs());

        Kernel kernel = console.kernel(3 * x.work(network)); // backward takes twice as many as forward
        NetworkTape tape = new NetworkTape(config, x.steps(), x.batch(), outputSteps);
        Network.forward(kernel, network, input, initial, tape);
        DMatrixRMaj dOutput = wanted.createLike();
        double loss = model.loss().evaluate(kernel, tape.output(), wanted, dOutput);
        NetworkParameters gradient = new NetworkParameters(config);
        DMatrixRMaj dx = input.createLike();
        NetworkState dInitial = NetworkState.zeros(config, x.batch());
        Network.backward(kernel, network, input, tape, dOutput, gradient, dx, dInitial);
        if (!Double.isFinite(loss)) {
            throw new ArithmeticException("The loss is " + loss + ": look at the sizes of weights and targets");
        }
        ModelFile.writeGradients(output.get(), gradient, dx, dInitial);
        console.print(Json.writeCompact(Map.of("loss", loss)));
        return Main.DONE;
    }

    /**
     * Gradients of a model of the form coupled. Its loss is the mean negative log-likelihood of whether each neuron
     * spikes in the bin after each step, over steps, neurons and sequences.
     */
    private int coupled(Console console, CoupledForecaster forecaster) throws Exception {
        int n = forecaster.neurons();
        List<Series> all = sequences.series(forecaster);
        int steps = all.get(0).bins();
        double[] y = SequenceOptions.target(target.get(), new int[] {all.size(), steps, n})
                .doubles();
        ParameterSet sum = forecaster.parameterSet().zerosLike();
        ParameterSet one = forecaster.parameterSet().zerosLike();
        double loss = 0;
        for (int b = 0; b < all.size(); b++) {
            double[] next = Arrays.copyOfRange(y, b * steps * n, (b + 1) * steps * n);
            CoupledObjective objective = forecaster.objective(console.kernel(), all.get(b), next);
            loss += objective.loss() / all.size();
            objective.gradient(one);
            for (int j = 0; j < sum.size(); j++) {
                sum.set(j, sum.get(j) + one.get(j) / all.size());
            }
        }
        if (!Double.isFinite(loss)) {
            throw new ArithmeticException("The loss is " + loss + ": look at the sizes of weights and targets");
        }
        forecaster.writeGradient(output.get(), sum);
        console.print(Json.writeCompact(Map.of("loss", loss)));
        return Main.DONE;
    }
}
