package org.spikecast.cli;

import org.spikecast.counts.RingStudy;

/** The options of the ceiling for forecasters that read counts only. */
final class CeilingOptions {
    private final Option<Boolean> ceiling;
    private final Option<Integer> particles;

    CeilingOptions(Command command) {
        ceiling = command.flag(
                "--ceiling",
                "Also score the ceiling: a particle filter that knows the network and reads only counts. No forecaster that"
                        + " reads counts can be better. Takes minutes.");
        particles = command.option("--particles", Integer.class, "N", null, "Particles of that filter.")
                .byDefault(RingStudy.particles(false));
    }

    /**
     * The number of particles; 0 without {@code --ceiling}.
     *
     * @param smoke whether this is a smoke test
     */
    int particles(boolean smoke) {
        if (!ceiling.get()) {
            if (particles.get() != null) {
                throw new IllegalArgumentException("--particles has no effect without --ceiling");
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
