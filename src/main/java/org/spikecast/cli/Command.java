package org.spikecast.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One command: declares its options when built, reads them when run. */
abstract class Command {
    /** What stands behind {@code spikecast} to call it. */
    final String name;

    final String summary;

    /** In the order of the help text. */
    final List<Option<?>> options = new ArrayList<>();

    /** What stands without a name; null if there is no such thing. */
    Option<String> parameter;

    Command(String name, String summary) {
        this.name = name;
        this.summary = summary;
    }

    /**
     * Does the work.
     *
     * @param arguments the command line, with the command's name first
     * @return the exit code
     */
    abstract int run(Console console, List<String> arguments) throws Exception;

    /** An option with a value; {@code null} is its value when it is not given and has no default. */
    final <T> Option<T> option(String name, Class<T> type, String label, String defaultValue, String description) {
        String text = defaultValue == null ? description : description + " Default: " + defaultValue + ".";
        return add(new Option<>(name, type, label, defaultValue, false, text));
    }

    /** An option that must be given. */
    final <T> Option<T> required(String name, Class<T> type, String label, String description) {
        return add(new Option<>(name, type, label, null, true, description));
    }

    /** An option without a value. */
    final Option<Boolean> flag(String name, String description) {
        return add(new Option<>(name, Boolean.class, null, "false", false, description));
    }

    /** What stands without a name, and must be there. */
    final Option<String> parameter(String label, String description) {
        parameter = new Option<>(label, String.class, label, null, true, description);
        return parameter;
    }

    /** What may stand without a name. */
    final Option<String> optionalParameter(String label, String defaultValue, String description) {
        parameter = new Option<>(label, String.class, label, defaultValue, false, description);
        return parameter;
    }

    final Option<Long> seed() {
        return option("--seed", Long.class, "N", "1", "Seed of everything random.");
    }

    final Option<Path> out() {
        return option(
                "--out", Path.class, "DIR", null, "Folder for the results, new or empty. Default: runs/NAME-TIME.");
    }

    final Option<Boolean> json() {
        return flag("--json", "Print the result as JSON.");
    }

    private <T> Option<T> add(Option<T> option) {
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

    /** The command line for a manifest: as given, and with the seed, so that it repeats the run. */
    static List<String> repeatable(List<String> arguments, long seed) {
        List<String> complete = new ArrayList<>(arguments);
        if (arguments.stream().noneMatch(a -> a.equals("--seed") || a.startsWith("--seed="))) {
            complete.addAll(List.of("--seed", Long.toString(seed)));
        }
        return complete;
    }
}
