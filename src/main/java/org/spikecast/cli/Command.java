package org.spikecast.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** One command: declares its options when built, reads them when run. */
abstract class Command {
    /** The words after {@code spikecast} that call it. */
    final String name;

    final String summary;

    /** In the order of the help text. */
    final List<Option<?>> options = new ArrayList<>();

    /** The parameter without a name; null if there is none. */
    Option<String> parameter;

    /** Examples: complete command lines, at the end of the help text. */
    final List<String> examples;

    final Option<Boolean> quiet;

    private Section section;
    private boolean special;

    Command(String name, String summary, String... examples) {
        this.name = name;
        this.summary = summary;
        this.examples = List.of(examples);
        quiet = new Option<>(
                "--quiet",
                Boolean.class,
                null,
                "false",
                false,
                "Print results and errors only, neither progress nor remarks.");
    }

    /** Puts options declared from now on under a heading of the help text. */
    final void section(Section heading) {
        section = heading;
    }

    /** Options declared from now on are listed by {@code --help all} only. */
    final void special() {
        special = true;
    }

    /**
     * Runs the command.
     *
     * @param arguments the command line, with the command's name first
     * @return the exit code
     */
    abstract int run(Console console, List<String> arguments) throws Exception;

    /** An option with a value; {@code null} is its value when it is not given and has no default. */
    final <T> Option<T> option(String name, Class<T> type, String label, String defaultValue, String description) {
        return add(new Option<>(name, type, label, defaultValue, false, description));
    }

    /** An option that must be given. */
    final <T> Option<T> required(String name, Class<T> type, String label, String description) {
        return add(new Option<>(name, type, label, null, true, description));
    }

    /** An option without a value. */
    final Option<Boolean> flag(String name, String description) {
        return add(new Option<>(name, Boolean.class, null, "false", false, description));
    }

    /** Declares the parameter without a name, which must be given. */
    final Option<String> parameter(String label, String description) {
        parameter = new Option<>(label, String.class, label, null, true, description);
        return parameter;
    }

    /** Declares the parameter without a name, which may be left out. */
    final Option<String> optionalParameter(String label, String defaultValue, String description) {
        parameter = new Option<>(label, String.class, label, defaultValue, false, description);
        return parameter;
    }

    final Option<Long> seed() {
        return option("--seed", Long.class, "N", "1", "Seed of everything random.");
    }

    final Option<Path> out() {
        return option("--out", Path.class, "DIR", null, "Folder for the results, new or empty.")
                .byDefault("runs/NAME-TIME");
    }

    final Option<Boolean> json() {
        return flag("--json", "Print the result as JSON.");
    }

    private <T> Option<T> add(Option<T> option) {
        option.section = section;
        option.special = special;
        options.add(option);
        return option;
    }

    /**
     * Throws if an option is given that has no effect.
     *
     * @param reason why, as the end of a message
     */
    static void refuse(String reason, Option<?>... options) {
        for (Option<?> option : options) {
            if (option.isGiven()) {
                throw new IllegalArgumentException(option.name + " has no effect: " + reason);
            }
        }
    }

    /** Defaults by case, for a help text: {@code 16 (shared), 64 (full)}; one value where all are the same. */
    static String each(Map<String, String> values) {
        if (values.values().stream().distinct().count() == 1) {
            return values.values().iterator().next();
        }
        return values.entrySet().stream()
                .map(entry -> entry.getValue() + " (" + entry.getKey() + ")")
                .collect(Collectors.joining(", "));
    }

    /** The command line for a manifest: as given, and with the seed, to repeat the run. */
    static List<String> repeatable(List<String> arguments, long seed) {
        List<String> complete = new ArrayList<>(arguments);
        if (arguments.stream().noneMatch(a -> a.equals("--seed") || a.startsWith("--seed="))) {
            complete.addAll(List.of("--seed", Long.toString(seed)));
        }
        return complete;
    }
}
