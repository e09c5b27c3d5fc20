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
import java.util.List;
import java.util.concurrent.CancellationException;
import org.spikecast.io.MalformedFileException;
import org.spikecast.model.internal.Version;
import org.spikecast.neuron.Ca1Regime;

/** The command line: finds the command, runs it, turns a failure into one line and an exit code. */
final class Main {
    /** All went well. */
    static final int DONE = 0;

    /** A check failed. */
    static final int CHECK_FAILED = 1;

    /** The command line or what it names is wrong. */
    static final int WRONG_INPUT = 2;

    /** The work itself failed: numbers, memory, disk. */
    static final int FAILED = 3;

    /** Words that ask for a help text. */
    static final List<String> HELP = List.of("-h", "--help");

    /** Words that ask for the version. */
    static final List<String> VERSION = List.of("-V", "--version");

    private static final List<String> COMMANDS = List.of(
            "run",
            "run ca1-regular-bursting",
            "run ca1-irregular-bursting",
            "run ca1-regular-spiking",
            "simulate ring",
            "simulate lif",
            "simulate ca1",
            "train",
            "evaluate",
            "predict",
            "gradients",
            "inspect",
            "gradcheck",
            "vectors",
            "info",
            "completion");

    private Main() {}

    /** Runs a command and exits with its code. */
    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        Console console = new Console(out, err, Console.standardErrorIsTerminal());
        if (!Console.standardOutputIsUtf8()) {
            console.beAscii();
        }
        console.interruption().ownProcess();
        int code = run(console, arguments);
        console.interruption().end();
        if (out.checkError() && code == DONE) {
            err.println("spikecast: the result could not be written to standard output");
            code = FAILED;
        }
        if (code != DONE) {
            System.exit(code); // not after success: it starts the JDK's logging, which takes 10 ms
        }
    }

    /** Runs a command and returns its exit code. */
    static int run(Console console, String... arguments) {
        try {
            if (arguments.length == 0) {
                console.log(usage());
                return WRONG_INPUT;
            }
            String name = arguments[0];
            if (HELP.contains(name) || name.equals("help")) {
                console.print(usage());
                return DONE;
            }
            if (VERSION.contains(name)) {
                console.print("spikecast " + Version.current());
                return DONE;
            }
            int words = arguments.length > 1 && COMMANDS.contains(name + " " + arguments[1]) ? 2 : 1;
            Command command = command(words == 2 ? name + " " + arguments[1] : name);
            if (command != null) {
                return run(console, command, words, List.of(arguments));
            }
            List<String> longer = COMMANDS.stream()
                    .filter(known -> known.startsWith(name + " "))
                    .toList();
            if (longer.isEmpty()) {
                throw new IllegalArgumentException("There is no command " + printable(name) + ": expected one of "
                        + String.join(", ", COMMANDS) + ArgumentParser.suggestion(name, COMMANDS));
            }
            if (arguments.length > 1 && !arguments[1].startsWith("-")) {
                String both = name + " " + arguments[1];
                throw new IllegalArgumentException("There is no command " + printable(both) + ": expected one of "
                        + String.join(", ", longer) + ArgumentParser.suggestion(both, longer));
            }
            if (arguments.length > 1 && HELP.contains(arguments[1])) {
                console.print(
                        Usage.of(longer.stream().map(Main::command).toList()).stripTrailing());
                return DONE;
            }
            console.log("Usage: spikecast " + String.join(" | ", longer) + "    [OPTIONS]");
            return WRONG_INPUT;
        } catch (CancellationException e) {
            console.log("spikecast: interrupted; resume with:");
            console.log(console.interruption().goOn());
            return console.interruption().code();
        } catch (IllegalArgumentException | MalformedFileException e) {
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
            return fail(console, FAILED, "Out of memory: take less at a time, or give Java more memory with -Xmx", e);
        } catch (StackOverflowError | LinkageError e) {
            return fail(console, FAILED, "Internal error: " + e, e);
        } catch (ArithmeticException e) {
            return fail(console, FAILED, e.getMessage(), e);
        } catch (Exception e) {
            // A bug: still no stack trace for a user who did not ask for one.
            return fail(console, FAILED, "Internal error: " + e, e);
        }
    }

    private static int run(Console console, Command command, int words, List<String> arguments) throws Exception {
        switch (new ArgumentParser(command, arguments.subList(words, arguments.size())).parse()) {
            case HELP -> console.print(Usage.of(command, false));
            case HELP_ALL -> console.print(Usage.of(command, true));
            case VERSION -> console.print("spikecast " + Version.current());
            case RUN -> {
                if (command.quiet.get()) {
                    console.beQuiet();
                }
                return command.run(console, arguments);
            }
        }
        return DONE;
    }

    /**
     * Parses a command line without running it.
     *
     * @throws IllegalArgumentException if there is no such command, or its options are wrong
     */
    static Command parse(List<String> arguments) {
        int words = arguments.size() > 1 && COMMANDS.contains(arguments.get(0) + " " + arguments.get(1)) ? 2 : 1;
        Command command = command(String.join(" ", arguments.subList(0, words)));
        if (command == null) {
            throw new IllegalArgumentException("There is no command " + printable(arguments.get(0)));
        }
        new ArgumentParser(command, arguments.subList(words, arguments.size())).parse();
        return command;
    }

    /** All commands, new. */
    static List<Command> commands() {
        return COMMANDS.stream().map(Main::command).toList();
    }

    /** A new command, or null if none has the name. */
    private static Command command(String name) {
        return (Command) newCommand(name);
    }

    /**
     * Returns Object, for a short start-up: to verify that these are commands, the JVM would load all their classes.
     */
    private static Object newCommand(String name) {
        return switch (name) {
            case "run" -> new RunCommand();
            case "run ca1-regular-bursting" -> new RunCa1Command(Ca1Regime.REGULAR_BURSTING);
            case "run ca1-irregular-bursting" -> new RunCa1Command(Ca1Regime.IRREGULAR_BURSTING);
            case "run ca1-regular-spiking" -> new RunCa1Command(Ca1Regime.REGULAR_SPIKING);
            case "simulate ring" -> new SimulateRingCommand();
            case "simulate lif" -> new SimulateLifCommand();
            case "simulate ca1" -> new SimulateCa1Command();
            case "train" -> new TrainCommand();
            case "evaluate" -> new EvaluateCommand();
            case "predict" -> new PredictCommand();
            case "gradients" -> new GradientsCommand();
            case "inspect" -> new InspectCommand();
            case "gradcheck" -> new GradcheckCommand();
            case "vectors" -> new VectorsCommand();
            case "info" -> new InfoCommand();
            case "completion" -> new CompletionCommand();
            default -> null;
        };
    }

    /** A word from the command line as a message may show it: in quotes, without control characters. */
    static String printable(String word) {
        return "'" + word.replaceAll("\\p{Cntrl}", "?") + "'";
    }

    private static int fail(Console console, int code, String message, Throwable cause) {
        console.log("spikecast: " + String.valueOf(message).lines().findFirst().orElse(""));
        if (Boolean.getBoolean("spikecast.debug")) {
            cause.printStackTrace();
        }
        return code;
    }

    private static String usage() {
        return "Spikecast " + Version.current()
                + ": simulates spiking neurons and forecasts their activity with a hand-written LSTM.\n\n"
                + Usage.of(commands());
    }
}
