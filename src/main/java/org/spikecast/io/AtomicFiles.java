package org.spikecast.io;

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
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Writes files whole or not at all: under a temporary name in the target's folder, forced to the disk, then moved into
 * place. A reader sees the old file or the new one, never half of one. No parent folder is created.
 */
public final class AtomicFiles {
    private static final int BUFFER_BYTES = 1 << 16;

    private AtomicFiles() {}

    /** An action on a value that may fail with an IOException. */
    @FunctionalInterface
    public interface IOConsumer<T> {
        /** Does the action. */
        void accept(T value) throws IOException;
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
     * Writes what {@code body} puts into the stream (buffered; the body may close it). Whatever the body throws is
     * passed on, the target stays as it was, and the temporary file is removed.
     *
     * @param target a new or existing regular file (a symbolic link to one is followed) in an existing folder
     * @throws NoSuchFileException if the folder does not exist
     * @throws FileAlreadyExistsException if the target exists and is not a regular file, such as a folder or a device
     */
    public static void write(Path target, IOConsumer<OutputStream> body) throws IOException {
        boolean exists = Files.exists(target);
        if (exists && !Files.isRegularFile(target)) {
            throw new FileAlreadyExistsException(
                    target.toString(), null, "cannot write: exists and is not a regular file");
        }
        Path file = exists ? target.toRealPath() : target.toAbsolutePath();
        // not the target's name with a suffix, which could be longer than the file system allows; and not
        // Files.createTempFile, whose files only their owner may read
        String name =
                ".spikecast-" + Long.toHexString(ThreadLocalRandom.current().nextLong()) + ".tmp";
        Path folder = file.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new NoSuchFileException(target.toString(), null, "cannot write: its folder does not exist");
        }
        Path temporary = folder.resolve(name);
        try {
            try (OutputStream out = new BufferedOutputStream(create(temporary, target), BUFFER_BYTES)) {
                body.accept(out);
            }
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            move(temporary, file);
        } catch (Throwable failure) {
            try {
                Files.deleteIfExists(temporary);
            } catch (IOException second) {
                failure.addSuppressed(second);
            }
            throw failure;
        }
    }

    /** Creates the temporary file; if that fails, the message names the file that was meant. */
    private static OutputStream create(Path temporary, Path target) throws IOException {
        try {
            return Files.newOutputStream(temporary, StandardOpenOption.CREATE_NEW);
        } catch (AccessDeniedException e) {
            throw new AccessDeniedException(target.toString(), null, "its folder cannot be written to");
        } catch (FileSystemException e) {
            String reason = e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
            throw new FileSystemException(target.toString(), null, "cannot write: " + reason);
        }
    }

    private static void move(Path source, Path target) throws IOException {
        try {
            Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(source, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** The SHA-256 of a file's content, as 64 lower-case hexadecimal digits. */
    public static String sha256(Path file) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
