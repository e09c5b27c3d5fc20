package org.spikecast.counts.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.spikecast.counts.CountStream;
import org.spikecast.counts.Series;
import org.spikecast.kernel.RandomStream;
import org.spikecast.neuron.RingParameters;
import org.spikecast.neuron.RingRecording;
import org.spikecast.neuron.SpikeTrains;
import org.spikecast.neuron.internal.RingNetwork;
import org.spikecast.run.Progress;
import org.spikecast.run.internal.Facts;

/**
 * Free runs of forecasters, in closed loop: each reads spikes drawn from its own forecasts, jointly within a bin
 * ({@link SameBin}), and fresh external input. Runs begin in the state after the data before the test part.
 *
 * @param binMs width of a bin
 * @param neurons N
 * @param simulations statistics of fresh simulations of the same duration, one by one
 * @param forecasters statistics of each forecaster's run, by name
 * @param simulated the counts of one fresh simulation in its last second, bins x N, none above 127
 * @param free the counts of each forecaster's run, likewise
 * @param horizon for how long a forecast from a known state is better than the mean rate
 */
record FreeRun(
        double binMs,
        int neurons,
        PopulationStatistics[] simulations,
        Map<String, PopulationStatistics> forecasters,
        byte[] simulated,
        Map<String, byte[]> free,
        Horizon horizon) {
    /** The first fresh simulation's seed is that of the data plus this; the others follow. */
    private static final long FIRST_SEED = 1000;

    /**
     * The explained variance of forecasts some bins ahead, each the mean over free runs from a known state.
     *
     * @param lagMs the distance of the bins that are forecast
     * @param explained explained variance by name and distance; the oracle's runs are simulations that begin in the true state
     */
    record Horizon(double[] lagMs, Map<String, Estimate[]> explained) {
        /** The largest distance, in ms, up to which every forecast beats the mean rate by more than two standard errors. */
        double reachMs(String name) {
            Estimate[] all = explained.get(name);
            int h = 0;
            while (h < all.length && all[h].value() > 2 * all[h].standardError()) {
                h++;
            }
            return h == 0 ? 0 : lagMs[h - 1];
        }
    }

    /**
     * The sizes of the comparison.
     *
     * @param simulations fresh simulations to compare with
     * @param bins of each run
     * @param starts known states from which forecasts are made
     * @param samples runs from each
     * @param lags the most bins ahead
     */
    record Size(int simulations, int bins, int starts, int samples, int lags) {
        /** The sizes for a test part. */
        static Size of(RingData ring, Split split) {
            int bins = ring.series().bins();
            int lags = Math.min(15, split.testBins() / 2);
            // A state of 600 neurons is as informative as ten of 60.
            int most = Math.max(1, 60_000 / ring.series().neurons());
            int starts = Math.max(2, Math.min(most, (split.testBins() - lags) / 3));
            return new Size(bins < 1000 ? 3 : 10, Math.min(bins, 20_000), starts, 5, lags);
        }
    }

    /**
     * Runs forecasters in closed loop.
     *
     * @param streams new streams, by name
     * @param progress polled; an interruption ends the work
     * @return null if there are no forecasters
     */
    static FreeRun of(RingData ring, Split split, Map<String, CountStream> streams, Size size, Progress progress) {
        if (streams.isEmpty()) {
            return null;
        }
        RingSetup setup = ring.setup();
        Series series = ring.series();
        int n = series.neurons();
        RingSetup fresh = setup.withDuration(size.bins() * series.widthMs());
        PopulationStatistics[] simulations = new PopulationStatistics[size.simulations()];
        byte[] simulated = null;
        for (int s = 0; s < simulations.length; s++) {
            double[] counts = simulate(fresh.withSeed(setup.seed() + FIRST_SEED + s), progress);
            simulated = s == 0 ? lastSecond(counts, n, series.widthMs()) : simulated;
            simulations[s] = PopulationStatistics.of(counts, n, series.widthMs());
        }
        Map<String, SameBin> sameBins = new LinkedHashMap<>();
        streams.forEach(
                (name, stream) -> sameBins.put(name, SameBin.of(stream, series, split, setup.seed(), progress)));
        Map<String, byte[]> free = new LinkedHashMap<>();
        Map<String, PopulationStatistics> statistics = new LinkedHashMap<>();
        streams.forEach((name, stream) -> {
            CountStream state = stream.copy();
            double[] forecast = new double[n];
            Streams.read(state, series, 0, split.testStart(), forecast, progress);
            Input input = new Input(setup, RandomStream.of(setup.seed(), "free run, external input"));
            Sampler sampler =
                    new Sampler(state, sameBins.get(name), input, RandomStream.of(setup.seed(), "free run, spikes"));
            double[] counts = new double[size.bins() * n];
            for (int bin = 0; bin < size.bins(); bin++) {
                progress.stopIfInterrupted();
                sampler.step(forecast, counts, bin * n);
            }
            free.put(name, lastSecond(counts, n, series.widthMs()));
            statistics.put(name, PopulationStatistics.of(counts, n, series.widthMs()));
        });
        Horizon horizon = horizon(ring, split, streams, sameBins, size, progress);
        return new FreeRun(series.widthMs(), n, simulations, statistics, simulated, free, horizon);
    }

    /** What a raster shows, in as little memory. */
    private static byte[] lastSecond(double[] counts, int n, double binMs) {
        byte[] shown = new byte[Math.min(counts.length, n * (int) Math.rint(1000 / binMs))];
        for (int j = 0; j < shown.length; j++) {
            shown[j] = (byte) Math.min(Byte.MAX_VALUE, counts[counts.length - shown.length + j]);
        }
        return shown;
    }

    /** The counts of a simulation, bins x N. */
    private static double[] simulate(RingSetup setup, Progress progress) {
        SpikeTrains spikes = setup.delayMs() != null
                ? setup.simulateEvents().spikes()
                : RingRecording.simulate(
                        setup.network(),
                        setup.seed(),
                        setup.burnInMs(),
                        setup.durationMs(),
                        setup.slideMs(),
                        external -> progress.stopIfInterrupted());
        int[] counts = spikes.counts(setup.binSteps(), setup.slideSteps());
        double[] values = new double[counts.length];
        Arrays.setAll(values, j -> counts[j]);
        return values;
    }

    /** Fresh external input of a ring, bin by bin. */
    private static final class Input {
        private final RandomStream random;
        private final double common;
        private final double own;

        Input(RingSetup setup, RandomStream random) {
            RingParameters p = setup.network();
            this.random = random;
            common = p.sharedFraction() * p.externalRate() * setup.binMs();
            own = (1 - p.sharedFraction()) * p.externalRate() * setup.binMs();
        }

        void draw(double[] external) {
            int shared = common > 0 ? random.nextPoisson(common) : 0;
            for (int a = 0; a < external.length; a++) {
                external[a] = shared + (own > 0 ? random.nextPoisson(own) : 0);
            }
        }
    }

    /** Draws spikes from forecasts and reads them. */
    private static final class Sampler {
        private final CountStream stream;
        private final Input input;
        private final SameBin sameBin;
        private final RandomStream random;
        private final double[] drawn;
        private final double[] external;

        Sampler(CountStream stream, SameBin sameBin, Input input, RandomStream random) {
            this.stream = stream;
            this.sameBin = sameBin;
            this.input = input;
            this.random = random;
            drawn = new double[stream.neurons()];
            external = new double[stream.neurons()];
        }

        /** Draws a bin from its forecast and writes it to counts; the forecast becomes that of the next bin. */
        void step(double[] forecast, double[] counts, int at) {
            input.draw(external);
            sameBin.draw(forecast, external, random, drawn);
            System.arraycopy(drawn, 0, counts, at, drawn.length);
            stream.step(drawn, external, forecast);
        }
    }

    private static Horizon horizon(
            RingData ring,
            Split split,
            Map<String, CountStream> streams,
            Map<String, SameBin> sameBins,
            Size size,
            Progress progress) {
        Series series = ring.series();
        double[] rate = Baselines.meanRate(series, split);
        double[] lagMs = new double[size.lags()];
        Arrays.setAll(lagMs, h -> (h + 1) * series.widthMs());
        Map<String, Estimate[]> explained = new LinkedHashMap<>();
        RingSetup setup = ring.setup();
        streams.forEach((name, stream) -> {
            CountStream state = stream.copy();
            CountStream branch = stream.copy();
            Input input = new Input(setup, RandomStream.of(setup.seed(), "horizon, external input"));
            Sampler sampler =
                    new Sampler(branch, sameBins.get(name), input, RandomStream.of(setup.seed(), "horizon, spikes"));
            Branches branches = new Branches() {
                private final double[] next = new double[series.neurons()];
                private final double[] forecast = new double[series.neurons()];
                private int read;

                @Override
                public void runTo(int bin) {
                    Streams.read(state, series, read, bin, next, progress);
                    read = bin;
                }

                @Override
                public void branch(double[] counts) {
                    branch.copyStateFrom(state);
                    System.arraycopy(next, 0, forecast, 0, next.length);
                    for (int h = 0; h < size.lags(); h++) {
                        sampler.step(forecast, counts, h * forecast.length);
                    }
                }
            };
            explained.put(name, explained(series, split, rate, branches, size, progress));
        });
        if (setup.delayMs() == null) {
            explained.put(
                    Evaluation.ORACLE, explained(series, split, rate, new Simulation(setup, size), size, progress));
        }
        return new Horizon(lagMs, explained);
    }

    /** A run that can be branched. */
    private interface Branches {
        /** Advances to the beginning of a bin. */
        void runTo(int bin);

        /** Runs a branch: its counts in the following bins, bins x N. */
        void branch(double[] counts);
    }

    /** Simulations that begin in the true state. */
    private static final class Simulation implements Branches {
        private final RingNetwork network;
        private final RingNetwork branch;
        private final int discard;
        private final int binSteps;
        private final int lags;

        Simulation(RingSetup setup, Size size) {
            network = new RingNetwork(setup.network(), setup.seed());
            branch = new RingNetwork(setup.network(), setup.seed());
            branch.useStream(RandomStream.of(setup.seed(), "horizon, oracle"));
            discard = (int) Math.rint(setup.burnInMs() / setup.network().dt());
            binSteps = (int) Math.rint(setup.binMs() / setup.network().dt());
            lags = size.lags();
        }

        @Override
        public void runTo(int bin) {
            while (network.nextStep() < discard + bin * binSteps) {
                network.step();
            }
        }

        @Override
        public void branch(double[] counts) {
            branch.copyStateFrom(network);
            int n = counts.length / lags;
            Arrays.fill(counts, 0);
            for (int k = 0; k < lags * binSteps; k++) {
                branch.step();
                for (int s = 0; s < branch.spikeCount(); s++) {
                    counts[k / binSteps * n + branch.spiking()[s]]++;
                }
            }
        }
    }

    /**
     * Explained variance by distance, corrected for the error of the mean over branches; standard errors over starts.
     */
    private static Estimate[] explained(
            Series series, Split split, double[] rate, Branches branches, Size size, Progress progress) {
        int n = series.neurons();
        int length = size.lags() * n;
        double[][] error = new double[size.lags()][size.starts()];
        double[][] reference = new double[size.lags()][size.starts()];
        double[] counts = new double[length];
        double[] sum = new double[length];
        double[] squares = new double[length];
        int room = split.testBins() - size.lags();
        for (int start = 0; start < size.starts(); start++) {
            int bin = split.testStart() + (int) ((long) start * room / size.starts());
            branches.runTo(bin);
            Arrays.fill(sum, 0);
            Arrays.fill(squares, 0);
            for (int m = 0; m < size.samples(); m++) {
                progress.stopIfInterrupted();
                branches.branch(counts);
                for (int j = 0; j < length; j++) {
                    sum[j] += counts[j];
                    squares[j] += counts[j] * counts[j];
                }
            }
            int samples = size.samples();
            for (int j = 0; j < length; j++) {
                double y = series.values().data[bin * n + j];
                double e = y - sum[j] / samples;
                double variance = (squares[j] - sum[j] * sum[j] / samples) / (samples - 1);
                double r = y - rate[j % n];
                error[j / n][start] += e * e - variance / samples;
                reference[j / n][start] += r * r;
            }
        }
        Estimate[] explained = new Estimate[size.lags()];
        Arrays.setAll(explained, h -> Blocks.oneMinusRatio(error[h], reference[h]));
        return explained;
    }

    /** Mean and standard deviation, from simulation to simulation, of a number. */
    private static double[] spread(double[] values) {
        double mean = Blocks.sum(values) / values.length;
        double squares = 0;
        for (double value : values) {
            squares += (value - mean) * (value - mean);
        }
        return new double[] {mean, Math.sqrt(squares / (values.length - 1))};
    }

    /** Mean and standard deviation over the simulations, by the name of the statistic. */
    Map<String, double[]> simulationValues() {
        Map<String, double[]> spreads = new LinkedHashMap<>();
        for (String name : simulations[0].values().keySet()) {
            double[] values = new double[simulations.length];
            Arrays.setAll(values, s -> simulations[s].values().get(name));
            spreads.put(name, spread(values));
        }
        return spreads;
    }

    /** A sentence for each forecaster: the deviation of its rates and CV from the simulations', and its bursts. */
    List<String> findings() {
        Map<String, double[]> simulated = simulationValues();
        List<String> sentences = new ArrayList<>();
        forecasters.forEach((name, s) -> {
            StringBuilder text = new StringBuilder(Evaluation.label(name) + " on its own: ");
            text.append("excitatory rate ")
                    .append(deviation(s.rateE(), simulated.get("rate_e_hz")[0]));
            text.append(", inhibitory rate ")
                    .append(deviation(s.rateI(), simulated.get("rate_i_hz")[0]));
            text.append(", CV ").append(deviation(s.cv(), simulated.get("cv")[0]));
            text.append(" against the simulations' mean. It has ").append(bursts(s.burstsPerSecond(), s.burstSize()));
            text.append("; the simulations have ");
            text.append(bursts(simulated.get("bursts_per_second")[0], simulated.get("burst_size")[0]))
                    .append('.');
            sentences.add(text.toString());
        });
        return sentences;
    }

    private static String deviation(double value, double reference) {
        double percent = 100 * (value / reference - 1);
        return (percent > 0 ? "+" : "") + Evaluation.fixed(percent, 1) + " %";
    }

    private static String bursts(double perSecond, double size) {
        return Evaluation.fixed(perSecond, 1) + " bursts per second of " + Evaluation.fixed(size, 1) + " spikes";
    }

    /** The mean over the simulations of a statistic at each distance or frequency. */
    double[] simulationMean(Function<PopulationStatistics, double[]> curve) {
        double[] mean = new double[curve.apply(simulations[0]).length];
        for (PopulationStatistics s : simulations) {
            for (int i = 0; i < mean.length; i++) {
                mean[i] += curve.apply(s)[i] / simulations.length;
            }
        }
        return mean;
    }

    /** The entry for {@code metrics.json}. */
    Map<String, Object> toJson() {
        Map<String, Object> simulatedJson = new LinkedHashMap<>();
        simulationValues().forEach((name, spread) -> {
            simulatedJson.put(name, Facts.orNull(spread[0]));
            simulatedJson.put(name + "_standard_deviation", Facts.orNull(spread[1]));
        });
        simulatedJson.put("correlation_by_distance", list(simulationMean(PopulationStatistics::correlation)));
        simulatedJson.put("spectrum", list(simulationMean(PopulationStatistics::spectrum)));
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("simulations", simulatedJson);
        forecasters.forEach((name, statistics) -> {
            Map<String, Object> own = new LinkedHashMap<>();
            statistics.values().forEach((key, value) -> own.put(key, Facts.orNull(value)));
            own.put("correlation_by_distance", list(statistics.correlation()));
            own.put("spectrum", list(statistics.spectrum()));
            json.put(name, own);
        });
        Map<String, Object> reach = new LinkedHashMap<>();
        horizon.explained().forEach((name, explained) -> {
            Map<String, Object> own = new LinkedHashMap<>();
            own.put("better_than_mean_rate_ms", horizon.reachMs(name));
            own.put("explained_variance", list(Estimate.values(explained)));
            double[] errors = new double[explained.length];
            Arrays.setAll(errors, h -> explained[h].standardError());
            own.put("standard_error", list(errors));
            reach.put(name, own);
        });
        json.put("horizon", reach);
        return json;
    }

    private static List<Object> list(double[] values) {
        List<Object> list = new ArrayList<>();
        for (double value : values) {
            list.add(Facts.orNull(value));
        }
        return list;
    }
}
