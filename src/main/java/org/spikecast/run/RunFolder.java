package org.spikecast.run;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.spikecast.io.AtomicFiles;
import org.spikecast.io.Json;
import org.spikecast.kernel.Kernel;
import org.spikecast.model.Version;
import org.spikecast.report.Chart;

/** The folder that a run leaves behind. Its manifest is written last and names every other file with its hash. */
public final class RunFolder {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);

    /** Stands in the folder until the manifest does: the command line with which the run was begun. */
    private static final String UNFINISHED = "unfinished.txt";

    private static final String MANIFEST = "manifest.json";

    private final Path path;
    private final Instant started = Instant.now();

    private RunFolder(Path path) {
        this.path = path;
    }

    /**
     * Makes a folder.
     *
     * @param path where; null for runs/NAME-TIME
     * @throws IllegalArgumentException if it exists and is not empty
     */
    public static RunFolder create(Path path, String name) throws IOException {
        if (path == null) {
            return new RunFolder(ownFolder(name + "-" + LocalDateTime.now().format(TIME)));
        }
        if (Files.exists(path) && !Files.isDirectory(path)) {
            throw new IllegalArgumentException("Output folder " + path + " is a file: choose another --out");
        }
        if (!isEmpty(path)) {
            throw new IllegalArgumentException(
                    "Output folder " + path + " exists and is not empty: choose another --out, or delete it");
        }
        try {
            Files.createDirectories(path);
        } catch (FileSystemException e) {
            throw new IllegalArgumentException(
                    "Output folder " + path + " cannot be made (" + e.getMessage() + "): choose another --out", e);
        }
        return new RunFolder(path);
    }

    /**
     * Makes the folder of a run that takes long, or goes on with one that was broken off.
     *
     * @param path where; null for runs/NAME-TIME
     * @param arguments the command line; a run is resumed with the one it was begun with, but for the folder and threads
     * @param resume whether to go on, if the folder is there
     * @throws IllegalArgumentException if it exists, is not empty, and is not to be or cannot be resumed
     */
    public static RunFolder create(Path path, String name, List<String> arguments, boolean resume) throws IOException {
        if (resume && path == null) {
            throw new IllegalArgumentException("--resume: give the folder of the run to go on with as --out");
        }
        String begun = again(arguments).replaceAll(" --threads[= ]\\S+", "");
        if (resume && !isEmpty(path)) {
            Path marker = path.resolve(UNFINISHED);
            boolean finished = Files.exists(path.resolve(MANIFEST));
            if (finished || !Files.isRegularFile(marker)) {
                throw new IllegalArgumentException("--resume: folder " + path
                        + (finished ? " holds a run that is finished" : " holds no run that was broken off"));
            }
            if (!Files.readString(marker).equals(begun)) {
                throw new IllegalArgumentException("--resume: the run in " + path
                        + " was begun with other options, as: " + Files.readString(marker));
            }
            return new RunFolder(path);
        }
        RunFolder folder = create(path, name);
        AtomicFiles.write(folder.file(UNFINISHED), begun);
        return folder;
    }

    private static boolean isEmpty(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            return true;
        }
        try (Stream<Path> content = Files.list(path)) {
            return content.findAny().isEmpty();
        }
    }

    /** A new folder under runs; several runs may begin within one second. */
    private static Path ownFolder(String name) throws IOException {
        Path runs = Files.createDirectories(Path.of("runs"));
        for (int number = 1; ; number++) {
            try {
                return Files.createDirectory(runs.resolve(number == 1 ? name : name + "-" + number));
            } catch (FileAlreadyExistsException e) {
                // taken: try the next number
            }
        }
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    /** The path of a file in it. */
    public Path file(String name) {
        return path.resolve(name);
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
     * Writes the manifest, which completes the folder.
     *
     * @param arguments the command line that repeats the run
     * @param threads that may have worked on it
     * @param simulation how the data were made; null if they were given
     */
    public void writeManifest(
            List<String> arguments, long seed, Kernel kernel, int threads, Map<String, Object> simulation)
            throws IOException {
        Map<String, Object> manifest = new LinkedHashMap<>();
        manifest.put("arguments", arguments);
        manifest.put("seed", seed);
        manifest.put("spikecast", Version.current());
        manifest.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        manifest.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        manifest.put("kernel", kernel.description());
        manifest.put("threads", threads);
        manifest.put("started", started.toString());
        manifest.put("seconds", Duration.between(started, Instant.now()).toMillis() / 1000.0);
        manifest.put("simulation", simulation);
        Map<String, Object> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(path)) {
            for (Path file : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
                String name = path.relativize(file).toString().replace('\\', '/');
                if (!name.equals(UNFINISHED)) {
                    files.put(name, AtomicFiles.sha256(file));
                }
            }
        }
        manifest.put("files", files);
        writeJson(MANIFEST, manifest);
        Files.deleteIfExists(file(UNFINISHED));
    }

    /**
     * Writes metrics and manifest of a simulation that nothing is trained on.
     *
     * @param statistics what the simulation looks like
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

    /** The command line that repeats a run: without the folder, which is taken now. */
    public static String again(List<String> arguments) {
        StringBuilder line = new StringBuilder("spikecast");
        for (int a = 0; a < arguments.size(); a++) {
            String word = arguments.get(a);
            if (word.equals("--resume")) {
                continue;
            } else if (word.equals("--out")) {
                a++;
            } else if (!word.startsWith("--out=")) {
                boolean plain = word.matches("[\\w./:=,+-]+");
                line.append(' ').append(plain ? word : '"' + word + '"');
            }
        }
        return line.toString();
    }
}
