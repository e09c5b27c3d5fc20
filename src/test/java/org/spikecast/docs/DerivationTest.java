package org.spikecast.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.spikecast.Tolerances;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.internal.Elementary;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.lstm.Network;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkState;
import org.spikecast.lstm.NetworkTape;
import org.spikecast.params.ParameterSet;
import org.spikecast.train.Losses;

/**
 * Every number of derivation.md: lines of the form "formula = number" are calculated from the formula, tables from a
 * plain loop, and what the library calculates of the same networks must agree.
 */
class DerivationTest {
    private static final Path FILE = Path.of("src/docs/derivation.md");
    private static final Pattern NUMBER = Pattern.compile("(?<![\\w.])-?\\d+\\.\\d+(e-?\\d+)?(?![\\w.])");
    private static final Pattern LINE = Pattern.compile(
            "(?m)^ *(?:\\(\\d+\\) )? *(\\S[^=\\n|]*?)(?: = ([^=\\n|]+?))? += +(-?\\d+\\.\\d+(?:e-?\\d+)?)$"
                    + "|`([^`\\n=]+) = (-?\\d+\\.\\d+(?:e-?\\d+)?)`");
    private static final List<String> GATES = List.of("i", "f", "g", "o");

    @Test
    void everyNumberIsComputed() throws IOException {
        String text = Files.readString(FILE);
        assertTrue(numbers(text).size() > 200);
        verify(text);
    }

    /** Each number of the text in turn, with its last digit changed. */
    @Test
    void aChangedDigitFails() throws IOException {
        String text = Files.readString(FILE);
        for (MatchResult number : numbers(text)) {
            int at = number.start() + number.group().replaceFirst("e.*", "").length() - 1;
            char changed = text.charAt(at) == '9' ? '1' : (char) (text.charAt(at) + 1);
            String wrong = text.substring(0, at) + changed + text.substring(at + 1);
            assertThrows(AssertionError.class, () -> verify(wrong), () -> number.group() + " at " + number.start());
        }
    }

    /** Section 8: sigma' from the tail beside exp(-z) / (1 + exp(-z))^2 in 60 digits. Measured: below 2e-16. */
    @Test
    void theTailKeepsAllDigits() {
        for (int z : new int[] {8, 20, 40}) {
            BigDecimal e = exponential(-z);
            BigDecimal exact = e.divide(BigDecimal.ONE.add(e).pow(2), DIGITS);
            Map<String, Double> none = Map.of();
            double kept = Formula.value("sigma(" + z + ") sigma(-" + z + ")", none);
            double lost = Formula.value("sigma(" + z + ") (1 - sigma(" + z + "))", none);
            assertTrue(error(kept, exact) < 1e-15, z + ": " + error(kept, exact));
            assertTrue(error(lost, exact) > 1e-14, z + ": " + error(lost, exact));
        }
    }

    private static final MathContext DIGITS = new MathContext(60);

    /** By the series of exp(x / 64), and six squares. */
    private static BigDecimal exponential(int x) {
        BigDecimal small = new BigDecimal(x).divide(new BigDecimal(64), DIGITS);
        BigDecimal sum = BigDecimal.ONE;
        BigDecimal term = BigDecimal.ONE;
        for (int n = 1; n < 60; n++) {
            term = term.multiply(small).divide(new BigDecimal(n), DIGITS);
            sum = sum.add(term);
        }
        return sum.pow(64, DIGITS);
    }

    private static double error(double value, BigDecimal exact) {
        return new BigDecimal(value).subtract(exact).abs().divide(exact, DIGITS).doubleValue();
    }

    /** The numbered equations are those of the code's documentation, letter by letter but for spaces and comments. */
    @Test
    void theEquationsAreThoseOfTheCode() throws IOException {
        String text = Files.readString(FILE);
        for (String cell : List.of("Lstm", "Gru")) {
            String code = Files.readString(Path.of("src/main/java/org/spikecast/lstm/" + cell + ".java"));
            Matcher equation =
                    Pattern.compile("(?m)^ \\* +(\\(\\d+\\)) +(.*?)$").matcher(code);
            int found = 0;
            while (equation.find()) {
                for (String part : equation.group(2).split(" {3,}|, four times H")) {
                    if (part.matches("[^=]*= .*") && !part.contains("(z_i, z_f")) {
                        String bare = part.replaceAll("\\(or from the layer above, \\(15\\)\\) |_t\\b|\\s", "");
                        assertTrue(text.replaceAll("_t\\b|\\s", "").contains(bare), cell + ": " + part);
                        found++;
                    }
                }
            }
            assertTrue(found >= 12, cell + ": " + found);
        }
    }

    private static List<MatchResult> numbers(String text) {
        return NUMBER.matcher(text).results().toList();
    }

    /** Throws unless every number of the text is right. */
    private static void verify(String text) {
        Set<Integer> verified = new HashSet<>();
        String[] sections = text.split("(?=\n## )");
        int at = 0;
        Map<String, Double> one = new HashMap<>();
        for (String section : sections) {
            if (section.startsWith("\n## 5.")) {
                readWeights(section, at, "", one, verified);
                readRow(section, at, one, verified);
                verifyLines(section, at, one, verified);
                compareWithLibrary(one);
            } else if (section.startsWith("\n## 6.")) {
                verifyTwoLayers(section, at, one, verified);
            } else if (section.startsWith("\n## ")) {
                verifyLines(section, at, new HashMap<>(one), verified);
            }
            at += section.length();
        }
        for (MatchResult number : numbers(text)) {
            if (!verified.contains(number.start())) {
                throw new AssertionError("no computation of " + number.group() + " at " + number.start());
            }
        }
    }

    /** Lines that end in a number: the value of their formula, which has a name if there are two signs of equality. */
    private static void verifyLines(String section, int at, Map<String, Double> values, Set<Integer> verified) {
        Matcher line = LINE.matcher(section);
        while (line.find()) {
            boolean inline = line.group(4) != null;
            String formula = inline ? line.group(4) : line.group(2) != null ? line.group(2) : line.group(1);
            double value = Formula.value(formula, values);
            if (!inline && line.group(2) != null) {
                values.put(line.group(1), value);
            }
            int number = inline ? 5 : 3;
            assertEquals(inTheStyleOf(line.group(number), value), line.group(number), line.group());
            verified.add(at + line.start(number));
            for (MatchResult literal : numbers(formula)) {
                verified.add(at + line.start(inline ? 4 : line.group(2) != null ? 2 : 1) + literal.start());
            }
        }
    }

    /** A value with as many digits as a text has. */
    private static String inTheStyleOf(String text, double value) {
        String mantissa = text.replaceFirst("e.*", "");
        int digits = mantissa.length() - mantissa.indexOf('.') - 1;
        String style = "%." + digits + (text.contains("e") ? "e" : "f");
        return String.format(Locale.ROOT, style, value)
                .replaceFirst("e\\+0?", "e")
                .replaceFirst("^-(0\\.0+)$", "$1");
    }

    /** The cells of each row of a table that begins with a name, without the name; noted as verified. */
    private static double[] row(String section, String name, int at, Set<Integer> verified) {
        Matcher row = Pattern.compile("(?m)^\\| " + Pattern.quote(name) + " \\|(.*)\\|$")
                .matcher(section);
        if (!row.find()) {
            throw new AssertionError("no row of " + name);
        }
        return cells(row.group(1), at + row.start(1), verified);
    }

    private static double[] cells(String cells, int at, Set<Integer> verified) {
        List<MatchResult> numbers = numbers(cells);
        numbers.forEach(number -> verified.add(at + number.start()));
        return numbers.stream()
                .mapToDouble(number -> Double.parseDouble(number.group()))
                .toArray();
    }

    /** Rows w, u, b, a: weights by gate. */
    private static void readWeights(
            String section, int at, String suffix, Map<String, Double> values, Set<Integer> verified) {
        for (String kind : List.of("w", "u", "b", "a")) {
            double[] row = row(section, kind, at, verified);
            for (int gate = 0; gate < 4; gate++) {
                values.put(kind + "_" + GATES.get(gate) + suffix, row[gate]);
            }
        }
    }

    /** The other given numbers, below their names. */
    private static void readRow(String section, int at, Map<String, Double> values, Set<Integer> verified) {
        Matcher table =
                Pattern.compile("\\| (w_fc \\|.*) \\|\n\\|[-|]*\n\\|(.*)\\|\n").matcher(section);
        assertTrue(table.find());
        String[] names = table.group(1).split(" \\| ");
        double[] row = cells(table.group(2), at + table.start(2), verified);
        for (int k = 0; k < names.length; k++) {
            values.put(names[k], row[k]);
        }
    }

    /** A run of the library with the weights of a map, (kind)_(gate)(suffix of the layer). */
    private static final class LibraryRun {
        final Kernel kernel = new ScalarKernel();
        final NetworkParameters p;
        final NetworkTape tape;
        final NetworkParameters gradient;
        final DMatrixRMaj dx = new DMatrixRMaj(2, 1);
        final NetworkState state;
        final double loss;

        LibraryRun(Map<String, Double> v, List<String> suffixes, double h, double c, double... targets) {
            NetworkConfig config = new NetworkConfig(1, 1, suffixes.size(), 1);
            p = new NetworkParameters(config);
            int k = 0;
            for (String suffix : suffixes) {
                for (String kind : List.of("w", "u", "b", "a")) {
                    for (String gate : GATES) {
                        p.set().set(k++, v.get(kind + "_" + gate + suffix));
                    }
                }
            }
            p.set().set(k, v.get("w_fc"));
            p.set().set(k + 1, v.get("b_fc"));
            state = NetworkState.zeros(config, 1);
            state.hidden().data[0] = h;
            state.part(1).data[0] = c;
            tape = new NetworkTape(config, 2, 1, targets.length);
            gradient = new NetworkParameters(config);
            DMatrixRMaj x = new DMatrixRMaj(new double[][] {{v.get("x_0")}, {v.get("x_1")}});
            DMatrixRMaj target = new DMatrixRMaj(targets.length, 1, true, targets);
            DMatrixRMaj dy = target.createLike();
            Network.forward(kernel, p, x, state, tape);
            loss = Losses.MEAN_SQUARED_ERROR.evaluate(kernel, tape.output(), target, dy);
            state.setZero();
            Network.backward(kernel, p, x, tape, dy, gradient, dx, state);
        }

        double[] gradient(String name) {
            return gradient.set().blocks().stream()
                    .filter(block -> block.name().equals(name))
                    .findFirst()
                    .map(ParameterSet.Block::data)
                    .orElseThrow();
        }
    }

    /** The lines of section 5 beside the library. */
    private static void compareWithLibrary(Map<String, Double> v) {
        LibraryRun run =
                new LibraryRun(v, List.of(""), v.get("h_-1"), v.get("c_-1"), v.get("target_0"), v.get("target_1"));
        for (int t = 0; t < 2; t++) {
            for (int gate = 0; gate < 4; gate++) {
                same(v, GATES.get(gate) + "_" + t, run.tape.gates(0).data[4 * t + gate]);
                same(v, "dz_" + GATES.get(gate) + t, run.tape.dGates(0).data[4 * t + gate]);
            }
            same(v, "c_" + t, run.tape.state(1, 0).data[t + 1]);
            same(v, "h_" + t, run.tape.hidden(0).data[t + 1]);
            same(v, "y_" + t, run.tape.output().data[t]);
            same(v, "dx_" + t, run.dx.data[t]);
        }
        for (int gate = 0; gate < 4; gate++) {
            same(v, "dw_" + GATES.get(gate), run.gradient("lstm.weight_ih_l0")[gate]);
            same(v, "du_" + GATES.get(gate), run.gradient("lstm.weight_hh_l0")[gate]);
            same(v, "db_" + GATES.get(gate), run.gradient("lstm.bias_ih_l0")[gate]);
            same(v, "db_" + GATES.get(gate), run.gradient("lstm.bias_hh_l0")[gate]);
        }
        same(v, "dw_fc", run.gradient("fc.weight")[0]);
        same(v, "db_fc", run.gradient("fc.bias")[0]);
        same(v, "L", run.loss);
        same(v, "dh_-1", run.state.hidden().data[0]);
        same(v, "dc_-1", run.state.part(1).data[0]);
    }

    private static void same(Map<String, Double> values, String name, double library) {
        assertEquals(library, values.get(name), Tolerances.OTHER_ORDER, name);
    }

    /** The tables of section 6: by a plain loop, the text and the library against it. */
    private static void verifyTwoLayers(String section, int at, Map<String, Double> one, Set<Integer> verified) {
        Map<String, Double> v = new HashMap<>(one);
        readWeights(section, at, "'", v, verified);
        List<String> suffixes = List.of("", "'");
        Map<String, double[]> q = new HashMap<>(); // by name: layer 0, steps 0 and 1, then layer 1
        List<String> forward = List.of("x", "z_i", "z_f", "z_g", "z_o", "i", "f", "g", "o", "c", "h");
        List<String> backward = List.of("dh", "dc", "dz_i", "dz_f", "dz_g", "dz_o", "dx");
        forward.forEach(name -> q.put(name, new double[4]));
        backward.forEach(name -> q.put(name, new double[4]));
        for (int n = 0; n < 4; n++) {
            int t = n % 2;
            q.get("x")[n] = n < 2 ? v.get("x_" + t) : q.get("h")[t];
            for (String gate : GATES) {
                String suffix = gate + suffixes.get(n / 2);
                double z = v.get("b_" + suffix)
                        + v.get("a_" + suffix)
                        + v.get("w_" + suffix) * q.get("x")[n]
                        + (t == 0 ? 0 : v.get("u_" + suffix) * q.get("h")[n - 1]);
                q.get("z_" + gate)[n] = z;
                q.get(gate)[n] = gate.equals("g") ? Elementary.tanh(z) : Elementary.sigma(z);
            }
            q.get("c")[n] = (t == 0 ? 0 : q.get("f")[n] * q.get("c")[n - 1]) + q.get("i")[n] * q.get("g")[n];
            q.get("h")[n] = q.get("o")[n] * Elementary.tanh(q.get("c")[n]);
        }
        v.put("h", q.get("h")[3]);
        verifyLines(section, at, v, verified);
        Map<String, double[]> gradient = new HashMap<>();
        for (int n = 3; n >= 0; n--) {
            int t = n % 2;
            int layer = n / 2;
            double i = q.get("i")[n], f = q.get("f")[n], g = q.get("g")[n], o = q.get("o")[n];
            double last = t == 0 ? 0 : q.get("c")[n - 1];
            double tanh = Elementary.tanh(q.get("c")[n]);
            double dh = layer == 0 ? q.get("dx")[n + 2] : t == 0 ? 0 : v.get("w_fc") * v.get("dy_1");
            double dc = 0;
            if (t == 0) {
                for (String gate : GATES) {
                    dh += v.get("u_" + gate + suffixes.get(layer)) * q.get("dz_" + gate)[n + 1];
                }
                dc = q.get("dc")[n + 1] * q.get("f")[n + 1];
            }
            dc += dh * o * (1 - tanh * tanh);
            double[] dz = {dc * g * i * (1 - i), dc * last * f * (1 - f), dc * i * (1 - g * g), dh * tanh * o * (1 - o)
            };
            q.get("dh")[n] = dh;
            q.get("dc")[n] = dc;
            for (int k = 0; k < 4; k++) {
                q.get("dz_" + GATES.get(k))[n] = dz[k];
                q.get("dx")[n] += v.get("w_" + GATES.get(k) + suffixes.get(layer)) * dz[k];
                add(gradient, "dw, layer " + layer, k, dz[k] * q.get("x")[n]);
                add(gradient, "du, layer " + layer, k, t == 0 ? 0 : dz[k] * q.get("h")[n - 1]);
                add(gradient, "db, layer " + layer, k, dz[k]);
            }
        }
        q.putAll(gradient);
        for (String name : q.keySet()) {
            Matcher row = Pattern.compile("(?m)^\\| " + name + " \\|(.*)\\|$").matcher(section);
            assertTrue(row.find(), name);
            String[] cells = row.group(1).strip().split(" \\| ");
            assertEquals(4, cells.length, name);
            for (int n = 0; n < 4; n++) {
                assertEquals(inTheStyleOf(cells[n], q.get(name)[n]), cells[n], name + ", column " + n);
            }
            cells(row.group(1), at + row.start(1), verified);
        }
        compareWithLibrary(v, q);
    }

    private static void add(Map<String, double[]> gradient, String name, int gate, double term) {
        gradient.computeIfAbsent(name, n -> new double[4])[gate] += term;
    }

    private static void compareWithLibrary(Map<String, Double> v, Map<String, double[]> q) {
        LibraryRun run = new LibraryRun(v, List.of("", "'"), 0, 0, v.get("target_1"));
        assertEquals(run.loss, v.get("L"), Tolerances.OTHER_ORDER);
        for (int layer = 0; layer < 2; layer++) {
            for (int t = 0; t < 2; t++) {
                int n = 2 * layer + t;
                for (int k = 0; k < 4; k++) {
                    String gate = GATES.get(k);
                    double library = run.tape.gates(layer).data[4 * t + k];
                    assertEquals(library, q.get(gate)[n], Tolerances.OTHER_ORDER);
                    double dz = run.tape.dGates(layer).data[4 * t + k];
                    assertEquals(dz, q.get("dz_" + gate)[n], Tolerances.OTHER_ORDER);
                }
                assertEquals(run.tape.state(1, layer).data[t + 1], q.get("c")[n], Tolerances.OTHER_ORDER);
                assertEquals(run.tape.hidden(layer).data[t + 1], q.get("h")[n], Tolerances.OTHER_ORDER);
            }
            for (int k = 0; k < 4; k++) {
                Map<String, String> blocks = Map.of("dw", "weight_ih", "du", "weight_hh", "db", "bias_hh");
                for (String name : blocks.keySet()) {
                    double library = run.gradient("lstm." + blocks.get(name) + "_l" + layer)[k];
                    assertEquals(library, q.get(name + ", layer " + layer)[k], Tolerances.OTHER_ORDER);
                }
            }
        }
        assertEquals(run.dx.data[0], q.get("dx")[0], Tolerances.OTHER_ORDER);
        assertEquals(run.dx.data[1], q.get("dx")[1], Tolerances.OTHER_ORDER);
    }
}
