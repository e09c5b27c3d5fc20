package org.spikecast.voltage.internal;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.spikecast.io.internal.Decimal;
import org.spikecast.kernel.Kernel;
import org.spikecast.neuron.Ca1Parameters;
import org.spikecast.neuron.Ca1Simulation;
import org.spikecast.neuron.CellRecording;
import org.spikecast.neuron.internal.Bursts;
import org.spikecast.ode.StepControl;
import org.spikecast.run.internal.Facts;

/**
 * The parameters of a simulation of CA1 neurons. Times are in ms, currents in uA/cm2.
 *
 * @param parameters of all cells
 * @param random whether each cell has a random initial state and a random current; otherwise all start near rest
 * @param lowestCurrent of the interval of random currents, or the current
 * @param highestCurrent the same
 * @param seed of random initial states and currents
 * @param cells the number of cells
 * @param burnInMs burn-in, not recorded; 0 for none
 * @param durationMs recorded time
 * @param sampleMs the interval at which voltages are kept
 * @param dtMs the fixed step of the classical Runge-Kutta method, unless there is a control
 * @param control of the adaptive steps of Dormand and Prince's method; null for fixed steps
 */
public record Ca1Setup(
        Ca1Parameters parameters,
        boolean random,
        double lowestCurrent,
        double highestCurrent,
        long seed,
        int cells,
        double burnInMs,
        double durationMs,
        double sampleMs,
        double dtMs,
        StepControl control) {
    /** The time that is simulated with two steps to compare them. */
    private static final double COMPARED_MS = 100;

    private static final int COMPARED_CELLS = 8;

    /** No neuron's voltage is beyond this, under any current that it is given. */
    private static final double LARGEST_MV = 500;

    /** Irregular spikes shift by some tenths of a ms at steps that are short enough. */
    private static final double LARGEST_SHIFT_MS = 1;

    /**
     * Checks each value by itself; the simulation checks the rest.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public Ca1Setup {
        require(cells >= 1, "cells must be at least 1", cells, "give a larger number");
        boolean finite = Double.isFinite(lowestCurrent) && Double.isFinite(highestCurrent);
        require(finite, "current must be finite", lowestCurrent, "give a number");
        require(
                burnInMs >= 0 && Double.isFinite(burnInMs),
                "discard must be finite and at least 0",
                burnInMs,
                "give ms");
        requirePositive("duration", durationMs);
        requirePositive("sample", sampleMs);
        boolean step = control != null || dtMs > 0 && Double.isFinite(dtMs);
        require(step, "dt must be finite and above 0", dtMs, "0.01 is exact enough for most ends");
    }

    static void requirePositive(String name, double ms) {
        require(ms > 0 && Double.isFinite(ms), name + " must be finite and above 0", ms, "give ms");
    }

    static void require(boolean condition, String expected, double got, String remedy) {
        if (!condition) {
            throw new IllegalArgumentException(expected + ", got " + Decimal.shortest(got) + ": " + remedy);
        }
    }

    /**
     * Simulates; the same setup gives the same recording with any kernel and any number of threads. Time 0 is the end of the
     * burn-in.
     *
     * @param threads the most threads
     */
    public CellRecording simulate(Kernel kernel, int threads) {
        double[] current = new double[cells];
        Arrays.fill(current, lowestCurrent);
        Ca1Simulation simulation = random
                ? Ca1Simulation.random(parameters, lowestCurrent, highestCurrent, seed, 0, cells, durationMs, sampleMs)
                : Ca1Simulation.fromRest(parameters, current, durationMs, sampleMs);
        if (burnInMs > 0) {
            double[] settled =
                    run(simulation.lasting(burnInMs, burnInMs), kernel, threads).state();
            simulation = simulation.from(settled);
        }
        return run(simulation, kernel, threads);
    }

    /**
     * Compares the first {@value #COMPARED_MS} ms with the same at half the step.
     *
     * @return the difference and a remedy; null if there is none that matters, or steps are adaptive
     * @throws IllegalArgumentException if a voltage is beyond {@value #LARGEST_MV} mV
     */
    public String stepWarning(Kernel kernel) {
        if (control != null) {
            return null;
        }
        CellRecording whole = beginning(dtMs, kernel);
        CellRecording half = beginning(dtMs / 2, kernel);
        for (double mv : half.voltage()) {
            require(
                    Math.abs(mv) <= LARGEST_MV,
                    "voltage must stay within " + LARGEST_MV + " mV, as a neuron's does",
                    mv,
                    "take a smaller current or, if it is not for the current, a smaller dt");
        }
        int spikes = 0;
        int halfSpikes = 0;
        double shift = 0;
        for (int cell = 0; cell < whole.cells(); cell++) {
            double[] a = whole.spikeTimes()[cell];
            double[] b = half.spikeTimes()[cell];
            spikes += a.length;
            halfSpikes += b.length;
            for (int s = 0; s < Math.min(a.length, b.length); s++) {
                shift = Math.max(shift, Math.abs(a[s] - b[s]));
            }
        }
        return spikes == halfSpikes && shift <= LARGEST_SHIFT_MS
                ? null
                : "a step of " + Decimal.shortest(dtMs) + " ms is too long: in the first "
                        + Decimal.shortest(Math.min(COMPARED_MS, durationMs)) + " ms it gives " + spikes
                        + " spikes, half of it " + halfSpikes + ", up to " + Math.round(100 * shift) / 100.0
                        + " ms apart; take a smaller dt, or dopri5, which chooses its steps";
    }

    private CellRecording beginning(double step, Kernel kernel) {
        double ms = Math.min(durationMs, sampleMs * Math.max(1, Math.floor(COMPARED_MS / sampleMs)));
        int some = Math.min(cells, COMPARED_CELLS);
        return new Ca1Setup(parameters, random, lowestCurrent, highestCurrent, seed, some, 0, ms, sampleMs, step, null)
                .simulate(kernel, 1);
    }

    private CellRecording run(Ca1Simulation simulation, Kernel kernel, int threads) {
        return control == null
                ? simulation.runFixed(dtMs, kernel, threads)
                : simulation.runAdaptive(control, kernel, threads);
    }

    /** The entry for a manifest. */
    public Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("system", "ca1");
        json.put("seed", seed);
        json.put("cells", cells);
        json.put("random", random);
        json.put("lowest_current", lowestCurrent);
        json.put("highest_current", highestCurrent);
        json.put("discard_ms", burnInMs);
        json.put("duration_ms", durationMs);
        json.put("sample_ms", sampleMs);
        json.put("method", control == null ? "rk4" : "dopri5");
        json.put("dt_ms", control == null ? dtMs : null);
        json.put("rtol", control == null ? null : control.rtol());
        json.put("atol", control == null ? null : control.atol());
        parameters.values().forEach((parameter, value) -> json.put(parameter.key(), value));
        return json;
    }

    /**
     * Statistics of a recording, for {@code metrics.json} and tables: rate in Hz; mean interval between spikes, and
     * bursts, each averaged over the cells that have it, null if none has.
     */
    public static Map<String, Object> statistics(CellRecording recording) {
        int spikes = 0;
        double interval = 0;
        double perBurst = 0;
        double gap = 0;
        double period = 0;
        int spiking = 0;
        int pausing = 0;
        int bursting = 0;
        for (double[] times : recording.spikeTimes()) {
            spikes += times.length;
            if (times.length > 1) {
                interval += (times[times.length - 1] - times[0]) / (times.length - 1);
                spiking++;
            }
            Bursts bursts = Bursts.of(times, Bursts.LEAST_GAP_MS);
            if (!Double.isNaN(bursts.gapMs())) {
                gap += bursts.gapMs();
                pausing++;
            }
            if (bursts.count() > 0) {
                perBurst += bursts.spikesPerBurst();
                period += bursts.periodMs();
                bursting++;
            }
        }
        double seconds = (recording.samples() - 1) * recording.sampleMs() / 1000;
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("cells", recording.cells());
        json.put("spikes", spikes);
        json.put("rate_hz", Facts.orNull(spikes / (seconds * recording.cells())));
        json.put("interval_ms", Facts.orNull(interval / spiking));
        json.put("spikes_per_burst", Facts.orNull(perBurst / bursting));
        json.put("gap_ms", Facts.orNull(gap / pausing));
        json.put("period_ms", Facts.orNull(period / bursting));
        return json;
    }
}
