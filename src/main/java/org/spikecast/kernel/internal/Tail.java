package org.spikecast.kernel.internal;

/**
 * A gate sigma(z), kept by its tail s: sigma(-|z|), its distance from 0 or 1, whichever is nearer, with the sign of z.
 * From the tail follow sigma, 1 - sigma and the slope sigma (1 - sigma), each accurate to its last digits; from sigma
 * itself the other two are not: at z = 40 sigma is 1 in double precision, and the slope 4e-18 would be 0.
 *
 * <pre>
 *             sigma     1 - sigma     slope
 *  z &gt; 0      1 - s     s             s (1 - s)
 *  z &lt; 0      -s        1 + s         -s (1 + s)
 * </pre>
 */
public final class Tail {
    private Tail() {}

    /** The tail of sigma(z); at most 1/2 in size, and NaN for NaN. */
    public static double of(double z) {
        return Elementary.tail(z);
    }

    /** sigma, from its tail: the bits of {@link Elementary#sigma}. */
    public static double sigma(double s) {
        return Elementary.oneOrZero(s) - s;
    }

    /** 1 - sigma. */
    public static double complement(double s) {
        return Elementary.oneOrZero(-s) + s;
    }

    /** The slope of sigma at z: sigma (1 - sigma). */
    public static double slope(double s) {
        return Math.fma(-s, s, Math.abs(s));
    }
}
