package org.spikecast.neuron;

import java.util.Arrays;
import org.spikecast.neuron.internal.Require;

/**
 * Spikes, each with its neuron and its time: immutable, ordered by time and, among simultaneous spikes, by neuron. The
 * trains cover the time from 0 to steps dt.
 *
 * <p>Times are those of a grid: a spike of step k, the step in which V crossed the threshold, has the time k dt. Or they
 * are exact ({@link #exact}): then a spike's step is the one of the grid that holds its time, and the grid serves for
 * counts in bins only.
 */
public final class SpikeTrains {
    private static final int LEAST_INTERVALS = 5;

    /** Rounding of a time and of a multiple of dt: half a unit each for dt, the product and the time, and a difference. */
    private static final int EDGE_ULPS = 4;

    private final int neurons;
    private final double dt;
    private final int steps;
    private final int[] spikeStep;
    private final int[] spikeNeuron;

    /** In ms; null if times follow from the steps. */
    private final double[] exactTime;

    /**
     * Spike trains on a grid from lists of equal length, ordered by step, then by neuron.
     *
     * @param neurons the number of neurons N
     * @param dt the step in ms
     * @param steps the number of steps covered
     * @param spikeStep per spike its step, 0 .. steps - 1
     * @param spikeNeuron per spike its neuron, 0 .. N - 1
     * @throws IllegalArgumentException if a value is out of its range or order
     */
    public SpikeTrains(int neurons, double dt, int steps, int[] spikeStep, int[] spikeNeuron) {
        Require.atLeast(1, "neurons", neurons);
        Require.positive("dt", dt);
        Require.atLeast(0, "steps", steps);
        int m = spikeStep.length;
        Require.that(spikeNeuron.length == m, "spikeNeuron must hold " + m, spikeNeuron.length, "one per spike");
        for (int s = 0; s < m; s++) {
            int k = spikeStep[s];
            int a = spikeNeuron[s];
            if (k < 0 || k >= steps || a < 0 || a >= neurons) {
                String expected = "spikes must be in steps below " + steps + " of neurons below " + neurons;
                throw Require.failure(expected, "step " + k + " of neuron " + a, "check the lists");
            }
            if (s > 0) {
                requireOrder(s, k - spikeStep[s - 1], a - spikeNeuron[s - 1]);
            }
        }
        this.neurons = neurons;
        this.dt = dt;
        this.steps = steps;
        this.spikeStep = spikeStep.clone();
        this.spikeNeuron = spikeNeuron.clone();
        this.exactTime = null;
    }

    private SpikeTrains(int neurons, double dt, int steps, int[] spikeStep, int[] spikeNeuron, double[] exactTime) {
        this.neurons = neurons;
        this.dt = dt;
        this.steps = steps;
        this.spikeStep = spikeStep;
        this.spikeNeuron = spikeNeuron;
        this.exactTime = exactTime;
    }

    /**
     * Spike trains with exact times from lists of equal length, ordered by time, then by neuron.
     *
     * @param neurons the number of neurons N
     * @param dt the step of the grid that bins are made of, in ms
     * @param steps the number of steps covered
     * @param spikeTime per spike its time in ms, 0 or more, below steps dt
     * @param spikeNeuron per spike its neuron, 0 .. N - 1
     * @throws IllegalArgumentException if a value is out of its range or order
     */
    public static SpikeTrains exact(int neurons, double dt, int steps, double[] spikeTime, int[] spikeNeuron) {
        Require.atLeast(1, "neurons", neurons);
        Require.positive("dt", dt);
        Require.atLeast(0, "steps", steps);
        int m = spikeTime.length;
        Require.that(spikeNeuron.length == m, "spikeNeuron must hold " + m, spikeNeuron.length, "one per spike");
        int[] spikeStep = new int[m];
        for (int s = 0; s < m; s++) {
            double t = spikeTime[s];
            int a = spikeNeuron[s];
            if (!(t >= 0 && t < steps * dt) || a < 0 || a >= neurons) {
                String expected = "spikes must be before " + steps * dt + " ms, of neurons below " + neurons;
                throw Require.failure(expected, t + " ms of neuron " + a, "check the lists");
            }
            if (s > 0) {
                requireOrder(s, t - spikeTime[s - 1], a - spikeNeuron[s - 1]);
            }
            spikeStep[s] = step(t, dt, steps);
        }
        return new SpikeTrains(neurons, dt, steps, spikeStep, spikeNeuron.clone(), spikeTime.clone());
    }

    private static void requireOrder(int spike, double later, int higher) {
        if (later < 0 || (later == 0 && higher <= 0)) {
            throw Require.failure(
                    "spikes must be in order", "spike " + spike + " out of it", "sort by time and neuron");
        }
    }

    /**
     * The step k of a grid that holds a time: k dt is at most the time, (k + 1) dt above it. A time that is a multiple of dt
     * but for rounding, as 0.3 of 0.1, is in the step that begins there.
     *
     * @param steps of the grid, which covers the time
     */
    static int step(double ms, double dt, int steps) {
        double nearest = Math.rint(ms / dt);
        boolean edge = Math.abs(nearest * dt - ms) <= EDGE_ULPS * Math.ulp(ms);
        return (int) Math.min(edge ? nearest : Math.floor(ms / dt), steps - 1.0);
    }

    /** Collects spike trains step by step. */
    public static final class Recorder {
        private final int neurons;
        private final double dt;
        private int steps;
        private int spikes;
        private int[] spikeStep = new int[1024];
        private int[] spikeNeuron = new int[1024];

        /** A recorder at step 0. */
        public Recorder(int neurons, double dt) {
            this.neurons = neurons;
            this.dt = dt;
        }

        /** Adds the next step, in which the first count neurons of spiking spiked, ascending. */
        public void add(int[] spiking, int count) {
            if (spikes + count > spikeStep.length) {
                int room = Math.max(2 * spikeStep.length, spikes + count);
                spikeStep = Arrays.copyOf(spikeStep, room);
                spikeNeuron = Arrays.copyOf(spikeNeuron, room);
            }
            Arrays.fill(spikeStep, spikes, spikes + count, steps);
            System.arraycopy(spiking, 0, spikeNeuron, spikes, count);
            spikes += count;
            steps++;
        }

        /** The spikes recorded so far. */
        public SpikeTrains finish() {
            int[] step = Arrays.copyOf(spikeStep, spikes);
            return new SpikeTrains(neurons, dt, steps, step, Arrays.copyOf(spikeNeuron, spikes));
        }
    }

    /** The number of neurons, N. */
    public int neurons() {
        return neurons;
    }

    /** The step in ms. */
    public double dt() {
        return dt;
    }

    /** The number of steps covered. */
    public int steps() {
        return steps;
    }

    /** The number of spikes of all neurons. */
    public int size() {
        return spikeStep.length;
    }

    /** Per spike its step; a copy. */
    public int[] spikeSteps() {
        return spikeStep.clone();
    }

    /** Per spike its neuron; a copy. */
    public int[] spikeNeurons() {
        return spikeNeuron.clone();
    }

    /** Per spike its time in ms, exact or step times dt; a copy. */
    public double[] spikeTimes() {
        if (exactTime != null) {
            return exactTime.clone();
        }
        double[] times = new double[spikeStep.length];
        for (int s = 0; s < times.length; s++) {
            times[s] = spikeStep[s] * dt;
        }
        return times;
    }

    /**
     * The spikes at this time or later, with the time counted from it.
     *
     * @param ms a whole number of steps, at most the time covered
     * @throws IllegalArgumentException if it is not
     */
    public SpikeTrains from(double ms) {
        int first = Require.steps("start", ms, dt);
        Require.that(first <= steps, "the start must be at most " + steps * dt + " ms", ms, "choose an earlier one");
        int s = 0;
        while (s < spikeStep.length && spikeStep[s] < first) {
            s++;
        }
        int[] later = Arrays.copyOfRange(spikeStep, s, spikeStep.length);
        for (int i = 0; i < later.length; i++) {
            later[i] -= first;
        }
        int[] neuron = Arrays.copyOfRange(spikeNeuron, s, spikeNeuron.length);
        double[] time = null;
        if (exactTime != null) {
            time = Arrays.copyOfRange(exactTime, s, exactTime.length);
            for (int i = 0; i < time.length; i++) {
                time[i] = Math.max(0, time[i] - first * dt); // an edge may be rounded to below it
            }
        }
        return new SpikeTrains(neurons, dt, steps - first, later, neuron, time);
    }

    /**
     * The number of bins that fit wholly when bin b holds the steps from b slideSteps to b slideSteps + binSteps - 1.
     */
    public int bins(int binSteps, int slideSteps) {
        Require.atLeast(1, "binSteps", binSteps);
        Require.atLeast(1, "slideSteps", slideSteps);
        return steps < binSteps ? 0 : (steps - binSteps) / slideSteps + 1;
    }

    /**
     * Spike counts per bin and neuron.
     *
     * @return {@link #bins} x N, row-major
     */
    public int[] counts(int binSteps, int slideSteps) {
        int bins = bins(binSteps, slideSteps);
        int[] counts = new int[Require.area("the counts", bins, neurons)];
        for (int s = 0; s < spikeStep.length; s++) {
            int k = spikeStep[s];
            for (int b = k / slideSteps; b >= 0 && k - b * slideSteps < binSteps; b--) {
                if (b < bins) {
                    counts[b * neurons + spikeNeuron[s]]++;
                }
            }
        }
        return counts;
    }

    /**
     * Spike counts of one bin of {@link #counts(int, int)}.
     *
     * @param row receives N counts
     */
    public void counts(int bin, int binSteps, int slideSteps, int[] row) {
        int bins = bins(binSteps, slideSteps);
        Require.that(bin >= 0 && bin < bins, "the bin must be 0 to " + (bins - 1), bin, "choose one that exists");
        Require.that(row.length == neurons, "the row must hold " + neurons, row.length, "give one number per neuron");
        Arrays.fill(row, 0);
        int first = bin * slideSteps;
        for (int s = firstSpike(first); s < spikeStep.length && spikeStep[s] < first + binSteps; s++) {
            row[spikeNeuron[s]]++;
        }
    }

    /** The number of the first spike at a step or later. */
    private int firstSpike(int step) {
        int low = 0;
        int high = spikeStep.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (spikeStep[middle] < step) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** The mean rate of each neuron, in Hz. */
    public double[] ratesHz() {
        double[] rates = new double[neurons];
        for (int neuron : spikeNeuron) {
            rates[neuron]++;
        }
        Arrays.setAll(rates, a -> 1000.0 * rates[a] / (steps * dt));
        return rates;
    }

    /** The mean rate of the neurons from .. to - 1, in Hz. */
    public double rateHz(int from, int to) {
        boolean range = from >= 0 && from < to && to <= neurons;
        Require.that(range, "expected 0 <= from < to <= " + neurons, from + " and " + to, "choose neurons that exist");
        long spikes = 0;
        for (int neuron : spikeNeuron) {
            spikes += neuron >= from && neuron < to ? 1 : 0;
        }
        return 1000.0 * spikes / ((to - from) * (steps * dt));
    }

    /**
     * The coefficient of variation of the intervals between a neuron's spikes (standard deviation, of the population
     * kind, over mean), averaged over the neurons with at least five intervals; NaN if there are none.
     */
    public double meanCv() {
        double[] last = new double[neurons];
        int[] intervals = new int[neurons];
        double[] sum = new double[neurons];
        double[] squares = new double[neurons];
        Arrays.fill(last, -1);
        for (int s = 0; s < spikeStep.length; s++) {
            int a = spikeNeuron[s];
            double time = exactTime == null ? spikeStep[s] : exactTime[s]; // their unit cancels
            if (last[a] >= 0) {
                double interval = time - last[a];
                intervals[a]++;
                sum[a] += interval;
                squares[a] += interval * interval;
            }
            last[a] = time;
        }
        double total = 0;
        int chosen = 0;
        for (int a = 0; a < neurons; a++) {
            if (intervals[a] >= LEAST_INTERVALS) {
                double mean = sum[a] / intervals[a];
                total += Math.sqrt(Math.max(0, squares[a] / intervals[a] - mean * mean)) / mean;
                chosen++;
            }
        }
        return total / chosen;
    }

    /**
     * The Fano factor of the population: variance (of the population kind) over mean of the number of spikes of all
     * neurons per bin; NaN without spikes.
     *
     * @param binMs the bin, 1 ms by convention; dt divides it
     */
    public double fano(double binMs) {
        int binSteps = binSteps(binMs);
        int bins = bins(binSteps, binSteps);
        long[] population = new long[bins];
        for (int k : spikeStep) {
            if (k / binSteps < bins) {
                population[k / binSteps]++;
            }
        }
        double sum = 0;
        double squares = 0;
        for (long count : population) {
            sum += count;
            squares += (double) count * count;
        }
        double mean = sum / bins;
        return (squares / bins - mean * mean) / mean;
    }

    /**
     * The fraction of pairs of neuron and bin with at least one spike; NaN if no bin fits.
     *
     * @param binMs the bin, 1 ms by convention; dt divides it
     */
    public double activeFraction(double binMs) {
        int binSteps = binSteps(binMs);
        int[] counts = counts(binSteps, binSteps);
        int active = 0;
        for (int count : counts) {
            active += count > 0 ? 1 : 0;
        }
        return (double) active / counts.length;
    }

    private int binSteps(double binMs) {
        Require.positive("bin", binMs);
        return Require.steps("bin", binMs, dt);
    }
}
