package org.spikecast.report.internal;

import static org.spikecast.report.internal.Markup.escape;
import static org.spikecast.report.internal.Markup.px;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.spikecast.report.internal.Axis.Tick;
import org.spikecast.report.internal.Chart.Kind;
import org.spikecast.report.internal.Chart.Level;
import org.spikecast.report.internal.Chart.Series;

/**
 * A chart drawn as SVG at one width, from top to bottom.
 *
 * <p>Colours are those of Okabe and Ito. Series differ by more than colour: lines in dashes and markers, steps by their
 * filled area, ticks in width.
 */
final class Drawing {
    static final double WIDE = 680;
    static final double NARROW = 340;

    private static final double FONT_SIZE = 13;
    private static final double LINE_HEIGHT = 18;
    private static final double MARGIN = 12;
    private static final double BAR = 14;
    /** Curves may leave the plot by this much, so that lines and markers on its edge stay whole. */
    private static final double BLEED = 4;
    /** With more points than these, markers would hide the line. */
    private static final int MARKED_POINTS = 30;

    private static final int COLOURS = 6;
    private static final String[] DASHES = {"", "7 4", "2 3.5", "10 3 2 3"};
    private static final String[] MARKERS = {
        "m-3.2 0a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0-6.4 0z",
        "m-3-3h6v6h-6z",
        "m0-4.2l4 7h-8z",
        "m0-4.2l4.2 4.2l-4.2 4.2l-4.2-4.2z"
    };

    /** The colours as CSS variables, in light and in dark surroundings. */
    static final String LIGHT = "--paper:#fff;--ink:#1b1f23;--quiet:#57606a;--axis:#8c959f;--grid:#e4e7ea;"
            + "--s0:#0072b2;--s1:#d55e00;--s2:#009e73;--s3:#000;--s4:#cc79a7;--s5:#e69f00;";

    static final String DARK = "--paper:#14171a;--ink:#e6e8ea;--quiet:#a5adb5;--axis:#78818a;--grid:#2c3238;"
            + "--s0:#56b4e9;--s1:#e69f00;--s2:#009e73;--s3:#fff;--s4:#cc79a7;--s5:#f0e442;";

    static final String FONT = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif";

    /** The style of a chart in those colours; a page has it once for all its charts. */
    static final String STYLE = IntStream.range(0, COLOURS)
                    .mapToObj(i -> ".chart .s#{stroke:var(--s#);fill:var(--s#)}\n".replace("#", "" + i))
                    .collect(Collectors.joining())
            + """
            .chart text{font:13px FONT;fill:var(--quiet);font-variant-numeric:tabular-nums}
            .chart .title{font-size:15px;font-weight:600;fill:var(--ink)}
            .chart .label,.chart .row{fill:var(--ink)}
            .chart .middle{text-anchor:middle}
            .chart .end,.chart .row{text-anchor:end}
            .chart path{stroke-width:1.6;stroke-linejoin:round;stroke-linecap:round}
            .chart .grid{stroke:var(--grid);stroke-width:1}
            .chart .axis{stroke:var(--axis);stroke-width:1;fill:none;stroke-linecap:square}
            .chart .line{fill:none}
            .chart .steps{stroke-width:1;stroke-linejoin:miter;fill-opacity:.2}
            .chart .ticks{fill:none;stroke-linecap:butt}
            .chart .mark,.chart .bar,.chart .band{stroke:none}
            .chart .bar{fill-opacity:.85}
            .chart .band{fill-opacity:.2}
            .chart .cut{stroke:var(--paper);stroke-width:2.5;fill:none}
            """.replace("FONT", FONT);

    private final Chart chart;
    private final double width;
    private final Axis value;
    private final StringBuilder out = new StringBuilder();
    /** The lower edge of the drawing so far. */
    private double y;

    Drawing(Chart chart, double width) {
        this.chart = chart;
        this.width = width;
        this.value = chart.valueAxis();
    }

    /** The drawing as an element with the given id; a stand-alone one has its own style and background. */
    String svg(String id, boolean alone) {
        lines(0, width, "title", chart.title);
        y += 6;
        legend();
        if (chart.hasBars) {
            bars();
        } else {
            curves();
        }
        double margin = alone ? MARGIN : 0;
        return """
                <svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" aria-labelledby="%1$s-title %1$s-desc" \
                width="%2$s" height="%3$s" viewBox="%4$s %4$s %2$s %3$s">
                <title id="%1$s-title">%5$s</title>
                <desc id="%1$s-desc">%6$s</desc>
                %7$s%8$s</svg>
                """.formatted(
                        id,
                        px(width + 2 * margin),
                        px(y + 2 + 2 * margin),
                        px(-margin),
                        escape(chart.title),
                        escape(chart.description(value)),
                        alone ? ground() : "",
                        out);
    }

    /**
     * A background, and the style with colours in place of variables, which many programs do not support: light, or
     * dark where preferred.
     */
    private static String ground() {
        String corner = px(-MARGIN);
        return """
                <style>
                %s@media (prefers-color-scheme:dark){
                %s.chart .ground{fill:#14171a}}
                </style>
                <rect class="ground" x="%s" y="%s" width="100%%" height="100%%" fill="#fff"/>
                """.formatted(coloured(LIGHT), coloured(DARK), corner, corner);
    }

    private static String coloured(String colours) {
        String style = STYLE;
        for (String colour : colours.split(";")) {
            String[] pair = colour.split(":");
            style = style.replace("var(" + pair[0] + ")", pair[1]);
        }
        return style;
    }

    /** Samples with their names, in rows; none for a single curve, which the labels explain. */
    private void legend() {
        Map<String, Runnable> samples = new LinkedHashMap<>();
        for (Series s : chart.series) {
            samples.put(s.name(), () -> sample(s));
        }
        boolean levels = false;
        for (Level l : chart.levels) {
            double half = l.standardError() > 0 ? 5 : 0;
            samples.put(l.name().isBlank() ? "" : Chart.caption(l, value), () -> level(l, false, 0, -half, half, 24));
            levels |= !l.name().isBlank();
        }
        samples.keySet().removeIf(String::isBlank);
        if (samples.size() < 2 && !levels) {
            return;
        }
        double x = 0;
        double row = y;
        for (Map.Entry<String, Runnable> sample : samples.entrySet()) {
            double room = 32 + Markup.width(sample.getKey(), FONT_SIZE);
            if (x > 0 && x + room > width) {
                x = 0;
                row = y;
            }
            group("translate(" + point(x, row + 9) + ")", sample.getValue());
            y = row;
            lines(x + 32, width - 32, "label", sample.getKey());
            x += room + 16;
        }
    }

    private void sample(Series s) {
        switch (s.kind()) {
            case STEPS -> curve(s, new double[] {0, 8, 16, 24}, new double[] {3, -5, -1}, 5, 0);
            case TICKS -> curve(s, new double[] {4, 12, 20}, new double[3], 0, 10);
            case LINE -> {
                path("line" + colour(s), dashes(s.rank()), "M0 0h24");
                markers(s, new double[] {12}, new double[] {0});
            }
        }
    }

    private void curves() {
        boolean raster = chart.series.stream().anyMatch(s -> s.kind() == Kind.TICKS);
        double h = raster ? Math.max(250, 0.5 * width) : Math.max(220, 0.4 * width);
        List<Tick> ticks = value.ticks(h, 36, t -> LINE_HEIGHT);
        double top = y + 12;
        y = 0;
        group("translate(0 " + px(top + h / 2) + ") rotate(-90)", () -> lines(0, h, "middle label", chart.yLabel));
        double left = y + 12 + widest(ticks.stream().map(Tick::label));
        double w = width - left - 20;
        StringBuilder grid = new StringBuilder();
        for (Tick tick : ticks) {
            double at = top + h - value.at(tick.value(), h);
            grid.append('M').append(point(left, at)).append('h').append(px(w));
            text(left - 8, at + 4.5, "end", tick.label());
        }
        path("grid", "", grid);
        path("axis", "", "M" + point(left, top) + "v" + px(h));
        DoubleStream all = chart.series.stream().flatMapToDouble(s -> Arrays.stream(edges(s)));
        double pad = chart.series.stream().anyMatch(Drawing::isMarked) ? 0.025 : 0;
        Axis axis = Axis.around(all, chart.logX, pad, 0.04);
        horizontal(axis, chart.xLabel, left, top, w, h, false);
        openPlot(left, top, w, h);
        int empty = out.length();
        levels(false, h, w);
        double tall = tickHeight(h);
        for (Series s : chart.series) {
            double[] xs = Arrays.stream(edges(s)).map(x -> axis.at(x, w)).toArray();
            double[] ys = Arrays.stream(s.y()).map(v -> h - value.at(v, h)).toArray();
            curve(s, xs, ys, h - value.base(h), tall);
        }
        if (out.length() == empty) {
            text(w / 2, h / 2, "middle", "no data");
        }
        out.append("</svg>\n");
    }

    private void bars() {
        int n = chart.bars.length;
        String[] printed = Arrays.stream(chart.bars).mapToObj(value::rounded).toArray(String[]::new);
        Stream<String> names = Stream.concat(Stream.of(chart.xLabel), Arrays.stream(chart.barLabels));
        double column = Math.min(0.42 * width, widest(names));
        double left = column + 10;
        double w = width - left - widest(Arrays.stream(printed)) - 14;
        y += 6;
        lines(column, column, "end", chart.xLabel);
        double top = y;
        double[] middle = new double[n];
        y += 6;
        for (int i = 0; i < n; i++) {
            double start = y;
            lines(column, column, "row", chart.barLabels[i]);
            y = Math.max(y, start + LINE_HEIGHT);
            middle[i] = (start + y) / 2 - top;
            text(width, top + middle[i] + 4.5, "row", printed[i]);
            y += 6;
        }
        double h = y - top;
        horizontal(value, chart.yLabel, left, top, w, h, true);
        openPlot(left, top, w, h);
        String base = px(value.base(w));
        for (int i = 0; i < n; i++) {
            double end = value.at(chart.bars[i], w);
            if (!Double.isNaN(end)) {
                String to = px(Math.max(0, Math.min(w, end)));
                path(
                        "bar s0",
                        "",
                        "M" + base + " " + px(middle[i] - BAR / 2) + "H" + to + "v" + px(BAR) + "H" + base + "z");
            }
            if (end < 0 || end > w) {
                cut(end < 0 ? 10 : w - 10, middle[i]);
            }
        }
        path("axis", "", "M" + base + " 0v" + px(h));
        levels(true, w, h);
        out.append("</svg>\n");
    }

    /** Two slanted strokes across a bar that extends beyond the range. */
    private void cut(double x, double middle) {
        String stroke = " " + px(middle + BAR / 2 + 2) + "l4-" + px(BAR + 4);
        path("cut", "", "M" + px(x - 5) + stroke + "M" + px(x + 1) + stroke);
    }

    /** The levels, across a plot whose value axis has the given length; they are upright if the axis is horizontal. */
    private void levels(boolean upright, double length, double across) {
        for (Level l : chart.levels) {
            double[] at = DoubleStream.of(l.y(), l.y() - l.standardError(), l.y() + l.standardError())
                    .map(v -> value.at(v, length))
                    .map(v -> upright ? v : length - v)
                    .toArray();
            double low = upright ? 0 : length;
            level(l, upright, at[0], Double.isNaN(at[1]) ? low : at[1], at[2], across);
        }
    }

    private void level(Level l, boolean upright, double at, double from, double to, double across) {
        if (Double.isNaN(at)) {
            return;
        }
        int i = chart.levels.indexOf(l);
        String colour = " s" + (i + (chart.hasBars ? 1 : chart.series.size())) % COLOURS;
        long lines = chart.series.stream().filter(s -> s.kind() == Kind.LINE).count();
        String move = upright ? "M%s 0V%s" : "M0 %sH%s";
        String back = upright ? "H%sV0z" : "V%sH0z";
        if (Math.abs(to - from) > 0) {
            path("band" + colour, "", (move + back).formatted(px(from), px(across), px(to)));
        }
        path("line" + colour, dashes((int) lines + i), move.formatted(px(at), px(across)));
    }

    /** A curve in pixels: stairs on a base (with one x more than y), ticks or a line. */
    private void curve(Series s, double[] x, double[] y, double base, double tall) {
        switch (s.kind()) {
            case STEPS -> path("steps" + colour(s), "", stairs(x, y, base));
            case TICKS -> {
                path("ticks" + colour(s), "", each(x, y, "v" + px(tall), tall / 2));
            }
            case LINE -> {
                path("line" + colour(s), dashes(s.rank()), joined(x, y));
                markers(s, x, y);
            }
        }
    }

    private String colour(Series s) {
        return " s" + chart.series.indexOf(s) % COLOURS;
    }

    private static boolean isMarked(Series s) {
        return s.kind() == Kind.LINE
                && Arrays.stream(s.y()).filter(Double::isFinite).count() <= MARKED_POINTS;
    }

    private void markers(Series s, double[] x, double[] y) {
        if (isMarked(s)) {
            path("mark" + colour(s), "", each(x, y, MARKERS[s.rank() % MARKERS.length], 0));
        }
    }

    private static String dashes(int rank) {
        String dashes = DASHES[rank % DASHES.length];
        return dashes.isEmpty() ? "" : "stroke-dasharray=\"" + dashes + "\" ";
    }

    private static boolean isGap(double[] x, double[] y, int i) {
        return Double.isNaN(x[i] + y[i]);
    }

    private static String point(double x, double y) {
        return px(x) + " " + px(y);
    }

    /** The same mark at every point, starting {@code rise} above it. */
    private static String each(double[] x, double[] y, String mark, double rise) {
        StringBuilder d = new StringBuilder();
        for (int i = 0; i < x.length; i++) {
            if (!isGap(x, y, i)) {
                d.append('M').append(point(x[i], y[i] - rise)).append(mark);
            }
        }
        return d.toString();
    }

    /** A line. Points that would not show, half way between neighbours at almost the same x, are left out. */
    private static String joined(double[] x, double[] y) {
        StringBuilder d = new StringBuilder();
        int last = -1;
        for (int i = 0; i < x.length; i++) {
            boolean more = i + 1 < x.length && !isGap(x, y, i + 1);
            if (isGap(x, y, i)) {
                last = -1;
            } else if (last < 0) {
                d.append('M').append(point(x[i], y[i])).append(more ? "" : "h0");
                last = i;
            } else if (!more || Math.abs(x[i + 1] - x[last]) > 0.5 || (y[i] - y[last]) * (y[i + 1] - y[i]) < 0) {
                d.append('L').append(point(x[i], y[i]));
                last = i;
            }
        }
        return d.toString();
    }

    /** Stairs that start and end on the base; y[i] holds from x[i] to x[i + 1]. */
    private static String stairs(double[] x, double[] y, double base) {
        StringBuilder d = new StringBuilder();
        boolean open = false;
        for (int i = 0; i < y.length; i++) {
            boolean gap = isGap(x, y, i) || Double.isNaN(x[i + 1]);
            if (!gap) {
                d.append(open ? "" : "M" + point(x[i], base));
                d.append('V').append(px(y[i])).append('H').append(px(x[i + 1]));
            }
            if (open && gap || !gap && i == y.length - 1) {
                d.append('V').append(px(base));
            }
            open = !gap;
        }
        return d.toString();
    }

    /** The x of a curve; of steps also the end of the last one. */
    private static double[] edges(Series s) {
        double[] x = s.x();
        int n = x.length;
        if (s.kind() != Kind.STEPS || n == 0) {
            return x;
        }
        double[] edges = Arrays.copyOf(x, n + 1);
        edges[n] = n == 1 ? x[0] : x[n - 1] + (x[n - 1] - x[n - 2]);
        return edges;
    }

    /** The height of a tick, so that those of neighbouring rows do not touch. */
    private double tickHeight(double h) {
        double[] rows = chart.series.stream()
                .filter(s -> s.kind() == Kind.TICKS)
                .flatMapToDouble(s -> Arrays.stream(s.y()))
                .map(v -> value.at(v, h))
                .sorted()
                .distinct()
                .toArray();
        double gap = IntStream.range(1, rows.length)
                .mapToDouble(i -> rows[i] - rows[i - 1])
                .filter(d -> d > 0)
                .min()
                .orElse(12);
        return Math.max(2, Math.min(12, 0.8 * gap));
    }

    /** Draws the axis below a plot. */
    private void horizontal(Axis axis, String label, double left, double top, double w, double h, boolean grid) {
        List<Tick> ticks = axis.ticks(w, 56, t -> Markup.width(t.label(), FONT_SIZE) + 10);
        StringBuilder lines = new StringBuilder();
        StringBuilder marks = new StringBuilder("M" + point(left, top + h) + "h" + px(w));
        for (Tick tick : ticks) {
            double at = left + axis.at(tick.value(), w);
            lines.append('M').append(point(at, top)).append('v').append(px(h));
            marks.append('M').append(point(at, top + h)).append("v4");
            double half = Markup.width(tick.label(), FONT_SIZE) / 2;
            text(Math.min(at, width - half), top + h + 19, "middle", tick.label());
        }
        path("grid", "", grid ? lines : "");
        path("axis", "", marks);
        y = top + h + 24;
        double middle = left + w / 2;
        lines(middle, 2 * Math.min(middle, width - middle), "middle label", label);
    }

    /** Opens the plot: coordinates start at its upper left corner, and all beyond it is clipped. */
    private void openPlot(double left, double top, double w, double h) {
        out.append("<svg x=\"%s\" y=\"%s\" width=\"%3$s\" height=\"%4$s\" viewBox=\"%5$s %5$s %3$s %4$s\">\n"
                .formatted(px(left - BLEED), px(top - BLEED), px(w + 2 * BLEED), px(h + 2 * BLEED), px(-BLEED)));
    }

    private static double widest(Stream<String> texts) {
        return texts.mapToDouble(t -> Markup.width(t, FONT_SIZE)).max().orElse(0);
    }

    /** Text, wrapped into lines, below the drawing so far. */
    private void lines(double x, double room, String css, String text) {
        for (String line : Markup.wrap(text, room, css.equals("title") ? 16 : FONT_SIZE)) {
            text(x, y + 14, css, line);
            y += LINE_HEIGHT;
        }
    }

    private void text(double x, double y, String css, String text) {
        out.append("<text class=\"%s\" x=\"%s\" y=\"%s\">%s</text>\n".formatted(css, px(x), px(y), escape(text)));
    }

    private void group(String transform, Runnable content) {
        out.append("<g transform=\"").append(transform).append("\">\n");
        content.run();
        out.append("</g>\n");
    }

    private void path(String css, String attributes, CharSequence d) {
        if (!d.isEmpty()) {
            out.append("<path class=\"%s\" %sd=\"%s\"/>\n".formatted(css, attributes, d));
        }
    }
}
