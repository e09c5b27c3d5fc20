package org.spikecast.cli;

import java.util.stream.Collectors;
import org.spikecast.train.LossFunction;
import org.spikecast.train.Losses;

/** The option that names a loss function. */
final class LossOption {
    private final Option<String> option;

    /**
     * An option.
     *
     * @param defaultText the default, for the help text
     */
    LossOption(Command command, String defaultText) {
        String known = Losses.all().stream()
                .map(loss -> loss.label() + ", the " + loss.title())
                .collect(Collectors.joining("; "));
        option = command.option("--loss", String.class, "NAME", null, "Loss function: " + known + ".")
                .choices(Losses.all().stream().map(LossFunction::label).toList())
                .byDefault(defaultText);
    }

    /** Throws if it is given where it has no effect. */
    void refuse(String reason) {
        Command.refuse(reason, option);
    }

    /** The loss given, or else this. */
    LossFunction or(LossFunction fallback) {
        if (option.get() == null) {
            return fallback;
        }
        return Losses.all().get(option.choice());
    }
}
