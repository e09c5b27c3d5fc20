package org.spikecast.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * Parses the words after a command's name: {@code --name VALUE} or {@code --name=VALUE}, {@code --name} for an option
 * without a value, and at most one parameter; after {@code --} there are no options.
 */
final class ArgumentParser {
    /** The action that a command line requests. */
    enum Request {
        RUN,
        HELP,
        HELP_ALL,
        VERSION
    }

    /** The largest number of wrong letters for which a similar option is suggested. */
    private static final int MISTYPED = 2;

    private static final int BEGINS_ALIKE = 3;

    private final Command command;
    private final List<String> words;

    ArgumentParser(Command command, List<String> words) {
        this.command = command;
        this.words = words;
    }

    /**
     * Gives the command's options their values, unless help or the version is asked for.
     *
     * @throws IllegalArgumentException if the command line is wrong
     */
    Request parse() {
        boolean optionsEnded = false;
        for (int w = 0; w < words.size(); w++) {
            String word = words.get(w);
            if (optionsEnded || !word.startsWith("-") || word.equals("-")) {
                giveParameter(word);
            } else if (word.equals("--")) {
                optionsEnded = true;
            } else if (Main.HELP.contains(word)) {
                boolean all = w + 1 < words.size() && words.get(w + 1).equals(Usage.ALL);
                return all ? Request.HELP_ALL : Request.HELP;
            } else if (Main.VERSION.contains(word)) {
                return Request.VERSION;
            } else if (giveOption(word, w + 1 < words.size() ? words.get(w + 1) : null)) {
                w++;
            }
        }
        requireAll();
        return Request.RUN;
    }

    private void giveParameter(String word) {
        if (command.parameter == null) {
            throw wrong("unexpected '" + word + "'");
        }
        command.parameter.give(word);
    }

    /** Gives an option its value and returns whether this was the next word. */
    private boolean giveOption(String word, String next) {
        int equals = word.indexOf('=');
        String name = equals < 0 ? word : word.substring(0, equals);
        Option<?> option = find(name);
        if (!option.takesValue()) {
            if (equals >= 0) {
                throw wrong(name + " takes no value, got '" + word.substring(equals + 1) + "'");
            }
            option.give("true");
        } else if (equals >= 0) {
            option.give(word.substring(equals + 1));
        } else if (next == null || next.startsWith("--")) {
            throw wrong(name + ": expected " + option.label + ", got " + (next == null ? "nothing" : next));
        } else {
            option.give(next);
            return true;
        }
        return false;
    }

    private Option<?> find(String name) {
        for (Option<?> option : command.options) {
            if (option.name.equals(name)) {
                return option;
            }
            if (name.equals(option.former())) {
                throw wrong("the option " + name + " is now " + option.name);
            }
        }
        if (command.quiet.name.equals(name)) {
            return command.quiet;
        }
        throw wrong("there is no option " + name + suggestion(name, known()));
    }

    private List<String> known() {
        List<String> names = new ArrayList<>();
        command.options.forEach(option -> names.add(option.name));
        names.add(command.quiet.name);
        return names;
    }

    /** The known word that may be meant by a mistyped one, as the end of a message; empty if there is none. */
    static String suggestion(String word, List<String> known) {
        String nearest = null;
        int least = MISTYPED + 1;
        for (String candidate : known) {
            int distance = distance(candidate, word);
            // One letter is a slip; two may be another word, unless it begins alike.
            if (distance < least && (distance < MISTYPED || alike(candidate, word) >= BEGINS_ALIKE)) {
                least = distance;
                nearest = candidate;
            }
        }
        return nearest == null ? "" : "; is " + nearest + " meant?";
    }

    private static int alike(String a, String b) {
        int start = a.startsWith("--") ? 2 : 0;
        int at = start;
        while (at < a.length() && at < b.length() && a.charAt(at) == b.charAt(at)) {
            at++;
        }
        return at - start;
    }

    /**
     * The edit distance of two words: insertions, deletions and changes of letters, and swaps of neighbours (optimal
     * string alignment).
     */
    private static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                boolean same = a.charAt(i - 1) == b.charAt(j - 1);
                d[i][j] = Math.min(d[i - 1][j - 1] + (same ? 0 : 1), 1 + Math.min(d[i - 1][j], d[i][j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }

    private void requireAll() {
        List<String> missing = new ArrayList<>();
        if (command.parameter != null && command.parameter.isMissing()) {
            missing.add(command.parameter.name);
        }
        for (Option<?> option : command.options) {
            if (option.isMissing()) {
                missing.add(option.name + " " + option.label);
            }
        }
        if (!missing.isEmpty()) {
            throw wrong("expected " + String.join(" and ", missing));
        }
    }

    private IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException(what + " (spikecast " + command.name + " --help lists the options)");
    }
}
