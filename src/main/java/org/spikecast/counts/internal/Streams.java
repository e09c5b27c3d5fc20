package org.spikecast.counts.internal;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.counts.CountStream;
import org.spikecast.counts.Series;
import org.spikecast.run.Progress;

/** Goes through a series bin by bin with a {@link CountStream}. */
public final class Streams {
    private Streams() {}

    /**
     * Forecasts the bins from {@code firstBin} to {@code endBin} - 1.
     *
     * @param stream a stream that has read nothing yet
     * @param start the first bin that it reads, at most {@code firstBin}
     * @param progress polled before each bin
     * @return bins x N; NaN in the bin {@code start}, of whose past nothing is known
     */
    public static DMatrixRMaj forecast(
            CountStream stream, Series series, int start, int firstBin, int endBin, Progress progress) {
        int n = series.neurons();
        DMatrixRMaj forecasts = new DMatrixRMaj(endBin - firstBin, n);
        double[] forecast = new double[n];
        Arrays.fill(forecast, Double.NaN);
        read(stream, series, start, firstBin, forecast, progress);
        for (int bin = firstBin; bin < endBin; bin++) {
            System.arraycopy(forecast, 0, forecasts.data, (bin - firstBin) * n, n);
            read(stream, series, bin, bin + 1, forecast, progress);
        }
        return forecasts;
    }

    /**
     * Reads the bins from {@code firstBin} to {@code endBin} - 1.
     *
     * @param forecast receives the N expected counts of the bin {@code endBin}; left as it is if there is nothing to read
     * @param progress polled before each bin
     */
    static void read(
            CountStream stream, Series series, int firstBin, int endBin, double[] forecast, Progress progress) {
        int n = series.neurons();
        double[] counts = new double[n];
        double[] external = series.external() == null ? null : new double[n];
        for (int bin = firstBin; bin < endBin; bin++) {
            progress.stopIfInterrupted();
            System.arraycopy(series.values().data, bin * n, counts, 0, n);
            if (external != null) {
                System.arraycopy(series.external().data, bin * n, external, 0, n);
            }
            stream.step(counts, external, forecast);
        }
    }
}
