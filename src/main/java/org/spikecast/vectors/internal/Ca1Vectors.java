package org.spikecast.vectors.internal;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.neuron.Ca1Parameters;
import org.spikecast.neuron.Ca1Simulation;
import org.spikecast.neuron.CellRecording;
import org.spikecast.neuron.internal.Bursts;
import org.spikecast.neuron.internal.Ca1Neuron;
import org.spikecast.neuron.internal.Ca1Parameter;
import org.spikecast.ode.StepControl;
import org.spikecast.vectors.internal.Vectors.Tally;

/** Stored derivatives and trajectories of the CA1 neuron. */
final class Ca1Vectors {
    private static final StepControl CONTROL = new StepControl(1e-8, 1e-10);
    private static final Kernel KERNEL = new ScalarKernel();

    /** A spike that is nearer to a stored one than this, in ms, is that spike; intervals are longer. */
    private static final double SAME_SPIKE = 0.5;

    private Ca1Vectors() {}

    static void replay(VectorCase c, Path folder, Tally tally) {
        switch (c.text("type")) {
            case "derivative" -> derivative(c, tally);
            case "trajectory" -> trajectory(c, tally);
            case "settled" -> settled(c, tally);
            default -> throw new IllegalArgumentException("there is no type '" + c.text("type") + "'");
        }
    }

    private static Ca1Parameters parameters(VectorCase c) {
        Ca1Parameters parameters = Ca1Parameters.normal();
        VectorCase changed = c.object("parameters");
        for (Object name : changed.json().keySet()) {
            Ca1Parameter parameter = Ca1Parameter.valueOf(((String) name).toUpperCase(Locale.ROOT));
            parameters = parameters.with(parameter, changed.number((String) name));
        }
        return parameters;
    }

    private static void derivative(VectorCase c, Tally tally) {
        double[] actual = new double[Ca1Neuron.VARIABLES];
        new Ca1Neuron(parameters(c), new double[] {c.number("current")}, KERNEL)
                .derivative(0, c.array("state"), actual);
        double[] expected = c.array("derivative");
        double[] scale = c.array("scale");
        for (int i = 0; i < expected.length; i++) {
            tally.error(Bound.CA1_DERIVATIVE, c.text("id"), Math.abs(actual[i] - expected[i]) / scale[i]);
        }
    }

    private static Ca1Simulation fromRest(VectorCase c, Ca1Parameters parameters, double durationMs) {
        return Ca1Simulation.fromRest(parameters, new double[] {c.number("current")}, durationMs, durationMs);
    }

    private static void trajectory(VectorCase c, Tally tally) {
        String id = c.text("id");
        Ca1Parameters parameters = parameters(c);
        Ca1Simulation simulation = fromRest(c, parameters, c.number("duration"));
        double[] adaptive = simulation.runAdaptive(CONTROL, KERNEL).spikeTimes()[0];
        double[] fixed = simulation.runFixed(c.number("rk4_dt"), KERNEL).spikeTimes()[0];
        double[] stored = c.array("spike_time");
        double[] met = Arrays.copyOf(stored, c.integer("adaptive_spikes"));
        spikes(Bound.CA1_SPIKES, id, adaptive, met, 1, tally);
        spikes(Bound.CA1_RK4_SPIKES, id, fixed, stored, c.number("rk4_error"), tally);
        if (c.flag("complete")) {
            onlyThose(Bound.CA1_SPIKES, id, adaptive, stored, c.array("left_out"), tally);
            onlyThose(Bound.CA1_RK4_SPIKES, id, fixed, stored, c.array("left_out"), tally);
        }
        double[] times = c.array("times");
        double[] states = c.array("states");
        for (int i = 0; i < times.length; i++) {
            CellRecording until = fromRest(c, parameters, times[i]).runAdaptive(CONTROL, KERNEL);
            for (int variable = 0; variable < Ca1Neuron.VARIABLES; variable++) {
                double expected = states[i * Ca1Neuron.VARIABLES + variable];
                double error = Math.abs(until.state()[variable] - expected) / Math.abs(expected);
                tally.error(Bound.CA1_STATES, id, error);
            }
        }
    }

    private static double distance(double time, double[] times) {
        return Arrays.stream(times).map(t -> Math.abs(t - time)).min().orElse(Double.POSITIVE_INFINITY);
    }

    private static void spikes(Bound bound, String id, double[] actual, double[] expected, double unit, Tally tally) {
        for (double time : expected) {
            tally.error(bound, id, distance(time, actual) / unit);
        }
    }

    private static void onlyThose(
            Bound bound, String id, double[] actual, double[] expected, double[] leftOut, Tally tally) {
        for (double time : actual) {
            if (distance(time, expected) > SAME_SPIKE && distance(time, leftOut) > SAME_SPIKE) {
                tally.failure(bound, id, "a spike at " + time + " ms that is not stored");
            }
        }
    }

    private static void settled(VectorCase c, Tally tally) {
        String id = c.text("id");
        double discard = c.number("discard");
        double[] times = fromRest(c, Ca1Parameters.normal(), c.number("duration"))
                .runAdaptive(CONTROL, KERNEL)
                .spikeTimes()[0];
        double[] late = Arrays.stream(times).filter(t -> t > discard).toArray();
        relative(id, c, "interval", (late[late.length - 1] - late[0]) / (late.length - 1), tally);
        if (c.has("gap")) {
            Bursts bursts = Bursts.of(late, c.number("least_gap"));
            relative(id, c, "spikes_per_burst", bursts.spikesPerBurst(), tally);
            relative(id, c, "gap", bursts.gapMs(), tally);
            relative(id, c, "period", bursts.periodMs(), tally);
        }
    }

    private static void relative(String id, VectorCase c, String key, double actual, Tally tally) {
        tally.error(Bound.CA1_SETTLED, id, Math.abs(actual - c.number(key)) / c.number(key));
    }
}
