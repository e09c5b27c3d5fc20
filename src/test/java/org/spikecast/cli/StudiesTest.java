package org.spikecast.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.spikecast.counts.RingStudy;
import org.spikecast.kernel.Kernel;
import org.spikecast.neuron.Ca1Regime;
import org.spikecast.run.Progress;
import org.spikecast.run.RunFolder;
import org.spikecast.voltage.Ca1Study;

/** A Java program repeats the runs of the command line: the same files, byte by byte. */
class StudiesTest extends CommandTest {
    @Test
    void ring60() throws IOException {
        RunFolder mine = RunFolder.create(folder.resolve("java"), "ring-60");
        new RingStudy(60, true, 3).experiment(List.of()).run(Kernel.best(), mine, Progress.NONE);
        done("run", "ring-60", "--smoke", "--seed", 3, "--out", folder.resolve("command"));
        compare();
    }

    @Test
    void ca1RegularSpiking() throws IOException {
        RunFolder mine = RunFolder.create(folder.resolve("java"), "ca1");
        Ca1Study study = new Ca1Study(Ca1Regime.REGULAR_SPIKING, Ca1Study.Size.SMOKE, 3);
        study.experiment(List.of()).run(Kernel.best(), mine, Progress.NONE);
        done("run", "ca1-regular-spiking", "--smoke", "--seed", 3, "--out", folder.resolve("command"));
        compare();
    }

    private void compare() throws IOException {
        for (String name : List.of("model.safetensors", "metrics.json", "series.npz", "predictions.npz")) {
            Path mine = folder.resolve("java").resolve(name);
            assertTrue(Files.size(mine) > 0);
            assertEquals(-1, Files.mismatch(mine, folder.resolve("command").resolve(name)), name);
        }
    }
}
