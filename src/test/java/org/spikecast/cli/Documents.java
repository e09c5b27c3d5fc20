package org.spikecast.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The documents for readers: their text, the commands in them, and the list of the numbers they give. */
final class Documents {
    /** The list of numbers: a header, then a line for each, of tab-separated cells. */
    static final Path NUMBERS = Path.of("src/docs/numbers.tsv");

    private Documents() {}

    /**
     * A command line in a document.
     *
     * @param synopsis whether it shows alternatives in brackets and bars, so that it cannot be run
     */
    record Line(Path document, String text, boolean synopsis) {
        /** The words after {@code spikecast}. */
        List<String> words() {
            return Documents.words(text).subList(1, Documents.words(text).size());
        }

        @Override
        public String toString() {
            return document + ": " + text;
        }
    }

    /**
     * A number in a document.
     *
     * @param quote the text that gives it, as it stands in the document
     * @param how the command to run; or why none is: {@code definition}, {@code benchmark} or another word
     * @param source {@code stdout}: the quote is a line of the output; a path in metrics.json and a factor,
     *     {@code 100*test.explained_variance}; or a regular expression over the report, {@code page: of ([0-9.]+) ms}
     * @param value as the document gives it
     * @param tolerance of the value
     */
    record Entry(Path document, String quote, String how, String source, String value, String tolerance) {
        boolean isRun() {
            return how.startsWith("spikecast ");
        }
    }

    static List<Path> all() {
        List<Path> documents = new ArrayList<>(List.of(
                Path.of("README.md"),
                Path.of("CONTRIBUTING.md"),
                Path.of("benchmarks/README.md"),
                Path.of("test-vectors/README.md")));
        try (Stream<Path> files = Files.walk(Path.of("src/docs"))) {
            files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(documents::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return documents;
    }

    static List<Entry> numbers() throws IOException {
        List<Entry> entries = new ArrayList<>();
        List<String> lines = Files.readAllLines(NUMBERS);
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.split("\t", -1);
            if (cells.length != 6) {
                throw new IllegalStateException(NUMBERS + ": expected 6 cells, got " + cells.length + " in " + line);
            }
            entries.add(new Entry(Path.of(cells[0]), cells[1], cells[2], cells[3], cells[4], cells[5]));
        }
        return entries;
    }

    /** All lines in blocks of code that call {@code spikecast}, and all calls within the text. */
    static List<Line> commands() throws IOException {
        List<Line> found = new ArrayList<>();
        for (Path document : all()) {
            boolean fenced = false;
            List<String> lines = Files.readAllLines(document);
            for (int l = 0; l < lines.size(); l++) {
                String line = lines.get(l);
                if (line.startsWith("```")) {
                    fenced = !fenced;
                }
                String stripped =
                        line.strip().replaceFirst("^\\$ ", "").replaceFirst("^target/spikecast ", "spikecast ");
                if ((fenced || line.startsWith("    ")) && stripped.startsWith("spikecast ")) {
                    while (stripped.endsWith("\\")) { // continued
                        l++;
                        stripped = stripped.substring(0, stripped.length() - 1)
                                + lines.get(l).strip();
                    }
                    String command = stripped.replaceAll("^(spikecast \\w+) +", "$1 ")
                            .replaceFirst(" {3,}.*| +# .*", "")
                            .strip();
                    found.add(new Line(document, command, isSynopsis(command)));
                }
            }
            for (String span : spans(document)) {
                if (span.startsWith("spikecast ")) {
                    found.add(new Line(document, span, true)); // often shortened
                }
            }
        }
        return found;
    }

    private static boolean isSynopsis(String command) {
        return command.matches(".*( \\| |\\[|\\w\\|\\w|COMMAND|\\.\\.\\.| [A-Z]{1,4}( |$)).*");
    }

    /** The text between backticks in a document. */
    static List<String> spans(Path document) throws IOException {
        List<String> spans = new ArrayList<>();
        String text = Files.readString(document).replaceAll("(?s)```.*?```", "").replaceAll("(?m)^ {4}.*$", "");
        java.util.regex.Matcher span =
                java.util.regex.Pattern.compile("`([^`]+)`").matcher(text);
        while (span.find()) {
            spans.add(span.group(1).replaceAll("\\s+", " "));
        }
        return spans;
    }

    /** The words of a command line, as a shell splits them. */
    static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean quoted = false;
        for (char c : line.toCharArray()) {
            if (c == '\'' || c == '"') {
                quoted = !quoted;
            } else if (c == ' ' && !quoted) {
                if (word.length() > 0) {
                    words.add(word.toString());
                    word.setLength(0);
                }
            } else {
                word.append(c);
            }
        }
        if (word.length() > 0) {
            words.add(word.toString());
        }
        return words;
    }
}
