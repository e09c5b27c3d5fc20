package org.spikecast.cli;

import java.util.List;

/** The help texts. */
final class Usage {
    private static final int WIDTH = 100;
    private static final int NAMES = 26;

    private Usage() {}

    /** All commands. */
    static String of(List<Command> commands) {
        StringBuilder text = new StringBuilder("Usage: spikecast COMMAND [OPTIONS]\n\n");
        for (Command command : commands) {
            row(text, 16, command.name, command.summary);
        }
        return text.append("\nspikecast COMMAND --help tells a command's options.")
                .toString();
    }

    /** One command and its options. */
    static String of(Command command) {
        StringBuilder text = new StringBuilder("Usage: spikecast ").append(command.name);
        if (command.parameter != null) {
            text.append(
                    command.parameter.required ? " " + command.parameter.name : " [" + command.parameter.name + "]");
        }
        for (Option<?> option : command.options) {
            if (option.required) {
                text.append(' ').append(shown(option));
            }
        }
        text.append(" [OPTIONS]\n").append(command.summary).append("\n\n");
        if (command.parameter != null) {
            row(text, NAMES, command.parameter.name, command.parameter.description);
        }
        for (Option<?> option : command.options) {
            row(text, NAMES, shown(option), option.description);
        }
        row(text, NAMES, String.join(", ", Main.HELP), "Print this text.");
        row(text, NAMES, String.join(", ", Main.VERSION), "Print the version.");
        return text.toString().stripTrailing();
    }

    private static String shown(Option<?> option) {
        return option.label == null ? option.name : option.name + " " + option.label;
    }

    /** A name and, from column {@code indent} on, its description, broken between words. */
    private static void row(StringBuilder text, int indent, String name, String description) {
        StringBuilder line = new StringBuilder("  ").append(name);
        if (line.length() > indent) {
            text.append(line).append('\n');
            line.setLength(0);
        }
        line.append(" ".repeat(indent - line.length()));
        for (String word : description.split(" ")) {
            if (line.length() + 1 + word.length() > WIDTH) {
                text.append(line).append('\n');
                line.setLength(0);
                line.append(" ".repeat(indent));
            }
            line.append(' ').append(word);
        }
        text.append(line).append('\n');
    }
}
