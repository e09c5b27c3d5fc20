package org.spikecast.neuron;

import java.util.EnumMap;
import java.util.Map;
import org.spikecast.neuron.internal.Ca1Parameter;

/** A value for every {@link Ca1Parameter}: immutable. */
public final class Ca1Parameters {
    private static final Ca1Parameters NORMAL = new Ca1Parameters(new EnumMap<>(Ca1Parameter.class));

    private static final Ca1Parameters ZERO_CALCIUM =
            NORMAL.with(Ca1Parameter.G_CA, 0).with(Ca1Parameter.G_C, 0).with(Ca1Parameter.G_AHP, 0);

    /** Those that differ from the normal-calcium model. */
    private final EnumMap<Ca1Parameter, Double> changed;

    private Ca1Parameters(EnumMap<Ca1Parameter, Double> changed) {
        this.changed = changed;
    }

    /** The normal-calcium model, in which the current alone decides between the regimes. */
    public static Ca1Parameters normal() {
        return NORMAL;
    }

    /**
     * The zero-calcium model: neither a calcium current nor the potassium currents that it drives. V, h, n, b and z are
     * then a system of their own; r, c, q and Ca go their way without effect.
     */
    public static Ca1Parameters zeroCalcium() {
        return ZERO_CALCIUM;
    }

    /** A parameter's value, in its unit. */
    public double get(Ca1Parameter parameter) {
        return changed.getOrDefault(parameter, parameter.normal());
    }

    /**
     * The same with another value of one parameter.
     *
     * @throws IllegalArgumentException if the value is out of the parameter's range
     */
    public Ca1Parameters with(Ca1Parameter parameter, double value) {
        parameter.require(value);
        EnumMap<Ca1Parameter, Double> copy = changed.clone();
        if (value == parameter.normal()) {
            copy.remove(parameter);
        } else {
            copy.put(parameter, value);
        }
        return new Ca1Parameters(copy);
    }

    /** All values, in the order of the parameters. */
    public Map<Ca1Parameter, Double> values() {
        EnumMap<Ca1Parameter, Double> values = new EnumMap<>(Ca1Parameter.class);
        for (Ca1Parameter parameter : Ca1Parameter.values()) {
            values.put(parameter, get(parameter));
        }
        return values;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Ca1Parameters p && changed.equals(p.changed);
    }

    @Override
    public int hashCode() {
        return changed.hashCode();
    }

    @Override
    public String toString() {
        return "normal calcium" + (changed.isEmpty() ? "" : " but for " + changed);
    }
}
