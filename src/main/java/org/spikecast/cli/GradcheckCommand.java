package org.spikecast.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.check.GradientCheck;
import org.spikecast.check.GradientReport;
import org.spikecast.check.NetworkObjective;
import org.spikecast.check.Objective;
import org.spikecast.check.internal.SelfTest;
import org.spikecast.counts.CoupledForecaster;
import org.spikecast.io.internal.AtomicFiles;
import org.spikecast.io.internal.Json;
import org.spikecast.kernel.RandomStream;
import org.spikecast.lstm.Network;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkState;
import org.spikecast.model.Forecaster;
import org.spikecast.report.internal.Chart;
import org.spikecast.train.LossFunction;

/** {@code spikecast gradcheck}: checks backpropagation through time of a random or a given model. */
final class GradcheckCommand extends Command {
    private final Option<Path> model = option("--model", Path.class, "M.safetensors", null, "Model to check.")
            .byDefault("a random one of the sizes below");
    private final Option<String> cell = LearningOptions.cellOption(this);
    private final Option<Integer> layers = size("--layers", "2", "Number of layers.");
    private final Option<Integer> inputs = size("--inputs", "3", "Number of input features.");
    private final Option<Integer> hidden = size("--hidden", "5", "Hidden units per layer.");
    private final Option<Integer> outputs = size("--outputs", "2", "Number of outputs.");
    private final Option<Integer> steps = size("--steps", "7", "Time steps per sequence.");
    private final Option<Integer> batch = size("--batch", "3", "Number of sequences.");
    private final Option<Boolean> allSteps =
            flag("--all-steps", "Compute the loss from the outputs of all steps, not only of the last one.");
    private final LossOption loss = new LossOption(this, "the model's, or mse");
    private final Option<Integer> entries = option(
                    "--entries",
                    Integer.class,
                    "N",
                    null,
                    "Maximum number of entries to check; beyond it, a random sample is checked.")
            .byDefault("10000, fewer for many parameters");
    private final Option<Long> seed = seed();
    private final Option<Boolean> json = json();
    private final OutputOptions written = new OutputOptions(this);
    private final Option<Path> curve = written.add(
            option(
                    "--curve",
                    Path.class,
                    "V.svg",
                    null,
                    "File for the V curve: the error of finite differences over their step size."),
            "svg");

    private final Option<Boolean> table = flag("--table", "Also print the V curve, as a table.");
    private final Option<Boolean> selfTest =
            flag("--self-test", "Check the checker itself: right gradients must pass, wrong ones must fail.");

    GradcheckCommand() {
        super(
                "gradcheck",
                "Checks every gradient of a network on random sequences, a random state and random targets.",
                "spikecast gradcheck --layers 2 --hidden 8",
                "spikecast gradcheck --model model.safetensors --steps 20 --json");
    }

    private Option<Integer> size(String name, String defaultValue, String description) {
        return option(name, Integer.class, "N", defaultValue, description);
    }

    @Override
    int run(Console console, List<String> arguments) throws Exception {
        if (selfTest.get()) {
            return selfTest(console);
        }
        written.check();
        if (model.get() != null) {
            refuse("the model of --model has its own sizes", layers, inputs, hidden, outputs);
        }
        CoupledForecaster coupled = model.get() == null ? null : CoupledForecaster.read(model.get());
        if (coupled != null) {
            refuse("the form coupled has one loss, of every step of one series", allSteps, batch);
            return check(console, coupled.objective(console.kernel(), steps.get(), seed.get()));
        }
        RandomStream weights = RandomStream.of(seed.get(), "weights");
        Forecaster checked = model.get() != null
                ? Models.read(model.get())
                : Forecaster.bare(NetworkParameters.random(
                        new NetworkConfig(inputs.get(), hidden.get(), layers.get(), outputs.get())
                                .with(LearningOptions.cell(cell)),
                        0,
                        weights));
        NetworkParameters network = checked.network();
        LossFunction lossFunction = loss.or(checked.loss());
        NetworkConfig config = network.config();
        if (steps.get() < 1 || batch.get() < 1) {
            throw new IllegalArgumentException(
                    "Steps and sequences: expected at least 1, got " + steps.get() + " and " + batch.get());
        }
        RandomStream data = RandomStream.of(seed.get(), "gradient check data");
        DMatrixRMaj input = numbers(steps.get() * config.inputs(), data::nextGaussian);
        DMatrixRMaj[] state = new DMatrixRMaj[config.cell().states().size()];
        for (int k = 0; k < state.length; k++) {
            state[k] = numbers(config.layers() * config.hidden(), data::nextGaussian);
        }
        NetworkObjective objective = new NetworkObjective(
                console.kernel(),
                Network::backward,
                lossFunction,
                network,
                input,
                new NetworkState(state),
                numbers((allSteps.get() ? steps.get() : 1) * config.outputs(), () -> lossFunction.randomTarget(data)));
        return check(console, objective);
    }

    private int check(Console console, Objective objective) throws IOException {
        GradientReport report = GradientCheck.check(
                objective,
                entries.get() != null
                        ? entries.get()
                        : GradientCheck.defaultEntries(objective.parameters().size()),
                seed.get());
        if (curve.get() != null && report.curve() != null) {
            AtomicFiles.write(curve.get(), picture(report.curve()));
        }
        String text = report.text() + (table.get() ? report.curveText() : "");
        console.print((json.get() ? Json.write(report.json()) : text).stripTrailing());
        return report.verdict() == GradientReport.Verdict.PASS ? Main.DONE : Main.CHECK_FAILED;
    }

    private int selfTest(Console console) {
        List<SelfTest.Result> results = SelfTest.run();
        console.print((json.get() ? Json.write(SelfTest.json(results)) : SelfTest.text(results)).stripTrailing());
        return results.stream().anyMatch(SelfTest.Result::mistaken) ? Main.CHECK_FAILED : Main.DONE;
    }

    private static String picture(GradientReport.VCurve curve) {
        return Chart.of("Error of finite differences along a random direction", "step h", "error")
                .line("central, second order", curve.step(), visible(curve.central()))
                .line("central, fourth order", curve.step(), visible(curve.fourth()))
                .logX()
                .logY()
                .svg();
    }

    /** An error of zero has no place on a logarithmic axis. */
    private static double[] visible(double[] errors) {
        return Arrays.stream(errors).map(e -> e > 0 ? e : Double.NaN).toArray();
    }

    private DMatrixRMaj numbers(int rows, DoubleSupplier random) {
        DMatrixRMaj m = new DMatrixRMaj(rows, batch.get());
        for (int j = 0; j < m.getNumElements(); j++) {
            m.data[j] = random.getAsDouble();
        }
        return m;
    }
}
