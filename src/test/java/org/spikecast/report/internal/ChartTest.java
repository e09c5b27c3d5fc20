package org.spikecast.report.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class ChartTest {
    private static final double NAN = Double.NaN;

    private static double[] of(double... values) {
        return values;
    }

    private static Chart chart() {
        return Chart.of("Title", "time (ms)", "count");
    }

    private static Chart scores() {
        return Chart.of("Scores", "predictor", "explained variance")
                .bars(new String[] {"last value", "ridge", "failed"}, of(-1.03, 0.17, NAN))
                .level("oracle", 0.234, 0.012);
    }

    private static List<String> attributes(Document svg, String element, String css, String attribute) {
        NodeList all = svg.getElementsByTagName(element);
        return IntStream.range(0, all.getLength())
                .mapToObj(i -> (Element) all.item(i))
                .filter(e -> Arrays.asList(e.getAttribute("class").split(" ")).contains(css))
                .map(e -> attribute.isEmpty() ? e.getTextContent() : e.getAttribute(attribute))
                .toList();
    }

    static Stream<Chart> anyData() {
        double[] none = {};
        double[] large = {-1e308, 0, 1e308};
        return Stream.of(
                chart(),
                chart().line("a", none, none).steps("b", none, none).ticks("c", none, none),
                chart().line("a", of(1), of(2)).steps("b", of(1), of(2)).ticks("c", of(1), of(2)),
                chart().line("a", of(1, 2, 3), of(5, 5, 5)),
                chart().line("a", of(4, 4), of(5, 6)).steps("b", of(4, 4), of(5, 6)),
                chart().line("a", of(NAN, NAN), of(NAN, NAN)).steps("b", of(NAN, 1), of(NAN, NAN)),
                chart().line("a", of(1, 2), of(0, -1)).logX().logY(),
                chart().line("a", large, large).steps("b", large, large).ticks("c", large, large),
                chart().line("a", of(1, 2), of(Double.POSITIVE_INFINITY, Double.MIN_VALUE)),
                chart().line("a", of(0, 1), of(1e9, 1e9 + 1e-6)),
                chart().level("only", 3, 0),
                chart().level("none", NAN, 1),
                chart().line("a", of(1, 1), of(1e308, 1.7e308)).logX().logY(),
                chart().line("a", of(1, 10), of(1e-9, 1))
                        .level("wide", 1e-3, 1)
                        .logX()
                        .logY(),
                chart().bars(new String[0], none),
                chart().bars(new String[] {"a", "a", ""}, of(NAN, NAN, NAN)),
                chart().bars(new String[] {"a"}, of(0)),
                chart().bars(new String[] {"a", "b"}, of(1e-3, 100)).logY(),
                chart().bars(new String[] {"a long name ".repeat(20), "b".repeat(200)}, of(1, -1)),
                Chart.of("", "", "").line("", of(0, 1), of(0, 1)),
                Chart.of("word ".repeat(60), "x".repeat(300), "y ".repeat(300)).line("n".repeat(300), of(1), of(1)));
    }

    @ParameterizedTest
    @MethodSource("anyData")
    void anyDataGivesAFigure(Chart chart) {
        for (String svg : List.of(chart.svg(), new Drawing(chart, Drawing.NARROW).svg("id", false))) {
            assertEquals("svg", Xml.parse(svg).getDocumentElement().getTagName());
            assertFalse(
                    Pattern.compile("NaN|Infinity|[\"HVMLhv ]-?\\d{6}")
                            .matcher(svg)
                            .find(),
                    svg);
        }
        assertEquals(chart.svg(), chart.svg());
        chart.csv();
    }

    @Test
    void standsAloneAndNamesItself() {
        String text = scores().svg();
        Document svg = Xml.parse(text);
        Element root = svg.getDocumentElement();
        assertEquals("img", root.getAttribute("role"));
        assertEquals("chart-title chart-desc", root.getAttribute("aria-labelledby"));
        assertEquals("Scores", svg.getElementsByTagName("title").item(0).getTextContent());
        assertEquals(
                "explained variance: last value −1.030; ridge 0.170; failed n/a; oracle 0.234 ± 0.012 (standard error).",
                svg.getElementsByTagName("desc").item(0).getTextContent());
        assertFalse(text.contains("var("), "programs other than browsers do not know variables");
    }

    @Test
    void textIsEscaped() {
        String nasty = "<b> & \"q\" 'p' ]]> \u0000\uD800 \uD83E\uDDE0";
        Document svg = Xml.parse(Chart.of(nasty, nasty, nasty)
                .line(nasty, of(1), of(1))
                .level(nasty, 1, 1)
                .svg());
        String shown = nasty.replace('\u0000', '\uFFFD').replace('\uD800', '\uFFFD');
        assertEquals(shown, svg.getElementsByTagName("title").item(0).getTextContent());
        assertEquals(List.of(shown), attributes(svg, "text", "title", ""));
    }

    @Test
    void gapsBreakALineAndALonePointIsADot() {
        Document svg = Xml.parse(
                chart().line("", of(0, 1, 2, 3, 4, 5), of(0, 1, NAN, 3, NAN, 5)).svg());
        String d = attributes(svg, "path", "line", "d").get(0);
        assertTrue(d.matches("M_L_M_h0M_h0".replace("_", "[\\d.]+ [\\d.]+")), d);
    }

    @Test
    void denseLinesKeepTheirExtremes() {
        double[] x = IntStream.range(0, 100_000).mapToDouble(i -> i).toArray();
        double[] y = Arrays.stream(x).map(v -> StrictMath.sin(v / 3000)).toArray();
        y[54_321] = 7;
        Document svg = Xml.parse(chart().line("", x, y).yRange(-1, 7).svg());
        String d = attributes(svg, "path", "line", "d").get(0);
        assertTrue(d.length() < 40_000, () -> "got " + d.length() + " characters");
        assertTrue(Pattern.compile("L[\\d.]+ 0L").matcher(d).find(), "the peak is drawn");
    }

    @Test
    void aRasterIsOneCompactPathPerSeries() {
        SplittableRandom random = new SplittableRandom(7);
        double[] time = random.doubles(20_000, 0, 3000).toArray();
        double[] neuron = random.ints(20_000, 0, 600).asDoubleStream().toArray();
        String svg = chart().ticks("E", time, neuron).svg();
        List<String> paths = attributes(Xml.parse(svg), "path", "ticks", "d");
        assertEquals(1, paths.size());
        assertEquals(20_000, paths.get(0).chars().filter(c -> c == 'v').count());
        assertTrue(svg.length() < 300_000, () -> "got " + svg.length() + " characters");
    }

    @Test
    void stepsHoldTheirValue() {
        Document svg = Xml.parse(
                chart().steps("", of(0, 1, 2), of(0, 1, 0)).yRange(0, 1).svg());
        String d = attributes(svg, "path", "steps", "d").get(0);
        assertTrue(d.matches("M0 272V272H([\\d.]+)V0H([\\d.]+)V272H([\\d.]+)V272"), d);
    }

    @Test
    void theLegendNamesMoreThanOneSeries() {
        double[] xy = {0, 1};
        Document one = Xml.parse(chart().line("alone", xy, xy).level("", 1, 0).svg());
        Document two = Xml.parse(
                chart().line("a", xy, xy).line("b", xy, xy).line("", xy, xy).svg());
        assertEquals(List.of("count", "time (ms)"), attributes(one, "text", "label", ""));
        assertEquals(List.of("a", "b", "count", "time (ms)"), attributes(two, "text", "label", ""));
        assertEquals(
                3,
                attributes(two, "path", "line", "stroke-dasharray").stream()
                        .skip(2)
                        .distinct()
                        .count());
    }

    @Test
    void barsPrintTheirValuesAndCutOnesAreMarked() {
        Document whole = Xml.parse(scores().svg());
        Document cut = Xml.parse(scores().yRange(-0.2, 0.3).svg());
        assertEquals(0, attributes(whole, "path", "cut", "d").size());
        assertEquals(1, attributes(cut, "path", "cut", "d").size());
        assertEquals(2, attributes(cut, "path", "bar", "d").size());
        assertEquals(
                List.of("last value", "−1.030", "ridge", "0.170", "failed", "n/a"), attributes(cut, "text", "row", ""));
    }

    @Test
    void noDataIsSaid() {
        assertTrue(chart().line("a", of(1), of(NAN)).svg().contains(">no data<"));
        assertFalse(chart().line("a", of(1), of(1)).svg().contains(">no data<"));
    }

    @Test
    void theSameInEveryLocale() {
        Locale before = Locale.getDefault();
        String expected = scores().svg();
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
            assertEquals(expected, scores().svg());
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void csvHoldsTheData() {
        assertEquals(
                "time (ms),a,b\n0,0.1,3\n1,0.2,4\n",
                chart().line("a", of(0, 1), of(0.1, 0.2))
                        .line("b", of(0, 1), of(3, 4))
                        .csv());
        assertEquals(
                "a: time (ms),a: count,b: time (ms),b: count\n0,0.1,2,3\n1,0.2,,\n",
                chart().ticks("a", of(0, 1), of(0.1, 0.2))
                        .ticks("b", of(2), of(3))
                        .csv());
        assertEquals(
                "last value,ridge,failed,oracle,oracle: standard error\n-1.03,0.17,NaN,0.234,0.012\n", scores().csv());
        assertEquals(
                "time (ms),count,count 2\n0,1,2\n",
                chart().line("", of(0), of(1)).line("", of(0), of(2)).csv());
    }

    @Test
    void dataAreCopied() {
        double[] y = {1, 2};
        Chart chart = chart().line("a", of(0, 1), y);
        String before = chart.csv();
        y[0] = 9;
        assertEquals(before, chart.csv());
    }

    @Test
    void wrongUseIsRefused() {
        double[] xy = {1};
        assertThrows(IllegalArgumentException.class, () -> chart().line("a", of(1, 2), xy));
        assertThrows(IllegalArgumentException.class, () -> chart().bars(new String[2], xy));
        assertThrows(IllegalArgumentException.class, () -> chart().level("a", 1, -1));
        assertThrows(IllegalArgumentException.class, () -> chart().yRange(1, 1));
        assertThrows(IllegalArgumentException.class, () -> chart().yRange(NAN, 1));
        assertThrows(
                IllegalArgumentException.class,
                () -> chart().yRange(0, 1).logY().svg());
        assertThrows(IllegalStateException.class, () -> scores().line("a", xy, xy));
        assertThrows(IllegalStateException.class, () -> scores().bars(new String[] {"a"}, xy));
        assertThrows(NullPointerException.class, () -> Chart.of(null, "", ""));
    }
}
