package org.spikecast.vectors.internal;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import org.spikecast.kernel.internal.Elementary;
import org.spikecast.vectors.internal.Vectors.Tally;

/** Stored values of elementary functions: tables of argument, correctly rounded value and value to 35 digits. */
final class ElementaryVectors {
    private static final Map<String, DoubleUnaryOperator> FUNCTIONS = Map.of(
            "exp", Elementary::exp, "log", Elementary::log, "sigma", Elementary::sigma, "tanh", Elementary::tanh);

    private ElementaryVectors() {}

    static void replay(Path file, Tally tally) throws IOException {
        String name = file.getFileName().toString().replace(".csv", "");
        DoubleUnaryOperator function = FUNCTIONS.get(name);
        if (function == null) {
            throw new IllegalArgumentException("expected a table named after one of " + FUNCTIONS.keySet());
        }
        Bound bound = Bound.valueOf(name.toUpperCase(Locale.ROOT));
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith("#") || line.equals("x,y,exact")) {
                continue;
            }
            String[] cells = line.split(",");
            if (cells.length != 3) {
                throw new IllegalArgumentException("expected x,y,exact, got '" + line + "'");
            }
            double actual = function.applyAsDouble(Double.parseDouble(cells[0]));
            double rounded = Double.parseDouble(cells[1]);
            String id = name + "(" + cells[0] + ")";
            boolean flushed = name.equals("sigma") && actual == 0 && rounded < Double.MIN_NORMAL;
            if (flushed) {
                tally.error(bound, id, 0); // as Elementary.sigma documents
            } else if (!Double.isFinite(rounded) || !Double.isFinite(actual)) {
                tally.error(bound, id, Double.compare(actual, rounded) == 0 ? 0 : Double.POSITIVE_INFINITY);
            } else {
                tally.error(bound, id, ulps(actual, new BigDecimal(cells[2]), rounded));
            }
        }
    }

    private static double ulps(double actual, BigDecimal exact, double rounded) {
        BigDecimal error = new BigDecimal(actual).subtract(exact).abs();
        return error.divide(new BigDecimal(Math.ulp(rounded)), MathContext.DECIMAL64)
                .doubleValue();
    }
}
