package org.spikecast.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Runs in processes of their own that are killed or interrupted, and resumed to the same bytes. A hundred of them:
 * {@code benchmarks/faults.sh}.
 */
@DisabledOnOs(OS.WINDOWS) // where a process cannot be sent a signal
class BrokenOffTest extends CommandTest {
    private static final long SEED = 7;

    private static Process start(Path log, List<String> words) throws IOException {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "org.spikecast.cli.Main"));
        line.addAll(words);
        return new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    private Path table() throws IOException {
        StringBuilder rows = new StringBuilder("a,b\n");
        SplittableRandom random = new SplittableRandom(3);
        for (int row = 0; row < 400; row++) {
            rows.append(random.nextInt(3)).append(',').append(row % 4).append('\n');
        }
        return Files.writeString(folder.resolve("table.csv"), rows);
    }

    private List<String> command(String name) throws IOException {
        return switch (name) {
            case "train" -> List.of("train", "--data", table().toString(), "--epochs", "6", "--batch", "20");
            case "ring" -> List.of("run", "ring-60", "--smoke");
            default -> List.of("run", "ca1-regular-spiking", "--smoke", "--epochs", "4");
        };
    }

    /**
     * Killed at random moments, several times in a row, and resumed: every file has the bytes of an uninterrupted run.
     */
    @ParameterizedTest
    @CsvSource({"train, 4", "ring, 3", "ca1, 3"})
    void aKilledRunComesToTheSameBytes(String name, int kills) throws Exception {
        List<String> command = command(name);
        Path whole = folder.resolve("whole");
        Path log = folder.resolve("log");
        long began = System.nanoTime();
        Process unbroken = start(log, with(command, "--out", whole.toString()));
        assertEquals(0, unbroken.waitFor(), Files.readString(log));
        long nanos = System.nanoTime() - began;

        Path out = folder.resolve("out");
        List<String> first = with(command, "--out", out.toString(), "--checkpoint-interval", "0");
        SplittableRandom random = new SplittableRandom(SEED);
        int done = 0;
        while (done < kills && !Files.exists(out.resolve("manifest.json"))) {
            boolean begun = Files.exists(out.resolve("run.lock"));
            Process process = start(log, begun ? with(first, "--resume") : first);
            boolean ended = process.waitFor((long) (nanos * (0.2 + random.nextDouble())), TimeUnit.NANOSECONDS);
            process.destroyForcibly().waitFor();
            assertTrue(!ended || process.exitValue() == 0, Files.readString(log));
            done++;
        }
        if (!Files.exists(out.resolve("manifest.json"))) {
            boolean begun = Files.exists(out.resolve("run.lock"));
            Process last = start(log, begun ? with(first, "--resume") : first);
            assertEquals(0, last.waitFor(), Files.readString(log));
        }
        assertEquals(Files.readString(whole.resolve("manifest.json")), Files.readString(out.resolve("manifest.json")));
        Map<?, ?> files = (Map<?, ?>) json(out.resolve("manifest.json")).get("files");
        try (Stream<Path> all = Files.walk(out)) {
            assertEquals(files.size() + 2, all.filter(Files::isRegularFile).count(), "and no others");
        }
    }

    private static List<String> with(List<String> words, String... more) {
        List<String> all = new ArrayList<>(words);
        all.addAll(List.of(more));
        return all;
    }

    /** A build that a shell has put into the background ignores SIGINT, and so do the processes that it starts. */
    private static boolean interruptsAreIgnored() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return false;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .anyMatch(line ->
                        (Long.parseUnsignedLong(line.split("\\s+")[1], 16) & 2) != 0); // bit 1 is signal 2, SIGINT
    }

    /** It ends with the signal's exit code and a line that a shell can be given, after which the results are the same. */
    @ParameterizedTest
    @CsvSource({"INT, 130", "TERM, 143"})
    void anInterruptedRunSaysHowToGoOn(String signal, int code) throws Exception {
        assumeFalse(signal.equals("INT") && interruptsAreIgnored(), "SIGINT is ignored here, and by every child");
        // Seconds of training, so that the signal comes before the end.
        List<String> command =
                List.of("train", "--data", table().toString(), "--epochs", "80", "--patience", "80", "--batch", "20");
        Path whole = folder.resolve("whole");
        assertEquals(0, run(with(command, "--out", whole.toString()).toArray()), err());

        Path out = folder.resolve("it's out");
        Path kept = folder.resolve("kept");
        Path log = folder.resolve("log");
        List<String> slow = with(command, "--out", out.toString(), "--checkpoint", kept.toString());
        slow.addAll(List.of("--checkpoint-interval", "0"));
        Process process = start(log, slow);
        while (!Files.exists(kept.resolve("checkpoints/shared.safetensors"))) {
            assertTrue(process.isAlive(), Files.readString(log));
            Thread.sleep(5);
        }
        String atWork = "Another run is at work in folder " + out;
        refused(atWork, slow.toArray());
        refused(atWork, with(slow, "--resume").toArray());
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                .start()
                .waitFor();
        assertEquals(code, process.waitFor(), Files.readString(log));
        List<String> lines = Files.readAllLines(log);
        assertEquals("spikecast: interrupted; resume with:", lines.get(lines.size() - 2));
        assertFalse(Files.exists(out.resolve("manifest.json")));

        // As a workflow engine leaves it: the results of the failed job are gone.
        for (String left : List.of("unfinished.txt", "run.lock", "series.npz")) {
            Files.delete(out.resolve(left));
        }
        Files.delete(out);
        Process shell = new ProcessBuilder("bash", "-c", lines.get(lines.size() - 1))
                .redirectErrorStream(true)
                .start();
        String said = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, shell.waitFor(), said);
        assertEquals(Files.readString(whole.resolve("manifest.json")), Files.readString(out.resolve("manifest.json")));
    }

    /** Kill, other data of the same shape, --resume. */
    @Test
    void aRunIsNotResumedOnOtherData() throws Exception {
        Path out = folder.resolve("out");
        List<String> command = with(command("train"), "--out", out.toString(), "--checkpoint-interval", "0");
        Process process = start(folder.resolve("log"), command);
        while (!Files.exists(out.resolve("checkpoints/shared.safetensors"))) {
            assertTrue(process.isAlive());
            Thread.sleep(5);
        }
        process.destroyForcibly().waitFor();
        Path table = folder.resolve("table.csv");
        Files.writeString(table, Files.readString(table).replaceFirst("\n0,", "\n1,"));
        refused(
                "the checkpoint is of a training on other data",
                with(command, "--resume").toArray());
        assertEquals(
                0,
                run(with(command("train"), "--out", out.toString(), "--resume", "--threads", "2")
                        .toArray()),
                err());
    }
}
