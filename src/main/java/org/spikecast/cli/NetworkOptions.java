package org.spikecast.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.spikecast.counts.RingStudy;
import org.spikecast.counts.internal.RingSetup;
import org.spikecast.io.internal.Decimal;
import org.spikecast.io.internal.Label;
import org.spikecast.neuron.LifParameters;
import org.spikecast.neuron.LifPopulation.Scheme;
import org.spikecast.neuron.RingParameters;

/** The options that define a simulated ring. */
final class NetworkOptions {
    private static final List<String> PRESETS = List.of("irregular", "shared-input", "bursts");
    private static final double SHARED_FRACTION = 0.2;
    private static final double USUAL_DELAY_MS = 0.05;

    private final Command command;
    private final Option<String> preset;
    private final Option<Integer> neurons;
    private final Option<Integer> reach;
    private final Option<Double> rate;
    private final Option<Double> kickE;
    private final Option<Double> kickI;
    private final Option<Double> sEE;
    private final Option<Double> sEI;
    private final Option<Double> sIE;
    private final Option<Double> sII;
    private final Option<Double> sharedFraction;
    private final Option<Double> tauL;
    private final Option<Double> tauRef;
    private final Option<Double> tauS;
    private final Option<Double> dt;
    private final Option<String> scheme;
    private final Option<String> method;
    private final Option<Double> delay;
    private final Option<Double> duration;
    private final Option<Double> burnIn;
    private final Option<Double> bin;
    private final Option<Double> slide;

    /**
     * The options.
     *
     * @param usual the setup whose defaults the help text names
     */
    NetworkOptions(Command command, RingSetup usual) {
        this.command = command;
        command.section(Section.NETWORK);
        preset = command.option(
                        "--preset",
                        String.class,
                        "NAME",
                        PRESETS.get(0),
                        "Network that gives the defaults of this section: irregular, shared-input or bursts.")
                .choices(PRESETS);
        neurons = number(Integer.class, "--neurons", "Number of neurons, half of them excitatory.")
                .byDefault("the experiment's, or " + usual.network().neurons());
        reach = number(Integer.class, "--reach", "Reach of the coupling, in positions on the ring.")
                .formerly("--half")
                .byDefault(RingStudy.reach(60) + " of 60 neurons, " + RingStudy.reach(600) + " of 600");
        rate = number("--rate", "External events (kicks) per ms and neuron.", RingParameters::externalRate);
        kickE = number(
                "--kick-e",
                "Voltage that a kick adds to an excitatory neuron; the threshold is 1.",
                RingParameters::kickE);
        kickI = number(
                "--kick-i",
                "Voltage that a kick adds to an inhibitory neuron; the threshold is 1.",
                RingParameters::kickI);
        String weight = "Weight from %s to %s. The default is for 600 neurons; a smaller reach has a larger default.";
        sEE = number("--s-ee", weight.formatted("E", "E"), RingParameters::sEE);
        sEI = number("--s-ei", weight.formatted("I", "E"), RingParameters::sEI);
        sIE = number("--s-ie", weight.formatted("E", "I"), RingParameters::sIE);
        sII = number("--s-ii", weight.formatted("I", "I"), RingParameters::sII);
        sharedFraction = number(
                "--shared-fraction",
                "Fraction of the external input that is common to all neurons.",
                RingParameters::sharedFraction);
        command.section(Section.NEURON);
        tauL = number("--tau-l", "Leak time constant, ms.", p -> p.lif().tauL());
        tauRef = number("--tau-ref", "Refractory time, ms.", p -> p.lif().tauRef());
        tauS = number(
                "--tau-s",
                "Time constant of exponential synaptic currents, ms; 0: a spike's weight acts at once. Method clock only.",
                RingParameters::tauS);
        command.section(Section.EXPERIMENT);
        method = command.option(
                        "--method",
                        String.class,
                        "NAME",
                        "clock",
                        "How to simulate. clock: step by step; a spike arrives one step later. event: from event to event, at exact times.")
                .choices("clock", "event");
        dt = number(
                "--dt", "Step of method clock, ms; bins are multiples of it with either method.", RingParameters::dt);
        scheme = command.option("--scheme", String.class, "NAME", null, "Stepper of method clock: euler or exact.")
                .choices(Scheme.values())
                .byDefault(Label.of(usual.network().scheme()));
        delay = number(Double.class, "--delay", "Delay from a spike to its arrival, ms. Method event only.")
                .byDefault(USUAL_DELAY_MS);
        duration = number(Double.class, "--duration", "Recorded time, ms.").byDefault(usual.durationMs());
        burnIn = number(Double.class, "--burn-in", "Transient that is simulated and not recorded, ms.")
                .formerly("--discard")
                .byDefault(usual.burnInMs());
        bin = number(Double.class, "--bin", "Width of a bin of spike counts, ms.")
                .byDefault(usual.binMs());
        slide = number(Double.class, "--slide", "Distance between the starts of successive bins, ms.")
                .byDefault("the width of a bin");
    }

    private <T> Option<T> number(Class<T> type, String name, String description) {
        return command.option(name, type, type == Integer.class ? "N" : "X", null, description);
    }

    /** A parameter with a value per preset. */
    private Option<Double> number(String name, String description, ToDoubleFunction<RingParameters> value) {
        Map<String, String> values = new LinkedHashMap<>();
        for (int p = 0; p < PRESETS.size(); p++) {
            values.put(PRESETS.get(p), Decimal.shortest(value.applyAsDouble(preset(p))));
        }
        return number(Double.class, name, description).byDefault(Command.each(values));
    }

    private static RingParameters preset(int number) {
        return switch (number) {
            case 0 -> RingParameters.irregular();
            case 1 -> RingParameters.sharedInput(SHARED_FRACTION);
            default -> RingParameters.bursts();
        };
    }

    /** The setup by the options, with these defaults. */
    RingSetup setup(RingSetup defaults) {
        RingParameters base = preset(preset.choice());
        boolean event = method.choice() == 1;
        if (event && scheme.get() != null) {
            throw new IllegalArgumentException("--scheme is for --method clock: event is exact; leave it out");
        }
        if (!event && delay.get() != null) {
            throw new IllegalArgumentException(
                    "--delay is for --method event: step by step, a spike arrives after one --dt");
        }
        if (event && tauS.or(0.0) > 0) {
            throw new IllegalArgumentException(
                    "--tau-s is for --method clock: from event to event, a spike acts at once");
        }
        int n = neurons.or(defaults.network().neurons());
        int positions = reach.or(RingStudy.reach(n));
        RingParameters p = base.scaledTo(n, positions);
        RingParameters network = new RingParameters(
                n,
                new LifParameters(tauL.or(p.lif().tauL()), tauRef.or(p.lif().tauRef())),
                rate.or(p.externalRate()),
                kickE.or(p.kickE()),
                kickI.or(p.kickI()),
                sEE.or(p.sEE()),
                sEI.or(p.sEI()),
                sIE.or(p.sIE()),
                sII.or(p.sII()),
                positions,
                sharedFraction.or(p.sharedFraction()),
                dt.or(p.dt()),
                event || (scheme.get() != null && scheme.choice() == 1) ? Scheme.EXACT : Scheme.EULER,
                tauS.or(p.tauS()));
        double width = bin.or(defaults.binMs());
        return new RingSetup(
                network,
                event ? delay.or(USUAL_DELAY_MS) : null,
                defaults.seed(),
                burnIn.or(defaults.burnInMs()),
                duration.or(defaults.durationMs()),
                width,
                slide.or(width));
    }
}
