package org.spikecast.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spikecast.io.internal.AtomicFiles;
import org.spikecast.io.internal.Json;
import org.spikecast.kernel.internal.ScalarKernel;

class RunFolderTest {
    private static final List<String> ARGUMENTS = List.of("train", "--data", "x.csv", "--seed", "3");

    @TempDir
    private Path folder;

    private Path out() {
        return folder.resolve("out");
    }

    private RunFolder begin() throws IOException {
        return RunFolder.create(out(), "train", null, ARGUMENTS, false);
    }

    private RunFolder resume(List<String> arguments) throws IOException {
        return RunFolder.create(out(), "train", null, arguments, true);
    }

    /** As after kill -9: the lock is gone with the process, everything else stays. */
    private RunFolder killed(String... files) throws IOException {
        RunFolder run = begin();
        for (String file : files) {
            Files.createDirectories(out().resolve(file).getParent());
            Files.writeString(out().resolve(file), "half");
        }
        run.close();
        return run;
    }

    private static Set<String> names(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return Set.copyOf(all.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .toList());
        }
    }

    private static void finish(RunFolder run, List<String> arguments, int threads) throws IOException {
        AtomicFiles.write(run.file("metrics.json"), "{}");
        run.writeManifest(arguments, 3, new ScalarKernel(), threads, null);
    }

    private static String refused(org.junit.jupiter.api.function.Executable work) {
        return assertThrows(IllegalArgumentException.class, work).getMessage();
    }

    @Test
    void aKilledRunIsResumedAndLeavesNoTemporaryFiles() throws IOException {
        killed(".spikecast-12ab.tmp", "figures/.spikecast-34cd.tmp", "series.npz");
        try (RunFolder run = resume(ARGUMENTS)) {
            assertEquals(Set.of("run.lock", "unfinished.txt", "series.npz"), names(out()));
            finish(run, ARGUMENTS, 1);
        }
        assertEquals(Set.of("manifest.json", "run.json", "metrics.json", "series.npz"), names(out()));
        Map<?, ?> manifest = (Map<?, ?>) Json.read(out().resolve("manifest.json"));
        assertEquals(Set.of("metrics.json", "series.npz"), ((Map<?, ?>) manifest.get("files")).keySet());
    }

    /** Killed at the very first write: the folder is free, and it can be resumed. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRunThatWasKilledBeforeItsFirstFileHasAFolder(boolean resume) throws IOException {
        Files.createDirectories(out());
        Files.writeString(out().resolve("run.lock"), "");
        Files.writeString(out().resolve(".spikecast-12ab.tmp"), "half");
        try (RunFolder run = RunFolder.create(out(), "train", null, ARGUMENTS, resume)) {
            assertEquals(Set.of("run.lock", "unfinished.txt"), names(run.path()));
        }
    }

    @Test
    void thereMustBeARunToGoOnWith() throws IOException {
        String none = "--resume: folder " + out() + " holds no interrupted run; leave out --resume to begin one";
        assertEquals(none, refused(() -> resume(ARGUMENTS)));
        assertFalse(Files.exists(out()));
        Files.createDirectories(out());
        assertEquals(none, refused(() -> resume(ARGUMENTS)));
        Files.writeString(out().resolve("mine.txt"), "");
        assertEquals(none, refused(() -> resume(ARGUMENTS)));
        assertEquals(Set.of("mine.txt"), names(out()));
        assertEquals(
                "--resume: give the folder of the interrupted run as --out",
                refused(() -> RunFolder.create(null, "train", null, ARGUMENTS, true)));
    }

    @Test
    void aFinishedRunIsNotResumed() throws IOException {
        finish(begin(), ARGUMENTS, 1);
        Set<String> files = names(out());
        // as if it had been killed right after its last file
        Files.writeString(out().resolve("unfinished.txt"), "");
        Files.createDirectories(out().resolve("checkpoints"));
        Files.writeString(out().resolve("checkpoints/shared.safetensors"), "");
        assertEquals("--resume: folder " + out() + " holds a run that is finished", refused(() -> resume(ARGUMENTS)));
        assertEquals(files, names(out()));
    }

    @Test
    void optionsThatChangeNoResultMayBeOthers() throws IOException {
        killed();
        resume(List.of(
                        "train",
                        "--threads=2",
                        "--data",
                        "x.csv",
                        "--resume",
                        "--out",
                        "elsewhere",
                        "--checkpoint-interval",
                        "5",
                        "--seed",
                        "3"))
                .close();
        assertEquals(
                "--resume: the run in " + out() + " was begun with other options, as: spikecast train --data x.csv"
                        + " --seed 3",
                refused(() -> resume(List.of("train", "--data", "y.csv", "--seed", "3"))));
    }

    /** One run per folder, whether it has just begun or is resumed twice; the lock ends with the run. */
    @Test
    void aSecondRunIsToldOfTheFirst() throws IOException {
        String other =
                "Another run is at work in folder " + out() + ": let it finish or stop it, or choose another --out";
        RunFolder first = begin();
        assertEquals(other, refused(this::begin));
        assertEquals(other, refused(() -> resume(ARGUMENTS)));
        first.close();
        try (RunFolder second = resume(ARGUMENTS)) {
            assertEquals(other, refused(() -> resume(ARGUMENTS)));
            finish(second, ARGUMENTS, 1);
        }
        assertEquals(
                "Output folder " + out() + " exists and is not empty: choose another --out, or delete it",
                refused(this::begin));
        Path third = folder.resolve("third");
        RunFolder.create(third, "train", null, ARGUMENTS, false).close();
        assertTrue(refused(() -> RunFolder.create(third, "train", null, ARGUMENTS, false))
                .endsWith("or delete it, or resume its run by --resume"));
    }

    @Test
    void theManifestOfARepeatedRunHasTheSameBytes() throws IOException {
        finish(begin(), ARGUMENTS, 1);
        Path second = folder.resolve("second");
        List<String> others = new ArrayList<>(ARGUMENTS);
        others.addAll(List.of("--threads", "2", "--out", second.toString(), "--resume"));
        finish(RunFolder.create(second, "train", null, others, false), others, 2);
        assertArrayEquals(
                Files.readAllBytes(out().resolve("manifest.json")),
                Files.readAllBytes(second.resolve("manifest.json")));
        Map<?, ?> manifest = (Map<?, ?>) Json.read(second.resolve("manifest.json"));
        assertEquals(Set.of("arguments", "seed", "spikecast", "simulation", "files"), manifest.keySet());
        assertEquals(ARGUMENTS, manifest.get("arguments"));
        Map<?, ?> run = (Map<?, ?>) Json.read(second.resolve("run.json"));
        assertEquals(Set.of("folder", "java", "os", "kernel", "threads", "started", "seconds"), run.keySet());
        assertEquals(2L, run.get("threads"));
    }

    /** Results can be deleted, as a workflow engine does after a failure: the files to resume from are elsewhere. */
    @Test
    void checkpointsMayStandElsewhere() throws IOException {
        Path kept = folder.resolve("kept");
        RunFolder first = RunFolder.create(out(), "run", kept, ARGUMENTS, false);
        Files.createDirectories(first.part("parts"));
        AtomicFiles.write(first.part("parts/np50.json"), "{}");
        AtomicFiles.write(first.checkpoints("step", "").file(), "half");
        first.close();
        Files.delete(out().resolve("unfinished.txt"));
        Files.delete(out().resolve("run.lock"));
        Files.delete(out());
        try (RunFolder run = RunFolder.create(out(), "run", kept, ARGUMENTS, true)) {
            assertTrue(Files.exists(run.part("parts/np50.json")));
            assertTrue(Files.exists(run.checkpoints("step", "").file()));
            finish(run, ARGUMENTS, 1);
        }
        assertEquals(Set.of("manifest.json", "run.json", "metrics.json", "parts/np50.json"), names(out()));
        assertEquals(Set.of(), names(kept));
        assertTrue(refused(() -> RunFolder.create(folder.resolve("new"), "run", kept, ARGUMENTS, true))
                .contains("holds no interrupted run"));
        // A folder that holds something else is not written to.
        RunFolder.create(folder.resolve("second"), "run", kept, ARGUMENTS, false)
                .close();
        Path mine = Files.createDirectory(folder.resolve("mine"));
        Files.writeString(mine.resolve("mine.txt"), "");
        assertTrue(refused(() -> RunFolder.create(mine, "run", kept, ARGUMENTS, true))
                .contains("is not empty"));
    }

    /** A folder of checkpoints that cannot be had is named, with its option; the folder of the results is not begun. */
    @Test
    void aFolderOfCheckpointsThatCannotBeHadIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "mine");
        Path mine = Files.createDirectory(folder.resolve("mine"));
        Files.writeString(mine.resolve("mine.txt"), "");
        Path kept = folder.resolve("kept");
        try (RunFolder run = RunFolder.create(folder.resolve("first"), "run", kept, ARGUMENTS, false)) {
            assertEquals(
                    "Another run is at work in folder " + kept
                            + ": let it finish or stop it, or choose another --checkpoint",
                    refused(() -> RunFolder.create(out(), "run", kept, ARGUMENTS, false)));
            assertEquals(
                    "Another run is at work in folder " + run.path()
                            + ": let it finish or stop it, or choose another --out",
                    refused(() -> RunFolder.create(run.path(), "run", folder.resolve("new"), ARGUMENTS, false)));
        }
        assertEquals(
                "Folder of checkpoints " + mine + " exists and is not empty: choose another --checkpoint, or delete it",
                refused(() -> RunFolder.create(out(), "run", mine, ARGUMENTS, false)));
        assertEquals(
                "Folder of checkpoints " + file + " is a file: choose another --checkpoint",
                refused(() -> RunFolder.create(out(), "run", file, ARGUMENTS, false)));
        Path below = file.resolve("below");
        String refused = refused(() -> RunFolder.create(out(), "run", below, ARGUMENTS, false));
        assertTrue(refused.startsWith("Folder of checkpoints " + below + " cannot be made ("), refused);
        assertTrue(refused.endsWith("): choose another --checkpoint"), refused);
        assertFalse(Files.exists(out()));
        assertFalse(Files.exists(folder.resolve("new")));
        refused(() -> RunFolder.create(null, "refused", mine, ARGUMENTS, false));
        try (Stream<Path> own = Files.list(Path.of("runs"))) {
            assertTrue(own.noneMatch(run -> run.getFileName().toString().startsWith("refused-")));
        }
    }

    @Test
    void aFolderThatIsRemovedMeanwhileIsNamed() throws IOException {
        RunFolder run = begin();
        FileSystemException gone = assertThrows(
                FileSystemException.class,
                () -> run.fill(() -> {
                    Files.delete(out().resolve("unfinished.txt"));
                    Files.delete(out().resolve("run.lock"));
                    Files.delete(out());
                    AtomicFiles.write(run.file("metrics.json"), "{}");
                    return null;
                }));
        assertEquals(FileSystemException.class, gone.getClass());
        assertEquals(out() + ": the run's folder was removed while the run was at work", gone.getMessage());
    }

    /** What a shell makes of the line are the words again, whatever they hold; and nothing is run. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void theLineThatRepeatsARunIsSafeToPaste() throws Exception {
        Path trap = folder.resolve("trap");
        List<String> words = List.of(
                "train",
                "--data",
                "$(touch " + trap + ").csv",
                "`touch " + trap + "`",
                "a b",
                "it's",
                "; touch " + trap,
                "\"double\"",
                "back\\slash",
                "new\nline",
                "esc\u001b[2J",
                "~",
                "*",
                "!!",
                "a'\nb",
                "\u00e9t\u00e9",
                "plain.csv");
        String line = RunFolder.line("printf '%s\\0'", words);
        assertTrue(line.codePoints().noneMatch(Character::isISOControl), line);
        Process shell = new ProcessBuilder("bash", "-c", line).start();
        String[] echoed = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8).split("\0");
        assertEquals(words, List.of(echoed));
        assertFalse(Files.exists(trap));
        assertEquals(
                "spikecast train --data '$(touch X).csv'",
                RunFolder.again(List.of("train", "--data", "$(touch X).csv")));
    }
}
