package org.spikecast.io;

import java.io.IOException;
import java.nio.file.Path;

/** Thrown by every reader of this package when a file's content breaks the rules of its format. */
public final class MalformedFileException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    /**
     * Makes the exception, whose message is {@code FILE: reason}.
     *
     * @param file the file that was read
     * @param reason what is wrong with its content: what was expected, and what was found
     */
    public MalformedFileException(Path file, String reason) {
        super(file + ": " + reason);
        this.reason = reason;
    }

    /** What is wrong with the content. */
    public String reason() {
        return reason;
    }
}
