package org.spikecast.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.spikecast.io.internal.Label;

/**
 * An option, or the parameter without a name, of a command: declared when the command is built, given its value when the
 * command line is read.
 *
 * @param <T> String, Path, Integer, Long or Double; Boolean for an option without a value
 */
final class Option<T> {
    /** What stands on the command line: {@code --seed}; a parameter's label. */
    final String name;

    /** What stands for the value in the help text; null if there is none to give. */
    final String label;

    final String description;
    final boolean required;

    private final Class<T> type;
    private T value;
    private boolean given;

    /**
     * An option.
     *
     * @param defaultValue as it would be given; null for none
     */
    Option(String name, Class<T> type, String label, String defaultValue, boolean required, String description) {
        this.name = name;
        this.type = type;
        this.label = label;
        this.description = description;
        this.required = required;
        this.value = defaultValue == null ? null : read(defaultValue);
    }

    /** The value given, or the default; null if there is neither. */
    T get() {
        return value;
    }

    /** The value given, or the option's default, or else this. */
    T or(T fallback) {
        return value == null ? fallback : value;
    }

    /** The number of the choice given among some words. */
    int choice(String... words) {
        String word = String.valueOf(value).toLowerCase(Locale.ROOT);
        for (int w = 0; w < words.length; w++) {
            if (words[w].equals(word)) {
                return w;
            }
        }
        throw new IllegalArgumentException(name + ": expected " + String.join(" or ", words) + ", got "
                + Main.printable(word) + ArgumentParser.suggestion(word, List.of(words)));
    }

    /** The constant given, by its label. */
    <E extends Enum<E>> E choice(E[] constants) {
        return constants[choice(Arrays.stream(constants).map(Label::of).toArray(String[]::new))];
    }

    boolean takesValue() {
        return type != Boolean.class;
    }

    /** Whether the command line must have it, and has not. */
    boolean isMissing() {
        return required && !given;
    }

    /** Whether the command line has it. */
    boolean isGiven() {
        return given;
    }

    /** Takes the value from the command line. */
    void give(String text) {
        if (given) {
            throw new IllegalArgumentException(name + ": given twice");
        }
        given = true;
        value = read(text);
    }

    private T read(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException(name + ": expected " + label + ", got nothing");
        }
        try {
            return type.cast(read(type, text));
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(
                    name + ": " + Main.printable(text) + " is no path here; if it has letters beyond ASCII,"
                            + " set a locale that has them, such as LC_ALL=C.UTF-8",
                    e);
        } catch (NumberFormatException e) {
            String expected = type == Double.class ? "a number" : "an integer";
            throw new IllegalArgumentException(name + ": expected " + expected + ", got '" + text + "'", e);
        }
    }

    private static Object read(Class<?> type, String text) {
        if (type == Path.class) {
            return Path.of(text);
        } else if (type == Integer.class) {
            return Integer.valueOf(text);
        } else if (type == Long.class) {
            return Long.valueOf(text);
        } else if (type == Double.class) {
            return Double.valueOf(text);
        } else if (type == Boolean.class) {
            return Boolean.valueOf(text);
        }
        return text;
    }
}
