package org.spikecast.io;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the header of an NPY file says; in the file it is a Python dictionary with exactly these three entries. */
record NpyHeader(Dtype type, ByteOrder order, boolean fortranOrder, int[] shape) {
    private static final Pattern DICTIONARY = Pattern.compile("\\s*\\{(.*)}\\s*", Pattern.DOTALL);
    private static final String STRING = "'[^']*'|\"[^\"]*\"";
    private static final String TUPLE = "\\([-\\d,\\s]*\\)";
    private static final Pattern ENTRY =
            Pattern.compile("\\s*(" + STRING + ")\\s*:\\s*(" + STRING + "|True|False|" + TUPLE + ")\\s*(,\\s*|\\z)");

    /** Parses the dictionary, its keys in any order; whatever else stands there is an IllegalArgumentException. */
    static NpyHeader parse(String text) {
        Map<String, String> entries = entries(text);
        String descr = entries.getOrDefault("descr", "");
        String fortranOrder = entries.getOrDefault("fortran_order", "");
        String shape = entries.getOrDefault("shape", "");
        if (!entries.keySet().equals(Set.of("descr", "fortran_order", "shape"))
                || !descr.matches(STRING)
                || !fortranOrder.matches("True|False")
                || !shape.startsWith("(")) {
            throw new IllegalArgumentException("header: expected a dictionary of 'descr' (a string), 'fortran_order'"
                    + " (True or False) and 'shape' (a tuple), got " + Content.show(text.strip()));
        }
        ByteOrder order = descr.startsWith(">", 1) ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        return new NpyHeader(type(unquoted(descr)), order, fortranOrder.equals("True"), shape(shape));
    }

    /** The entries by key, the values as they stand; incomplete if there is anything that is not such an entry. */
    private static Map<String, String> entries(String text) {
        Map<String, String> entries = new HashMap<>();
        Matcher dictionary = DICTIONARY.matcher(text);
        if (dictionary.matches()) {
            Matcher entry = ENTRY.matcher(dictionary.group(1));
            int at = 0;
            for (; entry.region(at, entry.regionEnd()).lookingAt(); at = entry.end()) {
                String key = unquoted(entry.group(1));
                if (entries.put(key, entry.group(2)) != null) {
                    throw new IllegalArgumentException("header: key " + Content.show(key) + " stands twice");
                }
            }
            if (at < entry.regionEnd()) {
                entries.clear();
            }
        }
        return entries;
    }

    private static String unquoted(String string) {
        return string.substring(1, string.length() - 1);
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
        List<String> items = new ArrayList<>(List.of(unquoted(tuple).split(",", -1)));
        String last = items.remove(items.size() - 1); // blank in () and (3,)
        boolean isTuple = last.isBlank() || !items.isEmpty(); // Python takes (3) for a number
        if (!last.isBlank()) {
            items.add(last);
        }
        List<Long> extents = new ArrayList<>();
        for (String item : items) {
            if (!isTuple || !item.strip().matches("-?\\d{1,18}")) {
                throw new IllegalArgumentException(
                        "header: expected a shape such as (), (3,) or (3, 4), got " + Content.show(tuple));
            }
            extents.add(Long.valueOf(item.strip()));
        }
        return NdArray.shapeOf(extents);
    }
}
