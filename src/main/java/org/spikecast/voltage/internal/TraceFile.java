package org.spikecast.voltage.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.spikecast.io.MalformedFileException;
import org.spikecast.io.NdArray;
import org.spikecast.io.Npz;
import org.spikecast.run.internal.Matrices;

/** Voltage traces in files: the {@code series.npz} of a run folder. */
public final class TraceFile {
    private TraceFile() {}

    /** The arrays of {@code series.npz} that hold voltage traces: time, voltage (samples x cells) and current. */
    static Map<String, NdArray> arrays(Traces traces) {
        int samples = traces.samples();
        double[] time = new double[samples];
        for (int k = 0; k < samples; k++) {
            time[k] = k * traces.sampleMs();
        }
        DMatrixRMaj voltage = CommonOps_DDRM.transpose(traces.voltage(), null);
        Map<String, NdArray> arrays = new LinkedHashMap<>();
        arrays.put("time", NdArray.of(time, samples));
        arrays.put("voltage", NdArray.of(voltage.data, samples, traces.cells()));
        arrays.put("current", NdArray.of(traces.current(), traces.cells()));
        return arrays;
    }

    /** Reads the voltage traces of a folder that {@code run ca1-...} or {@code simulate ca1} wrote. */
    public static Traces read(Path folder) throws IOException {
        Path file = folder.resolve("series.npz");
        Map<String, NdArray> arrays = Npz.read(file, Set.of("voltage", "time", "current"));
        DMatrixRMaj voltage = Matrices.matrix(file, arrays, "voltage");
        double[] time = Matrices.require(file, arrays, "time").doubles();
        if (time.length < 2 || time.length != voltage.numRows) {
            throw new MalformedFileException(
                    file, "'time': expected " + voltage.numRows + " times, at least 2, got " + time.length);
        }
        try {
            return new Traces(
                    (time[time.length - 1] - time[0]) / (time.length - 1),
                    Matrices.require(file, arrays, "current").doubles(),
                    CommonOps_DDRM.transpose(voltage, null));
        } catch (IllegalArgumentException e) {
            throw new MalformedFileException(file, e.getMessage());
        }
    }
}
