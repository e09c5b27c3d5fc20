package org.spikecast.vectors.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.spikecast.io.internal.AtomicFiles;
import org.spikecast.io.internal.Decimal;
import org.spikecast.io.internal.Json;

/**
 * Packs the stored vectors alone: every file that MANIFEST.sha256 lists, and of each file of cases a flat text form,
 * for languages without a JSON reader; README.md of the vectors describes its format. Same files, same bytes: entries
 * are stored, not deflated, in the manifest's order. The build runs it.
 */
final class VectorsZip {
    private static final String ROOT = "spikecast-test-vectors/";
    private static final String MANIFEST = "MANIFEST.sha256";

    /** Not 1980-01-01, which stands for "before 1980" and makes the JDK add a time that depends on the time zone. */
    private static final LocalDateTime FIXED_TIME = LocalDateTime.of(1980, 2, 1, 0, 0);

    private VectorsZip() {}

    /** Arguments: the folder test-vectors, the zip file. */
    public static void main(String[] arguments) throws IOException {
        write(Path.of(arguments[0]), Path.of(arguments[1]));
    }

    static void write(Path vectors, Path zip) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(bytes, StandardCharsets.UTF_8)) {
            add(out, MANIFEST, Files.readAllBytes(vectors.resolve(MANIFEST)));
            for (String line : Files.readAllLines(vectors.resolve(MANIFEST))) {
                String name = line.substring(line.indexOf("  ") + 2);
                byte[] content = Files.readAllBytes(vectors.resolve(name));
                add(out, name, content);
                if (name.endsWith(".json") && !name.endsWith(".schema.json")) {
                    String text = flat(Json.parse(new String(content, StandardCharsets.UTF_8)));
                    add(out, "flat/" + name.replaceFirst("\\.json$", ".txt"), text.getBytes(StandardCharsets.UTF_8));
                }
            }
        }
        AtomicFiles.write(zip, bytes.toByteArray());
    }

    private static void add(ZipOutputStream out, String name, byte[] content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipEntry entry = new ZipEntry(ROOT + name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(crc.getValue());
        entry.setTimeLocal(FIXED_TIME);
        out.putNextEntry(entry);
        out.write(content);
        out.closeEntry();
    }

    /** A file of cases as lines: kind, and for each case "case ID", its values, "end". */
    static String flat(Object document) {
        Map<?, ?> content = (Map<?, ?>) document;
        StringBuilder out =
                new StringBuilder("kind ").append(content.get("kind")).append('\n');
        for (Object item : (List<?>) content.get("cases")) {
            Map<?, ?> c = (Map<?, ?>) item;
            out.append("case ").append(c.get("id")).append('\n');
            c.forEach((key, value) -> {
                if (!key.equals("id")) {
                    add(out, (String) key, value);
                }
            });
            out.append("end\n");
        }
        return out.toString();
    }

    /** Objects become names with a slash, truth values 0 or 1, null nothing, a list of lists or objects a name with an index. */
    private static void add(StringBuilder out, String name, Object value) {
        if (value instanceof Map<?, ?> map && map.size() == 2 && map.containsKey("shape") && map.containsKey("data")) {
            array(out, name, (List<?>) map.get("shape"), (List<?>) map.get("data"));
        } else if (value instanceof Map<?, ?> map) {
            map.forEach((key, item) -> add(out, name + "/" + key, item));
        } else if (value instanceof List<?> list && list.stream().allMatch(VectorsZip::isNumber) && !list.isEmpty()) {
            array(out, name, List.of(list.size()), list);
        } else if (value instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
            out.append("text ").append(name);
            list.forEach(item -> out.append(' ').append(item));
            out.append('\n');
        } else if (value instanceof List<?> list) {
            for (int k = 0; k < list.size(); k++) {
                add(out, name + "/" + k, list.get(k));
            }
        } else if (isNumber(value)) {
            out.append("number ").append(name).append(' ');
            number(out, value);
            out.append('\n');
        } else if (value != null) {
            out.append("text ").append(name).append(' ').append(value).append('\n');
        }
    }

    private static void array(StringBuilder out, String name, List<?> shape, List<?> data) {
        out.append("array ").append(name).append(' ').append(shape.size());
        shape.forEach(size -> out.append(' ').append(size));
        out.append('\n');
        for (int k = 0; k < data.size(); k++) {
            out.append(k == 0 ? "" : " ");
            number(out, data.get(k));
        }
        out.append('\n');
    }

    private static boolean isNumber(Object value) {
        return value instanceof Number || value instanceof Boolean;
    }

    private static void number(StringBuilder out, Object value) {
        out.append(
                value instanceof Boolean flag
                        ? flag ? "1" : "0"
                        : value instanceof Double real ? Decimal.shortest(real) : value.toString());
    }
}
