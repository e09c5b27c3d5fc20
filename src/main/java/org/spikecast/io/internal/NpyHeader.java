package org.spikecast.io.internal;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.spikecast.io.NdArray;

/** The header of an NPY file; in the file it is a Python dictionary with exactly these three entries. */
public record NpyHeader(Dtype type, ByteOrder order, boolean fortranOrder, int[] shape) {
    /** Parses the dictionary, its keys in any order; anything else in it is an IllegalArgumentException. */
    public static NpyHeader parse(String text) {
        Map<String, String> entries = entries(text);
        String descr = entries.getOrDefault("descr", "");
        String fortranOrder = entries.getOrDefault("fortran_order", "");
        String shape = entries.getOrDefault("shape", "");
        if (!entries.keySet().equals(Set.of("descr", "fortran_order", "shape"))
                || !isString(descr)
                || !(fortranOrder.equals("True") || fortranOrder.equals("False"))
                || !shape.startsWith("(")) {
            throw new IllegalArgumentException("header: expected a dictionary of 'descr' (a string), 'fortran_order'"
                    + " (True or False) and 'shape' (a tuple), got " + Content.show(text.strip()));
        }
        ByteOrder order = descr.startsWith(">", 1) ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        return new NpyHeader(type(withoutEnds(descr)), order, fortranOrder.equals("True"), shape(shape));
    }

    /** The entries by key, the values as they stand; empty if there is anything that is not such an entry. */
    private static Map<String, String> entries(String text) {
        String rest = text.strip();
        if (rest.length() < 2 || rest.charAt(0) != '{' || !rest.endsWith("}")) {
            return Map.of();
        }
        rest = withoutEnds(rest).strip();
        Map<String, String> entries = new HashMap<>();
        while (!rest.isEmpty()) {
            String key = token(rest);
            rest = rest.substring(key.length()).stripLeading();
            if (!isString(key) || !rest.startsWith(":")) {
                return Map.of();
            }
            rest = rest.substring(1).stripLeading();
            String value = token(rest);
            rest = rest.substring(value.length()).stripLeading();
            if (value.isEmpty() || !rest.isEmpty() && !rest.startsWith(",")) {
                return Map.of();
            }
            if (entries.put(withoutEnds(key), value) != null) {
                throw new IllegalArgumentException("header: key " + Content.show(withoutEnds(key)) + " stands twice");
            }
            rest = rest.isEmpty() ? rest : rest.substring(1).stripLeading();
        }
        return entries;
    }

    /** The string, tuple or word that the text begins with; empty if it begins with none. */
    private static String token(String text) {
        char first = text.isEmpty() ? 0 : text.charAt(0);
        int end = 0;
        if (first == '\'' || first == '"') {
            end = text.indexOf(first, 1) + 1;
        } else if (first == '(') {
            end = text.indexOf(')') + 1;
        } else {
            while (end < text.length() && Character.isLetter(text.charAt(end))) {
                end++;
            }
        }
        return text.substring(0, end);
    }

    private static boolean isString(String token) {
        return token.startsWith("'") || token.startsWith("\"");
    }

    private static String withoutEnds(String token) {
        return token.substring(1, token.length() - 1);
    }

    private static Dtype type(String descr) {
        for (Dtype type : Dtype.values()) {
            if (descr.equals("<" + type.numpy)
                    || descr.equals(">" + type.numpy)
                    || type.bytes == 1 && descr.equals("|" + type.numpy)) {
                return type;
            }
        }
        throw new IllegalArgumentException("dtype " + Content.show(descr) + " is not supported: expected float64,"
                + " float32, an integer type or bool; convert before saving, e.g. x.astype('float64')");
    }

    private static int[] shape(String tuple) {
        List<String> items = new ArrayList<>(List.of(withoutEnds(tuple).split(",", -1)));
        String last = items.remove(items.size() - 1); // blank in () and (3,)
        boolean isTuple = last.isBlank() || !items.isEmpty(); // Python takes (3) for a number
        if (!last.isBlank()) {
            items.add(last);
        }
        List<Long> extents = new ArrayList<>();
        for (String item : items) {
            if (!isTuple || !isInteger(item.strip())) {
                throw new IllegalArgumentException(
                        "header: expected a shape such as (), (3,) or (3, 4), got " + Content.show(tuple));
            }
            extents.add(Long.valueOf(item.strip()));
        }
        return NdArray.shapeOf(extents);
    }

    private static boolean isInteger(String text) {
        try {
            Long.parseLong(text);
            return true;
        } catch (NumberFormatException e) {
            return false;
        }
    }
}
