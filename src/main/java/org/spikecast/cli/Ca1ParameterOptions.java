package org.spikecast.cli;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.spikecast.neuron.Ca1Parameters;
import org.spikecast.neuron.internal.Ca1Parameter;

/** The options that define a CA1 neuron. */
final class Ca1ParameterOptions {
    private final Option<Boolean> zeroCalcium;
    private final Map<Ca1Parameter, Option<Double>> parameters = new EnumMap<>(Ca1Parameter.class);

    Ca1ParameterOptions(Command command) {
        command.section(Section.NEURON);
        zeroCalcium = command.flag("--zero-calcium", "The zero-calcium model: g-ca, g-c and g-ahp are 0 unless given.");
        command.special();
        for (Ca1Parameter parameter : Ca1Parameter.values()) {
            String meaning = parameter.meaning().substring(0, 1).toUpperCase(Locale.ROOT)
                    + parameter.meaning().substring(1) + (parameter.unit().equals("1") ? "" : ", " + parameter.unit())
                    + ".";
            String name = "--" + parameter.key().replace('_', '-');
            parameters.put(
                    parameter,
                    command.option(name, Double.class, "X", null, meaning).byDefault(parameter.normal()));
        }
    }

    Ca1Parameters parameters() {
        Ca1Parameters chosen = zeroCalcium.get() ? Ca1Parameters.zeroCalcium() : Ca1Parameters.normal();
        for (Map.Entry<Ca1Parameter, Option<Double>> parameter : parameters.entrySet()) {
            chosen = chosen.with(parameter.getKey(), parameter.getValue().or(chosen.get(parameter.getKey())));
        }
        return chosen;
    }
}
