package org.spikecast.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.spikecast.io.internal.ArraySource;
import org.spikecast.io.internal.AtomicFiles;
import org.spikecast.io.internal.Content;

/** NPZ files: named arrays, a zip file with one NPY member for each, as numpy.savez and numpy.load have them. */
public final class Npz {
    private static final String SUFFIX = ".npy";

    /** The highest compression of deflate: at best two bits give 258 bytes. */
    private static final long MAX_EXPANSION = 1032;

    /** The bytes of a member in a zip file besides its name, twice, and its data: local header and directory entry. */
    private static final int MEMBER_BYTES = 30 + 46;

    /** The end of a zip file's directory. */
    private static final int END_BYTES = 22;

    /**
     * The time every member bears. It is not 1980-01-01, which zip files also use for "before 1980": for that the JDK
     * adds a second time stamp, which depends on the time zone.
     */
    private static final LocalDateTime FIXED_TIME = LocalDateTime.of(1980, 2, 1, 0, 0);

    private Npz() {}

    /**
     * Reads all arrays; members may be stored or deflated, and are inflated only as far as their headers announce.
     *
     * @return the arrays by name (the member's name without {@code .npy}), in the file's order; unmodifiable
     * @throws MalformedFileException if the file is not such a zip file, a member is not a valid NPY file, is damaged
     *     (CRC-32), or occurs twice, or members overlap
     */
    public static Map<String, NdArray> read(Path file) throws IOException {
        return read(file, null);
    }

    /**
     * Reads some arrays; other members may hold anything.
     *
     * @param names of the arrays to read
     * @return the names of all arrays in the file's order, each with its array if it was to be read, else with null;
     *     unmodifiable
     * @throws MalformedFileException as {@link #read(Path)}, for the arrays to read
     */
    public static Map<String, NdArray> read(Path file, Set<String> names) throws IOException {
        try {
            long size = Content.size(file);
            try (ZipFile zip = new ZipFile(file.toFile())) {
                Map<String, NdArray> arrays = new LinkedHashMap<>();
                for (ZipEntry member : members(zip, size)) {
                    String name = member.getName();
                    boolean array = name.endsWith(SUFFIX);
                    if (!array && names == null) {
                        throw new IllegalArgumentException(
                                "member " + Content.show(name) + ": expected a name ending in .npy");
                    }
                    if (array) {
                        String key = name.substring(0, name.length() - SUFFIX.length());
                        boolean wanted = names == null || names.contains(key);
                        arrays.put(key, wanted ? read(zip, member, size) : null);
                    }
                }
                return Collections.unmodifiableMap(arrays);
            }
        } catch (IllegalArgumentException | IOException e) {
            throw Content.failure(file, e);
        }
    }

    /**
     * The members in order, checked before any is read. Of two with one name ZipFile reads the same one twice; of members
     * that share their compressed data a small file could hold any number.
     */
    private static List<? extends ZipEntry> members(ZipFile zip, long fileSize) {
        List<? extends ZipEntry> members = Collections.list(zip.entries());
        Set<String> names = new HashSet<>();
        long least = END_BYTES;
        for (ZipEntry member : members) {
            String name = member.getName();
            if (!names.add(name)) {
                throw new IllegalArgumentException("member " + Content.show(name) + " stands twice");
            }
            least += MEMBER_BYTES + 2L * name.length() + Math.max(0, member.getCompressedSize());
        }
        if (least > fileSize) {
            throw new IllegalArgumentException(
                    "its members overlap: apart they take at least " + least + " bytes, the file has " + fileSize);
        }
        return members;
    }

    private static NdArray read(ZipFile zip, ZipEntry member, long fileSize) throws IOException {
        try (CheckedInputStream in = new CheckedInputStream(zip.getInputStream(member), new CRC32())) {
            long size = member.getSize();
            if (size < 0 || size > Math.min(member.getCompressedSize(), fileSize) * MAX_EXPANSION) {
                throw new IllegalArgumentException("its compressed data cannot hold " + size + " bytes");
            }
            NdArray array = Npy.read(in, size);
            if (in.read() >= 0) {
                throw new IllegalArgumentException("holds more than the " + size + " bytes announced");
            }
            if (in.getChecksum().getValue() != member.getCrc()) {
                throw new IllegalArgumentException("damaged: its CRC-32 is not the one the zip file gives");
            }
            return array;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("member " + Content.show(member.getName()) + ": " + e.getMessage(), e);
        }
    }

    /**
     * Writes arrays in the map's order. Members are stored, not deflated, and bear a fixed time, so that the same
     * arrays give the same bytes everywhere.
     */
    public static void write(Path file, Map<String, NdArray> arrays) throws IOException {
        Map<String, ArraySource> sources = new LinkedHashMap<>();
        arrays.forEach((name, array) -> sources.put(name, ArraySource.of(array)));
        writeSources(file, sources);
    }

    /** The same, of arrays that need not be in memory: each is read twice, first for its checksum. */
    public static void writeSources(Path file, Map<String, ArraySource> arrays) throws IOException {
        AtomicFiles.write(file, out -> {
            try (ZipOutputStream zip = new ZipOutputStream(out)) {
                for (Map.Entry<String, ArraySource> array : arrays.entrySet()) {
                    zip.putNextEntry(member(array.getKey() + SUFFIX, array.getValue()));
                    Npy.write(zip, array.getValue());
                    zip.closeEntry();
                }
            }
        });
    }

    private static ZipEntry member(String name, ArraySource array) throws IOException {
        CheckedOutputStream checked = new CheckedOutputStream(OutputStream.nullOutputStream(), new CRC32());
        Npy.write(checked, array);
        ZipEntry member = new ZipEntry(name);
        member.setMethod(ZipEntry.STORED);
        member.setSize(Npy.length(array));
        member.setCrc(checked.getChecksum().getValue());
        member.setTimeLocal(FIXED_TIME);
        return member;
    }
}
