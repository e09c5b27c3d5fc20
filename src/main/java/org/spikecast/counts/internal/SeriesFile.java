package org.spikecast.counts.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.counts.Series;
import org.spikecast.io.MalformedFileException;
import org.spikecast.io.NdArray;
import org.spikecast.io.Npz;
import org.spikecast.io.internal.Csv;
import org.spikecast.io.internal.Json;
import org.spikecast.run.internal.Matrices;

/** Series in files: the {@code series.npz} of a run folder, or a table of one column per neuron. */
public final class SeriesFile {
    private SeriesFile() {}

    /**
     * Reads a series.
     *
     * @param path a run folder, or a CSV file
     * @param csvBinMs the width of the bins of a CSV file, which does not hold it
     */
    public static Series read(Path path, double csvBinMs) throws IOException {
        if (!Files.isDirectory(path)) {
            return of(Csv.readSeries(path, Csv.Header.AUTO, null), csvBinMs);
        }
        Path file = path.resolve("series.npz");
        if (!Files.exists(file)) {
            throw new MalformedFileException(
                    path,
                    "it holds no series.npz with spike counts: expected a folder that run or simulate ring wrote");
        }
        return readNpz(file);
    }

    /** A table of one column per neuron and one row per bin as a series. */
    public static Series of(Csv table, double binMs) {
        List<String> names = table.header() ? table.columns() : null;
        return new Series(binMs, binMs, new DMatrixRMaj(table.rows()), null, null, names);
    }

    /** The parameters of the simulation of a run folder's data; null if there is no manifest, or none in it. */
    public static RingSetup readSetup(Path folder) throws IOException {
        Path manifest = folder.resolve("manifest.json");
        if (!Files.isRegularFile(manifest)) {
            return null;
        }
        if (!(Json.read(manifest) instanceof Map<?, ?> json)) {
            throw new MalformedFileException(manifest, "expected a JSON object");
        }
        if (!(json.get("simulation") instanceof Map<?, ?> setup)) {
            return null;
        }
        try {
            return RingSetup.fromJson(setup);
        } catch (IllegalArgumentException e) {
            throw new MalformedFileException(manifest, "simulation: " + e.getMessage());
        }
    }

    private static Series readNpz(Path file) throws IOException {
        Map<String, NdArray> arrays = Npz.read(file, Set.of("bin_ms", "counts", "external", "edges", "weights"));
        if (arrays.containsKey("voltage")) {
            throw new MalformedFileException(
                    file, "it holds voltage traces: expected spike counts, as run ring-60 or simulate ring writes");
        }
        NdArray bin = Matrices.require(file, arrays, "bin_ms");
        if (bin.size() != 2) {
            throw new MalformedFileException(file, "'bin_ms' must hold a bin's width and slide, got " + bin);
        }
        DMatrixRMaj counts = Matrices.matrix(file, arrays, "counts");
        DMatrixRMaj external = arrays.containsKey("external") ? Matrices.matrix(file, arrays, "external") : null;
        try {
            Connections connections = null;
            if (arrays.get("edges") != null) {
                connections = connections(
                        counts.numCols,
                        arrays.get("edges").ints(),
                        Matrices.require(file, arrays, "weights").doubles());
            }
            return new Series(bin.doubles()[0], bin.doubles()[1], counts, external, connections);
        } catch (IllegalArgumentException e) {
            throw new MalformedFileException(file, e.getMessage());
        }
    }

    /** The arrays of {@code series.npz}, except spikes. */
    public static Map<String, NdArray> arrays(Series series) {
        Map<String, NdArray> arrays = new LinkedHashMap<>();
        arrays.put("counts", array(series.values()));
        if (series.external() != null) {
            arrays.put("external", array(series.external()));
        }
        Connections c = series.connections();
        if (c != null) {
            int[] edges = new int[2 * c.target().length];
            for (int e = 0; e < c.target().length; e++) {
                edges[2 * e] = c.target()[e];
                edges[2 * e + 1] = c.source()[e];
            }
            arrays.put("edges", NdArray.of(edges, c.target().length, 2));
            arrays.put("weights", NdArray.of(c.weight(), c.weight().length));
        }
        arrays.put("bin_ms", NdArray.of(new double[] {series.widthMs(), series.slideMs()}, 2));
        return arrays;
    }

    /** As integers if all are: counts of a simulation are, values of a CSV file need not be. */
    private static NdArray array(DMatrixRMaj matrix) {
        int[] integers = new int[matrix.getNumElements()];
        for (int j = 0; j < integers.length; j++) {
            integers[j] = (int) matrix.data[j];
            if (integers[j] != matrix.data[j]) {
                return Matrices.array(matrix);
            }
        }
        return NdArray.of(integers, matrix.numRows, matrix.numCols);
    }

    /**
     * Reads connections.
     *
     * @param path a folder with a {@code series.npz}, or an NPZ file, with the arrays {@code edges} and {@code weights}
     * @param neurons the number of neurons
     */
    public static Connections readConnections(Path path, int neurons) throws IOException {
        Path file = Files.isDirectory(path) ? path.resolve("series.npz") : path;
        Map<String, NdArray> arrays = Npz.read(file);
        int[] edges = Matrices.require(file, arrays, "edges").ints();
        double[] weights = Matrices.require(file, arrays, "weights").doubles();
        try {
            return connections(neurons, edges, weights);
        } catch (IllegalArgumentException e) {
            throw new MalformedFileException(file, e.getMessage());
        }
    }

    /** From pairs (target, source) one after another. */
    static Connections connections(int neurons, int[] edges, double[] weights) {
        int[] target = new int[edges.length / 2];
        int[] source = new int[edges.length / 2];
        for (int e = 0; e < target.length; e++) {
            target[e] = edges[2 * e];
            source[e] = edges[2 * e + 1];
        }
        return new Connections(neurons, target, source, weights);
    }
}
