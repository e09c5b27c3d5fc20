package org.spikecast.cli;

import java.nio.file.Path;
import java.util.List;
import org.spikecast.counts.RingStudy;
import org.spikecast.counts.internal.RingSetup;
import org.spikecast.counts.internal.Simulations;

/** {@code spikecast simulate ring}: a ring network's spikes, counts and connections. */
final class SimulateRingCommand extends Command {
    private static final RingStudy USUAL = new RingStudy(60, false, 1);

    {
        section(Section.EXPERIMENT);
    }

    private final Option<Path> out = out();
    private final Option<Long> seed = seed();
    private final NetworkOptions network = new NetworkOptions(this, USUAL.setup());
    private final Option<Boolean> json = json();

    SimulateRingCommand() {
        super(
                "simulate ring",
                "Simulates a ring of integrate-and-fire neurons and writes spikes, counts, connections and a report.",
                "spikecast simulate ring --out runs/ring",
                "spikecast simulate ring --neurons 600 --preset bursts --method event");
    }

    @Override
    int run(Console console, List<String> arguments) throws Exception {
        RingSetup setup = network.setup(new RingStudy(60, false, seed.get()).setup());
        List<String> repeatable = repeatable(arguments, seed.get());
        Simulations.Ring ring = Simulations.ring(setup, out.get(), repeatable);
        console.result(json.get(), ring.folder(), repeatable, () -> console.facts(ring.statistics()));
        return Main.DONE;
    }
}
