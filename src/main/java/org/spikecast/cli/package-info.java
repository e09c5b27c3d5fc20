/**
 * The command line: each command declares its options, calls the library and prints. {@link org.spikecast.cli.Main} is the program.
 */
package org.spikecast.cli;
