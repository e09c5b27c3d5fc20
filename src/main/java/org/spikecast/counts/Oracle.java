package org.spikecast.counts;

import java.util.Arrays;
import java.util.function.IntConsumer;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.RandomStream;
import org.spikecast.neuron.EventDrivenRing;
import org.spikecast.neuron.RingNetwork;
import org.spikecast.neuron.RingParameters;
import org.spikecast.neuron.SpikeTrains;

/**
 * The ceiling of all predictions: what one who knows the network and its full state (voltages, refractory counters,
 * spikes under way) at the end of bin n - 1 can say of bin n. The network is branched from that state M times, each
 * branch runs on with fresh external input, and the branches' mean is the prediction. The mean of M branches errs by
 * their variance / M beside what is unpredictable; that part, estimated from the same branches, is taken off its error.
 */
public final class Oracle {
    private Oracle() {}

    /** Throws unless a variance can be taken over so many branches. */
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
     * @param discardMs the time that was simulated before the series begins
     * @param spikes what was recorded
     * @param series the series made of it
     * @param branches M
     * @param progress told after each bin how many are done
     */
    public static Score score(
            RingParameters parameters,
            Double delayMs,
            long seed,
            double discardMs,
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
                ? new OnGrid(parameters, seed, (int) Math.rint(discardMs / parameters.dt()))
                : new EventDriven(parameters, delayMs, seed, discardMs);
        DMatrixRMaj prediction = new DMatrixRMaj(split.testBins(), n);
        DMatrixRMaj samplingError = new DMatrixRMaj(split.testBins(), n);
        int[] count = new int[n];
        double[] sum = new double[n];
        double[] squares = new double[n];
        for (int bin = split.testStart(); bin < split.bins(); bin++) {
            simulation.runTo((bin - 1) * slide + width);
            Arrays.fill(sum, 0);
            Arrays.fill(squares, 0);
            for (int m = 0; m < branches; m++) {
                Arrays.fill(count, 0);
                simulation.branch(slide, count);
                for (int a = 0; a < n; a++) {
                    sum[a] += count[a];
                    squares[a] += (double) count[a] * count[a];
                }
            }
            int row = (bin - split.testStart()) * n;
            for (int a = 0; a < n; a++) {
                int known = 0; // of a bin that overlaps the one before it, all but the last slice has been seen
                for (int slice = bin; slice < bin + width / slide - 1; slice++) {
                    known += slices[slice * n + a];
                }
                prediction.data[row + a] = known + sum[a] / branches;
                double variance = (squares[a] - sum[a] * sum[a] / branches) / (branches - 1);
                samplingError.data[row + a] = variance / branches;
            }
            progress.accept(bin - split.testStart() + 1);
        }
        return Score.of(Baselines.test(series, split), prediction, Baselines.meanRate(series, split), samplingError);
    }

    /** A network and a branch of it. Time is counted in steps of the grid, from the start of the series on. */
    private interface Simulation {
        /** Runs the network on to a time. */
        void runTo(int step);

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
        public void runTo(int step) {
            while (network.nextStep() < discard + step) {
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
        private final double discardMs;
        private final double dt;

        EventDriven(RingParameters parameters, double delayMs, long seed, double discardMs) {
            this.network = new EventDrivenRing(parameters, delayMs, seed);
            this.branch = new EventDrivenRing(parameters, delayMs, seed);
            this.discardMs = discardMs;
            this.dt = parameters.dt();
            branch.useStream(RandomStream.of(seed, "oracle"));
        }

        @Override
        public void runTo(int step) {
            network.runTo(discardMs + step * dt);
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
