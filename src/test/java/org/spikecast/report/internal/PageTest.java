package org.spikecast.report.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class PageTest {
    private static Chart chart() {
        return Chart.of("Counts", "time (ms)", "count").line("", new double[] {0, 1}, new double[] {0, 1});
    }

    private static Page page() {
        return new Page("Run <1> & more")
                .heading("Scores")
                .paragraph("a < b & \"c\"")
                .table(
                        List.of("predictor", "MSE", "note"),
                        List.of(List.of("zero", "-0.25", "none"), List.of("ridge", "n/a", "3 lost")))
                .figure(chart(), "First.")
                .figure(chart(), "Second.")
                .code("x = 1\n  <y>");
    }

    private static String text(Document page, String tag, int i) {
        return page.getElementsByTagName(tag).item(i).getTextContent();
    }

    @Test
    void isWellFormedAndSaysWhatItWasTold() {
        String html = page().html();
        assertTrue(html.startsWith("<!DOCTYPE html>\n<html lang=\"en\">"));
        Document page = Xml.parse(html);
        assertEquals("Run <1> & more", text(page, "title", 0));
        assertEquals("Run <1> & more", text(page, "h1", 0));
        assertEquals("Scores", text(page, "h2", 0));
        assertEquals("a < b & \"c\"", text(page, "p", 0));
        assertEquals("x = 1\n  <y>", text(page, "code", 0));
        assertEquals("Figure 2. Second.", text(page, "figcaption", 1));
        assertEquals(page().html(), html);
    }

    @Test
    void needsNothingElse() {
        String html = page().html();
        assertFalse(Pattern.compile("<script|<link|<img|@import|url\\(|src=")
                .matcher(html)
                .find());
        assertEquals(html.indexOf("http"), html.indexOf("http://www.w3.org/2000/svg"), "only the name of SVG");
    }

    @Test
    void numbersStandRight() {
        Document page = Xml.parse(page().html());
        NodeList cells = page.getElementsByTagName("td");
        assertEquals("−0.25", cells.item(0).getTextContent());
        assertEquals("number", ((Element) cells.item(0)).getAttribute("class"));
        assertEquals("number", ((Element) cells.item(2)).getAttribute("class"));
        assertEquals("", ((Element) cells.item(3)).getAttribute("class"));
        assertEquals("row", ((Element) page.getElementsByTagName("th").item(3)).getAttribute("scope"));
    }

    @Test
    void idsAreUniqueAndLabelsMeetThem() {
        String html = page().html();
        Set<String> ids = new HashSet<>();
        Matcher id = Pattern.compile(" id=\"([^\"]*)\"").matcher(html);
        while (id.find()) {
            assertTrue(ids.add(id.group(1)), id.group(1));
        }
        Matcher label = Pattern.compile("aria-labelledby=\"([^\"]*)\"").matcher(html);
        while (label.find()) {
            assertTrue(ids.containsAll(List.of(label.group(1).split(" "))));
        }
        assertEquals(8, ids.size());
    }

    @Test
    void everyVariableHasAColourInLightAndInDark() {
        Matcher variable = Pattern.compile("var\\((--\\w+)\\)").matcher(page().html());
        while (variable.find()) {
            assertTrue(Drawing.LIGHT.contains(variable.group(1) + ":"), variable.group(1));
            assertTrue(Drawing.DARK.contains(variable.group(1) + ":"), variable.group(1));
        }
    }

    @Test
    void aColumnWithoutContentIsLeftOut() {
        Page page = new Page("t")
                .table(
                        List.of("predictor", "MSE", "share", "bits", "time"),
                        List.of(List.of("zero", "1", "", "n/a", "2"), List.of("", "n/a", "", "", "3")));
        Document document = Xml.parse(page.html());
        assertEquals(5, document.getElementsByTagName("th").getLength(), "three heads, two rows");
        assertEquals("time", text(document, "th", 2));
        assertEquals("MSE", ((Element) document.getElementsByTagName("td").item(0)).getAttribute("data-head"));
        assertEquals(4, document.getElementsByTagName("td").getLength());
    }

    @Test
    void raggedTablesAreRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new Page("t").table(List.of("a", "b"), List.of(List.of("only one"))));
    }
}
