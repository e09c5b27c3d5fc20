package org.spikecast.cli;

import java.nio.file.Path;
import java.util.List;
import org.spikecast.counts.RingStudy;
import org.spikecast.counts.internal.RingData;
import org.spikecast.counts.internal.RingSetup;
import org.spikecast.counts.internal.Simulations;

/** {@code spikecast simulate ring}: a ring network's spikes, counts and connections. */
final class SimulateRingCommand extends Command {
    private final Option<Path> out = out();
    private final Option<Long> seed = seed();
    private final NetworkOptions network = new NetworkOptions(this);

    SimulateRingCommand() {
        super("simulate ring", "Simulates a ring of integrate-and-fire neurons and writes what it did.");
    }

    @Override
    int run(Console console, List<String> arguments) throws Exception {
        RingSetup setup = network.setup(new RingStudy(60, false, seed.get()).setup());
        List<String> repeatable = repeatable(arguments, seed.get());
        RingData data = RingData.simulate(setup);
        console.closing(Simulations.write(data, out.get(), repeatable), data.statistics(), repeatable);
        return Main.DONE;
    }
}
