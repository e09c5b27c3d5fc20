package org.spikecast.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Progress on a terminal, and signs beyond ASCII. */
class ConsoleTest {
    private static final String REDRAW = "\r\u001b[K";

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Console console = new Console(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            true);

    private String drawn() {
        String text = err.toString(StandardCharsets.UTF_8);
        err.reset();
        return text;
    }

    /** Work of unknown progress has no percentage. */
    @Test
    void workWithoutAFractionIsNamedOnly() {
        console.update("baselines", 0, () -> "");
        assertEquals(REDRAW + "baselines", drawn());
    }

    /** Work that begins at some fraction, as a resumed training does, has no time left before it has advanced. */
    @Test
    void theTimeLeftIsNotKnownAtTheBeginning() throws InterruptedException {
        console.update("training shared", 0.13, () -> "loss 0.5");
        assertEquals(REDRAW + "training shared:  13 %, loss 0.5", drawn());
        Thread.sleep(250); // at most five times a second is drawn
        console.update("training shared", 0.14, () -> "");
        assertEquals(REDRAW + "training shared:  14 %", drawn());
        Thread.sleep(250);
        console.update("training shared", 0.33, () -> "");
        String line = drawn();
        assertTrue(line.matches("\r\u001b\\[Ktraining shared:  33 %, [1-9]\\d*\\.\\d s left"), line);
    }

    /** Work that ends is named with its time on a line of its own; the next one begins anew. */
    @Test
    void whatIsDoneStaysAndTheNextBeginsAnew() {
        console.update("training shared", 0.9, () -> "");
        console.done("training shared");
        console.update("training full", 0.5, () -> "");
        String text = drawn();
        assertTrue(text.matches("(?s).*training shared: \\d+\\.\\d s\\R\r\u001b\\[Ktraining full:  50 %"), text);
    }

    @Test
    void anAsciiConsoleWritesPlusMinusInTwoSigns() {
        console.print("by 1.42 \u00b1 0.74 points");
        console.beAscii();
        console.print("by 1.42 \u00b1 0.74 points");
        assertEquals(
                String.format("by 1.42 \u00b1 0.74 points%nby 1.42 +- 0.74 points%n"),
                out.toString(StandardCharsets.UTF_8));
    }
}
