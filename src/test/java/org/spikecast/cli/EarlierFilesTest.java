package org.spikecast.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.spikecast.io.NdArray;
import org.spikecast.io.Npy;

/** Files that an early build of version 0.1.0 wrote: a model is read, a run that it began is refused. */
class EarlierFilesTest extends CommandTest {
    @Test
    void aModelForecastsAsItDid() throws IOException {
        Path model = folder.resolve("model.safetensors");
        try (InputStream stored = getClass().getResourceAsStream("model-0.1.0.safetensors")) {
            Files.copy(stored, model);
        }
        Npy.write(folder.resolve("x.npy"), NdArray.of(new double[] {0, 1, 2, 1, 0, 3}, 2, 3, 1));
        done("predict", "--model", model, "--input", folder.resolve("x.npy"), "--output", folder.resolve("y.npy"));
        double[] then = {0.6623322375861652, 0.6346698483751179};
        assertArrayEquals(then, Npy.read(folder.resolve("y.npy")).doubles());
    }

    /** The run would begin anew in its old folder, without a word. */
    @Test
    void anInterruptedRunIsRefused() throws IOException {
        Path data = Files.writeString(folder.resolve("counts.csv"), "a,b\n" + "0,1\n1,0\n0,2\n".repeat(40));
        Path out = Files.createDirectory(folder.resolve("run"));
        String[] words = {"train", "--data", data.toString(), "--out", out.toString(), "--resume"};
        Files.writeString(out.resolve("unfinished.txt"), "spikecast train --data " + data + " --seed 1");
        Files.writeString(out.resolve("checkpoint-shared.safetensors"), "as it was then");
        assertEquals(Main.WRONG_INPUT, run((Object[]) words));
        assertTrue(err().contains("begun by an earlier version"), err());
        assertTrue(err().contains("checkpoint-shared.safetensors"), err());
    }
}
