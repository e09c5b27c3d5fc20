package org.spikecast.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.spikecast.io.internal.AtomicFiles;
import org.spikecast.io.internal.Content;
import org.spikecast.io.internal.Dtype;
import org.spikecast.io.internal.Json;

/**
 * The content of a safetensors file: named arrays, and texts by key.
 *
 * <p>Source: <a href="https://github.com/huggingface/safetensors#format">the format's description</a>: the header's
 * length (8 bytes, little-endian), the header (JSON: type, shape and place of each tensor), the data.
 *
 * @param tensors the arrays by name, in the order of their data; unmodifiable
 * @param metadata the header's {@code __metadata__}, empty if it has none; unmodifiable
 */
public record Safetensors(Map<String, NdArray> tensors, Map<String, String> metadata) {
    private static final String METADATA = "__metadata__";
    private static final int MAX_HEADER_BYTES = 100_000_000;
    private static final int ALIGNMENT = 8;

    /** Keeps copies of the maps, in their order. */
    public Safetensors {
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }

    /** A tensor as the header announces it; the data lies from {@code begin} to {@code end} behind the header. */
    private record Entry(String name, Dtype type, int[] shape, long begin, long end) implements Comparable<Entry> {
        /** In the order of the data. */
        @Override
        public int compareTo(Entry other) {
            return begin == other.begin ? Long.compare(end, other.end) : Long.compare(begin, other.begin);
        }
    }

    /**
     * Reads a file, as strictly as the format demands: the tensors' data must fill the file without holes or overlaps.
     *
     * @return F64 and F32 as float64, the integer types and BOOL as int32
     * @throws MalformedFileException if the content is not such a file, a tensor has another type (such as F16 or
     *     BF16), or an integer does not fit 32 bits
     */
    public static Safetensors read(Path file) throws IOException {
        try (InputStream in = Content.open(file)) {
            return read(in, Content.size(file));
        } catch (IllegalArgumentException | IOException e) {
            throw Content.failure(file, e);
        }
    }

    private static Safetensors read(InputStream in, long fileSize) throws IOException {
        byte[] first = Content.readExactly(in, Long.BYTES, "the header's length");
        long headerBytes = ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN).getLong();
        boolean fits = headerBytes >= 0 && headerBytes <= fileSize; // a header's length may look like anything
        String kind = fits ? null : Content.otherKind(first);
        if (kind != null) {
            throw new IllegalArgumentException("this is " + kind + ": expected a safetensors file, as PyTorch writes by"
                    + " safetensors.torch.save_file(model.double().state_dict(), FILE)");
        }
        if (headerBytes < 0 || headerBytes > MAX_HEADER_BYTES) {
            throw new IllegalArgumentException("not a safetensors file: expected a header of at most "
                    + MAX_HEADER_BYTES + " bytes, got " + Long.toUnsignedString(headerBytes));
        }
        long present = fileSize - Long.BYTES - headerBytes;
        if (present < 0) {
            throw new IllegalArgumentException(
                    "truncated: expected a header of " + headerBytes + " bytes, got " + (fileSize - Long.BYTES));
        }
        byte[] header = Content.readExactly(in, (int) headerBytes, "the header");
        String text = StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(header))
                .toString();
        if (!text.startsWith("{")) {
            throw new IllegalArgumentException("header: expected a JSON object, which starts with '{'");
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        List<Entry> entries = new ArrayList<>();
        for (Map.Entry<?, ?> item : parseHeader(text).entrySet()) {
            String name = (String) item.getKey();
            if (name.equals(METADATA)) {
                metadata.putAll(metadata(item.getValue()));
            } else {
                entries.add(entry(name, item.getValue()));
            }
        }
        Collections.sort(entries);
        checkPlaces(entries, present);
        Map<String, NdArray> tensors = new LinkedHashMap<>();
        for (Entry entry : entries) {
            tensors.put(entry.name, tensor(in, entry));
        }
        return new Safetensors(tensors, metadata);
    }

    private static Map<?, ?> parseHeader(String text) {
        try {
            return (Map<?, ?>) Json.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("header, " + e.getMessage(), e);
        }
    }

    private static Map<String, String> metadata(Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException(
                    "header: expected " + METADATA + " to be an object, got " + Content.show(String.valueOf(value)));
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        for (Map.Entry<?, ?> item : map.entrySet()) {
            if (!(item.getValue() instanceof String text)) {
                throw new IllegalArgumentException("header: expected " + METADATA + "." + item.getKey()
                        + " to be a string, got " + Content.show(String.valueOf(item.getValue())));
            }
            metadata.put((String) item.getKey(), text);
        }
        return metadata;
    }

    private static Entry entry(String name, Object value) {
        if (!(value instanceof Map<?, ?> fields)
                || !fields.keySet().equals(Set.of("dtype", "shape", "data_offsets"))
                || !(fields.get("dtype") instanceof String dtype)
                || !(fields.get("shape") instanceof List<?> extents)
                || !(fields.get("data_offsets") instanceof List<?> offsets)
                || offsets.size() != 2
                || !(offsets.get(0) instanceof Long begin)
                || !(offsets.get(1) instanceof Long end)) {
            throw malformed(
                    name,
                    "expected exactly a dtype (a string), a shape (a list) and data_offsets (two integers), got "
                            + Content.show(String.valueOf(value)));
        }
        if (begin < 0 || end < begin) {
            throw malformed(name, "expected data_offsets 0 <= begin <= end, got " + offsets);
        }
        try {
            int[] shape = NdArray.shapeOf(extents);
            Dtype type = type(dtype);
            if (end - begin != type.bytesFor(shape)) {
                throw new IllegalArgumentException("shape " + Arrays.toString(shape) + " of " + type + " takes "
                        + type.bytesFor(shape) + " bytes, but data_offsets " + offsets + " give " + (end - begin));
            }
            return new Entry(name, type, shape, begin, end);
        } catch (IllegalArgumentException e) {
            throw malformed(name, e.getMessage());
        }
    }

    private static Dtype type(String name) {
        for (Dtype type : Dtype.values()) {
            if (type.name().equals(name)) {
                return type;
            }
        }
        throw new IllegalArgumentException("dtype " + Content.show(name) + " is not supported: expected F64, F32 or an"
                + " integer type; convert before saving, in PyTorch by tensor.double()");
    }

    private static void checkPlaces(List<Entry> entries, long present) {
        long expectedBegin = 0;
        for (Entry entry : entries) {
            if (entry.begin != expectedBegin) {
                throw malformed(
                        entry.name,
                        "expected its data to begin at " + expectedBegin + ", where the data before it ends, got "
                                + entry.begin);
            }
            expectedBegin = entry.end;
        }
        if (present != expectedBegin) {
            throw new IllegalArgumentException((present < expectedBegin ? "truncated" : "too long") + ": expected "
                    + expectedBegin + " bytes of data, got " + present);
        }
    }

    private static NdArray tensor(InputStream in, Entry entry) throws IOException {
        try {
            return entry.type.read(in, ByteOrder.LITTLE_ENDIAN, entry.shape);
        } catch (IllegalArgumentException e) {
            throw malformed(entry.name, e.getMessage());
        }
    }

    private static IllegalArgumentException malformed(String name, String reason) {
        return new IllegalArgumentException("tensor " + Content.show(name) + ": " + reason);
    }

    /**
     * Writes a file; the same content gives the same bytes.
     *
     * @param tensors arrays by name, written in the map's order as F64 or I32
     * @param metadata texts by key, written in the keys' order; nothing is written if there are none
     * @throws IllegalArgumentException if a tensor is named {@code __metadata__}, or a text is not valid Unicode
     */
    public static void write(Path file, Map<String, NdArray> tensors, Map<String, String> metadata) throws IOException {
        if (tensors.containsKey(METADATA)) {
            throw new IllegalArgumentException("a tensor cannot be named " + METADATA);
        }
        Map<String, Object> header = new LinkedHashMap<>();
        if (!metadata.isEmpty()) {
            header.put(METADATA, new TreeMap<>(Map.copyOf(metadata)));
        }
        long begin = 0;
        for (Map.Entry<String, NdArray> tensor : tensors.entrySet()) {
            int[] shape = tensor.getValue().shape();
            Dtype type = Dtype.of(tensor.getValue());
            long end = begin + type.bytesFor(shape);
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("dtype", type.name());
            entry.put("shape", shape);
            entry.put("data_offsets", List.of(begin, end));
            header.put(tensor.getKey(), entry);
            begin = end;
        }
        byte[] text = Json.writeCompact(header).getBytes(StandardCharsets.UTF_8);
        byte[] padded = Arrays.copyOf(text, (text.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
        Arrays.fill(padded, text.length, padded.length, (byte) ' ');
        byte[] length = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(padded.length)
                .array();
        AtomicFiles.write(file, out -> {
            out.write(length);
            out.write(padded);
            for (NdArray tensor : tensors.values()) {
                Dtype.write(out, tensor);
            }
        });
    }
}
