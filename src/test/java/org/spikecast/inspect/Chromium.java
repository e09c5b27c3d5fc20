package org.spikecast.inspect;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A headless browser, where there is one. */
final class Chromium {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");

    private Chromium() {}

    /** The program; null if there is none. */
    static Path find() {
        String path = System.getenv("PATH");
        for (String folder : path == null ? new String[0] : path.split(File.pathSeparator)) {
            for (String name : NAMES) {
                Path program = Path.of(folder, name);
                if (Files.isExecutable(program)) {
                    return program;
                }
            }
        }
        return null;
    }

    /**
     * Opens a page and gives its document as it is after loading.
     *
     * @param folder for the browser's own files
     * @param size of the window, such as 800,1000
     */
    static String document(Path program, Path page, String hash, String size, Path folder)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile(folder, "document", ".html");
        Path errors = Files.createTempFile(folder, "errors", ".txt");
        Process process = new ProcessBuilder(
                        program.toString(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--no-first-run",
                        "--user-data-dir=" + folder.resolve("profile"),
                        "--window-size=" + size,
                        "--dump-dom",
                        page.toUri() + "#" + hash)
                .redirectOutput(out.toFile())
                .redirectError(errors.toFile())
                .start();
        if (!process.waitFor(120, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException("The browser did not end: " + Files.readString(errors));
        }
        return Files.readString(out, StandardCharsets.UTF_8);
    }
}
