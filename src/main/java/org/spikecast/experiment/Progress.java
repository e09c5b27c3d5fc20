package org.spikecast.experiment;

/** Is told how long work goes on. */
public interface Progress {
    /** Tells nobody. */
    Progress NONE = new Progress() {
        @Override
        public void update(String what, double fraction, String detail) {}

        @Override
        public void done(String what) {}
    };

    /**
     * Some of a piece of work is done.
     *
     * @param what the piece, which begins anew if it was another one before
     * @param fraction 0 to 1
     * @param detail what there is to say besides
     */
    void update(String what, double fraction, String detail);

    /** A piece of work is done. */
    void done(String what);
}
