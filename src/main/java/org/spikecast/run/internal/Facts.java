package org.spikecast.run.internal;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.spikecast.io.internal.Decimal;

/** Facts of a run, as its tables and JSON files hold them. */
public final class Facts {
    /** The label of a key of a JSON file, for readers; a key that is not here is its own label. */
    private static final Map<String, String> LABELS = Map.ofEntries(
            Map.entry("discard_ms", "burn-in, ms"),
            Map.entry("duration_ms", "duration, ms"),
            Map.entry("bin_ms", "width of a bin, ms"),
            Map.entry("slide_ms", "from one bin's start to the next, ms"),
            Map.entry("dt_ms", "step, ms"),
            Map.entry("sample_ms", "sample interval, ms"),
            Map.entry("delay_ms", "delay, ms"),
            Map.entry("tau_l_ms", "membrane time constant, ms"),
            Map.entry("tau_ref_ms", "refractory period, ms"),
            Map.entry("tau_s_ms", "synaptic time constant, ms"),
            Map.entry("rate_per_ms", "external events of a neuron, 1/ms"),
            Map.entry("kick_e", "kick of an external event, excitatory"),
            Map.entry("kick_i", "kick of an external event, inhibitory"),
            Map.entry("s_ee", "weight, E to E"),
            Map.entry("s_ei", "weight, I to E"),
            Map.entry("s_ie", "weight, E to I"),
            Map.entry("s_ii", "weight, I to I"),
            Map.entry("half", "reach of the coupling"),
            Map.entry("shared_fraction", "shared fraction of the input"),
            Map.entry("rate_e_hz", "excitatory rate, Hz"),
            Map.entry("rate_i_hz", "inhibitory rate, Hz"),
            Map.entry("rate_hz", "rate, Hz"),
            Map.entry("cv_isi", "CV of intervals"),
            Map.entry("cv", "CV of intervals"),
            Map.entry("cv2", "CV2"),
            Map.entry("lv", "Lv"),
            Map.entry("fano_1ms", "Fano factor, 1 ms"),
            Map.entry("fano_10ms", "Fano factor, 10 ms"),
            Map.entry("fano_100ms", "Fano factor, 100 ms"),
            Map.entry("correlation_neighbours", "correlation of neighbours"),
            Map.entry("bursts_per_second", "bursts per second"),
            Map.entry("burst_size", "spikes per burst"),
            Map.entry("burst_spacing_ms", "time between bursts, ms"),
            Map.entry("interval_ms", "mean interval, ms"),
            Map.entry("spikes_per_burst", "spikes per burst"),
            Map.entry("gap_ms", "gap between bursts, ms"),
            Map.entry("period_ms", "period of bursts, ms"),
            Map.entry("lowest_current", "lowest current, uA/cm2"),
            Map.entry("highest_current", "highest current, uA/cm2"),
            Map.entry("random", "random initial state and current"),
            Map.entry("training_cells", "cells to train on"),
            Map.entry("long_cells", "cells to train on, long"),
            Map.entry("validation_cells", "cells to validate on"),
            Map.entry("test_cells", "cells to test on"),
            Map.entry("free_run_cells", "cells for free runs"),
            Map.entry("free_run_ms", "duration of a free run, ms"));

    private Facts() {}

    /** The name of a fact for a reader. */
    public static String label(String key) {
        return LABELS.getOrDefault(key, key);
    }

    /** Rows of a table: name and value. */
    public static List<List<String>> rows(Map<String, Object> facts) {
        List<List<String>> rows = new ArrayList<>();
        facts.forEach((name, fact) -> rows.add(List.of(label(name), text(fact))));
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
