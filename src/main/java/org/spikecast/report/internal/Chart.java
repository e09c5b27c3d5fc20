package org.spikecast.report.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.stream.DoubleStream;
import org.spikecast.io.internal.Csv;

/**
 * One figure: its drawing as SVG and its data as CSV.
 *
 * <p>A chart holds either curves (lines, steps, ticks) or bars, and levels with both. Bars are horizontal, so that
 * their labels can be read. A value that an axis cannot show (NaN, infinity, or not positive on a logarithmic axis)
 * leaves a gap.
 */
public final class Chart {
    enum Kind {
        LINE("points"),
        STEPS("steps"),
        TICKS("events");

        final String items;

        Kind(String items) {
            this.items = items;
        }
    }

    /** A curve; rank is its place among those of its kind. */
    record Series(Kind kind, int rank, String name, double[] x, double[] y) {}

    record Level(String name, double y, double standardError) {}

    final String title;
    final String xLabel;
    final String yLabel;
    final List<Series> series = new ArrayList<>();
    final List<Level> levels = new ArrayList<>();
    boolean hasBars;
    String[] barLabels = {};
    double[] bars = {};
    boolean logX;
    private boolean logY;
    private double[] yRange = {};

    private Chart(String title, String xLabel, String yLabel) {
        this.title = Objects.requireNonNull(title, "title");
        this.xLabel = Objects.requireNonNull(xLabel, "xLabel");
        this.yLabel = Objects.requireNonNull(yLabel, "yLabel");
    }

    /** An empty chart; the labels carry units, as in "time (ms)". */
    public static Chart of(String title, String xLabel, String yLabel) {
        return new Chart(title, xLabel, yLabel);
    }

    /** Adds a line through points; NaN breaks it. A series with an empty name is not in the legend. */
    public Chart line(String name, double[] x, double[] y) {
        return add(Kind.LINE, name, x, y);
    }

    /** Adds a piecewise constant function: y[i] holds from x[i] to x[i + 1], the last as long as the one before. */
    public Chart steps(String name, double[] x, double[] y) {
        return add(Kind.STEPS, name, x, y);
    }

    /** Adds events, each a short vertical tick: a raster, if x is the time and y the number of the neuron. */
    public Chart ticks(String name, double[] x, double[] y) {
        return add(Kind.TICKS, name, x, y);
    }

    private Chart add(Kind kind, String name, double[] x, double[] y) {
        Objects.requireNonNull(name, "name");
        if (x.length != y.length) {
            throw new IllegalArgumentException(
                    "\"" + name + "\" needs as many x as y, got " + x.length + " x and " + y.length + " y");
        }
        if (hasBars) {
            throw new IllegalStateException("a chart of bars has no curves; make another chart for \"" + name + "\"");
        }
        int rank = (int) series.stream().filter(s -> s.kind == kind).count();
        series.add(new Series(kind, rank, name, x.clone(), y.clone()));
        return this;
    }

    /** Sets the bars, from top to bottom. Each has its value printed; NaN has no bar and is printed as "n/a". */
    public Chart bars(String[] labels, double[] values) {
        if (labels.length != values.length) {
            throw new IllegalArgumentException("bars need as many labels as values, got " + labels.length
                    + " labels and " + values.length + " values");
        }
        if (hasBars || !series.isEmpty()) {
            throw new IllegalStateException("bars stand alone, once; make another chart for them");
        }
        hasBars = true;
        barLabels = labels.clone();
        bars = values.clone();
        return this;
    }

    /** Adds a line at one y, in a band of one standard error to both sides (none if 0). */
    public Chart level(String name, double y, double standardError) {
        if (!(standardError >= 0) || Double.isInfinite(standardError)) {
            throw new IllegalArgumentException("the standard error of \"" + name
                    + "\" must be finite and 0 or more, got " + standardError + "; give 0 if there is none");
        }
        levels.add(new Level(Objects.requireNonNull(name, "name"), y, standardError));
        return this;
    }

    /** Shows y from {@code low} to {@code high} only; a bar that goes beyond is marked as cut. */
    public Chart yRange(double low, double high) {
        if (!(low < high) || Double.isInfinite(high - low)) {
            throw new IllegalArgumentException("yRange needs finite low < high, got " + low + " and " + high);
        }
        yRange = new double[] {low, high};
        return this;
    }

    /** Makes the x axis logarithmic; a chart of bars has none. */
    public Chart logX() {
        logX = true;
        return this;
    }

    /** Makes the y axis logarithmic. */
    public Chart logY() {
        logY = true;
        return this;
    }

    /** A stand-alone SVG document, on white. */
    public String svg() {
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + new Drawing(this, Drawing.WIDE).svg("chart", true);
    }

    /** The data, columns side by side: x once if all series share it, and each bar's value under its label. */
    public String csv() {
        Map<String, double[]> columns = new LinkedHashMap<>();
        boolean shared = series.stream().allMatch(s -> Arrays.equals(s.x, series.get(0).x));
        for (Series s : series) {
            String name = s.name.isBlank() ? yLabel : s.name;
            if (!shared || columns.isEmpty()) {
                column(columns, shared ? xLabel : name + ": " + xLabel, s.x);
            }
            column(columns, shared ? name : name + ": " + yLabel, s.y);
        }
        for (int i = 0; i < bars.length; i++) {
            column(columns, barLabels[i], bars[i]);
        }
        for (Level level : levels) {
            column(columns, level.name, level.y);
            column(columns, level.name + ": standard error", level.standardError);
        }
        return Csv.text(List.copyOf(columns.keySet()), columns.values().toArray(double[][]::new));
    }

    /** Adds a column under a name on one line that is not empty and not yet taken. */
    private static void column(Map<String, double[]> columns, String name, double... data) {
        String line = name.isBlank() ? "value" : name.strip().replaceAll("\\s+", " ");
        String free = line;
        for (int i = 2; columns.containsKey(free); i++) {
            free = line + " " + i;
        }
        columns.put(free, data);
    }

    /** The axis of the values y. */
    Axis valueAxis() {
        if (yRange.length > 0) {
            return Axis.between(yRange[0], yRange[1], logY);
        }
        DoubleStream ends = levels.stream()
                .flatMapToDouble(l -> DoubleStream.of(l.y - l.standardError, l.y, l.y + l.standardError));
        if (hasBars) {
            DoubleStream data = DoubleStream.concat(DoubleStream.of(0), Arrays.stream(bars));
            return Axis.around(DoubleStream.concat(data, ends), logY, 0, 1);
        }
        DoubleStream data = series.stream().flatMapToDouble(s -> Arrays.stream(s.y));
        return Axis.around(DoubleStream.concat(data, ends), logY, 0.04, 0);
    }

    /** A description of the chart, for screen readers. */
    String description(Axis value) {
        StringJoiner text = new StringJoiner("; ", yLabel + (hasBars ? "" : " over " + xLabel) + ": ", ".");
        for (Series s : series) {
            double[] shown =
                    Arrays.stream(s.y).filter(Double::isFinite).sorted().toArray();
            String range = shown.length == 0
                    ? ""
                    : ", " + value.rounded(shown[0]) + " to " + value.rounded(shown[shown.length - 1]);
            text.add((s.name + " " + shown.length + " " + s.kind.items + range).strip());
        }
        for (int i = 0; i < bars.length; i++) {
            text.add(barLabels[i] + " " + value.rounded(bars[i]));
        }
        for (Level level : levels) {
            text.add(caption(level, value) + (level.standardError > 0 ? " (standard error)" : ""));
        }
        return text.toString();
    }

    /** A level's name and value, as in "oracle 0.234 ± 0.012". */
    static String caption(Level level, Axis value) {
        String error = level.standardError > 0 ? " ± " + value.rounded(level.standardError) : "";
        return level.name + " " + value.rounded(level.y) + error;
    }
}
