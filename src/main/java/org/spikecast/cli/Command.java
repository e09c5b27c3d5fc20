package org.spikecast.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * One command: declares its options when built, reads them when run. Options are declared by picocli's programmatic
 * model, which starts faster than its annotations.
 */
abstract class Command {
    /** What the command understands. */
    final CommandSpec spec;

    Command(String name, String summary) {
        spec = CommandSpec.create().name("spikecast " + name).mixinStandardHelpOptions(true);
        spec.usageMessage().description(summary).sortOptions(false).width(100);
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
        OptionSpec.Builder builder = OptionSpec.builder(name).type(type).paramLabel(label);
        String text = description.replace("%", "%%");
        if (defaultValue != null) {
            builder.defaultValue(defaultValue);
            text += " Default: " + defaultValue + ".";
        }
        return new Option<>(add(builder.description(text).build()));
    }

    /** An option that must be given. */
    final <T> Option<T> required(String name, Class<T> type, String label, String description) {
        return new Option<>(add(OptionSpec.builder(name)
                .type(type)
                .paramLabel(label)
                .required(true)
                .description(description)
                .build()));
    }

    /** An option without a value. */
    final Option<Boolean> flag(String name, String description) {
        return new Option<>(add(OptionSpec.builder(name)
                .type(boolean.class)
                .arity("0")
                .defaultValue("false")
                .description(description)
                .build()));
    }

    /** What stands first, without a name, and must be there. */
    final Option<String> parameter(String label, String description) {
        return parameter(PositionalParamSpec.builder()
                .arity("1")
                .required(true)
                .paramLabel(label)
                .description(description));
    }

    /** What may stand first, without a name. */
    final Option<String> optionalParameter(String label, String defaultValue, String description) {
        return parameter(PositionalParamSpec.builder()
                .arity("0..1")
                .defaultValue(defaultValue)
                .paramLabel(label)
                .description(description));
    }

    private Option<String> parameter(PositionalParamSpec.Builder builder) {
        PositionalParamSpec parameter = builder.index("0").type(String.class).build();
        spec.addPositional(parameter);
        return new Option<>(parameter);
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

    private OptionSpec add(OptionSpec option) {
        spec.addOption(option);
        return option;
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
