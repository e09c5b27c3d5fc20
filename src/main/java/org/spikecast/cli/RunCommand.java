package org.spikecast.cli;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.spikecast.counts.Form;
import org.spikecast.counts.RingStudy;
import org.spikecast.counts.internal.CoupledStudy;
import org.spikecast.counts.internal.Evaluation;
import org.spikecast.counts.internal.ForecastExperiment;
import org.spikecast.counts.internal.RingData;
import org.spikecast.io.internal.Label;
import org.spikecast.kernel.Kernel;
import org.spikecast.neuron.Ca1Regime;
import org.spikecast.run.RunFolder;

/** {@code spikecast run}: an experiment from simulation to report. */
final class RunCommand extends Command {
    private static final RingStudy USUAL = new RingStudy(60, false, 1);

    private final Option<String> experiment = parameter(
                    "EXPERIMENT",
                    "ring-60 or ring-600: a ring network of 60 or 600 neurons. ca1-regular-bursting, ca1-irregular-bursting"
                            + " and ca1-regular-spiking have other options: spikecast run ca1-regular-bursting --help.")
            .choices(Stream.concat(
                            Stream.of("ring-60", "ring-600"),
                            Arrays.stream(Ca1Regime.values()).map(r -> "ca1-" + Label.of(r)))
                    .toList());
    private final RunOptions run = new RunOptions(this);
    private final Option<Long> seed = seed();
    private final Option<Boolean> smoke =
            flag("--smoke", "Smoke test of seconds: tiny sizes, one epoch; its scores are meaningless.");
    private final Option<Integer> branches = option(
                    "--branches", Integer.class, "N", null, "Monte-Carlo branches of the oracle from each state.")
            .byDefault(USUAL.branches());
    private final CeilingOptions ceiling = new CeilingOptions(this);
    private final NetworkOptions network = new NetworkOptions(this, USUAL.setup());
    private final ForecasterOptions forecaster = new ForecasterOptions(this, USUAL, List.of(Form.SHARED, Form.FULL));
    private final Option<Boolean> json = json();

    RunCommand() {
        super(
                "run",
                "Simulates a network, trains forecasters on its activity, scores them and writes a report.",
                "spikecast run ring-60",
                "spikecast run ring-60 --preset bursts --duration 20000 --out bursts");
    }

    @Override
    int run(Console console, List<String> arguments) throws Exception {
        int chosen = experiment.choice();
        if (chosen > 1) {
            throw new IllegalArgumentException("EXPERIMENT: expected " + experiment.get() + " right after 'run'");
        }
        RingStudy study = new RingStudy(chosen == 0 ? 60 : 600, smoke.get(), seed.get());
        console.update("simulation", 0, () -> "");
        RingData data = RingData.simulate(forecaster.withTest(network.setup(study.setup())));
        ForecastExperiment work = new ForecastExperiment(
                study.name(),
                seed.get(),
                data.series(),
                data,
                forecaster.coupled(study, data.series()),
                List.of(
                        forecaster.training(Form.SHARED, study, data.series()),
                        forecaster.training(Form.FULL, study, data.series())),
                forecaster.testFraction(data.series().durationMs()),
                forecaster.validationFraction(),
                branches.or(study.branches()),
                ceiling.particles(smoke.get()),
                repeatable(arguments, seed.get()));
        work.split();
        if (work.coupled() == null) {
            console.remark(CoupledStudy.unfit(data.series()));
        }
        RunFolder folder = run.folder(console, work.name(), work.arguments());
        console.done("simulation");
        Kernel kernel = console.kernel();
        Evaluation evaluation = folder.fill(() -> work.run(kernel, folder, console));
        console.result(json.get(), folder, work.arguments(), () -> console.evaluation(evaluation));
        return Main.DONE;
    }
}
