package org.spikecast.kernel;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.spikecast.kernel.internal.Elementary;

/**
 * A stream of random numbers that is a function of a seed, a purpose and an index, with the same bits on every JVM.
 *
 * <p>Each purpose ("external input", "weights", "shuffling") draws from a stream of its own, so that a change in what
 * one part draws leaves the others as they were. The index distinguishes streams of one purpose: trials, neurons, epochs.
 *
 * <p><b>Generator.</b> xoshiro256++ 1.0: 256 bits of state, period 2<sup>256</sup> - 1. With rotl for rotation to the
 * left,
 *
 * <pre>
 *     output  rotl(s0 + s3, 23) + s0
 *     then    t = s1 &lt;&lt; 17;  s2 ^= s0;  s3 ^= s1;  s1 ^= s2;  s0 ^= s3;  s2 ^= t;  s3 = rotl(s3, 45)
 * </pre>
 *
 * <p><b>Seeding.</b> Let S(v) be the first output of SplitMix64 started at v, that is mix(v + g) with g =
 * 0x9e3779b97f4a7c15 and mix as in the code, and F(purpose) the 64-bit FNV-1a hash of the purpose's UTF-8 bytes. Then
 *
 * <pre>
 *     v = S(S(seed) ^ F(purpose)) ^ index
 *     s0, s1, s2, s3 = the first four outputs of SplitMix64 started at S(v)
 * </pre>
 *
 * S is one-to-one and scatters neighbours, so nearby seeds and indices give unrelated streams, and two different seeds
 * (or two different indices) never the same one. The four words are never all zero.
 *
 * <p>Once compiled, no draw allocates memory, but for the first Poisson number of a stream. A stream is not for use by
 * several threads at once.
 *
 * <p>Sources: D. Blackman, S. Vigna, Scrambled linear pseudorandom number generators, ACM Trans. Math. Softw. 47:36
 * (2021); G. L. Steele, D. Lea, C. H. Flood, Fast splittable pseudorandom number generators, OOPSLA 2014 (SplitMix64,
 * with D. Stafford's variant 13 of the mixing); G. Fowler, L. C. Noll, K.-P. Vo, D. Eastlake, The FNV non-cryptographic
 * hash algorithm.
 */
public final class RandomStream {
    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    /**
     * Largest mean of one Poisson inversion. The first probability, exp(-16) = 1e-7, is then far above the resolution
     * of the uniform number, and the search takes 16 steps on average.
     */
    private static final double POISSON_CHUNK = 16;

    /** Largest Poisson mean, 32768 standard deviations below the largest int. */
    private static final double POISSON_MAX = 0x1p30;

    private long s0;
    private long s1;
    private long s2;
    private long s3;

    /** Remembered from the last Poisson number to save time, no part of the state; null before. */
    private PoissonTable poisson;

    /** The generator in a given state, not all zero. */
    RandomStream(long s0, long s1, long s2, long s3) {
        this.s0 = s0;
        this.s1 = s1;
        this.s2 = s2;
        this.s3 = s3;
    }

    /** The stream of a seed and a purpose with index 0. */
    public static RandomStream of(long seed, String purpose) {
        return of(seed, purpose, 0);
    }

    /**
     * The stream of a seed, a purpose and an index, at its beginning.
     *
     * @param purpose of the numbers, not empty; results depend on its wording, so do not change it
     */
    public static RandomStream of(long seed, String purpose, long index) {
        Objects.requireNonNull(purpose, "purpose of a random stream: expected a text, got null");
        if (purpose.isEmpty()) {
            throw new IllegalArgumentException(
                    "purpose of a random stream: expected a text, got an empty one; name what the numbers are for");
        }
        long start = splitMix(splitMix(splitMix(seed) ^ hash(purpose)) ^ index);
        return new RandomStream(
                splitMix(start),
                splitMix(start + GOLDEN_GAMMA),
                splitMix(start + 2 * GOLDEN_GAMMA),
                splitMix(start + 3 * GOLDEN_GAMMA));
    }

    /** All 64 bits, uniform. */
    public long nextLong() {
        long result = Long.rotateLeft(s0 + s3, 23) + s0;
        long t = s1 << 17;
        s2 ^= s0;
        s3 ^= s1;
        s1 ^= s2;
        s0 ^= s3;
        s2 ^= t;
        s3 = Long.rotateLeft(s3, 45);
        return result;
    }

    /** Uniform in [0, 1): a multiple of 2<sup>-53</sup>, from the upper 53 bits of one {@link #nextLong}. */
    public double nextDouble() {
        return (nextLong() >>> 11) * 0x1p-53;
    }

    /**
     * Uniform in 0 .. bound - 1, without bias.
     *
     * <p>The upper 32 bits of a {@link #nextLong} are multiplied by the bound; the upper half of the product is the
     * result, and the lower half decides in which few cases to draw again. Source: D. Lemire, Fast random integer
     * generation in an interval, ACM Trans. Model. Comput. Simul. 29:3 (2019).
     *
     * @param bound at least 1
     */
    public int nextInt(int bound) {
        if (bound < 1) {
            throw new IllegalArgumentException("bound of nextInt: expected at least 1, got " + bound);
        }
        long product;
        long low;
        do { // one call: a second one, rarely made, would not be inlined, and inRegisters() would make objects
            product = (nextLong() >>> 32) * bound;
            low = product & 0xffffffffL;
        } while (low < bound && low < 0x100000000L % bound);
        return (int) (product >>> 32);
    }

    /** Fills elements from .. to - 1 with what as many calls of {@link #nextInt} give; faster. */
    public void nextInts(int bound, int[] values, int from, int to) {
        RandomStream copy = inRegisters();
        for (int i = from; i < to; i++) {
            values[i] = copy.nextInt(bound);
        }
        copyFrom(copy);
    }

    /**
     * Normal with mean 0 and variance 1.
     *
     * <p>Polar method: (u, v) uniform in the square from -1 to 1 until s = u<sup>2</sup> + v<sup>2</sup> is within
     * (0, 1), then u sqrt(-2 log(s) / s). The second number that the method could give is not kept, so that the state
     * is the four words alone. Takes two uniform numbers per try, 1.27 tries on average. Source: G. Marsaglia, T. A.
     * Bray, A convenient method for generating normal variables, SIAM Review 6:260 (1964).
     */
    public double nextGaussian() {
        double u;
        double s;
        do {
            u = 2 * nextDouble() - 1;
            double v = 2 * nextDouble() - 1;
            s = u * u + v * v;
        } while (s >= 1 || s == 0);
        return u * Math.sqrt(-2 * Elementary.log(s) / s);
    }

    /**
     * Exponential with mean 1; at least 0.
     *
     * <p>Ziggurat method: the area under exp(-x) is covered by 256 layers of equal area. Layer i is the rectangle from 0
     * to WIDTH[i] and from HEIGHT[i] to HEIGHT[i + 1]; layer 0 is the rest below, with the tail beyond r. A layer is
     * chosen, and a point x of it. Left of the next layer's width all of the layer is under the curve: then x is the
     * result. This is so in 98.9 % of all cases, which take one {@link #nextLong}: 8 bits for the layer, 53 for the
     * point. Elsewhere the height decides; and since the distribution has no memory, the tail is r plus another
     * exponential number. Source: G. Marsaglia, W. W. Tsang, The ziggurat method for generating random variables, J.
     * Stat. Softw. 5:8 (2000).
     */
    public double nextExponential() {
        long bits = nextLong();
        int layer = (int) bits & 0xff;
        double x = (bits >>> 11) * 0x1p-53 * Ziggurat.WIDTH[layer];
        return x < Ziggurat.WIDTH[layer + 1] ? x : nextExponential(layer, x);
    }

    /** The rare cases: continues from a point that is not left of the next layer's width. */
    private double nextExponential(int firstLayer, double firstX) {
        int layer = firstLayer;
        double x = firstX;
        double tail = 0;
        while (x >= Ziggurat.WIDTH[layer + 1]) {
            if (layer == 0) {
                tail += Ziggurat.R;
            } else {
                double low = Ziggurat.HEIGHT[layer];
                double high = Ziggurat.HEIGHT[layer + 1];
                if (low + nextDouble() * (high - low) < Elementary.exp(-x)) {
                    break;
                }
            }
            long bits = nextLong();
            layer = (int) bits & 0xff;
            x = (bits >>> 11) * 0x1p-53 * Ziggurat.WIDTH[layer];
        }
        return tail + x;
    }

    /** The layers of {@link #nextExponential}, from below. */
    private static final class Ziggurat {
        /** r, where the tail begins: with it the last layer ends at x = 0. */
        static final double R = 7.69711747013104972;

        /** WIDTH[0] is that of a rectangle with the area of layer 0. */
        static final double[] WIDTH = new double[257];

        /** exp(-WIDTH[i]). */
        static final double[] HEIGHT = new double[257];

        static {
            double area = (R + 1) * Elementary.exp(-R);
            WIDTH[0] = R + 1;
            WIDTH[1] = R;
            for (int i = 1; i < 255; i++) {
                WIDTH[i + 1] = -Elementary.log(area / WIDTH[i] + Elementary.exp(-WIDTH[i]));
            }
            for (int i = 0; i < HEIGHT.length; i++) {
                HEIGHT[i] = Elementary.exp(-WIDTH[i]);
            }
        }
    }

    /**
     * Number of events of a Poisson distribution.
     *
     * <p>Inversion by sequential search: the count is the first n whose cumulative probability exceeds one uniform
     * number. The probabilities p(n) = p(n - 1) mean / n start at exp(-mean) and are summed up until that, or until the
     * sum no longer grows: rounding may keep it below the largest uniform numbers for ever. A mean above 16 is split
     * into the least number of equal parts of at most 16, since a sum of independent Poisson numbers is again one, of
     * the sum of their means. So the distribution is exact up to rounding and the 53 bits of the uniform numbers.
     *
     * <p>Cost: per part one uniform number and a search of one comparison per event counted, in probabilities that are
     * remembered as long as the mean stays; in all proportional to 1 + mean. A mean of 0 draws nothing from the stream.
     *
     * @param mean 0 to 2<sup>30</sup>
     */
    public int nextPoisson(double mean) {
        if (!(mean >= 0 && mean <= POISSON_MAX)) {
            throw new IllegalArgumentException("mean of nextPoisson: expected 0 to 2^30, got " + mean);
        }
        int parts = (int) Math.ceil(mean / POISSON_CHUNK);
        int sum = 0;
        for (int i = 0; i < parts; i++) {
            sum += poissonByInversion(mean / parts);
        }
        return sum;
    }

    /** Brings the elements into a random order, each with the same probability (Fisher and Yates, from the end). */
    public void shuffle(int[] values) {
        for (int i = values.length - 1; i > 0; i--) {
            int j = nextInt(i + 1);
            int swapped = values[i];
            values[i] = values[j];
            values[j] = swapped;
        }
    }

    /** Takes over the other stream's state: from here on both give the same numbers. */
    public void copyFrom(RandomStream other) {
        s0 = other.s0;
        s1 = other.s1;
        s2 = other.s2;
        s3 = other.s3;
    }

    /** A copy that no one else sees: the compiled loop keeps its state in registers and does not make the object. */
    private RandomStream inRegisters() {
        return new RandomStream(s0, s1, s2, s3);
    }

    private int poissonByInversion(double mean) {
        if (poisson == null) {
            poisson = new PoissonTable();
        }
        return poisson.firstAbove(nextDouble(), mean);
    }

    /** The cumulative probabilities of a Poisson distribution of mean 16 at most, as far as they were needed. */
    private static final class PoissonTable {
        private double mean = Double.NaN;
        private int known;
        private double probability;

        /** Rounding ends the sum before: at 66 for a mean of 16. */
        private final double[] cumulative = new double[100];

        /** The first n whose cumulative probability exceeds u; or where the sum no longer grows. */
        int firstAbove(double u, double newMean) {
            if (newMean != mean) {
                mean = newMean;
                probability = Elementary.exp(-mean);
                cumulative[0] = probability;
                known = 1;
            }
            int n = 0;
            while (u >= cumulative[n]) {
                n++;
                if (n == known) {
                    append();
                }
            }
            return n;
        }

        private void append() {
            probability *= mean / known;
            double next = cumulative[known - 1] + probability;
            cumulative[known] = next == cumulative[known - 1] ? 1 : next;
            known++;
        }
    }

    /** The first output of SplitMix64 started at v. */
    private static long splitMix(long v) {
        long z = v + GOLDEN_GAMMA;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /** The 64-bit FNV-1a hash of a text's UTF-8 bytes. */
    private static long hash(String text) {
        long hash = FNV_OFFSET;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * FNV_PRIME;
        }
        return hash;
    }
}
