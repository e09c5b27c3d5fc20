package org.spikecast.vectors.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.spikecast.io.NdArray;

/** One case of a file of stored vectors, or an object within it: JSON with the types that vectors use. */
record VectorCase(Map<?, ?> json) {
    static VectorCase of(Object value) {
        if (value instanceof Map<?, ?> map) {
            return new VectorCase(map);
        }
        throw new IllegalArgumentException("expected a JSON object, got " + value);
    }

    boolean has(String key) {
        return json.get(key) != null;
    }

    /** Whether a case has a flag. */
    boolean hasFlag(String flag) {
        return json.get("flags") instanceof List<?> flags && flags.contains(flag);
    }

    String text(String key) {
        return typed(key, String.class);
    }

    boolean flag(String key) {
        return typed(key, Boolean.class);
    }

    double number(String key) {
        return typed(key, Number.class).doubleValue();
    }

    int integer(String key) {
        double number = number(key);
        if (number != Math.rint(number) || Math.abs(number) > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("'" + key + "': expected a whole number, got " + number);
        }
        return (int) number;
    }

    /** A list of truth values. */
    boolean[] flags(String key) {
        List<?> list = typed(key, List.class);
        boolean[] flags = new boolean[list.size()];
        for (int j = 0; j < flags.length; j++) {
            if (!(list.get(j) instanceof Boolean flag)) {
                throw new IllegalArgumentException("'" + key + "': expected true or false, got " + list.get(j));
            }
            flags[j] = flag;
        }
        return flags;
    }

    VectorCase object(String key) {
        return of(typed(key, Map.class));
    }

    /** A list of objects. */
    List<VectorCase> list(String key) {
        List<VectorCase> list = new ArrayList<>();
        for (Object item : typed(key, List.class)) {
            list.add(of(item));
        }
        return list;
    }

    /** The numbers of an array. */
    double[] array(String key) {
        return object(key).numbers().doubles();
    }

    /** The numbers of an array of whole numbers. */
    int[] indices(String key) {
        return object(key).numbers().ints();
    }

    /** Arrays by name. */
    Map<String, NdArray> arrays() {
        Map<String, NdArray> arrays = new LinkedHashMap<>();
        for (Object name : json.keySet()) {
            arrays.put((String) name, object((String) name).numbers());
        }
        return arrays;
    }

    /** This object as an array: its shape and its numbers, row by row. */
    private NdArray numbers() {
        int[] shape = Arrays.stream(numbers("shape")).mapToInt(d -> (int) d).toArray();
        double[] data = numbers("data");
        List<?> items = typed("data", List.class);
        boolean whole = items.stream().allMatch(Long.class::isInstance);
        return whole
                ? NdArray.of(Arrays.stream(data).mapToInt(d -> (int) d).toArray(), shape)
                : NdArray.of(data, shape);
    }

    private double[] numbers(String key) {
        List<?> list = typed(key, List.class);
        double[] numbers = new double[list.size()];
        for (int j = 0; j < numbers.length; j++) {
            if (!(list.get(j) instanceof Number number)) {
                throw new IllegalArgumentException("'" + key + "': expected numbers, got " + list.get(j));
            }
            numbers[j] = number.doubleValue();
        }
        return numbers;
    }

    private <T> T typed(String key, Class<T> type) {
        if (type.isInstance(json.get(key))) {
            return type.cast(json.get(key));
        }
        throw new IllegalArgumentException(
                "'" + key + "': expected a " + type.getSimpleName() + ", got " + json.get(key));
    }
}
