package org.spikecast.neuron;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.Team;
import org.spikecast.neuron.internal.Ca1Neuron;
import org.spikecast.neuron.internal.Require;
import org.spikecast.ode.RungeKutta;
import org.spikecast.ode.Solver;
import org.spikecast.ode.StepControl;
import org.spikecast.ode.Tableau;
import org.spikecast.ode.internal.LevelCrossing;

/**
 * A simulation of {@link Ca1Neuron}s with their currents and initial states, from time 0 on. The result of a cell does
 * not depend on which others are simulated with it, nor on the kernel.
 *
 * @param parameters of all cells
 * @param current I of each cell, uA/cm2
 * @param initial the state of all cells, laid out as in {@link Ca1Neuron}
 * @param durationMs a whole multiple of {@code sampleMs}
 * @param sampleMs the interval at which voltages are kept
 */
public record Ca1Simulation(
        Ca1Parameters parameters, double[] current, double[] initial, double durationMs, double sampleMs) {
    /** Cells stepped at once: many enough for SIMD, few enough for the processor's caches. */
    private static final int BLOCK = 128;

    /** The bounds of {@link #random}: V, h, n, b, z, r, c, q, Ca. */
    private static final double[] LOWEST = {-75, 0.6, 0, 0.157565, 0, 0, 0, 0, 0};

    private static final double[] HIGHEST = {-50, 1, 0.0742166, 0.257565, 0.15, 0.055507, 0.052486, 3e-4, 0.4};

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if one is out of its range, or the sizes do not fit
     */
    public Ca1Simulation {
        int n = current.length;
        Require.atLeast(1, "the number of cells", n);
        Require.area("the voltages", intervals(durationMs, sampleMs) + 1L, n);
        int size = Require.area("the state", Ca1Neuron.VARIABLES, n);
        Require.that(initial.length == size, "the initial state must hold " + size, initial.length, "9 per cell");
        for (double value : initial) {
            Require.finite("the initial state", value);
        }
        for (double i : current) {
            Require.finite("current", i);
        }
        current = current.clone();
        initial = initial.clone();
    }

    private static int intervals(double durationMs, double sampleMs) {
        return Require.steps("duration", durationMs, "sample interval", sampleMs);
    }

    /** Cells under these currents, all from the published initial state. */
    public static Ca1Simulation fromRest(
            Ca1Parameters parameters, double[] current, double durationMs, double sampleMs) {
        return new Ca1Simulation(parameters, current, Ca1Neuron.initialState(current.length), durationMs, sampleMs);
    }

    /**
     * Cells with a random current and a random initial state each: trajectories first, first + 1, ... of a seed. Trajectory
     * i is the same whichever others are asked for.
     *
     * <p>All draws are uniform: I from the interval given, V from -75 .. -50, h from 0.6 .. 1, z from 0 .. 0.15, q from 0 ..
     * 3e-4 (more would silence the cell for seconds), Ca from 0 .. 0.4; n, b, r and c from 0.05 below to 0.05 above their
     * published initial values, but within 0 .. 1.
     *
     * @param lowestCurrent of the interval
     * @param highestCurrent of the interval
     * @param first the number of the first trajectory
     * @param cells how many
     */
    public static Ca1Simulation random(
            Ca1Parameters parameters,
            double lowestCurrent,
            double highestCurrent,
            long seed,
            int first,
            int cells,
            double durationMs,
            double sampleMs) {
        Require.atLeast(1, "the number of cells", cells);
        Require.finite("lowest current", lowestCurrent);
        Require.finite("highest current", highestCurrent);
        double[] current = new double[cells];
        double[] initial = new double[Require.area("the state", Ca1Neuron.VARIABLES, cells)];
        for (int cell = 0; cell < cells; cell++) {
            current[cell] = uniform(lowestCurrent, highestCurrent, RandomStream.of(seed, "current", first + cell));
            RandomStream stream = RandomStream.of(seed, "initial state", first + cell);
            for (int variable = 0; variable < Ca1Neuron.VARIABLES; variable++) {
                initial[variable * cells + cell] = uniform(LOWEST[variable], HIGHEST[variable], stream);
            }
        }
        return new Ca1Simulation(parameters, current, initial, durationMs, sampleMs);
    }

    private static double uniform(double low, double high, RandomStream stream) {
        return low + (high - low) * stream.nextDouble();
    }

    /** The same cells from another initial state. */
    public Ca1Simulation from(double[] state) {
        return new Ca1Simulation(parameters, current, state, durationMs, sampleMs);
    }

    /** The same cells for another time. */
    public Ca1Simulation lasting(double newDurationMs, double newSampleMs) {
        return new Ca1Simulation(parameters, current, initial, newDurationMs, newSampleMs);
    }

    /** The number of cells. */
    public int cells() {
        return current.length;
    }

    /**
     * Runs all cells by the classical Runge-Kutta method at a fixed step, many at once.
     *
     * @param dt the step in ms; it divides the sample interval
     * @throws IllegalArgumentException if it does not
     * @throws ArithmeticException if a value becomes NaN or infinite
     */
    public CellRecording runFixed(double dt, Kernel kernel) {
        return runFixed(dt, kernel, 1);
    }

    /**
     * The same by several threads, some cells each; their number changes no bit.
     *
     * @param threads at most; more than there are cells for rest
     */
    public CellRecording runFixed(double dt, Kernel kernel, int threads) {
        int every = stepsPerSample(dt);
        long steps = (long) intervals(durationMs, sampleMs) * every;
        Recording recording = new Recording();
        inParts(BLOCK, threads, from -> {
            int cells = Math.min(BLOCK, cells() - from);
            RungeKutta method = start(Tableau.CLASSICAL, from, cells, kernel);
            Recorder recorder = new Recorder(recording, method, from, cells);
            Solver.fixed(method, dt, steps, m -> {
                recorder.spikes(m);
                if (recorder.steps++ % every == every - 1) {
                    recorder.sample(m);
                }
            });
            recorder.end(method);
        });
        return recording.cells();
    }

    /**
     * Divides the cells into parts and does a task for each, by several threads.
     *
     * @param cells of a part; the last one may have fewer
     * @param task is given the first cell of a part
     */
    private void inParts(int cells, int threads, IntConsumer task) {
        int parts = (cells() + cells - 1) / cells;
        AtomicInteger next = new AtomicInteger();
        try (Team team = new Team(Math.min(threads, parts))) {
            team.run(team.size(), thread -> {
                for (int part = next.getAndIncrement(); part < parts; part = next.getAndIncrement()) {
                    task.accept(part * cells);
                }
            });
        }
    }

    /**
     * The number of steps of the fixed-step method in a sample interval.
     *
     * @throws IllegalArgumentException if it is not a whole number
     */
    public int stepsPerSample(double dt) {
        return Require.steps("sample interval", sampleMs, dt);
    }

    /**
     * Runs each cell by itself by the method of Dormand and Prince at steps of its own.
     *
     * @throws ArithmeticException if no step is small enough
     */
    public CellRecording runAdaptive(StepControl control, Kernel kernel) {
        return runAdaptive(control, kernel, 1);
    }

    /**
     * The same by several threads; their number changes no bit.
     *
     * @param threads at most
     */
    public CellRecording runAdaptive(StepControl control, Kernel kernel, int threads) {
        Recording recording = new Recording();
        inParts(1, threads, cell -> {
            RungeKutta method = start(Tableau.DORMAND_PRINCE, cell, 1, kernel);
            Recorder recorder = new Recorder(recording, method, cell, 1);
            Solver.adaptive(method, control, (recording.samples - 1) * sampleMs, m -> {
                recorder.spikes(m);
                recorder.samplesWithin(m);
            });
            recorder.end(method);
        });
        return recording.cells();
    }

    private RungeKutta start(Tableau tableau, int from, int cells, Kernel kernel) {
        double[] state = new double[Ca1Neuron.VARIABLES * cells];
        for (int variable = 0; variable < Ca1Neuron.VARIABLES; variable++) {
            System.arraycopy(initial, variable * cells() + from, state, variable * cells, cells);
        }
        double[] currents = Arrays.copyOfRange(current, from, from + cells);
        RungeKutta method = new RungeKutta(tableau, new Ca1Neuron(parameters, currents, kernel));
        method.start(0, state);
        return method;
    }

    /** The recording of all cells. */
    private final class Recording {
        final int samples = intervals(durationMs, sampleMs) + 1;
        final double[] voltage = new double[samples * current.length];
        final double[][] spikeTimes = new double[current.length][16];
        final double[] state = new double[initial.length];

        CellRecording cells() {
            return new CellRecording(current.clone(), sampleMs, voltage, spikeTimes, state);
        }
    }

    /** Records some cells that are simulated together. */
    private final class Recorder {
        private final Recording recording;
        private final int from;
        private final int cells;
        private final int[] spikes;
        private final LevelCrossing crossing = new LevelCrossing(CellRecording.SPIKE_LEVEL);
        private final double[] found = new double[LevelCrossing.MOST];

        /** The next sample. */
        private int row;

        private long steps;

        Recorder(Recording recording, RungeKutta method, int from, int cells) {
            this.recording = recording;
            this.from = from;
            this.cells = cells;
            spikes = new int[cells];
            sample(method);
        }

        void sample(RungeKutta method) {
            System.arraycopy(method.state(), 0, recording.voltage, row++ * current.length + from, cells);
        }

        /** All samples up to the end of the last step, from dense output. */
        void samplesWithin(RungeKutta method) {
            for (; row < recording.samples && row * sampleMs <= method.time(); row++) {
                recording.voltage[row * current.length + from] = method.value(0, row * sampleMs);
            }
        }

        void spikes(RungeKutta method) {
            for (int c = 0; c < cells; c++) {
                int count = crossing.find(method, c, found);
                for (int i = 0; i < count; i++) {
                    add(c, found[i]);
                }
            }
        }

        private void add(int c, double time) {
            double[][] times = recording.spikeTimes;
            int n = spikes[c]++;
            if (n == times[from + c].length) {
                times[from + c] = Arrays.copyOf(times[from + c], 2 * n);
            }
            times[from + c][n] = time;
        }

        void end(RungeKutta method) {
            for (int variable = 0; variable < Ca1Neuron.VARIABLES; variable++) {
                int to = variable * current.length + from;
                System.arraycopy(method.state(), variable * cells, recording.state, to, cells);
            }
            for (int c = 0; c < cells; c++) {
                recording.spikeTimes[from + c] = Arrays.copyOf(recording.spikeTimes[from + c], spikes[c]);
            }
        }
    }
}
