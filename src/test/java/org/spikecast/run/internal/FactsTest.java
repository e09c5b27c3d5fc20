package org.spikecast.run.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FactsTest {
    /** Keys are contracts with programs and keep former names; labels for readers have the field's. */
    @Test
    void tablesNameFactsInWords() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("discard_ms", 200.0);
        facts.put("half", 3);
        facts.put("theta_n", -35.0);
        facts.put("delay_ms", null);
        assertEquals(
                List.of(
                        List.of("burn-in, ms", "200"),
                        List.of("reach of the coupling", "3"),
                        List.of("theta_n", "-35"),
                        List.of("delay, ms", "none")),
                Facts.rows(facts));
    }
}
