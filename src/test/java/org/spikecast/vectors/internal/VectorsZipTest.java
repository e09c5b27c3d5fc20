package org.spikecast.vectors.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spikecast.io.internal.Json;

/** The stored vectors as a download, and the runners in it. */
class VectorsZipTest {
    private static final Path VECTORS = Path.of("test-vectors");

    @TempDir
    private Path folder;

    @Test
    void holdsEveryFileOfTheManifestAndTheSameBytesEachTime() throws IOException {
        Path zip = folder.resolve("a.zip");
        VectorsZip.write(VECTORS, zip);
        VectorsZip.write(VECTORS, folder.resolve("b.zip"));
        assertEquals(-1, Files.mismatch(zip, folder.resolve("b.zip")));
        TreeSet<String> expected = new TreeSet<>(List.of("MANIFEST.sha256"));
        for (String line : Files.readAllLines(VECTORS.resolve("MANIFEST.sha256"))) {
            String name = line.split("  ")[1];
            expected.add(name);
            if (name.endsWith(".json") && !name.startsWith("schema/")) {
                expected.add("flat/" + name.replace(".json", ".txt"));
            }
        }
        try (ZipFile file = new ZipFile(zip.toFile())) {
            TreeSet<String> found = new TreeSet<>();
            for (ZipEntry entry : file.stream().map(ZipEntry.class::cast).toList()) {
                assertTrue(entry.getName().startsWith("spikecast-test-vectors/"), entry.getName());
                found.add(entry.getName().substring("spikecast-test-vectors/".length()));
            }
            assertEquals(expected, found);
        }
    }

    /** The flat form of every file has the content of the file. */
    @Test
    void theFlatFormHoldsTheSameValues() throws IOException {
        int values = 0;
        for (String line : Files.readAllLines(VECTORS.resolve("MANIFEST.sha256"))) {
            String name = line.split("  ")[1];
            if (name.endsWith(".json") && !name.startsWith("schema/")) {
                Map<?, ?> document = (Map<?, ?>) Json.read(VECTORS.resolve(name));
                List<Map<String, Object>> flat = read(VectorsZip.flat(document));
                List<?> cases = (List<?>) document.get("cases");
                assertEquals(cases.size(), flat.size(), name);
                for (int k = 0; k < flat.size(); k++) {
                    Map<String, Object> expected = new HashMap<>();
                    flatten("", cases.get(k), expected);
                    assertEquals(expected.keySet(), flat.get(k).keySet(), name);
                    for (String key : expected.keySet()) {
                        values++;
                        if (expected.get(key) instanceof double[] numbers) {
                            assertArrayEquals(numbers, (double[]) flat.get(k).get(key), name + " " + key);
                        } else {
                            assertEquals(expected.get(key), flat.get(k).get(key), name + " " + key);
                        }
                    }
                }
            }
        }
        assertTrue(values > 5000, () -> "few values");
    }

    /** Reads the flat form as its description says, word by word. */
    private static List<Map<String, Object>> read(String text) {
        List<Map<String, Object>> cases = new ArrayList<>();
        String[] lines = text.split("\n");
        Map<String, Object> c = null;
        for (int n = 1; n < lines.length; n++) {
            String[] words = lines[n].split(" ");
            switch (words[0]) {
                case "case" -> c = new HashMap<>(Map.of("id", words[1]));
                case "end" -> cases.add(c);
                case "number" -> c.put(words[1], Double.parseDouble(words[2]));
                case "text" ->
                    c.put(
                            words[1],
                            lines[n].substring(words[0].length() + words[1].length() + 1)
                                    .strip());
                case "array" -> {
                    double[] shape = numbers(Arrays.copyOfRange(words, 3, words.length));
                    assertEquals(Integer.parseInt(words[2]), shape.length);
                    double[] data = numbers(lines[++n].isEmpty() ? new String[0] : lines[n].split(" "));
                    assertEquals(Arrays.stream(shape).reduce(1, (a, b) -> a * b), data.length);
                    c.put(words[1], data);
                    c.put(words[1] + " shape", shape);
                }
                default -> throw new AssertionError(lines[n]);
            }
        }
        return cases;
    }

    private static double[] numbers(String[] words) {
        return Arrays.stream(words).mapToDouble(Double::parseDouble).toArray();
    }

    private static void flatten(String name, Object value, Map<String, Object> out) {
        String prefix = name.isEmpty() ? "" : name + "/";
        if (value instanceof Map<?, ?> map && map.keySet().equals(Set.of("shape", "data"))) {
            out.put(name, doubles((List<?>) map.get("data")));
            out.put(name + " shape", doubles((List<?>) map.get("shape")));
        } else if (value instanceof Map<?, ?> map) {
            map.forEach((key, item) -> flatten(prefix + key, item, out));
        } else if (value instanceof List<?> list && !list.isEmpty() && list.get(0) instanceof String) {
            out.put(name, String.join(" ", list.stream().map(String.class::cast).toList()));
        } else if (value instanceof List<?> list && !list.isEmpty() && !(list.get(0) instanceof Map<?, ?>)) {
            out.put(name, doubles(list));
            out.put(name + " shape", new double[] {list.size()});
        } else if (value instanceof List<?> list) {
            for (int k = 0; k < list.size(); k++) {
                flatten(prefix + k, list.get(k), out);
            }
            if (list.isEmpty()) {
                out.put(name, "");
            }
        } else if (value != null) {
            out.put(name, value instanceof String ? value : doubles(List.of(value))[0]);
        }
    }

    private static double[] doubles(List<?> values) {
        return values.stream()
                .mapToDouble(v -> v instanceof Boolean flag ? (flag ? 1 : 0) : ((Number) v).doubleValue())
                .toArray();
    }

    @Test
    void theRunnersAreShort() throws IOException {
        for (String name : List.of("check.py", "check.c")) {
            assertTrue(
                    Files.readAllLines(VECTORS.resolve("runners").resolve(name)).size() <= 60, name);
        }
    }

    /** The reference implementation in Python passes, and each of two mistakes fails. */
    @ParameterizedTest
    @ValueSource(strings = {"", "dh, dc = dz @ u, dc * f | dh, dc = dz @ u, dc", "2 * (y - t) | y - t"})
    void thePythonRunner(String mistake) throws Exception {
        assumeTrue(run(folder, "python3", "-c", "import numpy").isEmpty(), "python3 with NumPy is not there");
        Path runners = unzipped().resolve("runners");
        change(runners.resolve("lstm.py"), mistake);
        String printed = run(runners, "python3", "check.py");
        assertEquals(mistake.isEmpty(), printed.equals("45 cases, all within 1e-12\n"), printed);
        assertEquals(!mistake.isEmpty(), printed.matches("(?s).*45 cases, \\d+ failed\n"), printed);
    }

    /** The same in C, from the flat form. */
    @ParameterizedTest
    @ValueSource(strings = {"", "dc[j] *= f; | ", "r / H == 2 | r / H == 3"})
    void theRunnerInC(String mistake) throws Exception {
        assumeTrue(run(folder, "cc", "--version").contains("("), "a C compiler, cc, is not there");
        Path runners = unzipped().resolve("runners");
        change(runners.resolve("lstm.c"), mistake);
        assertEquals("", run(runners, "cc", "-O2", "-Wall", "-o", "check", "check.c", "lstm.c", "-lm"));
        List<String> command = new ArrayList<>(List.of("./check"));
        try (var files = Files.list(runners.resolve("../flat/lstm"))) {
            files.sorted().forEach(file -> command.add(file.toString()));
        }
        String printed = run(runners, command.toArray(String[]::new));
        assertEquals(mistake.isEmpty(), printed.equals("45 cases, all within 1e-12\n"), printed);
        assertEquals(!mistake.isEmpty(), printed.matches("(?s).*45 cases, 45 failed\n"), printed);
        List<String> ofOneStep = printed.lines()
                .filter(line -> line.startsWith("mpmath-one-step: "))
                .map(line -> line.split(" ")[1])
                .toList();
        if (mistake.startsWith("dc")) { // page 6 of the course, exercise 2
            assertFalse(printed.contains(": loss") || printed.contains(": output"), printed);
            assertEquals(List.of("gradients/c0"), ofOneStep);
        } else if (!mistake.isEmpty()) { // exercise 1
            assertTrue(printed.startsWith("mpmath-one-unit: loss is off"), printed);
            assertEquals(List.of("loss", "output"), ofOneStep.subList(0, 2));
        }
    }

    private static void change(Path file, String change) throws IOException {
        if (!change.isEmpty()) {
            String[] parts = change.split(" \\| ?", 2);
            String source = Files.readString(file);
            assertTrue(source.contains(parts[0]), change);
            Files.writeString(file, source.replace(parts[0], parts[1]));
        }
    }

    private Path unzipped() throws IOException {
        Path zip = folder.resolve("vectors.zip");
        VectorsZip.write(VECTORS, zip);
        try (ZipFile file = new ZipFile(zip.toFile())) {
            for (ZipEntry entry : file.stream().map(ZipEntry.class::cast).toList()) {
                Path target = folder.resolve(entry.getName());
                Files.createDirectories(target.getParent());
                Files.copy(file.getInputStream(entry), target);
            }
        }
        return folder.resolve("spikecast-test-vectors");
    }

    /** What a command prints; "no such command" if there is none. */
    private String run(Path directory, String... command) throws Exception {
        Path output = Files.createTempFile(folder, "output", ".txt");
        try {
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            assertTrue(process.waitFor(5, TimeUnit.MINUTES), "it takes minutes: " + List.of(command));
        } catch (IOException e) {
            return "no such command";
        }
        return Files.readString(output, StandardCharsets.UTF_8).replace("\r\n", "\n");
    }
}
