package org.spikecast.inspect;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.spikecast.Tolerances;
import org.spikecast.io.NdArray;
import org.spikecast.io.internal.Json;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.lstm.Cell;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.model.Forecaster;
import org.spikecast.params.ParameterSet;
import org.spikecast.train.Losses;
import org.spikecast.train.Scaling;

/**
 * The page in a headless browser: at random cursors, after sorting and after changes of inputs and weights, it shows
 * the results of Java; gradients agree with the page's own finite differences; nothing fails and nothing is requested.
 */
class InspectPageTest {
    private static final int CURSORS = 10;

    private final Kernel kernel = Kernel.best();
    private final RandomStream stream = RandomStream.of(5, "inspect page test");

    @TempDir
    Path folder;

    @Test
    void threeLayersAsPytorchHasThem() throws Exception {
        NetworkConfig config = new NetworkConfig(3, 8, 3, 2);
        compare(Forecaster.bare(NetworkParameters.random(config, 1, stream)), 30, true, "1600,1000");
    }

    @Test
    void anOwnModelWithScalingAndAnotherLoss() throws Exception {
        NetworkConfig config = new NetworkConfig(2, 6, 2, 1);
        Scaling inputs = new Scaling(new double[] {0.2, -3}, new double[] {0.7, 4});
        Forecaster model = new Forecaster(
                NetworkParameters.random(config, 0, stream), inputs, Scaling.identity(1), Losses.POISSON, null);
        compare(model, 25, false, "800,1000");
    }

    @Test
    void aGru() throws Exception {
        NetworkConfig config = new NetworkConfig(3, 7, 2, 2).with(Cell.GRU);
        compare(Forecaster.bare(NetworkParameters.random(config, 0, stream)), 30, true, "360,800");
    }

    @Test
    void sixHundredInputsAndAnOutputThatReadsSeveralSteps() throws Exception {
        NetworkConfig config = new NetworkConfig(600, 5, 1, 4, 3);
        compare(Forecaster.bare(NetworkParameters.random(config, 0, stream)), 12, false, "1600,1000");
    }

    private void compare(Forecaster model, int steps, boolean everyStep, String size) throws Exception {
        Path program = Chromium.find();
        assumeTrue(program != null, "there is no chromium, chromium-browser or google-chrome: the page is not driven");
        NetworkConfig config = model.network().config();
        boolean events = model.loss() != Losses.MEAN_SQUARED_ERROR;
        double[] x = random(steps * config.inputs(), false);
        double[] target = random((everyStep ? steps : 1) * config.outputs(), events);
        Recording recording = Recording.of(kernel, model, x, 1, steps, everyStep, null, target);
        Path page = folder.resolve("inspect.html");
        recording.writePage(page, "A <test> & \"more\"", "Nothing.");

        List<int[]> cursors = new ArrayList<>();
        for (int k = 0; k < CURSORS; k++) {
            cursors.add(new int[] {
                stream.nextInt(config.layers()),
                k == 0 ? steps - 1 : stream.nextInt(steps),
                stream.nextInt(config.hidden()),
                stream.nextInt(config.inputs())
            });
        }
        cursors.get(0)[0] = config.layers() - 1; // where an output reads
        String hidden = config.cell().name() + ".weight_hh_l0";
        Map<String, Object> task = Map.of(
                "cursors",
                cursors.stream()
                        .map(c ->
                                IntStream.of(c).mapToObj(v -> (Object) (long) v).toList())
                        .toList(),
                "order",
                "memory",
                "edits",
                List.of(
                        Map.of("what", "input", "step", 4L, "feature", 1L, "value", 0.875),
                        Map.of("what", hidden, "row", 6L, "column", 2L, "value", -1.5)));
        Map<?, ?> shown = drive(program, page, task, size);

        assertEquals(List.of(), shown.get("faults"));
        assertEquals(List.of(), shown.get("requests"));
        List<?> width = (List<?>) shown.get("size");
        assertTrue(number(width.get(0)) <= number(width.get(1)), "scrolls sideways: " + width);
        requireSame(recording, cursors, (List<?>) shown.get("first"));
        requireSame(recording, cursors, (List<?>) shown.get("sorted"));
        requireOrder(recording, cursors, shown);
        requireSame(recording, cursors.subList(0, 1), (List<?>) shown.get("undone"));

        double[] changedX = x.clone();
        changedX[4 * config.inputs() + 1] = 0.875;
        for (ParameterSet.Block block : model.network().set().blocks()) {
            if (block.name().equals(hidden)) {
                block.data()[6 * config.hidden() + 2] = -1.5;
            }
        }
        Recording changed = Recording.of(kernel, model, changedX, 1, steps, everyStep, null, target);
        requireSame(changed, cursors, (List<?>) shown.get("edited"));
        double loss = changed.arrays().get("loss").doubles()[0];
        assertEquals(loss, number(shown.get("loss")), Tolerances.PAGE * Math.max(1, Math.abs(loss)));
        requireDifferences((List<?>) shown.get("differences"), config);
    }

    private Map<?, ?> drive(Path program, Path page, Map<String, Object> task, String size) throws Exception {
        String hash = URLEncoder.encode("check=" + Json.writeCompact(task), StandardCharsets.UTF_8)
                .replace("+", "%20");
        String document = Chromium.document(program, page, hash, size, folder);
        int from = document.indexOf("<pre id=\"check\">");
        assertTrue(
                from >= 0,
                "the page did not run its check: " + document.substring(Math.max(0, document.length() - 500)));
        String text = document.substring(from + "<pre id=\"check\">".length(), document.indexOf("</pre>", from));
        text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        assertTrue(document.contains("A &lt;test&gt; &amp; \"more\"</h1>"), "title");
        return (Map<?, ?>) Json.parse(text);
    }

    /** Every number that the page shows at every cursor. */
    private static void requireSame(Recording recording, List<int[]> cursors, List<?> shown) {
        NetworkConfig config = recording.model().network().config();
        assertEquals(cursors.size(), shown.size());
        for (int k = 0; k < cursors.size(); k++) {
            Map<String, Double> expected = at(recording, cursors.get(k));
            Map<?, ?> numbers = (Map<?, ?>) shown.get(k);
            int compared = 0;
            for (Map.Entry<?, ?> entry : numbers.entrySet()) {
                String name = (String) entry.getKey();
                if (name.equals("row")) {
                    continue;
                }
                assertTrue(expected.containsKey(name), "the page shows " + name);
                double most = 0;
                for (double value : recording.arrays().get(arrayOf(name)).doubles()) {
                    most = Math.max(most, Math.abs(value));
                }
                assertEquals(expected.get(name), number(entry.getValue()), Tolerances.PAGE * most, name);
                compared++;
            }
            assertTrue(
                    compared >= (config.cell() == Cell.LSTM ? 22 : 20),
                    numbers.keySet().toString());
        }
    }

    private static String arrayOf(String shown) {
        return switch (shown) {
            case "y" -> "output";
            case "d_y" -> "d_output";
            case "d_x" -> "d_input";
            default -> shown;
        };
    }

    private static Map<String, Double> at(Recording recording, int[] cursor) {
        NetworkConfig config = recording.model().network().config();
        Map<String, NdArray> arrays = recording.arrays();
        int h = config.hidden();
        int layer = cursor[0];
        int step = cursor[1];
        int unit = cursor[2];
        int feature = layer == 0 ? cursor[3] : unit;
        Map<String, Double> at = new HashMap<>();
        arrays.forEach((name, array) -> {
            int[] shape = array.shape();
            if (shape.length == 4) {
                at.put(name, array.doubles()[(layer * recording.steps() + step) * h + unit]);
            }
        });
        at.put("d_x", arrays.get("d_input").doubles()[step * config.inputs() + cursor[3]]);
        int first = recording.steps() - recording.outputSteps();
        int m = step
                - (recording.steps() - config.headStates()); // which of the states that the output layer reads at once
        boolean several = config.headStates() > 1;
        int k = several ? 0 : step - first;
        if (layer == config.layers() - 1 && (several ? m >= 0 : k >= 0)) {
            for (String name : List.of("y", "d_y", "forecast")) {
                at.put(name, arrays.get(arrayOf(name)).doubles()[k * config.outputs()]);
            }
            at.put("d_fc.weight", arrays.get("d_fc.weight").doubles()[(several ? m * h : 0) + unit]);
        }
        int gates = config.cell().gates().size();
        String weight = "d_" + config.cell().name() + ".weight_ih_l" + layer; // of the last gate
        int row = (gates - 1) * h + unit;
        at.put(weight, arrays.get(weight).doubles()[row * config.inputs(layer) + feature]);
        return at;
    }

    private static void requireOrder(Recording recording, List<int[]> cursors, Map<?, ?> shown) {
        NetworkConfig config = recording.model().network().config();
        int layer = cursors.get(cursors.size() - 1)[0];
        double[] memory = recording.arrays().get("memory").doubles();
        Integer[] units = IntStream.range(0, config.hidden()).boxed().toArray(Integer[]::new);
        Arrays.sort(
                units,
                (a, b) -> Double.compare(memory[layer * config.hidden() + b], memory[layer * config.hidden() + a]));
        assertArrayEquals(
                units,
                ((List<?>) shown.get("units"))
                        .stream().map(v -> (int) number(v)).toArray(Integer[]::new));
    }

    /** Of every gradient that stands in the equations, the page's finite difference. */
    private static void requireDifferences(List<?> differences, NetworkConfig config) {
        double most = 0;
        for (Object entry : differences) {
            most = Math.max(most, Math.abs(number(((Map<?, ?>) entry).get("gradient"))));
        }
        assertTrue(differences.size() >= 11, "gradients: " + differences.size());
        for (Object entry : differences) {
            Map<?, ?> one = (Map<?, ?>) entry;
            double gradient = number(one.get("gradient"));
            double difference = number(one.get("difference"));
            assertEquals(gradient, difference, Tolerances.CENTRAL_DIFFERENCE * Math.max(most, 1e-2), one.toString());
        }
    }

    /** A file of three layers of 64 units and 200 steps stays below 3 MB, and the page names no other place. */
    @Test
    void thePageIsOneFileThatAsksForNothing() throws Exception {
        NetworkConfig config = new NetworkConfig(20, 64, 3, 5);
        Forecaster model = Forecaster.bare(NetworkParameters.random(config, 0, stream));
        Recording recording =
                Recording.of(kernel, model, random(200 * 20, false), 1, 200, true, null, random(200 * 5, false));
        Path page = folder.resolve("large.html");
        recording.writePage(page, "Inside an LSTM", "Random weights.");
        assertTrue(Files.size(page) < 3_000_000, Files.size(page) + " bytes");
        String html = Files.readString(page);
        assertTrue(html.contains("default-src 'none'; script-src 'sha256-"));
        assertFalse(html.contains("{{"), "an unfilled place");
        String code = html.substring(0, html.indexOf("<script type=\"application/json\""))
                + html.substring(html.indexOf("'use strict'"))
                        .replace("http://www.w3.org/2000/svg", "") // a name, not a place
                        .replace("url(#tip)", "");
        for (String word : List.of("http:", "https:", "fetch(", "XMLHttpRequest", "import(", "url(", " src=")) {
            assertFalse(code.contains(word), word);
        }
    }

    /** Numbers come back as they were, whichever of the three encodings holds them. */
    @Test
    void theShortestExactEncodingIsChosen() {
        assertEquals("i1", InspectPage.encode(new double[] {0, -128, 127}).get("type"));
        assertEquals("f4", InspectPage.encode(new double[] {-0.0, 1}).get("type"));
        assertEquals("f4", InspectPage.encode(new double[] {0.5, 1000}).get("type"));
        assertEquals("f8", InspectPage.encode(new double[] {0.1, 1}).get("type"));
        assertEquals("mpmZmZmZuT8=", InspectPage.encode(new double[] {0.1}).get("data"));
    }

    private static double number(Object value) {
        return ((Number) value).doubleValue();
    }

    private double[] random(int n, boolean events) {
        double[] values = new double[n];
        for (int j = 0; j < n; j++) {
            values[j] = events ? stream.nextInt(3) : stream.nextGaussian();
        }
        return values;
    }
}
