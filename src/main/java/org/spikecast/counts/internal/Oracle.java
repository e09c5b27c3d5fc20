package org.spikecast.counts.internal;

import java.util.Arrays;
import java.util.function.IntConsumer;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.counts.Series;
import org.spikecast.kernel.RandomStream;
import org.spikecast.neuron.RingParameters;
import org.spikecast.neuron.SpikeTrains;
import org.spikecast.neuron.internal.EventDrivenRing;
import org.spikecast.neuron.internal.RingNetwork;

/**
 * The ceiling of all predictions: the forecast of bin n from the network and its full state (voltages, refractory
 * counters, spikes under way) at the end of bin n - 1. The network is branched from that state M times, each branch
 * runs with fresh external input, and the branches' mean is the prediction. Its squared error exceeds that of the
 * exact expectation by the branches' variance / M on average; this excess, estimated from the same branches, is
 * subtracted.
 *
 * <p>A second way to the same number needs no variance: with f and g the means of two independent sets of branches,
 * the expectation of (y - f) (y - g) is free of their sampling errors. It equals the square of y - (f + g) / 2 less (f
 * - g)^2 / 4.
 */
public final class Oracle {
    private Oracle() {}

    /**
     * The oracle's scores.
     *
     * @param corrected with the sampling error subtracted from squared errors
     * @param crossed by the product of the errors of two sets of branches
     */
    public record Scores(Score corrected, Score crossed) {}

    /** Throws unless there are enough branches for a variance. */
    public static void requireBranches(int branches) {
        if (branches < 2) {
            throw new IllegalArgumentException("Branches of the oracle: expected at least 2, got " + branches);
        }
    }

    /**
     * Scores the oracle on the test part, by running the simulation again.
     *
     * @param parameters the network that was simulated
     * @param delayMs the delay, if it was simulated from event to event; null if on a grid
     * @param seed the seed it was simulated with
     * @param burnInMs the time that was simulated before the series begins
     * @param spikes the recorded spikes
     * @param series the series of their counts
     * @param branches M
     * @param progress receives after each branch how many bins are done
     */
    public static Scores score(
            RingParameters parameters,
            Double delayMs,
            long seed,
            double burnInMs,
            SpikeTrains spikes,
            Series series,
            Split split,
            int branches,
            IntConsumer progress) {
        requireBranches(branches);
        int n = parameters.neurons();
        int slide = (int) Math.rint(series.slideMs() / parameters.dt());
        int width = (int) Math.rint(series.widthMs() / parameters.dt());
        int[] slices = spikes.counts(slide, slide);
        Simulation simulation = delayMs == null
                ? new OnGrid(parameters, seed, (int) Math.rint(burnInMs / parameters.dt()))
                : new EventDriven(parameters, delayMs, seed, burnInMs);
        Forecasts forecasts = new Forecasts(split.testBins(), n, branches);
        int[] count = new int[n];
        for (int bin = split.testStart(); bin < split.bins(); bin++) {
            int done = bin - split.testStart();
            simulation.runTo((bin - 1) * slide + width, () -> progress.accept(done));
            for (int m = 0; m < branches; m++) {
                Arrays.fill(count, 0);
                simulation.branch(slide, count);
                forecasts.add(m, count);
                progress.accept(done);
            }
            Arrays.fill(count, 0); // of a bin that overlaps the previous one, only the last slice is unknown
            for (int slice = bin; slice < bin + width / slide - 1; slice++) {
                for (int a = 0; a < n; a++) {
                    count[a] += slices[slice * n + a];
                }
            }
            forecasts.finish(done, count);
        }
        return forecasts.score(Baselines.test(series, split), Baselines.meanRate(series, split));
    }

    /** Means over branches, bin by bin, and their sampling errors. */
    static final class Forecasts {
        private final int branches;
        private final DMatrixRMaj mean;
        private final DMatrixRMaj probability;
        private final DMatrixRMaj bias;
        private final double[] populationBias;
        private final DMatrixRMaj crossedMean;
        private final DMatrixRMaj crossedBias;
        private final double[] crossedPopulationBias;

        // Of the current bin, per neuron: sums over the first half of the branches, over the others, and of squares.
        private final double[] first;
        private final double[] second;
        private final double[] squares;
        private double populationSum;
        private double populationSquares;

        Forecasts(int bins, int n, int branches) {
            this.branches = branches;
            mean = new DMatrixRMaj(bins, n);
            probability = new DMatrixRMaj(bins, n);
            bias = new DMatrixRMaj(bins, n);
            populationBias = new double[bins];
            crossedMean = new DMatrixRMaj(bins, n);
            crossedBias = new DMatrixRMaj(bins, n);
            crossedPopulationBias = new double[bins];
            first = new double[n];
            second = new double[n];
            squares = new double[n];
        }

        /** Adds the counts of branch m. */
        void add(int m, int[] count) {
            double[] half = m < branches / 2 ? first : second;
            double population = 0;
            for (int a = 0; a < count.length; a++) {
                half[a] += count[a];
                squares[a] += (double) count[a] * count[a];
                population += count[a];
            }
            populationSum += population;
            populationSquares += population * population;
        }

        /** Ends a bin; {@code known} is the part of its counts that lies in the previous bin. */
        void finish(int bin, int[] known) {
            int n = first.length;
            int half = branches / 2;
            double gap = 0;
            for (int a = 0; a < n; a++) {
                int j = bin * n + a;
                double sum = first[a] + second[a];
                mean.data[j] = known[a] + sum / branches;
                // (k + 1/2) / (M + 1): a neuron that spiked in no branch may still spike
                probability.data[j] = known[a] + (sum + 0.5) / (branches + 1);
                double variance = (squares[a] - sum * sum / branches) / (branches - 1);
                bias.data[j] = variance / branches;
                double f = first[a] / half;
                double g = second[a] / (branches - half);
                crossedMean.data[j] = known[a] + (f + g) / 2;
                crossedBias.data[j] = (f - g) * (f - g) / 4;
                gap += f - g;
            }
            double variance = (populationSquares - populationSum * populationSum / branches) / (branches - 1);
            populationBias[bin] = variance / branches;
            crossedPopulationBias[bin] = gap * gap / 4;
            Arrays.fill(first, 0);
            Arrays.fill(second, 0);
            Arrays.fill(squares, 0);
            populationSum = 0;
            populationSquares = 0;
        }

        /** Scores the bins. */
        Scores score(DMatrixRMaj target, double[] meanRate) {
            return new Scores(
                    Score.of(target, new Prediction(mean, probability, bias, populationBias), meanRate),
                    Score.of(
                            target,
                            new Prediction(crossedMean, probability, crossedBias, crossedPopulationBias),
                            meanRate));
        }
    }

    /** A network and a branch of it. Time is counted in steps of the grid, from the start of the series on. */
    private interface Simulation {
        /**
         * Runs the network on to a time.
         *
         * @param poll may end the work by an exception; called in each step, if time goes in steps
         */
        void runTo(int step, Runnable poll);

        /** Runs a branch with fresh input for some steps and counts its spikes per neuron. */
        void branch(int steps, int[] count);
    }

    private static final class OnGrid implements Simulation {
        private final RingNetwork network;
        private final RingNetwork branch;
        private final int discard;

        OnGrid(RingParameters parameters, long seed, int discard) {
            this.network = new RingNetwork(parameters, seed);
            this.branch = new RingNetwork(parameters, seed);
            this.discard = discard;
            branch.useStream(RandomStream.of(seed, "oracle"));
        }

        @Override
        public void runTo(int step, Runnable poll) {
            while (network.nextStep() < discard + step) {
                poll.run();
                network.step();
            }
        }

        @Override
        public void branch(int steps, int[] count) {
            branch.copyStateFrom(network);
            for (int k = 0; k < steps; k++) {
                branch.step();
                for (int s = 0; s < branch.spikeCount(); s++) {
                    count[branch.spiking()[s]]++;
                }
            }
        }
    }

    private static final class EventDriven implements Simulation {
        private final EventDrivenRing network;
        private final EventDrivenRing branch;
        private final double burnInMs;
        private final double dt;

        EventDriven(RingParameters parameters, double delayMs, long seed, double burnInMs) {
            this.network = new EventDrivenRing(parameters, delayMs, seed);
            this.branch = new EventDrivenRing(parameters, delayMs, seed);
            this.burnInMs = burnInMs;
            this.dt = parameters.dt();
            branch.useStream(RandomStream.of(seed, "oracle"));
        }

        @Override
        public void runTo(int step, Runnable poll) {
            network.runTo(burnInMs + step * dt);
        }

        @Override
        public void branch(int steps, int[] count) {
            branch.copyStateFrom(network);
            branch.runTo(network.now() + steps * dt);
            for (int s = 0; s < branch.spikeCount(); s++) {
                count[branch.spikeNeuron(s)]++;
            }
        }
    }
}
