package org.spikecast.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * README and src/docs: commands are right, links lead to files, Java compiles, and every number is in the list of
 * numbers. DocumentNumbers runs the commands and measures the numbers.
 */
class DocumentsTest {
    /** Documents whose numbers the list accounts for, line by line. */
    private static final List<Path> COUNTED = List.of(
            Path.of("README.md"),
            Path.of("src/docs/ring.md"),
            Path.of("src/docs/ca1.md"),
            Path.of("src/docs/inspect.md"),
            Path.of("src/docs/models.md"),
            Path.of("src/docs/gradient-checking.md"));

    /** A number that may be a result: with a decimal point, an exponent, a percent sign, a spread or a unit of time. */
    private static final Pattern RESULT =
            Pattern.compile("\\d\\.\\d|\\de-?\\d|\\d %|\\d \u00b1|\\d (ms|s|minutes|seconds|MB|times)\\b");

    static List<Documents.Line> commands() throws IOException {
        return Documents.commands();
    }

    @Test
    void thereAreCommandsToCheck() throws IOException {
        assertTrue(commands().stream().filter(line -> !line.synopsis()).count() >= 4, commands()::toString);
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandIsUnderstood(Documents.Line line) {
        if (!line.synopsis()) {
            Main.parse(line.words()); // throws and says why
            return;
        }
        // Of a synopsis, the commands and the options' names.
        Set<String> known = new HashSet<>(Main.HELP);
        known.addAll(Main.VERSION);
        String words = line.text().replaceAll("[\\[\\]|]", " ");
        boolean found = words.matches("spikecast (COMMAND|help).*|spikecast --.*");
        for (Command command : Main.commands()) {
            if ((words + " ").startsWith("spikecast " + command.name + " ") || command.name.startsWith("run ")) {
                found |= (words + " ").startsWith("spikecast " + command.name.split(" ")[0] + " ");
                command.options.forEach(option -> known.add(option.name));
                known.add(command.quiet.name);
            }
        }
        found |= words.startsWith("spikecast simulate ");
        assertTrue(found, "there is no such command");
        for (String word : words.split("[ =]+")) {
            assertTrue(!word.startsWith("-") || known.contains(word), "no option " + word);
        }
    }

    @Test
    void everyOptionInTheTextIsOneOfSomeCommand() throws IOException {
        Set<String> known = new HashSet<>(List.of(
                "--add-modules",
                "--add-exports",
                "--sections",
                "--workloads",
                "--rounds",
                "--cores",
                "--store",
                "--even-if-shared",
                "--subnormals",
                "--check"));
        known.addAll(Main.HELP);
        known.addAll(Main.VERSION);
        for (Command command : Main.commands()) {
            command.options.forEach(option -> known.add(option.name));
            known.add(command.quiet.name);
        }
        List<String> unknown = new ArrayList<>();
        for (Path document : Documents.all()) {
            for (String span : Documents.spans(document)) {
                for (String word : span.split("[ =|\\[\\]]+")) {
                    if (word.startsWith("--") && !known.contains(word)) {
                        unknown.add(document + ": " + span);
                    }
                }
            }
        }
        assertEquals(List.of(), unknown);
    }

    @Test
    void everyLinkLeadsToAFile() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path document : Documents.all()) {
            Matcher link = Pattern.compile("\\]\\(([^)#]+)(#[^)]*)?\\)").matcher(Files.readString(document));
            while (link.find()) {
                String target = link.group(1);
                Path folder = document.toAbsolutePath().getParent();
                if (!target.contains(":") && !Files.exists(folder.resolve(target))) {
                    broken.add(document + ": " + target);
                }
            }
        }
        assertEquals(List.of(), broken);
    }

    /** Java in the documents uses public packages only, and the reader's own x, steps and features. */
    @Test
    void javaInTheDocumentsCompiles(@TempDir Path classes) throws IOException {
        Set<String> packages = new TreeSet<>();
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            files.filter(file -> file.toString().endsWith(".java")
                            && !file.toString().contains("internal"))
                    .filter(file -> !file.endsWith("package-info.java")
                            && !file.toString().contains("cli"))
                    .forEach(file -> packages.add(Path.of("src/main/java")
                            .relativize(file.getParent())
                            .toString()
                            .replace(File.separatorChar, '.')));
        }
        String imports = packages.stream().map(p -> "import " + p + ".*;\n").collect(Collectors.joining())
                + "import java.nio.file.*;\nimport java.util.*;\n";
        List<JavaFileObject> sources = new ArrayList<>();
        for (Path document : COUNTED) {
            Matcher block = Pattern.compile("(?s)```java\n(.*?)```").matcher(Files.readString(document));
            while (block.find()) {
                String name = "Example" + sources.size();
                String code = imports + "class " + name
                        + " { static void example(double[] x, double[] target, int steps, double[] features"
                        + (block.group(1).contains(" model = ") ? "" : ", Forecaster model")
                        + ") throws Exception {\n"
                        + block.group(1) + "} }\n";
                sources.add(
                        new SimpleJavaFileObject(
                                URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
                            @Override
                            public CharSequence getCharContent(boolean ignoreErrors) {
                                return code;
                            }
                        });
            }
        }
        assertTrue(sources.size() >= 5, "examples found: " + sources.size());
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
        List<String> options =
                List.of("-d", classes.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none");
        compiler.getTask(null, null, problems, options, null, sources).call();
        assertEquals(
                List.of(),
                problems.getDiagnostics().stream()
                        .filter(d -> d.getKind() == Diagnostic.Kind.ERROR)
                        .map(Object::toString)
                        .toList());
    }

    @Test
    void everyEntryOfTheListStandsInItsDocument() throws IOException {
        for (Documents.Entry entry : Documents.numbers()) {
            String text = Files.readString(entry.document()).replaceAll("\\s+", " ");
            assertTrue(text.contains(entry.quote().replaceAll("\\s+", " ")), entry.toString());
            if (entry.isRun()) {
                Main.parse(Documents.words(entry.how().replaceAll("\\{.*?}", "1"))
                        .subList(1, Documents.words(entry.how()).size()));
                assertTrue(
                        entry.source().equals("stdout") || entry.quote().contains(entry.value()),
                        "the quote gives the value: " + entry);
            }
        }
    }

    @Test
    void everyNumberIsInTheList() throws IOException {
        List<Documents.Entry> list = Documents.numbers();
        List<String> missing = new ArrayList<>();
        for (Path document : COUNTED) {
            boolean java = false;
            for (String line : Files.readAllLines(document)) {
                java = line.startsWith("```") ? line.equals("```java") : java;
                String flat = line.replaceAll("\\s+", " ").strip();
                boolean listed = list.stream()
                        .filter(entry -> entry.document().equals(document))
                        .map(entry -> entry.quote().replaceAll("\\s+", " "))
                        .anyMatch(quote -> flat.contains(quote) || quote.contains(flat));
                if (!java && !listed && RESULT.matcher(line).find()) {
                    missing.add(document + "\t" + flat);
                }
            }
        }
        assertEquals(List.of(), missing, String.join("\n", missing));
    }

    /** performance.md repeats what stands in the tables of the benchmarks. */
    @Test
    void performanceIsThatOfTheBenchmarks() throws IOException {
        String measured = Files.readString(Path.of("benchmarks/README.md"));
        Matcher number = Pattern.compile("(?<![\\w.])\\d+\\.\\d+(?![\\w.])")
                .matcher(Files.readString(Path.of("src/docs/performance.md")));
        List<String> missing = new ArrayList<>();
        while (number.find()) {
            if (!measured.contains(number.group())) {
                missing.add(number.group());
            }
        }
        assertEquals(List.of(), missing);
    }
}
