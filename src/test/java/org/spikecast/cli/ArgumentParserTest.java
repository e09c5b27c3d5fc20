package org.spikecast.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArgumentParserTest {
    private static final class Sample extends Command {
        private final Option<String> word = parameter("WORD", "A word.");
        private final Option<Path> file = required("--file", Path.class, "FILE", "A file that must be named.");
        private final Option<Integer> count = option("--count", Integer.class, "N", "3", "A number.");
        private final Option<Long> big = option("--big", Long.class, "N", null, "A large number.");
        private final Option<Double> rate = option("--rate", Double.class, "X", null, "A real number.");
        private final Option<Boolean> quick = flag("--quick", "No value.");

        Sample() {
            super("sample", "Does nothing.");
        }

        @Override
        int run(Console console, List<String> arguments) {
            throw new AssertionError("only parsed");
        }
    }

    private final Sample sample = new Sample();

    private ArgumentParser.Request parse(String line) {
        return new ArgumentParser(sample, List.of(line.split(" "))).parse();
    }

    @Test
    void valuesStandBehindASpaceOrAnEqualsSign() {
        assertEquals(ArgumentParser.Request.RUN, parse("--rate -2.5 w --quick --file=a=b --big=9000000000 --count -1"));
        assertEquals("w", sample.word.get());
        assertEquals(Path.of("a=b"), sample.file.get());
        assertEquals(-1, sample.count.get());
        assertEquals(9_000_000_000L, sample.big.get());
        assertEquals(-2.5, sample.rate.get());
        assertTrue(sample.quick.get());
    }

    @Test
    void whatIsNotGivenHasItsDefault() {
        parse("w --file f");
        assertEquals(3, sample.count.get());
        assertNull(sample.rate.get());
        assertEquals(0.5, sample.rate.or(0.5));
        assertEquals(3, sample.count.or(7));
        assertFalse(sample.quick.get());
    }

    @Test
    void behindTwoHyphensStandsNoOption() {
        parse("--file f -- --quick");
        assertEquals("--quick", sample.word.get());
        assertFalse(sample.quick.get());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-h", "--help", "--quick -h", "--help --colour"})
    void helpNeedsNothingElse(String line) {
        assertEquals(ArgumentParser.Request.HELP, parse(line));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-V", "w --version"})
    void neitherDoesTheVersion(String line) {
        assertEquals(ArgumentParser.Request.VERSION, parse(line));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "w --file f --colour red; there is no option --colour (",
                "w --file f -q; there is no option -q (",
                "w --file f --cuont 1; there is no option --cuont; is --count meant? (",
                "w --fil f; there is no option --fil; is --file meant? (",
                "w --file f --quicker; there is no option --quicker; is --quick meant? (",
                "w --file f --quickest; there is no option --quickest (",
                "w v --file f; WORD: given twice",
                "w --file f --count 1 --count 1; --count: given twice",
                "w --file f --quick --quick; --quick: given twice",
                "w --file; --file: expected FILE, got nothing",
                "w --file --quick; --file: expected FILE, got --quick",
                "w --file=; --file: expected FILE, got nothing",
                "w --file f --quick=yes; --quick takes no value, got 'yes'",
                "w --file f --count 1.5; --count: expected an integer, got '1.5'",
                "w --file f --count 3000000000; --count: expected an integer, got '3000000000'",
                "w --file f --big many; --big: expected an integer, got 'many'",
                "w --file f --rate 1,5; --rate: expected a number, got '1,5'",
                "--quick; expected WORD and --file FILE",
                "w; expected --file FILE"
            })
    void whatIsWrongIsNamed(String line, String message) {
        String got =
                assertThrows(IllegalArgumentException.class, () -> parse(line)).getMessage();
        assertTrue(got.startsWith(message), got);
    }

    @Test
    void aCommandWithoutAParameterTakesNone() {
        Command info = new InfoCommand();
        ArgumentParser parser = new ArgumentParser(info, List.of("here"));
        String message =
                assertThrows(IllegalArgumentException.class, parser::parse).getMessage();
        assertEquals("unexpected 'here' (spikecast info --help lists the options)", message);
    }

    @Test
    void theHelpTextNamesEverythingInLinesThatFit() {
        String text = Usage.of(sample, false);
        assertTrue(text.startsWith("Usage: spikecast sample WORD --file FILE [OPTIONS]\nDoes nothing.\n"), text);
        assertTrue(text.contains("\n  --count N                A number. Default: 3.\n"), text);
        assertTrue(text.contains("\n  --quick                  No value.\n"), text);
        assertTrue(Usage.of(new RunCommand(), true).lines().allMatch(line -> line.length() <= 100));
    }
}
