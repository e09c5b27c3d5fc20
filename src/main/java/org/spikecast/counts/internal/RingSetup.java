package org.spikecast.counts.internal;

import java.util.LinkedHashMap;
import java.util.Map;
import org.spikecast.io.internal.Label;
import org.spikecast.neuron.LifParameters;
import org.spikecast.neuron.LifPopulation.Scheme;
import org.spikecast.neuron.RingParameters;
import org.spikecast.neuron.RingRecording;
import org.spikecast.neuron.internal.EventDrivenRing;

/**
 * The parameters of a simulated ring data set. Times are in ms.
 *
 * @param network the ring
 * @param delayMs the time from a spike to its arrival, simulated from event to event; null for a simulation on a grid
 * @param seed of initial state and external input
 * @param burnInMs burn-in, not recorded, so that the data do not depend on the arbitrary initial state
 * @param durationMs recorded time time time
 * @param binMs width of a bin of spike counts, a multiple of {@code slideMs}
 * @param slideMs from one bin's start to the next one's, a multiple of the network's step
 */
public record RingSetup(
        RingParameters network,
        Double delayMs,
        long seed,
        double burnInMs,
        double durationMs,
        double binMs,
        double slideMs) {
    public RingSetup {
        double slides = binMs / slideMs;
        if (!(slideMs > 0) || !(slides >= 1) || Math.abs(slides - Math.rint(slides)) > 1e-9 * slides) {
            throw new IllegalArgumentException("The bin of " + binMs + " ms must be a whole multiple of the slide of "
                    + slideMs + " ms: choose slide = bin / n");
        }
    }

    /** The same with another recorded time, in ms. */
    public RingSetup withDuration(double ms) {
        return new RingSetup(network, delayMs, seed, burnInMs, ms, binMs, slideMs);
    }

    /** The same with another seed. */
    public RingSetup withSeed(long other) {
        return new RingSetup(network, delayMs, other, burnInMs, durationMs, binMs, slideMs);
    }

    /** Slides per bin: 1 for disjoint bins. */
    public int slidesPerBin() {
        return (int) Math.rint(binMs / slideMs);
    }

    /** Steps of the network from one bin's start to the next one's. */
    int slideSteps() {
        return (int) Math.rint(slideMs / network.dt());
    }

    /** Steps of the network in a bin. */
    int binSteps() {
        return slideSteps() * slidesPerBin();
    }

    /** The simulation from event to event, of a setup with a delay. */
    RingRecording simulateEvents() {
        return RingRecording.simulateEvents(network, delayMs, seed, burnInMs, durationMs, slideMs);
    }

    /** Throws unless it can be simulated and a bin fits into the time that is recorded. */
    void requireSimulation() {
        double dt = network.dt();
        int slide = RingRecording.requireTimes(network, burnInMs, durationMs, slideMs);
        if (delayMs != null) {
            new EventDrivenRing(network, delayMs, seed).spikeCount(); // its constructor checks the delay
        }
        if (Math.rint(durationMs / dt) < (double) slide * slidesPerBin()) {
            throw new IllegalArgumentException(
                    "The duration of " + durationMs + " ms is shorter than a bin of " + binMs + " ms: simulate longer");
        }
    }

    /** The entry for a manifest. */
    public Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("system", "ring");
        json.put("seed", seed);
        json.put("discard_ms", burnInMs);
        json.put("duration_ms", durationMs);
        json.put("bin_ms", binMs);
        json.put("slide_ms", slideMs);
        json.put("neurons", network.neurons());
        json.put("tau_l_ms", network.lif().tauL());
        json.put("tau_ref_ms", network.lif().tauRef());
        json.put("rate_per_ms", network.externalRate());
        json.put("kick_e", network.kickE());
        json.put("kick_i", network.kickI());
        json.put("s_ee", network.sEE());
        json.put("s_ei", network.sEI());
        json.put("s_ie", network.sIE());
        json.put("s_ii", network.sII());
        json.put("half", network.reach());
        json.put("shared_fraction", network.sharedFraction());
        json.put("dt_ms", network.dt());
        json.put("method", delayMs == null ? "clock" : "event");
        json.put("delay_ms", delayMs);
        json.put("scheme", Label.of(network.scheme()));
        if (network.tauS() > 0) {
            json.put("tau_s_ms", network.tauS());
        }
        return json;
    }

    /** Reads the entry of a manifest. */
    static RingSetup fromJson(Map<?, ?> json) {
        RingParameters network = new RingParameters(
                (int) number(json, "neurons"),
                new LifParameters(number(json, "tau_l_ms"), number(json, "tau_ref_ms")),
                number(json, "rate_per_ms"),
                number(json, "kick_e"),
                number(json, "kick_i"),
                number(json, "s_ee"),
                number(json, "s_ei"),
                number(json, "s_ie"),
                number(json, "s_ii"),
                (int) number(json, "half"),
                number(json, "shared_fraction"),
                number(json, "dt_ms"),
                scheme(String.valueOf(json.get("scheme"))),
                json.containsKey("tau_s_ms") ? number(json, "tau_s_ms") : 0);
        if (!(json.get("seed") instanceof Long seed)) {
            throw new IllegalArgumentException("'seed': expected a whole number, got " + json.get("seed"));
        }
        return new RingSetup(
                network,
                delay(json),
                seed,
                number(json, "discard_ms"),
                number(json, "duration_ms"),
                number(json, "bin_ms"),
                number(json, "slide_ms"));
    }

    /** Folders of earlier versions do not name the method, which was clock. */
    private static Double delay(Map<?, ?> json) {
        Object method = json.get("method");
        if (method != null && !method.equals("clock") && !method.equals("event")) {
            throw new IllegalArgumentException("'method': expected clock or event, got '" + method + "'");
        }
        return "event".equals(method) ? number(json, "delay_ms") : null;
    }

    private static Scheme scheme(String name) {
        for (Scheme scheme : Scheme.values()) {
            if (Label.of(scheme).equals(name)) {
                return scheme;
            }
        }
        throw new IllegalArgumentException("'scheme': expected euler or exact, got '" + name + "'");
    }

    private static double number(Map<?, ?> json, String key) {
        if (json.get(key) instanceof Number number) {
            return number.doubleValue();
        }
        throw new IllegalArgumentException("'" + key + "': expected a number, got " + json.get(key));
    }
}
