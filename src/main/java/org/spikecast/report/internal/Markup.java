package org.spikecast.report.internal;

import java.util.ArrayList;
import java.util.List;

/** Text and numbers for HTML and SVG. */
final class Markup {
    private Markup() {}

    /** Text that is safe in an element and in a quoted attribute; characters that XML forbids become U+FFFD. */
    static String escape(String text) {
        return text.replaceAll("[^\\t\\n\\r\\x20-\\uD7FF\\uE000-\\uFFFD\\x{10000}-\\x{10FFFF}]", "\uFFFD")
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /** A coordinate in pixels, rounded to a tenth. */
    static String px(double value) {
        long tenths = Math.round(value * 10);
        long size = Math.abs(tenths);
        return (tenths < 0 ? "-" : "") + size / 10 + (size % 10 == 0 ? "" : "." + size % 10);
    }

    /** About the width of a text in pixels; rather too large, since its font is not known. */
    static double width(String text, double fontSize) {
        double width = 0;
        for (int codePoint : text.codePoints().toArray()) {
            width += width(codePoint);
        }
        return fontSize * width;
    }

    private static double width(int c) {
        if (c > 0x2e80 || "MWmw@%\u2212".indexOf(c) >= 0) {
            return 1;
        }
        return "Iijlrtf.,:;|!'()[] ".indexOf(c) >= 0 ? 0.4 : Character.isUpperCase(c) ? 0.7 : 0.63;
    }

    /**
     * The text in lines no wider than the given number of pixels, cut between words where possible; no line if it is
     * blank.
     */
    static List<String> wrap(String text, double pixels, double fontSize) {
        List<String> lines = new ArrayList<>();
        String line = "";
        for (String word : text.strip().split("\\s+")) {
            String longer = line.isEmpty() ? word : line + " " + word;
            if (!line.isEmpty() && width(longer, fontSize) > pixels) {
                lines.add(line);
                longer = word;
            }
            while (longer.length() > 2 && width(longer, fontSize) > pixels) {
                int cut = longer.length();
                while (cut > 2 && width(longer.substring(0, cut), fontSize) > pixels) {
                    cut = longer.offsetByCodePoints(cut, -1);
                }
                lines.add(longer.substring(0, cut));
                longer = longer.substring(cut);
            }
            line = longer;
        }
        if (!line.isEmpty()) {
            lines.add(line);
        }
        return lines;
    }
}
