package org.spikecast.data;

import java.util.Arrays;
import java.util.function.IntConsumer;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.RandomStream;
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
     * @param seed the seed it was simulated with
     * @param discardMs the time that was simulated before the series begins
     * @param spikes what was recorded
     * @param series the series made of it
     * @param branches M
     * @param progress told after each bin how many are done
     */
    public static Score score(
            RingParameters parameters,
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
        int discard = (int) Math.rint(discardMs / parameters.dt());
        int[] slices = spikes.counts(slide, slide);
        RingNetwork network = new RingNetwork(parameters, seed);
        RingNetwork branch = new RingNetwork(parameters, seed);
        branch.useStream(RandomStream.of(seed, "oracle"));
        DMatrixRMaj prediction = new DMatrixRMaj(split.testBins(), n);
        DMatrixRMaj samplingError = new DMatrixRMaj(split.testBins(), n);
        int[] count = new int[n];
        double[] sum = new double[n];
        double[] squares = new double[n];
        for (int bin = split.testStart(); bin < split.bins(); bin++) {
            int present = discard + (bin - 1) * slide + width;
            while (network.nextStep() < present) {
                network.step();
            }
            Arrays.fill(sum, 0);
            Arrays.fill(squares, 0);
            for (int m = 0; m < branches; m++) {
                branch.copyStateFrom(network);
                countSpikes(branch, slide, count);
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

    private static void countSpikes(RingNetwork network, int steps, int[] count) {
        Arrays.fill(count, 0);
        for (int k = 0; k < steps; k++) {
            network.step();
            for (int s = 0; s < network.spikeCount(); s++) {
                count[network.spiking()[s]]++;
            }
        }
    }
}
