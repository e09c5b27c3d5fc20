package org.spikecast.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.spikecast.io.NdArray;
import org.spikecast.io.Npy;
import org.spikecast.io.internal.Json;
import org.spikecast.model.ModelFile;

/**
 * Runs the commands of README and src/docs and measures the numbers of src/docs/numbers.tsv anew. It is no test of the build:
 * the commands of the list take from half a minute to hours. {@code benchmarks/docs.sh} calls it.
 */
final class DocumentNumbers {
    private static final Pattern SEEDS = Pattern.compile("\\{([0-9,-]+)}");
    private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?");

    private final Path folder;
    private final Map<String, String> outputs = new LinkedHashMap<>();
    private final Map<String, Object> metrics = new LinkedHashMap<>();
    private final Map<String, String> pages = new LinkedHashMap<>();
    private int wrong;

    private DocumentNumbers(Path folder) {
        this.folder = folder;
    }

    /**
     * Runs the documents' commands, then those of the list whose text has a regular expression in it; without one, only the
     * commands are listed.
     *
     * @param arguments a folder for results, new or empty, and the regular expression
     */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length == 0) {
            Set<String> commands = new LinkedHashSet<>();
            Documents.numbers().stream().filter(Documents.Entry::isRun).forEach(e -> commands.add(e.how()));
            System.out.println("Give a folder and a regular expression that chooses among these commands:");
            commands.forEach(System.out::println);
            System.exit(Main.WRONG_INPUT);
        }
        DocumentNumbers numbers = new DocumentNumbers(Files.createDirectories(Path.of(arguments[0])));
        numbers.runCommands();
        if (arguments.length > 1) {
            numbers.measure(Pattern.compile(arguments[1]));
        }
        System.out.println(numbers.wrong == 0 ? "ALL RIGHT" : numbers.wrong + " WRONG");
        System.exit(numbers.wrong == 0 ? Main.DONE : Main.CHECK_FAILED);
    }

    private void report(boolean right, String text) {
        System.out.println((right ? "right  " : "WRONG  ") + text);
        wrong += right ? 0 : 1;
    }

    /** Runs every complete command of the documents that names data of its own, on a table and a model that are made here. */
    private void runCommands() throws IOException {
        StringBuilder table = new StringBuilder("left,right\n");
        for (int bin = 0; bin < 400; bin++) {
            table.append(bin % 3 == 0 ? 1 : 0)
                    .append(',')
                    .append(bin % 5 == 0 ? 2 : 0)
                    .append('\n');
        }
        Files.writeString(folder.resolve("counts.csv"), table);
        Path vectors = Path.of("test-vectors/lstm");
        Path model = folder.resolve("model.safetensors");
        Files.copy(vectors.resolve("pytorch-module.safetensors"), model, StandardCopyOption.REPLACE_EXISTING);
        NdArray x = Npy.read(vectors.resolve("pytorch-module-input.npy"));
        int outputs = ModelFile.read(model).network().config().outputs();
        int[] shape = {x.shape()[0], x.shape()[1], outputs};
        Npy.write(folder.resolve("x.npy"), x);
        Npy.write(folder.resolve("y.npy"), NdArray.of(new double[shape[0] * shape[1] * shape[2]], shape));
        Set<String> seen = new LinkedHashSet<>();
        for (Documents.Line line : Documents.commands()) {
            if (line.synopsis() || line.text().startsWith("spikecast run ") || !seen.add(line.text())) {
                continue; // runs are those of the list
            }
            List<String> words = new ArrayList<>();
            for (String word : line.words()) {
                boolean path = word.matches("[\\w./-]+\\.(csv|npy|npz|safetensors|svg)") || words.contains("--out");
                words.add(path && !word.startsWith("-") ? folder.resolve(word).toString() : word);
            }
            int code = run(words);
            report(code == Main.DONE, line + " ended with " + code);
        }
    }

    private String last = "";

    private int run(List<String> words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        int code = Main.run(new Console(stream, stream, false), words.toArray(String[]::new));
        last = out.toString(StandardCharsets.UTF_8);
        if (code != Main.DONE) {
            System.out.println(last);
        }
        return code;
    }

    private void measure(Pattern chosen) throws IOException {
        for (Documents.Entry entry : Documents.numbers()) {
            if (!entry.isRun() || !chosen.matcher(entry.how()).find()) {
                continue;
            }
            if (entry.source().equals("stdout")) {
                boolean found = output(entry.how()).lines().anyMatch(l -> flat(l).equals(entry.quote()));
                report(found, entry.document() + ": " + entry.quote());
            } else {
                double[] values = new double[commands(entry.how()).size()];
                for (int c = 0; c < values.length; c++) {
                    output(commands(entry.how()).get(c));
                    values[c] = value(commands(entry.how()).get(c), entry.source());
                }
                report(
                        agrees(values, entry.value(), Double.parseDouble(entry.tolerance())),
                        entry.document() + ": " + entry.value() + " in \"" + entry.quote() + "\", measured "
                                + shown(values));
            }
        }
    }

    private static String flat(String line) {
        return line.strip().replaceAll("\\s+", " ");
    }

    /** The command for each seed of a list such as {@code {1-5,11-15}}. */
    private static List<String> commands(String command) {
        Matcher seeds = SEEDS.matcher(command);
        List<String> commands = new ArrayList<>();
        if (!seeds.find()) {
            return List.of(command);
        }
        for (String range : seeds.group(1).split(",")) {
            String[] ends = range.split("-");
            for (int seed = Integer.parseInt(ends[0]); seed <= Integer.parseInt(ends[ends.length - 1]); seed++) {
                commands.add(seeds.replaceFirst(String.valueOf(seed)));
            }
        }
        return commands;
    }

    /** What a command prints; it is run once. */
    private String output(String command) throws IOException {
        if (!outputs.containsKey(command)) {
            Path to = folder.resolve("run-" + outputs.size());
            List<String> words = new ArrayList<>(Documents.words(command));
            words.remove(0);
            words.addAll(List.of("--out", to.toString(), "--quiet"));
            System.out.println("running " + command);
            report(run(words) == Main.DONE, command);
            outputs.put(command, last);
            metrics.put(command, Json.read(to.resolve("metrics.json")));
            pages.put(command, text(Files.readString(to.resolve("report.html"))));
            try (Stream<Path> files = Files.walk(to)) { // only the metrics are of use
                files.filter(f -> f.toString().endsWith(".npz"))
                        .forEach(f -> f.toFile().delete());
            }
        }
        return outputs.get(command);
    }

    /** The text of a page, without its drawings and tags, as one line. */
    private static String text(String html) {
        return flat(html.replaceAll("(?s)<(svg|style|script).*?</\\1>|<[^>]+>", " "));
    }

    /**
     * Of what a command wrote: the group of a regular expression in its report, {@code page: of ([0-9.]+) ms}; or a factor, a
     * path in the metrics and perhaps a path to divide by, {@code 100*test.mse/baselines.zero.mse}.
     */
    private double value(String command, String source) {
        if (source.startsWith("page: ")) {
            Matcher found = Pattern.compile(source.substring("page: ".length())).matcher(pages.get(command));
            return found.find() ? Double.parseDouble(found.group(1)) : Double.NaN;
        }
        Object metrics = this.metrics.get(command);
        int star = source.indexOf('*');
        String[] paths = source.substring(star + 1).split("/");
        double value = Double.parseDouble(source.substring(0, star)) * number(metrics, paths[0]);
        return paths.length == 1 ? value : value / number(metrics, paths[1]);
    }

    private static double number(Object json, String path) {
        Object value = json;
        for (String key : path.split("\\.")) {
            value = ((Map<?, ?>) value).get(key);
        }
        return value == null ? Double.NaN : ((Number) value).doubleValue();
    }

    /** Mean and standard deviation, or least and largest value, or the values one after another, as the text has it. */
    private static boolean agrees(double[] values, String text, double tolerance) {
        Matcher number = NUMBER.matcher(text.equals("all") ? "100" : text);
        List<Double> wanted = new ArrayList<>();
        while (number.find()) {
            wanted.add(Double.parseDouble(number.group()));
        }
        double mean = Arrays.stream(values).average().orElse(Double.NaN);
        double variance =
                Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / (values.length - 1);
        double[] got = text.contains("\u00b1")
                ? new double[] {mean, Math.sqrt(variance)}
                : text.contains(" to ")
                        ? new double[] {
                            Arrays.stream(values).min().orElse(Double.NaN),
                            Arrays.stream(values).max().orElse(Double.NaN)
                        }
                        : values;
        boolean right = wanted.size() == got.length;
        for (int k = 0; right && k < got.length; k++) {
            right = Math.abs(got[k] - wanted.get(k)) <= tolerance * (1 + 1e-9);
        }
        return right;
    }

    private static String shown(double[] values) {
        StringBuilder text = new StringBuilder();
        for (double value : values) {
            text.append(text.isEmpty() ? "" : ", ").append(String.format(Locale.ROOT, "%.4f", value));
        }
        return text.toString();
    }
}
