package org.spikecast.io.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
    @TempDir
    Path folder;

    @Test
    void writesAndReplaces() throws IOException {
        Path file = folder.resolve("a.txt");
        AtomicFiles.write(file, "first \u00e9\n");
        assertEquals("first \u00e9\n", Files.readString(file));
        AtomicFiles.write(file, new byte[] {'2'});
        assertEquals("2", Files.readString(file));
        assertEquals(List.of(file), files());
    }

    @Test
    void failedBodyLeavesTheOldFileAndNothingElse() throws IOException {
        Path file = folder.resolve("a.txt");
        AtomicFiles.write(file, "old");
        for (Throwable failure :
                List.of(new IOException("a"), new IllegalStateException("b"), new AssertionError("c"))) {
            Throwable thrown = assertThrows(
                    failure.getClass(),
                    () -> AtomicFiles.write(file, out -> {
                        out.write(new byte[100_000]);
                        AtomicFilesTest.<RuntimeException>raise(failure);
                    }));
            assertSame(failure, thrown);
        }
        assertEquals("old", Files.readString(file));
        assertEquals(List.of(file), files());
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void raise(Throwable failure) throws T {
        throw (T) failure;
    }

    @Test
    void bodyMayCloseTheStream() throws IOException {
        Path file = folder.resolve("a.txt");
        AtomicFiles.write(file, out -> {
            out.write('x');
            out.close();
        });
        assertEquals("x", Files.readString(file));
    }

    @Test
    void refusesFoldersAndWritesIntoNoMissingFolder() throws IOException {
        Path missing = folder.resolve("missing").resolve("a.txt");
        NoSuchFileException e = assertThrows(NoSuchFileException.class, () -> AtomicFiles.write(missing, ""));
        assertEquals(missing + ": cannot write: its folder does not exist", e.getMessage());
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertThrows(FileSystemException.class, () -> AtomicFiles.write(empty, ""));
        assertTrue(Files.isDirectory(empty));
        assertFalse(Files.exists(missing.getParent()));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS) // where making links takes a privilege
    void followsSymbolicLinks() throws IOException {
        Path file = Files.writeString(folder.resolve("a.txt"), "old");
        Path link = Files.createSymbolicLink(folder.resolve("link"), file.getFileName());
        AtomicFiles.write(link, "new");
        assertTrue(Files.isSymbolicLink(link));
        assertEquals("new", Files.readString(file));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aLinkToAFileThatDoesNotExistYetIsFollowed() throws IOException {
        Path data = Files.createDirectory(folder.resolve("data"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("data", "a.txt"));
        Path second = Files.createSymbolicLink(folder.resolve("second"), link);
        AtomicFiles.write(second, "new");
        assertTrue(Files.isSymbolicLink(link) && Files.isSymbolicLink(second));
        assertEquals("new", Files.readString(data.resolve("a.txt")));

        Path circle = Files.createSymbolicLink(folder.resolve("circle"), Path.of("circle"));
        FileSystemException e = assertThrows(FileSystemException.class, () -> AtomicFiles.write(circle, ""));
        assertEquals(circle + ": cannot write: its symbolic links form a circle", e.getMessage());
        Path lost = Files.createSymbolicLink(folder.resolve("lost"), Path.of("missing", "a.txt"));
        assertThrows(NoSuchFileException.class, () -> AtomicFiles.write(lost, ""));
    }

    @Test
    @EnabledOnOs(OS.LINUX) // /proc is a folder that takes no files
    void whatCannotBeWrittenIsNamed() {
        Path file = Path.of("/proc/a.txt");
        FileSystemException e = assertThrows(FileSystemException.class, () -> AtomicFiles.write(file, ""));
        assertEquals(file + ": cannot write: its folder takes no new files", e.getMessage());
    }

    /** Spellings, links and hard links of one file; whether or not it exists. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void knowsAFileByAnyName() throws IOException {
        Path file = folder.resolve("a.txt");
        Path data = Files.createDirectory(folder.resolve("data"));
        Path up = data.resolve("../a.txt");
        Path link = Files.createSymbolicLink(folder.resolve("link"), file.getFileName());
        Path through =
                Files.createSymbolicLink(folder.resolve("through"), folder).resolve("a.txt");
        Path relative = Path.of("").toAbsolutePath().relativize(file);
        for (int round = 0; round < 2; round++) {
            for (Path other : List.of(file, up, link, through, relative)) {
                assertTrue(AtomicFiles.isSame(file, other) && AtomicFiles.isSame(other, file), other.toString());
            }
            assertFalse(AtomicFiles.isSame(file, folder.resolve("b.txt")));
            assertFalse(AtomicFiles.isSame(file, data.resolve("a.txt")));
            Files.writeString(file, "");
        }
        Path hard = Files.createLink(folder.resolve("hard"), file);
        assertTrue(AtomicFiles.isSame(file, hard));
    }

    @Test
    void temporaryFilesAreKnownByName() throws IOException {
        AtomicFiles.write(folder.resolve("a.txt"), out -> {
            try (Stream<Path> files = Files.list(folder)) {
                assertEquals(1, files.filter(AtomicFiles::isTemporary).count());
            }
        });
        assertFalse(AtomicFiles.isTemporary(folder.resolve("a.tmp")));
    }

    @Test
    void sha256() throws IOException {
        Path file = Files.writeString(folder.resolve("abc"), "abc");
        assertEquals("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", AtomicFiles.sha256(file));
        assertThrows(NoSuchFileException.class, () -> AtomicFiles.sha256(folder.resolve("missing")));
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }
}
