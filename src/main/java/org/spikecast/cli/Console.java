package org.spikecast.cli;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.spikecast.counts.internal.CoupledStudy;
import org.spikecast.counts.internal.Evaluation;
import org.spikecast.io.internal.Json;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.run.Progress;
import org.spikecast.run.RunFolder;
import org.spikecast.run.internal.Facts;

/** The output of commands: results to {@code out}, progress and log to {@code err}. */
final class Console implements Progress {
    private static final long REDRAW_NANOS = 200_000_000L;

    /**
     * Until the JVM has compiled them, which takes a second, the SIMD kernels are slower than the scalar ones. They made
     * up for it after 5e9 to 1.5e10 multiply-adds on one core, depending on the shapes; sooner where another core compiles.
     */
    private static final double SIMD_PAYS_FROM = 8e9;

    /** How to start a JVM that runs SIMD kernels. */
    static final String SIMD_HINT = "start Java with -jar spikecast.jar, or with --add-modules jdk.incubator.vector";

    private final PrintStream out;
    private final PrintStream err;
    private final boolean terminal;
    private boolean quiet;
    private boolean ascii;

    private final Interruption interruption = new Interruption(this);

    private String current = "";
    private long began;
    private double beganAt;
    private long drawn;

    /**
     * A console.
     *
     * @param terminal whether {@code err} is a terminal, on which progress is drawn
     */
    Console(PrintStream out, PrintStream err, boolean terminal) {
        this.out = out;
        this.err = err;
        this.terminal = terminal;
    }

    /** Whether the process's standard error is a terminal, as far as Java can find out. */
    static boolean standardErrorIsTerminal() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException | UnsupportedOperationException e) {
            return System.console() != null; // not Linux: known only of input and output together
        }
    }

    /** Whether the process's standard output takes UTF-8, as far as Java can find out. */
    static boolean standardOutputIsUtf8() {
        String charset = System.getProperty("native.encoding", "");
        charset = System.getProperty("sun.stdout.encoding", charset); // before JDK 19, of a terminal
        return System.getProperty("stdout.encoding", charset).equalsIgnoreCase("UTF-8");
    }

    /** Prints results and errors only from now on. */
    void beQuiet() {
        quiet = true;
    }

    /** Prints plus-minus signs as {@code +-} from now on. */
    void beAscii() {
        ascii = true;
    }

    /** The handling of signals. */
    Interruption interruption() {
        return interruption;
    }

    @Override
    public boolean isInterrupted() {
        return interruption.isRequested();
    }

    @Override
    public void warn(String message) {
        remark("Warning: " + message);
    }

    /** The words that call this program again, quoted for a POSIX shell. */
    String program() {
        if (!interruption.ownsProcess()) {
            return "spikecast";
        }
        String path = System.getProperty("java.class.path", "");
        boolean jar = path.endsWith(".jar") && !path.contains(File.pathSeparator);
        String java = "java";
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
            java += " --add-modules jdk.incubator.vector";
        } else if (!jar && Object.class.getModule().isExported("jdk.internal.module", Console.class.getModule())) {
            java += " --add-exports java.base/jdk.internal.module=ALL-UNNAMED"; // the jar's manifest says it itself
        }
        return RunFolder.line(java, jar ? List.of("-jar", path) : List.of("-cp", path, Main.class.getName()));
    }

    /** A line of the result. */
    void print(String line) {
        out.println(ascii ? line.replace("\u00b1", "+-") : line);
    }

    /** A line of the log that {@code --quiet} keeps: an error, or the command that resumes a run. */
    void log(String line) {
        clear();
        err.println(line);
    }

    /** A line of the log. */
    void remark(String line) {
        if (!quiet) {
            log(line);
        }
    }

    /** The kernels that the JVM can run; if they are the scalar ones, a remark explains how to get the SIMD ones. */
    Kernel kernel() {
        if (!Kernel.simdModulePresent()) {
            remark("Scalar kernels; for SIMD " + SIMD_HINT);
        }
        return Kernel.best();
    }

    /**
     * The kernels for a process with a given amount of work: one with little work ends sooner without the SIMD ones.
     *
     * @param multiplyAdds about the amount of work
     */
    Kernel kernel(double multiplyAdds) {
        return multiplyAdds < SIMD_PAYS_FROM ? new ScalarKernel() : kernel();
    }

    /** A table whose first column is text and the others numbers; a column without content is left out. */
    void table(List<String> head, List<List<String>> rows) {
        int[] kept = IntStream.range(0, head.size())
                .filter(c -> c == 0
                        || rows.stream()
                                .anyMatch(row ->
                                        !row.get(c).isEmpty() && !row.get(c).equals("n/a")))
                .toArray();
        List<List<String>> all = new ArrayList<>();
        Stream.concat(Stream.of(head), rows.stream())
                .forEach(row -> all.add(Arrays.stream(kept).mapToObj(row::get).toList()));
        int[] width = new int[kept.length];
        for (List<String> row : all) {
            for (int c = 0; c < width.length; c++) {
                width[c] = Math.max(width[c], row.get(c).length());
            }
        }
        for (List<String> row : all) {
            StringBuilder line = new StringBuilder();
            for (int c = 0; c < width.length; c++) {
                String pad = " ".repeat(width[c] - row.get(c).length());
                line.append(c == 0 ? row.get(c) + pad : "  " + pad + row.get(c));
            }
            print(line.toString().stripTrailing());
        }
    }

    /** Prints the findings of the form coupled, if there are any. */
    private void findings(CoupledStudy.Findings findings) {
        if (findings != null) {
            print("");
            print(findings.sentence());
            if (!findings.trace().isEmpty()) {
                print("");
                table(CoupledStudy.Findings.head(), findings.trace());
            }
        }
    }

    /** Prints the facts of a simulation. */
    void facts(Map<String, Object> facts) {
        int width = facts.keySet().stream()
                .mapToInt(key -> Facts.label(key).length())
                .max()
                .orElse(0);
        facts.forEach((key, fact) -> print(Facts.label(key)
                + " ".repeat(width + 2 - Facts.label(key).length())
                + (fact instanceof Double number
                        ? String.format(Locale.ROOT, "%.4f", number)
                        : fact == null ? "n/a" : fact)));
    }

    /** Prints the scores of forecasters of counts and a sentence on each. */
    void evaluation(Evaluation evaluation) {
        table(Evaluation.head(), evaluation.rows());
        evaluation.verdicts().forEach(this::print);
        findings(evaluation.findings());
    }

    /**
     * Prints the result of a run: for people, or as JSON the content of {@code metrics.json}; and the folder. The
     * report's path is the last line.
     *
     * @param text prints the result for people
     */
    void result(boolean json, RunFolder folder, List<String> arguments, Runnable text) throws IOException {
        String again = RunFolder.again(program(), arguments);
        if (json) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("metrics", Json.read(folder.file("metrics.json")));
            result.put("folder", folder.path().toString());
            result.put("again", again);
            result.put("report", folder.file(RunFolder.REPORT).toString());
            print(Json.write(result).stripTrailing());
            return;
        }
        text.run();
        print("");
        print("Results: " + folder.path());
        print("Again:   " + again);
        print("Report:  " + folder.file(RunFolder.REPORT));
    }

    @Override
    public void update(String what, double fraction, Supplier<String> detail) {
        long now = System.nanoTime();
        if (!what.equals(current)) {
            current = what;
            began = now;
            beganAt = fraction;
            drawn = now - REDRAW_NANOS;
        }
        if (terminal && !quiet && now - drawn >= REDRAW_NANOS) {
            drawn = now;
            double since = fraction - beganAt;
            String left = since > 0.02 ? ", " + seconds((now - began) * (1 - fraction) / since) + " left" : "";
            String line =
                    fraction > 0 ? String.format(Locale.ROOT, "%s: %3.0f %%%s", what, 100 * fraction, left) : what;
            String more = detail.get();
            err.print("\r\u001b[K" + line + (more.isEmpty() ? "" : ", " + more));
            err.flush();
        }
    }

    @Override
    public void done(String what) {
        remark(what + ": " + seconds(System.nanoTime() - began));
        current = "";
        stopIfInterrupted();
    }

    private void clear() {
        if (terminal && !current.isEmpty()) {
            err.print("\r\u001b[K");
        }
    }

    private static String seconds(double nanos) {
        return String.format(Locale.ROOT, "%.1f s", nanos / 1e9);
    }
}
