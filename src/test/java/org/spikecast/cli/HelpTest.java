package org.spikecast.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.spikecast.io.internal.Json;

/** Help texts, completion, and the options of every command. */
class HelpTest extends CommandTest {
    static Stream<Command> commands() {
        return Main.commands().stream();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyHelpTextFitsAndEndsWithTwoExamplesThatParse(Command command) {
        for (boolean all : new boolean[] {false, true}) {
            assertEquals(
                    List.of(),
                    Usage.of(command, all)
                            .lines()
                            .filter(line -> line.length() > 100
                                    && !line.startsWith("  spikecast ")
                                    && !line.startsWith("Usage: "))
                            .toList());
        }
        assertEquals(2, command.examples.size(), command.name);
        for (String example : command.examples) {
            String words = example.replaceFirst("^source <\\((.*)\\)$", "$1");
            assertTrue(words.startsWith("spikecast " + command.name), example);
            assertDoesNotThrow(
                    () -> Main.parse(List.of(words.split(" ")).subList(1, words.split(" ").length)), example);
        }
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyOptionHasOneSentence(Command command) {
        for (Option<?> option : command.options) {
            assertTrue(option.description.matches("(?s)[A-Za-z].*[.]"), option.name + ": " + option.description);
            assertFalse(option.description.contains("Default"), option.name + ": defaults are declared");
            assertTrue(option.help().endsWith("."), option.name);
        }
    }

    @Test
    void noTwoCommandsHaveTheSameSummary() {
        List<String> summaries = commands().map(command -> command.summary).toList();
        assertEquals(summaries.size(), Set.copyOf(summaries).size(), summaries.toString());
    }

    @Test
    void headingsGroupTheOptionsAndTheNeuronsParametersStandBehindAll() {
        assertEquals(Main.DONE, run("run", "ca1-regular-bursting", "--help"));
        String text = out();
        assertTrue(text.matches("(?s).*\nExperiment\n.*\nNetwork\n.*\nNeuron\n.*\nTraining\n.*\nExamples\n.*"), text);
        assertTrue(text.contains("--help all lists 48 more options"), text);
        assertEquals(Main.DONE, run("run", "ca1-regular-bursting", "--help", "all"));
        assertTrue(out().contains("  --g-na X ") && !out().contains("more options"), out());
    }

    @ParameterizedTest
    @CsvSource({
        "run ca1-regular-bursting, --piece, --bptt-steps",
        "run ca1-regular-bursting, --rest-forcing, --forcing-rest",
        "run ca1-regular-bursting, --spike-forcing, --forcing-spikes",
        "run ring-60, --longest-memory, --chrono-t-max",
        "train --data x.csv, --averaging, --ema-updates",
        "train --data x.csv, --clip, --clip-norm",
        "simulate ring, --half, --reach",
        "simulate ring, --discard, --burn-in",
        "simulate ca1, --discard, --burn-in",
    })
    void aFormerNameIsRefusedWithTheNewOne(String command, String former, String now) {
        refused("the option " + former + " is now " + now, (Object[]) (command + " " + former + " 5").split(" "));
        refused("the option " + former + " is now " + now, (Object[]) (command + " " + former + "=5").split(" "));
    }

    @Test
    void quietPrintsResultsOnly() throws IOException {
        Path table = folder.resolve("counts.csv");
        StringBuilder rows = new StringBuilder("left,right\n");
        for (int bin = 0; bin < 200; bin++) {
            rows.append(bin % 3 == 0 ? 1 : 0)
                    .append(',')
                    .append(bin % 5 == 0 ? 1 : 0)
                    .append('\n');
        }
        Files.writeString(table, rows);
        Path to = folder.resolve("quiet");
        assertEquals(Main.DONE, run("train", "--data", table, "--out", to, "--smoke", "--quiet"), err());
        assertEquals("", err());
        assertTrue(out().contains("LSTM, shared"), out());
        assertFalse(out().contains("--quiet"), "it changes no result: " + out());
        String[] lines = out().lines().toArray(String[]::new);
        assertEquals("Report:  " + to.resolve("report.html"), lines[lines.length - 1]);
        String page = Files.readString(to.resolve("report.html"));
        assertTrue(page.contains("<h1>Spikecast: train on counts.csv</h1>"), page);
        assertTrue(page.contains("left, true and predicted") || page.contains("right, true and predicted"), page);
        assertFalse(page.contains("share of oracle"), "a column without content");
        refused("--epochs: expected an integer", "train", "--data", table, "--quiet", "--epochs", "many");
    }

    @Test
    void resultsArePrintedAsJson() throws IOException {
        Path to = folder.resolve("ring");
        assertEquals(Main.DONE, run("simulate", "ring", "--duration", 100, "--out", to, "--json"), err());
        Map<?, ?> result = (Map<?, ?>) Json.parse(out());
        assertEquals(json(to.resolve("metrics.json")), result.get("metrics"));
        assertEquals(to.toString(), result.get("folder"));
        assertEquals(to.resolve("report.html").toString(), result.get("report"));
        assertEquals("spikecast simulate ring --duration 100 --seed 1", result.get("again"));
    }

    @ParameterizedTest
    @CsvSource({
        "simulate ring --duration 200, raster population rates",
        "simulate lif --drive poisson --neurons 3, voltage raster rates",
        "simulate lif, voltage",
        "simulate ca1 --duration 50, voltage"
    })
    void aSimulationWritesAPage(String command, String figures) throws IOException {
        Path to = folder.resolve("simulation");
        List<Object> words = new ArrayList<>(List.of((Object[]) command.split(" ")));
        words.addAll(List.of("--out", to));
        assertEquals(Main.DONE, run(words.toArray()), err());
        assertTrue(out().endsWith("\nReport:  " + to.resolve("report.html") + "\n"), out());
        Set<String> files = new TreeSet<>();
        ((Map<?, ?>) json(to.resolve("manifest.json")).get("files")).keySet().forEach(f -> files.add((String) f));
        assertTrue(files.remove("report.html"), files.toString());
        for (String figure : figures.split(" ")) {
            assertTrue(files.contains("figures/" + figure + ".svg"), files.toString());
        }
    }

    private static String bash(Path folder, String... words) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(
                "bash",
                "-c",
                "source completion.bash; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _spikecast; echo \"${COMPREPLY[*]}\"",
                "bash"));
        line.addAll(List.of(words));
        Process process = new ProcessBuilder(line)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(1, TimeUnit.MINUTES));
        assertEquals(0, process.exitValue(), text);
        return text.strip();
    }

    @Test
    void bashCompletesCommandsOptionsAndWords() throws IOException, InterruptedException {
        assertEquals(Main.DONE, run("completion", "zsh"));
        assertTrue(out().contains("\ncompdef _spikecast_zsh spikecast"), out());
        assertEquals(Main.DONE, run("completion", "bash"));
        Files.writeString(folder.resolve("completion.bash"), out());
        boolean present = Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(place -> Files.isExecutable(Path.of(place, "bash")));
        assumeTrue(present, "there is no bash");
        assertEquals("simulate", bash(folder, "spikecast", "si"));
        assertEquals("ring-60 ring-600", bash(folder, "spikecast", "run", "ri"));
        assertEquals("ring lif ca1", bash(folder, "spikecast", "simulate", ""));
        assertEquals("--phi", bash(folder, "spikecast", "run", "ca1-regular-spiking", "--ph"));
        assertEquals("--form --forget-bias", bash(folder, "spikecast", "train", "--smoke", "--fo"));
        assertEquals("irregular shared-input bursts", bash(folder, "spikecast", "run", "ring-60", "--preset", ""));
        assertEquals("shared-input", bash(folder, "spikecast", "run", "ring-60", "--preset", "=", "sh"));
        assertEquals("shared", bash(folder, "spikecast", "train", "--form=sh"), "as zsh passes it");
        assertEquals("", bash(folder, "spikecast", "predict", "--model", ""), "file names are the shell's");
    }
}
