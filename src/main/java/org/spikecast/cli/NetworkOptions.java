package org.spikecast.cli;

import org.spikecast.counts.RingStudy;
import org.spikecast.counts.internal.RingSetup;
import org.spikecast.neuron.LifParameters;
import org.spikecast.neuron.LifPopulation.Scheme;
import org.spikecast.neuron.RingParameters;

/** The options that define a simulated ring. */
final class NetworkOptions {
    private final Command command;
    private final Option<String> preset;
    private final Option<Integer> neurons;
    private final Option<Integer> half;
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
    private final Option<Double> dt;
    private final Option<String> scheme;
    private final Option<String> method;
    private final Option<Double> delay;
    private final Option<Double> duration;
    private final Option<Double> discard;
    private final Option<Double> bin;
    private final Option<Double> slide;

    NetworkOptions(Command command) {
        this.command = command;
        preset = command.option(
                "--preset",
                String.class,
                "NAME",
                "irregular",
                "Network whose parameters hold unless others are given: irregular, shared-input or bursts.");
        neurons = command.option(
                "--neurons",
                Integer.class,
                "N",
                null,
                "Neurons, half of them excitatory. Default: the experiment's, or 60.");
        half = number(Integer.class, "--half", "Reach of the coupling, in positions. Default: N/20, at most 15.");
        rate = number(Double.class, "--rate", "External kicks per ms and neuron.");
        kickE = number(Double.class, "--kick-e", "Voltage that an external kick adds to an excitatory neuron.");
        kickI = number(Double.class, "--kick-i", "The same for an inhibitory neuron.");
        sEE = number(Double.class, "--s-ee", "Weight from E to E. Weights of a preset grow as the reach shrinks.");
        sEI = number(Double.class, "--s-ei", "Weight from I to E.");
        sIE = number(Double.class, "--s-ie", "Weight from E to I.");
        sII = number(Double.class, "--s-ii", "Weight from I to I.");
        sharedFraction = number(Double.class, "--shared-fraction", "Part of the external input that is common to all.");
        tauL = number(Double.class, "--tau-l", "Leak time constant, ms.");
        tauRef = number(Double.class, "--tau-ref", "Refractory time, ms.");
        method = command.option(
                "--method",
                String.class,
                "NAME",
                "clock",
                "clock: step by step; a spike arrives a step later. event: from event to event, at exact times.");
        dt = number(Double.class, "--dt", "Step of method clock, ms; of either, bins are made of it.");
        scheme = command.option(
                "--scheme", String.class, "NAME", null, "Stepper of method clock: euler or exact. Default: euler.");
        delay = number(Double.class, "--delay", "Method event: from a spike to its arrival, ms. Default: 0.05.");
        duration = number(Double.class, "--duration", "Recorded time, ms. Default: 3000.");
        discard = number(Double.class, "--discard", "Time to simulate before recording, ms. Default: 200.");
        bin = number(Double.class, "--bin", "Width of a bin of spike counts, ms. Default: 1.");
        slide = number(
                Double.class, "--slide", "From one bin's start to the next one's, ms. Default: the bin's width.");
    }

    private <T> Option<T> number(Class<T> type, String name, String description) {
        return command.option(name, type, type == Integer.class ? "N" : "X", null, description);
    }

    /** The setup that the options ask for, with these defaults. */
    RingSetup setup(RingSetup defaults) {
        RingParameters base = switch (preset.choice("irregular", "shared-input", "bursts")) {
            case 0 -> RingParameters.irregular();
            case 1 -> RingParameters.sharedInput(sharedFraction.or(0.2));
            default -> RingParameters.bursts();
        };
        boolean event = method.choice("clock", "event") == 1;
        if (event && scheme.get() != null) {
            throw new IllegalArgumentException("--scheme is for --method clock: event is exact; leave it out");
        }
        if (!event && delay.get() != null) {
            throw new IllegalArgumentException(
                    "--delay is for --method event: step by step, a spike arrives after one --dt");
        }
        int n = neurons.or(defaults.network().neurons());
        int reach = half.or(RingStudy.reach(n));
        RingParameters p = base.scaledTo(n, reach);
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
                reach,
                sharedFraction.or(p.sharedFraction()),
                dt.or(p.dt()),
                event || (scheme.get() != null && scheme.choice("euler", "exact") == 1) ? Scheme.EXACT : Scheme.EULER);
        double width = bin.or(defaults.binMs());
        return new RingSetup(
                network,
                event ? delay.or(0.05) : null,
                defaults.seed(),
                discard.or(defaults.discardMs()),
                duration.or(defaults.durationMs()),
                width,
                slide.or(width));
    }
}
