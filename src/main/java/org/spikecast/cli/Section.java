package org.spikecast.cli;

/** The headings under which a help text lists the options of a command. */
enum Section {
    EXPERIMENT("Experiment"),
    NETWORK("Network"),
    NEURON("Neuron"),
    TRAINING("Training");

    final String title;

    Section(String title) {
        this.title = title;
    }
}
