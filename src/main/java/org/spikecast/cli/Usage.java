package org.spikecast.cli;

import java.util.ArrayList;
import java.util.List;

/** The help texts. */
final class Usage {
    /** After {@code --help}: lists the special options, too. */
    static final String ALL = "all";

    private static final int WIDTH = 100;
    private static final int NAMES = 26;

    private Usage() {}

    /** All commands. */
    static String of(List<Command> commands) {
        StringBuilder text = new StringBuilder("Usage: spikecast COMMAND [OPTIONS]\n\n");
        for (Command command : commands) {
            row(text, 16, command.name, command.summary);
        }
        return text.append("\nspikecast COMMAND --help lists the options of a command.")
                .toString();
    }

    /**
     * One command, its options and examples.
     *
     * @param all whether special options are listed, too
     */
    static String of(Command command, boolean all) {
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
        text.append(" [OPTIONS]\n");
        words(text, new StringBuilder(), 0, command.summary);
        boolean untitled = command.parameter != null || command.options.stream().anyMatch(o -> o.section == null);
        text.append(untitled ? "\n" : "");
        if (command.parameter != null) {
            row(text, NAMES, command.parameter.name, command.parameter.help());
        }
        List<Section> sections = new ArrayList<>();
        sections.add(null);
        sections.addAll(List.of(Section.values()));
        for (Section section : sections) {
            List<Option<?>> options = command.options.stream()
                    .filter(o -> o.section == section && (all || !o.special))
                    .toList();
            if (section != null && !options.isEmpty()) {
                text.append('\n').append(section.title).append('\n');
            }
            options.forEach(option -> row(text, NAMES, shown(option), option.help()));
        }
        text.append(command.options.stream().allMatch(o -> o.section == null) ? "" : "\n");
        row(text, NAMES, command.quiet.name, command.quiet.description);
        long special = command.options.stream().filter(o -> o.special).count();
        String more = all || special == 0 ? "" : " --help all lists " + special + " more options, of the neuron.";
        row(text, NAMES, String.join(", ", Main.HELP), "Print this text." + more);
        row(text, NAMES, String.join(", ", Main.VERSION), "Print the version.");
        if (!command.examples.isEmpty()) {
            text.append("\nExamples\n");
            command.examples.forEach(
                    example -> text.append("  ").append(example).append('\n'));
        }
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
        words(text, line.append(" ".repeat(indent - line.length())), indent, description);
    }

    /** Appends words to a line that may have content, broken between words; further lines are indented. */
    private static void words(StringBuilder text, StringBuilder line, int indent, String words) {
        boolean first = line.isEmpty();
        for (String word : words.split(" ")) {
            if (line.length() + 1 + word.length() > WIDTH) {
                text.append(line).append('\n');
                line.setLength(0);
                line.append(" ".repeat(indent));
                first = indent == 0;
            }
            line.append(first ? "" : " ").append(word);
            first = false;
        }
        text.append(line).append('\n');
    }
}
