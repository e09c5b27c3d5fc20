package org.spikecast.cli;

import java.util.List;
import org.spikecast.counts.Form;
import org.spikecast.counts.RingStudy;
import org.spikecast.counts.Series;
import org.spikecast.counts.internal.CoupledStudy;
import org.spikecast.counts.internal.Evaluation;
import org.spikecast.counts.internal.ForecastExperiment;
import org.spikecast.counts.internal.RingData;
import org.spikecast.kernel.Kernel;
import org.spikecast.run.RunFolder;

/** {@code spikecast train}: a forecaster of given data. */
final class TrainCommand extends Command {
    private static final String[] FORMS = {"coupled", "shared", "full"};
    private static final RingStudy USUAL = new RingStudy(60, false, 1);

    private final DataOptions data = new DataOptions(this);
    private final Option<String> form = option(
                    "--form",
                    String.class,
                    "FORM",
                    "shared",
                    "shared: one network for every neuron, which reads that neuron and its known neighbours; full: one network"
                            + " that reads and predicts all neurons; coupled: neurons that exchange messages, for spike counts"
                            + " with known connections.")
            .choices(FORMS);
    private final RunOptions run = new RunOptions(this);
    private final Option<Long> seed = seed();
    private final Option<Boolean> smoke =
            flag("--smoke", "Smoke test of seconds: one epoch, few branches; its scores are meaningless.");
    private final Option<Integer> branches = option(
                    "--branches",
                    Integer.class,
                    "N",
                    null,
                    "Monte-Carlo branches of the oracle from each state, if the simulation is known.")
            .byDefault(USUAL.branches());
    private final ForecasterOptions forecaster = new ForecasterOptions(this, USUAL, List.of(Form.SHARED, Form.FULL));
    private final Option<Boolean> json = json();

    TrainCommand() {
        super(
                "train",
                "Trains a forecaster on a simulated folder or a CSV file, scores it and writes a report.",
                "spikecast train --data counts.csv --out mine",
                "spikecast train --data runs/ring --form coupled --out coupled");
    }

    @Override
    int run(Console console, List<String> arguments) throws Exception {
        int chosen = form.choice();
        if (chosen == 0) {
            forecaster.requireCoupled();
        }
        Series series = data.series(console);
        RingData ring = data.ring(series, console);
        if (ring == null) {
            refuse("without the simulation there is no oracle", branches);
        }
        if (chosen == 0 && CoupledStudy.unfit(series) != null) {
            throw new IllegalArgumentException(CoupledStudy.unfit(series));
        }
        RingStudy usual = new RingStudy(series.neurons(), smoke.get(), seed.get());
        ForecastExperiment work = new ForecastExperiment(
                "train",
                seed.get(),
                series,
                ring,
                chosen == 0 ? forecaster.coupled(usual, series) : null,
                chosen == 0
                        ? List.of()
                        : List.of(forecaster.training(chosen == 1 ? Form.SHARED : Form.FULL, usual, series)),
                forecaster.testFraction(series.durationMs()),
                forecaster.validationFraction(),
                branches.or(usual.branches()),
                0,
                repeatable(arguments, seed.get()));
        work.split();
        RunFolder folder = run.folder(console, work.name(), work.arguments());
        if (ring != null) {
            console.done("simulation");
        }
        if (!form.isGiven() && series.connections() == null && series.neurons() > 1) {
            console.remark("Form shared: the network reads each column by itself; --form full reads all of them");
        }
        Kernel kernel = console.kernel();
        Evaluation evaluation = folder.fill(() -> work.run(kernel, folder, console));
        console.result(json.get(), folder, work.arguments(), () -> console.evaluation(evaluation));
        return Main.DONE;
    }
}
