package org.spikecast.cli;

import org.spikecast.counts.RingStudy;

/** The options of the ceiling for forecasters that see counts only. */
final class CeilingOptions {
    private final Option<Boolean> ceiling;
    private final Option<Integer> particles;

    CeilingOptions(Command command) {
        ceiling = command.flag(
                "--ceiling",
                "Score what counts can tell at most, by a particle filter that knows the network, too. Takes a while.");
        particles = command.option("--particles", Integer.class, "N", null, "Particles of that filter. Default: 1000.");
    }

    /**
     * How many particles; 0 if the ceiling is not asked for.
     *
     * @param smoke whether it is to take seconds
     */
    int particles(boolean smoke) {
        if (!ceiling.get()) {
            if (particles.get() != null) {
                throw new IllegalArgumentException("--particles are those of --ceiling: give it, too");
            }
            return 0;
        }
        int count = particles.or(RingStudy.particles(smoke));
        if (count < 2) {
            throw new IllegalArgumentException("--particles: expected at least 2, got " + count);
        }
        return count;
    }
}
