package org.spikecast.kernel.internal;

/**
 * Exponential, logarithm, logistic function and hyperbolic tangent with the same bits on every JVM and processor.
 *
 * <p>{@code Math.exp} and {@code Math.tanh} may differ between JDKs in the last bits. The functions here are made only
 * of operations with exactly one possible result: add, subtract, multiply, divide, fused multiply-add, comparison,
 * selection and operations on the bits of a double. There are no tables, and the order of operations does not depend
 * on the argument: where cases differ, both values are computed and one is selected. A SIMD version that does the same
 * operations in the same order on each lane therefore gives the same bits; the constants are package-private so that
 * it can share them. Reordering an expression here changes results; the SIMD version must be reordered alike.
 *
 * <p><b>Method.</b> {@code exp}, {@code sigma} and {@code tanh} write an argument as k ln 2 + r with k an integer and
 * |r| &le; ln 2 / 2, and share the polynomial that gives e<sup>r</sup> - 1; 2<sup>k</sup> is made by putting k into the
 * exponent bits. {@code log} goes the other way: 2<sup>k</sup> m with m near 1, then a series for log m.
 *
 * <p><b>Errors</b> are in ulp, here the distance of two neighbouring doubles at the exact result; the least possible
 * maximum is 0.5. "Measured" is the maximum over 10<sup>8</sup> random arguments per function, compared with quadruple
 * precision; the stated bounds rest on that, not on a proof. The arguments found worst are among the stored vectors in
 * test-vectors/elementary, which the tests replay. Each function is monotone wherever tested: between neighbouring
 * doubles, at random and on both sides of every change of k.
 *
 * <p>A NaN argument gives NaN (which of the many NaN bit patterns is unspecified). Nothing is thrown.
 *
 * <p>Sources: W. J. Cody and W. Waite, Software Manual for the Elementary Functions, 1980 (reduction with ln 2 in two
 * parts); fdlibm's e_log.c by Sun Microsystems, 1993 (logarithm); J.-M. Muller, Elementary Functions, 3rd edition,
 * 2016.
 */
public final class Elementary {
    /** log<sub>2</sub> e. */
    static final double LOG2_E = 0x1.71547652b82fep0;

    /** The double nearest to ln 2. */
    static final double LN2_HIGH = 0x1.62e42fefa39efp-1;

    /** ln 2 - LN2_HIGH. */
    static final double LN2_LOW = 0x1.abc9e3b39803fp-56;

    /**
     * 1.5 * 2<sup>52</sup>. Doubles of this size are the integers, so adding it to a small number rounds that number to
     * an integer k, whose two's complement then stands in the lowest bits of the sum. Subtracting it again gives k as a
     * double.
     */
    static final double ROUNDER = 0x1.8p52;

    /** A double's exponent field holds its exponent plus this. */
    static final long BIAS = 1023;

    /** Number of bits below a double's exponent field. */
    static final int FRACTION_BITS = 52;

    static final long ONE_BITS = Double.doubleToRawLongBits(1);

    /** exp overflows for arguments above; clamping to it keeps k within two exponent fields. */
    static final double EXP_MAX = 710;

    /** exp is 0 for arguments below. */
    static final double EXP_MIN = -746;

    /** Where k reaches 1023, so that the exponent field of 2<sup>-k</sup> becomes 0. */
    static final double SIGMA_MAX = 709;

    /** tanh(x) is 1 to double precision from 2x = 37.1 on; its slope still falls, and is cut off where 2|x| is above. */
    static final double TWICE_TANH_MAX = 708;

    /** The bits of 2<sup>k</sup> and those of 2<sup>-k</sup> add up to this. */
    static final long INVERSE_POWER = 2 * BIAS << FRACTION_BITS;

    /**
     * Coefficients of e<sup>r</sup> = 1 + r + E2 r<sup>2</sup> + ... + E12 r<sup>12</sup>. E2 and E3 are Taylor's 1/k!;
     * E4 to E12 are those with the least maximum error on |r| &le; ln 2 / 2, which is 1.0e-19. (Taylor's series needs
     * two more terms for that.) Computed by test-vectors/generate/elementary.py --coefficients.
     */
    static final double E2 = 1.0 / 2;

    static final double E3 = 1.0 / 6;
    static final double E4 = 0.041666666666666685;
    static final double E5 = 0.008333333333327758;
    static final double E6 = 0.0013888888888871687;
    static final double E7 = 0.00019841269874110433;
    static final double E8 = 2.4801587353596412e-05;
    static final double E9 = 2.7557254104097062e-06;
    static final double E10 = 2.7557247356297245e-07;
    static final double E11 = 2.51061110561254e-08;
    static final double E12 = 2.0923298140498723e-09;

    /** Added to the bits of a double, this carries into the exponent if the fraction is that of sqrt(2) or more. */
    static final long SQRT2_CARRY = Double.doubleToRawLongBits(1) - Double.doubleToRawLongBits(0x1.6a09e667f3bcdp-1);

    /** An integer n below 2<sup>52</sup>, or'ed into these bits, gives the double 2<sup>52</sup> + n. */
    static final long TWO_52_BITS = Double.doubleToRawLongBits(0x1p52);

    private Elementary() {}

    /**
     * The exponential function e<sup>x</sup>.
     *
     * <p>Error at most 1 ulp (measured 0.88), for subnormal results too. exp(0) is 1 for either zero, exp(-infinity) is
     * 0, exp(infinity) is infinity.
     */
    public static double exp(double x) {
        double y = x > EXP_MAX ? EXP_MAX : x;
        y = y < EXP_MIN ? EXP_MIN : y;
        double shifted = Math.fma(y, LOG2_E, ROUNDER);
        double reduced = 1 + expm1(y, shifted - ROUNDER);

        // 2^k in two factors of about 2^(k/2), because the smallest and largest k are beyond a double's exponents.
        long exponents = Double.doubleToRawLongBits(shifted) + 2 * BIAS;
        long half = exponents >>> 1;
        double first = Double.longBitsToDouble(half << FRACTION_BITS);
        double second = Double.longBitsToDouble((exponents - half) << FRACTION_BITS);
        return reduced * first * second;
    }

    /**
     * The logistic function sigma(x) = 1 / (1 + e<sup>-x</sup>), an LSTM's gate.
     *
     * <p>Error at most 1.1 ulp (measured 1.02) down to x = -708, where sigma is 3e-308. It continues to x = -708.74 and
     * is 0 below. sigma(0) is 0.5; from x = 37.43 on sigma is 1. For x &gt; 0, sigma(x) is 1 - sigma(-x), rounded once.
     */
    public static double sigma(double x) {
        return oneOrZero(x) - tail(x);
    }

    /** 1, or 0 where x has a negative sign: a branch on the sign would often be mispredicted. */
    static double oneOrZero(double x) {
        return Double.longBitsToDouble(ONE_BITS & ~(Double.doubleToRawLongBits(x) >> 63));
    }

    /** sigma(-|x|) with the sign of x: the {@link Tail} of a gate. Error and range are those of sigma. */
    static double tail(double x) {
        // With |x| = k ln 2 + r and s = 2^-k: sigma(-|x|) = s / (s + e^r). Where the clamp binds, the exponent field of
        // s becomes 0, and so does s.
        double size = Math.abs(x);
        size = size > SIGMA_MAX ? SIGMA_MAX : size;
        double shifted = Math.fma(size, LOG2_E, ROUNDER);
        double s = Double.longBitsToDouble((BIAS - Double.doubleToRawLongBits(shifted)) << FRACTION_BITS);
        double k = shifted - ROUNDER;
        // The same as expm1 without its last correction, which the rounding of u would hide.
        double r = Math.fma(k, -LN2_LOW, Math.fma(k, -LN2_HIGH, size));
        double u = s + Math.fma(r * r, expTail(r), r);

        // The denominator is 1 + u. The rounding errors of it and of its reciprocal are corrected to first order.
        // Without that the error would be up to 2 ulp.
        double denominator = 1 + u;
        double excess = (denominator - 1) - u;
        double reciprocal = 1 / denominator;
        double correction = Math.fma(excess, reciprocal, Math.fma(-denominator, reciprocal, 1));
        return Math.copySign(s * Math.fma(correction, reciprocal, reciprocal), x);
    }

    /**
     * The hyperbolic tangent, an LSTM's squashing function.
     *
     * <p>Error at most 2 ulp (measured 1.99). Odd to the last bit: tanh(-x) is -tanh(x), and tanh(-0.0) is -0.0.
     * tanh(x) is x for tiny x, subnormal ones included, and 1 from x = 18.55 on.
     */
    public static double tanh(double x) {
        // With 2|x| = k ln 2 - r and s = 2^k: tanh |x| = (s - e^r) / (s + e^r).
        double twice = 2 * Math.abs(x);
        twice = twice > TWICE_TANH_MAX ? TWICE_TANH_MAX : twice;
        double shifted = Math.fma(twice, LOG2_E, ROUNDER);
        double s = Double.longBitsToDouble((Double.doubleToRawLongBits(shifted) + BIAS) << FRACTION_BITS);
        double p = expm1(-twice, ROUNDER - shifted);
        return Math.copySign(((s - 1) - p) / ((s + 1) + p), x);
    }

    /**
     * The same, and its slope 1 - tanh(x)<sup>2</sup>, not computed as this difference, which has few digits or none
     * where tanh is near to 1 or -1.
     *
     * <p>Error of the slope at most 5 ulp (measured 3.45, of 40,000 arguments) up to |x| = 354, where it is 1e-307;
     * beyond, it keeps this value.
     *
     * @param slope receives the slope at index {@code at}; null where it is not wanted
     */
    static double tanh(double x, double[] slope, int at) {
        double twice = 2 * Math.abs(x);
        twice = twice > TWICE_TANH_MAX ? TWICE_TANH_MAX : twice;
        double shifted = Math.fma(twice, LOG2_E, ROUNDER);
        double s = Double.longBitsToDouble((Double.doubleToRawLongBits(shifted) + BIAS) << FRACTION_BITS);
        double p = expm1(-twice, ROUNDER - shifted);
        double size = ((s - 1) - p) / ((s + 1) + p);

        if (slope == null) {
            return Math.copySign(size, x);
        }
        // 1 - tanh^2 = (1 + |tanh x|)^2 e^(-2|x|), for (1 - |tanh x|) / (1 + |tanh x|) = e^(-2|x|) = (1 + p) / s.
        double inverse = Double.longBitsToDouble(INVERSE_POWER - Double.doubleToRawLongBits(s));
        slope[at] = (1 + size) * (1 + size) * Math.fma(inverse, p, inverse);
        return Math.copySign(size, x);
    }

    /**
     * The natural logarithm.
     *
     * <p>Error at most 0.9 ulp (measured 0.87), for subnormal arguments too. log(1) is 0, log(0) is -infinity for
     * either zero, log(infinity) is infinity, the logarithm of a negative number is NaN.
     */
    public static double log(double x) {
        boolean subnormal = x < Double.MIN_NORMAL;
        double normal = subnormal ? x * 0x1p54 : x;
        // x = 2^k m with m in [sqrt(1/2), sqrt(2))
        long bits = Double.doubleToRawLongBits(normal);
        long exponent = (bits + SQRT2_CARRY) >>> FRACTION_BITS;
        double k = Double.longBitsToDouble(exponent | TWO_52_BITS) - (0x1p52 + BIAS);
        k = subnormal ? k - 54 : k;
        double m = Double.longBitsToDouble(bits - ((exponent - BIAS) << FRACTION_BITS));

        // log m = 2 artanh(s) = 2 (s + s^3/3 + s^5/5 + ...) with s = f / (2 + f), f = m - 1. The sum is written as
        // f - f^2/2 + s (f^2/2 + series), series = 2 (s^2/3 + s^4/5 + ...), because f is exact and the rest small.
        double f = m - 1;
        double s = f / (2 + f);
        double z = s * s;
        double quotient = polynomial(
                z, 2.0 / 3, 2.0 / 5, 2.0 / 7, 2.0 / 9, 2.0 / 11, 2.0 / 13, 2.0 / 15, 2.0 / 17, 2.0 / 19, 2.0 / 21,
                2.0 / 23);
        double series = z * quotient;
        double halfSquare = 0.5 * f * f;
        double low = Math.fma(s, halfSquare + series, k * LN2_LOW);
        double result = Math.fma(k, LN2_HIGH, f - (halfSquare - low));

        result = x == 0 ? Double.NEGATIVE_INFINITY : result;
        result = x < 0 ? Double.NaN : result;
        return x < Double.POSITIVE_INFINITY ? result : x; // infinity and NaN stay what they are
    }

    /** e<sup>r</sup> - 1 for r = x - k ln 2, where k is the integer nearest to x / ln 2. */
    private static double expm1(double x, double k) {
        // "high" is exact; the rounding error of r is added where e^r - 1 is summed up.
        double high = Math.fma(k, -LN2_HIGH, x);
        double r = Math.fma(k, -LN2_LOW, high);
        double lost = Math.fma(k, -LN2_LOW, high - r);
        return r + Math.fma(r * r, expTail(r), lost);
    }

    /** (e<sup>r</sup> - 1 - r) / r<sup>2</sup> for |r| &le; ln 2 / 2. */
    private static double expTail(double r) {
        return polynomial(r, E2, E3, E4, E5, E6, E7, E8, E9, E10, E11, E12);
    }

    /** c0 + c1 x + ... + c10 x<sup>10</sup> in Estrin's order, whose chains of operations are shorter than Horner's. */
    private static double polynomial(
            double x,
            double c0,
            double c1,
            double c2,
            double c3,
            double c4,
            double c5,
            double c6,
            double c7,
            double c8,
            double c9,
            double c10) {
        double x2 = x * x;
        double x4 = x2 * x2;
        double c01 = Math.fma(c1, x, c0);
        double c23 = Math.fma(c3, x, c2);
        double c45 = Math.fma(c5, x, c4);
        double c67 = Math.fma(c7, x, c6);
        double c89 = Math.fma(c9, x, c8);
        double top = Math.fma(c10, x2, c89);
        double low = Math.fma(c23, x2, c01);
        double high = Math.fma(c67, x2, c45);
        return Math.fma(Math.fma(top, x4, high), x4, low);
    }
}
