package org.spikecast.cli;

import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;

/** An option's value, once the command line is parsed. */
record Option<T>(ArgSpec spec) {
    /** The value given, or the default. */
    T get() {
        return spec.getValue();
    }

    /** The value given, or the option's default, or else this. */
    T or(T fallback) {
        T value = get();
        return value == null ? fallback : value;
    }

    /** The number of the choice given among some words. */
    int choice(CommandLine commandLine, String... words) {
        String given = String.valueOf(spec.<Object>getValue()).toLowerCase(Locale.ROOT);
        for (int w = 0; w < words.length; w++) {
            if (words[w].equals(given)) {
                return w;
            }
        }
        throw new CommandLine.ParameterException(
                commandLine, name() + ": expected " + String.join(" or ", words) + ", got '" + given + "'");
    }

    private String name() {
        return spec instanceof CommandLine.Model.OptionSpec option ? option.longestName() : spec.paramLabel();
    }
}
