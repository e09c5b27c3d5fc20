package org.spikecast.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.spikecast.io.internal.Decimal;
import org.spikecast.io.internal.Label;

/**
 * An option, or the parameter without a name, of a command: declared when the command is built, given its value when the
 * command line is read.
 *
 * @param <T> String, Path, Integer, Long or Double; Boolean for an option without a value
 */
final class Option<T> {
    /** Its name on the command line: {@code --seed}; a parameter's label. */
    final String name;

    /** The placeholder of the value in the help text; null if there is no value. */
    final String label;

    final String description;
    final boolean required;

    /** Its heading in the help text; null for none. */
    Section section;

    /** Whether only {@code --help all} lists it. */
    boolean special;

    private final Class<T> type;
    private String byDefault;
    private String former;
    private List<String> choices = List.of();
    private T value;
    private boolean given;

    /**
     * An option.
     *
     * @param defaultValue as on the command line; null for none
     */
    Option(String name, Class<T> type, String label, String defaultValue, boolean required, String description) {
        this.name = name;
        this.type = type;
        this.label = label;
        this.description = description;
        this.required = required;
        this.byDefault = defaultValue;
        this.value = defaultValue == null ? null : read(defaultValue);
    }

    /** Declares the words that it accepts, in any case. */
    Option<T> choices(List<String> words) {
        choices = words;
        return this;
    }

    /** Declares the words that it accepts, in any case. */
    Option<T> choices(String... words) {
        return choices(List.of(words));
    }

    /** Declares the words that it accepts: the labels of constants. */
    Option<T> choices(Enum<?>... constants) {
        return choices(Arrays.stream(constants).map(Label::of).toList());
    }

    /** Declares the help text's wording of the default. */
    Option<T> byDefault(String text) {
        byDefault = text;
        return this;
    }

    /** The same, of a number. */
    Option<T> byDefault(double number) {
        return byDefault(Decimal.shortest(number));
    }

    /** Declares its former name, which is refused. */
    Option<T> formerly(String name) {
        former = name;
        return this;
    }

    /** Its former name; null if it always had this one. */
    String former() {
        return former;
    }

    /** The words that it accepts; none if it accepts any. */
    List<String> choices() {
        return choices;
    }

    /** The description with the default, if there is one. */
    String help() {
        return byDefault == null || !takesValue() ? description : description + " Default: " + byDefault + ".";
    }

    /** The value given, or the default; null if there is neither. */
    T get() {
        return value;
    }

    /** The value given, or the option's default, or else this. */
    T or(T fallback) {
        return value == null ? fallback : value;
    }

    /** The index of the word given, or of the default, among the choices. */
    int choice() {
        return choices.indexOf(String.valueOf(value).toLowerCase(Locale.ROOT));
    }

    private void requireChoice(String text) {
        String word = text.toLowerCase(Locale.ROOT);
        if (!choices.isEmpty() && !choices.contains(word)) {
            throw new IllegalArgumentException(name + ": expected " + String.join(" or ", choices) + ", got "
                    + Main.printable(word) + ArgumentParser.suggestion(word, choices));
        }
    }

    boolean takesValue() {
        return type != Boolean.class;
    }

    /** Whether it is required and not given. */
    boolean isMissing() {
        return required && !given;
    }

    /** Whether it is given on the command line. */
    boolean isGiven() {
        return given;
    }

    /** Takes the value from the command line. */
    void give(String text) {
        if (given) {
            throw new IllegalArgumentException(name + ": given twice");
        }
        value = read(text);
        requireChoice(text);
        given = true;
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
