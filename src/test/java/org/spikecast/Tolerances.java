package org.spikecast;

/**
 * Every tolerance of the tests that is not zero, with its reason and what was measured. Tests of {@code neuron} and
 * {@code kernel} that compare with closed forms or ulp bounds state theirs beside the measured value in place.
 */
public final class Tolerances {
    /**
     * Gradients against central differences of fourth order, relative to the largest entry of the block. At a step of
     * 1e-3 truncation is some 1e-12 and rounding eps L / h some 1e-13, which matters for gradients that are themselves
     * small. Measured: between 1e-10 and 1e-9.
     */
    public static final double CENTRAL_DIFFERENCE = 1e-8;

    /**
     * Results whose sums are taken in another order, or without fused multiply-add, relative to the sum of the
     * magnitudes: a few ulp. Measured: below 5e-16.
     */
    public static final double OTHER_ORDER = 1e-14;

    /** Quantities that pass through a scaling and back, relative. Measured: below 5e-16. */
    public static final double ROUND_TRIP = 1e-14;

    /**
     * Results of the inspect page in a browser against those of Java, relative to the largest entry: without fused
     * multiply-add and with the browser's exp and tanh. Measured: 1.3e-15.
     */
    public static final double PAGE = 1e-12;

    private Tolerances() {}
}
