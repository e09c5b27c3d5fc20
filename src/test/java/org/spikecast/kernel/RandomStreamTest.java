package org.spikecast.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Bits are compared with published numbers, the JDK's own generators and stored numbers. Distributions are tested with
 * a fixed seed, so that a test passes always or never; its thresholds are five standard deviations, which a right
 * generator exceeds for about one seed in a million.
 */
class RandomStreamTest {
    private static final double DEVIATIONS = 5;

    private static RandomStream stream() {
        return RandomStream.of(42, "golden");
    }

    // Bits

    /** From the tests of the Rust crate rand_xoshiro, which took them from the authors' C code. */
    @Test
    void firstNumbersAreThePublishedOnes() {
        RandomStream stream = new RandomStream(1, 2, 3, 4);
        for (long expected : new long[] {41943041L, 58720359L, 3588806011781223L, 3591011842654386L}) {
            assertEquals(expected, stream.nextLong());
        }
    }

    @Test
    void generatorIsThatOfTheJdk() {
        SplittableRandom words = new SplittableRandom(1);
        for (int i = 0; i < 100; i++) {
            long[] s = new long[4];
            ByteBuffer seed = ByteBuffer.allocate(32);
            for (int j = 0; j < 4; j++) {
                s[j] = words.nextLong() & 0x7f7f7f7f7f7f7f7fL; // JDK 17 misreads negative bytes of a seed
                seed.putLong(s[j]);
            }
            RandomGenerator expected =
                    RandomGeneratorFactory.of("Xoshiro256PlusPlus").create(seed.array());
            RandomStream stream = new RandomStream(s[0], s[1], s[2], s[3]);
            for (int j = 0; j < 1000; j++) {
                assertEquals(expected.nextLong(), stream.nextLong());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0, weights, 0", "1, weights, 0", "-1, external input, 7", "9223372036854775807, π, -1"})
    void seedingIsThatOfTheSpecification(long seed, String purpose, long index) {
        SplittableRandom words = new SplittableRandom(splitMix(splitMix(splitMix(seed) ^ fnv1a(purpose)) ^ index));
        RandomStream expected =
                new RandomStream(words.nextLong(), words.nextLong(), words.nextLong(), words.nextLong());
        RandomStream stream = RandomStream.of(seed, purpose, index);
        for (int i = 0; i < 100; i++) {
            assertEquals(expected.nextLong(), stream.nextLong());
        }
    }

    @Test
    void referencesOfTheSpecificationAreRight() {
        assertEquals(6457827717110365317L, splitMix(1234567)); // rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64
        assertEquals(0x85944171f73967e8L, fnv1a("foobar")); // draft-eastlake-fnv, appendix C
    }

    /** The JDK's SplittableRandom made from a seed is SplitMix64. */
    private static long splitMix(long v) {
        return new SplittableRandom(v).nextLong();
    }

    private static long fnv1a(String text) {
        BigInteger hash = new BigInteger("14695981039346656037");
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            hash = hash.xor(BigInteger.valueOf(b & 0xff)).multiply(BigInteger.valueOf(1099511628211L));
            hash = hash.mod(BigInteger.ONE.shiftLeft(64));
        }
        return hash.longValue();
    }

    @Test
    void indexIsZeroIfNotGiven() {
        assertEquals(
                RandomStream.of(5, "trial", 0).nextLong(),
                RandomStream.of(5, "trial").nextLong());
    }

    @Test
    void nearbySeedsPurposesAndIndicesGiveUnrelatedStreams() {
        int n = 1000;
        Set<Long> seen = new HashSet<>();
        double differing = 0;
        for (int i = 0; i < n; i++) {
            long here = RandomStream.of(i, "trial").nextLong();
            long otherPurpose = RandomStream.of(i, "trjal").nextLong();
            long otherIndex = RandomStream.of(i, "trial", 1).nextLong();
            long otherSeed = RandomStream.of(i + 1, "trial").nextLong();
            seen.addAll(List.of(here, otherPurpose, otherIndex));
            for (long other : new long[] {otherPurpose, otherIndex, otherSeed}) {
                differing += Long.bitCount(here ^ other);
            }
        }
        assertEquals(3 * n, seen.size());
        assertNear("differing bits", 32, 4 / Math.sqrt(3 * n), differing / (3 * n));
    }

    /** Stored numbers. They must never change: every simulation and every training starts from them. */
    @Test
    void drawsNeverChange() {
        RandomStream longs = stream();
        for (long expected : new long[] {0xa2d566090edd3be4L, 0xbb835dd6f469cb83L, 0x7b3ead371b3320f6L}) {
            assertEquals(expected, longs.nextLong());
        }
        assertDraws(
                stream()::nextDouble, 0.6360687038530742, 0.7324732446472019, 0.48142511935584453, 0.9729201450204144);
        assertDraws(
                stream()::nextGaussian,
                0.7945584258397165,
                -0.018393415608280894,
                0.22657911150311894,
                1.1920309069903865);
        assertDraws(
                stream()::nextExponential,
                0.34781516825340286,
                1.1961818516839648,
                0.13986745564857517,
                1.3810256877199141);
        RandomStream integers = stream();
        assertDraws(() -> integers.nextInt(1000), 636, 732, 481, 972, 870, 978, 619, 907);
        RandomStream large = stream();
        assertDraws(() -> large.nextInt(3 << 29), 1024460355, 1179730736, 775389428, 1566997576);
        assertPoisson(0.0325, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0);
        assertPoisson(1.95, 2, 3, 2, 5, 4, 5, 2, 4, 3, 1, 2, 3);
        assertPoisson(19.5, 23, 25, 30, 25, 22, 22, 19, 16, 20, 25, 17, 22);
        assertPoisson(100, 124, 109, 103, 103, 105, 111, 82, 103, 87, 97, 109, 97);
        int[] order = IntStream.range(0, 12).toArray();
        stream().shuffle(order);
        assertArrayEquals(new int[] {2, 0, 1, 5, 9, 3, 11, 6, 10, 4, 8, 7}, order);
    }

    private static void assertPoisson(double mean, double... expected) {
        RandomStream stream = stream();
        assertDraws(() -> stream.nextPoisson(mean), expected);
    }

    private static void assertDraws(DoubleSupplier draw, double... expected) {
        assertArrayEquals(expected, draws(expected.length, draw));
    }

    // Distributions

    @Test
    void doublesAreUniform() {
        long[] counts = new long[100];
        RandomStream stream = stream();
        for (int i = 0; i < 1_000_000; i++) {
            double u = stream.nextDouble();
            assertEquals(u * 0x1p53, Math.rint(u * 0x1p53));
            counts[(int) (100 * u)]++;
        }
        assertChiSquare(uniform(100), counts);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 10, 600, 1024})
    void integersAreUniform(int bound) {
        long[] counts = new long[bound];
        RandomStream stream = stream();
        for (int i = 0; i < 1000 * bound; i++) {
            counts[stream.nextInt(bound)]++;
        }
        assertChiSquare(uniform(bound), counts);
    }

    @Test
    void manyIntegersAreThoseOfSingleDraws() {
        RandomStream single = stream();
        RandomStream many = stream();
        int[] values = new int[12];
        many.nextInts(600, values, 2, 11);
        for (int i = 0; i < values.length; i++) {
            assertEquals(i < 2 || i == 11 ? 0 : single.nextInt(600), values[i]);
        }
        assertEquals(single.nextLong(), many.nextLong());
    }

    /** Without the rejection, the remainders modulo 3 would come in the ratio 3 to 3 to 2. */
    @Test
    void integersBelowLargeBoundsAreUnbiased() {
        int bound = 3 << 29;
        long[] counts = new long[3];
        RandomStream stream = stream();
        for (int i = 0; i < 100_000; i++) {
            counts[stream.nextInt(bound) % 3]++;
        }
        assertChiSquare(uniform(3), counts);
        for (int i = 0; i < 1000; i++) {
            assertTrue(stream.nextInt(Integer.MAX_VALUE) >= 0);
        }
    }

    @Test
    void gaussiansHaveTheirMomentsAndTails() {
        int n = 1_000_000;
        double[] x = draws(n, stream()::nextGaussian);
        assertNear("mean", 0, Math.sqrt(1.0 / n), moment(x, 1));
        assertNear("variance", 1, Math.sqrt(2.0 / n), moment(x, 2));
        assertNear("third moment", 0, Math.sqrt(15.0 / n), moment(x, 3));
        assertNear("fourth moment", 3, Math.sqrt(96.0 / n), moment(x, 4));
        double neighbours = 0;
        for (int i = 1; i < n; i++) {
            neighbours += x[i] * x[i - 1];
        }
        assertNear("correlation of neighbours", 0, Math.sqrt(1.0 / n), neighbours / n);
        double[] oneSided = {0.15865525393145707, 0.02275013194817921, 0.0013498980316300957, 3.1671241833119924e-05};
        for (int k = 1; k <= 4; k++) {
            double p = oneSided[k - 1];
            int size = k;
            long above = Arrays.stream(x).filter(v -> v > size).count();
            long below = Arrays.stream(x).filter(v -> v < -size).count();
            assertNear("above " + k, p, Math.sqrt(p / n), above / (double) n);
            assertNear("below -" + k, p, Math.sqrt(p / n), below / (double) n);
        }
    }

    @Test
    void exponentialsHaveTheirMomentsAndQuantiles() {
        int n = 1_000_000;
        double[] x = draws(n, stream()::nextExponential);
        assertNear("mean", 1, Math.sqrt(1.0 / n), moment(x, 1));
        assertNear("second moment", 2, Math.sqrt(20.0 / n), moment(x, 2));
        long[] counts = new long[1000];
        for (double v : x) {
            assertTrue(v >= 0 && v < 37);
            counts[(int) (-1000 * StrictMath.expm1(-v))]++;
        }
        assertChiSquare(uniform(1000), counts);
        for (double beyond : new double[] {7.5, 8, 10}) { // the tail of the ziggurat begins at 7.697
            double p = StrictMath.exp(-beyond);
            double above = Arrays.stream(x).filter(v -> v > beyond).count() / (double) n;
            assertNear("above " + beyond, p, Math.sqrt(p / n), above);
        }
    }

    /** 1.95 and 19.5 are what a ring neuron receives in 3 ms and 30 ms, 0.0325 in a step of 0.05 ms. */
    @ParameterizedTest
    @ValueSource(doubles = {1e-3, 0.0325, 1.95, 15.9999, 16, 16.0001, 19.5, 100})
    void poissonNumbersHaveTheirDistribution(double mean) {
        int n = 1_000_000;
        int largest = (int) (mean + 20 * Math.sqrt(mean) + 20);
        long[] counts = new long[largest + 1];
        RandomStream stream = stream();
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < n; i++) {
            int events = stream.nextPoisson(mean);
            counts[events]++;
            sum += events;
            squares += (events - mean) * (events - mean);
        }
        assertNear("mean", mean, Math.sqrt(mean / n), sum / n);
        assertNear("variance", mean, Math.sqrt((mean + 2 * mean * mean) / n), squares / n);

        double[] probabilities = new double[largest + 1];
        probabilities[0] = StrictMath.exp(-mean);
        for (int k = 1; k <= largest; k++) {
            probabilities[k] = probabilities[k - 1] * mean / k;
        }
        assertChiSquare(probabilities, counts);
    }

    @Test
    void largePoissonMeans() {
        RandomStream stream = stream();
        for (double mean : new double[] {1e4, 1e6, 1e7}) {
            assertNear("mean", mean, Math.sqrt(mean), stream.nextPoisson(mean));
        }
    }

    /** From this state the next uniform number is the largest, 1 - 2^-53, which the summed probabilities may miss. */
    @Test
    void poissonSearchEndsForTheLargestUniformNumber() {
        for (double mean = 1e-18; mean <= 16; mean *= 1.01) {
            RandomStream stream = new RandomStream(0, 1, 2, -1);
            int events = stream.nextPoisson(mean);
            assertTrue(events < 80, mean + ": " + events);
        }
        assertEquals(1 - 0x1p-53, new RandomStream(0, 1, 2, -1).nextDouble());
    }

    @Test
    void poissonOfMeanZeroIsZeroAndDrawsNothing() {
        RandomStream stream = stream();
        assertEquals(0, stream.nextPoisson(0));
        assertEquals(stream().nextLong(), stream.nextLong());
    }

    @Test
    void shufflesAreEquallyProbable() {
        RandomStream stream = stream();
        long[] counts = new long[256];
        for (int i = 0; i < 240_000; i++) {
            int[] order = {0, 1, 2, 3};
            stream.shuffle(order);
            counts[order[0] + 4 * order[1] + 16 * order[2] + 64 * order[3]]++;
        }
        long[] found = Arrays.stream(counts).filter(count -> count > 0).toArray();
        assertEquals(24, found.length);
        assertChiSquare(uniform(24), found);
    }

    @Test
    void shuffleOfLessThanTwoElementsDoesNothing() {
        stream().shuffle(new int[0]);
        int[] one = {7};
        stream().shuffle(one);
        assertArrayEquals(new int[] {7}, one);
    }

    // The rest of the contract

    @Test
    void copyContinuesLikeTheOriginal() {
        RandomStream original = RandomStream.of(8, "original");
        RandomStream copy = RandomStream.of(9, "copy");
        original.nextPoisson(3);
        copy.nextPoisson(4);
        copy.copyFrom(original);
        for (int i = 0; i < 100; i++) {
            assertEquals(original.nextPoisson(4), copy.nextPoisson(4));
            assertEquals(original.nextGaussian(), copy.nextGaussian());
        }
    }

    @Test
    void drawsAllocateNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        RandomStream stream = stream();
        RandomStream copy = stream();
        int[] order = IntStream.range(0, 100).toArray();
        stream.nextPoisson(1); // makes the table
        stream.nextExponential(); // loads the class of the layers
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 10_000; i++) {
            stream.nextInt(10);
            stream.nextGaussian();
            stream.nextExponential();
            stream.nextPoisson(0.001 * i);
            stream.shuffle(order);
            copy.copyFrom(stream);
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated < 10_000, allocated + " bytes in 10000 rounds"); // the measurement itself takes some
    }

    @Test
    void messagesSayWhatWasExpected() {
        RandomStream stream = stream();
        assertMessage("bound of nextInt: expected at least 1, got 0", () -> stream.nextInt(0));
        assertMessage("bound of nextInt: expected at least 1, got -3", () -> stream.nextInt(-3));
        assertMessage("mean of nextPoisson: expected 0 to 2^30, got -0.1", () -> stream.nextPoisson(-0.1));
        assertMessage("mean of nextPoisson: expected 0 to 2^30, got NaN", () -> stream.nextPoisson(Double.NaN));
        assertMessage("mean of nextPoisson: expected 0 to 2^30, got Infinity", () -> stream.nextPoisson(1.0 / 0));
        assertMessage(
                "purpose of a random stream: expected a text, got an empty one; name what the numbers are for",
                () -> RandomStream.of(1, ""));
        assertThrows(NullPointerException.class, () -> RandomStream.of(1, null));
    }

    private static void assertMessage(String expected, Runnable action) {
        assertEquals(
                expected,
                assertThrows(IllegalArgumentException.class, action::run).getMessage());
    }

    // Statistics

    private static double[] draws(int n, DoubleSupplier draw) {
        double[] x = new double[n];
        Arrays.setAll(x, i -> draw.getAsDouble());
        return x;
    }

    private static double moment(double[] x, int order) {
        return Arrays.stream(x).map(v -> Math.pow(v, order)).average().orElseThrow();
    }

    private static double[] uniform(int n) {
        double[] probabilities = new double[n];
        Arrays.fill(probabilities, 1.0 / n);
        return probabilities;
    }

    private static void assertNear(String what, double expected, double deviation, double actual) {
        assertEquals(expected, actual, DEVIATIONS * deviation, what);
    }

    /**
     * Pearson's test. Outcomes that are expected less than ten times are taken together with their successors. The
     * threshold is that of {@value #DEVIATIONS} standard deviations by the approximation of Wilson and Hilferty (1931).
     */
    private static void assertChiSquare(double[] probabilities, long[] counts) {
        long total = Arrays.stream(counts).sum();
        double chiSquare = 0;
        int degrees = -1;
        double expected = 0;
        double found = 0;
        for (int i = 0; i < counts.length; i++) {
            expected += total * probabilities[i];
            found += counts[i];
            if (expected >= 10) {
                chiSquare += (found - expected) * (found - expected) / expected;
                degrees++;
                expected = 0;
                found = 0;
            }
        }
        chiSquare += (found - expected) * (found - expected) / 10; // what is left, less than ten
        double width = 2.0 / (9 * Math.max(1, degrees));
        double threshold = degrees * Math.pow(1 - width + DEVIATIONS * Math.sqrt(width), 3);
        assertTrue(chiSquare <= threshold, "chi square " + chiSquare + " with " + degrees + " degrees of freedom");
    }
}
