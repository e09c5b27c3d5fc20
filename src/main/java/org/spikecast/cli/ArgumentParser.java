package org.spikecast.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads what stands behind a command's name: {@code --name VALUE} or {@code --name=VALUE}, {@code --name} for an option
 * without a value, and at most one parameter; behind {@code --} stands no option.
 */
final class ArgumentParser {
    /** What is asked for. */
    enum Request {
        RUN,
        HELP,
        VERSION
    }

    /** An option that is so many letters off may be meant. */
    private static final int MISTYPED = 2;

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
                return Request.HELP;
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
        String remedy = "";
        int least = MISTYPED + 1;
        for (Option<?> option : command.options) {
            int distance = distance(option.name, name);
            if (distance == 0) {
                return option;
            }
            if (distance < least) {
                least = distance;
                remedy = "; is " + option.name + " meant?";
            }
        }
        throw wrong("there is no option " + name + remedy);
    }

    /** How many letters must be put in, left out or changed to get from one word to the other (Levenshtein). */
    private static int distance(String a, String b) {
        int[] before = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            before[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int changed = before[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(changed, 1 + Math.min(before[j], row[j - 1]));
            }
            before = row;
        }
        return before[b.length()];
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
        return new IllegalArgumentException(
                what + " (spikecast " + command.name + " --help tells what the command understands)");
    }
}
