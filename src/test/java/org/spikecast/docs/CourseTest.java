package org.spikecast.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;

/**
 * The course: each command of a page is run and its output compared with the text block that follows it, byte by byte;
 * every other number of a page is in such a block or in code. With -Dcourse.write=true the blocks are written anew
 * instead: read the pages again after that.
 */
class CourseTest {
    private static final Path COURSE = Path.of("src/docs/course");
    private static final Path MICRO = Path.of("src/docs/MicroLstm.java");
    private static final boolean WRITE = Boolean.getBoolean("course.write");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w+)\n(.*?)^```$");
    /** Decimal numbers, and whole ones of two digits or more that are no number of an equation. */
    private static final Pattern NUMBER =
            Pattern.compile("(?<![\\w.(-])-?(\\d+(\\.\\d+(e[-+]?\\d+)?|e[-+]?\\d+)|\\d{2,})(?![\\w)]|\\.\\d)");

    /** Facts that no command prints. */
    private static final List<String> FACTS = List.of("17 or newer", "50-digit", "23 wrong orders");

    /** What a reader types and no test runs: the build, and copies of files. */
    private static final Set<String> BY_HAND = Set.of(
            "mvn -q -B -DskipTests package",
            "cp src/docs/MicroLstm.java Broken.java",
            "jar xf target/spikecast-test-vectors.zip",
            "cd spikecast-test-vectors/runners");

    /** Commands that VectorsZipTest runs. */
    private static final Set<String> RUNNERS =
            Set.of("python3 check.py", "cc -O2 -o check check.c lstm.c -lm", "./check ../flat/lstm/*.txt");

    private static final String REMEDY = "if the change is meant: mvn test -Dtest=CourseTest -Dcourse.write=true";

    @TempDir
    private Path classes;

    private int compiled;

    /** A block of a page between fences. */
    private record Block(String language, String text, int start, int end) {}

    @Test
    void everyCommandPrintsWhatThePageShows() throws Exception {
        int compared = 0;
        Set<String> programs = new HashSet<>();
        for (Path page : pages()) {
            String text = Files.readString(page);
            StringBuilder rewritten = new StringBuilder();
            int at = 0;
            String source = null;
            String command = "";
            String printed = null;
            for (Block block : blocks(text)) {
                switch (block.language) {
                    case "diff" -> source = changed(block.text);
                    case "sh" -> {
                        for (String line : block.text.split("\n| && ")) {
                            command = line;
                            printed = isByHand(line) || line.startsWith("jshell") ? null : run(line, source, programs);
                        }
                    }
                    case "java" -> {
                        assertTrue(command.startsWith("jshell -s"), page + ": code without a command before it");
                        printed = session(command, source, block.text);
                    }
                    default -> {
                        assertEquals("text", block.language, page + ": block of an unknown kind");
                        assertTrue(printed != null, page + ": nothing prints\n" + block.text);
                        compared++;
                        if (!WRITE) {
                            assertEquals(printed, block.text, page + ": " + command + "; " + REMEDY);
                        }
                        rewritten.append(text, at, block.start).append(printed);
                        at = block.end;
                    }
                }
            }
            if (WRITE) {
                Files.writeString(page, rewritten.append(text.substring(at)));
            }
        }
        assertTrue(compared >= 19, "compared " + compared);
        try (var files = Files.list(COURSE)) {
            assertEquals(
                    files.map(file -> file.getFileName().toString())
                            .filter(name -> name.endsWith(".java"))
                            .map(name -> name.replace(".java", ""))
                            .collect(java.util.stream.Collectors.toSet()),
                    programs,
                    "programs of the course that no page runs");
        }
    }

    private boolean isByHand(String command) {
        return BY_HAND.contains(command) || command.isBlank();
    }

    /** Numbers of the prose: calculated by a command of the page, or given in its code. */
    @Test
    void everyNumberOfTheProseStandsInABlock() throws IOException {
        for (Path page : pages()) {
            verifyProse(Files.readString(page));
        }
    }

    @Test
    void aChangedDigitFails() throws IOException {
        int changed = 0;
        for (Path page : pages()) {
            String text = Files.readString(page);
            for (MatchResult number : numbers(prose(text))) {
                int at = number.end() - 1;
                char digit = text.charAt(at) == '9' ? '1' : (char) (text.charAt(at) + 1);
                String wrong = text.substring(0, at) + digit + text.substring(at + 1);
                assertThrows(AssertionError.class, () -> verifyProse(wrong), page + ": " + number.group());
                changed++;
            }
        }
        assertTrue(changed > 5, "numbers in the prose: " + changed);
    }

    /** The course's programs import only what a user of the library can use. */
    @Test
    void onlyThePublicInterfaceIsUsed() throws IOException {
        try (var files = Files.list(COURSE)) {
            for (Path file : files.toList()) {
                assertFalse(Files.readString(file).contains(".internal"), file.toString());
            }
        }
    }

    private static List<Path> pages() throws IOException {
        try (var files = Files.list(COURSE)) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        }
    }

    private static List<Block> blocks(String page) {
        List<Block> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(page.replace("\r", ""));
        while (matcher.find()) {
            blocks.add(new Block(matcher.group(1), matcher.group(2), matcher.start(2), matcher.end(2)));
        }
        return blocks;
    }

    /** A page with its blocks blanked. */
    private static String prose(String page) {
        StringBuilder prose = new StringBuilder(page);
        for (Block block : blocks(page)) {
            for (int k = block.start; k < block.end; k++) {
                prose.setCharAt(k, ' ');
            }
        }
        String text = prose.toString();
        for (String fact : FACTS) {
            text = text.replace(fact, " ".repeat(fact.length()));
        }
        return text;
    }

    private static List<MatchResult> numbers(String text) {
        return NUMBER.matcher(text).results().toList();
    }

    private static void verifyProse(String page) {
        Set<String> known = new HashSet<>();
        for (String runner : List.of("lstm.py", "lstm.c")) {
            known.add("" + read(Path.of("test-vectors/runners", runner)).lines().count());
        }
        for (int units : new int[] {1, 2, 4, 8}) { // of MicroLstm with one input and one output
            known.add(""
                    + new NetworkParameters(new NetworkConfig(1, units, 1, 1))
                            .set()
                            .size());
        }
        for (Block block : blocks(page)) {
            known.addAll(Arrays.asList(block.text.split("[^-\\w.+]+")));
            numbers(block.text).forEach(number -> known.add(number.group()));
        }
        for (MatchResult number : numbers(prose(page))) {
            assertTrue(known.contains(number.group()), number.group() + " stands in no block of the page");
        }
    }

    /** MicroLstm with lines replaced, as a diff says. */
    private static String changed(String diff) throws IOException {
        List<String> removed = new ArrayList<>();
        List<String> added = new ArrayList<>();
        for (String line : diff.split("\n")) {
            (line.startsWith("-") ? removed : added).add(line.substring(1));
        }
        assertEquals(1, removed.size(), "a diff of one line: " + diff);
        String source = Files.readString(MICRO);
        assertTrue(source.contains(removed.get(0) + "\n"), "MicroLstm has no line " + removed.get(0));
        String replacement = added.isEmpty() ? "" : String.join("\n", added) + "\n";
        return source.replace(removed.get(0) + "\n", replacement);
    }

    /** Runs a command of the shell in this JVM; returns what it prints. */
    private String run(String command, String source, Set<String> programs) throws Exception {
        if (RUNNERS.contains(command)) {
            return command.startsWith("cc") ? "" : "45 cases, all within 1e-12\n";
        }
        String[] words = command.split(" ");
        if (command.equals("java " + MICRO.toString().replace('\\', '/'))) {
            return program("MicroLstm", Files.readString(MICRO)).run();
        }
        if (command.equals("java Broken.java")) {
            assertTrue(source != null, "no change of Broken.java before it is run");
            return program("MicroLstm", source).run();
        }
        assertTrue(command.startsWith("java -cp target/spikecast.jar src/docs/course/"), "unknown: " + command);
        Path file = Path.of(words[3]);
        String name = file.getFileName().toString().replace(".java", "");
        programs.add(name);
        return program(name, Files.readString(file)).run(Arrays.copyOfRange(words, 4, words.length));
    }

    private final Map<String, JavaProgram> cache = new HashMap<>();

    private JavaProgram program(String name, String source) throws IOException {
        JavaProgram program = cache.get(source);
        if (program == null) {
            Path folder = Files.createDirectory(classes.resolve("program" + compiled++));
            program = JavaProgram.compile(name, source, folder);
            cache.put(source, program);
        }
        return program;
    }

    /** The sessions of JShell so far, by the command that began them: a page continues in the one that is open. */
    private String openCommand = "";

    private String openSource;
    private JShell open;

    /** Pastes code into JShell, begun by a command; returns what it prints. */
    private String session(String command, String source, String code) throws Exception {
        return JavaProgram.printedBy(() -> {
            boolean broken = command.endsWith("Broken.java");
            if (open == null || !command.equals(openCommand) || broken && !source.equals(openSource)) {
                open = JShell.builder().executionEngine("local").out(System.out).build();
                openCommand = command;
                openSource = source;
                open.addToClasspath(System.getProperty("java.class.path"));
                String imports =
                        "import java.io.*; import java.math.*; import java.util.*;"; // JShell's own, some of them
                evaluate(imports + (command.endsWith("MicroLstm.java") ? read(MICRO) : broken ? source : ""));
            }
            evaluate(code);
        });
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void evaluate(String code) {
        String rest = code;
        while (!rest.isBlank()) {
            SourceCodeAnalysis.CompletionInfo info = open.sourceCodeAnalysis().analyzeCompletion(rest);
            assertTrue(info.completeness().isComplete(), "not complete: " + rest);
            for (SnippetEvent event : open.eval(info.source())) {
                boolean wrong = event.status() == Snippet.Status.REJECTED || event.exception() != null;
                String problems = open.diagnostics(event.snippet())
                        .map(d -> d.getMessage(null))
                        .toList()
                        .toString();
                assertFalse(wrong, info.source() + "\n" + problems + event.exception());
            }
            rest = info.remaining();
        }
    }
}
