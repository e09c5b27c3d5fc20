package org.spikecast.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.spikecast.counts.internal.Simulations;
import org.spikecast.io.internal.Csv;
import org.spikecast.io.internal.Decimal;
import org.spikecast.kernel.RandomStream;
import org.spikecast.neuron.Drive;
import org.spikecast.neuron.LifParameters;
import org.spikecast.neuron.LifPopulation;
import org.spikecast.neuron.LifPopulation.Scheme;
import org.spikecast.neuron.LifSimulation;

/** {@code spikecast simulate lif}: unconnected neurons under a constant, a random or a given drive. */
final class SimulateLifCommand extends Command {
    private static final double USUAL_MS = 200;

    private final Option<String> drive = option(
                    "--drive",
                    String.class,
                    "DRIVE",
                    "constant",
                    "Input of the neurons. constant: a current; poisson: random kicks; given: kicks from --input.")
            .choices("constant", "poisson", "given");
    private final Option<Double> current = option(
            "--current",
            Double.class,
            "X",
            "0.06",
            "Constant drive, 1/ms: V' = -V / tau_l + current; the neuron spikes if current tau_l exceeds 1.");
    private final Option<Double> rate =
            option("--rate", Double.class, "X", "0.65", "Poisson drive: kicks per ms and neuron.");
    private final Option<Double> kick =
            option("--kick", Double.class, "X", "0.07", "Poisson drive: voltage that one kick adds.");
    private final Option<Path> input = option(
            "--input",
            Path.class,
            "FILE.csv",
            null,
            "Given drive: voltage added in each step, one row per step, one column per neuron or one for all.");
    private final TableOptions table = new TableOptions(this);
    private final Option<Integer> neurons = option("--neurons", Integer.class, "N", "1", "Number of neurons.");
    private final Option<Double> initial =
            option("--initial", Double.class, "X", "0", "Initial voltage; the threshold is 1.");
    private final Option<Double> tauL = option("--tau-l", Double.class, "X", "20", "Leak time constant, ms.");
    private final Option<Double> tauRef = option("--tau-ref", Double.class, "X", "1", "Refractory time, ms.");
    private final Option<Double> dt = option("--dt", Double.class, "X", "0.05", "Step of the simulation, ms.");
    private final Option<String> scheme = option("--scheme", String.class, "NAME", "exact", "Stepper: euler or exact.")
            .choices(Scheme.values());
    private final Option<Double> duration = option("--duration", Double.class, "X", null, "Time to simulate, ms.")
            .byDefault(Decimal.shortest(USUAL_MS) + ", or the time that --input covers");
    private final Option<Path> out = out();
    private final Option<Long> seed = seed();
    private final Option<Boolean> json = json();

    SimulateLifCommand() {
        super(
                "simulate lif",
                "Simulates unconnected integrate-and-fire neurons and writes voltages, spikes and a report.",
                "spikecast simulate lif --current 0.06",
                "spikecast simulate lif --drive poisson --neurons 20 --duration 1000");
    }

    @Override
    int run(Console console, List<String> arguments) throws Exception {
        Scheme stepper = Scheme.values()[scheme.choice()];
        LifPopulation population =
                new LifPopulation(new LifParameters(tauL.get(), tauRef.get()), neurons.get(), dt.get(), stepper);
        for (int a = 0; a < neurons.get(); a++) {
            population.setVoltage(a, initial.get());
        }
        double time = duration.or(USUAL_MS);
        Drive chosen;
        switch (drive.choice()) {
            case 0 -> {
                refuse("the drive is constant, as --current says; see --drive", rate, kick, input);
                table.refuse("the drive is constant; see --drive");
                chosen = Drive.constant(current.get(), population);
            }
            case 1 -> {
                refuse("the drive is random kicks, as --rate and --kick say; see --drive", current, input);
                table.refuse("the drive is random kicks; see --drive");
                RandomStream stream = RandomStream.of(seed.get(), "external input");
                chosen = Drive.poisson(rate.get(), kick.get(), stream, population);
            }
            default -> {
                refuse("the drive is given by --input; see --drive", current, rate, kick);
                if (input.get() == null) {
                    throw new IllegalArgumentException("The given drive needs its kicks: --input FILE.csv");
                }
                Csv kicks = table.read(input.get(), console);
                time = duration.or(kicks.rows().length * dt.get());
                double[] flat = Arrays.stream(kicks.rows())
                        .flatMapToDouble(Arrays::stream)
                        .toArray();
                chosen = Drive.given(flat, kicks.columns().size());
            }
        }
        if (time < dt.get()) {
            throw new IllegalArgumentException(
                    "--duration: expected at least one step of " + dt.get() + " ms, got " + time);
        }
        LifSimulation simulation = LifSimulation.run(population, chosen, time);
        List<String> repeatable = repeatable(arguments, seed.get());
        Map<String, Object> statistics = new LinkedHashMap<>();
        statistics.put("spikes", simulation.spikes().size());
        statistics.put("rate_hz", simulation.spikes().rateHz(0, neurons.get()));
        double cv = simulation.spikes().meanCv();
        statistics.put("cv_isi", Double.isFinite(cv) ? cv : null);
        console.result(
                json.get(),
                Simulations.write(simulation, statistics, seed.get(), out.get(), repeatable),
                repeatable,
                () -> console.facts(statistics));
        return Main.DONE;
    }
}
