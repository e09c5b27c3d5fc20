package org.spikecast.report.internal;

import static org.spikecast.report.internal.Markup.escape;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * One self-contained HTML report: it needs no network and no scripts, and follows the reader's screen
 * and choice of light or dark.
 */
public final class Page {
    private static final Pattern NUMBER = Pattern.compile(
            "|n/a|NaN|[–—]|[-+−]?[\\d.,\\s]*\\d[\\d.,\\s]*([eE][-+]?\\d+)?(\\s*±.*)?(\\s*[%\\p{L}/]{1,4})?");

    private static final String STYLE = ":root{color-scheme:light dark;" + Drawing.LIGHT + "}\n"
            + "@media screen and (prefers-color-scheme:dark){:root{" + Drawing.DARK + "}}\n"
            + """
            *{box-sizing:border-box}
            body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 FONT;-webkit-text-size-adjust:100%}
            main{max-width:728px;margin:0 auto;padding:32px 24px 64px}
            h1{font-size:28px;line-height:1.2;margin:0 0 24px}
            h2{font-size:20px;line-height:1.3;margin:40px 0 12px}
            p{margin:0 0 16px}
            a{color:var(--s0)}
            h1,h2,p,td,th,figcaption{overflow-wrap:break-word}
            .scroll{overflow-x:auto;margin:0 0 24px}
            table{border-collapse:collapse;font-size:15px;line-height:1.4;font-variant-numeric:tabular-nums}
            table{border-top:1.5px solid var(--ink);border-bottom:1.5px solid var(--ink)}
            th,td{padding:5px 20px 5px 0;text-align:left;font-weight:400;vertical-align:baseline}
            th:last-child,td:last-child{padding-right:4px}
            thead th{font-weight:600;border-bottom:1px solid var(--axis);vertical-align:bottom}
            tbody tr+tr>*{border-top:1px solid var(--grid)}
            .number{text-align:right}
            td.number{white-space:nowrap}
            .wide{font-size:13.5px}
            .wide th,.wide td{padding-right:11px}
            .scroll:has(.wide){width:max-content;max-width:calc(50vw + 300px)}
            pre{margin:0 0 24px;padding:12px 16px;border:1px solid var(--grid);border-radius:6px}
            pre{white-space:pre-wrap;overflow-wrap:anywhere}
            code{font:13.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,'Liberation Mono',monospace}
            figure{margin:32px 0}
            figure>svg{display:block;width:100%;height:auto}
            figure>svg+svg{display:none}
            figcaption{margin-top:12px;font-size:14.5px;line-height:1.5;color:var(--quiet)}
            figcaption b{color:var(--ink)}
            @media (max-width:960px){
            .scroll:has(.wide){width:auto;max-width:100%}
            .wide{font-size:12px}
            .wide th,.wide td{padding-right:8px}
            }
            @media (max-width:740px){
            main{padding:20px 12px 40px}
            .wide{font-size:11.5px}
            .wide th,.wide td{padding-right:7px}
            }
            @media (max-width:640px){
            h1{font-size:24px}
            figure>svg{display:none}
            figure>svg+svg{display:block;max-width:440px}
            }
            @media (max-width:680px){
            .wide{font-size:15px}
            .wide,.wide tbody,.wide tr,.wide td,.wide tbody th{display:block}
            .wide thead{position:absolute;left:-9999px}
            .wide tr{padding:6px 0}
            .wide tbody tr+tr>*{border-top:0}
            .wide tbody tr+tr{border-top:1px solid var(--grid)}
            .wide th,.wide td{padding:1px 4px 1px 0}
            .wide tbody th{font-weight:600}
            .wide td{display:flex;justify-content:space-between;gap:16px;white-space:normal;text-align:right}
            .wide td::before{content:attr(data-head);color:var(--quiet);text-align:left}
            .wide td:empty{display:none}
            }
            @media print{
            body{font-size:11pt}
            main{max-width:none;padding:0}
            figure,tr,pre{break-inside:avoid}
            h2{break-after:avoid}
            }
            """.replace("FONT", Drawing.FONT)
            + Drawing.STYLE;

    /** The text of a cell without content. */
    private static final Set<String> EMPTY = Set.of("", "n/a");

    /** The largest number of columns that fits a narrow screen. */
    private static final int FEW_COLUMNS = 3;

    private final String title;
    private final StringBuilder body = new StringBuilder();
    private int figures;

    /** An empty page; the title is also its first heading. */
    public Page(String title) {
        this.title = escape(title);
    }

    /** Adds the heading of a section. */
    public Page heading(String text) {
        body.append("<h2>").append(escape(text)).append("</h2>\n");
        return this;
    }

    /** Adds a paragraph. */
    public Page paragraph(String text) {
        body.append("<p>").append(escape(text)).append("</p>\n");
        return this;
    }

    /** Adds a paragraph that ends in a link to a file beside this one. */
    public Page link(String text, String file, String name) {
        body.append("<p>")
                .append(escape(text))
                .append("<a href=\"")
                .append(escape(file))
                .append("\">");
        body.append(escape(name)).append("</a></p>\n");
        return this;
    }

    /** Adds a block of code or of a program's output, line by line as it is. */
    public Page code(String text) {
        body.append("<pre tabindex=\"0\"><code>").append(escape(text)).append("</code></pre>\n");
        return this;
    }

    /**
     * Adds a table; a column of numbers is aligned right, and a column without content is left out. On a narrow screen a table
     * of many columns is a list: a row's first cell, and below it the others with their heads. Each row has as many cells as
     * the head.
     */
    public Page table(List<String> head, List<List<String>> rows) {
        for (List<String> row : rows) {
            if (row.size() != head.size()) {
                throw new IllegalArgumentException(
                        "a row needs " + head.size() + " cells, as the head " + head + " has, got " + row);
            }
        }
        int[] kept = IntStream.range(0, head.size())
                .filter(c -> c == 0 || rows.isEmpty() || rows.stream().anyMatch(row -> !EMPTY.contains(row.get(c))))
                .toArray();
        if (kept.length < head.size()) {
            List<List<String>> fuller = new ArrayList<>();
            rows.forEach(row -> fuller.add(chosen(row, kept)));
            return table(chosen(head, kept), fuller);
        }
        boolean[] numbers = new boolean[head.size()];
        for (int i = 0; i < numbers.length; i++) {
            int column = i;
            numbers[i] = rows.stream()
                    .allMatch(row -> NUMBER.matcher(row.get(column)).matches());
        }
        body.append("<div class=\"scroll\" role=\"region\" aria-label=\"Table\" tabindex=\"0\">")
                .append(head.size() > FEW_COLUMNS ? "<table class=\"wide\">" : "<table>")
                .append("\n<thead>\n");
        row(head, head, numbers, true);
        body.append("</thead>\n<tbody>\n");
        rows.forEach(row -> row(head, row, numbers, false));
        body.append("</tbody>\n</table></div>\n");
        return this;
    }

    private static List<String> chosen(List<String> cells, int[] kept) {
        return Arrays.stream(kept).mapToObj(cells::get).toList();
    }

    private void row(List<String> heads, List<String> cells, boolean[] numbers, boolean head) {
        body.append("<tr>");
        for (int i = 0; i < numbers.length; i++) {
            String tag = head || i == 0 ? "th" : "td";
            String scope = head ? " scope=\"col\"" : i == 0 ? " scope=\"row\"" : "";
            String css = numbers[i] ? " class=\"number\"" : "";
            body.append('<').append(tag).append(scope).append(css);
            body.append(head || i == 0 ? "" : " data-head=\"" + escape(heads.get(i)) + "\"")
                    .append('>');
            String cell = numbers[i] ? cells.get(i).replaceFirst("^-", "−") : cells.get(i);
            body.append(escape(cell)).append("</").append(tag).append('>');
        }
        body.append("</tr>\n");
    }

    /** Adds a chart with a caption, numbered in order. */
    public Page figure(Chart chart, String caption) {
        String id = "figure-" + ++figures;
        body.append("<figure>\n").append(new Drawing(chart, Drawing.WIDE).svg(id, false));
        body.append(new Drawing(chart, Drawing.NARROW).svg(id + "-narrow", false));
        body.append("<figcaption><b>Figure ").append(figures).append(".</b> ").append(escape(caption));
        body.append("</figcaption>\n</figure>\n");
        return this;
    }

    /** The page as one HTML file, to be stored as UTF-8. */
    public String html() {
        return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>" + title
                + "</title>\n<style>\n" + STYLE + "</style>\n</head>\n<body>\n<main>\n<h1>" + title + "</h1>\n" + body
                + "</main>\n</body>\n</html>\n";
    }
}
