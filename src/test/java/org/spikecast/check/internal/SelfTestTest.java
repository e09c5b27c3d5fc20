package org.spikecast.check.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.spikecast.check.GradientReport.Verdict;
import org.spikecast.check.internal.SelfTest.Result;

class SelfTestTest {
    private static long count(List<Result> results, boolean right, Verdict verdict) {
        return results.stream()
                .filter(r -> r.right() == right && r.verdict() == verdict)
                .count();
    }

    @Test
    void noRightGradientIsBlamedAndNoWrongOnePasses() {
        List<Result> results = SelfTest.run();
        String text = SelfTest.text(results);
        assertEquals(0, count(results, true, Verdict.FAIL), text);
        assertEquals(0, count(results, false, Verdict.PASS), text);
        // A checker that is never sure would make no mistake either.
        assertTrue(count(results, true, Verdict.PASS) >= 100, text);
        assertTrue(count(results, false, Verdict.FAIL) >= 160, text);
        assertTrue(
                results.stream()
                                .filter(Result::right)
                                .map(Result::kind)
                                .distinct()
                                .count()
                        >= 20,
                text);
        assertTrue(text.endsWith(String.format("false FAIL 0, false PASS 0%n")), text);
        assertEquals(0L, SelfTest.json(results).get("false_fail"));
        assertEquals(results.size(), ((List<?>) SelfTest.json(results).get("cases")).size());
    }

    @Test
    void mistakesAreNamed() {
        Result blamed = new Result("a kind", "a right one", true, Verdict.FAIL);
        Result passed = new Result("a kind", "a wrong one", false, Verdict.PASS);
        Result hidden = new Result("a kind", "hidden", false, Verdict.INCONCLUSIVE);
        assertTrue(blamed.mistaken() && passed.mistaken());
        assertFalse(hidden.mistaken() || new Result("", "", true, Verdict.INCONCLUSIVE).mistaken());
        String text = SelfTest.text(List.of(blamed, passed, hidden));
        assertTrue(text.contains("MISTAKEN: a right one: FAIL"), text);
        assertTrue(text.contains("MISTAKEN: a wrong one: PASS"), text);
        assertFalse(text.contains("hidden"), text);
        assertTrue(text.contains("false FAIL 1, false PASS 1"), text);
        assertEquals(1L, SelfTest.json(List.of(blamed, hidden)).get("false_fail"));
        assertEquals(0L, SelfTest.json(List.of(blamed, hidden)).get("false_pass"));
    }
}
