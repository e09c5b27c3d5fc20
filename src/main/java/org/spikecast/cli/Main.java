package org.spikecast.cli;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.spikecast.io.MalformedFileException;
import org.spikecast.model.Version;
import picocli.CommandLine;

/** The command line: finds the command, runs it, turns what goes wrong into one line and an exit code. */
public final class Main {
    /** All went well. */
    static final int DONE = 0;

    /** A check failed. */
    static final int CHECK_FAILED = 1;

    /** The command line or what it names is wrong. */
    static final int WRONG_INPUT = 2;

    /** The work itself failed: numbers, memory, disk. */
    static final int FAILED = 3;

    private record Entry(String summary, Supplier<Command> command) {}

    /** Commands are built only when called: start-up is short. */
    private static final Map<String, Entry> COMMANDS = new LinkedHashMap<>();

    static {
        COMMANDS.put("run", new Entry("simulate, train, forecast and report in one go", RunCommand::new));
        COMMANDS.put("simulate ring", new Entry("simulate a ring network of neurons", SimulateRingCommand::new));
        COMMANDS.put("simulate lif", new Entry("simulate unconnected neurons", SimulateLifCommand::new));
        COMMANDS.put("simulate ca1", new Entry("simulate CA1 pyramidal neurons", SimulateCa1Command::new));
        COMMANDS.put("train", new Entry("train a forecaster on a simulated folder or a CSV file", TrainCommand::new));
        COMMANDS.put("evaluate", new Entry("score a model beside the baselines", EvaluateCommand::new));
        COMMANDS.put("predict", new Entry("run a model over sequences", PredictCommand::new));
        COMMANDS.put("gradients", new Entry("write loss and gradients of a model", GradientsCommand::new));
        COMMANDS.put("gradcheck", new Entry("check every gradient of an LSTM", GradcheckCommand::new));
        COMMANDS.put("vectors", new Entry("replay the stored vectors", VectorsCommand::new));
        COMMANDS.put("info", new Entry("version, JVM and kernels, or what a model file holds", InfoCommand::new));
    }

    private Main() {}

    /** Runs a command and exits with its code. */
    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        int code = run(new Console(out, err, Console.standardErrorIsTerminal()), arguments);
        if (out.checkError() && code == DONE) {
            err.println("spikecast: the result could not be written to standard output");
            code = FAILED;
        }
        System.exit(code);
    }

    /** Runs a command and returns its exit code. */
    static int run(Console console, String... arguments) {
        try {
            if (arguments.length == 0) {
                usage(console::log);
                return WRONG_INPUT;
            }
            String name = arguments[0];
            if (List.of("-h", "--help", "help").contains(name)) {
                usage(console::print);
                return DONE;
            }
            if (List.of("-V", "--version").contains(name)) {
                console.print("spikecast " + Version.current());
                return DONE;
            }
            int words = arguments.length > 1 && COMMANDS.containsKey(name + " " + arguments[1]) ? 2 : 1;
            Entry entry = COMMANDS.get(words == 2 ? name + " " + arguments[1] : name);
            List<String> longer = COMMANDS.keySet().stream()
                    .filter(command -> command.startsWith(name + " "))
                    .toList();
            if (entry == null && !longer.isEmpty()) {
                console.log("Usage: spikecast " + String.join(" | ", longer) + "    [OPTIONS]");
                return arguments.length > 1 && List.of("-h", "--help").contains(arguments[1]) ? DONE : WRONG_INPUT;
            }
            if (entry == null) {
                throw new IllegalArgumentException(
                        "There is no command '" + name + "': expected one of " + String.join(", ", COMMANDS.keySet()));
            }
            return run(console, entry.command().get(), words, arguments);
        } catch (CommandLine.ParameterException | IllegalArgumentException e) {
            return fail(console, WRONG_INPUT, e.getMessage(), e);
        } catch (MalformedFileException e) {
            return fail(console, WRONG_INPUT, e.getMessage(), e);
        } catch (NoSuchFileException | FileNotFoundException e) {
            return fail(console, WRONG_INPUT, "No such file: " + e.getMessage(), e);
        } catch (AccessDeniedException e) {
            return fail(console, WRONG_INPUT, "Access denied: " + e.getMessage(), e);
        } catch (FileAlreadyExistsException | NotDirectoryException e) {
            String reason = e.getReason() == null ? "is not a folder" : e.getReason();
            return fail(console, WRONG_INPUT, e.getFile() + ": " + reason, e);
        } catch (FileSystemException e) {
            String reason = e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
            return fail(console, FAILED, "File " + e.getFile() + ": " + reason, e);
        } catch (IOException e) {
            return fail(console, FAILED, "Reading or writing failed: " + e.getMessage(), e);
        } catch (OutOfMemoryError e) {
            return fail(console, FAILED, "Out of memory: take less at a time, or give Java more with -Xmx", e);
        } catch (StackOverflowError | LinkageError e) {
            return fail(console, FAILED, "Internal error: " + e, e);
        } catch (ArithmeticException e) {
            return fail(console, FAILED, e.getMessage(), e);
        } catch (Exception e) {
            // A fault of ours: still no stack trace for a user who did not ask for one.
            return fail(console, FAILED, "Internal error: " + e, e);
        }
    }

    private static int run(Console console, Command command, int words, String[] arguments) throws Exception {
        CommandLine commandLine = new CommandLine(command.spec);
        CommandLine.ParseResult parsed = commandLine.parseArgs(Arrays.copyOfRange(arguments, words, arguments.length));
        if (parsed.isUsageHelpRequested()) {
            console.print(commandLine.getUsageMessage().stripTrailing());
            return DONE;
        }
        if (parsed.isVersionHelpRequested()) {
            console.print("spikecast " + Version.current());
            return DONE;
        }
        return command.run(console, List.of(arguments));
    }

    private static int fail(Console console, int code, String message, Throwable cause) {
        console.log("spikecast: " + String.valueOf(message).lines().findFirst().orElse(""));
        if (Boolean.getBoolean("spikecast.debug")) {
            cause.printStackTrace();
        }
        return code;
    }

    private static void usage(Consumer<String> print) {
        print.accept("Spikecast " + Version.current()
                + ": simulates spiking neurons and forecasts their activity with a hand-written LSTM.");
        print.accept("");
        print.accept("Usage: spikecast COMMAND [OPTIONS]");
        print.accept("");
        COMMANDS.forEach((name, entry) -> print.accept("  " + name + " ".repeat(15 - name.length()) + entry.summary()));
        print.accept("");
        print.accept("spikecast COMMAND --help tells a command's options.");
    }
}
