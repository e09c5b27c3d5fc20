package org.spikecast.vectors.internal;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.spikecast.neuron.Drive;
import org.spikecast.neuron.LifParameters;
import org.spikecast.neuron.LifPopulation;
import org.spikecast.neuron.LifPopulation.Scheme;
import org.spikecast.neuron.LifSimulation;
import org.spikecast.neuron.RingParameters;
import org.spikecast.neuron.internal.ConstantCurrent;
import org.spikecast.neuron.internal.DelayedNetwork;
import org.spikecast.neuron.internal.EventDrivenRing;
import org.spikecast.neuron.internal.ExternalEvents;
import org.spikecast.neuron.internal.Synapse;
import org.spikecast.vectors.internal.Vectors.Tally;

/** Stored closed forms of integrate-and-fire neurons. Every value is compared relative to itself. */
final class LifVectors {
    private LifVectors() {}

    static void replay(VectorCase c, Path folder, Tally tally) {
        switch (c.text("type")) {
            case "f-i" -> {
                LifParameters lif = lif(c, c.number("tau_ref"));
                values(c, tally, "currents", "rates", current -> new ConstantCurrent(lif, current).rate());
            }
            case "first-spike" -> values(c, tally, "v0", "time", flow(c)::timeToThreshold);
            case "subthreshold" -> {
                double v0 = c.number("v0");
                values(c, tally, "times", "voltages", t -> flow(c).voltage(v0, t));
            }
            case "exponential-synapse" -> synapse(c, tally, new Synapse.Exponential(c.number("tau_s")));
            case "alpha-synapse" -> synapse(c, tally, new Synapse.Alpha(c.number("tau_s")));
            case "delayed-ring" -> delayedRing(c, tally);
            case "event-ring" -> eventRing(c, tally);
            case "grid" -> grid(c, tally);
            default -> throw new IllegalArgumentException("there is no type '" + c.text("type") + "'");
        }
    }

    private static LifParameters lif(VectorCase c, double tauRef) {
        return new LifParameters(c.number("tau_l"), tauRef);
    }

    private static ConstantCurrent flow(VectorCase c) {
        return new ConstantCurrent(lif(c, 0), c.number("current"));
    }

    private static void synapse(VectorCase c, Tally tally, Synapse synapse) {
        values(c, tally, "times", "voltages", t -> synapse.potential(t, c.number("weight"), c.number("tau_l")));
    }

    private static void values(
            VectorCase c, Tally tally, String arguments, String results, DoubleUnaryOperator function) {
        double[] actual = Arrays.stream(c.array(arguments)).map(function).toArray();
        compare(Bound.LIF, c, tally, results, actual);
    }

    private static void compare(Bound bound, VectorCase c, Tally tally, String results, double[] actual) {
        double[] expected = c.array(results);
        if (actual.length != expected.length) {
            tally.failure(bound, c.text("id"), "expected " + expected.length + " values, got " + actual.length);
            return;
        }
        for (int j = 0; j < expected.length; j++) {
            double error = Math.abs(actual[j] - expected[j]);
            tally.error(bound, c.text("id"), expected[j] == 0 ? error : error / Math.abs(expected[j]));
        }
    }

    private static void delayedRing(VectorCase c, Tally tally) {
        List<DelayedNetwork.Connection> connections = c.list("connections").stream()
                .map(k -> new DelayedNetwork.Connection(
                        k.integer("target"), k.integer("source"), k.number("weight"), k.number("delay")))
                .toList();
        DelayedNetwork.Spikes spikes = new DelayedNetwork(lif(c, c.number("tau_ref")), c.array("currents"), connections)
                .run(c.array("v0"), c.number("duration"));
        if (!Arrays.equals(c.indices("spike_neuron"), spikes.neurons())) {
            tally.failure(Bound.LIF_DELAYED_RING, c.text("id"), "other neurons spike, or in another order");
        } else {
            compare(Bound.LIF_DELAYED_RING, c, tally, "spike_time", spikes.times());
        }
    }

    private static void eventRing(VectorCase c, Tally tally) {
        double tauRef = c.number("tau_ref");
        double[] kick = c.array("kick");
        double[] weight = c.array("weight");
        double[] v0 = c.array("v0");
        double dt = tauRef == 0 ? 1 : tauRef; // must divide tau_ref, but has no influence from event to event
        RingParameters parameters = new RingParameters(
                v0.length,
                lif(c, tauRef),
                0,
                kick[0],
                kick[1],
                weight[0],
                weight[1],
                weight[2],
                weight[3],
                c.integer("half"),
                0,
                dt,
                Scheme.EXACT);
        ExternalEvents events = ExternalEvents.given(parameters, c.array("event_time"), c.indices("event_neuron"));
        EventDrivenRing ring = new EventDrivenRing(parameters, c.number("delay"), v0, events);
        ring.runTo(c.number("duration"));
        double[] times = new double[ring.spikeCount()];
        int[] neurons = new int[times.length];
        Arrays.setAll(times, ring::spikeTime);
        Arrays.setAll(neurons, ring::spikeNeuron);
        if (!Arrays.equals(c.indices("spike_neuron"), neurons)) {
            tally.failure(Bound.LIF_EVENT_RING, c.text("id"), "other neurons spike, or in another order");
        } else {
            compare(Bound.LIF_EVENT_RING, c, tally, "spike_time", times);
        }
        double[] voltage = c.array("final_voltage");
        for (int a = 0; a < voltage.length; a++) {
            double error = Math.abs(ring.voltage(a) - voltage[a]);
            tally.error(Bound.LIF_EVENT_RING_VOLTAGE, c.text("id"), error);
        }
    }

    private static void grid(VectorCase c, Tally tally) {
        LifPopulation population = new LifPopulation(lif(c, c.number("tau_ref")), 1, c.number("dt"), Scheme.EXACT);
        Drive drive = Drive.constant(c.number("current"), population);
        LifSimulation run = LifSimulation.run(population, drive, c.integer("steps") * population.dt());
        if (!Arrays.equals(c.indices("spike_steps"), run.spikes().spikeSteps())) {
            tally.failure(Bound.LIF_GRID, c.text("id"), "spikes in other steps");
        }
        double[] voltages = Arrays.stream(c.indices("grid_points"))
                .mapToDouble(k -> run.voltage()[k])
                .toArray();
        compare(Bound.LIF_GRID, c, tally, "voltages", voltages);
    }
}
