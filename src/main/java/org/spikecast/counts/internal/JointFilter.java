package org.spikecast.counts.internal;

import java.util.Arrays;
import java.util.function.IntConsumer;
import org.spikecast.counts.Series;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.Elementary;
import org.spikecast.neuron.RingParameters;
import org.spikecast.neuron.internal.RingCoupling;
import org.spikecast.neuron.internal.RingNetwork;

/**
 * The ceiling of forecasters that read counts: the forecast of bin n from the spike counts and external counts of the
 * bins up to n - 1 if the network and its parameters are known. The {@link Oracle} also knows the state; here it is
 * inferred, by a particle filter.
 *
 * <p>A particle m is a state of the whole network: per neuron its voltage, the steps for which it stays refractory, and
 * whether a spike of it is under way. In each bin
 *
 * <ol>
 *   <li>the forecast: every particle runs on with fresh input, all neurons together; the mean of their counts is the
 *       forecast, whose sampling error is treated as the oracle's;
 *   <li>the update: every particle runs through the bin again, with the external events that were counted, at times
 *       drawn uniformly within the bin, and the spikes that were counted. Neurons that spiked run first, together,
 *       which gives the times of their spikes; a particle without them copies them from one that has them. Then every
 *       neuron runs with these spikes as input. Times are redrawn where the number of spikes of a target is not the
 *       count, mostly from particles in which all numbers are: this is how the filter finds a spike late in the bin,
 *       still under way at its end;
 *   <li>resampling, neuron by neuron: a neuron whose number of spikes in a particle is not the count copies its
 *       state from a particle, drawn at random, in which it is.
 * </ol>
 *
 * <p>Resampling neuron by neuron makes a particle's neurons more independent of one another than they are, given the
 * counts. The loss is negligible in weakly coupled networks and larger in strong bursts, so the score is a lower bound
 * of the ceiling.
 *
 * <p>Sources: N. Gordon, D. Salmond, A. Smith, IEE Proc. F 140:107-113 (1993), for the filter; P. Rebeschini, R. van Handel,
 * Ann. Appl. Probab. 25:2809-2866 (2015), for resampling by blocks.
 */
final class JointFilter {
    /** Burn-in: bins before the test part, from initial voltages uniform in (0, 1). */
    private static final int BURN_IN_BINS = 200;

    /** The voltage of a silent neuron that spiked in every particle. */
    private static final double NEAR_THRESHOLD = 0.95;

    /** The number of times that spike times, which depend on one another, are redrawn. */
    private static final int REVISIONS = 2;

    /** The weight of a neuron whose number of spikes is not the count, where spike times are redrawn. */
    private static final double WRONG = 0.02;

    private final RingParameters parameters;
    private final int n;
    private final int particles;
    private final int steps;
    private final int refractorySteps;
    private final double leak;
    private final RandomStream random;

    /** Simulates a particle. */
    private final RingNetwork network;

    /** Per neuron its targets, and the weights of the connections to them. */
    private final int[][] target;

    private final double[][] weight;
    private final double[] kick;

    // States at index m N + a, at the beginning of the current bin and at its end.
    private double[] voltage;
    private int[] held;
    private boolean[] underWay;
    private double[] nextVoltage;
    private int[] nextHeld;
    private boolean[] nextUnderWay;

    /** Whether a neuron's number of spikes is the count. */
    private final boolean[] right;

    private final int[] donor;
    private final double[] decay; // of the voltage without input, over any number of steps

    /** Per neuron that spiked in the bin, its times: particle m, spike i at m count + i, in steps of the bin. */
    private final int[][] spikeStep;

    /** Input of the neurons of one particle: a (steps + 1) + k; the last step is the first of the next bin. */
    private final double[] input;

    /** Whether a neuron has any input. */
    private final boolean[] hasInput;

    private final int[] common; // events of the common external train per step

    private JointFilter(RingParameters parameters, int steps, int particles, long seed, String stream) {
        this.parameters = parameters;
        this.steps = steps;
        this.particles = particles;
        n = parameters.neurons();
        refractorySteps = (int) Math.rint(parameters.lif().tauRef() / parameters.dt());
        leak = parameters.scheme().leak(parameters.dt() / parameters.lif().tauL());
        random = RandomStream.of(seed, "particle filter");
        network = new RingNetwork(parameters, seed);
        network.useStream(RandomStream.of(seed, stream));
        RingCoupling coupling = network.coupling();
        target = new int[n][];
        weight = new double[n][];
        kick = new double[n];
        for (int b = 0; b < n; b++) {
            int[] list = new int[n];
            int size = 0;
            for (int a = 0; a < n; a++) {
                if (coupling.isConnected(a, b)) {
                    list[size++] = a;
                }
            }
            target[b] = Arrays.copyOf(list, size);
            weight[b] = new double[size];
            for (int i = 0; i < size; i++) {
                weight[b][i] = coupling.weight(list[i], b);
            }
            kick[b] = coupling.isExcitatory(b) ? parameters.kickE() : parameters.kickI();
        }
        int size = Math.multiplyExact(particles, n);
        voltage = new double[size];
        held = new int[size];
        underWay = new boolean[size];
        nextVoltage = new double[size];
        nextHeld = new int[size];
        nextUnderWay = new boolean[size];
        right = new boolean[size];
        donor = new int[particles];
        decay = new double[steps + 1];
        decay[0] = 1;
        for (int k = 1; k <= steps; k++) {
            decay[k] = decay[k - 1] * (1 - leak);
        }
        spikeStep = new int[n][];
        input = new double[n * (steps + 1)];
        hasInput = new boolean[n];
        common = new int[steps];
        for (int j = 0; j < size; j++) {
            voltage[j] = random.nextDouble();
        }
    }

    /**
     * Throws unless the filter can be applied.
     *
     * @param setup the simulation that was counted
     */
    public static void require(RingSetup setup, int particles) {
        if (particles < 2) {
            throw new IllegalArgumentException("Particles of the filter: expected at least 2, got " + particles);
        }
        if (setup.delayMs() != null
                || setup.slidesPerBin() != 1
                || setup.network().tauS() > 0) {
            throw new IllegalArgumentException(
                    "The ceiling of forecasters that read counts is for simulations step by step (--method"
                            + " clock), spikes that act at once (without --tau-s) and bins that do not overlap (without --slide)");
        }
    }

    /**
     * Scores the filter on the test part.
     *
     * @param progress receives after each bin of the test part the number of bins done
     */
    public static Oracle.Scores score(RingData ring, Split split, int particles, IntConsumer progress) {
        return score(ring, split, particles, "ceiling", false, progress);
    }

    /**
     * Scores the filter, or the oracle by the same steps.
     *
     * @param stream name of the random stream of the forecasts' input
     * @param stateKnown whether the filter is shown the true state before each forecast, which makes it the oracle
     */
    static Oracle.Scores score(
            RingData ring, Split split, int particles, String stream, boolean stateKnown, IntConsumer progress) {
        RingSetup setup = ring.setup();
        require(setup, particles);
        Series series = ring.series();
        int steps = (int) Math.rint(series.widthMs() / setup.network().dt());
        JointFilter filter = new JointFilter(setup.network(), steps, particles, setup.seed(), stream);
        RingNetwork truth = stateKnown ? new RingNetwork(setup.network(), setup.seed()) : null;
        int discard = (int) Math.rint(setup.burnInMs() / setup.network().dt());
        Oracle.Forecasts forecasts = new Oracle.Forecasts(split.testBins(), filter.n, particles);
        int[] none = new int[filter.n];
        for (int bin = Math.max(0, split.testStart() - BURN_IN_BINS); bin < split.bins(); bin++) {
            if (bin >= split.testStart()) {
                if (stateKnown) {
                    while (truth.nextStep() < discard + bin * steps) {
                        truth.step();
                    }
                    filter.show(truth);
                }
                filter.forecast(forecasts);
                forecasts.finish(bin - split.testStart(), none);
                progress.accept(bin - split.testStart() + 1);
            }
            filter.update(row(series.values().data, bin, filter.n), row(series.external().data, bin, filter.n));
        }
        return forecasts.score(Baselines.test(series, split), Baselines.meanRate(series, split));
    }

    private static int[] row(double[] values, int bin, int n) {
        int[] row = new int[n];
        Arrays.setAll(row, a -> (int) values[bin * n + a]);
        return row;
    }

    /** Puts every particle into the true state. */
    private void show(RingNetwork truth) {
        Arrays.fill(underWay, false);
        for (int m = 0; m < particles; m++) {
            for (int a = 0; a < n; a++) {
                voltage[m * n + a] = truth.voltage(a);
                held[m * n + a] = truth.stepsHeld(a);
            }
            for (int s = 0; s < truth.spikeCount(); s++) {
                underWay[m * n + truth.spiking()[s]] = true;
            }
        }
    }

    /** Runs every particle through a bin with fresh input. */
    private void forecast(Oracle.Forecasts forecasts) {
        int[] count = new int[n];
        for (int m = 0; m < particles; m++) {
            network.setState(voltage, held, underWay, m * n);
            Arrays.fill(count, 0);
            for (int k = 0; k < steps; k++) {
                network.step();
                for (int s = 0; s < network.spikeCount(); s++) {
                    count[network.spiking()[s]]++;
                }
            }
            forecasts.add(m, count);
        }
    }

    /** Advances the particles over a bin, given its counts. */
    private void update(int[] count, int[] external) {
        int[] spiking = new int[n];
        int spikers = 0;
        for (int a = 0; a < n; a++) {
            if (count[a] > 0) {
                spikeStep[a] = new int[particles * count[a]];
                spiking[spikers++] = a;
            }
        }
        double[] commonShare = commonShare(external);
        spikeTimes(Arrays.copyOf(spiking, spikers), count, external, commonShare);
        spiking = Arrays.copyOf(spiking, spikers);
        for (int m = 0; m < particles; m++) {
            drawInput(m, external, commonShare);
            arrive(m, spiking, count);
            for (int a = 0; a < n; a++) {
                run(m, a, count[a]);
            }
        }
        for (int revision = 0; revision < REVISIONS && spikers > 0; revision++) {
            reviseTimes(spiking, count, external, commonShare);
        }
        for (int a = 0; a < n; a++) {
            resample(a, count[a]);
        }
        double[] v = voltage;
        voltage = nextVoltage;
        nextVoltage = v;
        int[] h = held;
        held = nextHeld;
        nextHeld = h;
        boolean[] u = underWay;
        underWay = nextUnderWay;
        nextUnderWay = u;
        Arrays.fill(spikeStep, null);
    }

    /** The cumulative distribution of the number of events of the common train, given all external counts of a bin. */
    private double[] commonShare(int[] external) {
        int least = Integer.MAX_VALUE;
        for (int x : external) {
            least = Math.min(least, x);
        }
        double c = parameters.sharedFraction();
        double mean = parameters.externalRate() * parameters.dt() * steps;
        if (c == 0 || least == 0 || mean == 0) {
            return new double[] {1};
        }
        double[] p = new double[least + 1];
        double most = Double.NEGATIVE_INFINITY;
        for (int k = 0; k <= least; k++) {
            p[k] = logPoisson(k, c * mean);
            for (int x : external) {
                p[k] += logPoisson(x - k, (1 - c) * mean);
            }
            most = Math.max(most, p[k]);
        }
        double sum = 0;
        for (int k = 0; k <= least; k++) {
            sum += Elementary.exp(p[k] - most);
            p[k] = sum;
        }
        for (int k = 0; k <= least; k++) {
            p[k] /= sum;
        }
        return p;
    }

    private static double logPoisson(int k, double mean) {
        double log = mean > 0 ? k * Elementary.log(mean) - mean : k == 0 ? 0 : -1e9;
        for (int i = 2; i <= k; i++) {
            log -= Elementary.log(i);
        }
        return log;
    }

    /** Draws the number of the common train's events in a bin, which is returned, and their steps. */
    private int drawCommon(double[] cumulated) {
        if (cumulated.length == 1) {
            return 0;
        }
        Arrays.fill(common, 0);
        double u = random.nextDouble();
        int k = 0;
        while (k < cumulated.length - 1 && u >= cumulated[k]) {
            k++;
        }
        for (int i = 0; i < k; i++) {
            common[random.nextInt(steps)]++;
        }
        return k;
    }

    /** The known input of a particle's neurons: external events, at random steps, and spikes under way. */
    private void drawInput(int m, int[] external, double[] commonShare) {
        Arrays.fill(input, 0);
        int shared = drawCommon(commonShare);
        for (int a = 0; a < n; a++) {
            hasInput[a] = external[a] > 0;
            int from = a * (steps + 1);
            for (int k = 0; k < steps && shared > 0; k++) {
                input[from + k] += common[k] * kick[a];
            }
            for (int i = shared; i < external[a]; i++) {
                input[from + random.nextInt(steps)] += kick[a];
            }
        }
        for (int b = 0; b < n; b++) {
            if (underWay[m * n + b]) {
                arrive(b, 0);
            }
        }
    }

    /** A spike of a neuron arrives at its targets in a step. */
    private void arrive(int b, int step) {
        for (int i = 0; i < target[b].length; i++) {
            input[target[b][i] * (steps + 1) + step] += weight[b][i];
            hasInput[target[b][i]] = true;
        }
    }

    /** The spikes that were counted arrive, at a particle's times. */
    private void arrive(int m, int[] spiking, int[] count) {
        for (int b : spiking) {
            for (int spike = 0; spike < count[b]; spike++) {
                arrive(b, spikeStep[b][m * count[b] + spike] + 1);
            }
        }
    }

    /** Finds the times of the counted spikes: the neurons that spiked run together, step by step. */
    private void spikeTimes(int[] spiking, int[] count, int[] external, double[] commonShare) {
        if (spiking.length == 0) {
            return;
        }
        int s = spiking.length;
        double[] v = new double[s];
        int[] until = new int[s];
        int[] found = new int[s];
        boolean[][] complete = new boolean[s][particles];
        int[] completes = new int[s];
        for (int m = 0; m < particles; m++) {
            drawInput(m, external, commonShare);
            for (int i = 0; i < s; i++) {
                v[i] = voltage[m * n + spiking[i]];
                until[i] = held[m * n + spiking[i]];
                found[i] = 0;
            }
            for (int k = 0; k < steps; k++) {
                for (int i = 0; i < s; i++) {
                    int a = spiking[i];
                    if (k >= until[i]) {
                        v[i] += input[a * (steps + 1) + k] - leak * v[i];
                        if (v[i] >= 1) {
                            v[i] = 0;
                            until[i] = k + refractorySteps;
                            if (found[i] < count[a]) {
                                spikeStep[a][m * count[a] + found[i]] = k;
                                arrive(a, k + 1);
                            }
                            found[i]++;
                        }
                    }
                }
            }
            for (int i = 0; i < s; i++) {
                complete[i][m] = found[i] == count[spiking[i]];
                completes[i] += complete[i][m] ? 1 : 0;
            }
        }
        for (int i = 0; i < s; i++) {
            takeOverTimes(spikeStep[spiking[i]], count[spiking[i]], complete[i], completes[i]);
        }
    }

    private void takeOverTimes(int[] times, int count, boolean[] complete, int completes) {
        int[] donors = new int[completes];
        int d = 0;
        for (int m = 0; m < particles; m++) {
            if (complete[m]) {
                donors[d++] = m;
            }
        }
        for (int m = 0; m < particles; m++) {
            if (!complete[m] && completes > 0) {
                System.arraycopy(times, donors[random.nextInt(completes)] * count, times, m * count, count);
            } else if (!complete[m]) {
                for (int i = 0; i < count; i++) { // no particle has these spikes: all times are alike
                    times[m * count + i] = random.nextInt(steps);
                }
            }
        }
    }

    /**
     * Redraws the times of a neuron's spikes in particles where the number of spikes of a target is not the count,
     * mostly from particles where it is. So a spike that should have made a target spike, but did not, gets a time
     * late in the bin, and is still under way.
     */
    private void reviseTimes(int[] spiking, int[] count, int[] external, double[] commonShare) {
        boolean[][] revised = new boolean[spiking.length][particles];
        boolean[] any = new boolean[particles];
        double[] cumulated = new double[particles];
        for (int i = 0; i < spiking.length; i++) {
            int b = spiking[i];
            double sum = 0;
            for (int m = 0; m < particles; m++) {
                double w = 1;
                for (int a : target[b]) {
                    w *= right[m * n + a] ? 1 : WRONG;
                }
                revised[i][m] = w < 1;
                sum += w;
                cumulated[m] = sum;
            }
            int[] times = spikeStep[b].clone();
            for (int m = 0; m < particles; m++) {
                if (revised[i][m]) {
                    int from = Arrays.binarySearch(cumulated, random.nextDouble() * sum);
                    from = Math.min(particles - 1, from < 0 ? -from - 1 : from);
                    System.arraycopy(times, from * count[b], spikeStep[b], m * count[b], count[b]);
                    revised[i][m] = !Arrays.equals(
                            times, m * count[b], (m + 1) * count[b], times, from * count[b], (from + 1) * count[b]);
                    any[m] |= revised[i][m];
                }
            }
        }
        for (int m = 0; m < particles; m++) {
            if (any[m]) {
                drawInput(m, external, commonShare);
                arrive(m, spiking, count);
                for (int i = 0; i < spiking.length; i++) {
                    for (int t = 0; t < target[spiking[i]].length && revised[i][m]; t++) {
                        run(m, target[spiking[i]][t], count[target[spiking[i]][t]]);
                    }
                }
            }
        }
    }

    /** Runs one neuron of a particle through the bin. */
    private void run(int m, int a, int count) {
        int j = m * n + a;
        double v = voltage[j];
        int until = held[j];
        int spikes = 0;
        boolean last = false;
        int from = a * (steps + 1);
        if (hasInput[a]) {
            for (int k = until; k < steps; k++) {
                v += input[from + k] - leak * v;
                if (v >= 1) {
                    v = 0;
                    until = k + refractorySteps;
                    spikes++;
                    last = k == steps - 1;
                    k = Math.max(k, until - 1);
                }
            }
        } else if (until < steps) {
            v *= decay[steps - until]; // without input the voltage does not reach the threshold
        }
        nextVoltage[j] = v;
        nextHeld[j] = Math.max(0, until - steps);
        nextUnderWay[j] = last;
        right[j] = spikes == count;
    }

    /** Sets the state of a neuron that spiked by the time of its last spike. */
    private void leave(int m, int a, int count) {
        int j = m * n + a;
        int step = spikeStep[a][(m + 1) * count - 1];
        if (step + refractorySteps >= steps) {
            nextVoltage[j] = 0;
            nextHeld[j] = step + refractorySteps - steps;
        }
        nextUnderWay[j] = step == steps - 1;
    }

    /** Resamples a neuron: particles in which its number of spikes is wrong copy it from those in which it is right. */
    private void resample(int a, int count) {
        int donors = 0;
        for (int m = 0; m < particles; m++) {
            if (right[m * n + a]) {
                donor[donors++] = m;
            }
        }
        for (int m = 0; m < particles; m++) {
            int j = m * n + a;
            if (!right[j] && donors > 0) {
                int from = donor[random.nextInt(donors)] * n + a;
                nextVoltage[j] = nextVoltage[from];
                nextHeld[j] = nextHeld[from];
                nextUnderWay[j] = nextUnderWay[from];
            } else if (!right[j]) {
                nextVoltage[j] = count == 0 ? NEAR_THRESHOLD : 0;
                nextHeld[j] = 0;
                nextUnderWay[j] = false;
            }
            if (count > 0) {
                leave(m, a, count);
            }
        }
    }
}
