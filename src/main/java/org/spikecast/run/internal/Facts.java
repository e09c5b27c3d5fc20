package org.spikecast.run.internal;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.spikecast.io.internal.Decimal;

/** Facts of a run, as its tables and JSON files hold them. */
public final class Facts {
    private Facts() {}

    /** Rows of a table: name and value. */
    public static List<List<String>> rows(Map<String, Object> facts) {
        List<List<String>> rows = new ArrayList<>();
        facts.forEach((name, fact) -> rows.add(List.of(name, text(fact))));
        return rows;
    }

    /** A value for a reader; numbers to seven digits. */
    public static String text(Object fact) {
        return fact instanceof Double number
                ? Decimal.shortest(
                        new BigDecimal(number).round(MathContext.DECIMAL32).doubleValue())
                : fact == null ? "none" : String.valueOf(fact);
    }

    /** A number for a JSON file, which has neither NaN nor infinity: null instead. */
    public static Double orNull(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
