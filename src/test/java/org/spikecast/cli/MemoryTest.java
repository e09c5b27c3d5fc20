package org.spikecast.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that need little memory run in little. */
class MemoryTest {
    @TempDir
    private Path folder;

    /** As int32 alone, counts and external input of these bins and neurons are 32 MB; on the way there they took 96 MB. */
    @Test
    void aSimulationHoldsNeitherCountsNorExternalInput() throws Exception {
        Path log = folder.resolve("log");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "simulate",
                        "ring",
                        "--neurons",
                        "1000",
                        "--reach",
                        "2",
                        "--duration",
                        "4000",
                        "--out",
                        folder.resolve("out").toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertEquals(Main.DONE, process.waitFor(), Files.readString(log));
    }
}
