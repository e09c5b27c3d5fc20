package org.spikecast.cli;

import java.nio.file.Path;
import java.util.List;
import org.spikecast.counts.Evaluation;
import org.spikecast.counts.ForecastExperiment;
import org.spikecast.counts.Form;
import org.spikecast.counts.RingData;
import org.spikecast.counts.RingSetup;
import org.spikecast.io.Npz;
import org.spikecast.run.RunFolder;

/** {@code spikecast run}: an experiment from simulation to report. */
final class RunCommand extends Command {
    private static final double DURATION_MS = 3000;
    private static final double SMOKE_DURATION_MS = 600;

    private final Option<String> experiment = parameter(
            "EXPERIMENT",
            "ring-60 or ring-600: a ring network of so many neurons. ca1-regular-bursting, ca1-irregular-bursting"
                    + " and ca1-regular-spiking have options of their own: spikecast run ca1-regular-bursting --help.");
    private final Option<Path> out = out();
    private final Option<Boolean> resume = resume();
    private final Option<Long> seed = seed();
    private final Option<Boolean> smoke =
            flag("--smoke", "A run of seconds: less data, one epoch, fewer branches. Its scores mean nothing.");
    private final Option<Integer> branches =
            option("--branches", Integer.class, "N", null, "Branches of the oracle from each state. Default: 200.");
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
        String name = chosen == 0 ? "ring-60" : "ring-600";
        int neurons = Integer.parseInt(name.substring("ring-".length()));
        RingSetup setup = network.setup(neurons, smoke.get() ? SMOKE_DURATION_MS : DURATION_MS, seed.get());
        RingData data = RingData.simulate(setup);
        ForecastExperiment work = new ForecastExperiment(
                name,
                seed.get(),
                data.series(),
                data,
                List.of(
                        forecaster.training(Form.SHARED, seed.get(), smoke.get()),
                        forecaster.training(Form.FULL, seed.get(), smoke.get())),
                forecaster.testFraction(),
                forecaster.validationFraction(),
                branches.or(smoke.get() ? 20 : 200),
                repeatable(arguments, seed.get()));
        work.split();
        RunFolder folder = RunFolder.create(out.get(), name, work.arguments(), resume.get());
        Npz.write(folder.file("series.npz"), data.arrays());
        Evaluation evaluation = work.run(console.kernel(), folder, console);
        console.table(Evaluation.head(), evaluation.rows());
        console.closing(folder, work.arguments());
        return Main.DONE;
    }
}
