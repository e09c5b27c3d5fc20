package org.spikecast.io.internal;

import java.util.Locale;

/** The names of constants in files and commands: {@code REGULAR_BURSTING} is regular-bursting. */
public final class Label {
    private Label() {}

    /** The name of a constant. */
    public static String of(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
