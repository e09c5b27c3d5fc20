package org.spikecast.experiment;

import java.util.function.Supplier;

/** Is told how long work goes on. */
public interface Progress {
    /** Tells nobody. */
    Progress NONE = new Progress() {
        @Override
        public void update(String what, double fraction, Supplier<String> detail) {}

        @Override
        public void done(String what) {}
    };

    /**
     * Some of a piece of work is done.
     *
     * @param what the piece, which begins anew if it was another one before
     * @param fraction 0 to 1
     * @param detail what there is to say besides; asked for only when it is shown
     */
    void update(String what, double fraction, Supplier<String> detail);

    /** A piece of work is done. */
    void done(String what);
}
