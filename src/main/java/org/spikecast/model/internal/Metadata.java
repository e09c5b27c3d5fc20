package org.spikecast.model.internal;

import java.util.List;
import java.util.Map;
import org.spikecast.io.internal.Label;

/** The metadata of a model file: a JSON object, read entry by entry. */
public final class Metadata {
    private final Map<?, ?> entries;

    /**
     * Metadata of a file.
     *
     * @param entries by key
     */
    public Metadata(Map<?, ?> entries) {
        this.entries = entries;
    }

    /** The name of the form that the model was trained in; null for a bare network. */
    public String form() {
        Object form = entries.get("form");
        return form == null ? null : String.valueOf(form);
    }

    /** A whole number of at least 1. */
    public int count(String key) {
        Number number = number(key);
        if (!(number instanceof Long count) || count < 1 || count > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("'" + key + "': expected a whole number of at least 1, got " + number);
        }
        return (int) (long) count;
    }

    /** A whole number. */
    public long whole(String key) {
        if (number(key) instanceof Long whole) {
            return whole;
        }
        throw new IllegalArgumentException("'" + key + "': expected a whole number, got " + entries.get(key));
    }

    /** A number. */
    public Number number(String key) {
        if (entries.get(key) instanceof Number number) {
            return number;
        }
        throw new IllegalArgumentException("'" + key + "': expected a number, got " + entries.get(key));
    }

    /** A list of numbers. */
    public double[] numbers(String key) {
        if (!(entries.get(key) instanceof List<?> list)) {
            throw new IllegalArgumentException("'" + key + "': expected a list of numbers, got " + entries.get(key));
        }
        double[] numbers = new double[list.size()];
        for (int j = 0; j < numbers.length; j++) {
            if (!(list.get(j) instanceof Number number)) {
                throw new IllegalArgumentException("'" + key + "': expected numbers, got " + list.get(j));
            }
            numbers[j] = number.doubleValue();
        }
        return numbers;
    }

    /** One of an enumeration's constants, by its label. */
    public <E extends Enum<E>> E constant(String key, E[] constants) {
        for (E constant : constants) {
            if (Label.of(constant).equals(entries.get(key))) {
                return constant;
            }
        }
        throw new IllegalArgumentException("'" + key + "': unknown, " + entries.get(key));
    }

    /** By key. */
    public Map<?, ?> entries() {
        return entries;
    }
}
