package org.spikecast.cli;

import java.util.List;
import org.spikecast.counts.Form;
import org.spikecast.counts.RingStudy;
import org.spikecast.counts.internal.CoupledStudy;
import org.spikecast.counts.internal.Evaluation;
import org.spikecast.counts.internal.ForecastExperiment;
import org.spikecast.counts.internal.RingData;
import org.spikecast.kernel.Kernel;
import org.spikecast.run.RunFolder;

/** {@code spikecast run}: an experiment from simulation to report. */
final class RunCommand extends Command {
    private final Option<String> experiment = parameter(
            "EXPERIMENT",
            "ring-60 or ring-600: a ring network of so many neurons. ca1-regular-bursting, ca1-irregular-bursting"
                    + " and ca1-regular-spiking have options of their own: spikecast run ca1-regular-bursting --help.");
    private final RunOptions run = new RunOptions(this);
    private final Option<Long> seed = seed();
    private final Option<Boolean> smoke =
            flag("--smoke", "A run of seconds: less data, one epoch, fewer branches. Its scores mean nothing.");
    private final Option<Integer> branches =
            option("--branches", Integer.class, "N", null, "Branches of the oracle from each state. Default: 200.");
    private final CeilingOptions ceiling = new CeilingOptions(this);
    private final NetworkOptions network = new NetworkOptions(this);
    private final ForecasterOptions forecaster = new ForecasterOptions(this);

    RunCommand() {
        super("run", "Simulates a network, trains forecasters on it, scores them and writes a report.");
    }

    @Override
    int run(Console console, List<String> arguments) throws Exception {
        int chosen = experiment.choice(
                "ring-60", "ring-600", "ca1-regular-bursting", "ca1-irregular-bursting", "ca1-regular-spiking");
        if (chosen > 1) {
            throw new IllegalArgumentException("EXPERIMENT: put " + experiment.get() + " right behind 'run'");
        }
        RingStudy study = new RingStudy(chosen == 0 ? 60 : 600, smoke.get(), seed.get());
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
            console.log(CoupledStudy.unfit(data.series()));
        }
        RunFolder folder = run.folder(console, work.name(), work.arguments());
        Kernel kernel = console.kernel();
        Evaluation evaluation = folder.fill(() -> work.run(kernel, folder, console));
        console.table(Evaluation.head(), evaluation.rows());
        evaluation.verdicts().forEach(console::print);
        console.findings(evaluation.findings());
        console.closing(folder, work.arguments());
        return Main.DONE;
    }
}
