package org.spikecast.counts.internal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.IntToDoubleFunction;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.counts.CoupledForecaster;
import org.spikecast.counts.Series;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.internal.Elementary;
import org.spikecast.neuron.RingParameters;
import org.spikecast.run.Progress;
import org.spikecast.train.Trainer;
import org.spikecast.train.internal.Checkpoints;
import org.spikecast.train.internal.Effort;

/**
 * The training of the form {@code coupled}, with an ablation: the network with all its parts, and without each of them
 * in turn. The network with the least validation loss is the result; the others show the worth of each part on the
 * data at hand.
 *
 * @param smoke whether this is a smoke test
 * @param threads the most variants that are trained side by side; their number changes no bit
 * @param seed of the training
 */
public record CoupledStudy(boolean smoke, int threads, long seed) {
    /** Interval of progress reports. */
    private static final int REPORT_MS = 200;

    /** Prefix of a variant's name in tables. */
    static final String VARIANT = CoupledForecaster.FORM + ", ";

    /** The variants. */
    enum Variant {
        /** Trace, messages and LSTM. */
        ALL("all parts"),
        /** No message steps. */
        NO_MESSAGES("without messages"),
        /** No trace: the LSTM has to replace it. */
        NO_TRACE("without the trace"),
        /** No LSTM. */
        NO_LSTM("without the LSTM");

        private final String label;

        Variant(String label) {
            this.label = label;
        }

        /** Its name in tables. */
        String label() {
            return label;
        }

        /** Its name in {@code metrics.json}. */
        String key() {
            return name().toLowerCase(Locale.ROOT);
        }

        private CoupledConfig of(CoupledConfig c, int hidden) {
            return new CoupledConfig(
                    this == NO_LSTM ? 0 : hidden,
                    this != NO_TRACE,
                    c.cap(),
                    this != NO_TRACE && c.fine(),
                    c.width(),
                    c.channels(),
                    this == NO_MESSAGES ? 0 : c.messages(),
                    c.binMs(),
                    c.meanExternal());
        }
    }

    /**
     * A trained variant.
     *
     * @param model the forecaster, trained on the training and the validation part
     * @param training the result of the preceding training, on the training part alone
     * @param forecast of the test part, bins x N
     * @param score on the test part
     */
    record Outcome(CoupledForecaster model, CoupledTrainer.Result training, DMatrixRMaj forecast, Score score) {}

    /**
     * The result of a study.
     *
     * @param outcomes by variant
     * @param saved the variant with the least validation loss
     */
    record Result(Map<Variant, Outcome> outcomes, Variant saved) {
        Outcome best() {
            return outcomes.get(saved);
        }
    }

    /**
     * The findings of a study about a network.
     *
     * @param sentence the effect of the LSTM
     * @param trace the learned trace beside the simulator's own parameters, the rows of a table
     */
    public record Findings(String sentence, List<List<String>> trace) {
        /** The heads of the table. */
        public static List<String> head() {
            return List.of("parameter of the trace", "learned, E", "learned, I", "simulated, E", "simulated, I");
        }
    }

    /** The findings of a study about a network. */
    static Findings findings(Result result, RingData ring) {
        return new Findings(sentence(result), traceRows(result.best().model(), ring));
    }

    /** Why the form cannot forecast a series; null if it can. */
    public static String unfit(Series series) {
        if (series.connections() == null) {
            return "Form coupled: the data come without connections;"
                    + " give a folder that simulate ring wrote, or use --form shared";
        }
        if (series.overlap() > 0) {
            return "Form coupled: expected bins that do not overlap, got " + series.widthMs() + " ms slid by "
                    + series.slideMs() + " ms; use --form shared";
        }
        for (int j = 0; j < series.values().getNumElements(); j++) {
            double count = series.values().data[j];
            if (count != 0 && count != 1) {
                return "Form coupled: expected bins of at most one spike, got a count of " + count
                        + "; use narrower bins, or --form shared";
            }
        }
        return null;
    }

    /**
     * Throws, with the reason, unless the form can forecast a series and its training fits in memory.
     *
     * @return the number of variants that are trained side by side
     */
    int require(Series series, Split split) {
        String reason = unfit(series);
        if (reason != null) {
            throw new IllegalArgumentException(reason);
        }
        return sideBySide(series, split, Runtime.getRuntime().maxMemory());
    }

    /**
     * The number of variants that are trained side by side, limited by threads and memory. Time is not estimated: even
     * with as many bins and neurons as an array holds, the updates take ten days of a core.
     *
     * @param memory the most that Java may take, bytes
     * @throws IllegalArgumentException if one does not fit, with the estimate and a number of neurons that fits
     */
    int sideBySide(Series series, Split split, long memory) {
        CoupledOptions options = CoupledOptions.of(series, split, smoke, seed);
        int doubles = CoupledTape.doubles(
                Variant.ALL.of(CoupledOptions.config(series, split), CoupledOptions.hidden(series, split)));
        IntToDoubleFunction bytes = neurons -> {
            int segments = Math.min(options.segments(), CoupledOptions.segments(series, split, neurons));
            int bins = options.bpttSteps() * segments
                    + Math.min(CoupledPass.steps(neurons), options.burnIn()); // and validation
            return 8.0 * doubles * bins * neurons;
        };
        double need = bytes.applyAsDouble(series.neurons());
        double most = Effort.SHARE * memory;
        if (need > most) {
            int fits = series.neurons() - 1;
            while (fits > 1 && bytes.applyAsDouble(fits) > most) {
                fits--;
            }
            throw Effort.tooMuchMemory(need, memory, "at most " + fits + " neurons");
        }
        return (int) Math.min(Math.min(threads, Variant.values().length), Math.max(1, most / need));
    }

    /** Gives the checkpoints of a variant's training, by its name in files and its description. */
    @FunctionalInterface
    interface Places {
        Checkpoints of(String name, String what) throws IOException;
    }

    /** Trains every variant and scores it on the test part. */
    Result run(Kernel kernel, Series series, Split split, double testFraction, Progress progress, Places checkpoints)
            throws IOException {
        int sideBySide = require(series, split);
        CoupledConfig config = CoupledOptions.config(series, split);
        int hidden = CoupledOptions.hidden(series, split);
        Map<Variant, Future<Outcome>> work = new LinkedHashMap<>();
        Map<Variant, Outcome> outcomes = new LinkedHashMap<>();
        AtomicIntegerArray thousandths = new AtomicIntegerArray(Variant.values().length);
        AtomicBoolean stopped = new AtomicBoolean();
        ExecutorService workers = Executors.newFixedThreadPool(sideBySide);
        try {
            for (Variant variant : Variant.values()) {
                CoupledConfig own = variant.of(config, hidden);
                Trainer.Listener listener = new Trainer.Listener() {
                    @Override
                    public void updated(List<Trainer.Epoch> history, double fraction) {
                        thousandths.set(variant.ordinal(), (int) (1000 * fraction));
                    }

                    @Override
                    public boolean isInterrupted() {
                        return stopped.get() || progress.isInterrupted();
                    }
                };
                work.put(
                        variant,
                        workers.submit(
                                () -> train(kernel, series, split, own, testFraction, listener, checkpoints, variant)));
            }
            String what = "training coupled";
            for (Variant variant : Variant.values()) {
                while (outcomes.get(variant) == null) {
                    double done = 0;
                    for (int v = 0; v < thousandths.length(); v++) {
                        done += thousandths.get(v) / (1000.0 * thousandths.length());
                    }
                    progress.update(what, done, variant::label);
                    try {
                        outcomes.put(variant, work.get(variant).get(REPORT_MS, TimeUnit.MILLISECONDS));
                    } catch (TimeoutException e) {
                        // not yet
                    }
                }
            }
            progress.done(what);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Training was interrupted", e);
        } finally {
            stopped.set(true); // the others write their checkpoints
            work.values().forEach(variant -> variant.cancel(false));
            workers.shutdown();
            awaitEnd(workers);
        }
        Variant saved = Variant.ALL;
        for (Variant variant : Variant.values()) {
            double loss = outcomes.get(variant).training().validationLoss();
            saved = loss < outcomes.get(saved).training().validationLoss() ? variant : saved;
        }
        return new Result(outcomes, saved);
    }

    private static void awaitEnd(ExecutorService workers) {
        try {
            workers.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Outcome train(
            Kernel kernel,
            Series series,
            Split split,
            CoupledConfig config,
            double testFraction,
            Trainer.Listener listener,
            Places checkpoints,
            Variant variant)
            throws IOException {
        CoupledOptions options = CoupledOptions.of(series, split, smoke, seed);
        String name = CoupledForecaster.FORM + "-" + variant.key();
        String what = "training " + VARIANT + variant.label();
        CoupledTrainer.Result chosen = CoupledTrainer.train(
                kernel, series, split, config, options, half(listener, 0), checkpoints.of(name, what));
        CoupledParameters parameters = CoupledTrainer.trainOnBoth(
                        kernel,
                        series,
                        split,
                        chosen.best(),
                        config,
                        options,
                        half(listener, 0.5),
                        checkpoints.of(name + "-both", what + ", on both parts"))
                .parameters();
        CoupledForecaster model =
                new CoupledForecaster(parameters, series.connections(), series.slideMs(), testFraction, seed);
        DMatrixRMaj forecast = model.forecast(kernel, series, split.testStart(), split.bins());
        Score score = Score.of(Baselines.test(series, split), forecast, Baselines.meanRate(series, split));
        return new Outcome(model, chosen, forecast, score);
    }

    /** A listener to half of a variant's work, which begins at a fraction of the whole. */
    private static Trainer.Listener half(Trainer.Listener listener, double from) {
        return new Trainer.Listener() {
            @Override
            public void updated(List<Trainer.Epoch> history, double fraction) {
                listener.updated(history, from + fraction / 2);
            }

            @Override
            public boolean isInterrupted() {
                return listener.isInterrupted();
            }
        };
    }

    private static String sentence(Result result) {
        Score with = result.outcomes().get(Variant.ALL).score();
        Estimate gain = with.above(result.outcomes().get(Variant.NO_LSTM).score());
        String error = Double.isFinite(gain.standardError()) ? " \u00b1 " + fixed(100 * gain.standardError(), 2) : "";
        String size = fixed(100 * Math.abs(gain.value()), 2) + error + " points of explained variance";
        boolean clear = Math.abs(gain.value()) > 2 * gain.standardError();
        String effect = clear
                ? (gain.value() > 0 ? "adds " : "costs ") + size + " on this network"
                : "makes no measurable difference on this network (" + (gain.value() < 0 ? "-" : "") + size + ")";
        return "On top of a leaky trace and messages, the LSTM " + effect
                + ". Validation chose the network " + (result.saved() == Variant.ALL ? "with " : "")
                + result.saved().label() + ".";
    }

    /**
     * The learned trace beside the simulator's own parameters.
     *
     * @param ring the simulation; null if it is not known
     */
    private static List<List<String>> traceRows(CoupledForecaster model, RingData ring) {
        LeakyTrace.Parameters p = model.network().trace;
        List<List<String>> rows = new ArrayList<>();
        if (p != null) {
            double[][] own = new double[4][];
            if (ring != null) {
                RingParameters network = ring.setup().network();
                own[0] = new double[] {network.lif().tauL(), network.lif().tauL()};
                own[1] = new double[] {network.kickE(), network.kickI()};
                own[2] = new double[] {network.sEE(), network.sIE()};
                own[3] = new double[] {network.sEI(), network.sII()};
            }
            rows.add(row("tau, ms", p.logTau, own[0], 2));
            rows.add(row("f, external event", p.logF, own[1], 4));
            rows.add(row("w_E, excitatory spike", p.logWE, own[2], 4));
            rows.add(row("w_I, inhibitory spike", p.logWI, own[3], 4));
        }
        return rows;
    }

    private static List<String> row(String name, DMatrixRMaj log, double[] simulated, int digits) {
        return List.of(
                name,
                fixed(Elementary.exp(log.data[0]), digits),
                fixed(Elementary.exp(log.data[1]), digits),
                simulated == null ? "n/a" : fixed(simulated[0], digits),
                simulated == null ? "n/a" : fixed(simulated[1], digits));
    }

    private static String fixed(double value, int digits) {
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }

    /** The trace of a model for {@code metrics.json}; null without. */
    static Map<String, Object> traceJson(CoupledForecaster model) {
        LeakyTrace.Parameters p = model.network().trace;
        if (p == null) {
            return null;
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("tau_ms", exp(p.logTau));
        json.put("f", exp(p.logF));
        json.put("w_e", exp(p.logWE));
        json.put("w_i", exp(p.logWI));
        return json;
    }

    private static List<Object> exp(DMatrixRMaj log) {
        return List.of(Elementary.exp(log.data[0]), Elementary.exp(log.data[1]));
    }
}
