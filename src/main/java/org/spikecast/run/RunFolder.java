package org.spikecast.run;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.spikecast.io.internal.AtomicFiles;
import org.spikecast.io.internal.Json;
import org.spikecast.kernel.Kernel;
import org.spikecast.model.internal.Version;
import org.spikecast.report.internal.Chart;
import org.spikecast.train.internal.Checkpoints;

/**
 * The folder with the results of a run. Its manifest is written last and lists every other file with its hash. Time, machine
 * and duration of the run stand in {@code run.json}, so that a repeated run gives the same manifest. A run holds a lock
 * on its folder until its process ends.
 */
public final class RunFolder implements Closeable {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);

    /** Stands in the folder until the manifest does: the command line with which the run was begun. */
    private static final String UNFINISHED = "unfinished.txt";

    private static final String LOCK = "run.lock";
    private static final String MANIFEST = "manifest.json";
    private static final String RUN = "run.json";

    /** The page that shows the results. */
    public static final String REPORT = "report.html";

    /** The prefix of the names of checkpoints of early builds, which were beside the results. */
    private static final String EARLIER_CHECKPOINT = "checkpoint-";

    /** Folder of trainings that are not done yet. */
    private static final String CHECKPOINTS = "checkpoints";

    /** Options that say where and how a run is carried out and change no result, with the number of words of each. */
    private static final Map<String, Integer> OF_THE_MACHINE = Map.of(
            "--resume",
            1,
            "--out",
            2,
            "--threads",
            2,
            "--checkpoint",
            2,
            "--checkpoint-interval",
            2,
            "--quiet",
            1,
            "--json",
            1);

    private final Path path;

    /**
     * The folder of checkpoints and parts of the results until the run is done: the run's folder itself, or another
     * one.
     */
    private final Path work;

    /**
     * The folders that runs of this process hold, in which no lock file is opened again: closing it would end the lock, as
     * POSIX has it.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    /** By the folder's real path. */
    private final Map<Path, FileChannel> locks = new LinkedHashMap<>();

    private final Instant started = Instant.now();
    private Duration interval = Checkpoints.USUAL_INTERVAL;

    private RunFolder(Path path, Path work) throws IOException {
        this.path = path;
        this.work = work;
        List<Path> made = new ArrayList<>();
        try {
            for (Path folder : folders()) {
                boolean isNew = !Files.exists(folder);
                make(folder);
                if (isNew) {
                    made.add(folder);
                }
            }
        } catch (IOException | RuntimeException e) {
            close();
            for (Path folder : made) {
                remove(folder);
            }
            throw e;
        }
    }

    private void make(Path folder) throws IOException {
        try {
            Files.createDirectories(folder);
            locks.put(folder.toRealPath(), lock(folder, path));
            HELD.add(folder.toRealPath());
        } catch (FileSystemException e) {
            throw new IllegalArgumentException(
                    title(folder, path) + " cannot be made (" + e.getMessage() + "): " + remedy(folder, path), e);
        }
    }

    /** Removes a folder that was made for a run that cannot begin. */
    private static void remove(Path folder) throws IOException {
        Files.deleteIfExists(folder.resolve(LOCK));
        Files.deleteIfExists(folder);
    }

    /** The role of a folder in a run, for messages: of its checkpoints or of its results. */
    private static String title(Path folder, Path path) {
        return (folder.equals(path) ? "Output folder " : "Folder of checkpoints ") + folder;
    }

    private static String remedy(Path folder, Path path) {
        return "choose another " + (folder.equals(path) ? "--out" : "--checkpoint");
    }

    private Set<Path> folders() {
        return new LinkedHashSet<>(List.of(path, work));
    }

    private static FileChannel lock(Path folder, Path path) throws IOException {
        FileChannel channel = null;
        boolean free = !HELD.contains(folder.toRealPath());
        if (free) {
            channel = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                free = channel.tryLock() != null;
            } catch (IOException e) {
                return channel; // a file system without locks
            }
        }
        if (!free) {
            if (channel != null) {
                channel.close();
            }
            throw new IllegalArgumentException("Another run is at work in folder " + folder
                    + ": let it finish or stop it, or " + remedy(folder, path));
        }
        return channel;
    }

    /**
     * Makes a folder.
     *
     * @param path the folder; null for runs/NAME-TIME @throws IllegalArgumentException if it exists and is not empty,
     *     or another run uses it
     */
    public static RunFolder create(Path path, String name) throws IOException {
        return path == null ? inOwnFolder(name + "-" + LocalDateTime.now().format(TIME), null) : begin(path, path);
    }

    /**
     * Makes the folder of a run that writes checkpoints, or resumes an interrupted run.
     *
     * @param path where; null for runs/NAME-TIME
     * @param checkpoints where to keep checkpoints and parts of the results until the run is done; null for the folder
     * @param arguments the command line; a run is resumed with the one it was begun with, but for options that change no
     *     result
     * @param resume whether to resume the run that is there
     * @throws IllegalArgumentException if the folder is not empty and {@code resume} is false; if its run cannot be resumed;
     *     if there is none to resume; or if another run is at work in it
     */
    public static RunFolder create(Path path, String name, Path checkpoints, List<String> arguments, boolean resume)
            throws IOException {
        if (resume && path == null) {
            throw new IllegalArgumentException("--resume: give the folder of the interrupted run as --out");
        }
        String begun = again(arguments);
        RunFolder folder;
        if (resume) {
            folder = resume(path, checkpoints == null ? path : checkpoints, begun);
        } else if (path == null) {
            folder = inOwnFolder(name + "-" + LocalDateTime.now().format(TIME), checkpoints);
        } else {
            folder = begin(path, checkpoints == null ? path : checkpoints);
        }
        for (Path each : folder.folders()) {
            AtomicFiles.write(each.resolve(UNFINISHED), begun);
        }
        return folder;
    }

    private static RunFolder begin(Path path, Path work) throws IOException {
        for (Path each : new LinkedHashSet<>(List.of(path, work))) {
            if (Files.exists(each) && !Files.isDirectory(each)) {
                throw new IllegalArgumentException(title(each, path) + " is a file: " + remedy(each, path));
            }
            requireEmpty(each, path); // before anything is written to it
        }
        RunFolder folder = new RunFolder(path, work);
        try {
            for (Path each : folder.folders()) {
                requireNoContent(each, path); // another run may have begun and ended since
            }
            folder.removeTemporaryFiles();
            return folder;
        } catch (IOException | RuntimeException e) {
            folder.close();
            throw e;
        }
    }

    private static void requireEmpty(Path folder, Path path) throws IOException {
        if (Files.exists(folder.resolve(LOCK))) {
            lock(folder, path).close(); // whoever holds it is a better reason
        }
        requireNoContent(folder, path);
    }

    private static void requireNoContent(Path folder, Path path) throws IOException {
        if (!content(folder).isEmpty()) {
            String resume = Files.exists(folder.resolve(UNFINISHED)) ? ", or resume its run by --resume" : "";
            throw new IllegalArgumentException(title(folder, path) + " exists and is not empty: " + remedy(folder, path)
                    + ", or delete it" + resume);
        }
    }

    private static RunFolder resume(Path path, Path work, String begun) throws IOException {
        if (Files.exists(path.resolve(MANIFEST))) { // it was the last file: the run ended before it could tidy up
            try (RunFolder folder = new RunFolder(path, work)) {
                folder.tidyUp();
            }
            throw new IllegalArgumentException("--resume: folder " + path + " holds a run that is finished");
        }
        Path marker = work.resolve(UNFINISHED);
        boolean hardlyBegun = content(work).isEmpty() && Files.exists(work.resolve(LOCK));
        if (!Files.isRegularFile(marker) && !hardlyBegun) {
            throw new IllegalArgumentException(
                    "--resume: folder " + work + " holds no interrupted run; leave out --resume to begin one");
        }
        if (!hardlyBegun && !Files.readString(marker).equals(begun)) {
            throw new IllegalArgumentException(
                    "--resume: the run in " + work + " was begun with other options, as: " + Files.readString(marker));
        }
        for (Path file : content(work)) {
            if (file.getFileName().toString().startsWith(EARLIER_CHECKPOINT)) {
                throw new IllegalArgumentException("--resume: the run in " + work
                        + " was begun by an earlier version, which wrote " + file.getFileName()
                        + ": finish it with that version, or delete the folder and begin it anew");
            }
        }
        if (!path.equals(work) && !Files.exists(path.resolve(UNFINISHED))) {
            requireEmpty(path, path);
        }
        RunFolder folder = new RunFolder(path, work);
        folder.removeTemporaryFiles();
        return folder;
    }

    /** The content of a folder, without the remains of a run that was killed before its first file was complete. */
    private static List<Path> content(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> content = Files.list(folder)) {
            return content.filter(file -> !file.endsWith(LOCK) && !AtomicFiles.isTemporary(file))
                    .toList();
        }
    }

    /** A run that was killed leaves temporary files; while the lock is held, nobody else writes here. */
    private void removeTemporaryFiles() throws IOException {
        for (Path folder : folders()) {
            for (Path file : files(folder)) {
                if (AtomicFiles.isTemporary(file)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    /** A new folder under runs; several runs may begin within one second. */
    private static RunFolder inOwnFolder(String name, Path checkpoints) throws IOException {
        Path runs = Files.createDirectories(Path.of("runs"));
        for (int number = 1; ; number++) {
            Path path = runs.resolve(number == 1 ? name : name + "-" + number);
            try {
                Files.createDirectory(path);
            } catch (FileAlreadyExistsException e) {
                continue; // taken: try the next number
            }
            try {
                return begin(path, checkpoints == null ? path : checkpoints);
            } catch (IOException | RuntimeException e) {
                remove(path);
                throw e;
            }
        }
    }

    /** Sets how often a checkpoint is written within an epoch. */
    public void setCheckpointInterval(Duration interval) {
        this.interval = interval;
    }

    /** The path of the folder. */
    public Path path() {
        return path;
    }

    /** The path of a file in the folder. */
    public Path file(String name) {
        return path.resolve(name);
    }

    /** The path of a file that an interrupted run keeps, and that is among the results when the run is done. */
    public Path part(String name) {
        return work.resolve(name);
    }

    /**
     * The checkpoints of a training of this run, kept until the run is done.
     *
     * @param name of the training
     * @param description of the training; one that differs is not resumed
     */
    public Checkpoints checkpoints(String name, String description) throws IOException {
        Path folder = Files.createDirectories(part(CHECKPOINTS));
        return new Checkpoints(folder.resolve(name + ".safetensors"), description, interval);
    }

    /** Some work that fills a folder. */
    @FunctionalInterface
    public interface Work<T> {
        /** Does the work. */
        T run() throws IOException;
    }

    /**
     * Does some work and ends the lock on the folder.
     *
     * @throws FileSystemException if the folder is gone before the work is done
     */
    public <T> T fill(Work<T> task) throws IOException {
        try (this) {
            return task.run();
        } catch (NoSuchFileException e) {
            for (Path folder : folders()) {
                if (!Files.isDirectory(folder)) {
                    FileSystemException gone = new FileSystemException(
                            folder.toString(), null, "the run's folder was removed while the run was at work");
                    gone.initCause(e);
                    throw gone;
                }
            }
            throw e;
        }
    }

    /** Writes a value as JSON. */
    public void writeJson(String name, Object value) throws IOException {
        AtomicFiles.write(file(name), Json.write(value));
    }

    /** Writes a figure and its data. */
    public void writeFigure(String name, Chart chart) throws IOException {
        Files.createDirectories(file("figures"));
        AtomicFiles.write(file("figures/" + name + ".svg"), chart.svg());
        AtomicFiles.write(file("figures/" + name + ".csv"), chart.csv());
    }

    /**
     * Writes the manifest, which completes the folder, and ends the lock.
     *
     * @param arguments the command line that repeats the run; options that change no result are left out
     * @param threads that the run may have used
     * @param simulation how the data were made; null if they were given
     */
    public void writeManifest(
            List<String> arguments, long seed, Kernel kernel, int threads, Map<String, Object> simulation)
            throws IOException {
        collectParts();
        Map<String, Object> run = new LinkedHashMap<>();
        run.put("folder", path.toString());
        run.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        run.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        run.put("kernel", kernel.description());
        run.put("threads", threads);
        run.put("started", started.toString());
        run.put("seconds", Duration.between(started, Instant.now()).toMillis() / 1000.0);
        writeJson(RUN, run);

        Map<String, Object> manifest = new LinkedHashMap<>();
        manifest.put("arguments", repeatable(arguments));
        manifest.put("seed", seed);
        manifest.put("spikecast", Version.current());
        manifest.put("simulation", simulation);
        Map<String, Object> files = new TreeMap<>();
        for (Path file : files(path)) {
            String name = path.relativize(file).toString().replace('\\', '/');
            boolean ofTheRun = Set.of(UNFINISHED, LOCK, MANIFEST, RUN).contains(name);
            if (!ofTheRun && !name.startsWith(CHECKPOINTS + "/")) {
                files.put(name, AtomicFiles.sha256(file));
            }
        }
        manifest.put("files", files);
        writeJson(MANIFEST, manifest);
        tidyUp();
    }

    /** Removes, now that the results are complete, what was needed to go on; the lock last. */
    private void tidyUp() throws IOException {
        removeTemporaryFiles();
        if (!path.equals(work)) {
            for (Path part : parts()) {
                Files.delete(part);
                deleteIfEmpty(part.getParent());
            }
        }
        Path checkpoints = work.resolve(CHECKPOINTS);
        if (Files.isDirectory(checkpoints)) {
            for (Path file : files(checkpoints)) {
                Files.delete(file);
            }
            Files.delete(checkpoints);
        }
        for (Path folder : folders()) {
            Files.deleteIfExists(folder.resolve(UNFINISHED));
        }
        close();
        for (Path folder : folders()) {
            Files.deleteIfExists(folder.resolve(LOCK));
        }
    }

    private static void deleteIfEmpty(Path folder) throws IOException {
        if (content(folder).isEmpty()) {
            Files.delete(folder);
        }
    }

    /** The results among the files that are kept until the run is done. */
    private List<Path> parts() throws IOException {
        return files(work).stream()
                .filter(file -> {
                    Path name = work.relativize(file);
                    return !name.startsWith(UNFINISHED) && !name.startsWith(LOCK) && !name.startsWith(CHECKPOINTS);
                })
                .toList();
    }

    /** Copies the parts that are elsewhere to the folder. */
    private void collectParts() throws IOException {
        if (path.equals(work)) {
            return;
        }
        for (Path part : parts()) {
            Path to = path.resolve(work.relativize(part).toString());
            Files.createDirectories(to.getParent());
            AtomicFiles.write(to, Files.readAllBytes(part));
        }
    }

    /** Ends the lock on the folder: another run may begin or go on in it. */
    @Override
    public void close() throws IOException {
        for (Map.Entry<Path, FileChannel> lock : locks.entrySet()) {
            lock.getValue().close();
            HELD.remove(lock.getKey());
        }
        locks.clear();
    }

    /**
     * Writes metrics and manifest of a simulation without a training.
     *
     * @param statistics of the simulation
     * @param setup how the data were made; null if the arguments say it all
     */
    public void finishSimulation(
            String experiment,
            long seed,
            Map<String, Object> statistics,
            List<String> arguments,
            Map<String, Object> setup,
            Kernel kernel)
            throws IOException {
        Map<String, Object> metrics = new LinkedHashMap<>();
        metrics.put("experiment", experiment);
        metrics.put("seed", seed);
        metrics.put("simulation", statistics);
        writeJson("metrics.json", metrics);
        writeManifest(arguments, seed, kernel, 1, setup);
    }

    /** A command line without the options that say where and how a run is carried out and change no result. */
    private static List<String> repeatable(List<String> arguments) {
        List<String> words = new ArrayList<>();
        for (int a = 0; a < arguments.size(); a++) {
            String word = arguments.get(a);
            int equals = word.indexOf('=');
            Integer count = OF_THE_MACHINE.get(equals < 0 ? word : word.substring(0, equals));
            if (count == null) {
                words.add(word);
            } else if (equals < 0) {
                a += count - 1;
            }
        }
        return words;
    }

    /** The command line that repeats a run, to the same results, for a POSIX shell. */
    public static String again(List<String> arguments) {
        return again("spikecast", arguments);
    }

    /** The same, with another way to call the program. */
    public static String again(String program, List<String> arguments) {
        return line(program, repeatable(arguments));
    }

    /**
     * Words as a line that a POSIX shell takes for these words, whatever they hold.
     *
     * @param program the beginning of the line, unquoted
     */
    public static String line(String program, List<String> words) {
        StringBuilder line = new StringBuilder(program);
        for (String word : words) {
            line.append(' ').append(quoted(word));
        }
        return line.toString();
    }

    private static String quoted(String word) {
        if (word.matches("[\\w./:=,+-]+")) {
            return word;
        }
        if (word.codePoints().noneMatch(Character::isISOControl)) {
            return "'" + word.replace("'", "'\\''") + "'";
        }
        StringBuilder escaped =
                new StringBuilder("$'"); // bash, zsh and POSIX 2024: no control character reaches a terminal
        word.codePoints().forEach(c -> {
            if (Character.isISOControl(c)) {
                escaped.append(c < 0x80 ? "\\%03o".formatted(c) : "\\u%04x".formatted(c));
            } else {
                escaped.append(c == '\'' || c == '\\' ? "\\" : "").appendCodePoint(c);
            }
        });
        return escaped.append('\'').toString();
    }
}
