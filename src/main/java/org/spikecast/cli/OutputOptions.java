package org.spikecast.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.spikecast.io.internal.AtomicFiles;

/** The options of a command that name single files to write: none may be a file that it reads, or written twice. */
final class OutputOptions {
    /** Extensions that name a file's format. */
    private static final Set<String> FORMATS = Set.of(
            "npy",
            "npz",
            "safetensors",
            "csv",
            "tsv",
            "txt",
            "json",
            "svg",
            "png",
            "jpg",
            "jpeg",
            "gif",
            "pdf",
            "eps",
            "ps",
            "html",
            "htm",
            "md",
            "pt",
            "pth",
            "pkl",
            "onnx",
            "h5",
            "hdf5",
            "mat",
            "bin",
            "zip");

    private final Command command;
    private final List<Option<Path>> outputs = new ArrayList<>();
    private final List<String> extensions = new ArrayList<>();

    OutputOptions(Command command) {
        this.command = command;
    }

    /** Adds an option, which names a file of the format of an extension. */
    Option<Path> add(Option<Path> output, String extension) {
        outputs.add(output);
        extensions.add(extension);
        return output;
    }

    /**
     * Checks the files' names before anything is read or written.
     *
     * @throws IllegalArgumentException if one is a file that another option names, in whatever spelling or through whatever
     *     links, or has the extension of another format
     */
    void check() throws IOException {
        for (int k = 0; k < outputs.size(); k++) {
            Option<Path> output = outputs.get(k);
            if (output.get() == null) {
                continue;
            }
            requireExtension(output, extensions.get(k));
            for (Option<?> other : command.options) {
                if (other != output && other.get() instanceof Path path && AtomicFiles.isSame(output.get(), path)) {
                    throw new IllegalArgumentException(output.name + " and " + other.name + " name the same file, "
                            + output.get() + (path.equals(output.get()) ? "" : " and " + path)
                            + ": choose another " + output.name);
                }
            }
        }
    }

    private static void requireExtension(Option<Path> output, String extension) {
        String name = String.valueOf(output.get().getFileName());
        String given = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        if (name.contains(".") && FORMATS.contains(given) && !given.equals(extension)) {
            throw new IllegalArgumentException(output.name + ": expected a name ending in ." + extension
                    + ", the format that is written, got " + output.get());
        }
    }
}
