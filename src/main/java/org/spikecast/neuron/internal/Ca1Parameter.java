package org.spikecast.neuron.internal;

import java.util.Locale;

/**
 * The parameters of a {@link Ca1Neuron}: meaning, unit, and value in the normal-calcium model. Currents and
 * conductances are per membrane area. The sigma of a logistic function is negative where it falls with the voltage.
 */
public enum Ca1Parameter {
    CAPACITANCE("membrane capacitance", "uF/cm2", 1, Range.POSITIVE),
    G_L("leak conductance", "mS/cm2", 0.05, Range.NOT_NEGATIVE),
    G_NA("transient sodium conductance", "mS/cm2", 35, Range.NOT_NEGATIVE),
    G_NAP("persistent sodium conductance", "mS/cm2", 0.4, Range.NOT_NEGATIVE),
    G_KDR("delayed rectifier potassium conductance", "mS/cm2", 6, Range.NOT_NEGATIVE),
    G_A("A-type potassium conductance", "mS/cm2", 1.4, Range.NOT_NEGATIVE),
    G_M("M-type potassium conductance", "mS/cm2", 0.5, Range.NOT_NEGATIVE),
    G_CA("calcium conductance", "mS/cm2", 0.08, Range.NOT_NEGATIVE),
    G_C("C-type potassium conductance", "mS/cm2", 10, Range.NOT_NEGATIVE),
    G_AHP("afterhyperpolarisation potassium conductance", "mS/cm2", 5, Range.NOT_NEGATIVE),
    V_L("leak reversal potential", "mV", -70, Range.FINITE),
    V_NA("sodium reversal potential", "mV", 55, Range.FINITE),
    V_K("potassium reversal potential", "mV", -90, Range.FINITE),
    V_CA("calcium reversal potential", "mV", 120, Range.FINITE),
    THETA_M("half-activation of m", "mV", -30, Range.FINITE),
    SIGMA_M("width of m", "mV", 9.5, Range.NOT_ZERO),
    THETA_P("half-activation of p", "mV", -47, Range.FINITE),
    SIGMA_P("width of p", "mV", 3, Range.NOT_ZERO),
    THETA_A("half-activation of a", "mV", -50, Range.FINITE),
    SIGMA_A("width of a", "mV", 20, Range.NOT_ZERO),
    THETA_H("half-inactivation of h", "mV", -45, Range.FINITE),
    SIGMA_H("width of h", "mV", -7, Range.NOT_ZERO),
    THETA_N("half-activation of n", "mV", -35, Range.FINITE),
    SIGMA_N("width of n", "mV", 10, Range.NOT_ZERO),
    THETA_B("half-inactivation of b", "mV", -80, Range.FINITE),
    SIGMA_B("width of b", "mV", -6, Range.NOT_ZERO),
    THETA_Z("half-activation of z", "mV", -39, Range.FINITE),
    SIGMA_Z("width of z", "mV", 5, Range.NOT_ZERO),
    THETA_R("half-activation of r", "mV", -20, Range.FINITE),
    SIGMA_R("width of r", "mV", 10, Range.NOT_ZERO),
    THETA_C("half-activation of c", "mV", -30, Range.FINITE),
    SIGMA_C("width of c", "mV", 7, Range.NOT_ZERO),
    THETA_TAU_H("half of the time constant of h", "mV", -40.5, Range.FINITE),
    SIGMA_TAU_H("width of the time constant of h", "mV", -6, Range.NOT_ZERO),
    THETA_TAU_N("half of the time constant of n", "mV", -27, Range.FINITE),
    SIGMA_TAU_N("width of the time constant of n", "mV", -15, Range.NOT_ZERO),
    PHI("rate of h and n where they are fast", "1/ms", 10, Range.POSITIVE),
    KAPPA_H("ratio of the longest to the shortest time constant of h, less 1", "1", 7.5, Range.NOT_NEGATIVE),
    KAPPA_N("ratio of the longest to the shortest time constant of n, less 1", "1", 5, Range.NOT_NEGATIVE),
    TAU_B("time constant of b", "ms", 15, Range.POSITIVE),
    TAU_Z("time constant of z", "ms", 75, Range.POSITIVE),
    TAU_R("time constant of r", "ms", 1, Range.POSITIVE),
    TAU_C("time constant of c", "ms", 2, Range.POSITIVE),
    TAU_Q("time constant of q", "ms", 450, Range.POSITIVE),
    TAU_CA("time constant of calcium's removal", "ms", 13, Range.POSITIVE),
    A_C("calcium that half opens the C-type channels", "1", 6, Range.POSITIVE),
    A_Q("calcium that half activates q", "1", 2, Range.POSITIVE),
    U_CA("calcium that enters per ms and calcium current", "cm2/(uA ms)", 0.13, Range.NOT_NEGATIVE);

    private enum Range {
        POSITIVE,
        NOT_NEGATIVE,
        NOT_ZERO,
        FINITE
    }

    private final String meaning;
    private final String unit;
    private final double normal;
    private final Range range;

    Ca1Parameter(String meaning, String unit, double normal, Range range) {
        this.meaning = meaning;
        this.unit = unit;
        this.normal = normal;
        this.range = range;
    }

    /** Its meaning, as text. */
    public String meaning() {
        return meaning;
    }

    /** Its unit; "1" if it has none. */
    public String unit() {
        return unit;
    }

    /** Its value in the normal-calcium model. */
    public double normal() {
        return normal;
    }

    /** Its name in files: g_nap. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Checks a value. */
    public void require(double value) {
        switch (range) {
            case POSITIVE -> Require.positive(key(), value);
            case NOT_NEGATIVE -> Require.notNegative(key(), value);
            case FINITE -> Require.finite(key(), value);
            case NOT_ZERO ->
                Require.that(
                        Double.isFinite(value) && value != 0,
                        key() + " must be finite and not 0",
                        value,
                        "give a width in mV");
        }
    }
}
