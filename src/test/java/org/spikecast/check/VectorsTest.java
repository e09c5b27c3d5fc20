package org.spikecast.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.spikecast.io.MalformedFileException;

class VectorsTest {
    private static final Path STORED = Path.of("test-vectors");

    @TempDir
    private Path folder;

    @Test
    void everyStoredVectorIsMetAsCloselyAsTheTableSays() throws IOException {
        EnumSet<Bound> unseen = EnumSet.allOf(Bound.class);
        for (Vectors.Result result : Vectors.replay(STORED)) {
            Bound bound = result.bound();
            unseen.remove(bound);
            assertEquals(List.of(), result.failures(), bound.subject());
            // The bits are the same everywhere, so the table can say how close it is, to the digits that it prints.
            double measured = bound.measured();
            assertEquals(
                    measured, result.worst(), 0.051 * Math.max(measured, 1e-300), bound + " at " + result.worstCase());
        }
        assertEquals(EnumSet.noneOf(Bound.class), unseen);
    }

    /** A subject that cannot fail proves nothing: each must notice a number, a flag or a byte that is wrong. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "lstm/mpmath.json | \"loss\":0.0237 | \"loss\":0.1237 | LSTM_FORWARD",
                "lstm/mpmath.json | \"fc.bias\":{\"data\":[-0.3080 | \"fc.bias\":{\"data\":[-0.3081 | LSTM_GRADIENTS",
                "optimiser/adam.json | \"weight_decay\":0.0 | \"weight_decay\":1e-3 | OPTIMISER",
                "optimiser/clipping.json | \"norm\":0.5 | \"norm\":0.6 | OPTIMISER",
                "training/training.json | \"lr\":0. | \"lr\":1. | TRAINING_LOSSES",
                "lif/f-i.json | \"tau_ref\":1.0 | \"tau_ref\":2.0 | LIF",
                "lif/grid.json | \"tau_ref\":1.0 | \"tau_ref\":2.0 | LIF_GRID",
                "lif/delayed-ring.json | \"tau_ref\":1.0 | \"tau_ref\":2.0 | LIF_DELAYED_RING",
                "rejected/npy.json | \"valid\":false | \"valid\":true | FILES",
                "rejected/npz.json | \"valid\":true | \"valid\":false | FILES",
                "rejected/safetensors.json | \"valid\":true | \"valid\":false | FILES",
                "elementary/tanh.csv | ,1.0,1.0 | ,0.9,0.9 | TANH",
                "differences/lstm.json | \"order\":2 | \"order\":4 | LSTM_DIFFERENCES"
            })
    void aWrongVectorFails(String file, String right, String wrong, Bound bound) throws IOException {
        String text = Files.readString(STORED.resolve(file));
        assertTrue(text.contains(right), file + " no longer holds " + right);
        Path copy = folder.resolve(Path.of(file).getFileName());
        Files.writeString(copy, text.replace(right, wrong));
        boolean failed = false;
        for (Vectors.Result result : Vectors.replay(folder)) {
            failed |= result.bound() == bound && !result.failures().isEmpty();
        }
        assertTrue(failed, "not noticed");
    }

    @Test
    void refusesWhatHoldsNoVectors() throws IOException {
        assertThrows(NoSuchFileException.class, () -> Vectors.replay(folder.resolve("missing")));
        assertThrows(NoSuchFileException.class, () -> Vectors.replay(folder));
        Path file = folder.resolve("x.json");
        Files.writeString(file, "{\"kind\": \"unheard-of\", \"cases\": []}");
        String message = assertThrows(MalformedFileException.class, () -> Vectors.replay(folder))
                .getMessage();
        assertTrue(message.contains("unheard-of"), message);
        Files.writeString(file, "{\"kind\": \"lstm\", \"cases\": [{\"id\": \"a\"}]}");
        message = assertThrows(MalformedFileException.class, () -> Vectors.replay(folder))
                .getMessage();
        assertTrue(message.contains("case a") && message.contains("'inputs'"), message);
        assertFalse(message.contains("null pointer"));
    }
}
