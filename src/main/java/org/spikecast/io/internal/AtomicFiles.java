package org.spikecast.io.internal;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Writes files atomically: under a temporary name in the target's folder, forced to the disk, then moved into place. A
 * reader finds the old file or the new one, never half of one. No parent folder is created. A process that is
 * interrupted removes its temporary files; one that is killed cannot, and {@link #isTemporary} recognises those that
 * it leaves.
 */
public final class AtomicFiles {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final String PREFIX = ".spikecast-";
    private static final String SUFFIX = ".tmp";

    /** The number of links that Linux follows at most. */
    private static final int MAX_LINKS = 40;

    private AtomicFiles() {}

    /** The temporary files that are being written; they are removed when the JVM is shut down, as by a signal. */
    private static final class Open extends Thread {
        static final Set<Path> FILES = ConcurrentHashMap.newKeySet();

        static {
            Runtime.getRuntime().addShutdownHook(new Open());
        }

        @Override
        public void run() {
            for (Path file : FILES) {
                try {
                    Files.deleteIfExists(file);
                } catch (IOException e) {
                    // the process ends: nobody is left to read a message
                }
            }
        }
    }

    /** An action on a value that may fail with an IOException. */
    @FunctionalInterface
    public interface IOConsumer<T> {
        /** Does the action. */
        void accept(T value) throws IOException;
    }

    /** A stream whose failures, such as a full disk, name the target. */
    private static final class Named extends OutputStream {
        private final OutputStream out;
        private final Path target;

        Named(OutputStream out, Path target) {
            this.out = out;
            this.target = target;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                out.write(bytes, offset, length);
            } catch (IOException e) {
                throw failure(target, e);
            }
        }

        @Override
        public void close() throws IOException {
            try {
                out.close();
            } catch (IOException e) {
                throw failure(target, e);
            }
        }
    }

    /** Writes {@code content}, replacing the target if it exists; errors as the method with an IOConsumer. */
    public static void write(Path target, byte[] content) throws IOException {
        write(target, out -> out.write(content));
    }

    /** Writes {@code content} in UTF-8, replacing the target if it exists; errors as the method with an IOConsumer. */
    public static void write(Path target, String content) throws IOException {
        write(target, content.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Writes the output of {@code body} (buffered; the body may close the stream). Exceptions of the body are passed
     * on; the target then stays as it was, and the temporary file is removed.
     *
     * @param target a new or existing regular file in an existing folder; symbolic links are followed, also to a file that
     *     does not exist yet
     * @throws NoSuchFileException if the folder does not exist
     * @throws FileAlreadyExistsException if the target exists and is not a regular file, such as a folder or a device
     * @throws FileSystemException if the file cannot be written; the exception names the target
     */
    public static void write(Path target, IOConsumer<OutputStream> body) throws IOException {
        Path file = followLinks(target);
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new FileAlreadyExistsException(
                    target.toString(), null, "cannot write: exists and is not a regular file");
        }
        String name = temporaryName();
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new NoSuchFileException(target.toString(), null, "cannot write: its folder does not exist");
        }
        Path temporary = folder.resolve(name);
        Open.FILES.add(temporary);
        try {
            try (OutputStream out =
                    new BufferedOutputStream(new Named(create(temporary, target), target), BUFFER_BYTES)) {
                body.accept(out);
            }
            force(temporary, target);
            move(temporary, file, target);
        } catch (Throwable failure) {
            try {
                Files.deleteIfExists(temporary);
            } catch (IOException second) {
                failure.addSuppressed(second);
            }
            throw failure;
        } finally {
            Open.FILES.remove(temporary);
        }
    }

    /** A temporary file, which is removed when it is closed, and also when the process is interrupted. */
    public static final class Spool implements AutoCloseable {
        private final Path file;
        private final Path folder;

        private Spool(Path file, Path folder) {
            this.file = file;
            this.folder = folder;
        }

        /** Opens it to be written from its beginning; the stream is buffered. */
        public OutputStream write() throws IOException {
            return new BufferedOutputStream(new Named(create(file, folder), folder), BUFFER_BYTES);
        }

        /** Opens it to be read. */
        public InputStream read() throws IOException {
            return new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
        }

        @Override
        public void close() throws IOException {
            Files.deleteIfExists(file);
            Open.FILES.remove(file);
        }
    }

    /** Makes a temporary file that is written first and read when it is complete. */
    public static Spool spool(Path folder) {
        Path file = folder.resolve(temporaryName());
        Open.FILES.add(file);
        return new Spool(file, folder);
    }

    // not the target's name with a suffix, which could be longer than the file system allows;
    // nor Files.createTempFile, whose files only their owner may read
    private static String temporaryName() {
        return PREFIX + Long.toHexString(ThreadLocalRandom.current().nextLong()) + SUFFIX;
    }

    /** Whether this is the name of a temporary file: a killed process leaves it behind. */
    public static boolean isTemporary(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.startsWith(PREFIX) && name.endsWith(SUFFIX);
    }

    /** The path at the end of the symbolic links that start here, whether or not there is a file. */
    private static Path followLinks(Path target) throws IOException {
        Path file = target;
        for (int links = 0; Files.isSymbolicLink(file); links++) {
            if (links == MAX_LINKS) {
                throw new FileSystemException(
                        target.toString(), null, "cannot write: its symbolic links form a circle");
            }
            file = file.resolveSibling(Files.readSymbolicLink(file));
        }
        return file;
    }

    /**
     * Whether two paths name the same file, in whatever spelling and through whatever links; also if it does not exist
     * yet, but its folder does.
     */
    public static boolean isSame(Path a, Path b) throws IOException {
        if (Files.exists(a) && Files.exists(b)) {
            return Files.isSameFile(a, b);
        }
        return place(a).equals(place(b));
    }

    private static Path place(Path path) throws IOException {
        Path file = followLinks(path).toAbsolutePath().normalize();
        Path folder = file.getParent();
        return folder == null || !Files.exists(folder)
                ? file
                : folder.toRealPath().resolve(file.getFileName());
    }

    private static OutputStream create(Path temporary, Path target) throws IOException {
        try {
            return Files.newOutputStream(temporary, StandardOpenOption.CREATE_NEW);
        } catch (AccessDeniedException e) {
            throw new AccessDeniedException(target.toString(), null, "its folder cannot be written to");
        } catch (NoSuchFileException e) {
            throw new FileSystemException(target.toString(), null, "cannot write: its folder takes no new files");
        } catch (IOException e) {
            throw failure(target, e);
        }
    }

    private static void force(Path temporary, Path target) throws IOException {
        try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
            channel.force(true);
        } catch (IOException e) {
            throw failure(target, e);
        }
    }

    private static void move(Path source, Path file, Path target) throws IOException {
        try {
            try {
                Files.move(source, file, StandardCopyOption.ATOMIC_MOVE);
            } catch (AtomicMoveNotSupportedException e) {
                Files.move(source, file, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw failure(target, e);
        }
    }

    /** A failure of the temporary file, as one of the target. */
    private static FileSystemException failure(Path target, IOException e) {
        String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
        FileSystemException named = new FileSystemException(
                target.toString(),
                null,
                "cannot write: " + (reason == null ? e.getClass().getSimpleName() : reason));
        named.initCause(e);
        return named;
    }

    /** The SHA-256 of a file's content, as 64 lower-case hexadecimal digits. */
    public static String sha256(Path file) throws IOException {
        MessageDigest digest = Fingerprint.newDigest();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
