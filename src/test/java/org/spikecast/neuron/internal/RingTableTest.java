package org.spikecast.neuron.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.spikecast.neuron.LifPopulation.Scheme;
import org.spikecast.neuron.RingParameters;
import org.spikecast.neuron.RingRecording;
import org.spikecast.neuron.SpikeTrains;

/**
 * The ring network, from step to step and from event to event, against two independent references, which are on a
 * grid: 3000 ms, the first 200 ms dropped, Spikecast's seeds 1 to 10.
 *
 * <p>Two means agree if they differ by no more than three standard errors of their difference (and half of the last
 * digit that the specification prints). The standard deviation of one run in these errors is that of the 40 runs of
 * {@link #NUMPY}: the one of ten runs is off by a quarter as a rule, and by half where the specification has 0.06 for
 * the E rate at lambda 0.90 (0.11 here and in 100 other runs).
 */
class RingTableTest {
    private static final int SEEDS = 10;
    private static final int SPECIFICATION_RUNS = 10;
    private static final int NUMPY_RUNS = 40;

    private static final List<String> FIGURES = List.of("E Hz", "I Hz", "CV of ISI", "P(count>0)", "Fano");

    /** The specification's table, "What a right simulation looks like". */
    private static final String SPECIFICATION = """
            irregular, lambda 0.45 | 3.05 +- 0.06  | 0.56 +- 0.03  | .716 +- .020 | .0018          | 1.06 +- 0.04
            irregular, lambda 0.55 | 10.83 +- 0.10 | 5.76 +- 0.04  | .635 +- .003 | .0083          | 1.27 +- 0.04
            irregular, lambda 0.65 | 18.80 +- 0.10 | 14.24 +- 0.04 | .497 +- .003 | .0165          | 1.48 +- 0.03
            irregular, lambda 0.90 | 37.35 +- 0.06 | 34.64 +- 0.05 | .341 +- .001 | .0360          | 1.75 +- 0.06
            bursts                 | 16.03 +- 0.21 | 13.68 +- 0.12 | .515 +- .009 | .0149          | 19.1 +- 0.9
            shared input c = 0.8   | 8.4 +- 1.0    | 8.4 +- 1.0    | .66 +- .09   | .0084 +- .0010 | 102 +- 14
            60 neurons, irregular  | 17.99 +- 0.24 | 15.47 +- 0.20 | .495 +- .007 | .0167          | 2.09 +- 0.10
            """;

    /** Printed by test-vectors/generate/ring_reference.py (NumPy 2.4.6). */
    private static final String NUMPY = """
            irregular, lambda 0.45 | 2.9932+-0.069 | 0.55455+-0.02 | 0.71054+-0.017 | 0.0017739+-3.7e-05 | 1.0567+-0.028
            irregular, lambda 0.55 | 10.813+-0.13 | 5.7444+-0.057 | 0.63876+-0.0063 | 0.0082786+-7.7e-05 | 1.2641+-0.028
            irregular, lambda 0.65 | 18.837+-0.12 | 14.258+-0.057 | 0.49779+-0.0034 | 0.016548+-7.6e-05 | 1.4559+-0.039
            irregular, lambda 0.90 | 37.406+-0.11 | 34.642+-0.06 | 0.34081+-0.001 | 0.036024+-7.7e-05 | 1.7292+-0.057
            bursts                 | 15.971+-0.24 | 13.645+-0.15 | 0.5174+-0.0072 | 0.014808+-0.00019 | 19.915+-1.2
            shared input c = 0.8   | 8.0208+-0.92 | 8.0983+-0.92 | 0.65131+-0.061 | 0.0080595+-0.00092 | 107.27+-15
            60 neurons, irregular  | 18.022+-0.32 | 15.442+-0.21 | 0.4934+-0.0096 | 0.016732+-0.00025 | 2.0803+-0.1
            """;

    private static Stream<Arguments> cases() {
        RingParameters irregular = RingParameters.irregular();
        List<RingParameters> parameters = List.of(
                irregular.withExternalRate(0.45),
                irregular.withExternalRate(0.55),
                irregular,
                irregular.withExternalRate(0.90),
                RingParameters.bursts(),
                RingParameters.sharedInput(0.8),
                irregular.scaledTo(60, 3));
        return IntStream.range(0, parameters.size())
                .mapToObj(i -> Arguments.of(SPECIFICATION.split("\n")[i].split(" *\\|")[0], i, parameters.get(i)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void agreesWithTheReferences(String name, int row, RingParameters parameters) {
        assertAgrees(name, row, means(seed -> RingRecording.simulate(parameters, seed, 200, 2800, 1)), 0);
    }

    /**
     * The delay is the references' step. The effect of their grid is allowed for by 1 %: in 24 runs it made rates too
     * low by up to 0.9 % (bursts, where every spike counts), as Euler's scheme leaks too fast and kicks wait for the
     * end of a step.
     */
    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void fromEventToEventToo(String name, int row, RingParameters parameters) {
        assertAgrees(
                name, row, means(seed -> RingRecording.simulateEvents(parameters, 0.05, seed, 200, 2800, 1)), 0.01);
    }

    /**
     * The finer the grid, the nearer to the simulation from event to event, whose delay is the step here. Three standard
     * errors of a difference of two means of ten seeds are 0.075 Hz. Measured: -0.107 and -0.045 Hz (over 24 other
     * seeds -0.088 and +0.013 Hz, each +- 0.016 Hz).
     */
    @Test
    void theGridApproachesIt() {
        assertTrue(rateAboveThatFromEventToEvent(0.1) < -0.075);
        assertEquals(0, rateAboveThatFromEventToEvent(0.0125), 0.075);
    }

    /** The I rate on a grid less that from event to event, Hz. */
    private static double rateAboveThatFromEventToEvent(double dt) {
        RingParameters p = RingParameters.irregular().withGrid(dt, Scheme.EULER);
        return means(seed -> RingRecording.simulate(p, seed, 200, 2800, 1))[1]
                - means(seed -> RingRecording.simulateEvents(p, dt, seed, 200, 2800, 1))[1];
    }

    /** Within three standard errors plus a fraction of the mean. */
    private static void assertAgrees(String name, int row, double[] means, double part) {
        boolean agree = true;
        StringBuilder report = new StringBuilder(name);
        for (int figure = 0; figure < means.length; figure++) {
            String[] specified = cell(SPECIFICATION, row, figure);
            String[] numpy = cell(NUMPY, row, figure);
            double deviation = Double.parseDouble(numpy[1]);
            double fromSpecification = means[figure] - Double.parseDouble(specified[0]);
            double fromNumpy = means[figure] - Double.parseDouble(numpy[0]);
            double specificationError = deviation * Math.sqrt(1.0 / SEEDS + 1.0 / SPECIFICATION_RUNS);
            double numpyError = deviation * Math.sqrt(1.0 / SEEDS + 1.0 / NUMPY_RUNS);
            double allowed = part * means[figure];
            boolean agrees = Math.abs(fromSpecification) <= 3 * specificationError + halfDigit(specified[0]) + allowed
                    && Math.abs(fromNumpy) <= 3 * numpyError + allowed;
            agree &= agrees;
            report.append(String.format(
                    Locale.ROOT,
                    "%n%s %10s: ours %.5g, specified %s (%+.1f standard errors), NumPy %s (%+.1f)",
                    agrees ? "   " : "NOT",
                    FIGURES.get(figure),
                    means[figure],
                    specified[0],
                    fromSpecification / specificationError,
                    numpy[0],
                    fromNumpy / numpyError));
        }
        assertTrue(agree, report.toString());
    }

    private static double[] means(LongFunction<RingRecording> simulation) {
        double[] sums = new double[FIGURES.size()];
        for (int seed = 1; seed <= SEEDS; seed++) {
            SpikeTrains spikes = simulation.apply(seed).spikes();
            int n = spikes.neurons();
            sums[0] += spikes.rateHz(0, n / 2);
            sums[1] += spikes.rateHz(n / 2, n);
            sums[2] += spikes.meanCv();
            sums[3] += spikes.activeFraction(1);
            sums[4] += spikes.fano(1);
        }
        return Arrays.stream(sums).map(sum -> sum / SEEDS).toArray();
    }

    /** Mean and, if there is one, standard deviation. */
    private static String[] cell(String table, int row, int figure) {
        return table.split("\n")[row].split("\\|")[figure + 1].strip().split(" *\\+- *");
    }

    /** Half of the last printed digit: 0.005 of "18.80". */
    private static double halfDigit(String number) {
        int point = number.indexOf('.');
        double half = 0.5;
        for (int digits = point < 0 ? 0 : number.length() - point - 1; digits > 0; digits--) {
            half /= 10;
        }
        return half;
    }
}
