package org.spikecast.counts.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.spikecast.io.Npz;
import org.spikecast.neuron.RingParameters;

/** The file written during the simulation is that written from memory. */
class RingWriterTest {
    @TempDir
    private Path folder;

    /** Step by step and from event to event; disjoint and overlapping bins, and a recording that ends within a bin. */
    static Stream<RingSetup> setups() {
        RingParameters network = RingParameters.irregular().scaledTo(20, 2);
        return Stream.of(
                new RingSetup(network, null, 3, 50, 200, 1, 1),
                new RingSetup(network, null, 3, 50, 200, 5, 1),
                new RingSetup(network, null, 3, 50, 202.5, 5, 5),
                new RingSetup(network, 0.05, 3, 50, 200, 5, 1));
    }

    @ParameterizedTest
    @MethodSource("setups")
    void theFileIsThatOfTheDataInMemory(RingSetup setup) throws Exception {
        RingData data = RingData.simulate(setup);
        Path expected = folder.resolve("expected.npz");
        Npz.write(expected, data.arrays());
        Simulations.Ring ring = Simulations.ring(setup, folder.resolve("out"), List.of("simulate", "ring"));
        assertArrayEquals(
                Files.readAllBytes(expected), Files.readAllBytes(ring.folder().file("series.npz")));
        assertEquals(data.statistics(), ring.statistics());
    }
}
