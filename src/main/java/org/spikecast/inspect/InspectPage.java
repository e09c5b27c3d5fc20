package org.spikecast.inspect;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.spikecast.io.NdArray;
import org.spikecast.io.internal.Json;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.model.Forecaster;
import org.spikecast.model.ModelFile;
import org.spikecast.model.internal.Version;
import org.spikecast.params.ParameterSet;

/**
 * Composes the inspect page of the template, style and scripts from the resources, and a model and sequences as
 * compact text. The page computes the run itself; its scripts are files of their own, {@code network.js} has the
 * equations.
 */
final class InspectPage {
    /** In the order in which they are joined. */
    private static final List<String> SCRIPTS =
            List.of("network.js", "data.js", "maps.js", "cell.js", "reach.js", "tools.js", "page.js", "check.js");

    /** The most input values in a page, unless a single sequence has more. */
    private static final int MOST_INPUTS = 1 << 17;

    private static final int MOST_SEQUENCES = 32;

    private InspectPage() {}

    static String html(Recording recording, String title, String source) throws IOException {
        StringBuilder script = new StringBuilder("'use strict';\n");
        for (String name : SCRIPTS) {
            script.append(resource(name));
        }
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put("TITLE", escape(title));
        parts.put("SOURCE", escape(source));
        parts.put("VERSION", escape(Version.current()));
        parts.put("STYLE", resource("page.css"));
        parts.put("DATA", Json.writeCompact(data(recording)).replace("<", "\\u003c"));
        parts.put("SCRIPT", script.toString());
        parts.put("SCRIPT_SHA256", sha256(script.toString()));
        StringBuilder html = new StringBuilder();
        String[] pieces = resource("page.html").split("\\{\\{");
        html.append(pieces[0]);
        for (int k = 1; k < pieces.length; k++) {
            int end = pieces[k].indexOf("}}");
            html.append(parts.get(pieces[k].substring(0, end))).append(pieces[k], end + 2, pieces[k].length());
        }
        return html.toString();
    }

    private static Map<String, Object> data(Recording recording) {
        Forecaster model = recording.model();
        NetworkConfig config = model.network().config();
        int perSequence = recording.steps() * config.inputs();
        int shown = Math.max(1, Math.min(Math.min(recording.batch(), MOST_SEQUENCES), MOST_INPUTS / perSequence));
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("cell", config.cell().name());
        data.put("inputs", config.inputs());
        data.put("hidden", config.hidden());
        data.put("layers", config.layers());
        data.put("outputs", config.outputs());
        data.put("headStates", config.headStates());
        data.put("steps", recording.steps());
        data.put("outputSteps", recording.outputSteps());
        data.put("batch", recording.batch());
        data.put("shown", shown);
        data.put("loss", model.loss().label());
        Map<String, Object> described = ModelFile.describe(model);
        Object stepMs = described.get("sample_ms") == null ? described.get("slide_ms") : described.get("sample_ms");
        data.put("stepMs", stepMs);
        data.put("form", described.get("form"));
        data.put("inputOffset", encode(model.inputs().offset()));
        data.put("inputScale", encode(model.inputs().scale()));
        data.put("outputOffset", encode(model.outputs().offset()));
        data.put("outputScale", encode(model.outputs().scale()));
        Map<String, Object> weights = new LinkedHashMap<>();
        for (ParameterSet.Block block : model.network().set().blocks()) {
            Map<String, Object> weight = new LinkedHashMap<>(encode(block.data()));
            weight.put("shape", ints(block.shape()));
            weights.put(block.name(), weight);
        }
        data.put("weights", weights);
        data.put("x", encode(Arrays.copyOf(recording.x(), shown * perSequence)));
        int outputs = recording.outputSteps() * config.outputs();
        data.put(
                "target",
                recording.target() == null ? null : encode(Arrays.copyOf(recording.target(), shown * outputs)));
        for (String state : config.cell().states()) {
            data.put(state + "0", encode(first(recording.arrays().get(state + "0"), shown)));
        }
        return data;
    }

    /** The first sequences of an array L x B x H. */
    private static double[] first(NdArray state, int shown) {
        int[] shape = state.shape();
        double[] part = new double[shape[0] * shown * shape[2]];
        for (int l = 0; l < shape[0]; l++) {
            System.arraycopy(state.doubles(), l * shape[1] * shape[2], part, l * shown * shape[2], shown * shape[2]);
        }
        return part;
    }

    private static List<Object> ints(int[] values) {
        List<Object> list = new ArrayList<>();
        for (int value : values) {
            list.add((long) value);
        }
        return list;
    }

    /** Numbers as base64 of the shortest of int8, float32 and float64, little-endian, that holds all of them exactly. */
    static Map<String, Object> encode(double[] values) {
        boolean bytes = true;
        boolean floats = true;
        for (double value : values) {
            bytes &= value == (byte) value && !(value == 0 && 1 / value < 0);
            floats &= value == (float) value;
        }
        int width = bytes ? 1 : floats ? 4 : 8;
        ByteBuffer buffer = ByteBuffer.allocate(values.length * width).order(ByteOrder.LITTLE_ENDIAN);
        for (double value : values) {
            if (bytes) {
                buffer.put((byte) value);
            } else if (floats) {
                buffer.putFloat((float) value);
            } else {
                buffer.putDouble(value);
            }
        }
        Map<String, Object> encoded = new LinkedHashMap<>();
        encoded.put("type", bytes ? "i1" : floats ? "f4" : "f8");
        encoded.put("data", Base64.getEncoder().encodeToString(buffer.array()));
        return encoded;
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = InspectPage.class.getResourceAsStream("/org/spikecast/inspect/" + name)) {
            if (in == null) {
                throw new IllegalStateException("The jar lacks " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
        }
    }

    /** The hash by which the page's content security policy allows this script and no other. */
    private static String sha256(String script) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
