package org.spikecast.voltage.internal;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.kernel.internal.Elementary;
import org.spikecast.kernel.internal.PackedMatrix;
import org.spikecast.run.Progress;
import org.spikecast.train.Scaling;
import org.spikecast.train.internal.Ridge;

/**
 * Baselines of a forecaster of blocks, on the same windows: the last voltage held (persistence), the mean voltage of the
 * training part, linear regression on the window (ridge), and linear regression on fixed random features of the window,
 * tanh(a' w + b) with random a and b (random_features).
 */
final class BlockBaselines {
    /** The number of random features. */
    public static final int RANDOM_FEATURES = 300;

    /** Their names, in the order of a table. */
    public static final List<String> NAMES = List.of("persistence", "mean", "ridge", "random_features");

    /** Training blocks per scored block; half as many blocks as are scored choose the penalty. */
    private static final int TRAINING_BLOCKS = 8;

    private static final double[] PENALTIES = {1e-8, 1e-6, 1e-4, 1e-2, 1};
    private static final int BATCH = 512;

    private final Kernel kernel;
    private final BlockForm form;
    private final Scaling scaling;
    private final Progress progress;

    private BlockBaselines(Kernel kernel, BlockForm form, Scaling scaling, Progress progress) {
        this.kernel = kernel;
        this.form = form;
        this.scaling = scaling;
        this.progress = progress;
    }

    /** The features of a regression, computed from a window of scaled voltages and the scaled current. */
    @FunctionalInterface
    private interface Features {
        /** Computes the features of a window, whose last entry is the current. The constant 1 is not among them. */
        void fill(double[] window, double[] features);
    }

    /**
     * An operation on one batch: features of count + 1 rows, the number of the first column, the number of columns
     * used.
     */
    @FunctionalInterface
    private interface Action {
        void accept(DMatrixRMaj x, int first, int used);
    }

    /**
     * Scores the baselines.
     *
     * @param form has the window and the horizon
     * @param training to fit to
     * @param validation to choose the penalty on
     * @param test to score on
     * @param starts the places of the blocks in {@code test}
     * @param scaling of voltage and current
     * @param seed of the blocks fitted to and of the random features
     * @param progress polled; an interruption ends the work
     */
    public static Map<String, BlockScore> score(
            Kernel kernel,
            BlockForm form,
            Traces training,
            Traces validation,
            Traces test,
            int[] starts,
            Scaling scaling,
            long seed,
            Progress progress) {
        BlockBaselines baselines = new BlockBaselines(kernel, form, scaling, progress);
        BlockStarts places = new BlockStarts(test, form.window(), form.horizon());
        DMatrixRMaj mean = new DMatrixRMaj(form.horizon(), starts.length);
        mean.fill(training.meanAndDeviation()[0]);
        Traces[] parts = {training, validation, test};
        int linear = form.window() + 1;
        Map<String, BlockScore> scores = new LinkedHashMap<>();
        scores.put("persistence", BlockScore.of(test, places, starts, persistence(test, starts, form)));
        scores.put("mean", BlockScore.of(test, places, starts, mean));
        DMatrixRMaj ridge = baselines.regression(
                parts, starts, seed, linear, (window, features) -> System.arraycopy(window, 0, features, 0, linear));
        scores.put("ridge", BlockScore.of(test, places, starts, ridge));
        DMatrixRMaj random = baselines.regression(parts, starts, seed, RANDOM_FEATURES, randomFeatures(linear, seed));
        scores.put("random_features", BlockScore.of(test, places, starts, random));
        return scores;
    }

    /** The last voltage before each place, held: horizon x starts. */
    public static DMatrixRMaj persistence(Traces traces, int[] starts, BlockForm form) {
        DMatrixRMaj held = new DMatrixRMaj(form.horizon(), starts.length);
        for (int j = 0; j < held.getNumElements(); j++) {
            held.data[j] = traces.voltage().data[starts[j % starts.length] - 1];
        }
        return held;
    }

    /** tanh(a' w + b): a normal, of a squared length of 1 on average, b uniform in +-1. */
    private static Features randomFeatures(int inputs, long seed) {
        RandomStream stream = RandomStream.of(seed, "random features");
        double[][] a = new double[RANDOM_FEATURES][inputs + 1];
        for (double[] row : a) {
            for (int j = 0; j < inputs; j++) {
                row[j] = stream.nextGaussian() / Math.sqrt(inputs);
            }
            row[inputs] = 2 * stream.nextDouble() - 1;
        }
        return (window, features) -> {
            for (int f = 0; f < RANDOM_FEATURES; f++) {
                double sum = a[f][inputs];
                for (int j = 0; j < inputs; j++) {
                    sum = Math.fma(a[f][j], window[j], sum);
                }
                features[f] = Elementary.tanh(sum);
            }
        };
    }

    /** Fits to the training part with the penalty that is best on the validation part, and forecasts the test part. */
    private DMatrixRMaj regression(Traces[] parts, int[] starts, long seed, int count, Features features) {
        Ridge ridge = new Ridge(kernel, count + 1, form.horizon());
        int[] trainingStarts = draw(parts[0], TRAINING_BLOCKS * starts.length, seed, "baseline training windows");
        forEachBatch(parts[0], trainingStarts, count, features, (x, first, used) -> {
            DMatrixRMaj y = new DMatrixRMaj(form.horizon(), BATCH);
            for (int b = 0; b < used; b++) {
                for (int k = 0; k < form.horizon(); k++) {
                    y.set(k, b, scaling.apply(0, parts[0].voltage().data[trainingStarts[first + b] + k]));
                }
            }
            ridge.add(x, y, used);
        });
        int[] validationStarts = draw(parts[1], Math.max(1, starts.length / 2), seed, "baseline validation windows");
        BlockStarts places = new BlockStarts(parts[1], form.window(), form.horizon());
        double least = Double.POSITIVE_INFINITY;
        DMatrixRMaj best = null;
        for (double penalty : PENALTIES) {
            DMatrixRMaj weights = ridge.weights(penalty);
            DMatrixRMaj forecast = forecast(weights, parts[1], validationStarts, count, features);
            double rmse =
                    BlockScore.of(parts[1], places, validationStarts, forecast).rmse();
            if (rmse < least) {
                least = rmse;
                best = weights;
            }
        }
        return forecast(best, parts[2], starts, count, features);
    }

    private int[] draw(Traces traces, int count, long seed, String purpose) {
        return new BlockStarts(traces, form.window(), form.horizon()).draw(count, RandomStream.of(seed, purpose));
    }

    private DMatrixRMaj forecast(DMatrixRMaj weights, Traces traces, int[] starts, int count, Features features) {
        PackedMatrix packed = Ridge.packed(weights);
        DMatrixRMaj y = new DMatrixRMaj(form.horizon(), BATCH);
        DMatrixRMaj forecast = new DMatrixRMaj(form.horizon(), starts.length);
        forEachBatch(traces, starts, count, features, (x, first, used) -> {
            Ridge.apply(kernel, packed, x, y);
            for (int b = 0; b < used; b++) {
                for (int k = 0; k < form.horizon(); k++) {
                    forecast.set(k, first + b, scaling.invert(0, y.get(k, b)));
                }
            }
        });
        return forecast;
    }

    private void forEachBatch(Traces traces, int[] starts, int count, Features features, Action action) {
        DMatrixRMaj x = new DMatrixRMaj(count + 1, BATCH);
        double[] window = new double[form.window() + 1];
        double[] made = new double[count];
        for (int first = 0; first < starts.length; first += BATCH) {
            progress.stopIfInterrupted();
            int used = Math.min(BATCH, starts.length - first);
            x.zero();
            for (int b = 0; b < used; b++) {
                int start = starts[first + b];
                for (int k = 0; k < form.window(); k++) {
                    window[k] = scaling.apply(0, traces.voltage().data[start - form.window() + k]);
                }
                window[form.window()] = scaling.apply(1, traces.current()[start / traces.samples()]);
                features.fill(window, made);
                for (int f = 0; f < count; f++) {
                    x.set(f, b, made[f]);
                }
                x.set(count, b, 1);
            }
            action.accept(x, first, used);
        }
    }
}
