package org.spikecast.vectors.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.spikecast.io.MalformedFileException;
import org.spikecast.io.Npy;
import org.spikecast.io.Npz;
import org.spikecast.io.Safetensors;
import org.spikecast.vectors.internal.Vectors.Tally;

/** Stored files, most of which a reader must refuse with a {@link MalformedFileException}. */
final class FileVectors {
    private FileVectors() {}

    @FunctionalInterface
    private interface Reader {
        Object read(Path file) throws IOException;
    }

    static void replaySafetensors(VectorCase c, Path folder, Tally tally) throws IOException {
        replay(c, Safetensors::read, tally);
    }

    static void replayNpy(VectorCase c, Path folder, Tally tally) throws IOException {
        replay(c, Npy::read, tally);
    }

    static void replayNpz(VectorCase c, Path folder, Tally tally) throws IOException {
        replay(c, Npz::read, tally);
    }

    private static void replay(VectorCase c, Reader reader, Tally tally) throws IOException {
        Path file = Files.createTempFile("spikecast-vector", ".bin");
        try {
            Files.write(file, Base64.getDecoder().decode(c.text("base64")));
            boolean taken;
            try {
                reader.read(file);
                taken = true;
            } catch (MalformedFileException e) {
                taken = false;
            }
            tally.error(Bound.FILES, c.text("id"), taken == c.flag("valid") ? 0 : 1);
        } finally {
            Files.delete(file);
        }
    }
}
